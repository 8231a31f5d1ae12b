// Everything heard on the bus, by display, switch and sip-monitor. Pure: topics and payloads in, plain values out.
//
// A payload that cannot be read takes the place of what was there, as a fault: an older value would be a frozen one.

import { CHANNELS } from "./contract.js";
import { parseFrame } from "./frame.js";
import { decode } from "./payloads.js";
import { match } from "./topics.js";

/** How many displays, switches and sip-monitors are kept, and things of one kind (calls, extensions …) of one switch. */
export const MAX_DISPLAYS = 256;
export const MAX_SWITCHES = 32;
export const MAX_NODES = 32;
export const MAX_THINGS = 5000;

const OWNERS = { display: MAX_DISPLAYS, switch: MAX_SWITCHES, sip: MAX_NODES };
const ASKED_FOR = "sip_ladder"; // large, and looked at one at a time: whoever looks subscribes to it

/** The channels that a board keeps: what their owners retain; no events, no commands, no pages for others. */
export const KEPT = Object.keys(CHANNELS).filter(
  (name) => CHANNELS[name].retained && CHANNELS[name].writer in OWNERS && name !== ASKED_FOR,
);
const kept = new Set(KEPT);

export class Board {
  constructor() {
    this.displays = new Map();
    this.switches = new Map();
    this.nodes = new Map(); // sip-monitors
    this.overflown = false; // something was left out because a bound was reached
    this.faults = new Map(); // topic → why what stands there cannot be read
  }

  /**
   * Take in a message: a relative topic, bytes, the instant (ms) and whether it came as retained.
   * Returns `{kind: "display" | "switch" | "sip", name, part}`, or null when it changes nothing that is kept.
   */
  receive(topic, bytes, at, retained = false) {
    const found = match(topic);
    if (!found || !kept.has(found.channel)) return null;
    const [name, thing] = found.names;
    const kind = kindOf(found.channel);
    const part = found.channel.slice(kind.length + 1);
    const owner = this.#owner(kind, name, bytes.length > 0);
    if (!owner) return null;
    const place = thing === undefined ? owner.state : this.#things(owner, part);
    const key = thing === undefined ? part : thing;
    if (bytes.length === 0) {
      place.delete(key);
      this.faults.delete(topic);
    } else if (place.has(key) || place.size < MAX_THINGS) {
      place.set(key, this.#value(topic, found.channel, bytes));
    } else {
      this.overflown = true;
      return null;
    }
    if (part === "health") owner.heard = { at, live: !retained };
    this.#forget(kind, name, owner);
    return { kind, name, part };
  }

  #value(topic, channel, bytes) {
    try {
      const value = channel === "display_frame" ? parseFrame(bytes) : decode(channel, bytes);
      this.faults.delete(topic);
      return value;
    } catch (fault) {
      if (!(fault instanceof RangeError)) throw fault;
      if (this.faults.size < MAX_THINGS) this.faults.set(topic, fault.message);
      return null;
    }
  }

  #owner(kind, name, create) {
    const owners = this.#owners(kind);
    if (!owners.has(name) && create) {
      if (owners.size >= OWNERS[kind]) {
        this.overflown = true;
        return null;
      }
      owners.set(name, { name, state: new Map(), things: new Map(), heard: null });
    }
    return owners.get(name);
  }

  #owners(kind) {
    return { display: this.displays, switch: this.switches, sip: this.nodes }[kind];
  }

  #things(owner, part) {
    if (!owner.things.has(part)) owner.things.set(part, new Map());
    return owner.things.get(part);
  }

  #forget(kind, name, owner) {
    const left = owner.state.size + Array.from(owner.things.values()).reduce((sum, things) => sum + things.size, 0);
    if (left === 0) this.#owners(kind).delete(name);
  }
}

function kindOf(channel) {
  return channel.slice(0, channel.indexOf("_"));
}
