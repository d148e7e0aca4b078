"""Our rules on OpenFisca-France: same allowance for the same inputs, taxes and benefits of its own.

Run by `make test-france`, where OpenFisca-France is installed.
"""

import copy
import json
import random
from pathlib import Path

import pytest

from openfisca_cej import situation_examples

pytest.importorskip(
    "openfisca_france",
    reason="OpenFisca-France is not installed here: `make test-france` installs it and runs these",
)

from openfisca_core.simulations import SimulationBuilder

from openfisca_cej.reforms.openfisca_france import FROM_FRANCE, VIEWS, fates

SITUATIONS = Path(__file__).resolve().parent / "situations"


def months_until(month, count):
    """The month and those before it, ``count`` in all."""
    year, number = map(int, month.split("-"))
    last = 12 * year + number - 1
    return [f"{n // 12}-{n % 12 + 1:02}" for n in range(last - count + 1, last + 1)]


def calculate(system, document, variable, month):
    """Values of a variable for all the persons."""
    simulation = SimulationBuilder().build_from_entities(system, copy.deepcopy(document))
    return simulation.calculate(variable, month).tolist()


def alone(person, name="Lina", famille=None, foyer=None, menage=None):
    """The situation of someone who lives alone."""
    return {
        "individus": {name: person},
        "familles": {"f": {"parents": [name], **(famille or {})}},
        "foyers_fiscaux": {"ff": {"declarants": [name], **(foyer or {})}},
        "menages": {"m": {"personne_de_reference": [name], **(menage or {})}},
    }


def without_benefits(document, month):
    """The same situation, no RSA and no prime d'activité where none was given: same inputs."""
    document = copy.deepcopy(document)
    for famille in document["familles"].values():
        for name in ("rsa", "ppa"):
            zeros = dict.fromkeys(months_until(month, 18), 0)
            famille[name] = zeros | famille.get(name, {})
    return document


def asked(document):
    """Months for which the allowance is asked."""
    found = [person.get("cej_allocation", {}) for person in document["individus"].values()]
    return sorted({month for values in found for month in values})


# --- What the reform changes --------------------------------------------------------------------


def test_each_of_our_variables_is_there_on_the_entity_of_openfisca_france(system, branche, france):
    for name, variable, fate in fates(system):
        theirs = branche.variables[name]
        assert theirs.entity.key == variable.entity.key
        if fate == "de France":
            assert theirs is france.variables[name]
        else:
            assert any(theirs.entity is entity for entity in branche.entities), name


def test_the_three_variables_answer_by_our_rules(branche, france):
    for name in VIEWS:
        assert type(branche.variables[name]).__module__ != type(france.variables[name]).__module__
        assert branche.variables[name].label != france.variables[name].label


def test_openfisca_france_itself_is_left_as_it_was(france, branche):
    assert "cej_allocation" not in france.variables
    assert "contrat_engagement_jeune" not in france.parameters.children
    assert "contrat_engagement_jeune" in branche.parameters.children
    replaced = {
        name
        for name, variable in france.variables.items()
        if branche.variables[name] is not variable
    }
    assert replaced == set(VIEWS)


@pytest.mark.parametrize("name", [name for names in FROM_FRANCE.values() for name in names])
def test_what_openfisca_france_defines_is_what_we_define(system, france, name):
    mine, theirs = system.variables[name], france.variables[name]
    assert mine.set_input == theirs.set_input
    defaults = [getattr(v.default_value, "name", v.default_value) for v in (mine, theirs)]
    assert defaults[0] == defaults[1] or name == "nbptr"


# The years that the OpenFisca-France of setup.py knows, here and below.
@pytest.mark.parametrize("year", range(2020, 2026))
def test_the_parameters_that_our_rules_read_of_openfisca_france_are_ours(system, branche, year):
    mine, theirs = (s.get_parameters_at_instant(f"{year}-12-31") for s in (system, branche))
    schedules = [s.impot_revenu.bareme_ir_depuis_1945.bareme for s in (mine, theirs)]
    assert schedules[0].thresholds == schedules[1].thresholds
    assert schedules[0].rates == schedules[1].rates
    for path in (
        "plaf_qf.decote.seuil_celib",
        "plaf_qf.decote.seuil_couple",
        "plaf_qf.decote.taux",
    ):
        values = [s.impot_revenu.calcul_impot_revenu for s in (mine, theirs)]
        for key in path.split("."):
            values = [getattr(value, key) for value in values]
        assert values[0] == values[1], path


