import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { CHANNELS, SCHEMAS } from "../src/core/contract.js";
import { decode, MAX_PAYLOAD } from "../src/core/payloads.js";
import { displayState, json, utf8 } from "./support.js";

const asyncapi = JSON.parse(readFileSync(new URL("../../../docs/asyncapi.json", import.meta.url), "utf8"));

test("every example of the contract is read as it stands", () => {
  let read = 0;
  for (const [channel, row] of Object.entries(CHANNELS)) {
    if (!row.schema) continue;
    const message = asyncapi.components.messages[row.schema + (row.many ? "List" : "")];
    for (const { payload } of message.examples) {
      assert.deepEqual(decode(channel, json(payload)), payload, channel);
      read += 1;
    }
  }
  assert.ok(read > 20);
});

test("the contract uses no rule of JSON Schema that is not checked here", () => {
  const known = new Set(
    "$ref anyOf enum type pattern minimum maximum exclusiveMinimum items properties required".split(" "),
  );
  const harmless = new Set(["default", "minLength", "maxLength", "minItems", "maxItems", "additionalProperties"]);
  const seen = new Set();
  const walk = (schema) => {
    for (const [rule, value] of Object.entries(schema)) {
      seen.add(rule);
      if (rule === "properties") Object.values(value).map(walk);
      else if (rule === "anyOf") value.map(walk);
      else if (rule === "items") walk(value);
    }
  };
  Object.values(SCHEMAS).map(walk);
  assert.deepEqual(
    [...seen].filter((rule) => !known.has(rule) && !harmless.has(rule)),
    [],
  );
});

test("fields that nobody knows are ignored", () => {
  assert.equal(decode("display_state", json({ ...displayState(), mood: "red" })).page, "calls");
});

const faults = [
  ["a text for a number", { ...displayState(), brightness: "4" }, /\$\.brightness: is no integer/],
  ["a number that is too large", { ...displayState(), brightness: 16 }, /\$\.brightness: 16 is out of range/],
  ["a word that is not allowed", { ...displayState(), power: "maybe" }, /\$\.power: allowed: off, on/],
  ["a missing field", { power: "on" }, /\$\.brightness: is missing/],
  ["a list for an object", [], /\$: is no object/],
  ["null", null, /\$: is no object/],
];
for (const [what, value, message] of faults) {
  test(`${what} is refused by the field's name`, () => {
    assert.throws(() => decode("display_state", json(value)), { name: "RangeError", message });
  });
}

test("a field that is inherited is missing all the same", () => {
  assert.throws(() => decode("display_state", utf8('{"__proto__": {"power": "on"}}')), /is missing/);
});

for (const [what, bytes, message] of [
  ["half a JSON", utf8('{"power":'), /is not JSON/],
  ["no UTF-8", Uint8Array.of(0x22, 0xff, 0x22), /is not UTF-8/],
  ["too much", new Uint8Array(MAX_PAYLOAD + 1), /bytes; at most/],
]) {
  test(`${what} is refused`, () =>
    assert.throws(() => decode("display_state", bytes), { name: "RangeError", message }));
}

test("a plain payload is one of its words", () => {
  assert.equal(decode("display_availability", utf8("online")), "online");
  assert.throws(() => decode("display_availability", utf8("perhaps")), /allowed: online, offline/);
});
