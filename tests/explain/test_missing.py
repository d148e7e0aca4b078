"""No false certainty: what was not supplied is never taken for known."""

import copy
import datetime

import numpy
import pytest
import yaml_cases
from hypothesis import given, settings
from hypothesis import strategies as st
from openfisca_core.periods import period
from samples import one_in

from openfisca_cej import declarations, situation_examples
from openfisca_cej.explain import conditions
from openfisca_cej.explain import situation as situations
from openfisca_cej.explain.lines import Reading
from openfisca_cej.explain.resources import is_resource
from openfisca_cej.explain.tree import TracedRun, explain
from openfisca_cej.explain.unknowns import in_arrays, other_values
from openfisca_cej.explain.variants import Variants

#: One dropped input in so many is tried, and each of them in « make long ».
EVERY = one_in(54)
SHARES = 4


def attached(**given):
    """A young woman attached to her mother's foyer fiscal."""
    return {
        "individus": {
            "Zoé": {"date_naissance": {"ETERNITY": "2004-03-01"}, **given},
            "Mère": {"date_naissance": {"ETERNITY": "1975-01-01"}},
        },
        "familles": {"f": {"parents": ["Mère"], "enfants": ["Zoé"]}},
        "foyers_fiscaux": {"ff": {"declarants": ["Mère"], "personnes_a_charge": ["Zoé"]}},
        "menages": {"m": {"personne_de_reference": ["Mère"], "enfants": ["Zoé"]}},
    }


def test_parents_whose_taxes_are_not_given():
    told = explain(attached(), "2024-11", "Zoé").answer
    assert (told.status, told.low, told.high) == ("bounded", 0, 552.29)
    first = told.unknowns[0]
    assert first.variable == "cej_situation_fiscale_rattachement"
    assert sorted([told.assumed, *first.amounts]) == [0, 331.37, 552.29]
    assert told.sentence().startswith(
        "Entre 0,00 et 552,29\u00a0€, selon la tranche d'imposition du foyer fiscal : "
        "552,29, 331,37 ou rien"
    )


def test_what_cannot_change_the_answer_is_not_asked():
    document = attached(cej_date_signature={"ETERNITY": "2021-05-04"})
    told = explain(document, "2025-11", "Zoé").answer
    # Signed before the scheme: no contract of the CEJ, whatever the rest.
    assert (told.status, told.assumed, told.unknowns) == ("certain", 0, [])
    assert "aucune réponse manquante ne le changerait" in told.sentence()


def test_taxes_that_settle_the_tier_are_not_asked_again():
    document = attached()
    document["foyers_fiscaux"]["ff"].update(
        {"rni": {"2023": 20_000}, "nbptr": {"2023": 1}, "cej_impot_restant_a_payer": {"2023": 957}}
    )
    names = [u.variable for u in explain(document, "2024-11", "Zoé").answer.unknowns]
    assert "cej_situation_fiscale_rattachement" not in names
    assert "salaire_net" in names


def test_a_tax_return_that_leaves_two_tiers_open_says_so():
    document = attached()
    # 40 000 € for one part is beyond the first bracket, unless reductions or credits cancel it.
    document["foyers_fiscaux"]["ff"].update(
        {"rni": {"2023": 40_000}, "nbptr": {"2023": 1}, "maries_ou_pacses": {"2023": False}}
    )
    unknown = {u.variable: u for u in explain(document, "2024-11", "Zoé").answer.unknowns}
    assert unknown["cej_situation_fiscale_rattachement"].amounts == [552.29]


def test_every_question_that_is_asked_is_a_question():
    for month in ("2022-03", "2024-11", "2026-11"):
        for unknown in explain(attached(), month, "Zoé").answer.unknowns:
            assert unknown.question.endswith(" ?"), unknown.variable
            assert unknown.variable in declarations.QUESTIONS


