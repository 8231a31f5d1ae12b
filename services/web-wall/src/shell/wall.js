// The wall: a card per display, and one display alone on the whole screen.

import { brightness, caption, ordered } from "../core/captions.js";
import { columns } from "../core/layout.js";
import { displayHash } from "../core/places.js";
import { h, Keyed, set, text } from "./dom.js";
import { Leds } from "./leds.js";

/** Every display as a card. A view is `{node, update(app), draw(app, names)}`; `names` null: all. */
export function wallView() {
  const list = h("ul", { class: "wall", "aria-label": "Displays" });
  const empty = h(
    "div",
    { class: "empty" },
    h("p", {}, "No display yet."),
    h("p", { class: "hint" }, "Each led-renderer on this broker appears here by itself, with LEDs or without."),
  );
  const node = h("section", { "aria-label": "Wall" }, list, empty);
  const cards = new Keyed(list, (name) => card(name));
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) cards.parts.get(entry.target.dataset.display)?.visible(entry.isIntersecting);
  });
  return {
    node,
    update(app) {
      const displays = ordered(app.board);
      const moved = arrange(node, list, displays);
      empty.hidden = displays.length > 0 || !app.link.up || app.reading;
      const before = cards.parts.size;
      cards.update(displays.map((display) => [display.name, { display, app }]));
      if (cards.parts.size !== before) for (const part of cards.parts.values()) seen.observe(part.node);
      if (moved) for (const part of cards.parts.values()) part.draw(app);
    },
    draw(app, names) {
      for (const name of names ?? cards.parts.keys()) cards.parts.get(name)?.draw(app);
    },
    resized(app) {
      arrange(node, list, ordered(app.board));
      for (const part of cards.parts.values()) part.draw(app);
    },
  };
}

/** As large as fits: every display in sight if that can be. True when that changed the cards' size. */
function arrange(node, list, displays) {
  const frames = displays.map((display) => display.state.get("frame")).filter(Boolean);
  const aspects = frames.map((frame) => frame.width / frame.height).toSorted((one, other) => one - other);
  const aspect = aspects[Math.floor(aspects.length / 2)] ?? 4;
  const gap = 24;
  const height = window.innerHeight - node.getBoundingClientRect().top - window.scrollY - gap;
  const best = columns(displays.length, aspect, node.clientWidth, height, gap);
  const wide = `${Math.floor(best.wide)}px`;
  const before = [list.style.getPropertyValue("--columns"), list.style.getPropertyValue("--wide")];
  if (before[0] === String(best.columns) && before[1] === wide) return false;
  list.style.setProperty("--columns", best.columns);
  list.style.setProperty("--wide", wide);
  set(list, "data-crowd", best.wide < 340);
  return true;
}

function card(name) {
  const slot = h("a", { class: "slot", href: displayHash(name) });
  const leds = new Leds((width, height) => [slot.clientWidth, (slot.clientWidth * height) / width]);
  const stale = h("span", { class: "stale", "aria-hidden": "true" });
  slot.append(leds.node, stale);
  const words = captionNodes(name);
  const node = h("li", { class: "card", "data-display": name }, slot, words.node);
  let visible = true;
  return {
    node,
    visible(now) {
      visible = now;
      if (now) this.draw(this.app);
    },
    update({ display, app }) {
      this.app = app;
      const told = caption(display, app.link, app.now);
      set(node, "data-state", told.state);
      set(slot, "aria-label", label(display, told));
      text(stale, told.state === "live" ? "" : told.word);
      words.update(told);
    },
    draw(app) {
      const display = app?.board.displays.get(name);
      if (display && visible) leds.draw(display.state.get("frame") ?? null, brightness(display));
    },
  };
}

function label(display, told) {
  const page = display.state.get("state")?.page ?? "no page";
  return `${display.name}: ${told.long}, shows ${page}. Full screen`;
}

function captionNodes(name) {
  const life = h("span", { class: "life" });
  const facts = h("dl", { class: "facts" });
  const note = h("p", { class: "note" });
  const rows = new Keyed(facts, (term) => {
    const value = h("dd", {});
    return { node: h("div", {}, h("dt", {}, term), value), update: (told) => text(value, told) };
  });
  return {
    node: h("div", { class: "caption" }, h("h2", {}, h("bdi", {}, name)), life, facts, note),
    update(told) {
      text(life, told.word);
      set(life, "title", told.long);
      rows.update(told.facts);
      text(note, told.note);
      note.hidden = told.note === "";
    },
  };
}

/** One display as large as the window allows: a panel for those without LEDs. What it shows is that display's frame. */
export function displayView(name) {
  const room = h("div", { class: "room" });
  const leds = new Leds(() => [room.clientWidth, room.clientHeight]);
  const stale = h("span", { class: "stale", "aria-hidden": "true" });
  room.append(leds.node, stale);
  const words = captionNodes(name);
  const full = h("button", { type: "button", class: "quiet", on: { click: () => fullScreen(node) } }, "Full screen");
  const bar = h("div", { class: "bar" }, h("a", { href: "#wall", class: "back" }, "All displays"), words.node, full);
  const node = h("section", { class: "alone", "aria-label": `Display ${name}` }, room, bar);
  full.hidden = !document.fullscreenEnabled;
  return {
    node,
    update(app) {
      const display = app.board.displays.get(name);
      const told = display
        ? caption(display, app.link, app.now)
        : { state: "lost", word: "no such display", long: "no such display", facts: [], note: "" };
      set(node, "data-state", told.state);
      text(stale, told.state === "live" ? "" : told.word);
      words.update(told);
    },
    draw(app, names) {
      if (names && !names.has(name)) return;
      const display = app.board.displays.get(name);
      leds.draw(display?.state.get("frame") ?? null, display ? brightness(display) : 0);
    },
    resized(app) {
      this.draw(app, null);
    },
  };
}

async function fullScreen(node) {
  if (document.fullscreenElement) return document.exitFullscreen();
  await node.requestFullscreen();
}
