"""« make revalue »: what a yearly revaluation changes, from its day and its coefficient.

D5131-19 IV: each amount is the one before × the coefficient, to the nearest centime. Written: the
coefficient, the six amounts, the RSA that follows the same coefficient, the reform whose amounts
follow from the RSA, and the case of the day. Values are « déduit » until they are seen printed.

Usage: python tests/helpers/revalue.py DAY COEFFICIENT --title TITLE --href LINK [--write]
"""

import argparse
import datetime
import difflib
import re
import sys
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path

import yaml
from amounts import (
    AMOUNTS,
    COEFFICIENT,
    HOUSING,
    PARAMETERS,
    RSA,
    in_force,
    path,
    read_values,
    round_half_up,
)

from openfisca_cej.french import MOIS

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT / "tests" / "contrat_engagement_jeune" / "revalorisations.yaml"
REFORM = PARAMETERS.parent / "reforms" / "montants_rsa.yaml"

#: What the ready-made reform makes of the RSA of a single person without its flat rate for housing.
OF_THE_RSA = {"majeur_non_imposable": 1, "majeur_premiere_tranche": "0.6", "mineur": "0.4"}

#: The twelve persons of a case of `revalorisations.yaml`, by place, age and tier.
CASE = """
- name: D5131-19 IV — {month}, {percent} % de plus
  # {worked}
  period: {period}
  input:
    age: [18, 18, 18, 17, 17, 17, 18, 18, 18, 17, 17, 17]
    residence_mayotte: [{there}]
    cej_situation_fiscale:
      - non_imposable
      - premiere_tranche
      - au_dela
      - non_imposable
      - premiere_tranche
      - au_dela
      - non_imposable
      - premiere_tranche
      - au_dela
      - non_imposable
      - premiere_tranche
      - au_dela
  output:
    cej_montant_forfaitaire: [{amounts}]
    cej_allocation: [{amounts}]
  absolute_error_margin: 0.001
"""


class Revaluation:
    """The values of a day, and the files that they are written in."""

    def __init__(self, day: str, coefficient: Decimal, title: str, href: str) -> None:
        self.day, self.coefficient = day, coefficient
        scalar = yaml.safe_dump(title, allow_unicode=True, width=1000).splitlines()[0]
        self.source = f"      - title: {scalar}\n        href: {href}\n"
        self.before = {name: self.last(name) for name in (*AMOUNTS, RSA)}
        self.after = {
            name: round_half_up(amount * Fraction(coefficient))
            for name, amount in self.before.items()
        }

    def last(self, name: str) -> Fraction:
        """The value before the day. Exits where there is one of this day already, or later."""
        values = read_values(PARAMETERS, name)
        if max(values) >= self.day:
            sys.exit(f"{path(name)} has a value of {max(values)}: give a later day.")
        return in_force(values, self.day)

    def texts(self) -> Iterator[tuple[Path, str]]:
        """Each file to edit, as it is to become."""
        for name, value in {COEFFICIENT: self.coefficient, **self.after}.items():
            file = PARAMETERS / f"{name}.yaml"
            yield file, self.parameter(file.read_text(encoding="utf-8"), value)
        yield REFORM, self.reform(REFORM.read_text(encoding="utf-8"))
        yield CASES, CASES.read_text(encoding="utf-8") + self.case()

    def parameter(self, text: str, value: Decimal) -> str:
        """A file of a parameter with one more value, its reference and how it is known."""
        text = appended(text, "values", f"  {self.day}:\n    value: {value:f}\n")
        text = appended(text, "  reference", f"    {self.day}:\n{self.source}")
        text = appended(text, "  confiance", f"    {self.day}: déduit\n")
        checked = re.search(r'last_value_still_valid_on: "(.*)"', text)
        assert checked is not None
        return text.replace(checked[1], max(checked[1], self.day), 1)

    def reform(self, text: str) -> str:
        """The reform with the amounts that follow from the new RSA."""
        rate = in_force(read_values(PARAMETERS, HOUSING), self.day)
        first = round_half_up(Fraction(self.after[RSA]) * (1 - rate))
        for name, part in OF_THE_RSA.items():
            amount = round_half_up(Fraction(first) * Fraction(part))
            key = f"  contrat_engagement_jeune.montant_forfaitaire.general.{name}"
            text = appended(text, key, f"    {self.day}: {amount.normalize():f}\n")
        return text

    def case(self) -> str:
        """The case of the day: each product is written, to be read again."""
        day = datetime.date.fromisoformat(self.day)
        factor = french(self.coefficient)
        worked = [
            f"{french(before)} x {factor} = {french(before * Fraction(self.coefficient))}"
            for before in (self.before[name] for name in AMOUNTS)
        ]
        adult, tier, minor, *there = (f"{self.after[name]:f}" for name in AMOUNTS)
        return CASE.format(
            month=f"{MOIS[day.month - 1]} {day.year}",
            percent=french(100 * (self.coefficient - 1)),
            worked=" ; ".join(worked),
            period=self.day[:7],
            there=", ".join(["false"] * 6 + ["true"] * 6),
            amounts=", ".join(
                str(one)
                for adult, tier, minor in ((adult, tier, minor), there)
                for one in (adult, tier, 0, minor, minor, 0)
            ),
        )


def french(number: Decimal | Fraction) -> str:
    """An exact decimal number, with a comma."""
    exact = Fraction(number)
    decimal = Decimal(exact.numerator) / Decimal(exact.denominator)
    return f"{decimal.normalize():f}".replace(".", ",")


def appended(text: str, key: str, lines: str) -> str:
    """The text with some more lines at the end of what stands, further in, under a key."""
    inside = " " * (len(key) - len(key.lstrip()) + 1)
    block = re.search(rf"^{re.escape(key)}:\n(?:{inside}.*\n?)*", text, flags=re.MULTILINE)
    assert block is not None, f"no {key.strip()}"
    return text[: block.end()] + lines + text[block.end() :]


def main(arguments: list[str] | None = None) -> int:
    """Print the edits, or make them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("day", metavar="DAY", help="first day of the new amounts: 2027-04-01")
    parser.add_argument("coefficient", metavar="COEFFICIENT", help="for instance 1.009")
    parser.add_argument("--title", required=True, help="the text that gives the coefficient")
    parser.add_argument("--href", required=True, help="its link")
    parser.add_argument("--write", action="store_true", help="write the files")
    given = parser.parse_args(arguments)
    try:
        day = datetime.date.fromisoformat(given.day).isoformat()
        coefficient = Decimal(given.coefficient)
    except (ValueError, InvalidOperation):
        parser.error("give a day as 2027-04-01, and a coefficient as 1.009")
    if not Decimal("0.9") < coefficient < Decimal("1.2"):
        parser.error(f"{coefficient} is not the coefficient of a revaluation: 1.009 is for 0.9 %")
    texts = list(Revaluation(day, coefficient, given.title, given.href).texts())
    for file, text in texts:
        name = file.relative_to(ROOT).as_posix()
        if given.write:
            file.write_text(text, encoding="utf-8")
            print(f"{name} written")
            continue
        old = file.read_text(encoding="utf-8").splitlines(keepends=True)
        new = text.splitlines(keepends=True)
        sys.stdout.writelines(difflib.unified_diff(old, new, name, name, n=0))
    print(
        "Then: read the case of revalorisations.yaml again, put « publié » where an amount was "
        "seen printed, add a line to CHANGELOG.md, and run make law."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
