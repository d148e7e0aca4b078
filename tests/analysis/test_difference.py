"""Which amounts change, and why: expected cells come from the text, worked out apart."""

import os
import sys
from pathlib import Path

import numpy
import pytest
from click.testing import CliRunner

import openfisca_cej
from openfisca_cej import CountryTaxBenefitSystem
from openfisca_cej.analysis import difference, grid
from openfisca_cej.cli import main
from openfisca_cej.population.run import BadRequest
from openfisca_cej.reforms import reform

PATH = "contrat_engagement_jeune.montant_forfaitaire.general.majeur_premiere_tranche"


def side(month: str, spec=None) -> difference.Side:
    system = CountryTaxBenefitSystem()
    return difference.side(system if spec is None else reform(spec)(system), month, month)


def paid(amount: float) -> set[tuple[int, ...]]:
    """The cells of the second tier that are paid something in March 2025, with this amount.

    An adult of the mainland under 26 (30 for a disabled worker), without RSA nor prime d'activité,
    not sanctioned whole: F − training − F / (0.8 × SMIC − 300) × (wage − 300), at least a
    half-centime once a quarter is withheld.
    """
    rate = amount / (0.8 * 1801.80 - 300)
    found = set()
    for age, (years, disabled) in enumerate(grid.AGES):
        if not 18 <= years < (30 if disabled else 26):
            continue
        for wage, euros in enumerate(grid.WAGES):
            for training, pay in enumerate(grid.TRAINING):
                due = amount - pay - rate * max(euros - 300, 0)
                # In March 2025 only the scale of 2022 applies: its second failing takes all.
                for sanction in (0, 1, 3, 4):
                    part = 0.75 if sanction == 1 else 1
                    if due * part > 0.005:
                        found.add((0, 1, age, wage, training, 0, sanction))
    return found


def test_one_parameter_changes_exactly_the_cells_that_it_should() -> None:
    found = difference.between(side("2025-03"), side("2025-03", {PATH: {"2025-01-01": 341.37}}))
    assert found.grid.count >= 50_000
    cells = {
        tuple(int(values[case]) for values in found.grid.ranks.values())
        for case in found.changed.tolist()
    }
    assert cells == paid(331.37) | paid(341.37)
    (cause,) = found.causes
    assert (cause.kind, cause.name) == ("paramètre", PATH)
    assert (cause.before, cause.after) == (331.37, 341.37)
    assert (cause.cases == found.changed).all()


def test_between_two_dates_each_amount_accounts_for_its_own_cells() -> None:
    found = difference.between(side("2025-03"), side("2025-04"))
    names = {cause.name.rpartition("montant_forfaitaire.")[2] for cause in found.causes}
    places = ("general", "mayotte")
    kinds = ("majeur_non_imposable", "majeur_premiere_tranche", "mineur")
    assert names == {f"{place}.{kind}" for place in places for kind in kinds}
    # No case is moved by two of them.
    assert sum(len(cause.cases) for cause in found.causes) == len(found.changed)
    for cause in found.causes:
        lieu = found.grid.ranks["lieu"][cause.cases]
        assert (lieu == ("mayotte" in cause.name)).all()


def test_a_rule_that_is_replaced_accounts_for_its_cells() -> None:
    found = difference.between(side("2025-03"), side("2025-03", "bareme_lineaire"))
    kinds = {cause.kind for cause in found.causes}
    assert kinds == {"règle"}
    wages = numpy.array(grid.WAGES)[found.grid.ranks["salaire"][found.changed]]
    assert (wages > 300).all()


def test_nothing_changes_between_a_law_and_itself() -> None:
    found = difference.between(side("2025-03"), side("2025-03", {}))
    assert (len(found.changed), found.causes, found.silent) == (0, (), ())


def test_what_only_changes_together_is_said() -> None:
    # The sanction of 2025 is new: neither the end of the old scale nor its own values can be put
    # back alone for all cases.
    found = difference.between(side("2025-05"), side("2025-06"))
    explained = numpy.unique(numpy.concatenate([cause.cases for cause in found.causes]))
    assert (explained == found.changed).all()


def other_python(folder: Path, line: str) -> Path:
    """An interpreter whose openfisca_cej has another value for the amount of the second tier."""
    import shutil

    package = folder / "site" / "openfisca_cej"
    shutil.copytree(Path(openfisca_cej.__file__).parent, package)
    file = package / "parameters" / f"{PATH.replace('.', '/')}.yaml"
    text = file.read_text()
    assert line in text
    file.write_text(text.replace(line, "value: 341.37"))
    python = folder / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH="{package.parent}" exec "{sys.executable}" "$@"\n')
    os.chmod(python, 0o755)  # noqa: PTH101
    return python


def test_another_installed_version_is_asked(tmp_path: Path) -> None:
    python = other_python(tmp_path, "value: 331.37")
    found = difference.between(difference.installed(python, "2025-03"), side("2025-03"))
    (cause,) = found.causes
    assert (cause.name, cause.before, cause.after) == (PATH, 341.37, 331.37)
    assert len(found.changed) == len(paid(331.37) | paid(341.37))


def test_an_interpreter_that_cannot_answer_is_refused(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'no module' >&2; exit 1\n")
    python.chmod(0o755)
    with pytest.raises(BadRequest, match="no module"):
        difference.installed(python, "2025-03")


def test_the_command_writes_markdown(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["diff", "--from", "2025-03", "--to", "2025-04"])
    assert done.exit_code == 0, done.output
    assert "## Montants qui changent : 2025-03 → 2025-04" in done.output
    assert "| 331.37 | 337 | 740 |" in done.output
    out = tmp_path / "diff.md"
    same = ["diff", "--reform", "age_29", "--against", "age_29", "--month", "2025-03"]
    assert CliRunner().invoke(main, [*same, "--out", str(out)]).exit_code == 0
    assert "0 cas sur" in out.read_text()


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--from", "2025-03"],
        ["--from", "2025-03", "--to", "2021-04"],
        ["--from", "2025-03", "--to", "avril"],
        ["--from", "2025-03", "--to", "2025-04", "--reform", "age_29"],
        ["--against", "age_29"],
        ["--reform", "nulle_part"],
    ],
)
def test_bad_requests_are_refused_in_words(arguments: list[str]) -> None:
    done = CliRunner().invoke(main, ["diff", *arguments])
    assert done.exit_code == 2
    assert done.output.strip()
    assert "Traceback" not in done.output
