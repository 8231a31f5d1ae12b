import assert from "node:assert/strict";
import { test } from "node:test";
import { Board } from "../src/core/board.js";
import { displayLife, LOST_AFTER, switchLife } from "../src/core/life.js";
import { at, displayHealth, json, NOW, utf8 } from "./support.js";

function display({ availability = "online", said = NOW, heard = NOW, retained = false } = {}) {
  const board = new Board();
  board.receive("display/hall/availability", utf8(availability), heard, true);
  if (said !== null) board.receive("display/hall/health", json(displayHealth(said)), heard, retained);
  return board.displays.get("hall");
}

test("online and heard of is live", () => {
  assert.deepEqual(displayLife(display(), NOW + LOST_AFTER), { lost: null, since: null, skew: null });
});

test("45 s after its last health it is lost, since then", () => {
  const life = displayLife(display(), NOW + LOST_AFTER + 1);
  assert.deepEqual([life.lost, life.since], ["is silent", NOW]);
});

test("offline is lost, however young its health", () => {
  assert.equal(displayLife(display({ availability: "offline" }), NOW).lost, "is offline");
});

test("online without a health proves nothing", () => {
  assert.match(displayLife(display({ said: null }), NOW).lost, /has not said/);
});

test("an old health that is still retained does not make it live", () => {
  const old = display({ said: NOW - 60_000, retained: true });
  assert.deepEqual(displayLife(old, NOW), { lost: "is silent", since: NOW - 60_000, skew: null });
});

test("a clock of this device that is behind makes nobody young", () => {
  const ahead = display({ said: NOW + 3_600_000 });
  assert.equal(displayLife(ahead, NOW + LOST_AFTER).lost, null);
  assert.equal(displayLife(ahead, NOW + LOST_AFTER + 1).lost, "is silent");
  assert.equal(displayLife(ahead, NOW).skew, 3_600_000);
});

test("one whose clock is far behind is lost, and it is said that a clock is why", () => {
  const life = displayLife(display({ said: NOW - 600_000 }), NOW + 1_000);
  assert.equal(life.lost, "has another clock than this device");
});

function pbx(esl, health = NOW) {
  const board = new Board();
  const info = { instance: "i", esl, since: at(NOW - 9_000), hostname: null, version: null, core_uuid: null };
  board.receive("switch/main/availability", utf8("online"), NOW, true);
  board.receive("switch/main/info", json({ ...info, domain: null, epoch: 1 }), NOW, true);
  const said = { at: at(health), uptime: 1, lag_ms: null, queue: 0, dropped: 0, resyncs: 0, topics: 3, rss_bytes: 1 };
  board.receive("switch/main/health", json(said), NOW, false);
  return board.switches.get("main");
}

test("a switch lives when its publisher does and FreeSWITCH answers it", () => {
  assert.equal(switchLife(pbx("connected"), NOW).lost, null);
});

test("a switch whose link is lost is lost since then", () => {
  assert.deepEqual(switchLife(pbx("lost"), NOW), {
    lost: "FreeSWITCH does not answer",
    since: NOW - 9_000,
    skew: null,
  });
  assert.match(switchLife(pbx("connecting"), NOW).lost, /connecting/);
});

test("a publisher that is silent knows nothing, whatever it said last", () => {
  assert.equal(switchLife(pbx("connected", NOW - 50_000), NOW).since, NOW - 50_000);
});

test("a switch that never said how its link is cannot be believed", () => {
  const owner = pbx("connected");
  owner.state.delete("info");
  assert.match(switchLife(owner, NOW).lost, /never told/);
});
