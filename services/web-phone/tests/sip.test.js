// shell/sip.js over a WebSocket and sessions of the test's own; with a real server and browser: tests/integration.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Session, SessionState } from "sip.js";
import { Line, Talk } from "../src/shell/sip.js";

/** A registrar: `answers` are the status of each REGISTER, in order; a registration holds for a second. */
function registrar(answers) {
  return class extends EventTarget {
    readyState = 0;

    constructor() {
      super();
      setTimeout(() => {
        this.readyState = 1;
        this.dispatchEvent(new Event("open"));
      });
    }

    send(text) {
      if (!text.startsWith("REGISTER ")) return;
      const of = (name) => new RegExp(`^${name}: .*$`, "m").exec(text)[0].trim();
      const kept = [of("Via"), of("From"), `${of("To")};tag=s`, of("Call-ID"), of("CSeq")];
      const contact = of("Contact").replace(/;expires=\d+/, ";expires=1");
      const data = [`SIP/2.0 ${answers.shift()} X`, ...kept, contact, "Content-Length: 0", "", ""].join("\r\n");
      setTimeout(() => this.dispatchEvent(new MessageEvent("message", { data })));
    }

    close() {
      this.readyState = 3;
      setTimeout(() => this.dispatchEvent(Object.assign(new Event("close"), { code: 1000, reason: "" })));
    }
  };
}

test("a refresh that is refused is told: nobody reaches this page any more", { timeout: 10_000 }, async (t) => {
  globalThis.WebSocket = registrar([200, 503, 200]);
  const told = [];
  let refused;
  const refusal = new Promise((resolve) => {
    refused = resolve;
  });
  const line = new Line({
    server: "ws://pbx.example",
    domain: "pbx.example",
    user: "1000",
    password: "secret",
    on: { registered: () => told.push("registered"), unregistered: (status) => refused(status) },
  });
  t.after(() => line.close());
  await line.open();
  await line.register();
  assert.equal(await refusal, null);
  assert.ok(told.includes("registered"));
});

/** A session of SIP.js, as far as a Talk has to do with it. */
function session(state, more = {}) {
  const done = [];
  return {
    done,
    state,
    stateChange: { addListener: () => {} },
    sessionDescriptionHandlerOptionsReInvite: {},
    reject: async ({ statusCode }) => done.push(["reject", statusCode]),
    bye: async () => done.push(["bye"]),
    ...more,
  };
}

test("who hangs up while a call is being answered declines it, and does not leave it ringing", () => {
  for (const state of [SessionState.Initial, SessionState.Establishing]) {
    const incoming = session(state);
    new Talk(incoming, "pbx.example").cancel();
    assert.deepEqual(incoming.done, [["reject", 603]]);
  }
  const outgoing = session(SessionState.Establishing, { cancel: async () => outgoing.done.push(["cancel"]) });
  new Talk(outgoing, "pbx.example").cancel();
  assert.deepEqual(outgoing.done, [["cancel"]]);
  const established = session(SessionState.Established);
  new Talk(established, "pbx.example").cancel();
  assert.deepEqual(established.done, [["bye"]]);
});

/** One that is talked; `invites`: what was asked for, and how it ends; `talk.on` notes what it is told. */
function talked(more = {}) {
  const invites = [];
  const told = [];
  const own = session(SessionState.Established, {
    onInviteRequest: () => told.push("taken"),
    invite: async ({ requestDelegate, sessionDescriptionHandlerOptions: options }) => {
      own.sessionDescriptionHandlerOptionsReInvite = options; // as SIP.js does
      const transaction = { state: "Calling", onTransportError: () => requestDelegate.onReject({ message: own503() }) };
      const refuse = (statusCode, headers = {}) =>
        requestDelegate.onReject({ message: message(statusCode, { "Call-ID": "c1", ...headers }) });
      invites.push({ ...options, accept: requestDelegate.onAccept, refuse, transaction });
      return { transaction };
    },
    ...more,
  });
  const talk = new Talk(own, "pbx.example");
  for (const name of ["held", "restarted", "gone"]) talk.on[name] = (value) => told.push([name, value]);
  return { own, talk, invites, told };
}

function message(statusCode, headers) {
  return { statusCode, getHeader: (name) => headers[name] };
}

const own503 = () => message(503, {});