def test_the_smic_that_our_rules_read_of_openfisca_france_is_ours(system, branche):
    for month in [f"{year}-{number:02}" for year in range(2022, 2027) for number in range(1, 13)]:
        mine, theirs = (
            s.get_parameters_at_instant(f"{month}-01").marche_travail.salaire_minimum.smic
            for s in (system, branche)
        )
        assert mine.smic_b_mensuel == theirs.smic_b_mensuel, month


# --- The same inputs, the same allowance ---------------------------------------------------------


@pytest.mark.parametrize("name", situation_examples.noms())
def test_the_example_situations_give_the_same_allowance(system, branche, name):
    months = asked(situation_examples.exemple(name))
    assert months
    document = without_benefits(situation_examples.exemple(name), months[-1])
    for month in months:
        mine = calculate(system, document, "cej_allocation", month)
        assert calculate(branche, document, "cej_allocation", month) == mine
        assert calculate(branche, document, "contrat_engagement_jeune", month) == mine


def drawn_person(draw, month):
    """A young person drawn around the limits of the law, the tier given."""
    before, year = months_until(month, 2)[0], int(month[:4])
    birth = f"{year - draw.randint(16, 26)}-{draw.randint(1, 12):02}-02"
    activity = draw.choice(["actif", "chomeur", "inactif", "inactif", "etudiant"])
    wage = draw.choice([0, 299.99, 300.01, draw.randint(300_00, 900_00) / 100])
    person = {
        "date_naissance": {"ETERNITY": birth},
        "activite": {month: activity},
        "rqth": {month: draw.random() < 0.3},
        "cej_situation_fiscale": {
            month: draw.choice(["non_imposable", "non_imposable", "premiere_tranche", "au_dela"])
        },
        "salaire_net": {before: wage},
        "chomage_net": {before: draw.choice([0, 0, 0, 112.5])},
        "ass": {before: draw.choice([0, 0, 0, 80])},
        "remuneration_apprenti": {before: 0},
        "revenus_activite_non_salariee": {before: draw.choice([0, 0, 0, 412.34])},
        "indemnites_journalieres_maladie": {before: draw.choice([0, 0, 0, 250])},
        "indemnites_volontariat": {month: draw.choice([0, 0, 0, 0, 500])},
    }
    if draw.random() < 0.5:
        signed = draw.choice(months_until(month, 10))
        person["cej_date_signature"] = {"ETERNITY": f"{signed}-10"}
    return person


def drawn(month, count):
    """Persons drawn with RSA and prime d'activité given, half of them dependants of a parent."""
    draw = random.Random(month)
    document = {"individus": {}, "familles": {}, "foyers_fiscaux": {}, "menages": {}}
    for rank in range(count):
        name = f"jeune{rank}"
        document["individus"][name] = drawn_person(draw, month)
        adults, children = [name], []
        if rank % 2:
            adults, children = [f"parent{rank}"], [name]
            document["individus"][f"parent{rank}"] = {"date_naissance": {"ETERNITY": "1975-05-05"}}
        benefits = {
            benefit: dict.fromkeys(months_until(month, 18), 0)
            | {month: draw.choice([0, 0, 0, 0, 150])}
            for benefit in ("rsa", "ppa")
        }
        document["familles"][f"f{rank}"] = {"parents": adults, "enfants": children, **benefits}
        document["foyers_fiscaux"][f"ff{rank}"] = {
            "declarants": adults,
            "personnes_a_charge": children,
        }
        document["menages"][f"m{rank}"] = {
            "personne_de_reference": adults,
            "enfants": children,
            "residence_mayotte": {month: draw.random() < 0.2},
        }
    return document


@pytest.mark.parametrize("month", ["2022-09", "2024-11", "2026-06"])
def test_drawn_situations_give_the_same_allowance(system, branche, month):
    document = drawn(month, 18)
    ranks = [list(document["individus"]).index(f"jeune{rank}") for rank in range(18)]
    mine = calculate(system, document, "cej_allocation", month)
    theirs = calculate(branche, document, "cej_allocation", month)
    assert [theirs[rank] for rank in ranks] == [mine[rank] for rank in ranks]
    assert sum(mine[rank] > 0 for rank in ranks) >= 4


