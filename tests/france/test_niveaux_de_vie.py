"""Inequality and deciles beside openfisca-survey-manager, on the same data.

Run by `make test-france`: it wants OpenFisca-Core 44. Both draw the Lorenz curve through negative
values as they are, and take a person by the middle of the person's weight. Its thresholds lie
between two values, so that equals are together; where nobody has anything its Gini index is not
defined, ours is 0. It has no poverty gap: that one is compared with microdf.
"""

import living_standards
import numpy
import pytest
from living_standards import close

from openfisca_cej.analysis import households

DRAWS = [living_standards.drawn, living_standards.tied]


@pytest.fixture(scope="module")
def helpers(tmp_path_factory):
    """Their statistics; the package makes a folder of settings when it is imported."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
        return pytest.importorskip(
            "openfisca_survey_manager.policy.statshelpers",
            reason="openfisca-survey-manager is not installed here: `make test-france` installs it",
        )


@pytest.mark.parametrize("draw", DRAWS)
@pytest.mark.parametrize("seed", range(5))
def test_gini_is_that_of_survey_manager(helpers, draw, seed: int) -> None:
    values, weights = draw(seed)
    close(households.gini(values, weights), helpers.gini(values, weights))


def test_gini_of_nothing_is_zero_where_survey_manager_has_none(helpers) -> None:
    nothing, weights = numpy.zeros(5), numpy.arange(1.0, 6)
    assert households.gini(nothing, weights) == 0
    with numpy.errstate(invalid="ignore"):
        assert numpy.isnan(helpers.gini(nothing, weights))


@pytest.mark.parametrize("seed", range(5))
def test_deciles_are_those_of_survey_manager(helpers, seed: int) -> None:
    values, weights = living_standards.drawn(seed)
    ranks = helpers.weighted_quantiles(values, numpy.arange(1, 11), weights)
    numpy.testing.assert_array_equal(households.deciles(values, weights) + 1, ranks)


@pytest.mark.parametrize("seed", range(5))
def test_equals_have_their_decile_or_share_the_two_that_they_straddle(helpers, seed: int) -> None:
    values, weights = living_standards.tied(seed)
    ours = households.deciles(values, weights) + 1
    ranks = helpers.weighted_quantiles(values, numpy.arange(1, 11), weights)
    apart = 0
    for value in numpy.unique(values):
        equals = values == value
        ends = weights[values < value].sum(), weights[values <= value].sum()
        first, last = (round(10 * end / weights.sum(), 9) for end in ends)
        possible = range(int(first) + 1, int(numpy.ceil(last)) + 1)
        assert len(set(ranks[equals])) == 1
        assert {*ranks[equals], *ours[equals]} <= set(possible)
        apart += len(possible) > 1
    assert 0 < apart <= 9


def test_a_comparison_tells_the_gini_of_survey_manager(helpers) -> None:
    values, weights = living_standards.tied(0)
    before, after = living_standards.indices(living_standards.compared(values, weights))[0]
    close(before, helpers.gini(values, weights))
    close(after, helpers.gini(values + living_standards.GAIN, weights))
