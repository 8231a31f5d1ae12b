// What the page reads is what the contract has: every field that a view's core touches exists in the contract's example
// of that payload, which holds all of them.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Board } from "../src/core/board.js";
import { brightness, caption, ordered } from "../src/core/captions.js";
import { command, expected, groups } from "../src/core/commands.js";
import { CHANNELS, SCHEMAS, VERBS } from "../src/core/contract.js";
import { arrows, ladderText } from "../src/core/ladder.js";
import { switchLife } from "../src/core/life.js";
import { pcap } from "../src/core/pcap.js";
import { ALL, dialogs, figures, legs, rows } from "../src/core/sip.js";
import { counters, heading, partHeading, tables } from "../src/core/tables.js";
import { topicOf } from "../src/core/topics.js";
import { json, NOW, utf8 } from "./support.js";

const asyncapi = JSON.parse(readFileSync(new URL("../../../docs/asyncapi.json", import.meta.url), "utf8"));

function example(row) {
  return asyncapi.components.messages[row.schema + (row.many ? "List" : "")].examples[0].payload;
}

/** A value that throws when something is read from it that it does not have; `read` collects what is read. */
function strict(value, path, read) {
  if (typeof value !== "object" || value === null) return value;
  return new Proxy(value, {
    get(target, name) {
      const found = Reflect.get(target, name);
      if (typeof name === "symbol" || typeof found === "function") return found;
      assert.ok(name in target, `${path}.${name} is not in the contract`);
      if (!Array.isArray(target)) read.add(`${path}.${name}`);
      return strict(found, Array.isArray(target) ? path : `${path}.${name}`, read);
    },
  });
}

function strictBoard(read) {
  const board = new Board();
  for (const [channel, row] of Object.entries(CHANNELS)) {
    if (!row.retained) continue;
    const topic = topicOf(channel, ...(row.address.match(/\{/g) ?? []).map(() => "n"));
    if (row.schema) board.receive(topic, json(example(row)), NOW, false);
  }
  board.receive("display/n/availability", utf8("online"), NOW);
  board.receive("switch/n/availability", utf8("online"), NOW);
  board.receive("sip/n/availability", utf8("online"), NOW);
  for (const owner of [...board.displays.values(), ...board.switches.values(), ...board.nodes.values()]) {
    for (const [part, value] of owner.state) owner.state.set(part, strict(value, part, read));
    for (const [part, things] of owner.things) {
      for (const [name, value] of things) things.set(name, strict(value, part, read));
    }
  }
  return board;
}

test("every field that is read is in the contract", () => {
  const read = new Set();
  const board = strictBoard(read);
  for (const display of ordered(board)) {
    caption(display, { up: true }, NOW);
    brightness(display);
  }
  groups(board);
  expected({ kind: "group", name: "hall" }, board);
  for (const owner of board.switches.values()) {
    switchLife(owner, NOW);
    heading(owner, { up: true }, NOW);
    counters(owner);
    assert.equal(tables(owner, NOW).length, 8);
  }
  for (const node of board.nodes.values()) {
    partHeading(node, { up: true }, NOW);
    figures(node);
  }
  assert.equal(rows(board, { ...ALL, text: "?" }, { up: true }, NOW).rows.length, 0);
  assert.equal(rows(board, ALL, { up: true }, NOW).rows.length, 1);
  for (const { dialog, id } of dialogs(board)) legs(board, dialog, id);
  const ladder = strict(example(CHANNELS.sip_ladder), "ladder", read);
  arrows(ladder);
  ladderText(ladder);
  assert.ok(pcap(ladder).length > 24);
  for (const some of [
    "dialog.switch_call",
    "summary.by_status",
    "ladder.messages.transport",
    "info.width",
    "state.page",
    "queue.agents.available",
    "recent.sip_status",
    "call.caller.number",
  ]) {
    assert.ok(read.has(some), some);
  }
});

test("the test above would notice a field that is not", () => {
  assert.throws(() => strict({ page: "calls" }, "state", new Set()).pages, /state\.pages is not in the contract/);
});

test("every command that the form sends is a verb of the contract, with fields of its model", () => {
  const told = {
    notify: { text: "Hello", priority: "info", effect: "none", seconds: 5, hold: true },
    dismiss: { value: "*" },
    page: { value: "auto" },
    brightness: { value: "4" },
    power: { value: "on" },
    identify: { value: "" },
    test: { value: "" },
  };
  const source = readFileSync(new URL("../src/shell/send.js", import.meta.url), "utf8");
  const sent = new Set(Array.from(source.matchAll(/(?:plain\("[^"]+", |send\()"(\w+)"/g), ([, verb]) => verb));
  assert.deepEqual([...sent].toSorted(), Object.keys(told).toSorted());
  for (const [verb, fields] of Object.entries(told)) {
    assert.ok(VERBS.includes(verb), verb);
    const { topic, payload } = command({ kind: "group", name: "all" }, verb, fields, "t");
    assert.equal(topic, `group/all/cmd/${verb}`);
    const model = SCHEMAS[CHANNELS[`group_cmd_${verb}`].schema].properties;
    for (const field of Object.keys(JSON.parse(payload))) assert.ok(field in model, `${verb}: ${field}`);
  }
});
