// The re-INVITEs of a call that is talked (hold, another network), as a machine: one at a time, what is wanted meanwhile
// is one more after it, and what becomes of one that is refused (RFC 3261 14.1). Pure: no SIP, no clock, no dice.
//
//   idle ─hold, restart→ pending ─accepted, refused, lost→ idle
//                        pending ─refused by glare→ waiting ─its time has come→ pending
//
// A refused one leaves the call as it was; 408 and 481 say that there is none any more (RFC 3261 12.2.1.2).

/** How often one that met glare is sent again, until another network asks anew. */
export const RETRIES = 4;

const OVER = [408, 481];
const PENDING = 491;
const BUSY = [500, 503]; // with Retry-After: the other side is at an INVITE of its own (RFC 3261 14.2)
const PATIENCE = 10; // s; what 14.2 has at most
const STEP = 10; // ms; below: the ranges of 14.1 in these steps, both ends included
const OWNER = { from: 210, to: 400 };
const OTHER = { from: 0, to: 200 };
const NOTHING = { hold: null, restart: false };

export class Reinvites {
  /** `owner`: of the Call-ID, that is: this side made the call. Of two that collide the other one is tried first. */
  constructor({ owner }) {
    this.state = "idle";
    this.held = false; // as the other side last agreed to
    this.#range = owner ? OWNER : OTHER;
  }

  #range;
  #wanted = NOTHING;
  #sent = NOTHING;
  #retries = 0;
  #due = null;

  /**
   * Inputs: `hold {on}`, `restart` (of ICE), and what came of the last `invite`: `accepted`, `refused {status, after,
   * chance}` (`after`: Retry-After in s, or null), `unsent {name, chance}` (it could not even be sent: an error's name),
   * `lost` (it went with its socket; whoever opens another asks for a restart). `ended`: the call is over.
   * `chance`: a random number, 0 ≤ chance < 1.
   *
   * Effects: `["invite", {hold, restart}]`, `["held", on]` (what is so now), `["restarted", null | why not]`: "SIP 488",
   * an error's name; `["gone", status]`: the other side has no such call, and there will be no further effect.
   */
  receive({ type, ...input }, at) {
    if (!INPUTS[type]) throw new RangeError(`no such input: ${type}`);
    return INPUTS[type].includes(this.state) ? this[`_${type}`](input, at) : [];
  }

  /** The instant (ms) at which `tick` would send one again; null when none waits. */
  due() {
    return this.#due;
  }

  tick(at) {
    return this.#due === null || at < this.#due ? [] : this.#send();
  }

  _hold({ on }) {
    this.#wanted = { ...this.#wanted, hold: on };
    return this.state === "idle" ? this.#send() : [];
  }

  _restart() {
    this.#wanted = { ...this.#wanted, restart: true };
    this.#retries = 0;
    return this.state === "idle" ? this.#send() : [];
  }

  _accepted() {
    this.held = this.#sent.hold ?? this.held;
    return this.#done(null);
  }

  _refused({ status, after = null, chance }, at) {
    if (OVER.includes(status)) {
      this._ended();
      return [["gone", status]];
    }
    const why = `SIP ${status}`;
    if (status === PENDING) return this.#later(this.#pause(chance), why, at);
    if (BUSY.includes(status) && after !== null && after <= PATIENCE) return this.#later(after * 1_000, why, at);
    return this.#done(why);
  }

  /** Mostly there is one of the other side's under way, which may not be crossed. */
  _unsent({ name, chance }, at) {
    return this.#later(this.#pause(chance), name, at);
  }

  _lost() {
    this.#sent = { ...this.#sent, restart: false }; // nobody is told: it will be asked for again
    return this.#done(null);
  }

  _ended() {
    this.state = "over";
    this.#due = null;
    return [];
  }

  /** ms until one that met glare is sent again. */
  #pause(chance) {
    const { from, to } = this.#range;
    return (from + Math.floor(chance * (to - from + 1))) * STEP;
  }

  #later(ms, why, at) {
    if (this.#retries === RETRIES) return this.#done(why);
    this.#retries += 1;
    this.#wanted = {
      hold: this.#wanted.hold ?? this.#sent.hold,
      restart: this.#wanted.restart || this.#sent.restart,
    };
    this.state = "waiting";
    this.#due = at + ms;
    return [];
  }

  #send() {
    this.#sent = this.#wanted;
    this.#wanted = NOTHING;
    this.state = "pending";
    this.#due = null;
    return [["invite", { hold: this.#sent.hold ?? this.held, restart: this.#sent.restart }]];
  }

  /** The last one is over. What is wanted again by now is not told of, but done. */
  #done(why) {
    const { hold, restart } = this.#sent;
    const effects = [];
    if (hold !== null && this.#wanted.hold === null) effects.push(["held", this.held]);
    if (restart && !this.#wanted.restart) effects.push(["restarted", why]);
    this.state = "idle";
    this.#retries = 0;
    const more = this.#wanted.hold !== null || this.#wanted.restart;
    return more ? [...effects, ...this.#send()] : effects;
  }
}

const LIVE = ["idle", "pending", "waiting"];

const INPUTS = {
  hold: LIVE,
  restart: LIVE,
  accepted: ["pending"],
  refused: ["pending"],
  unsent: ["pending"],
  lost: ["pending"],
  ended: LIVE,
};
