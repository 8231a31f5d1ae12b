// Tables and figures, as the switch's and the signalling's views have them.

import { h, Keyed, set, text } from "./dom.js";

/** Pairs of a term and its value in a <dl>: `update([[label, value]])`. */
export function pairs(list) {
  return new Keyed(list, (label) => {
    const value = h("dd", {});
    return { node: h("div", {}, h("dt", {}, label), value), update: (told) => text(value, told) };
  });
}

/** Figures in a <dl>: `update([[label, value, emphasis]])`. */
export function counters(list) {
  const kept = new Keyed(list, (label, { large }) => {
    const value = h("dd", {});
    const node = h("div", { class: large ? "big" : null }, h("dt", {}, label), value);
    return { node, update: (told) => text(value, told.value) };
  });
  return {
    update(figures) {
      kept.update(figures.map(([label, value, large]) => [label, { value, large }]));
    },
  };
}

/** A table as `core/tables.js` tells it: `{node, update({title, columns, rows, note})}`. A row with `href` leads there. */
export function tableOf(id) {
  const caption = h("caption", {});
  const row = h("tr", {});
  const rows = h("tbody", {});
  const note = h("p", { class: "hint" });
  const table = h("table", {}, caption, h("thead", {}, row), rows);
  const scroll = h("div", { class: "scroll", tabindex: "0" }, table);
  const node = h("div", { class: "table", id: `table-${id}` }, scroll, note);
  const heads = new Keyed(row, (label) => ({ node: h("th", { scope: "col" }, label), update() {} }));
  const lines = new Keyed(rows, (_, { cells }) => line(cells.length));
  return {
    node,
    update(told) {
      text(caption, told.title);
      set(scroll, "aria-label", told.title);
      heads.update(told.columns.map((label) => [label, label]));
      lines.update(told.rows.map((one) => [one.key, one]));
      text(note, told.note);
      note.hidden = told.note === "";
      table.hidden = told.rows.length === 0;
    },
  };
}

function line(count) {
  const way = h("a", {});
  const plain = h("span", {});
  const cells = Array.from({ length: count }, (_, index) =>
    index === 0 ? h("th", { scope: "row" }, way, plain) : h("td", {}),
  );
  const node = h("tr", {}, ...cells);
  return {
    node,
    update({ mark, href = null, cells: told }) {
      set(node, "data-mark", mark);
      set(way, "href", href);
      way.hidden = href === null;
      plain.hidden = href !== null;
      text(href === null ? plain : way, told[0]);
      for (const [index, cell] of cells.entries()) if (index > 0) text(cell, told[index] ?? "");
    },
  };
}
