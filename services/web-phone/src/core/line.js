// Whether calls to an extension reach this page: signing in, staying so, coming back. Pure.
//
//   out ─signIn→ claiming ─claimed→ signing ─registered→ ready ⇄ away
//
// One tab of a browser holds an extension: two would both ring, and each hear half of what is said. `claim` asks for it.

/** ms before the next attempt to come back, by how often it failed; at most 5 s, as everywhere in this house. */
export const PAUSES = [250, 1_000, 2_000, 4_000];
/** ms for an attempt: a socket that opens and a server that then says nothing. */
export const ATTEMPT = 12_000;

export class LineState {
  constructor() {
    this.state = "out";
    this.extension = null;
    this.why = null; // why it is out: "wrongPassword", "elsewhere", "takenOver", "otherTalks"; null: signed out
    this.reached = false; // since signing in, the server was there once
    this.since = null;
    this.#attempts = 0;
    this.#next = null;
  }

  #attempts;
  #next; // when to try again, or to give an attempt up; null: nothing is waited for
  #trying = false;

  /**
   * Effects: `["claim", extension]`, `["takeOver"]`, `["open"]`, `["register"]`, `["restart"]`, `["close"]`,
   * `["forget"]` (the password), `["unclaim"]`.
   */
  receive({ type, ...input }, at) {
    if (!INPUTS[type]) throw new RangeError(`no such input: ${type}`);
    return INPUTS[type].includes(this.state) ? this[`_${type}`](input, at) : [];
  }

  due() {
    return this.#next;
  }

  /** `spread` (0.75 to 1.25) keeps a hundred pages from coming back at the same instant. */
  tick(at, spread = 1) {
    if (this.#next === null || at < this.#next) return [];
    if (this.#trying) return this.#failed(at, spread);
    return this.#attempt(at);
  }

  _signIn({ extension }, at) {
    this.extension = extension;
    this.why = null;
    this.reached = false;
    this.#attempts = 0;
    this.#go("claiming", at);
    return [["claim", extension]];
  }

  /** The person wants it here, from the tab that holds it. */
  _takeOver(_, at) {
    if (this.extension === null) return [];
    this.why = null;
    this.#go("claiming", at);
    return [["takeOver"]];
  }

  _claimed(_, at) {
    this.#go("signing", at);
    return this.#attempt(at);
  }

  /** Another tab has it. `talks`: and would not let go, because it is in a call. */
  _elsewhere({ talks = false }, at) {
    return this.#leave(talks ? "otherTalks" : "elsewhere", at, []);
  }

  _socket() {
    return this.#trying ? [["register"]] : [];
  }

  /** Also at the first attempt: a telephone system that starts after its telephones is waited for. */
  _noSocket(_, at) {
    if (this.state === "ready") this.#go("away", at);
    return this.#trying || this.#next === null ? this.#failed(at) : [];
  }

  _registered(_, at) {
    const back = this.state === "away";
    this.#trying = false;
    this.#next = null;
    this.#attempts = 0;
    this.reached = true;
    if (this.state !== "ready") this.#go("ready", at);
    return back ? [["restart"]] : [];
  }

  /** `status`: the server's refusal, or null when it did not even answer. */
  _unregistered({ status }, at) {
    const wrong = status === 401 || status === 403 || status === 407 || status === 404;
    if (wrong) return this.#leave("wrongPassword", at, [["close"], ["forget"], ["unclaim"]]);
    return this._noSocket({}, at);
  }

  /** The network is another one, or this device slept: the socket may be dead without knowing. */
  _network(_, at) {
    this.#go("away", at);
    this.#attempts = 0;
    return this.#attempt(at);
  }

  _signOut(_, at) {
    return this.#leave(null, at, [["close"], ["forget"], ["unclaim"]]);
  }

  /** Another tab took the extension over. The password is kept: this tab may take it back. */
  _taken(_, at) {
    return this.#leave("takenOver", at, [["close"], ["unclaim"]]);
  }

  #attempt(at) {
    this.#trying = true;
    this.#next = at + ATTEMPT;
    return [["open"]];
  }

  #failed(at, spread = 1) {
    this.#trying = false;
    this.#next = at + PAUSES[Math.min(this.#attempts, PAUSES.length - 1)] * spread;
    this.#attempts += 1;
    if (this.state === "signing") this.#go("away", at);
    return [];
  }

  #leave(why, at, effects) {
    this.why = why;
    this.#trying = false;
    this.#next = null;
    this.#go("out", at);
    return effects;
  }

  #go(state, at) {
    this.state = state;
    this.since = at;
  }
}

const IN = ["signing", "ready", "away"];

const INPUTS = {
  signIn: ["out"],
  takeOver: ["out"],
  claimed: ["claiming"],
  elsewhere: ["claiming"],
  socket: IN,
  noSocket: IN,
  registered: IN,
  unregistered: IN,
  network: ["ready", "away"],
  signOut: ["claiming", ...IN],
  taken: IN,
};
