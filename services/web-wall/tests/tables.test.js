import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Board } from "../src/core/board.js";
import { CHANNELS } from "../src/core/contract.js";
import { counters, heading, tables } from "../src/core/tables.js";
import { json, NOW, utf8 } from "./support.js";

const { messages } = JSON.parse(
  readFileSync(new URL("../../../docs/asyncapi.json", import.meta.url), "utf8"),
).components;

/** A switch that says what the contract's examples say; `given` lies over them, by channel. */
function pbx(given = {}) {
  const board = new Board();
  board.receive("switch/main/availability", utf8("online"), NOW);
  for (const [channel, row] of Object.entries(CHANNELS)) {
    if (!channel.startsWith("switch_") || !row.retained || !row.schema || given[channel] === null) continue;
    const example = messages[row.schema + (row.many ? "List" : "")].examples[0].payload;
    const value = row.many ? example : { ...example, ...given[channel] };
    board.receive(row.address.replace("{switch}", "main").replace(/\{.*\}/, "thing"), json(value), NOW);
  }
  return board.switches.get("main");
}

const table = (owner, id, now = NOW) => tables(owner, now).find((one) => one.id === id);
const cells = (owner, id, now = NOW) => table(owner, id, now).rows.map((row) => row.cells);

test("a live switch tells who it is", () => {
  const told = heading(pbx(), { up: true }, NOW);
  assert.deepEqual([told.word, told.state], ["live", "live"]);
  assert.deepEqual(told.facts[0], ["host", "pbx"]);
});

test("a lost one says NO PBX and since when, one without a broker NO BUS", () => {
  const lost = heading(pbx({ switch_info: { esl: "lost" } }), { up: true }, NOW);
  assert.deepEqual([lost.word, lost.since, lost.why], ["NO PBX", "0:12", "FreeSWITCH does not answer"]);
  assert.equal(heading(pbx(), { up: false }, NOW).word, "NO BUS");
});

test("what was not told is a question mark, not a 0", () => {
  const told = counters(pbx({ switch_calls: null, switch_today: null }));
  assert.deepEqual(new Set(told.map(([, value]) => value)), new Set(["?"]));
});

test("of a day that was partly missed it is known that it was so many at least", () => {
  const day = (complete) => Object.fromEntries(counters(pbx({ switch_today: { complete } })));
  assert.equal(day(true)["answered today"], "171");
  assert.equal(day(false)["answered today"], "≥ 171");
});

test("a call says who, how long they talk, how long was waited, and by which way", () => {
  assert.deepEqual(cells(pbx(), "calls"), [
    ["active", "Erika Mustermann +4930123456", "1000", "0:03", "0:08", "carrier"],
  ]);
  const ringing = pbx({ switch_call: { answered_at: null, state: "ringing" } });
  assert.deepEqual(cells(ringing, "calls", NOW + 10_000)[0].slice(3, 5), ["", "0:22"]);
});

test("a user who may not see calls is told so, not shown an empty table", () => {
  assert.match(table(pbx({ switch_call: null }), "calls").note, /not shown/);
  assert.equal(table(pbx({ switch_call: null, switch_calls: { total: 0 } }), "calls"), undefined);
});

test("a queue's longest wait counts, and is marked when it is over the limit", () => {
  assert.equal(cells(pbx(), "queues")[0][2], "0:12");
  assert.equal(table(pbx(), "queues").rows[0].mark, "waiting");
  assert.equal(table(pbx(), "queues", NOW + 10_000).rows[0].mark, "bad");
  assert.deepEqual(cells(pbx(), "queues")[0].slice(7), ["64", "84 %", "6"]);
});

test("a gateway that is down stands out, since when", () => {
  const { rows } = table(pbx({ switch_gateway: { up: false, state: "NOREG", ping_ms: null } }), "gateways");
  assert.deepEqual([rows[0].mark, rows[0].cells[1], rows[0].cells[3]], ["bad", "down (NOREG)", ""]);
});

test("an extension without a telephone is dim, one whose mailbox was not told has a question mark", () => {
  const { rows } = table(
    pbx({ switch_extension: { registered: false, state: "idle", voicemail: null } }),
    "extensions",
  );
  assert.deepEqual([rows[0].mark, rows[0].cells[4], rows[0].cells[5]], ["off", "none", "?"]);
});

test("a thing that cannot be read keeps its name and loses its numbers", () => {
  const board = new Board();
  board.receive("switch/main/queue/support", utf8('{"waiting": "many"}'), NOW);
  assert.deepEqual(cells(board.switches.get("main"), "queues"), [["support", "?"]]);
});

test("conferences, parking lots, agents and ended calls have rows", () => {
  assert.deepEqual(cells(pbx(), "conferences"), [["thing", 3, 1, "", "0:12"]]);
  assert.deepEqual(cells(pbx(), "parking"), [["thing", 1, "0:12"]]);
  assert.deepEqual(cells(pbx(), "agents"), [["thing", "Available", "In a queue call", "0:03", 14]]);
  assert.deepEqual(cells(pbx(), "recent", NOW + 180_000)[0].slice(3), ["answered", "2:19", "200 OK"]);
});
