"""The stages of the protocol: « python -m openfisca_cej.population.calibration DIRECTORY ».

Every assumption is drawn from its law (Latin hypercube); the same draws are put through the
Garantie jeunes of 2021 and through the CEJ of 2022 to 2024; draws keep a weight by how far they are
from the figures that calibrate, then equally weighted ones are drawn from them. What is held out is
only read, at the end. ``data/preregistration.yaml``, committed before the run, says all of it.
"""

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from scipy.stats import qmc

from openfisca_cej.population import assumptions as named_assumptions
from openfisca_cej.population import garantie_jeunes, protocol, validation
from openfisca_cej.population.synthetic import load
from openfisca_cej.population.universes import stream

Results = dict[str, numpy.ndarray]

#: Processes side by side.
WORKERS = 2


def ranks_of(count: int, factors: int, seed: int) -> numpy.ndarray:
    """Ranks of the factors in each draw: one row a draw (Latin hypercube)."""
    return qmc.LatinHypercube(factors, seed=seed).random(count)


def batch(ranks: numpy.ndarray, first: int) -> list[dict[str, float]]:
    """Results of some draws, of both stages: names of the first one begin with « gj_ »."""
    from openfisca_cej.systems import model

    asked = load(protocol.FILE)
    system, given = model(), named_assumptions.read(named_assumptions.STATED)
    taken = [named_assumptions.ranked(given, row)[0] for row in ranks]
    return measured(system, taken, asked, first)


def measured(
    system: TaxBenefitSystem, taken: Sequence[dict[str, Any]], asked: dict[str, Any], first: int
) -> list[dict[str, float]]:
    """Results of these assumptions, on populations of their own."""
    seeds = [stream(asked["graine"], first + rank) for rank in range(len(taken))]
    pairs = list(zip(taken, seeds, strict=True))
    runs = validation.together(system, pairs, asked["personnes"])
    size = asked["personnes_garantie_jeunes"]
    before = [garantie_jeunes.simulated(system, *pair, size) for pair in pairs]
    return [
        {**run.results, **{f"gj_{name}": value for name, value in stage.items()}}
        for run, stage in zip(runs, before, strict=True)
    ]


def table(rows: Sequence[Mapping[str, float]]) -> Results:
    """Columns of these rows."""
    return {name: numpy.array([row[name] for row in rows]) for name in rows[0]}


