"""Each step is exact: its line re-evaluates to its value, its articles cover the month."""

import copy
import datetime
import re

import dated_values
import pytest
import yaml_cases
from samples import one_in

from openfisca_cej import CountryTaxBenefitSystem, droit
from openfisca_cej.explain import render
from openfisca_cej.explain import situation as situations
from openfisca_cej.explain.tree import explain
from openfisca_cej.reforms import reform

#: Cases whose values a situation refuses: a rate of 200 %, a tax « not given », no part…
REFUSED = 38

EXPRESSION = re.compile(r"[0-9.+\-*/(), ]|max|min")


def evaluated(line):
    """Value of an arithmetic line: French numbers, + − × ÷, max and min, and nothing else."""
    text = line.replace("\u202f", "").replace(",", ".").replace(";", ",")
    text = text.replace("−", "-").replace("×", "*").replace("÷", "/")
    assert not EXPRESSION.sub("", text), line
    return eval(text, {"__builtins__": {}}, {"max": max, "min": min})


def test_evaluated_reads_french_numbers():
    assert evaluated("1\u202f867,02 × (1 − 0,5)") == 933.51
    assert evaluated("max(2 − 3 ; 0) ÷ 4") == 0
    with pytest.raises(AssertionError):
        evaluated("__import__('os')")


def readable(system):
    """The YAML cases that are situations, with the situations."""
    refused = 0
    for case in yaml_cases.cases(system):
        try:
            yield case, situations.read(case.document, system)
        except situations.InvalidSituation:
            refused += 1
    assert refused <= REFUSED


def asked(system):
    """What the YAML cases expect of persons, month by month: case, situation, variable…"""
    for case, situation in readable(system):
        for name, period, value in case.outputs:
            variable = system.variables[name]
            if variable.entity.is_person and str(variable.definition_period) == "month":
                yield case, situation, name, period, value


def sampled(system, every):
    """One case in so many, and the first and the last of each variable: what was just written."""
    wanted = list(asked(system))
    first, last = {}, {}
    for rank, (_, _, name, *_) in enumerate(wanted):
        first.setdefault(name, rank)
        last[name] = rank
    ranks = {*range(0, len(wanted), every), *first.values(), *last.values()}
    return [wanted[rank] for rank in sorted(ranks)]


@pytest.mark.slow
def test_every_line_of_every_case_re_evaluates_and_cites_its_law(system):
    lines = explained = 0
    every = one_in(18)
    for case, situation, name, period, value in sampled(system, every):
        told = explain(situation, period, case.person, name, complete=True)
        explained += 1
        if isinstance(value, bool) or not isinstance(value, int | float):
            assert str(told.root.value) == str(value), (case.name, name)
        else:
            assert told.root.value == pytest.approx(value, abs=0.006), (case.name, name)
        simulated = situation.simulation().calculate(name, period)
        rank = situation.persons.index(case.person)
        if system.variables[name].value_type in (bool, int, float):
            assert told.root.value == simulated[rank]
        for step in told.root.all():
            if step.origin != "computed" or step.repeated:
                continue
            assert step.line, (case.name, step.variable)
            check_articles(system, case, step)
            if isinstance(step.value, int | float) and not isinstance(step.value, bool):
                lines += 1
                assert evaluated(step.line) == pytest.approx(step.value, abs=0.005 + 1e-9), (
                    case.name,
                    step.variable,
                    step.line,
                )
    assert explained > 2500 / every
    assert lines > 9_000 / every


def check_articles(system, case, step):
    """At least one article, in the version that covers the day of the law."""
    day = droit.day_of(system.variables[step.variable], step.period)
    assert step.articles, (case.name, step.variable)
    decided = [below for below in step.steps if below.variable == "cej_rang_manquement"]
    for article in step.articles:
        if any(article.since <= str(below.period.start) <= article.until for below in decided):
            continue  # a decision follows the law of its own day
        first = datetime.date.fromisoformat(article.since)
        last = datetime.date.fromisoformat(article.until) if article.until else day
        found = droit.article_of(article.id) if article.id else None
        maintained = found is not None and found[1].maintained_until is not None
        assert first <= day, (case.name, step.variable, article)
        assert maintained or day <= last, (case.name, step.variable, article)
        assert article.href.startswith("https://")


def lina(**values):
    """A young woman, alone, with these values in the form of the API."""
    person = {"date_naissance": {"ETERNITY": "2004-03-01"}, **values}
    return {"individus": {"Lina": person}}


def test_the_line_of_the_issue():
    wage = {"salaire_net": {"2026-10": 600}}
    told = explain(lina(**wage), "2026-11", complete=True)
    steps = {step.variable: step for step in told.root.all()}
    line = steps["cej_montant_avant_non_cumul"].arithmetic
    # 566.17 ÷ (0.8 × 1867.02 − 300) = 0.4743319…
    assert line == "566,17 − 0,474332 × (600,00 − 300,00) = 423,87\u00a0€/mois"
    assert told.amount == 423.87


