// What a page can find out: its own rules, a WebSocket, one OPTIONS, the microphone, ICE candidates. Judges nothing itself.

import { optionsAnswer, optionsRequest } from "../core/options.js";
import { closeStream, Meter, openMicrophone } from "./microphone.js";
import { post } from "./tokens.js";

const LIMIT = 5_000; // ms for each step
const LISTEN = 1_000; // ms of listening to the microphone
const GATHER = 4_000; // ms for STUN and TURN servers

function word() {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** `{socket: {opened, closed, thrown, hung, policy}, options: {answer, ms} | null}`. */
export function probeSocket(to) {
  return new Promise((resolve) => {
    const began = performance.now();
    let socket;
    try {
      socket = new WebSocket(to.url, "sip");
    } catch (fault) {
      resolve({ socket: { thrown: fault.name }, options: null });
      return;
    }
    let opened = null;
    const done = (told, answer = null) => {
      clearTimeout(timer);
      document.removeEventListener("securitypolicyviolation", refused);
      socket.onopen = socket.onclose = socket.onmessage = null;
      socket.close();
      const ms = opened === null ? null : performance.now() - began - opened;
      resolve({ socket: { opened, ...told }, options: opened === null ? null : { answer, ms } });
    };
    const refused = ({ effectiveDirective }) => effectiveDirective === "connect-src" && done({ policy: true });
    document.addEventListener("securitypolicyviolation", refused);
    const timer = setTimeout(() => done({ hung: opened === null }), LIMIT);
    socket.onopen = () => {
      opened = performance.now() - began;
      socket.send(optionsRequest(to, [word(), word(), word()]));
    };
    socket.onclose = () => done(opened === null ? { closed: performance.now() - began } : {});
    socket.onmessage = ({ data }) => done({}, optionsAnswer(data));
  });
}

/** `{error}`, or `{label, level}` of the microphone. */
export async function probeMicrophone() {
  let stream;
  try {
    stream = await openMicrophone();
  } catch (fault) {
    return { error: fault.name };
  }
  const meter = new Meter();
  meter.watch("mine", stream);
  let level = 0;
  const clock = setInterval(() => {
    level = Math.max(level, meter.level("mine"));
  }, 50);
  await new Promise((resolve) => setTimeout(resolve, LISTEN));
  clearInterval(clock);
  const { label } = stream.getAudioTracks()[0];
  closeStream(stream);
  meter.close();
  return { label, level };
}

/** ICE candidates that this browser would offer: `[{type, address, protocol}]`. */
export async function probeCandidates(iceServers) {
  const peer = new RTCPeerConnection({ iceServers });
  const found = [];
  const all = new Promise((resolve) => {
    peer.onicecandidate = ({ candidate }) => {
      if (!candidate?.candidate) return resolve();
      return found.push({ type: candidate.type, address: candidate.address ?? "", protocol: candidate.protocol });
    };
    setTimeout(resolve, GATHER);
  });
  peer.addTransceiver("audio");
  await peer.setLocalDescription();
  await all;
  peer.close();
  return found;
}

/** ms that this clock is ahead of the page's server; null when it sent no Date. */
export async function probeClock() {
  const answer = await fetch("config.json", { cache: "no-store" });
  const date = answer.headers.get("date");
  return date === null ? null : Date.now() - (Date.parse(date) + 500); // a Date has whole seconds
}

/** The HTTP status of a request for a token for nobody, which gives none out; 0 for no answer. */
export async function probeTokens(url, key) {
  try {
    return (await post(url, key, {}, LIMIT)).status;
  } catch {
    return 0;
  }
}
