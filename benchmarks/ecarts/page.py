"""The comparison as a page of documentation, in French."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy

from benchmarks.ecarts.cases import FIRST, LAST, grid, months, table
from benchmarks.ecarts.departures import DEPARTURES, Comparison, Departure, Departures, compare
from benchmarks.ecarts.worlds import Answers

#: What the inputs of the minimal cases are called; one key may stand for several months.
NAMES = {
    "annees": "âge",
    "rni_2": "revenu net imposable de N-2",
    "rni_1": "revenu net imposable de N-1",
    "nbptr": "parts",
    "autonomie": "considéré comme fiscalement autonome",
    "mayotte": "à Mayotte",
    "salaire_1": "salaire net de M-1",
    "salaire_2": "salaire net de M-2",
    "salaire_3": "salaire net de M-3",
    "tns_mois": "revenu non salarié de chacun des trois mois",
    "tns_annee": "revenu non salarié de l'année civile",
    "ass": "ASS de M-1",
    "esat": "rémunération d'ESAT de M-1",
    "cddi": "salaire d'insertion de M et des trois mois précédents",
    "rsa": "RSA de M",
    "rsa_avant": "RSA de M-1",
    "ppa": "prime d'activité de M",
    "ppa_avant": "prime d'activité de M-1",
    "a_charge": "personne à charge de la famille",
    "ppa_anterieure": "prime due pour une activité antérieure",
    "en_formation": "en formation",
    "handicap": "handicap (sans RQTH)",
    "decalage": "jours du 1er de M à l'anniversaire",
}

#: Departures that no case of the grid can show, and why.
BEYOND = [
    (
        17,
        (
            "`contrat_engagement_jeune` n'entre dans aucun agrégat de prestations "
            "(`mesures.py`), à la différence de la garantie jeunes"
        ),
        "sans effet sur les trois variables comparées",
    ),
    (
        18,
        "La revalorisation du 1er juillet 2022 repose sur l'article 9 de la loi 2022-1158",
        "même choix des deux côtés : aucun écart",
    ),
    (
        21,
        (
            "Les bénéfices d'un micro-entrepreneur en versement libératoire sont ajoutés au revenu "
            "de toutes les personnes de la simulation (`revenus_non_salarie_nets` somme sans égard "
            "aux foyers)"
        ),
        "dépend des autres personnes : essayé à part, dans `tests/france/`",
    ),
]


@dataclass
class Summary:
    """Counts over the whole grid: cases, cases that differ, and by departure (all, alone)."""

    cases: int
    differ: int
    unexplained: int
    acting: dict[int, int]
    alone: dict[int, int]


def comparisons(departures: Departures) -> Iterator[Comparison]:
    """The grid, month by month."""
    for month in months():
        yield compare(departures, table(grid(month)), month)


def summary(compared: Iterator[Comparison]) -> Summary:
    """Counts of all the months."""
    numbers = [departure.number for departure in DEPARTURES]
    total = Summary(0, 0, 0, dict.fromkeys(numbers, 0), dict.fromkeys(numbers, 0))
    for month in compared:
        total.cases += len(month.differ)
        total.differ += int(month.differ.sum())
        total.unexplained += int(month.unexplained.sum())
        acting = sum(acts.astype(int) for acts in month.acting.values())
        for number, acts in month.acting.items():
            total.acting[number] += int(acts.sum())
            total.alone[number] += int((acts & (acting == 1)).sum())
    return total


def minimal_case(departures: Departures, departure: Departure) -> Comparison:
    """The minimal case of a departure, compared."""
    return compare(departures, table([departure.minimal]), departure.month)


def page(departures: Departures, version: str) -> str:
    """The page « Écarts avec OpenFisca-France ». Raises ValueError if a case is unexplained."""
    total = summary(comparisons(departures))
    if total.unexplained:
        raise ValueError(f"{total.unexplained} case(s) differ for no known reason")
    return "\n".join([*head(total, version), *table_of(total), *minimal_cases(departures), ""])


def head(total: Summary, version: str) -> Iterator[str]:
    """Title, method and result."""
    yield f"""# Écarts avec OpenFisca-France

