"""Where the values behind a traced result come from, for one person."""

from typing import Any

from openfisca_core.periods import DateUnit, Period

from openfisca_cej import base, french, names
from openfisca_cej.explain.lines import Reading
from openfisca_cej.names import AGE
from openfisca_cej.population.lean import COUPLE, ETERNITY, NOTICES, Read, formula_of

SUPPLIED, ASSUMED, COMPUTED, CARRIED = "supplied", "assumed", "computed", "carried"

#: Which tax notice is the last one: a matter of dates and of what was given.
LASTS = frozenset(NOTICES.values())

#: Computed variables that state a fact of the case rather than a rule.
COMPUTED_FACTS = frozenset({names.DEPENDANT, names.DISABLED})


class Origins:
    """The values that a traced result rests on for a person, and the origin of each."""

    def __init__(self, reading: Reading, month: Period) -> None:
        self.reading = reading
        self.situation = reading.situation
        self.system = reading.situation.system
        self.month = month
        self.found: dict[tuple[str, Period], str] = {}

    def visit(self, node: Read) -> None:
        """Find the origins of a node of the trace and of those below."""
        variable = self.reading.variable(node.name)
        moment = moment_of(variable, node)
        if (node.name, moment) not in self.found:
            origin, _ = self.origin(variable, moment)
            self.found[node.name, moment] = origin
            if is_followed(variable, origin):
                for child in self.below(self.made_of(node)):
                    self.visit(child)

    def made_of(self, node: Read) -> Read:
        """The node in which a value was computed, where it was."""
        return self.reading.simulation.tracer.computed.get((node.name, node.period), node)

    def below(self, node: Read) -> list[Read]:
        """What a step was made of, each once; not the notices of others, nor what is no news."""
        others = self.of_another_notice(node)
        return once(
            [
                child
                for child in node.children
                if child.period not in others and not self.is_expected_notice(child)
            ]
        )

    def unsupplied(self) -> list[tuple[str, Period]]:
        """The inputs that were read without being supplied, and the facts that one may know."""
        return [
            key
            for key, origin in self.found.items()
            if origin == ASSUMED or (origin == COMPUTED and key[0] in COMPUTED_FACTS)
        ]

    def origin(self, variable: Any, moment: Period) -> tuple[str, str]:
        """Where a value comes from for the person, and from which period if it was carried."""
        if variable.name == COUPLE and not self.situation.given(variable, self.reading.person):
            instance = self.situation.group_of(self.reading.person, variable.entity)
            if instance in self.situation.couples:
                return SUPPLIED, "par les déclarants du foyer"
        found = self.situation.given_for(variable, self.reading.person, moment)
        if found is not None:
            eternal = variable.definition_period == DateUnit.ETERNITY
            if eternal or found.period == moment:
                return SUPPLIED, ""
            return CARRIED, f"donné pour {found.written}"
        if self.has_nothing_to_presume_from(variable):
            return ASSUMED, ""
        if variable.formulas and formula_of(variable, moment) is not None:
            if variable.name == AGE and self.situation.given(variable, self.reading.person):
                return CARRIED, "d'après l'âge donné pour un autre mois"
            monthly = variable.definition_period == DateUnit.MONTH
            if monthly and moment.start != self.month.start:
                return CARRIED, f"calculé pour {french.month(moment)}"
            return COMPUTED, ""
        return ASSUMED, ""

    def has_nothing_to_presume_from(self, variable: Any) -> bool:
        """Whether the variable is only presumed from another, which is not given either."""
        source = base.PRESUMEES.get(variable.name)
        return source is not None and not self.situation.given(
            self.reading.variable(source), self.reading.person
        )

    def of_another_notice(self, node: Read) -> set[Period]:
        """The years that a step read for persons whose last notice is another one."""
        lasts = [child for child in node.children if child.name in LASTS]
        years = {self.reading.value(child.name, child.period) for child in lasts}
        read = {child.period for child in node.children} if years else ()
        return {
            moment
            for moment in read
            if moment.unit == DateUnit.YEAR and moment.start.year not in years
        }

    def is_expected_notice(self, node: Read) -> bool:
        """Whether a step only says that the last notice is that of the year before: no news."""
        if node.name not in LASTS:
            return False
        expected = base.annee_de_l_avis(node.period, self.system.get_parameters_at_instant)
        return bool(self.reading.value(node.name, node.period) == expected.start.year)


def moment_of(variable: Any, node: Read) -> Any:
    """The period of a node: eternity where the variable has one value for all time."""
    return ETERNITY if variable.definition_period == DateUnit.ETERNITY else node.period


def is_followed(variable: Any, origin: str) -> bool:
    """Whether what a value was made of is told: it comes from a formula."""
    return origin == COMPUTED or (origin == CARRIED and bool(variable.formulas))


def once(nodes: list[Read]) -> list[Read]:
    """The nodes, each variable and period once, in order."""
    return list({(node.name, node.period): node for node in reversed(nodes)}.values())[::-1]
