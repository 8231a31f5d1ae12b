// The doctor page: examines what calls from this page need, says in words what to mend, and as JSON for programs.
// `?server=wss://…` examines that one; `#run` begins at once.

import { diagnosis } from "./core/diagnoses.js";
import {
  browserSocket,
  candidatesVerdict,
  clockVerdict,
  microphoneVerdict,
  optionsVerdict,
  originVerdict,
  report,
  target,
  tokensVerdict,
} from "./core/verdicts.js";
import { language, say } from "./core/words.js";
import { fetchConfig } from "./shell/config.js";
import { h, set, text } from "./shell/dom.js";
import { probeCandidates, probeClock, probeMicrophone, probeSocket, probeTokens } from "./shell/probes.js";

const query = new URLSearchParams(location.search);
const lang = language([query.get("lang") ?? "", ...navigator.languages]);
const _ = (key, ...values) => say(lang, key, ...values);
document.documentElement.lang = lang;
document.title = _("doctor");

const config = await fetchConfig(new URL("config.json", location.href).href).catch(() => null);
const server = h("input", { name: "server", type: "url", required: true, spellcheck: "false", list: "servers" });
const known = Array.from(new Set([config?.server, config?.guest_server].filter(Boolean)));
const choices = h("datalist", { id: "servers" }, ...known.map((value) => h("option", { value })));
server.value = query.get("server") ?? known[0] ?? "wss://";
const run = h("button", { type: "submit", class: "go" }, _("examine"));
const fault = h("p", { class: "warn", role: "alert", hidden: true });
const form = h(
  "form",
  { on: { submit: begin } },
  h("label", {}, _("server"), server),
  choices,
  fault,
  h("div", { class: "row" }, run),
);
const summary = h("p", { class: "summary", role: "status" });
const list = h("ol", { class: "verdicts" });
const copy = h("button", { type: "button", hidden: true, on: { click: copied } }, _("copy"));
const result = h("pre", { id: "result", hidden: true });
document
  .getElementById("main")
  .replaceChildren(h("h1", {}, _("doctor")), h("p", {}, _("doctorLead")), form, summary, list, copy, result);
if (location.hash === "#run") examine();

function begin(event) {
  event.preventDefault();
  examine();
}

async function examine() {
  let to;
  try {
    to = target(server.value.trim());
  } catch (wrong) {
    text(fault, wrong.message);
    fault.hidden = false;
    return;
  }
  fault.hidden = true;
  run.disabled = true;
  list.replaceChildren();
  text(summary, _("examining"));
  const verdicts = [];
  for await (const verdict of checks(to)) {
    verdicts.push(verdict);
    list.append(entry(verdict));
  }
  const told = report("page", to, new Date().toISOString(), verdicts);
  const whole = {
    ...told,
    checks: told.checks.map((one) => ({ ...one, ...diagnosis(one) })),
    browser: navigator.userAgent,
  };
  const wrong = verdicts.filter(({ grade }) => grade === "fail").length;
  text(summary, wrong ? _("unwell", wrong) : _("healthy"));
  text(result, JSON.stringify(whole, null, 2));
  set(document.body, "data-result", told.ok ? "ok" : "fail");
  copy.hidden = false;
  run.disabled = false;
}

async function* checks(to) {
  const origin = originVerdict({ protocol: location.protocol, secure: window.isSecureContext }, to);
  yield origin;
  if (origin.code !== "mixed") yield* socketChecks(to); // else the browser would say the same again
  yield clockVerdict(await probeClock().catch(() => null));
  if (config) yield tokensVerdict(await probeTokens(config.tokens, config.guest_key), config.tokens);
  yield microphoneVerdict(await probeMicrophone());
  const ice = config?.ice_servers ?? [];
  yield candidatesVerdict(await probeCandidates(ice).catch(() => []), ice.length > 0);
}

async function* socketChecks(to) {
  const { socket, options } = await probeSocket(to);
  yield browserSocket(socket, to);
  if (options !== null) yield optionsVerdict(options, to);
}

function entry(verdict) {
  const { words, mend } = diagnosis(verdict);
  return h(
    "li",
    { "data-grade": verdict.grade, "data-code": verdict.code },
    h("strong", { class: "grade" }, _(verdict.grade)),
    h(
      "div",
      { lang: "en" },
      h("p", {}, words),
      mend && verdict.grade !== "ok" ? h("p", { class: "mend" }, _("mend", mend)) : null,
    ),
  );
}

async function copied() {
  await navigator.clipboard.writeText(result.textContent);
  text(copy, _("copied"));
}
