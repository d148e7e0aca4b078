// One journey on the page, in a real browser.
//
//     node tests/browser/page.mjs BASE JOURNEY [--no-script] [--pictures FOLDER]
//     node tests/browser/page.mjs --list
//
// Prints what went wrong and exits with 1; exits with 2 when it cannot run. Whatever the journey,
// nothing is asked of another host, no cookie is set, and the console stays silent: it is there
// that the browser tells of what the content security policy forbids.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { launch, stop } from "./launch.mjs";

const HEAVIEST = 100_000; // bytes of a page with all that it loads, before any compression

const figure = (page) => page.locator(".result .figure").first().innerText();
const plain = (text) => text.replace(/[\u00a0\u202f]/g, " ").trim();
const amount = (text) => Number(plain(text).replace(/[ €]/g, "").replace(",", "."));

// What the engine answers, asked by the API for the situation that the page gives to download.
async function engine(page, base) {
  const link = await page.getByRole("link", { name: "Situation en JSON" }).getAttribute("href");
  const situation = await (await page.request.get(base + link)).json();
  const answer = await page.request.post(`${base}/calculate`, { data: situation });
  assert.equal(answer.status(), 200);
  const [person] = Object.values((await answer.json()).individus);
  return Object.values(person.cej_allocation)[0];
}

// Press a button and wait for the page that answers, whole.
async function submit(page, name) {
  const arrived = page.waitForEvent("load");
  await page.getByRole("button", { name }).click();
  await arrived;
}

async function month(page, value) {
  await page.getByLabel("Pour quel mois").selectOption(value);
  await submit(page, "Changer de mois");
  await page.waitForURL(new RegExp(`mois=${value}`));
}

async function adult(page, { birth = "27/03/2005", wage = "450" } = {}) {
  await month(page, "2025-11");
  await page.getByLabel("Quelle est votre date de naissance").fill(birth);
  await page.getByLabel("En métropole").check();
  await page.getByLabel("Oui, je l'ai signé").check();
  await page.getByLabel("Si oui, à quelle date").fill("01/09/2025");
  await page.getByLabel("Quel salaire net à payer").fill(wage);
}

// Journeys. Expected amounts are worked out by hand from the articles, beside each.

