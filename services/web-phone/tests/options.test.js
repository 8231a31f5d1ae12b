import assert from "node:assert/strict";
import { test } from "node:test";
import { optionsAnswer, optionsRequest } from "../src/core/options.js";

test("an OPTIONS has all that a request must have", () => {
  const text = optionsRequest({ host: "pbx.example", secure: true }, ["b", "t", "i"]);
  const [first, ...lines] = text.split("\r\n");
  assert.equal(first, "OPTIONS sip:pbx.example SIP/2.0");
  for (const name of [
    "Via: SIP/2.0/WSS",
    "From",
    "To",
    "Call-ID",
    "CSeq: 1 OPTIONS",
    "Max-Forwards",
    "Content-Length: 0",
  ]) {
    assert.ok(
      lines.some((line) => line.startsWith(name)),
      name,
    );
  }
  assert.ok(text.endsWith("\r\n\r\n"));
  assert.match(optionsRequest({ host: "::1", secure: false }, ["b", "t", "i"]), /^OPTIONS sip:\[::1\] SIP/);
});

test("FreeSWITCH's answer, and what is none", () => {
  const answer =
    "SIP/2.0 200 OK\r\nVia: x\r\nUser-Agent: FreeSWITCH-mod_sofia/1.11.1-release~64bit\r\nContent-Length: 0\r\n\r\n";
  assert.deepEqual(optionsAnswer(answer), {
    status: 200,
    reason: "OK",
    agent: "FreeSWITCH-mod_sofia/1.11.1-release~64bit",
  });
  assert.equal(optionsAnswer("SIP/2.0 404 Not Found\r\nserver: kamailio\r\n\r\n").agent, "kamailio");
  for (const text of ["", "hello", "HTTP/1.1 200 OK\r\n\r\n", "OPTIONS sip:x SIP/2.0", "SIP/2.0 999 No"]) {
    assert.equal(optionsAnswer(text), null);
  }
});
