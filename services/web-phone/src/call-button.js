// <call-button to="sales"></call-button>: a telephone for visitors, in any page of any site.
//
//   <script type="module" src="https://phone.example/call-button.js"></script>
//   <call-button to="sales"></call-button>
//
// Attributes: `to` (a destination of call-control's), `lang`, `label`, `config` (URL of config.json; else the one
// beside this program). Event: `callstate`, whose `detail` is `{state, to}`. Styles are its own, in a shadow tree, made
// without a style element: the page's Content-Security-Policy needs no 'unsafe-inline'.

import { callView } from "./core/callview.js";
import { KEYS, keyOf, once } from "./core/keys.js";
import { language, say } from "./core/words.js";
import { fetchConfig } from "./shell/config.js";
import { h, handset, set, text } from "./shell/dom.js";
import { sheet } from "./shell/style.js";
import { Visitor } from "./shell/visitor.js";

const BESIDE = new URL("config.json", import.meta.url).href;
const METER = 100; // ms between two looks at how loud it is
const SETTLE = 600; // ms after a call ended by itself: a click is still one that would have hung up
const IDLE = { state: "idle", to: null, outcome: null, detail: null, muted: false, unheard: null, silent: false };

export class CallButton extends HTMLElement {
  static observedAttributes = ["lang", "label", "to"];

  #parts;
  #visitor = null;
  #lang = "en";
  #told = null; // the state that the page was last told of
  #clock = null;
  #leave = () => this.#visitor?.tell({ type: "hangup" });

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open", delegatesFocus: true });
    root.adoptedStyleSheets = [sheet()];
    this.#parts = this.#build();
    root.append(this.#parts.box);
  }

