"""A value that the law has moved since the last one known is told beside the amounts it makes."""

import dataclasses
import functools
import html
import json

import dated_values
import pytest
from openfisca_core.periods import period

from openfisca_cej import CountryTaxBenefitSystem
from openfisca_cej.explain import frozen, render
from openfisca_cej.explain.case import case as written_case
from openfisca_cej.explain.curve import curve
from openfisca_cej.explain.situation import read
from openfisca_cej.explain.timeline import spans, timeline, told_once
from openfisca_cej.explain.tree import explain
from openfisca_cej.reforms import reform
from openfisca_cej.systems import model

AMOUNTS = "contrat_engagement_jeune.montant_forfaitaire"
NOT_TAXED = f"{AMOUNTS}.general.majeur_non_imposable"
FIRST_BRACKET = f"{AMOUNTS}.general.majeur_premiere_tranche"
OF_MAYOTTE = f"{AMOUNTS}.mayotte.majeur_non_imposable"
MINOR = f"{AMOUNTS}.general.mineur"
SMIC = "marche_travail.salaire_minimum.smic.smic_b_mensuel"
SMIC_MAYOTTE = "contrat_engagement_jeune.ressources.degressivite.smic_mayotte"
SCALE = "impot_revenu.bareme_ir_depuis_1945.bareme"


#: The first month without known amounts, the first without a known SMIC, and the last before both;
#: the April and the September that read the first incomes without a scale.
APRIL, JANUARY = (period(dated_values.next_move(path)[:7]) for path in (NOT_TAXED, SMIC))
KNOWN = min(APRIL, JANUARY).last_month
SCALE_YEAR = int(dated_values.last_of(SCALE)[:4]) + 2
LIMIT, SEPTEMBER = period(f"{SCALE_YEAR}-04"), period(f"{SCALE_YEAR}-09")


def late(paths, moment):
    """Those of some parameters that are out of date in a month."""
    return {path for path in paths if dated_values.next_move(path) <= str(moment.start)}


def case(moment, wage=0.0, age=20, tier=None, rni=None, mayotte=False):
    """A young person alone, who signs in the month, paid a wage the month before."""
    person = {
        "date_naissance": {"ETERNITY": f"{moment.start.year - age}-01-02"},
        "cej_date_signature": {"ETERNITY": str(moment.start)},
        "salaire_net": {str(moment.last_month): wage},
    }
    if tier:
        person["cej_situation_fiscale"] = {str(moment): tier}
    document = {"individus": {"A": person}}
    if rni is not None:
        years = range(moment.start.year - 3, moment.start.year)
        foyer = {"declarants": ["A"], "rni": {str(year): rni for year in years}}
        document["foyers_fiscaux"] = {"f": foyer}
    if mayotte:
        home = {"personne_de_reference": ["A"], "residence_mayotte": {str(moment): True}}
        document["menages"] = {"m": home}
    # The core's own kind of text is no text for YAML.
    return json.loads(json.dumps(document))


def told(moment, **given):
    """The parameters that the amount of the month says are out of date."""
    found = explain(case(moment, **given), moment, complete=True).freshness.frozen
    return {item.path for item in found}


@pytest.mark.parametrize(
    ("moment", "given", "expected"),
    [
        # Known dates: nothing to say, whatever the resources.
        (KNOWN, {"wage": 600.0}, {NOT_TAXED, SMIC}),
        # 1 January moves the SMIC: it counts above 300 € of wages only.
        (JANUARY.last_month, {"wage": 600.0}, {NOT_TAXED, SMIC}),
        (JANUARY, {}, {NOT_TAXED}),
        (JANUARY, {"wage": 299.0}, {NOT_TAXED}),
        (JANUARY, {"wage": 301.0}, {NOT_TAXED, SMIC}),
        (JANUARY, {"wage": 600.0, "mayotte": True}, {OF_MAYOTTE, SMIC_MAYOTTE}),
        # 1 April moves the amounts: the one of the person's age and tier.
        (APRIL.last_month, {}, {NOT_TAXED}),
        (APRIL, {}, {NOT_TAXED}),
        (APRIL, {"age": 16}, {MINOR}),
        (APRIL, {"wage": 600.0}, {NOT_TAXED, SMIC}),
        # A zero that no value makes: too old, or beyond the first bracket by a tier given.
        (APRIL, {"age": 40}, set()),
        (APRIL, {"tier": "au_dela"}, set()),
        # A tier given reads no scale.
        (SEPTEMBER, {"tier": "premiere_tranche"}, {FIRST_BRACKET}),
        (SEPTEMBER, {"rni": 0.0}, {NOT_TAXED}),
    ],
)
def test_only_the_values_that_make_the_amount_are_told(moment, given, expected):
    """``expected``: the values that make the amount; they are told once out of date."""
    assert told(moment, **given) == late(expected, moment)


