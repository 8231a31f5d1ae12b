// What the tests of the pure core share.

export const utf8 = (text) => new TextEncoder().encode(text);
export const json = (value) => utf8(JSON.stringify(value));

/** 2026-11-22T23:11:53.341Z, the instant of the contract's examples. */
export const NOW = Date.parse("2026-11-22T23:11:53.341Z");
export const at = (ms) => new Date(ms).toISOString();

export const displayInfo = (given = {}) => ({
  version: "0.1.0",
  driver: "none",
  width: 32,
  height: 8,
  groups: ["all"],
  wall: null,
  pages: ["calls", "clock"],
  since: at(NOW - 60_000),
  ...given,
});

export const displayHealth = (ms = NOW) => ({
  at: at(ms),
  uptime: 1,
  frames: 1,
  skipped_frames: 0,
  spi_bytes: 0,
  spi_errors: 0,
  messages: 1,
  rejected: 0,
  clock_skew: null,
  rss_bytes: 1,
});

export const displayState = (given = {}) => ({
  power: "on",
  brightness: 4,
  brightness_mode: "auto",
  page: "calls",
  page_mode: "auto",
  notification: null,
  ...given,
});
