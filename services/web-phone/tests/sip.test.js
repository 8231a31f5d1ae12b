// shell/sip.js over a WebSocket and sessions of the test's own; with a real server and browser: tests/integration.

import assert from "node:assert/strict";
import { test } from "node:test";
import { SessionState } from "sip.js";
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

test("a hold that was refused is not asked for by the next re-INVITE", async () => {
  const talked = session(SessionState.Established, {
    invite: async ({ requestDelegate, sessionDescriptionHandlerOptions: options }) => {
      talked.sessionDescriptionHandlerOptionsReInvite = options; // as SIP.js does
      talked.done.push(options.hold);
      if (talked.done.length === 1) requestDelegate.onReject({ message: { statusCode: 491 } });
      else requestDelegate.onAccept();
    },
  });
  const talk = new Talk(talked, "pbx.example");
  await assert.rejects(talk.hold(true), /SIP 491/);
  await talk.restart();
  assert.deepEqual(talked.done, [true, undefined]);
});