def test_conditions_that_depend_on_what_is_missing_are_unknown():
    told = explain(attached(activite={"2024-11": "etudiant"}), "2024-11", "Zoé")
    states = {condition.variable: condition for condition in told.conditions}
    assert states["cej_condition_statut"].state == "not met"
    assert states["cej_condition_age"].state == "met"
    assert states["cej_situation_fiscale"].state == "unknown"
    assert states["cej_situation_fiscale"].assumed_met


NO_TAX = {"rni": 0, "nbptr": 1, "reductions": 0, "credits_impot": 0, "maries_ou_pacses": False}


def lina(taxes=(), **given):
    """Lina, alone, who signed on 10 June 2026; ``taxes`` by year of income, the rest as given."""
    person = {
        "date_naissance": {"ETERNITY": "2004-03-01"},
        "cej_date_signature": {"ETERNITY": "2026-06-10"},
        **given,
    }
    return {
        "individus": {"Lina": {name: value for name, value in person.items() if value}},
        "foyers_fiscaux": {"f": {"declarants": ["Lina"], **dict(taxes)}},
    }


def unknowns(document, month="2026-11"):
    """What the answer depends on, by variable."""
    return {each.variable: each for each in explain(document, month).answer.unknowns}


def test_a_lump_sum_that_was_not_revised_asks_for_the_tax_of_the_signature():
    # Signed in June 2026: the notice is the one on the incomes of 2024, not that of 2025.
    taxes = {name: {"2025": value} for name, value in NO_TAX.items()}
    told = unknowns(lina(taxes, cej_forfait_non_revise={"ETERNITY": True}))
    assert sorted(told["cej_situation_fiscale_rattachement"].amounts) == [0, 339.70]
    assert "juin 2026" in told["cej_situation_fiscale_rattachement"].question


@pytest.mark.parametrize(("taxes", "assumed"), [({"nbptr": 4}, 566.17), ({"rni": 200_000}, 0)])
def test_every_tier_that_an_incomplete_tax_return_allows_is_told(taxes, assumed):
    # 4 parts: 4 × 29 579 € is in the first bracket; 200 000 € are, from seven parts on.
    document = lina({name: {"2025": value} for name, value in taxes.items()})
    found = explain(document, "2026-11").answer
    tiers = [
        each for each in found.unknowns if each.variable == "cej_situation_fiscale_rattachement"
    ]
    assert found.assumed == assumed
    assert {assumed, *(amount for tier in tiers for amount in tier.amounts)} == {566.17, 339.70, 0}


def test_a_suspension_may_have_been_lifted():
    sanction = {
        "cej_sanction_motif": {"2026-10": "manquement"},
        "cej_sanction_duree": {"2026-10": 2},
        "cej_sanction_taux": {"2026-10": 0.5},
    }
    told = explain(lina(**sanction), "2026-11").answer
    # Half of 566.17 is 283.085, rounded half up.
    assert (told.assumed, told.high) == (283.09, 566.17)
    assert "cej_sanction_levee" in {each.variable for each in told.unknowns}


@pytest.mark.parametrize(("age", "amounts"), [(25, {566.17, 0}), (17, {226.48, 566.17})])
def test_an_age_of_another_month_leaves_a_birthday_open(age, amounts):
    document = lina(date_naissance=None, age={"2025-12": age})
    told = unknowns(document)["age"]
    assert {explain(document, "2026-11").amount, *told.amounts} == amounts


def test_a_prime_d_activite_may_have_come_in_any_month_of_the_contract():
    before = {"ppa_activite_anterieure": {"2026-10": True, "2026-11": True}}
    told = unknowns(lina(**before))["ppa"]
    by_value = dict(zip([trial.told for trial in told.trials], told.amounts, strict=True))
    # October's, due for work before the contract, is cumulable; that of the months before is not.
    assert by_value == {
        "ce mois-ci": 566.17,
        "plus tôt dans le contrat": 0,
        "le mois d'avant": 566.17,
    }


def test_bounds_are_proved_though_a_sanction_caps_the_amount():
    document = situation_examples.exemple("sanction_bareme_2022")
    told = explain(document, "2023-04").answer
    assert (told.status, told.low, told.high) == ("bounded", 0, 396)


