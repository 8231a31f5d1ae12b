#!/usr/bin/env node
// web-phone doctor URL: whether browsers can telephone over this WebSocket, seen from a shell; a page sees less.

import { readFileSync } from "node:fs";
import { diagnosis } from "../src/core/diagnoses.js";
import { report, target } from "../src/core/verdicts.js";
import { examine } from "./examine.js";

const USAGE = `usage: web-phone doctor [--json] URL

Examines a SIP server's WebSocket as browsers need it: port, certificate, opening, and an OPTIONS that must be answered.
URL is ws://HOST:PORT or wss://HOST:PORT; FreeSWITCH has 5066 and 7443.

  --json     one JSON document instead of lines
  --help     this text
  --version

Exit status: 0 nothing is wrong, 1 something is, 2 wrong usage.
`;

async function main([command, ...rest]) {
  if (command === "--version") return say(`web-phone ${version()}\n`, 0);
  if (command === "--help" || rest.includes("--help")) return say(USAGE, 0);
  const json = rest.includes("--json");
  const addresses = rest.filter((word) => word !== "--json");
  if (command !== "doctor" || addresses.length !== 1 || addresses[0].startsWith("-")) return complain(USAGE);
  let to;
  try {
    to = target(addresses[0]);
  } catch (fault) {
    return complain(`web-phone: ${fault.message}\n`);
  }
  const verdicts = [];
  for await (const verdict of examine(to)) {
    verdicts.push(verdict);
    if (!json) process.stdout.write(line(verdict));
  }
  const told = report("shell", to, new Date().toISOString(), verdicts);
  if (json) process.stdout.write(`${JSON.stringify(spoken(told), null, 2)}\n`);
  return told.ok ? 0 : 1;
}

/** As the other programs' doctors have it: a grade and a sentence; what to mend below it. */
function line(verdict) {
  const { words, mend } = diagnosis(verdict);
  const more = mend === null || verdict.grade === "ok" ? "" : `     ${mend}\n`;
  return `${verdict.grade.padEnd(5)}${words}\n${more}`;
}

/** With words, for programs that only hand them on. */
function spoken(told) {
  return { ...told, checks: told.checks.map((verdict) => ({ ...verdict, ...diagnosis(verdict) })) };
}

function version() {
  return JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")).version;
}

function say(text, status) {
  process.stdout.write(text);
  return status;
}

function complain(text) {
  process.stderr.write(text);
  return 2;
}

process.exitCode = await main(process.argv.slice(2));
