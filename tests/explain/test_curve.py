"""Curves: the solved segments and breaks say exactly what the engine computes."""

import json
from fractions import Fraction
from functools import partial
from xml.etree import ElementTree

import numpy
import pytest
from dated_values import last_month
from hypothesis import given, settings
from hypothesis import strategies as st
from openfisca_core.periods import period
from openfisca_core.reforms import Reform
from simulations import systeme

from openfisca_cej.base import Montant, arrondi_au_centime
from openfisca_cej.explain.curve import NoCurve, curve
from openfisca_cej.explain.curve_picture import curve_svg
from openfisca_cej.explain.curve_text import curve_csv, rows, sentences
from openfisca_cej.explain.situation import InvalidSituation, read
from openfisca_cej.explain.variants import Variants
from openfisca_cej.situation_examples import exemple

SVG = "{http://www.w3.org/2000/svg}"

LAST_YEAR = int(last_month()[:4])

stable = partial(settings, derandomize=True, deadline=None, database=None)


def alone(**inputs):
    """The document of a person of 20 years or so who lives alone, with some inputs."""
    menage = {"personne_de_reference": ["Lou"]}
    if "residence_mayotte" in inputs:
        menage["residence_mayotte"] = inputs.pop("residence_mayotte")
    return {
        "individus": {"Lou": {"date_naissance": {"ETERNITY": "2004-03-01"}, **inputs}},
        "familles": {"f": {"parents": ["Lou"]}},
        "foyers_fiscaux": {"ff": {"declarants": ["Lou"]}},
        "menages": {"m": menage},
    }


def paid(situation, month, variable, centimes, person="Lou", back=1):
    """What the engine pays for each resource in centimes."""
    moment = period(month)
    variants = Variants(situation, len(centimes))
    moments = [moment.offset(-shift) for shift in range(back + 1)]
    variants.set(variable, person, moments, numpy.asarray(centimes) / 100)
    return variants.calculate("cej_allocation", moment, person)


def assert_exact(drawn, situation, more=(), back=1):
    """The description equals the engine on the centimes within 2 € of each break."""
    last = round(100 * drawn.maximum)
    spots = {0, last, *more}
    for point in drawn.breaks:
        at = round(100 * point.resource)
        spots |= set(range(max(at - 200, 0), min(at + 200, last) + 1))
    centimes = numpy.array(sorted(spots))
    engine = paid(situation, drawn.month, drawn.variable, centimes, drawn.person, back)
    described = drawn.allowance(centimes)
    wrong = numpy.flatnonzero(described != engine)
    assert not len(wrong), [(centimes[i], described[i], engine[i]) for i in wrong[:5]]


# --- Breaks worked out by hand --------------------------------------------------------------------


def test_breaks_are_the_disregard_and_eighty_percent_of_the_smic(system):
    """In November 2026 the SMIC is 1 867,02 €: nothing is left from 1 493,616 € on."""
    drawn = curve(read(exemple("jeune_seul"), system), "2026-11")
    assert [(one.kind, one.solution) for one in drawn.breaks] == [
        ("abattement", 300),
        ("sortie", 1493.616),
    ]
    assert drawn.breaks[0].label == "abattement de 300 €"
    assert drawn.breaks[1].label == "sortie à 80 % du SMIC mensuel brut"
    assert drawn.breaks[1].resource == 1493.62
    assert [one.rate for one in drawn.segments] == [
        0,
        pytest.approx(float(-Fraction("566.17") / Fraction("1193.616")), abs=1e-13),
        0,
    ]
    assert drawn.cliffs == ()


def test_the_first_tier_loses_less_for_each_euro(system):
    """331,37 € and a SMIC of 1 801,80 € in November 2024: the exit is 1 441,44 €."""
    drawn = curve(read(exemple("premiere_tranche_avec_salaire"), system), "2024-11", "Karim")
    assert [one.solution for one in drawn.breaks] == [300, 1441.44]
    expected = float(-Fraction("331.37") / Fraction("1141.44"))
    assert drawn.segments[1].rate == pytest.approx(expected, abs=1e-13)


