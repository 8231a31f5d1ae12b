import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Keeper } from "../src/shell/keeper.js";

class Track extends EventTarget {
  readyState = "live";
  muted = false;
  stop = () => {
    this.readyState = "ended";
  };
  leave() {
    this.stop();
    this.dispatchEvent(new Event("ended"));
  }
  silence(muted) {
    this.muted = muted;
    this.dispatchEvent(new Event(muted ? "mute" : "unmute"));
  }
}

function stream() {
  const track = new Track();
  return { track, getAudioTracks: () => [track], getTracks: () => [track] };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A call's microphone, and what comes of it: `room.plugged` is the stream that is there to be opened, or a fault's name. */
function room(plugged) {
  const made = { plugged, told: [], sent: [], taken: [], opened: 0, fails: false, first: stream() };
  made.browser = { mediaDevices: new EventTarget(), permissions: { query: async () => made.permission } };
  made.permission = new EventTarget();
  const open = async () => {
    made.opened += 1;
    if (typeof made.plugged === "string") throw Object.assign(new Error(), { name: made.plugged });
    return made.plugged;
  };
  const send = async (other) => {
    await made.waits;
    if (made.fails) throw Object.assign(new Error(), { name: "InvalidStateError" });
    made.sent.push(other);
  };
  const calls = { send, taken: (other) => made.taken.push(other), tell: (name) => made.told.push(name) };
  made.keeper = new Keeper(made.first, calls, { open, browser: made.browser });
  made.change = () => made.browser.mediaDevices.dispatchEvent(new Event("devicechange"));
  return made;
}

test("a microphone that goes is replaced by another without a word, where there is one", async () => {
  const other = stream();
  const made = room(other);
  made.first.track.leave();
  await settled();
  assert.deepEqual([made.sent, made.taken, made.told], [[other], [other], [null]]);
  other.track.leave();
  await settled();
  assert.equal(made.opened, 2, "the other one is watched over as well");
  made.keeper.end();
});

test("that nobody hears is said until a microphone comes", async () => {
  const made = room("NotFoundError");
  made.first.track.leave();
  await settled();
  assert.deepEqual(made.told, ["NotFoundError"]);
  made.plugged = stream();
  made.change();
  await settled();
  assert.deepEqual(made.told, ["NotFoundError", null]);
  made.change();
  await settled();
  assert.equal(made.opened, 2, "one that is heard is left alone");
  made.keeper.end();
});

test("what the system silences is said, and that it is heard again", () => {
  const made = room("NotFoundError");
  made.first.track.silence(true);
  made.first.track.silence(false);
  assert.deepEqual(made.told, ["Silenced", null]);
  assert.equal(made.opened, 0);
  made.keeper.end();
  made.first.track.silence(true);
  assert.equal(made.told.length, 2, "the call is over");
});

test("it looks again by itself, but does not ask a person for ever", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const made = room("NotReadableError");
    made.first.track.leave();
    await settled();
    mock.timers.tick(3_000);
    await settled();
    assert.equal(made.opened, 2);
    made.plugged = "NotAllowedError";
    mock.timers.tick(3_000);
    await settled();
    mock.timers.tick(60_000);
    await settled();
    assert.equal(made.opened, 3);
    made.plugged = stream();
    made.permission.dispatchEvent(new Event("change"));
    await settled();
    assert.deepEqual(made.told, ["NotReadableError", "NotReadableError", "NotAllowedError", null]);
    made.keeper.end();
  } finally {
    mock.timers.reset();
  }
});

test("while the browser asks, the other side does not hear, and that is said", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const made = room(null);
    let allow;
    made.plugged = new Promise((resolve) => {
      allow = resolve;
    });
    made.first.track.leave();
    await settled();
    assert.deepEqual(made.told, []);
    mock.timers.tick(500);
    assert.deepEqual(made.told, ["NotFoundError"]);
    allow(stream());
    await settled();
    assert.deepEqual(made.told, ["NotFoundError", null]);
    made.keeper.end();
  } finally {
    mock.timers.reset();
  }
});

test("a call that ends while another microphone is taken leaves none open", async () => {
  const other = stream();
  const made = room(other);
  let sends;
  made.waits = new Promise((resolve) => {
    sends = resolve;
  });
  made.first.track.leave();
  await settled();
  made.keeper.end();
  sends();
  await settled();
  assert.deepEqual([other.track.readyState, made.taken, made.told], ["ended", [], []]);
});

test("one that cannot be sent is let go of, and it is said that nobody hears", async () => {
  const other = stream();
  const made = room(other);
  made.fails = true;
  made.first.track.leave();
  await settled();
  assert.deepEqual([other.track.readyState, made.taken, made.told], ["ended", [], ["InvalidStateError"]]);
  made.keeper.end();
});
