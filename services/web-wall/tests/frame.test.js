import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_PIXELS, parseFrame } from "../src/core/frame.js";
import { utf8 } from "./support.js";

test("a frame is read row by row", () => {
  const frame = parseFrame(utf8("#..\n.#.\n"));
  assert.deepEqual({ ...frame, pixels: [...frame.pixels] }, { width: 3, height: 2, pixels: [1, 0, 0, 0, 1, 0] });
});

test("the largest panel is read", () => {
  const frame = parseFrame(utf8(`${"#".repeat(2048)}\n`.repeat(8)));
  assert.equal(
    frame.pixels.reduce((sum, pixel) => sum + pixel),
    MAX_PIXELS,
  );
});

const faults = {
  "nothing at all": "",
  "no row": "\n",
  "no last LF": "##\n##",
  "a short row": "###\n##\n#\n\n",
  "a long row": "##\n####\n##\n",
  "a letter": "#.\n#x\n",
  "CR LF": "#.\r\n#.\r\n",
  HTML: "<b>\n<b>\n",
  "more pixels than any panel": `${"#".repeat(2048)}\n`.repeat(9),
  "a huge line": "#".repeat(5_000_000),
};
for (const [what, art] of Object.entries(faults)) {
  test(`${what} is no frame`, () => assert.throws(() => parseFrame(utf8(art)), RangeError));
}

test("bytes that are no text are no frame", () => {
  assert.throws(() => parseFrame(Uint8Array.of(0xff, 0xfe, 0x0a)), RangeError);
});
