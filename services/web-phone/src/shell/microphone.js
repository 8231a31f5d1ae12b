// The microphone, and how loud it is in there.

const CONSTRAINTS = { audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true }, video: false };

/** A stream of the microphone; rejects with a DOMException, or `InsecureError` where browsers have none to give. */
export async function openMicrophone() {
  if (!navigator.mediaDevices?.getUserMedia) {
    throw Object.assign(new Error("not a secure context"), { name: "InsecureError" });
  }
  return navigator.mediaDevices.getUserMedia(CONSTRAINTS);
}

/** Lets go of it: the browser's red dot goes out. */
export function closeStream(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** How loud streams are: `level(name)` 0 to 1, of what was `watch`ed last under that name. */
export class Meter {
  #context = null;
  #watched = new Map();

  watch(name, stream) {
    if (!stream?.getAudioTracks().length) return;
    this.#context ??= new AudioContext();
    this.#watched.get(name)?.source.disconnect();
    const source = this.#context.createMediaStreamSource(stream);
    const analyser = this.#context.createAnalyser();
    analyser.fftSize = 4096; // 85 ms at 48 kHz: about as long as it is until the next look
    source.connect(analyser);
    this.#watched.set(name, { source, analyser, samples: new Float32Array(analyser.fftSize) });
  }

  level(name) {
    const watched = this.#watched.get(name);
    if (!watched) return 0;
    watched.analyser.getFloatTimeDomainData(watched.samples);
    const power = watched.samples.reduce((sum, sample) => sum + sample * sample, 0) / watched.samples.length;
    // 60 dB below full scale is silence; a voice is some 20 below.
    return Math.max(0, Math.min(1, 1 + (10 * Math.log10(power + 1e-9)) / 60));
  }

  close() {
    this.#context?.close();
    this.#context = null;
    this.#watched.clear();
  }
}
