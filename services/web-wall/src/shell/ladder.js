// One dialog: its messages as a ladder, each of them as text, two of them compared, all of them to take away.

import { diff } from "../core/diff.js";
import { arrows, ladderText, seconds } from "../core/ladder.js";
import { missing, pcap } from "../core/pcap.js";
import { ladderHash } from "../core/places.js";
import { answer, legs } from "../core/sip.js";
import { topicOf } from "../core/topics.js";
import { h, Keyed, options, set, text } from "./dom.js";

const COPIED = 2_000; // ms for which a button says what it did

export function ladderView(node, id) {
  const title = h("h2", {});
  const state = h("p", { class: "hint" });
  const others = h("ul", { class: "parts", "aria-label": "Other dialogs of the same call" });
  const actions = h("div", { class: "row" });
  const head = h("div", { class: "hosts", "aria-hidden": "true" });
  const list = h("ol", { class: "arrows" });
  const scroll = h("div", { class: "scroll ladder", tabindex: "0", "aria-label": "Messages" }, head, list);
  const message = messagePane((index) => choose(index));
  const empty = h("p", { class: "empty" });
  const way = h("a", { href: "#sip", class: "back" }, "All dialogs");
  const section = h(
    "section",
    { class: "sip", "aria-label": "SIP dialog" },
    way,
    title,
    state,
    others,
    actions,
    scroll,
  );
  section.append(empty, message.node);
  const columns = new Keyed(head, (host) => ({ node: h("span", {}, host), update() {} }));
  const rows = new Keyed(list, () => row((index) => choose(index)));
  const siblings = new Keyed(others, (_, { place }) => {
    const link = h("a", { href: ladderHash(place) });
    return { node: h("li", {}, link), update: ({ words }) => text(link, words) };
  });
  let shown = null; // the ladder
  let chosen = 0;
  actions.append(
    button("Copy as text", (self) => copy(ladderText(shown), self)),
    button("Save as pcap", () => save(pcap(shown), "application/vnd.tcpdump.pcap", "pcap")),
    button("Save as text", () => save(ladderText(shown), "text/plain", "txt")),
  );

  return {
    node: section,
    wants: topicOf("sip_ladder", node, id),
    update(app) {
      const owner = app.board.nodes.get(node);
      const dialog = owner?.things.get("dialog")?.get(id) ?? null;
      if (app.ladder) shown = app.ladder;
      text(title, dialog ? `${dialog.from} → ${dialog.to}` : id);
      text(state, dialog ? said(dialog) : "");
      const same = dialog ? legs(app.board, dialog, id) : [];
      siblings.update(same.map((leg) => [leg.id, { place: [leg.node, leg.id], words: said(leg.dialog) }]));
      others.hidden = same.length === 0;
      empty.hidden = shown !== null;
      text(empty, app.link.up ? "No messages of this dialog are on the bus, or this user may not see them." : "");
      for (const part of [actions, scroll, message.node]) part.hidden = shown === null;
      if (shown) draw();
    },
  };

  function draw() {
    const { hosts, arrows: found } = arrows(shown);
    chosen = Math.max(0, Math.min(chosen, found.length - 1));
    scroll.style.setProperty("--hosts", hosts.length);
    columns.update(hosts.map((host) => [host, host]));
    rows.update(
      found.map((arrow) => [String(arrow.index), { arrow, hosts: hosts.length, on: arrow.index === chosen }]),
    );
    message.update(found, chosen, missing(shown));
  }

  function choose(index) {
    chosen = index;
    draw();
  }

  function save(content, type, ending) {
    const address = URL.createObjectURL(new Blob([content], { type }));
    const name = id.replaceAll(/[^A-Za-z0-9.@-]/g, "_").slice(0, 80);
    const link = h("a", { href: address, download: `${name}.${ending}` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  }
}

function said(dialog) {
  const words = [dialog.method, dialog.state, answer(dialog), dialog.call_id];
  return words.filter(Boolean).join(" · ");
}

function button(label, act) {
  const self = h("button", { type: "button", class: "quiet", on: { click: () => act(self) } }, label);
  return self;
}

async function copy(words, self) {
  const label = self.textContent;
  const done = await copied(words);
  text(self, done ? "Copied" : "The browser does not let it");
  setTimeout(() => text(self, label), COPIED);
}

/** Browsers have a clipboard for pages that came by TLS or from this host; the others take a selection. */
async function copied(words) {
  if (navigator.clipboard) {
    try {
      await navigator.clipboard.writeText(words);
      return true;
    } catch {
      // not allowed: as below
    }
  }
  const field = h("textarea", { class: "unseen", readonly: true });
  field.value = words;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
}

/** One arrow. Its place is a matter of columns: two for each host, whose line stands between them. */
function row(choose) {
  const at = h("span", { class: "at" });
  const label = h("span", { class: "label" });
  const shaft = h("span", { class: "shaft" }, label);
  const lines = h("span", { class: "lines", "aria-hidden": "true" });
  const lives = new Keyed(lines, () => ({ node: h("i", {}), update() {} }));
  let index = 0;
  const press = h("button", { type: "button", class: "arrow", on: { click: () => choose(index) } }, at, lines, shaft);
  return {
    node: h("li", {}, press),
    update({ arrow, hosts, on }) {
      index = arrow.index;
      const { message } = arrow;
      const [low, high] = [Math.min(arrow.from, arrow.to), Math.max(arrow.from, arrow.to)];
      set(press, "data-kind", arrow.kind);
      set(press, "data-again", arrow.again);
      set(press, "data-way", low === high ? "loop" : arrow.from < arrow.to ? "right" : "left");
      set(press, "aria-pressed", String(on));
      set(press, "aria-label", `${seconds(arrow.at)} s: ${arrow.label}, from ${message.from} to ${message.to}`);
      text(at, index === 0 ? seconds(arrow.at) : `+${seconds(arrow.delta)}`);
      set(at, "title", `${message.at}, ${seconds(arrow.at)} s after the first`);
      text(label, arrow.again ? `${arrow.label} (again)` : arrow.label);
      shaft.style.gridColumn = low === high ? `${2 * low + 3} / span 1` : `${2 * low + 3} / ${2 * high + 3}`;
      lives.update(Array.from({ length: hosts }, (_, host) => [String(host), host]));
    },
  };
}

function messagePane(choose) {
  const title = h("h3", {});
  const facts = h("p", { class: "hint" });
  const other = h("select", {});
  const lines = h("pre", { class: "message-text", tabindex: "0" });
  const note = h("p", { class: "hint" });
  const step = h(
    "div",
    { class: "row" },
    button("Earlier", () => choose(at - 1)),
    button("Later", () => choose(at + 1)),
  );
  const head = h("div", { class: "pane-head" }, title, step, h("label", {}, "Compare with", other));
  const node = h("section", { class: "pane", "aria-label": "Message" }, head, facts, lines, note);
  const kept = new Keyed(lines, () => {
    const line = h("span", {});
    return {
      node: line,
      update([mark, words]) {
        set(line, "data-diff", mark === "=" ? null : mark);
        text(line, `${mark === "=" ? "" : `${mark} `}${words}\n`);
      },
    };
  });
  let at = 0;
  let told = [];
  other.addEventListener("input", show);
  return {
    node,
    update(found, chosen, lost) {
      [told, at] = [found, chosen];
      const choices = found.map(({ index, label, at: when }) => [String(index), `${seconds(when)} ${label}`]);
      options(other, [["", "nothing"], ...choices]);
      note.hidden = lost === 0;
      text(note, `${lost} of ${found.length} messages have no text any more, and are not in the pcap file.`);
      show();
    },
  };

  function show() {
    const { message, label } = told[at] ?? {};
    if (!message) return;
    text(title, label);
    text(facts, `${message.at} · ${message.transport} · ${message.from} → ${message.to} · CSeq ${message.cseq}`);
    const compared = other.value === "" ? null : told[Number(other.value)];
    const [first, second] = [compared?.message.body ?? null, message.body];
    const marked =
      second === null
        ? [["=", `${message.first_line}\n(its text was dropped for want of room)`]]
        : diff(first ?? second, second);
    kept.update(marked.map((line, index) => [String(index), line]));
  }
}
