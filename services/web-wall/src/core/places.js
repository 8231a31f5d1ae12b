// Which of the page's views an address (`#…`) means, and back. Pure.

const NAMED = { display: "display", wall: "joined" };

/**
 * `{view: "wall" | "switch" | "sip" | "send" | "display" | "joined", name?}`, or `{view: "ladder", node, id}`; whatever is
 * not known is the wall.
 */
export function placeOf(hash) {
  const [view, ...rest] = hash.replace(/^#/, "").split("/");
  if (Object.hasOwn(NAMED, view) && rest.length) {
    try {
      return { view: NAMED[view], name: decodeURIComponent(rest.join("/")) };
    } catch {
      return { view: "wall" };
    }
  }
  if (view === "sip" && rest.length === 2) {
    try {
      const [node, id] = rest.map(decodeURIComponent);
      return { view: "ladder", node, id };
    } catch {
      return { view: "sip" };
    }
  }
  return { view: ["switch", "sip", "send"].includes(view) ? view : "wall" };
}

/** The address of one display, full screen. */
export function displayHash(name) {
  return `#display/${encodeURIComponent(name)}`;
}

/** The address of one wall, its displays joined, full screen. */
export function wallHash(name) {
  return `#wall/${encodeURIComponent(name)}`;
}

/** The address of a SIP dialog's ladder. */
export function ladderHash([node, id]) {
  return `#sip/${encodeURIComponent(node)}/${encodeURIComponent(id)}`;
}
