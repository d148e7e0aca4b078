"""Health of the code: what every variable, parameter, test and file of the project must have.

Each test gathers all the offenders before it fails, so that one run tells everything.
"""

import ast
import datetime
import graphlib
import importlib.metadata
import inspect
import json
import math
import re
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy
import pytest
import yaml
from dated_values import BEGINNING, FIRST_INCOMES, last_month
from openfisca_core.indexed_enums import Enum
from openfisca_core.parameters import ParameterNode, load_parameter_file
from openfisca_core.periods import DateUnit, period
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

import openfisca_cej
from openfisca_cej import CountryTaxBenefitSystem, entities
from openfisca_cej.base import QUESTIONS

PACKAGE = Path(openfisca_cej.__file__).resolve().parent
PARAMETERS = PACKAGE / "parameters"
VARIABLES = PACKAGE / "variables"
TESTS = Path(__file__).resolve().parent
PROJECT = TESTS.parent

LINK = re.compile(r"https://[^\s]+\Z")
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
ARTICLE = re.compile(
    r"\b[LRD]\.?\s?\d{3,4}-\d+|"  # articles of the codes
    r"\b(CGI|article|loi|décret|circulaire|instruction|arrêté|service-public|convention)\b",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def system() -> CountryTaxBenefitSystem:
    return CountryTaxBenefitSystem()


def report(offenders: list[str]) -> None:
    """Fail with the list of what is wrong, one line each."""
    assert not offenders, "\n" + "\n".join(sorted(offenders))


def months(first: str, last: str) -> list[str]:
    """All the months from the first to the last, both included."""
    return [
        str(month)
        for month in numpy.arange(
            numpy.datetime64(first, "M"),
            numpy.datetime64(last, "M") + numpy.timedelta64(1, "M"),
        )
    ]


# --- Variables ------------------------------------------------------------------------------------


def source_of(variable) -> Path:
    """The file that declares the variable, relative to the folder of variables."""
    return Path(inspect.getsourcefile(type(variable))).resolve().relative_to(VARIABLES)


def files(pattern: str) -> list[Path]:
    """The files of the tests, without those of the packages of the browser."""
    return sorted(path for path in TESTS.rglob(pattern) if "node_modules" not in path.parts)


@cache
def mentions() -> tuple[frozenset[str], frozenset[str]]:
    """Words found in the tests: anywhere, and where an output is expected."""
    anywhere: set[str] = set()
    outputs: set[str] = set()
    for file in files("*.yaml"):
        words = set(re.findall(r"\w+", file.read_text(encoding="utf-8")))
        anywhere |= words
        for case in read_cases(file):
            outputs |= set(re.findall(r"\w+", json.dumps(case.get("output"), default=str)))
    for file in files("test_*.py"):
        if file != Path(__file__).resolve():
            words = set(re.findall(r"\w+", file.read_text(encoding="utf-8")))
            anywhere |= words
            outputs |= words
    return frozenset(anywhere), frozenset(outputs)


def test_variable_has_label_documentation_and_reference(system) -> None:
    offenders = []
    for name, variable in system.variables.items():
        for attribute in ("label", "documentation"):
            if not (getattr(variable, attribute) or "").strip():
                offenders.append(f"{name}: no {attribute}")
        links = variable.reference or []
        if not links:
            offenders.append(f"{name}: no reference")
        offenders += [f"{name}: « {link} » is not a link" for link in links if not LINK.match(link)]
    report(offenders)


def test_amounts_of_money_have_a_unit_and_keep_their_centimes(system) -> None:
    offenders = []
    for name, variable in system.variables.items():
        if variable.value_type is not float:
            continue
        if not variable.unit:
            offenders.append(f"{name}: no unit")
        elif "€" in variable.unit and variable.dtype != numpy.float64:
            offenders.append(f"{name}: euros in {variable.dtype}")
    report(offenders)


def test_every_variable_is_tested(system) -> None:
    anywhere, outputs = mentions()
    offenders = []
    for name, variable in system.variables.items():
        if name not in anywhere:
            offenders.append(f"{name}: not in any test")
        elif variable.formulas and name not in outputs:
            offenders.append(f"{name}: computed, but no test expects a value")
    report(offenders)


# Rules that say nothing of the CEJ in a month: the place in the family, and a resource of the
# month before.
TIMELESS = {"cej_indemnites_journalieres_non_ventilees", "cej_revenus_micro_entreprise"}


# A fact that the law presumes where it was not given keeps the name that it had as an input.
FACTS = {"ppa_activite_anterieure", "rqth"}


def test_rules_are_dated_and_do_not_precede_the_law(system) -> None:
    offenders = []
    for name, variable in system.variables.items():
        if not variable.formulas:
            continue
        if source_of(variable).parts[0] == "cej" or name.startswith("cej_"):
            prefixes = ("cej_", "allocation_ponctuelle_pacea_")
            if not name.startswith(prefixes) and name not in FACTS:
                offenders.append(f"{name}: a rule without its prefix")
            yearly = variable.definition_period == DateUnit.YEAR
            first = FIRST_INCOMES if yearly else BEGINNING
            offenders += [
                f"{name}: formula of {date}"
                for date in variable.formulas
                if date < first and name not in TIMELESS
            ]
    report(offenders)


def test_defaults_of_enumerations_are_written_in_keys(system) -> None:
    offenders = []
    for name, variable in system.variables.items():
        if variable.value_type is Enum:
            offenders += [
                f"{name}: possible value « {key} »"
                for key in variable.possible_values.__members__
                if not re.fullmatch(r"[a-z][a-z0-9_]*", key)
            ]
    report(offenders)


PLACEHOLDERS = {
    DateUnit.MONTH: {"{mois}"},
    DateUnit.YEAR: {"{annee}"},
    DateUnit.ETERNITY: set(),
}
ONE_SENTENCE = re.compile(r"[^.?!]+[.?]\Z")


#: Names that stand for an input that is asked: « handicap » for « rqth », the tier that counts for
#: that of the notice and the decision on autonomy.
NOT_ASKED = {"handicap", "cej_situation_fiscale"}


def may_be_supplied(variable) -> bool:
    """Inputs, and computed variables that a situation may give; not the names for clients."""
    if source_of(variable).name == "compatibilite.py" or variable.name in NOT_ASKED:
        return False
    if not variable.formulas or variable.name == "cej_impot_restant_a_payer":
        return True
    return variable.set_input is not None


def test_every_input_has_a_question_and_nothing_else_has(system) -> None:
    inputs = {name for name, variable in system.variables.items() if may_be_supplied(variable)}
    expected = {"age", "cej_personne_a_charge", "salaire_net", "rni"}
    assert {"cej_situation_fiscale_rattachement", "cej_autonomie_fiscale"} < inputs
    assert expected < inputs
    report(
        [f"{name}: no question" for name in inputs - QUESTIONS.keys()]
        + [f"{name}: a question, but it cannot be given" for name in QUESTIONS.keys() - inputs]
    )


def test_questions_are_one_sentence_about_the_period_of_their_variable(system) -> None:
    offenders = []
    for name, question in QUESTIONS.items():
        allowed = PLACEHOLDERS[system.variables[name].definition_period]
        if not question.texte.endswith(" ?") or not ONE_SENTENCE.match(question.texte):
            offenders.append(f"{name}: « {question.texte} » is not one question")
        if question.aide and not (
            question.aide.endswith(".") and ONE_SENTENCE.match(question.aide)
        ):
            offenders.append(f"{name}: « {question.aide} » is not one sentence")
        asked = set(re.findall(r"\{.*?\}", question.texte))
        if asked != allowed:
            offenders.append(f"{name}: placeholders {sorted(asked)}, not {sorted(allowed)}")
        if re.search(r"(?<!\ben )(?<!\bpour )\{mois\}", question.texte):
            offenders.append(f"{name}: « de {{mois}} » would give « de avril »")
        if not set(re.findall(r"\{.*?\}", question.aide)) <= allowed:
            offenders.append(f"{name}: placeholders of « {question.aide} »")
    assert len({question.texte for question in QUESTIONS.values()}) == len(QUESTIONS)
    report(offenders)


def test_a_question_names_its_period() -> None:
    salary, income = QUESTIONS["salaire_net"], QUESTIONS["rni"]
    in_march = salary.sur(period("2025-03"))
    assert in_march.texte == "Quel salaire net à payer avez-vous reçu en mars 2025 ?"
    assert in_march.aide == salary.aide
    of_2023 = income.sur(period("2023")).texte
    assert of_2023 == "Quel est le revenu imposable de votre foyer fiscal pour 2023 ?"


# --- Parameters -----------------------------------------------------------------------------------

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


class StrictLoader(yaml.SafeLoader):
    """Refuse duplicate keys, and keep dates as the strings that the file shows."""


def _no_duplicates(loader: StrictLoader, node: yaml.MappingNode) -> dict:
    keys = [loader.construct_object(key) for key, _ in node.value]
    duplicates = {key for key in keys if keys.count(key) > 1}
    if duplicates:
        raise yaml.constructor.ConstructorError(None, None, f"twice: {duplicates}", node.start_mark)
    return {
        key: loader.construct_object(value, deep=True)
        for key, (_, value) in zip(keys, node.value, strict=True)
    }


StrictLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _no_duplicates)
StrictLoader.add_constructor("tag:yaml.org,2002:timestamp", lambda _, node: str(node.value))


