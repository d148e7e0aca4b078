"""The page: its figures are the engine's, its addresses are read strictly, its files are usable."""

import datetime
import html
import itertools
import json
import re
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode, urlsplit

import dated_values
import pytest
import yaml
from openfisca_core.periods import period
from openfisca_core.simulations import SimulationBuilder
from samples import sample

from openfisca_cej import french
from openfisca_cej.declarations import THEMES, question_de
from openfisca_cej.explain import render, unknowns
from openfisca_cej.explain.curve import curve
from openfisca_cej.explain.situation import read as read_situation
from openfisca_cej.explain.timeline import timeline
from openfisca_cej.explain.tree import explain
from openfisca_cej.reforms import reform
from openfisca_cej.web import answers as given
from openfisca_cej.web import page, questions, results, what_if

TODAY = datetime.date(2026, 11, 24)

NOT_TAXED = "contrat_engagement_jeune.montant_forfaitaire.general.majeur_non_imposable"

ADULT = {
    "v": "1",
    "mois": "2025-11",
    "date_naissance": "2005-03-27",
    "cej_date_signature": "2025-09-01",
    "cej_situation_fiscale": "non_imposable",
    "salaire_net": "450",
}
MAINLAND = {**ADULT, "residence": "metropole"}
VOUCHED = {**MAINLAND, "autres_ressources": "non", "rien_d_autre": "oui"}
CASES = {
    "an adult": VOUCHED,
    "a range": ADULT,
    "a probable amount": {**MAINLAND, "autres_ressources": "non"},
    "the first bracket": {**VOUCHED, "cej_situation_fiscale": "premiere_tranche"},
    "beyond the first bracket": {**VOUCHED, "cej_situation_fiscale": "au_dela"},
    "a minor who has not signed": {
        "v": "1",
        "mois": "2026-11",
        "date_naissance": "2009-03-02",
        "contrat": "pas_encore",
        "cej_situation_fiscale": "premiere_tranche",
        "salaire_net": "812.34",
        "residence": "metropole",
        "rien_d_autre": "oui",
    },
    "Mayotte": {**VOUCHED, "residence": "mayotte"},
    "a sanction": {**VOUCHED, "cej_sanction_motif": "manquement", "mois_sanction": "2025-10"},
    "unemployment benefits, then nothing": {
        **VOUCHED,
        "autres_ressources": "oui",
        "chomage_net": "123.45",
        "suite": "rien",
    },
    "a tax notice": {
        **{name: text for name, text in VOUCHED.items() if name != "cej_situation_fiscale"},
        "rni": "52000",
        "nbptr": "2.5",
    },
}


@pytest.fixture(autouse=True)
def day(monkeypatch) -> None:
    """The page is read on one day, whenever the tests run."""
    monkeypatch.setattr(page, "today", lambda: TODAY)


def got(client, path: str = "/", **query: str):
    return client.get(f"{path}?{urlencode(query)}" if query else path)


def text_of(client, query: dict[str, str], path: str = "/") -> str:
    answer = got(client, path, **query)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def section(text: str, ident: str) -> str:
    """The part of the page under a heading."""
    found = re.search(rf'<section[^>]*aria-labelledby="{ident}".*?</section>', text, re.DOTALL)
    assert found, ident
    return found[0]


def data(text: str) -> list[float]:
    """The values that the page marks as figures, checked against what it shows."""
    values = []
    for value, shown in re.findall(r'<data value="([^"]*)">([^<]*)</data>', text):
        digits = re.sub(r"[^\d,]", "", html.unescape(shown)).replace(",", ".")
        assert float(digits) == float(value), (value, shown)
        values.append(float(value))
    return values


def situation_of(client, query: dict[str, str]) -> dict:
    answer = got(client, "/situation.json", **query)
    assert answer.status_code == 200
    return answer.get_json()


# Every figure is the engine's.


@pytest.mark.parametrize("case", CASES)
def test_the_amount_is_that_of_the_api(client, case) -> None:
    query = CASES[case]
    document = situation_of(client, query)
    told = client.post("/calculate", json=document).get_json()
    (amount,) = told["individus"][given.PERSON]["cej_allocation"].values()
    explained = client.post(f"/cej/explain?month={query['mois']}", json=document).get_json()
    answer = explained["answer"]
    figures = data(section(text_of(client, query), "titre-resultat"))
    if len(figures) == 1:
        assert figures == [amount]
    else:
        assert answer["low"] <= figures[0] <= amount <= figures[1] <= answer["high"]
        assert answer["status"] != "certain"


#: What is told of a case: one figure, a probable one, or bounds; and what is asked first.
NOTHING_SAID = {"v": "1", "mois": "2025-11", "rien_d_autre": "oui"}
SURE, PROBABLE, BOUNDS = "sure", "probable", "bounds"
HONEST = {
    "nothing but the box": (NOTHING_SAID, BOUNDS, "date_naissance"),
    "a birth date and the box": (
        {**NOTHING_SAID, "date_naissance": "2005-03-27"},
        BOUNDS,
        "cej_situation_fiscale",
    ),
    "no wage": (
        {name: text for name, text in VOUCHED.items() if name != "salaire_net"},
        BOUNDS,
        "salaire_net",
    ),
    "28 years, RQTH never asked": (
        {**VOUCHED, "date_naissance": "1997-03-27"},
        BOUNDS,
        "rqth",
    ),
    "27 years at a contract that may have run on, RQTH never asked": (
        # Neither alone would pay: with both, 500 € and more.
        {**VOUCHED, "date_naissance": "1998-03-27", "cej_date_signature": "2024-09-01"},
        BOUNDS,
        "rqth",
    ),
    "28 years with the RQTH": (
        {**VOUCHED, "date_naissance": "1997-03-27", "rqth": "oui"},
        SURE,
        "",
    ),
    "no home": (
        {name: text for name, text in VOUCHED.items() if name != "residence"},
        BOUNDS,
        "residence",
    ),
    "the thirteenth month": (
        {**VOUCHED, "cej_date_signature": "2024-10-15"},
        BOUNDS,
        "cej_date_fin_prevue",
    ),
    "a family with the RSA": ({**VOUCHED, "rsa": "500"}, BOUNDS, "cej_personne_a_charge"),
    "other resources, none of them told": (
        {**VOUCHED, "autres_ressources": "oui"},
        BOUNDS,
        "",  # the list asks which
    ),
    "beyond the bracket, signed under another notice": (
        {**VOUCHED, "cej_situation_fiscale": "au_dela"},
        BOUNDS,
        "cej_forfait_non_revise",
    ),
    "the usual case, without the box": (
        {**MAINLAND, "autres_ressources": "non"},
        PROBABLE,
        None,
    ),
    "the usual case": (VOUCHED, SURE, ""),
}


