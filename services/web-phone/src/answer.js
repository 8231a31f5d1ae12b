// The answer page: signing in, the call that is there, one's own lamp, the last calls.

import { isExtension } from "./core/desk.js";
import { deskView, history, lineView, partyName } from "./core/deskview.js";
import { KEYS, keyOf, once } from "./core/keys.js";
import { Lamp } from "./core/lamp.js";
import { duration } from "./core/times.js";
import { language, say } from "./core/words.js";
import { fetchConfig } from "./shell/config.js";
import { h, Keyed, set, text } from "./shell/dom.js";
import { Operator } from "./shell/operator.js";
import { steady, timersWorker } from "./shell/timers.js";

steady(globalThis, timersWorker());

const lang = language([new URLSearchParams(location.search).get("lang") ?? "", ...navigator.languages]);
const _ = (key, ...values) => say(lang, key, ...values);
// In the reader's own region: en-GB writes 14:05 where en writes 2:05 PM.
const REGION = navigator.languages.find((tag) => tag.split("-")[0] === lang) ?? lang;
const CLOCK = new Intl.DateTimeFormat(REGION, { hour: "2-digit", minute: "2-digit" });
const METER = 100; // ms

document.documentElement.lang = lang;
document.title = _("phone");
const main = document.getElementById("main");
const title = h("h1", { tabindex: "-1" }, _("phone"));
main.replaceChildren(title);

const config = await configured();
const operator = new Operator(config, schedule, {
  words: (party) => _("incoming", partyName(party, lang)),
  summoned: () => parts.buttons.get("answer").focus(), // whoever clicks wants to see who calls, and is not heard yet
});
const parts = build();
let metering = null; // the timer of the meters, while there is something to be heard
let scheduled = false; // the page will be drawn in this turn
let lamp = null; // of the extension that is signed in: {extension, of: Lamp, end()}
globalThis.phone = { operator }; // for tests and technicians; holds no password
schedule();
setInterval(schedule, 1_000);

async function configured() {
  for (;;) {
    try {
      return await fetchConfig(new URL("config.json", location.href).href);
    } catch (fault) {
      console.warn(fault.message);
      main.replaceChildren(title, h("p", { class: "warn", role: "alert" }, `${_("offline")} (${fault.message})`));
      await new Promise((resolve) => setTimeout(resolve, 3_000));
    }
  }
}

