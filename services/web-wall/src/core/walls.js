// Displays that are tiles of one wall, joined to one picture, as they hang. Pure.

import { brightness, caption, ordered } from "./captions.js";
import { believed } from "./life.js";
import { paint, values } from "./picture.js";

/** Places of the largest wall that is joined; tiles of a larger one stand alone. */
export const MAX_PLACES = 1 << 18;

/**
 * `{walls, alone}`: walls of two tiles or more as `{name, width, height, tiles}`, and the displays that are in none, in
 * the order in which they are shown. A wall whose tiles do not agree about its size is as many walls.
 */
export function arranged(board) {
  const walls = new Map();
  const alone = [];
  for (const display of ordered(board)) {
    const place = display.state.get("info")?.wall;
    if (!place || !joinable(place)) {
      alone.push(display);
      continue;
    }
    const key = wallKey(place);
    if (!walls.has(key)) {
      walls.set(key, { key, name: place.name, width: place.width, height: place.height, tiles: [] });
    }
    walls.get(key).tiles.push(display);
  }
  const [joined, single] = [[], []];
  for (const wall of walls.values()) (wall.tiles.length > 1 ? joined : single).push(wall);
  return { walls: joined, alone: [...single.flatMap((wall) => wall.tiles), ...alone] };
}

function wallKey({ name, width, height }) {
  return `${width}x${height} ${name}`;
}

function joinable({ width, height, x, y }) {
  return width * height > 0 && width * height <= MAX_PLACES && x < width && y < height;
}

/** A wall's picture at `now`. Where no display hangs there is no LED; one that is lost is grey, and covers no live one. */
export function wallPicture(wall, link, now) {
  const whole = { width: wall.width, height: wall.height, cells: new Uint8Array(wall.width * wall.height) };
  const tiles = wall.tiles.map((display) => ({ display, live: believed(display, link, now) }));
  for (const { display, live } of tiles.toSorted((one, other) => one.live - other.live)) {
    const { info, frame, x, y } = placed(display);
    const seen = frame ?? { width: info.width, height: info.height, pixels: [] };
    paint(whole, seen, x, y, values(brightness(display), live && frame !== null));
  }
  return whole;
}

function placed(display) {
  const info = display.state.get("info");
  return { info, frame: display.state.get("frame") ?? null, x: info.wall.x, y: info.wall.y };
}

/**
 * What stands below a wall's picture, as `captions.caption` tells it of a display, and `tiles`: of each display its name,
 * state, word, and where its middle is, as fractions of the wall.
 */
export function wallCaption(wall, link, now) {
  const told = wall.tiles.map((display) => ({ display, ...caption(display, link, now) }));
  const live = told.filter(({ state }) => state === "live");
  return {
    ...standing(told, live),
    facts: [
      ["page", common(live, "page")],
      ["brightness", common(live, "brightness")],
      ["size", `${wall.width}×${wall.height}`],
    ].filter(([, value]) => value !== null),
    note: told.flatMap(({ display, note }) => (note ? [`${display.name}: ${note}`] : [])).join("; "),
    tiles: told.map(({ display, state, word }) => ({ name: display.name, state, word, ...middle(display, wall) })),
  };
}

function standing(told, live) {
  if (live.length === told.length) return { state: "live", word: "live", long: "live" };
  if (told[0].state === "stale") return { state: "stale", word: told[0].word, long: told[0].long };
  const gone = told.filter(({ state }) => state !== "live").map(({ display }) => display.name);
  const long = `lost: ${gone.join(", ")}`;
  return { state: live.length ? "partly" : "lost", word: `${live.length} of ${told.length} live`, long };
}

/** What all say of a fact; null where nobody says anything. */
function common(told, label) {
  const said = new Set(told.map(({ facts }) => new Map(facts).get(label) ?? null));
  if (said.size === 0) return null;
  return said.size === 1 ? said.values().next().value : "differs";
}

function middle(display, wall) {
  const { info, x, y } = placed(display);
  return { x: (x + info.width / 2) / wall.width, y: (y + info.height / 2) / wall.height };
}
