"""What a reform changes, article by article: for reports."""

import datetime
from collections.abc import Iterator
from typing import Any, NamedTuple

from openfisca_core.parameters import Parameter, ParameterNode

from openfisca_cej.reforms import tree
from openfisca_cej.reforms.spans import DAY, same


class Provision(NamedTuple):
    """A value or a rule that changes.

    ``path`` is that of the parameter, or the name of the variable whose rule is replaced;
    ``start`` and ``end`` are dates (YYYY-MM-DD, both included; no end: None); ``reference`` is the
    article ``{title, href}`` that holds the value before, where it is known.
    """

    path: str
    label: str
    start: str
    end: str | None
    before: Any
    after: Any
    reference: dict[str, str] | None


def changed(before: ParameterNode, after: ParameterNode) -> Iterator[Provision]:
    """The values that differ between two trees of the same parameters, by path then date."""
    reformed = tree.numbers(after)
    for path, parameter in tree.numbers(before).items():
        spans = list(differences(parameter, reformed[path]))
        if not spans:
            continue
        label, metadata = tree.label(before, path), tree.metadata(before, path)
        for start, end, old, new in spans:
            reference = article(metadata.get("reference"), start)
            yield Provision(path, label, start, end, old, new, reference)


def differences(before: Parameter, after: Parameter) -> Iterator[tuple[str, str | None, Any, Any]]:
    """(start, end, value before, value after) wherever both differ."""
    instants = sorted(
        {item.instant_str for parameter in (before, after) for item in parameter.values_list}
    )
    spans: list[tuple[str, str | None, Any, Any]] = []
    for start, following in zip(instants, [*instants[1:], None], strict=True):
        old, new = before(start), after(start)
        if same(old, new):
            continue
        end = None if following is None else str(datetime.date.fromisoformat(following) - DAY)
        last = spans[-1] if spans else None
        if last and last[1] and day_after(last[1]) == start and last[2:] == (old, new):
            spans[-1] = (last[0], end, old, new)
        else:
            spans.append((start, end, old, new))
    yield from spans


def day_after(day: str) -> str:
    """The next day."""
    return str(datetime.date.fromisoformat(day) + DAY)


def article(references: Any, start: str) -> dict[str, str] | None:
    """The first reference of the value in force on a day."""
    if not isinstance(references, dict):
        return None
    dates = [str(date) for date in references if str(date) <= start]
    if not dates:
        return None
    told = {str(date): items for date, items in references.items()}[max(dates)]
    return (told[0] if isinstance(told, list) else told) or None
