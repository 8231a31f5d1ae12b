// A one-time token of call-control's: the page has no password, and the token opens one call to one destination.

const TIMEOUT = 10_000; // ms

/** `{token}` or `{status}`: the HTTP status of a refusal, 0 when nobody answered or the answer is none. */
export async function fetchToken(url, to) {
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ to }),
      cache: "no-store",
      credentials: "omit",
      signal: AbortSignal.timeout(TIMEOUT),
    });
    if (!answer.ok) return { status: answer.status };
    const { token } = await answer.json();
    return typeof token === "string" && /^[0-9a-f]{32}$/.test(token) ? { token } : { status: 0 };
  } catch {
    return { status: 0 };
  }
}
