"""The other generated pages: resources, questions, cases, ready-made reforms, published figures."""

import itertools
import json
from collections.abc import Iterator
from typing import Any

from docs.pages import text
from openfisca_cej import french
from openfisca_cej.explain import explain, render, resources
from openfisca_cej.explain.render import escaped
from openfisca_cej.population.synthetic import load
from openfisca_cej.reforms import catalogue
from openfisca_cej.situation_examples import exemple, noms
from openfisca_cej.web import faq

#: Titles of the typical cases, by name of the file that holds the situation.
TITLES = {
    "famille_au_rsa": "Une fille à charge, son père aussi : la famille a le RSA",
    "formation_remuneree": "Une formation rémunérée pendant le contrat",
    "jeune_seul": "Une majeure seule, sans ressources",
    "mineur_a_mayotte": "Un mineur à Mayotte qui a travaillé",
    "premiere_tranche_avec_salaire": "Première tranche et un salaire",
    "sanction_bareme_2022": "Deux manquements sous le barème de 2022",
    "sanction_bareme_2025": "Un manquement sous le barème de 2025",
}

#: How the published figures are shown, by unit.
UNITS = {"jeunes": (0, ""), "euros": (0, " €"), "millions d'euros": (0, " millions d'euros")}


# Resources.


def resources_page(system: Any) -> str:
    """What each income does to the allowance, by effect."""
    return "\n".join(resources_lines(system))


def resources_lines(system: Any) -> Iterator[str]:
    """The lines of the page: the effect of the last known law decides of the table."""
    yield from ("# Ce que fait chaque ressource", "")
    yield "`openfisca-cej resources MOT` cherche dans cette liste, par les mots de tous les jours."
    yield ""
    found = resources.resources(system)
    for effect in resources.Effect:
        chosen = [one for one in found if one.treatments[-1].effect is effect]
        title = f"{effect.value[0].upper()}{effect.value[1:]}"
        rows = [row for one in chosen for row in resource_rows(one)]
        headings = ("Ressource", "Depuis le", "Compte", "Article", "Connu par")
        yield from text.sections(2, title, text.table(headings, rows))


def resource_rows(one: resources.Resource) -> Iterator[tuple[str, ...]]:
    """The cells of a resource, a row a treatment, the latest first."""
    name = f"[{escaped(one.label)}](variables/{one.name}.md)"
    if one.synonyms:
        name += f"<br>{escaped(', '.join(one.synonyms))}"
    latest = one.treatments[-1]
    for treatment in reversed(one.treatments):
        end = f", jusqu'au {text.day(treatment.until)}" if treatment.until else ""
        effect = "" if treatment is latest else f" ({treatment.effect.value})"
        yield (
            name if treatment is latest else "",
            f"{text.day(treatment.since)}{end}{effect}",
            treatment.counted or "—",
            text.link(treatment.article, treatment.link),
            treatment.confidence,
        )


# Questions that people ask.


def questions_page(system: Any) -> str:
    """The questions that people really ask, and their answers."""
    lines = ["# Questions que l'on pose", ""]
    lines += ["`openfisca-cej questions MOT` cherche dans cette liste, la page `/questions` aussi."]
    lines += [f"Les montants sont calculés, pour {french.month(faq.month())}.", ""]
    for one in faq.questions(system):
        lines += [*one.markdown(2), ""]
    return "\n".join(lines)


# Typical cases.


def case_pages(system: Any) -> Iterator[tuple[str, str]]:
    """The name and the content of each typical case, their list first."""
    yield "cas/index", "\n".join(case_index())
    for name in noms():
        yield f"cas/{name}", "\n".join(case_lines(name, system))


def case_index() -> Iterator[str]:
    """The lines of the list."""
    yield from ("# Cas types", "")
    yield (
        "Des situations complètes, telles que les reçoivent `/calculate` et "
        "`openfisca-cej explain` : le montant de chaque mois, et pourquoi."
    )
    yield from ("", "```{toctree}", ":maxdepth: 1", "")
    yield from noms()
    yield from ("```", "")


