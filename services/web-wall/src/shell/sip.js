// The signalling as a list: every dialog that a sip-monitor follows, those in between that a person looks for.

import { ladderHash } from "../core/places.js";
import { ALL, COLUMNS, dialogs, figures, methods, rows, STATES } from "../core/sip.js";
import { partHeading } from "../core/tables.js";
import { h, Keyed, options, set, text } from "./dom.js";
import { counters, pairs, tableOf } from "./table.js";

// Kept while the page is open: whoever looks at a ladder comes back to the same list.
const filter = { ...ALL };

export function sipView(app) {
  const nodes = h("div", { class: "nodes" });
  const form = h("form", { class: "filter", role: "search", on: { submit: (event) => event.preventDefault() } });
  const list = tableOf("sip");
  const empty = h("div", { class: "empty" });
  const gate = h(
    "p",
    { class: "gate" },
    h("button", { type: "button", class: "primary", on: { click: () => app.logIn() } }, "Log in"),
    " to see who calls whom: as operator or viewer.",
  );
  const node = h("section", { class: "sip", "aria-label": "SIP" }, nodes, gate, form, list.node, empty);
  const summaries = new Keyed(nodes, () => summary());
  const method = select("Method", "method", []);
  const state = select("State", "state", [["live", "live"], ...STATES.map((name) => [name, name])]);
  const status = h("input", { name: "status", placeholder: "486, 4xx, none", autocomplete: "off" });
  const words = h("input", { name: "text", type: "search", placeholder: "number, Call-ID", autocomplete: "off" });
  form.append(h("label", {}, "Who", words), method.label, state.label, h("label", {}, "Answer", status));
  for (const field of [words, method.field, state.field, status]) {
    field.value = filter[field.name];
    field.addEventListener("input", () => {
      filter[field.name] = field.value;
      show(app);
    });
  }
  return { node, update: show };

  function show({ board, link, now, reading, user, mayLogIn }) {
    const known = Array.from(board.nodes.values()).toSorted((one, other) => (one.name < other.name ? -1 : 1));
    const any = dialogs(board).length > 0;
    summaries.update(known.map((owner) => [owner.name, { owner, link, now }]));
    gate.hidden = known.length === 0 || any || user !== null || !mayLogIn;
    form.hidden = !any;
    options(method.field, [["", "any"], ...methods(board).map((name) => [name, name])]);
    method.field.value = filter.method;
    const { rows: found, note } = rows(board, filter, link, now);
    list.update({ title: "Dialogs", columns: COLUMNS, note, rows: found.map(linked) });
    list.node.hidden = !any;
    empty.hidden = known.length > 0 || !link.up || reading;
    text(empty, "No sip-monitor was ever heard of on this bus.");
  }
}

function linked(row) {
  return { ...row, href: ladderHash(row.place) };
}

function select(label, name, choices) {
  const field = h("select", { name });
  options(field, [["", "any"], ...choices]);
  return { field, label: h("label", {}, label, field) };
}

function summary() {
  const title = h("bdi", {});
  const life = h("span", { class: "life" });
  const facts = h("dl", { class: "facts" });
  const big = h("dl", { class: "counters" });
  const trouble = h("p", { class: "note", role: "status" });
  const head = h("div", { class: "caption" }, h("h2", {}, title), life, facts);
  const told = pairs(facts);
  const counts = counters(big);
  return {
    node: h("section", { class: "switch" }, head, trouble, big),
    update({ owner, link, now }) {
      const heading = partHeading(owner, link, now);
      text(title, owner.name);
      text(life, heading.word);
      set(head.parentNode, "data-state", heading.state);
      told.update(heading.facts);
      trouble.hidden = heading.state === "live";
      text(trouble, heading.state === "live" ? "" : `${heading.why} What goes on there now is not known.`);
      counts.update(heading.state === "live" ? figures(owner) : []);
    },
  };
}
