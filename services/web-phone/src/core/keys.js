// A telephone's keys. Pure.

export const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];

/** The key that a keyboard's key means; null for another. */
export function keyOf(typed) {
  return KEYS.includes(typed) ? typed : null;
}
