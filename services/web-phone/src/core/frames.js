// WebSocket frames as a client writes and reads them (RFC 6455 5), for the doctor in a shell. Pure.

export const MAX_FRAME = 65_536; // bytes: an answer to OPTIONS is some 1 kB, what is longer is none
const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;

/** A text as one masked frame; `mask`: four random bytes. */
export function encodeText(text, mask) {
  const body = new TextEncoder().encode(text);
  const long = body.length > 125;
  const head = long ? [0x81, 0x80 | 126, body.length >> 8, body.length & 255] : [0x81, 0x80 | body.length];
  const frame = new Uint8Array(head.length + 4 + body.length);
  frame.set(head);
  frame.set(mask, head.length);
  for (const [index, byte] of body.entries()) frame[head.length + 4 + index] = byte ^ mask[index % 4];
  return frame;
}

/** The first text in these bytes; null while it is not whole. RangeError for a frame that a server may not send. */
export function firstText(bytes) {
  let at = 0;
  while (bytes.length >= at + 2) {
    const [first, second] = [bytes[at], bytes[at + 1]];
    if (second & 0x80) throw new RangeError("a server's frame is masked");
    const { length, start } = lengthOf(bytes, at, second & 127);
    if (start === null || bytes.length < start + length) return null;
    const opcode = first & 15;
    if (opcode === CLOSE) throw new RangeError("the server closed the WebSocket");
    if (opcode === TEXT || opcode === BINARY) return new TextDecoder().decode(bytes.subarray(start, start + length));
    at = start + length; // a ping, or keep-alive of another kind
  }
  return null;
}

function lengthOf(bytes, at, short) {
  if (short < 126) return { length: short, start: at + 2 };
  if (short === 127) throw new RangeError(`a frame of more than ${MAX_FRAME} bytes`);
  if (bytes.length < at + 4) return { length: 0, start: null };
  return { length: (bytes[at + 2] << 8) | bytes[at + 3], start: at + 4 };
}