@pytest.mark.parametrize("case", HONEST)
def test_the_box_answers_for_what_it_names_only(system, case) -> None:
    query, state, first = HONEST[case]
    found = results.result(system, reading(system, query))
    assert (found.sure, found.probable) == (state == SURE, state == PROBABLE)
    if first is not None:
        assert found.next[:1] == ([first] if first else [])
    if state == SURE:
        assert "rsa" in {unknown.variable for unknown in found.presumed}, "what is assumed is told"


def test_a_probable_amount_comes_with_what_may_lower_it(client) -> None:
    query = CASES["a probable amount"]
    text = text_of(client, query)
    assert data(section(text, "titre-resultat")) == [487.87]
    assert "Sans doute" in section(text, "titre-resultat")
    doubts = section(text, "titre-doutes")
    assert {"concerne=rsa", "concerne=cej_sanction_motif"} <= set(ticks(doubts))
    assert "titre-preciser" not in text, "one list to tick, and no other question"
    then = client.get(f"/?{urlencode(kept(doubts))}").get_data(as_text=True)
    assert data(section(then, "titre-resultat")) == [487.87]
    assert "Sans doute" not in section(then, "titre-resultat")
    assert "Revenu de solidarité active" in section(then, "titre-ecarte")


def test_what_is_ticked_is_asked_and_nothing_else_is(client, system) -> None:
    doubts = section(text_of(client, CASES["a probable amount"]), "titre-doutes")
    query = {**dict(kept(doubts)), "concerne": "rsa"}
    found = results.result(system, reading(system, query))
    assert (found.sure, found.next, found.bounds) == (False, ["rsa"], (0, 487.87))
    nothing = results.result(system, reading(system, {**query, "rsa": "0"}))
    assert (nothing.sure, nothing.bounds) == (True, (487.87, 487.87))


def test_other_resources_are_one_fact_to_tick(client, system) -> None:
    doubts = section(text_of(client, MAINLAND), "titre-doutes")
    assert ticks(doubts)[0] == "autres_ressources=oui"
    query = {**dict(kept(doubts)), "autres_ressources": "oui"}
    assert results.result(system, reading(system, query)).unsaid, "the list asks which"
    none = results.result(system, reading(system, dict(kept(doubts))))
    assert none.sure


@pytest.mark.parametrize("case", ["a probable amount", "a minor who has not signed"])
def test_each_fact_that_lowers_an_amount_is_told_in_a_few_words(system, case) -> None:
    query = {name: text for name, text in CASES[case].items() if name != "rien_d_autre"}
    doubts = results.result(system, reading(system, query)).doubts
    assert len(doubts) >= 7
    assert [doubt.text for doubt in doubts if "?" in doubt.text] == []


def test_a_sanction_is_never_taken_to_withhold_nothing(system) -> None:
    """Who tells of one is asked its length, its rate, whether it was lifted."""
    query = {**VOUCHED, "cej_sanction_motif": "manquement", "mois_sanction": "2025-10"}
    found = results.result(system, reading(system, query))
    assert not found.sure
    assert set(found.next) <= {
        *("cej_sanction_duree", "cej_sanction_taux", "cej_sanction_levee", "cej_sanction_rang")
    }


def ticks(text: str) -> list[str]:
    """The answers of the boxes to tick."""
    return [
        f"{name}={value}"
        for name, value in re.findall(r'type="checkbox" name="([^"]+)" value="([^"]+)"', text)
    ]


def kept(text: str) -> list[tuple[str, str]]:
    """What a form sends with nothing ticked."""
    found = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', text)
    return [(name, html.unescape(value)) for name, value in found]


#: The sentence under the figure, by hand.
PLAIN = {
    # 561,68 − 561,68 / (0,8 × 1 801,80 − 300) × (450 − 300) = 487,87: 73,81 are taken.
    "an adult": "561,68 € au plus, moins 73,81 € pour vos 450,00 € de salaire d'octobre 2025.",
    # 561,68 − 73,81 − 123,45 = 364,42.
    "unemployment benefits, then nothing": (
        "561,68 € au plus, moins vos 123,45 € d'allocation de chômage d'octobre 2025 déduits en "
        "entier, moins 73,81 € pour vos 450,00 € de salaire d'octobre 2025."
    ),
}


@pytest.mark.parametrize("case", PLAIN)
def test_the_arithmetic_is_told_in_a_sentence(system, case) -> None:
    found = results.result(system, reading(system, CASES[case]))
    assert plainly(found.arithmetic) == PLAIN[case]


#: A resource that leaves nothing, what the sentence says of it, what the list of resources does.
LEFT_WITH_NOTHING = {
    "unemployment benefits": (
        {"chomage_net": "700"},
        (
            "561,68 € au plus, moins vos 700,00 € d'allocation de chômage d'octobre 2025 déduits "
            "en entier : il ne reste rien."
        ),
        "octobre 2025 : 700,00 €, à déduire en entier (R5131-21, 1°)",
    ),
    "civic service": (
        {"indemnites_volontariat": "620"},
        (
            "Rien n'est dû, il y manque une condition : Pas de ressource qui suspend l'allocation "
            "(indemnité de service civique : 620,00 €)."
        ),
        "novembre 2025 : 620,00 €, suspend l'allocation (R5131-24, III, 4°)",
    ),
}


