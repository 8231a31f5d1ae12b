// The clock of shell/timers.js. Takes `[id, ms, repeats]`, or `[id]` to forget it; says `id` when its time has come.

const running = new Map();

addEventListener("message", ({ data: [id, ms, repeats] }) => {
  clearTimeout(running.get(id)); // of an interval, too: both are of one kind
  running.delete(id);
  if (ms === undefined) return;
  const tell = () => {
    if (!repeats) running.delete(id);
    postMessage(id);
  };
  running.set(id, repeats ? setInterval(tell, ms) : setTimeout(tell, ms));
});
