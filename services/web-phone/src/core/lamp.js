// An extension's own lamp and its queues, from what the bus retains. Pure: topics and texts in, plain values out.
//
// The rows are those of lampfield_bus.channels (tests/contract/test_web_phone.py compares). What cannot be read, or
// comes from a switch that is lost, is not known: an older value would be a frozen one.

export const ADDRESSES = {
  availability: "switch/{switch}/availability",
  info: "switch/{switch}/info",
  health: "switch/{switch}/health",
  extension: "switch/{switch}/extension/{extension}",
  queue: "switch/{switch}/queue/{queue}",
};
/** ms; older health means that the publisher is lost (docs/topics.md). */
export const LOST_AFTER = 45_000;
const STATES = {
  idle: "lampIdle",
  ringing: "lampRinging",
  active: "lampActive",
  held: "lampHeld",
  waiting: "lampWaiting",
};
const ESCAPED = /[/+#$%\p{Cc}]/gu;
const utf8 = new TextEncoder();

/** A name as a topic's level: the mirror of lampfield_bus.topics.encode_name. */
export function encodeName(name) {
  const hex = (byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  return name.replace(ESCAPED, (character) => Array.from(utf8.encode(character), hex).join(""));
}

export class Lamp {
  #values = new Map(); // topic → value; null: it cannot be read
  #topics;
  #queues;
  #heard = null; // when health last came

  constructor(switchName, extension, queues) {
    const topic = (part, name) =>
      ADDRESSES[part].replace("{switch}", encodeName(switchName)).replace(/\{\w+\}/, () => encodeName(name));
    this.#topics = {
      availability: topic("availability"),
      info: topic("info"),
      health: topic("health"),
      extension: topic("extension", extension),
    };
    this.#queues = queues.map((name) => ({ name, topic: topic("queue", name) }));
    this.up = false;
  }

  /** Relative topics to subscribe to. */
  get topics() {
    return [...Object.values(this.#topics), ...this.#queues.map(({ topic }) => topic)];
  }

  /** The link to the broker came or went; after it came everything retained is told anew. */
  link(up) {
    this.up = up;
    this.#values.clear();
    this.#heard = null;
  }

  receive(topic, text, at) {
    if (text === "") this.#values.delete(topic);
    else this.#values.set(topic, topic === this.#topics.availability ? text : read(text));
    if (topic === this.#topics.health) this.#heard = at;
  }

  /** `{word, on, trouble, queues}` at `now` (ms); `word` and `trouble` are keys of words.js. */
  view(now) {
    const trouble = this.#trouble(now);
    if (trouble !== null) return { word: "lampUnknown", state: "unknown", trouble, queues: [] };
    const lamp = this.#values.get(this.#topics.extension);
    const known = lamp && Object.hasOwn(STATES, lamp.state);
    const off = known && lamp.state === "idle" && lamp.registered === false;
    return {
      word: off ? "lampOff" : known ? STATES[lamp.state] : "lampUnknown",
      state: off ? "off" : known ? lamp.state : "unknown",
      trouble: null,
      queues: this.#queues.flatMap(({ name, topic }) => queueOf(name, this.#values.get(topic), now)),
    };
  }

  #trouble(now) {
    if (!this.up) return "noBus";
    const said = Date.parse(this.#values.get(this.#topics.health)?.at);
    const seen = Math.min(said, this.#heard); // a clock that is behind would find it young for ever
    const lives = this.#values.get(this.#topics.availability) === "online" && now - seen <= LOST_AFTER;
    return lives && this.#values.get(this.#topics.info)?.esl === "connected" ? null : "noPbx";
  }
}

function queueOf(name, queue, now) {
  if (!queue || !Number.isInteger(queue.waiting)) return [];
  const since = Date.parse(queue.longest_wait_since);
  return [{ name, waiting: queue.waiting, longest: Number.isNaN(since) ? null : Math.max(0, now - since) }];
}

function read(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}
