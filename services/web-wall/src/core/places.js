// Which of the page's views an address (`#…`) means, and back. Pure.

const NAMED = { display: "display", wall: "joined" };

/** `{view: "wall" | "switch" | "send" | "display" | "joined", name?}`; whatever is not known is the wall. */
export function placeOf(hash) {
  const [view, ...rest] = hash.replace(/^#/, "").split("/");
  if (Object.hasOwn(NAMED, view) && rest.length) {
    try {
      return { view: NAMED[view], name: decodeURIComponent(rest.join("/")) };
    } catch {
      return { view: "wall" };
    }
  }
  return { view: ["switch", "send"].includes(view) ? view : "wall" };
}

/** The address of one display, full screen. */
export function displayHash(name) {
  return `#display/${encodeURIComponent(name)}`;
}

/** The address of one wall, its displays joined, full screen. */
export function wallHash(name) {
  return `#wall/${encodeURIComponent(name)}`;
}
