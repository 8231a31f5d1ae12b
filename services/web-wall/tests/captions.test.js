import assert from "node:assert/strict";
import { test } from "node:test";
import { Board } from "../src/core/board.js";
import { brightness, caption, ordered } from "../src/core/captions.js";
import { displayHealth, displayInfo, displayState, json, NOW, utf8 } from "./support.js";

const up = { up: true };

function hall(state = {}, health = {}) {
  const board = new Board();
  board.receive("display/hall/availability", utf8("online"), NOW);
  board.receive("display/hall/info", json(displayInfo()), NOW);
  board.receive("display/hall/state", json(displayState(state)), NOW);
  board.receive("display/hall/health", json({ ...displayHealth(), ...health }), NOW);
  board.receive("display/hall/frame", utf8("#\n"), NOW);
  return { board, display: board.displays.get("hall") };
}

test("a live display says its page, brightness, size and driver", () => {
  const told = caption(hall().display, up, NOW);
  assert.deepEqual([told.state, told.word, told.note], ["live", "live", ""]);
  assert.deepEqual(told.facts, [
    ["page", "calls"],
    ["brightness", "4/15"],
    ["size", "32×8"],
    ["driver", "none"],
  ]);
});

test("what a person set, a notification and darkness are told", () => {
  const state = { page: null, page_mode: "manual", brightness_mode: "manual", notification: "lunch" };
  assert.deepEqual(caption(hall(state).display, up, NOW).facts.slice(0, 3), [
    ["page", "none (held)"],
    ["notification", "lunch"],
    ["brightness", "4/15 (manual)"],
  ]);
  assert.deepEqual(caption(hall({ power: "off" }).display, up, NOW).facts[1], ["brightness", "off"]);
});

test("a lost display says for how long", () => {
  const told = caption(hall().display, up, NOW + 83_000);
  assert.deepEqual([told.state, told.word, told.long], ["lost", "lost 1:23", "lost: is silent"]);
});

test("without the broker nothing is known, however fresh it looks", () => {
  assert.equal(caption(hall().display, { up: false }, NOW).state, "stale");
});

test("a frame that is missing or cannot be read, SPI errors and clocks are worth a note", () => {
  const { board, display } = hall({}, { spi_errors: 3 });
  assert.match(caption(display, up, NOW).note, /3 SPI errors/);
  board.receive("display/hall/frame", utf8("?"), NOW);
  assert.match(caption(display, up, NOW).note, /cannot be read/);
  board.receive("display/hall/frame", utf8(""), NOW);
  assert.match(caption(display, up, NOW).note, /no frame/);
  board.receive("display/hall/health", json(displayHealth(NOW - 20_000)), NOW);
  assert.match(caption(display, up, NOW).note, /clock is 0:20 behind/);
});

test("brightness is the display's own", () => {
  assert.equal(brightness(hall({ brightness: 15 }).display), 15);
  assert.equal(brightness({ state: new Map() }), 4);
});

test("tiles of a wall stand together in its order, others follow by name", () => {
  const board = new Board();
  const wall = (x, y) => ({ name: "w", width: 64, height: 16, x, y });
  for (const [name, place] of [
    ["d10", null],
    ["d9", null],
    ["z", wall(0, 0)],
    ["a", wall(32, 0)],
    ["m", wall(0, 8)],
  ]) {
    board.receive(`display/${name}/info`, json(displayInfo({ wall: place })), NOW);
  }
  assert.deepEqual(
    ordered(board).map(({ name }) => name),
    ["z", "a", "m", "d9", "d10"],
  );
});
