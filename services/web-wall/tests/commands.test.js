import assert from "node:assert/strict";
import { test } from "node:test";
import { Board } from "../src/core/board.js";
import { ANSWER_WITHIN, command, expected, groups, Outcomes, REMEMBERED } from "../src/core/commands.js";
import { displayInfo, json, NOW } from "./support.js";

const board = new Board();
board.receive("display/hall/info", json(displayInfo({ groups: ["all", "floor"] })), NOW);
board.receive("display/door/info", json(displayInfo()), NOW);
board.receive("display/new/frame", new TextEncoder().encode("#\n"), NOW);

test("what is empty is left out, what is 0 is not", () => {
  const { topic, payload } = command(
    { kind: "display", name: "a/b" },
    "notify",
    { text: "hi", seconds: null, repeat: 0 },
    "t",
  );
  assert.equal(topic, "display/a%2Fb/cmd/notify");
  assert.deepEqual(JSON.parse(payload), { text: "hi", repeat: 0, transaction: "t" });
});

test("every display of a group is expected to answer", () => {
  assert.deepEqual(expected({ kind: "group", name: "floor" }, board), ["hall"]);
  assert.deepEqual(expected({ kind: "group", name: "all" }, board), ["hall", "door", "new"]);
  assert.deepEqual(expected({ kind: "display", name: "door" }, board), ["door"]);
  assert.deepEqual(groups(board), ["all", "floor"]);
});

test("each display's answer stands where it belongs", () => {
  const outcomes = new Outcomes();
  outcomes.begin("t1", "hi", ["hall", "door"], NOW);
  const [entry] = outcomes.sent;
  assert.deepEqual(outcomes.answers(entry), [
    ["hall", "waiting", "…"],
    ["door", "waiting", "…"],
  ]);
  assert.equal(outcomes.receive("hall", { transaction: "t1", ok: true }), true);
  assert.equal(outcomes.due(), NOW + ANSWER_WITHIN);
  outcomes.receive("door", { transaction: "t1", ok: false, field: "seconds", error: "too long" });
  assert.equal(outcomes.due(), null);
  assert.deepEqual(outcomes.answers(entry), [
    ["hall", "done", "done"],
    ["door", "refused", "refused (seconds): too long"],
  ]);
});

test("somebody else's result answers nothing", () => {
  const outcomes = new Outcomes();
  outcomes.begin("t1", "hi", ["hall"], NOW);
  assert.equal(outcomes.receive("hall", { transaction: null, ok: true }), false);
  assert.equal(outcomes.receive("hall", { transaction: "t2", ok: true }), false);
});

test("who does not answer in time is said to be silent, and heard all the same when it does", () => {
  const outcomes = new Outcomes();
  outcomes.begin("t1", "hi", ["hall"], NOW);
  assert.equal(outcomes.tick(NOW + ANSWER_WITHIN - 1), false);
  assert.equal(outcomes.tick(NOW + ANSWER_WITHIN), true);
  assert.deepEqual(outcomes.answers(outcomes.sent[0]), [["hall", "silent", "no answer"]]);
  outcomes.receive("hall", { transaction: "t1", ok: true });
  assert.deepEqual(outcomes.answers(outcomes.sent[0]), [["hall", "done", "done"]]);
});

test("what was not sent, and what nobody is there for, says so", () => {
  const outcomes = new Outcomes();
  outcomes.begin("t1", "hi", ["hall"], NOW);
  outcomes.fail("t1", "the broker is gone");
  outcomes.begin("t2", "hi", [], NOW);
  assert.deepEqual(outcomes.answers(outcomes.sent[1]), [["", "refused", "the broker is gone"]]);
  assert.equal(outcomes.answers(outcomes.sent[0])[0][1], "silent");
  assert.equal(outcomes.due(), null);
});

test("the list has an end", () => {
  const outcomes = new Outcomes();
  for (let index = 0; index < REMEMBERED + 5; index += 1) outcomes.begin(`t${index}`, "hi", ["hall"], NOW);
  assert.equal(outcomes.sent.length, REMEMBERED);
  assert.equal(outcomes.sent[0].transaction, `t${REMEMBERED + 4}`);
});