const journeys = {
  // D5131-19 I 1° a, amount of April 2025: 561,68; R2 = 450 € of which 150 € count;
  // coefficient 561,68 / (0,8 × 1801,80 − 300) = 561,68 / 1141,44; 561,68 − 0,492080 × 150 = 487,87.
  async "from a probable amount to the amount"({ page, base, picture }) {
    await page.goto(base);
    await adult(page);
    await page.getByLabel("Non imposable", { exact: true }).check();
    await submit(page, "Voir le montant");
    assert.equal(plain(await figure(page)).replace(/\s+/g, " "), "Sans doute 487,87 €");
    await picture("sans-doute");
    await page.getByRole("button", { name: "Continuer" }).click();
    assert.equal(plain(await figure(page)), "487,87 €");
    const told = plain(await page.locator(".result").innerText());
    assert.match(told, /561,68 € au plus, moins 73,81 € pour vos 450,00 €/);
    assert.equal(await engine(page, base), 487.87);
    assert.match(await page.locator("main").innerText(), /Simulation, et non décision/);
    assert.match(await page.locator("main").innerText(), /Droit vérifié jusqu'au/);
    await picture("montant");
  },

  // Every question is answered, one screen after the other, until the amount is certain.
  async "question after question"({ page, base, picture }) {
    await page.goto(base);
    await adult(page, { wage: "0" });
    await page.getByLabel("Non imposable", { exact: true }).check();
    await page.getByLabel("Non, aucune autre ressource").check();
    await submit(page, "Voir le montant");
    const facts = page.locator("section[aria-labelledby=titre-doutes] input[type=checkbox]");
    assert.ok((await facts.count()) >= 5, "one list of what may lower the amount");
    for (const fact of await facts.all()) await fact.check();
    await submit(page, "Continuer");
    let screens = 0;
    while (await page.locator(".precise").count()) {
      screens += 1;
      assert.ok(screens < 10, "the questions never end");
      for (const one of await page.locator(".precise .question").all()) {
        if (await one.getByLabel("Non", { exact: true }).count()) {
          await one.getByLabel("Non", { exact: true }).check();
        } else if (await one.locator("input[type=checkbox]").count()) {
          await one.locator("input[type=checkbox]").check();
        } else if (await one.locator("input:not([type])").count()) {
          await one.locator("input:not([type])").fill("0");
        } else if (await one.getByLabel("Aucune sanction").count()) {
          await one.getByLabel("Aucune sanction").check();
        } else if (await one.locator("select[name=cej_sanction_motif]").count()) {
          await one.locator("select").selectOption("aucun");
        }
      }
      if (screens === 1) await picture("questions");
      await submit(page, "Préciser");
    }
    assert.equal(plain(await figure(page)), "561,68 €");
    assert.ok(screens > 0, "what is ticked is asked");
    assert.match(await page.locator(".result").innerText(), /aucune réponse manquante|écarté/i);
    assert.equal(await engine(page, base), 561.68);
  },

  // 700 € in September and October 2025: each takes 561,68 / 1 141,44 × 400 = 196,83 from the month
  // after, 364,85; what is said is kept when the month changes, and goes when it is unticked.
  async "what lasted some months only"({ page, base, picture }) {
    await page.goto(base);
    await adult(page, { wage: "0" });
    await page.getByLabel("Non imposable", { exact: true }).check();
    await page.getByLabel("Non, aucune autre ressource").check();
    await page.getByLabel("Je n'ai rien d'autre à signaler").check();
    await page.getByText("Ce qui n'a duré que quelques mois").click();
    await page.getByLabel("De quoi s'agit-il").selectOption("Salaire");
    await page.getByLabel("combien chaque mois").fill("700");
    await page.getByLabel("Du mois de").fill("septembre 2025");
    await page.getByLabel("au mois de", { exact: true }).fill("10/2025");
    await submit(page, "Ajouter ces mois");
    const said = page.getByLabel("Salaire : 700,00 €, de septembre 2025 à octobre 2025");
    assert.equal(await said.isChecked(), true);
    const rows = async () => (await page.locator(".months tbody tr").allInnerTexts()).map(plain);
    const first = await rows();
    assert.match(first[0], /septembre 2025[^]*561,68/);
    assert.match(first[1], /octobre 2025[^]*364,85/);
    assert.match(first[2], /novembre 2025[^]*364,85/);
    assert.match(first[3], /décembre 2025[^]*561,68/);
    await picture("quelques-mois");
    await page.getByLabel("Pour quel mois").selectOption("2025-12");
    await submit(page, "Changer de mois");
    assert.equal(await said.isChecked(), true, "it is lost when the month changes");
    assert.match((await rows())[1], /octobre 2025[^]*364,85/);
    await said.uncheck();
    await submit(page, "Recalculer");
    assert.equal(await said.count(), 0);
    assert.match((await rows())[0], /décembre 2025[^]*561,68/);
  },

  // A birth date that does not exist and a wage that is no amount: both are mended.
  async "faults beside the fields"({ page, base, picture, script }) {
    await page.goto(base);
    await adult(page, { birth: "31/02/2005", wage: "quatre cents" });
    await submit(page, "Voir le montant");
    const summary = page.getByRole("alert");
    assert.match(await summary.innerText(), /2 réponses à corriger/);
    assert.match(await page.title(), /^Erreur/);
    assert.equal(await page.locator(".result").count(), 0, "nothing is computed with a fault");
    await picture("fautes");
    await summary.getByRole("link", { name: /date de naissance/ }).click();
    const birth = page.getByLabel("Quelle est votre date de naissance");
    assert.equal(await birth.inputValue(), "31/02/2005", "what was typed is still there");
    assert.equal(await birth.getAttribute("aria-invalid"), "true");
    const described = (await birth.getAttribute("aria-describedby")).split(" ");
    assert.match(await page.locator(`#${described.at(-1)}`).innerText(), /calendrier/);
    if (script) {
      assert.equal(await page.evaluate(() => document.activeElement.id), "q-date_naissance");
    }
    await birth.fill("28/02/2005");
    await page.getByLabel("Quel salaire net à payer").fill("400");
    await submit(page, "Voir le montant");
    assert.equal(await page.getByRole("alert").count(), 0);
    assert.equal(await page.locator(".result").count(), 1);
  },

  // The tax notice instead of the tier, RSA of one's own: R5131-24 I, nothing is due.
  async "the tax notice and the RSA"({ page, base, picture }) {
    await page.goto(base);
    await adult(page);
    await page.getByText("Comment le savoir avec l'avis d'impôt").click();
    await page.getByLabel("Revenu imposable du foyer").fill("52 000");
    await page.getByLabel("Nombre de parts").fill("2,5");
    await picture("avis");
    await page.getByLabel("Je n'ai rien d'autre à signaler").check();
    await submit(page, "Voir le montant");
    // 52 000 € for 2,5 parts: 20 800 € a part, in the 11 % bracket, hence the second amount, 337 €:
    // 337 − 337 / 1141,44 × 150 = 292,71.
    // Reductions, credits and autonomy would raise it: they are asked, whatever was ticked.
    assert.equal(plain(await figure(page)).replace(/\s+/g, " "), "Entre 292,71 et 487,87 €");
    const more = "maries_ou_pacses=oui&reductions=0&credits_impot=0&cej_autonomie_fiscale=non";
    await page.goto(`${page.url().split("#")[0]}&${more}`);
    assert.equal(plain(await figure(page)), "292,71 €");
    await page.goto(`${page.url().split("#")[0]}&cej_personne_a_charge=non&rsa=300`);
    assert.equal(plain(await figure(page)), "0,00 €");
    assert.match(await page.locator(".not_met").first().innerText(), /RSA/);
    assert.equal(await engine(page, base), 0);
    await picture("rsa");
  },

  // A minor of a foyer above the first bracket, then below it; the months, the link, the files.
  async "a minor, the months, the link and the files"({ page, base, picture, script }) {
    await page.goto(base);
    await month(page, "2025-11");
    await page.getByLabel("Quelle est votre date de naissance").fill("2008-06-15");
    await page.getByLabel("En métropole").check();
    await page.getByLabel("Pas encore").check();
    await page.getByLabel("Imposable, dans la première tranche (11 %)").check();
    await page.getByLabel("Quel salaire net à payer").fill("0");
    await page.getByLabel("Je n'ai rien d'autre à signaler").check();
    await submit(page, "Voir le montant");
    assert.equal(plain(await figure(page)), "224,68 €");
    const rows = page.locator(".months tbody tr");
    assert.equal(await rows.count(), 12);
    // 18 on 15 June 2026: of age on the first of July, with the second amount of April 2026.
    assert.match(plain(await rows.nth(8).innerText()), /juillet 2026[^]*339,70 €[^]*majorité/);
    await picture("mineur");
    const share = await page.getByRole("link", { name: "Lien vers ce résultat" }).getAttribute("href");
    await page.goto(base + share);
    assert.equal(plain(await figure(page)), "224,68 €");
    assert.equal(await page.locator(".remark").count(), 0, "nothing has changed since");
    await page.goto(base + share.replace("resultat=224.68", "resultat=220.00"));
    assert.match(plain(await page.locator(".remark").innerText()), /disait 220,00 €/);
    assert.equal(await engine(page, base), 224.68);
    const waiting = page.waitForEvent("download");
    await page.getByRole("link", { name: "Cas de test en YAML" }).click();
    const file = await readFile(await (await waiting).path(), "utf8");
    assert.match(file, /cej_allocation: 224\.68/);
    assert.equal(await page.getByRole("button", { name: "Imprimer" }).count(), script ? 1 : 0);
  },

  // An analyst raises the disregard to 450 €: the whole lump sum is due again.
  async "a reform before and after"({ page, base, picture }) {
    await page.goto(base);
    await adult(page);
    await page.getByLabel("Non imposable", { exact: true }).check();
    await page.getByLabel("Je n'ai rien d'autre à signaler").check();
    await submit(page, "Voir le montant");
    await page.getByRole("link", { name: "Analyser une réforme sur ce cas" }).click();
    await page.getByLabel("Abattement sur les ressources").fill("450");
    await submit(page, "Comparer");
    const figures = (await page.locator(".sides .figure").allInnerTexts()).map(plain);
    assert.deepEqual(figures, ["487,87 €", "561,68 €"]);
    assert.equal(await page.locator("svg .trait.avant").count() > 0, true);
    await picture("reforme");
    const waiting = page.waitForEvent("download");
    await page.getByRole("link", { name: /Télécharger la réforme/ }).click();
    const file = await readFile(await (await waiting).path(), "utf8");
    assert.match(file, /degressivite\.abattement:\s+'?2025-11-01'?: 450/);
  },

  // Nothing but the keyboard, from the skip link to the amount.
  async "the keyboard alone"({ page, base, picture }) {
    await page.goto(base);
    const focused = () =>
      page.evaluate(() => {
        const one = document.activeElement;
        const style = getComputedStyle(one);
        return { text: one.textContent.trim(), name: one.name, outline: style.outlineStyle };
      });
    await page.keyboard.press("Tab");
    assert.equal((await focused()).text, "Aller au contenu");
    await picture("clavier");
    await page.keyboard.press("Enter");
    const until = async (name) => {
      for (let presses = 0; presses < 40; presses += 1) {
        await page.keyboard.press("Tab");
        const one = await focused();
        assert.notEqual(one.outline, "none", `no visible focus on ${one.name || one.text}`);
        if (one.name === name || one.text === name) return;
      }
      assert.fail(`the keyboard does not reach ${name}`);
    };
    await until("mois");
    await page.keyboard.type("novembre 2025");
    await until("Changer de mois");
    await page.keyboard.press("Enter");
    await page.waitForURL(/mois=2025-11/);
    await until("date_naissance");
    assert.match(await page.locator("main").innerText(), /octobre 2025/, "the month's own questions");
    await page.keyboard.type("27/03/2005");
    await until("residence");
    await page.keyboard.press("ArrowDown");
    await until("contrat");
    await page.keyboard.press("ArrowUp");
    await until("cej_situation_fiscale");
    for (let presses = 0; presses < 3; presses += 1) await page.keyboard.press("ArrowUp");
    await until("salaire_net");
    await page.keyboard.type("0");
    await until("rien_d_autre");
    await page.keyboard.press("Space");
    await until("Voir le montant");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".result");
    assert.equal(plain(await figure(page)), "561,68 €");
    await until("Toutes les étapes, avec les articles");
    await page.keyboard.press("Enter");
    assert.equal(await page.locator(".steps").first().isVisible(), true);
  },

  // On paper: the result without the form; every target large enough on a phone.
  async "paper and thumbs"({ page, base, picture }) {
    await page.setViewportSize({ width: 320, height: 700 });
    await page.goto(base);
    await adult(page);
    await page.getByLabel("Je n'ai rien d'autre à signaler").check();
    await submit(page, "Voir le montant");
    const small = await page.evaluate(() =>
      [...document.querySelectorAll("button, .button, select, input:not([type]), summary, nav a, label.choice, .links a")]
        .filter((one) => one.checkVisibility() && one.getBoundingClientRect().height < 44)
        .map((one) => one.outerHTML.slice(0, 80)));
    assert.deepEqual(small, [], "targets under 44 px");
    await page.emulateMedia({ media: "print" });
    assert.equal(await page.locator(".answers").isVisible(), false);
    assert.equal(await page.locator(".result").isVisible(), true);
    assert.equal(await page.locator("svg.courbe").isVisible(), true);
    await page.setViewportSize({ width: 794, height: 1123 });
    await picture("papier");
  },
};