@pytest.mark.parametrize("case", LEFT_WITH_NOTHING)
def test_the_resource_that_does_the_work_is_told(client, system, case) -> None:
    resource, sentence, line = LEFT_WITH_NOTHING[case]
    query = {**VOUCHED, "salaire_net": "0", "autres_ressources": "oui", **resource}
    found = results.result(system, reading(system, query))
    assert plainly(found.arithmetic) == sentence
    text = plainly(html.unescape(text_of(client, query)))
    assert sentence in text
    assert line in text


def test_a_civic_service_asks_for_the_path_that_the_contract_runs_on_with(system) -> None:
    query = {**VOUCHED, "autres_ressources": "oui", "indemnites_volontariat": "620"}
    assert "cej_parcours_date_fin" in results.result(system, reading(system, query)).next
    answered = {**query, "cej_parcours_date_fin": "2026-06-30"}
    found = results.result(system, reading(system, answered))
    assert "cej_parcours_date_fin" not in found.next


def test_conditions_change_when_the_months_do(client, system) -> None:
    """The end of a contract that was extended is the one of the table, whatever else is given."""
    query = {**VOUCHED, "cej_date_fin_prevue": "2026-02-28", "cej_mois_prolongation": "2"}
    found = results.result(system, reading(system, query))
    last = [due.month for due in found.months if due.running][-1]
    assert str(last) == "2026-04"  # planned to February, and two months more
    (running,) = [one for one in found.conditions if one.variable == "cej_en_cours"]
    assert running.changes_on == "2026-05-01"


def test_every_resource_has_its_group_and_is_asked_once(client, system) -> None:
    own = questions.own_resources(system, period("2026-11"))
    assert [name for name in own if question_de(name).theme not in THEMES] == []
    text = text_of(client, {"v": "1", "mois": "2026-11"})
    listed = text[text.index("data-resources") :]
    assert all(listed.count(f' name="{name}"') == 1 for name in own if name not in given.first())


def test_the_caveats_are_those_of_the_amount(client) -> None:
    """A minor's amount is not told to an adult, nor a list of which nothing was received."""
    query = {**VOUCHED, "mois": "2026-11", "cej_date_signature": "2026-09-01", "salaire_net": "0"}
    told = html.unescape(section(text_of(client, query), "titre-resultat"))
    assert "Majeur, foyer non imposable (566,17" in plainly(told)
    for other in ("Mineur", "première tranche", "Congés de naissance", "Mois de ressources"):
        assert other not in told
    paid = html.unescape(
        section(text_of(client, {**query, "salaire_net": "500"}), "titre-resultat")
    )
    assert "Mois de ressources retenus" in paid


def test_the_summary_holds_the_answers_the_sum_the_articles_and_the_link(client) -> None:
    query = CASES["unemployment benefits, then nothing"]
    text = text_of(client, query)
    kept = html.unescape(re.search(r'<pre id="resume">(.*?)</pre>', text, re.DOTALL)[1])
    lines = [plainly(line) for line in kept.splitlines()]
    assert "364,42 €" in lines[0]
    assert PLAIN["unemployment benefits, then nothing"] in lines
    assert "- Quel salaire net à payer avez-vous reçu en octobre 2025 ? 450 €" in lines
    assert any("Code du travail" in line and "R5131-21" in line for line in lines)
    link = dict(parse_qsl(urlsplit(lines[-1]).query))
    assert query.items() <= link.items()
    assert link["resultat"] == "364.42"
    notice = section(text_of(client, CASES["a tax notice"]), "titre-garder")
    assert " ; 1657 du code général des impôts ; 197 du code général" in plainly(notice)


def test_what_is_for_programs_is_out_of_the_way(client) -> None:
    text = text_of(client, VOUCHED)
    main, foot = text.split("</main>")
    assert "/situation.json" not in main
    assert all(path in foot for path in ("/situation.json", "/cas.yaml", "/analyse", "/cej/docs"))


def plainly(text: str) -> str:
    return " ".join(text.split())


def test_nothing_due_is_told_with_its_reason(system) -> None:
    beyond = {**VOUCHED, "cej_situation_fiscale": "au_dela", "cej_forfait_non_revise": "non"}
    found = results.result(system, reading(system, beyond))
    assert found.sure
    assert found.explanation.amount == 0
    assert "première tranche" in found.arithmetic


@pytest.mark.parametrize("case", CASES)
def test_the_months_are_those_of_the_engine(client, system, case) -> None:
    query = CASES[case]
    shown = data(section(text_of(client, query), "titre-mois"))
    months = given.months_told(reading(system, query))
    values = {"cej_date_signature": query.get("cej_date_signature", f"{query['mois']}-01")}
    person: dict = {name: {"ETERNITY": value} for name, value in values.items()}
    person["date_naissance"] = {"ETERNITY": query["date_naissance"]}
    for rank, month in enumerate(months):
        for name in ("salaire_net", "chomage_net"):
            if name in query and not (rank and query.get("suite") == "rien"):
                before = "".join(str(month.offset(-1)))
                person.setdefault(name, {})[before] = float(query[name])
        if "cej_situation_fiscale" in query:
            tier = person.setdefault("cej_situation_fiscale", {})
            tier["".join(str(month))] = query["cej_situation_fiscale"]
    if "cej_sanction_motif" in query:
        person["cej_sanction_motif"] = {query["mois_sanction"]: query["cej_sanction_motif"]}
    document: dict = {"individus": {"x": person}}
    if "rni" in query:
        taxes = {"rni": 52000.0, "nbptr": 2.5}
        years = {"".join(str(questions.notice_year(system, month))) for month in months}
        document["foyers_fiscaux"] = {
            "f": {"declarants": ["x"]}
            | {name: dict.fromkeys(years, value) for name, value in taxes.items()}
        }
    if query.get("residence") == "mayotte":
        always = {"".join(str(month)): True for month in months}
        document["menages"] = {"m": {"personne_de_reference": ["x"], "residence_mayotte": always}}
    simulation = read_situation(document, system).simulation()
    assert shown == [float(simulation.calculate("cej_allocation", month)[0]) for month in months]
    assert len(shown) == 12