def test_the_months_tried_are_those_of_the_moves():
    assert late({NOT_TAXED}, APRIL)
    assert not late({NOT_TAXED}, APRIL.last_month)
    assert late({SMIC}, JANUARY)
    assert not late({SMIC, NOT_TAXED}, KNOWN)


def test_a_tier_computed_from_incomes_without_a_scale_says_so():
    """From April on, the limit of the first bracket is that of the scale of the year before."""
    assert SCALE in told(SEPTEMBER, rni=20_000.0)
    assert SCALE in told(LIMIT, rni=20_000.0)
    assert SCALE not in told(LIMIT.last_month, rni=20_000.0)


@pytest.mark.parametrize("end", [None, "2023-08-31"])
def test_a_garantie_jeunes_that_has_ended_says_nothing_of_its_amount(end):
    """Eighteen months at most: the last value of its amount, of April 2023, makes nothing since."""
    document = case(APRIL, age=24)
    person = document["individus"]["A"]
    person["cej_garantie_jeunes_beneficiaire"] = {"ETERNITY": True}
    if end:
        person["cej_garantie_jeunes_date_fin"] = {"ETERNITY": end}
    # With a contract of the CEJ, its own amount is told, and that one only.
    found = explain(document, APRIL, complete=True)
    assert {item.path for item in found.freshness.frozen} == {NOT_TAXED}
    # With none, nothing is due, whatever the values.
    del person["cej_date_signature"]
    person["date_naissance"] = {"ETERNITY": f"{APRIL.start.year - 40}-01-02"}
    found = explain(document, APRIL, complete=True)
    assert (found.amount, found.freshness.frozen) == (0.0, ())


def test_a_garantie_jeunes_that_a_reform_prolongs_says_that_its_amount_is_old():
    longer = reform(
        {
            "title": "Garantie jeunes de dix ans",
            "parameters": {
                "contrat_engagement_jeune.garantie_jeunes.duree": {"2022-03-01": 120},
            },
        }
    )(CountryTaxBenefitSystem())
    document = case(APRIL, age=24)
    document["individus"]["A"]["cej_garantie_jeunes_beneficiaire"] = {"ETERNITY": True}
    name = "cej_garantie_jeunes_allocation"
    found = explain(document, APRIL, variable=name, system=longer, complete=True)
    (item,) = found.freshness.frozen
    assert item.path == "contrat_engagement_jeune.garantie_jeunes.montant"
    assert (item.since, item.due) == (dated_values.last_of(item.path), "2024-04-01")


def test_an_answer_tells_the_values_behind_its_bounds():
    """As assumed, nothing is due (no age is given): an answer that is asked for makes an amount."""
    nothing = {"individus": {"A": {"cej_situation_fiscale": {str(APRIL): "non_imposable"}}}}
    found = explain(nothing, APRIL)
    assert (found.answer.low, found.answer.assumed) == (0, 0)
    assert found.answer.high > 0
    assert NOT_TAXED in {item.path for item in found.freshness.frozen}