def case_lines(name: str, system: Any) -> Iterator[str]:
    """The lines of a case: amounts, explanation of the lowest one of each person, situation."""
    situation = exemple(name)
    yield from (f"# {TITLES.get(name, name.replace('_', ' '))}", "")
    for person, told in situation["individus"].items():
        months = sorted(told.get("cej_allocation", ()))
        if months:
            yield from person_lines(situation, person, months, system)
    yield from ("## Situation", "")
    yield text.source(f"openfisca_cej/situation_examples/{name}.json")
    yield ""
    yield from text.code(json.dumps(situation, ensure_ascii=False, indent=2), "json")


def person_lines(situation: dict, person: str, months: list[str], system: Any) -> Iterator[str]:
    """The amounts of a person, and why for the month of the lowest one."""
    told = [explain(situation, month, person, system=system, complete=True) for month in months]
    yield from (f"## {person}", "")
    yield from text.table(
        ("Mois", "Allocation"),
        ((french.month(one.month), french.euros(one.amount)) for one in told),
    )
    yield from lowered(render.to_markdown(min(told, key=lambda one: one.amount)))


def lowered(markdown: str) -> Iterator[str]:
    """Markdown whose headings are two levels down, and whose steps keep their line breaks."""
    for line, following in itertools.pairwise([*markdown.splitlines(), ""]):
        goes_on = following.startswith(" ") and not following.lstrip().startswith("- ")
        yield f"##{line}" if line.startswith("#") else f"{line}{'  ' if goes_on else ''}"


# Reforms.


def reforms_page() -> str:
    """The ready-made reforms."""
    return "\n".join(reforms_lines())


def reforms_lines() -> Iterator[str]:
    """The lines of the page."""
    yield from ("# Réformes toutes prêtes", "")
    yield "À employer par leur nom, seules ou jointes par « + » ([comment](../reformes.md))."
    yield ""
    for one in catalogue().values():
        yield from (f"## {escaped(one.title)}", "", f"`{one.name}`", "")
        yield from (escaped(one.description), "", escaped(one.rationale), "")
        yield from text.bullets(
            text.link(reference["title"], reference["href"]) for reference in one.references
        )


# Published figures.


def validation_page() -> str:
    """The published figures that judge the model, and how to compare."""
    return "\n".join(validation_lines())


def validation_lines() -> Iterator[str]:
    """The lines of the page."""
    yield from ("# Ce qui est publié, et qui juge le modèle", "")
    yield (
        "Ces chiffres ne servent à faire aucune population. Deux rapports de 2022 ont calé les "
        "hypothèses ; les autres les jugent ou sont seulement montrés. La comparaison prend "
        "quelques minutes ; ces pages se construisent sans la faire :"
    )
    yield ""
    yield from text.code("openfisca-cej validate", "sh")
    yield "Le protocole et ce qu'il a trouvé : [Validation](../validation.md)."
    yield ""
    figures = [one for one in load("validation").values() if "definition" in one]
    for figure in figures:
        yield from (f"## {escaped(figure['libelle'])}", "", escaped(figure["definition"]), "")
        yield from text.table(("Ce qui est publié", "Valeur"), figure_rows(figure))


def figure_rows(figure: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What is published of a figure, and how far one may be from it."""
    yield ("Chiffre", published(figure))
    yield ("Écart admis", tolerance(figure))
    yield ("Statut", figure["statut"])
    yield ("Source", text.link(figure["source"]["titre"], figure["source"]["href"]))


def published(figure: dict[str, Any]) -> str:
    """The published value, or the lowest and the highest."""
    low, high = (written(value, figure["unite"]) for value in figure["publie"])
    least = "plus de " if figure.get("au_moins") else ""
    return f"{least}{low}" if low == high else f"de {low} à {high}"


def written(value: float, unit: str) -> str:
    """A published value in its unit."""
    if unit == "part":
        return f"{french.trimmed(100 * value, 1)} %"
    decimals, after = UNITS.get(unit, (2, f" {unit}"))
    return f"{french.number(value, decimals)}{after}"


def tolerance(figure: dict[str, Any]) -> str:
    """The tolerated difference, in points or relative."""
    if not figure["tolerance"]:
        return "aucun"
    size = french.trimmed(100 * figure["tolerance"], 1)
    return f"{size} points" if figure["unite"] == "part" else f"{size} %"