class LastForm(HTMLParser):
    """What a browser sends of the last form of a page, as it stands."""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        told = dict(attributes)
        if tag == "form":
            self.fields: dict[str, str] = {}
        elif tag == "select":
            self.select = str(told["name"])
        elif tag == "option" and "selected" in told:
            self.fields[self.select] = told["value"] or ""
        elif tag == "input" and "name" in told:
            ticked = told.get("type") in ("radio", "checkbox")
            if not ticked or "checked" in told:
                self.fields[str(told["name"])] = told.get("value") or ""


def fields_of(text: str) -> dict[str, str]:
    form = LastForm()
    form.feed(text)
    return form.fields


@pytest.mark.parametrize("path", ["/", "/analyse"])
def test_the_month_chosen_is_the_month_answered_with_the_answers_kept(client, path) -> None:
    """One form holds the month and the answers: nothing of either is lost, by either button."""
    query = {**VOUCHED, "abattement": "250"} if path == "/analyse" else VOUCHED
    fields = fields_of(text_of(client, query, path))
    assert fields["mois"] == "2025-11"
    for button in ({}, {"changer": "mois"}):
        answer = got(client, path, **{**fields, "mois": "2026-02", **button})
        assert answer.status_code == 303
        kept = dict(parse_qsl(urlsplit(answer.location).query))
        assert {**query, "mois": "2026-02"}.items() <= kept.items()


def test_changing_the_month_first_leaves_nothing_open(client) -> None:
    fields = fields_of(text_of(client, {"v": "1", "mois": "2025-11"}))
    answer = got(client, **{**fields, "mois": "2026-02", "changer": "mois"})
    assert parse_qsl(urlsplit(answer.location).query) == [("v", "1"), ("mois", "2026-02")]


def test_a_month_to_come_is_asked_about_in_the_future(client) -> None:
    text = html.unescape(text_of(client, {"v": "1", "mois": "2027-09"})).replace("\xa0", " ")
    assert "Quel salaire net à payer recevrez-vous en août 2027 ?" in text
    assert "Où sera votre logement en septembre 2027 ?" in text
    assert "Quelles indemnités journalières de maladie recevrez-vous en août 2027 ?" in text
    assert not re.search(r"(vouss|vouse|-ellee)", text), "what agrees with the past goes with it"
    assert "avez-vous reçu en" in html.unescape(text_of(client, {"v": "1", "mois": "2025-11"}))


def reading(system, query: dict[str, str]) -> given.Answers:
    found = given.read(given.from_pairs(query), system, TODAY)
    assert not found.faults, found.faults
    return found


#: Where nothing is due whatever the wage: who is beyond the first bracket.
NEVER = "beyond the first bracket"


def test_where_nothing_is_due_whatever_the_wage_one_sentence_says_so(client, system) -> None:
    found = section(text_of(client, CASES[NEVER]), "titre-courbe")
    assert "Quel que soit le salaire, rien n'est dû pour novembre 2025." in found
    assert "<svg" not in found
    situation = read_situation(situation_of(client, CASES[NEVER]), system)
    assert curve(situation, "2025-11").is_nil
    assert not curve(read_situation(situation_of(client, VOUCHED), system), "2025-11").is_nil


@pytest.mark.parametrize("case", [case for case in CASES if case != NEVER])
def test_the_curve_is_that_of_the_engine(client, system, case) -> None:
    query = CASES[case]
    found = section(text_of(client, query), "titre-courbe")
    rows = re.findall(r'<th scope="row">([^<]*)</th><td><data value="([^"]*)">', found)
    assert len(rows) > 10
    situation = read_situation(situation_of(client, query), system)
    drawn = curve(situation, query["mois"])
    for resource, allowance in rows:
        centimes = int(re.sub(r"\D", "", html.unescape(resource)))
        assert float(allowance) == float(drawn.allowance([centimes])[0]), resource


@pytest.mark.parametrize("case", CASES)
def test_every_amount_written_is_one_of_the_engine(client, system, case) -> None:
    """Whatever is written with centimes on the page is in the explanation, the months, the curve
    or the answers: nothing is computed by the templates."""
    query = CASES[case]
    answers = reading(system, query)
    whole = results.result(system, answers)
    answer = whole.answer.to_json() if whole.answer else None
    known = json.dumps([answer, render.to_json(whole.detail)], ensure_ascii=False)
    told = [one.sentence for one in (*whole.conditions, *whole.explanation.frozen)]
    known += " ".join([*whole.explanation.remarks, *told, whole.arithmetic])
    known += " ".join(f"{due.amount:.2f} {' '.join(due.changes)}" for due in whole.months)
    if whole.curve:
        rows = results.curve_rows(whole.curve)
        known += " ".join(f"{value:.2f}" for row in rows for value in row)
        known += " ".join(f"{point.resource:.2f}" for point in whole.curve.breaks)
        known += " ".join(f"{abs(piece.rate):.2f}" for piece in whole.curve.segments)
    known += " ".join(f"{float(value):.2f}" for name, value in query.items() if name in AMOUNTS)
    numbers = {number(text) for text in re.findall(r"\d[\d\s\u202f\u00a0]*[.,]\d\d(?!\d)", known)}
    numbers |= {round(float(text), 2) for text in re.findall(r"\d+\.\d+", known)}
    text = re.sub(r"<svg.*?</svg>|<form.*?</form>", "", text_of(client, query), flags=re.DOTALL)
    shown = html.unescape(re.sub(r"<[^>]*>", "|", text))
    amounts = re.findall(r"\d[\d\u202f\u00a0]*,\d\d(?=[\u00a0 ]€)", shown)
    assert len(amounts) > 20
    assert not [one for one in amounts if number(one) not in numbers]


