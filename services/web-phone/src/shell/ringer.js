// Rings: heard, seen as a notification, felt on a telephone, and read in the tab's title.

import { Bell } from "./tones.js";

const TREMBLE = [400, 200, 400, 1000];

export class Ringer {
  #bell = new Bell();
  #notification = null;
  #title = null;

  constructor() {
    this.notifies = false;
  }

  /** Asks for leave to notify; a person must have clicked for it. True when it was given. */
  async allow() {
    if (!("Notification" in window)) return false;
    this.notifies = (await Notification.requestPermission()) === "granted";
    return this.notifies;
  }

  /** `words`: "1001 calls."; `chosen()` when the notification is clicked. */
  start(words, chosen) {
    this.stop();
    this.#bell.start();
    navigator.vibrate?.(TREMBLE);
    this.#title = document.title;
    document.title = `☎ ${words}`;
    if (!this.notifies || document.hasFocus()) return;
    this.#notify(words, chosen);
  }

  stop() {
    this.#bell.stop();
    navigator.vibrate?.(0);
    this.#notification?.close();
    this.#notification = null;
    if (this.#title !== null) document.title = this.#title;
    this.#title = null;
  }

  #notify(words, chosen) {
    try {
      this.#notification = new Notification(words, {
        tag: "lampfield-call",
        requireInteraction: true,
        icon: "icon.svg",
      });
      this.#notification.addEventListener("click", () => {
        window.focus();
        chosen();
      });
    } catch {
      // Chromium on Android has them for service workers only: the bell and the title must do
    }
  }
}