function build() {
  const button = (name, className, act) =>
    h("button", { type: "button", class: className, "data-does": name, on: { click: once(act) } }, _(name));
  const tell =
    (type, values = {}) =>
    () =>
      operator.tellDesk({ type, ...values });
  const extension = h("input", {
    name: "extension",
    autocomplete: "username",
    autocapitalize: "none",
    spellcheck: "false",
    required: true,
  });
  const password = h("input", { name: "password", type: "password", autocomplete: "current-password", required: true });
  const form = h(
    "form",
    { class: "signin", on: { submit: signIn } },
    h("label", {}, _("extension"), extension),
    h("label", {}, _("password"), password),
    h("p", { class: "hint" }, _("memory")),
    window.isSecureContext ? null : h("p", { class: "warn" }, _("clear")),
    h("div", { class: "row" }, h("button", { type: "submit", class: "go" }, _("signIn"))),
  );
  const takeOver = button("takeOver", "go", () => operator.tellLine({ type: "takeOver" }));
  const lineStatus = h("p", { class: "line", role: "status" });
  const signOut = button("signOut", "", () => operator.signOut());
  const status = h("p", { class: "callstatus", role: "alert" });
  const timer = h("p", { class: "timer", "aria-hidden": "true" });
  const note = h("p", { class: "hint" });
  const buttons = new Map([
    ["answer", button("answer", "go", tell("answer"))],
    ["decline", button("decline", "stop", tell("decline"))],
    ["hangUp", button("hangUp", "stop", tell("hangup"))],
    ["mute", button("mute", "", () => operator.tellDesk({ type: "mute", on: !operator.desk.muted }))],
    ["hold", button("hold", "", () => operator.tellDesk({ type: "hold", on: !operator.desk.held }))],
    ["transfer", button("transfer", "", () => open(transfer))],
    ["keypad", button("keypad", "", () => open(keys))],
  ]);
  const to = h("input", { name: "to", autocapitalize: "none", spellcheck: "false", inputmode: "tel", required: true });
  const fault = h("p", { class: "warn", role: "alert", hidden: true });
  const transfer = h(
    "form",
    { class: "panel", hidden: true, on: { submit: send } },
    h("label", {}, _("transferTo"), to),
    fault,
    h("div", { class: "row" }, h("button", { type: "submit", class: "go" }, _("transfer"))),
  );
  const keys = h("div", { class: "keys panel", role: "group", "aria-label": _("keypad"), hidden: true });
  for (const key of KEYS) {
    keys.append(
      h("button", { type: "button", "aria-label": _("key", key), on: { click: () => operator.dial(key) } }, key),
    );
  }
  const mine = h("meter", { min: 0, max: 1 });
  const theirs = h("meter", { min: 0, max: 1 });
  const meters = h("div", { class: "meters", "aria-hidden": "true" }, _("yourVoice"), mine, _("theirVoice"), theirs);
  const call = h(
    "section",
    { class: "call", "aria-label": _("callOf", "") },
    status,
    timer,
    note,
    meters,
    h("div", { class: "row" }, ...buttons.values()),
    transfer,
    keys,
  );
  const auto = h("input", {
    type: "checkbox",
    on: { change: () => operator.tellDesk({ type: "autoAnswer", on: auto.checked }) },
  });
  const notify = h("input", { type: "checkbox", on: { change: allow } });
  const denied = h("p", { class: "warn", hidden: true }, _("notifyDenied"));
  const options = h(
    "div",
    { class: "options" },
    h("label", { class: "check" }, notify, _("notify")),
    denied,
    h(
      "label",
      { class: "check" },
      auto,
      h("span", {}, _("autoAnswer"), h("span", { class: "hint" }, _("autoAnswerHint"))),
    ),
  );
  const list = h("ul", {});
  const calls = h("section", { class: "calls" }, h("h2", {}, _("recent")), list);
  const rows = new Keyed(list, () => row());
  const lampWords = h("p", { class: "lamp" });
  const queues = h("ul", {});
  const queueRows = new Keyed(queues, () => {
    const node = h("li", {});
    return { node, update: (words) => text(node, words) };
  });
  const lamps = h("section", { class: "lamps", "aria-label": _("lamp", ""), hidden: true }, lampWords, queues);
  const head = h("div", { class: "row head" }, lineStatus, signOut);
  main.replaceChildren(title, head, takeOver, form, call, lamps, calls, options);
  document.addEventListener("keydown", ({ key, target }) => {
    if (key === "Escape") close();
    if (keyOf(key) !== null && operator.desk.state === "talking" && target.tagName !== "INPUT") operator.dial(key);
  });

  function signIn(event) {
    event.preventDefault();
    operator.signIn(extension.value.trim(), password.value);
    password.value = "";
  }

  function send(event) {
    event.preventDefault();
    const valid = isExtension(to.value.trim());
    fault.hidden = valid;
    text(fault, valid ? "" : _("badExtension"));
    if (!valid) return;
    close();
    operator.tellDesk({ type: "transfer", to: to.value.trim() });
    to.value = "";
  }

  function open(panel) {
    const opens = panel.hidden;
    transfer.hidden = keys.hidden = true; // one at a time: a telephone's screen has no room for two
    panel.hidden = !opens;
    if (opens) panel.querySelector("input, button").focus();
    schedule();
  }

  /** The panel that is open; the focus goes back to what opened it. */
  function close() {
    const opener = !transfer.hidden ? "transfer" : !keys.hidden ? "keypad" : null;
    if (opener === null) return;
    transfer.hidden = keys.hidden = true;
    buttons.get(opener).focus();
    schedule();
  }

  async function allow() {
    if (!notify.checked) operator.ringer.notifies = false;
    else notify.checked = await operator.ringer.allow();
    denied.hidden = notify.checked || !("Notification" in window) || Notification.permission !== "denied";
  }

  return {
    lamps,
    lampWords,
    queueRows,
    form,
    takeOver,
    lineStatus,
    signOut,
    status,
    timer,
    note,
    buttons,
    transfer,
    keys,
    meters,
    mine,
    theirs,
    call,
    calls,
    rows,
    options,
  };
}

