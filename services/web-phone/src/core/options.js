// One SIP OPTIONS and its answer, for the doctor: what proves that a SIP server listens. Pure.
//
// The WebSocket's opening proves nothing: FreeSWITCH repeats any subprotocol, and other servers open for anybody.

/** An OPTIONS to a server (RFC 3261 11, RFC 7118 5). `marks`: three random words, for branch, tag and Call-ID. */
export function optionsRequest({ host, secure }, [branch, tag, id]) {
  const target = host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
  return [
    `OPTIONS sip:${target} SIP/2.0`,
    `Via: SIP/2.0/${secure ? "WSS" : "WS"} ${branch}.invalid;branch=z9hG4bK${branch};rport`,
    `Max-Forwards: 70`,
    `From: <sip:doctor@${target}>;tag=${tag}`,
    `To: <sip:${target}>`,
    `Call-ID: ${id}`,
    `CSeq: 1 OPTIONS`,
    `Contact: <sip:doctor@${branch}.invalid;transport=ws>`,
    `Accept: application/sdp`,
    `User-Agent: Lampfield web-phone doctor`,
    `Content-Length: 0`,
    "",
    "",
  ].join("\r\n");
}

/** `{status, reason, agent}` of a SIP response; null for what is none. */
export function optionsAnswer(text) {
  const [first, ...lines] = String(text).split("\r\n");
  const found = /^SIP\/2\.0 ([1-6]\d\d) (.*)$/.exec(first);
  if (!found) return null;
  const headers = new Map();
  for (const line of lines) {
    if (line === "") break;
    const colon = line.indexOf(":");
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return {
    status: Number(found[1]),
    reason: found[2],
    agent: headers.get("user-agent") ?? headers.get("server") ?? null,
  };
}
