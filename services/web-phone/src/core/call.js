// A visitor's call, as a machine: what happened goes in, what shall be done comes out. Pure: no page, no SIP, no clock.
//
//   idle ─press→ asking ─microphone→ connecting ─progress→ ringing ─accepted→ talking ─bye, hangup→ over ─press→ asking
//
// Any of them may end as `over`, with an outcome of outcomes.js. The shell performs the effects and feeds back what
// came of them; what comes late, of a call that is over, changes nothing.

import { ofMicrophone, ofStatus, ofToken, ofUnheard } from "./outcomes.js";

/** ms; how long each state may last before the page stops waiting. A wss to a ws port never answers. */
export const LIMITS = { connecting: 15_000, ringing: 60_000, silent: 8_000 };

/** ms before the socket of a call that lives is opened again, by how often that failed. */
const PAUSES = [250, 1_000, 2_000, 4_000];

export class Call {
  /** `limits`: as LIMITS; what is missing is as there. */
  constructor(limits = {}) {
    this.limits = { ...LIMITS, ...limits };
    this.state = "idle";
    this.to = null;
    this.outcome = null;
    this.detail = null; // what a technician wants to know: "SIP 486", "HTTP 429", an error's name
    this.muted = false;
    this.unheard = null; // why nothing comes from the microphone, as in outcomes.js; null while something does
    this.unmoved = null; // why the other side did not follow to another network: "SIP 488"; null: it did, or need not
    this.since = null; // the instant (ms) at which `state` began
    this.answered = null; // the instant at which the other side answered
    this.seconds = null; // of a call that is over: how long it was talked
    this.#reset();
  }

  #socket; // null while it is being opened
  #token;
  #invited;
  #rang;
  #retry; // when to open the socket again; null: it is open, or being opened
  #attempts;
  #silent; // since when no sound can come; null while it can

  /**
   * Take in what happened at `at` (ms). Returns the effects, in order:
   * `["microphone"]`, `["connect"]`, `["token", to]`, `["invite", token]`, `["cancel"]`, `["bye"]`, `["mute", on]`,
   * `["reconnect"]`, `["restart"]` (of the connection's ICE), `["release"]`.
   */
  receive({ type, ...input }, at) {
    if (!INPUTS[type]) throw new RangeError(`no such input: ${type}`);
    return INPUTS[type].includes(this.state) ? this[`_${type}`](input, at) : [];
  }

  /** It is being talked, and no sound can come. */
  get silent() {
    return this.#silent !== null;
  }

  /** The instant at which `tick` would change something; null when nothing is waited for. */
  due() {
    if (this.state === "connecting" || this.state === "ringing") return this.since + this.limits[this.state];
    const lost = this.#silent === null ? null : this.#silent + this.limits.silent;
    return lost === null || this.#retry === null ? (lost ?? this.#retry) : Math.min(lost, this.#retry);
  }

  /** Time has passed. */
  tick(at) {
    const due = this.due();
    if (due === null || at < due) return [];
    if (this.state === "talking") return this.#talkingTick(at);
    return this.state === "ringing" ? this.#over("noanswer", at, [["cancel"]]) : this.#giveUp("offline", at);
  }

  _press({ to }, at) {
    this.#reset();
    this.to = to;
    this.#go("asking", at);
    return [["connect"], ["microphone"]]; // the socket opens while the person decides
  }

