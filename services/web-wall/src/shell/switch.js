// The switch view: what FreeSWITCH does, as tables. Numbers of a switch that is lost are not shown at all.

import { counters, heading, tables } from "../core/tables.js";
import { h, Keyed, set, text } from "./dom.js";

export function switchView() {
  const list = h("div", { class: "switches" });
  const empty = h("p", { class: "empty" }, "NO PBX");
  const hint = h("p", { class: "hint" }, "No switch was ever heard of on this bus.");
  empty.append(hint);
  const node = h("section", { "aria-label": "Switch" }, list, empty);
  const sections = new Keyed(list, () => section());
  return {
    node,
    update(app) {
      const owners = Array.from(app.board.switches.values()).toSorted((one, other) => (one.name < other.name ? -1 : 1));
      empty.hidden = owners.length > 0 || !app.link.up || app.reading;
      sections.update(owners.map((owner) => [owner.name, { owner, app }]));
    },
  };
}

function section() {
  const title = h("bdi", {});
  const life = h("span", { class: "life" });
  const facts = h("dl", { class: "facts" });
  const trouble = h("p", { class: "trouble", role: "status" });
  const big = h("dl", { class: "counters" });
  const body = h("div", { class: "tables" });
  const head = h("div", { class: "caption" }, h("h2", {}, title), life, facts);
  const node = h("section", { class: "switch" }, head, trouble, big, body);
  const pairs = new Keyed(facts, (label) => pair(label));
  const counts = new Keyed(big, (label, { big: large }) => counter(label, large));
  const parts = new Keyed(body, (_, { id }) => tableOf(id));
  return {
    node,
    update({ owner, app }) {
      const told = heading(owner, app.link, app.now);
      const live = told.state === "live";
      set(node, "data-state", told.state);
      text(title, told.name);
      text(life, told.word);
      pairs.update(told.facts);
      trouble.hidden = live;
      text(trouble, live ? "" : why(told));
      counts.update(live ? counters(owner).map(([label, value, big]) => [label, { value, big }]) : []);
      parts.update(live ? tables(owner, app.now).map((table) => [table.id, table]) : []);
    },
  };
}

function why(told) {
  if (told.state === "stale") return "The broker is gone: what this switch does is not known.";
  return `${told.word}${told.since ? ` ${told.since}` : ""}: ${told.why}. What it does is not known.`;
}

function pair(label) {
  const value = h("dd", {});
  return { node: h("div", {}, h("dt", {}, label), value), update: (told) => text(value, told) };
}

function counter(label, large) {
  const value = h("dd", {});
  const node = h("div", { class: large ? "big" : null }, h("dt", {}, label), value);
  return { node, update: (told) => text(value, told.value) };
}

function tableOf(id) {
  const caption = h("caption", {});
  const row = h("tr", {});
  const rows = h("tbody", {});
  const note = h("p", { class: "hint" });
  const table = h("table", {}, caption, h("thead", {}, row), rows);
  const node = h(
    "div",
    { class: "table", id: `table-${id}` },
    h("div", { class: "scroll", tabindex: "0" }, table),
    note,
  );
  const heads = new Keyed(row, (label) => ({ node: h("th", { scope: "col" }, label), update() {} }));
  const lines = new Keyed(rows, (_, { cells }) => line(cells.length));
  return {
    node,
    update(told) {
      text(caption, told.title);
      set(node.firstChild, "aria-label", told.title);
      heads.update(told.columns.map((label) => [label, label]));
      lines.update(told.rows.map((one) => [one.key, one]));
      text(note, told.note);
      note.hidden = told.note === "";
      table.hidden = told.rows.length === 0;
    },
  };
}

function line(count) {
  const cells = Array.from({ length: count }, (_, index) =>
    h(index === 0 ? "th" : "td", index === 0 ? { scope: "row" } : {}),
  );
  const node = h("tr", {}, ...cells);
  return {
    node,
    update({ mark, cells: told }) {
      set(node, "data-mark", mark);
      for (const [index, cell] of cells.entries()) text(cell, told[index] ?? "");
    },
  };
}
