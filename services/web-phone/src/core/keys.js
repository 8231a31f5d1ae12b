// A telephone's keys, and clicks. Pure.

export const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];

/** The key that a keyboard's key means; null for another. */
export function keyOf(typed) {
  return KEYS.includes(typed) ? typed : null;
}

/**
 * The listener without the second click of a double one: what it would hit is another button by then. "Answer" and
 * "Hang up" stand in the same place, "Call" and "Cancel" are the same button.
 */
export function once(listener) {
  return (event) => {
    if (event.detail < 2) listener(event);
  };
}