  _microphone(_, at) {
    this.#go("connecting", at);
    return [...(this.#socket === false ? [["connect"]] : []), ["token", this.to]];
  }

  _noMicrophone({ name }, at) {
    return this.#over(ofMicrophone(name), at, [], name);
  }

  _socket() {
    this.#socket = true;
    if (this.state === "talking") {
      this.#attempts = 0;
      return [["restart"]];
    }
    return this.#inviteWhenReady();
  }

  /** The socket could not be opened, or went away. A call that is talked lives on without it, and looks for another. */
  _noSocket(_, at) {
    this.#socket = false;
    if (this.state === "talking") {
      this.#retry = at + PAUSES[Math.min(this.#attempts, PAUSES.length - 1)];
      this.#attempts += 1;
      return [];
    }
    return this.state === "asking" ? [] : this.#over("offline", at, this.#invited ? [["cancel"]] : []);
  }

  _token({ token }) {
    this.#token = token;
    return this.#inviteWhenReady();
  }

  _noToken({ status, problem = null }, at) {
    return this.#over(ofToken(status, problem), at, [], status ? `HTTP ${status}` : null);
  }

  _progress(_, at) {
    if (this.state !== "ringing") this.#go("ringing", at);
    this.#rang = true;
    return [];
  }

  _accepted(_, at) {
    this.answered = at;
    this.#go("talking", at);
    return [];
  }

  _rejected({ status, reason = null }, at) {
    return this.#over(ofStatus(status, this.#rang, reason), at, [], `SIP ${status}`);
  }

  /** The offer could not even be made, or the answer not be used. */
  _broken({ name }, at) {
    return this.#over("incompatible", at, [], name);
  }

  _bye(_, at) {
    return this.#over("ended", at, []);
  }

  /** `flowing`: sound can come (ICE is connected). */
  _media({ flowing, dead = false }, at) {
    if (dead) return this.#over("lost", at, [["bye"]]);
    if (flowing) this.#silent = null;
    else this.#silent ??= at;
    return [];
  }

  _hangup(_, at) {
    if (this.state === "talking") return this.#over("ended", at, [["bye"]]);
    return this.#giveUp("cancelled", at);
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

  /** What came of a restart: null, or why the other side did not take it up. The call is as it was. */
  _restarted({ why }) {
    this.unmoved = why;
    return [];
  }

  /** To the other side there is no such call any more. */
  _gone({ status }, at) {
    return this.#over("lost", at, [["bye"]], `SIP ${status}`);
  }

  #talkingTick(at) {
    if (this.#silent !== null && at >= this.#silent + this.limits.silent) return this.#over("lost", at, [["bye"]]);
    this.#retry = null;
    return [["reconnect"]];
  }

  #giveUp(outcome, at) {
    return this.#over(outcome, at, this.#invited ? [["cancel"]] : []);
  }

  #inviteWhenReady() {
    if (this.state !== "connecting" || this.#invited || !this.#socket || this.#token === null) return [];
    this.#invited = true;
    return [["invite", this.#token]];
  }

  #go(state, at) {
    this.state = state;
    this.since = at;
  }

  #over(outcome, at, effects, detail = null) {
    this.seconds = this.answered === null ? null : Math.floor(Math.max(0, at - this.answered) / 1000);
    this.#silent = null;
    this.#retry = null;
    this.outcome = outcome;
    this.detail = detail;
    this.muted = false;
    this.unheard = null;
    this.unmoved = null;
    this.#go("over", at);
    return [...effects, ["release"]];
  }

  #reset() {
    this.outcome = null;
    this.detail = null;
    this.muted = false;
    this.unheard = null;
    this.unmoved = null;
    this.answered = null;
    this.seconds = null;
    this.#socket = null;
    this.#token = null;
    this.#invited = false;
    this.#rang = false;
    this.#silent = null;
    this.#retry = null;
    this.#attempts = 0;
  }
}

const LIVE = ["asking", "connecting", "ringing", "talking"];
const BEFORE = ["connecting", "ringing"];

/** Every input, and the states in which it means something. */
const INPUTS = {
  press: ["idle", "over"],
  microphone: ["asking"],
  noMicrophone: ["asking"],
  socket: ["asking", "connecting", "talking"],
  noSocket: LIVE,
  token: ["connecting"],
  noToken: ["connecting"],
  progress: BEFORE,
  accepted: BEFORE,
  rejected: BEFORE,
  broken: [...BEFORE, "talking"],
  bye: ["talking"],
  media: ["talking"],
  restarted: ["talking"],
  gone: ["talking"],
  hangup: LIVE,
  mute: LIVE,
  unheard: LIVE,
};
