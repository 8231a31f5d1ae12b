// Timers that go on while the page is behind another. A browser lets those of a page that nobody has looked at for five
// minutes run once a minute (measured: docs/web-phone.md): the answer page took that for sleep, let go of its socket,
// and no call reached it. A worker's timers are not slowed down.

const FIRST = 1_000_000_000; // browsers count theirs from 1

/**
 * Has `scope`'s setTimeout and setInterval, which SIP.js and MQTT.js use as well, run by `worker` (workers/timers.js).
 * Should the worker fail, what waits and what comes is run by the browser's own.
 */
export function steady(scope, worker) {
  const own = { once: scope.setTimeout, again: scope.setInterval, forget: scope.clearTimeout };
  const waiting = new Map(); // id → {kind, act, ms}
  const moved = new Map(); // id → the browser's own, after the worker failed
  let last = FIRST;
  let failed = false;

  function start(kind, act, ms = 0, ...values) {
    if (failed) return own[kind].call(scope, act, ms, ...values);
    last += 1;
    waiting.set(last, { kind, act: () => act(...values), ms });
    worker.postMessage([last, ms, kind === "again"]);
    return last;
  }

  function forget(id) {
    if (waiting.delete(id)) worker.postMessage([id]);
    else own.forget.call(scope, moved.get(id) ?? id);
  }

  worker.addEventListener("message", ({ data: id }) => {
    const due = waiting.get(id);
    if (due?.kind === "once") waiting.delete(id);
    due?.act();
  });
  worker.addEventListener("error", () => {
    failed = true;
    for (const [id, { kind, act, ms }] of waiting) moved.set(id, own[kind].call(scope, act, ms));
    waiting.clear();
  });
  scope.setTimeout = (...values) => start("once", ...values);
  scope.setInterval = (...values) => start("again", ...values);
  scope.clearTimeout = forget;
  scope.clearInterval = forget;
}

/** The worker beside this page's program. Our policy wants its address vouched for (Trusted Types). */
export function timersWorker() {
  const address = new URL("timers.js", import.meta.url).href;
  const policy = globalThis.trustedTypes?.createPolicy("lampfield-timers", { createScriptURL: (url) => url });
  return new Worker(policy ? policy.createScriptURL(address) : address);
}
