// Performs what core/reinvites.js decides: re-INVITEs on a session of SIP.js's, and the time between two of them.
//
// SIP.js sends one at a time and refuses a second; it tells that one was refused, and leaves 491, 408 and 481 to whoever
// asked. What else it does not do is done here, each with its why.

import { Reinvites } from "../core/reinvites.js";

const UNANSWERED = ["Calling", "Proceeding"]; // states of a transaction

export class Renegotiation {
  #session;
  #tell;
  #machine;
  #request = null; // the last that was sent
  #timer = null;

  /** `tell(name, value)` of `held`, `restarted` and `gone`, as core/reinvites.js has them. */
  constructor(session, tell) {
    this.#session = session;
    this.#tell = tell;
    this.#machine = new Reinvites({ owner: Boolean(session.cancel) }); // an Inviter has it, an Invitation has not
    this.#guard();
  }

  /** Feeds an input in, performs what comes of it. */
  tell(input) {
    const effects = this.#machine.receive({ chance: Math.random(), ...input }, Date.now());
    // What SIP.js answers the other side's re-INVITEs by, too: a hold that was refused would come with the next of them.
    if (this.#machine.state !== "pending")
      this.#session.sessionDescriptionHandlerOptionsReInvite = { hold: this.#machine.held };
    this.#perform(effects);
  }

  /**
   * The socket is gone. An answer would come on it or not at all, so this is RFC 3261 8.1.3.1's fatal transport error:
   * SIP.js would wait for 32 s, or for ever after a 100, and take no other re-INVITE meanwhile.
   */
  strand() {
    const transaction = this.#request?.transaction;
    this.#request = null;
    if (UNANSWERED.includes(transaction?.state)) transaction.onTransportError(new Error("the socket is gone"));
  }

  /**
   * An offer of the other side, while one of ours is being gathered or taken back, is glare as well: SIP.js, which says
   * 491 only from when ours was sent until it is answered, would take it for the answer.
   */
  #guard() {
    const take = this.#session.onInviteRequest?.bind(this.#session);
    this.#session.onInviteRequest = (request) =>
      this.#machine.state === "pending" ? request.reject({ statusCode: 491 }) : take(request);
  }

  #perform(effects) {
    for (const [name, value] of effects) name === "invite" ? this.#invite(value) : this.#tell(name, value);
    clearTimeout(this.#timer);
    const due = this.#machine.due();
    if (due !== null) this.#timer = setTimeout(() => this.#perform(this.#machine.tick(Date.now())), due - Date.now());
  }

  async #invite({ hold, restart }) {
    const requestDelegate = {
      onAccept: () => this.tell({ type: "accepted" }),
      onReject: ({ message }) => this.tell(refusal(message)),
    };
    const sessionDescriptionHandlerOptions = { hold, offerOptions: { iceRestart: restart } };
    try {
      this.#request = await this.#session.invite({ requestDelegate, sessionDescriptionHandlerOptions });
    } catch (fault) {
      // SIP.js takes the offer back of one that was refused, and not of one that it could not send.
      await this.#session.sessionDescriptionHandler?.rollbackDescription().catch(() => {});
      this.tell({ type: "unsent", name: fault.name });
    }
  }
}

/** What a final response ≥ 300 is to the machine. */
function refusal(message) {
  const { statusCode: status } = message;
  // SIP.js's own, which has no header: the socket went.
  if (status === 503 && !message.getHeader("Call-ID")) return { type: "lost" };
  const after = Number.parseInt(message.getHeader("Retry-After"), 10);
  return { type: "refused", status, after: Number.isNaN(after) ? null : after };
}
