"""The dated versions of the articles that the rules cite, and which of them applies on a day.

The register (`articles.yaml`) holds the facts: identifier, first and last day, what changed and
how it is known. It is read once. Nothing here depends on the rest of the package: a variable is
whatever has a `reference` and a `definition_period`.
"""

import datetime
import functools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from openfisca_core.periods import Period
from openfisca_core.variables import Variable

REGISTER = Path(__file__).with_name("articles.yaml")

#: An identifier of Légifrance in a link, and the day that the link may ask for.
IDENTIFIER = re.compile(r"\b((?:LEGIARTI|JORFARTI|JORFTEXT)\d{12})(?:/(\d{4}-\d{2}-\d{2}))?")

#: Where Légifrance shows an identifier, by kind.
ADDRESSES = {
    "LEGIARTI": "https://www.legifrance.gouv.fr/codes/article_lc/",
    "JORFARTI": "https://www.legifrance.gouv.fr/jorf/article_jo/",
    "JORFTEXT": "https://www.legifrance.gouv.fr/jorf/id/",
}


@dataclass(frozen=True)
class Version:
    """What an article says from its first to its last day, both included.

    ``id`` is None where the day of the version is known and its identifier is not;
    ``last_day`` is None while in force. ``confidence`` is `lu` (text and dates read), `publié`
    (dates read, not the text) or `déduit`. ``maintained_until``: the last day on which a
    repealed version may still bind those who benefited from it.
    """

    id: str | None
    first_day: datetime.date
    last_day: datetime.date | None
    change: str
    confidence: str
    link: str
    maintained_until: datetime.date | None = None

    def covers(self, day: datetime.date) -> bool:
        """Tell whether the version is in force on the day."""
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)


@dataclass(frozen=True)
class Article:
    """An article of a code or of a text; ``number`` is None for a text cited as a whole."""

    code: str
    number: str | None
    versions: tuple[Version, ...]

    @property
    def title(self) -> str:
        """How a sentence names it: « article D5131-19 du code du travail »."""
        if self.number is None:
            return self.code
        feminine = self.code.startswith("loi")
        return f"article {self.number} {'de la' if feminine else 'du'} {self.code}"

    def on(self, day: datetime.date) -> Version | None:
        """The version in force on the day, or None."""
        return next((version for version in self.versions if version.covers(day)), None)


@functools.cache
def articles() -> tuple[Article, ...]:
    """All the articles of the register, in its order."""
    entries = yaml.load(REGISTER.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return tuple(
        Article(
            code=entry["code"],
            number=entry["numero"],
            versions=tuple(_version(version) for version in entry["versions"]),
        )
        for entry in entries
    )


def article_of(href_or_id: str) -> tuple[Article, Version] | None:
    """The article and the version that a link (or an identifier) of Légifrance points to.

    A link may ask for a day (`…/LEGIARTI000046860759/2025-02-16`): it then points to the
    version in force on that day, as on Légifrance. None for any other link, or when the
    register does not know the identifier or a version on that day.
    """
    match = IDENTIFIER.search(href_or_id)
    if match is None or match[1] not in _by_id():
        return None
    article, cited = _by_id()[match[1]]
    version = cited if match[2] is None else article.on(datetime.date.fromisoformat(match[2]))
    return None if version is None else (article, version)


def in_force(article_number: str | None, code: str, day: datetime.date) -> Version | None:
    """The version of an article in force on a day; None if there is none, or no such article."""
    article = by_number().get((code, article_number))
    return None if article is None else article.on(day)


def versions_cited(variable: Variable, day: datetime.date) -> list[tuple[Article, Version]]:
    """The version in force on the day of each article that the variable's `reference` cites.

    Articles come once each, in the order of the links. A version later than those cited is
    given when it is the one in force; an earlier one never is: numbers of articles were reused
    for other subjects. For the same reason a maintained version (that of the garantie jeunes)
    is given as it was cited, as long as it binds, and is never replaced. Articles without a
    version that applies on the day are left out.
    """
    cited: dict[Article, list[Version]] = {}
    for link in _links(variable):
        found = article_of(link)
        if found is not None:
            cited.setdefault(found[0], []).append(found[1])
    chosen = ((article, _applicable(article, cited[article], day)) for article in cited)
    return [(article, version) for article, version in chosen if version is not None]


def day_of(variable: Variable, period: Period) -> datetime.date:
    """The day whose law the variable's value of the period follows.

    The first day of a month; for a year of income, the first of September that follows it, when
    the tax notices on this income are out: the tax scale is voted after the income. Raises
    ValueError for a variable without period: take the day of the month that is asked about.
    """
    unit = str(variable.definition_period)
    if unit == "eternity":
        raise ValueError(f"{variable.name} has no period: take the day of the month asked about.")
    year, month, day = period.start
    if unit == "year":
        return datetime.date(year + 1, 9, 1)
    return datetime.date(year, month, day)


def _version(entry: dict[str, Any]) -> Version:
    identifier = entry["id"]
    return Version(
        id=identifier,
        first_day=entry["premier_jour"],
        last_day=entry["dernier_jour"],
        change=entry["changement"],
        confidence=entry["confiance"],
        link=entry.get("lien") or ADDRESSES[identifier[:8]] + identifier,
        maintained_until=entry.get("maintenue"),
    )


@functools.cache
def _by_id() -> dict[str, tuple[Article, Version]]:
    return {
        version.id: (article, version)
        for article in articles()
        for version in article.versions
        if version.id is not None
    }


@functools.cache
def by_number() -> dict[tuple[str, str | None], Article]:
    """The articles by code and number."""
    return {(article.code, article.number): article for article in articles()}


def _links(variable: Variable) -> list[str]:
    reference = variable.reference or []
    return [reference] if isinstance(reference, str) else list(reference)


def _applicable(article: Article, cited: list[Version], day: datetime.date) -> Version | None:
    bound = [
        version
        for version in cited
        if version.maintained_until is not None
        and version.first_day <= day <= version.maintained_until
    ]
    if bound:
        return max(bound, key=lambda version: version.first_day)
    others = [version.first_day for version in cited if version.maintained_until is None]
    current = article.on(day)
    if not others or current is None or current.first_day < min(others):
        return None
    return current
