"""Inequality and poverty beside microdf, on the same data.

Both draw the Lorenz curve through negative values as they are, count as poor who is strictly under
the line, and take for median the smallest value that half of the weight does not exceed. microdf
adds up the poverty gap in euros; we divide it by the line and by the weight of everybody. Its
deciles take a person by the end of the person's weight, ours by the middle: they can differ only
for who straddles two of them.
"""

import warnings

import living_standards
import numpy
import pytest
from living_standards import close

from openfisca_cej.analysis import households

microdf = pytest.importorskip("microdf", reason="microdf-python is not installed")

DRAWS = [living_standards.drawn, living_standards.tied]


def series(values, weights):
    return microdf.MicroSeries(values, weights=weights)


def theirs(values, weights, line: float) -> tuple[float, float, float]:
    """Gini index, poverty rate, poverty gap brought to our definition."""
    frame = microdf.MicroDataFrame({"value": values, "line": line}, weights=weights)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "gini.*negative", UserWarning)
        gini = series(values, weights).gini()
    gap = frame.poverty_gap("value", "line") / (line * weights.sum())
    return gini, frame.poverty_rate("value", "line"), gap


@pytest.mark.parametrize("draw", DRAWS)
@pytest.mark.parametrize("seed", range(5))
def test_gini_median_and_poverty_are_those_of_microdf(draw, seed: int) -> None:
    values, weights = draw(seed)
    median = series(values, weights).median()
    assert households.median(values, weights) == median
    # A line that is one of the values: who is at it is not poor.
    for line in (0.6 * median, median):
        gini, rate, gap = theirs(values, weights, line)
        close(households.gini(values, weights), gini)
        close(households.poverty_rate(values, weights, line), rate)
        close(households.poverty_gap(values, weights, line), gap)
        assert 0 < gap < rate < 1


@pytest.mark.parametrize("draw", DRAWS)
@pytest.mark.parametrize("seed", range(5))
def test_deciles_are_those_of_microdf_but_for_who_straddles_two(draw, seed: int) -> None:
    values, weights = draw(seed)
    ends = numpy.asarray(series(values, weights).decile_rank())
    # Taken from the top, by the other end of the weight.
    starts = 11 - numpy.asarray(series(-values, weights).decile_rank())
    inside = starts == ends
    assert inside.mean() > 0.8
    ours = households.deciles(values, weights) + 1
    numpy.testing.assert_array_equal(ours[inside], ends[inside])
    assert ((starts <= ours) & (ours <= ends)).all()


def test_a_comparison_tells_the_indices_of_microdf() -> None:
    values, weights = living_standards.tied(0)
    told = living_standards.compared(values, weights)
    line = 0.6 * series(values, weights).median()
    close(told.poverty_line, round(line, 2))
    before = theirs(values, weights, line)
    after = theirs(values + living_standards.GAIN, weights, line)
    for found, wanted in zip(
        living_standards.indices(told), zip(before, after, strict=True), strict=True
    ):
        close(found[0], wanted[0])
        close(found[1], wanted[1])
        assert found[1] < found[0]
