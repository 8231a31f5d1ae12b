// What a panel looks like, lamp by lamp: whether there is one, how it glows, and whether that can be believed. Pure.

/** The value of a place in a picture: no LED is there; a dark one; a lit one, plus its brightness 0–15. */
export const NONE = 0;
export const DARK = 1;
export const LIT = 2;
/** Added to these: what is drawn there may be old, and is drawn without colour. */
export const GREY = 32;

/** `{width, height, cells}` of a frame at a brightness 0–15; null without one. `believed`: its display lives. */
export function picture(frame, level, believed) {
  if (!frame) return null;
  const cells = new Uint8Array(frame.width * frame.height);
  paint({ width: frame.width, height: frame.height, cells }, frame, 0, 0, values(level, believed));
  return { width: frame.width, height: frame.height, cells };
}

/** Lays a frame into a picture, its upper left corner at (x, y); what is outside is cut off. */
export function paint(onto, frame, x, y, [dark, lit]) {
  const rows = Math.min(frame.height, onto.height - y);
  const columns = Math.min(frame.width, onto.width - x);
  for (let row = 0; row < rows; row += 1) {
    const from = row * frame.width;
    const to = (y + row) * onto.width + x;
    for (let column = 0; column < columns; column += 1) {
      onto.cells[to + column] = frame.pixels[from + column] ? lit : dark;
    }
  }
}

/** What a dark and a lit lamp of a display are in a picture. */
export function values(level, believed) {
  const grey = believed ? 0 : GREY;
  return [DARK + grey, LIT + level + grey];
}
