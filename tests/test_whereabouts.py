"""What a failure names is found: files, days of parameters, cases, rules; and nothing else."""

from pathlib import Path
from typing import NamedTuple

import pytest
import whereabouts

SMIC = "openfisca_cej/parameters/marche_travail/salaire_minimum/smic/smic_b_mensuel.yaml"
CASES = "tests/contrat_engagement_jeune/degressivite.yaml"

pytestmark = pytest.mark.skipif(
    not (whereabouts.ROOT / SMIC).exists(), reason="the law is not beside the tests"
)


def line(place: str) -> str:
    """What stands there."""
    path, number = place.rsplit(":", 1)
    text = (whereabouts.ROOT / path).read_text(encoding="utf-8")
    return text.splitlines()[int(number) - 1].strip()


def test_a_file_of_parameters_is_found_with_the_line_of_its_day() -> None:
    (place,) = whereabouts.of_message(f"E   {SMIC}: 2024-11-01: no case depends on it (less)")
    assert place.startswith(f"{SMIC}:")
    assert line(place) == "2024-11-01:"
    (last,) = whereabouts.of_message(f"{SMIC}: 2031-01-01: no amount")
    assert line(last) == "2026-06-01:"


def test_a_parameter_is_found_by_its_path_with_dots_or_slashes() -> None:
    for name in ("contrat_engagement_jeune/ressources", "contrat_engagement_jeune.ressources"):
        path = f"{name}.degressivite.part_smic".replace("/ressources.", "/ressources/")
        (place,) = whereabouts.of_message(f"{path}: no confiance for 2022-03-01")
        assert place.endswith("/degressivite/part_smic.yaml:3")


def test_a_rule_is_found_where_it_is_declared() -> None:
    (place,) = whereabouts.of_message("cej_coefficient_degressivite: no label")
    assert place.startswith("openfisca_cej/variables/cej/ressources.py:")
    assert line(place).startswith(("@", "class cej_coefficient_degressivite("))
    (place,) = whereabouts.of_message("rqth: not in any test")
    assert place.startswith("openfisca_cej/variables/")


def test_a_word_of_a_sentence_is_no_variable() -> None:
    assert whereabouts.of_message("a youth of this age has the rsa, and no aah") == []


def test_a_case_is_found_in_its_file_as_core_tells_of_it() -> None:
    name = "D5131-23 1° — 300,00 et 300,01 €, deuxième montant et mineur"
    file = Path(whereabouts.ROOT / CASES)
    said = f"{file}:\n  Test '{name}':\n    cej_allocation@2025-04: [1.] differs from [2.]"
    case, rule = whereabouts.of_message(said)
    assert line(case) == f"- name: {name}"
    assert rule.startswith("openfisca_cej/variables/cej/allocation.py:")


def test_a_file_and_its_line_are_kept_as_they_are() -> None:
    said = "openfisca_cej/variables/cej/public.py:12: write @condition(…) above cej_mineur"
    assert whereabouts.of_message(said) == ["openfisca_cej/variables/cej/public.py:12"]


class Report(NamedTuple):
    """What pytest tells of a failure."""

    nodeid: str
    longreprtext: str
    location: tuple[str, int, str] = ("tests/test_oracle.py", 550, "")


def test_failures_that_say_the_same_are_told_once_with_the_last_line_of_ours() -> None:
    text = (
        "tests/test_oracle.py:557: in test_zero\n    confronter(mois)\n"
        "tests/helpers/simulations.py:643: in excedent\n    oracle.ABATTEMENT\n"
        "E   AttributeError: module 'oracle' has no attribute 'ABATTEMENT'\n"
    )
    failed = [Report(f"tests/test_oracle.py::test_zero[{year}]", text) for year in (2022, 2023)]
    said, place = whereabouts.lines(failed)
    assert said.startswith("tests/test_oracle.py::test_zero[2022] (and 1 more): AttributeError:")
    assert place == "    tests/helpers/simulations.py:643"


def test_the_cases_of_one_test_that_lead_to_one_place_are_told_by_the_first() -> None:
    said = "E   AssertionError: tests/helpers/oracle.py: 2022-0{rank}, {rank} centimes"
    failed = [
        Report(f"tests/test_oracle.py::test_exemples[{rank}]", said.format(rank=rank))
        for rank in (3, 4, 5)
    ]
    first, place = whereabouts.lines(failed)
    assert first.startswith("tests/test_oracle.py::test_exemples[3] (and 2 more): tests/helpers/")
    assert place == "    tests/helpers/oracle.py:1"