  connectedCallback() {
    this.#translate();
    window.addEventListener("pagehide", this.#leave); // a closed tab says goodbye
    this.#draw();
  }

  disconnectedCallback() {
    window.removeEventListener("pagehide", this.#leave);
    this.#leave();
  }

  attributeChangedCallback() {
    if (!this.isConnected) return;
    this.#translate();
    this.#draw();
  }

  /** For programs of the page: `idle`, `asking`, `connecting`, `ringing`, `talking`, or how the last call ended. */
  get state() {
    return callView(this.#visitor?.call ?? IDLE, Date.now(), "en").state;
  }

  /** When each state of the last call began, in ms after the click. */
  get timeline() {
    return { ...this.#visitor?.timeline };
  }

  /** What WebRTC counts of the call that is talked: RTCStats; null without one. */
  stats() {
    return this.#visitor?.stats() ?? Promise.resolve(null);
  }

  #build() {
    const label = h("span", {});
    const main = h(
      "button",
      { type: "button", part: "main", class: "main", on: { click: once(() => this.#main()) } },
      handset(),
      label,
    );
    const status = h("p", { role: "status", part: "status", class: "status" });
    const timer = h("span", { class: "timer", "aria-hidden": "true" });
    const note = h("p", { class: "note" });
    const mute = h("button", { type: "button", class: "mute", on: { click: once(() => this.#mute()) } });
    const keypad = h("button", {
      type: "button",
      class: "keypad",
      "aria-expanded": "false",
      on: { click: once(() => this.#keypad()) },
    });
    const keys = h("div", { class: "keys", role: "group", hidden: true });
    for (const key of KEYS)
      keys.append(h("button", { type: "button", "data-key": key, on: { click: () => this.#dial(key) } }, key));
    const [mineName, theirName] = [h("span", {}), h("span", {})];
    const mine = h("meter", { min: 0, max: 1, class: "mine" });
    const theirs = h("meter", { min: 0, max: 1, class: "theirs" });
    const controls = h(
      "div",
      { class: "controls", hidden: true },
      mute,
      keypad,
      h("div", { class: "meters", "aria-hidden": "true" }, mineName, mine, theirName, theirs),
      keys,
    );
    const box = h(
      "div",
      { class: "box", part: "box" },
      h("div", { class: "row" }, main, timer),
      status,
      note,
      controls,
    );
    box.addEventListener("keydown", (event) => {
      const key = keyOf(event.key);
      if (key !== null && !controls.hidden) this.#dial(key);
      if (event.key === "Escape" && !keys.hidden) {
        this.#keypad();
        keypad.focus();
      }
    });
    return { box, main, label, status, timer, note, controls, mute, keypad, keys, mine, theirs, mineName, theirName };
  }

  async #main() {
    const { box, main } = this.#parts;
    if (main.hasAttribute("aria-disabled")) return;
    if (box.dataset.does === "hangup") {
      this.#leave();
      set(main, "aria-disabled", null);
      return;
    }
    const config = await this.#configured();
    if (!config) return;
    this.#visitor ??= new Visitor(config, () => this.#draw());
    this.#visitor.press(this.getAttribute("to") || config.to || "");
  }

  async #configured() {
    try {
      return await fetchConfig(new URL(this.getAttribute("config") || BESIDE, document.baseURI).href);
    } catch (fault) {
      console.warn("call-button:", fault.message);
      this.#show({ ...callView({ ...IDLE, state: "over", outcome: "offline", seconds: null }, 0, this.#lang) });
      return null;
    }
  }

  #mute() {
    this.#visitor?.tell({ type: "mute", on: !this.#visitor.call.muted });
  }

  #keypad() {
    const { keys, keypad } = this.#parts;
    keys.hidden = !keys.hidden;
    set(keypad, "aria-expanded", String(!keys.hidden));
  }

  #dial(key) {
    if (!this.#visitor?.dial(key)) return;
    const button = this.#parts.keys.querySelector(`[data-key="${CSS.escape(key)}"]`);
    button.animate?.([{ filter: "brightness(1.6)" }, {}], 200);
  }

  #translate() {
    this.#lang = language([this.getAttribute("lang") ?? document.documentElement.lang, ...navigator.languages]);
    const { box, keypad, keys, mineName, theirName } = this.#parts;
    set(box, "lang", this.#lang);
    text(keypad, say(this.#lang, "keypad"));
    set(keys, "aria-label", say(this.#lang, "keypad"));
    text(mineName, say(this.#lang, "yourVoice"));
    text(theirName, say(this.#lang, "theirVoice"));
    for (const key of keys.children) set(key, "aria-label", say(this.#lang, "key", key.dataset.key));
  }

  #draw() {
    const view = callView(this.#visitor?.call ?? IDLE, Date.now(), this.#lang);
    this.#show(view);
    this.#meters(view.controls);
    if (view.state === this.#told) return;
    const first = this.#told === null;
    this.#told = view.state;
    if (!first)
      this.dispatchEvent(
        new CustomEvent("callstate", { bubbles: true, detail: { state: view.state, to: this.#visitor.call.to } }),
      );
  }

  #show(view) {
    const { box, main, label, status, timer, note, controls, mute } = this.#parts;
    set(box, "data-state", view.state);
    if (box.dataset.does === "hangup" && view.main.does === "press") {
      set(main, "aria-disabled", "true");
      setTimeout(() => set(main, "aria-disabled", null), SETTLE);
    }
    set(box, "data-does", view.main.does);
    const named = view.main.does === "press" && this.getAttribute("label");
    text(label, named || view.main.label);
    text(status, view.status);
    text(timer, view.timer);
    text(note, view.note);
    const within = controls.contains(this.shadowRoot.activeElement);
    controls.hidden = !view.controls;
    if (within && controls.hidden) main.focus(); // what had the focus is gone
    set(mute, "aria-pressed", String(view.muted));
    text(mute, say(this.#lang, "mute"));
    set(this, "data-state", view.state);
    if (!view.controls && !this.#parts.keys.hidden) this.#keypad();
  }

  #meters(running) {
    if (running && this.#clock === null) {
      this.#clock = setInterval(() => {
        this.#parts.mine.value = this.#visitor.call.muted ? 0 : this.#visitor.meter.level("mine");
        this.#parts.theirs.value = this.#visitor.meter.level("theirs");
      }, METER);
    } else if (!running && this.#clock !== null) {
      clearInterval(this.#clock);
      this.#clock = null;
    }
  }
}

customElements.define("call-button", CallButton);