def test_a_full_situation_is_explained_as_fast_as_an_empty_one(system):
    """The inputs of months that no rule reads are not repeated for each thing that is tried."""
    years = {str(year): 12.0 for year in range(2023, 2027)}
    variants = Variants(situations.read(lina(salaire_net=years), system), 50)
    variants.calculate("cej_allocation", period("2026-11"), "Lina")
    assert len(variants.simulation.get_holder("salaire_net").arrays) <= 2


@pytest.mark.parametrize(
    ("example", "month"),
    [
        ("jeune_seul", "2026-11"),
        ("premiere_tranche_avec_salaire", "2024-11"),
        ("sanction_bareme_2022", "2023-04"),
        ("sanction_bareme_2025", "2025-07"),
    ],
)
def test_what_is_not_computed_again_is_what_no_change_reaches(system, example, month):
    """Whatever a copy changes, it has the amounts that it has when all is computed again."""
    situation = situations.read(situation_examples.exemple(example), system)
    person, moment = situation.main_person(), period(month)
    run = TracedRun(situation, person, moment).simulation
    computed = list(run.tracer.computed)
    inputs = [one for one in system.variables.values() if not one.formulas and other_values(one)]
    inputs += [one for one in system.variables.values() if is_resource(one)]
    for variable in inputs:
        value = 700.0 if is_resource(variable) else in_arrays(other_values(variable)[-1])
        units = {"month": (moment, moment.offset(-1)), "year": (period(moment.start.year - 1),)}
        moments = units.get(str(variable.definition_period), (moment,))
        told = []
        for among in (None, run):
            copies = Variants(situation, 2, run=among)
            copies.put(variable.name, person, moments, numpy.array([1]), value)
            told.append([copies.calculate(*one, person).tolist() for one in computed])
        assert told[0] == told[1], variable.name


@pytest.mark.parametrize("given", [{}, {"cej_date_fin_precedent": {"ETERNITY": "2026-07-15"}}])
def test_what_rests_on_nothing_given_changes_for_anyone_alike(system, given):
    situation = situations.read(lina(**given), system)
    moment = period("2026-11")
    reading = TracedRun(situation, "Lina", moment).reading
    to_come = conditions.held(situation, moment)
    ahead = Reading(to_come, to_come.simulation(), "Lina")
    time = conditions.Time(reading, moment, None)
    for name, rule in declarations.CONDITIONS.items():
        if rule.temps and not rule.anniversaire:
            assert time.first_change(name) == conditions.first_change(ahead, moment, name)


def dropped(system):
    """Each case of the allowance without one of its inputs: case, month, amount, situation."""
    place = 0
    for case in yaml_cases.cases(system):
        try:
            whole = situations.read(case.document, system)
        except situations.InvalidSituation:
            continue
        for month in case.months:
            if month < "2022-03":
                continue
            amounts = whole.simulation().calculate("cej_allocation", month)
            amount = amounts[whole.persons.index(case.person)]
            for item in whole.supplied:
                place += 1
                if place % EVERY:
                    continue
                document = copy.deepcopy(whole.document)
                plural = system.variables[item.variable].entity.plural
                del document[plural][item.instance][item.variable][item.written]
                yield place, case, month, amount, document


@pytest.mark.parametrize(
    ("at_signature", "now", "other"),
    [
        # The same at the signature and now: freezing changes nothing.
        ("non_imposable", "non_imposable", None),
        # Frozen: the amount of April 2026, for the tier of December 2025.
        ("premiere_tranche", "non_imposable", 339.70),
        ("non_imposable", "premiere_tranche", 566.17),
    ],
)
def test_a_lump_sum_that_may_be_frozen_bounds_the_answer(at_signature, now, other):
    tiers = {"2025-12": at_signature, "2026-05": now}
    given = {"cej_date_signature": {"ETERNITY": "2025-12-08"}, "cej_situation_fiscale": tiers}
    told = explain(lina(**given), "2026-05").answer
    found = {each.variable: each.amounts for each in told.unknowns}
    assert found.get("cej_forfait_non_revise") == (None if other is None else [other])
    if other is not None:
        assert told.status != "certain"
        assert told.low <= min(other, told.assumed) < max(other, told.assumed) <= told.high
    for settled in (True, False):
        document = lina(**given)
        document["individus"]["Lina"]["cej_forfait_non_revise"] = {"ETERNITY": settled}
        assert "cej_forfait_non_revise" not in unknowns(document, "2026-05")


