"""What every parameter says of itself, and how its values are dated."""

import datetime
import math
import re

from health.common import (
    ARTICLE,
    LINK,
    PACKAGE,
    PARAMETERS,
    dated_values,
    parameter_files,
    read_yaml,
    report,
)
from openfisca_core.parameters import load_parameter_file

ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")

TOP_KEYS = {"description", "documentation", "metadata"}

METADATA_KEYS = {
    "short_label",
    "unit",
    "reference",
    "official_journal_date",
    "last_value_still_valid_on",
    "confiance",
    "revalorisation",
    "notes",
}

SCALE_KEYS = (METADATA_KEYS - {"unit"}) | {"type", "threshold_unit", "rate_unit"}

NODE_KEYS = {"order", "short_label"}

BRACKET_KEYS = {"threshold", "rate"}

CONFIDENCE = {"lu", "publié", "déduit", "hypothèse"}


def is_iso_date(text: object) -> bool:
    if not isinstance(text, str) or not ISO_DATE.match(text):
        return False
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def test_parameters_have_known_keys_only() -> None:
    offenders = []
    for name, content in parameter_files().items():
        is_scale = "brackets" in content
        body = "brackets" if is_scale else "values"
        offenders += [f"{name}: key « {key} »" for key in content.keys() - TOP_KEYS - {body}]
        allowed = SCALE_KEYS if is_scale else METADATA_KEYS
        offenders += [
            f"{name}: metadata « {key} »" for key in content.get("metadata", {}).keys() - allowed
        ]
        if is_scale:
            offenders += [
                f"{name}: bracket key « {key} »"
                for bracket in content["brackets"]
                for key in bracket.keys() ^ BRACKET_KEYS
            ]
        offenders += [
            f"{name}: {where} {date}: keys {sorted(value)}"
            for where, date, value in dated_values(content)
            if not isinstance(value, dict) or value.keys() != {"value"}
        ]
    report(offenders)


def test_parameters_are_described() -> None:
    units = {unit["name"] for unit in read_yaml(PACKAGE / "units.yaml")}
    offenders = []
    for name, content in parameter_files().items():
        metadata = content.get("metadata", {})
        if not content.get("description", "").strip():
            offenders.append(f"{name}: no description")
        if not metadata.get("short_label", "").strip():
            offenders.append(f"{name}: no short_label")
        keys = ("threshold_unit", "rate_unit") if "brackets" in content else ("unit",)
        offenders += [
            f"{name}: {key} « {metadata.get(key)} » is not in units.yaml"
            for key in keys
            if metadata.get(key) not in units
        ]
        if not is_iso_date(metadata.get("last_value_still_valid_on")):
            offenders.append(f"{name}: last_value_still_valid_on is not a date")
    report(offenders)


def test_each_value_has_its_reference_and_its_confidence() -> None:
    offenders = []
    for name, content in parameter_files().items():
        metadata = content.get("metadata", {})
        dates = {date for _, date, _ in dated_values(content)}
        for key in ("reference", "confiance"):
            given = metadata.get(key, {})
            offenders += [f"{name}: no {key} for {date}" for date in dates - given.keys()]
        for key in ("reference", "confiance", "notes", "official_journal_date"):
            given = metadata.get(key, {})
            offenders += [
                f"{name}: {key} of {date}, which is not the date of a value"
                for date in given.keys() - dates
            ]
        offenders += [
            f"{name}: confiance « {level} » on {date}"
            for date, level in metadata.get("confiance", {}).items()
            if level not in CONFIDENCE
        ]
        for date, references in metadata.get("reference", {}).items():
            for item in references or [{}]:
                if item.keys() != {"title", "href"} or not item["title"].strip():
                    offenders.append(f"{name}: reference of {date} without title and href")
                elif not LINK.match(item["href"]):
                    offenders.append(f"{name}: reference of {date}: « {item['href']} »")
        for date, notes in metadata.get("notes", {}).items():
            for item in notes:
                if not {"title"} <= item.keys() <= {"title", "href"}:
                    offenders.append(f"{name}: note of {date} without title")
        offenders += [
            f"{name}: official_journal_date « {published} » on {date}"
            for date, published in metadata.get("official_journal_date", {}).items()
            if not is_iso_date(published)
        ]
    report(offenders)


#: Numbers of euros that no article moves each year.
STAY = {
    "contrat_engagement_jeune/allocation_ponctuelle/plafond_ressources": "R5131-8",
    "contrat_engagement_jeune/ressources/degressivite/abattement": "D5131-23, 1°",
    "contrat_engagement_jeune/garantie_jeunes/abattement": "D5131-20 of 2017",
    **{
        f"impot_revenu/calcul_impot_revenu/plaf_qf/abat_dom/{places}/plaf": "CGI 197, I, 3"
        for places in ("guadeloupe_martinique_reunion", "guyane_mayotte")
    },
    "impot_revenu/calcul_impot_revenu/recouvrement/min_apres_credits_impots": "CGI 1657, 2",
    "impot_revenu/calcul_impot_revenu/recouvrement/min_avant_credits_impots": "CGI 1657, 1 bis",
}


