"""The class of a reform: made of its content only, so that any process can make it again."""

import copyreg
import functools
import json
import re
from typing import Any

from openfisca_core.parameters import ParameterNode
from openfisca_core.reforms import Reform
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.reforms import tree
from openfisca_cej.reforms.provisions import Provision, changed
from openfisca_cej.reforms.spans import FOREVER, Span, read_dates
from openfisca_cej.reforms.switches import in_use, on_dates
from openfisca_cej.systems import model, reformed

#: The name of a reform that has no title.
UNTITLED = "reforme"


class ReformType(type):
    """Type of the classes of reforms: they travel between processes as their content."""


class WrittenReform(Reform, metaclass=ReformType):
    """An OpenFisca reform made of dated values and of switches; without any, it changes nothing.

    ``content`` is what it changes, fit for JSON: the same changes have the same content however
    they were written. ``title`` and ``description`` are for people.
    """

    title = ""
    description = ""
    content: dict[str, Any] = {"parameters": {}, "switches": []}

    def apply(self) -> None:
        """Change copies of the parameters, and the variables of the switches."""
        # Core gives a reform the parameters and variables of the baseline, not the example that
        # the specification of the web API shows.
        self.open_api_config = dict(self.baseline.open_api_config)
        self.modify_parameters(self.modified)
        for switch, argument, dates in in_use(self.content):
            for variable in switch.variables(argument):
                law = self.get_variable(variable.__name__, check_existence=True)
                self.update_variable(on_dates(variable, law, dates))

    def modified(self, root: ParameterNode) -> ParameterNode:
        """The tree, a copy of the baseline's, with the values of the reform."""
        return with_values(root, self.content)

    @classmethod
    def provisions(cls, system: TaxBenefitSystem) -> list[Provision]:
        """What the reform changes in this system: its values, then its rules."""
        after = reformed(cls) if system is model() else cls(system)
        found = list(changed(system.parameters, after.parameters))
        for switch, argument, dates in in_use(cls.content):
            start, end = str(dates.start), None if dates.end == FOREVER else str(dates.end)
            found += [
                Provision(r.variable, r.label, start, end, r.before, r.after, r.reference)
                for r in switch.rules(argument)
            ]
        return found


def with_values(root: ParameterNode, content: dict[str, Any]) -> ParameterNode:
    """Change a tree in place: the values first, then what the switches make of them.

    Raises KeyError when the tree has not a parameter.
    """
    numbers = tree.numbers(root)
    for path, values in content["parameters"].items():
        for dates, value in values.items():
            start, end = read_dates(dates)
            span = Span(start, end or FOREVER, value)
            numbers[path].update(start=str(start), stop=span.stop, value=value)
    for switch, _, span in in_use(content):
        switch.parameters(root, span)
    return root


def build(content: dict[str, Any], title: str = "", description: str = "") -> type[WrittenReform]:
    """The class of a reform that was checked; the same content gives the same class."""
    return built(json.dumps(content, sort_keys=True, ensure_ascii=False), title, description)


@functools.lru_cache(maxsize=256)
def built(text: str, title: str, description: str) -> type[WrittenReform]:
    """The class of a reform whose content is this JSON."""
    name = re.sub(r"\W+", "_", title).strip("_").lower() or "reforme"
    attributes = {
        "__doc__": description or title,
        "__module__": __name__,
        "name": title or UNTITLED,
        "title": title,
        "description": description,
        "content": json.loads(text),
    }
    made: Any = ReformType(name, (WrittenReform,), attributes)
    # The type of a type made so is not known to checkers.
    return made


def travelling(cls: Any) -> Any:
    """How to make the class again elsewhere; the base is found by its name."""
    if cls is WrittenReform:
        return "WrittenReform"
    return build, (cls.content, cls.title, cls.description)


copyreg.pickle(ReformType, travelling)
