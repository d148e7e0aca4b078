"""The cases of a grid: what most people are, and what some rule looks at.

Four blocks of cases, each a product of choices: the usual ones (places, tiers, ages, wages, pay of
trainees, benefits, failings), the particular situations, the incomes that the tax notices tell, and
the decisions of the scale of 2025.
"""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy
from openfisca_core.parameters import Parameter
from openfisca_core.periods import DateUnit
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej import french
from openfisca_cej.base import donnees_de
from openfisca_cej.declarations import question_de
from openfisca_cej.dependencies import reached
from openfisca_cej.explain import unknowns
from openfisca_cej.explain.lines import written
from openfisca_cej.names import ELIGIBLE, RESULT
from openfisca_cej.population.months import first_day, month_number, month_text
from openfisca_cej.population.synthetic import DAY

#: First year of incomes whose tax the model knows.
FIRST_YEAR = 2020

#: First month of the law: no contract is older.
FIRST = month_number("2022-03")

#: Months since the signature, and in which resources are the same: as many as a usual mean takes.
BACK = 3

#: Resources (€) of the examples that declare none: deductible, or else.
DEDUCTED, OTHER = 200.0, 700.0


PLACES = ("hors Mayotte", "Mayotte")

#: Incomes of the foyer fiscal (€/year, one part): the last but one notice, then the last one.
TIERS = {
    "foyer non imposable": (0, 0),
    "foyer dans la première tranche": (20_000, 20_000),
    "foyer au-delà de la première tranche": (45_000, 45_000),
    "foyer dont le revenu a baissé l'an passé": (45_000, 0),
    "foyer dont le revenu a augmenté l'an passé": (0, 45_000),
}

#: Completed years, and whether the person is a disabled worker.
AGES = (
    *((16, False), (17, False), (18, False), (20, False), (25, False), (26, False)),
    *((26, True), (29, True), (30, True)),
)
OTHER_AGES = (
    *((15, False), (17, False), (18, False), (20, False), (25, False), (26, False)),
    (30, True),
)

#: Net wages (€) of the months before: around the abatement, and to where the allowance ends.
WAGES = (
    *(0, 100, 200, 299.99, 300, 300.01, 350, 400, 450, 500, 550, 600, 650, 700, 750, 800),
    *(900, 1000, 1100, 1200, 1300, 1400, 1500, 1700, 2000),
)
FEW_WAGES = (0, 450, 900)

#: Pay of trainees (€) of the months before: deductible.
TRAINING = (0, 200, 600)
BENEFITS = {"": "", "RSA ce mois-ci": "rsa", "prime d'activité ce mois-ci": "ppa"}

#: Rank of a failing notified the month before, motive and rank of a decision of the month.
SANCTIONS = {
    "": (0, "", 0),
    "premier manquement (2022)": (1, "", 0),
    "deuxième manquement (2022)": (2, "", 0),
    "premier manquement (2025)": (0, "manquement", 1),
    "deuxième manquement (2025)": (0, "manquement", 2),
}

#: Income (€/year) of each part, near where the tax begins, then near the end of the first bracket.
INCOMES = (*range(10_000, 20_000, 50), *range(20_000, 32_000, 200))

MOTIVES = {
    "manquement": "défaut d'assiduité",
    "refus_offres": "refus d'offres",
    "fraude": "fausse déclaration",
    "activite_non_declaree": "activité non déclarée",
}

#: Months since a decision: up to the longest one.
SINCE = (0, 1, 2, 3, 4, 5, 6, 11, 12)

#: Resources that the usual cases have; those that an example varies over the months.
IN_THE_USUAL_CASES = ("salaire_net", "revenus_stage_formation_pro")
VARYING = ("revenus_activite_non_salariee", "chomage_net")


@dataclass(frozen=True)
class Choice:
    """What some cases have in common: in words (empty: nothing to tell), and inputs by key."""

    label: str
    inputs: dict[str, Any]


