import assert from "node:assert/strict";
import { test } from "node:test";
import { Call, LIMITS } from "../src/core/call.js";
import { OUTCOMES } from "../src/core/outcomes.js";

const TOKEN = "0123456789abcdef0123456789abcdef";

/** A call that took in these inputs, a second apart, and every effect that came of them. */
function played(...inputs) {
  const call = new Call();
  const effects = inputs.flatMap((input, index) => call.receive(input, index * 1_000));
  return { call, effects };
}

const PRESS = { type: "press", to: "sales" };
const TO_RINGING = [
  PRESS,
  { type: "socket" },
  { type: "microphone" },
  { type: "token", token: TOKEN },
  { type: "progress" },
];
const TO_TALKING = [...TO_RINGING, { type: "accepted" }];

test("a call goes from the click to talking, and asks for the microphone before it asks for a token", () => {
  const { call, effects } = played(...TO_TALKING);
  assert.deepEqual(effects, [["connect"], ["microphone"], ["token", "sales"], ["invite", TOKEN]]);
  assert.deepEqual([call.state, call.answered], ["talking", 5_000]);
});

test("the invite waits for whichever of socket and token comes last", () => {
  const { effects } = played(PRESS, { type: "microphone" }, { type: "token", token: TOKEN });
  assert.ok(!effects.some(([name]) => name === "invite"));
  const late = played(PRESS, { type: "microphone" }, { type: "token", token: TOKEN }, { type: "socket" });
  assert.deepEqual(late.effects.at(-1), ["invite", TOKEN]);
});

test("a socket that failed while the person decided is tried once more", () => {
  const { call, effects } = played(PRESS, { type: "noSocket" }, { type: "microphone" });
  assert.deepEqual(effects.slice(2), [["connect"], ["token", "sales"]]);
  call.receive({ type: "noSocket" }, 9_000);
  assert.deepEqual([call.state, call.outcome], ["over", "offline"]);
});

for (const [inputs, outcome, detail] of [
  [[PRESS, { type: "noMicrophone", name: "NotFoundError" }], "nomicrophone", "NotFoundError"],
  [[PRESS, { type: "noMicrophone", name: "NotAllowedError" }], "denied", "NotAllowedError"],
  [[PRESS, { type: "microphone" }, { type: "noToken", status: 429 }], "crowded", "HTTP 429"],
  [[PRESS, { type: "microphone" }, { type: "noToken", status: 0 }], "offline", null],
  [[...TO_RINGING, { type: "rejected", status: 486 }], "busy", "SIP 486"],
  [[...TO_RINGING, { type: "rejected", status: 603 }], "declined", "SIP 603"],
  [[...TO_RINGING.slice(0, 4), { type: "rejected", status: 603 }], "refused", "SIP 603"],
  [[...TO_RINGING, { type: "hangup" }], "cancelled", null],
  [[...TO_TALKING, { type: "bye" }], "ended", null],
  [[...TO_TALKING, { type: "hangup" }], "ended", null],
  [[...TO_TALKING, { type: "media", flowing: false, dead: true }], "lost", null],
  [[...TO_TALKING, { type: "gone", status: 481 }], "lost", "SIP 481"],
]) {
  test(`${inputs.at(-1).type} ${JSON.stringify(inputs.at(-1))} after ${inputs.at(-2).type} ends as ${outcome}`, () => {
    const { call, effects } = played(...inputs);
    assert.deepEqual([call.state, call.outcome, call.detail], ["over", outcome, detail]);
    assert.deepEqual(effects.at(-1), ["release"]);
    assert.ok(OUTCOMES.includes(call.outcome));
  });
}

test("hanging up says CANCEL before an answer, BYE after it, nothing before the invite", () => {
  assert.deepEqual(played(...TO_RINGING, { type: "hangup" }).effects.slice(-2), [["cancel"], ["release"]]);
  assert.deepEqual(played(...TO_TALKING, { type: "hangup" }).effects.slice(-2), [["bye"], ["release"]]);
  assert.deepEqual(played(PRESS, { type: "hangup" }).effects.slice(-1), [["release"]]);
});