/** Follows the lamp of the extension that is signed in, and of no other. */
function followLamp() {
  const extension = operator.line.state === "ready" || operator.line.state === "away" ? operator.line.extension : null;
  if (!config.bus || (lamp?.extension ?? null) === extension) return;
  lamp?.end();
  lamp = null;
  if (extension === null) return;
  const of = new Lamp(config.bus.switch, extension, config.bus.queues);
  lamp = { extension, of, end: () => {} };
  const mine = lamp;
  import("./shell/bus.js").then(({ follow }) => {
    if (mine === lamp) mine.end = follow(config.bus, of, schedule);
  });
}

function drawLamp() {
  parts.lamps.hidden = lamp === null;
  if (lamp === null) return;
  const view = lamp.of.view(Date.now());
  set(parts.lamps, "data-lamp", view.state);
  text(parts.lampWords, view.trouble ? _(view.trouble) : `${_("lamp", lamp.extension)}: ${_(view.word)}`);
  parts.queueRows.update(view.queues.map((queue) => [queue.name, queueWords(queue)]));
}

function queueWords({ name, waiting, longest }) {
  const wait = longest === null || waiting === 0 ? "" : `, ${_("queueLongest", duration(longest))}`;
  return `${_("queue", name)}: ${_("queueWaiting", waiting)}${wait}`;
}

function row() {
  const [who, words, at] = [h("bdi", {}), h("span", {}), h("time", {})];
  return {
    node: h("li", {}, at, " ", who, " ", words),
    update(told) {
      text(who, told.who);
      text(words, told.words);
      text(at, CLOCK.format(told.at));
    },
  };
}

/** Looks at how loud it is while there is something to be heard, and not all day. */
function runMeters(running) {
  parts.meters.hidden = !running;
  if (running === (metering !== null)) return;
  clearInterval(metering);
  metering = !running
    ? null
    : setInterval(() => {
        parts.mine.value = operator.desk.muted ? 0 : operator.meter.level("mine");
        parts.theirs.value = operator.meter.level("theirs");
      }, METER);
}

function schedule() {
  if (scheduled) return;
  scheduled = true;
  queueMicrotask(() => {
    scheduled = false;
    draw();
  });
}

/** What had the focus may be gone: then the next button of the call has it, or the page's title where there is none. */
function keepFocus(focused) {
  if (focused === document.body || focused.closest("[hidden]") === null) return;
  const next = Array.from(parts.buttons.values()).find((node) => node.closest("[hidden]") === null);
  (next ?? title).focus();
}

function draw() {
  const focused = document.activeElement;
  followLamp();
  drawLamp();
  const line = lineView(operator.line, lang);
  const desk = deskView(operator.desk, Date.now(), lang);
  const out = operator.line.state === "out";
  set(document.body, "data-line", line.state);
  set(document.body, "data-call", desk.state);
  text(parts.lineStatus, line.status);
  set(parts.lineStatus, "data-kind", line.kind);
  parts.form.hidden = !out;
  parts.takeOver.hidden = !(
    out &&
    (line.state === "elsewhere" || line.state === "otherTalks" || line.state === "takenOver")
  );
  parts.signOut.hidden = out;
  parts.options.hidden = out;
  parts.call.hidden = desk.state === "free";
  text(parts.status, desk.status);
  text(parts.timer, desk.timer);
  text(parts.note, desk.note);
  runMeters(operator.desk.state === "talking");
  const talking = operator.desk.state === "talking";
  if (!talking) parts.transfer.hidden = parts.keys.hidden = true;
  for (const [name, node] of parts.buttons) node.hidden = !desk.buttons.includes(name);
  set(parts.buttons.get("mute"), "aria-pressed", String(desk.muted));
  set(parts.buttons.get("hold"), "aria-pressed", String(desk.held));
  set(parts.buttons.get("transfer"), "aria-expanded", String(!parts.transfer.hidden));
  set(parts.buttons.get("keypad"), "aria-expanded", String(!parts.keys.hidden));
  keepFocus(focused);
  const rows = history(operator.desk, lang);
  parts.calls.hidden = rows.length === 0;
  parts.rows.update(rows.map((one) => [one.key, one]));
}
