"""What is written of a table of years: its rows, and all that is needed to compute them again."""

import hashlib
from collections.abc import Sequence
from typing import Any

from openfisca_cej.analysis.recorded import OF_YEARS
from openfisca_cej.analysis.years import Asked, Year, rows
from openfisca_cej.population import assumptions as named_assumptions
from openfisca_cej.population import manifest, protocol, scenario
from openfisca_cej.refusals import BadRequest
from openfisca_cej.rows import as_csv

TABLE, MANIFEST = "annees.csv", "annees.json"


def table_text(found: Sequence[Year]) -> str:
    """The rows as CSV."""
    told = rows(found)
    return as_csv(told, list(told[0]))


def content(
    table: str, years: Sequence[int], asked: Asked, reform: Any, given: bytes | None
) -> dict[str, Any]:
    """The manifest; ``given``: the file of the scenario, if any, which it holds whole."""
    return {
        "command": OF_YEARS,
        "annees": list(years),
        "reform": manifest.reform_content(reform),
        "region": asked.region,
        "lieu": asked.place,
        "personnes": asked.size,
        "tirages": asked.draws,
        "personnes_par_tirage": asked.small,
        "graine": asked.seed,
        "hypotheses": named_assumptions.replaced_values(asked.assumptions),
        "preregistration_sha256": protocol.sha256(),
        "versions": manifest.environment(),
        "fichier_scenario": None if given is None else given.decode("utf-8"),
        "scenario": [
            dict(zip(("section", "moment", "valeur", "statut"), figure, strict=True))
            for figure in scenario.figures(asked.told)
        ],
        "outputs": {TABLE: hashlib.sha256(table.encode()).hexdigest()},
    }


def given_in(told: dict[str, Any]) -> bytes | None:
    """The file of the scenario that a manifest holds."""
    text: str | None = told["fichier_scenario"]
    return None if text is None else text.encode()


def asked_in(told: dict[str, Any]) -> Asked:
    """What the manifest was asked for. Raises BadRequest."""
    try:
        figures = scenario.told_in(given_in(told), MANIFEST)
        assumptions = named_assumptions.replaced(told["hypotheses"], MANIFEST)
    except (scenario.BadScenario, named_assumptions.BadAssumptions) as error:
        raise BadRequest(str(error)) from None
    return Asked(
        region=told["region"],
        size=told["personnes"],
        draws=told["tirages"],
        small=told["personnes_par_tirage"],
        seed=told["graine"],
        assumptions=assumptions,
        told=figures,
        place=told["lieu"],
    )
