"""The questions of the page, and how their answers are read from the address.

A question bears the name of the variable that it asks for. An answer that is not there means
« je ne sais pas »: nothing is supplied, and the amount has bounds.
"""

import dataclasses
import datetime
import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit, Period
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from openfisca_cej import french
from openfisca_cej.declarations import QUESTIONS, question_de
from openfisca_cej.explain.asking import NO_DATE
from openfisca_cej.explain.resources import Effect, folded, resources
from openfisca_cej.explain.unknowns import default_of, notice_year, question_of
from openfisca_cej.names import AGE, BIRTH, DECISION, FAILING, FOYER_TIER, SIGNATURE, TIER
from openfisca_cej.population.months import months_after
from openfisca_cej.reading import bound_of, euros_in, item_in, number_of, within
from openfisca_cej.refusals import BadValue, quoted
from openfisca_cej.systems import remembered

#: First birth date and first signature that the page takes: 1 January 1970 stands for none.
FIRST_DAY, LAST_DAY = datetime.date(1971, 1, 1), datetime.date(2099, 12, 31)

#: Inputs that another question stands for.
NOT_ASKED = frozenset({AGE})

#: Dates that always exist; for the others « aucune » is an answer.
ALWAYS_A_DATE = frozenset({BIRTH, SIGNATURE})
NONE = "aucune"

#: The tier that a lump sum keeps when it was not revised since: asked apart from that of the month.
AT_SIGNATURE = "situation_signature"

#: Where the home is: one question for all the places that the law names.
HOME = "residence"
HOMES = {
    "metropole": "En métropole",
    "guadeloupe": "En Guadeloupe",
    "guyane": "En Guyane",
    "martinique": "En Martinique",
    "mayotte": "À Mayotte",
    "reunion": "À La Réunion",
}

#: What a choice is called where its own label would not be understood outside its list.
ITEMS = {
    (TIER, "non_imposable"): "Non imposable",
    (TIER, "premiere_tranche"): "Imposable, dans la première tranche (11 %)",
    (TIER, "au_dela"): "Imposable, au-delà de la première tranche",
    (DECISION, "aucun"): "Aucune sanction",
}

#: Units of what is asked for, by kind, where it is not that of the variable.
RATE = "%"
UNITS = {"month": "€", "year": "€", "rate": RATE}

ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
FRENCH_DAY = re.compile(r"(\d{1,2})[/. -](\d{1,2})[/. -](\d{4})|(\d{2})(\d{2})(\d{4})")


@dataclass(frozen=True, eq=False)
class FormQuestion:
    """A question about a month. ``kind`` is « date », « montant », « nombre » or « choix »."""

    name: str
    kind: str
    text: str
    help: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    unit: str = ""
    read: Callable[[str], Any] = str
    autocomplete: str = ""
    words: str = ""


def question(
    system: TaxBenefitSystem, name: str, moment: Period, today: datetime.date = LAST_DAY
) -> FormQuestion:
    """The question for an input of the model, about the period that counts for the month.

    It is asked in the future where that period begins after ``today``.
    """
    return worded(system, name, moment, periods_of(system, name, moment)[0].start.date > today)


@remembered
def worded(system: TaxBenefitSystem, name: str, moment: Period, to_come: bool) -> FormQuestion:
    """The same: the period is to come or not."""
    if name == AT_SIGNATURE:
        tier = worded(system, TIER, moment, False)
        return dataclasses.replace(
            tier,
            name=AT_SIGNATURE,
            text="Quelle était la situation de votre foyer fiscal à la signature du contrat ?",
            help="D'après l'avis d'impôt d'alors. Elle compte si le montant écrit au contrat n'a "
            "pas été révisé depuis.",
        )
    if name == HOME:
        return FormQuestion(
            HOME,
            "choix",
            f"Où {'sera' if to_come else 'est'} votre logement en {french.month(moment)} ?",
            "Les montants ne sont pas les mêmes à Mayotte, ni les impôts outre-mer.",
            tuple(HOMES.items()),
            read=lambda text: item_in(text, HOMES),
        )
    variable = system.get_variable(name, check_existence=True)
    asked = system.variables[FOYER_TIER] if name == TIER else variable
    text, help_ = question_of(asked, periods_of(system, name, moment)[0], to_come)
    kind, reader = READERS[kind_of(variable)]
    return FormQuestion(
        name,
        kind,
        text,
        " ".join(part for part in (help_, question_de(name).jamais) if part),
        choices_of(variable),
        UNITS.get(kind_of(variable), variable.unit or ""),
        functools.partial(reader, variable),
        "bday" if name == BIRTH else "",
        " ".join(word for word in question_de(name).synonymes if folded(word) not in folded(text)),
    )


def never(system: TaxBenefitSystem, decided: bool) -> dict[str, Any]:
    """What nothing is, of the inputs of which it holds for the months before too.

    ``decided``: those that a decision makes, or the others.
    """
    asked = [one for one in QUESTIONS.items() if one[1].jamais and bool(one[1].mois) == decided]
    ordered = sorted(asked, key=lambda one: one[1].rang)
    return {name: default_of(system.variables[name]) for name, _ in ordered}


def months_of_decisions() -> list[str]:
    """The answers that tell the month of a decision."""
    return [one.mois for one in QUESTIONS.values() if one.mois]


@remembered
def askable(system: TaxBenefitSystem) -> tuple[str, ...]:
    """Names of the inputs that the page may ask for: of the tier, the one that counts."""
    names = [TIER if name == FOYER_TIER else name for name in QUESTIONS]
    return tuple(name for name in names if name in system.variables and name not in NOT_ASKED)


