import assert from "node:assert/strict";
import { test } from "node:test";
import { steady } from "../src/shell/timers.js";

/** A page's timers, and a worker that does nothing by itself. */
function made() {
  const worker = new EventTarget();
  worker.told = [];
  worker.postMessage = (told) => worker.told.push(told);
  worker.due = (id) => worker.dispatchEvent(new MessageEvent("message", { data: id }));
  const own = [];
  const scope = {
    setTimeout: (act, ms) => own.push(["once", act, ms]),
    setInterval: (act, ms) => own.push(["again", act, ms]),
    clearTimeout: (id) => own.push(["forget", id]),
  };
  steady(scope, worker);
  return { scope, worker, own };
}

test("a timeout is run once, when the worker says so, with its values", () => {
  const { scope, worker } = made();
  const ran = [];
  const id = scope.setTimeout((...values) => ran.push(values), 250, "a", "b");
  assert.deepEqual(worker.told, [[id, 250, false]]);
  worker.due(id);
  worker.due(id);
  assert.deepEqual(ran, [["a", "b"]]);
});

test("an interval goes on until it is forgotten, also by what was on its way", () => {
  const { scope, worker } = made();
  let ran = 0;
  const id = scope.setInterval(() => {
    ran += 1;
  }, 100);
  worker.due(id);
  worker.due(id);
  scope.clearInterval(id);
  worker.due(id);
  assert.equal(ran, 2);
  assert.deepEqual(worker.told.at(-1), [id]);
});

test("what was begun before is the browser's to forget", () => {
  const { scope, own } = made();
  scope.clearTimeout(7);
  scope.clearTimeout(undefined);
  assert.deepEqual(own, [
    ["forget", 7],
    ["forget", undefined],
  ]);
});

test("without the worker the browser's own timers go on", () => {
  const { scope, worker, own } = made();
  let ran = 0;
  const id = scope.setInterval(() => {
    ran += 1;
  }, 100);
  worker.dispatchEvent(new Event("error"));
  const [kind, act, ms] = own[0];
  act();
  assert.deepEqual([kind, ms, ran], ["again", 100, 1]);
  scope.clearInterval(id);
  assert.deepEqual(own.at(-1), ["forget", 1], "what the browser calls it");
  scope.setTimeout(() => {}, 5);
  assert.deepEqual([own.at(-1)[0], worker.told.length], ["once", 1]);
});