def read_yaml(file: Path):
    return yaml.load(file.read_text(encoding="utf-8"), Loader=StrictLoader)


@cache
def parameter_files() -> dict[str, dict]:
    """Content of the parameter files, by path in the folder; not the descriptions of nodes."""
    return {
        file.relative_to(PARAMETERS).with_suffix("").as_posix(): read_yaml(file)
        for file in sorted(PARAMETERS.rglob("*.yaml"))
        if file.name != "index.yaml"
    }


def dated_values(content: dict) -> Iterator[tuple[str, str, object]]:
    """(where, date, value) of each value of the file, brackets included."""
    if "values" in content:
        for date, value in content["values"].items():
            yield "values", date, value
    for rank, bracket in enumerate(content.get("brackets", [])):
        for key, values in bracket.items():
            for date, value in values.items():
                yield f"brackets[{rank}].{key}", date, value


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


# --- Formulas and the parameters that they read ---------------------------------------------------

SITUATION = {
    "individus": {
        "jeune": {"date_naissance": {"ETERNITY": "2003-05-01"}},
        "parent": {"date_naissance": {"ETERNITY": "1975-05-01"}},
    },
    "familles": {"famille": {"parents": ["parent"], "enfants": ["jeune"]}},
    "foyers_fiscaux": {
        "foyer": {"declarants": ["parent"], "personnes_a_charge": ["jeune"]},
    },
    "menages": {"menage": {"personne_de_reference": ["parent"], "enfants": ["jeune"]}},
}

