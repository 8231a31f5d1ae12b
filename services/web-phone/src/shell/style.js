// The element's own styles, as a constructed sheet: no style element, so no 'unsafe-inline' in anybody's policy.
// A site changes them by `--call-…` properties, or by ::part(main), (status), (box).

const CSS = `
:host { display: inline-block; max-width: 100%; font: inherit; color: inherit; --go: var(--call-go, #14713f); --stop: var(--call-stop, #b3261e); }
:host([hidden]), [hidden] { display: none !important; }
.box { display: grid; gap: 0.5rem; max-width: min(24rem, 100%); min-width: 11rem; }
.box[data-state="talking"] { width: 20rem; max-width: 100%; }
.row { display: flex; align-items: center; gap: 0.9rem; }
button { font: inherit; color: inherit; cursor: pointer; border-radius: 0.5rem; border: 1px solid currentcolor;
  background: none; padding: 0.5rem 0.9rem; min-height: 2.75rem; }
button:focus-visible { outline: 3px solid Highlight; outline-offset: 2px; }
.main { border: 0; background: var(--go); color: #fff; font-weight: 600; padding: 0.65rem 1.4rem; border-radius: 999px; }
.main svg { width: 1em; height: 1em; margin-right: 0.55em; vertical-align: -0.12em; fill: currentcolor; }
[data-does="hangup"] .main { background: var(--stop); }
[data-does="hangup"] .main svg { rotate: 135deg; }
.timer { font-variant-numeric: tabular-nums; font-size: 1.25em; }
p { margin: 0; overflow-wrap: anywhere; }
/* An empty status stays in the accessibility tree: what is filled in there later is read out. */
.status:empty { margin-top: -0.5rem; }
.note:empty { display: none; }
.note { font-size: 0.85em; opacity: 0.8; }
.controls { display: grid; grid-template-columns: 1fr 1fr; gap: 0.5rem; }
.mute[aria-pressed="true"] { background: var(--stop); border-color: var(--stop); color: #fff; }
.meters { grid-column: 1 / -1; display: grid; grid-template-columns: auto 1fr; gap: 0.3rem 0.7rem; align-items: center; font-size: 0.85em; }
meter { width: 100%; height: 0.55rem; }
.keys { grid-column: 1 / -1; display: grid; grid-template-columns: repeat(3, 1fr); gap: 0.4rem; }
.keys button { font-variant-numeric: tabular-nums; }
@media (prefers-reduced-motion: no-preference) {
  [data-state="ringing"] .main svg { animation: shake 1s infinite; }
  @keyframes shake { 0%, 60%, 100% { rotate: 135deg; } 15%, 45% { rotate: 120deg; } 30% { rotate: 150deg; } }
}
`;

let made = null;

/** The sheet; one for every element of a page. */
export function sheet() {
  if (!made) {
    made = new CSSStyleSheet();
    made.replaceSync(CSS);
  }
  return made;
}
