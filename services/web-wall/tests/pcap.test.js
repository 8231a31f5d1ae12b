// What is written is read back by a reader that shares nothing with the writer: fields by their offsets in the standards
// (pcap: draft-ietf-opsawg-pcap; RFC 791, 8200, 768, 9293), checksums by adding up what was received.

import assert from "node:assert/strict";
import { test } from "node:test";
import { missing, pcap } from "../src/core/pcap.js";
import { at, NOW } from "./support.js";

const message = (given = {}) => ({
  at: at(NOW),
  from: "192.0.2.7:5060",
  to: "192.0.2.1:5080",
  transport: "UDP",
  first_line: "BYE sip:a@b SIP/2.0",
  cseq: "1 BYE",
  retransmission: false,
  body: "BYE sip:a@b SIP/2.0\r\n\r\n",
  ...given,
});
const file = (...messages) => Buffer.from(pcap({ hosts: [], messages }));

function packets(bytes) {
  const found = [];
  for (let place = 24; place < bytes.length; ) {
    const size = bytes.readUInt32LE(place + 8);
    assert.equal(bytes.readUInt32LE(place + 12), size);
    const instant = bytes.readUInt32LE(place) * 1000 + bytes.readUInt32LE(place + 4) / 1000;
    found.push({ at: instant, ...packet(bytes.subarray(place + 16, place + 16 + size)) });
    place += 16 + size;
  }
  return found;
}

function packet(bytes) {
  const wide = bytes[0] >> 4 === 6;
  const head = wide ? 40 : 4 * (bytes[0] & 15);
  assert.equal(wide ? 40 + bytes.readUInt16BE(4) : bytes.readUInt16BE(2), bytes.length);
  if (!wide) assert.equal(added(bytes.subarray(0, head)), 0xffff);
  const [source, target] = wide
    ? [bytes.subarray(8, 24), bytes.subarray(24, 40)]
    : [bytes.subarray(12, 16), bytes.subarray(16, 20)];
  const protocol = bytes[wide ? 6 : 9];
  const segment = bytes.subarray(head);
  const pseudo = Buffer.alloc(8);
  pseudo.writeUInt32BE(segment.length, 0);
  pseudo[7] = protocol;
  assert.equal(added(Buffer.concat([source, target, pseudo, segment])), 0xffff);
  const start = protocol === 17 ? 8 : 4 * (segment[12] >> 4);
  if (protocol === 17) assert.equal(segment.readUInt16BE(4), segment.length);
  return {
    protocol,
    source: source.toString("hex"),
    target: target.toString("hex"),
    ports: [segment.readUInt16BE(0), segment.readUInt16BE(2)],
    sequence: protocol === 6 ? [segment.readUInt32BE(4), segment.readUInt32BE(8)] : null,
    text: segment.subarray(start).toString("utf8"),
  };
}

/** One's complement sum: all ones for what carries its own checksum. */
function added(bytes) {
  let sum = 0;
  for (let place = 0; place < bytes.length; place += 2) sum += bytes.readUInt8(place) * 256 + (bytes[place + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 65_536);
  return sum;
}

test("the head says classic pcap of IP packets", () => {
  const bytes = file();
  assert.equal(bytes.length, 24);
  assert.deepEqual([bytes.readUInt32LE(0), bytes.readUInt16LE(4), bytes.readUInt16LE(6)], [0xa1b2c3d4, 2, 4]);
  assert.equal(bytes.readUInt32LE(20), 101);
});

test("a message is a packet with its instant, its addresses and its text", () => {
  assert.deepEqual(packets(file(message())), [
    {
      at: NOW,
      protocol: 17,
      source: "c0000207",
      target: "c0000201",
      ports: [5060, 5080],
      sequence: null,
      text: "BYE sip:a@b SIP/2.0\r\n\r\n",
    },
  ]);
});

test("texts of every length, and of every language, have right checksums", () => {
  for (let length = 0; length < 40; length += 1) {
    const body = "ü☎x".repeat(length).slice(0, length);
    assert.equal(packets(file(message({ body })))[0].text, body);
  }
});

test("IPv6 in every spelling, and both families in one", () => {
  const source = (from) => packets(file(message({ from, to: "[::1]:5060" })))[0].source;
  assert.equal(source("[2001:db8::7]:5060"), `20010db8${"0".repeat(22)}07`);
  assert.equal(source("[1:2:3:4:5:6:7:8]:1"), "00010002000300040005000600070008");
  assert.equal(source("[::ffff:192.0.2.7]:1"), "00000000000000000000ffffc0000207");
  assert.equal(source("192.0.2.7:1"), "00000000000000000000ffffc0000207");
});

test("what is not UDP is a stream whose numbers go on, both ways", () => {
  const size = message().body.length;
  const there = message({ transport: "TLS" });
  const back = message({ transport: "TLS", from: there.to, to: there.from });
  const found = packets(file(there, back, there));
  assert.deepEqual(
    found.map(({ protocol }) => protocol),
    [6, 6, 6],
  );
  assert.deepEqual(
    found.map(({ sequence }) => sequence),
    [
      [1, 1],
      [1, 1 + size],
      [1 + size, 1 + size],
    ],
  );
});

test("packets are in the order of time", () => {
  const found = packets(file(message({ at: at(NOW + 900) }), message({ at: at(NOW + 5) })));
  assert.deepEqual(
    found.map((one) => one.at - NOW),
    [5, 900],
  );
});

test("a message without its text, or from what is no address, is left out and counted", () => {
  const odd = [
    "",
    "pbx:5060",
    "1.2.3:5060",
    "256.1.1.1:1",
    "192.0.2.7",
    "192.0.2.7:70000",
    "[1::2::3]:1",
    "[1:2]:1",
    "[g::]:1",
  ];
  const messages = [message({ body: null }), ...odd.map((from) => message({ from })), message()];
  assert.equal(missing({ hosts: [], messages }), messages.length - 1);
  assert.equal(packets(file(...messages)).length, 1);
});

test("the largest text that a monitor keeps fits, and a larger one is cut", () => {
  assert.equal(packets(file(message({ body: "☎".repeat(16_384) })))[0].text.length, 16_384);
  assert.ok(packets(file(message({ body: "x".repeat(100_000) })))[0].text.length <= 65_000);
});
