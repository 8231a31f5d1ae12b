// How a call ended, from what the SIP server or the browser said. Pure.
//
// The same status means different things before and after somebody's telephone rang: FreeSWITCH answers 603 to a token
// that was used up and to a person who declines, and 480 to an extension without a telephone and to one that nobody
// picked up. Its `Reason` header tells the second pair apart (measured: docs/web-phone.md).

/** Every way for a call to end; each has words of its own in words.js. */
export const OUTCOMES = [
  "ended", // it was talked, and one of both hung up
  "cancelled", // the caller gave up while it rang
  "busy",
  "declined",
  "noanswer",
  "unavailable", // no telephone there is registered
  "unknown", // there is no such destination
  "offline", // the web service or the SIP server cannot be reached
  "refused", // the server is there and does not let this call through
  "crowded", // too many calls at once
  "incompatible", // no common codec, or no usable ICE candidate
  "failed", // the server says that it failed
  "lost", // it was talked, and then no sound came any more
  "nomicrophone", // there is none
  "denied", // the person or the browser's policy said no
  "micbusy", // another program has it
  "insecure", // the page is not a secure context: browsers have no microphone there
];

const BY_STATUS = new Map([
  [401, "refused"],
  [403, "refused"],
  [404, "unknown"],
  [407, "refused"],
  [410, "unknown"],
  [415, "incompatible"],
  [484, "unknown"],
  [486, "busy"],
  [487, "cancelled"],
  [488, "incompatible"],
  [600, "busy"],
  [604, "unknown"],
  [606, "incompatible"],
]);

// Of a Reason header: `Q.850;cause=19;text="NO_ANSWER"`, `SIP;cause=806;text="USER_NOT_REGISTERED"`.
const NOBODY = new Set([18, 19]); // NO_USER_RESPONSE, NO_ANSWER
const ABSENT = new Set([20, 806]); // SUBSCRIBER_ABSENT, USER_NOT_REGISTERED

/** An outcome for a final SIP status ≥ 300. `rang`: a 180 or 183 came before. `reason`: the Reason header, or null. */
export function ofStatus(status, rang, reason = null) {
  const known = BY_STATUS.get(status);
  if (known) return known;
  const cause = causeOf(reason);
  if (status === 480 || status === 408) {
    if (ABSENT.has(cause)) return "unavailable";
    return rang || NOBODY.has(cause) ? "noanswer" : "unavailable";
  }
  if (status === 603) return rang ? "declined" : "refused";
  if (status === 503 && !rang) return "offline"; // SIP.js's own, too, when the socket went away
  return status >= 600 ? "declined" : "failed";
}

/** The number in a Reason header; null without one. */
export function causeOf(reason) {
  const found = /(?:^|[;,\s])cause=(\d{1,3})(?!\d)/.exec(reason ?? "");
  return found ? Number(found[1]) : null;
}

const MICROPHONE = new Map([
  ["NotAllowedError", "denied"],
  ["SecurityError", "denied"],
  ["NotFoundError", "nomicrophone"],
  ["OverconstrainedError", "nomicrophone"],
  ["NotReadableError", "micbusy"],
  ["AbortError", "micbusy"],
  ["InsecureError", "insecure"], // ours: navigator.mediaDevices is missing
]);

/** An outcome for the name of what getUserMedia threw. */
export function ofMicrophone(name) {
  return MICROPHONE.get(name) ?? "micbusy";
}

const UNHEARD = new Map([
  ["denied", "unheardDenied"],
  ["micbusy", "unheardTaken"],
]);

/** Why a call's microphone is not heard: of what getUserMedia threw, or `Silenced`; null for null. */
export function ofUnheard(name) {
  if (name === null) return null;
  return name === "Silenced" ? "unheardSilenced" : (UNHEARD.get(MICROPHONE.get(name)) ?? "unheardGone");
}

const PROBLEM = "urn:lampfield:problem:";

/** An outcome for call-control's refusal of a token: its status, 0 for no answer at all, and RFC 9457's `type`. */
export function ofToken(status, problem = null) {
  if (problem === `${PROBLEM}not-allowed`) return "unknown"; // a number that nobody may call from the web
  if (status === 404 || status === 422 || status === 400) return "unknown";
  if (status === 429) return "crowded";
  if (status === 401 || status === 403) return "refused";
  return "offline";
}
