// What whoever answers sees: of the line, of the call, of the last calls. Pure.

import { duration } from "./times.js";
import { say } from "./words.js";

/** `{state, status, kind}` of a LineState: `kind` is "good", "bad" or "none". */
export function lineView(line, lang) {
  const { state, why, extension } = line;
  if (state === "out") {
    if (why === null) return { state, status: say(lang, "signedOut"), kind: "none" };
    return { state: why, status: say(lang, why, extension), kind: "bad" };
  }
  if (state === "ready") return { state, status: say(lang, "ready", extension), kind: "good" };
  const away = state === "away";
  if (!away) return { state, status: say(lang, "signingIn"), kind: "none" };
  return { state, status: say(lang, line.reached ? "reconnecting" : "unreached"), kind: "bad" };
}

/** Who calls, as people say it. */
export function partyName({ number, name }, lang) {
  const dialled = /^\+?\d/.test(number) ? number : ""; // a visitor's `web` is nobody's number
  if (name && name !== number) return dialled ? `${name} (${dialled})` : name;
  return number || say(lang, "unknownCaller");
}

/** `{state, status, note, timer, buttons, muted, held}` of a Desk at `now`; `buttons`: names of those that are there. */
export function deskView(desk, now, lang) {
  const who = desk.party ? partyName(desk.party, lang) : "";
  return {
    state: desk.state === "over" ? desk.outcome : desk.state,
    who,
    status: status(desk, who, lang),
    note: note(desk, lang),
    timer: desk.state === "talking" ? duration(now - desk.answered) : "",
    buttons: BUTTONS[desk.state],
    muted: desk.muted,
    held: desk.held,
  };
}

const BUTTONS = {
  free: [],
  ringing: ["answer", "decline"],
  answering: ["hangUp"],
  talking: ["hangUp", "mute", "hold", "transfer", "keypad"],
  over: [],
};

const ENDS = { missed: "missedCall", refused: "youDeclined", transferred: "transferred" };

function status(desk, who, lang) {
  if (desk.state === "free") return "";
  if (desk.state === "ringing") return say(lang, "incoming", who);
  if (desk.state === "answering") return say(lang, "answering");
  if (desk.state === "over") return over(desk, who, lang);
  if (desk.silent) return say(lang, "silent");
  if (desk.unheard) return say(lang, desk.unheard);
  if (desk.transfer?.state === "asking") return say(lang, "transferring", desk.transfer.to);
  if (desk.held) return say(lang, "onHold");
  return desk.muted ? say(lang, "muted") : say(lang, "withParty", who);
}

function over(desk, who, lang) {
  if (desk.outcome === "transferred") return say(lang, "transferred", desk.transfer.to);
  return say(lang, ENDS[desk.outcome] ?? desk.outcome, who);
}

function note(desk, lang) {
  if (desk.state === "talking" && desk.transfer?.state === "failed")
    return say(lang, "notTransferred", desk.transfer.to);
  if (desk.state === "talking" && desk.unmoved) return say(lang, "unmoved", desk.unmoved);
  if (desk.state !== "over" || desk.outcome === "missed") return "";
  const last = desk.calls[0];
  return last?.seconds === null ? (desk.detail ?? "") : say(lang, "talked", duration(last.seconds * 1000));
}

/** Rows of the last calls: `{key, who, words, at}`. */
export function history(desk, lang) {
  return desk.calls.map(({ party, outcome, at, seconds }, index) => ({
    key: `${at}-${index}`,
    who: partyName(party, lang),
    words: seconds === null ? say(lang, HISTORY[outcome] ?? "histFailed") : duration(seconds * 1000),
    at,
  }));
}

const HISTORY = { missed: "histMissed", refused: "histDeclined" };
