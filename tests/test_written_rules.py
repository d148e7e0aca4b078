"""A rule writes its own arithmetic: what it computes and what is told of it cannot differ."""

import pytest

from openfisca_cej.base import apres_ressources, ecart_degressivite
from openfisca_cej.declarations import Ecrite
from openfisca_cej.report.workbook import Cell


def amount(forfait, coefficient, deductibles, partielles) -> str:
    """R5131-20, I, of known numbers, with a disregard of 300 €."""
    known = (Ecrite(f"{one:g}", one) for one in (forfait, coefficient))
    nil = Ecrite(f"{deductibles:g}", deductibles, nul=deductibles == 0)
    return apres_ressources(
        *known, nil, Ecrite(f"{partielles:g}", partielles), Ecrite("300", 300)
    ).texte


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        ((500, 0.5, 0, 0), "500"),
        ((500, 0.5, 0, 300), "500"),
        ((500, 0.5, 100, 0), "500 − 100"),
        ((500, 0.5, 0, 400), "500 − 0.5 × (400 − 300)"),
        ((500, 0.5, 100, 400), "500 − 100 − 0.5 × (400 − 300)"),
        ((500, 0.5, 600, 0), "max(500 − 600 ; 0)"),
        ((500, 0.5, 0, 1400), "max(500 − 0.5 × (1400 − 300) ; 0)"),
        ((0, 0, 0, 400), "max(0 − 0 × (400 − 300) ; 0)"),
        ((0, 0, 0, 0), "0"),
    ],
)
def test_r5131_20_leaves_out_what_is_nil(numbers, told) -> None:
    assert amount(*numbers) == told


def test_r5131_20_is_written_whole_where_nothing_is_known() -> None:
    letters = [Ecrite(letter) for letter in "FCDPA"]
    assert apres_ressources(*letters).texte == "max(F − D − C × max(P − A ; 0) ; 0)"
    assert "".join(letter.texte for letter in letters) == "FCDPA", "the rule wrote on what it reads"


def test_r5131_20_is_the_formula_of_the_workbook() -> None:
    cells = [Cell(letter) for letter in "FCDPA"]
    assert apres_ressources(*cells).texte == "MAX(F-D-C*MAX(P-A,0),0)"


def test_what_holds_less_stands_in_parentheses() -> None:
    a, b, c = (Ecrite(letter) for letter in "abc")
    assert ecart_degressivite(a, b, c).texte == "a × b − c"
    assert (a / ecart_degressivite(a, b, c)).texte == "a ÷ (a × b − c)"
    assert ((a - b) * c).texte == "(a − b) × c"
    assert (a - (b - c)).texte == "a − (b − c)"
    assert (a / (b * c)).texte == "a ÷ (b × c)"
