// The module that speaks SIP: SIP.js's UserAgent and sessions, told as plain words. No page in here.
//
// A line is a WebSocket with a user of it; a talk is one call on it. The line never connects again by itself: when to,
// is for the machines in core/ to say.

import { Inviter, Registerer, RegistererState, SessionState, UserAgent, Web } from "sip.js";
import { Renegotiation } from "./renegotiation.js";

const TIMEOUT = 10; // s for the socket to open: wss to a ws port says nothing for ever
const KEEPALIVE = 15; // s between two double CRLF (RFC 5626): proxies close a socket that is silent
const GATHERING = 1_500; // ms for ICE candidates; without a STUN server they are there at once
const GOODBYE = 1_500; // ms for a CANCEL or BYE to be answered before the socket is closed
const EXPIRES = 120; // s of a registration: how long a dead one of ours is rung for nothing

/** `sip:user@domain` as SIP.js has it; null when that is none. */
function address(user, domain) {
  return UserAgent.makeURI(`sip:${encodeURIComponent(user)}@${domain}`) ?? null;
}

/**
 * SIP.js's handlers of SDP, which can take an offer back, too: theirs cannot, and after one re-INVITE that was refused
 * there could be no second.
 */
function describing(microphone) {
  const made = Web.defaultSessionDescriptionHandlerFactory(microphone);
  return (session, options) => {
    const handler = made(session, options);
    handler.rollbackDescription = () => rollback(handler.peerConnection);
    return handler;
  };
}

async function rollback(peer) {
  if (peer?.signalingState === "have-local-offer") await peer.setLocalDescription({ type: "rollback" });
  if (peer?.signalingState === "have-remote-offer") await peer.setRemoteDescription({ type: "rollback" });
}

export class Line {
  #domain;
  #agent;
  #registerer = null;
  #on;
  #talks = new Set();

