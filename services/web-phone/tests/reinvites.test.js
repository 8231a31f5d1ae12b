import assert from "node:assert/strict";
import { test } from "node:test";
import { RETRIES, Reinvites } from "../src/core/reinvites.js";

const RESTART = ["invite", { hold: false, restart: true }];
const ON = { type: "hold", on: true };
const restart = { type: "restart" };
const accepted = { type: "accepted" };

/** A machine that took in these inputs at 0, and the effects of the last. */
function played(...inputs) {
  const machine = new Reinvites({ owner: true });
  const effects = inputs.map((input) => machine.receive({ chance: 0, ...input }, 0)).at(-1);
  return { machine, effects };
}

const refused = (status, after = null) => ({ type: "refused", status, after });

test("what is wanted is done, and what came of it told", () => {
  assert.deepEqual(played(restart).effects, [RESTART]);
  assert.deepEqual(played(restart, accepted).effects, [["restarted", null]]);
  const { machine, effects } = played(ON, accepted);
  assert.deepEqual([effects, machine.held], [[["held", true]], true]);
  const later = machine.receive(restart, 1);
  assert.deepEqual(later, [["invite", { hold: true, restart: true }]], "who is held stays so");
});

test("networks that change while one is pending are one restart, when that one is over", () => {
  for (const end of [accepted, refused(488), { type: "lost" }]) {
    const { machine, effects } = played(restart, restart, restart, end);
    assert.deepEqual(effects, [RESTART], "of the one before, which is out of date, nothing is told");
    assert.deepEqual(machine.receive(accepted, 1), [["restarted", null]]);
    assert.equal(machine.state, "idle");
  }
});

test("a hold that is wanted meanwhile comes after it, with whatever else is", () => {
  assert.deepEqual(played(restart, ON).effects, []);
  const { machine, effects } = played(restart, ON, restart, refused(488));
  assert.deepEqual(effects, [["invite", { hold: true, restart: true }]]);
  assert.deepEqual(machine.receive(accepted, 1), [
    ["held", true],
    ["restarted", null],
  ]);
});

for (const [owner, least, most] of [
  [true, 2_100, 4_000],
  [false, 0, 2_000],
]) {
  test(`after 491 ${owner ? "the owner of the Call-ID" : "the other one"} waits ${least} to ${most} ms`, () => {
    const waits = new Set();
    for (let chance = 0; chance < 1; chance += 1 / 4096) {
      const machine = new Reinvites({ owner });
      machine.receive(restart, 7);
      assert.deepEqual(machine.receive({ type: "refused", status: 491, chance }, 7), []);
      waits.add(machine.due() - 7);
      assert.deepEqual(machine.tick(machine.due() - 1), []);
      assert.deepEqual(machine.tick(machine.due()), [RESTART]);
      assert.equal(machine.due(), null);
    }
    const steps = Array.from({ length: (most - least) / 10 + 1 }, (_, step) => least + step * 10);
    assert.deepEqual(
      Array.from(waits).toSorted((a, b) => a - b),
      steps,
    );
  });
}

test("another network while it waits is no reason to hurry: it is the same restart", () => {
  const { machine, effects } = played(restart, refused(491), restart);
  assert.deepEqual([effects, machine.due()], [[], 2_100]);
  assert.deepEqual(machine.tick(2_100), [RESTART]);
  assert.deepEqual(machine.receive(accepted, 2_200), [["restarted", null]]);
});

test("500 and 503 with a Retry-After are glare, too, and one that is too long is a refusal", () => {
  assert.equal(played(restart, refused(500, 7)).machine.due(), 7_000);
  assert.equal(played(restart, refused(503, 0)).machine.due(), 0);
  assert.deepEqual(played(restart, refused(503, 11)).effects, [["restarted", "SIP 503"]]);
  assert.deepEqual(played(restart, refused(500)).effects, [["restarted", "SIP 500"]]);
  assert.deepEqual(played(restart, refused(480, 5)).effects, [["restarted", "SIP 480"]]);
});

for (const [name, end, why] of [
  ["491", { ...refused(491), chance: 0.5 }, "SIP 491"],
  ["500 with Retry-After", refused(500, 1), "SIP 500"],
  ["a fault of our own", { type: "unsent", name: "InvalidStateError", chance: 0.5 }, "InvalidStateError"],
]) {
  test(`${name} for ever is told after ${RETRIES} retries`, () => {
    const { machine } = played(restart);
    for (let retry = 0; retry < RETRIES; retry += 1) {
      assert.deepEqual(machine.receive(end, 0), []);
      assert.deepEqual(machine.tick(machine.due()), [RESTART]);
    }
    assert.deepEqual(machine.receive(end, 0), [["restarted", why]]);
    assert.deepEqual([machine.state, machine.due()], ["idle", null]);
    assert.deepEqual(machine.receive(restart, 0), [RESTART], "another network asks anew");
    assert.deepEqual(machine.receive(end, 0), []);
    assert.notEqual(machine.due(), null);
  });
}

test("a hold that meets glare is tried again, and not twice with one that came later", () => {
  const { machine } = played(ON, refused(491), { type: "hold", on: false });
  assert.deepEqual(machine.tick(2_100), [["invite", { hold: false, restart: false }]]);
  const during = played(ON, { type: "hold", on: false }, refused(491)).machine;
  assert.deepEqual(during.tick(2_100), [["invite", { hold: false, restart: false }]]);
  const again = played(ON, refused(491)).machine;
  assert.deepEqual(again.tick(2_100), [["invite", { hold: true, restart: false }]]);
});

test("a refusal leaves the call as it was, and is told", () => {
  const { machine, effects } = played(ON, refused(488));
  assert.deepEqual([effects, machine.held], [[["held", false]], false]);
  assert.deepEqual(played(restart, refused(488)).effects, [["restarted", "SIP 488"]]);
});

test("one that went with its socket is quiet: whoever opens another asks again", () => {
  assert.deepEqual(played(restart, { type: "lost" }).effects, []);
  assert.deepEqual(played(ON, { type: "lost" }).effects, [["held", false]]);
  assert.equal(played(restart, { type: "lost" }).machine.state, "idle");
});

for (const status of [408, 481]) {
  test(`${status}: there is no such call, and nothing more is sent`, () => {
    const { machine, effects } = played(restart, restart, ON, refused(status));
    assert.deepEqual(effects, [["gone", status]]);
    for (const input of [restart, ON, accepted]) assert.deepEqual(machine.receive(input, 1), []);
    assert.equal(machine.due(), null);
  });
}

test("a call that ended while one waited sends none", () => {
  const { machine } = played(restart, refused(491), { type: "ended" });
  assert.equal(machine.due(), null);
  assert.deepEqual(machine.tick(99_000), []);
});

test("what comes late changes nothing, and what there is not is no input", () => {
  for (const input of [accepted, refused(488), { type: "lost" }]) assert.deepEqual(played(input).effects, []);
  assert.throws(() => played({ type: "update" }), RangeError);
});
