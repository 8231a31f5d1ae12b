import assert from "node:assert/strict";
import { test } from "node:test";
import { Call } from "../src/core/call.js";
import { callView } from "../src/core/callview.js";

function at(state, more = {}) {
  return Object.assign(new Call(), { state, since: 0, answered: null, seconds: null, ...more });
}

test("each state has a button that does what a person wants there", () => {
  const buttons = ["idle", "asking", "connecting", "ringing", "talking"].map((state) => {
    const { main } = callView(at(state, { answered: 0 }), 0, "en");
    return [main.does, main.label];
  });
  assert.deepEqual(buttons, [
    ["press", "Call"],
    ["hangup", "Cancel"],
    ["hangup", "Cancel"],
    ["hangup", "Cancel"],
    ["hangup", "Hang up"],
  ]);
  assert.equal(callView(at("over", { outcome: "busy" }), 0, "de").main.label, "Noch einmal anrufen");
});

test("the timer counts from the answer, and is nowhere else", () => {
  assert.equal(callView(at("talking", { answered: 1_000 }), 63_500, "en").timer, "1:02");
  assert.equal(callView(at("ringing"), 63_500, "en").timer, "");
});

test("of a call that was talked its length is told; of another what a technician wants to know", () => {
  assert.equal(callView(at("over", { outcome: "ended", seconds: 62 }), 0, "en").note, "You talked for 1:02.");
  assert.equal(callView(at("over", { outcome: "busy", detail: "SIP 486" }), 0, "en").note, "SIP 486");
  assert.equal(callView(at("over", { outcome: "cancelled" }), 0, "en").note, "");
});

test("that the other side did not follow to another network is told until it did", () => {
  const call = at("talking", { answered: 0 });
  call.receive({ type: "restarted", why: "SIP 488" }, 0);
  assert.match(callView(call, 0, "en").note, /did not take up your new connection \(SIP 488\)/);
  assert.equal(callView(call, 0, "en").status, "You are talking.");
  call.receive({ type: "restarted", why: null }, 0);
  assert.equal(callView(call, 0, "en").note, "");
});

test("who is muted or hears nothing is told so", () => {
  assert.match(callView(at("talking", { answered: 0, muted: true }), 0, "en").status, /muted/);
  const call = at("talking", { answered: 0 });
  call.receive({ type: "media", flowing: false }, 0);
  assert.match(callView(call, 0, "en").status, /No sound/);
  const unheard = at("talking", { answered: 0 });
  unheard.receive({ type: "unheard", name: "NotFoundError" }, 0);
  assert.match(callView(unheard, 0, "en").status, /Nobody hears you: your microphone is gone/);
  assert.match(callView(unheard, 0, "de").status, /Niemand hört Sie: Ihr Mikrofon ist weg/);
  unheard.receive({ type: "unheard", name: null }, 0);
  assert.equal(callView(unheard, 0, "en").status, "You are talking.");
});
