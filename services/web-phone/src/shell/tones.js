// What a telephone makes heard besides voices: the caller's ringback, the bell, the beep before it answers by itself.

/** A tone that is on and off, until it is stopped: `[hertz, ms on, ms off]`. */
class Cadence {
  #context = null;
  #timer = null;

  constructor(frequencies, on, off, volume) {
    Object.assign(this, { frequencies, on, off, volume });
  }

  start() {
    if (this.#context) return;
    this.#context = new AudioContext();
    const sound = () => beep(this.#context, this.frequencies, this.on, this.volume);
    sound();
    this.#timer = setInterval(sound, this.on + this.off);
  }

  stop() {
    clearInterval(this.#timer);
    this.#context?.close();
    this.#context = null;
  }
}

/** What a caller hears while the other telephone rings: 425 Hz, 1 s of 5 (ITU-T E.180, as in most of Europe). */
export class Ringback extends Cadence {
  constructor() {
    super([425], 1000, 4000, 0.06);
  }
}

/** The bell. */
export class Bell extends Cadence {
  constructor() {
    super([440, 554], 900, 1100, 0.25);
  }
}

/** One short beep; resolves when it is over. */
export async function announce() {
  const context = new AudioContext();
  beep(context, [880], 200, 0.25);
  await new Promise((resolve) => setTimeout(resolve, 300));
  await context.close();
}

function beep(context, frequencies, ms, volume) {
  const gain = context.createGain();
  const [now, end] = [context.currentTime, context.currentTime + ms / 1000];
  gain.gain.setValueAtTime(0, now);
  gain.gain.linearRampToValueAtTime(volume, now + 0.02); // no click
  gain.gain.setValueAtTime(volume, end - 0.03);
  gain.gain.linearRampToValueAtTime(0, end);
  gain.connect(context.destination);
  for (const hertz of frequencies) {
    const tone = context.createOscillator();
    tone.frequency.value = hertz;
    tone.connect(gain);
    tone.start(now);
    tone.stop(end);
  }
}
