import assert from "node:assert/strict";
import { test } from "node:test";
import { diff, MAX_LINES } from "../src/core/diff.js";
import { arrows, kindOf, labelOf, ladderText } from "../src/core/ladder.js";
import { at, NOW } from "./support.js";

const [A, B] = ["192.0.2.7:5060", "192.0.2.1:5060"];
const message = (ms, from, to, first_line, given = {}) => ({
  at: at(NOW + ms),
  from,
  to,
  transport: "UDP",
  first_line,
  cseq: "1 INVITE",
  retransmission: false,
  body: `${first_line}\r\nCSeq: 1 INVITE\r\n\r\n`,
  ...given,
});
const CALL = {
  hosts: [A, B],
  messages: [
    message(0, A, B, "INVITE sip:1000@pbx SIP/2.0"),
    message(510, A, B, "INVITE sip:1000@pbx SIP/2.0", { retransmission: true }),
    message(1200, B, A, "SIP/2.0 486 Busy Here", { body: null }),
    message(600, B, A, "SIP/2.0 180 Ringing"),
  ],
};

test("a message is a request or of its status's class", () => {
  assert.deepEqual(
    [
      "INVITE sip:a@b SIP/2.0",
      "SIP/2.0 180 Ringing",
      "SIP/2.0 603 Decline",
      "SIP/2.0 407 Auth",
      "SIP/2.0 999 ?",
      "",
    ].map(kindOf),
    ["request", "1", "6", "challenge", "request", "request"],
  );
  assert.deepEqual(["BYE sip:a@b SIP/2.0", "SIP/2.0 200 OK", ""].map(labelOf), ["BYE", "200 OK", ""]);
});

test("arrows go from column to column in the order of time", () => {
  const { hosts, arrows: found } = arrows(CALL);
  assert.deepEqual(hosts, [A, B]);
  assert.deepEqual(
    found.map(({ label, from, to, at: when, delta, again }) => [label, from, to, when, delta, again]),
    [
      ["INVITE", 0, 1, 0, 0, false],
      ["INVITE", 0, 1, 0.51, 0.51, true],
      ["180 Ringing", 1, 0, 0.6, 0.09, false],
      ["486 Busy Here", 1, 0, 1.2, 0.6, false],
    ],
  );
});

test("a host that has no column yet gets one, and no message makes no arrow", () => {
  const stranger = { hosts: [A], messages: [message(0, A, "[2001:db8::1]:5061", "BYE sip:a@b SIP/2.0")] };
  assert.deepEqual(arrows(stranger).hosts, [A, "[2001:db8::1]:5061"]);
  assert.deepEqual(arrows({ hosts: [], messages: [] }), { hosts: [], arrows: [] });
});

test("as text it is a ladder and every message", () => {
  const lines = ladderText(CALL).split("\n");
  assert.match(lines[0], /^ {10} +192\.0\.2\.7:5060 +192\.0\.2\.1:5060/);
  assert.match(lines[1], /^ {4}0\.000 +\|-+ INVITE -+>\|$/);
  assert.match(lines[2], /^ {4}0\.510 +\|-+ INVITE \(again\) -+>\|$/);
  assert.match(lines[3], /^ {4}0\.600 +\|<-+ 180 Ringing -+\|$/);
  assert.equal(new Set(lines.slice(1, 5).map((line) => line.length)).size, 1);
  const text = lines.join("\n");
  assert.ok(text.includes(`--- ${at(NOW)} (+0.000) UDP ${A} -> ${B}\nINVITE sip:1000@pbx SIP/2.0\nCSeq: 1 INVITE\n`));
  assert.ok(text.includes("SIP/2.0 486 Busy Here\n(its text was dropped"));
  assert.ok(!text.includes("\r"));
});

test("a message to oneself has an arrow too, and long words do not widen the ladder", () => {
  const odd = {
    hosts: [A, B],
    messages: [message(0, A, A, "OPTIONS sip:a SIP/2.0"), message(1, A, B, `SIP/2.0 480 ${"x".repeat(90)}`)],
  };
  const lines = ladderText(odd).split("\n");
  assert.match(lines[1], /\|< OPTIONS >/);
  assert.match(lines[2], /\|- 480 x+-?>\|$/);
});

const words = (lines) => lines.map(([mark, text]) => mark + text).join("|");

test("a difference is what was taken out and what was put in, in place", () => {
  assert.equal(words(diff("a\r\nb\r\nc\r\n\r\n", "a\r\nx\r\nc\r\n\r\n")), "=a|-b|+x|=c");
  assert.equal(words(diff("a\nb", "a\nb")), "=a|=b");
  assert.equal(words(diff("a", "a\nb\nc")), "=a|+b|+c");
  assert.equal(words(diff("", "a")), "-|+a");
});

test("a difference leads from the one to the other, whatever they are", () => {
  let seed = 7;
  const random = (below) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed % below;
  };
  const text = () => Array.from({ length: 1 + random(12) }, () => "abcd"[random(4)]).join("\n");
  for (let round = 0; round < 300; round += 1) {
    const [one, other] = [text(), text()];
    const lines = diff(one, other);
    const side = (mark) => lines.filter(([found]) => found !== mark).map(([, line]) => line);
    assert.equal(side("+").join("\n"), one);
    assert.equal(side("-").join("\n"), other);
  }
});

test("a message of nothing but lines is compared as far as its bound", () => {
  assert.ok(diff("x\n".repeat(16_000), "y\n".repeat(16_000)).length <= 2 * MAX_LINES);
});
