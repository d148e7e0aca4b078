"""Each amount of the allowance follows from the one before it and from the coefficient.

D5131-19 IV: every revaluation multiplies the amount *published before* (hence already rounded)
by the coefficient, and rounds to the nearest centime, half up. The published figures prove it:
for Mayotte in 2024 and 2025, an unrounded chain gives one centime less.

Nothing is typed here that a yearly revaluation changes: the coefficient is that of the parameters,
which the RSA of the same day must have followed too.
"""

import itertools
import shutil
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
import yaml
from amounts import (
    AMOUNTS,
    COEFFICIENT,
    GARANTIE_JEUNES,
    HOUSING,
    LUMP_SUMS,
    PARAMETERS,
    RSA,
    in_force,
    path,
    read_values,
    round_half_up,
)

FIRST = "2022-03-01"  # the amounts of the decree


def off_the_chain(name: str, values: dict, coefficients: dict, first: str) -> Iterator[str]:
    """Amounts that do not follow, from the first on, from the one before and the coefficient."""
    dates = [date for date in values if date >= first]
    for date in sorted({*dates, *coefficients} - {first}):
        if date not in coefficients:
            yield f"{path(name)}: {date}: {path(COEFFICIENT)} has no coefficient of this date"
        elif date not in values:
            yield f"{path(name)}: {date}: no amount, but {path(COEFFICIENT)} has a coefficient"
    for before, date in itertools.pairwise(dates):
        if date in coefficients:
            expected = round_half_up(Fraction(values[before]) * Fraction(coefficients[date]))
            if values[date] != expected:
                yield (
                    f"{path(name)}: {date}: {values[date]}, not {expected} = {values[before]} × "
                    f"{coefficients[date]}, the coefficient of {path(COEFFICIENT)}"
                )


def offenders(parameters: Path) -> list[str]:
    """The amounts that do not follow from what they are derived from, one line each."""
    coefficients = read_values(parameters, COEFFICIENT)
    rsa, housing = read_values(parameters, RSA), read_values(parameters, HOUSING)
    found = [
        line
        for name in AMOUNTS
        for line in off_the_chain(name, read_values(parameters, name), coefficients, FIRST)
    ]
    # The RSA follows the same coefficient from the law of August 2022 on; before, that of a year
    # without the CEJ.
    found += off_the_chain(RSA, rsa, coefficients, "2022-04-01")
    # RSA of a single person less the flat rate for housing.
    amounts = read_values(parameters, GARANTIE_JEUNES)
    for date, amount in amounts.items():
        expected = round_half_up(in_force(rsa, date) * (1 - in_force(housing, date)))
        if amount != expected:
            found.append(
                f"{path(GARANTIE_JEUNES)}: {date}: {amount}, not {expected}: see {path(RSA)} and "
                f"{path(HOUSING)}"
            )
    found += [
        f"{path(HOUSING)}: {date}: no amount of {path(GARANTIE_JEUNES)} is derived from it"
        for date in housing
        if date > max(amounts)
    ]
    return found


def test_amounts_follow_from_what_they_are_derived_from() -> None:
    found = offenders(PARAMETERS)
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize("name", [*AMOUNTS, COEFFICIENT, RSA, HOUSING, GARANTIE_JEUNES])
def test_a_figure_that_does_not_follow_is_found(tmp_path, name: str) -> None:
    """The last value one hundredth off, or absent where others have one of its date."""
    shutil.copytree(PARAMETERS, tmp_path / "parameters")
    file = tmp_path / "parameters" / f"{name}.yaml"
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    last = max(content["values"])
    content["values"][last]["value"] += 0.01
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    assert any(path(name) in line for line in offenders(tmp_path / "parameters"))
    if name not in (GARANTIE_JEUNES, HOUSING):
        del content["values"][last]
        file.write_text(yaml.safe_dump(content), encoding="utf-8")
        told = offenders(tmp_path / "parameters")
        assert any(path(name) in line and str(last) in line for line in told)


def test_coefficient_of_2023_is_an_exact_quotient() -> None:
    """That of the year by the advance of July 2022 (law 2022-1158, article 9, second paragraph).

    Not the « 1.6 % » of the press; a repeating decimal is written to the precision of a float.
    """
    written = Fraction(read_values(PARAMETERS, COEFFICIENT)["2023-04-01"])
    assert abs(written - Fraction("1.056") / Fraction("1.04")) < Fraction(1, 10**15)


def test_an_unrounded_chain_misses_the_published_figures() -> None:
    """Mayotte, first bracket: 188.89 in 2024 and 192.10 in 2025, from 171 in 2022."""
    chain = [Fraction(171)]
    for coefficient in ("1.04", Fraction("1.056") / Fraction("1.04"), "1.046", "1.017"):
        chain.append(chain[-1] * Fraction(coefficient))
    assert [round_half_up(amount) for amount in chain[-2:]] == [
        Decimal("188.88"),
        Decimal("192.09"),
    ]


def test_first_tier_is_six_tenths_and_minors_four_tenths_at_creation() -> None:
    """D5131-19 I and III: 500, 300, 200 € and, in Mayotte, 285, 171, 114 €."""
    for place in ("general", "mayotte"):
        adult, first_bracket, minor = (
            read_values(PARAMETERS, f"{LUMP_SUMS}/{place}/{name}")[FIRST]
            for name in ("majeur_non_imposable", "majeur_premiere_tranche", "mineur")
        )
        assert (first_bracket, minor) == (adult * 6 / 10, adult * 4 / 10)
