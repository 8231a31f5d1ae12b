import assert from "node:assert/strict";
import { test } from "node:test";
import { causeOf, OUTCOMES, ofMicrophone, ofStatus, ofToken, ofUnheard } from "../src/core/outcomes.js";

// What FreeSWITCH 1.11.1 really said (docs/web-phone.md): status, whether it rang, its Reason header, what that means.
for (const [status, rang, reason, outcome] of [
  [480, false, 'SIP;cause=806;text="USER_NOT_REGISTERED"', "unavailable"],
  [480, true, 'Q.850;cause=19;text="NO_ANSWER"', "noanswer"],
  [480, false, 'Q.850;cause=19;text="NO_ANSWER"', "noanswer"],
  [480, true, 'Q.850;cause=20;text="SUBSCRIBER_ABSENT"', "unavailable"],
  [480, true, null, "noanswer"],
  [480, false, null, "unavailable"],
  [486, true, 'Q.850;cause=17;text="USER_BUSY"', "busy"],
  [486, false, null, "busy"],
  [488, false, 'Q.850;cause=88;text="INCOMPATIBLE_DESTINATION"', "incompatible"],
  [603, false, 'Q.850;cause=21;text="CALL_REJECTED"', "refused"],
  [603, true, 'Q.850;cause=21;text="CALL_REJECTED"', "declined"],
  [408, true, 'Q.850;cause=18;text="NO_USER_RESPONSE"', "noanswer"],
  [404, false, null, "unknown"],
  [487, true, null, "cancelled"],
  [503, false, null, "offline"],
  [503, true, null, "failed"],
  [500, false, null, "failed"],
  [699, true, null, "declined"],
]) {
  test(`${status} ${rang ? "after" : "before"} ringing, ${reason ?? "without a reason"}: ${outcome}`, () => {
    assert.equal(ofStatus(status, rang, reason), outcome);
  });
}

test("every final status there can be has an outcome with a name", () => {
  for (let status = 300; status < 700; status += 1) {
    for (const rang of [true, false]) assert.ok(OUTCOMES.includes(ofStatus(status, rang)), String(status));
  }
});

test("a cause is read from a Reason header and from nothing else", () => {
  assert.equal(causeOf('Q.850;cause=16;text="NORMAL_CLEARING"'), 16);
  for (const reason of [null, "", "Q.850", "because=9", "cause=x", "cause=99999"]) assert.equal(causeOf(reason), null);
});

test("a number that may not be called is told from a page that may not call", () => {
  assert.equal(ofToken(403, "urn:lampfield:problem:not-allowed"), "unknown");
  assert.equal(ofToken(403, "urn:lampfield:problem:origin-not-allowed"), "refused");
});

test("microphones and tokens that cannot be had", () => {
  assert.deepEqual(
    ["NotAllowedError", "NotFoundError", "NotReadableError", "InsecureError", "Whatever"].map(ofMicrophone),
    ["denied", "nomicrophone", "micbusy", "insecure", "micbusy"],
  );
  assert.deepEqual(
    ["NotAllowedError", "NotFoundError", "NotReadableError", "Silenced", "InvalidStateError", null].map(ofUnheard),
    ["unheardDenied", "unheardGone", "unheardTaken", "unheardSilenced", "unheardGone", null],
  );
  assert.deepEqual([404, 422, 403, 429, 500, 502, 0].map(ofToken), [
    "unknown",
    "unknown",
    "refused",
    "crowded",
    "offline",
    "offline",
    "offline",
  ]);
});
