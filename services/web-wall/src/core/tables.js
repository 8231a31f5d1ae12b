// What a switch says, as rows for people who would rather read. Pure: the board and now in, texts out.
//
// Waits and lengths are counted from the instants on the bus. What is not known is "?", never a 0.

import { displayLife, switchLife } from "./life.js";
import { age, duration } from "./times.js";

const natural = new Intl.Collator("en", { numeric: true });
const byName = ([one], [other]) => natural.compare(one, other);

/** `{name, lost, since, facts}` of a switch: whether it can be believed, and who it is. */
export function heading(owner, link, now) {
  const life = switchLife(owner, now);
  const info = owner.state.get("info");
  const stats = owner.state.get("stats");
  return {
    name: owner.name,
    state: link.up ? (life.lost ? "lost" : "live") : "stale",
    word: !link.up ? "NO BUS" : life.lost ? "NO PBX" : "live",
    why: life.lost ?? "",
    since: life.since === null ? "" : duration(now - life.since),
    facts: [
      ["host", info?.hostname],
      ["FreeSWITCH", info?.version],
      ["up", stats ? duration(stats.uptime * 1000) : null],
      ["legs", stats ? `${stats.sessions} of ${stats.sessions_max}` : null],
      ["idle", stats ? `${Math.round(stats.idle_cpu)} %` : null],
    ].filter(([, value]) => value !== null && value !== undefined),
  };
}

/** The same of a sip-monitor, which has no FreeSWITCH to lose. */
export function partHeading(owner, link, now) {
  const life = displayLife(owner, now);
  const health = owner.state.get("health");
  const state = link.up ? (life.lost ? "lost" : "live") : "stale";
  const since = life.since === null ? "" : ` ${duration(now - life.since)}`;
  return {
    state,
    word: { live: "live", lost: `lost${since}`, stale: "no bus" }[state],
    why: link.up ? `It ${life.lost}.` : "The broker is gone.",
    facts: [
      ["dialogs", health?.dialogs],
      ["messages", health?.messages],
      ["lost datagrams", health?.lost_datagrams || null],
      ["no SIP", health?.bad_datagrams || null],
    ].filter(([, value]) => value !== null && value !== undefined),
  };
}

/** The numbers at the top: `[label, value, emphasis]`; "?" for what has not been told. */
export function counters(owner) {
  const calls = owner.state.get("calls");
  const today = owner.state.get("today");
  return [
    ["calls", calls?.total ?? "?", true],
    ["ringing", calls?.ringing ?? "?", true],
    ["waiting", calls?.waiting ?? "?", true],
    ["active", calls?.active ?? "?", true],
    ["held", calls?.held ?? "?", true],
    ["answered today", today ? atLeast(today, today.answered) : "?", false],
    ["missed today", today ? atLeast(today, today.missed) : "?", false],
    ["failed today", today ? atLeast(today, today.failed) : "?", false],
    ["most at once", today ? atLeast(today, today.peak) : "?", false],
    ["talked today", today ? atLeast(today, duration(today.talk_seconds * 1000)) : "?", false],
  ];
}

/** Every table: `{id, title, columns, rows, note}`; a row is `{key, mark, cells}`. Tables without a row are left out. */
export function tables(owner, now) {
  return [calls, queues, agents, extensions, gateways, conferences, parking, recent]
    .map((table) => table(owner, now))
    .filter((table) => table.rows.length > 0 || table.note);
}

function things(owner, part) {
  return Array.from(owner.things.get(part) ?? []).toSorted(byName);
}

function table(id, title, columns, rows, note = "") {
  return { id, title, columns, rows, note };
}

/** Rows of the things of a part; one that cannot be read has its name and a "?". */
function rows(owner, part, row) {
  return things(owner, part).map(([name, thing]) =>
    thing === null ? { key: name, mark: "bad", cells: [name, "?"] } : { key: name, ...row(name, thing) },
  );
}

function party({ number, name }) {
  return name && name !== number ? `${name} ${number}`.trim() : number;
}

function calls(owner, now) {
  const live = Array.from(owner.things.get("call") ?? []).filter(([, call]) => call !== null);
  const order = live.toSorted(([, one], [, other]) => Date.parse(one.started_at) - Date.parse(other.started_at));
  const total = owner.state.get("calls")?.total ?? 0;
  const hidden = total > 0 && live.length === 0;
  const note = hidden ? "Who calls whom is not shown to this user." : "";
  const lines = order.map(([id, call]) => ({
    key: id,
    mark: call.state,
    cells: [
      call.state,
      party(call.caller),
      party(call.callee),
      call.answered_at === null ? "" : age(call.answered_at, now),
      call.answered_at === null ? age(call.started_at, now) : waited(call),
      [call.queue, call.gateway].filter(Boolean).join(", "),
    ],
  }));
  return table("calls", "Calls", ["State", "From", "To", "Talks for", "Waited", "By"], lines, note);
}

