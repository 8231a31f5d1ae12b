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
