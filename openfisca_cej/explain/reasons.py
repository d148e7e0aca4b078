"""What makes an amount, in plain words: the resources that count, and the sum that they are in."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from openfisca_core.periods import Period
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej import declarations, french
from openfisca_cej.explain.conditions import Condition
from openfisca_cej.explain.missing import SAME
from openfisca_cej.explain.resources import Effect, at
from openfisca_cej.explain.sources import ParameterUsed
from openfisca_cej.names import BEFORE, DEDUCTIBLE, LUMP_SUM, PARTIAL, SUSPENDED

if TYPE_CHECKING:
    from openfisca_cej.explain.tree import Step

#: The variables that add up resources of one effect.
COUNTED = (DEDUCTIBLE, PARTIAL, SUSPENDED)

#: How each effect is told after an amount that has it.
TOLD = {
    Effect.DEDUCTED: "à déduire en entier",
    Effect.PARTLY: "à déduire en partie",
    Effect.SUSPENDS: "suspend l'allocation",
}


@dataclass(frozen=True)
class CountedResource:
    """A resource (€) of a month that lowers or suspends the allowance, and by which article."""

    variable: str
    label: str
    month: Period
    amount: float
    effect: Effect
    article: str
    href: str

    @property
    def short(self) -> str:
        """The resource in a few words."""
        label = self.label[0].lower() + self.label[1:]
        return declarations.question_de(self.variable).bref or label

    @property
    def sentence(self) -> str:
        """The resource, its amount and its effect, on one line."""
        return (
            f"{self.label}, {french.month(self.month)} : {french.euros(self.amount)}, "
            f"{TOLD[self.effect]} ({self.article})"
        )

    def to_json(self) -> dict[str, Any]:
        """The resource as JSON."""
        return {
            "variable": self.variable,
            "label": self.label,
            "month": str(self.month),
            "amount": self.amount,
            "effect": self.effect.value,
            "article": self.article,
            "href": self.href,
        }


def counted(system: TaxBenefitSystem, root: "Step", month: Period) -> list[CountedResource]:
    """The resources, not nil, that the steps below count for the month."""
    return [
        CountedResource(
            below.variable,
            below.label,
            below.period,
            float(below.value),
            (treatment := at(system, below.variable, str(month.start))).effect,
            treatment.article,
            treatment.link,
        )
        for step in root.all()
        if step.variable in COUNTED and step.period == month and not step.repeated
        for below in step.steps
        if isinstance(below.value, float) and below.value
    ]


def relied_on(step: "Step") -> list[ParameterUsed]:
    """The parameters of a step that its value rests on: of amounts, the one that was taken.

    A list of resources counts for those of it that were received, a number of months for them all.
    """
    if step.variable in COUNTED and not step.value:
        return []
    received = {below.variable for below in step.steps if below.value}
    taken = step.variable.startswith(LUMP_SUM)
    return [
        used
        for used in step.parameters
        if (received & set(used.value) if isinstance(used.value, list) else True)
        and (used.value == step.value or not taken)
    ]


def reason(
    root: "Step", month: Period, conditions: list[Condition], resources: list[CountedResource]
) -> str:
    """How the allowance comes about: the most that is due, less what the resources take.

    Empty where nothing was computed, and for another variable than the allowance.
    """
    amount = float(root.value)
    unmet = [one for one in conditions if not one.assumed_met]
    if not amount and unmet:
        told = " ; ".join(f"{one.label}{f' ({one.detail})' if one.detail else ''}" for one in unmet)
        missing = (
            "ces conditions ne sont pas remplies" if unmet[1:] else "il y manque une condition"
        )
        return f"Rien n'est dû, {missing} : {told}."
    of_the_month = {step.variable: step.value for step in root.all() if step.period == month}
    if not {LUMP_SUM, DEDUCTIBLE, PARTIAL, BEFORE} <= of_the_month.keys():
        return ""
    summed = list(terms(of_the_month, amount, resources))
    if not summed[1:]:
        return f"{summed[0]}, dont rien n'est retiré."
    nothing = "" if of_the_month[BEFORE] else " : il ne reste rien"
    return f"{', '.join(summed)}{nothing}."


def terms(steps: dict[str, Any], amount: float, resources: list[CountedResource]) -> Iterator[str]:
    """The terms of the sum, in words."""
    most, deducted = float(steps[LUMP_SUM]), float(steps[DEDUCTIBLE])
    partly, left = float(steps[PARTIAL]), float(steps[BEFORE])
    yield f"{french.euros(most)} au plus"
    if deducted:
        yield f"moins {yours(Effect.DEDUCTED, resources, deducted)} déduits en entier"
    taken = most - min(deducted, most) - left
    if partly and taken > SAME:
        yield f"moins {french.euros(taken)} pour {yours(Effect.PARTLY, resources, partly)}"
    elif partly and deducted < most:
        yield f"et rien de moins pour {yours(Effect.PARTLY, resources, partly)}"
    if left - amount > SAME:
        yield f"moins {french.euros(left - amount)} pour une sanction"


def yours(effect: Effect, resources: list[CountedResource], total: float) -> str:
    """« vos 700,00 € de salaire d'octobre 2026 »: what counts, by its names and months."""
    found = [one for one in resources if one.effect is effect]
    # « revenus de micro-entreprise, après l'abattement » : what precedes the comma names it.
    labels = (one.short.partition(",")[0] for one in found)
    names = french.listed(once(map(french.of, labels)), "et")
    months = french.listed(once(french.of(french.month(one.month)) for one in found), "et")
    whole = sum(one.amount for one in found)
    mean = "" if abs(whole - total) < SAME else " en moyenne"
    return f"vos {french.euros(total)} {names} {months}{mean}"


def once(texts: Iterable[str]) -> list[str]:
    """The texts in their order, each once."""
    return list(dict.fromkeys(texts))