def test_a_curve_tells_the_values_behind_any_of_its_points():
    def paths(moment, **given):
        drawn = curve(read(case(moment, **given), model()), moment)
        assert drawn.to_json()["frozen"] == [one.sentence for one in drawn.frozen]
        return {one.path for one in drawn.frozen}

    # Without a wage, the SMIC makes no amount; along the curve, it does.
    assert paths(JANUARY) == late({NOT_TAXED, SMIC}, JANUARY)
    assert paths(APRIL) == late({NOT_TAXED, SMIC}, APRIL)
    assert paths(KNOWN) == set()
    assert paths(APRIL, tier="au_dela") == set()


def test_every_form_tells_the_value_its_date_and_the_day_of_the_move():
    found = explain(case(APRIL), APRIL, complete=True)
    (item,) = found.freshness.frozen
    assert (item.since, item.due) == (dated_values.last_of(NOT_TAXED), str(APRIL.start))
    assert item.written in item.sentence
    assert f"1er avril {APRIL.start.year}" in item.sentence
    # The page ties what must stay on a line: any space counts.
    page = html.unescape(render.to_html(found))
    assert " ".join(item.sentence.split()) in " ".join(page.split())
    assert item.sentence in render.to_markdown(found)
    assert render.to_json(found)["freshness"]["frozen"][0]["sentence"] == item.sentence


def test_a_timeline_tells_the_months_concerned_only():
    first = APRIL.offset(-4)
    rows = timeline(case(first), first, 6)
    assert [str(row.month) for row in rows if row.frozen] == [str(APRIL), str(APRIL.offset(1))]
    assert all(row.to_json()["frozen"] == list(row.frozen) for row in rows)
    (sentence,) = told_once(rows)
    year = APRIL.start.year
    assert sentence == f"avril {year} à mai {year} — {rows[-1].frozen[0]}"


def test_months_that_do_not_follow_each_other_are_told_apart():
    months = [period(text) for text in ("2027-01", "2027-02", "2027-04", "2027-06", "2027-07")]
    assert spans(months) == "janvier 2027 à février 2027, avril 2027, juin 2027 à juillet 2027"


def test_a_yaml_case_says_it_in_its_comments():
    text = written_case(case(APRIL), APRIL)
    assert "# Majeur, foyer non imposable : la dernière valeur connue" in " ".join(text.split())
    assert "la dernière valeur connue" not in written_case(case(KNOWN), KNOWN)


def test_a_value_that_the_allowance_never_reads_is_not_watched_for_it():
    """It reads all that moves, but the RSA and what the garantie jeunes paid."""

    def paths(system, name):
        return {one.path for one in frozen.known_no_more(system, SEPTEMBER, name)}

    old = "contrat_engagement_jeune.garantie_jeunes.montant"
    moved = {one.name for one in frozen.moving(model())}
    unread = {old, *(path for path in moved if path.endswith("montant_de_base_du_rsa"))}
    assert paths(model(), "cej_allocation") == late(moved - unread, SEPTEMBER)
    assert old in paths(model(), "cej_garantie_jeunes_allocation")
    assert old in paths(reform({"title": "Rien"})(CountryTaxBenefitSystem()), "cej_allocation")


@pytest.mark.parametrize(
    "given", [{"wage": 600.0}, {"rni": 20_000.0, "wage": 400.0}, {"age": 16}, {"mayotte": True}]
)
def test_what_rests_on_a_moved_value_is_computed_again_and_that_alone(given):
    """The same amounts as a simulation of one's own, and none of them is left behind."""
    moment = LIMIT
    situation = read(case(moment, **given), model())
    watch = frozen.Watch(
        situation.system, frozen.known_no_more(situation.system, moment, "cej_allocation")
    )
    simulation = watch.of(situation)
    amounts = [functools.partial(simulation.calculate, "cej_allocation", moment)]
    known = amounts[0]()
    assert watch.read
    for one in watch.read:
        for factor in frozen.TRIED:
            law = frozen.with_moved(situation.system, (one,), factor)
            afresh = dataclasses.replace(situation, system=law).simulation()
            expected = afresh.calculate("cej_allocation", moment)
            assert simulation.moved(law, {one.path}, amounts) == expected
            assert amounts[0]() == known
    assert not any(simulation.rests.get(("age", moment), ())), "an age rests on none of them"
