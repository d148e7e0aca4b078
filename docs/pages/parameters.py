"""The page of parameters: each number of the law, its values over time and where they come from."""

from collections.abc import Iterator
from typing import Any

from docs.pages import text
from openfisca_cej.droit.fiche import leaves
from openfisca_cej.explain.sources import parameter_used

#: Folders of the tree, as titles.
TITLES = {
    "allocation_ponctuelle": "Allocation ponctuelle du PACEA",
    "complementaire_sante_solidaire": "Complémentaire santé solidaire",
    "contrat": "Contrat",
    "garantie_jeunes": "Garantie jeunes",
    "montant_forfaitaire": "Montant forfaitaire",
    "non_cumul": "Non-cumul",
    "public": "Public",
    "ressources": "Ressources",
    "sanctions": "Sanctions",
    "versement": "Versement",
    "impot_revenu": "Impôt sur le revenu",
    "marche_travail": "Marché du travail",
    "prestations_sociales": "Prestations sociales",
}


def node_of(system: Any, path: str) -> Any:
    """The parameter at a path."""
    node = system.parameters
    for name in path.split("."):
        node = getattr(node, name)
    return node


def days_of(node: Any) -> list[str]:
    """First days of the values of a parameter or of a scale, the latest first."""
    parts = [
        kept for bracket in getattr(node, "brackets", ()) for kept in bracket.children.values()
    ]
    days = {at.instant_str for part in parts or [node] for at in part.values_list}
    return sorted(days, reverse=True)


def history(system: Any, path: str) -> Iterator[str]:
    """The values of a parameter over time, the latest first, as a table."""
    yield from text.table(
        ("Depuis le", "Valeur", "Source", "Connu par"),
        (state(system, path, day) for day in days_of(node_of(system, path))),
    )


def state(system: Any, path: str, day: str) -> tuple[str, ...]:
    """The cells of a value."""
    used = parameter_used(system, path, day)
    if used is None or used.value is None:
        return (text.day(day), "fin", "—", "—")
    sources = "<br>".join(text.link(title, address) for title, address in used.sources)
    written = text.escaped(used.written) or "aucune"
    return (text.day(day), written, sources or "—", used.confidence or "—")


def topic(path: str) -> str:
    """The folder of the tree that a parameter belongs to."""
    parts = path.split(".")
    return parts[1] if parts[0] == "contrat_engagement_jeune" else parts[0]


def page(system: Any, read: Any) -> str:
    """All the parameters, by topic; ``read`` tells which variables read each of them."""
    paths = sorted(leaves(system), key=lambda path: (list(TITLES).index(topic(path)), path))
    return "\n".join(lines(system, paths, read))


def lines(system: Any, paths: list[str], read: Any) -> Iterator[str]:
    """The lines of the page."""
    yield from ("---", "tocdepth: 2", "---", "", "# Paramètres", "")
    yield (
        "Les nombres et les listes du droit, à toutes leurs dates. Une réforme les désigne par "
        "leur chemin ([écrire une réforme](../reformes.md))."
    )
    yield ""
    former = None
    for path in paths:
        if topic(path) != former:
            former = topic(path)
            yield from (f"## {TITLES[former]}", "")
        yield from one(system, path, read)


def one(system: Any, path: str, read: Any) -> Iterator[str]:
    """A parameter: what it is, who reads it, its values."""
    description = text.escaped(node_of(system, path).description or path)
    yield from (f"({text.parameter_anchor(path)})=", f"### {description}", "", f"`{path}`", "")
    readers = ", ".join(text.variable_link(system, name, ".") for name in read.readers_of(path))
    if readers:
        yield from (f"Lu par {readers}.", "")
    yield from history(system, path)
