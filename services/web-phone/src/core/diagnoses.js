// The doctor's words: for every code of verdicts.js what is so, and what to mend in which file. Pure. English: whoever
// reads this looks after a FreeSWITCH, whose files and console speak it; the buttons around it are in words.js.

const PROFILE = "sip_profiles/internal.xml";

/** code → [what is so, what to mend | null]; `{0}` … are the verdict's values. */
export const DIAGNOSES = {
  originFine: ["This page came by {0}; its rules allow this server.", null],
  mixed: [
    "A page that came by https may not open ws:// to {0}: browsers refuse it without a word (SecurityError).",
    `config.json: server: wss://{0}:7443, and in ${PROFILE} <param name="wss-binding" value=":7443"/>. Or serve FreeSWITCH's ws-binding below the page's own address, as services/web-phone/nginx.conf does (/ws).`,
  ],
  insecurePage: [
    "This page came by http from another host: browsers give it no microphone.",
    "Serve the pages by https. For a trial on one machine open them as http://localhost.",
  ],
  policy: [
    "This page's own policy (connect-src) does not let it connect to {0}.",
    "Whoever serves the pages sends the header Content-Security-Policy; the image's follows config.json: is {0} there?",
  ],
  badUrl: ["The browser does not take this address for a WebSocket's.", "config.json: server"],
  opened: ["The WebSocket opened after {0} ms. (That proves little: any server may do so.)", null],
  closed: [
    "The WebSocket to {0}:{1} was closed after {2} ms, before it opened. Browsers do not say why: nothing listens on that port, a firewall refuses it, or what listens there speaks TLS (use wss://) or no WebSocket.",
    `${PROFILE}: <param name="ws-binding" value=":5066"/>, then in fs_cli: sofia profile internal restart. From a shell: web-phone doctor {3}`,
  ],
  closedSecure: [
    "The WebSocket to {0}:{1} was closed after {2} ms, before it opened. Browsers do not say why. In this order: its certificate is not trusted here (open https://{0}:{1}/ in a tab: a warning says so), nothing listens on that port, or what listens there speaks no TLS.",
    `tls/wss.pem: certificate, chain and key of a name that browsers trust; ${PROFILE}: <param name="wss-binding" value=":7443"/>. Which of them it is, a shell tells: web-phone doctor {3}`,
  ],
  hangs: [
    "Nothing came from {0}:{1}: a firewall drops what is sent there, or the host is off.",
    "The firewall between here and {0}: let TCP {1} in.",
  ],
  hangsSecure: [
    "Nothing came from {0}:{1}. FreeSWITCH's ws-binding never answers a browser that speaks TLS: this is most likely the port without TLS; or a firewall drops what is sent there.",
    `config.json: server: the port of wss-binding (7443), not that of ws-binding (5066); ${PROFILE} has both.`,
  ],
  portOpen: ["Port {0} takes connections ({1} ms).", null],
  portClosed: [
    "Nothing listens on port {1} of {0}.",
    `${PROFILE}: ws-binding or wss-binding with this port, on an address that others reach; then in fs_cli: sofia profile internal restart. For wss also tls/wss.pem must be readable, or the listener is left out (see FreeSWITCH's log).`,
  ],
  filtered: [
    "Nothing answers on port {1} of {0}: a firewall drops it, or the host is off.",
    "The firewall: let TCP {1} in.",
  ],
  unreachable: ["There is no way to {0}.", "The network, or the name's address."],
  unknownHost: ["No name server knows {0}.", "DNS, or the host in config.json: server"],
  noConnection: ["No connection to {0}:{1} ({2}).", "See the operating system's message."],
  tlsHangs: [
    "Port {0} takes the connection and then says nothing to TLS: FreeSWITCH's ws-binding does exactly that.",
    `config.json: server: the port of wss-binding (7443), or ws:// for this one. ${PROFILE} has both.`,
  ],
  noTls: [
    "What listens on port {0} speaks no TLS ({1}).",
    `${PROFILE}: wss-binding with this port, or ws:// instead of wss://`,
  ],
  certificateFine: ["The certificate is trusted: {0}, valid for {1} more days.", null],
  certificateSoon: [
    "The certificate is valid for {0} more days only.",
    "tls/wss.pem: the renewed one; then in fs_cli: sofia profile internal restart",
  ],
  certificateSelf: [
    "The certificate is one that signed itself ({1}): FreeSWITCH makes such a one when tls/wss.pem is missing. Browsers close the WebSocket without a word.",
    "tls/wss.pem: certificate, chain and key of a name that browsers trust (freeswitch/README.md), then in fs_cli: sofia profile internal restart",
  ],
  certificateOwn: [
    "The certificate is signed by an authority that this machine does not know ({1}).",
    "Trust that authority in every browser, or put a publicly trusted certificate into tls/wss.pem.",
  ],
  certificateChain: [
    "The certificate came without the one between it and its authority ({1}): some browsers trust it, others do not.",
    "tls/wss.pem: certificate, then the chain (fullchain.pem), then the key",
  ],
  certificateExpired: [
    "The certificate has expired ({1}).",
    "tls/wss.pem: the renewed one; then in fs_cli: sofia profile internal restart",
  ],
  certificateEarly: ["The certificate is not valid yet ({1}): its clock or this machine's is wrong.", "NTP, on both"],
  certificateName: [
    "The certificate is for {1}, not for {0}.",
    "config.json: server: a name that stands in the certificate; or tls/wss.pem: a certificate with this name",
  ],
  certificateBad: ["The certificate is not trusted ({2}; {1}).", "tls/wss.pem"],
  upgraded: ["The WebSocket opened. (That proves little: any server may do so.)", null],
  tlsThere: ["Port {0} speaks TLS.", "config.json: server: wss:// instead of ws://"],
  upgradeHangs: [
    "Port {0} takes the connection and does not answer the WebSocket's opening.",
    "Is this port one of ws-binding's, or of something else?",
  ],
  upgradeCloses: [
    "Port {0} closed the connection at the WebSocket's opening: it is no WebSocket server, or one that speaks TLS only.",
    `${PROFILE}: ws-binding; if this is the port of wss-binding: wss:// instead of ws://`,
  ],
  noHttp: [
    "What answers on port {0} is not HTTP: no WebSocket server (the Event Socket, 8021, and SIP over TCP, 5060, look like this).",
    `${PROFILE}: the port of ws-binding (5066) or wss-binding (7443)`,
  ],
  http: [
    "A web server answers there, and opens no WebSocket: HTTP {0} ({1}).",
    `${PROFILE}: the port of ws-binding or wss-binding; behind a proxy: its way to that port, with Upgrade and Connection handed on`,
  ],
  sip: ["A SIP server answers: {0}, after {1} ms.", null],
  sipOther: [
    "A SIP server answers, with {1}: {0}, after {2} ms. Calls may work all the same.",
    "FreeSWITCH answers OPTIONS with 200; what stands before it?",
  ],
  noSip: [
    "What listens on port {0} opens a WebSocket and does not answer SIP.",
    `${PROFILE}: the port of ws-binding or wss-binding; a proxy before it must hand on what comes`,
  ],
  clockFine: ["This clock and the server's are {0} s apart.", null],
  clockOff: ["This clock is {0} s off from the server's.", "NTP, on both"],
  clockWrong: [
    "This clock is {0} s off from the server's: certificates look expired, or not valid yet.",
    "NTP, on both",
  ],
  clockUnknown: ["The server's clock is not known: it sent no Date.", null],
  microphoneFine: ["The microphone hears something: {0}", null],
  microphoneSilent: [
    "The microphone hears nothing: {0}. It may be turned off, or another one be meant.",
    "The system's sound settings, the switch on the headset",
  ],
  microphoneDenied: [
    "This page may not use the microphone.",
    'The padlock in the address bar; of a page that embeds this one: allow="microphone", and Permissions-Policy: microphone',
  ],
  microphoneNone: ["There is no microphone.", "Plug one in."],
  microphoneInsecure: [
    "Browsers give this page no microphone: it came by http from another host.",
    "Serve the pages by https.",
  ],
  microphoneBusy: ["The microphone cannot be opened ({0}): another program has it.", "Close that program."],
  candidatesFine: ["Addresses that sound can come to: {0}", null],
  candidatesPrivate: [
    "Only private addresses: {0}. FreeSWITCH takes those from nobody by default (488, INCOMPATIBLE_DESTINATION).",
    `${PROFILE}: <param name="apply-candidate-acl" value="rfc1918.auto"/>, and localnet.auto and loopback.auto beside it, if callers are in your own network; else config.json: ice_servers: a STUN or TURN server`,
  ],
  candidatesHidden: [
    "Only hidden names: {0}. A browser hides addresses until the page may use the microphone; FreeSWITCH does not resolve these names.",
    "Allow the microphone and examine again.",
  ],
  candidatesNoServer: [
    "The servers of config.json: ice_servers gave no address; only {0}.",
    "config.json: ice_servers: is it reachable by UDP, are its credentials right?",
  ],
  candidatesNone: [
    "There is no address that sound could come to: WebRTC is turned off here, or UDP is.",
    "The browser's policy, the network's firewall; config.json: ice_servers: a TURN server by TCP helps",
  ],
  tokensFine: ["Call-control answers at {0}.", null],
  tokensGone: [
    "Call-control does not answer at {0}; or it does, and does not let pages of this origin ask (CORS).",
    "config.json: tokens; is call-control running, and is this page's origin among those that it allows?",
  ],
  tokensKey: [
    "Call-control at {0} does not know this page's key.",
    "config.json: guest_key: one that `call-control token add` made with the scope guests:invite",
  ],
  tokensOrigin: [
    "Call-control at {0} does not let a page of this origin ask.",
    "The tokens' file of call-control: origins of that key, and its scope guests:invite",
  ],
  tokensElsewhere: [
    "What answers at {0} is not call-control: HTTP {1}.",
    "config.json: tokens; of the image: LAMPFIELD_PHONE_CONTROL",
  ],
  tokensBroken: ["Call-control at {0} fails: HTTP {1}.", "call-control doctor"],
};

/** `{words, mend}` of a verdict; `mend` is null where nothing is to be done. */
export function diagnosis({ code, values }) {
  const found = DIAGNOSES[code];
  if (!found) throw new RangeError(`no words for ${code}`);
  const [words, mend] = found.map(
    (text) => text?.replace(/\{(\d)\}/g, (_, index) => String(values[index] ?? "?")) ?? null,
  );
  return { words, mend };
}
