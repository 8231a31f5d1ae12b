import assert from "node:assert/strict";
import { test } from "node:test";
import { AUTO_ANSWER, Desk, isExtension, REMEMBERED, SILENT } from "../src/core/desk.js";

const PARTY = { number: "1001", name: "Ada" };
const INVITE = { type: "invite", party: PARTY };

function played(...inputs) {
  const desk = new Desk();
  const effects = inputs.flatMap((input, index) => desk.receive(input, index * 1_000));
  return { desk, effects };
}

const TO_TALKING = [INVITE, { type: "answer" }, { type: "accepted" }];

test("it rings, is answered, is talked, and ends", () => {
  const { desk, effects } = played(...TO_TALKING, { type: "bye" });
  assert.deepEqual(effects, [["ring"], ["quiet"], ["answer", false], ["release"]]);
  assert.deepEqual([desk.state, desk.outcome], ["over", "ended"]);
  assert.deepEqual(desk.calls, [{ party: PARTY, outcome: "ended", at: 3_000, seconds: 1 }]);
});

test("declining is 603, and a caller who gives up was missed", () => {
  assert.deepEqual(played(INVITE, { type: "decline" }).effects.slice(1), [["quiet"], ["refuse", 603], ["release"]]);
  const { desk } = played(INVITE, { type: "cancelled" });
  assert.deepEqual([desk.outcome, desk.calls[0].seconds], ["missed", null]);
});

test("a second caller meets busy and is remembered, and the first call is not touched", () => {
  const { desk, effects } = played(...TO_TALKING, { type: "invite", party: { number: "1002", name: "" } });
  assert.deepEqual(effects.at(-1), ["refuseOther", 486]);
  assert.deepEqual([desk.state, desk.party, desk.calls[0].outcome], ["talking", PARTY, "missed"]);
});

test("it answers by itself only where that was asked for, after a second, with a beep", () => {
  const { desk } = played(INVITE);
  assert.equal(desk.due(), null);
  desk.receive({ type: "autoAnswer", on: true }, 500);
  assert.deepEqual(desk.tick(AUTO_ANSWER - 1), []);
  assert.deepEqual(desk.tick(AUTO_ANSWER), [["quiet"], ["answer", true]]);
});

test("without a microphone the caller is not kept waiting", () => {
  const { desk, effects } = played(INVITE, { type: "answer" }, { type: "noMicrophone", name: "NotFoundError" });
  assert.deepEqual(effects.slice(-2), [["refuse", 480], ["release"]]);
  assert.equal(desk.outcome, "nomicrophone");
});

test("hold is what the server agreed to, and one at a time", () => {
  const { desk } = played(...TO_TALKING);
  assert.deepEqual(desk.receive({ type: "hold", on: true }, 4_000), [["hold", true]]);
  assert.deepEqual(desk.receive({ type: "hold", on: true }, 4_001), []);
  assert.equal(desk.held, false);
  desk.receive({ type: "held", on: true }, 4_100);
  assert.equal(desk.held, true);
  assert.deepEqual(desk.receive({ type: "hold", on: false }, 5_000), [["hold", false]]);
});

test("a call that the other side has no more is hung up, and one that it did not move is kept", () => {
  const { desk } = played(...TO_TALKING);
  assert.deepEqual(desk.receive({ type: "restarted", why: "SIP 488" }, 4_000), []);
  assert.deepEqual([desk.state, desk.unmoved], ["talking", "SIP 488"]);
  assert.deepEqual(desk.receive({ type: "gone", status: 481 }, 5_000), [["bye"], ["release"]]);
  assert.deepEqual([desk.outcome, desk.detail, desk.unmoved], ["lost", "SIP 481", null]);
});

test("a transfer goes to an extension, once, and a failed one leaves the call where it is", () => {
  const { desk } = played(...TO_TALKING);
  assert.deepEqual(desk.receive({ type: "transfer", to: "1002@evil;x" }, 4_000), []);
  assert.deepEqual(desk.receive({ type: "transfer", to: "1002" }, 4_000), [["refer", "1002"]]);
  assert.deepEqual(desk.receive({ type: "transfer", to: "1003" }, 4_001), []);
  desk.receive({ type: "notTransferred", detail: "SIP 404" }, 5_000);
  assert.deepEqual([desk.state, desk.transfer], ["talking", { to: "1002", state: "failed", detail: "SIP 404" }]);
  desk.receive({ type: "transfer", to: "1003" }, 6_000);
  assert.deepEqual(desk.receive({ type: "transferred" }, 7_000), [["bye"], ["release"]]);
  assert.deepEqual([desk.outcome, desk.transfer.to], ["transferred", "1003"]);
});

test("a server that says BYE right after the REFER has transferred", () => {
  const { desk } = played(...TO_TALKING, { type: "transfer", to: "1002" }, { type: "bye" });
  assert.equal(desk.outcome, "transferred");
});

test("a call in which no sound comes is lost after a while, and not before", () => {
  const { desk } = played(...TO_TALKING, { type: "media", flowing: false, dead: true });
  assert.deepEqual(desk.tick(3_000 + SILENT - 1), []);
  desk.receive({ type: "media", flowing: true }, 9_000);
  assert.equal(desk.due(), null);
  desk.receive({ type: "media", flowing: false }, 10_000);
  assert.deepEqual(desk.tick(10_000 + SILENT), [["bye"], ["release"]]);
  assert.equal(desk.outcome, "lost");
});

test("only so many calls are remembered", () => {
  const { desk } = played(...Array.from({ length: REMEMBERED + 5 }, () => [INVITE, { type: "decline" }]).flat());
  assert.equal(desk.calls.length, REMEMBERED);
});

test("what comes after a call's end changes nothing", () => {
  const { desk } = played(...TO_TALKING, { type: "hangup" });
  for (const type of ["bye", "accepted", "hold", "mute", "media", "cancelled"]) {
    assert.deepEqual(desk.receive({ type }, 9_000), [], type);
  }
  assert.throws(() => desk.receive({ type: "typo" }, 0), RangeError);
});

test("what an extension may be called", () => {
  assert.deepEqual(["1000", "a.b_c-d", "", "1 0", "1000@x", "a".repeat(65)].map(isExtension), [
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});
