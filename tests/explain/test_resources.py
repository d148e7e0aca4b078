"""The dictionary of resources says what the rules do: each is perturbed alone in the engine."""

import re
from fractions import Fraction

import numpy
import pytest
from openfisca_core.periods import period
from openfisca_core.reforms import Reform

from openfisca_cej.explain.resources import (
    Effect,
    looked_up,
    resource,
    resources,
    search,
    suggestions,
)
from openfisca_cej.explain.situation import read
from openfisca_cej.explain.variants import Variants

#: Month, lump sum of an adult whose home pays no tax, gross monthly SMIC: read in the texts.
MONTHS = {
    "2022-03": ("500", "1603.12"),
    "2024-11": ("552.29", "1801.80"),
    "2025-09": ("561.68", "1801.80"),
    "2026-07": ("566.17", "1867.02"),
    "2026-08": ("566.17", "1867.02"),
}
SUPPLEMENTS = (0, 100, 1000)


def half_up(amount):
    """An exact amount rounded half up to the centime."""
    return int(amount * 100 + Fraction(1, 2)) / 100


#: Share of a turnover that counts: the rest is the flat rate of the micro scheme.
SHARES = {
    "rpns_auto_entrepreneur_CA_achat_revente": Fraction(29, 100),
    "rpns_auto_entrepreneur_CA_bic": Fraction(50, 100),
    "rpns_auto_entrepreneur_CA_bnc": Fraction(66, 100),
}


def expected(effect, forfait, smic, supplement):
    """The allowance that an effect means for a resource alone, in exact arithmetic."""
    forfait, smic = Fraction(forfait), Fraction(smic)
    if effect is Effect.DEDUCTED:
        return half_up(max(forfait - supplement, 0))
    if effect is Effect.PARTLY:
        lost = max(supplement - 300, 0) * forfait / (smic * Fraction(4, 5) - 300)
        return half_up(max(forfait - lost, 0))
    if effect is Effect.IGNORED or not supplement:
        return float(forfait)
    return 0.0


def situation(system):
    """A person alone, without anything."""
    return read(
        {
            "individus": {"Lou": {"date_naissance": {"ETERNITY": "2002-03-01"}}},
            "familles": {"f": {"parents": ["Lou"]}},
            "foyers_fiscaux": {"ff": {"declarants": ["Lou"]}},
            "menages": {"m": {"personne_de_reference": ["Lou"]}},
        },
        system,
    )


def paid(system, name, month, given_in):
    """The allowance of the month, with each supplement of the resource in some months."""
    variants = Variants(situation(system), len(SUPPLEMENTS))
    variants.set(name, "Lou", given_in, numpy.array(SUPPLEMENTS, dtype=float))
    return variants.calculate("cej_allocation", month, "Lou").tolist()


@pytest.mark.parametrize("month", MONTHS)
def test_each_resource_does_exactly_what_the_dictionary_says(system, month):
    moment = period(month)
    offenders = []
    for one in resources(system):
        effect = one.at(f"{month}-01").effect
        # R5131-21 and R5131-22 are lists of the month before: their dates are the month's.
        for given_in in ([moment, moment.last_month], [moment], [moment.last_month]):
            if one.name == "ppa" and moment not in given_in:
                continue  # An earlier prime acts by the date of the contract: see the next test.
            acts = moment in given_in
            if one.name == "ppa" and moment.last_month in given_in:
                acts = False  # It ran before the month asked: due for an earlier activity.
            if effect in (Effect.DEDUCTED, Effect.PARTLY):
                acts = moment.last_month in given_in
            told = effect if acts else Effect.IGNORED
            share = SHARES.get(one.name, 1)
            wanted = [expected(told, *MONTHS[month], share * amount) for amount in SUPPLEMENTS]
            found = paid(system, one.name, moment, given_in)
            if found != wanted:
                offenders.append((one.name, told, [str(item) for item in given_in], found, wanted))
    assert not offenders


def test_the_prime_d_activite_of_an_earlier_month_ends_the_payment(system):
    """R5131-24, II: the right opened in October, in the contract of September, ends November."""
    for signed, left in (("2024-09-02", 0.0), ("2024-11-04", 552.29)):
        document = situation(system).document
        document["individus"]["Lou"]["cej_date_signature"] = {"ETERNITY": signed}
        document["familles"]["f"]["ppa"] = {"2024-10": 100}
        simulation = read(document, system).simulation()
        assert simulation.calculate("cej_allocation", "2024-11").tolist() == [left]


def test_every_monthly_input_of_money_is_in_the_dictionary(system):
    names = {one.name for one in resources(system)}
    inputs = {
        name
        for name, variable in system.variables.items()
        if variable.unit == "€/mois" and not variable.formulas
    }
    assert names == inputs
    assert {"rsa", "ppa", "af", "aide_logement", "salaire_net"} <= names


def test_people_have_words_for_every_resource(system):
    assert all(one.synonyms for one in resources(system))


@pytest.mark.parametrize(
    ("name", "effect", "article"),
    [
        ("chomage_net", "intégralement déductible", "R5131-21, 1°"),
        ("revenus_stage_formation_pro", "intégralement déductible", "R5131-21, 2°"),
        ("salaire_net", "partiellement déductible", "R5131-22, 1°"),
        ("indemnites_journalieres", "partiellement déductible", "R5131-22, 4°"),
        ("aah", "cumulable", "R5131-20, II"),
        ("indemnites_volontariat", "suspend l'allocation", "R5131-24, III, 4°"),
        ("rsa", "exclut l'allocation", "R5131-24, I"),
        ("ppa", "exclut l'allocation", "R5131-24, II"),
    ],
)
def test_the_article_and_its_number_are_told(system, name, effect, article):
    (treatment,) = resource(system, name).treatments
    assert (treatment.effect.value, treatment.article) == (effect, article)
    assert (treatment.since, treatment.until) == ("2022-03-01", None)
    assert treatment.link.startswith("https://www.legifrance.gouv.fr/")


