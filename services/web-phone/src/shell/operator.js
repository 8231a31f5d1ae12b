// Performs what core/line.js and core/desk.js decide: the extension's line, its calls, their sound. No buttons in here.

import { Desk } from "../core/desk.js";
import { LineState } from "../core/line.js";
import { Keeper } from "./keeper.js";
import { closeStream, Meter, openMicrophone } from "./microphone.js";
import { Ringer } from "./ringer.js";
import { Line } from "./sip.js";
import { Claim } from "./tabs.js";
import { announce } from "./tones.js";

const TICK = 250; // ms between two looks at the clock
const SLEPT = 20_000; // ms without one: this device slept, and its socket may only look alive

export class Operator {
  #config;
  #changed;
  #password = null; // here and in SIP.js, nowhere else
  #line = null;
  #claim = null;
  #talk = null;
  #other = null; // a second caller, to be refused
  #stream = null;
  #keeper = null; // watches over it
  #sound = new Audio();
  #looked = Date.now();

  /**
   * `config`: of config.json; `changed()` when there is something else to see; `words(party)` for the notification;
   * `summoned()` when somebody clicked that.
   */
  constructor(config, changed, { words, summoned }) {
    this.#config = config;
    this.#changed = changed;
    this.words = words;
    this.summoned = summoned;
    this.line = new LineState();
    this.desk = new Desk();
    this.meter = new Meter();
    this.ringer = new Ringer();
    setInterval(() => this.#tick(), TICK);
    window.addEventListener("online", () => this.tellLine({ type: "network" }));
    window.addEventListener("pagehide", () => this.#leave());
  }

  signIn(extension, password) {
    this.#password = password;
    this.tellLine({ type: "signIn", extension });
  }

  /** Ends the call, if there is one, and signs out. */
  signOut() {
    this.tellDesk({ type: "hangup" });
    this.tellDesk({ type: "decline" });
    this.tellLine({ type: "signOut" });
  }

  dial(key) {
    return this.#talk?.press(key) ?? false;
  }

  async stats() {
    return this.#talk?.peer ? Array.from((await this.#talk.peer.getStats()).values()) : null;
  }

  tellLine(input) {
    this.#perform(this.line.receive(input, Date.now()));
  }

  tellDesk(input) {
    this.#perform(this.desk.receive(input, Date.now()));
  }

  #tick() {
    const now = Date.now();
    if (now - this.#looked > SLEPT) this.tellLine({ type: "network" });
    this.#looked = now;
    this.#perform([...this.line.tick(now, 0.75 + Math.random() / 2), ...this.desk.tick(now)]);
  }

  #perform(effects) {
    for (const [name, ...values] of effects) this[`_${name}`](...values);
    this.#changed();
  }

  /** The tab goes: both sides are told, and no registration is left behind to be rung for nothing. */
  #leave() {
    this.signOut();
  }

  // --- the line ------------------------------------------------------------------------------------------------------

