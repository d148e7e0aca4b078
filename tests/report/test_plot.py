"""Charts drawn with Matplotlib hold the values of the comparison."""

import pytest
from comparisons import comparison

from openfisca_cej import report
from openfisca_cej.report.plot import drawings

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")


@pytest.fixture(scope="module")
def compared():
    """The comparison."""
    return comparison()


def test_every_chart_of_a_comparison_is_drawn(compared) -> None:
    names = drawings(compared)
    assert {"qui", "budget", "mois-total", "courbe-0", "deciles", "sensibilite"} <= {*names}
    for name in names:
        axes = report.plot(compared, name)
        assert axes.get_title(loc="left")
        assert axes.patches or axes.lines
        matplotlib.pyplot.close(axes.figure)


def test_bars_are_what_the_reform_costs_each_month(compared) -> None:
    axes = report.plot(compared, "budget")
    costs = [one.measure("total").difference for one in compared.of_kind("mois")]
    assert [bar.get_height() for bar in axes.patches] == [
        cost for cost in costs if cost is not None
    ]


def test_shares_of_a_group_make_its_whole_and_a_secret_has_no_bar(compared) -> None:
    axes = report.plot(compared, "groupes-tier")
    groups = compared.breakdown("tier").groups
    widths = {rank: 0.0 for rank, _ in enumerate(groups)}
    for bar in axes.patches:
        widths[round(bar.get_y() + bar.get_height() / 2)] += bar.get_width()
    masked = [group.measure("gagnants").masked for group in groups]
    assert any(masked)
    assert list(widths.values()) == pytest.approx([0.0 if one else 1.0 for one in masked])


def test_a_chart_is_drawn_on_axes_that_are_given(compared) -> None:
    axes = matplotlib.pyplot.subplots()[1]
    assert report.plot(compared, "mois-total", axes) is axes
    before, after = axes.lines[:2]
    months = compared.of_kind("mois")
    assert list(before.get_ydata()) == [one.measure("total").baseline for one in months]
    assert list(after.get_ydata()) == [one.measure("total").reform for one in months]


def test_a_chart_that_a_comparison_has_not_is_refused_with_those_it_has(compared) -> None:
    with pytest.raises(ValueError, match=r"« graphe »: this comparison has qui, budget"):
        report.plot(compared, "graphe")
