// What surrounds the views: the way between them, and whether the bus is there.

import { duration } from "../core/times.js";
import { set, text } from "./dom.js";

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });

const UNDER = { ladder: "sip" }; // views that another one's place in the head stands for

export function chrome() {
  const link = document.getElementById("link");
  const banner = document.getElementById("banner");
  const main = document.getElementById("main");
  const skip = document.querySelector("[data-skip]");
  skip.addEventListener("click", (event) => {
    event.preventDefault(); // the address says which view it is
    main.focus();
  });
  return {
    /** The bus came or went, or time passed. */
    update({ link: { up, since, why }, reading, now, board }) {
      set(document.body, "data-link", up ? (reading ? "reading" : "up") : "down");
      text(link, up ? (reading ? "reading …" : "live") : `no bus ${duration(now - since)}`);
      banner.hidden = up && !board.overflown;
      if (!up) {
        // Only the words that stay are in the alert: a screen reader reads it once, not every second.
        text(banner, `No bus since ${CLOCK.format(since)}${why ? `: ${why}` : ""}. Nothing here is live.`);
      } else if (board.overflown) {
        text(banner, "More is on this bus than this page keeps; some of it is not shown.");
      }
    },
    /** Another view is shown. */
    place({ view, name, id }) {
      for (const way of document.querySelectorAll("[data-view]")) {
        if (way.tagName === "A") set(way, "aria-current", way.dataset.view === (UNDER[view] ?? view) ? "page" : null);
      }
      const titles = { wall: "Wall", switch: "Switch", sip: "SIP", send: "Send" };
      document.title = `${name ?? id ?? titles[view]} · Lampfield`;
    },
  };
}
