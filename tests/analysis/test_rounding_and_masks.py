"""Rounding that adds up, masks from which nothing can be deduced, exact sums."""

from fractions import Fraction

import numpy
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openfisca_cej.analysis.disclosure import hidden
from openfisca_cej.analysis.rounding import apportioned, nearest
from openfisca_cej.analysis.tally import DIGITS, FIRSTS, WINDOW, EffectTally, poisson


@given(st.lists(st.fractions(0, 1000, max_denominator=64), min_size=1, max_size=12))
def test_rounded_parts_add_up_and_are_near(parts: list[Fraction]) -> None:
    whole = nearest(sum(parts, Fraction(0)))
    rounded = apportioned(parts, whole)
    assert sum(rounded) == whole
    assert all(abs(value - part) < 1 for value, part in zip(rounded, parts, strict=True))


def test_a_half_goes_up() -> None:
    assert [nearest(Fraction(*pair)) for pair in ((1, 2), (3, 2), (-1, 2), (7, 5))] == [1, 2, 0, 1]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.lists(st.integers(0, 40), min_size=3, max_size=3),
        min_size=2,
        max_size=5,
    ),
    st.integers(2, 15),
)
def test_no_sum_gives_a_masked_cell_away(numbers: list[list[int]], smallest: int) -> None:
    rows, columns = range(len(numbers)), range(3)
    supports = {(row, column): [numbers[row][column]] for row in rows for column in columns}
    for row in rows:
        supports[row, "all"] = [sum(numbers[row])]
    for column in columns:
        supports["all", column] = [sum(line[column] for line in numbers)]
    supports["all", "all"] = [sum(map(sum, numbers))]
    everyone = [*rows, "all"]
    relations = [[(row, column) for column in (*columns, "all")] for row in everyone]
    relations += [[(row, column) for row in everyone] for column in (*columns, "all")]
    masked = hidden(supports, relations, smallest, {})
    for cell, (number,) in supports.items():
        assert (cell in masked) >= (0 < number < smallest)
    for *parts, total in relations:
        inside = [cell for cell in parts if cell in masked]
        known = sum(supports[cell][0] for cell in inside)
        if total in masked:
            assert inside
        elif inside:
            assert len(inside) > 1
            assert known >= smallest


def test_nothing_is_masked_without_need() -> None:
    supports = {"a": [20], "b": [30], "c": [0], "all": [50]}
    assert hidden(supports, [list(supports)], 11, {}) == set()
    assert hidden({**supports, "c": [3]}, [list(supports)], 11, {}) == {"a", "c"}
    followers = {"a": "a after"}
    found = hidden({**supports, "c": [3], "a after": [20]}, [list(supports)], 11, followers)
    assert found == {"a", "c", "a after"}


def test_sums_are_those_of_exact_arithmetic() -> None:
    random = numpy.random.default_rng(1)
    months = range(24312, 24313)
    tally = EffectTally.empty(months, 0)
    values = random.integers(-60_000_00, 60_000_00, (5000, tally.layout.size)).astype(float)
    weights = numpy.where(random.random(5000) < 0.5, 17.0, random.uniform(0, 3e6, 5000))
    odd = numpy.arange(5000) % 2
    rows = numpy.stack([values, -values], axis=1)
    tally.count(rows, weights, {"parite": (["pair", "impair"], odd)}, None, random)
    read = [Fraction(round(Fraction(weight) * 2**DIGITS), 2**DIGITS) for weight in weights.tolist()]
    start = tally.layout.start
    for rank, key in enumerate(("pair", "impair")):
        sums = tally.groups["parite", key]
        assert sums.supports[0].tolist() == [2500] * len(WINDOW)
        for column in range(len(WINDOW)):
            some = zip(read[rank::2], values[rank::2, start + column], strict=True)
            exact = sum(weight * int(value) for weight, value in some)
            assert Fraction(sums.baseline[column], 2**DIGITS) == exact
            assert Fraction(sums.difference[column], 2**DIGITS) == -exact
    both = [tally.groups["parite", key].baseline for key in ("pair", "impair")]
    assert tally.whole.baseline[start:] == [sum(pair) for pair in zip(*both, strict=True)]


def test_draws_follow_a_poisson_law_of_mean_one() -> None:
    shares = numpy.diff([0, *FIRSTS, 2**16]) / 2**16
    expected = [0.36787944, 0.36787944, 0.18393972, 0.06131324, 0.01532831]
    numpy.testing.assert_allclose(shares[:5], expected, atol=2e-5)
    assert abs(shares @ numpy.arange(len(shares)) - 1) < 1e-4
    times = poisson(numpy.random.default_rng(1), (1000, 200))
    assert numpy.bincount(times.ravel())[:4] / 200_000 == pytest.approx(shares[:4], abs=5e-3)