SCRIPT = '"><script>alert(1)</script>'
AMOUNTS = ("salaire_net", "chomage_net", "rni")


def number(text: str) -> float:
    return float(re.sub(r"[\s\u202f\u00a0]", "", text).replace(",", "."))


def test_an_amount_by_hand(client) -> None:
    # 561,68 − 561,68 / (0,8 × 1 801,80 − 300) × (450 − 300) = 487,87 (D5131-23)
    assert data(section(text_of(client, VOUCHED), "titre-resultat")) == [487.87]


# Addresses.


def test_what_the_form_sends_becomes_one_short_address(client) -> None:
    sent = {**dict.fromkeys(questions.askable(page_system(client)), ""), **ADULT}
    sent |= {"date_naissance": "27/03/2005", "salaire_net": " 450,00 € ", "contrat": "oui"}
    answer = got(client, **sent)
    assert answer.status_code == 303
    query = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
    skipped = query.pop("sans_reponse").split(",")
    assert query == ADULT
    assert "en_formation" in skipped
    assert "chomage_net" not in skipped, "a list that was not opened is not an answer"
    again = got(client, **dict(parse_qsl(urlsplit(answer.headers["Location"]).query)))
    assert again.status_code == 200


def page_system(client):
    return client.application.config["CEJ_SYSTEM"]


def test_the_longest_address_is_one_that_servers_take(client, system) -> None:
    query = dict(VOUCHED)
    for name in questions.askable(system):
        # The home is one question for all the places.
        if name not in query and name not in (*given.taxes(), *unknowns.PLACES):
            asked = questions.question(system, name, given.months_told(reading(system, ADULT))[0])
            filler = {"date": "2025-09-30", "montant": "1234.56", "nombre": "1"}
            query[name] = filler.get(asked.kind) or asked.choices[-1][0]
    assert len(reading(system, query).address()) < 4000


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"salaire_net": "abc"}, "n'est pas un montant"),
        ({"salaire_net": "-5"}, "n'est pas un montant"),
        ({"salaire_net": "1,234"}, "plus de deux chiffres"),
        ({"salaire_net": "1e3"}, "n'est pas un montant"),
        ({"salaire_net": "999999"}, "écrivez 200000 au plus"),
        ({"date_naissance": "31/02/2005"}, "n'existe pas dans le calendrier"),
        ({"date_naissance": "hier"}, "n'est pas une date"),
        ({"date_naissance": "1970-01-01"}, "n'est pas une date de 1971"),
        ({"date_naissance": "2026-12-01", "mois": "2026-11"}, "après le mois demandé"),
        ({"mois": "2026-13"}, "n'est pas un mois"),
        ({"mois": "2021-01"}, "choisissez un mois de mars 2022"),
        ({"mois": "2050-01"}, "choisissez un mois"),
        ({"contrat": "peut-être"}, "n'est pas un des choix"),
        ({"contrat": "oui"}, "donnez la date de signature"),
        ({"contrat": "pas_encore", "cej_date_signature": "2025-09-01"}, "effacez cette date"),
        ({"cej_situation_fiscale": "riche"}, "n'est pas une de ses valeurs"),
        ({"cej_situation_fiscale": "au_dela", "rni": "10"}, "laissez vide"),
        ({"rqth": "1"}, "écrivez oui ou non"),
        ({"nbptr": "0"}, "écrivez 1 au moins"),
        ({"nbptr": "101"}, "écrivez 100 au plus"),
        ({"cej_mois_prolongation": "2,5"}, "n'est pas un nombre entier"),
        ({"cej_date_signature": "aucune"}, "n'est pas une date"),
        ({"contrat": "pas_encore", "cej_rang_manquement": "2"}, "la fin du contrat précédent"),
        # R5131-16: twelve months, from the 10th to the 9th.
        (
            {"cej_date_signature": "2025-03-10", "cej_date_fin_prevue": "2026-03-10"},
            "douze mois au plus",
        ),
    ],
    ids=str,
)
def test_a_fault_is_told_beside_its_question_and_nothing_is_computed(
    client, query, message
) -> None:
    text = html.unescape(text_of(client, query)).replace("\u00a0", " ")
    assert "réponse à corriger" in text
    assert "<title>Erreur" in text
    assert 'class="result"' not in text
    anchor = re.search(r'<div class="summary".*?<a href="#([^"]*)"', text, re.DOTALL)[1]
    beside = text[text.index(f'id="{anchor}"') - 400 :][:1600]
    assert message in text
    assert message in beside, "the message is beside the field that the summary leads to"


def test_a_month_alone_shows_the_questions_of_that_month_and_no_amount(client) -> None:
    text = html.unescape(text_of(client, {"v": "1", "mois": "2025-11"}))
    assert 'class="result"' not in text
    assert "en octobre 2025" in text
    assert "revenus de 2024" in text
    assert "octobre 2026 " not in re.sub(r"<select.*?</select>", "", text, flags=re.DOTALL)


def test_two_answers_to_one_question_are_refused(client) -> None:
    text = client.get("/?salaire_net=1&salaire_net=2").get_data(as_text=True)
    assert "deux réponses différentes" in text


def test_what_is_not_a_question_is_said_and_the_amount_is_not_certain(client) -> None:
    text = text_of(client, {**VOUCHED, "salaire_nett": "900"})
    assert "« salaire_nett »".replace(" ", "\u00a0") in text
    assert "salaire_net\u00a0»" in text, "the nearest question is named"
    assert len(data(section(text, "titre-resultat"))) == 2


def test_a_link_of_another_version_says_so(client) -> None:
    assert "autre version" in text_of(client, {**VOUCHED, "v": "0"})
    assert "autre version" not in text_of(client, VOUCHED)


