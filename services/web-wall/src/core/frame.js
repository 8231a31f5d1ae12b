// A frame: what a panel shows, as the `frame` topic has it. Pure.

const LF = 0x0a;
const LIT = 0x23; // #
const DARK = 0x2e; // .

/** Pixels; the largest panel is 256 modules of 64. */
export const MAX_PIXELS = 256 * 64;

/**
 * `{width, height, pixels}` of a frame's bytes; `pixels` is a Uint8Array, row by row, 1 = lit.
 * Throws RangeError for rows of unequal length, any other byte, a missing last LF, no pixel, and more than MAX_PIXELS.
 */
export function parseFrame(bytes) {
  if (bytes.length > 2 * MAX_PIXELS) throw new RangeError(`${bytes.length} bytes are no frame`);
  const width = bytes.indexOf(LF);
  if (width < 1) throw new RangeError("a frame has rows, each ended by LF");
  if (bytes.length % (width + 1)) throw new RangeError("the rows are not of one length");
  const height = bytes.length / (width + 1);
  if (width * height > MAX_PIXELS) throw new RangeError(`${width}×${height} is larger than any panel`);
  const pixels = new Uint8Array(width * height);
  for (let row = 0; row < height; row += 1) {
    const start = row * (width + 1);
    if (bytes[start + width] !== LF) throw new RangeError(`row ${row} is not as long as the first`);
    for (let column = 0; column < width; column += 1) {
      const byte = bytes[start + column];
      if (byte !== LIT && byte !== DARK) throw new RangeError(`row ${row}, column ${column}: neither # nor .`);
      pixels[row * width + column] = byte === LIT ? 1 : 0;
    }
  }
  return { width, height, pixels };
}
