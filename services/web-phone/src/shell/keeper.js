// Watches over the microphone of a call. When it goes away another one is looked for: at once, when devices or what the
// browser allows change, and every AGAIN. Knows nothing of calls.

import { closeStream, openMicrophone } from "./microphone.js";

const AGAIN = 3_000; // ms between two looks for another microphone
const PATIENCE = 500; // ms for another one to be opened, before it is said that there is none

export class Keeper {
  #kept;
  #over = false;
  #looking = false;
  #again = null;
  #permission = null;
  #look = () => this.#find();

  /**
   * `send(stream)` has another one be heard, and may reject; `taken(stream)` when it is. `tell(name)`: why nothing is
   * heard, a DOMException's name or `Silenced` (by the system, or by a key of the device); null when something is.
   */
  constructor(stream, { send, taken, tell }, { open = openMicrophone, browser = navigator } = {}) {
    Object.assign(this, { send, taken, tell, open, browser });
    this.#keep(stream);
    if (silenced(stream)) this.#say();
    browser.mediaDevices.addEventListener("devicechange", this.#look);
    this.#watchPermission();
  }

  /** The call is over; from now on nothing is told. Whoever has the stream closes it. */
  end() {
    this.#over = true;
    clearTimeout(this.#again);
    this.browser.mediaDevices.removeEventListener("devicechange", this.#look);
    this.#permission?.removeEventListener("change", this.#look);
  }

  #keep(stream) {
    this.#kept = stream;
    for (const track of stream.getAudioTracks()) {
      track.addEventListener("ended", this.#look); // browsers do not say it of our own `stop`
      for (const event of ["mute", "unmute"]) track.addEventListener(event, () => stream === this.#kept && this.#say());
    }
  }

  #say() {
    if (!this.#over && alive(this.#kept)) this.tell(silenced(this.#kept) ? "Silenced" : null);
  }

  async #find() {
    if (this.#over || this.#looking || alive(this.#kept)) return;
    this.#looking = true;
    clearTimeout(this.#again);
    const patience = setTimeout(() => !this.#over && this.tell("NotFoundError"), PATIENCE); // it may ask the person
    try {
      await this.#change(await this.open());
    } catch (fault) {
      this.#failed(fault.name);
    } finally {
      clearTimeout(patience);
      this.#looking = false;
    }
  }

  async #change(other) {
    try {
      if (!this.#over) await this.send(other);
    } catch (fault) {
      closeStream(other);
      throw fault;
    }
    if (this.#over) return closeStream(other);
    this.#keep(other);
    this.taken(other);
    this.#say();
  }

  #failed(name) {
    if (this.#over) return;
    this.tell(name);
    if (name !== "NotAllowedError") this.#again = setTimeout(this.#look, AGAIN); // a person is not asked for ever
  }

  async #watchPermission() {
    try {
      this.#permission = await this.browser.permissions.query({ name: "microphone" });
      if (!this.#over) this.#permission.addEventListener("change", this.#look);
    } catch {
      // not every browser knows this one
    }
  }
}

function alive(stream) {
  return stream.getAudioTracks().some((track) => track.readyState === "live");
}

function silenced(stream) {
  return stream.getAudioTracks().some((track) => track.muted);
}
