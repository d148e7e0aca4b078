// A page of another site that shows the form in a frame, as a visitor of that site meets it.
//
//     node tests/browser/frame.mjs SITE refused|shown [--no-script] [--pictures FOLDER]
//
// Prints what went wrong and exits with 1. The journey of who may frame it: the form is filled in,
// the amount comes in the same frame, and the page around is told how high it is.

import assert from "node:assert/strict";
import { join } from "node:path";
import { launch } from "./launch.mjs";

const words = process.argv.slice(2);
const at = words.indexOf("--pictures");
const pictures = at < 0 ? "" : words.splice(at, 2)[1];
const script = !words.includes("--no-script");
const [site, expected] = words;

const browser = await launch();
const context = await browser.newContext({ locale: "fr-FR", javaScriptEnabled: script });
const page = await context.newPage();
page.setDefaultTimeout(15_000);
const said = [];
page.on("console", (message) => said.push(message.text()));
await page.goto(site);
const frame = page.frameLocator("#cej");
const height = () => page.locator("#cej").evaluate((one) => one.getBoundingClientRect().height);

try {
  if (expected === "refused") {
    assert.equal(await frame.getByLabel("Pour quel mois").count(), 0, "the form is shown");
    assert.match(said.join("\n"), /frame-ancestors|X-Frame-Options/i);
  } else {
    await frame.getByLabel("Pour quel mois").selectOption("2025-11");
    const before = await height();
    await frame.getByLabel("Quelle est votre date de naissance").fill("27/03/2005");
    await frame.getByLabel("En métropole").check();
    await frame.getByLabel("Oui, je l'ai signé").check();
    await frame.getByLabel("Si oui, à quelle date").fill("01/09/2025");
    await frame.getByLabel("Non imposable", { exact: true }).check();
    await frame.getByLabel("Quel salaire net à payer").fill("450");
    await frame.getByLabel("Je n'ai rien d'autre à signaler").check();
    await frame.getByRole("button", { name: "Voir le montant" }).click();
    // 561,68 − 561,68 / 1 141,44 × 150 = 487,87: see page.mjs.
    await frame.locator(".result .figure data[value='487.87']").waitFor();
    assert.equal(page.url(), site, "the page around has moved");
    assert.equal(await frame.locator("header, nav").count(), 0, "what is around the page is shown");
    if (script) {
      const whole = await frame.locator("html").evaluate((one) => one.offsetHeight);
      await page.waitForFunction(
        (high) => document.getElementById("cej").getBoundingClientRect().height === high, whole);
      assert.notEqual(await height(), before, "the height is not followed");
    }
    if (pictures) await page.screenshot({ path: join(pictures, "cadre.png"), fullPage: true });
  }
  assert.equal((await context.cookies()).length, 0, "a cookie was set");
} catch (error) {
  console.log(error.stack, said.join("\n"));
  process.exitCode = 1;
}
await browser.close();