def test_each_amount_says_on_which_day_the_law_moves_it() -> None:
    offenders = []
    for name, content in parameter_files().items():
        metadata = content.get("metadata", {})
        rule = metadata.get("revalorisation")
        euros = "currency" in (metadata.get("unit"), metadata.get("threshold_unit"))
        if rule is None:
            if euros and name not in STAY:
                offenders.append(f"{name}: « revalorisation » is missing: which day moves it?")
            continue
        if name in STAY:
            offenders.append(f"{name}: « revalorisation » of an amount that no article moves")
        if not {"jour", "source"} <= rule.keys() <= {"jour", "source", "annee_des_revenus"}:
            offenders.append(f"{name}: revalorisation: keys {sorted(rule)}")
        elif not is_iso_date(f"2023-{rule['jour']}") or not ARTICLE.search(rule["source"]):
            offenders.append(f"{name}: revalorisation: no day, or no article as its source")
    report(offenders)


def test_values_are_dated_in_full_and_in_order() -> None:
    offenders = []
    for name, content in parameter_files().items():
        series: dict[str, list[str]] = {}
        for where, date, _ in dated_values(content):
            series.setdefault(where, []).append(date)
        for where, dates in series.items():
            offenders += [f"{name}: {where}: {date}" for date in dates if not is_iso_date(date)]
            if dates != sorted(dates):
                offenders.append(f"{name}: {where}: dates are not in order")
        last = content.get("metadata", {}).get("last_value_still_valid_on", "")
        offenders += [
            f"{name}: {where}: {dates[-1]} is later than last_value_still_valid_on"
            for where, dates in series.items()
            if dates[-1] > last
        ]
    report(offenders)


def test_values_are_numbers_booleans_or_lists_of_variables(system) -> None:
    offenders = []
    for name, content in parameter_files().items():
        unit = content.get("metadata", {}).get("unit", "number")
        for where, date, item in dated_values(content):
            value = item.get("value")
            place = f"{name}: {where} {date}: {value!r}"
            if unit == "variables":
                if not isinstance(value, list):
                    offenders.append(f"{place} is not a list")
                    continue
                offenders += [
                    f"{name}: {date}: « {variable} » is not a variable"
                    for variable in value
                    if variable not in system.variables
                ]
                if len(set(value)) < len(value):
                    offenders.append(f"{place} names a variable twice")
            elif unit == "boolean":
                if not isinstance(value, bool):
                    offenders.append(f"{place} is not a boolean")
            elif isinstance(value, bool) or not isinstance(value, int | float):
                offenders.append(f"{place} is not a number")
            elif not math.isfinite(value):
                offenders.append(f"{place} is not finite")
    report(offenders)


def test_amounts_are_written_to_the_centime() -> None:
    offenders = [
        f"{name}: {date}: {item['value']}"
        for name, content in parameter_files().items()
        if content.get("metadata", {}).get("unit") == "currency"
        for _, date, item in dated_values(content)
        if round(item["value"], 2) != item["value"]
    ]
    report(offenders)


def test_a_value_repeats_the_one_before_only_with_a_note() -> None:
    """The hours went from the circular to the law in 2025 without a change of their number."""
    offenders = []
    for name, content in parameter_files().items():
        notes = content.get("metadata", {}).get("notes", {})
        previous: dict[str, object] = {}
        for where, date, item in dated_values(content):
            if where in previous and previous[where] == item["value"] and date not in notes:
                offenders.append(f"{name}: {where}: {date} repeats the value before")
            previous[where] = item["value"]
    report(offenders)


def test_nodes_of_parameters_are_described_and_ordered() -> None:
    offenders = []
    for folder in [PARAMETERS, *(path for path in PARAMETERS.rglob("*") if path.is_dir())]:
        name = folder.relative_to(PARAMETERS).as_posix()
        index = folder / "index.yaml"
        if not index.exists():
            if folder != PARAMETERS:
                offenders.append(f"{name}: no index.yaml")
            continue
        content = read_yaml(index)
        offenders += [f"{name}: key « {key} »" for key in content.keys() - TOP_KEYS]
        if not content.get("description", "").strip():
            offenders.append(f"{name}: no description")
        metadata = content.get("metadata", {})
        offenders += [f"{name}: metadata « {key} »" for key in metadata.keys() - NODE_KEYS]
        children = {path.stem for path in folder.iterdir() if path.name != "index.yaml"}
        order = metadata.get("order")
        if order is not None and sorted(order) != sorted(children):
            offenders.append(f"{name}: order {order} is not the list of its children")
    report(offenders)


def test_core_reads_every_parameter_file() -> None:
    for file in PARAMETERS.rglob("*.yaml"):
        if file.name != "index.yaml":
            assert load_parameter_file(str(file)) is not None