def test_a_shared_link_says_when_the_amount_has_changed(client) -> None:
    text = text_of(client, VOUCHED)
    share = html.unescape(re.search(r'href="([^"]*)">Lien vers', text)[1])
    assert "resultat=487.87" in share
    assert "a été partagé" not in client.get(share).get_data(as_text=True)
    other = client.get(share.replace("487.87", "480.00")).get_data(as_text=True)
    assert "480,00" in other
    assert "a été partagé" in other


def test_nothing_in_an_address_becomes_markup(client) -> None:
    for name in ("salaire_net", "mois", "resultat", "v", "contrat", "x<b>", "sans_reponse"):
        answer = client.get("/", query_string={name: SCRIPT}, follow_redirects=True)
        assert answer.status_code == 200
        assert "<script>alert" not in answer.get_data(as_text=True)


# Questions.


NOTICE = {"rni": "20000", "nbptr": "1", "maries_ou_pacses": "non"}
LEADING = {
    "a contract of this autumn": (ADULT, 487.87),
    # The first half of 2025 still reads the notice of 2023: the tier of the signature is asked.
    "a contract of last spring": ({**ADULT, "cej_date_signature": "2025-03-03"}, 487.87),
    # 20 000 € for one part: imposable, in the 11 % bracket: 337 − 337 / 1 141,44 × 150 = 292,71.
    "lines of the notice": (
        {**NOTICE, **{name: ADULT[name] for name in ADULT if name != "cej_situation_fiscale"}},
        292.71,
    ),
    "a signature to come": (
        {"contrat": "pas_encore"}
        | {name: ADULT[name] for name in ADULT if name != "cej_date_signature"},
        487.87,
    ),
}


@pytest.mark.parametrize("case", LEADING)
def test_answers_one_after_the_other_lead_to_one_figure(system, case) -> None:
    query, amount = {**LEADING[case][0], "autres_ressources": "non"}, LEADING[case][1]
    for _ in range(20):
        found = results.result(system, reading(system, query))
        if not found.next:
            break
        for name in found.next:
            query[name] = usual(system, name)
    assert found.sure
    assert found.why == "Aucune réponse manquante ne le changerait."
    assert found.explanation.amount == amount
    assert not found.skipped


def usual(system, name: str) -> str:
    """The answer that changes nothing."""
    if name in USUAL:
        return USUAL[name]
    variable = system.variables[name]
    kind = questions.kind_of(variable)
    if kind == "boolean":
        return "oui" if variable.default_value else "non"
    return "aucune" if kind == "date" else "0"


USUAL = {
    "activite": "inactif",
    "residence": "metropole",
    "cej_sanction_motif": "aucun",
    "situation_signature": "non_imposable",
}


def test_a_question_left_open_is_not_asked_again_and_stays_open(system) -> None:
    first = results.result(system, reading(system, ADULT))
    skipped = ",".join(first.next)
    then = results.result(system, reading(system, {**ADULT, "sans_reponse": skipped}))
    assert set(then.next).isdisjoint(first.next)
    assert then.skipped == first.next
    assert not then.sure


def test_the_other_resources_change_how_sure_and_never_how_much(system) -> None:
    answers = reading(system, {**ADULT, "autres_ressources": "non", "ppa": "0"})
    short = given.situation(system, answers)
    long = given.situation(system, answers, nothing=True)
    assert len(json.dumps(long)) > 2 * len(json.dumps(short))
    amounts = [
        explain(one, "2025-11", complete=True, system=system).amount for one in (short, long)
    ]
    assert amounts == [487.87, 487.87]


def test_every_input_may_be_asked_and_its_answer_is_a_situation(system) -> None:
    for name in questions.askable(system):
        variable = system.variables[name]
        month = reading(system, ADULT).month
        asked = questions.question(system, name, month)
        assert asked.text.endswith("?")
        text = {"date": "30/09/2025", "nombre": "1", "montant": "12,34"}.get(asked.kind, "")
        for choice in [value for value, _ in asked.choices] or [text]:
            answers = given.Answers(month, {name: asked.read(choice)})
            document = given.situation(system, answers)
            situation = read_situation(document, system)
            if name not in questions.never(system, decided=True):
                period = questions.periods_of(system, name, month)[0]
                assert situation.given_for(variable, given.PERSON, period) is not None, name


# Files.


def test_the_yaml_case_is_a_test_that_holds(client, system) -> None:
    answer = got(client, "/cas.yaml", **VOUCHED)
    assert "attachment" in answer.headers["Content-Disposition"]
    (case,) = yaml.safe_load(answer.get_data(as_text=True))
    simulation = SimulationBuilder().build_from_entities(system, case["input"])
    for name, value in case["output"]["individus"][given.PERSON].items():
        found = simulation.calculate(name, case["period"])[0]
        assert float(found) == pytest.approx(float(value), abs=1e-3), name


def test_a_file_of_an_address_that_cannot_be_read_is_refused(client) -> None:
    for path in ("/situation.json", "/cas.yaml", "/reforme.yaml"):
        answer = got(client, path, salaire_net="abc")
        assert answer.status_code == 422
        assert answer.mimetype == "application/problem+json"
    assert got(client, "/reforme.yaml", **VOUCHED).status_code == 422, "nothing is changed"


# The analyst's tab.


def test_the_reform_file_is_the_reform_of_the_page(client, system, tmp_path) -> None:
    query = {**VOUCHED, "abattement": "450", "part_smic": "90", "reformes": "age_29"}
    file = tmp_path / "reforme.yaml"
    file.write_bytes(got(client, "/reforme.yaml", **query).get_data())
    loaded = reform(file)
    law = loaded(system)
    node = law.get_parameters_at_instant("2025-11-01").contrat_engagement_jeune
    assert node.ressources.degressivite.abattement == 450
    assert node.ressources.degressivite.part_smic == 0.9
    assert node.public.age_maximum == 29
    text = text_of(client, query, "/analyse")
    figures = re.findall(r'class="figure">([^<]*)<', text)
    document = situation_of(client, VOUCHED)
    for one, figure in zip((system, law), figures, strict=True):
        situation = read_situation(document, one)
        amount = explain(situation, "2025-11", complete=True, system=one).amount
        assert number(figure.replace("€", "")) == amount
    rows = re.findall(
        r'<th scope="row">([^<]*)</th><td><data value="([^"]*)">[^<]*</data></td>'
        r'<td><data value="([^"]*)">',
        text,
    )
    assert len(rows) > 15
    for rank, one in enumerate((system, law), start=1):
        drawn = curve(read_situation(document, one), "2025-11", maximum=3000)
        for row in rows:
            assert float(row[rank]) == float(drawn.allowance([round(100 * number(row[0][:-1]))])[0])


