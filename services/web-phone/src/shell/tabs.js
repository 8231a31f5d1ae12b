// One tab of a browser holds an extension. A Web Lock says which, and goes with the tab however that ends; a
// BroadcastChannel asks the holder to let go.

const PATIENCE = 2_000; // ms for a holder to answer

export class Claim {
  #release = null;
  #channel = null;
  #name;

  /** `name` is the extension's address; `asked()` → whether this tab lets go now, and has done so. */
  constructor(name, asked) {
    this.#name = `lampfield-web-phone ${name}`;
    this.asked = asked;
  }

  /** True when this tab holds it now. Without Web Locks (no secure context) there is nothing to be held. */
  async take() {
    if (!navigator.locks) return true;
    const got = await this.#lock({ ifAvailable: true });
    if (got) this.#listen();
    return got;
  }

  /** Asks the tab that holds it to let go: "taken", or "talks" when it is in a call. */
  async takeOver() {
    const channel = new BroadcastChannel(this.#name);
    const busy = new Promise((resolve) => {
      channel.addEventListener("message", ({ data }) => data === "talks" && resolve("talks"));
    });
    channel.postMessage("let go");
    const waiting = AbortSignal.timeout(PATIENCE);
    const taken = this.#lock({ signal: waiting }).then(
      (got) => (got ? "taken" : "talks"),
      () => "talks",
    );
    const answer = await Promise.race([busy, taken]);
    channel.close();
    if (answer === "taken") this.#listen();
    else taken.then((late) => late === "taken" && this.release());
    return answer;
  }

  release() {
    this.#channel?.close();
    this.#channel = null;
    this.#release?.();
    this.#release = null;
  }

  #lock(options) {
    return new Promise((resolve, reject) => {
      navigator.locks
        .request(this.#name, options, (lock) => {
          resolve(lock !== null);
          if (lock === null) return null;
          return new Promise((release) => {
            this.#release = release;
          });
        })
        .catch(reject);
    });
  }

  #listen() {
    this.#channel = new BroadcastChannel(this.#name);
    this.#channel.addEventListener("message", ({ data }) => {
      if (data !== "let go") return;
      if (!this.asked()) this.#channel?.postMessage("talks");
    });
  }
}