function waited(call) {
  return duration(Date.parse(call.answered_at) - Date.parse(call.started_at));
}

function queues(owner, now) {
  const columns = [
    "Queue",
    "Waiting",
    "Longest",
    "Talking",
    "Free",
    "Busy",
    "Break",
    "Offered",
    "In time",
    "Abandoned",
  ];
  return table(
    "queues",
    "Queues",
    columns,
    rows(owner, "queue", (name, queue) => ({
      mark: late(queue, now) ? "bad" : queue.waiting ? "waiting" : "idle",
      cells: [
        name,
        queue.waiting,
        age(queue.longest_wait_since, now),
        queue.talking,
        queue.agents.available,
        queue.agents.on_call,
        queue.agents.on_break,
        atLeast(queue.today, queue.today.offered),
        inTime(queue.today),
        atLeast(queue.today, queue.today.abandoned),
      ],
    })),
  );
}

function late(queue, now) {
  return queue.longest_wait_since !== null && now - Date.parse(queue.longest_wait_since) > queue.sla_seconds * 1000;
}

/** A count of the day; of one that was partly missed it is only known that it was so many at least. */
function atLeast(day, count) {
  return day.complete ? String(count) : `≥ ${count}`;
}

/** Answered within the limit, of those answered or gone after it: who hung up at once is nobody's failure. */
function inTime(day) {
  const counted = day.answered + day.abandoned - day.abandoned_within_sla;
  return counted > 0 ? `${Math.round((100 * day.answered_within_sla) / counted)} %` : "";
}

function agents(owner, now) {
  return table(
    "agents",
    "Agents",
    ["Agent", "Status", "State", "For", "Answered today"],
    rows(owner, "agent", (name, agent) => ({
      mark: agent.call ? "active" : agent.status === "Available" ? "idle" : "off",
      cells: [name, agent.status ?? "?", agent.state ?? "?", age(agent.since, now), agent.answered_today],
    })),
  );
}

function extensions(owner, now) {
  return table(
    "extensions",
    "Extensions",
    ["Extension", "Name", "State", "For", "Telephones", "Voicemail", "Missed today"],
    rows(owner, "extension", (name, extension) => ({
      mark: extension.registered || extension.state !== "idle" ? extension.state : "off",
      cells: [
        name,
        extension.name ?? "",
        extension.state,
        age(extension.since, now),
        extension.registered ? extension.contacts : "none",
        voicemail(extension.voicemail),
        extension.missed_today,
      ],
    })),
  );
}

function voicemail(box) {
  if (box === null) return "?";
  return box.new ? `${box.new} new` : "";
}

function gateways(owner, now) {
  return table(
    "gateways",
    "Gateways",
    ["Gateway", "State", "For", "Ping", "Calls", "Failed today"],
    rows(owner, "gateway", (name, gateway) => ({
      mark: gateway.up ? "idle" : "bad",
      cells: [
        name,
        gateway.up ? `up (${gateway.state})` : `down (${gateway.state})`,
        age(gateway.since, now),
        gateway.ping_ms === null ? "" : `${Math.round(gateway.ping_ms)} ms`,
        gateway.calls,
        gateway.failed_today,
      ],
    })),
  );
}

function conferences(owner, now) {
  return table(
    "conferences",
    "Conferences",
    ["Conference", "Members", "Talking", "", "For"],
    rows(owner, "conference", (name, conference) => ({
      mark: "active",
      cells: [
        name,
        conference.members,
        conference.talking,
        [conference.locked && "locked", conference.recording && "recorded"].filter(Boolean).join(", "),
        age(conference.since, now),
      ],
    })),
  );
}

function parking(owner, now) {
  return table(
    "parking",
    "Parking",
    ["Lot", "Parked", "Longest"],
    rows(owner, "parking", (name, lot) => ({
      mark: "waiting",
      cells: [name, lot.parked, age(lot.longest_since, now)],
    })),
  );
}

function recent(owner, now) {
  const ended = owner.state.get("recent") ?? [];
  return table(
    "recent",
    "Last calls",
    ["Ended", "From", "To", "Outcome", "Talked", "Cause"],
    ended.map((call) => ({
      key: call.id,
      mark: call.outcome === "answered" ? "idle" : "bad",
      cells: [
        `${age(call.ended_at, now)} ago`,
        party(call.caller),
        party(call.callee),
        call.merged_into === null ? call.outcome : "merged",
        call.talk_seconds ? duration(call.talk_seconds * 1000) : "",
        call.sip_status === null ? call.cause : `${call.sip_status} ${call.sip_reason ?? call.cause}`,
      ],
    })),
  );
}
