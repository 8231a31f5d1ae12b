// Where the broker is and as whom a reader comes in: config.json beside the page, written by whoever serves it.

const KNOWN = { broker: "string", root: "string", username: "string", login: "boolean", secret: "string" };
const DEFAULTS = { broker: "mqtt", root: "lampfield/v1", username: null, login: true, secret: null };
const AGAIN = 2_000; // ms

/**
 * `{url, root, login, viewer: {username, password}}`; what is missing is as by default. `secret` names a file beside
 * the page with the reader's password: it is no secret from whoever sees the page. Waits until it can be had.
 */
export async function fetchConfig() {
  for (;;) {
    try {
      return await attempt();
    } catch (fault) {
      console.warn("config.json:", fault.message);
      await new Promise((resolve) => setTimeout(resolve, AGAIN));
    }
  }
}

async function attempt() {
  const found = await get("config.json");
  const config = resolved(found ? JSON.parse(found) : {});
  const password = config.secret === null ? null : await get(config.secret);
  return { ...config, viewer: { username: config.username, password: password?.trim() ?? null } };
}

async function get(file) {
  const answer = await fetch(file, { cache: "no-store" });
  if (answer.status === 404) return null;
  if (!answer.ok) throw new Error(`${file}: ${answer.status}`);
  return answer.text();
}

function resolved(given) {
  const config = { ...DEFAULTS };
  for (const [name, type] of Object.entries(KNOWN)) {
    if (typeof given[name] === type) config[name] = given[name];
  }
  const url = new URL(config.broker, location.href);
  url.protocol = url.protocol.replace(/^http/, "ws");
  return { ...config, url: url.href };
}