def test_origins_are_told_for_this_person_and_month():
    values = {"salaire_net": {"2026": 7200}, "cej_date_signature": {"ETERNITY": "2026-05-04"}}
    document = lina(**values)
    document["individus"]["Tom"] = {"salaire_net": {"2026-10": 600}}
    told = explain(document, "2026-11", "Lina", complete=True)
    steps = {(step.variable, str(step.period)): step for step in told.root.all()}
    assert steps["salaire_net", "2026-10"].origin == "carried"
    assert steps["salaire_net", "2026-10"].origin_detail == "donné pour 2026"
    assert steps["cej_date_signature", "ETERNITY"].origin == "supplied"
    assert steps["chomage_net", "2026-10"].origin == "assumed"
    assert steps["cej_allocation", "2026-11"].origin == "computed"
    other = explain(document, "2026-11", "Tom", complete=True)
    wages = [step.origin for step in other.root.all() if step.variable == "salaire_net"]
    assert wages == ["supplied"]


def test_parameters_tell_since_when_and_how_sure():
    told = explain(lina(), "2026-11", complete=True)
    steps = {step.variable: step for step in told.root.all()}
    amounts = {used.path: used for used in steps["cej_montant_forfaitaire"].parameters}
    first = amounts["contrat_engagement_jeune.montant_forfaitaire.general.majeur_non_imposable"]
    assert (first.value, first.since, first.confidence) == (566.17, "2026-04-01", "déduit")
    assert first in told.freshness.deduced
    assert not any("mayotte" in used.path for used in told.freshness.deduced)


def test_the_law_was_checked_until_the_first_day_of_those_of_what_was_read():
    told = explain(lina(), "2026-12", complete=True)
    days = {
        str(dated_values.node(used.path).metadata.get("last_value_still_valid_on", ""))
        for step in told.root.all()
        for used in step.parameters
        if "mayotte" not in used.path
    }
    assert told.freshness.checked_until == min(days - {""})


def test_conditions_tell_when_time_alone_changes_them():
    values = {
        "cej_date_fin_precedent": {"ETERNITY": "2026-07-14"},
        "activite": {"2026-11": "etudiant"},
    }
    told = explain(lina(**values), "2026-11", complete=True)
    found = {condition.variable: condition for condition in told.conditions}
    # The 26th birthday, and six months after 14 July: from January 2027 on.
    assert (found["cej_condition_age"].state, found["cej_condition_age"].changes_on) == (
        "met",
        "2030-03-01",
    )
    carence = found["cej_condition_carence"]
    assert (carence.state, carence.changes_on) == ("not met", "2027-01-01")
    assert found["cej_condition_statut"].state == "not met"
    assert told.amount == 0


def test_a_sanction_tells_its_end():
    values = {
        "cej_date_signature": {"ETERNITY": "2026-05-04"},
        "cej_sanction_motif": {"2026-10": "refus_offres"},
    }
    told = explain(lina(**values), "2026-11", complete=True)
    found = {condition.variable: condition for condition in told.conditions}
    # Two months of suppression (R5412-3): October and November.
    assert found["cej_fraction_supprimee"].state == "not met"
    assert found["cej_fraction_supprimee"].changes_on == "2026-12-01"
    assert told.amount == 0


def test_a_hundred_euros_more_of_pay():
    wage = {"salaire_net": {"2026-10": 600}}
    told = explain(lina(**wage), "2026-11", complete=True)
    # 566.17 − 0.4743319 × 400 = 376.437…
    assert "l'allocation serait de 376,44\u00a0€ (−47,43\u00a0€)" in told.counterfactual


def test_before_the_law_nothing_is_claimed():
    told = explain(lina(), "2021-05")
    assert told.amount == 0
    assert told.answer is None
    assert told.conditions == []
    assert "1er mars 2022" in told.remarks[-1]


@pytest.mark.parametrize(
    ("month", "person", "variable", "words"),
    [
        ("2026-13", None, "cej_allocation", "is not a month"),
        ("2026-11", "Léa", "cej_allocation", "is not one of: Lina"),
        ("2026-11", None, "cej_allocatio", "did you mean « cej_allocation »"),
        ("2026-11", None, "rsa", "not a monthly variable of persons"),
    ],
)
def test_what_does_not_exist_is_refused(month, person, variable, words):
    with pytest.raises(ValueError, match=words):
        explain(lina(), month, person, variable)


def test_under_a_reform_a_rewritten_rule_is_not_told_as_the_law():
    reformed = reform("bareme_lineaire")(CountryTaxBenefitSystem())
    told = explain(lina(salaire_net={"2026-10": 600}), "2026-11", system=reformed, complete=True)
    steps = {step.variable: step for step in told.root.all()}
    # A slope of one half: 566.17 − 0.5 × 300.
    assert told.amount == 416.17
    assert steps["cej_coefficient_degressivite"].line == ""
    assert "réforme" in steps["cej_coefficient_degressivite"].comment
    assert "416,17" in steps["cej_montant_avant_non_cumul"].arithmetic
    assert told.remarks[0].startswith("Sous la réforme")


