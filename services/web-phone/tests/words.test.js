import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { OUTCOMES } from "../src/core/outcomes.js";
import { LANGUAGES, language, say, TABLES } from "../src/core/words.js";

const KEYS = Object.keys(TABLES.en);

test("every language says everything, with the same places to be filled in", () => {
  for (const lang of LANGUAGES) {
    assert.deepEqual(Object.keys(TABLES[lang]).toSorted(), KEYS.toSorted(), lang);
    for (const key of KEYS) {
      const places = (text) => Array.from(text.matchAll(/\{\d\}/g), ([place]) => place).toSorted();
      assert.deepEqual(places(TABLES[lang][key]), places(TABLES.en[key]), `${lang} ${key}`);
      assert.ok(key === "idle" || TABLES[lang][key].trim(), `${lang} ${key}`);
    }
  }
});

test("every outcome has words", () => {
  for (const outcome of OUTCOMES) assert.ok(say("en", outcome).endsWith("."), outcome);
});

test("every word is used somewhere, and none that is used is missing", () => {
  const folder = new URL("../src/", import.meta.url);
  const files = readdirSync(folder, { recursive: true }).filter(
    (name) => name.endsWith(".js") && !name.endsWith("words.js"),
  );
  const source = files.map((name) => readFileSync(new URL(name, folder), "utf8")).join("\n");
  const literals = new Set(Array.from(source.matchAll(/["']([A-Za-z]+)["']/g), ([, key]) => key));
  assert.deepEqual(
    KEYS.filter((key) => !literals.has(key)),
    [],
  );
  const said = Array.from(source.matchAll(/(?:\bsay\(\w[\w.#]*, |[^\w]_\()"(\w+)"/g), ([, key]) => key);
  assert.ok(said.length > 40);
  assert.deepEqual(
    said.filter((key) => !KEYS.includes(key)),
    [],
  );
});

test("a language is found by its first part; English where there is none", () => {
  assert.equal(language(["de-AT", "en"]), "de");
  assert.equal(language(["fr", "DE"]), "de");
  assert.equal(language(["", "xx"]), "en");
  assert.equal(language([]), "en");
});

test("places are filled in as text, and a key that is none is a mistake", () => {
  assert.equal(say("en", "incoming", "$& {1}"), "$& {1} calls.");
  assert.throws(() => say("en", "nonsense"), RangeError);
});
