// Commands to displays, and what came back. Pure: transactions are given, time is an argument.

import { SCHEMAS } from "./contract.js";
import { topicOf } from "./topics.js";

/** ms within which a display that is there answers. */
export const ANSWER_WITHIN = 5_000;
/** How many commands are remembered for the list below the form. */
export const REMEMBERED = 20;

/** What a person may choose from, as the contract has it. */
export const { priority: PRIORITY, effect: EFFECT } = SCHEMAS.Notify.properties; // {enum, default}

/**
 * `{topic, payload}` of one command. `target` is `{kind: "display" | "group", name}`; `fields` are those of the verb's
 * model; what is empty or as by default is left out.
 */
export function command(target, verb, fields, transaction) {
  const given = Object.entries(fields).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  const payload = JSON.stringify({ ...Object.fromEntries(given), transaction });
  return { topic: topicOf(`${target.kind}_cmd_${verb}`, target.name), payload };
}

/** Who should answer: the display itself, or every one that says it is in the group. */
export function expected(target, board) {
  if (target.kind === "display") return [target.name];
  const members = Array.from(board.displays.values()).filter((display) => inGroup(display, target.name));
  return members.map((display) => display.name);
}

/** Every group that a display says it is in, `all` first. */
export function groups(board) {
  const named = Array.from(board.displays.values()).flatMap((display) => display.state.get("info")?.groups ?? []);
  return Array.from(new Set(["all", ...named.toSorted()]));
}

function inGroup(display, group) {
  return group === "all" || (display.state.get("info")?.groups ?? []).includes(group);
}

/** What was sent and what each display answered, newest first. */
export class Outcomes {
  constructor() {
    this.sent = [];
  }

  /** A command went out at `at` to these displays. */
  begin(transaction, words, displays, at) {
    const answers = new Map(displays.map((name) => [name, null]));
    this.sent.unshift({ transaction, words, at, answers, failed: null, over: displays.length === 0 });
    this.sent.length = Math.min(this.sent.length, REMEMBERED);
  }

  /** A display's `result`; true when it answers something sent from here. */
  receive(display, result) {
    const found = this.sent.find((entry) => entry.transaction === result.transaction);
    if (!found) return false;
    found.answers.set(display, result);
    found.over = !Array.from(found.answers.values()).includes(null);
    return true;
  }

  /** It did not even go out. */
  fail(transaction, why) {
    const found = this.sent.find((entry) => entry.transaction === transaction);
    if (found) Object.assign(found, { failed: why, over: true });
  }

  /** `[who, "done" | "refused" | "waiting" | "silent", words]` of one entry of `sent`, for a list. */
  answers(entry) {
    if (entry.failed !== null) return [["", "refused", entry.failed]];
    if (entry.answers.size === 0) return [["", "silent", "no display is in that group"]];
    return Array.from(entry.answers, ([name, result]) => [name, ...said(result, entry.over)]);
  }

  /** The instant at which `tick` would give something up; null when nothing is awaited. */
  due() {
    const open = this.sent.filter((entry) => !entry.over);
    return open.length ? Math.min(...open.map((entry) => entry.at)) + ANSWER_WITHIN : null;
  }

  /** Time has passed; true when something is given up. */
  tick(at) {
    const late = this.sent.filter((entry) => !entry.over && at >= entry.at + ANSWER_WITHIN);
    for (const entry of late) entry.over = true;
    return late.length > 0;
  }
}

function said(result, over) {
  if (result === null) return over ? ["silent", "no answer"] : ["waiting", "…"];
  if (result.ok) return ["done", "done"];
  return ["refused", `refused${result.field ? ` (${result.field})` : ""}: ${result.error ?? "no reason given"}`];
}
