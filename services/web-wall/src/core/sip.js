// Dialogs that sip-monitors follow, as a list for people who look for one. Pure: the board and now in, texts out.

import { believed } from "./life.js";
import { duration } from "./times.js";

/** How many rows are shown; the newest. */
export const MAX_ROWS = 200;

const MARKS = {
  trying: "ringing",
  ringing: "ringing",
  answered: "active",
  completed: "idle",
  busy: "waiting",
  cancelled: "waiting",
  diverted: "waiting",
  rejected: "bad",
  failed: "bad",
};

/** States in the order in which a dialog passes through them. */
export const STATES = Object.keys(MARKS);

/** A filter that lets everything through. */
export const ALL = { text: "", method: "", state: "", status: "" };

/** Every dialog that can be read, newest first: `{node, id, dialog}`. */
export function dialogs(board) {
  const found = Array.from(board.nodes.values()).flatMap((node) =>
    Array.from(node.things.get("dialog") ?? [], ([id, dialog]) => ({ node: node.name, id, dialog })),
  );
  return found
    .filter(({ dialog }) => dialog !== null)
    .toSorted((one, other) => Date.parse(other.dialog.started_at) - Date.parse(one.dialog.started_at));
}

/** Whether a filter lets a dialog through. `text` is looked for in both parties, the Call-ID and the switch's call. */
export function fits(dialog, { text, method, state, status }) {
  if (method && dialog.method !== method) return false;
  if (state === "live" ? dialog.ended_at !== null : state && dialog.state !== state) return false;
  if (status && !statusFits(dialog.status, status)) return false;
  const wanted = text.trim().toLowerCase();
  const held = [dialog.from, dialog.to, dialog.call_id, dialog.switch_call ?? ""];
  return wanted === "" || held.some((part) => part.toLowerCase().includes(wanted));
}

/** `486` is that code, `4` and `4xx` its class, `48` all that begin so. */
function statusFits(status, wanted) {
  return String(status ?? "none").startsWith(wanted.trim().replace(/x+$/i, ""));
}

/** Every method that there is a dialog of, INVITE first. */
export function methods(board) {
  const found = new Set(dialogs(board).map(({ dialog }) => dialog.method));
  found.delete("INVITE");
  return ["INVITE", ...Array.from(found).toSorted()];
}

/** `{rows, note}` of what a filter lets through; rows as of `tables.tables`, `place` is `[node, id]`. */
export function rows(board, filter, link, now) {
  const all = dialogs(board);
  const found = all.filter(({ dialog }) => fits(dialog, filter));
  const shown = found.slice(0, MAX_ROWS).map(({ node, id, dialog }) => {
    const known = dialog.ended_at !== null || believed(board.nodes.get(node), link, now);
    return {
      key: `${node}/${id}`,
      place: [node, id],
      mark: known ? MARKS[dialog.state] : "off",
      cells: [
        dialog.from,
        dialog.to,
        dialog.method,
        known ? dialog.state : "?",
        answer(dialog),
        dialog.setup_ms === null ? "" : `${dialog.setup_ms} ms`,
        lasted(dialog, known, now),
        `${duration(now - Date.parse(dialog.started_at))} ago`,
        dialog.messages + (dialog.retransmissions ? ` (${dialog.retransmissions} again)` : ""),
      ],
    };
  });
  return { rows: shown, note: noteOf(found.length, all.length) };
}

export const COLUMNS = ["From", "To", "Method", "State", "Answer", "Setup", "Lasted", "Began", "Messages"];

/** The last answer in a few words: `486 Busy Here (USER_BUSY)`. */
export function answer({ status, reason, cause }) {
  const words = [status, reason].filter((part) => part !== null).join(" ");
  return cause && cause !== "NORMAL_CLEARING" ? `${words} (${cause})`.trim() : words;
}

function lasted(dialog, known, now) {
  if (dialog.answered_at === null || (dialog.ended_at === null && !known)) return "";
  return duration((dialog.ended_at === null ? now : Date.parse(dialog.ended_at)) - Date.parse(dialog.answered_at));
}

function noteOf(found, all) {
  if (all === 0) return "";
  if (found > MAX_ROWS) return `The newest ${MAX_ROWS} of ${found}; ${all} in all.`;
  return found === all ? `${all} in all.` : `${found} of ${all}.`;
}

/** A node's last hour: `[label, value, emphasis]`, as of `tables.counters`. */
export function figures(node) {
  const summary = node.state.get("summary");
  const ratio = summary?.answer_ratio;
  const delay = summary?.post_dial_delay_ms;
  const ended = Object.entries(summary?.by_status ?? {}).toSorted(([, one], [, other]) => other - one);
  return [
    ["live", summary?.live ?? "?", true],
    ["a minute", summary?.per_minute ?? "?", true],
    ["registered", summary?.registrations ?? "?", true],
    ["answered", summary ? (ratio === null ? "–" : `${Math.round(100 * ratio)} %`) : "?", false],
    ["until it rings", summary ? (delay === null ? "–" : `${delay} ms`) : "?", false],
    ...ended.slice(0, 5).map(([status, count]) => [status === "none" ? "no answer" : status, count, false]),
  ];
}

/** The other dialogs of the same call of a switch: `{node, id, dialog}`. */
export function legs(board, { switch_call: call }, id) {
  if (call === null) return [];
  return dialogs(board).filter((other) => other.dialog.switch_call === call && other.id !== id);
}

/** Where the signalling of each call of a switch is told: the call's id → `[node, id]`, of its first dialog. */
export function ladders(board) {
  const known = dialogs(board).filter(({ dialog }) => dialog.switch_call !== null);
  return new Map(known.map(({ node, id, dialog }) => [dialog.switch_call, [node, id]])); // the oldest is the last
}