@pytest.mark.parametrize(
    ("name", "amount"),
    # Worked out in tests/explain/test_situations_openfisca_france.py.
    [("couple_au_rsa", 0), ("rattache_aux_parents", 240.68), ("seul_avec_salaire", 208.25)],
)
def test_a_request_of_a_simulator_gives_the_same_allowance(branche, name, amount):
    document = json.loads((SITUATIONS / f"{name}.json").read_text(encoding="utf-8"))
    for person in document["individus"].values():
        person.pop("sous_contrat_engagement_jeune", None)  # of the extension openfisca-france-local
    for benefit in ("rsa", "ppa"):
        values = document["familles"]["_"][benefit]
        values["2024-11"] = values["2024-11"] or 0
    # A simulator gives the notice of N-2 all year: the one of N-1 is not given, and the last one
    # holds. OpenFisca-France computes every notice from the incomes of its year: it must be told.
    document["foyers_fiscaux"]["_"]["cej_annee_avis"] = {"2024-11": 2022}
    assert calculate(branche, document, "contrat_engagement_jeune", "2024-11")[0] == amount


def test_the_notice_of_the_year_before_is_computed_from_no_income_by_openfisca_france(branche):
    document = json.loads((SITUATIONS / "rattache_aux_parents.json").read_text(encoding="utf-8"))
    for person in document["individus"].values():
        person.pop("sous_contrat_engagement_jeune", None)
    for benefit in ("rsa", "ppa"):
        document["familles"]["_"][benefit]["2024-11"] = 0
    # The departure lies on its side: 552.29 − (612.40 − 300) × 552.29 ÷ 1 141.44, where the tax
    # authorities would still look at the notice on the incomes of 2022 (240.68).
    assert calculate(branche, document, "contrat_engagement_jeune", "2024-11")[0] == 401.13


# --- Taxes and benefits computed by OpenFisca-France ---------------------------------------------


@pytest.mark.parametrize(
    ("foyer", "tier"),
    [
        # Schedule of the 2023 incomes: 11 % from 11 294 €, 30 % from 28 797 €; décote
        # 873 − 0.4525 × tax. 12 000: 77.66 of tax, all taken by the décote.
        ({"rni": 12_000}, "non_imposable"),
        # 18 000: 737.66 − (873 − 333.79) = 198.45, above the floor of 61 €.
        ({"rni": 18_000}, "premiere_tranche"),
        ({"rni": 18_000, "credits_impot": 190}, "non_imposable"),  # 8.45, under 12 €
        ({"rni": 18_000, "credits_impot": 180}, "premiere_tranche"),  # 18.45
        ({"rni": 18_000, "reductions": 140}, "non_imposable"),  # 58.45, under 61 €
        ({"rni": 28_797}, "premiere_tranche"),
        ({"rni": 28_798}, "au_dela"),
        ({"rni": 40_000, "cej_impot_restant_a_payer": 0}, "non_imposable"),
    ],
)
def test_the_tier_comes_from_the_tax_of_openfisca_france(branche, foyer, tier):
    foyer = {name: {"2023": value} for name, value in (foyer | {"nbptr": 1}).items()}
    document = alone({"date_naissance": {"ETERNITY": "2004-03-01"}}, foyer=foyer)
    simulation = SimulationBuilder().build_from_entities(branche, document)
    found = simulation.calculate("cej_situation_fiscale", "2024-11").decode_to_str().tolist()
    assert found == [tier]


@pytest.mark.parametrize(
    ("wage", "tier"),
    [
        # Two wages of 15 000 €, less 10 %, for 2.5 parts: 10 800 € by part, under 11 294 €.
        (15_000, "non_imposable"),
        # 30 000 each: 21 600 by part, 2 834 € of tax, no décote.
        (30_000, "premiere_tranche"),
        # 45 000 each: 32 400 by part, over 28 797 €.
        (45_000, "au_dela"),
    ],
)
def test_the_tier_of_a_dependant_comes_from_the_wages_of_the_parents(branche, wage, tier):
    married = {"statut_marital": dict.fromkeys(months_until("2023-12", 12), "marie")}
    parent = {"date_naissance": {"ETERNITY": "1975-02-01"}, "salaire_imposable": {"2023": wage}}
    document = {
        "individus": {
            "Lina": {"date_naissance": {"ETERNITY": "2006-03-01"}},
            "parent1": parent | married,
            "parent2": parent | married,
        },
        "familles": {"f": {"parents": ["parent1", "parent2"], "enfants": ["Lina"]}},
        "foyers_fiscaux": {
            "ff": {"declarants": ["parent1", "parent2"], "personnes_a_charge": ["Lina"]}
        },
        "menages": {
            "m": {
                "personne_de_reference": ["parent1"],
                "conjoint": ["parent2"],
                "enfants": ["Lina"],
            }
        },
    }
    simulation = SimulationBuilder().build_from_entities(branche, document)
    found = simulation.calculate("cej_situation_fiscale", "2024-11").decode_to_str().tolist()
    assert found[0] == tier