test("a hold that was refused is not asked for by the next re-INVITE, ours or the other side's", () => {
  const { own, talk, invites, told } = talked();
  talk.hold(true);
  invites[0].refuse(488);
  assert.deepEqual(told, [["held", false]]);
  assert.deepEqual(own.sessionDescriptionHandlerOptionsReInvite, { hold: false });
  talk.restart();
  assert.deepEqual([invites[1].hold, invites[1].offerOptions], [false, { iceRestart: true }]);
});

test("a network that comes while a re-INVITE is pending is told to the other side after it", () => {
  const { talk, invites, told } = talked();
  talk.restart();
  talk.restart();
  assert.equal(invites.length, 1);
  invites[0].accept();
  assert.equal(invites.length, 2);
  invites[1].accept();
  assert.deepEqual(told, [["restarted", null]]);
});

test("491 is tried again by itself, sooner by whom was called than by who called", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  for (const [more, least, most] of [
    [{}, 0, 2_000],
    [{ cancel: async () => {} }, 2_100, 4_000],
  ]) {
    const { talk, invites } = talked(more);
    talk.restart();
    invites[0].refuse(491);
    t.mock.timers.tick(Math.max(least - 1, 0));
    if (least) assert.equal(invites.length, 1);
    t.mock.timers.tick(most - least + 1);
    assert.equal(invites.length, 2);
  }
});

test("a Retry-After is waited for", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const { talk, invites } = talked();
  talk.restart();
  invites[0].refuse(500, { "Retry-After": "5 (busy)" });
  t.mock.timers.tick(4_999);
  assert.equal(invites.length, 1);
  t.mock.timers.tick(1);
  assert.equal(invites.length, 2);
});

test("a re-INVITE whose socket went is waited for no longer, and one that was answered is left alone", () => {
  const { talk, invites, told } = talked();
  talk.restart();
  return Promise.resolve().then(() => {
    talk.stranded();
    talk.restart();
    assert.equal(invites.length, 2);
    return Promise.resolve().then(() => {
      invites[1].transaction.state = "Accepted";
      talk.stranded();
      talk.restart();
      assert.equal(invites.length, 2);
      assert.deepEqual(told, []);
    });
  });
});

test("a server's own 503 is a refusal, and no lost socket", () => {
  const { talk, invites, told } = talked();
  talk.restart();
  invites[0].refuse(503);
  assert.deepEqual(told, [["restarted", "SIP 503"]]);
});

test("481 is told, and nothing is asked for any more", () => {
  const { talk, invites, told } = talked();
  talk.restart();
  talk.restart();
  invites[0].refuse(481);
  assert.deepEqual([told, invites.length], [[["gone", 481]], 1]);
});

test("an offer that could not be sent is taken back", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const done = [];
  const fault = Promise.reject(new Error("There is an ongoing re-INVITE server transaction."));
  const { talk } = talked({
    invite: () => {
      done.push("invite");
      return fault;
    },
    sessionDescriptionHandler: { rollbackDescription: async () => done.push("rollback") },
  });
  talk.restart();
  await fault.catch(() => {});
  await Promise.resolve().then(() => {});
  await Promise.resolve().then(() => {});
  assert.deepEqual(done, ["invite", "rollback"]);
  await Promise.resolve().then(() => {});
  t.mock.timers.tick(4_000);
  assert.deepEqual(done, ["invite", "rollback", "invite"]);
});

test("an offer of the other side that comes while ours is pending is glare", () => {
  const { own, talk, invites, told } = talked();
  const request = { reject: ({ statusCode }) => told.push(statusCode) };
  own.onInviteRequest(request);
  talk.restart();
  own.onInviteRequest(request);
  invites[0].accept();
  own.onInviteRequest(request);
  assert.deepEqual(told, ["taken", 491, ["restarted", null], "taken"]);
});

test("what an offer of the other side is handed to is still there to be replaced", () => {
  assert.equal(typeof Session.prototype.onInviteRequest, "function");
});

test("a call that ended sends no re-INVITE that waited", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  let change;
  const { talk, invites } = talked({
    stateChange: {
      addListener: (listener) => {
        change = listener;
      },
    },
  });
  talk.restart();
  invites[0].refuse(491);
  change(SessionState.Terminated);
  t.mock.timers.tick(9_000);
  assert.equal(invites.length, 1);
});
