// The only module that speaks MQTT: 3.1.1 over WebSocket, because the demo's embedded broker has no more there.
//
// A client per connection, as in lampfield_bus.node: what was not acknowledged on one is not sent on the next, so that
// no command comes late. It connects again and again, with a jittered pause of at most 5 s.

import mqtt from "mqtt";
import { CHANNELS } from "../core/contract.js";
import { filterOf } from "../core/topics.js";

const KEEPALIVE = 10; // s
const TIMEOUT = 8_000; // ms for a connection to be made
const PAUSES = [250, 500, 1_000, 2_000, 4_000]; // ms before the next attempt, about

export class Bus {
  #config;
  #channels;
  #on;
  #client = null;
  #timer = null;
  #attempts = 0;
  #watched = null;

  /**
   * `config`: `{url, root}`. `channels`: names of the rows to subscribe to. `on`: `subscribing()`, `up()`, `down(why, refused)`,
   * `message(topic, bytes, retained)`, with relative topics. `refused`: the broker is there and will not have us.
   */
  constructor(config, channels, on) {
    this.#config = config;
    this.#channels = channels;
    this.#on = on;
    this.credentials = { username: null, password: null };
    this.connected = false;
  }

  /** Connect with these credentials from now on. */
  open(credentials) {
    this.close();
    this.credentials = credentials;
    this.#connect();
  }

  /** Whether the broker lets these in, tried beside the connection that is there; rejects with why not. */
  check(credentials) {
    const client = this.#clientFor(credentials);
    return new Promise((resolve, reject) => {
      let why = "the broker does not answer";
      client.on("error", (fault) => {
        why = refusal(fault) ?? why;
      });
      client.on("close", () => reject(new Error(why)));
      client.on("connect", () => resolve());
    }).finally(() => client.end(true));
  }

  /** Let go of the connection, if there is one, and of the next attempt. */
  close() {
    clearTimeout(this.#timer);
    const client = this.#client;
    this.#client = null;
    this.connected = false;
    client?.end(true);
  }

  /** One topic more, beside the channels, until another one or null; what it holds comes as `message`. */
  watch(topic) {
    if (topic === this.#watched) return;
    if (this.#watched !== null && this.connected) this.#client.unsubscribe(`${this.#config.root}/${this.#watched}`);
    this.#watched = topic;
    if (topic !== null && this.connected) this.#client.subscribe(`${this.#config.root}/${topic}`, { qos: 0 });
  }

  /** Whether a command went out; never kept for later. `done(why | null)` tells whether the broker took it. */
  publish(topic, payload, done) {
    if (!this.connected) return false;
    this.#client.publish(`${this.#config.root}/${topic}`, payload, { qos: 1, retain: false }, (fault) =>
      done(fault ? fault.message : null),
    );
    return true;
  }

  #clientFor({ username, password }) {
    return mqtt.connect(this.#config.url, {
      protocolVersion: 4,
      clean: true,
      clientId: `lampfield-web-wall-${Math.random().toString(16).slice(2, 14)}`,
      keepalive: KEEPALIVE,
      connectTimeout: TIMEOUT,
      reconnectPeriod: 0, // a new client instead
      resubscribe: false,
      queueQoSZero: false,
      timerVariant: "native", // the other one makes a worker of a blob, which our Content-Security-Policy refuses
      username: username ?? undefined,
      password: password ?? undefined,
    });
  }

  #connect() {
    const client = this.#clientFor(this.credentials);
    this.#client = client;
    let why = null;
    const mine = () => this.#client === client;
    client.on("connect", () => mine() && this.#subscribe(client));
    client.on("message", (topic, payload, packet) => mine() && this.#receive(topic, payload, packet));
    client.on("error", (fault) => {
      why = refusal(fault) ?? why;
    });
    client.on("close", () => {
      client.end(true);
      if (!mine()) return;
      this.#client = null;
      this.connected = false;
      this.#on.down(why ?? "the broker does not answer", why !== null);
      this.#again();
    });
  }

  #subscribe(client) {
    const filters = Object.fromEntries(
      this.#channels.map((name) => [`${this.#config.root}/${filterOf(name)}`, { qos: CHANNELS[name].qos }]),
    );
    if (this.#watched !== null) filters[`${this.#config.root}/${this.#watched}`] = { qos: 0 };
    this.#on.subscribing();
    // What a user may not read is refused by some brokers (a fault here) and left out by others: both are no reason to
    // go without the rest. Without a connection `close` tells.
    client.subscribe(filters, () => {
      if (this.#client !== client || !client.connected) return;
      this.#attempts = 0;
      this.connected = true;
      this.#on.up();
    });
  }

  #receive(topic, payload, packet) {
    const start = `${this.#config.root}/`;
    if (topic.startsWith(start)) this.#on.message(topic.slice(start.length), payload, packet.retain);
  }

  #again() {
    const pause = PAUSES[Math.min(this.#attempts, PAUSES.length - 1)] * (0.75 + Math.random() / 2);
    this.#attempts += 1;
    this.#timer = setTimeout(() => this.#connect(), pause);
  }
}

/** Why the broker refuses us, if `fault` says that it does. MQTT 3.1.1 has 4 and 5 for it, and mosquitto only 5. */
function refusal({ code }) {
  return code === 4 || code === 5 ? "the broker does not accept this user and password" : null;
}