# Values given on purpose, so that the formulas go down all their branches; everything else of
# type float is 100 € in every month.
INPUTS = {
    "cej_date_signature": "2022-03-15",
    "cej_parcours_date_debut": "2022-10-01",
    "cej_parcours_date_fin": "2026-10-31",
    "cej_date_dossier_complet": "2022-05-20",
    "cej_autonomie_fiscale": True,
    "cej_autonomie_non_confirmee": True,
    "cej_forfait_non_revise": True,
    "cej_garantie_jeunes_beneficiaire": True,
    "cej_rang_manquement": 1,
    "cej_sanction_motif": "manquement",
    "nbptr": 2.5,
    "rni": 30_000.0,
    "rqth": True,
}


def build_simulation(system: TaxBenefitSystem, first: str = "2021-01"):
    """A young person and a parent, with something in each monetary input of each month."""
    last = last_month()
    simulation = SimulationBuilder().build_from_entities(system, SITUATION)
    for name, variable in system.variables.items():
        if variable.formulas or name == "date_naissance":
            continue
        if name in INPUTS:
            value = INPUTS[name]
        elif variable.value_type is float and "€" in (variable.unit or ""):
            value = 100.0
        else:
            continue
        if variable.definition_period == DateUnit.ETERNITY:
            given = ["ETERNITY"]
        elif variable.definition_period == DateUnit.YEAR:
            given = [str(year) for year in range(2020, int(last[:4]) + 1)]
        else:
            given = months(first, last)
        count = simulation.get_variable_population(name).count
        if variable.value_type is Enum:
            values = variable.possible_values.encode(numpy.array([value] * count))
        elif variable.value_type is datetime.date:
            values = numpy.array([value] * count, dtype="datetime64[D]")
        else:
            values = numpy.array([value] * count, dtype=variable.dtype)
        for date in given:
            simulation.set_input(name, date, values)
    return simulation


def compute(simulation, name: str, month: str) -> numpy.ndarray:
    """The variable for the month, or for its year, whichever it is defined for."""
    variable = simulation.tax_benefit_system.get_variable(name)
    if variable.definition_period == DateUnit.YEAR:
        return simulation.calculate(name, month[:4])
    return simulation.calculate(name, month)


