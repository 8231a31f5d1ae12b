import assert from "node:assert/strict";
import { test } from "node:test";
import { age, duration } from "../src/core/times.js";

for (const [ms, words] of [
  [-5_000, "0:00"],
  [7_999, "0:07"],
  [754_000, "12:34"],
  [5_999_000, "99:59"],
  [6_000_000, "1:40 h"],
  [90_000_000, "25:00 h"],
]) {
  test(`${ms} ms are ${words}`, () => assert.equal(duration(ms), words));
}

test("an age counts from the instant, and there is none of nothing", () => {
  assert.equal(age("2026-11-22T23:11:41.020Z", Date.parse("2026-11-22T23:12:41.020Z")), "1:00");
  assert.equal(age(null, 0), "");
});
