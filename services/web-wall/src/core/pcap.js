// A ladder as a file for sngrep, Wireshark and tcpdump: pcap, whose packets are made from addresses, instants and texts.
// Pure.
//
// Classic pcap, version 2.4, little-endian, microseconds, LINKTYPE_RAW (101): each packet begins with its IP header. UDP
// stays UDP; everything else becomes TCP, a segment per message with running sequence numbers. TLS and WebSockets are
// told as the plain SIP that the monitor was sent.

const RAW = 101;
const SNAP = 262_144;
const [TCP, UDP] = [6, 17];
const MOST = 65_000; // bytes of a message that fit into one IP packet
const utf8 = new TextEncoder();

/** The file's bytes. A message whose text was dropped, or an address that is none, is left out. */
export function pcap(ladder) {
  const sent = new Map(); // "from to" → TCP sequence number of the next byte
  const packets = ladder.messages
    .toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at))
    .map((message) => record(message, sent))
    .filter(Boolean);
  return joined([header(), ...packets]);
}

/** How many messages `pcap` leaves out. */
export function missing(ladder) {
  return ladder.messages.filter(({ body, from, to }) => body === null || !ends(from, to)).length;
}

function header() {
  const view = new DataView(new ArrayBuffer(24));
  view.setUint32(0, 0xa1b2c3d4, true);
  view.setUint16(4, 2, true);
  view.setUint16(6, 4, true);
  view.setUint32(16, SNAP, true);
  view.setUint32(20, RAW, true);
  return bytesOf(view);
}

function record(message, sent) {
  const found = message.body === null ? null : ends(message.from, message.to);
  if (!found) return null;
  const payload = utf8.encode(message.body).subarray(0, MOST);
  const packet = ip(found, message.transport === "UDP" ? udp(found, payload) : tcp(found, payload, message, sent));
  const view = new DataView(new ArrayBuffer(16));
  const at = Date.parse(message.at);
  view.setUint32(0, Math.floor(at / 1000), true);
  view.setUint32(4, (at % 1000) * 1000, true);
  view.setUint32(8, packet.length, true);
  view.setUint32(12, packet.length, true);
  return joined([bytesOf(view), packet]);
}

/** `{from: {host, port}, to, wide}` of two addresses; null where one is none. Both of one family, else both as IPv6. */
function ends(from, to) {
  const found = [from, to].map(endpoint);
  if (found.includes(null)) return null;
  const wide = found.some(({ host }) => host.length === 16);
  const [source, target] = found.map(({ host, port }) => ({ host: wide ? widened(host) : host, port }));
  return { from: source, to: target, wide };
}

function widened(host) {
  return host.length === 16 ? host : joined([new Uint8Array(10), new Uint8Array([255, 255]), host]);
}

/** `192.0.2.7:5060` or `[2001:db8::7]:5060`. */
function endpoint(text) {
  const found = /^(?:\[(.+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  if (!found || Number(found[3]) > 65_535) return null;
  const host = found[2] === undefined ? ipv6(found[1]) : ipv4(found[2]);
  return host && { host, port: Number(found[3]) };
}

function ipv4(text) {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return null;
  return Uint8Array.from(parts, Number);
}

function ipv6(text) {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const [head, tail] = halves.map((half) => (half === "" ? [] : half.split(":").flatMap(groups)));
  const given = [...head, ...(tail ?? [])];
  if (given.includes(null) || (tail === undefined ? given.length !== 8 : given.length > 7)) return null;
  const whole = [...head, ...new Array(8 - given.length).fill(0), ...(tail ?? [])];
  return Uint8Array.from(whole.flatMap((group) => [group >> 8, group & 255]));
}

function groups(text) {
  const mapped = text.includes(".") ? ipv4(text) : null;
  if (mapped) return [(mapped[0] << 8) | mapped[1], (mapped[2] << 8) | mapped[3]];
  return [/^[0-9a-f]{1,4}$/i.test(text) ? Number.parseInt(text, 16) : null];
}

function ip({ from, to, wide }, { protocol, segment }) {
  return joined([wide ? head6(from, to, protocol, segment) : head4(from, to, protocol, segment), segment]);
}

function head4(from, to, protocol, segment) {
  const view = new DataView(new ArrayBuffer(20));
  view.setUint8(0, 0x45);
  view.setUint16(2, 20 + segment.length);
  view.setUint16(6, 0x4000); // don't fragment
  view.setUint8(8, 64);
  view.setUint8(9, protocol);
  const head = bytesOf(view);
  head.set(from.host, 12);
  head.set(to.host, 16);
  view.setUint16(10, checksum(head));
  return head;
}

function head6(from, to, protocol, segment) {
  const view = new DataView(new ArrayBuffer(40));
  view.setUint8(0, 0x60);
  view.setUint16(4, segment.length);
  view.setUint8(6, protocol);
  view.setUint8(7, 64);
  const head = bytesOf(view);
  head.set(from.host, 8);
  head.set(to.host, 24);
  return head;
}

function udp(found, payload) {
  const view = new DataView(new ArrayBuffer(8));
  view.setUint16(0, found.from.port);
  view.setUint16(2, found.to.port);
  view.setUint16(4, 8 + payload.length);
  return summed(found, UDP, view, 6, payload);
}

function tcp(found, payload, message, sent) {
  const [there, back] = [`${message.from} ${message.to}`, `${message.to} ${message.from}`];
  const view = new DataView(new ArrayBuffer(20));
  view.setUint16(0, found.from.port);
  view.setUint16(2, found.to.port);
  view.setUint32(4, sent.get(there) ?? 1);
  view.setUint32(8, sent.get(back) ?? 1);
  view.setUint8(12, 0x50);
  view.setUint8(13, 0x18); // PSH, ACK
  view.setUint16(14, 65_535);
  sent.set(there, (sent.get(there) ?? 1) + payload.length);
  return summed(found, TCP, view, 16, payload);
}

/** A segment with its checksum, which covers the addresses as well (RFC 768, RFC 9293, RFC 8200). */
function summed({ from, to }, protocol, view, place, payload) {
  const segment = joined([bytesOf(view), payload]);
  const pseudo = new DataView(new ArrayBuffer(8));
  pseudo.setUint32(0, segment.length);
  pseudo.setUint32(4, protocol);
  const sum = checksum(joined([from.host, to.host, bytesOf(pseudo), segment]));
  new DataView(segment.buffer).setUint16(place, sum === 0 && protocol === UDP ? 0xffff : sum);
  return { protocol, segment };
}

/** RFC 1071. */
function checksum(bytes) {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += (bytes[at] << 8) | (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function bytesOf(view) {
  return new Uint8Array(view.buffer);
}

function joined(parts) {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
