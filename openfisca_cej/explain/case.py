"""A situation as a YAML test that ``openfisca test`` runs, the articles in comments."""

import datetime
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml
from openfisca_core.periods import Period

from openfisca_cej import french, names
from openfisca_cej.explain.situation import Situation, asked
from openfisca_cej.explain.tree import Explanation, explain
from openfisca_cej.population.months import period_text

#: Steps whose values the test checks besides the allowance.
CHECKED = (
    names.LUMP_SUM,
    names.DEDUCTIBLE,
    names.PARTIAL,
    names.BEFORE,
    names.PAYABLE,
    names.WITHHELD,
    names.RESULT,
)

#: Rounding aside, core compares float64 amounts with this margin (€).
MARGIN = 0.001


def case(
    situation: Situation | dict[str, Any] | str | Path,
    month: str | Period,
    person: str | None = None,
    reforms: Sequence[str] = (),
) -> str:
    """The YAML test of the allowance of a person in a month. Raises as ``explain`` does.

    ``reforms``: the dotted paths of those that the law of the situation has.
    """
    situation, month, person = asked(situation, month, person)
    explanation = explain(situation, month, person, complete=True)
    test = {
        "name": test_name(explanation),
        "period": period_text(explanation.month),
        **({"reforms": list(reforms)} if reforms else {}),
        "input": situation.document,
        "output": {
            situation.system.person_entity.plural: {explanation.person: outputs(explanation)}
        },
        "absolute_error_margin": MARGIN,
    }
    body = yaml.safe_dump([test], allow_unicode=True, sort_keys=False, width=100)
    return "\n".join([*comments(explanation), body])


def test_name(explanation: Explanation) -> str:
    """A sentence that names the articles, as those of the law's own tests do."""
    numbers = dict.fromkeys(article.cited for article in explanation.root.articles)
    return (
        f"{', '.join(numbers)} — {explanation.person}, {french.month(explanation.month)} : "
        f"{french.euros(explanation.amount)}"
    )


def outputs(explanation: Explanation) -> dict[str, Any]:
    """The values to check, by variable."""
    found = {step.variable: step.value for step in explanation.root.all()}
    return {
        name: round(found[name], 6) if isinstance(found[name], float) else found[name]
        for name in CHECKED
        if name in found
    }


def comments(explanation: Explanation) -> Iterator[str]:
    """The arithmetic and the articles, as comments."""
    yield f"# {one_line(explanation.person)}, {french.month(explanation.month)}"
    yield "# Ce que la situation ne donne pas est pris à sa valeur par défaut."
    for remark in explanation.remarks:
        yield f"# {one_line(remark)}"
    yield from (f"# {one_line(item.sentence)}" for item in explanation.freshness.frozen)
    told: set[str] = set()
    for step in explanation.root.all():
        if step.variable in CHECKED and step.line and step.variable not in told:
            told.add(step.variable)
            yield f"# {step.label} : {one_line(step.arithmetic)}"
            for article in step.articles:
                since = french.day(datetime.date.fromisoformat(article.since))
                yield f"#   {article.title}, version du {since} : {article.href}"


def one_line(text: str) -> str:
    """Text that stays in its comment."""
    return " ".join(text.split())
