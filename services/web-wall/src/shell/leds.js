// A frame as glowing LEDs on a canvas. Draws what changed and nothing else: a cell of pixels per LED, copied from two
// ready-made pictures, and over it the same frame at one pixel per LED, which the browser enlarges softly: the glow.

const DARK = [26, 7, 6];
const HUE = [
  [1, 120, 86], // the middle of a lamp that is on, by how far from it (0 to 1)
  [255, 44, 24],
  [196, 18, 8],
];

const sprites = new Map();

/** Pictures of a lamp, off and on: `cell` device pixels wide, `level` 0–15. */
function lamps(cell, level) {
  const key = `${cell}/${level}`;
  if (!sprites.has(key)) {
    if (sprites.size > 64) sprites.clear(); // windows that are being resized
    sprites.set(key, [lamp(cell, level, false), lamp(cell, level, true)]);
  }
  return sprites.get(key);
}

function lamp(cell, level, lit) {
  const canvas = document.createElement("canvas");
  canvas.width = cell;
  canvas.height = cell;
  const context = canvas.getContext("2d");
  context.fillStyle = "#060202";
  context.fillRect(0, 0, cell, cell);
  const centre = cell / 2;
  const radius = cell * (cell < 6 ? 0.5 : 0.4);
  if (lit) {
    const halo = context.createRadialGradient(centre, centre, radius * 0.7, centre, centre, centre * 1.35);
    halo.addColorStop(0, colour(HUE[2], 0.55 * strength(level)));
    halo.addColorStop(1, colour(HUE[2], 0));
    context.fillStyle = halo;
    context.fillRect(0, 0, cell, cell);
  }
  context.fillStyle = lit ? glow(context, centre, radius, level) : colour(DARK, 1);
  context.beginPath();
  context.arc(centre, centre, radius, 0, 2 * Math.PI);
  context.fill();
  return canvas;
}

function glow(context, centre, radius, level) {
  const gradient = context.createRadialGradient(centre, centre * 0.94, 0, centre, centre, radius);
  const power = strength(level);
  gradient.addColorStop(0, colour([255, HUE[0][1] * power, HUE[0][2] * power], 1));
  gradient.addColorStop(
    0.45,
    colour(
      HUE[1].map((part) => part * (0.55 + 0.45 * power)),
      1,
    ),
  );
  gradient.addColorStop(
    1,
    colour(
      HUE[2].map((part) => part * (0.5 + 0.5 * power)),
      1,
    ),
  );
  return gradient;
}

/** A display at brightness 0 is dim, not dark; eyes are no meters, so half of the range is enough to tell. */
function strength(level) {
  return 0.5 + level / 30;
}

function colour(parts, alpha) {
  return `rgb(${parts.map(Math.round).join(" ")} / ${alpha})`;
}

export class Leds {
  /** `fit(width, height)` → CSS pixels that a panel of so many LEDs may take: `[width, height]`. */
  constructor(fit) {
    this.fit = fit;
    this.node = document.createElement("div");
    this.node.className = "leds";
    this.canvas = document.createElement("canvas");
    this.canvas.className = "lamps";
    this.bloom = document.createElement("canvas");
    this.bloom.className = "bloom";
    this.node.append(this.canvas, this.bloom);
    this.shown = null; // what is on the canvas: {width, height, pixels, cell, level}
  }

  /** Draw a frame (null: none) at a brightness 0–15. */
  draw(frame, level) {
    if (!frame) {
      this.shown = null;
      this.node.hidden = true;
      return;
    }
    this.node.hidden = false;
    const cell = this.#cell(frame);
    const kept = this.#keeps(frame, cell, level);
    if (!kept) this.#start(frame, cell);
    const [off, on] = lamps(cell, level);
    const context = this.canvas.getContext("2d", { alpha: false });
    const before = kept ? this.shown.pixels : null;
    let changed = !kept;
    for (let index = 0; index < frame.pixels.length; index += 1) {
      if (before && before[index] === frame.pixels[index]) continue;
      const column = index % frame.width;
      context.drawImage(frame.pixels[index] ? on : off, column * cell, ((index - column) / frame.width) * cell);
      changed = true;
    }
    if (changed) this.#glow(frame, level);
    this.shown = { width: frame.width, height: frame.height, pixels: frame.pixels, cell, level };
  }

  #keeps(frame, cell, level) {
    const shown = this.shown;
    return (
      shown !== null &&
      shown.width === frame.width &&
      shown.height === frame.height &&
      shown.cell === cell &&
      shown.level === level
    );
  }

  /** Gives the panel its size on the page; the device pixels of a lamp. */
  #cell(frame) {
    const [most, tall] = this.fit(frame.width, frame.height);
    const width = Math.max(0, Math.min(most, (tall * frame.width) / frame.height));
    const wide = `${width}px`;
    if (this.node.style.width !== wide) this.node.style.width = wide;
    return Math.max(1, Math.ceil((width * (window.devicePixelRatio || 1)) / frame.width));
  }

  #start(frame, cell) {
    this.canvas.width = frame.width * cell;
    this.canvas.height = frame.height * cell;
    this.bloom.width = frame.width;
    this.bloom.height = frame.height;
    this.node.style.aspectRatio = `${frame.width} / ${frame.height}`;
  }

  #glow(frame, level) {
    const context = this.bloom.getContext("2d");
    const image = context.createImageData(frame.width, frame.height);
    const alpha = Math.round(150 * strength(level));
    for (let index = 0; index < frame.pixels.length; index += 1) {
      if (frame.pixels[index]) image.data.set([255, 34, 14, alpha], index * 4);
    }
    context.putImageData(image, 0, 0);
  }
}
