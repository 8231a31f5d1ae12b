// Where the broker is and as whom a reader comes in: config.json beside the page, written by whoever serves it.

const KNOWN = { broker: "string", root: "string", username: "string", password: "string", login: "boolean" };
const DEFAULTS = { broker: "mqtt", root: "lampfield/v1", username: null, password: null, login: true };

/** `{url, root, username, password, login}`; what is missing is as by default. Waits until it can be had. */
export async function fetchConfig() {
  for (;;) {
    try {
      const answer = await fetch("config.json", { cache: "no-store" });
      if (answer.status === 404) return resolved({});
      if (answer.ok) return resolved(await answer.json());
    } catch (fault) {
      console.warn("config.json:", fault.message);
    }
    await new Promise((resolve) => setTimeout(resolve, 2_000));
  }
}

function resolved(given) {
  const config = { ...DEFAULTS };
  for (const [name, type] of Object.entries(KNOWN)) if (typeof given[name] === type) config[name] = given[name];
  const url = new URL(config.broker, location.href);
  url.protocol = url.protocol.replace(/^http/, "ws");
  return { ...config, url: url.href };
}