def test_training_pay_brings_the_exit_nearer(system):
    """224,68 € of training pay leave 337 €: gone 337 / c above 300 €, c = 561,68 / 1 158,424."""
    situation = read(exemple("formation_remuneree"), system)
    drawn = curve(situation, "2026-02")
    expected = 300 + 337 * Fraction("1158.424") / Fraction("561.68")
    assert drawn.breaks[1].solution == pytest.approx(float(expected), abs=1e-9)
    assert drawn.breaks[1].label == "sortie"
    assert_exact(drawn, situation)


def test_another_wage_uses_up_part_of_the_disregard(system):
    situation = read(alone(remuneration_apprenti={"2024-10": 120.5}), system)
    drawn = curve(situation, "2024-11")
    assert (drawn.breaks[0].kind, drawn.breaks[0].solution) == ("abattement", 179.5)
    assert_exact(drawn, situation)


def test_a_fully_deducted_resource_takes_a_euro_for_a_euro(system):
    drawn = curve(read(alone(), system), "2024-11", variable="chomage_net")
    assert [(one.start, one.end, one.rate) for one in drawn.segments[:1]] == [(0, 552.29, -1)]
    assert [(one.kind, one.label) for one in drawn.breaks] == [("sortie", "sortie")]


def test_a_suspending_resource_is_a_cliff_at_the_first_centime(system):
    situation = read(alone(), system)
    drawn = curve(situation, "2024-11", variable="indemnites_volontariat")
    (cliff,) = drawn.cliffs
    assert (cliff.resource, cliff.before, cliff.after) == (0.01, 552.29, 0)
    assert "suspend" in cliff.label
    assert_exact(drawn, situation)


def test_the_benefit_of_the_family_excludes_at_the_first_centime(system):
    drawn = curve(read(alone(), system), "2024-11", variable="rsa")
    (cliff,) = drawn.cliffs
    assert (cliff.resource, cliff.before, cliff.after) == (0.01, 552.29, 0)
    assert "exclut" in cliff.label


def test_an_ignored_resource_changes_nothing(system):
    drawn = curve(read(alone(), system), "2024-11", variable="aah")
    assert [(one.start_amount, one.rate) for one in drawn.segments] == [(552.29, 0)]
    assert drawn.breaks == ()
    assert sentences(drawn) == ["L'allocation est de 552,29 € quelle que soit cette ressource."]


# --- The description equals the engine ------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "month", "person"),
    [
        ("jeune_seul", "2026-11", None),
        ("premiere_tranche_avec_salaire", "2024-11", "Karim"),
        ("mineur_a_mayotte", "2026-10", None),
        ("sanction_bareme_2022", "2023-04", None),
        ("sanction_bareme_2022", "2023-06", None),
        ("sanction_bareme_2025", "2025-07", None),
        ("famille_au_rsa", "2026-03", "Nina"),
        ("famille_au_rsa", "2026-03", "Tom"),
    ],
)
def test_examples_are_described_exactly(system, name, month, person):
    situation = read(exemple(name), system)
    drawn = curve(situation, month, person)
    assert_exact(drawn, situation, more=range(0, round(100 * drawn.maximum), 777))


RESOURCES = (
    "salaire_net",
    "revenus_stage_formation_pro",
    "indemnites_journalieres",
    "indemnites_journalieres_maladie",
    "allocation_epide",
    "af",
)


