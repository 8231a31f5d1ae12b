// What the doctor makes of what it saw: facts in, verdicts out. Pure. Words for each code are in diagnoses.js.
//
// A verdict is `{check, grade: "ok" | "note" | "fail", code, values}`; `values` are what the words are filled in with.

const SKEW_NOTE = 5_000; // ms: beyond it timestamps confuse people
const SKEW_FAIL = 300_000; // ms: beyond it certificates look expired, or not valid yet
const SOON = 14; // days of a certificate's life that are worth a word

function verdict(check, grade, code, ...values) {
  return { check, grade, code, values };
}

/** `{secure, host, port, loopback, url}` of what shall be examined; RangeError for what is no WebSocket's URL. */
export function target(text) {
  let url;
  try {
    url = new URL(text);
  } catch {
    throw new RangeError(`${text}: is no URL; as in wss://pbx.example:7443`);
  }
  if (url.protocol !== "ws:" && url.protocol !== "wss:") throw new RangeError(`${text}: begins with ws:// or wss://`);
  const secure = url.protocol === "wss:";
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return { url: url.href, secure, host, port: Number(url.port) || (secure ? 443 : 80), loopback: isLoopback(host) };
}

/** Whether browsers trust this host as they trust https: its traffic does not leave the machine. */
export function isLoopback(host) {
  return host === "localhost" || host.endsWith(".localhost") || host === "::1" || /^127\.\d+\.\d+\.\d+$/.test(host);
}

/** The page's own rules. `page`: `{protocol, secure}`; `to`: a target. */
export function originVerdict(page, to) {
  if (page.protocol === "https:" && !to.secure && !to.loopback) return verdict("origin", "fail", "mixed", to.host);
  if (!page.secure) return verdict("origin", "fail", "insecurePage");
  return verdict("origin", "ok", "originFine", page.protocol.replace(":", ""));
}

/** A WebSocket as a browser sees it: `{opened, closed, thrown, hung, policy}`, ms or null; it never learns why one closed. */
export function browserSocket({ opened = null, closed = null, thrown = null, hung = false, policy = false }, to) {
  if (policy) return verdict("socket", "fail", "policy", to.host);
  if (thrown !== null) return verdict("socket", "fail", thrown === "SecurityError" ? "mixed" : "badUrl", to.host);
  if (opened !== null) return verdict("socket", "ok", "opened", Math.round(opened));
  if (hung) return verdict("socket", "fail", to.secure ? "hangsSecure" : "hangs", to.host, to.port);
  return verdict(
    "socket",
    "fail",
    to.secure ? "closedSecure" : "closed",
    to.host,
    to.port,
    Math.round(closed ?? 0),
    to.url,
  );
}

const TCP = {
  ECONNREFUSED: "portClosed",
  ETIMEDOUT: "filtered",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  ENOTFOUND: "unknownHost",
  EAI_AGAIN: "unknownHost",
};

/** A TCP connection as a shell sees it: `{ms}` or `{error}`, Node's name for it. */
export function tcpVerdict({ ms = null, error = null }, to) {
  if (error === null) return verdict("port", "ok", "portOpen", to.port, Math.round(ms));
  return verdict("port", "fail", TCP[error] ?? "noConnection", to.host, to.port, error);
}

const CERTIFICATE = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "certificateSelf",
  SELF_SIGNED_CERT_IN_CHAIN: "certificateOwn",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "certificateOwn",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "certificateChain",
  CERT_HAS_EXPIRED: "certificateExpired",
  CERT_NOT_YET_VALID: "certificateEarly",
  ERR_TLS_CERT_ALTNAME_INVALID: "certificateName",
};

/**
 * TLS as a shell sees it: `{hung}`, `{error}` (no TLS at all), or `{refused, days, names}`: why it is not to be trusted
 * (Node's code, null when it is), for how many days it is valid, whom it is for.
 */
export function tlsVerdict({ hung = false, error = null, refused = null, days = null, names = "" }, to) {
  if (hung) return verdict("certificate", "fail", "tlsHangs", to.port);
  if (error !== null) return verdict("certificate", "fail", "noTls", to.port, error);
  if (refused !== null) {
    return verdict("certificate", "fail", CERTIFICATE[refused] ?? "certificateBad", to.host, names, refused);
  }
  if (days < SOON) return verdict("certificate", "note", "certificateSoon", days);
  return verdict("certificate", "ok", "certificateFine", names, days);
}

