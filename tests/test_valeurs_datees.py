"""No dated value without its case: a wrong number, or a new one, cannot go unseen.

Each value is moved, a little less and a little more, and a YAML case of the law must fail.
« make dated-values » lists the case that holds each.
"""

import datetime
import shutil
from pathlib import Path

import pytest
import test_revalorisations as revalorisations
import yaml
from dated_values import (
    UNREAD,
    DatedValue,
    Suite,
    dated_values,
    explained,
    is_unread,
    of_taxes,
    twelve_months_after,
)
from samples import QUICK, SINCE, sample

import openfisca_cej
from openfisca_cej import CountryTaxBenefitSystem

pytestmark = pytest.mark.slow  # some twenty seconds, and the tree does not differ from the wheel

PARAMETERS = Path(openfisca_cej.__file__).resolve().parent / "parameters"


@pytest.fixture(scope="module")
def suite() -> Suite:
    return Suite(CountryTaxBenefitSystem())


def report(offenders: list[str]) -> None:
    """Fail with the list of what is wrong, one line each."""
    assert not offenders, "\n" + "\n".join(offenders)


def test_every_dated_value_has_a_case_whose_result_depends_on_it(suite) -> None:
    report([f"fails before anything is moved: {name}" for name in suite.failing])
    read = [value for value in suite.values if not is_unread(value.parameter)]
    assert len(read) > 100
    if QUICK:  # the last ones
        read = [value for value in read if not value.until and value.since >= SINCE]
    report([line for value in sample(read, 3) for line in suite.missing(value)])


def test_moves_that_are_said_to_change_nothing_change_nothing(suite) -> None:
    noticed = [
        f"{value.label}: {what}"
        for value in sample(suite.values, 3)
        for what, other in value.moves()
        if f"{value.label}: {what}" in explained() and suite.holder(value, what, other)
    ]
    report(noticed)


def test_what_is_said_to_be_read_by_no_formula_is_read_by_none(suite) -> None:
    names = {value.parameter for value in suite.values}
    report([f"{name} is no parameter" for name in UNREAD if name not in names])
    read = {name for case in suite.cases for name, _ in case.reads}
    report([f"{name} is read: take it out of UNREAD" for name in sorted(read & set(UNREAD))])


#: The circular and the forms of 2022, which give a range: from 15 to 20 hours.
HOURS = {"2022-03-01": 20}


def unheld(suite: Suite) -> list[str]:
    """Values that no formula reads and that no test holds; those of amounts: see revalorisations.

    A resource that counts for nothing is given by a case, while its list is in force.
    """
    offenders = []
    for value in suite.values:
        if value.parameter.endswith(".repere_haut") and HOURS.get(value.since) != value.held.value:
            offenders.append(f"{value.file}: {value.since}: write it in HOURS of {__file__}")
        if value.parameter.endswith(".ressources.cumulables"):
            offenders += [
                f"{value.file}: {value.since}: no case gives {name}. Write one in "
                f"tests/contrat_engagement_jeune/ressources_cumulables.yaml, in a month "
                f"{value.months}."
                for name in value.held.value
                if not any(
                    name in case.given
                    and any(value.since[:7] <= m < (value.until or "9999") for m in case.months)
                    for case in suite.cases
                )
            ]
    return offenders


def test_values_that_no_formula_reads_are_held_by_a_test(suite) -> None:
    report(unheld(suite))


# --- The proof ------------------------------------------------------------------------------------


def with_value(folder: Path, value: DatedValue, date: str, new: object) -> None:
    """Write a new dated value in a scratch copy of the parameters."""
    file = folder / Path(value.file).relative_to("openfisca_cej/parameters")
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    series = content.get("values")
    if series is None:
        rank, key = value.bracket.strip("[").split("].")
        series = content["brackets"][int(rank)][key]
    series[datetime.date.fromisoformat(date)] = {"value": new}
    file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


def on_scratch(tmp_path: Path, news: list[tuple[DatedValue, str, object]]) -> Suite:
    """The cases of the law on a copy of the parameters where these values were added."""
    folder = tmp_path / "parameters"
    shutil.copytree(PARAMETERS, folder)
    for value, date, new in news:
        with_value(folder, value, date, new)
    system = CountryTaxBenefitSystem()
    system.load_parameters(str(folder))
    return Suite(system)


def next_date(values: list[DatedValue], value: DatedValue) -> str:
    """Twelve months after the last date: of all the values, or of those of the incomes."""
    alike = [one for one in values if of_taxes(one.parameter) or not of_taxes(value.parameter)]
    return twelve_months_after(max(one.since for one in alike))


def test_a_new_value_of_any_parameter_is_refused_until_a_case_holds_it(tmp_path, suite) -> None:
    lasts = [value for value in suite.values if not value.until]
    news = [(last, next_date(suite.values, last), next(last.moves())[1]) for last in lasts]
    changed = on_scratch(tmp_path, news)
    dates = {(value.parameter, value.bracket): date for value, date, _ in news}
    added = [v for v in changed.values if dates.get((v.parameter, v.bracket)) == v.since]
    assert len(added) == len(news) > 90
    of_amounts = revalorisations.offenders(tmp_path / "parameters")
    offenders = []
    for value in added:
        if is_unread(value.parameter):
            told = [line for line in (*unheld(changed), *of_amounts) if value.file in line]
        else:
            told = list(changed.missing(value))
            offenders += [
                f"{value.label}: « {line} »"
                for line in told
                if "tests/contrat_engagement_jeune/" not in line or value.months not in line
            ]
        offenders += [f"{value.label}: « {line} »" for line in told if value.since not in line]
        if not told:
            offenders.append(f"{value.label}: seen by nobody")
    report(offenders)


def test_dated_values_are_those_of_the_files(suite) -> None:
    """What the law of the CEJ reads: not what had ceased before it came into force."""
    found = {}
    for value in dated_values(suite.system):
        found.setdefault(value.parameter + value.bracket, []).append(value.since)
    amount = "contrat_engagement_jeune.montant_forfaitaire.general.mineur"
    assert found[amount][-3:] == ["2023-04-01", "2022-07-01", "2022-03-01"]
    assert found["marche_travail.salaire_minimum.smic.smic_b_mensuel"][-1] == "2022-01-01"
    assert found["impot_revenu.bareme_ir_depuis_1945.bareme[2].threshold"][-1] == "2020-01-01"