*Page écrite par `make ecarts` : ne pas la modifier à la main.*

OpenFisca-France {version} a trois variables du contrat d'engagement jeune : \
`contrat_engagement_jeune`, `contrat_engagement_jeune_eligibilite` et \
`contrat_engagement_jeune_montant_forfaitaire`. Elles sont comparées ici à celles \
d'`openfisca_cej`, de mêmes noms, sur **{thousands(total.cases)} cas** de {FIRST} à {LAST} : âges \
autour de chaque seuil, revenus du foyer, salaires, puis chaque autre donnée seule, puis plusieurs \
tirées ensemble. Les deux modèles reçoivent les mêmes situations.

**{thousands(total.differ)} cas diffèrent** (éligibilité, ou plus d'un demi-centime) ; **tous sont \
expliqués** par les écarts ci-dessous, chacun rattaché à son article. Expliqué veut dire rejoué : \
nos règles, quand on leur impose tous ces écarts, répondent exactement ce que répond \
OpenFisca-France, pour chacun des cas. Un écart « agit » sur un cas si l'imposer seul change notre \
réponse, ou si lui seul manque pour retrouver la leur. Plusieurs écarts peuvent agir sur un même \
cas : les écarts 11 et 12, par exemple, ne vont jamais sans le 13, l'éligibilité y changeant avec \
l'allocation.

OpenFisca-France n'arrondit pas au centime et compte en simple précision : moins d'un demi-centime \
n'est pas un écart ici. Pour faire répondre OpenFisca-France selon nos règles : \
[openfisca_france.md](openfisca_france.md).

## Les écarts
"""


def table_of(total: Summary) -> Iterator[str]:
    """One line a departure, then those that the grid cannot show."""
    yield "| n° | dans OpenFisca-France | article | cas où il agit | dont seul |"
    yield "| --: | --- | --- | --: | --: |"
    for departure in DEPARTURES:
        acting, alone = total.acting[departure.number], total.alone[departure.number]
        yield (
            f"| {departure.number} | {departure.title} | {departure.article} | "
            f"{thousands(acting)} | {thousands(alone)} |"
        )
    yield "\nHors de la grille :\n"
    yield "| n° | dans OpenFisca-France | pourquoi |"
    yield "| --: | --- | --- |"
    for number, title, reason in BEYOND:
        yield f"| {number} | {title} | {reason} |"


def minimal_cases(departures: Departures) -> Iterator[str]:
    """One line a departure: the smallest case, their answer and ours."""
    yield """
## Un cas minimal par écart

Le jeune a 20 ans, vit seul en métropole, n'a aucune ressource, son foyer n'est pas imposable et \
il peut signer un contrat ; la colonne « données » dit ce qui change, M étant le mois. Les \
réponses sont : éligibilité, montant forfaitaire, allocation.
"""
    yield "| n° | mois M | données | OpenFisca-France | openfisca_cej |"
    yield "| --: | --- | --- | --- | --- |"
    for departure in DEPARTURES:
        found = minimal_case(departures, departure)
        yield (
            f"| {departure.number} | {departure.month} | {told(departure)} | "
            f"{answer(found.theirs)} | {answer(found.ours)} |"
        )


def told(departure: Departure) -> str:
    """The inputs of a minimal case, in French."""
    return (
        " ; ".join(
            NAMES[name] if value is True else f"{NAMES[name]} : {number(value)}"
            for name, value in departure.minimal.items()
        )
        or "aucune"
    )


def answer(answers: Answers) -> str:
    """The three variables of the only case."""
    eligible = "oui" if answers.eligibilite[0] else "non"
    return f"{eligible}, {euros(answers.forfait[0])}, {euros(answers.montant[0])}"


def euros(amount: float) -> str:
    """An amount, to the centime."""
    return f"{round(float(amount), 2) + 0.0:.2f}".replace(".", ",") + " €"


def number(value: float) -> str:
    """A number of the inputs, without needless decimals."""
    return numpy.format_float_positional(value, trim="-").replace(".", ",")


def thousands(count: int) -> str:
    """A count, with the thin spaces of French."""
    return f"{count:,}".replace(",", "\u202f")