  /**
   * `server`: ws or wss URL; `user`, `domain`, `name` (shown to whom is called), `password` (null: no registration); `ice`: RTCIceServer list;
   * `microphone()` → MediaStream. `on`: `down()`, `invite(Talk)`, `registered()`, `unregistered(status | null)`.
   */
  constructor({ server, domain, user, name = "", password = null, ice = [], microphone, on = {} }) {
    this.#domain = domain;
    this.#on = on;
    this.#agent = new UserAgent({
      uri: address(user, domain),
      authorizationUsername: user,
      authorizationPassword: password ?? "",
      contactParams: { transport: "ws" },
      displayName: name,
      delegate: {
        onDisconnect: (fault) => {
          for (const talk of this.#talks) talk.stranded();
          if (fault) on.down?.(); // without one it is our own doing: `drop` or `close`
        },
        onInvite: (invitation) => this.#invited(invitation),
      },
      logBuiltinEnabled: false, // SIP.js writes every message, with its digests, to the console
      reconnectionAttempts: 0,
      sessionDescriptionHandlerFactory: describing(async () => microphone()),
      sessionDescriptionHandlerFactoryOptions: {
        iceGatheringTimeout: GATHERING,
        peerConnectionConfiguration: { iceServers: ice },
      },
      transportOptions: { server, connectionTimeout: TIMEOUT, keepAliveInterval: KEEPALIVE },
    });
  }

  /** Opens the socket; rejects when that cannot be done. */
  async open() {
    await (this.#agent.state === "Started" ? this.#agent.reconnect() : this.#agent.start());
  }

  /** Takes the socket for dead, which it may be without knowing: after another network came. */
  async drop() {
    await this.#agent.transport.disconnect().catch(() => {});
  }

  get connected() {
    return this.#agent.isConnected();
  }

  /** REGISTER; `registered` or `unregistered` say what came of it, now and at each refresh. */
  register() {
    if (!this.#registerer) {
      this.#registerer = new Registerer(this.#agent, { expires: EXPIRES });
      this.#registerer.stateChange.addListener((state) => {
        if (state === RegistererState.Registered) this.#on.registered?.();
        // Of a refresh, which SIP.js does by itself, nothing else says that it was refused, or was not answered.
        if (state === RegistererState.Unregistered) this.#on.unregistered?.(null);
      });
    }
    const refused = (response) => this.#on.unregistered?.(response.message.statusCode);
    return this.#registerer
      .register({ requestDelegate: { onAccept: () => this.#on.registered?.(), onReject: refused } })
      .catch(() => this.#on.unregistered?.(null));
  }

  /** A call to `to` with these extra headers; `on` as Talk has it. */
  call(to, headers, on) {
    const inviter = new Inviter(this.#agent, address(to, this.#domain), {
      earlyMedia: true,
      extraHeaders: headers,
      sessionDescriptionHandlerOptions: { constraints: { audio: true, video: false } },
    });
    const talk = this.#talk(inviter, on);
    talk.invite();
    return talk;
  }

  #talk(session, on) {
    const talk = new Talk(session, this.#domain);
    talk.on = on;
    this.#talks.add(talk);
    talk.over.then(() => this.#talks.delete(talk));
    return talk;
  }

  #invited(invitation) {
    this.#on.invite?.(this.#talk(invitation, {}));
  }

  /** Unregisters, waits for what still says goodbye, closes the socket. */
  async close() {
    const saying = Array.from(this.#talks, (talk) => talk.over);
    await Promise.race([Promise.all(saying), pause(GOODBYE)]);
    if (this.#registerer?.state === RegistererState.Registered && this.connected) {
      await Promise.race([this.#unregister(), pause(GOODBYE)]);
    }
    await this.#agent.stop().catch(() => {});
  }

  #unregister() {
    return new Promise((resolve) => {
      const done = { onAccept: resolve, onReject: resolve };
      this.#registerer.unregister({ requestDelegate: done }).catch(resolve);
    });
  }
}

/**
 * One call. `on`: `progress(status)`, `accepted()`, `rejected(status, reason)`, `bye()`, `cancelled()`, `broken(name)`,
 * `media({flowing, dead})`, `sound(MediaStream)`; of re-INVITEs `held(on)`, `restarted(null | why not)`, `gone(status)`:
 * the other side knows of no such call, and a BYE is due (core/reinvites.js). After any ending `over` resolves.
 */
export class Talk {
  #session;
  #domain;
  #renegotiation;
  #told = false; // how it ended was said, or is ours

  constructor(session, domain) {
    this.#session = session;
    this.#domain = domain;
    this.on = {};
    this.#renegotiation = new Renegotiation(session, (name, value) => this.on[name]?.(value));
    this.over = new Promise((resolve) => {
      session.stateChange.addListener((state) => {
        if (state === SessionState.Established) this.on.accepted?.();
        if (state !== SessionState.Terminated) return;
        this.#renegotiation.tell({ type: "ended" });
        // SIP.js says Terminated before it hands over the response that ended it.
        setTimeout(() => {
          if (!this.#told) this.on.broken?.("SessionTerminated");
          resolve();
        });
      });
    });
    session.delegate = {
      onBye: (bye) => {
        this.#told = true;
        bye.accept();
        this.on.bye?.();
      },
      onCancel: () => {
        this.#told = true;
        this.on.cancelled?.();
      },
      onRefer: (referral) => referral.reject(), // nobody sends this page's call elsewhere
      onSessionDescriptionHandler: (handler) => this.#watch(handler),
    };
  }

  /** Who calls: `{number, name}`. */
  get party() {
    const { uri, displayName } = this.#session.remoteIdentity;
    return { number: decodeURIComponent(uri.user ?? ""), name: displayName ?? "" };
  }

  get peer() {
    return this.#session.sessionDescriptionHandler?.peerConnection ?? null;
  }

  invite() {
    const requestDelegate = {
      onProgress: ({ message }) => this.on.progress?.(message.statusCode),
      onReject: ({ message }) => {
        if (!this.#told) this.on.rejected?.(message.statusCode, message.getHeader("Reason") ?? null);
        this.#told = true;
      },
    };
    this.#session.invite({ requestDelegate }).catch((fault) => this.#broken(fault));
  }

  answer() {
    const sessionDescriptionHandlerOptions = { constraints: { audio: true, video: false } };
    this.#session.accept({ sessionDescriptionHandlerOptions }).catch((fault) => this.#broken(fault));
  }

  /** Refuses an incoming call: 486 busy or 603 declined. */
  refuse(statusCode) {
    this.#told = true;
    this.#session.reject({ statusCode }).catch(() => {});
  }

  /** Gives up before it was answered; a call that came in, and is being answered, is declined. */
  cancel() {
    if (this.#session.state === SessionState.Established) return this.bye();
    if (!this.#session.cancel) return this.refuse(603);
    this.#told = true;
    return this.#session.cancel().catch(() => {});
  }

  bye() {
    this.#told = true;
    if (this.#session.state === SessionState.Established) this.#session.bye().catch(() => {});
    else if (this.#session.state !== SessionState.Terminated) this.#session.dispose().catch(() => {});
  }

  mute(on) {
    this.#session.sessionDescriptionHandler?.enableSenderTracks(!on);
  }

  /** From now on this microphone is heard, and not the one before; rejects when it cannot be. */
  async speak(stream, muted) {
    const [track] = stream.getAudioTracks();
    track.enabled = !muted;
    await Promise.all((this.peer?.getSenders() ?? []).map((sender) => sender.replaceTrack(track)));
  }

  /** Whether the key goes out; RFC 4733 events, as FreeSWITCH wants them. */
  press(key) {
    const dtmf = this.peer?.getSenders().find((sender) => sender.dtmf)?.dtmf;
    if (!dtmf?.canInsertDTMF) return false;
    dtmf.insertDTMF(dtmf.toneBuffer + key); // it replaces what waits: keys that were typed fast would be lost
    return true;
  }

  /** Puts the other side on hold, or takes it back: `held` tells what came of it. */
  hold(on) {
    this.#renegotiation.tell({ type: "hold", on });
  }

  /** New ICE candidates for a call that lives, after another network came: `restarted` tells, or `gone`. */
  restart() {
    this.#renegotiation.tell({ type: "restart" });
  }

  /** The socket is gone: what waits for an answer on it waits for nothing. */
  stranded() {
    this.#renegotiation.strand();
  }

  /** Blind transfer (REFER): resolves when the server says that the other one was reached, rejects with why not. */
  refer(to) {
    return new Promise((resolve, reject) => {
      const refused = ({ message }) => reject(new Error(`SIP ${message.statusCode}`));
      const onNotify = (notification) => {
        notification.accept();
        const status = Number(/^SIP\/2\.0 (\d{3})/.exec(notification.request.body)?.[1]);
        if (status >= 200 && status < 300) resolve();
        else if (status >= 300) reject(new Error(`SIP ${status}`));
      };
      this.#session
        .refer(address(to, this.#domain), { requestDelegate: { onReject: refused }, onNotify })
        .catch(reject);
    });
  }

  #broken(fault) {
    if (this.#told) return;
    this.#told = true;
    this.on.broken?.(fault?.name ?? "Error");
  }

  #watch(handler) {
    const peer = handler.peerConnection;
    peer.addEventListener("connectionstatechange", () => {
      const state = peer.connectionState;
      if (state === "connected") this.on.media?.({ flowing: true });
      if (state === "disconnected") this.on.media?.({ flowing: false });
      if (state === "failed") this.on.media?.({ flowing: false, dead: true });
    });
    peer.addEventListener("track", () => this.on.sound?.(handler.remoteMediaStream));
  }
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
