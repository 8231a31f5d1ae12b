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
  #began; // null until the subscriptions are granted
  #last;

  /** Whether a reading is under way. */
  get busy() {
    return this.#fresh !== null;
  }

  /** Subscriptions are being asked for: brokers send what is retained before or after they grant them. */
  begin() {
    this.#fresh = new Board();
    this.#began = null;
    this.#last = 0;
  }

  /** They were granted at this instant (ms): from now on a silence means that all has come. */
  granted(at) {
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
    return this.#fresh && this.#began !== null ? Math.min(this.#last + QUIET, this.#began + LIMIT) : null;
  }

  /** Time has passed; true when a fresh board took the old one's place. */
  tick(at) {
    const due = this.due();
    if (due === null || at < due) return false;
    this.board = this.#fresh;
    this.#fresh = null;
    this.epoch += 1;
    return true;
  }
}
