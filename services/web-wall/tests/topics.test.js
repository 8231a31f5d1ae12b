import assert from "node:assert/strict";
import { test } from "node:test";
import { CHANNELS } from "../src/core/contract.js";
import { decodeName, encodeName, filterOf, match, topicOf } from "../src/core/topics.js";

const names = ["1000", "support@default", "a/b", "100%", "+49#1", "$SYS", "Ärger ☎", "%2F", "\u0085"];

for (const name of names) {
  test(`the name ${JSON.stringify(name)} survives being a topic level`, () => {
    assert.equal(decodeName(encodeName(name)), name);
    assert.doesNotMatch(encodeName(name), /[/+#$]/);
  });
}

for (const level of ["", "a/b", "%2f", "%41", "%", "%FF", "+", "#", "a\u0000b"]) {
  test(`the level ${JSON.stringify(level)} is of no name`, () => assert.equal(decodeName(level), null));
}

for (const name of ["", "\ud800", "x".repeat(1025)]) {
  test(`no topic can carry the name ${JSON.stringify(name.slice(0, 8))}`, () => {
    assert.throws(() => encodeName(name), RangeError);
  });
}

test("every channel's topics are found again, with their names", () => {
  for (const [channel, row] of Object.entries(CHANNELS)) {
    const given = (row.address.match(/\{/g) ?? []).map((_, index) => `n/${index}`);
    assert.deepEqual(match(topicOf(channel, ...given)), { channel, names: given });
  }
});

test("what is not of the table is not found", () => {
  for (const topic of ["", "display", "display/hall", "display/hall/frame/x", "display//frame", "x/hall/frame"]) {
    assert.equal(match(topic), null, topic);
  }
});

test("a filter frees every name", () => assert.equal(filterOf("switch_call"), "switch/+/call/+"));
