// What the shell's doctor says of real sockets: servers as they are met in the field, made here.

import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer as createHttp } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { createServer as createTls } from "node:tls";
import { examine } from "../bin/examine.js";
import { target } from "../src/core/verdicts.js";

const LIMIT = 400; // ms
const folder = mkdtempSync(join(tmpdir(), "web-phone-"));
after(() => rmSync(folder, { recursive: true }));

/** A key and a certificate that signed itself, for these names. */
function certificate(name, ...more) {
  const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
  const subject = ["-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`];
  const made = [
    "req",
    "-x509",
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    "-keyout",
    key,
    "-out",
    cert,
  ];
  execFileSync("openssl", [...made, ...subject, ...more], { stdio: "ignore" });
  return { key: readFileSync(key), cert: readFileSync(cert) };
}

async function served(server, scheme, use) {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const sockets = new Set();
  server.on("connection", (socket) => sockets.add(socket.on("error", () => {})));
  try {
    return await use(`${scheme}://127.0.0.1:${server.address().port}`);
  } finally {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
}

async function codes(url) {
  const found = [];
  for await (const { code } of examine(target(url), LIMIT)) found.push(code);
  return found;
}

/** Answers a WebSocket's opening, then whatever comes with `answer`. */
function webSocket(answer) {
  return (socket) => {
    socket.on("error", () => {});
    socket.once("data", (head) => {
      const [, key] = /sec-websocket-key: (\S+)/i.exec(head.toString());
      const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
      if (answer)
        socket.once("data", () =>
          socket.write(Buffer.concat([Buffer.from([0x81, answer.length]), Buffer.from(answer)])),
        );
    });
  };
}

const SIP = "SIP/2.0 200 OK\r\nUser-Agent: FreeSWITCH\r\n\r\n";

test("a SIP server answers", async () => {
  await served(createServer(webSocket(SIP)), "ws", async (url) => {
    assert.deepEqual(await codes(url), ["portOpen", "upgraded", "sip"]);
  });
});

test("a WebSocket that is no SIP server opens, which proves nothing", async () => {
  await served(createServer(webSocket("hello")), "ws", async (url) => {
    assert.deepEqual(await codes(url), ["portOpen", "upgraded", "noSip"]);
  });
  await served(createServer(webSocket(null)), "ws", async (url) => {
    assert.deepEqual(await codes(url), ["portOpen", "upgraded", "noSip"]);
  });
});

test("nothing listens", async () => {
  const url = await served(createServer(), "ws", async (found) => found);
  assert.deepEqual(await codes(url), ["portClosed"]);
});

test("wss to a ws port is silence, as FreeSWITCH is; or an answer that is no TLS", async () => {
  await served(
    createServer(() => {}),
    "wss",
    async (url) => assert.deepEqual(await codes(url), ["portOpen", "tlsHangs"]),
  );
  await served(createHttp(), "wss", async (url) => assert.deepEqual(await codes(url), ["portOpen", "noTls"]));
});

test("ws to a wss port, to a web server, to the Event Socket, to silence, to a closed door", async () => {
  const own = certificate("localhost");
  await served(createTls(own), "ws", async (url) => assert.deepEqual((await codes(url)).at(-1), "upgradeCloses"));
  const alert = createServer((socket) =>
    socket.on("error", () => {}).once("data", () => socket.end(Buffer.from([0x15, 3, 3, 0, 2, 2, 70]))),
  );
  await served(alert, "ws", async (url) => assert.deepEqual(await codes(url), ["portOpen", "tlsThere"]));
  const web = createHttp((_, answer) => answer.writeHead(200, { Server: "nginx" }).end("hello"));
  await served(web, "ws", async (url) => assert.deepEqual(await codes(url), ["portOpen", "http"]));
  const esl = createServer((socket) => socket.on("error", () => {}).write("Content-Type: auth/request\n\n"));
  await served(esl, "ws", async (url) => assert.deepEqual(await codes(url), ["portOpen", "noHttp"]));
  await served(
    createServer(() => {}),
    "ws",
    async (url) => assert.deepEqual(await codes(url), ["portOpen", "upgradeHangs"]),
  );
  const closing = createServer((socket) => socket.on("error", () => {}).once("data", () => socket.end()));
  await served(closing, "ws", async (url) => assert.deepEqual(await codes(url), ["portOpen", "upgradeCloses"]));
});

test("a certificate that signed itself is told, and the rest is examined all the same", async () => {
  await served(createTls(certificate("pbx.example"), webSocket(SIP)), "wss", async (url) => {
    assert.deepEqual(await codes(url), ["portOpen", "certificateSelf", "upgraded", "sip"]);
  });
});

/** The program as a person runs it, with what it is given to trust. */
function run(args, environment = {}) {
  const program = new URL("../bin/web-phone.js", import.meta.url).pathname;
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { env: { ...process.env, ...environment } }, (fault, out, err) =>
      resolve({ status: fault?.code ?? 0, out, err }),
    );
  });
}

test("the program says all in lines, or as one JSON; its status tells whether something is wrong", async () => {
  const trusted = certificate("localhost", "-days", "90");
  const trust = { NODE_EXTRA_CA_CERTS: join(folder, "localhost.pem") };
  await served(createTls(trusted, webSocket(SIP)), "wss", async (url) => {
    const named = url.replace("127.0.0.1", "localhost");
    const lines = await run(["doctor", named], trust);
    assert.equal(lines.status, 0, lines.out + lines.err);
    assert.match(
      lines.out,
      /^ok {3}Port \d+ takes connections[\s\S]*certificate is trusted: DNS:localhost, valid for (89|90)[\s\S]*FreeSWITCH/,
    );
    const other = await run(["doctor", "--json", url], trust);
    assert.equal(other.status, 1);
    const told = JSON.parse(other.out);
    assert.deepEqual([told.version, told.from, told.ok], [1, "shell", false]);
    assert.equal(told.checks[1].code, "certificateName");
    assert.match(told.checks[1].mend, /certificate/);
  });
});

test("wrong usage is status 2, and says what is right", async () => {
  for (const args of [[], ["doctor"], ["doctor", "https://pbx"], ["doctor", "--no-such"], ["sing"]]) {
    const { status, err } = await run(args);
    assert.equal(status, 2, args.join(" "));
    assert.match(err, /wss:\/\//);
  }
  assert.match((await run(["--version"])).out, /^web-phone \d/);
  assert.equal((await run(["doctor", "--help"])).status, 0);
});
