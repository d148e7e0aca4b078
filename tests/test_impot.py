"""The tax of a notice: exact at the edges of the brackets, and never that of another month."""

import copy

import numpy
import pytest
from oracle import TAUX, Fraction, bareme

from openfisca_cej.base import memes
from openfisca_cej.population import engine
from openfisca_cej.population.months import month_range
from openfisca_cej.population.table import Group, Input, Population
from openfisca_cej.variables.cej.situation_fiscale import impot_brut

TAXES = ("cej_impot_du", "cej_situation_fiscale_rattachement", "cej_situation_fiscale_autonome")


@pytest.mark.parametrize("year", range(2020, 2026))
@pytest.mark.parametrize("parts", [1, 1.25, 2.5])
def test_brackets_are_exact(system, year, parts):
    """Around each threshold, and anywhere: within a millionth of a centime of fractions."""
    law = system.get_parameters_at_instant(f"{year}-01-01").impot_revenu
    thresholds = bareme(year)[0]
    edges = [100 * seuil * parts + cents for seuil in thresholds for cents in (-100, -1, 0, 1, 100)]
    drawn = numpy.random.default_rng(year).integers(0, 25_000_000, 500)
    cents = numpy.maximum([int(one) for one in (*edges, *drawn)], 0)
    found = impot_brut(cents / 100, parts, law.bareme_ir_depuis_1945.bareme)
    for one, tax in zip(cents.tolist(), found.tolist(), strict=True):
        share = Fraction(one, 100) / Fraction(parts)
        bounds = [*thresholds[1:], max(share, thresholds[-1])]
        exact = Fraction(parts) * sum(
            rate * max(0, min(share, high) - low)
            for rate, low, high in zip(TAUX, thresholds, bounds, strict=True)
        )
        assert abs(Fraction(tax) - exact) < Fraction(1, 10**8)


@pytest.mark.parametrize("together", [False, True])
def test_months_share_the_tax_of_what_they_share(system, together):
    """Months computed together give what each gives alone: homes move, some have a later notice."""
    count, months = 300, month_range("2023-01:2025-12")
    draw = numpy.random.default_rng(17)
    groups = {"foyer_fiscal": Group(count // 3, draw.permutation(count) // 3)} if together else {}
    foyers = count // 3 if together else count
    inputs = [
        Input("rni", "2021", draw.integers(9000, 40000, foyers) / 1),
        Input("rni", "2023", draw.integers(9000, 40000, foyers) / 1, draw.random(foyers) < 0.7),
        Input("nbptr", None, draw.choice([0, 1, 2.5], foyers)),
        Input("maries_ou_pacses", None, draw.random(foyers) < 0.5),
        Input("reductions", "2023", draw.choice([0.0, 300.0], foyers)),
        Input("cej_rni_autonome", None, draw.integers(0, 30000, count) / 1),
        *(
            Input("residence_guyane", f"{year}-{month:02}", draw.random(count) < 0.5)
            for year in (2024, 2025)
            for month in (2, 3, 11)
        ),
    ]
    population = Population(count, [], inputs, groups)
    (block,) = engine.simulate(system, population, months, TAXES)
    for rank, month in enumerate(months):
        (alone,) = engine.simulate(system, population, range(month, month + 1), TAXES)
        for name in TAXES:
            assert (block.values[name][:, rank] == alone.values[name][:, 0]).all(), (name, month)


def test_what_is_read_is_the_same_by_its_arrays_its_scales_and_its_numbers(system):
    law = system.get_parameters_at_instant("2025-01-01").impot_revenu
    scale, incomes = law.bareme_ir_depuis_1945.bareme, numpy.array([1.0, 2.0])
    read = (incomes, scale, (873.0, 1.5))
    assert memes(read, (incomes, scale, (numpy.float64(873), 1.5)))
    # Another array or another scale may be of another month or of another law.
    assert not memes(read, (incomes.copy(), scale, (873.0, 1.5)))
    assert not memes(read, (incomes, copy.deepcopy(scale), (873.0, 1.5)))
    assert not memes(read, (incomes, scale, (874.0, 1.5)))
    assert not memes(read, (incomes, scale))
