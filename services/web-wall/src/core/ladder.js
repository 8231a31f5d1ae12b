// A dialog's messages as a ladder: hosts side by side, an arrow per message, time downwards. Pure.

const CHALLENGES = new Set(["401", "407"]); // asked for credentials, which is no failure

/** Of which kind a message is: `request`, `challenge`, or the hundred of its status, `1` to `6`. */
export function kindOf(firstLine) {
  const status = /^SIP\/2\.0 ([1-6]\d\d)\b/.exec(firstLine)?.[1];
  if (status === undefined) return "request";
  return CHALLENGES.has(status) ? "challenge" : status[0];
}

/** What stands on an arrow: `INVITE`, `180 Ringing`. */
export function labelOf(firstLine) {
  const answer = /^SIP\/2\.0 (.*)$/.exec(firstLine);
  return answer ? answer[1] : (firstLine.split(" ")[0] ?? "");
}

/**
 * `{hosts, arrows}`; an arrow is `{index, kind, label, from, to, at, delta, again, message}`: `from` and `to` are columns,
 * `at` seconds since the first message and `delta` since the one before, `again` whether it is a retransmission. In the
 * order of time, whatever order they were captured in.
 */
export function arrows(ladder) {
  const hosts = [...ladder.hosts];
  const place = (host) => {
    if (!hosts.includes(host)) hosts.push(host);
    return hosts.indexOf(host);
  };
  const sorted = ladder.messages.toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at));
  const instants = sorted.map(({ at }) => Date.parse(at));
  const found = sorted.map((message, index) => ({
    index,
    kind: kindOf(message.first_line),
    label: labelOf(message.first_line),
    from: place(message.from),
    to: place(message.to),
    at: (instants[index] - instants[0]) / 1000,
    delta: (instants[index] - instants[Math.max(0, index - 1)]) / 1000,
    again: message.retransmission,
    message,
  }));
  return { hosts, arrows: found };
}

/** Seconds, as they stand beside an arrow. */
export function seconds(value) {
  return value.toFixed(3);
}

const WIDE = 30; // characters from one host to the next

/** All of it as text, to be pasted into a mail: the ladder, then every message. */
export function ladderText(ladder) {
  const { hosts, arrows: found } = arrows(ladder);
  const head = hosts.map((host) => centred(host, WIDE)).join("");
  const lines = found.map((arrow) => `${seconds(arrow.at).padStart(9)} ${drawn(arrow, hosts.length)}`);
  const texts = found.map(({ at, message }) => {
    const way = `${message.at} (+${seconds(at)}) ${message.transport} ${message.from} -> ${message.to}`;
    return `--- ${way}\n${message.body ?? `${message.first_line}\n(its text was dropped for want of room)`}`;
  });
  return `${" ".repeat(10)}${head}\n${lines.join("\n")}\n\n${texts.join("\n").replaceAll("\r\n", "\n")}\n`;
}

function centred(text, width) {
  const cut = text.length > width - 2 ? `${text.slice(0, width - 3)}…` : text;
  return cut.padStart(Math.floor((width + cut.length) / 2)).padEnd(width);
}

function drawn({ from, to, label, again }, hosts) {
  const line = Array.from({ length: hosts * WIDE }, (_, at) => (at % WIDE === WIDE / 2 ? "|" : " "));
  const [low, high] = [Math.min(from, to), Math.max(from, to)].map((host) => host * WIDE + WIDE / 2);
  const words = ` ${label}${again ? " (again)" : ""} `;
  if (low === high) return `${line.slice(0, low + 1).join("")}<${words}>`;
  const room = high - low - 3;
  const shaft = words.slice(0, room).padStart(Math.floor((room + Math.min(words.length, room)) / 2), "-");
  const arrow = from < to ? `-${shaft.padEnd(room, "-")}>` : `<${shaft.padEnd(room, "-")}-`;
  line.splice(low + 1, arrow.length, ...arrow);
  return line.join("").trimEnd();
}
