"""Reforms as OpenFisca sees them: what they change, and all that they leave as it was."""

import concurrent.futures
import itertools
import json
import multiprocessing
import pickle
from datetime import date

import pytest
import simulations
from dated_values import last_month
from openfisca_core.reforms import Reform
from openfisca_core.simulations import SimulationBuilder
from samples import sample

from openfisca_cej import CountryTaxBenefitSystem
from openfisca_cej.reforms import InvalidReform, Provision, catalogue, load, reform, tree

MONTANT = "contrat_engagement_jeune.montant_forfaitaire.general.majeur_non_imposable"
MAYOTTE = "contrat_engagement_jeune.montant_forfaitaire.mayotte.majeur_non_imposable"
LIMITE = "impot_revenu.bareme_ir_depuis_1945.bareme[2].threshold"
INSTANTS = ["2021-01-01", "2022-03-01", "2022-07-01", "2023-05-01", "2025-01-01", "2026-07-01"]
LAST_YEAR = int(last_month()[:4])
MONTHS = ["2022-04", "2024-12", "2025-08", "2026-08"]
RESULTS = ["cej_allocation", "cej_coefficient_degressivite", "cej_eligibilite"]


@pytest.fixture
def system():
    return CountryTaxBenefitSystem()


def parameters(system) -> dict:
    """Every value of every parameter at several instants, read as the formulas do."""
    values = {}
    for instant in INSTANTS:
        system.get_parameters_at_instant(instant)  # fills what core may keep
        for path, parameter in tree.numbers(system.parameters).items():
            values[path, instant] = parameter(instant)
    return values


PERSONS = {
    "adulte": {"date_naissance": {"ETERNITY": "2003-05-10"}},
    "mineur": {"date_naissance": {"ETERNITY": "2009-05-10"}},
    "ancien": {"date_naissance": {"ETERNITY": "1996-12-10"}},
    "finissant": {
        "date_naissance": {"ETERNITY": "1999-06-10"},
        "cej_date_signature": {"ETERNITY": "2025-02-03"},
    },
    "travailleur": {
        "date_naissance": {"ETERNITY": "2003-05-10"},
        "cej_date_signature": {"ETERNITY": "2025-02-03"},
    },
}


def situation() -> dict:
    """One household each: a salary, a sanction under each scale, a tax situation, a contract that
    outlives the age limit, a prime d'activité.
    """
    months = [f"{year}-{month:02}" for year in range(2022, LAST_YEAR + 1) for month in range(1, 13)]
    persons = {name: dict(told) for name, told in PERSONS.items()}
    persons["adulte"] |= {
        "salaire_net": dict.fromkeys(months, 500),
        "cej_rang_manquement": {"2025-07": 1},
        "cej_sanction_motif": {"2026-08": "manquement"},
    }
    persons["mineur"] |= {"salaire_net": {"2026-07": 900}}
    persons["ancien"] |= {"cej_situation_fiscale": dict.fromkeys(months, "au_dela")}
    families = {name: {"parents": [name]} for name in persons}
    families["travailleur"]["ppa"] = {"2025-05": 150}
    return {
        "individus": persons,
        "familles": families,
        "foyers_fiscaux": {name: {"declarants": [name]} for name in persons},
        "menages": {
            name: {
                "personne_de_reference": [name],
                "residence_mayotte": dict.fromkeys(months, name == "mineur"),
            }
            for name in persons
        },
    }


def results(system) -> dict:
    """What the persons get in several months."""
    simulation = SimulationBuilder().build_from_entities(system, situation())
    return {
        (name, month): simulation.calculate(name, month).tolist()
        for month in MONTHS
        for name in RESULTS
    }


@pytest.mark.parametrize("name", catalogue())
def test_a_reform_leaves_the_baseline_as_it_was(system, name):
    before = parameters(system), results(system)
    variables = dict(system.variables)
    reformed = reform(name)(system)
    changed = parameters(reformed), results(reformed)
    assert (parameters(system), results(system)) == before
    assert all(system.variables[key] is variable for key, variable in variables.items())
    assert changed[1] != before[1], "the reform changes nothing for anyone here"


@pytest.mark.parametrize(("first", "second"), sample(itertools.permutations(catalogue(), 2), 7))
def test_two_reforms_do_not_touch_each_other(first, second):
    system = simulations.systeme()
    alone = results(reform(second)(system))
    reform(first)(system)
    assert results(reform(second)(system)) == alone


def test_the_null_reform_changes_nothing(system):
    nothing = reform({})
    assert nothing.content == {"parameters": {}, "switches": []}
    reformed = nothing(system)
    assert parameters(reformed) == parameters(system)
    assert results(reformed) == results(system)
    assert nothing.provisions(system) == []
    assert (
        reform({"title": "Rien", "parameters": None, "switches": None}).content == nothing.content
    )


