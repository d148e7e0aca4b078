"""What no parameter says: changes of rules, registered by the name that a reform file gives.

A switch is written ``name``, or ``name(number)`` when it takes one. It may replace variables, and
change parameters by rules rather than by values: it then comes after the values of the reform, so
that it also bears on them.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy
from openfisca_core.parameters import ParameterNode
from openfisca_core.periods import Period
from openfisca_core.populations import Population
from openfisca_core.variables import Variable

from openfisca_cej.base import Montant
from openfisca_cej.reforms import tree

#: First day of the law.
LAW = "2022-03-01"

WRITTEN = re.compile(r"\s*(\w+)\s*(?:\(\s*([^()]*?)\s*\))?\s*")

D5131_23 = {
    "title": "Article D5131-23 du code du travail, 2°",
    "href": "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045202337",
}


class BadSwitch(ValueError):
    """A switch that does not exist or takes another argument; its text says which."""


@dataclass(frozen=True)
class Rule:
    """A rule that a switch replaces: the variable, and what it says before and after."""

    variable: str
    label: str
    before: str
    after: str
    reference: dict[str, str]


@dataclass(frozen=True)
class Switch:
    """A structural change.

    ``default`` is the argument when none is written; ``None``: the switch takes none.
    ``parameters`` changes a copy of the tree; ``paths`` are the parameters that it decides.
    """

    name: str
    default: float | None = None
    variables: Callable[[float], list[type[Variable]]] = lambda argument: []
    parameters: Callable[[ParameterNode], None] = lambda root: None
    paths: tuple[str, ...] = ()
    rules: Callable[[float], list[Rule]] = lambda argument: []


def linear_taper(slope: float) -> list[type[Variable]]:
    """D5131-23, 2°: a fixed slope, the euros lost for each euro earned above the disregard."""

    def pente(individu: Population, period: Period) -> numpy.ndarray:
        return numpy.full(individu.count, slope)

    class cej_coefficient_degressivite(Montant):
        label = f"Coefficient de dégressivité, fixé à {slope:g} par la réforme"
        formula_2022_03_01 = pente

    class cej_coefficient_degressivite_rattachement(Montant):
        label = f"Coefficient de dégressivité du rattachement, fixé à {slope:g} par la réforme"
        formula_2022_03_01 = pente

    return [cej_coefficient_degressivite, cej_coefficient_degressivite_rattachement]


def linear_rule(slope: float) -> list[Rule]:
    """What the linear taper says."""
    return [
        Rule(
            "cej_coefficient_degressivite",
            "Coefficient de dégressivité",
            "montant forfaitaire / (80 % du SMIC mensuel brut − 300 €)",
            f"{slope:g}",
            D5131_23,
        )
    ]


FORFAIT = "contrat_engagement_jeune.montant_forfaitaire"

#: Parameters of Mayotte, and those of the rest of the country that take their place.
OF_MAYOTTE = {
    **{
        f"{FORFAIT}.mayotte.{name}": f"{FORFAIT}.general.{name}"
        for name in ("majeur_non_imposable", "majeur_premiere_tranche", "mineur")
    },
    "contrat_engagement_jeune.ressources.degressivite.smic_mayotte": (
        "marche_travail.salaire_minimum.smic.smic_b_mensuel"
    ),
}


def align_mayotte(root: ParameterNode) -> None:
    """Give to Mayotte, from the beginning of the law, the values of the rest of the country."""
    numbers = tree.numbers(root)
    for local, general in OF_MAYOTTE.items():
        source = numbers[general]
        later = sorted(item.instant_str for item in source.values_list if item.instant_str > LAW)
        for instant in (LAW, *later):
            numbers[local].update(start=instant, value=source(instant))


SWITCHES = {
    switch.name: switch
    for switch in (
        Switch("bareme_lineaire", 0.5, variables=linear_taper, rules=linear_rule),
        Switch("mayotte_alignee", parameters=align_mayotte, paths=tuple(OF_MAYOTTE)),
    )
}


def read_switch(text: str) -> str:
    """The switch in its canonical form, argument included: ``bareme_lineaire(0.5)``.

    Raises BadSwitch.
    """
    match = WRITTEN.fullmatch(text)
    switch = SWITCHES.get(match.group(1)) if match else None
    if match is None or switch is None:
        raise BadSwitch(f"« {text} » is not a switch; they are: {', '.join(SWITCHES)}")
    given = match.group(2)
    if switch.default is None:
        if given is not None:
            raise BadSwitch(f"« {text} »: {switch.name} takes nothing between parentheses")
        return switch.name
    if not given:
        return f"{switch.name}({switch.default:g})"
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", given) or not 0 <= float(given) <= 1:
        raise BadSwitch(f"« {text} »: {switch.name} takes a number from 0 to 1")
    return f"{switch.name}({float(given)!r})".replace(".0)", ")")


def parsed(text: str) -> tuple[Switch, float]:
    """The switch of a canonical form, and its argument (0 when it takes none)."""
    name, _, argument = text.rstrip(")").partition("(")
    return SWITCHES[name], float(argument or 0)


def by_rank(names: set[str]) -> list[str]:
    """The switches in the order in which they apply, whatever the order in which they came."""
    ranks = list(SWITCHES)
    return sorted(names, key=lambda name: (ranks.index(parsed(name)[0].name), name))
