// The wall: a card per display, or per wall of several, and one of them alone on the whole screen.

import { arrangement } from "../core/layout.js";
import { arranged } from "../core/walls.js";
import { h, Keyed, set } from "./dom.js";
import { joined, Panel, single } from "./panel.js";

const GAP = 24; // CSS pixels between two cards

/** Every display as a card. A view is `{node, update(app), draw(app, names)}`; `names` null: all. */
export function wallView() {
  const walls = h("ul", { class: "walls", "aria-label": "Walls of several displays" });
  const list = h("ul", { class: "wall", "aria-label": "Displays" });
  const empty = h(
    "div",
    { class: "empty" },
    h("p", {}, "No display yet."),
    h("p", { class: "hint" }, "Each led-renderer on this broker appears here by itself, with LEDs or without."),
  );
  const node = h("section", { class: "hung", "aria-label": "Wall" }, walls, list, empty);
  const cards = new Map();
  const seen = new IntersectionObserver((entries) => {
    for (const entry of entries) cards.get(entry.target)?.visible(entry.isIntersecting);
  });
  const made = (subject) => {
    const part = card(subject, () => {
      seen.unobserve(part.node);
      cards.delete(part.node);
    });
    cards.set(part.node, part);
    seen.observe(part.node);
    return part;
  };
  const large = new Keyed(walls, (_, { name }) => made(joined(name)));
  const others = new Keyed(list, (name) => made(single(name)));
  return {
    node,
    update(app) {
      app.shown = arranged(app.board);
      const { walls: pictures, alone } = app.shown;
      walls.hidden = pictures.length === 0;
      empty.hidden = app.board.displays.size > 0 || !app.link.up || app.reading;
      large.update(pictures.map(({ key, name }) => [key, { name, app }]));
      others.update(alone.map(({ name }) => [name, { app }]));
      if (arrange(app.shown)) this.draw(app, null);
    },
    draw(app, names) {
      for (const part of cards.values()) part.draw(app, names);
    },
    resized(app) {
      arrange(app.shown);
      this.draw(app, null);
    },
  };

  /** As large as fits: everything in sight if that can be. True when that changed a size. */
  function arrange({ walls: pictures, alone }) {
    const height = window.innerHeight - node.getBoundingClientRect().top - window.scrollY - GAP;
    const aspects = pictures.map((wall) => wall.width / wall.height);
    const best = arrangement(aspects, alone.length, usual(alone), node.clientWidth, height, GAP);
    set(list, "data-crowd", crowd(best.wide));
    const changed = [
      sized(list, "--columns", String(best.columns)),
      sized(list, "--wide", pixels(best.wide)),
      ...pictures.map(({ key }, index) => sized(large.parts.get(key).node, "--wide", pixels(best.walls[index]))),
    ];
    return changed.includes(true);
  }
}

/** How little room there is for words below a picture so wide. */
function crowd(wide) {
  if (wide < 340) return "dense";
  return wide < 560 ? "some" : null;
}

/** The usual width of a picture by its height. */
function usual(displays) {
  const frames = displays.map((display) => display.state.get("frame")).filter(Boolean);
  const aspects = frames.map((frame) => frame.width / frame.height).toSorted((one, other) => one - other);
  return aspects[Math.floor(aspects.length / 2)] ?? 4;
}

function pixels(length) {
  return `${Math.floor(length)}px`;
}

/** Sets a property of an element's style; whether that changed it. */
function sized(element, property, value) {
  if (element.style.getPropertyValue(property) === value) return false;
  element.style.setProperty(property, value);
  return true;
}

function card(subject, drop) {
  const slot = h("a", { class: "slot", href: subject.href });
  const panel = new Panel(subject, (width, height) => [slot.clientWidth, (slot.clientWidth * height) / width]);
  slot.append(panel.picture);
  const node = h("li", { class: "card", [subject.attribute]: subject.name }, slot, panel.words.node);
  let visible = true;
  let app = null;
  return {
    node,
    drop,
    visible(now) {
      visible = now;
      if (now && app) panel.draw(app, null);
    },
    update(given) {
      ({ app } = given);
      const told = panel.update(app);
      set(node, "data-state", told.state);
      set(slot, "aria-label", `${subject.name}: ${told.long}, shows ${told.shows}. Full screen`);
    },
    draw(given, names) {
      if (visible) panel.draw(given, names);
    },
  };
}

/** One as large as the window allows: a panel for those without LEDs. What it shows is what the displays say they show. */
export function aloneView(subject) {
  const room = h("div", { class: "room" });
  const panel = new Panel(subject, () => [room.clientWidth, room.clientHeight]);
  room.append(panel.picture);
  const full = h("button", { type: "button", class: "quiet", on: { click: () => fullScreen(node) } }, "Full screen");
  const back = h("a", { href: "#wall", class: "back" }, "All displays");
  const bar = h("div", { class: "bar" }, back, panel.words.node, full);
  const node = h("section", { class: "alone", "aria-label": subject.name }, room, bar);
  full.hidden = !document.fullscreenEnabled;
  return {
    node,
    update(app) {
      app.shown = arranged(app.board);
      set(node, "data-state", panel.update(app).state);
    },
    draw(app, names) {
      panel.draw(app, names);
    },
    resized(app) {
      panel.draw(app, null);
    },
  };
}

async function fullScreen(node) {
  if (document.fullscreenElement) return document.exitFullscreen();
  await node.requestFullscreen();
}