def months_of_change(system) -> list[str]:
    """The first month of each formula and of each value of a parameter, since the beginning."""
    dates = {date for variable in system.variables.values() for date in variable.formulas}
    dates |= {
        date for content in parameter_files().values() for _, date, _ in dated_values(content)
    }
    return sorted({max(date, BEGINNING)[:7] for date in dates})


def test_no_formula_is_older_than_the_parameters_that_it_reads(system) -> None:
    """Each formula computes from its first month on: nothing that it reads is missing."""
    offenders = []
    simulation = build_simulation(system)
    for month in months_of_change(system):
        for name, variable in system.variables.items():
            if not variable.formulas:
                continue
            try:
                compute(simulation, name, month)
            except Exception as error:
                offenders.append(f"{name} in {month}: {type(error).__name__}: {error}")
    report(offenders)


@pytest.mark.parametrize("month", ["1990-01", "2015-06", "2020-12", "2021-12", "2022-02"])
def test_before_the_law_every_variable_is_nil_and_none_fails(system, month: str) -> None:
    offenders = []
    simulation = build_simulation(system)
    for name, variable in system.variables.items():
        values = compute(simulation, name, month)
        monthly = variable.formulas and variable.definition_period == DateUnit.MONTH
        if monthly and name not in {"age", *TIMELESS}:
            default = variable.default_array(len(values))
            if not numpy.array_equal(numpy.asarray(values), numpy.asarray(default)):
                offenders.append(f"{name} in {month}: {values}")
    report(offenders)


def test_the_far_future_computes(system) -> None:
    simulation = build_simulation(system)
    for name in system.variables:
        compute(simulation, name, "2040-01")


def parameter_reads(tree: ast.AST) -> Iterator[tuple[str, list[str]]]:
    """(function, path) of each chain of attributes that starts from `parameters(…)`.

    An alias is followed when a plain assignment makes it: `x = parameters(period).a.b`, then
    `x.c`. A chain that goes on through an index or a call stops there.
    """

    def chain(node: ast.AST, aliases: dict[str, list[str]]) -> list[str] | None:
        if isinstance(node, ast.Attribute):
            start = chain(node.value, aliases)
            return None if start is None else [*start, node.attr]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return [] if node.func.id == "parameters" else None
        if isinstance(node, ast.Name):
            return aliases.get(node.id)
        return None

    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        aliases: dict[str, list[str]] = {}
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                path = chain(node.value, aliases)
                if path is not None:
                    aliases[node.targets[0].id] = path
        for node in ast.walk(function):
            if isinstance(node, ast.Attribute):
                path = chain(node, aliases)
                if path:
                    yield function.name, path


def test_parameters_named_in_formulas_exist_and_are_old_enough(system) -> None:
    """What the computation above may miss: a branch that no situation goes through."""
    offenders = []
    for file, tree in python_trees(VARIABLES):
        for function, path in parameter_reads(tree):
            node = system.parameters
            for position, key in enumerate(path):
                if not isinstance(node, ParameterNode):
                    break  # a method of a scale, an attribute of a value
                if key not in node.children:
                    offenders.append(f"{file}: {function}: no parameter {'.'.join(path)}")
                    break
                node = node.children[key]
                if position == len(path) - 1 and hasattr(node, "values_list"):
                    first = node.values_list[-1].instant_str
                    match = re.fullmatch(r"formula_(\d{4})_(\d{2})_(\d{2})", function)
                    if match and first > "-".join(match.groups()):
                        offenders.append(f"{file}: {function} reads {node.name}, since {first}")
    report(offenders)


def dependencies(system, month: str) -> dict[str, set[tuple[str, str]]]:
    """(variable, period) → what it asked for, when every variable of the month is computed."""
    simulation = build_simulation(system)
    simulation.trace = True
    for name in system.variables:
        compute(simulation, name, month)
    graph: dict = {}

    def visit(node) -> None:
        key = (node.name, str(node.period))
        graph.setdefault(key, set())
        for child in node.children:
            graph[key].add((child.name, str(child.period)))
            visit(child)

    for tree in simulation.tracer.trees:
        visit(tree)
    return graph


