"""What is loaded and remembered once, before there are workers: no request pays for it."""

import datetime
import gc
from typing import Any

from openfisca_cej.situation_examples import exemple

EXAMPLE = "jeune_seul"

#: A reform of a month, whose year's people are drawn once.
COST = "/cout?mois={}-{:02}&abattement=350"

#: A month of the example, and a reform to compare it under.
MONTH = "2024-11"
REFORM = {
    "parameters": {
        "contrat_engagement_jeune.montant_forfaitaire.general.majeur_non_imposable": {
            "2024-01-01": 600
        }
    }
}


def warm(app: Any) -> None:
    """Ask the application for some of everything; nothing of another application."""
    if hasattr(app, "test_client"):
        client, case = app.test_client(), exemple(EXAMPLE)
        # The page without a case asks every question; the other tab has one for this month.
        for path in ("/cej/resources", "/openapi.json", "/", "/analyse", "/questions"):
            client.get(path).close()
        now = datetime.date.today()
        # A reform of this month is told of its first whole year; of January, of this one.
        for month in {1, now.month}:
            client.get(COST.format(now.year, month)).close()
        for route in ("explain", "curve", "timeline", "case"):
            client.post(f"/cej/{route}?month={MONTH}", json=case).close()
        client.post("/trace", json=case).close()
        both = {"situation": case, "reform": REFORM}
        client.post(f"/cej/compare?month={MONTH}", json=both).close()
    # What is loaded by now is never collected: workers share its memory.
    gc.collect()
    gc.freeze()
