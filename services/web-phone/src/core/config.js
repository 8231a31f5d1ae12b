// config.json: one file for all pages, written by whoever serves them. No password stands in it. Pure.

const KINDS = {
  text: (value) => typeof value === "string" && value !== "",
  texts: (value) => Array.isArray(value) && value.every((one) => typeof one === "string" && one !== ""),
  seconds: (value) => typeof value === "number" && value > 0 && value <= 600,
  list: Array.isArray,
  names: (value) => KINDS.object(value) && Object.values(value).every((one) => typeof one === "string"),
  object: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
};

/** field → [kind, default]; null: it may be missing. */
const FIELDS = {
  domain: ["text", null], // of the extensions' addresses; else the server's host
  server: ["text", "ws"], // where extensions register: an URL, or a path beside the page
  guest_server: ["text", null], // where visitors call; else the same
  guest_user: ["text", "web"],
  tokens: ["text", "guest-tokens"], // call-control's POST /guest-tokens
  guest_key: ["text", null], // call-control's token for pages, with the scope guests:invite alone: no secret
  destinations: ["names", {}], // what <call-button to="…"> may say → the number that is called
  to: ["text", null], // whom <call-button> without a `to` calls
  ice_servers: ["list", []],
  ring_seconds: ["seconds", 60],
  bus: ["object", null], // for the answer page's lamp
};
const BUS = {
  broker: ["text", "mqtt"],
  root: ["text", "lampfield/v1"],
  username: ["text", null],
  secret: ["text", null], // a file beside the page with that user's password, which is none from who sees the page
  switch: ["text", "main"],
  queues: ["texts", []],
};

/**
 * The configuration with its defaults; `base` is the URL of the file. Addresses become whole URLs. RangeError that
 * names the field for what does not fit; a field that is not known is one for a newer page.
 */
export function configure(given, base) {
  if (!KINDS.object(given)) throw new RangeError("config.json: is no object");
  const config = read(given, FIELDS, "");
  const server = socketUrl(config.server, base, "server");
  return {
    ...config,
    destinations: Object.assign(Object.create(null), config.destinations), // "constructor" is nobody's name
    server,
    guest_server: config.guest_server === null ? server : socketUrl(config.guest_server, base, "guest_server"),
    domain: config.domain ?? new URL(server).hostname,
    tokens: url(config.tokens, base, "tokens").href,
    bus: config.bus === null ? null : bus(config.bus, base),
  };
}

function bus(given, base) {
  const config = read(given, BUS, "bus.");
  return { ...config, broker: socketUrl(config.broker, base, "bus.broker") };
}

function read(given, fields, path) {
  const config = {};
  for (const [name, [kind, usual]] of Object.entries(fields)) {
    const value = given[name] ?? null;
    if (value !== null && !KINDS[kind](value)) throw new RangeError(`config.json: ${path}${name}: is no ${kind}`);
    config[name] = value ?? usual;
  }
  return config;
}

function url(value, base, field) {
  try {
    return new URL(value, base);
  } catch {
    throw new RangeError(`config.json: ${field}: is no URL`);
  }
}

/** A WebSocket's URL; of a path, that of the page's own server. */
export function socketUrl(value, base, field) {
  const found = url(value, base, field);
  if (found.protocol === "http:" || found.protocol === "https:") found.protocol = found.protocol.replace("http", "ws");
  if (found.protocol !== "ws:" && found.protocol !== "wss:") {
    throw new RangeError(`config.json: ${field}: begins with ws:// or wss://`);
  }
  return found.href;
}
