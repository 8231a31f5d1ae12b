// The form that sends: texts, notifications, pages, brightness, power; below it what each display answered.

import { ordered } from "../core/captions.js";
import { command, EFFECT, expected, groups, PRIORITY } from "../core/commands.js";
import { LIMITS } from "../core/contract.js";
import { h, Keyed, options, set, text } from "./dom.js";

export function sendView(app) {
  const target = h("select", { name: "target", required: true });
  const page = h("select", { name: "page" });
  const brightness = h("input", { type: "range", name: "brightness", min: 0, max: 15, value: 4 });
  const level = h("span", {}, "4"); // no <output>: the label would name that, and not the slider
  const fields = h("fieldset", {});
  const log = h("ol", { class: "outcomes", "aria-live": "polite", "aria-label": "What was sent" });
  const gate = h(
    "p",
    { class: "gate" },
    h("button", { type: "button", class: "primary", on: { click: () => app.logIn() } }, "Log in"),
    " to send to displays. Looking needs no login.",
  );
  const form = h("form", { class: "message", autocomplete: "off", on: { submit: message } });
  const node = h("section", { class: "send", "aria-label": "Send" }, gate, fields, log);
  const entries = new Keyed(log, () => entry());

  form.append(
    h(
      "label",
      { class: "wide" },
      "Text",
      h("input", { name: "text", required: true, maxlength: LIMITS.text, placeholder: "Lunch is ready" }),
    ),
    choice("priority", "Priority", PRIORITY),
    choice("effect", "Effect", EFFECT),
    h(
      "label",
      {},
      "Seconds",
      h("input", { name: "seconds", type: "number", min: 1, max: LIMITS.seconds, step: "any", placeholder: "auto" }),
    ),
    h("label", { class: "check" }, h("input", { type: "checkbox", name: "hold" }), "until dismissed"),
    h(
      "div",
      { class: "row" },
      h("button", { type: "submit", class: "primary" }, "Send"),
      plain("Dismiss all", "dismiss", () => "*"),
    ),
  );
  fields.append(
    h("label", { class: "target" }, "To", target),
    form,
    h(
      "div",
      { class: "panel-controls" },
      h("label", {}, "Page", page),
      h(
        "div",
        { class: "row" },
        plain("Stay on it", "page", () => page.value),
        plain("Rotate again", "page", () => "auto"),
      ),
      h("label", {}, h("span", {}, "Brightness ", level), brightness),
      h(
        "div",
        { class: "row" },
        plain("Set", "brightness", () => brightness.value),
        plain("By schedule", "brightness", () => "auto"),
      ),
      h(
        "div",
        { class: "row" },
        plain("On", "power", () => "on"),
        plain("Off", "power", () => "off"),
        plain("Identify", "identify", () => ""),
        plain("Test", "test", () => ""),
      ),
    ),
  );
  brightness.addEventListener("input", () => text(level, brightness.value));

  function plain(label, verb, value) {
    return h(
      "button",
      { type: "button", class: "quiet", on: { click: () => send(verb, { value: value() }, `${label}: ${value()}`) } },
      label,
    );
  }

  function message(event) {
    event.preventDefault();
    const given = new FormData(form);
    const told = {
      text: given.get("text"),
      priority: given.get("priority"),
      effect: given.get("effect"),
      seconds: given.get("seconds") ? Number(given.get("seconds")) : null,
      hold: given.get("hold") === "on" ? true : null,
    };
    send("notify", told, `“${told.text}”`);
  }

  function send(verb, values, words) {
    const [kind, name] = target.value.split(/\/(.*)/s);
    const transaction = `web-${crypto.getRandomValues(new Uint32Array(2)).join("-")}`;
    const { topic, payload } = command({ kind, name }, verb, values, transaction);
    const displays = expected({ kind, name }, app.board);
    app.outcomes.begin(transaction, `${words} → ${name}`, displays, Date.now());
    const out = app.send(topic, payload, (why) => {
      if (why) app.outcomes.fail(transaction, why);
      app.changed();
    });
    if (!out) app.outcomes.fail(transaction, "the broker is gone: it was not sent");
    app.changed();
  }

  return {
    node,
    update() {
      const allowed = !app.mayLogIn || app.user !== null;
      gate.hidden = allowed;
      set(fields, "disabled", !allowed || !app.link.up);
      const displays = ordered(app.board);
      options(target, [
        ...groups(app.board).map((name) => [`group/${name}`, name === "all" ? "every display" : `group ${name}`]),
        ...displays.map(({ name }) => [`display/${name}`, name]),
      ]);
      const pages = new Set(displays.flatMap((display) => display.state.get("info")?.pages ?? []));
      options(
        page,
        Array.from(pages, (name) => [name, name]),
      );
      entries.update(app.outcomes.sent.map((sent) => [sent.transaction, { sent, app }]));
    },
  };
}

function choice(name, label, { enum: values, default: usual }) {
  const made = values.map((value) => h("option", { value, selected: value === usual }, value));
  return h("label", {}, label, h("select", { name }, ...made));
}

function entry() {
  const words = h("span", { class: "words" });
  const answers = h("ul", {});
  const lines = new Keyed(answers, (name) => {
    const answer = h("span", {});
    const node = h("li", {}, h("bdi", {}, name), " ", answer);
    return {
      node,
      update([, state, said]) {
        set(node, "data-answer", state);
        text(answer, said);
      },
    };
  });
  return {
    node: h("li", {}, words, answers),
    update({ sent, app }) {
      text(words, sent.words);
      lines.update(app.outcomes.answers(sent).map((line) => [line[0], line]));
    },
  };
}