/** The upgrade as a shell sees it: `{hung}`, `{closed}`, `{status, server}` or `{tls}`: it spoke TLS to our ws. */
export function upgradeVerdict({ hung = false, closed = false, tls = false, status = null, server = null }, to) {
  if (tls) return verdict("socket", "fail", "tlsThere", to.port);
  if (hung) return verdict("socket", "fail", "upgradeHangs", to.port);
  if (status === null) return verdict("socket", "fail", closed ? "upgradeCloses" : "noHttp", to.port);
  if (status !== 101) return verdict("socket", "fail", "http", status, server ?? "?");
  return verdict("socket", "ok", "upgraded");
}

/** What came of OPTIONS: `{answer: {status, agent} | null, ms}`. */
export function optionsVerdict({ answer, ms = null }, to) {
  if (!answer) return verdict("options", "fail", "noSip", to.port);
  const by = answer.agent ?? "?";
  if (answer.status === 200) return verdict("options", "ok", "sip", by, Math.round(ms));
  return verdict("options", "note", "sipOther", by, answer.status, Math.round(ms));
}

/** `skew`: ms that this clock is ahead of the page's server; null when that told none. */
export function clockVerdict(skew) {
  if (skew === null) return verdict("time", "note", "clockUnknown");
  const [off, seconds] = [Math.abs(skew), (skew / 1000).toFixed(1)];
  if (off > SKEW_FAIL) return verdict("time", "fail", "clockWrong", seconds);
  if (off > SKEW_NOTE) return verdict("time", "note", "clockOff", seconds);
  return verdict("time", "ok", "clockFine", (off / 1000).toFixed(1));
}

const MICROPHONE = {
  NotAllowedError: "microphoneDenied",
  SecurityError: "microphoneDenied",
  NotFoundError: "microphoneNone",
  InsecureError: "microphoneInsecure",
};

/** `{error}` of getUserMedia, or `{label, level}`: level 0 to 1, the loudest of a second. */
export function microphoneVerdict({ error = null, label = "", level = 0 }) {
  if (error !== null) return verdict("microphone", "fail", MICROPHONE[error] ?? "microphoneBusy", error);
  if (level < 0.02) return verdict("microphone", "note", "microphoneSilent", label);
  return verdict("microphone", "ok", "microphoneFine", label);
}

/** ICE candidates: `[{type, address, protocol}]`; `asked`: whether config.json names STUN or TURN servers. */
export function candidatesVerdict(candidates, asked) {
  const usable = candidates.filter(({ protocol }) => protocol === "udp"); // FreeSWITCH ignores those of TCP
  const addresses = Array.from(new Set(usable.map(({ address }) => address)));
  const listed = addresses.join(", ");
  if (usable.length === 0) return verdict("candidates", "fail", "candidatesNone");
  if (addresses.every((address) => address.endsWith(".local")))
    return verdict("candidates", "note", "candidatesHidden", listed);
  if (asked && !usable.some(({ type }) => type !== "host"))
    return verdict("candidates", "note", "candidatesNoServer", listed);
  const known = addresses.filter((address) => !address.endsWith(".local"));
  if (known.every(isPrivate)) return verdict("candidates", "note", "candidatesPrivate", listed);
  return verdict("candidates", "ok", "candidatesFine", listed);
}

/** Addresses that FreeSWITCH's own list `wan.auto` leaves out: mod_sofia's default for candidates. */
export function isPrivate(address) {
  return /^(0\.|10\.|169\.254\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|fe80:|f[cd])/i.test(
    address,
  );
}

/** What call-control said to a request for a token for nobody: an HTTP status, 0 for no answer. */
export function tokensVerdict(status, url) {
  if (status === 0) return verdict("tokens", "fail", "tokensGone", url);
  if (status >= 500) return verdict("tokens", "fail", "tokensBroken", url, status);
  if (status === 401) return verdict("tokens", "fail", "tokensKey", url);
  if (status === 403) return verdict("tokens", "fail", "tokensOrigin", url);
  if (status === 404 || status === 405) return verdict("tokens", "fail", "tokensElsewhere", url, status);
  return verdict("tokens", "ok", "tokensFine", url);
}

/** The whole, as other programs read it. `from`: "page" or "shell"; `at`: RFC 3339. */
export function report(from, to, at, verdicts) {
  return {
    version: 1,
    from,
    at,
    target: to.url,
    ok: !verdicts.some(({ grade }) => grade === "fail"),
    checks: verdicts,
  };
}