def test_the_rsa_that_openfisca_france_computes_excludes(branche):
    """Without resources at 27 the RSA is due; at 20 without a child it is not."""
    for birth, amount in (("1997-03-01", 0), ("2004-03-01", 552.29)):
        person = {"date_naissance": {"ETERNITY": birth}, "rqth": {"2024-11": True}}
        assert calculate(branche, alone(person), "cej_allocation", "2024-11") == [amount]


def test_the_prime_d_activite_of_an_earlier_month_ends_the_allowance_whatever_was_asked(branche):
    """Wages of 1 200 € until October open the prime: nothing is due in January, in any order.

    It ran before the signature: cumulable in September, October and November, presumed due for an
    earlier activity; 552.29 − 552.29 ÷ 1 141.44 × 900 = 116.82 in November.
    """
    wages = dict.fromkeys(months_until("2024-10", 6), 1_200)
    nothing = dict.fromkeys(["2024-11", "2024-12", "2025-01"], 0)
    person = {
        "date_naissance": {"ETERNITY": "2002-03-01"},
        "cej_date_signature": {"ETERNITY": "2024-09-10"},
        "salaire_net": wages | nothing,
    }
    asked_last = SimulationBuilder().build_from_entities(branche, alone(person))
    assert asked_last.calculate("cej_allocation", "2025-01").tolist() == [0]
    in_order = SimulationBuilder().build_from_entities(branche, alone(person))
    assert in_order.calculate("ppa", "2024-10")[0] > 0
    assert in_order.calculate("cej_allocation", "2024-11").tolist() == [116.82]
    assert in_order.calculate("cej_allocation", "2025-01").tolist() == [0]


def test_mayotte_is_known_by_the_municipality(branche):
    document = alone(
        {"date_naissance": {"ETERNITY": "2004-03-01"}}, menage={"depcom": {"2024-11": "97611"}}
    )
    document = without_benefits(document, "2024-11")
    assert calculate(branche, document, "cej_allocation", "2024-11") == [314.8]


# --- Departure 21: the profits of a neighbour ----------------------------------------------------


def test_the_profits_of_a_neighbour_take_nothing_from_the_allowance(branche, france):
    """They do in OpenFisca-France, which adds them to the income of everyone simulated."""
    lina = without_benefits(alone({"date_naissance": {"ETERNITY": "2004-03-01"}}), "2025-04")
    neighbour = alone(
        {"date_naissance": {"ETERNITY": "1980-03-01"}, "ebic_impv": {"2025": 60_000}}, "Voisin"
    )
    both = {
        plural: lina[plural]
        | {
            f"{key}_voisin" if plural != "individus" else key: value
            for key, value in neighbour[plural].items()
        }
        for plural in lina
    }
    variable = "contrat_engagement_jeune"
    assert calculate(france, lina, variable, "2025-04") == [pytest.approx(561.68)]
    assert calculate(france, both, variable, "2025-04")[0] == 0
    assert calculate(branche, both, variable, "2025-04")[0] == 561.68
    # 60 000 € of sales less the 71 % of the micro regime, by month, to the one who declares them.
    # OpenFisca-France gives the turnover of each month from that of the year: counted once, there.
    profits = calculate(branche, both, "revenus_activite_non_salariee", "2025-04")
    turnover = calculate(branche, both, "cej_revenus_micro_entreprise", "2025-04")
    income = [one + other for one, other in zip(profits, turnover, strict=True)]
    assert income == [0, pytest.approx(60_000 * 0.29 / 12)]


def test_the_sales_of_a_spouse_are_those_of_the_spouse_alone(branche):
    """Of two declarants, the one who sells: nothing to the other, whoever declares first."""
    sells = {"date_naissance": {"ETERNITY": "2000-03-01"}, "ebic_impv": {"2025": 60_000}}
    document = alone({"date_naissance": {"ETERNITY": "2004-03-01"}})
    document["individus"]["Max"] = sells
    for plural, roles in (
        ("familles", "parents"),
        ("foyers_fiscaux", "declarants"),
        ("menages", "conjoint"),
    ):
        [group] = document[plural].values()
        group[roles] = "Max" if roles == "conjoint" else [*group[roles], "Max"]
    profits = calculate(branche, document, "revenus_activite_non_salariee", "2025-04")
    turnover = calculate(branche, document, "cej_revenus_micro_entreprise", "2025-04")
    assert profits == [0, 0]
    assert turnover == [0, pytest.approx(60_000 * 0.29 / 12)]
