import assert from "node:assert/strict";
import { test } from "node:test";
import { Desk } from "../src/core/desk.js";
import { deskView, history, lineView, partyName } from "../src/core/deskview.js";
import { LineState } from "../src/core/line.js";
import { LANGUAGES } from "../src/core/words.js";

const PARTY = { number: "1001", name: "Ada" };

function desk(...inputs) {
  const made = new Desk();
  for (const [index, input] of inputs.entries()) made.receive(input, index * 1_000);
  return made;
}

const TALKING = [{ type: "invite", party: PARTY }, { type: "answer" }, { type: "accepted" }];

test("who calls is named as well as can be", () => {
  assert.equal(partyName(PARTY, "en"), "Ada (1001)");
  assert.equal(partyName({ number: "1001", name: "1001" }, "en"), "1001");
  assert.equal(partyName({ number: "web", name: "Web visitor" }, "en"), "Web visitor");
  assert.equal(partyName({ number: "", name: "" }, "de"), "Jemand");
});

test("each state has its buttons", () => {
  assert.deepEqual(deskView(desk(), 0, "en").buttons, []);
  assert.deepEqual(deskView(desk(TALKING[0]), 0, "en").buttons, ["answer", "decline"]);
  assert.deepEqual(deskView(desk(...TALKING), 0, "en").buttons.length, 5);
});

test("what is said of a call", () => {
  const said = (...inputs) => deskView(desk(...inputs), 3_000, "en").status;
  assert.equal(said(TALKING[0]), "Ada (1001) calls.");
  assert.equal(said(...TALKING), "You are talking with Ada (1001).");
  assert.match(said(...TALKING, { type: "mute", on: true }), /muted/);
  assert.match(said(...TALKING, { type: "unheard", name: "Silenced" }), /Nobody hears you: your device/);
  assert.match(said(...TALKING, { type: "unheard", name: "NotAllowedError" }), /may no longer use the microphone/);
  assert.match(said(...TALKING, { type: "mute", on: true }, { type: "unheard", name: "NotReadableError" }), /program/);
  assert.match(said(...TALKING, { type: "hold", on: true }, { type: "held", on: true }), /On hold/);
  assert.match(said(...TALKING, { type: "transfer", to: "1002" }), /1002/);
  assert.match(said(TALKING[0], { type: "cancelled" }), /did not answer/);
  assert.match(said(...TALKING, { type: "transfer", to: "1002" }, { type: "transferred" }), /Transferred to 1002/);
});

test("that the telephone system did not follow to another network is told beside the call that goes on", () => {
  const view = deskView(desk(...TALKING, { type: "restarted", why: "SIP 488" }), 0, "de");
  assert.match(view.note, /nicht übernommen \(SIP 488\)/);
  assert.equal(deskView(desk(...TALKING, { type: "restarted", why: null }), 0, "de").note, "");
});

test("a failed transfer is told beside the call that goes on", () => {
  const view = deskView(desk(...TALKING, { type: "transfer", to: "1002" }, { type: "notTransferred" }), 0, "en");
  assert.match(view.note, /1002 could not be reached/);
  assert.match(view.status, /You are talking/);
});

test("the last calls are told in every language, newest first", () => {
  for (const lang of LANGUAGES) {
    const rows = history(desk(...TALKING, { type: "bye" }, TALKING[0], { type: "decline" }), lang);
    assert.equal(rows.length, 2);
    assert.equal(rows[1].words, "0:01");
    assert.notEqual(rows[0].words, "");
  }
});

test("whether calls reach this page is told plainly", () => {
  const line = new LineState();
  assert.deepEqual(lineView(line, "en"), { state: "out", status: "Not signed in.", kind: "none" });
  line.receive({ type: "signIn", extension: "1000" }, 0);
  line.receive({ type: "elsewhere" }, 0);
  assert.deepEqual(lineView(line, "en").kind, "bad");
  assert.match(lineView(line, "en").status, /1000 is signed in in another tab/);
});
