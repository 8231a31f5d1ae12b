// Names as topic levels, and topics as rows of the channel table: the mirror of lampfield_bus.topics and .channels.
// Topics are relative to the root. Pure.

import { CHANNELS } from "./contract.js";

const WELL_FORMED = /^(?:[^/+#$%\p{Cc}]|%[0-9A-F]{2})+$/u;
const ESCAPED = /[/+#$%\p{Cc}]/gu;
const MAX_NAME_BYTES = 1024;
const utf8 = new TextEncoder();

/** A name as one topic level: `/ + # $ %` and controls as `%2F`. RangeError for a name that no topic can carry. */
export function encodeName(name) {
  if (!name.isWellFormed()) throw new RangeError("name: is not valid Unicode");
  const level = name.replace(ESCAPED, percent);
  const size = utf8.encode(level).length;
  if (size === 0 || size > MAX_NAME_BYTES) throw new RangeError(`name: ${size} bytes; 1 to ${MAX_NAME_BYTES} fit`);
  return level;
}

function percent(character) {
  return Array.from(utf8.encode(character), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("");
}

/** The name that `encodeName` made this level from; null for a level that it never makes. */
export function decodeName(level) {
  if (!WELL_FORMED.test(level)) return null;
  if (!level.includes("%")) return level;
  try {
    const name = decodeURIComponent(level);
    return encodeName(name) === level ? name : null;
  } catch {
    return null; // the escapes are no UTF-8
  }
}

const ROWS = Object.entries(CHANNELS).map(([channel, row]) => ({ channel, levels: row.address.split("/") }));

/** `{channel, names}` of a topic: its row in CHANNELS and the names in it, decoded; null when it is of no row. */
export function match(topic) {
  const levels = topic.split("/");
  for (const row of ROWS) {
    if (row.levels.length !== levels.length) continue;
    if (!row.levels.every((want, index) => isName(want) || want === levels[index])) continue;
    const names = levels.filter((_, index) => isName(row.levels[index])).map(decodeName);
    return names.includes(null) ? null : { channel: row.channel, names };
  }
  return null;
}

/** The topic of a channel for these names, in the address's order. */
export function topicOf(channel, ...names) {
  const rest = [...names];
  return CHANNELS[channel].address
    .split("/")
    .map((level) => (isName(level) ? encodeName(rest.shift()) : level))
    .join("/");
}

/** The filter that matches every topic of a channel. */
export function filterOf(channel) {
  return CHANNELS[channel].address
    .split("/")
    .map((level) => (isName(level) ? "+" : level))
    .join("/");
}

function isName(level) {
  return level.startsWith("{");
}
