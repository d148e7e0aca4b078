"""What is loaded and remembered once, so that no request pays for it."""

import gc
from collections.abc import Callable, Iterator
from typing import Any

from openfisca_cej.situation_examples import exemple

EXAMPLE = "jeune_seul"

#: A month of the example, and a reform to compare it under.
MONTH = "2024-11"
REFORM = {
    "parameters": {
        "contrat_engagement_jeune.montant_forfaitaire.general.majeur_non_imposable": {
            "2024-01-01": 600
        }
    }
}


def steps(app: Any) -> Iterator[Callable[[], None]]:
    """Actions of less than a second each, to run one by one; none for another application."""
    if not hasattr(app, "test_client"):
        return
    client = app.test_client()

    def get(path: str) -> Callable[[], None]:
        return lambda: client.get(path).close()

    def post(path: str, document: Any) -> Callable[[], None]:
        return lambda: client.post(path, json=document).close()

    case = exemple(EXAMPLE)
    yield get("/cej/resources")
    yield get("/openapi.json")
    yield get("/")
    for route in ("explain", "curve", "timeline", "case"):
        yield post(f"/cej/{route}?month={MONTH}", case)
    yield post("/trace", case)
    yield post(f"/cej/compare?month={MONTH}", {"situation": case, "reform": REFORM})
    yield freeze


def freeze() -> None:
    """Leave what was loaded out of every later collection."""
    gc.collect()
    gc.freeze()
