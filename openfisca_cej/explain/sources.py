"""What an amount rests on: articles in their version of the day, parameters, and how fresh."""

import datetime
import functools
import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from openfisca_core.parameters import Parameter
from openfisca_core.periods import Period
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej import droit, french
from openfisca_cej.french import MOIS
from openfisca_cej.systems import remembered

#: How the parameters begin that are the rank of a month of the year, not a number of months.
MONTH_OF_THE_YEAR = "premier_mois_"

#: Parameters that count elsewhere than where the person lives: the formulas read both sides.
MAYOTTE = (
    "contrat_engagement_jeune.montant_forfaitaire.mayotte",
    "contrat_engagement_jeune.ressources.degressivite.smic_mayotte",
)
MAINLAND = (
    "contrat_engagement_jeune.montant_forfaitaire.general",
    "marche_travail.salaire_minimum.smic.smic_b_mensuel",
)


#: Where a parameter says on which day of each year the law moves it.
KEY = "revalorisation"


@dataclass(frozen=True)
class Frozen:
    """A value that stands in for the one that the law has put in its place since.

    ``since`` is the day of the last value known, ``due`` the day on which the law moved it;
    ``incomes`` says that both are years of incomes, as in the tax scale.
    """

    path: str
    label: str
    written: str
    since: str
    due: str
    incomes: bool

    def is_moved_with(self, other: "Frozen") -> bool:
        """Whether it is the same value, that a reform wrote otherwise."""
        return (self.path, self.due) == (other.path, other.due)

    @property
    def sentence(self) -> str:
        """What is said beside the amount, in French."""
        if self.incomes:
            return (
                f"{self.label} : la valeur des revenus de {self.due[:4]} n'est pas connue, celle "
                f"des revenus de {self.since[:4]} sert à sa place ; le montant peut changer."
            )
        since, due = (
            french.day(datetime.date.fromisoformat(day)) for day in (self.since, self.due)
        )
        return (
            f"{self.label} : la dernière valeur connue, {self.written}, date du {since} ; la loi "
            f"la fait changer le {due}, donc le montant changera."
        )


def due_since(metadata: dict[str, Any], since: str, day: str, last: str) -> str:
    """The day on which the law moved a value that a day still reads; empty when it did not.

    ``since`` is the date of the value read and ``last`` that of the last one known: an older
    value was replaced when the law said so. A value that was checked on the day of the move, or
    later, has not moved; the tax scale is dated by the incomes, and has no such check.
    """
    rule = metadata.get(KEY)
    if not rule or not since or since != last:
        return ""
    known = since
    if not rule.get("annee_des_revenus"):
        known = max(known, str(metadata.get("last_value_still_valid_on", "")))
    year = int(known[:4])
    days = (f"{one}-{rule['jour']}" for one in (year, year + 1))
    due = next(move for move in days if move > known)
    return due if due <= day else ""


@dataclass(frozen=True)
class ArticleUsed:
    """The version of an article in force on the day, with its link."""

    title: str
    number: str
    id: str
    since: str
    until: str
    href: str
    confidence: str

    @property
    def cited(self) -> str:
        """How it is cited: « D5131-19 » of the Code du travail, another with its code."""
        own = self.title.endswith("du code du travail")
        return self.number if own else self.title.removeprefix("article ")

    @functools.cached_property
    def as_json(self) -> dict[str, Any]:
        """The article as JSON."""
        return {**vars(self), "id": self.id or None, "until": self.until or None}


@dataclass(frozen=True)
class ParameterUsed:
    """A parameter that a formula read: its value, since when, its source and confidence.

    ``frozen`` tells that the law has moved it since, None when its value is known.
    """

    path: str
    label: str
    value: Any
    written: str
    since: str
    sources: tuple[tuple[str, str], ...]
    confidence: str
    checked_until: str
    frozen: Frozen | None = None

    @functools.cached_property
    def as_json(self) -> dict[str, Any]:
        """The parameter as JSON."""
        return {
            "path": self.path,
            "label": self.label,
            "value": self.value,
            "written": self.written,
            "since": self.since,
            "sources": [{"title": title, "href": href} for title, href in self.sources],
            "confidence": self.confidence or None,
            "checked_until": self.checked_until or None,
        }


@dataclass(frozen=True)
class Freshness:
    """Until when the law behind an amount was checked, what is only deduced, what has moved.

    ``frozen`` are the values that the law has moved since the last one known.
    """

    checked_until: str
    deduced: tuple[ParameterUsed, ...]
    frozen: tuple[Frozen, ...] = ()