def test_a_decision_of_may_2025_acts_in_june_under_the_law_of_its_day():
    given = {
        "cej_date_signature": {"ETERNITY": "2025-01-10"},
        "cej_rang_manquement": {"2025-05": 2},
    }
    told = explain(lina(**given), "2025-06", complete=True)
    steps = {step.variable: step for step in told.root.all()}
    assert told.amount == 0
    numbers = [article.number for article in steps["cej_fraction_supprimee"].articles]
    assert "R5131-18" in numbers
    assert "deuxième manquement, notifié en mai 2025" in steps["cej_fraction_supprimee"].comment


def test_a_sanction_is_told_with_its_motif_its_month_and_its_length():
    given = {
        "cej_date_signature": {"ETERNITY": "2025-05-14"},
        "cej_sanction_motif": {"2025-07": "manquement"},
        "cej_sanction_taux": {"2025-07": 0.5},
        "cej_sanction_duree": {"2025-07": 2},
    }
    told = explain(lina(**given), "2025-08", complete=True)
    comment = next(s.comment for s in told.root.all() if s.variable == "cej_fraction_supprimee")
    assert "décision de juillet 2025 : 50 % pendant 2 mois" in comment


def test_what_rests_on_nothing_supplied_says_so():
    told = explain(lina(), "2026-11")
    steps = {step.variable: step for step in told.root.all()}
    assert steps["cej_situation_fiscale_rattachement"].rests_on_assumed
    assert not steps["cej_condition_age"].rests_on_assumed
    assert not told.root.rests_on_assumed


def test_a_radiation_tells_when_one_may_register_again():
    given = {"cej_sanction_motif": {"2026-11": "refus_offres"}}
    told = explain(lina(**given), "2026-11", complete=True)
    found = {condition.variable: condition for condition in told.conditions}
    # Two months of radiation (R5412-3): November and December.
    assert found["cej_condition_inscription"].state == "not met"
    assert found["cej_condition_inscription"].changes_on == "2027-01-01"


NOVEMBER = {
    "individus": {
        "a": {
            "date_naissance": {"ETERNITY": "2004-01-01"},
            "cej_date_signature": {"ETERNITY": "2025-09-01"},
            "inscrit_demandeur_emploi": {"2025-11": False},
        }
    }
}


def test_an_answer_about_one_month_does_not_end_with_it(system) -> None:
    """Who is not on the list in November is not presumed to be in December: nothing happened."""
    document = copy.deepcopy(NOVEMBER)
    del document["individus"]["a"]["cej_date_signature"]
    told = explain(document, "2025-11", system=system).conditions
    (listed,) = [one for one in told if one.label.startswith("Inscription")]
    assert not listed.assumed_met
    assert not listed.changes_on
    document["individus"]["a"]["inscrit_demandeur_emploi"]["2026-01"] = True
    told = explain(document, "2025-11", system=system).conditions
    (listed,) = [one for one in told if one.label.startswith("Inscription")]
    assert listed.changes_on == "2026-01-01"


def test_a_sanction_ends_when_it_does(system) -> None:
    """A decision is taken once: the month after those that it lasts, nothing is withheld."""
    document = copy.deepcopy(NOVEMBER)
    document["individus"]["a"]["cej_sanction_motif"] = {"2025-11": "manquement"}
    document["individus"]["a"]["cej_sanction_duree"] = {"2025-11": 2}
    told = explain(document, "2025-11", system=system, complete=True).conditions
    (sanction,) = [one for one in told if one.label.startswith("Pas de sanction")]
    assert not sanction.assumed_met
    assert sanction.changes_on == "2026-01-01"


def test_resources_that_count_are_told_with_their_articles(system) -> None:
    """561,68 − 100 − 561,68 / (0,8 × 1 801,80 − 300) × (450 − 300) = 387,87."""
    document = copy.deepcopy(NOVEMBER)
    document["individus"]["a"] |= {"salaire_net": {"2025-10": 450}, "ass": {"2025-10": 100}}
    found = explain(document, "2025-11", system=system, complete=True)
    assert found.amount == 387.87
    assert " ".join(found.reason.split()) == (
        "561,68 € au plus, moins vos 100,00 € d'ASS d'octobre 2025 déduits en entier, moins "
        "73,81 € pour vos 450,00 € de salaire d'octobre 2025."
    )
    assert [(one.variable, one.amount, one.article) for one in found.resources] == [
        ("ass", 100, "R5131-21, 1°"),
        ("salaire_net", 450, "R5131-22, 1°"),
    ]
    told = render.to_json(found)
    assert told["reason"] == found.reason
    assert [one["effect"] for one in told["resources"]] == [
        "intégralement déductible",
        "partiellement déductible",
    ]
    assert found.reason.replace("\u00a0", " ") in render.to_markdown(found).replace("\u00a0", " ")