def kind_of(variable: Variable) -> str:
    """The kind of answer that the variable takes."""
    if variable.value_type is datetime.date:
        return "date"
    if variable.value_type is bool:
        return "boolean"
    if variable.value_type is Enum:
        return "item"
    kinds = {"€/mois": "month", "€/an": "year", "fraction": "rate"}
    return kinds.get(variable.unit or "", "number")


def choices_of(variable: Variable) -> tuple[tuple[str, str], ...]:
    """Values and labels of the choices; « je ne sais pas » is added by the form."""
    if variable.value_type is bool:
        return (("oui", "Oui"), ("non", "Non"))
    if variable.value_type is not Enum:
        return ()
    return tuple(
        (item.name, ITEMS.get((variable.name, item.name), item.value))
        for item in variable.possible_values
    )


def read_boolean(variable: Variable, text: str) -> bool:
    """A truth value. Raises BadValue."""
    if text not in ("oui", "non"):
        raise BadValue("not-a-boolean", value=quoted(text), yes="oui", no="non")
    return text == "oui"


def read_item(variable: Variable, text: str) -> str:
    """Name of an item. Raises BadValue."""
    return item_in(text, [item.name for item in variable.possible_values])


def read_date(variable: Variable, text: str) -> str:
    """A date, as ISO, of a text in ISO or in French; none where that may be. Raises BadValue."""
    if text == NONE and variable.name not in ALWAYS_A_DATE:
        return NO_DATE
    return read_day(text).isoformat()


def read_day(text: str) -> datetime.date:
    """A date within reach. Raises BadValue."""
    iso, written = ISO.fullmatch(text), FRENCH_DAY.fullmatch(text)
    parts = iso.groups() if iso else ()
    if written:
        parts = tuple(part for part in written.groups() if part)[::-1]
    if not parts:
        raise BadValue("not-a-day", value=quoted(text))
    try:
        day = datetime.date(*map(int, parts))
    except ValueError:
        raise BadValue("no-such-day", value=quoted(text)) from None
    if not FIRST_DAY <= day <= LAST_DAY:
        first, last = FIRST_DAY.year, LAST_DAY.year
        raise BadValue("day-out-of-reach", value=quoted(text), first=first, last=last)
    return day


def read_amount(variable: Variable, text: str) -> float:
    """Euros and centimes. Raises BadValue."""
    return euros_in(text, bound_of(variable))


def read_number(variable: Variable, text: str) -> float | int:
    """A number that suits the unit of the variable. Raises BadValue."""
    found = number_of(text)
    if found is None:
        raise BadValue("not-positive", value=quoted(text))
    whole = variable.value_type is int
    found = within(found, text, bound_of(variable), whole)
    return int(found) if whole else found


def read_rate(variable: Variable, text: str) -> float:
    """A fraction, as a letter writes it (30 %) or as the law's own (0,3). Raises BadValue."""
    found = number_of(text.removesuffix(RATE))
    if found is None:
        raise BadValue("not-positive", value=quoted(text))
    if RATE in text or found > 1:
        found = round(found / 100, 6)
    return within(found, text, bound_of(variable))


#: Kind of question and reader of its answer, by kind of variable.
READERS: dict[str, tuple[str, Callable[[Variable, str], Any]]] = {
    "date": ("date", read_date),
    "boolean": ("choix", read_boolean),
    "item": ("choix", read_item),
    "month": ("montant", read_amount),
    "year": ("montant", read_amount),
    "rate": ("nombre", read_rate),
    "number": ("nombre", read_number),
}


def written(value: Any) -> str:
    """A value as the address holds it."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if value == NO_DATE:
        return NONE
    return str(int(value)) if isinstance(value, float) and value == int(value) else str(value)


# Which periods an answer is about.


@remembered
def periods_of(
    system: TaxBenefitSystem, name: str, moment: Period, months: int | None = None
) -> tuple[Period, ...]:
    """The periods for which the answer about a month is given, the latest first.

    Resources that count the month after are those of the ``months`` before (as many as the law
    averages by default); a yearly input is that of the tax notice.
    """
    if name in (AT_SIGNATURE, HOME):
        return (moment,)
    variable = system.get_variable(name, check_existence=True)
    if variable.definition_period == DateUnit.ETERNITY:
        return (moment,)
    if variable.definition_period == DateUnit.YEAR:
        return (notice_year(system, moment),)
    if name == FAILING:  # It acts on the month after that of its notification.
        return (months_after(moment, -1),)
    if effects(system, str(moment.start)).get(name) not in (Effect.DEDUCTED, Effect.PARTLY):
        return (moment,)
    law = system.get_parameters_at_instant(moment).contrat_engagement_jeune
    count = months or law.ressources.nombre_mois
    return tuple(months_after(moment, -back) for back in range(1, count + 1))


@remembered
def effects(system: TaxBenefitSystem, day: str) -> dict[str, Effect]:
    """What each resource does to the allowance on a day."""
    return {one.name: one.at(day).effect for one in resources(system)}


def suspending(system: TaxBenefitSystem, moment: Period) -> list[str]:
    """The resources that suspend the allowance of the month."""
    found = effects(system, str(moment.start))
    return [name for name, effect in found.items() if effect is Effect.SUSPENDS]


@remembered
def own_resources(system: TaxBenefitSystem, moment: Period) -> tuple[str, ...]:
    """The person's own resources that may lower or suspend the allowance of the month."""
    counting = (Effect.DEDUCTED, Effect.PARTLY, Effect.SUSPENDS)
    found = effects(system, str(moment.start))
    return tuple(
        name
        for name in askable(system)
        if found.get(name) in counting and system.variables[name].entity.is_person
    )
