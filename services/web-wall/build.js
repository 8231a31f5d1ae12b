// Builds dist/: the page's modules and MQTT.js in one file, beside what is copied as it is.

import { cp, rm } from "node:fs/promises";
import { build } from "esbuild";

const here = new URL(".", import.meta.url).pathname;

await rm(`${here}dist`, { recursive: true, force: true });
await cp(`${here}public`, `${here}dist`, { recursive: true });
await build({
  absWorkingDir: here,
  entryPoints: ["src/main.js"],
  outfile: "dist/app.js",
  bundle: true,
  format: "esm",
  platform: "browser",
  target: ["chrome111", "firefox119", "safari16.4"],
  minify: true,
  legalComments: "eof",
  logLevel: "warning",
});