  async _claim(extension) {
    if (this.#claim?.extension !== extension) {
      this.#claim?.release();
      this.#claim = new Claim(`${extension}@${this.#config.domain}`, () => this.#letGo());
      this.#claim.extension = extension;
    }
    const mine = this.#claim;
    const got = await mine.take();
    if (mine === this.#claim) this.tellLine(got ? { type: "claimed" } : { type: "elsewhere" });
  }

  async _takeOver() {
    const mine = this.#claim;
    const answer = await mine.takeOver();
    if (mine === this.#claim)
      this.tellLine(answer === "taken" ? { type: "claimed" } : { type: "elsewhere", talks: true });
  }

  #letGo() {
    if (this.desk.engaged) return false;
    this.tellLine({ type: "taken" });
    return true;
  }

  _unclaim() {
    this.#claim?.release();
  }

  async _open() {
    this.#line ??= this.#newLine();
    const line = this.#line;
    try {
      await line.drop();
      await line.open();
      if (line === this.#line) this.tellLine({ type: "socket" });
    } catch {
      if (line === this.#line) this.tellLine({ type: "noSocket" });
    }
  }

  #newLine() {
    const { server, domain, ice_servers: ice } = this.#config;
    const mine = (tell) => (value) => line === this.#line && tell(value);
    const line = new Line({
      server,
      domain,
      ice,
      user: this.line.extension,
      password: this.#password,
      microphone: () => this.#stream,
      on: {
        down: mine(() => this.tellLine({ type: "noSocket" })),
        registered: mine(() => this.tellLine({ type: "registered" })),
        unregistered: mine((status) => this.tellLine({ type: "unregistered", status })),
        invite: mine((talk) => this.#invited(talk)),
      },
    });
    return line;
  }

  _register() {
    this.#line?.register();
  }

  _forget() {
    this.#password = null;
  }

  _close() {
    this.#line?.close();
    this.#line = null;
  }

  /** After another network came: new candidates for a call that lives. */
  _restart() {
    if (this.desk.state === "talking") this.#talk?.restart();
  }

  // --- the calls -----------------------------------------------------------------------------------------------------

  #invited(talk) {
    if (this.desk.engaged) this.#other = talk;
    else this.#follow(talk);
    this.tellDesk({ type: "invite", party: talk.party });
  }

  #follow(talk) {
    this.#talk = talk;
    const mine = (type) => (value) => talk === this.#talk && this.tellDesk({ type, ...value });
    talk.on = {
      accepted: mine("accepted"),
      bye: mine("bye"),
      cancelled: mine("cancelled"),
      media: mine("media"),
      broken: (name) => mine("broken")({ name }),
      held: (on) => talk === this.#talk && this.#held(on),
      restarted: (why) => mine("restarted")({ why }),
      gone: (status) => mine("gone")({ status }),
      sound: (stream) => this.#hear(stream),
    };
  }

  #hear(stream) {
    this.#sound.srcObject = stream;
    this.#sound.play().catch(() => {}); // signing in was a click, so browsers let it play
    this.meter.watch("theirs", stream);
  }

  _ring() {
    this.ringer.start(this.words(this.desk.party), this.summoned);
  }

  _quiet() {
    this.ringer.stop();
  }

  async _answer(beep) {
    const talk = this.#talk;
    try {
      if (beep) await announce();
      const stream = await openMicrophone();
      if (talk !== this.#talk || this.desk.state !== "answering") return closeStream(stream);
      this.#speak(stream);
      this.#keeper = new Keeper(stream, {
        send: (other) => talk.speak(other, this.desk.muted || this.desk.held),
        taken: (other) => {
          this.#speak(other);
          this._mute(this.desk.muted); // that may have been pressed meanwhile
        },
        tell: (name) => this.tellDesk({ type: "unheard", name }),
      });
      talk.answer();
    } catch (fault) {
      if (talk === this.#talk) this.tellDesk({ type: "noMicrophone", name: fault.name });
    }
  }

  #speak(stream) {
    this.#stream = stream;
    this.meter.watch("mine", stream);
  }

  _refuse(status) {
    this.#talk?.refuse(status);
  }

  _refuseOther(status) {
    this.#other?.refuse(status);
    this.#other = null;
  }

  _bye() {
    this.#talk?.cancel();
  }

  _mute(on) {
    this.#talk?.mute(on || this.desk.held);
  }

  _hold(on) {
    this.#talk?.hold(on);
  }

  #held(on) {
    this.tellDesk({ type: "held", on });
    this.#talk.mute(on || this.desk.muted); // `sendonly` would still send this room to a server that hands it on
  }

  async _refer(to) {
    const talk = this.#talk;
    try {
      await talk.refer(to);
      if (talk === this.#talk) this.tellDesk({ type: "transferred" });
    } catch (fault) {
      if (talk === this.#talk) this.tellDesk({ type: "notTransferred", detail: fault.message });
    }
  }

  _release() {
    this.#keeper?.end();
    this.#keeper = null;
    closeStream(this.#stream);
    this.#sound.srcObject = null;
    this.meter.close();
    this.#stream = null;
    this.#talk = null;
  }
}
