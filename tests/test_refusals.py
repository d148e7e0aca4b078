"""One table says why something is refused, in both languages, and one class where."""

import ast
import re
import string
from pathlib import Path

import pytest

import openfisca_cej
from openfisca_cej.former_names import FORMER_NAMES
from openfisca_cej.reforms import reform
from openfisca_cej.refusals import (
    BadValue,
    Fault,
    Faults,
    InvalidInput,
    InvalidReform,
    nearest,
    renamed,
)
from openfisca_cej.sentences import SENTENCES, VALUES, Sentence

PACKAGE = Path(openfisca_cej.__file__).parent
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in PACKAGE.rglob("*.py")}


def fields(text: str) -> set[str]:
    """The words that a sentence waits for."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_each_sentence_is_said_somewhere_and_each_code_has_its_sentence() -> None:
    texts = {
        node.value
        for path, tree in TREES.items()
        if path.name != "sentences.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert not set(SENTENCES) - texts, "a sentence that nothing says: delete it"
    asked = {
        argument.value
        for tree in TREES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute)
        for name in [getattr(node.func, "id", getattr(node.func, "attr", ""))]
        if name == "BadValue" and node.args
        for argument in node.args[:1]
        if isinstance(argument, ast.Constant)
    }
    assert asked <= set(SENTENCES)


@pytest.mark.parametrize("code", SENTENCES)
def test_each_sentence_is_in_both_languages(code: str) -> None:
    sentence = SENTENCES[code]
    assert sentence.fr
    assert sentence.en
    assert bool(sentence.do_fr) == bool(sentence.do_en)
    assert sentence.fr != sentence.en
    # What is quoted of the case is the same in both, but for words that have two languages.
    french = {re.sub("_fr$", "", name) for name in fields(sentence.fr + sentence.do_fr)}
    english = fields(sentence.en + sentence.do_en)
    assert french | {"why"} == english | {"why"} or code == "months-out-of-order"


def test_the_table_has_no_code_twice() -> None:
    tables = [
        node
        for node in ast.walk(TREES[PACKAGE / "sentences.py"])
        if isinstance(node, ast.Dict) and all(node.keys)
    ]
    codes = [key.value for table in tables for key in table.keys]
    assert len(codes) == len(set(codes)) == len(SENTENCES) > len(VALUES)
    assert all(isinstance(sentence, Sentence) for sentence in SENTENCES.values())


@pytest.mark.parametrize("name", ["Fault", "Faults", "BadValue"])
def test_a_refusal_is_said_by_one_class(name: str) -> None:
    found = [
        path
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and node.name == name
    ]
    assert found == [PACKAGE / "refusals.py"]


def test_a_near_name_is_asked_about_before_the_remedy() -> None:
    why = BadValue("unknown-column", "salaire_net", name="« salair_net »")
    assert why.remedy == "Did you mean « salaire_net »? Rename or remove it"
    assert why.fr == (
        "« salair_net » n'est pas une variable du modèle ; vouliez-vous dire « salaire_net » ? "
        "Sinon, renommez la colonne, ou retirez-la"
    )


def test_faults_come_in_the_order_of_their_file_and_keep_their_places() -> None:
    faults = Faults("jeunes.csv", limit=2)
    faults.add(BadValue("empty-date"), 9, "date_naissance")
    faults.add(BadValue("empty-weight"), 3, "poids")
    faults.add(BadValue("empty-weight"), 4, "poids")
    text = str(InvalidInput(faults))
    assert text.splitlines() == [
        "jeunes.csv, line 3, column poids: it is empty. Write the weight of the person.",
        "jeunes.csv, line 9, column date_naissance: it is empty. Write YYYY-MM-DD.",
        "… and 1 more.",
        "Nothing was written.",
    ]
    assert InvalidReform(faults.placed()).faults[0].source == "jeunes.csv"


def test_a_fault_of_a_document_has_a_pointer_and_goes_below_another() -> None:
    fault = BadValue("not-an-object").fault("individus", "a/b")
    assert fault.path == "/individus/a~1b"
    assert fault.below("situation").path == "/situation/individus/a~1b"
    assert fault.to_json() == {
        "path": "/individus/a~1b",
        "fr": "un objet est attendu ici",
        "en": "an object is expected here",
        "code": "not-an-object",
    }
    assert Fault(problem="it is empty", remedy="Write a value").en == "it is empty: write a value"


def test_a_former_name_is_told_its_new_one_and_no_name_is_both(system) -> None:
    assert FORMER_NAMES
    for old, (new, since) in FORMER_NAMES.items():
        assert old not in system.variables
        assert new in system.variables, f"{new} was renamed too: write its newest name"
        assert nearest(old, system.variables) == new
        why = renamed(old, "@2025-06")
        assert why is not None
        assert (why.near, why.remedy) == (f"{new}@2025-06", "Change this name")
        assert why.fr == (
            f"« {old}@2025-06 » s'appelle « {new}@2025-06 » depuis la version {since} : changez "
            "ce nom"
        )
    assert renamed("salaire_net") is None


def test_a_name_in_another_case_is_the_nearest():
    assert nearest("QPV", ["rqth", "qpv"]) == "qpv"
    assert nearest("cej_allocatoin", ["CEJ_Allocation"]) == "CEJ_Allocation"


def test_a_former_name_in_a_reform_is_told_its_new_one() -> None:
    old, (new, _) = next(iter(FORMER_NAMES.items()))
    path = "contrat_engagement_jeune.ressources.partiellement_deductibles.oacas"
    spec = {"title": "t", "description": "d", "parameters": {path: {"2026-01-01": [old]}}}
    with pytest.raises(InvalidReform, match=f"is called « {new} »"):
        reform(spec)
