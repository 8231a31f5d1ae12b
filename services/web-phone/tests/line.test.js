import assert from "node:assert/strict";
import { test } from "node:test";
import { ATTEMPT, LineState, PAUSES } from "../src/core/line.js";

function played(...inputs) {
  const line = new LineState();
  const effects = inputs.flatMap((input, index) => line.receive(input, index * 1_000));
  return { line, effects };
}

const SIGN_IN = { type: "signIn", extension: "1000" };
const TO_READY = [SIGN_IN, { type: "claimed" }, { type: "socket" }, { type: "registered" }];

test("signing in claims the extension in this browser, then registers", () => {
  const { line, effects } = played(...TO_READY);
  assert.deepEqual(effects, [["claim", "1000"], ["open"], ["register"]]);
  assert.deepEqual([line.state, line.due()], ["ready", null]);
});

test("a wrong password is an end, not something to be tried again", () => {
  for (const status of [401, 403, 404, 407]) {
    const { line, effects } = played(...TO_READY.slice(0, 3), { type: "unregistered", status });
    assert.deepEqual([line.state, line.why, line.due()], ["out", "wrongPassword", null]);
    assert.deepEqual(effects.slice(-3), [["close"], ["forget"], ["unclaim"]]);
  }
});

test("a server that cannot be reached at the first sign-in is told at once, and tried again", () => {
  for (const type of ["noSocket", "hangs"]) {
    const { line } = played(SIGN_IN, { type: "claimed" });
    if (type === "hangs") line.tick(1_000 + ATTEMPT);
    else line.receive({ type }, 2_000);
    assert.deepEqual([line.state, line.reached], ["away", false]);
    assert.deepEqual(line.tick(line.due()), [["open"]]);
    line.receive({ type: "socket" }, 60_000);
    line.receive({ type: "registered" }, 60_100);
    assert.deepEqual([line.state, line.reached], ["ready", true]);
  }
});

test("a password that turns out to be wrong after an outage ends the attempts", () => {
  const { line } = played(SIGN_IN, { type: "claimed" }, { type: "noSocket" });
  line.tick(line.due());
  line.receive({ type: "socket" }, 60_000);
  line.receive({ type: "unregistered", status: 403 }, 60_100);
  assert.deepEqual([line.state, line.why, line.due()], ["out", "wrongPassword", null]);
});

test("a line that was ready comes back by itself, ever more slowly, and then looks after a call that lives", () => {
  const { line } = played(...TO_READY, { type: "noSocket" });
  assert.equal(line.state, "away");
  const pauses = [];
  let from = 4_000;
  for (let turn = 0; turn < 6; turn += 1) {
    pauses.push(line.due() - from);
    assert.deepEqual(line.tick(line.due()), [["open"]]);
    from = 100_000 * (turn + 1);
    line.receive({ type: "noSocket" }, from);
  }
  assert.deepEqual(pauses, [...PAUSES, PAUSES.at(-1), PAUSES.at(-1)]);
  line.tick(line.due());
  assert.deepEqual(line.receive({ type: "socket" }, 900_000), [["register"]]);
  assert.deepEqual(line.receive({ type: "registered" }, 900_100), [["restart"]]);
  assert.equal(line.state, "ready");
});

test("an attempt that hangs is given up", () => {
  const { line } = played(...TO_READY, { type: "network" });
  assert.equal(line.due(), 4_000 + ATTEMPT);
  assert.deepEqual(line.tick(line.due()), []);
  assert.equal(line.due(), 4_000 + ATTEMPT + PAUSES[0]);
});

test("pauses are spread, so that a hundred pages do not come back at once", () => {
  const { line } = played(...TO_READY, { type: "network" });
  line.tick(line.due(), 1.25);
  assert.equal(line.due(), 4_000 + ATTEMPT + PAUSES[0] * 1.25);
});

test("another network is not waited for to be noticed", () => {
  assert.deepEqual(played(...TO_READY, { type: "network" }).effects.at(-1), ["open"]);
});

test("one tab holds an extension; another is told so and may ask for it", () => {
  const { line } = played(SIGN_IN, { type: "elsewhere" });
  assert.deepEqual([line.state, line.why], ["out", "elsewhere"]);
  assert.deepEqual(line.receive({ type: "takeOver" }, 2_000), [["takeOver"]]);
  line.receive({ type: "elsewhere", talks: true }, 3_000);
  assert.equal(line.why, "otherTalks");
  line.receive({ type: "takeOver" }, 4_000);
  assert.deepEqual(line.receive({ type: "claimed" }, 5_000), [["open"]]);
});

test("the tab that lets go says why, keeps the password, and may take the extension back", () => {
  const { line, effects } = played(...TO_READY, { type: "taken" });
  assert.deepEqual([line.state, line.why], ["out", "takenOver"]);
  assert.deepEqual(effects.slice(-2), [["close"], ["unclaim"]]);
  assert.deepEqual(line.receive({ type: "takeOver" }, 9_000), [["takeOver"]]);
  assert.deepEqual(line.receive({ type: "claimed" }, 9_500), [["open"]]);
});

test("signing out ends every attempt", () => {
  const { line, effects } = played(...TO_READY, { type: "noSocket" }, { type: "signOut" });
  assert.ok(effects.some(([name]) => name === "forget"));
  assert.deepEqual([line.state, line.why, line.due()], ["out", null, null]);
  assert.deepEqual(line.receive({ type: "registered" }, 9_000), []);
});
