"""The private names of OpenFisca-Core that are used here, all of them: each has a test.

An upgrade that changes one fails in tests/health/test_core.py, which says what it was for.
"""

from operator import attrgetter
from typing import Any

from openfisca_core.holders import Holder
from openfisca_core.parameters import ParameterNodeAtInstant
from openfisca_core.simulations import Simulation

#: The holders of a population, by variable: those that were asked for.
holders = attrgetter("_holders")

#: The day (ISO) of parameters at an instant.
day_of = attrgetter("_instant_str")

#: The day of a formula that is given none.
UNDATED = "0001-01-01"

#: Refuse a variable that asks for itself.
check_for_cycle = Simulation._check_for_cycle


def check_period(variable: Any, period: Any) -> None:
    """Raise ValueError when the variable has no value for such a period."""
    Simulation._check_period_consistency(None, period, variable)


def with_child(node: Any, key: str, value: Any) -> Any:
    """Parameters at an instant with another value for a key; the rest is shared."""
    changed = ParameterNodeAtInstant.__new__(ParameterNodeAtInstant)
    vars(changed).update(vars(node))
    changed._children = dict(node._children)
    changed.add_child(key, value)
    return changed


class KeptHolder(Holder):
    """A holder that keeps values its own way, those that ``set_input`` shares out too."""

    def keep(self, values: Any, period: Any) -> None:
        """Store values that have the length and the type of the variable."""
        raise NotImplementedError

    def _set(self, period: Any, values: Any) -> None:
        """Store a month's part of a value given for longer."""
        self.keep(self._to_array(values), period)