const words = process.argv.slice(2);
if (words[0] === "--list") {
  console.log(Object.keys(journeys).join("\n"));
  process.exit(0);
}
const at = words.indexOf("--pictures");
const pictures = at < 0 ? "" : words.splice(at, 2)[1];
const script = !words.includes("--no-script");
const [base, name] = words;
if (!journeys[name]) stop(`Journeys: ${Object.keys(journeys).join(", ")}`);

const browser = await launch();
const context = await browser.newContext({
  javaScriptEnabled: script,
  viewport: { width: 1280, height: 900 },
  locale: "fr-FR",
});
const page = await context.newPage();
page.setDefaultTimeout(15_000);
const wrong = [];
let weight = 0;
page.on("request", (request) => {
  if (!request.url().startsWith(base)) wrong.push(`asked of another host: ${request.url()}`);
  if (request.isNavigationRequest()) weight = 0;
});
page.on("response", async (response) => {
  const policy = response.headers()["content-security-policy"] ?? "";
  if (!policy.includes("default-src 'self'") || policy.includes("unsafe")) {
    wrong.push(`policy of ${response.url()}: « ${policy} »`);
  }
  if (response.status() >= 400) wrong.push(`${response.status()}: ${response.url()}`);
  const body = await response.body().catch(() => "");
  weight += body.length;
  if (weight > HEAVIEST) wrong.push(`${weight} bytes: ${response.url()}`);
});
page.on("console", (message) => wrong.push(`console: ${message.text()}`));
page.on("pageerror", (error) => wrong.push(`script: ${error.message}`));

const picture = async (what) => {
  if (!pictures) return;
  const kind = script ? "" : "-sans-script";
  await page.screenshot({ path: join(pictures, `${what}${kind}.png`), fullPage: true });
};
try {
  await journeys[name]({ page, base, picture, script });
} catch (error) {
  wrong.push(error.stack ?? String(error));
  await picture("echec");
}
if ((await context.cookies()).length) wrong.push("a cookie was set");
await browser.close();
for (const one of wrong) console.log(one);
process.exit(wrong.length ? 1 : 0);