def test_the_birth_leave_of_2026_changes_on_its_date(system):
    before, after = resource(system, "indemnites_conge_supplementaire_naissance").treatments
    assert (before.effect, before.since, before.until) == (
        Effect.IGNORED,
        "2022-03-01",
        "2026-06-30",
    )
    assert (after.effect, after.since, after.until) == (Effect.PARTLY, "2026-07-01", None)
    assert (after.article, after.confidence) == ("R5131-22, 3°", "déduit")
    assert after.notes


def test_a_reform_that_adds_a_resource_changes_the_dictionary(system):
    def modify(parameters):
        node = parameters.contrat_engagement_jeune.ressources.deductibles
        node.stages_formation_professionnelle.update(
            start=period("2025-01").start, value=["revenus_stage_formation_pro", "aah"]
        )
        return parameters

    class Aah(Reform):
        def apply(self):
            self.modify_parameters(modify)

    reformed = Aah(system)
    told = resource(reformed, "aah").treatments
    assert [(one.effect, one.since, one.until) for one in told] == [
        (Effect.IGNORED, "2022-03-01", "2024-12-31"),
        (Effect.DEDUCTED, "2025-01-01", None),
    ]
    assert paid(reformed, "aah", period("2025-09"), [period("2025-08")]) == [561.68, 461.68, 0]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("ARE", "chomage_net"),
        ("CHÔMAGE", "ass"),
        ("indemnité de service civique", "indemnites_volontariat"),
        ("Interim", "remuneration_insertion_mission"),
        ("arrets maladie", "indemnites_journalieres_complementaires"),
        ("gratification", "indemnites_stage"),
        ("œuvre inconnue", None),
    ],
)
def test_words_find_a_resource_without_accents_or_case(system, text, first):
    found = search(resources(system), text)
    assert (found[0].name if found else None) == first


def test_a_short_word_is_looked_for_whole(system):
    assert [one.name for one in search(resources(system), "are")] == ["chomage_net"]
    assert {one.name for one in search(resources(system), "ij")} == {
        one.name for one in resources(system) if one.name.startswith("indemnites_journalieres")
    } | {"indemnites_conge_supplementaire_naissance"}


def test_all_the_words_are_needed(system):
    names = {one.name for one in search(resources(system), "service militaire")}
    assert names == {
        "remuneration_service_militaire_adapte",
        "remuneration_service_militaire_volontaire",
    }


#: What people ask for, and the resource, or one of those, that it is.
ASKED = {
    "micro-entreprise": "rpns_auto_entrepreneur_CA_bic",
    "APL": "aide_logement",
    "job étudiant": "salaire_net",
    "prime": "salaire_net",
    "congés payés": "salaire_net",
    "13e mois": "salaire_net",
    "pension alimentaire": "pensions_alimentaires_percues",
    "arrêt maladie": "indemnites_journalieres_maladie",
    "service civique": "indemnites_volontariat",
    "chômage partiel": "indemnites_chomage_partiel",
    "Assedic": "chomage_net",
    "le SMIC": "salaire_net",
    "contrat pro": "salaire_net",
    "garde d'enfants": "salaire_net",
    "travail au noir": "salaire_net",
    "Twitch": "rpns_auto_entrepreneur_CA_bic",
    "uber eats": "rpns_auto_entrepreneur_CA_bic",
}


@pytest.mark.parametrize("asked", ASKED)
def test_what_people_ask_for_is_found(system, asked) -> None:
    found, near = looked_up(system, asked)
    assert ASKED[asked] in [one.name for one in found]
    assert not near


@pytest.mark.parametrize(
    "asked", ["héritage", "un cadeau", "livret A", "gains de jeux", "ASF", "xylophone"]
)
def test_what_no_list_names_is_cumulable_unless_it_pays_for_work(system, asked) -> None:
    (found,), near = looked_up(system, asked)
    assert "ni le revenu d'un travail" in found.label
    (treatment,) = found.treatments
    assert (treatment.effect, treatment.article) == (Effect.IGNORED, "R5131-20, II")
    assert not near


def test_a_few_letters_suggest_nothing(system) -> None:
    assert looked_up(system, "aide de ma grand mère")[1] == ["aide"]
    assert looked_up(system, "rsa de mes parents")[1] == ["rsa", "parent"]


def test_every_suggestion_is_found(system) -> None:
    """Each word that people say, with a letter less in its longest part, leads back somewhere."""
    every = resources(system)
    phrases = {text for one in every for text in one.synonyms if len(text) > 5}
    assert len(phrases) > 60
    lost = []
    for phrase in sorted(phrases):
        longest = max(re.findall(r"\w+", phrase), key=len)
        wrong = phrase.replace(longest, longest[:2] + longest[3:])
        if search(every, wrong):
            continue
        near = suggestions(every, wrong)
        lost += [(wrong, word) for word in near or [""] if not near or not search(every, word)]
    assert len(lost) <= 5, lost
    assert all(not word for _, word in lost)
