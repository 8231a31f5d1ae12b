// The switch view: what FreeSWITCH does, as tables. Numbers of a switch that is lost are not shown at all.

import { ladderHash } from "../core/places.js";
import { ladders } from "../core/sip.js";
import { counters as figures, heading, tables } from "../core/tables.js";
import { h, Keyed, set, text } from "./dom.js";
import { counters, pairs, tableOf } from "./table.js";

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
  const told = pairs(facts);
  const counts = counters(big);
  const parts = new Keyed(body, (_, { id }) => tableOf(id));
  return {
    node,
    update({ owner, app }) {
      const it = heading(owner, app.link, app.now);
      const live = it.state === "live";
      set(node, "data-state", it.state);
      text(title, it.name);
      text(life, it.word);
      told.update(it.facts);
      trouble.hidden = live;
      text(trouble, live ? "" : why(it));
      counts.update(live ? figures(owner) : []);
      parts.update(live ? tables(owner, app.now).map((table) => [table.id, linked(table, app.board)]) : []);
    },
  };
}

/** Calls lead to their signalling, where a sip-monitor knows it. */
function linked(table, board) {
  if (table.id !== "calls" && table.id !== "recent") return table;
  const known = ladders(board);
  const rows = table.rows.map((row) => (known.has(row.key) ? { ...row, href: ladderHash(known.get(row.key)) } : row));
  return { ...table, rows };
}

function why(told) {
  if (told.state === "stale") return "The broker is gone: what this switch does is not known.";
  return `${told.word}${told.since ? ` ${told.since}` : ""}: ${told.why}. What it does is not known.`;
}