@functools.lru_cache(maxsize=4096)
def articles_on(variable: Any, day: datetime.date) -> tuple[ArticleUsed, ...]:
    """The articles that a variable cites, in their version of the day, each once."""
    found = (
        ArticleUsed(
            title=article.title,
            number=article.number or article.code,
            id=version.id or "",
            since=version.first_day.isoformat(),
            until=version.last_day.isoformat() if version.last_day else "",
            href=version.link,
            confidence=version.confidence,
        )
        for article, version in droit.versions_cited(variable, day)
    )
    return tuple(dict.fromkeys(found))


def articles(variable: Any, moment: Period, events: Iterable[Period] = ()) -> list[ArticleUsed]:
    """The articles that a variable cites, in the version that its value of the period follows.

    Then those of the days of the events that it draws on, where they are others.
    """
    first = articles_on(variable, droit.day_of(variable, moment))
    others = [articles_on(variable, event.start.date) for event in events]
    return list(dict.fromkeys(itertools.chain(first, *others)) if others else first)


@remembered
def parameter_used(system: TaxBenefitSystem, name: str, instant: Any) -> ParameterUsed | None:
    """What is known of a parameter on a day; None for what is no parameter (a scale's bracket)."""
    node: Any = system.parameters
    for key in name.split("."):
        node = getattr(node, "children", {}).get(key)
        if node is None:
            return None
    day = str(getattr(instant, "start", instant))
    metadata = getattr(node, "metadata", None) or {}
    if not isinstance(node, Parameter):
        return scale_used(node, name, day)
    value = node(instant)
    written = written_parameter(value, metadata.get("unit"), name, system)
    dates = [entry.instant_str for entry in node.values_list]
    return told_of(name, node, value, written, dates, day)


def scale_used(node: Any, name: str, day: str) -> ParameterUsed | None:
    """The same for a scale of several brackets."""
    brackets = getattr(node, "brackets", None)
    if not brackets:
        return None
    dates = {
        entry.instant_str
        for bracket in brackets
        for parameter in bracket.children.values()
        for entry in parameter.values_list
    }
    at = node.get_at_instant(day)
    told = [
        f"{french.trimmed(rate * 100, 2)} % au-delà de {french.number(threshold, 0)}"
        for threshold, rate in zip(at.thresholds, at.rates, strict=True)
    ]
    value = [list(pair) for pair in zip(at.thresholds, at.rates, strict=True)]
    return told_of(name, node, value, " ; ".join(told), dates, day)


def told_of(
    name: str, node: Any, value: Any, written: str, dates: Iterable[str], day: str
) -> ParameterUsed:
    """What the metadata of a parameter say of its value of a day; ``dates`` are all of them."""
    metadata = getattr(node, "metadata", None) or {}
    since = max((date for date in dates if date <= day), default="")
    label = metadata.get("short_label") or node.description or name
    due = due_since(metadata, since, day, max(dates, default=""))
    incomes = bool(due) and bool(metadata[KEY].get("annee_des_revenus"))
    sources = metadata.get("reference", {}).get(since, [])
    return ParameterUsed(
        path=name,
        label=label,
        value=value,
        written=written,
        since=since,
        sources=tuple((source["title"], source.get("href", "")) for source in sources),
        confidence=str(metadata.get("confiance", {}).get(since, "")),
        checked_until=str(metadata.get("last_value_still_valid_on", "")),
        frozen=Frozen(name, label, written, since, due, incomes) if due else None,
    )


def written_parameter(value: Any, unit: str | None, name: str, system: TaxBenefitSystem) -> str:
    """The value of a parameter in French, with its unit; variables by their labels."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, list):
        return ", ".join(system.variables[variable].label.lower() for variable in value)
    if name.rsplit(".", 1)[-1].startswith(MONTH_OF_THE_YEAR):
        return MOIS[value - 1]
    units = {"currency": "€", "year": "ans", "month": "mois", "hour": "heures"}
    text = french.amount(value) if unit == "currency" else french.trimmed(value, 6)
    return f"{text}{french.BEFORE_UNIT}{units[unit]}" if unit in units else text


def freshness(read: Iterable[ParameterUsed], in_mayotte: bool) -> Freshness:
    """Until when the law behind an amount was checked, from the parameters that were read."""
    elsewhere = MAINLAND if in_mayotte else MAYOTTE
    used = {item.path: item for item in read if not item.path.startswith(elsewhere)}
    checked = min((item.checked_until for item in used.values() if item.checked_until), default="")
    deduced = tuple(item for item in used.values() if item.confidence == "déduit")
    return Freshness(checked, deduced)
