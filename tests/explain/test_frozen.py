"""A value that the law has moved since the last one known is told beside the amounts it makes."""

import html

import pytest
from openfisca_core.periods import instant, period

from openfisca_cej.explain import render
from openfisca_cej.explain.timeline import timeline
from openfisca_cej.explain.tree import explain, model

AMOUNTS = "contrat_engagement_jeune.montant_forfaitaire"
NOT_TAXED = f"{AMOUNTS}.general.majeur_non_imposable"
FIRST_BRACKET = f"{AMOUNTS}.general.majeur_premiere_tranche"
MINOR = f"{AMOUNTS}.general.mineur"
SMIC = "marche_travail.salaire_minimum.smic.smic_b_mensuel"
SMIC_MAYOTTE = "contrat_engagement_jeune.ressources.degressivite.smic_mayotte"
SCALE = "impot_revenu.bareme_ir_depuis_1945.bareme"


def node(path):
    """A parameter of the law."""
    found = model().parameters
    for key in path.split("."):
        found = found.children[key]
    return found


def last(path):
    """The day of the last value of a parameter."""
    found = node(path)
    held = [bracket.threshold for bracket in getattr(found, "brackets", ())] or [found]
    return instant(max(entry.instant_str for one in held for entry in one.values_list))


#: The first April without amounts, the first January without a SMIC, and the last month before;
#: the September that reads the first incomes without a scale.
APRIL = period(f"{last(NOT_TAXED).year + 1}-04")
JANUARY = period(f"{last(SMIC).year + 1}-01")
KNOWN = JANUARY.last_month
SEPTEMBER = period(f"{last(SCALE).year + 2}-09")


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
    return document


def told(moment, **given):
    """The parameters that the amount of the month says are out of date."""
    found = explain(case(moment, **given), moment, complete=True).freshness.frozen
    return {item.path for item in found}


@pytest.mark.parametrize(
    ("moment", "given", "expected"),
    [
        # Known dates: nothing to say, whatever the resources.
        (KNOWN, {"wage": 600.0}, set()),
        (KNOWN, {"rni": 20_000.0}, set()),
        # 1 January moves the SMIC: it counts above 300 € of wages only.
        (JANUARY, {}, set()),
        (JANUARY, {"wage": 299.0}, set()),
        (JANUARY, {"wage": 301.0}, {SMIC}),
        (JANUARY, {"wage": 600.0, "mayotte": True}, {SMIC_MAYOTTE}),
        # 1 April moves the amounts: the one of the person's age and tier.
        (APRIL.last_month, {}, set()),
        (APRIL, {}, {NOT_TAXED}),
        (APRIL, {"age": 16}, {MINOR}),
        (APRIL, {"wage": 600.0}, {NOT_TAXED, SMIC}),
        # A zero that no value makes: too old, or beyond the first bracket by a tier given.
        (APRIL, {"age": 40}, set()),
        (APRIL, {"tier": "au_dela"}, set()),
        # The scale of the incomes that September reads; a tier given reads none.
        (SEPTEMBER, {"tier": "premiere_tranche"}, {FIRST_BRACKET}),
        (SEPTEMBER, {"rni": 0.0}, {NOT_TAXED}),
    ],
)
def test_only_the_values_that_make_the_amount_are_told(moment, given, expected):
    assert told(moment, **given) == expected


def test_a_tier_computed_from_incomes_without_a_scale_says_so():
    assert SCALE in told(SEPTEMBER, rni=20_000.0)
    # The month before reads the incomes of the year before, whose scale is known.
    assert SCALE not in told(SEPTEMBER.last_month, rni=20_000.0)


def test_every_form_tells_the_value_its_date_and_the_day_of_the_move():
    found = explain(case(APRIL), APRIL, complete=True)
    (item,) = found.freshness.frozen
    assert (item.since, item.due) == (str(last(NOT_TAXED)), str(APRIL.start))
    assert item.written in item.sentence
    assert f"1er avril {APRIL.start.year}" in item.sentence
    # The page ties what must stay on a line: any space counts.
    page = html.unescape(render.to_html(found))
    assert " ".join(item.sentence.split()) in " ".join(page.split())
    assert item.sentence in render.to_markdown(found)
    assert render.to_json(found)["freshness"]["frozen"][0]["sentence"] == item.sentence


def test_a_timeline_tells_the_months_concerned_only():
    document = case(KNOWN)
    rows = timeline(document, KNOWN, 5)
    assert [str(row.month) for row in rows if row.frozen] == [str(APRIL)]
    assert all(row.told()["frozen"] == list(row.frozen) for row in rows)
