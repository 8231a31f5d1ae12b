import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { DIAGNOSES, diagnosis } from "../src/core/diagnoses.js";
import {
  browserSocket,
  candidatesVerdict,
  clockVerdict,
  isLoopback,
  isPrivate,
  microphoneVerdict,
  optionsVerdict,
  originVerdict,
  report,
  target,
  tcpVerdict,
  tlsVerdict,
  tokensVerdict,
  upgradeVerdict,
} from "../src/core/verdicts.js";

const WS = target("ws://pbx.example:5066");
const WSS = target("wss://pbx.example:7443");

test("what shall be examined is a WebSocket's address", () => {
  assert.deepEqual(target("wss://pbx.example"), {
    url: "wss://pbx.example/",
    secure: true,
    host: "pbx.example",
    port: 443,
    loopback: false,
  });
  assert.deepEqual(target("ws://[::1]:5066").host, "::1");
  for (const text of ["pbx:5066", "https://pbx", "", "wss://"]) assert.throws(() => target(text), RangeError, text);
});

test("which hosts browsers trust without TLS", () => {
  assert.deepEqual(["localhost", "a.localhost", "127.0.0.1", "127.9.9.9", "::1"].map(isLoopback), Array(5).fill(true));
  assert.deepEqual(["192.168.0.1", "127.example.com", "localhost.example"].map(isLoopback), [false, false, false]);
});

