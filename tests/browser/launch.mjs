// A real browser, for the scripts of this folder. CHROMIUM=/path/to/chromium tries that one first.

import { existsSync } from "node:fs";
import { createRequire } from "node:module";

const BROWSERS = [
  process.env.CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
];
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export function stop(message) {
  console.error(message);
  process.exit(2);
}

export async function launch() {
  let chromium;
  try {
    ({ chromium } = createRequire(import.meta.url)("playwright-core"));
  } catch {
    stop("playwright-core is not installed: run « make browser » (or npm ci in tests/browser).");
  }
  const executablePath = BROWSERS.find((path) => path && existsSync(path));
  if (!executablePath) stop("No Chromium here (Debian: apt install chromium).");
  return chromium.launch({ executablePath, args: FLAGS });
}
