"""Intervals over assumptions: each draw is the comparison on the universe that it names."""

import numpy
import pytest

from openfisca_cej.analysis import groups, sources, spread, work
from openfisca_cej.analysis.compare import compare
from openfisca_cej.analysis.comparison import OF_ALL, OF_SAMPLING, Comparison
from openfisca_cej.analysis.tables import Samples
from openfisca_cej.analysis.tally import TallyLayout
from openfisca_cej.population import assumptions, universes
from openfisca_cej.population.assumptions import Factor
from openfisca_cej.population.months import month_range
from openfisca_cej.reforms import reform
from openfisca_cej.refusals import BadRequest

ABATEMENT = "contrat_engagement_jeune.ressources.degressivite.abattement"
TERM = "contrat_engagement_jeune.contrat.duree_maximale"
REFORM = {ABATEMENT: {"2022-03-01": 400}}
MONTHS = "2022-11:2023-01"
SIZE, DRAWS = 400, 20


@pytest.fixture(scope="module")
def found() -> Comparison:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spread, "SIZE", SIZE)
        patch.setattr(spread, "TRIED", 1)
        people = sources.of_universe("entrants", "France", "2022", 800, 5)
        return compare(REFORM, people, MONTHS, by=["operateur"], replicates=50, draws=DRAWS)


def cost(taken: dict, seed: int) -> float:
    people = sources.of_universe("entrants", "France", "2022", SIZE, seed, taken)
    told = compare(REFORM, people, MONTHS, by=["operateur"], replicates=0, draws=0)
    return float(told.window.measure("total").difference or 0)


def test_a_draw_is_the_comparison_on_its_own_universe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spread, "SIZE", SIZE)
    people = sources.of_universe("entrants", "France", "2022", 800, 5)
    by = groups.chosen(["operateur"], people.attributes)
    request = work.Request(reform(REFORM), month_range(MONTHS), by, 100, 0, 0, True)
    assert people.redrawing is not None
    drawn = spread.drawn(request, people.redrawing, 2, 1, lambda done: None)
    taken = assumptions.draws(assumptions.CALIBRATED, assumptions.calibrated(), 2, 5)
    costs = [cost(one, universes.stream(5, 1 + rank)) for rank, (one, _) in enumerate(taken)]
    layout = TallyLayout(month_range(MONTHS))
    told = [spread.cost_of(layout, None, sums[spread.WHOLE]) for sums in drawn.sums]
    assert told == pytest.approx(costs, abs=0.01)
    assert costs[0] != costs[1]
    for sums in drawn.sums:
        parts = [values for place, values in sums.items() if place[0] == "operateur"]
        assert sum(parts) == pytest.approx(sums[spread.WHOLE][:, layout.start :])


def test_what_a_reform_supposes_is_drawn_with_the_assumptions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(spread, "SIZE", SIZE)
    longer, months = {TERM: {"2022-03-01": 18}}, "2023-06:2023-12"
    people = sources.of_universe("entrants", "France", "2022", 800, 5)
    by = groups.chosen(["operateur"], people.attributes)
    request = work.Request(reform(longer), month_range(months), by, 100, 0, 0, True)
    assert people.redrawing is not None
    drawn = spread.drawn(request, people.redrawing, 2, 1, lambda done: None)
    taken = assumptions.draws(assumptions.CALIBRATED, assumptions.calibrated(), 2, 5)
    layout = TallyLayout(month_range(months))
    shares = [numbers["part_au_nouveau_terme"] for numbers in drawn.factors]
    for rank, ((one, _), share) in enumerate(zip(taken, shares, strict=True)):
        given = {**one, "part_au_nouveau_terme": {"valeur": share}}
        others = sources.of_universe(
            "entrants", "France", "2022", SIZE, universes.stream(5, 1 + rank), given
        )
        told = compare(longer, others, months, by=["operateur"], replicates=0, draws=0).window
        found = spread.cost_of(layout, None, drawn.sums[rank][spread.WHOLE])
        assert told.measure("total").difference == pytest.approx(found, abs=0.01)
        assert found > 0
    # The more go to the new term, the more it costs.
    costs = [spread.cost_of(layout, None, sums[spread.WHOLE]) for sums in drawn.sums]
    assert (costs[0] > costs[1]) == (shares[0] > shares[1])
    assert spread.ends_of(spread.factors()["recours_nouveau_public"], "calibrated") == (0.09, 0.25)


