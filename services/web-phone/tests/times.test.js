import assert from "node:assert/strict";
import { test } from "node:test";
import { duration } from "../src/core/times.js";

test("lengths of time as people read them, never below zero", () => {
  const given = [-5, 0, 7_999, 60_000, 754_000, 3_605_000];
  assert.deepEqual(given.map(duration), ["0:00", "0:00", "0:07", "1:00", "12:34", "1:00:05"]);
});