def test_a_class_of_openfisca_is_given_back_as_it_is():
    class Nothing(Reform):
        def apply(self):
            pass

    assert reform(Nothing) is Nothing
    with pytest.raises(TypeError, match="a int is not"):
        reform(3)


def values(system, path, *instants) -> list:
    return [tree.numbers(system.parameters)[path](instant) for instant in instants]


def test_a_bare_date_replaces_all_that_comes_later(system):
    reformed = reform({MONTANT: {"2024-01-01": 600}})(system)
    instants = "2023-12-31", "2024-01-01", "2025-04-01", "2040-01-01"
    assert values(reformed, MONTANT, *instants) == [528, 600, 600, 600]


def test_a_bare_date_holds_until_the_next_one(system):
    reformed = reform({MONTANT: {date(2026, 1, 1): 650, "2024-01-01": 600}})(system)
    instants = "2025-12-31", "2026-01-01", "2040-01-01"
    assert values(reformed, MONTANT, *instants) == [600, 650, 650]


def test_after_a_range_goes_on_what_is_in_force_then(system):
    """The amount of April 2025 (561.68 €), though the range started under that of 2024."""
    reformed = reform({MONTANT: {"2024-10-01..2025-06-30": 600}})(system)
    instants = "2024-09-30", "2024-10-01", "2025-06-30", "2025-07-01", "2026-04-01"
    assert values(reformed, MONTANT, *instants) == [552.29, 600, 600, 561.68, 566.17]


def test_a_range_may_be_followed_by_a_bare_date(system):
    spec = {MONTANT: {"2025-01-01..2025-01-31": 600, "2026-01-01": 700}}
    reformed = reform(spec)(system)
    instants = "2025-01-31", "2025-02-01", "2025-12-31", "2026-01-01"
    assert values(reformed, MONTANT, *instants) == [600, 552.29, 561.68, 700]
    assert reform(spec).content["parameters"] == spec


def test_a_bracket_of_a_scale_is_changed(system):
    """The upper limit of the 11 % bracket for the incomes of 2024, read in September 2025."""
    reformed = reform({LIMITE: {"2024-01-01": 25000}})(system)
    person = {
        "individus": {"a": {"date_naissance": {"ETERNITY": "2003-01-01"}}},
        "foyers_fiscaux": {"a": {"declarants": ["a"], "rni": {"2024": 28000}}},
    }
    amounts = [
        SimulationBuilder().build_from_entities(s, person).calculate("cej_allocation", "2025-09")[0]
        for s in (system, reformed)
    ]
    assert amounts == [337.00, 0]
    (provision,) = reform({LIMITE: {"2024-01-01": 25000}}).provisions(system)[:1]
    assert provision[1:6] == (
        "Barème de l'impôt sur le revenu, par année de revenus, tranche 3, seuil",
        "2024-01-01",
        "2024-12-31",
        29315,
        25000,
    )


def test_provisions_tell_what_changes_and_where_the_article_is(system):
    found = reform({MONTANT: {"2026-01-01..2026-12-31": 600}}).provisions(system)
    assert found == [
        Provision(MONTANT, found[0].label, "2026-01-01", "2026-03-31", 561.68, 600, found[0][6]),
        Provision(MONTANT, found[0].label, "2026-04-01", "2026-12-31", 566.17, 600, found[1][6]),
    ]
    assert found[0].label.startswith("Montant mensuel forfaitaire de l'allocation")
    assert found[0].reference["title"] == "Article D5131-19 du code du travail, IV"
    assert reform({MONTANT: {"2022-03-01..2022-06-30": 500}}).provisions(system) == []
    (rule,) = reform("bareme_lineaire(0.4)").provisions(system)
    assert (rule.path, rule.after) == ("cej_coefficient_degressivite", "0,4")


def test_the_order_of_a_composition_does_not_matter(system):
    one, other = (reform(f"{a}+{b}") for a, b in itertools.permutations(TWO))
    assert one.content == other.content
    assert values(one(system), MAYOTTE, "2025-06-01") == [568.94]
    assert one.title == " + ".join(catalogue()[name].title for name in TWO)


TWO = ("mayotte_alignee", "montants_rsa")


#: Ready-made reforms, of which no two say otherwise of the same days.
TOGETHER = (
    *("abattement_indexe", "age_29", "bareme_lineaire", "contrat_mene_a_terme", "mayotte_alignee"),
    *("montants_rsa", "prime_activite_du_mois", "ressources_trois_mois", "sanctions_2022"),
    "sans_condition_fiscale",
)