@st.composite
def cases(draw):
    """A month and a situation: tier, place, age, other resources, sanctions of both scales."""
    year, month = draw(st.sampled_from(range(2022, LAST_YEAR + 1))), draw(st.integers(1, 12))
    if (year, month) < (2022, 3):
        year = 2023
    moment = f"{year}-{month:02d}"
    before = str(period(moment).last_month)
    euros = st.integers(0, 90_000).map(lambda centimes: centimes / 100)
    inputs = {
        "date_naissance": {"ETERNITY": f"{draw(st.integers(year - 25, year - 16))}-01-01"},
        "cej_date_signature": {"ETERNITY": f"{moment}-01" if draw(st.booleans()) else "1970-01-01"},
        "cej_situation_fiscale": {
            moment: draw(st.sampled_from(["non_imposable", "premiere_tranche", "au_dela"]))
        },
    }
    for name in ("remuneration_apprenti", "chomage_net"):
        if draw(st.booleans()):
            inputs[name] = {before: draw(euros)}
    if draw(st.booleans()):
        inputs["indemnites_journalieres_maternite"] = {before: draw(euros)}
    if draw(st.booleans()):
        inputs["cej_date_signature"] = {"ETERNITY": f"{before}-01"}
        inputs["cej_rang_manquement"] = {before: draw(st.integers(1, 3))}
        inputs["cej_sanction_motif"] = {moment: draw(st.sampled_from(["manquement", "fraude"]))}
        inputs["cej_sanction_taux"] = {moment: draw(st.integers(0, 1000)) / 1000}
    if draw(st.booleans()):
        inputs["residence_mayotte"] = {moment: True}
    return moment, alone(**inputs), draw(st.sampled_from(RESOURCES))


@stable(max_examples=120)
@given(cases(), st.lists(st.integers(0, 180_000), max_size=20))
def test_drawn_situations_are_described_exactly(case, centimes):
    month, document, variable = case
    situation = read(document, systeme())
    drawn = curve(situation, month, variable=variable)
    inside = [one for one in centimes if one <= 100 * drawn.maximum]
    assert_exact(drawn, situation, more=inside)


# --- Reforms --------------------------------------------------------------------------------------


def changed(**values):
    """A reform that sets parameters of the resources from 2024 on."""

    def modify(parameters):
        node = parameters.contrat_engagement_jeune.ressources
        for path, value in values.items():
            leaf = node
            for key in path.split("__"):
                leaf = getattr(leaf, key)
            leaf.update(start=period("2024-01").start, value=value)
        return parameters

    class Changed(Reform):
        def apply(self):
            self.modify_parameters(modify)

    return Changed


def replaced(name, compute):
    """A reform that computes the variable otherwise, from what the law gives and resources."""

    def formula_2022_03_01(individu, period):
        forfait = individu("cej_montant_forfaitaire", period)
        return compute(forfait, individu("cej_ressources_partiellement_deductibles", period))

    variable = type(name, (Montant,), {"formula_2022_03_01": formula_2022_03_01})

    class Replaced(Reform):
        def apply(self):
            self.update_variable(variable)

    return Replaced


def two_slopes(forfait, resources):
    """30 % from 300 € on, 60 % from 700 € on."""
    lost = 0.3 * numpy.clip(resources - 300, 0, 400) + 0.6 * numpy.maximum(resources - 700, 0)
    return numpy.maximum(forfait - lost, 0)


def test_a_reform_of_the_disregard_is_named(system):
    reformed = changed(degressivite__abattement=500.0)(system)
    situation = read(alone(), reformed)
    drawn = curve(situation, "2024-11")
    assert (drawn.breaks[0].solution, drawn.breaks[0].label) == (500, "abattement de 500 €")
    assert drawn.breaks[1].solution == 1441.44
    assert_exact(drawn, situation)


def test_a_reform_of_the_months_is_read_over_all_of_them(system):
    reformed = changed(nombre_mois=3)(system)
    situation = read(alone(), reformed)
    drawn = curve(situation, "2024-11")
    assert [one.solution for one in drawn.breaks] == [300, pytest.approx(1441.44, abs=1e-9)]
    assert_exact(drawn, situation, back=3)


