import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { configure } from "../src/core/config.js";

const BASE = "https://phone.example/sub/config.json";

test("the file that comes with the pages leads everything over the page's own address", () => {
  const shipped = JSON.parse(readFileSync(new URL("../../../phone/config.json", import.meta.url), "utf8"));
  const config = configure(shipped, BASE);
  assert.equal(config.server, "wss://phone.example/sub/ws");
  assert.equal(config.guest_server, "wss://phone.example/sub/guest");
  assert.equal(config.tokens, "https://phone.example/sub/guest-tokens");
  assert.equal(config.bus.broker, "wss://phone.example/sub/mqtt");
  assert.equal(config.domain, "phone.example");
  assert.equal(JSON.stringify(shipped).includes("password"), false);
});

test("whole addresses are kept, visitors go where extensions go unless told otherwise", () => {
  const config = configure({ server: "wss://pbx.example:7443", domain: "pbx" }, BASE);
  assert.deepEqual([config.server, config.guest_server], ["wss://pbx.example:7443/", "wss://pbx.example:7443/"]);
  assert.equal(config.destinations.constructor, undefined);
  assert.deepEqual([config.domain, config.bus, config.ring_seconds, config.ice_servers], ["pbx", null, 60, []]);
});

for (const [given, field] of [
  [[], "is no object"],
  [{ server: 5 }, "server: is no text"],
  [{ server: "ftp://x" }, "server: begins with ws"],
  [{ server: "wss://" }, "server: is no URL"],
  [{ ring_seconds: "60" }, "ring_seconds: is no seconds"],
  [{ destinations: { sales: 1000 } }, "destinations: is no names"],
  [{ ice_servers: {} }, "ice_servers: is no list"],
  [{ bus: { queues: "support" } }, "bus.queues: is no texts"],
]) {
  test(`${JSON.stringify(given)} is refused by name`, () => {
    assert.throws(
      () => configure(given, BASE),
      (fault) => fault instanceof RangeError && fault.message.includes(field),
    );
  });
}

test("a field that is not known is one for a newer page", () => {
  assert.equal(configure({ newer: 1 }, BASE).ring_seconds, 60);
});
