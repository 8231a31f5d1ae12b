import assert from "node:assert/strict";
import { test } from "node:test";
import { arrangement, columns } from "../src/core/layout.js";

test("one display is as large as the window", () => {
  assert.deepEqual(columns(1, 4, 1200, 700, 24), { columns: 1, wide: 1200 });
});

test("few stand below each other where that makes them larger", () => {
  assert.equal(columns(3, 8, 1200, 900, 24).columns, 1);
  assert.equal(columns(4, 4, 1200, 500, 24).columns, 2);
});

test("many are all in sight where they can be", () => {
  const { columns: found, wide } = columns(50, 4, 1880, 1000, 24);
  assert.ok(Math.ceil(50 / found) * (wide / 4 + 56 + 24) <= 1000 + 24 + 1);
});

test("where they cannot they stay readable", () => {
  assert.deepEqual(columns(50, 4, 360, 700, 24), { columns: 1, wide: 360 });
  assert.ok(columns(200, 4, 1880, 900, 24).wide >= 200);
});

test("no display and no room make no column of nothing", () => {
  assert.equal(columns(0, 4, 1200, 700, 24).columns, 1);
  assert.equal(columns(3, 4, 100, 50, 24).columns, 1);
});

test("a wall is as wide as the window, and the others have what is left", () => {
  const { walls, wide } = arrangement([16], 4, 4, 1600, 900, 24);
  assert.deepEqual(walls, [1600]);
  assert.ok(1600 / 16 + 56 + 24 + 2 * (wide / 4 + 56 + 24) <= 900 + 24 + 1);
});

test("a square wall leaves room for the others, and is no smaller than a card", () => {
  const { walls } = arrangement([1], 4, 4, 1600, 900, 24);
  assert.ok(walls[0] < 450);
  assert.equal(arrangement([1, 1, 1], 4, 4, 1600, 300, 24).walls[0], 200);
});

test("without a wall the cards stand as ever", () => {
  const { walls, ...rest } = arrangement([], 12, 4, 1600, 900, 24);
  assert.deepEqual([walls, rest], [[], columns(12, 4, 1600, 900, 24)]);
});
