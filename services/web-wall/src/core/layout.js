// How many columns of cards fit a window best. Pure.

const CAPTION = 56; // CSS pixels of words below a picture, with the gap
const SMALLEST = 200; // CSS pixels that a card is wide at least: less, and no LED can be told from the next

/**
 * The number of columns with which `count` cards of `aspect` (width by height of the picture) are largest and all in
 * sight; where they cannot all be, as many columns as keep them readable. Sizes in CSS pixels.
 */
export function columns(count, aspect, width, height, gap) {
  const most = Math.max(1, Math.min(count, Math.floor((width + gap) / (SMALLEST + gap))));
  let best = { columns: most, wide: 0 };
  for (let tried = 1; tried <= most; tried += 1) {
    const rows = Math.ceil(count / tried);
    const room = (width + gap) / tried - gap;
    const tall = (height + gap) / rows - gap - CAPTION;
    const wide = Math.min(room, tall * aspect);
    if (wide > best.wide && wide >= SMALLEST) best = { columns: tried, wide };
  }
  return best.wide > 0 ? best : { columns: most, wide: (width + gap) / most - gap };
}

/**
 * How wide walls of these aspects are, one below the other and before the other cards, and how the `count` others stand
 * in the room that is left: `{walls: [wide], columns, wide}`.
 */
export function arrangement(walls, count, aspect, width, height, gap) {
  const share = height / (walls.length + (count > 0 ? 1 : 0)) - gap - CAPTION;
  const wides = walls.map((one) => Math.min(width, Math.max(SMALLEST, share * one)));
  const used = wides.reduce((sum, wide, index) => sum + wide / walls[index] + CAPTION + gap, 0);
  return { walls: wides, ...columns(count, aspect, width, height - used, gap) };
}
