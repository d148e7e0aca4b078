"""Raking: a case worked out by hand, convergence, and what cannot be done."""

import numpy
import pytest

from openfisca_cej.population import raking
from openfisca_cej.population.raking import CannotRake, Margin, rake


def margin(name, codes, totals):
    """A margin whose categories are numbered."""
    totals = numpy.array(totals, dtype=float)
    return Margin(name, [str(rank) for rank in range(len(totals))], numpy.array(codes), totals)


#: One person a cell of a table of two rows and two columns.
ROWS, COLUMNS = [0, 0, 1, 1], [0, 1, 0, 1]


def test_a_table_of_ones_gives_the_product_of_its_margins():
    # Rows 60 and 40, columns 30 and 70, out of 100: the cell of row i, column j is i × j / 100.
    margins = [margin("rang", ROWS, [60, 40]), margin("colonne", COLUMNS, [30, 70])]
    assert rake(margins, numpy.ones(4)) == pytest.approx([18, 42, 12, 28])


def test_a_two_by_two_table_worked_out_by_hand():
    # Seeds 1 2 / 3 1: the odds ratio 1 × 1 / (2 × 3) = 1/6 must stay, with all margins 1.
    # a × a = (1 − a)² / 6, so a = 1 / (1 + √6) and the other diagonal is 1 − a.
    margins = [margin("rang", ROWS, [1, 1]), margin("colonne", COLUMNS, [1, 1])]
    first = 1 / (1 + numpy.sqrt(6))
    found = rake(margins, numpy.array([1.0, 2, 3, 1]))
    assert found == pytest.approx([first, 1 - first, 1 - first, first], abs=1e-8)


def test_the_first_round_by_hand():
    # One margin alone is met by one scaling: 10 shared as 1 to 3, 20 as 1 to 1.
    found = rake([margin("rang", ROWS, [10, 20])], numpy.array([1.0, 3, 5, 5]))
    assert found.tolist() == [2.5, 7.5, 10, 10]


def test_many_margins_converge():
    draw = numpy.random.default_rng(2)
    count = 3000
    truth = draw.uniform(0.2, 5, count)
    margins = []
    for rank, size in enumerate((2, 3, 5, 12, 4)):
        codes = draw.integers(0, size, count)
        margins.append(margin(f"m{rank}", codes, numpy.bincount(codes, truth, size)))
    start = numpy.ones(count)
    weights = rake(margins, start)
    for item in margins:
        assert item.sums(weights) == pytest.approx(item.totals, rel=1e-6)
    assert (weights > 0).all()
    assert (start == 1).all()
    again = rake(margins, weights)
    assert again == pytest.approx(weights, rel=1e-6)


def test_a_category_without_total_gets_no_weight():
    margins = [margin("rang", ROWS, [5, 0]), margin("colonne", COLUMNS, [2, 3])]
    assert rake(margins, numpy.ones(4)).tolist() == [2, 3, 0, 0]


def test_an_empty_category_that_has_a_total_is_refused():
    with pytest.raises(CannotRake, match="« 2 » \\(rang\\)"):
        rake([margin("rang", ROWS, [1, 1, 1])], numpy.ones(4))


def test_margins_with_different_totals_are_refused():
    margins = [margin("rang", ROWS, [1, 1]), margin("colonne", COLUMNS, [1, 2])]
    with pytest.raises(CannotRake, match="« colonne » does not have the total"):
        rake(margins, numpy.ones(4))


def test_contradictory_margins_do_not_converge(monkeypatch):
    monkeypatch.setattr(raking, "ROUNDS", 50)
    # Everyone in row 0 is in column 0: they cannot be 60 here and 30 there.
    margins = [margin("rang", [0, 0, 1], [60, 40]), margin("colonne", [0, 0, 1], [30, 70])]
    with pytest.raises(CannotRake, match="no convergence in 50 rounds"):
        rake(margins, numpy.ones(3))