@dataclass(frozen=True)
class CaseBlock:
    """The product of some choices, by axis; where two give the same input, the last one wins."""

    axes: Mapping[str, tuple[Choice, ...]]

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of choices of each axis."""
        return tuple(map(len, self.axes.values()))

    @property
    def count(self) -> int:
        """Number of cases."""
        return int(numpy.prod(self.sizes))


def over(variable: str, months: Iterable[int], value: Any) -> dict[str, Any]:
    """A value in each of some months."""
    return {f"{variable}@{month_text(month)}": value for month in months}


def yearly(variable: str, years: Iterable[int], value: Any) -> dict[str, Any]:
    """A value in each of some years."""
    return {f"{variable}@{year}": value for year in years}


def eternal(variable: str, value: Any) -> dict[str, Any]:
    """A value that has no period."""
    return {f"{variable}@eternity": value}


def born(month: int, age: int) -> numpy.datetime64:
    """A birth in the middle of a month, six months before the last birthday's."""
    return first_day(month - 12 * age - 6) + 14 * DAY


def signature(month: int, back: int) -> dict[str, Any]:
    """A contract signed so many months before, not before the law."""
    return eternal("cej_date_signature", first_day(max(month + back, FIRST)))


def particular(month: int, law: TaxBenefitSystem) -> tuple[Choice, ...]:
    """All the situations, each with its contract: signed three months ago where none is told."""
    usual = signature(month, -BACK)
    signed = (
        *(*resources(month, law), *benefits(month), *overseas(month)),
        *(*contracts(month), *failings(month), *others(month, law)),
    )
    signing = (*new(month), *others(month, law))
    return (
        *(Choice(one.label, usual | one.inputs) for one in signed),
        *(Choice(f"signature ce mois-ci, {one.label}", one.inputs) for one in signing),
    )


def others(month: int, law: TaxBenefitSystem) -> Iterator[Choice]:
    """What is declared of the inputs that the rules read and that nothing else here tells."""
    last = int(month_text(month)[:4])
    for name in sorted(reached(law, RESULT, ELIGIBLE) - TOLD - unknowns.BY_HAND):
        variable = law.variables[name]
        if variable.formulas:
            continue
        for value in unknowns.other_values(variable) or unknowns.amounts(variable, OTHER):
            told = f"{in_words(law, name)} : {written(value, variable)}"
            value = unknowns.in_arrays(value)
            if variable.definition_period == DateUnit.ETERNITY:
                yield Choice(told, eternal(name, value))
            elif variable.definition_period == DateUnit.YEAR:
                yield Choice(told, yearly(name, range(last - 2, last), value))
            else:
                yield Choice(told, over(name, [month], value))


def resources(month: int, law: TaxBenefitSystem) -> Iterator[Choice]:
    """Resources of each list of the law, the ones that suspend, and those that vary over time."""
    last = [month - 1]
    lists = law.parameters.contrat_engagement_jeune
    deducted = listed(lists.ressources.deductibles)
    counted = (*listed(lists.ressources.partiellement_deductibles), *listed(lists.ressources))
    for name in dict.fromkeys((*deducted, *counted)):
        asked = question_de(name)
        if name not in IN_THE_USUAL_CASES:
            # The housing benefit and others are the family's: everyone is alone in it.
            amount = asked.exemple or (DEDUCTED if name in deducted else OTHER)
            told = f"{in_words(law, name)} {amount:.0f} € le mois passé"
            yield Choice(told, over(name, last, float(amount)))
    for name in dict.fromkeys(listed(lists.non_cumul.ressources_suspensives)):
        yield Choice(f"{in_words(law, name)} ce mois-ci", over(name, [month], 500.0))
    for name in VARYING:
        told = f"{in_words(law, name)} 900 € il y a deux mois, finie depuis"
        yield Choice(told, over(name, [month - 2], 900.0))


def listed(node: Any) -> list[str]:
    """The inputs that the lists of a node of parameters are made of, at any date."""
    lists = [leaf for leaf in node.get_descendants() if isinstance(leaf, Parameter)]
    every = [item.value for leaf in lists for item in reversed(leaf.values_list)]
    names = [name for one in every if isinstance(one, list) for name in one]
    return [given for name in names for given in donnees_de(name)]


