"""What the persons of a synthetic universe are, month by month: everybody, some, or a potential.

A cohort is not a year's budget: the contracts of the year before are not in it, and those that go
on after it are. Sentences are in French.
"""

import datetime
from collections.abc import Mapping
from typing import Any

from openfisca_cej.analysis.sources import BOTH_YEARS
from openfisca_cej.french import MOIS, day, month_name
from openfisca_cej.population.months import month_range
from openfisca_cej.population.universes import ENTRANTS, NEET, PRESENT, STOCK

#: Months in which the entrants of these years are all those in a CEJ: none began before March 2022.
EVERYBODY = {"2022": "2022-03:2022-12", BOTH_YEARS: "2022-03:2023-12"}

POTENTIAL = (
    "C'est un potentiel, et non une dépense : chaque mois est compté comme si tous ces jeunes "
    "sans emploi ni formation signaient ce mois-là."
)


#: What a stock is.
OF_A_DAY = (
    "Jeunes en contrat le {} : ni ceux qui entrent ensuite, ni ceux qui étaient sortis. Ce n'est "
    "pas le coût d'une année."
)


def everybody(parameters: Mapping[str, Any]) -> range:
    """The months in which these entrants are all the young people in a CEJ; none for others."""
    if parameters.get("universe") == PRESENT:
        return month_range(f"{parameters['year']}-01:{parameters['year']}-12")
    if parameters.get("universe") != ENTRANTS:
        return range(0)
    written = EVERYBODY.get(parameters["year"])
    return month_range(written) if written else range(0)


def headline(parameters: Mapping[str, Any], months: range) -> str:
    """The last calendar year of the window that is a year's budget; empty: there is none."""
    known = set(everybody(parameters)) & set(months)
    years = {month // 12 for month in known}
    whole = [year for year in years if known.issuperset(range(12 * year, 12 * year + 12))]
    return str(max(whole)) if whole else ""


def note(parameters: Mapping[str, Any], year: int, months: range) -> str:
    """What the row of a year is, when it is not everybody in a CEJ in its months."""
    if parameters.get("universe") == NEET:
        return "potentiel"
    if parameters.get("universe") == STOCK:
        return f"en contrat le {day_of(parameters)}"
    if parameters.get("universe") not in (ENTRANTS, PRESENT):
        return ""
    entered = parameters["year"]
    if year > int(entered[-4:]):
        return "fin de contrats, sans entrants"
    if all(month in everybody(parameters) for month in months if month // 12 == year):
        return ""
    return f"entrés en {entered} seulement"


def day_of(parameters: Mapping[str, Any]) -> str:
    """The day of a stock, in words."""
    return day(datetime.date.fromisoformat(parameters["year"]))


def sentence(parameters: Mapping[str, Any], months: range) -> str:
    """What the persons are, when their total is not a year's budget; empty: it is, or unknown."""
    if parameters.get("universe") == NEET:
        return POTENTIAL
    if parameters.get("universe") == STOCK:
        return OF_A_DAY.format(day_of(parameters))
    if parameters.get("universe") not in (ENTRANTS, PRESENT) or headline(parameters, months):
        return ""
    entered = parameters["year"]
    if all(month in everybody(parameters) for month in months):
        # No window of these entrants holds twelve such months.
        told = "Tous les jeunes en contrat dans ces mois, mais moins d'une année"
    else:
        told = f"Jeunes entrés en {entered}, leurs mois {between(months)} seulement"
    text = f"{told} : ce n'est pas le coût d'une année."
    if not everybody(parameters):
        text += f" Les contrats signés avant {entered} n'y sont pas."
    year, universe = "2023", f"entrants --region France --year {BOTH_YEARS}"
    if int(entered[:4]) > 2023:
        year, universe = entered, f"{PRESENT} --year {entered}"
    return f"{text} Pour le budget de l'année {year} : --universe {universe}."


def between(months: range) -> str:
    """« de janvier à décembre 2023 », the year said once when it is the same."""
    first, last = month_name(months[0]), month_name(months[-1])
    if len(months) == 1:
        return f"de {first}"
    return f"de {MOIS[months[0] % 12] if months[0] // 12 == months[-1] // 12 else first} à {last}"
