import assert from "node:assert/strict";
import { test } from "node:test";
import { displayHash, placeOf, wallHash } from "../src/core/places.js";

test("an address is a view", () => {
  assert.deepEqual(placeOf(""), { view: "wall" });
  assert.deepEqual(placeOf("#switch"), { view: "switch" });
  assert.deepEqual(placeOf("#wall"), { view: "wall" });
  assert.deepEqual(placeOf("#<script>"), { view: "wall" });
  assert.deepEqual(placeOf("#constructor/x"), { view: "wall" });
  assert.deepEqual(placeOf("#display/%E0%A4%A"), { view: "wall" });
});

for (const name of ["hall", "a/b", "100 %", "#1", "☎"]) {
  test(`the display and the wall ${name} are found by their address`, () => {
    assert.deepEqual(placeOf(displayHash(name)), { view: "display", name });
    assert.deepEqual(placeOf(wallHash(name)), { view: "joined", name });
  });
}
