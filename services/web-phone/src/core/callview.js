// What a visitor sees of a call: texts, and which buttons there are. Pure.

import { duration } from "./times.js";
import { say } from "./words.js";

const LIVE = ["asking", "connecting", "ringing", "talking"];

/**
 * `{state, status, note, timer, main, controls}` of a Call at `now` (ms).
 *
 * `status` is for people and read out when it changes; `timer` ticks and is not; `note` is for whoever helps them.
 * `main` is `{does: "press" | "hangup", label}`; `controls` says whether mute, keypad and meters are there.
 */
export function callView(call, now, lang) {
  const talking = call.state === "talking";
  return {
    state: call.state === "over" ? call.outcome : call.state,
    status: status(call, lang),
    note: note(call, lang),
    timer: talking ? duration(now - call.answered) : "",
    main: main(call, lang),
    controls: talking,
    muted: call.muted,
  };
}

function status(call, lang) {
  if (call.state === "over") return say(lang, call.outcome);
  if (call.state === "talking" && call.silent) return say(lang, "silent");
  if (call.state === "talking" && call.unheard) return say(lang, call.unheard);
  if (call.state === "talking" && call.muted) return say(lang, "muted");
  return say(lang, call.state);
}

function note(call, lang) {
  if (call.state === "talking" && call.unmoved) return say(lang, "unmoved", call.unmoved);
  if (call.state !== "over") return "";
  if (call.seconds !== null) return say(lang, "talked", duration(call.seconds * 1000));
  return call.outcome === "cancelled" ? "" : (call.detail ?? "");
}

function main(call, lang) {
  if (call.state === "talking") return { does: "hangup", label: say(lang, "hangUp") };
  if (LIVE.includes(call.state)) return { does: "hangup", label: say(lang, "cancel") };
  return { does: "press", label: say(lang, call.state === "over" ? "again" : "call") };
}
