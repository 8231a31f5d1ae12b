// The call page around its button. Its address may say whom to call, and in which language: `?to=sales&lang=de`.

import { language, say } from "./core/words.js";

const query = new URLSearchParams(location.search);
const lang = language([query.get("lang") ?? "", ...navigator.languages]);
const button = document.querySelector("call-button");
document.documentElement.lang = lang;
document.title = say(lang, "callUs");
document.querySelector("h1").textContent = document.title;
button.setAttribute("lang", lang);
const to = query.get("to");
if (to) button.setAttribute("to", to);
