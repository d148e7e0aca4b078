"""The pages of variables: what each one is, what it reads and what reads it."""

import enum
from collections.abc import Iterator
from typing import Any

from docs.pages import articles, text
from openfisca_cej import french
from openfisca_cej.declarations import QUESTIONS
from openfisca_cej.droit.registre import ArticleEntry, entries
from openfisca_cej.explain.render import escaped

#: Kinds of values and periods, in French.
TYPES = {"bool": "oui ou non", "float": "nombre", "int": "nombre entier", "Enum": "choix"}
TYPES |= {"date": "date", "str": "texte"}
PERIODS = {"month": "mois", "year": "année", "eternity": "aucune : ne change pas"}

#: Month and year that the questions are about: a period is needed to write them.
MOMENT = {"mois": "tel mois", "annee": "telle année"}


def pages(system: Any, read: Any) -> Iterator[tuple[str, str]]:
    """The name and the content of each page, the list of variables first."""
    yield "variables/index", "\n".join(index(system))
    carried = articles_of()
    for variable in in_order(system):
        written = lines(system, variable, read, carried.get(variable.name, []))
        yield f"variables/{variable.name}", "\n".join(written)


def in_order(system: Any) -> list[Any]:
    """The variables in the order of their names."""
    return sorted(system.variables.values(), key=lambda variable: variable.name)


def articles_of() -> dict[str, list[ArticleEntry]]:
    """The articles that each variable carries a paragraph of."""
    carried: dict[str, list[ArticleEntry]] = {}
    for entry in entries():
        for name in {name for part in entry.paragraphs for name in part.variables}:
            carried.setdefault(name, []).append(entry)
    return carried


def index(system: Any) -> Iterator[str]:
    """The lines of the list: the rules, then the inputs."""
    yield from ("# Variables", "")
    ordered = in_order(system)
    for title, computed in (("Règles", True), ("Entrées", False)):
        yield from (f"## {title}", "")
        yield from text.table(
            ("Variable", "Ce que c'est", "Entité", "Unité"),
            (index_row(one) for one in ordered if bool(one.formulas) is computed),
        )
    yield from ("```{toctree}", ":hidden:", "")
    yield from (variable.name for variable in ordered)
    yield from ("```", "")


def index_row(variable: Any) -> tuple[str, ...]:
    """The cells of a variable in the list."""
    name = f"[`{variable.name}`]({variable.name}.md)"
    return (name, escaped(variable.label), variable.entity.key, variable.unit or "—")


def lines(system: Any, variable: Any, read: Any, carried: list[ArticleEntry]) -> Iterator[str]:
    """The lines of a variable."""
    yield from (f"# {escaped(variable.label)}", "", f"`{variable.name}`", "")
    if variable.documentation:
        yield from (escaped(variable.documentation), "")
    yield from text.table(("Propriété", "Valeur"), facts(system, variable))
    yield from text.sections(2, "Articles", article_lines(carried))
    yield from text.sections(2, "Formule", formulas(variable))
    yield from text.sections(2, "Variables lues", named(system, read.reads(variable.name)))
    yield from text.sections(2, "Paramètres lus", numbers(read.parameters_of(variable.name)))
    yield from text.sections(2, "Lue par", named(system, read.read_by(variable.name)))


def facts(system: Any, variable: Any) -> Iterator[tuple[str, str]]:
    """Kind, entity, period, unit, default, question."""
    kind = TYPES[variable.value_type.__name__]
    yield ("Type", f"{kind}{', calculé' if variable.formulas else ', à fournir'}")
    yield ("Entité", f"`{variable.entity.key}`")
    yield ("Période", PERIODS[str(variable.definition_period)])
    yield ("Unité", variable.unit or "—")
    yield ("Valeur par défaut", default(variable))
    choices_of = getattr(variable, "possible_values", None)
    if choices_of is not None:
        choices = (f"`{one.name}` : {escaped(one.value)}" for one in choices_of)
        yield ("Choix", "<br>".join(choices))
    asked = QUESTIONS.get(variable.name)
    if asked:
        yield ("Question", escaped(asked.texte.format(**MOMENT)))
        yield ("Aide", escaped(asked.aide.format(**MOMENT)) or "—")
    yield ("Fichier", text.source(text.source_file(variable)))


def default(variable: Any) -> str:
    """The value of who gave nothing."""
    value = variable.default_value
    if isinstance(value, enum.Enum):
        return f"`{value.name}`"
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, int | float):
        return french.trimmed(value, 6)
    return escaped(str(value)) or "—"


def article_lines(carried: list[ArticleEntry]) -> Iterator[str]:
    """The articles whose paragraphs the variable carries."""
    if carried:
        yield from text.bullets(
            f"[{escaped(entry.title)}](../articles/{articles.name_of(entry)}.md), {entry.code}"
            for entry in carried
        )


def formulas(variable: Any) -> Iterator[str]:
    """The sources of the formulas, each with the day from which it applies."""
    for since, formula in variable.formulas.items():
        if not since.startswith("0001"):
            yield from (f"Depuis le {text.day(since)} :", "")
        yield from text.code(text.formula_source(formula), "python")


def named(system: Any, names: list[str]) -> Iterator[str]:
    """Variables by name and label."""
    if names:
        yield from text.bullets(
            f"{text.variable_link(system, name)} : {escaped(system.get_variable(name).label)}"
            for name in names
        )


def numbers(paths: list[str]) -> Iterator[str]:
    """Parameters by path."""
    if paths:
        yield from text.bullets(text.parameter_link(path) for path in paths)
