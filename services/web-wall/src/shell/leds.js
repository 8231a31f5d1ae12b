// A picture as glowing LEDs on a canvas. Draws what changed and nothing else: a cell of pixels per LED, copied from
// ready-made ones, and over it the lit ones at one pixel per LED, which the browser enlarges softly: the glow.

import { DARK, GREY, LIT, NONE } from "../core/picture.js";

const BOARD = [6, 2, 2];
const UNLIT = [26, 7, 6];
const HUE = [
  [1, 120, 86], // the middle of a lamp that is on, by how far from it (0 to 1)
  [255, 44, 24],
  [196, 18, 8],
];

const PALE = 0.6; // how much of its brightness a lamp keeps that cannot be believed

const sprites = new Map();

/** The lamp of a value in a picture, `cell` device pixels wide. */
function lamp(cell, value) {
  const key = `${cell}/${value}`;
  if (!sprites.has(key)) {
    if (sprites.size > 256) sprites.clear(); // windows that are being resized
    sprites.set(key, drawn(cell, value));
  }
  return sprites.get(key);
}

function drawn(cell, value) {
  const canvas = document.createElement("canvas");
  canvas.width = cell;
  canvas.height = cell;
  const context = canvas.getContext("2d");
  if (value === NONE) {
    context.fillRect(0, 0, cell, cell);
    return canvas;
  }
  const { lit, level } = lampOf(value);
  const colour = value >= GREY ? grey : red;
  context.fillStyle = colour(BOARD, 1);
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
  context.fillStyle = lit ? glow(context, centre, radius, level, colour) : colour(UNLIT, 1);
  context.beginPath();
  context.arc(centre, centre, radius, 0, 2 * Math.PI);
  context.fill();
  return canvas;
}

function lampOf(value) {
  const seen = value % GREY;
  return { lit: seen > DARK, level: seen - LIT };
}

function glow(context, centre, radius, level, colour) {
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

function red(parts, alpha) {
  return `rgb(${parts.map(Math.round).join(" ")} / ${alpha})`;
}

/** The same without its colour, and dim (luminance of BT.709). */
function grey([r, g, b], alpha) {
  const seen = PALE * (0.2126 * r + 0.7152 * g + 0.0722 * b);
  return red([seen, seen, seen], alpha);
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
    this.shown = null; // what is on the canvas: {width, height, cells, cell}
  }

  /** Draw a picture; null: none. */
  draw(picture) {
    if (!picture) {
      this.shown = null;
      this.node.hidden = true;
      return;
    }
    this.node.hidden = false;
    const cell = this.#cell(picture);
    const kept = this.#keeps(picture, cell);
    if (!kept) this.#start(picture, cell);
    const context = this.canvas.getContext("2d", { alpha: false });
    const { width, height, cells } = picture;
    const before = kept ? this.shown.cells : null;
    let changed = !kept;
    for (let index = 0; index < cells.length; index += 1) {
      if (before && before[index] === cells[index]) continue;
      const column = index % width;
      context.drawImage(lamp(cell, cells[index]), column * cell, ((index - column) / width) * cell);
      changed = true;
    }
    if (changed) this.#glow(picture);
    this.shown = { width, height, cells, cell };
  }

  #keeps({ width, height }, cell) {
    const shown = this.shown;
    return shown !== null && shown.width === width && shown.height === height && shown.cell === cell;
  }

  /** Gives the panel its size on the page; the device pixels of a lamp. */
  #cell(picture) {
    const [most, tall] = this.fit(picture.width, picture.height);
    const width = Math.max(0, Math.min(most, (tall * picture.width) / picture.height));
    const wide = `${width}px`;
    if (this.node.style.width !== wide) this.node.style.width = wide;
    return Math.max(1, Math.ceil((width * (window.devicePixelRatio || 1)) / picture.width));
  }

  #start({ width, height }, cell) {
    this.canvas.width = width * cell;
    this.canvas.height = height * cell;
    this.bloom.width = width;
    this.bloom.height = height;
    this.node.style.aspectRatio = `${width} / ${height}`;
  }

  #glow({ width, height, cells }) {
    const context = this.bloom.getContext("2d");
    const image = context.createImageData(width, height);
    for (let index = 0; index < cells.length; index += 1) {
      const { lit, level } = lampOf(cells[index]);
      if (lit && cells[index] < GREY) image.data.set([255, 34, 14, Math.round(150 * strength(level))], index * 4);
    }
    context.putImageData(image, 0, 0);
  }
}
