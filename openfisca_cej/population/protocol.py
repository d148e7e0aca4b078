"""The protocol written before the run: what chooses assumptions, what judges, and the verdicts.

``data/preregistration.yaml`` says it; its SHA-256 names it. It freezes by their hashes the files of
assumptions and of published figures.
"""

import functools
import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy

from openfisca_cej.population.synthetic import DATA, load

FILE = "preregistration"

CALIBRATION, HELD_OUT, SHOWN = "calage", "jugement", "montré"

#: Groups of held-out figures, in words.
GROUPS = {
    "comptes_2023": "allocataires de 2023",
    "saison": "creux d'été",
    "comptes_2024": "allocataires de 2024",
    "jeunes_distincts": "jeunes payés en 2023",
    "euros": "euros",
    "paca": "Provence-Alpes-Côte d'Azur",
}


@functools.cache
def sha256() -> str:
    """Hash of the protocol."""
    return hashlib.sha256((DATA / f"{FILE}.yaml").read_bytes()).hexdigest()


@functools.cache
def calibration() -> dict[str, Any]:
    """What the calibration found: sizes, intervals, verdicts, and how assumptions moved."""
    return json.loads((DATA / "calibration.json").read_text(encoding="utf-8"))


def sentence() -> str:
    """On what the calibrated assumptions were calibrated, and what they then missed, in French."""
    groups = calibration()["cale"]["groupes"]
    missed = [GROUPS[name] for name, good in groups.items() if not good]
    told = f"manqués : {', '.join(missed)}" if missed else "aucun manqué"
    return (
        "Hypothèses calées sur deux rapports de 2022 (allocataires ÷ jeunes en CEJ) et sur la "
        f"garantie jeunes de 2021 (protocole {load(FILE)['protocole']}, {sha256()[:12]}) ; des "
        f"{len(groups)} groupes de chiffres tenus à l'écart, {told} (docs/validation.md)."
    )


def set_of(name: str) -> str:
    """What a published figure is for: to calibrate, to judge, or only shown."""
    protocol = load(FILE)
    if name in protocol["calage"]:
        return CALIBRATION
    judging = {one for group in protocol["jugement"].values() for one in group}
    return HELD_OUT if name in judging else SHOWN


def implausibility(
    values: numpy.ndarray, target: tuple[float, float], spread: float, noise: float
) -> numpy.ndarray:
    """Distance from each value to a published range, in standard deviations.

    ``spread``: that of what the model leaves out; ``noise``: that of sampling.
    """
    low, high = target
    gaps = numpy.maximum(low - values, 0) - numpy.maximum(values - high, 0)
    return gaps / (spread**2 + noise**2) ** 0.5


def weights(distances: numpy.ndarray, limit: float) -> numpy.ndarray:
    """Weight of each draw (rows) by its distances (columns); none beyond the limit."""
    plausible = (abs(distances) < limit).all(axis=1)
    return plausible * numpy.exp(-0.5 * (distances**2).sum(axis=1))


def effective_size(weights: numpy.ndarray) -> float:
    """How many equally weighted draws say as much as these (Kish); 0 when none has a weight."""
    whole = weights.sum()
    return float(whole**2 / (weights**2).sum()) if whole else 0.0


def quantiles(values: numpy.ndarray, weights: numpy.ndarray) -> tuple[float, float, float]:
    """Weighted bounds of 95 % of the values, and their median in between."""
    order = numpy.argsort(values)
    reached = numpy.cumsum(weights[order]) / weights.sum()
    ranks = numpy.minimum(numpy.searchsorted(reached, [0.025, 0.5, 0.975]), len(values) - 1)
    low, median, high = values[order][ranks].tolist()
    return low, median, high


def covered(found: tuple[float, float, float], published: tuple[float, float]) -> bool:
    """Whether the interval meets what is published."""
    return found[0] <= published[1] and found[2] >= published[0]


def near(median: float, published: tuple[float, float], tolerance: float) -> bool:
    """Whether the median is within the published range, or this relative distance from it."""
    low, high = published
    return low - tolerance * abs(low) <= median <= high + tolerance * abs(high)


def verdicts(
    found: Mapping[str, tuple[float, float, float]], published: Mapping[str, dict[str, Any]]
) -> dict[str, bool]:
    """For each held-out group: whether all its figures are covered, with their medians near."""
    protocol = load(FILE)
    tolerances = protocol["tolerances"]
    return {
        group: all(
            covered(found[name], tuple(published[name]["publie"]))
            and near(found[name][1], tuple(published[name]["publie"]), tolerances[kind])
            for name, kind in names.items()
        )
        for group, names in protocol["jugement"].items()
    }