def draws(asked: dict[str, Any]) -> tuple[numpy.ndarray, Results, Results]:
    """Ranks of all the draws, their results, and those of replicates at the stated values."""
    from openfisca_cej.systems import model

    given = named_assumptions.read(named_assumptions.STATED)
    ranks = ranks_of(asked["tirages"], len(named_assumptions.factors(given)), asked["graine"])
    size = max(1, validation.BATCH // asked["personnes"])
    firsts = range(0, len(ranks), size)
    with ProcessPoolExecutor(WORKERS) as pool:
        done = pool.map(batch, (ranks[first : first + size] for first in firsts), firsts)
        rows = [row for part in done for row in part]
    system = model()
    central = measured(system, [given] * validation.REPLICATES, asked, len(ranks))
    return ranks, table(rows), table(central)


class Calibration:
    """The weights of the draws after each stage, and what they say."""

    def __init__(self, asked: dict[str, Any], results: Results, central: Results) -> None:
        self.asked, self.results, self.central = asked, results, central
        self.published = load("validation")

    def distances(self, spreads: Mapping[str, float]) -> numpy.ndarray:
        """Implausibilities (draws × figures) for figures of the CEJ and their discrepancies."""
        return numpy.array(
            [
                self.distance(name, tuple(self.published[name]["publie"]), spread)
                for name, spread in spreads.items()
            ]
        ).T

    def distance(self, name: str, target: tuple[float, float], spread: float) -> numpy.ndarray:
        """Implausibility of each draw for one figure."""
        noise = float(self.central[name].std(ddof=1))
        return protocol.implausibility(self.results[name], target, spread, noise)

    @property
    def of_garantie(self) -> numpy.ndarray:
        """Implausibilities for the Garantie jeunes."""
        return numpy.array(
            [
                self.distance(f"gj_{name}", (one["valeur"], one["valeur"]), one["ecart"])
                for name, one in load(garantie_jeunes.FILE)["publie"].items()
            ]
        ).T

    def weights(self, *spreads: Mapping[str, float]) -> numpy.ndarray:
        """Weights after the Garantie jeunes and these figures."""
        columns = [self.of_garantie, *map(self.distances, spreads)]
        return protocol.weights(numpy.hstack(columns), self.asked["seuil"])

    def intervals(self, weights: numpy.ndarray) -> dict[str, tuple[float, float, float]]:
        """95 % bounds and median (in the middle) of each result."""
        return {name: protocol.quantiles(v, weights) for name, v in self.results.items()}

    def to_json(self, weights: numpy.ndarray) -> dict[str, Any]:
        """A stage, for machines: effective size, intervals, verdicts of the groups."""
        size = protocol.effective_size(weights)
        if not size:
            return {"taille_efficace": 0.0}
        found = self.intervals(weights)
        groups = protocol.verdicts(found, self.published)
        return {
            "taille_efficace": size,
            "intervalles": found,
            "groupes": groups,
            "reussis": sum(groups.values()),
        }


def moved(
    numbers: Sequence[Mapping[str, float]], weights: numpy.ndarray
) -> dict[str, dict[str, Any]]:
    """Each assumption before and after: means, deviations, and the move in prior deviations."""
    found = {}
    for name in numbers[0]:
        values = numpy.array([row[name] for row in numbers])
        before, spread = float(values.mean()), float(values.std())
        after = float(numpy.average(values, weights=weights))
        variance = float(numpy.average((values - after) ** 2, weights=weights))
        found[name] = {
            "avant": before,
            "ecart_type": spread,
            "apres": after,
            "ecart_type_apres": variance**0.5,
            "deplacement": (after - before) / spread,
        }
    return found


def resampled(weights: numpy.ndarray, count: int, seed: int) -> numpy.ndarray:
    """Rows of equally weighted draws (systematic resampling)."""
    start = numpy.random.default_rng(seed).random()
    ranks = (numpy.arange(count) + start) / count
    reached = numpy.cumsum(weights) / weights.sum()
    return numpy.minimum(numpy.searchsorted(reached, ranks), len(weights) - 1)


def run(out: Path) -> None:
    """Run every stage, and write what is shipped and what the documentation shows."""
    out.mkdir(parents=True, exist_ok=True)
    asked = load(protocol.FILE)
    given = named_assumptions.read(named_assumptions.STATED)
    ranks, results, central = draws(asked)
    save: Any = numpy.savez_compressed
    save(out / "tirages.npz", ranks=ranks, **results)
    save(out / "repliques.npz", **central)
    numbers = [named_assumptions.ranked(given, row)[1] for row in ranks]
    made = Calibration(asked, results, central)
    weights = made.weights(asked["calage"])
    told = {
        "preregistration_sha256": protocol.sha256(),
        "central": {name: float(values.mean()) for name, values in central.items()},
        "bruit": {name: float(values.std(ddof=1)) for name, values in central.items()},
        "pose": made.to_json(numpy.ones(len(ranks))),
        "apres_garantie_jeunes": made.to_json(made.weights()),
        "cale": made.to_json(weights),
        "inverse": made.to_json(made.weights(asked["inverse"])),
        "variante": made.to_json(made.weights(asked["calage"], asked["variante"])),
        "hypotheses": moved(numbers, weights),
    }
    text = json.dumps(told, ensure_ascii=False, indent=2)
    (out / "calibration.json").write_text(text + "\n", encoding="utf-8")
    rows = resampled(weights, asked["tirages_livres"], asked["graine"])
    with (out / f"{named_assumptions.DRAWS}.csv").open("w", encoding="utf-8", newline="") as file:
        sheet = csv.writer(file, lineterminator="\n")
        sheet.writerow(numbers[0])
        sheet.writerows([f"{value:.6g}" for value in numbers[row].values()] for row in rows)


if __name__ == "__main__":
    run(Path(sys.argv[1]))
