// What stands beside a display's picture. Pure.

import { displayLife } from "./life.js";
import { duration } from "./times.js";

/**
 * `{state, word, note, facts, skew}` of a display at `now`; `link` is `{up}`. `state` is "live", "lost" or "stale" (the
 * broker is gone: nobody knows); `word` says so; `facts` are `[label, value]` pairs.
 */
export function caption(display, link, now) {
  const life = displayLife(display, now);
  const state = link.up ? (life.lost ? "lost" : "live") : "stale";
  return { state, ...words(state, life, now), facts: Array.from(facts(display)), note: note(display, life) };
}

function words(state, life, now) {
  if (state === "live") return { word: "live", long: "live" };
  if (state === "stale") return { word: "no bus", long: "no bus: what it shows now is not known" };
  const since = life.since === null ? "" : ` ${duration(now - life.since)}`;
  return { word: `lost${since}`, long: `lost: ${life.lost}` };
}

function* facts(display) {
  const state = display.state.get("state");
  if (state) {
    yield ["page", (state.page ?? "none") + (state.page_mode === "manual" ? " (held)" : "")];
    if (state.notification !== null) yield ["notification", state.notification];
    const mode = state.brightness_mode === "manual" ? " (manual)" : "";
    yield ["brightness", state.power === "off" ? "off" : `${state.brightness}/15${mode}`];
  }
  const info = display.state.get("info");
  if (info) {
    yield ["size", `${info.width}×${info.height}`];
    yield ["driver", info.driver];
  }
}

function note(display, life) {
  const health = display.state.get("health");
  const words = [];
  if (display.state.has("frame") && display.state.get("frame") === null) words.push("its frame cannot be read");
  if (!display.state.has("frame")) words.push("it publishes no frame (FRAME_HZ=0)");
  if (health?.spi_errors) words.push(`${health.spi_errors} SPI errors`);
  if (life.skew !== null) {
    const side = life.skew > 0 ? "ahead of" : "behind";
    words.push(`its clock is ${duration(Math.abs(life.skew))} ${side} this device's`);
  }
  return words.join("; ");
}

/** How bright its lamps are drawn, 0–15; what is not known is drawn as the renderer's default. */
export function brightness(display) {
  return display.state.get("state")?.brightness ?? 4;
}

/** The displays in the order they are shown: those of a wall together, in its order, then the others by name. */
export function ordered(board) {
  return Array.from(board.displays.values()).toSorted((one, other) => compare(rank(one), rank(other)));
}

function rank(display) {
  const wall = display.state.get("info")?.wall;
  return wall ? [0, wall.name, wall.y, wall.x, display.name] : [1, "", 0, 0, display.name];
}

const natural = new Intl.Collator("en", { numeric: true });

function compare(one, other) {
  for (const [index, part] of one.entries()) {
    const order = typeof part === "number" ? part - other[index] : natural.compare(part, other[index]);
    if (order !== 0) return order;
  }
  return 0;
}
