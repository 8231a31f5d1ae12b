// Instants and durations as people read them. Pure; the zone is the caller's.

/** Milliseconds as `0:07`, `12:34`, from 100 minutes `1:40 h`. Never negative: an age clamps at 0. */
export function duration(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  if (minutes < 100) return `${minutes}:${two(seconds % 60)}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)} h`;
}

/** How long ago an RFC 3339 instant was, at `now` (ms); "" for null. */
export function age(instant, now) {
  return instant === null || instant === undefined ? "" : duration(now - Date.parse(instant));
}

/** The time of day of an instant (ms) in the zone of `format`, an Intl.DateTimeFormat. */
export function clock(at, format) {
  return format.format(new Date(at));
}

function two(number) {
  return String(number).padStart(2, "0");
}
