"""What every variable says of itself, and what is asked for the inputs."""

import inspect
import json
import re
from collections.abc import Collection
from functools import cache
from pathlib import Path

import numpy
from dated_values import BEGINNING, FIRST_INCOMES
from health.common import LINK, TESTS, TIMELESS, VARIABLES, files, read_cases, report
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit, period

from openfisca_cej.declarations import QUESTIONS, SEULS
from openfisca_cej.former_names import FORMER_NAMES

CASES = TESTS / "contrat_engagement_jeune"
PUBLISHED = TESTS / "published_names.txt"


def source_of(variable) -> Path:
    """The file that declares the variable, relative to the folder of variables."""
    return Path(inspect.getsourcefile(type(variable))).resolve().relative_to(VARIABLES)


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
        if file.parent != Path(__file__).resolve().parent:
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
            found = sorted(CASES.glob(f"{source_of(variable).stem}*.yaml"))
            places = " or ".join(str(file.relative_to(TESTS.parent)) for file in found) or "tests"
            offenders.append(f"{name}: not in any test: write a case in {places}")
        elif variable.formulas and name not in outputs:
            offenders.append(f"{name}: computed, but no test expects a value")
    report(offenders)


def unaccounted(names: Collection[str], published: Collection[str]) -> list[str]:
    """Names that users have and that nothing accounts for, and those that are not written down."""
    gone = set(published) - set(names) - set(FORMER_NAMES)
    return [
        f'openfisca_cej/former_names.py: write "{name}": Renamed("its new name", "the version"), '
        "for it is no variable any more"
        for name in sorted(gone)
    ] + [
        f"tests/{PUBLISHED.name}:{1 + sum(name > one for one in published)}: add {name}"
        for name in sorted(set(names) - set(published))
    ]


def test_no_published_name_goes_without_a_word(system) -> None:
    """A file that uses the name of before must be told the new one: see former_names.py."""
    published = PUBLISHED.read_text(encoding="utf-8").split()
    report(unaccounted(system.variables, published))
    assert len(unaccounted(["kept", "new"], ["gone", "kept"])) == 2


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


def test_what_bears_on_some_inputs_alone_is_a_parameter_and_they_are_inputs(system) -> None:
    paths = {node.name for node in system.parameters.get_descendants()}
    report(
        [f"{path}: @seuls names no parameter" for path in SEULS.keys() - paths]
        + [
            f"{path}: @seuls({who!r}): {name} is no input"
            for path, (who, given) in SEULS.items()
            for name in given - QUESTIONS.keys()
        ]
        + [f"{path}: « {who} » ends no sentence" for path, (who, _) in SEULS.items() if "." in who]
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


def test_a_month_to_come_is_asked_about_in_the_future() -> None:
    april = period("2099-04")
    told = QUESTIONS["salaire_net"].sur(april, a_venir=True).texte
    assert told == "Quel salaire net à payer recevrez-vous en avril 2099 ?"
    monthly = [one for one in QUESTIONS.values() if "{mois}" in one.texte]
    assert len(monthly) > 50
    past = re.compile(
        r"\b(avez-vous|a-t-(il|elle|on)|étai\w+|aviez|étiez|receviez)\b", re.IGNORECASE
    )
    offenders = [
        one.texte
        for one in monthly
        if one.sur(april) == one.sur(april, a_venir=True)
        or past.search(one.sur(april, a_venir=True).texte)
    ]
    report(offenders)
