"""Drift: what an index of the Code du travail says that the register of versions does not.

The index is that of the npm package `@socialgouv/legi-data` (a mirror of Légifrance), whole or
reduced to the identifiers and days of the articles that concern the contract. A second check needs
no index: values of parameters that nobody has looked at since the law usually moves.
"""

import dataclasses
import datetime
import functools
import json
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from gettext import gettext as _
from pathlib import Path
from typing import Any

from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej import droit
from openfisca_cej.droit import registre
from openfisca_cej.french import short_day

#: The extract that comes with the package.
EXTRACT = Path(__file__).with_name("index_code_du_travail.json")

NPM_PACKAGE = "@socialgouv/legi-data"
CODE_FILE = "LEGITEXT000006072050.json"
CODE = "code du travail"

#: Titles of the sections whose new articles are reported.
SECTIONS = (
    "Droit à l'accompagnement des jeunes vers l'emploi et l'autonomie",
    "Sanctions des demandeurs d'emploi",
)

#: Légifrance writes « no end » as 2999-01-01; anything after this day is no end.
NO_END = datetime.date(2900, 1, 1)

#: Where Légifrance shows the code, for what no index tells.
CODE_LINK = f"https://www.legifrance.gouv.fr/codes/texte_lc/{CODE_FILE.removesuffix('.json')}"

#: A version that ends within so many days is about to expire; an older index is a blind watch.
SOON = 183

#: The SMIC, and how the names of the parameters that follow it start.
SMIC, SMIC_PREFIX = "marche_travail.salaire_minimum.smic.smic_b_mensuel", "smic_"

#: Days on which amounts usually change: the SMIC, then the social benefits.
TURNS = ((1, 1), (4, 1))


class NotAnIndex(ValueError):
    """A file that is not an index; its text names the file and what was expected."""


class NotFetched(RuntimeError):
    """The package could not be fetched; its text says why and what to do."""


@dataclass(frozen=True)
class Listed:
    """An article in the index: its version, and the days of the others, both ends included."""

    id: str
    in_section: bool
    versions: tuple[tuple[str, datetime.date, datetime.date | None], ...]

    def end_of(self, identifier: str | None) -> datetime.date | None:
        """The last day of a version, None without end."""
        return next((last for known, _, last in self.versions if known == identifier), None)


@dataclass(frozen=True)
class Index:
    """The articles of the code that are in force on ``day``, by number."""

    source: str
    day: datetime.date
    articles: dict[str, Listed]


