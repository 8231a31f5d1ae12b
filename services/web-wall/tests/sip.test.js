import assert from "node:assert/strict";
import { test } from "node:test";
import { Board } from "../src/core/board.js";
import { ALL, answer, dialogs, figures, fits, ladders, legs, methods, rows } from "../src/core/sip.js";
import { at, json, NOW, utf8 } from "./support.js";

const up = { up: true };
const dialog = (given = {}) => ({
  call_id: "a@pbx",
  method: "INVITE",
  from: "1000",
  to: "+4930123456",
  state: "busy",
  status: 486,
  reason: "Busy Here",
  cause: "USER_BUSY",
  started_at: at(NOW - 20_000),
  answered_at: null,
  ended_at: at(NOW - 5_000),
  setup_ms: null,
  messages: 7,
  retransmissions: 0,
  switch_call: null,
  ...given,
});

/** A board on which a sip-monitor that was last well at `seen` tells these dialogs, by Call-ID. */
function board(told, seen = NOW) {
  const made = new Board();
  const health = {
    at: at(seen),
    uptime: 1,
    datagrams: 1,
    bad_datagrams: 0,
    messages: 1,
    dialogs: 1,
    lost_datagrams: 0,
  };
  made.receive("sip/main/availability", utf8("online"), NOW);
  made.receive("sip/main/health", json({ ...health, dropped_dialogs: 0, topics: 1, rss_bytes: 1 }), NOW, true);
  for (const [id, given] of Object.entries(told)) {
    made.receive(`sip/main/dialog/${id}`, json(dialog({ call_id: id, ...given })), NOW);
  }
  return made;
}

const shown = (made, filter = {}, link = up) => rows(made, { ...ALL, ...filter }, link, NOW);
const keys = (made, filter) => shown(made, filter).rows.map(({ place }) => place[1]);

test("dialogs stand newest first, with what became of them", () => {
  const made = board({
    old: { started_at: at(NOW - 90_000) },
    up: { state: "answered", status: 200, reason: "OK", cause: null, answered_at: at(NOW - 9_000), ended_at: null },
  });
  assert.deepEqual(keys(made), ["up", "old"]);
  assert.deepEqual(shown(made).rows[0].cells, [
    "1000",
    "+4930123456",
    "INVITE",
    "answered",
    "200 OK",
    "",
    "0:09",
    "0:20 ago",
    "7",
  ]);
  assert.deepEqual(shown(made).rows[1].cells.slice(3, 5), ["busy", "486 Busy Here (USER_BUSY)"]);
  assert.equal(shown(made).note, "2 in all.");
});

test("a filter looks at parties, Call-ID, method, state and answer", () => {
  const made = board({
    a: {},
    b: { from: "Alice", state: "ringing", status: 180, ended_at: null },
    c: { method: "REGISTER", state: "completed", status: 200 },
    d: { state: "failed", status: null, switch_call: "call-7" },
  });
  assert.deepEqual(keys(made, { text: " alice" }), ["b"]);
  assert.deepEqual(keys(made, { text: "CALL-7" }), ["d"]);
  assert.deepEqual(keys(made, { method: "REGISTER" }), ["c"]);
  assert.deepEqual(keys(made, { state: "live" }), ["b"]);
  assert.deepEqual(keys(made, { state: "busy" }), ["a"]);
  assert.deepEqual(keys(made, { status: "4xx" }), ["a"]);
  assert.deepEqual(keys(made, { status: "180" }), ["b"]);
  assert.deepEqual(keys(made, { status: "none" }), ["d"]);
  assert.equal(shown(made, { status: "4" }).note, "1 of 4.");
  assert.deepEqual(methods(made), ["INVITE", "REGISTER"]);
  assert.equal(fits(dialog(), ALL), true);
});

test("of a monitor that is lost nobody knows what its live dialogs do; what ended, ended", () => {
  const told = { a: {}, b: { state: "answered", answered_at: at(NOW - 9_000), ended_at: null } };
  const cells = (made, link) => shown(made, {}, link).rows.map((row) => [row.mark, row.cells[3], row.cells[6]]);
  const unknown = ["off", "?", ""];
  assert.deepEqual(cells(board(told, NOW - 60_000))[1], unknown);
  assert.deepEqual(cells(board(told), { up: false })[1], unknown);
  assert.deepEqual(cells(board(told, NOW - 60_000))[0], ["waiting", "busy", ""]);
});

test("a dialog that cannot be read is no row, and a flood of them has an end", () => {
  const made = board(Object.fromEntries(Array.from({ length: 250 }, (_, number) => [`d${number}`, {}])));
  made.receive("sip/main/dialog/odd", utf8("{}"), NOW);
  assert.equal(dialogs(made).length, 250);
  assert.equal(shown(made).rows.length, 200);
  assert.equal(shown(made).note, "The newest 200 of 250; 250 in all.");
});

test("calls of a switch and their dialogs find each other", () => {
  const made = board({ a: { switch_call: "c1", started_at: at(NOW - 30_000) }, b: { switch_call: "c1" }, c: {} });
  assert.deepEqual(ladders(made), new Map([["c1", ["main", "a"]]]));
  assert.deepEqual(
    legs(made, dialog({ switch_call: "c1" }), "a").map(({ id }) => id),
    ["b"],
  );
  assert.deepEqual(legs(made, dialog(), "c"), []);
});

test("the hour in figures; what was not told is a question mark", () => {
  const made = board({});
  const said = () => Object.fromEntries(figures(made.nodes.get("main")));
  assert.equal(said().live, "?");
  const summary = { at: at(NOW), live: 3, per_minute: 4, by_status: { 486: 2, none: 9 }, registrations: 18 };
  made.receive("sip/main/summary", json({ ...summary, answer_ratio: 0.814, post_dial_delay_ms: null }), NOW);
  assert.deepEqual([said().answered, said()["until it rings"], said()["no answer"], said()[486]], ["81 %", "–", 9, 2]);
  made.receive("sip/main/summary", json({ ...summary, by_status: { 486: "x" } }), NOW);
  assert.equal(said().live, "?");
});

test("an answer says its cause where that says more", () => {
  assert.equal(answer(dialog({ status: 200, reason: "OK", cause: "NORMAL_CLEARING" })), "200 OK");
  assert.equal(answer(dialog({ status: null, reason: "no answer", cause: null })), "no answer");
});
