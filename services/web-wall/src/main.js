// The page: what is heard goes into the reading, what changed is drawn at the next frame, ages count every second.

import { KEPT } from "./core/board.js";
import { Outcomes } from "./core/commands.js";
import { decode } from "./core/payloads.js";
import { placeOf } from "./core/places.js";
import { Reading } from "./core/reading.js";
import { match } from "./core/topics.js";
import { arranged } from "./core/walls.js";
import { account } from "./shell/account.js";
import { Bus } from "./shell/bus.js";
import { chrome } from "./shell/chrome.js";
import { fetchConfig } from "./shell/config.js";
import { ladderView } from "./shell/ladder.js";
import { joined, single } from "./shell/panel.js";
import { sendView } from "./shell/send.js";
import { sipView } from "./shell/sip.js";
import { switchView } from "./shell/switch.js";
import { aloneView, wallView } from "./shell/wall.js";

const SLEPT = 20_000; // ms without a tick: this device slept, and its connection may only look alive
const REDRAW = 100; // ms between two looks at the texts: frames are drawn at once

const reading = new Reading();
const outcomes = new Outcomes();
const page = chrome();
const main = document.getElementById("main");

/** What the views are given. */
const app = {
  board: reading.board,
  shown: arranged(reading.board), // what the wall hangs, kept by its views
  reading: true,
  link: { up: false, since: Date.now(), why: null },
  user: null,
  mayLogIn: true,
  now: Date.now(),
  outcomes,
  ladder: null, // the messages of the SIP dialog that is looked at
};

const VIEWS = {
  wall: wallView,
  display: ({ name }) => aloneView(single(name)),
  joined: ({ name }) => aloneView(joined(name)),
  switch: switchView,
  sip: () => sipView(app),
  ladder: ({ node, id }) => ladderView(node, id),
  send: () => sendView(app),
};

let view = null;
let drawn = new Set(); // displays whose picture changed
let told = true; // something in words changed
let lastTold = 0;
let lastTick = Date.now();

const config = await fetchConfig();
const bus = new Bus(config, [...KEPT, "display_result"], {
  subscribing() {
    reading.begin();
  },
  up() {
    const now = Date.now();
    app.link = { up: true, since: now, why: null };
    app.user = bus.credentials === config.viewer ? null : bus.credentials.username;
    reading.granted(now);
    app.reading = true;
    changed();
  },
  down(why, refused) {
    reading.abandon();
    if (refused) renew();
    app.link = { up: false, since: app.link.up ? Date.now() : app.link.since, why };
    changed();
  },
  message(topic, payload, retained) {
    const now = Date.now();
    if (answer(topic, payload) || ladder(topic, payload)) return changed();
    const change = reading.receive(topic, payload, now, retained);
    if (!change) return;
    if (change.kind === "display" && (change.part === "frame" || change.part === "state")) drawn.add(change.name);
    if (change.part !== "frame") told = true;
    schedule();
  },
});

function answer(topic, payload) {
  const found = match(topic);
  if (found?.channel !== "display_result") return false;
  try {
    outcomes.receive(found.names[0], decode("display_result", payload));
  } catch (fault) {
    if (!(fault instanceof RangeError)) throw fault; // an answer that cannot be read answers nothing
  }
  return true;
}

/** What the view that is open asked for. Deleted, it stays what it was: it is history. */
function ladder(topic, payload) {
  if (topic !== view.wants) return false;
  try {
    if (payload.length > 0) app.ladder = decode("sip_ladder", payload);
  } catch (fault) {
    if (!(fault instanceof RangeError)) throw fault; // nothing that could be read: nothing is shown
    app.ladder = null;
  }
  return true;
}

/** Whom the broker turns away comes in as a viewer again, with what its password is by now. */
async function renew() {
  config.viewer = (await fetchConfig()).viewer;
  bus.credentials = config.viewer;
}

app.send = (topic, payload, done) => bus.publish(topic, payload, done);
app.changed = changed;
const login = account(app, bus, config);

let scheduled = false;

function schedule() {
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(paint);
}

function changed() {
  told = true;
  schedule();
}

function paint() {
  scheduled = false;
  app.now = Date.now();
  if (told && app.now - lastTold >= REDRAW) {
    lastTold = app.now;
    told = false;
    page.update(app);
    login.update(app);
    view.update(app);
    view.draw?.(app, drawn);
    drawn = new Set();
  } else {
    view.draw?.(app, drawn);
    drawn = new Set();
    if (told) setTimeout(schedule, REDRAW);
  }
}

function tick() {
  const now = Date.now();
  if (now - lastTick > SLEPT) bus.open(bus.credentials);
  lastTick = now;
  outcomes.tick(now);
  look(now);
  changed();
}

function look(now) {
  if (!reading.tick(now)) return;
  app.now = now;
  app.board = reading.board;
  app.reading = false;
  drawn = new Set(app.board.displays.keys());
  view.update(app);
  view.resized?.(app);
}

function go() {
  const place = placeOf(location.hash);
  view = VIEWS[place.view](place);
  app.ladder = null;
  bus.watch(view.wants ?? null);
  document.body.dataset.view = place.view;
  main.replaceChildren(view.node);
  page.place(place);
  view.update(app);
  view.resized?.(app);
}

window.addEventListener("hashchange", () => {
  go();
  main.focus({ preventScroll: true });
  window.scrollTo(0, 0);
});
window.addEventListener("resize", () => view.resized?.(app));
setInterval(tick, 1_000);
setInterval(() => look(Date.now()), 100);
go();
bus.open(config.viewer);
