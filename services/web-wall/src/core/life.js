// Whether a display or a switch can be believed now. Pure.
//
// It is judged by `availability` and by the age of `health.at`, as docs/topics.md says; and by how long ago a health
// came in, because a clock of this device that is behind would make any age look young.

export const LOST_AFTER = 45_000; // ms
export const SKEWED = 5_000; // ms between two clocks that is worth a word

/** `{lost: why | null, since: ms | null, skew: ms | null}` of a display at `now` (ms since the epoch). */
export function displayLife(display, now) {
  return partLife(display, now);
}

/** Whether what a display says that it shows can be believed: the broker is there, and the display lives. */
export function believed(display, link, now) {
  return link.up && displayLife(display, now).lost === null;
}

/** The same of a switch: its publisher may live and have lost FreeSWITCH. */
export function switchLife(owner, now) {
  const life = partLife(owner, now);
  if (life.lost) return life;
  const info = owner.state.get("info");
  if (!info) return { ...life, lost: "never told how its link to FreeSWITCH is", since: null };
  if (info.esl === "connected") return life;
  const why = info.esl === "lost" ? "FreeSWITCH does not answer" : "connecting to FreeSWITCH";
  return { ...life, lost: why, since: Date.parse(info.since) };
}

function partLife(owner, now) {
  const health = owner.state.get("health") ?? null;
  const said = health ? Date.parse(health.at) : null;
  const heard = owner.heard?.live ? owner.heard.at : null;
  const skew = heard !== null && said !== null && Math.abs(heard - said) > SKEWED ? said - heard : null;
  if (owner.state.get("availability") !== "online") return { lost: "is offline", since: said, skew };
  if (said === null) return { lost: "has not said that it is well", since: null, skew };
  const silent = now - Math.min(said, heard ?? owner.heard.at);
  if (silent <= LOST_AFTER) return { lost: null, since: null, skew };
  const why = skew !== null && now - heard <= LOST_AFTER ? "has another clock than this device" : "is silent";
  return { lost: why, since: now - silent, skew };
}
