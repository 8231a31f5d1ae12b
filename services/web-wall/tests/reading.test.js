import assert from "node:assert/strict";
import { test } from "node:test";
import { LIMIT, QUIET, Reading } from "../src/core/reading.js";
import { NOW, utf8 } from "./support.js";

const frame = utf8("#\n");

function started(at = NOW) {
  const reading = new Reading();
  reading.begin();
  reading.granted(at);
  return reading;
}
const names = (reading) => [...reading.board.displays.keys()];

test("what is collected is shown when nothing more comes", () => {
  const reading = started();
  reading.receive("display/hall/frame", frame, NOW + 100, true);
  assert.equal(reading.tick(NOW + 100 + QUIET - 1), false);
  assert.deepEqual(names(reading), []);
  assert.equal(reading.tick(NOW + 100 + QUIET), true);
  assert.deepEqual(names(reading), ["hall"]);
});

test("it is shown after the limit, whatever comes", () => {
  const reading = started();
  for (let ms = 0; ms < LIMIT; ms += QUIET / 2) reading.receive("display/hall/frame", frame, NOW + ms, true);
  assert.equal(reading.due(), NOW + LIMIT);
  assert.equal(reading.tick(NOW + LIMIT), true);
});

test("live messages do not hold it up, and are in it", () => {
  const reading = started();
  reading.receive("display/hall/frame", frame, NOW + 200, false);
  assert.equal(reading.tick(NOW + QUIET), true);
  assert.deepEqual(names(reading), ["hall"]);
});

test("what was deleted while nobody listened is a ghost no longer", () => {
  const reading = started();
  reading.receive("display/old/frame", frame, NOW, true);
  reading.tick(NOW + LIMIT);
  reading.begin();
  reading.granted(NOW + 10_000);
  reading.receive("display/new/frame", frame, NOW + 10_000, true);
  assert.deepEqual(names(reading), ["old"]);
  reading.tick(NOW + 10_000 + LIMIT);
  assert.deepEqual(names(reading), ["new"]);
});

test("a connection that breaks meanwhile changes nothing", () => {
  const reading = new Reading();
  reading.receive("display/hall/frame", frame, NOW, false);
  reading.begin();
  reading.abandon();
  assert.equal(reading.due(), null);
  assert.equal(reading.tick(NOW + LIMIT), false);
  assert.deepEqual(names(reading), ["hall"]);
});

test("what comes before the subscriptions are granted is kept, and no silence counts until then", () => {
  const reading = new Reading();
  reading.begin();
  reading.receive("display/hall/frame", frame, NOW, true);
  assert.equal(reading.tick(NOW + LIMIT), false);
  reading.granted(NOW + 5_000);
  assert.equal(reading.tick(NOW + 5_000 + QUIET), true);
  assert.deepEqual(names(reading), ["hall"]);
});