def test_many_ready_made_reforms_go_together(system):
    whole = reform("+".join(TOGETHER))(system)
    amounts = results(whole)["cej_allocation", "2025-08"]
    # Adult: 568.94 less 0.5 × (500 − 337.18) is 487.53, and a quarter of it withheld for the
    # failing of July: 365.6475. Minor in Mayotte: 227.58. Aged 28, beyond the first bracket:
    # 568.94. The two whose contract goes on, without resources: 568.94.
    assert amounts == [365.65, 227.58, 568.94, 568.94, 568.94]


def test_conflicts_name_both_files(tmp_path):
    files = []
    for name, dates, value in (("a", "2026-01-01", 600), ("b", "2026-06-01..2026-06-30", 650)):
        path = tmp_path / f"{name}.yaml"
        path.write_text(f"parameters:\n  {MONTANT}:\n    {dates}: {value}\n", encoding="utf-8")
        files.append(path)
    with pytest.raises(InvalidReform) as refused:
        load(f"{files[0]}+{files[1]}")
    assert f"{files[0]}, line 3, gives 600 (2026-01-01)" in str(refused.value)
    assert f"{files[1]}, line 3, gives 650 (2026-06-01..2026-06-30)" in str(refused.value)
    files[1].write_text(files[1].read_text().replace("650", "600"), encoding="utf-8")
    assert load(f"{files[0]}+{files[1]}").content == load(files[0]).content
    with pytest.raises(InvalidReform, match=r"0\.4\) and bareme_lineaire\(0\.5\) cannot go"):
        load("bareme_lineaire(0.4)+bareme_lineaire")
    with pytest.raises(InvalidReform, match="mayotte_alignee decides this value already"):
        reform({"parameters": {MAYOTTE: {"2026-01-01": 400}}, "switches": ["mayotte_alignee"]})


def test_the_content_is_canonical():
    one = reform({MONTANT: {"2026-01-01": 600, "2027-01-01": 600}})
    other = reform({MONTANT: {"2026-01-01": 600.0}})
    assert one is other
    assert json.dumps(one.content, sort_keys=True) == json.dumps(other.content, sort_keys=True)
    assert reform("bareme_lineaire").content == reform("bareme_lineaire(0.50)").content


def allocation(made) -> float:
    """Computed in another process."""
    system = made(CountryTaxBenefitSystem())
    return results(system)["cej_allocation", "2025-08"][0]


def test_a_reform_travels_between_processes():
    made = reform("bareme_lineaire(0.4)+montants_rsa")
    assert pickle.loads(pickle.dumps(made)) is made
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
        # 568.94 − 0.4 × (500 − 300): the failing of July 2025 is not one of the scale of 2022.
        assert pool.submit(allocation, made).result(60) == 488.94


#: What 600 € of wages leave in 2025, from April: 561.68 − 300 × 561.68 ÷ (0.8 × 1 801.80 − 300)
#: under the article, 561.68 − 300 × 0.5 and 561.68 − 300 × 0.4 with a fixed slope.
LAW, HALF, FOUR_TENTHS = 414.06, 411.68, 441.68


def by_month(made, *months) -> list[float]:
    """The allowance of an adult without taxes who earns 600 € a month."""
    year = [f"2025-{month:02}" for month in range(1, 13)]
    person = {
        "date_naissance": {"ETERNITY": "2003-05-10"},
        "salaire_net": dict.fromkeys(year, 600),
    }
    simulation = SimulationBuilder().build_from_entities(
        made(CountryTaxBenefitSystem()),
        {"individus": {"a": person}},
    )
    return [
        float(simulation.calculate("cej_allocation", f"2025-{month:02}")[0]) for month in months
    ]


def test_a_switch_holds_from_a_date_on_or_between_two():
    def switched(dates):
        return reform({"switches": {"bareme_lineaire": dates}})

    assert by_month(switched({"2025-07-01": True}), 6, 7, 12) == [LAW, HALF, HALF]
    bounded = switched({"2025-07-01..2025-09-30": True})
    assert by_month(bounded, 6, 7, 9, 10) == [LAW, HALF, HALF, LAW]
    # As for parameters: what holds on the first day of the month counts.
    assert by_month(switched({"2025-07-15..2025-10-01": True}), 7, 8, 10, 11) == [
        LAW,
        HALF,
        HALF,
        LAW,
    ]
    twice = switched({"2025-10-01": True, "2025-05-01..2025-06-30": True})
    assert by_month(twice, 4, 5, 7, 9, 10) == [LAW, HALF, LAW, LAW, HALF]


def test_a_switch_may_have_one_argument_after_another():
    slopes = {
        "bareme_lineaire(0.5)": "2025-05-01..2025-07-31",
        "bareme_lineaire(0.4)": "2025-08-01",
    }
    for order in (slopes, dict(reversed(slopes.items()))):
        made = reform({"switches": {name: {dates: True} for name, dates in order.items()}})
        assert by_month(made, 4, 5, 7, 8, 12) == [LAW, HALF, HALF, FOUR_TENTHS, FOUR_TENTHS]


