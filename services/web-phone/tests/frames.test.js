import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeText, firstText } from "../src/core/frames.js";

const bytes = (...parts) =>
  Uint8Array.from(parts.flatMap((part) => (typeof part === "string" ? [...new TextEncoder().encode(part)] : part)));

test("a client's text is one masked frame (RFC 6455 5.7: Hello)", () => {
  const mask = [0x37, 0xfa, 0x21, 0x3d];
  assert.deepEqual([...encodeText("Hello", mask)], [0x81, 0x85, ...mask, 0x7f, 0x9f, 0x4d, 0x51, 0x58]);
  const long = encodeText("x".repeat(300), mask);
  assert.deepEqual([long[1], (long[2] << 8) | long[3], long.length], [0x80 | 126, 300, 8 + 300]);
});

test("a server's text is read when it is whole, past pings, however it is cut", () => {
  const whole = bytes([0x89, 2], "hi", [0x81, 5], "Hello", [0x81, 1], "x");
  for (let end = 0; end < 11; end += 1) assert.equal(firstText(whole.subarray(0, end)), null, String(end));
  assert.equal(firstText(whole), "Hello");
  assert.equal(firstText(bytes([0x82, 126, 0, 200], "y".repeat(200))), "y".repeat(200));
});

test("what no server may send is no answer", () => {
  assert.throws(() => firstText(bytes([0x81, 0x85, 1, 2, 3, 4], "Hello")), /masked/);
  assert.throws(() => firstText(bytes([0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0])), /more than/);
  assert.throws(() => firstText(bytes([0x88, 0])), /closed/);
});
