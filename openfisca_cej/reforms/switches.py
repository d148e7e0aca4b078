"""What no parameter says: changes of rules, registered by the name that a reform file gives.

A switch is written ``name``, or ``name(number)`` when it takes one, and holds at all dates or at
those that are given. It may replace variables, and change parameters by rules rather than by
values: it then comes after the values of the reform, so that it also bears on them.
"""

import datetime
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy
from openfisca_core.parameters import ParameterNode
from openfisca_core.periods import Period
from openfisca_core.populations import Population
from openfisca_core.variables import Variable

from openfisca_cej import names
from openfisca_cej.base import Montant
from openfisca_cej.reforms import tree
from openfisca_cej.reforms.spans import DAY, FOREVER, Span, read_dates
from openfisca_cej.refusals import BadValue

#: All the dates of the law, on which a switch holds unless others are given.
ALWAYS = Span(datetime.date(2022, 3, 1), FOREVER, True)

WRITTEN = re.compile(r"\s*(\w+)\s*(?:\(\s*([^()]*?)\s*\))?\s*")

D5131_23 = {
    "title": "Article D5131-23 du code du travail, 2°",
    "href": "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045202337",
}


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
    ``variables`` have one formula, which holds at the dates of the switch. ``parameters`` changes a
    copy of the tree between two days; ``paths`` are the parameters that it decides.
    """

    name: str
    default: float | None = None
    variables: Callable[[float], list[type[Variable]]] = lambda argument: []
    parameters: Callable[[ParameterNode, Span], None] = lambda root, dates: None
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
            names.COEFFICIENT,
            "Coefficient de dégressivité",
            "montant forfaitaire / (80 % du SMIC mensuel brut − 300 €)",
            f"{slope:g}".replace(".", ","),
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


def align_mayotte(root: ParameterNode, dates: Span) -> None:
    """Give to Mayotte, on these dates, the values of the rest of the country."""
    numbers = tree.numbers(root)
    for local, general in OF_MAYOTTE.items():
        source = numbers[general]
        first, last = str(dates.start), str(dates.end)
        changes = {item.instant_str for item in source.values_list}
        for instant in (first, *sorted(day for day in changes if first < day <= last)):
            numbers[local].update(start=instant, stop=dates.stop, value=source(instant))


SWITCHES = {
    switch.name: switch
    for switch in (
        Switch("bareme_lineaire", 0.5, variables=linear_taper, rules=linear_rule),
        Switch("mayotte_alignee", parameters=align_mayotte, paths=tuple(OF_MAYOTTE)),
    )
}


def read_switch(text: str) -> str:
    """The switch in its canonical form, argument included: ``bareme_lineaire(0.5)``.

    Raises BadValue.
    """
    match = WRITTEN.fullmatch(text)
    switch = SWITCHES.get(match.group(1)) if match else None
    if match is None or switch is None:
        names = ", ".join(SWITCHES)
        raise BadValue.said(
            f"« {text} » is not a switch; they are: {names}",
            "",
            f"« {text} » n'est pas un interrupteur ; il y a : {names}",
        )
    given = match.group(2)
    if switch.default is None:
        if given is not None:
            raise BadValue.said(
                f"« {text} »: {switch.name} takes nothing between parentheses",
                "",
                f"« {text} » : {switch.name} ne prend rien entre parenthèses",
            )
        return switch.name
    if not given:
        return f"{switch.name}({switch.default:g})"
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", given) or not 0 <= float(given) <= 1:
        raise BadValue.said(
            f"« {text} »: {switch.name} takes a number from 0 to 1",
            "",
            f"« {text} » : {switch.name} prend un nombre de 0 à 1",
        )
    return f"{switch.name}({float(given)!r})".replace(".0)", ")")


def parsed(text: str) -> tuple[Switch, float]:
    """The switch of a canonical form, and its argument (0 when it takes none)."""
    name, _, argument = text.rstrip(")").partition("(")
    return SWITCHES[name], float(argument or 0)


def by_rank(names: Iterable[str]) -> list[str]:
    """The switches in the order in which they apply, whatever the order in which they came."""
    ranks = list(SWITCHES)
    return sorted(names, key=lambda name: (ranks.index(parsed(name)[0].name), name))


def in_use(content: Mapping[str, Any]) -> Iterator[tuple[Switch, float, Span]]:
    """(switch, argument, dates) of the content of a reform, in the order in which they apply."""
    given = content["switches"]
    for name in by_rank(given):
        switch, argument = parsed(name)
        for dates in given[name] if isinstance(given, Mapping) else ():
            start, end = read_dates(dates)
            yield switch, argument, Span(start, end or FOREVER, True)
        if not isinstance(given, Mapping):
            yield switch, argument, ALWAYS


def on_dates(variable: type[Variable], law: Variable, dates: Span) -> type[Variable]:
    """The variable of a switch, whose formula holds on these dates, and that of the law elsewhere.

    OpenFisca-Core keeps by itself the formulas of the law that are older than any of these.
    """
    (rule,) = (formula for name, formula in vars(variable).items() if name.startswith("formula"))
    later = {day: formula for day, formula in law.formulas.items() if day > str(dates.end)}
    if dates.end != FOREVER:
        later[str(dates.end + DAY)] = law.get_formula(str(dates.end + DAY))
    formulas = {str(dates.start): rule, **later}
    named = {f"formula_{day.replace('-', '_')}": formula for day, formula in formulas.items()}
    kept = {name: told for name, told in vars(variable).items() if not name.startswith("formula")}
    return type(variable.__name__, variable.__bases__, {**kept, **named})
