"""What held in some months only (« un mi-temps de février à avril »), past months included.

The address says it as ``periode=salaire_net:600:2026-02:2026-04``; the form, in four fields.
"""

import functools
import math
import re
from dataclasses import dataclass
from typing import Any

from openfisca_core.periods import DateUnit, Period
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from werkzeug.datastructures import MultiDict

from openfisca_cej import french
from openfisca_cej.declarations import question_de
from openfisca_cej.explain.resources import Effect, folded
from openfisca_cej.explain.unknowns import PLACES, default_of
from openfisca_cej.names import TIER, WAGE
from openfisca_cej.population.months import month_number, month_period, months_after
from openfisca_cej.refusals import BadValue, cut
from openfisca_cej.systems import remembered
from openfisca_cej.web import questions
from openfisca_cej.web.questions import HOME

#: What is said, in an address; and the fields by which one more is.
LASTING, FACT, FIGURE, SINCE, UNTIL = "periode", "fait", "fait_somme", "fait_de", "fait_a"
NAMES = (LASTING, FACT, FIGURE, SINCE, UNTIL)

#: What is said at most.
MOST = 12

#: A month as people write it: 02/2026, février 2026.
WRITTEN = re.compile(r"(\d{1,2}|[a-z]{3,})[ /.-](\d{4})")


@dataclass(frozen=True)
class Lasting:
    """A fact that held from a month to another, both included; ``told`` is its value in words."""

    name: str
    value: Any
    since: Period
    until: Period
    told: str

    @property
    def months(self) -> list[Period]:
        """The months in which it held."""
        count = month_number(str(self.until)) - month_number(str(self.since)) + 1
        return [months_after(self.since, rank) for rank in range(count)]

    @property
    def written(self) -> str:
        """What the address says of it."""
        return f"{self.name}:{questions.written(self.value)}:{self.since}:{self.until}"

    @property
    def sentence(self) -> str:
        """The fact and its months, in French."""
        since, until = french.month(self.since), french.month(self.until)
        months = f"en {since}" if since == until else f"{french.of(since)} à {until}"
        return f"{self.told}, {months}"


@remembered
def facts(system: TaxBenefitSystem, moment: Period) -> tuple[tuple[str, str], ...]:
    """What the form proposes: what it sends, and how it is called.

    Sums that count in the month come first, the wage before all; of the rest, what is not usual.
    """
    effects = questions.effects(system, str(moment.start))
    sums, others = [], []
    for name in filter(functools.partial(lasts, system), [*questions.askable(system), HOME]):
        choices = choices_of(system, name)
        if not choices and effects.get(name, Effect.IGNORED) is not Effect.IGNORED:
            sums.append((name, called(system, name)))
        if name not in PLACES and (name in (HOME, TIER) or question_de(name).rang < math.inf):
            others += [(f"{name}:{value}", called(system, name, value)) for value in choices]
    return (*sorted(sums, key=lambda one: one[0] != WAGE), *others)


def choices_of(system: TaxBenefitSystem, name: str) -> dict[str, str]:
    """The values to choose from, and how they are called; of yes and no, what is not usual."""
    if name == HOME:
        return questions.HOMES
    variable = system.variables[name]
    items = dict(questions.choices_of(variable))
    if items.keys() == {"oui", "non"}:
        items.pop(questions.written(default_of(variable)))
    return items


def called(system: TaxBenefitSystem, name: str, value: str = "") -> str:
    """A fact in a few words, with its value where it is one of several."""
    items = choices_of(system, name)
    asked = question_de(name)
    label = "Logement" if name == HOME else system.variables[name].label
    if value in items and len(items) == 1:
        return asked.a_cocher or label
    if value:
        return f"{label} : {items.get(value, value)}"
    return asked.a_cocher or asked.bref[:1].upper() + asked.bref[1:] or label


def lasts(system: TaxBenefitSystem, name: str) -> bool:
    """Whether the input is a fact of each month: a decision is of its own."""
    if name == HOME:
        return True
    asked = question_de(name)
    monthly = system.variables[name].definition_period == DateUnit.MONTH
    return monthly and not asked.ponctuel and not asked.mois


def read(
    system: TaxBenefitSystem, sent: MultiDict[str, str], months: range
) -> tuple[list[Lasting], dict[str, str]]:
    """What is said to have held in some of the months offered; and the faults, by field."""
    texts = dict.fromkeys(sent.getlist(LASTING))
    fact, figure = sent.get(FACT, ""), sent.get(FIGURE, "").strip()
    faults: dict[str, str] = {}
    if fact:
        value = fact if ":" in fact else f"{fact}:{figure}"
        since = sent.get(SINCE, "").strip()
        texts[f"{value}:{since}:{sent.get(UNTIL, '').strip() or since}"] = None
    elif figure:
        faults[FACT] = "choisissez de quoi il s'agit"
    found: list[Lasting] = []
    for text in [*texts][:MOST]:
        try:
            found.append(one_of(system, text, months))
        except ValueError as error:
            faults[FACT] = error.fr if isinstance(error, BadValue) else str(error)
    if len(texts) > MOST:
        faults[FACT] = f"{MOST} périodes au plus"
    said: dict[tuple[str, Period], Any] = {}
    for one in found:
        for month in one.months:
            if said.setdefault((one.name, month), one.value) != one.value:
                faults[FACT] = f"deux réponses différentes pour {french.month(month)}"
    return found, faults


def one_of(system: TaxBenefitSystem, text: str, months: range) -> Lasting:
    """One fact, as the address says it. Raises BadValue, ValueError in French."""
    name, _, rest = text.partition(":")
    value, _, span = rest.partition(":")
    since, _, until = span.partition(":")
    if not (name in (*questions.askable(system), HOME) and lasts(system, name)):
        raise ValueError(f"« {cut(name)} » n'est pas un fait qui dure quelques mois")
    ends = [month_in(text) for text in (since, until)]
    if not (months[0] <= ends[0] <= ends[1] <= months[-1]):
        first, last = (french.month(month_period(months[rank])) for rank in (0, -1))
        raise ValueError(f"donnez des mois dans l'ordre, de {first} à {last}")
    start = month_period(ends[0])
    asked = questions.question(system, name, start)
    read = asked.read(value)
    told = called(system, name, value if asked.choices else "")
    if asked.unit == "€":
        told += f" : {french.euros(read)}"
    return Lasting(name, read, start, month_period(ends[1]), told)


def month_in(text: str) -> int:
    """Number of the month that a text tells: 2026-02, 02/2026, février 2026. Raises ValueError."""
    written = WRITTEN.fullmatch(folded(text))
    if written:
        named = [rank for rank, name in enumerate(french.MOIS, 1) if is_named(written[1], name)]
        rank = named[0] if len(named) == 1 else int(written[1]) if written[1].isdigit() else 0
        text = f"{written[2]}-{rank:02}"
    try:
        return month_number(text)
    except ValueError:
        raise ValueError(
            f"« {cut(text)} » n'est pas un mois (par exemple 02/2026)" if text else "donnez le mois"
        ) from None


def is_named(text: str, name: str) -> bool:
    """Whether the text is the name of a month, or its beginning."""
    return folded(name).startswith(text)
