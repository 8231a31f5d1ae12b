// Builds dist/: three pages and the element for other sites, each with what it needs of SIP.js in one file.

import { cp, rm } from "node:fs/promises";
import { build } from "esbuild";

const here = new URL(".", import.meta.url).pathname;

await rm(`${here}dist`, { recursive: true, force: true });
await cp(`${here}public`, `${here}dist`, { recursive: true });
const common = {
  absWorkingDir: here,
  outdir: "dist",
  bundle: true,
  format: "esm",
  platform: "browser",
  target: ["chrome111", "firefox119", "safari16.4"],
  minify: true,
  legalComments: "eof",
  logLevel: "warning",
};
// Other sites have its address in their pages: one file, whose name stays.
await build({
  ...common,
  entryPoints: ["src/call-button.js", "src/call.js", "src/workers/timers.js"],
  entryNames: "[name]",
});
// What the answer page alone needs (MQTT.js) is fetched when it is asked for.
await build({ ...common, entryPoints: ["src/answer.js", "src/doctor.js"], splitting: true, chunkNames: "part-[hash]" });