def test_a_reform_with_two_slopes_has_its_own_break(system):
    """552,29 − 120 = 432,29 € are left at 700 €: gone 432,29 / 0,6 € later."""
    situation = read(alone(), replaced("cej_montant_avant_non_cumul", two_slopes)(system))
    drawn = curve(situation, "2024-11")
    exit_point = float(700 + Fraction("432.29") / Fraction("0.6"))
    assert [(one.kind, one.solution) for one in drawn.breaks] == [
        ("abattement", 300),
        ("changement de taux", 700),
        ("sortie", pytest.approx(exit_point, abs=1e-9)),
    ]
    assert [one.rate for one in drawn.segments] == pytest.approx([0, -0.3, -0.6, 0], abs=1e-12)
    assert "passe de −0,3000 à −0,6000" in sentences(drawn)[1]
    assert_exact(drawn, situation)


def test_a_reform_with_a_threshold_is_a_cliff_to_the_centime(system):
    reform = replaced(
        "cej_montant_avant_non_cumul", lambda forfait, r: numpy.where(r > 1000.5, 0, forfait)
    )
    situation = read(alone(), reform(system))
    drawn = curve(situation, "2024-11")
    assert [(one.resource, one.before, one.after) for one in drawn.cliffs] == [(1000.51, 552.29, 0)]
    assert sentences(drawn) == ["À 1 000,51 €, l'allocation passe de 552,29 € à 0,00 € (saut)."]
    assert_exact(drawn, situation)


def test_a_slow_taper_is_followed_to_its_end(system):
    """10 % from nil: 552,29 € are gone at 5 522,90 €, beyond the SMIC."""
    reform = replaced(
        "cej_montant_avant_non_cumul", lambda forfait, r: numpy.maximum(forfait - r / 10, 0)
    )
    drawn = curve(read(alone(), reform(system)), "2024-11")
    assert drawn.breaks[-1].solution == 5522.9
    assert drawn.maximum > 5522.9


def test_a_smallest_payment_is_a_cliff(system):
    """Nothing under 50 €: 552,29 € − c × (R − 300) is 50 € at 1 338,10…, paid until then."""

    class cej_allocation(Montant):
        def formula_2022_03_01(individu, period):
            amount = arrondi_au_centime(individu("cej_montant_avant_non_cumul", period))
            return numpy.where(amount < 50, 0, amount)

    class SmallestPayment(Reform):
        def apply(self):
            self.update_variable(cej_allocation)

    situation = read(alone(), SmallestPayment(system))
    drawn = curve(situation, "2024-11")
    (cliff,) = drawn.cliffs
    # The last centime that pays 49,995 € or more before rounding.
    limit = 300 + (Fraction("552.29") - Fraction("49.995")) * Fraction("1141.44") / Fraction(
        "552.29"
    )
    assert cliff.resource == (int(limit * 100) + 1) / 100
    assert cliff.after == 0
    assert_exact(drawn, situation)


@pytest.mark.parametrize(
    ("name", "compute", "told"),
    [
        ("cej_montant_avant_non_cumul", lambda f, r: f / (1 + r / 1000), "straight pieces"),
        ("cej_allocation", lambda f, r: numpy.round(f - r / 3, 2), "changes cej_allocation"),
    ],
)
def test_what_cannot_be_solved_is_refused(system, name, compute, told):
    with pytest.raises(NoCurve, match=told):
        curve(read(alone(), replaced(name, compute)(system)), "2024-11")


# --- Refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"month": "2022-02"}, "before the law"),
        ({"variable": "salaire_nett"}, "did you mean « salaire_net »"),
        ({"variable": "cej_allocation"}, "not an input of euros per month"),
        ({"maximum": 0}, "between 1 and"),
        ({"maximum": float("nan")}, "between 1 and"),
    ],
)
def test_what_is_asked_is_checked(system, asked, told):
    with pytest.raises(NoCurve, match=told):
        curve(read(alone(), system), **{"month": "2024-11", **asked})