def test_a_reform_of_the_number_of_months_keeps_the_wage_in_each(client) -> None:
    text = text_of(client, {**VOUCHED, "nombre_mois": "3"}, "/analyse")
    figures = re.findall(r'class="figure">([^<]*)<', text)
    assert len(set(figures)) == 1, "the same wage every month: the average is the wage"
    assert "chacun des 3 mois" in text


def test_a_number_of_the_law_itself_is_no_reform(system, client) -> None:
    moment = reading(system, ADULT).month
    same = {lever.name: questions.written(lever.now(system, moment)) for lever in what_if.LEVERS}
    asked = what_if.read(given.from_pairs(same), system, moment)
    assert (asked.values, asked.faults, asked.reform) == ({}, {}, None)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"abattement": "beaucoup"}, "n'est pas un nombre positif"),
        ({"part_smic": "500"}, "de 30 à 100"),
        ({"nombre_mois": "1,5"}, "n'est pas un nombre entier"),
        ({"reformes": "rsa_jeunes"}, "n'est pas une des réformes"),
        ({"forfait_mineur": "300", "reformes": "montants_rsa"}, "ne vont pas ensemble"),
        ({"abattement": "2000", "part_smic": "30"}, "ne vont pas ensemble"),
    ],
    ids=str,
)
def test_a_fault_of_a_reform_is_told(client, query, message) -> None:
    text = html.unescape(text_of(client, {**VOUCHED, **query}, "/analyse"))
    assert message in text.replace("\u00a0", " ")
    assert 'class="figure"' not in text


def test_the_example_of_the_analyst_is_computed(client) -> None:
    text = text_of(client, {}, "/analyse")
    assert "Cas d'exemple" in html.unescape(text)
    assert "20 ans" in text


# What a page must be.


def test_the_headers_keep_the_answers_private(client) -> None:
    answer = got(client, **VOUCHED)
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(("path", "case"), sample(itertools.product(["/", "/analyse"], CASES), 3))
def test_a_page_is_light_and_holds_no_inline_code(client, case, path) -> None:
    text = text_of(client, CASES[case], path)
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?! src=)|javascript:", text)
    files = [
        client.get(f"/cej/page/{name}").get_data() for name in ("page.css", "page.js", "icon.svg")
    ]
    assert len(text.encode()) + sum(map(len, files)) <= 100_000
    assert not re.search(r'(?:src|action)="https?:', text)
    assert len(set(re.findall(r' id="([^"]*)"', text))) == len(re.findall(r' id="([^"]*)"', text))


def test_it_does_not_look_like_a_site_of_the_state(client) -> None:
    text = text_of(client, VOUCHED)
    style = client.get("/cej/page/page.css").get_data(as_text=True)
    assert "Ce n'est pas un site de l'État" in html.unescape(text)
    for mark in ("marianne", "dsfr", "fr-header", "#000091", "#e1000f", "gouv.fr/img"):
        assert mark not in (text + style).lower()


def test_the_months_follow_the_timeline(system) -> None:
    answers = reading(system, VOUCHED)
    document = given.situation(system, answers, given.months_told(answers))
    expected = timeline(document, "2025-11", 12, system=system)
    assert results.result(system, answers).months == expected


def test_the_months_tell_the_values_that_the_law_has_moved_since(client, monkeypatch) -> None:
    """The amounts are out of date from the third month on: said once, with the months."""
    late = period(dated_values.next_move(NOT_TAXED)[:7])
    first, last = late.offset(-2), late.offset(9)
    monkeypatch.setattr(page, "today", lambda: first.start.date)
    query = {
        **VOUCHED,
        "mois": str(first),
        "date_naissance": f"{first.start.year - 20}-01-02",
        "cej_date_signature": str(first.start),
        "salaire_net": "0",
    }
    text = " ".join(html.unescape(section(text_of(client, query), "titre-mois")).split())
    span = f"{french.month(late)} à {french.month(last)}"
    assert f"{span} — Majeur, foyer non imposable : la dernière valeur connue" in text
    assert "la dernière valeur connue" not in section(text_of(client, VOUCHED), "titre-mois")


def test_the_detail_of_ticked_facts_does_not_go_back_to_the_months_before(client) -> None:
    """What is known not to have happened is not told month by month: the page stays light."""
    answers = (
        "/?v=1&mois=2025-11&date_naissance=2005-03-27&residence=metropole"
        "&cej_date_signature=2025-09-01&cej_situation_fiscale=non_imposable&salaire_net=0"
        "&cej_sanction_motif=aucun&ppa=0&rsa=0&autres_ressources=non&rien_d_autre=oui"
        "&concerne=rsa,ppa,cej_sanction_motif,cej_date_fin"
    )
    page = client.get(answers).get_data(as_text=True)
    assert len(page.encode()) < 95_000
    assert "calculé pour novembre 2023" not in page


# What walks by fresh eyes found.

SIGNED = {
    "v": "1",
    "mois": "2026-11",
    "date_naissance": "2004-05-05",
    "residence": "metropole",
    "cej_date_signature": "2026-05-04",
    "cej_situation_fiscale": "non_imposable",
    "salaire_net": "700",
    "autres_ressources": "non",
}


