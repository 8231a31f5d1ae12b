// A Chromium whose answer page is behind another tab for two minutes, driven by its own protocol: `node hidden_page.mjs
// URL PASSWORD PROFILE` prints what became of the page as JSON. PROFILE is a folder for the browser, which the caller
// removes: others of its processes still write there after it. Run in services/web-phone, whose packages have a WebSocket.

import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";

const WebSocket = createRequire(join(process.cwd(), "package.json"))("ws");
const BEHIND = 150_000; // ms
const [url, password, profile] = process.argv.slice(2);
// The usual grace is five minutes.
const browser = spawn("chromium", [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--remote-debugging-port=0",
  "--enable-features=IntensiveWakeUpThrottling:grace_period_seconds/10",
  `--user-data-dir=${profile}`,
  "about:blank",
]);

function address() {
  return new Promise((resolve) => {
    let said = "";
    browser.stderr.on("data", (chunk) => {
      said += chunk;
      const found = /ws:\/\/\S+/.exec(said);
      if (found) resolve(found[0]);
    });
  });
}

const socket = new WebSocket(await address());
await new Promise((resolve) => socket.on("open", resolve));
const waiting = new Map();
socket.on("message", (data) => {
  const { id, result, error } = JSON.parse(data);
  waiting.get(id)?.(result ?? error);
});

function send(method, params = {}, sessionId = undefined) {
  const id = waiting.size + 1;
  socket.send(JSON.stringify({ id, method, params, sessionId }));
  return new Promise((resolve) => waiting.set(id, resolve));
}

const { targetId } = await send("Target.createTarget", { url: `${url}answer.html` });
const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });

async function evaluate(expression) {
  const told = await send("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true }, sessionId);
  return told.result?.value;
}

async function until(expression) {
  for (let turn = 0; turn < 200; turn += 1) {
    if (await evaluate(expression)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${expression} did not come true`);
}

await until("document.querySelector('form') !== null");
// The page's own timers are those of a worker; a frame has the browser's.
await evaluate(`(() => {
  const frame = document.body.appendChild(document.createElement("iframe")).contentWindow;
  let last = performance.now();
  window.slowest = 0;
  frame.setInterval(() => {
    window.slowest = Math.max(window.slowest, performance.now() - last);
    last = performance.now();
  }, 250);
  window.line = [];
  const note = () => document.body.dataset.line !== line.at(-1) && line.push(document.body.dataset.line);
  new MutationObserver(note).observe(document.body, { attributes: true });
  document.querySelector("[name=extension]").value = "1000";
  document.querySelector("[name=password]").value = ${JSON.stringify(password)};
  document.querySelector("form").requestSubmit();
})()`);
await until("document.body.dataset.line === 'ready'");
const other = await send("Target.createTarget", { url: "about:blank" });
await send("Target.activateTarget", { targetId: other.targetId });
await new Promise((resolve) => setTimeout(resolve, BEHIND)); // nothing can be waited for but what must not happen
const told = await evaluate(
  "({ visibility: document.visibilityState, slowest, line: line.filter((state) => state !== 'out' && state !== 'claiming') })",
);
process.stdout.write(JSON.stringify(told));
browser.kill();
socket.terminate();