test("nobody is waited for longer than the limits", () => {
  const { call } = played(PRESS, { type: "microphone" });
  assert.equal(call.due(), 1_000 + LIMITS.connecting);
  assert.deepEqual(call.tick(call.due() - 1), []);
  assert.deepEqual(call.tick(call.due()), [["release"]]);
  assert.equal(call.outcome, "offline");
  const rung = played(...TO_RINGING).call;
  assert.deepEqual(rung.tick(rung.due()), [["cancel"], ["release"]]);
  assert.equal(rung.outcome, "noanswer");
});

test("a call in which no sound comes any more is over, unless it comes back in time", () => {
  const { call } = played(...TO_TALKING, { type: "media", flowing: false });
  assert.ok(call.silent);
  call.receive({ type: "media", flowing: true }, 7_000);
  assert.deepEqual([call.silent, call.due()], [false, null]);
  call.receive({ type: "media", flowing: false }, 8_000);
  assert.deepEqual(call.tick(8_000 + LIMITS.silent), [["bye"], ["release"]]);
  assert.deepEqual([call.outcome, call.seconds], ["lost", 11]);
});

test("a call that is talked outlives its socket: it is opened again, ever more slowly, and then told where it is", () => {
  const { call } = played(...TO_TALKING);
  let at = 10_000;
  const pauses = [];
  for (let turn = 0; turn < 6; turn += 1) {
    assert.deepEqual(call.receive({ type: "noSocket" }, at), []);
    pauses.push(call.due() - at);
    at = call.due();
    assert.deepEqual(call.tick(at), [["reconnect"]]);
  }
  assert.deepEqual(pauses, [250, 1_000, 2_000, 4_000, 4_000, 4_000]);
  assert.deepEqual(call.receive({ type: "socket" }, at), [["restart"]]);
  assert.deepEqual([call.state, call.due()], ["talking", null]);
});

const UNHEARD = { type: "unheard", name: "NotFoundError" };

test("what comes late changes nothing, and another call starts clean", () => {
  const { call } = played(...TO_TALKING, { type: "mute", on: true }, UNHEARD, { type: "hangup" });
  for (const type of [
    "token",
    "socket",
    "noSocket",
    "progress",
    "accepted",
    "bye",
    "media",
    "mute",
    "unheard",
    "hangup",
  ]) {
    assert.deepEqual(call.receive({ type }, 9_000), [], type);
  }
  assert.deepEqual([call.state, call.outcome, call.seconds, call.unheard], ["over", "ended", 3, null]);
  call.receive(PRESS, 10_000);
  assert.deepEqual([call.state, call.outcome, call.muted, call.answered], ["asking", null, false, null]);
});

test("any order of inputs ends somewhere with words, and never invites twice", () => {
  const types = [
    PRESS,
    { type: "microphone" },
    { type: "noMicrophone", name: "x" },
    { type: "socket" },
    { type: "noSocket" },
    { type: "token", token: TOKEN },
    { type: "noToken", status: 500 },
    { type: "progress" },
    { type: "accepted" },
    { type: "rejected", status: 486 },
    { type: "broken", name: "x" },
    { type: "bye" },
    { type: "media", flowing: false },
    { type: "media", flowing: true },
    { type: "hangup" },
    { type: "mute", on: true },
  ];
  let seed = 7;
  const random = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed / 2_147_483_648;
  };
  for (let round = 0; round < 300; round += 1) {
    const call = new Call();
    const count = { press: 0, invite: 0, release: 0 };
    for (let step = 0, at = 0; step < 40; step += 1, at += 500) {
      const input = types[Math.floor(random() * types.length)];
      if (input === PRESS && ["idle", "over"].includes(call.state)) count.press += 1;
      for (const [name] of [...call.receive(input, at), ...call.tick(at)]) count[name] = (count[name] ?? 0) + 1;
      if (call.state === "over") assert.ok(OUTCOMES.includes(call.outcome));
    }
    assert.ok(count.invite <= count.press);
    assert.equal(count.release, count.press - (["idle", "over"].includes(call.state) ? 0 : 1));
  }
});

test("an input that there is none of is a mistake of the shell's", () => {
  assert.throws(() => new Call().receive({ type: "typo" }, 0), RangeError);
});