def test_a_person_must_be_named_when_there_are_several(system):
    with pytest.raises(InvalidSituation):
        curve(read(exemple("famille_au_rsa"), system), "2026-03")


# --- What is shown --------------------------------------------------------------------------------


def test_figures_are_every_fifty_euros_and_at_the_breaks(system):
    drawn = curve(read(alone(), system), "2024-11", maximum=1500)
    figures = {line[0]: line[1:] for line in rows(drawn)}
    assert set(figures) == {*(50.0 * rank for rank in range(31)), 1441.44}
    rate = -552.29 / 1141.44
    assert figures[300.0] == (552.29, 852.29, pytest.approx(rate, abs=1e-12))
    assert figures[1441.44] == (0, 1441.44, 0)
    # 552.29 − 200 × 552.29 / 1141.44 = 455.519…
    assert curve_csv(drawn).splitlines()[11] == "500.00,455.52,955.52,-0.483854"


def test_both_sides_of_a_cliff_are_in_the_figures(system):
    drawn = curve(read(alone(), system), "2024-11", variable="indemnites_volontariat")
    assert curve_csv(drawn).splitlines()[1:3] == [
        "0.00,552.29,552.29,0.000000",
        "0.01,0.00,0.01,0.000000",
    ]


def test_the_json_tells_segments_and_breaks(system):
    told = json.loads(json.dumps(curve(read(alone(), system), "2024-11").to_json()))
    assert told["segments"][0] == {
        "from": 0,
        "to": 300,
        "amount_from": 552.29,
        "amount_to": 552.29,
        "marginal_rate": 0,
    }
    assert [one["kind"] for one in told["breaks"]] == ["abattement", "sortie"]
    assert told["cliffs"] == []


def test_the_picture_is_accessible_and_nothing_is_out_of_it(system):
    document = alone()
    document["individus"]["<Lou> & Cie"] = document["individus"].pop("Lou")
    for group, role in (("familles", "parents"), ("foyers_fiscaux", "declarants")):
        (only,) = document[group].values()
        only[role] = ["<Lou> & Cie"]
    document["menages"]["m"]["personne_de_reference"] = ["<Lou> & Cie"]
    drawn = curve(read(document, system), "2024-11")
    root = ElementTree.fromstring(curve_svg(drawn, "une"))
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "une-titre une-description"
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert (title.get("id"), description.get("id")) == ("une-titre", "une-description")
    assert "<Lou> & Cie" in title.text
    assert "300,00" in description.text
    width, height = float(root.get("width")), float(root.get("height"))
    for one in root.iter(f"{SVG}text"):
        assert 0 <= float(one.get("x")) <= width
        assert 0 <= float(one.get("y")) <= height
    badges = [one for one in root.iter(f"{SVG}circle") if one.get("r") == "10"]
    assert len(badges) == 2 * len(drawn.breaks)


def test_a_curve_has_a_bounded_number_of_points():
    persons = {f"p{rank}": {"date_naissance": {"ETERNITY": "2005-05-05"}} for rank in range(100)}
    many = read({"individus": persons}, systeme())
    with pytest.raises(NoCurve, match="limit points"):
        curve(many, "2026-01", "p1", maximum=20_000)


def test_a_law_without_measure_makes_no_longer_curve():
    """Even a reform in Python, whose numbers nobody checks."""

    class Steep(Reform):
        def apply(self):
            self.modify_parameters(far)

    def far(root):
        smic = root.marche_travail.salaire_minimum.smic.smic_b_mensuel
        smic.update(start="2026-01-01", value=10_000_000)
        return root

    case = read(
        {"individus": {"a": {"date_naissance": {"ETERNITY": "2005-05-05"}}}}, Steep(systeme())
    )
    drawn = curve(case, "2026-01")
    assert drawn.maximum == 20_000
