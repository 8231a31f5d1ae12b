// Reads the lamp's topics from the broker: MQTT 3.1.1 over WebSocket, as a user who may write nothing.

import mqtt from "mqtt";

const KEEPALIVE = 10; // s
const TIMEOUT = 8_000; // ms for a connection to be made
const AGAIN = 3_000; // ms before the next attempt, about

/** `config`: `bus` of config.json. `changed()` after everything that the lamp was told. Returns a function that ends it. */
export function follow(config, lamp, changed) {
  const start = `${config.root}/`;
  let client = null;
  let timer = null;
  let over = false;

  async function connect() {
    const password = await secret(config.secret); // each time: it may have been changed meanwhile
    if (over) return;
    client = mqtt.connect(config.broker, {
      protocolVersion: 4,
      clean: true,
      clientId: `lampfield-web-phone-${Math.random().toString(16).slice(2, 14)}`,
      keepalive: KEEPALIVE,
      connectTimeout: TIMEOUT,
      reconnectPeriod: 0, // a new client instead
      timerVariant: "native", // the other one makes a worker of a blob, which our Content-Security-Policy refuses
      username: config.username ?? undefined,
      password: password ?? undefined,
    });
    client.on("connect", () => {
      tell(() => lamp.link(true));
      client.subscribe(lamp.topics.map((topic) => start + topic));
    });
    client.on("message", (topic, payload) =>
      tell(() => lamp.receive(topic.slice(start.length), payload.toString(), Date.now())),
    );
    client.on("error", () => {}); // `close` follows
    client.on("close", () => {
      client.end(true);
      if (over) return;
      tell(() => lamp.link(false));
      timer = setTimeout(connect, AGAIN * (0.75 + Math.random() / 2));
    });
  }

  function tell(what) {
    if (over) return;
    what();
    changed();
  }

  connect();
  return () => {
    over = true;
    clearTimeout(timer);
    client?.end(true);
  };
}

async function secret(file) {
  if (file === null) return null;
  const answer = await fetch(file, { cache: "no-store" }).catch(() => null);
  return answer?.ok ? (await answer.text()).trim() : null;
}
