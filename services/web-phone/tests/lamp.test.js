import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeName, Lamp, LOST_AFTER } from "../src/core/lamp.js";

const NOW = Date.parse("2026-11-26T02:00:00.000Z");
const at = (ms) => new Date(NOW - ms).toISOString();

/** A lamp that is told of a switch that lives, and of these besides. */
function told(more = {}, { up = true, extension = "1000" } = {}) {
  const lamp = new Lamp("main", extension, ["support@default"]);
  lamp.link(up);
  const topics = {
    "switch/main/availability": "online",
    "switch/main/info": { esl: "connected" },
    "switch/main/health": { at: at(1_000) },
    "switch/main/extension/1000": { state: "idle", registered: true },
    ...more,
  };
  for (const [topic, value] of Object.entries(topics)) {
    lamp.receive(topic, typeof value === "string" ? value : JSON.stringify(value), NOW);
  }
  return lamp.view(NOW);
}

test("the lamp says what the extension does", () => {
  for (const [state, word] of [
    ["idle", "lampIdle"],
    ["ringing", "lampRinging"],
    ["active", "lampActive"],
    ["held", "lampHeld"],
    ["waiting", "lampWaiting"],
  ]) {
    assert.equal(told({ "switch/main/extension/1000": { state, registered: true } }).word, word);
  }
  assert.equal(told({ "switch/main/extension/1000": { state: "idle", registered: false } }).word, "lampOff");
  assert.equal(told({ "switch/main/extension/1000": { state: "active", registered: false } }).word, "lampActive");
});

test("what is not known is not shown as something else", () => {
  for (const value of ["", "{", "5", "null", { state: "toString" }, { state: 5 }]) {
    assert.equal(told({ "switch/main/extension/1000": value }).word, "lampUnknown", JSON.stringify(value));
  }
});

test("a switch that is lost has dark lamps, and no numbers", () => {
  const queue = { "switch/main/queue/support@default": { waiting: 2, longest_wait_since: null } };
  for (const [topic, value] of [
    ["switch/main/availability", "offline"],
    ["switch/main/availability", ""],
    ["switch/main/health", { at: at(LOST_AFTER + 1) }],
    ["switch/main/health", "nonsense"],
    ["switch/main/info", { esl: "lost" }],
  ]) {
    const view = told({ ...queue, [topic]: value });
    assert.deepEqual([view.trouble, view.word, view.queues], ["noPbx", "lampUnknown", []], topic);
  }
  assert.equal(told({}, { up: false }).trouble, "noBus");
});

test("a publisher that is no longer heard is lost, whatever this device's clock says", () => {
  const lamp = new Lamp("main", "1000", []);
  lamp.link(true);
  const future = JSON.stringify({ at: at(-600_000) });
  for (const [topic, text] of [
    ["availability", "online"],
    ["info", '{"esl": "connected"}'],
    ["health", future],
  ]) {
    lamp.receive(`switch/main/${topic}`, text, NOW);
  }
  assert.equal(lamp.view(NOW + LOST_AFTER).trouble, null);
  assert.equal(lamp.view(NOW + LOST_AFTER + 1).trouble, "noPbx");
});

test("queues count from the instant on the bus", () => {
  const queue = { waiting: 2, longest_wait_since: at(45_000) };
  assert.deepEqual(told({ "switch/main/queue/support@default": queue }).queues, [
    { name: "support@default", waiting: 2, longest: 45_000 },
  ]);
  assert.deepEqual(told({ "switch/main/queue/support@default": { waiting: "many" } }).queues, []);
});

test("a reconnection forgets what was there before", () => {
  const lamp = new Lamp("main", "1000", []);
  lamp.link(true);
  lamp.receive("switch/main/extension/1000", '{"state": "active"}', NOW);
  lamp.link(false);
  lamp.link(true);
  assert.equal(lamp.view(NOW).word, "lampUnknown");
});

test("names are spelled as the bus spells them", () => {
  assert.equal(encodeName("a/b+c#d$e%f\u0001"), "a%2Fb%2Bc%23d%24e%25f%01");
  assert.deepEqual(new Lamp("haupt/1", "1000@x", ["q$&"]).topics.slice(3), [
    "switch/haupt%2F1/extension/1000@x",
    "switch/haupt%2F1/queue/q%24&",
  ]);
});
