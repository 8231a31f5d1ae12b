// Performs what core/call.js decides: microphone, token, SIP, sound. Knows nothing of buttons.

import { Call } from "../core/call.js";
import { Keeper } from "./keeper.js";
import { closeStream, Meter, openMicrophone } from "./microphone.js";
import { Line } from "./sip.js";
import { fetchToken } from "./tokens.js";
import { Ringback } from "./tones.js";

const TICK = 250; // ms between two looks at the clock

export class Visitor {
  #config;
  #changed;
  #line = null;
  #talk = null;
  #stream = null;
  #keeper = null; // watches over it
  #timer = null;
  #sound = new Audio();
  #ringback = new Ringback();
  #generation = 0; // what comes of an earlier call's effects is nothing to this one

  /** `config`: of config.json; `changed()` is called whenever there is something else to see. */
  constructor(config, changed) {
    this.#config = config;
    this.#changed = changed;
    this.call = new Call({ ringing: config.ring_seconds * 1000 });
    this.meter = new Meter();
    this.timeline = {}; // state → ms since the click, for tests and technicians
  }

  press(to) {
    this.#generation += 1;
    this.timeline = {};
    this.#began = performance.now();
    this.tell({ type: "press", to });
  }

  #began = 0;

  /** Feeds an input in, performs what comes of it. */
  tell(input) {
    this.#perform(this.call.receive(input, Date.now()));
  }

  dial(key) {
    return this.#talk?.press(key) ?? false;
  }

  /** Statistics of the connection, as WebRTC has them; null without one. */
  async stats() {
    return this.#talk?.peer ? Array.from((await this.#talk.peer.getStats()).values()) : null;
  }

  #tick() {
    this.#perform(this.call.tick(Date.now()));
  }

  #perform(effects) {
    for (const [name, ...values] of effects) this[`_${name}`](...values);
    if (!(this.call.state in this.timeline))
      this.timeline[this.call.state] = Math.round(performance.now() - this.#began);
    if (this.call.state !== "ringing") this.#ringback.stop();
    this.#clock();
    this.#changed();
  }

  #clock() {
    const running = this.call.state !== "idle" && this.call.state !== "over";
    if (running && this.#timer === null) this.#timer = setInterval(() => this.#tick(), TICK);
    if (running || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  /** Feeds back what an effect of this call came to, unless another call has begun meanwhile. */
  #later() {
    const mine = this.#generation;
    return (input) => mine === this.#generation && this.tell(input);
  }

  async _microphone() {
    const tell = this.#later();
    try {
      const stream = await openMicrophone();
      if (this.call.state !== "asking") return closeStream(stream);
      this.#speak(stream);
      this.#keeper = new Keeper(stream, {
        send: async (other) => this.#talk?.speak(other, this.call.muted),
        taken: (other) => {
          this.#speak(other);
          this._mute(this.call.muted); // that may have been pressed meanwhile
        },
        tell: (name) => this.tell({ type: "unheard", name }),
      });
      tell({ type: "microphone" });
    } catch (fault) {
      tell({ type: "noMicrophone", name: fault.name });
    }
  }

  #speak(stream) {
    this.#stream = stream;
    this.meter.watch("mine", stream);
  }

  async _connect() {
    const tell = this.#later();
    const { guest_server: server, domain, guest_user: user, ice_servers: ice } = this.#config;
    const microphone = () => this.#stream;
    const name = "Web visitor"; // as the dialplan for guests says it, whatever stands here
    const line = new Line({
      server,
      domain,
      user,
      name,
      ice,
      microphone,
      on: { down: () => tell({ type: "noSocket" }) },
    });
    this.#line = line;
    try {
      await line.open();
      tell({ type: "socket" });
    } catch {
      tell({ type: "noSocket" });
    }
  }

  async _reconnect() {
    const tell = this.#later();
    try {
      await this.#line?.open();
      tell({ type: "socket" });
    } catch {
      tell({ type: "noSocket" });
    }
  }

  /** The other side may have to be told where we are now. */
  _restart() {
    this.#talk?.restart();
  }

  async _token(to) {
    const tell = this.#later();
    const { tokens, guest_key: key, destinations } = this.#config;
    const { token, ...refusal } = await fetchToken(tokens, key, destinations[to] ?? to);
    tell(token ? { type: "token", token } : { type: "noToken", ...refusal });
  }

  _invite(token) {
    const tell = this.#later();
    this.#talk = this.#line.call(this.call.to, [`X-Guest-Token: ${token}`], {
      progress: (status) => {
        if (status === 100) return;
        tell({ type: "progress" });
        if (status === 180) this.#ringback.start(); // a 183 brings sound of its own
      },
      accepted: () => tell({ type: "accepted" }),
      rejected: (status, reason) => tell({ type: "rejected", status, reason }),
      bye: () => tell({ type: "bye" }),
      broken: (name) => tell({ type: "broken", name }),
      media: (state) => tell({ type: "media", ...state }),
      restarted: (why) => tell({ type: "restarted", why }),
      gone: (status) => tell({ type: "gone", status }),
      sound: (stream) => this.#hear(stream),
    });
  }

  #hear(stream) {
    this.#sound.srcObject = stream;
    this.#sound.play().catch(() => {}); // a call was clicked for, so browsers let it play
    this.meter.watch("theirs", stream);
  }

  _mute(on) {
    this.#talk?.mute(on);
    for (const track of this.#stream?.getAudioTracks() ?? []) track.enabled = !on;
  }

  _cancel() {
    this.#talk?.cancel();
  }

  _bye() {
    this.#talk?.bye();
  }

  /** Lets go of everything: microphone, sound, socket. */
  _release() {
    this.#keeper?.end();
    this.#keeper = null;
    closeStream(this.#stream);
    this.#sound.srcObject = null;
    this.meter.close();
    this.#line?.close();
    this.#line = null;
    this.#talk = null;
    this.#stream = null;
  }
}
