"""Example situations, in the JSON form that `/calculate` takes."""

import json
from pathlib import Path
from typing import Any

DOSSIER = Path(__file__).resolve().parent


def noms() -> list[str]:
    """Names of the example situations."""
    return sorted(fichier.stem for fichier in DOSSIER.glob("*.json"))


def exemple(nom: str) -> dict[str, Any]:
    """Return the situation called ``nom``, as `/calculate` takes it.

    Raises FileNotFoundError when there is no such example.
    """
    return json.loads((DOSSIER / f"{nom}.json").read_text(encoding="utf-8"))
