"""The pages of articles, drawn from the register: paragraphs, versions, numbers, rules, tests."""

import itertools
from collections.abc import Iterator
from typing import Any

from docs.pages import parameters, text
from openfisca_cej.droit.fiche import dossier
from openfisca_cej.droit.registre import ArticleEntry, counts, dated, entries, tests_by_entry

#: Where the tests of the law are.
TESTS = text.PROJECT / "tests" / "contrat_engagement_jeune"

#: The class of the mark that shows a status.
MARKS = {"calculé": "calcule", "en partie": "en-partie", "non calculé": "non-calcule"}


def name_of(entry: ArticleEntry) -> str:
    """The name of the page of an article."""
    return text.slug(entry.title)


def status(word: str, number: str = "") -> str:
    """A status as a coloured mark, which says it in words too, and how many there are."""
    return f"[{number}{word}]{{.statut .{MARKS[word]}}}"


def pages(system: Any) -> Iterator[tuple[str, str]]:
    """The name and the content of each page, the list of articles first."""
    tests = tests_by_entry(TESTS)
    yield "articles/index", "\n".join(index())
    for entry in entries():
        told = dossier(entry, system, tests[entry])
        yield f"articles/{name_of(entry)}", "\n".join(lines(system, entry, told))


def index() -> Iterator[str]:
    """The lines of the list of articles."""
    found = counts(entries())
    yield from ("# Le droit, article par article", "")
    yield (
        f"{len(entries())} textes, dont {len(dated(entries()))} aux versions datées, "
        f"{sum(found.values())} paragraphes : "
        f"{found['calculé']} calculés, {found['en partie']} en partie, {found['non calculé']} non "
        "calculés, avec la raison. Le texte est résumé ; le lien mène à l'original."
    )
    yield ""
    for code, group in itertools.groupby(entries(), key=lambda entry: entry.code):
        yield from text.table(("Article", "Paragraphes", code_title(code)), map(index_row, group))
    yield from ("```{toctree}", ":hidden:", "")
    yield from map(name_of, entries())
    yield from ("```", "")


def code_title(code: str) -> str:
    """The name of a code, as a heading."""
    return f"{code[0].upper()}{code[1:]}"


def index_row(entry: ArticleEntry) -> tuple[str, ...]:
    """The cells of an article in the list."""
    marks = " ".join(
        status(word, f"{number} ") for word, number in counts([entry]).items() if number
    )
    return (f"[{text.escaped(entry.title)}]({name_of(entry)}.md)", marks, entry.paragraphs[0].says)


def lines(system: Any, entry: ArticleEntry, told: dict[str, Any]) -> Iterator[str]:
    """The lines of an article."""
    yield from (f"# {text.escaped(entry.title)}", "", f"{code_title(entry.code)}.", "")
    yield from current(told["versions"])
    yield from text.sections(2, "Paragraphes", paragraphs(system, told["paragraphs"]))
    yield from text.sections(2, "Versions", versions(told["versions"]), "Versions non suivies.")
    yield from text.sections(2, "Paramètres", values(system, told["parameters"]), "Aucun.")
    yield from text.sections(2, "Règles", rules(system, told["variables"]), "Aucune.")
    yield from text.sections(2, "Entrées", inputs(system, told["variables"]))
    yield from text.sections(2, "Tests", tests(told["tests"]), "Aucun.")


def current(versions: list[dict[str, Any]]) -> Iterator[str]:
    """The link to the version in force, or to the last one."""
    if versions:
        last = versions[-1]
        said = (
            "en vigueur" if last["last_day"] is None else f"jusqu'au {text.day(last['last_day'])}"
        )
        since = text.day(last["first_day"])
        yield f"[Texte sur Légifrance, version du {since}, {said}]({last['link']})"
        yield ""


def paragraphs(system: Any, parts: list[dict[str, Any]]) -> Iterator[str]:
    """What each paragraph says, what the model makes of it, and what carries it."""
    for part in parts:
        yield from (f"### {text.escaped(part['paragraph'])}{span(part)}", "")
        yield from (f"{text.escaped(part['says'])}. {status(part['status'])}", "")
        if part["reason"]:
            yield from (f"*{text.escaped(part['reason'])}.*", "")
        carried = [text.variable_link(system, name) for name in part["variables"]]
        carried += [parameter(path) for path in part["parameters"]]
        if carried:
            yield from (f"Porté par {', '.join(carried)}.", "")


def parameter(path: str) -> str:
    """A parameter, or all those of a folder, that carry a paragraph."""
    return f"`{path}`" if path.endswith(".*") else text.parameter_link(path)


def span(part: dict[str, Any]) -> str:
    """The days of a paragraph that has not always said so."""
    words = [
        f"{word} {text.day(part[key])}"
        for key, word in (("since", "depuis le"), ("until", "jusqu'au"))
        if part[key] is not None
    ]
    return f" ({', '.join(words)})" if words else ""


def versions(found: list[dict[str, Any]]) -> Iterator[str]:
    """The dated versions of an article, the latest first."""
    yield from text.table(
        ("Du", "Au", "Ce qui change", "Connue par"),
        (
            (
                f"[{text.day(one['first_day'])}]({one['link']})",
                last_day(one),
                text.escaped(one["change"]),
                one["confidence"],
            )
            for one in reversed(found)
        ),
    )


def last_day(version: dict[str, Any]) -> str:
    """The last day of a version, and until when it is maintained."""
    end = "en vigueur" if version["last_day"] is None else text.day(version["last_day"])
    kept = version["maintained_until"]
    return f"{end}, maintenue jusqu'au {text.day(kept)}" if kept else end


def values(system: Any, found: list[dict[str, Any]]) -> Iterator[str]:
    """The parameters of an article and their values over time."""
    for one in found:
        yield from (f"### {text.escaped(one['description'])}", "")
        yield from (text.parameter_link(one["path"]), "")
        yield from parameters.history(system, one["path"])


def rules(system: Any, found: list[dict[str, Any]]) -> Iterator[str]:
    """The formulas of the computed variables of an article."""
    for one in found:
        if one["computed"]:
            variable = system.get_variable(one["name"])
            yield from (f"### {text.escaped(one['label'])}", "")
            yield from (text.variable_link(system, one["name"]), "")
            for formula in variable.formulas.values():
                yield from text.code(text.formula_source(formula), "python")


def inputs(system: Any, found: list[dict[str, Any]]) -> Iterator[str]:
    """The inputs that an article asks for."""
    asked = [one for one in found if not one["computed"]]
    if asked:
        yield from text.bullets(
            f"{text.variable_link(system, one['name'])} : {text.escaped(one['label'])}"
            for one in asked
        )


def tests(found: list[dict[str, str]]) -> Iterator[str]:
    """The tests in YAML that cite the article, file by file."""
    for file, group in itertools.groupby(found, key=lambda test: test["file"]):
        path = (TESTS / file).relative_to(text.PROJECT)
        yield from (f"{text.source(path, file)} :", "")
        yield from text.bullets(text.escaped(test["name"]) for test in group)