def test_coming_of_age_may_not_have_revised_the_lump_sum():
    """17 at the signature of December 2025, 18 since January 2026: 226.48 € if not revised."""
    found = unknowns(
        lina(
            date_naissance={"ETERNITY": "2008-01-10"},
            cej_date_signature={"ETERNITY": "2025-12-08"},
            cej_situation_fiscale={"2025-12": "non_imposable", "2026-05": "non_imposable"},
        ),
        "2026-05",
    )
    assert found["cej_forfait_non_revise"].amounts == [226.48]


@pytest.mark.parametrize(
    ("home", "asked"),
    [
        # 20 000 € in 2024 is taxed in the first bracket (337 €), not in Guyane nor in Mayotte.
        ({}, {"residence_guyane": [561.68], "residence_mayotte": [320.15]}),
        ({"residence_guyane": False}, {"residence_mayotte": [320.15]}),
        ({"residence_reunion": True}, {}),
        ({"residence_guyane": True}, {}),
        ({"residence_guyane": False, "residence_mayotte": False}, {}),
    ],
)
def test_the_place_of_the_home_is_asked_where_the_tax_depends_on_it(home, asked):
    taxes = {**NO_TAX, "rni": 20_000}
    document = lina({name: {"2024": value} for name, value in taxes.items()})
    document["individus"]["Lina"]["cej_date_signature"] = {"ETERNITY": "2026-03-02"}
    document["menages"] = {
        "m": {
            "personne_de_reference": ["Lina"],
            **{name: {"2026-03": value} for name, value in home.items()},
        }
    }
    found = unknowns(document, "2026-03")
    places = {name: each.amounts for name, each in found.items() if name.startswith("residence_")}
    assert places == asked
    assert "cej_situation_fiscale_rattachement" not in found


def test_the_tax_of_the_notice_settles_what_the_place_would_change():
    taxes = {name: {"2024": value} for name, value in {**NO_TAX, "rni": 20_000}.items()}
    document = lina({**taxes, "cej_impot_restant_a_payer": {"2024": 300}})
    document["individus"]["Lina"]["cej_date_signature"] = {"ETERNITY": "2026-03-02"}
    found = unknowns(document, "2026-03")
    assert "residence_guyane" not in found
    # Mayotte still has amounts of its own.
    assert found["residence_mayotte"].amounts == [192.10]


@pytest.mark.slow
@pytest.mark.parametrize("share", range(SHARES))
def test_dropping_an_input_never_gives_a_wrong_certainty(system, share):
    tried = 0
    for place, case, month, amount, document in dropped(system):
        if place // EVERY % SHARES != share:
            continue
        tried += 1
        told = explain(document, month, case.person).answer
        if told.status != "undetermined":
            assert told.low - 0.005 <= amount <= told.high + 0.005, (case.name, month, document)
    assert tried > 2900 / EVERY / SHARES * 0.9


RESOURCES = (
    *("salaire_net", "remuneration_apprenti", "chomage_net", "revenus_stage_formation_pro"),
    *("indemnites_journalieres", "indemnites_volontariat", "allocation_epide"),
)


