// A one-time token of call-control's: the page has no password, and the token opens one call to one destination.

const TIMEOUT = 10_000; // ms

/**
 * `{token}`, or `{status, problem}` of a refusal: the HTTP status (0: nobody answered, or the answer is none) and the
 * `type` of its problem. `key`: call-control's token for pages, which may be seen by anybody; null: none is asked for.
 */
export async function fetchToken(url, key, to) {
  try {
    const answer = await post(url, key, { to }, TIMEOUT);
    const told = await answer.json().catch(() => ({}));
    if (!answer.ok) return { status: answer.status, problem: told.type ?? null };
    return /^[0-9a-f]{32}$/.test(told.token) ? { token: told.token } : { status: 0, problem: null };
  } catch {
    return { status: 0, problem: null };
  }
}

/** The request as call-control wants it; rejects when nobody answers within `limit` ms. */
export function post(url, key, body, limit) {
  return fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...(key === null ? {} : { Authorization: `Bearer ${key}` }) },
    body: JSON.stringify(body),
    cache: "no-store",
    credentials: "omit",
    signal: AbortSignal.timeout(limit),
  });
}
