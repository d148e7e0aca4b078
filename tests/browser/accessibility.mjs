// Check pages with axe-core in a real browser, at 1280 and 320 px, light and dark.
//
//     node tests/browser/accessibility.mjs [--pictures FOLDER] PAGE…
//
// A PAGE is a file of HTML or an address. Prints a JSON list, one entry a page and view, with the
// violations (WCAG 2.2 A and AA, best practices), whether the page scrolls sideways, and what it
// asked of the network. Exits with 1 when there is any of these, 2 when it cannot run.

import { createRequire } from "node:module";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { launch, stop } from "./launch.mjs";

const WIDTHS = [1280, 320];
const SCHEMES = ["light", "dark"];
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

// What one view of a page has to be blamed for.
async function view(browser, address, width, scheme, pictures) {
  const context = await browser.newContext({
    viewport: { width, height: 800 },
    colorScheme: scheme,
    bypassCSP: true, // Axe is put into pages that forbid scripts.
  });
  const page = await context.newPage();
  const asked = [];
  const origin = new URL(address).origin;
  page.on("request", (request) => {
    const same = origin !== "null" && request.url().startsWith(origin);
    if (request.url() !== address && !same && !request.url().startsWith("data:")) {
      asked.push(request.url());
    }
  });
  await page.goto(address, { waitUntil: "load" });
  if (pictures) {
    // Short: an address may be longer than a file's name.
    const name = `${basename(address).replace(/\W+/g, "-").slice(0, 100)}-${width}-${scheme}.png`;
    await page.screenshot({ path: join(pictures, name), fullPage: true });
  }
  // What is folded is read too.
  await page.evaluate(() => {
    for (const one of document.querySelectorAll("details")) one.open = true;
  });
  const sideways = await page.evaluate(
    () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
  );
  await page.addScriptTag({ path: require.resolve("axe-core/axe.min.js") });
  const found = await page.evaluate(
    (values) => globalThis.axe.run(document, { runOnly: { type: "tag", values } }),
    TAGS,
  );
  await context.close();
  return {
    page: address,
    width,
    scheme,
    rules: found.passes.length,
    sideways,
    asked,
    violations: found.violations.map((one) => ({
      rule: one.id,
      impact: one.impact,
      help: one.help,
      places: one.nodes.map((node) => `${node.target.join(" ")}: ${node.failureSummary}`),
    })),
  };
}

const require = createRequire(import.meta.url);
const words = process.argv.slice(2);
const pictures = words[0] === "--pictures" ? words.splice(0, 2)[1] : "";
if (!words.length) stop("Usage: node accessibility.mjs [--pictures FOLDER] PAGE…");

const browser = await launch();
const results = [];
for (const word of words) {
  const address = /^https?:/.test(word) ? word : pathToFileURL(resolve(word)).href;
  for (const width of WIDTHS) {
    for (const scheme of SCHEMES) {
      results.push(await view(browser, address, width, scheme, pictures));
    }
  }
}
await browser.close();
console.log(JSON.stringify(results, null, 1));
const faulty = results.some((one) => one.violations.length || one.sideways || one.asked.length);
process.exit(faulty ? 1 : 0);