def in_words(law: TaxBenefitSystem, name: str) -> str:
    """An input in a few words."""
    return question_de(name).bref or str(law.variables[name].label)


def benefits(month: int) -> Iterator[Choice]:
    """RSA and prime d'activité of other months, of a family, or for work before the contract."""
    for name, words in (("rsa", "RSA"), ("ppa", "prime d'activité")):
        yield Choice(f"{words} il y a deux mois, plus depuis", over(name, [month - 2], 100.0))
        yield Choice(f"{words} avant la signature", over(name, [month - BACK - 1], 100.0))
        alone = over(name, [month], 100.0)
        charge = over("cej_personne_a_charge", [month], True)
        yield Choice(f"{words} des parents, à leur charge", alone | charge)
    running = signature(month, -2) | over("ppa", range(month - 3, month + 1), 100.0)
    yield Choice("prime d'activité qui court depuis le mois d'avant la signature", running)


def overseas(month: int) -> Iterator[Choice]:
    """Foyers whose tax the reduction of the place makes nil, by its rate and by its ceiling."""
    years = range(int(month_text(month)[:4]) - 2, int(month_text(month)[:4]))
    for variable, place, ceiling in (
        ("residence_guadeloupe", "en Guadeloupe", 8655),
        ("residence_guyane", "en Guyane", 7055),
    ):
        for income, reductions in ((19_950, 0), (60_000, ceiling)):
            told = f"{place}, revenu {income} €, réductions d'impôt {reductions} €"
            foyer = yearly("rni", years, float(income))
            foyer |= yearly("reductions", years, float(reductions))
            yield Choice(told, over(variable, [month], True) | foyer)


def contracts(month: int) -> Iterator[Choice]:
    """Contracts near their end, extended, not revised; tax autonomy; files that came late."""
    for back in (11, 12, 17, 18):
        told = f"contrat signé il y a {back} mois"
        start = signature(month, -back)
        yield Choice(told, start)
        yield Choice(f"{told}, prolongé de six", start | eternal("cej_mois_prolongation", 6))
        later = eternal("cej_date_fin", first_day(month + 6))
        yield Choice(f"{told}, fini dans six mois", start | later)
    ended = eternal("cej_date_fin", first_day(month) - DAY)
    yield Choice("contrat fini le mois passé", ended)
    planned = signature(month, -7) | eternal("cej_date_fin_prevue", first_day(month) - DAY)
    yield Choice("contrat prévu jusqu'au mois passé", planned)
    yield Choice(
        "contrat prévu jusqu'au mois passé, prolongé de deux",
        planned | eternal("cej_mois_prolongation", 2),
    )
    for back in (2, 3):
        path = signature(month, -14) | eternal("cej_parcours_date_fin", first_day(month - back))
        yield Choice(f"contrat d'il y a 14 mois, parcours fini il y a {back} mois", path)
    fixed = signature(month, -10) | eternal("cej_forfait_non_revise", True)
    yield Choice("contrat d'il y a 10 mois, montant non révisé", fixed)
    for income in (0, 20_000):
        year = int(month_text(month)[:4])
        alone = yearly("cej_rni_autonome", range(year - 2, year), float(income))
        alone |= over("cej_autonomie_fiscale", [month], True)
        yield Choice(f"autonomie fiscale, revenu propre {income} € par an", alone)
    for ahead in (3, 4):
        late = eternal("cej_date_dossier_complet", first_day(month + ahead))
        yield Choice(f"dossier complet {ahead} mois après", late)
        for paid in (2, 3):
            months = [*range(month - paid, month), month]
            kept = over("cej_versement_conservatoire", months, True)
            told = f"dossier complet {ahead} mois après, {paid} mois déjà versés à titre provisoire"
            yield Choice(told, late | kept)


