import assert from "node:assert/strict";
import { test } from "node:test";
import { Board, KEPT, MAX_DISPLAYS } from "../src/core/board.js";
import { CHANNELS } from "../src/core/contract.js";
import { displayHealth, displayState, json, NOW, utf8 } from "./support.js";

const nothing = utf8("");

test("a display is there as soon as anything retained tells of it", () => {
  const board = new Board();
  assert.deepEqual(board.receive("display/hall/state", json(displayState()), NOW), {
    kind: "display",
    name: "hall",
    part: "state",
  });
  assert.equal(board.displays.get("hall").state.get("state").page, "calls");
});

test("it is gone when everything of it is deleted", () => {
  const board = new Board();
  board.receive("display/hall/state", json(displayState()), NOW);
  board.receive("display/hall/frame", utf8("#\n"), NOW);
  board.receive("display/hall/state", nothing, NOW);
  assert.equal(board.displays.size, 1);
  board.receive("display/hall/frame", nothing, NOW);
  assert.equal(board.displays.size, 0);
});

test("a deletion makes nothing", () => {
  const board = new Board();
  board.receive("display/hall/state", nothing, NOW);
  assert.equal(board.displays.size, 0);
});

test("what cannot be read takes the place of what was there", () => {
  const board = new Board();
  board.receive("display/hall/frame", utf8("#\n"), NOW);
  board.receive("display/hall/frame", utf8("#\n##\n"), NOW);
  assert.equal(board.displays.get("hall").state.get("frame"), null);
  assert.match(board.faults.get("display/hall/frame"), /length/);
  board.receive("display/hall/frame", utf8(".\n"), NOW);
  assert.equal(board.faults.size, 0);
});

test("calls, queues and the like are kept by their names, decoded", () => {
  const board = new Board();
  board.receive("switch/main/parking/lot%2F1", json({ parked: 1, longest_since: "2026-11-22T23:11:41.020Z" }), NOW);
  assert.deepEqual([...board.switches.get("main").things.get("parking").keys()], ["lot/1"]);
});

test("names that an object has already are names like any other", () => {
  const board = new Board();
  for (const name of ["__proto__", "constructor", "toString"]) {
    board.receive(`display/${name}/frame`, utf8("#\n"), NOW);
    assert.equal(board.displays.get(name).state.get("frame").width, 1);
  }
});

test("events and commands are not kept", () => {
  const kept = new Set(KEPT);
  for (const [name, row] of Object.entries(CHANNELS)) if (!row.retained) assert.ok(!kept.has(name), name);
  assert.equal(new Board().receive("display/hall/cmd/text", utf8("hello"), NOW), null);
});

test("whether a health was heard live is kept with when", () => {
  const board = new Board();
  board.receive("display/hall/health", json(displayHealth()), NOW, true);
  assert.deepEqual(board.displays.get("hall").heard, { at: NOW, live: false });
  board.receive("display/hall/health", json(displayHealth()), NOW + 5, false);
  assert.deepEqual(board.displays.get("hall").heard, { at: NOW + 5, live: true });
});

test("more displays than are kept are left out, and the board says so", () => {
  const board = new Board();
  for (let index = 0; index <= MAX_DISPLAYS; index += 1) board.receive(`display/d${index}/frame`, utf8("#\n"), NOW);
  assert.equal(board.displays.size, MAX_DISPLAYS);
  assert.equal(board.overflown, true);
});
