import assert from "node:assert/strict";
import { test } from "node:test";
import { Board } from "../src/core/board.js";
import { DARK, GREY, LIT, NONE } from "../src/core/picture.js";
import { arranged, MAX_PLACES, wallCaption, wallPicture } from "../src/core/walls.js";
import { displayHealth, displayInfo, displayState, json, NOW, utf8 } from "./support.js";

const up = { up: true };
const DIM = LIT + 4;

/** Displays of 2×1 by name → where they hang, and what is otherwise than usual. */
function board(displays) {
  const made = new Board();
  for (const [name, { x = 0, y = 0, wall = {}, frame = "#.\n", seen = NOW, state = {} }] of Object.entries(displays)) {
    const place = wall && { name: "w", width: 4, height: 1, x, y, ...wall };
    made.receive(`display/${name}/availability`, utf8("online"), NOW);
    made.receive(`display/${name}/info`, json(displayInfo({ width: 2, height: 1, wall: place })), NOW);
    made.receive(`display/${name}/state`, json(displayState(state)), NOW);
    made.receive(`display/${name}/health`, json(displayHealth(seen)), NOW, true);
    if (frame) made.receive(`display/${name}/frame`, utf8(frame), NOW);
  }
  return made;
}

const names = ({ walls, alone }) => [
  walls.map(({ tiles }) => tiles.map(({ name }) => name)),
  alone.map(({ name }) => name),
];
const cells = (made, link = up) => [...wallPicture(arranged(made).walls[0], link, NOW).cells];

test("tiles of a wall are one, in its order; the others stand alone", () => {
  assert.deepEqual(names(arranged(board({ a: { x: 2 }, z: { x: 0 }, hall: { wall: null } }))), [
    [["z", "a"]],
    ["hall"],
  ]);
});

test("a single tile, tiles of other sizes, and a place that no wall has, are not joined", () => {
  assert.deepEqual(names(arranged(board({ a: {}, b: { wall: null } }))), [[], ["a", "b"]]);
  assert.deepEqual(names(arranged(board({ a: {}, b: { x: 2, wall: { width: 6 } } }))), [[], ["a", "b"]]);
  assert.deepEqual(names(arranged(board({ a: {}, b: { x: 4 } }))), [[], ["a", "b"]]);
  const huge = { width: MAX_PLACES, height: 2 };
  assert.deepEqual(names(arranged(board({ a: { wall: huge }, b: { wall: huge, x: 2 } }))), [[], ["a", "b"]]);
});

test("frames stand where their displays hang, each as bright as it is", () => {
  assert.deepEqual(cells(board({ a: {}, b: { x: 2, frame: ".#\n", state: { brightness: 9 } } })), [
    DIM,
    DARK,
    DARK,
    LIT + 9,
  ]);
});

test("where none hangs there is no lamp", () => {
  const wall = { width: 6 };
  assert.deepEqual(cells(board({ a: { wall }, b: { x: 4, wall } })), [DIM, DARK, NONE, NONE, DIM, DARK]);
});

test("a lost tile is grey and the others are not; without the broker all are", () => {
  const made = board({ a: {}, b: { x: 2, seen: NOW - 60_000 } });
  assert.deepEqual(cells(made), [DIM, DARK, DIM + GREY, DARK + GREY]);
  assert.deepEqual(cells(made, { up: false }), [DIM + GREY, DARK + GREY, DIM + GREY, DARK + GREY]);
});

test("a lost one that hung in the same place covers no live one", () => {
  const made = board({ a: {}, b: { x: 2 }, c: { x: 2, frame: "##\n", seen: NOW - 60_000 } });
  assert.deepEqual(cells(made), [DIM, DARK, DIM, DARK]);
});

test("a tile without a frame that can be read is dark lamps that are not believed", () => {
  assert.deepEqual(cells(board({ a: {}, b: { x: 2, frame: "?\n" } })).slice(2), [DARK + GREY, DARK + GREY]);
  assert.deepEqual(cells(board({ a: {}, b: { x: 2, frame: "" } })).slice(2), [DARK + GREY, DARK + GREY]);
});

test("a wall says what its displays have in common, and how many of them live", () => {
  const told = (displays, link = up) => wallCaption(arranged(board(displays)).walls[0], link, NOW);
  const whole = told({ a: {}, b: { x: 2 } });
  assert.deepEqual([whole.state, whole.word, whole.note], ["live", "live", ""]);
  assert.deepEqual(whole.facts, [
    ["page", "calls"],
    ["brightness", "4/15"],
    ["size", "4×1"],
  ]);
  const half = told({ a: {}, b: { x: 2, seen: NOW - 60_000, state: { page: "clock" } } });
  assert.deepEqual([half.state, half.word, half.long], ["partly", "1 of 2 live", "lost: b"]);
  assert.deepEqual(half.facts[0], ["page", "calls"]);
  assert.deepEqual(
    half.tiles.map(({ name, state, x, y }) => [name, state, x, y]),
    [
      ["a", "live", 0.25, 0.5],
      ["b", "lost", 0.75, 0.5],
    ],
  );
  assert.deepEqual(told({ a: {}, b: { x: 2, state: { page: "clock" } } }).facts[0], ["page", "differs"]);
  assert.equal(told({ a: { seen: NOW - 60_000 }, b: { x: 2, seen: NOW - 60_000 } }).state, "lost");
  assert.equal(told({ a: {}, b: { x: 2 } }, { up: false }).word, "no bus");
  assert.match(told({ a: {}, b: { x: 2, frame: "?" } }).note, /^b: its frame cannot be read$/);
});
