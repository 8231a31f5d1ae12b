// What is hung up, as the wall's views show it: one display, or a wall of several. Picture, words over what is lost of
// it, and words below.

import { brightness, caption } from "../core/captions.js";
import { believed } from "../core/life.js";
import { picture } from "../core/picture.js";
import { displayHash, wallHash } from "../core/places.js";
import { wallCaption, wallPicture } from "../core/walls.js";
import { h, Keyed, set, text } from "./dom.js";
import { Leds } from "./leds.js";

/** A display of this name; `thing` below is `find`'s, undefined where it is not there. */
export function single(name) {
  return {
    name,
    attribute: "data-display",
    href: displayHash(name),
    find: (app) => app.board.displays.get(name),
    displays: () => [name],
    seen: (display, app) =>
      picture(display.state.get("frame"), brightness(display), believed(display, app.link, app.now)),
    said(display, app) {
      if (!display) return missing("no such display");
      const told = caption(display, app.link, app.now);
      const shows = display.state.get("state")?.page ?? "no page";
      return { ...told, shows, lost: told.state === "live" ? [] : [{ ...told, name, x: 0.5, y: 0.5 }], parts: [] };
    },
  };
}

/** A wall of this name. */
export function joined(name) {
  return {
    name,
    attribute: "data-wall",
    href: wallHash(name),
    find: (app) => app.shown.walls.find((wall) => wall.name === name),
    displays: (wall) => wall.tiles.map((display) => display.name),
    seen: (wall, app) => wallPicture(wall, app.link, app.now),
    said(wall, app) {
      if (!wall) return missing("no such wall");
      const told = wallCaption(wall, app.link, app.now);
      const lost = told.tiles.filter(({ state }) => state !== "live");
      return { ...told, shows: `${told.tiles.length} displays`, lost, parts: told.tiles };
    },
  };
}

function missing(word) {
  return { state: "lost", word, long: word, facts: [], note: "", shows: "nothing", lost: [], parts: [] };
}

/** The parts on the page: `picture` and `words`, nodes; `update(app)` says, `draw(app, names)` draws; `names` null: all. */
export class Panel {
  #thing;
  #state = null;

  constructor(subject, fit) {
    this.subject = subject;
    this.leds = new Leds(fit);
    this.labels = new Keyed(h("div", { class: "labels", "aria-hidden": "true" }), label);
    this.picture = h("div", { class: "picture" }, this.leds.node, this.labels.container);
    this.words = words(subject.name);
  }

  /** What is said of it now. */
  update(app) {
    this.#thing = this.subject.find(app);
    const told = this.subject.said(this.#thing, app);
    this.labels.update(told.lost.map((part) => [part.name, part]));
    this.words.update(told);
    const state = told.lost.map((part) => part.name).join("\n");
    if (state !== this.#state) this.draw(app, null);
    this.#state = state;
    return told;
  }

  draw(app, names) {
    const thing = this.#thing;
    if (thing && names && !this.subject.displays(thing).some((name) => names.has(name))) return;
    this.leds.draw(thing ? this.subject.seen(thing, app) : null);
  }
}

function label() {
  const node = h("span", { class: "stale" });
  return {
    node,
    update({ word, x, y }) {
      text(node, word);
      node.style.left = `${100 * x}%`;
      node.style.top = `${100 * y}%`;
    },
  };
}

function words(name) {
  const life = h("span", { class: "life" });
  const facts = h("dl", { class: "facts" });
  const list = h("ul", { class: "parts", "aria-label": "Displays of this wall" });
  const note = h("p", { class: "note" });
  const rows = new Keyed(facts, (term) => {
    const value = h("dd", {});
    return { node: h("div", {}, h("dt", {}, term), value), update: (told) => text(value, told) };
  });
  const parts = new Keyed(list, (part) => {
    const way = h("a", { href: displayHash(part) }, h("bdi", {}, part));
    const node = h("li", {}, way);
    return { node, update: ({ state }) => set(node, "data-state", state) };
  });
  return {
    node: h("div", { class: "caption" }, h("h2", {}, h("bdi", {}, name)), life, facts, list, note),
    update(told) {
      text(life, told.word);
      set(life, "title", told.long);
      rows.update(told.facts);
      parts.update(told.parts.map((part) => [part.name, part]));
      list.hidden = told.parts.length === 0;
      text(note, told.note);
      note.hidden = told.note === "";
    },
  };
}
