"""Where OpenFisca-France departs from the law, each as a change that makes our rules do the same.

Our rules with every departure put in force must answer what OpenFisca-France answers, for every
case: nothing is then left unexplained. A departure acts on a case if, put in force alone, it
changes what our rules answer, or if, alone not in force, it changes what they answer with all the
others.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from benchmarks.ecarts import worlds
from benchmarks.ecarts.cases import DEFAULTS, Table, each_month
from benchmarks.ecarts.worlds import Answers, Change, Theirs

CEJ = "contrat_engagement_jeune"
SMIC = "marche_travail.salaire_minimum.smic.smic_b_mensuel"


@dataclass(frozen=True)
class Departure:
    """A departure: its number, what it is (French), the article, and a case where it acts.

    ``cases`` changes the cases so that our rules do the same; the departures on parameters, tax
    tier, ages, benefits of the family and eligibility are put in force by ``Departures``.
    """

    number: int
    title: str
    article: str
    month: str
    minimal: dict[str, Any]
    cases: Callable[[Table], Table] | None = field(default=None, repr=False)


def reset(*names: str) -> Callable[[Table], Table]:
    """Put columns back to their default: OpenFisca-France does not know them."""
    return lambda columns: (
        columns | {name: numpy.full_like(columns[name], DEFAULTS[name]) for name in names}
    )


def insertion_as_wages(columns: Table) -> Table:
    """The pay of insertion contracts is a wage; other suspending resources are not known."""
    return reset("cddi", "epide")(worlds.as_wages(columns))


def yearly_income(columns: Table) -> Table:
    """A twelfth of the civil year in place of the month."""
    return columns | {"tns_mois": columns["tns_annee"] / 12}


def family_benefits(columns: Table, of_three_months: frozenset[str]) -> Table:
    """RSA and prime d'activité as they exclude, ours but for those ``of_three_months``.

    The latter exclude when the family had them in one of the three months before, everyone in it,
    whatever the activity; the exceptions of R5131-24 stay for the other benefit.
    """
    exempt = {"rsa": columns["a_charge"], "ppa": columns["a_charge"] | columns["ppa_anterieure"]}
    changed = {}
    for name, kept in exempt.items():
        now, before = columns[name], columns[f"{name}_avant"]
        if name in of_three_months:
            now, before = before, numpy.zeros_like(before)
        else:
            now, before = numpy.where(kept, 0, now), numpy.where(kept, 0, before)
        changed |= {name: now, f"{name}_avant": before}
    return reset("a_charge", "ppa_anterieure")(columns) | changed


DEPARTURES = [
    Departure(
        1,
        "« Non imposable » y est la tranche à 0 % du barème : ni décote, ni réductions, ni "
        "crédits, ni seuil de recouvrement ; la limite de tranche y est déjà au-delà",
        "D5131-19, I, 1° ; CGI 197, I, 4 et 1657",
        "2025-04",
        {"rni_2": 12_000, "rni_1": 12_000},
    ),
    Departure(
        2,
        "L'avis d'impôt regardé y est toujours celui des revenus de N-2, même après la réception "
        "de celui de N-1",
        "D5131-19, I et V",
        "2025-10",
        {"rni_2": 25_000},
    ),
    Departure(
        3,
        "Le jeune considéré comme fiscalement autonome n'y existe pas",
        "D5131-19, II",
        "2025-04",
        {"autonomie": True, "rni_2": 40_000, "rni_1": 40_000},
        reset("autonomie"),
    ),
    Departure(
        4,
        "Les montants et le SMIC de Mayotte n'y sont pas",
        "D5131-19, III ; D5131-23",
        "2025-04",
        {"mayotte": True},
        reset("mayotte"),
    ),
    Departure(
        5,
        "Les montants du 1er avril 2026 n'y sont pas",
        "D5131-19, IV",
        "2026-05",
        {},
    ),
    Departure(
        6,
        "Les ressources y sont la moyenne des trois mois précédents, non celles du mois précédent",
        "R5131-20 à R5131-22 (convention : aucune période écrite)",
        "2025-04",
        each_month("salaire", 900, 0, 0),
    ),
    Departure(
        7,
        "Le revenu non salarié y est le douzième de l'année civile en cours",
        "R5131-22, 1°",
        "2025-04",
        {"tns_mois": 600, "tns_annee": 1_800},
        yearly_income,
    ),
    Departure(
        8,
        "Seuls l'ARE et les stages de formation y sont déduits en entier : ni ASS, ni contrat de "
        "sécurisation professionnelle, ni école de la deuxième chance",
        "R5131-21",
        "2025-04",
        {"ass": 300},
        reset("ass", "csp", "e2c"),
    ),
    Departure(
        9,
        "ESAT, indemnités complémentaires, congé supplémentaire de naissance n'y sont pas déduits",
        "R5131-22, 3° à 7°",
        "2025-04",
        {"esat": 600},
        reset("esat", "ij_complementaires", "conge_naissance"),
    ),
    Departure(
        10,
        "Seul le service civique y suspend l'allocation ; la paie d'un contrat d'insertion y est "
        "un salaire partiellement déductible, l'allocation de l'EPIDE n'y est rien",
        "R5131-24, III",
        "2025-04",
        {"cddi": 800},
        insertion_as_wages,
    ),
    Departure(
        11,
        "Le RSA de la famille dans l'un des trois mois précédents y exclut, personnes à charge "
        "comprises ; celui du mois n'y est pas regardé",
        "R5131-24, I",
        "2025-04",
        {"rsa": 500, "rsa_avant": 500, "a_charge": True},
    ),
    Departure(
        12,
        "De même pour la prime d'activité, même ouverte pour une activité antérieure",
        "R5131-24, II",
        "2025-04",
        {"ppa": 100, "ppa_avant": 100, "ppa_anterieure": True},
    ),
    Departure(
        13,
        "L'éligibilité au contrat y dépend de l'impôt, du RSA, de la prime d'activité et du "
        "service civique, qui ne touchent que l'allocation",
        "L5131-6, al. 2 et 4",
        "2025-04",
        {"rni_2": 40_000, "rni_1": 40_000},
    ),
    Departure(
        14,
        "Formation, difficultés d'accès à l'emploi, inscription, contrat (signature, durée, "
        "carence) et sanctions n'y sont pas représentés",
        "L5131-6, R5131-15 à R5131-18, R5412-1 et suivants",
        "2025-04",
        {"en_formation": True},
        reset(
            *("en_formation", "sans_difficulte", "non_inscrit", "signe", "precedent"),
            *("manquement", "sanction"),
        ),
    ),
    Departure(
        15,
        "Le handicap y tient lieu de reconnaissance de la qualité de travailleur handicapé",
        "L5131-6 ; L5314-2",
        "2025-04",
        {"handicap": True, "annees": 28},
        lambda columns: columns | {"rqth": columns["handicap"]},
    ),
    Departure(
        16,
        "Le SMIC mensuel y est le SMIC horaire × 151,67, non le montant publié",
        "D5131-23, 2°",
        "2025-04",
        each_month("salaire", 1_100.43),
    ),
    Departure(
        19,
        "L'âge y est un nombre de jours divisé par la durée moyenne d'une année : né un 2 du "
        "mois, on y atteint parfois son âge un mois trop tôt",
        "L5131-6 ; D5131-19, I (âge au premier jour du mois)",
        "2024-03",
        {"annees": 16, "decalage": 1},
    ),
    Departure(
        20,
        "Quand le quotient familial est plafonné, la tranche y est celle du revenu entier divisé "
        "par une part (deux pour un couple), non par les parts du foyer",
        "D5131-19, I, 1°, b",
        "2025-04",
        {"rni_2": 52_000, "rni_1": 52_000, "nbptr": 2.5},
    ),
]

#: Benefits of the family, by number of the departure about each.
BENEFITS = {11: "rsa", 12: "ppa"}

BY_NUMBER = {departure.number: departure for departure in DEPARTURES}
ALL = frozenset(BY_NUMBER)


class Departures:
    """Our rules with any of the departures put in force."""

    def __init__(self, france: TaxBenefitSystem) -> None:
        self.france = france

    @functools.cached_property
    def smic_of_france(self) -> tuple[Change, ...]:
        """The monthly SMIC that OpenFisca-France makes of the hourly one, at each of its dates."""
        hourly = self.france.parameters.marche_travail.salaire_minimum.smic.smic_b_horaire
        dates = sorted(value.instant_str for value in hourly.values_list)
        return tuple((SMIC, date, self.smic(date)) for date in dates if date >= "2021-10-01")

    def smic(self, date: str) -> float:
        """Monthly SMIC (€) of OpenFisca-France's CEJ at a date."""
        smic = self.france.get_parameters_at_instant(date).marche_travail.salaire_minimum.smic
        return smic.nb_heures_travail_mensuel * smic.smic_b_horaire

    def parameters(self, numbers: frozenset[int]) -> tuple[Change, ...]:
        """Changes of parameters of the departures in force."""
        changes: tuple[Change, ...] = ()
        if 5 in numbers:
            before = worlds.system_with(()).get_parameters_at_instant("2026-03-31")
            amounts = before.contrat_engagement_jeune.montant_forfaitaire.general
            changes += tuple(
                (f"{CEJ}.montant_forfaitaire.general.{name}", "2026-04-01", getattr(amounts, name))
                for name in ("majeur_non_imposable", "majeur_premiere_tranche", "mineur")
            )
        if 6 in numbers:
            changes += ((f"{CEJ}.ressources.nombre_mois", "2022-03-01", 3),)
        if 16 in numbers:
            changes += self.smic_of_france
        return changes

    def answers(
        self, columns: Table, month: str, numbers: frozenset[int], theirs: Theirs
    ) -> Answers:
        """What our rules answer with these departures in force.

        ``theirs`` tells the ages, and the foyers whose quotient familial is capped.
        """
        for number in sorted(numbers):
            if change := BY_NUMBER[number].cases:
                columns = change(columns)
        if numbers & BENEFITS.keys():
            names = frozenset(BENEFITS[number] for number in numbers & BENEFITS.keys())
            columns = family_benefits(columns, names)
        return worlds.ours(
            columns,
            month,
            self.parameters(numbers),
            self.tiers(columns, month, numbers, theirs),
            theirs.ages if 19 in numbers else None,
            13 in numbers,
        )

    def tiers(
        self, columns: Table, month: str, numbers: frozenset[int], theirs: Theirs
    ) -> numpy.ndarray | None:
        """Tiers with the departures about them in force; None where our rules are to find them."""
        if not numbers & {1, 2, 20}:
            return None
        back = 1 if month[5:] >= "09" and 2 not in numbers else 2
        if 20 in numbers:
            columns = columns | {"nbptr": numpy.where(theirs.capped[back], 1, columns["nbptr"])}
        tiers = worlds.bracket_tiers if 1 in numbers else worlds.law_tiers
        return tiers(columns, month, back)


@dataclass
class Comparison:
    """A month compared: both answers, which cases differ, which departures act on each."""

    month: str
    columns: Table
    ours: Answers
    theirs: Answers
    differ: numpy.ndarray
    acting: dict[int, numpy.ndarray]
    unexplained: numpy.ndarray


def compare(departures: Departures, columns: Table, month: str) -> Comparison:
    """Compare a table of cases in a month, and attribute what differs.

    ``unexplained`` are the cases where our rules with all the departures do not answer what
    OpenFisca-France answers, or where none of the departures acts.
    """
    theirs: Theirs = worlds.theirs(departures.france, columns, month)
    answer = functools.partial(departures.answers, columns, month, theirs=theirs)
    none, every = answer(frozenset()), answer(ALL)
    differ = none.differ(theirs.answers)
    acting = {
        number: differ
        & (answer(frozenset({number})).differ(none) | answer(ALL - {number}).differ(every))
        for number in BY_NUMBER
    }
    attributed = functools.reduce(numpy.logical_or, acting.values())
    unexplained = every.differ(theirs.answers) | (differ & ~attributed)
    return Comparison(month, columns, none, theirs.answers, differ, acting, unexplained)
