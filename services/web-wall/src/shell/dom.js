// The few things that the views do to the page. Texts become text nodes and nothing else: there is no way to pass HTML.

/** An element; `attributes` as in HTML, `on` by event name; children are nodes or texts. */
export function h(tag, { on = {}, ...attributes } = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) set(node, name, value);
  for (const [event, listener] of Object.entries(on)) node.addEventListener(event, listener);
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** Sets an attribute if that changes it; null, undefined and false remove it. */
export function set(node, name, value) {
  if (value === null || value === undefined || value === false) {
    if (node.hasAttribute(name)) node.removeAttribute(name);
  } else if (node.getAttribute(name) !== String(value === true ? "" : value)) {
    node.setAttribute(name, value === true ? "" : value);
  }
}

/** Sets a text if that changes it: an unchanged one is not read out again, nor laid out. */
export function text(node, value) {
  if (node.textContent !== String(value)) node.textContent = value;
}

/** Sets a select's options, if they are others; what is chosen stays chosen. */
export function options(select, wanted) {
  const now = Array.from(select.options, (option) => option.value);
  if (now.length === wanted.length && now.every((value, index) => value === wanted[index][0])) return;
  const chosen = select.value;
  select.replaceChildren(...wanted.map(([value, label]) => h("option", { value }, label)));
  if (wanted.some(([value]) => value === chosen)) select.value = chosen;
}

/** Children of `container`, one per key: made once by `make(key, item)` → `{node, update(item)}`, kept in order. */
export class Keyed {
  constructor(container, make) {
    this.container = container;
    this.make = make;
    this.parts = new Map();
  }

  /** `items` is an array of `[key, item]`; nodes of other keys are removed. */
  update(items) {
    const wanted = new Set(items.map(([key]) => key));
    for (const [key, part] of this.parts) {
      if (wanted.has(key)) continue;
      part.node.remove();
      part.drop?.();
      this.parts.delete(key);
    }
    let place = this.container.firstChild;
    for (const [key, item] of items) {
      if (!this.parts.has(key)) this.parts.set(key, this.make(key, item));
      const part = this.parts.get(key);
      if (part.node === place) place = place.nextSibling;
      else this.container.insertBefore(part.node, place);
      part.update(item);
    }
  }
}
