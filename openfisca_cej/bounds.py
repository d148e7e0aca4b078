"""The largest numbers that may be given, by unit: a situation, a file, an address, a reform.

Beyond them a number is a typing error, or is sent to cost: how far a curve goes, how many months
are looked back at, come from numbers that are given. Every reader takes its bounds here.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Bound:
    """The lowest and highest number of a unit; ``name`` is what a refusal calls the limit."""

    name: str
    least: float
    most: float

    def holds(self, value: float) -> bool:
        """Whether the number is within the bound."""
        return self.least <= value <= self.most


#: Years in which a date makes sense here; anything else is a typing error.
FIRST_YEAR, LAST_YEAR = 1900, 2100


#: Years between an age and that of the birth date given beside it, at most: callers send the age of
#: the day of their request for all its months, and the birth date prevails.
YEARS_OF_AGE = 3

#: The oldest that someone may be, in years.
OLDEST = 130


def ages_agree(one: Any, other: Any, months: Any) -> Any:
    """Whether two ages may be those of one person, the other so many months later (or arrays).

    The same age may be said for longer than a year: see YEARS_OF_AGE.
    """
    off = abs(other - one - months / 12)
    return (off < 1) | ((one == other) & (off <= YEARS_OF_AGE))


def up_to(name: str, most: float) -> Bound:
    """The bound of what is never negative."""
    return Bound(name, 0, most)


#: Of the inputs, by the unit of the variable. An income of the year may be a loss.
INPUTS = {
    "€/mois": up_to("euros_par_mois", 200_000),
    "€/an": Bound("euros_par_an", -100_000_000, 100_000_000),
    "fraction": up_to("fraction", 1),
    "années": up_to("annees", OLDEST),
    # The first one whose tax scale is known here, and far enough.
    "année": Bound("annee", 2020, 2100),
    "heures/semaine": up_to("heures_par_semaine", 168),
    # The longest contract (R5131-16); a sanction is shorter. No failing comes after the third.
    "mois": up_to("mois", 18),
    # A foyer has one at least (CGI 194).
    "parts": Bound("parts", 1, 100),
    "rang": up_to("rang", 3),
}

#: Of what was paid for a month.
PAID = up_to("euros_recus", 10_000)

#: Of an input of another unit: those of extensions.
OTHER = up_to("nombre", 1_000_000)

#: Of the parameters that a reform may set, by the unit of the parameter.
PARAMETERS = {
    "currency": up_to("parametre_euros", 20_000),
    "/1": up_to("parametre_part", 1),
    "month": up_to("parametre_mois", 120),
    "year": up_to("parametre_annees", 99),
    "hour": up_to("parametre_heures", 168),
    "count": up_to("parametre_nombre", 100),
}

#: Of those in which euros are counted by the year, under these paths.
YEARLY = {"impot_revenu.": up_to("parametre_euros_par_an", 10_000_000)}

#: Of coefficients, which have the unit of a fraction and exceed 1.
COEFFICIENT = up_to("parametre_coefficient", 10)

#: Those that the rules need and that the unit does not tell.
PATHS = {
    "contrat_engagement_jeune.montant_forfaitaire.premier_mois_nouvel_avis": Bound(
        "mois_de_l_annee", 1, 12
    ),
    "contrat_engagement_jeune.montant_forfaitaire.premier_mois_nouvelle_limite": Bound(
        "mois_de_l_annee", 1, 12
    ),
    **{
        f"contrat_engagement_jeune.{name}": up_to("mois_regardes", 12)
        for name in (
            "non_cumul.recul_ressources_suspensives",
            "non_cumul.mois_prime_activite_anterieure",
            "garantie_jeunes.duree_indemnites_journalieres",
        )
    },
    "contrat_engagement_jeune.ressources.nombre_mois": Bound("mois_en_moyenne", 1, 12),
    "contrat_engagement_jeune.sanctions.bareme_2022.rang_rupture": Bound("rang_rupture", 1, 3),
}


def of_input(unit: str | None) -> Bound:
    """The bound of the inputs of a unit."""
    return INPUTS.get(unit or "", OTHER)


def of_parameter(path: str, unit: str | None, highest: float) -> Bound:
    """The bound of a parameter; ``highest`` is the highest value the law ever had."""
    if path in PATHS:
        return PATHS[path]
    if unit == "/1" and highest > 1:
        return COEFFICIENT
    if unit == "currency":
        for start, bound in YEARLY.items():
            if path.startswith(start):
                return bound
    return PARAMETERS.get(unit or "", OTHER)
