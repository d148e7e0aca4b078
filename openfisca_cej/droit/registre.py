"""What the model does with each paragraph of the law: computed, partly, or not and why.

The register (`registre.yaml`) holds our summary of each paragraph, its dates, its status and the
names of the variables and parameters that carry it. `articles.yaml` holds the dated versions. Names
are only names here: nothing is imported from the rest of the package.
"""

import datetime
import difflib
import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from openfisca_cej import droit

REGISTER = Path(__file__).with_name("registre.yaml")

COMPUTED, _, NOT_COMPUTED = STATUSES = ("calculé", "en partie", "non calculé")

#: Why a paragraph is not computed, or not whole: how a reason starts.
REASONS = ("procédure", "appréciation", "hors champ", "texte non trouvé", "sans effet")

#: Topics of the tree of parameters that the paths of the register may start from.
ROOTS = ("contrat_engagement_jeune", "impot_revenu", "marche_travail", "prestations_sociales")

#: A year in brackets after an article, in the name of a test, asks for its earlier wording.
EARLIER = re.compile(r"\(20\d\d\)")

#: « R5412-1 à R5412-3-2 » cites all that comes between them in the register.
SPAN = re.compile(r"([LRD]\d+(?:-\d+)+)[^,—]*? à ([LRD]\d+(?:-\d+)+)")


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of an article, what it says and what the model makes of it.

    ``since`` and ``until`` are None where it has said so from the first day of the scheme, and
    still does. ``parameters`` are whole paths; one that ends with « .* » stands for a folder.
    ``tests``: how the names of its tests start, where these names do not tell its mark.
    """

    mark: str
    says: str
    status: str
    reason: str | None = None
    since: datetime.date | None = None
    until: datetime.date | None = None
    variables: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()

    def carries(self, parameter: str) -> bool:
        """Tell whether the parameter, or a folder that holds it, is among those named."""
        return any(
            parameter.startswith(path[:-1]) if path.endswith(".*") else parameter == path
            for path in self.parameters
        )


@dataclass(frozen=True)
class ArticleEntry:
    """An article and its paragraphs.

    ``earlier``: the wording of the garantie jeunes, kept for those who had it on 2022-03-01.
    ``aliases``: other names under which tests cite it.
    """

    name: str
    code: str
    number: str | None
    paragraphs: tuple[Paragraph, ...]
    aliases: tuple[str, ...] = ()
    earlier: bool = False

    @property
    def title(self) -> str:
        """The name, with the wording where there are two."""
        return f"{self.name} (garantie jeunes)" if self.earlier else self.name

    @property
    def versions(self) -> tuple[droit.Version, ...]:
        """The dated versions of this wording; empty for a text whose versions are not followed."""
        known = droit.by_number()
        found = known.get((self.code, self.number)) or known.get((self.code, None))
        return tuple(
            version
            for version in (found.versions if found else ())
            if (version.maintained_until is not None) == self.earlier
        )

    def is_cited_by(self, name: str) -> bool:
        """Tell whether the name of a test cites the article, before its dash."""
        head = name.split("—")[0]
        if _has_two_wordings(self.name) and bool(EARLIER.search(head)) != self.earlier:
            return False
        return any(_mentions(head, known) for known in (self.name, *self.aliases)) or any(
            self.name in _between(*bounds) for bounds in SPAN.findall(head)
        )

    def marked(self, mark: str) -> tuple[Paragraph, ...]:
        """The paragraphs whose mark starts with the words of ``mark``; commas and dots are free."""
        asked = _words(mark)
        return tuple(part for part in self.paragraphs if _words(part.mark)[: len(asked)] == asked)

    def proves(self, name: str, paragraph: Paragraph) -> bool:
        """Tell whether the name of a test cites the paragraph, or is among those it names.

        A paragraph that names none, and is the only one of its article to be computed, is cited
        with it.
        """
        if name.startswith(paragraph.tests):
            return True
        if not self.is_cited_by(name):
            return False
        computed = [part for part in self.paragraphs if part.status == COMPUTED]
        if computed == [paragraph] and not paragraph.tests:
            return True
        head = name.split("—")[0].replace(",", "").strip()
        marks = (f"{known} {paragraph.mark}".replace(",", "") for known in _names(self))
        return any(_mentions(head, mark) for mark in marks)


@functools.cache
def entries() -> tuple[ArticleEntry, ...]:
    """All the articles of the register, in its order."""
    return tuple(
        _entry(told)
        for told in yaml.load(REGISTER.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    )


def find(text: str) -> list[ArticleEntry]:
    """The entries of an article: one, or two where both wordings are kept; none if unknown.

    The text is a name as tests write it; case, spaces and dots are free (« l. 5131-6 »).
    """
    asked = _plain(text)
    if not asked:
        return []
    return [
        entry
        for entry in entries()
        if asked in map(_plain, (entry.name, *entry.aliases)) or asked == _plain(entry.number or "")
    ]


def find_paragraph(text: str) -> tuple[list[ArticleEntry], str]:
    """The entries that the text starts with, and the mark that follows (« D5131-19 III »).

    No entry when no article is named; an empty mark when nothing follows it.
    """
    words = text.split()
    for length in range(len(words), 0, -1):
        found = find(" ".join(words[:length]))
        if found:
            return found, " ".join(words[length:])
    return [], ""


def nearest(text: str) -> list[str]:
    """Names of the articles of the register that look like the text, the nearest first."""
    names = {_plain(known): entry.name for entry in entries() for known in _names(entry)}
    close = difflib.get_close_matches(_plain(text), names, n=6, cutoff=0.5)
    return list(dict.fromkeys(names[found] for found in close))[:3]


def counts(chosen: Iterable[ArticleEntry]) -> dict[str, int]:
    """How many paragraphs have each status."""
    found = [paragraph.status for entry in chosen for paragraph in entry.paragraphs]
    return {status: found.count(status) for status in STATUSES}


def dated(chosen: Iterable[ArticleEntry]) -> list[ArticleEntry]:
    """Those whose versions are followed, with their days."""
    return [entry for entry in chosen if entry.versions]


def tests_by_entry(folder: Path) -> dict[ArticleEntry, list[tuple[str, str]]]:
    """The tests in YAML of a folder that cite each article: (file, name), in order of files.

    Raises FileNotFoundError when there is no such folder.
    """
    if not folder.is_dir():
        raise FileNotFoundError(folder)
    tests = [
        (file.relative_to(folder).as_posix(), str(case.get("name", "")))
        for file in sorted(folder.rglob("*.yaml"))
        for case in _cases(file)
    ]
    return {entry: [test for test in tests if entry.is_cited_by(test[1])] for entry in entries()}


def _entry(told: dict[str, Any]) -> ArticleEntry:
    return ArticleEntry(
        name=told["nom"],
        code=told["code"],
        number=told["numero"],
        paragraphs=tuple(_paragraph(paragraph) for paragraph in told["paragraphes"]),
        aliases=tuple(told.get("aussi", ())),
        earlier=told.get("ancien", False),
    )


def _paragraph(told: dict[str, Any]) -> Paragraph:
    return Paragraph(
        mark=told["repere"],
        says=told["dit"],
        status=told.get("statut", ""),
        reason=told.get("raison"),
        since=told.get("depuis"),
        until=told.get("jusqu_a"),
        variables=tuple(told.get("variables", ())),
        parameters=tuple(_whole(path) for path in told.get("parametres", ())),
        tests=tuple(told.get("tests", ())),
    )


def _whole(path: str) -> str:
    return path if path.split(".")[0] in ROOTS else f"{ROOTS[0]}.{path}"


def _cases(file: Path) -> list[dict[str, Any]]:
    content = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return content if isinstance(content, list) else [content]


def _names(entry: ArticleEntry) -> tuple[str, ...]:
    return (entry.name, *entry.aliases)


def _plain(text: str) -> str:
    return re.sub(r"[\s.]", "", text).casefold()


def _words(mark: str) -> list[str]:
    return re.sub(r"[.,]", " ", mark).casefold().split()


def _mentions(head: str, name: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", head) is not None


@functools.cache
def _has_two_wordings(name: str) -> bool:
    return len([entry for entry in entries() if entry.name == name]) > 1


@functools.cache
def _between(first: str, last: str) -> tuple[str, ...]:
    names = [entry.name for entry in entries() if not entry.earlier]
    if first not in names or last not in names:
        return ()
    return tuple(names[names.index(first) : names.index(last) + 1])