def plainly_told(client, case: dict[str, str]) -> str:
    answer = client.get("/", query_string=case, follow_redirects=True)
    return plainly(html.unescape(answer.get_data(as_text=True)))


def test_nothing_is_remarked_of_what_the_page_supplies_itself(client) -> None:
    told = plainly_told(client, {**SIGNED, "rien_d_autre": "oui"})
    assert "n'est pas utilisé" not in told


def test_nothing_is_detailed_of_nobody(client) -> None:
    told = plainly_told(client, {"v": "1", "mois": "2026-11", "rien_d_autre": "oui"})
    assert "56 ans" not in told
    assert "Mois par mois" not in told
    assert "date de naissance" in told


def test_a_rate_is_written_as_in_the_letter(client) -> None:
    """566,17 − 189,73 = 376,44, times 0,6: 225,86."""
    case = {**SIGNED, "cej_sanction_motif": "manquement", "rien_d_autre": "oui"}
    for text in ("40 %", "40", "0,4"):
        told = plainly_told(client, {**case, "cej_sanction_taux": text})
        assert "225,86 €" in told
        assert 'value="40 %"' in told
    assert "À corriger" in plainly_told(client, {**case, "cej_sanction_taux": "140 %"})


def test_nothing_due_has_its_reason_everywhere(client) -> None:
    case = {**SIGNED, "salaire_net": "0", "autres_ressources": "oui", "chomage_net": "700"}
    told = plainly_told(client, {**case, "rien_d_autre": "oui"})
    reason = "moins vos 700,00 € d'allocation de chômage d'octobre 2026 déduits en entier"
    assert told.count(reason) == 3, "under the figure, in the months, in the summary"
    assert "à confirmer" not in told, "nothing is left to confirm of an amount that is certain"
    old = plainly_told(client, {**SIGNED, "date_naissance": "1998-03-05", "rien_d_autre": "oui"})
    assert "Dans ce cas : rien n'est dû" in old
    assert "limite d'âge atteinte" in old


def test_a_contract_past_its_term_is_asked_about_until_the_amount_is_sure(system) -> None:
    """Neither extended nor in a path: what is left is whether it really ended, and when."""
    case = {**SIGNED, "cej_date_signature": "2025-05-04", "rien_d_autre": "oui"}
    case |= {"cej_date_fin_prevue": "2026-05-03", "cej_mois_prolongation": "0"}
    case |= {"cej_parcours_date_fin": "aucune"}
    found = results.result(system, reading(system, case))
    assert (found.sure, found.next) == (False, ["cej_date_fin"])
    found = results.result(system, reading(system, {**case, "cej_date_fin": "aucune"}))
    assert (found.sure, found.bounds) == (True, (0, 0))


def test_what_was_ticked_and_answered_leaves_no_range_without_a_question(system) -> None:
    """A dependant keeps the allowance beside the prime d'activité (R5131-24, II)."""
    case = {**SIGNED, "salaire_net": "0", "concerne": "ppa", "rien_d_autre": "oui"}
    asked = results.result(system, reading(system, case))
    assert asked.next == ["ppa"]
    case |= {"ppa": "90", "ppa_activite_anterieure": "non", "cej_personne_a_charge": "oui"}
    found = results.result(system, reading(system, case))
    assert (found.sure, found.bounds) == (True, (566.17, 566.17))


def test_no_failing_is_asked_of_a_contract_to_be_signed(system) -> None:
    case = {**SIGNED, "mois": "2025-04", "contrat": "pas_encore"}
    del case["cej_date_signature"]
    doubts = results.result(system, reading(system, case)).doubts
    assert doubts
    assert "cej_rang_manquement" not in [doubt.value for doubt in doubts]


def test_a_second_failing_is_told_by_its_name_and_its_month(client) -> None:
    """R5131-18: the allowance of the month after is withheld, whole."""
    case = {**SIGNED, "mois": "2023-05", "cej_date_signature": "2023-01-10", "rien_d_autre": "oui"}
    case |= {"cej_rang_manquement": "2", "mois_manquement": "2023-04"}
    told = plainly_told(client, case)
    assert "Pas de sanction en cours (deuxième manquement, notifié en avril 2023" in told


def test_a_turnover_counts_after_its_flat_rate_in_few_words(client) -> None:
    """1 000 € of services count for 500: 566,17 / (0,8 × 1 867,02 − 300) × 200 = 94,87 less."""
    case = {**SIGNED, "salaire_net": "0", "rpns_auto_entrepreneur_CA_bic": "1000"}
    told = plainly_told(client, {**case, "rien_d_autre": "oui"})
    assert "94,87 € pour vos 500,00 € de revenus de micro-entreprise d'octobre 2026." in told


def test_the_summary_holds_what_may_lower_a_probable_amount(client) -> None:
    kept = plainly_told(client, SIGNED).split('id="resume">')[1].split("</pre>")[0]
    assert "- Le RSA dans votre famille" in kept


def test_resources_that_are_not_told_are_asked_for_by_their_list(client) -> None:
    for more in ({}, {"rien_d_autre": "oui"}):
        told = plainly_told(client, {**SIGNED, "autres_ressources": "oui", **more})
        assert "Entre" in section(told, "titre-resultat")
        assert 'href="#q-lesquelles"' in section(told, "titre-lesquelles")
        assert '<details class="help" id="q-lesquelles" open>' in told
        assert "p-chomage_net" not in told, "one by one"
        assert "questions sans réponse" not in told


def test_a_sure_amount_says_that_it_rests_on_what_was_set_aside(client) -> None:
    told = section(plainly_told(client, {**SIGNED, "rien_d_autre": "oui"}), "titre-resultat")
    assert "Si rien de ce que vous avez écarté ne vous concerne" in told


def test_a_sign_begins_no_line(client) -> None:
    """« 11 % » was parted on a narrow screen."""
    page = client.get("/").get_data(as_text=True)
    assert "première tranche (11\N{NO-BREAK SPACE}%)" in page
    assert " ?<" not in page
