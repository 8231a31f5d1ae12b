// Which of the page's views an address (`#…`) means, and back. Pure.

/** `{view: "wall" | "switch" | "send" | "display", name?}`; whatever is not known is the wall. */
export function placeOf(hash) {
  const [view, ...rest] = hash.replace(/^#/, "").split("/");
  if (view === "display" && rest.length) {
    try {
      return { view, name: decodeURIComponent(rest.join("/")) };
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