def failings(month: int) -> Iterator[Choice]:
    """Failings of the scale of 2022, of two months ago or that break the contract."""
    for rank, back in ((3, 1), (1, 2), (2, 2), (3, 2)):
        told = f"manquement de rang {rank} (2022) notifié il y a {back} mois"
        yield Choice(told, over("cej_rang_manquement", [month - back], rank))
    for earlier in (24, 25):
        months = [month - 1 - earlier, month - 1]
        again = over("cej_sanction_motif", months, "activite_non_declaree")
        told = f"activité non déclarée sanctionnée le mois passé, et {earlier} mois plus tôt"
        yield Choice(told, again)


def new(month: int) -> Iterator[Choice]:
    """What decides whether a contract may be signed in the month."""
    yield Choice("rien de particulier", {})
    yield Choice("en formation", over("en_formation", [month], True))
    yield Choice("étudiant", over("activite", [month], "etudiant"))
    without = over("difficultes_acces_emploi_durable", [month], False)
    yield Choice("sans difficulté d'accès à l'emploi", without)
    yield Choice("non inscrit à France Travail", over("inscrit_demandeur_emploi", [month], False))
    for back in (4, 5, 6, 7):
        ended = eternal("cej_date_fin_precedent", first_day(month - back) - DAY)
        yield Choice(f"contrat précédent fini il y a {back} mois", ended)
    special = eternal("cej_circonstances_particulieres", True)
    special |= eternal("cej_engagements_respectes", True)
    ended = eternal("cej_date_fin_precedent", first_day(month - 1) - DAY)
    yield Choice(
        "contrat précédent fini le mois passé, circonstances particulières", ended | special
    )
    yield Choice("garantie jeunes", eternal("cej_garantie_jeunes_beneficiaire", True))
    entered = eternal("cej_garantie_jeunes_beneficiaire", True)
    entered |= eternal("cej_garantie_jeunes_date_entree", first_day(month - 17))
    entered |= eternal("cej_garantie_jeunes_date_fin", first_day(month + 1))
    yield Choice("garantie jeunes depuis 17 mois, prolongée", entered)


# Blocks.


def blocks(month: int, law: TaxBenefitSystem) -> tuple[CaseBlock, ...]:
    """The blocks, in the order of the cases."""
    return (usual(month), situated(month, law), taxed(month), sanctioned(month))


def usual(month: int) -> CaseBlock:
    """What most people are."""
    return CaseBlock(
        {
            "lieu": places(month),
            "tranche": tiers(month)[:3],
            "age": ages(month, AGES),
            "salaire": wages(month, WAGES),
            "formation": tuple(
                Choice(
                    f"formation {french.euros(pay)}" if pay else "",
                    over("revenus_stage_formation_pro", before(month), float(pay)),
                )
                for pay in TRAINING
            ),
            "prestation": tuple(
                Choice(label, over(name, [month], 100.0) if name else {})
                for label, name in BENEFITS.items()
            ),
            "sanction": tuple(
                Choice(label, signature(month, -BACK) | failing(month, *told))
                for label, told in SANCTIONS.items()
            ),
        }
    )


def situated(month: int, law: TaxBenefitSystem) -> CaseBlock:
    """The particular situations."""
    return CaseBlock(
        {
            "lieu": places(month),
            "tranche": tuple(tiers(month)[rank] for rank in (0, 1, 3, 4)),
            "age": ages(month, OTHER_AGES),
            "salaire": wages(month, FEW_WAGES),
            "situation": particular(month, law),
        }
    )


def taxed(month: int) -> CaseBlock:
    """Incomes around the thresholds of the tax, with what reduces it."""
    years = tax_years(month)

    def sums(name: str, words: str) -> tuple[Choice, ...]:
        told = Choice(f"{words} {french.euros(150)}", yearly(name, years, 150.0))
        return Choice("", {}), told

    foyers = []
    for parts, couple, words in ((1, False, "une part"), (2, True, "couple, deux parts")):
        for income in INCOMES:
            inputs = yearly("rni", years, float(income * parts))
            inputs |= yearly("nbptr", years, float(parts)) | yearly(
                "maries_ou_pacses", years, couple
            )
            foyers.append(Choice(f"{words}, revenu {french.euros(income * parts)} par an", inputs))
    return CaseBlock(
        {
            "age": ages(month, ((20, False),)),
            "foyer": tuple(foyers),
            "reductions": sums("reductions", "réductions d'impôt"),
            "credits": sums("credits_impot", "crédits d'impôt"),
            "contrat": (Choice("", signature(month, -BACK)),),
        }
    )


