// After a subscription what is retained is collected into a fresh board, which then takes the old one's place: what
// was deleted while nobody listened leaves no ghost. MQTT does not say when all of it has come, and a viewer may write
// no marker: it has come when nothing retained arrived for QUIET ms, or after LIMIT ms. Pure.

import { Board } from "./board.js";

export const QUIET = 300;
export const LIMIT = 2000;

export class Reading {
  constructor() {
    this.board = new Board();
    this.epoch = 0; // grows when another board takes the place of the one before
    this.#fresh = null;
  }

  #fresh;
  #began;
  #last;

  /** Whether a reading is under way. */
  get busy() {
    return this.#fresh !== null;
  }

  /** The subscriptions were granted at this instant (ms). */
  begin(at) {
    this.#fresh = new Board();
    this.#began = at;
    this.#last = at;
  }

  /** The connection is gone: an unfinished reading is worth nothing. */
  abandon() {
    this.#fresh = null;
  }

  /** A message; returns what changed on the board that is shown, as Board.receive does. */
  receive(topic, bytes, at, retained) {
    if (!this.#fresh) return this.board.receive(topic, bytes, at, retained);
    if (retained) this.#last = at;
    this.#fresh.receive(topic, bytes, at, retained);
    return null;
  }

  /** The instant at which `tick` would end the reading; null without one. */
  due() {
    return this.#fresh ? Math.min(this.#last + QUIET, this.#began + LIMIT) : null;
  }

  /** Time has passed; true when a fresh board took the old one's place. */
  tick(at) {
    if (!this.#fresh || at < this.due()) return false;
    this.board = this.#fresh;
    this.#fresh = null;
    this.epoch += 1;
    return true;
  }
}
