// Builds build/site/: docs/asyncapi.json as a page that needs no server and no network. A document that AsyncAPI's own
// parser finds fault with is not built.

import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { Parser } from "@asyncapi/parser";

const here = new URL(".", import.meta.url).pathname;
const out = `${here}../../build/site`;
const text = await readFile(`${here}../asyncapi.json`, "utf8");

const { diagnostics } = await new Parser().parse(text);
const faults = diagnostics.filter((each) => each.severity === 0);
for (const each of faults) console.error(`asyncapi.json: ${each.path.join(".")}: ${each.message}`);
if (faults.length > 0) process.exit(1);

const component = dirname(createRequire(import.meta.url).resolve("@asyncapi/react-component/package.json"));
await mkdir(out, { recursive: true });
await copyFile(`${component}/browser/standalone/index.js`, `${out}/asyncapi.js`);
await copyFile(`${component}/styles/default.min.css`, `${out}/asyncapi.css`);
// In a script of its own: a page that is opened as a file may not fetch one. `<` could end the script.
await writeFile(`${out}/document.js`, `window.contract = ${text.replaceAll("<", "\\u003c")};\n`);
await copyFile(`${here}index.html`, `${out}/index.html`);
await copyFile(`${here}show.js`, `${out}/show.js`);
console.log("build/site/index.html");