@pytest.mark.parametrize("month", ["2022-03", "2023-08", "2025-05", "2025-08", last_month()])
def test_dependencies_make_no_cycle(system, month: str) -> None:
    """Neither at one date nor across dates: OpenFisca answers a spiral with a silent default."""
    graph = dependencies(system, month)
    assert graph
    itself = [
        f"{name} of {when} reads itself in {other}"
        for (name, when), children in graph.items()
        for child, other in children
        if child == name
    ]
    report(itself)
    list(graphlib.TopologicalSorter(graph).static_order())
    by_name: dict[str, set[str]] = {}
    for (name, _), children in graph.items():
        by_name.setdefault(name, set()).update(child for child, _ in children)
    list(graphlib.TopologicalSorter(by_name).static_order())


# --- Python files ---------------------------------------------------------------------------------


def python_trees(folder: Path) -> Iterator[tuple[str, ast.Module]]:
    """(path, syntax tree) of the Python files of a folder of the package."""
    for file in sorted(folder.rglob("*.py")):
        yield str(file.relative_to(PACKAGE.parent)), ast.parse(file.read_text(encoding="utf-8"))


def imported_modules(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_rules_never_compare_with_a_role_or_an_enumeration_of_their_own() -> None:
    """On OpenFisca-France such a comparison is silently false: use keys and possible_values."""
    enumerations = {
        node.name
        for _, tree in python_trees(VARIABLES)
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        and any(isinstance(base, ast.Name) and base.id == "Enum" for base in node.bases)
    }
    groups = {"Individu", "Famille", "FoyerFiscal", "Menage"}

    def is_member(node: ast.AST, owners: set[str]) -> bool:
        return (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id in owners
        )

    offenders = []
    for file, tree in python_trees(VARIABLES / "cej"):
        for node in ast.walk(tree):
            if is_member(node, groups) and node.attr.isupper():
                offenders.append(f"{file}:{node.lineno}: role {ast.unparse(node)}")
            if isinstance(node, ast.Compare):
                operands = [part for side in (node.left, *node.comparators) for part in [side]]
                offenders += [
                    f"{file}:{node.lineno}: {ast.unparse(node)}"
                    for operand in operands
                    if is_member(operand, enumerations)
                ]
    report(offenders)


# Which parts of the package each part may import: only those of the floors below.
FLOORS = [
    {"base", "bounds", "droit", "entities", "parameters", "situation_examples", "variables"},
    {"reading", "refusals", "sentences"},
    {"reforms"},
    {"explain", "population"},
    {"analysis"},
    {"report"},
    {"web", "cli", "commands", "__main__"},
]
OF_THE_TOOLS = {"click", "rich", "flask", "pandas", "polars"}


def test_a_part_imports_only_from_the_floors_below() -> None:
    floor = {part: level for level, parts in enumerate(FLOORS) for part in parts}
    offenders = []
    for file, tree in python_trees(PACKAGE):
        parts = Path(file).with_suffix("").parts
        part = parts[1]
        if part == "__init__":
            part = "entities"
        if part not in floor:
            offenders.append(f"{file}: on no floor of the house")
            continue
        for module in imported_modules(tree):
            names = module.split(".")
            if names[0] in OF_THE_TOOLS and floor[part] == 0:
                offenders.append(f"{file} imports {module}")
            if names[0] != "openfisca_cej" or len(names) < 2 or names[1] == part:
                continue
            if floor.get(names[1], 0) > floor[part]:
                offenders.append(f"{file} imports {module}, which is above it")
    report(offenders)


def test_rules_import_nothing_but_core_numpy_and_the_ground_floor() -> None:
    allowed = ("numpy", "openfisca_core", "openfisca_cej.base", "openfisca_cej.entities")
    standard = ("datetime", "functools", "itertools", "typing")
    offenders = [
        f"{file} imports {module}"
        for file, tree in python_trees(VARIABLES / "cej")
        for module in imported_modules(tree)
        if not module.startswith((*allowed, *standard, "openfisca_cej.variables"))
    ]
    report(offenders)


def test_two_systems_live_side_by_side() -> None:
    first, second = CountryTaxBenefitSystem(), CountryTaxBenefitSystem()
    assert list(first.variables) == list(second.variables)
    for system in (first, second):
        simulation = SimulationBuilder().build_from_entities(system, SITUATION)
        assert simulation.calculate("cej_allocation", "2025-04")[0] == 561.68


def test_rules_load_on_their_own_as_an_extension(monkeypatch) -> None:
    """The rules alone, on a system that has the inputs: what OpenFisca-France would do."""
    for _ in range(2):
        monkeypatch.delitem(QUESTIONS, "rqth")
        system = TaxBenefitSystem(entities.entities)
        system.load_parameters(str(PARAMETERS))
        for folder in VARIABLES.iterdir():
            if folder.is_dir() and folder.name not in ("cej", "__pycache__"):
                system.add_variables_from_directory(str(folder))
        assert "cej_allocation" not in system.variables
        system.load_extension("openfisca_cej.variables.cej")
        assert "(RQTH)" in QUESTIONS["rqth"].texte
        simulation = SimulationBuilder().build_from_entities(system, SITUATION)
        assert simulation.calculate("cej_allocation", "2025-04")[0] == 561.68


# --- Tests in YAML --------------------------------------------------------------------------------


def read_cases(file: Path) -> list[dict]:
    content = read_yaml(file)
    return content if isinstance(content, list) else [content]


def yaml_tests() -> Iterator[tuple[str, dict]]:
    for file in files("*.yaml"):
        for case in read_cases(file):
            yield file.relative_to(TESTS).as_posix(), case


def test_yaml_tests_have_a_name_of_their_own_that_cites_the_law() -> None:
    offenders = []
    seen: dict[str, str] = {}
    for file, case in yaml_tests():
        name = str(case.get("name", ""))
        if len(name.split()) < 4:
            offenders.append(f"{file}: « {name} » is not a sentence")
        elif not ARTICLE.search(name):
            offenders.append(f"{file}: « {name} » cites no text")
        if name in seen:
            offenders.append(f"{file}: « {name} » is also in {seen[name]}")
        seen[name] = file
    report(offenders)


def test_topics_of_the_law_have_their_parameters_and_their_tests() -> None:
    """The three trees mirror each other: who holds an article finds all under the same name.

    A topic with much to prove has several files (`ressources_deductibles.yaml`), and a long name
    may be shortened (`complementaire_sante.yaml`).
    """
    topics = {
        path.name
        for path in (PARAMETERS / "contrat_engagement_jeune").iterdir()
        if path.is_dir() and path.name != "__pycache__"
    }
    tests = {path.stem for path in (TESTS / "contrat_engagement_jeune").iterdir()}
    report(
        [
            f"no test for the topic {topic}"
            for topic in topics
            if not any(test.startswith(topic) or topic.startswith(test) for test in tests)
        ]
    )


# --- The project as a whole -----------------------------------------------------------------------


def test_no_path_is_longer_than_120_characters() -> None:
    """A deep folder on Windows leaves little room: 260 characters in all."""
    paths = {
        file.relative_to(PACKAGE.parent).as_posix()
        for file in PACKAGE.rglob("*")
        if "__pycache__" not in file.parts
    }
    paths |= {str(file) for file in importlib.metadata.files("openfisca-cej") or []}
    if shutil.which("git") and (PROJECT / ".git").exists():
        listing = subprocess.run(
            ["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, text=True, check=True
        )
        paths |= set(listing.stdout.split("\0"))
    report(
        [
            f"{len(path)}: {path}"
            for path in paths
            if len(path) > 120 and "__pycache__" not in path and not path.startswith("../")
        ]
    )


def test_changelog_opens_on_the_version_of_the_package() -> None:
    changelog = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^#+ (\d+\.\d+\.\d+)", changelog, flags=re.MULTILINE)
    assert versions[0] == importlib.metadata.version("openfisca-cej")


def test_an_installation_pulls_nothing_heavy() -> None:
    requirements = importlib.metadata.requires("openfisca-cej") or []
    names = {
        re.match(r"[\w.-]+", requirement).group().lower()
        for requirement in requirements
        if "extra ==" not in requirement
    }
    # Jinja2 is there already: OpenFisca-Core brings it with its web API.
    assert names == {"openfisca-core", "numpy", "pyyaml", "click", "rich", "jinja2"}


def test_metadata_give_the_repository_that_core_asks_for(system) -> None:
    metadata = system.get_package_metadata()
    assert metadata["name"] in ("openfisca-cej", "openfisca_cej")
    assert metadata["version"] == importlib.metadata.version("openfisca-cej")
    assert metadata["repository_url"] == "https://github.com/openfisca/openfisca-cej"


# --- The protocol of the validation ---------------------------------------------------------------


def test_the_protocol_does_not_change_without_its_line_in_the_changelog() -> None:
    from openfisca_cej.population import protocol

    known = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert protocol.sha256() in known
