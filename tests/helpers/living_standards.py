"""The same weighted living standards for us and for the packages that we are compared with."""

import numpy
import pytest

from openfisca_cej.analysis.compare import compare

FIRST = "contrat_engagement_jeune.montant_forfaitaire.general.majeur_non_imposable"

#: 600 − 552.29 € a month from April 2024, over twelve months, for one unit and a half.
GAIN = 381.68


def drawn(seed: int, count: int = 3_000) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Living standards, no two of them the same, some negative, and weights that are not whole."""
    random = numpy.random.default_rng(seed)
    values = random.lognormal(9.8, 0.6, count) - 4_000
    assert (values < 0).sum() > 10
    assert len(numpy.unique(values)) == count
    return values, random.uniform(0.3, 40, count)


def tied(seed: int) -> tuple[numpy.ndarray, numpy.ndarray]:
    """The same by whole hundreds of euros, and some zeros: many ties."""
    values, weights = drawn(seed)
    values = numpy.round(values, -2) + 0.0
    values[:5] = 0
    assert len(numpy.unique(values)) < len(values) / 4
    return values, weights


def compared(values: numpy.ndarray, weights: numpy.ndarray):
    """What a comparison tells of couples with these living standards, one of each gaining."""
    count = len(values)
    rank = numpy.arange(2 * count)
    first = rank % 2 == 0
    data = {
        "individu_id": rank,
        "menage_id": rank // 2,
        "menage_role": numpy.where(first, "personne_de_reference", "conjoint"),
        "age": numpy.where(first, 20, 40),
        "cej_situation_fiscale": numpy.full(2 * count, "non_imposable"),
        "niveau_de_vie": values.repeat(2),
        "unites_de_consommation": numpy.full(2 * count, 1.5),
        "poids": weights.repeat(2),
    }
    return compare({FIRST: {"2025-01-01": 600}}, data, "2025-01:2025-03", replicates=0).households


def indices(told) -> list[tuple[float, float]]:
    """(before, after) of the Gini index, of the poverty rate and of the poverty gap."""
    names = ["gini", "taux_pauvrete", "intensite_pauvrete"]
    assert [one.name for one in told.indices] == names
    return [(one.baseline, one.reform) for one in told.indices]


def close(found: float, wanted: float) -> None:
    """Both are the same but for the rounding of sums."""
    assert found == pytest.approx(wanted, rel=1e-9, abs=1e-12)
