// What a shell can find out about a SIP server's WebSocket: sockets, TLS, the upgrade, one OPTIONS. Judges nothing itself.

import { createHash, randomBytes } from "node:crypto";
import { connect, isIP } from "node:net";
import { connect as connectTls } from "node:tls";
import { encodeText, firstText, MAX_FRAME } from "../src/core/frames.js";
import { optionsAnswer, optionsRequest } from "../src/core/options.js";
import { optionsVerdict, tcpVerdict, tlsVerdict, upgradeVerdict } from "../src/core/verdicts.js";

/** ms for each step. */
const LIMIT = 5_000;
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455 1.3
const DAY = 86_400_000; // ms
const TLS_RECORDS = [0x15, 0x16]; // alert, handshake: what begins so is TLS

/** Verdicts, one after another; the first failure that leaves nothing to go on with is the last. */
export async function* examine(to, limit = LIMIT) {
  const tcp = await openTcp(to, limit);
  yield tcpVerdict(tcp, to);
  if (tcp.error) return;
  let stream = tcp.socket;
  if (to.secure) {
    const tls = await openTls(tcp.socket, to, limit);
    yield tlsVerdict(tls, to);
    if (!tls.socket) return end(tcp.socket);
    stream = tls.socket;
  }
  const upgrade = await openWebSocket(stream, to, limit);
  yield upgradeVerdict(upgrade, to);
  if (upgrade.status === 101) yield optionsVerdict(await askOptions(stream, to, upgrade.rest, limit), to);
  end(stream);
}

function end(socket) {
  socket.destroy();
}

function openTcp({ host, port }, limit) {
  const began = performance.now();
  const socket = connect({ host, port });
  return new Promise((resolve) => {
    const fail = (error) => {
      socket.destroy();
      resolve({ error });
    };
    socket.setTimeout(limit, () => fail("ETIMEDOUT"));
    socket.once("error", (fault) => fail(fault.code ?? fault.errors?.[0]?.code ?? "UNKNOWN"));
    socket.once("connect", () => {
      socket.removeAllListeners();
      socket.setTimeout(0);
      socket.on("error", () => {}); // what follows tells by what did not come
      resolve({ socket, ms: performance.now() - began });
    });
  });
}

/** TLS over it, trusted or not: what is wrong with the certificate is told, and the rest is examined all the same. */
function openTls(raw, { host }, limit) {
  const socket = connectTls({ socket: raw, servername: isIP(host) ? "" : host, host, rejectUnauthorized: false });
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve({ hung: true }), limit);
    socket.once("error", (fault) => {
      clearTimeout(timer);
      resolve({ error: fault.code ?? fault.message });
    });
    socket.once("secureConnect", () => {
      clearTimeout(timer);
      socket.removeAllListeners("error");
      socket.on("error", () => {});
      resolve({ socket, ...certificate(socket) });
    });
  });
}

function certificate(socket) {
  const found = socket.getPeerCertificate();
  const days = found.valid_to ? Math.floor((Date.parse(found.valid_to) - Date.now()) / DAY) : null;
  const names = found.subjectaltname ?? found.subject?.CN ?? "nobody";
  const refused = socket.authorized ? null : (socket.authorizationError?.code ?? String(socket.authorizationError));
  return { refused, days, names };
}

/** `{status, server, rest}`: rest are bytes after the head. */
async function openWebSocket(stream, to, limit) {
  const key = randomBytes(16).toString("base64");
  const port = to.port === (to.secure ? 443 : 80) ? "" : `:${to.port}`;
  const name = isIP(to.host) === 6 ? `[${to.host}]` : to.host;
  const { pathname } = new URL(to.url);
  stream.write(
    `GET ${pathname} HTTP/1.1\r\nHost: ${name}${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Protocol: sip\r\nSec-WebSocket-Version: 13\r\n` +
      `Origin: ${to.secure ? "https" : "http"}://${name}\r\n\r\n`,
  );
  const { bytes, why } = await read(stream, Buffer.alloc(0), limit, (found) => found.includes("\r\n\r\n"));
  if (TLS_RECORDS.includes(bytes[0])) return { tls: true };
  const end = bytes.indexOf("\r\n\r\n");
  const head = (end < 0 ? bytes : bytes.subarray(0, end)).toString("latin1").split("\r\n");
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head[0])?.[1]) || null;
  if (status === null)
    return { hung: why === "hung" && bytes.length === 0, closed: why === "closed" && bytes.length === 0 };
  const headers = new Map(
    head.slice(1).map((line) => [line.split(":")[0].toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
  );
  const accepted = createHash("sha1")
    .update(key + GUID)
    .digest("base64");
  const taken = status !== 101 || headers.get("sec-websocket-accept") === accepted;
  return { status: taken ? status : null, server: headers.get("server") ?? null, rest: bytes.subarray(end + 4) };
}

async function askOptions(stream, to, rest, limit) {
  const marks = [0, 1, 2].map(() => randomBytes(8).toString("hex"));
  const began = performance.now();
  stream.write(encodeText(optionsRequest(to, marks), randomBytes(4)));
  let text = null;
  await read(stream, rest, limit, (found) => {
    try {
      text = firstText(found);
    } catch {
      return true; // no WebSocket frame that a server may send
    }
    return text !== null;
  });
  return { answer: text === null ? null : optionsAnswer(text), ms: performance.now() - began };
}

/** Bytes until `whole(bytes)`; `why` it ended: "whole", "closed", "hung". */
function read(stream, before, limit, whole) {
  return new Promise((resolve) => {
    let bytes = before;
    const done = (why) => {
      clearTimeout(timer);
      for (const [event, listener] of listeners) stream.off(event, listener);
      resolve({ bytes, why });
    };
    const timer = setTimeout(() => done("hung"), limit);
    const closed = () => done("closed");
    const data = (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (whole(bytes)) done("whole");
      else if (bytes.length > MAX_FRAME) done("closed");
    };
    const listeners = [
      ["data", data],
      ["end", closed],
      ["close", closed],
      ["error", closed],
    ];
    for (const [event, listener] of listeners) stream.on(event, listener);
    if (stream.destroyed) done("closed");
  });
}
