import assert from "node:assert/strict";
import { test } from "node:test";
import { KEYS, keyOf } from "../src/core/keys.js";

test("a keyboard's keys are a telephone's where it has them", () => {
  assert.equal(KEYS.length, 12);
  assert.deepEqual(["5", "*", "#", "Enter", "a", ""].map(keyOf), ["5", "*", "#", null, null, null]);
});
