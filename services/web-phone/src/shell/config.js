// Fetches config.json from beside the program, wherever that was embedded.

import { configure } from "../core/config.js";

const fetched = new Map();

/** The configuration at this URL; fetched once, and again after a failure. */
export function fetchConfig(address) {
  if (!fetched.has(address)) {
    const answer = attempt(address);
    answer.catch(() => fetched.delete(address));
    fetched.set(address, answer);
  }
  return fetched.get(address);
}

async function attempt(address) {
  const answer = await fetch(address, { cache: "no-cache", credentials: "omit", signal: AbortSignal.timeout(10_000) });
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return configure(await answer.json(), address);
}