def test_a_switch_of_parameters_holds_at_its_dates_only(system):
    made = reform({"switches": {"mayotte_alignee": {"2024-04-15..2025-04-15": True}}})
    days = ["2024-04-14", "2024-04-15", "2025-03-31", "2025-04-01", "2025-04-15", "2025-04-16"]
    found, law, general = (
        values(of, path, *days)
        for of, path in ((made(system), MAYOTTE), (system, MAYOTTE), (system, MONTANT))
    )
    assert found == [law[0], *general[1:5], law[5]]
    # 552.29 € until March 2025, then 561.68 €; in Mayotte 320.15 € from April 2025.
    assert found[1:] == [552.29, 552.29, 561.68, 561.68, 320.15]
    told = [(one.start, one.end) for one in made.provisions(system) if one.path == MAYOTTE]
    assert told == [("2024-04-15", "2025-03-31"), ("2025-04-01", "2025-04-15")]


def test_provisions_tell_the_dates_of_a_switch(system):
    made = reform({"switches": {"bareme_lineaire(0.4)": {"2025-07-01..2025-09-30": True}}})
    (rule,) = made.provisions(system)
    assert (rule.start, rule.end, rule.after) == ("2025-07-01", "2025-09-30", "0,4")


def test_the_dates_of_switches_have_one_form_that_reads_back():
    plain = reform({"switches": ["mayotte_alignee", "bareme_lineaire"]})
    assert plain.content["switches"] == ["bareme_lineaire(0.5)", "mayotte_alignee"]
    for dates in (True, {"2022-03-01": True}):
        same = reform({"switches": {"mayotte_alignee": dates, "bareme_lineaire(0.5)": dates}})
        assert same.content == plain.content
    dated = reform(
        {
            "switches": {
                "mayotte_alignee": True,
                "bareme_lineaire": {
                    "2025-07-01..2025-12-31": True,
                    "2025-01-01..2025-06-30": True,
                },
            }
        }
    )
    assert dated.content["switches"] == {
        "bareme_lineaire(0.5)": {"2025-01-01..2025-12-31": True},
        "mayotte_alignee": {"2022-03-01": True},
    }
    assert reform(dated.content).content == dated.content
    assert pickle.loads(pickle.dumps(dated)).content == dated.content


def test_switches_compose_unless_they_differ_on_some_day(tmp_path):
    def file(name, slope, dates):
        path = tmp_path / f"{name}.yaml"
        path.write_text(f"switches:\n  bareme_lineaire({slope}):\n    {dates}: true\n")
        return path

    first = file("a", 0.5, "2025-01-01..2025-06-30")
    apart, same = file("b", 0.4, "2025-07-01"), file("c", 0.5, "2025-07-01")
    assert load(f"{first}+{apart}").content == load(f"{apart}+{first}").content
    assert by_month(load(f"{first}+{apart}"), 6, 7) == [HALF, FOUR_TENTHS]
    assert load(f"{first}+{same}").content["switches"] == {
        "bareme_lineaire(0.5)": {"2025-01-01": True}
    }
    other = file("d", 0.4, "2025-06-01")
    with pytest.raises(InvalidReform) as refused:
        load(f"{first}+mayotte_alignee+{other}")
    assert str(refused.value) == (
        f"{first}+mayotte_alignee+{other}: bareme_lineaire(0.4) and bareme_lineaire(0.5) cannot go "
        f"together (2025-06-01 and 2025-01-01..2025-06-30), in {first} and {other}. Keep one of "
        "them."
    )


def test_a_value_and_a_switch_decide_the_same_parameter_on_other_days(system):
    content = {
        "parameters": {MAYOTTE: {"2026-01-01": 400}},
        "switches": {"mayotte_alignee": {"2024-04-01..2025-12-31": True}},
    }
    found = values(reform(content)(system), MAYOTTE, "2024-06-01", "2025-06-01", "2026-01-01")
    assert found == [552.29, 561.68, 400]
    content["switches"]["mayotte_alignee"]["2027-01-01"] = True
    with pytest.raises(InvalidReform, match="mayotte_alignee decides this value already"):
        reform(content)


def test_the_divisor_of_the_taper_matters_on_the_days_without_the_switch():
    part = "contrat_engagement_jeune.ressources.degressivite.part_smic"
    content = {
        "parameters": {part: {"2025-01-01": 0.1}},
        "switches": {"bareme_lineaire": {"2025-01-01": True}},
    }
    reform(content)
    content["switches"] = {"bareme_lineaire": {"2025-01-01..2026-09-30": True}}
    with pytest.raises(InvalidReform, match=r"from 2026-10-01 on.*not more than the disregard"):
        reform(content)