@dataclass(frozen=True)
class Finding:
    """Something to look at.

    ``kind`` is modifié, abrogé, expire, nouveau, à revérifier or index ancien.
    """

    kind: str
    subject: str
    sentence: str
    link: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The finding, fit for JSON."""
        return dataclasses.asdict(self)


# --- The index ------------------------------------------------------------------------------------


def read(file: Path) -> Index:
    """The index of a file: that of the npm package, or an extract. Raises NotAnIndex, OSError."""
    return _index_of(file.read_bytes(), file.name, str(file))


def fetched() -> Index:
    """The index of the newest npm package. Raises NotFetched."""
    with tempfile.TemporaryDirectory() as folder:
        archive = _packed(Path(folder))
        try:
            with tarfile.open(archive) as files:
                member = files.extractfile(f"package/data/{CODE_FILE}")
                if member is None:
                    raise KeyError(CODE_FILE)
                content = member.read()
        except (KeyError, tarfile.TarError) as error:
            raise NotFetched(
                _("{npm_package}: {archive} is not as expected: {error}").format(
                    npm_package=NPM_PACKAGE, archive=archive.name, error=error
                )
            ) from None
    return _index_of(content, f"npm {archive.stem}", f"{archive.name}: data/{CODE_FILE}")


def text(index: Index) -> str:
    """An index as an extract: one line an article, sorted, fit for version control."""
    rows = ",\n".join(
        f"    {json.dumps(number)}: {json.dumps(_row(index.articles[number]))}"
        for number in sorted(index.articles)
    )
    head = f'  "source": {json.dumps(index.source)},\n  "day": "{index.day}",\n'
    return f'{{\n{head}  "articles": {{\n{rows}\n  }}\n}}\n'


def _packed(folder: Path) -> Path:
    command = ["npm", "pack", NPM_PACKAGE, "--silent", "--pack-destination", str(folder)]
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=300)
    except FileNotFoundError:
        raise NotFetched(_("npm is not installed: install it, or give --index FILE.")) from None
    except subprocess.TimeoutExpired:
        raise NotFetched(
            _("npm took too long to fetch {npm_package}: give --index FILE.").format(
                npm_package=NPM_PACKAGE
            )
        ) from None
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip().splitlines()
        why = said[-1] if said else f"exit status {error.returncode}"
        raise NotFetched(
            _("npm could not fetch {npm_package} ({why}): give --index FILE.").format(
                npm_package=NPM_PACKAGE, why=why
            )
        ) from None
    return next(folder.glob("*.tgz"))


def _index_of(content: bytes, source: str, where: str) -> Index:
    try:
        told = json.loads(content)
        if told.get("type") == "code":
            return _whole(told, source)
        return _extract(told)
    except (AttributeError, KeyError, OverflowError, RecursionError, TypeError, ValueError):
        raise NotAnIndex(
            _(
                "{where}: not an index of the code (expected {code_file} of {npm_package}, or an "
                "extract written by --extract)."
            ).format(where=where, code_file=CODE_FILE, npm_package=NPM_PACKAGE)
        ) from None


def _whole(told: dict[str, Any], source: str) -> Index:
    if told["data"]["cid"] != CODE_FILE.removesuffix(".json"):
        raise ValueError(told["data"]["cid"])
    followed = set(_followed(droit.articles()))
    found = {}
    for data, titles in _articles(told, ()):
        in_section = any(wanted in title for wanted in SECTIONS for title in titles)
        if in_section or data.get("num") in followed:
            found[_text(data["num"])] = Listed(
                id=_text(data["id"]),
                in_section=in_section,
                versions=tuple(
                    (_text(version["id"]), _moment(version["dateDebut"]), _end(version["dateFin"]))
                    for version in data["articleVersions"]
                ),
            )
    day = datetime.date.fromisoformat(told["data"]["dateDebutVersion"])
    return Index(source, day, found)


def _articles(
    node: dict[str, Any], titles: tuple[str, ...]
) -> Iterator[tuple[dict[str, Any], tuple[str, ...]]]:
    if node["type"] == "article":
        yield node["data"], titles
    for child in node.get("children", ()):
        yield from _articles(child, (*titles, node["data"].get("title") or ""))


def _moment(milliseconds: int) -> datetime.date:
    """The day of a moment in milliseconds since 1970, which years before 1970 and 2999 have too."""
    return datetime.date(1970, 1, 1) + datetime.timedelta(milliseconds=milliseconds)


def _end(milliseconds: int) -> datetime.date | None:
    """The last day of a version, from the first day of the next."""
    after = _moment(milliseconds)
    return None if after > NO_END else after - datetime.timedelta(days=1)


def _extract(told: dict[str, Any]) -> Index:
    articles = {
        number: Listed(
            id=_text(row["id"]),
            in_section=bool(row["section"]),
            versions=tuple(
                (_text(name), datetime.date.fromisoformat(first), _read(last))
                for name, first, last in row["dates"]
            ),
        )
        for number, row in told["articles"].items()
    }
    return Index(_text(told["source"]), datetime.date.fromisoformat(told["day"]), articles)


def _row(listed: Listed) -> dict[str, Any]:
    dates = [
        [name, first.isoformat(), last and last.isoformat()]
        for name, first, last in listed.versions
    ]
    return {"id": listed.id, "section": listed.in_section, "dates": dates}


def _text(value: Any) -> str:
    """The value, which must be a text. Raises TypeError."""
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _read(day: str | None) -> datetime.date | None:
    return None if day is None else datetime.date.fromisoformat(day)


# --- Against the register -------------------------------------------------------------------------


def findings(
    index: Index, today: datetime.date, known_on: datetime.date | None = None
) -> list[Finding]:
    """What the index says that the register does not, as it stood on ``known_on`` if given.

    An index older than a version of the register says nothing about it: each article is compared
    on the day of the index, and its last day with those of the register.
    """
    known = droit.articles()
    if known_on is not None:
        known = tuple(_as_known(article, known_on) for article in known)
    followed = _followed(known)
    found = [
        finding
        for number, article in followed.items()
        for finding in _about(number, article, index, today)
    ]
    new = (
        number
        for number, listed in index.articles.items()
        if number not in followed and listed.in_section
    )
    found += [_new(number, index.articles[number]) for number in sorted(new)]
    return found


def aged(index: Index, today: datetime.date, is_newest: bool) -> list[Finding]:
    """An index too old to show that nothing changed; ``is_newest``: npm has no later one."""
    age = (today - index.day).days
    if age <= SOON:
        return []
    remedy = (
        f"le paquet npm n'a rien de plus récent : voir Légifrance, {CODE_LINK}"
        if is_newest
        else "--fetch en prend un plus récent, si le paquet npm en a un"
    )
    sentence = f"l'index a {age} jours et ne dit rien d'après le {short_day(index.day)} ; {remedy}."
    return [Finding("index ancien", index.source, sentence, CODE_LINK)]


def remarks(index: Index) -> list[str]:
    """What limits the comparison: an index older than what the register knows."""
    later = sorted(
        number
        for number, article in _followed(droit.articles()).items()
        if any(version.first_day > index.day for version in article.versions)
        or any(version.last_day and version.last_day >= index.day for version in article.versions)
    )
    if not later:
        return []
    return [f"Le registre connaît des changements postérieurs à l'index : {', '.join(later)}."]


def unwatched() -> list[str]:
    """What either register cites and the comparison does not look at: titles, in their order."""
    watched = _followed(droit.articles()).values()
    dated = [article.title for article in droit.articles() if article not in watched]
    undated = [
        droit.Article(entry.code, entry.number, ()).title
        for entry in registre.entries()
        if not entry.versions
    ]
    return dated + undated


def _about(
    number: str, article: droit.Article, index: Index, today: datetime.date
) -> Iterator[Finding]:
    held = article.on(index.day)
    listed = index.articles.get(number)
    if listed is None:
        if held is not None:
            yield Finding(
                "abrogé",
                number,
                f"{number} n'est plus dans le code au {short_day(index.day)} ; le registre a "
                f"{held.id} depuis le {short_day(held.first_day)}.",
                held.link,
            )
        return
    unknown = _unknown(article, index, listed)
    for name, first in unknown:
        yield _changed(number, name, first)
    if held is not None and not unknown:
        yield from _ending(number, held, listed, today)


def _unknown(
    article: droit.Article, index: Index, listed: Listed
) -> list[tuple[str, datetime.date]]:
    """Versions that the register lacks: in force since the index, or later than those it has.

    Those that ended before are left out: the register does not go back to the first of them.
    """
    held = {version.id for version in article.versions}
    latest = article.versions[-1].first_day
    return [
        (name, first)
        for name, first, last in listed.versions
        if name not in held and (first > latest or last is None or last >= index.day)
    ]


def _changed(number: str, name: str, first: datetime.date) -> Finding:
    return Finding(
        "modifié",
        number,
        f"{number} a une version que le registre n'a pas, {name}, à partir du {short_day(first)}.",
        droit.ADDRESSES["LEGIARTI"] + name,
    )


def _ending(
    number: str, held: droit.Version, listed: Listed, today: datetime.date
) -> Iterator[Finding]:
    """The end that the index announces and that the register lacks, when it is near."""
    last = listed.end_of(held.id)
    if last is None or last == held.last_day or last > today + datetime.timedelta(days=SOON):
        return
    yield Finding(
        "expire",
        number,
        f"{number} : la version {held.id} s'applique jusqu'au {short_day(last)} ; le registre ne "
        "le dit pas.",
        held.link,
    )


def _new(number: str, listed: Listed) -> Finding:
    return Finding(
        "nouveau",
        number,
        f"{number} est dans la section et n'est pas dans le registre ({listed.id}).",
        droit.ADDRESSES["LEGIARTI"] + listed.id,
    )


def _followed(articles: tuple[droit.Article, ...]) -> dict[str, droit.Article]:
    return {
        article.number: article
        for article in articles
        if article.code == CODE and article.number is not None and article.versions
    }


def _as_known(article: droit.Article, day: datetime.date) -> droit.Article:
    """The article without the versions that start after the day, nor the ends that come after."""
    return dataclasses.replace(
        article,
        versions=tuple(
            dataclasses.replace(version, last_day=None)
            if version.last_day is not None and version.last_day >= day
            else version
            for version in article.versions
            if version.first_day <= day
        ),
    )


# --- Parameters -----------------------------------------------------------------------------------


def outdated(system: TaxBenefitSystem, today: datetime.date) -> list[Finding]:
    """Parameters that were last checked before the day on which they may have changed.

    That day is the last 1 January or 1 April; for what follows the SMIC, also the first day of its
    newest value. Those that were checked up to the last day of all the paragraphs that they carry
    are left out.
    """
    turn = _last_turn(today)
    smic = _newest(system, today)
    found = []
    for node in system.parameters.get_descendants():
        checked = (node.metadata or {}).get("last_value_still_valid_on")
        if checked is None:
            continue
        day = datetime.date.fromisoformat(str(checked))
        follows_smic = node.name.rpartition(".")[2].startswith(SMIC_PREFIX)
        moved = max(turn, smic) if follows_smic else turn
        if day < moved and not _ended(node.name, day):
            found.append(
                Finding(
                    "à revérifier",
                    node.name,
                    f"{node.name} n'a pas été vérifié depuis le {short_day(day)} : une "
                    f"valeur a pu changer le {short_day(moved)}.",
                )
            )
    return found


def _newest(system: TaxBenefitSystem, today: datetime.date) -> datetime.date:
    """The first day of the SMIC's value of the day."""
    node = functools.reduce(getattr, SMIC.split("."), system.parameters)
    days = (datetime.date.fromisoformat(at.instant_str) for at in node.values_list)
    return max(day for day in days if day <= today)


def _last_turn(today: datetime.date) -> datetime.date:
    turns = [datetime.date(year, *turn) for year in (today.year - 1, today.year) for turn in TURNS]
    return max(turn for turn in turns if turn <= today)


def _ended(parameter: str, day: datetime.date) -> bool:
    """Tell whether nothing that the parameter carries applies after the day."""
    ends = [
        paragraph.until
        for entry in registre.entries()
        for paragraph in entry.paragraphs
        if paragraph.carries(parameter)
    ]
    return bool(ends) and all(end is not None and end <= day for end in ends)
