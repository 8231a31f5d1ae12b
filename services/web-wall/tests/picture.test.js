import assert from "node:assert/strict";
import { test } from "node:test";
import { parseFrame } from "../src/core/frame.js";
import { DARK, GREY, LIT, paint, picture, values } from "../src/core/picture.js";
import { utf8 } from "./support.js";

test("a lamp is dark or lit as brightly as its display", () => {
  assert.deepEqual([...picture(parseFrame(utf8("#.\n.#\n")), 15, true).cells], [LIT + 15, DARK, DARK, LIT + 15]);
  assert.equal(picture(parseFrame(utf8("#\n")), 0, true).cells[0], LIT);
});

test("no value of one brightness is one of another, nor of what is not believed", () => {
  const all = Array.from({ length: 16 }, (_, level) => [...values(level, true), ...values(level, false)]);
  assert.equal(new Set(all.flat()).size, 2 * 16 + 2);
});

test("what is not believed is grey, dark lamps too", () => {
  assert.deepEqual([...picture(parseFrame(utf8("#.\n")), 4, false).cells], [LIT + 4 + GREY, DARK + GREY]);
});

test("without a frame there is no picture", () => {
  assert.equal(picture(null, 4, true), null);
  assert.equal(picture(undefined, 4, true), null);
});

test("what is laid over an edge is cut off there", () => {
  const whole = { width: 3, height: 2, cells: new Uint8Array(6) };
  paint(whole, parseFrame(utf8("##\n##\n##\n")), 2, 1, [1, 9]);
  assert.deepEqual([...whole.cells], [0, 0, 0, 0, 0, 9]);
});