def sanctioned(month: int) -> CaseBlock:
    """Decisions of the scale of 2025, taken in earlier months, and whether the person signs now."""
    decisions = []
    for (motive, words), back in itertools.product(MOTIVES.items(), SINCE):
        when = "ce mois-ci" if back == 0 else f"il y a {back} mois"
        for rank, rate, length in itertools.product((1, 2), (0.0, 1.0), (0, 12)):
            inputs = over("cej_sanction_motif", [month - back], motive)
            inputs |= over("cej_sanction_rang", [month - back], rank)
            inputs |= over("cej_sanction_taux", [month - back], rate)
            inputs |= over("cej_sanction_duree", [month - back], length)
            told = "peine la plus légère" if (rate, length) == (0, 0) else ""
            told = told or f"taux {french.trimmed(rate, 1)}, {length} mois (0 : le minimum)"
            label = f"{words} de rang {rank} sanctionné {when}, {told}"
            decisions.append(Choice(label, inputs))
    contracts = (Choice("", signature(month, -BACK)), Choice("signature ce mois-ci", {}))
    return CaseBlock(
        {"age": ages(month, ((20, False),)), "decision": tuple(decisions), "contrat": contracts}
    )


# Choices.


def before(month: int) -> range:
    """The months before, and this one."""
    return range(month - BACK, month + 1)


def tax_years(month: int) -> range:
    """Years of incomes whose notice counts in the months of a contract."""
    year = int(month_text(month)[:4])
    return range(max(FIRST_YEAR, year - 3), year)


def places(month: int) -> tuple[Choice, ...]:
    """Where people live."""
    return tuple(
        Choice(label, over("residence_mayotte", before(month), bool(rank)))
        for rank, label in enumerate(PLACES)
    )


def tiers(month: int) -> tuple[Choice, ...]:
    """What the notices of the foyer say."""
    years = tax_years(month)
    return tuple(
        Choice(label, yearly("rni", years, float(old)) | yearly("rni", years[-1:], float(new)))
        for label, (old, new) in TIERS.items()
    )


def ages(month: int, told: tuple[tuple[int, bool], ...]) -> tuple[Choice, ...]:
    """Ages on the first day of the month, born in the middle of the sixth month before."""
    return tuple(
        Choice(
            f"{age} ans{' (RQTH)' if disabled else ''}",
            eternal("date_naissance", born(month, age)) | over("rqth", before(month), disabled),
        )
        for age, disabled in told
    )


def wages(month: int, told: tuple[float, ...]) -> tuple[Choice, ...]:
    """Wages of the months before."""
    return tuple(
        Choice(
            f"salaire {french.euros(wage)}" if wage else "sans salaire",
            over("salaire_net", before(month), float(wage)),
        )
        for wage in told
    )


def failing(month: int, failed: int, motive: str, rank: int) -> dict[str, Any]:
    """A failing notified the month before (scale of 2022), a decision of the month (2025)."""
    inputs = over("cej_rang_manquement", [month - 1], failed)
    if motive:
        inputs |= over("cej_sanction_motif", [month], motive)
        inputs |= over("cej_sanction_rang", [month], rank)
    return inputs


def told_by_hand() -> Iterator[str]:
    """The inputs of the cases that are written out above, in any month."""
    blocks = (usual(FIRST), taxed(FIRST), sanctioned(FIRST))
    axes = itertools.chain(*(block.axes.values() for block in blocks))
    every = [*itertools.chain(*axes), *benefits(FIRST), *overseas(FIRST), *contracts(FIRST)]
    for one in (*every, *failings(FIRST), *new(FIRST)):
        yield from (key.partition("@")[0] for key in one.inputs)


TOLD = frozenset(told_by_hand())
