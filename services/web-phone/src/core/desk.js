// The calls of whoever answers: one at a time, as a machine. Pure.
//
//   free ─invite→ ringing ─answer→ answering ─accepted→ talking ─bye, hangup→ over ─invite→ ringing
//
// A second caller meets `busy` and is remembered: a call that nobody was told of is worse than one that was missed.

import { ofMicrophone, ofUnheard } from "./outcomes.js";

/** ms until a call is answered where that was asked for: the room hears a beep first. */
export const AUTO_ANSWER = 1_000;
/** ms without sound after which a call is over. */
export const SILENT = 15_000;
/** How many calls are remembered; in memory only. */
export const REMEMBERED = 20;
const EXTENSION = /^[A-Za-z0-9._-]{1,64}$/;

export class Desk {
  constructor() {
    this.state = "free";
    this.party = null; // {number, name}
    this.outcome = null; // as in outcomes.js, and "missed", "refused", "transferred"
    this.detail = null;
    this.since = null;
    this.answered = null;
    this.muted = false;
    this.unheard = null; // why nothing comes from the microphone, as in outcomes.js; null while something does
    this.unmoved = null; // why the other side did not follow to another network: "SIP 488"; null: it did, or need not
    this.held = false;
    this.transfer = null; // {to, state: "asking" | "failed"}
    this.autoAnswer = false;
    this.calls = []; // the last ones, newest first: {party, outcome, at, seconds}
    this.#silent = null;
    this.#holding = false;
  }

  #silent;
  #holding;

  get silent() {
    return this.#silent !== null;
  }

  /** A call is there that closing this page would end. */
  get engaged() {
    return ENGAGED.includes(this.state);
  }

  /**
   * Effects: `["ring"]`, `["quiet"]`, `["answer", beep]`, `["refuse", status]`, `["refuseOther", 486]`, `["bye"]`,
   * `["hold", on]`, `["mute", on]`, `["refer", to]`, `["release"]`.
   */
  receive({ type, ...input }, at) {
    if (!INPUTS[type]) throw new RangeError(`no such input: ${type}`);
    return INPUTS[type].includes(this.state) ? this[`_${type}`](input, at) : [];
  }

  due() {
    if (this.state === "ringing" && this.autoAnswer) return this.since + AUTO_ANSWER;
    return this.#silent === null ? null : this.#silent + SILENT;
  }

  tick(at) {
    const due = this.due();
    if (due === null || at < due) return [];
    return this.state === "ringing" ? this.#answer(at, true) : this.#over("lost", at, [["bye"]]);
  }

  _invite({ party }, at) {
    if (this.engaged) {
      this.#remember({ party, outcome: "missed", at, seconds: null });
      return [["refuseOther", 486]];
    }
    Object.assign(this, {
      party,
      outcome: null,
      detail: null,
      answered: null,
      muted: false,
      unheard: null,
      unmoved: null,
      held: false,
      transfer: null,
    });
    this.#go("ringing", at);
    return [["ring"]];
  }

  _autoAnswer({ on }) {
    this.autoAnswer = on;
    return [];
  }

  _answer(_, at) {
    return this.#answer(at, false);
  }

  _decline(_, at) {
    return this.#over("refused", at, [["quiet"], ["refuse", 603]]);
  }

  /** The caller gave up, or somebody else answered. */
  _cancelled(_, at) {
    return this.#over("missed", at, [["quiet"]]);
  }

  _noMicrophone({ name }, at) {
    return this.#over(ofMicrophone(name), at, [["refuse", 480]], name);
  }

  _accepted(_, at) {
    this.answered = at;
    this.#go("talking", at);
    return [];
  }

  _broken({ name }, at) {
    const early = this.state === "ringing";
    return this.#over(early ? "missed" : this.state === "talking" ? "lost" : "incompatible", at, [["quiet"]], name);
  }

  _bye(_, at) {
    return this.#over(this.transfer?.state === "asking" ? "transferred" : "ended", at, []);
  }

  _hangup(_, at) {
    return this.#over("ended", at, [["bye"]]);
  }

  _media({ flowing, dead = false }, at) {
    if (dead)
      this.#silent ??= at; // a new network may bring it back: SILENT is waited for
    else if (flowing) this.#silent = null;
    else this.#silent ??= at;
    return [];
  }

  _mute({ on }) {
    this.muted = on;
    return [["mute", on]];
  }

  /** `name`: as `ofUnheard`; null: the microphone is heard again, or another one. */
  _unheard({ name }) {
    this.unheard = ofUnheard(name);
    return [];
  }

  _hold({ on }) {
    if (this.#holding) return []; // one re-INVITE at a time
    this.#holding = true;
    return [["hold", on]];
  }

  /** What came of a hold: what is so now. */
  _held({ on }) {
    this.#holding = false;
    this.held = on;
    return [];
  }

  /** What came of a restart: null, or why the other side did not take it up. The call is as it was. */
  _restarted({ why }) {
    this.unmoved = why;
    return [];
  }

  /** To the other side there is no such call any more. */
  _gone({ status }, at) {
    return this.#over("lost", at, [["bye"]], `SIP ${status}`);
  }

  _transfer({ to }) {
    if (!EXTENSION.test(to) || this.transfer?.state === "asking") return [];
    this.transfer = { to, state: "asking" };
    return [["refer", to]];
  }

  _transferred(_, at) {
    return this.#over("transferred", at, [["bye"]]);
  }

  _notTransferred({ detail = null }) {
    this.transfer = { ...this.transfer, state: "failed", detail };
    return [];
  }

  #answer(at, beep) {
    this.#go("answering", at);
    return [["quiet"], ["answer", beep]];
  }

  #over(outcome, at, effects, detail = null) {
    const seconds = this.answered === null ? null : Math.floor(Math.max(0, at - this.answered) / 1000);
    Object.assign(this, { outcome, detail, muted: false, unheard: null, unmoved: null, held: false });
    this.#silent = null;
    this.#holding = false;
    this.#remember({ party: this.party, outcome, at, seconds });
    this.#go("over", at);
    return [...effects, ["release"]];
  }

  #remember(call) {
    this.calls.unshift(call);
    this.calls.length = Math.min(this.calls.length, REMEMBERED);
  }

  #go(state, at) {
    this.state = state;
    this.since = at;
  }
}

/** Whether a transfer can be asked for to this name at all. */
export function isExtension(name) {
  return EXTENSION.test(name);
}

const ENGAGED = ["ringing", "answering", "talking"];
const ALL = ["free", ...ENGAGED, "over"];

const INPUTS = {
  invite: ALL,
  autoAnswer: ALL,
  answer: ["ringing"],
  decline: ["ringing"],
  cancelled: ["ringing", "answering"],
  noMicrophone: ["answering"],
  accepted: ["answering"],
  broken: ENGAGED,
  bye: ["talking", "answering"],
  hangup: ["talking", "answering"],
  media: ["talking"],
  restarted: ["talking"],
  gone: ["talking"],
  mute: ["talking"],
  unheard: ["answering", "talking"],
  hold: ["talking"],
  held: ["talking"],
  transfer: ["talking"],
  transferred: ["talking"],
  notTransferred: ["talking"],
};