def test_a_driver_is_the_cost_when_one_assumption_alone_moves(found: Comparison) -> None:
    (driver,) = found.drivers
    factors = {one.label: one for one in assumptions.factors(assumptions.read())}
    factor = factors[driver.name]
    seed = universes.stream(5, 0)
    base = cost(assumptions.calibrated(), seed)
    for number, told in zip(
        spread.ends_of(factor, assumptions.CALIBRATED), (driver.at_low, driver.at_high), strict=True
    ):
        moved = assumptions.calibrated()
        assumptions.take(moved, factor, factor.of(number))
        assert told - driver.middle == pytest.approx(cost(moved, seed) - base, abs=0.02)
    assert driver.middle == found.window.measure("total").difference


@pytest.mark.parametrize(
    ("factor", "number", "told"),
    [
        (Factor("a", None, 0.3, (0.25, 0.45)), 0.2587, "25,9 %"),
        (Factor("a", None, 14, (10.0, 18.0)), 10.605, "10,61"),
        (Factor("a", None, True, choices=(True, False)), 1.0, "non"),
        (Factor("a", None, 23, choices=(23, 21, 25)), 2.0, "25"),
    ],
)
def test_a_value_that_is_tried_is_written_as_french_does(factor, number, told) -> None:
    assert spread.written(factor, number).replace("\u00a0", " ") == told


def test_intervals_say_what_they_are_over(found: Comparison) -> None:
    assert found.sampling.kind == OF_ALL
    row = next(one for one in found.rows() if (one["table"], one["measure"]) == ("mois", "total"))
    total = found.of_kind("mois")[0].measure("total")
    assert (row["interval"], row["low"], row["high"]) == (OF_ALL, *total.interval)
    assert (row["sampling_low"], row["sampling_high"]) == total.sampling
    assert total.sampling != total.interval
    told = [one for one in found.rows() if one["table"] == "sensibilite"]
    assert [one["group"] for one in told] == [found.drivers[0].name]


def test_the_noise_of_small_draws_is_brought_back_to_the_size_of_the_whole() -> None:
    # Draws: variance 10; sampling: variance 2.5. Twice the noise: assumptions have 10 − 2 × 2.5.
    draws, replicates = numpy.array([1.0, 3, 5, 7, 9]), numpy.array([1.0, 2, 3, 4, 5])
    both = [one * 0.5**0.5 + own for one in (-4, -2, 0, 2, 4) for own in replicates.tolist()]
    # Means 2 apart, where chance alone has a variance of 2.5 + 10 / 5: those of the replicates.
    wanted = numpy.rint(numpy.quantile(both, [0.025, 0.975])) / 100
    assert Samples(replicates, draws, 2.0).of_all == pytest.approx(wanted)
    # Noise that explains more than all: sampling alone remains.
    noisy = Samples(replicates, draws, 10.0)
    assert noisy.of_all == noisy.of_sampling
    # Means 1002 apart: all of it but 4.5 / 1002.
    wanted = numpy.rint(numpy.quantile(both, [0.025, 0.975]) + 1002 - 4.5 / 1002) / 100
    assert Samples(replicates, draws + 1000, 2.0).of_all == pytest.approx(wanted)
    # Few replicates stand for many, where there are many draws.
    many = numpy.linspace(-1e4, 1e4, 10_001)
    wide = Samples(many, 100 * many, 1.0).of_all or (0, 0)
    assert wide == pytest.approx((-9500, 9500), rel=0.01)
    assert Samples(replicates, draws[:0]).of_all == Samples(replicates, draws).of_sampling


def test_data_have_no_assumptions_to_draw() -> None:
    people = {
        "individu_id": ["a", "b"],
        "date_naissance": numpy.array(["2003-05-01"] * 2, "datetime64[D]"),
        "cej_date_signature": numpy.array(["2024-12-10"] * 2, "datetime64[D]"),
    }
    with pytest.raises(BadRequest, match="draws"):
        compare(REFORM, people, "2025-01", draws=50)
    told = compare(REFORM, people, "2025-01")
    assert told.sampling.kind == OF_SAMPLING
    assert not told.bias
    assert not told.drivers