// Facts as they were measured (docs/web-phone.md), and what they mean.
for (const [verdict, grade, code] of [
  [originVerdict({ protocol: "https:", secure: true }, WS), "fail", "mixed"],
  [originVerdict({ protocol: "https:", secure: true }, target("ws://127.0.0.1:5066")), "ok", "originFine"],
  [originVerdict({ protocol: "http:", secure: false }, WS), "fail", "insecurePage"],
  [originVerdict({ protocol: "https:", secure: true }, WSS), "ok", "originFine"],
  [browserSocket({ opened: 61 }, WS), "ok", "opened"],
  [browserSocket({ closed: 7 }, WS), "fail", "closed"],
  [browserSocket({ closed: 52 }, WSS), "fail", "closedSecure"],
  [browserSocket({ hung: true }, WSS), "fail", "hangsSecure"],
  [browserSocket({ hung: true }, WS), "fail", "hangs"],
  [browserSocket({ thrown: "SecurityError" }, WS), "fail", "mixed"],
  [browserSocket({ policy: true }, WS), "fail", "policy"],
  [browserSocket({ thrown: "SyntaxError" }, WS), "fail", "badUrl"],
  [tcpVerdict({ ms: 1 }, WS), "ok", "portOpen"],
  [tcpVerdict({ error: "ECONNREFUSED" }, WS), "fail", "portClosed"],
  [tcpVerdict({ error: "ETIMEDOUT" }, WS), "fail", "filtered"],
  [tcpVerdict({ error: "ENOTFOUND" }, WS), "fail", "unknownHost"],
  [tcpVerdict({ error: "EWHATEVER" }, WS), "fail", "noConnection"],
  [tlsVerdict({ hung: true }, WSS), "fail", "tlsHangs"],
  [tlsVerdict({ error: "ERR_SSL_WRONG_VERSION_NUMBER" }, WSS), "fail", "noTls"],
  [tlsVerdict({ refused: "DEPTH_ZERO_SELF_SIGNED_CERT", days: 100 }, WSS), "fail", "certificateSelf"],
  [tlsVerdict({ refused: "CERT_HAS_EXPIRED", days: -3 }, WSS), "fail", "certificateExpired"],
  [tlsVerdict({ refused: "ERR_TLS_CERT_ALTNAME_INVALID", days: 9 }, WSS), "fail", "certificateName"],
  [tlsVerdict({ refused: "X", days: 9 }, WSS), "fail", "certificateBad"],
  [tlsVerdict({ days: 9 }, WSS), "note", "certificateSoon"],
  [tlsVerdict({ days: 90 }, WSS), "ok", "certificateFine"],
  [upgradeVerdict({ status: 101 }, WS), "ok", "upgraded"],
  [upgradeVerdict({ status: 404, server: "nginx" }, WS), "fail", "http"],
  [upgradeVerdict({ tls: true }, WS), "fail", "tlsThere"],
  [upgradeVerdict({ hung: true }, WS), "fail", "upgradeHangs"],
  [upgradeVerdict({ closed: true }, WS), "fail", "upgradeCloses"],
  [upgradeVerdict({}, WS), "fail", "noHttp"],
  [optionsVerdict({ answer: { status: 200, agent: "FreeSWITCH" }, ms: 2 }, WS), "ok", "sip"],
  [optionsVerdict({ answer: { status: 404, agent: null }, ms: 2 }, WS), "note", "sipOther"],
  [optionsVerdict({ answer: null }, WS), "fail", "noSip"],
  [clockVerdict(null), "note", "clockUnknown"],
  [clockVerdict(-4_000), "ok", "clockFine"],
  [clockVerdict(-6_000), "note", "clockOff"],
  [clockVerdict(400_000), "fail", "clockWrong"],
  [microphoneVerdict({ error: "NotFoundError" }), "fail", "microphoneNone"],
  [microphoneVerdict({ error: "NotAllowedError" }), "fail", "microphoneDenied"],
  [microphoneVerdict({ label: "Headset", level: 0 }), "note", "microphoneSilent"],
  [microphoneVerdict({ label: "Headset", level: 0.4 }), "ok", "microphoneFine"],
  [candidatesVerdict([], false), "fail", "candidatesNone"],
  [candidatesVerdict([{ type: "host", address: "x.local", protocol: "udp" }], false), "note", "candidatesHidden"],
  [candidatesVerdict([{ type: "host", address: "192.168.1.2", protocol: "udp" }], false), "note", "candidatesPrivate"],
  [candidatesVerdict([{ type: "host", address: "192.168.1.2", protocol: "udp" }], true), "note", "candidatesNoServer"],
  [candidatesVerdict([{ type: "srflx", address: "203.0.113.5", protocol: "udp" }], true), "ok", "candidatesFine"],
  [candidatesVerdict([{ type: "host", address: "203.0.113.5", protocol: "tcp" }], false), "fail", "candidatesNone"],
  [tokensVerdict(422, "u"), "ok", "tokensFine"],
  [tokensVerdict(0, "u"), "fail", "tokensGone"],
  [tokensVerdict(401, "u"), "fail", "tokensKey"],
  [tokensVerdict(403, "u"), "fail", "tokensOrigin"],
  [tokensVerdict(404, "u"), "fail", "tokensElsewhere"],
  [tokensVerdict(502, "u"), "fail", "tokensBroken"],
]) {
  test(`${code} is a ${grade}`, () => {
    assert.deepEqual([verdict.grade, verdict.code], [grade, code]);
    const { words, mend } = diagnosis(verdict);
    assert.doesNotMatch(words + (mend ?? ""), /\{\d\}|\?\?|undefined|null/);
    assert.equal(grade !== "ok" && mend === null && code !== "clockUnknown", false, "what is wrong can be mended");
  });
}

test("every code has words, and all words are said by some verdict", () => {
  const source = readFileSync(new URL("../src/core/verdicts.js", import.meta.url), "utf8");
  const codes = Object.keys(DIAGNOSES);
  assert.deepEqual(
    codes.filter((code) => !source.includes(`"${code}"`)),
    [],
  );
  assert.throws(() => diagnosis({ code: "nonsense", values: [] }), RangeError);
});

test("which addresses FreeSWITCH takes from nobody by default", () => {
  const given = [
    "10.1.2.3",
    "172.16.0.1",
    "172.32.0.1",
    "192.168.0.1",
    "100.64.0.1",
    "100.128.0.1",
    "127.0.0.1",
    "192.0.2.2",
    "fe80::1",
    "2001:db8::1",
  ];
  assert.deepEqual(given.map(isPrivate), [true, true, false, true, true, false, false, false, true, false]);
});

test("a report is bad when one verdict is", () => {
  const fine = { check: "x", grade: "note", code: "clockUnknown", values: [] };
  assert.equal(report("page", WS, "2026-11-26T00:00:00.000Z", [fine]).ok, true);
  assert.equal(report("page", WS, "2026-11-26T00:00:00.000Z", [fine, { ...fine, grade: "fail" }]).ok, false);
});