@settings(max_examples=60, deadline=None)
@given(
    resource=st.sampled_from(RESOURCES),
    other=st.sampled_from(RESOURCES),
    start=st.integers(0, 1500),
    more=st.integers(1, 60_000),
    month=st.dates(datetime.date(2022, 3, 1), datetime.date(2026, 11, 1)),
)
def test_the_allowance_never_rises_with_a_resource(system, resource, other, start, more, month):
    moment = period(f"{month.year}-{month.month:02d}")
    before = moment.last_month
    given = {other: {str(before): 250, str(moment): 0}}
    given.setdefault(resource, {})
    amounts = []
    for euros in (start, start + more / 100):
        given[resource] = {str(before): euros, str(moment): euros}
        document = {"individus": {"x": {"date_naissance": {"ETERNITY": "2002-01-01"}, **given}}}
        simulation = situations.read(document, system).simulation()
        amounts.append(simulation.calculate("cej_allocation", moment)[0])
    assert amounts[0] >= amounts[1]


def alone(month="2025-06", **given):
    """A young man alone, whose every question but those of the law's events is answered."""
    person = {"date_naissance": {"ETERNITY": "2004-05-10"}, **given}
    return {"individus": {"Ali": person}, "foyers_fiscaux": {"f": {"declarants": ["Ali"]}}}


def unknown_names(document, month):
    return {unknown.variable for unknown in explain(document, month).answer.unknowns}


def test_a_planned_end_is_asked_unless_the_real_one_is_known():
    signed = {"cej_date_signature": {"ETERNITY": "2025-01-10"}}
    assert "cej_date_fin_prevue" in unknown_names(alone(**signed), "2025-06")
    ended = {**signed, "cej_date_fin": {"ETERNITY": "2025-07-31"}}
    assert "cej_date_fin_prevue" not in unknown_names(alone(**ended), "2025-06")


def test_what_a_prime_d_activite_was_due_for_is_asked():
    """It ran before the signature: presumed cumulable (561.68), nothing if the answer is no."""
    document = alone(cej_date_signature={"ETERNITY": "2025-06-02"})
    document["familles"] = {
        "f": {"parents": ["Ali"], "ppa": {"2025-05": 200, "2025-06": 200, "2025-07": 200}}
    }
    told = explain(document, "2025-07").answer
    [due_for] = [u for u in told.unknowns if u.variable == "ppa_activite_anterieure"]
    assert told.assumed == 561.68
    assert sorted(due_for.amounts) == [0, 561.68]


def test_a_prime_d_activite_of_the_month_is_tried_alone():
    """One opened in the month excludes, though one that ran already would be cumulable."""
    told = explain(alone(cej_date_signature={"ETERNITY": "2025-06-02"}), "2025-06").answer
    [bonus] = [u for u in told.unknowns if u.variable == "ppa"]
    assert 0 in bonus.amounts


def test_a_failing_of_the_last_twelve_months_may_have_closed_an_undated_contract():
    """The scale of 2022 ended in May 2025: a third failing of then still counts in September."""
    document = alone(cej_date_signature={"ETERNITY": "1970-01-01"})
    assert "cej_rang_manquement" in unknown_names(document, "2025-09")
    assert "cej_rang_manquement" not in unknown_names(document, "2026-09")


def test_three_answers_that_pay_only_together_leave_the_amount_open():
    """At 27, four months after the term, in a family with the RSA: L5131-6, R5131-16, R5131-24."""
    document = {
        "individus": {
            "Zoé": {
                "date_naissance": {"ETERNITY": "1996-09-08"},
                "cej_date_signature": {"ETERNITY": "2022-11-08"},
                "cej_situation_fiscale": {"2024-02": "non_imposable", "2022-11": "non_imposable"},
            }
        },
        "familles": {"f": {"parents": ["Zoé"], "rsa": {"2024-02": 500}}},
    }
    told = explain(document, "2024-02").answer
    assert (told.status, told.low, told.high) == ("bounded", 0, 528)
    assert {"rqth", "cej_mois_prolongation", "cej_personne_a_charge"} <= {
        unknown.variable for unknown in told.unknowns
    }
    document["individus"]["Zoé"]["rqth"] = {"2024-02": False}
    assert explain(document, "2024-02").answer.status == "certain", "nothing else would pay"
