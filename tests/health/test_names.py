"""The law is named where it is declared: elsewhere by what it is, and a list that only shrinks."""

import ast
import collections
import re
from pathlib import Path

from openfisca_core.periods import DateUnit

import openfisca_cej
from openfisca_cej import declarations, names
from openfisca_cej.base import Lieu
from openfisca_cej.explain import unknowns
from openfisca_cej.population import lean, other_names
from openfisca_cej.web import questions

PACKAGE = Path(openfisca_cej.__file__).parent

#: Where the law is written, and where its variables are declared and named.
LAW = (
    *("variables/", "parameters/", "droit/"),
    *("base.py", "declarations.py", "names.py", "former_names.py"),
)

#: Words of other things too: a column of attributes, the root of the parameters.
WORDS = {"age", "contrat_engagement_jeune"}

#: Modules that still name variables of the law, why, and how many times: fewer is to be written.
ALLOWED = {
    "reforms/openfisca_france.py": ("joins the names of OpenFisca-France to ours", 42),
    "population/other_names.py": ("names that people use for an input, and ours", 28),
    "population/lean.py": ("which notice is the last one: a choice of the engine", 7),
    "population/foyers.py": ("writes the inputs of the people that it draws", 7),
    "explain/unknowns.py": ("works out unknowns that depend on one another", 53),
    "analysis/situations.py": ("cases of a grid, written out as tests are", 60),
    "analysis/probe.py": ("run by other versions, which have no module of names", 1),
}


def trees() -> dict[str, ast.Module]:
    """The syntax tree of each module of the package, by path."""
    return {
        file.relative_to(PACKAGE).as_posix(): ast.parse(file.read_text("utf-8"))
        for file in sorted(PACKAGE.rglob("*.py"))
    }


def texts(tree: ast.Module) -> list[ast.Constant]:
    """The texts written in a module, but those that document it."""
    documents = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in documents
    ]


def test_a_variable_of_the_law_is_named_where_it_is_declared(system) -> None:
    variables = {*system.variables} - WORDS
    offenders, found = [], collections.Counter()
    for file, tree in trees().items():
        for text in texts(tree) if not file.startswith(LAW) else ():
            if text.value in variables:
                found[file] += 1
                if file not in ALLOWED:
                    offenders.append(
                        f"openfisca_cej/{file}:{text.lineno}: « {text.value} »: derive it from "
                        "what is declared beside the variable, or name it in names.py"
                    )
    for file, (why, most) in ALLOWED.items():
        if found[file] > most:
            offenders.append(f"openfisca_cej/{file} ({why}): {found[file]} names, {most} before")
        elif found[file] < most:
            offenders.append(f"{__name__}: {file} has {found[file]} names only: write it here")
    assert not offenders, "\n".join(offenders)


def test_each_name_is_of_a_variable_is_given_once_and_is_used(system) -> None:
    given = {key: value for key, value in vars(names).items() if key.isupper()}
    assert set(given.values()) <= {*system.variables}
    assert len(set(given.values())) == len(given)
    used = {
        getattr(node, "attr", getattr(node, "id", ""))
        for file, tree in trees().items()
        if file != "names.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute | ast.Name)
    }
    assert set(given) <= used


def test_the_law_is_built_and_remembered_in_one_place() -> None:
    """See ``openfisca_cej.systems``; a program of other versions, and a bridge, build their own."""
    alone = {"systems.py", "analysis/probe.py", "reforms/openfisca_france.py"}
    offenders = [
        f"openfisca_cej/{file}:{node.lineno}: call openfisca_cej.systems.model or .reformed"
        for file, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and re.search(r"\bCountryTaxBenefitSystem$", ast.unparse(node.func))
        and file not in alone
    ]
    assert not offenders, "\n".join(offenders)


def test_no_public_class_has_the_name_of_another() -> None:
    found = collections.defaultdict(list)
    for file, tree in trees().items():
        for node in tree.body:
            law = file.startswith(("variables/", "reforms/openfisca_france"))
            if isinstance(node, ast.ClassDef) and not law and not node.name.startswith("_"):
                found[node.name].append(f"openfisca_cej/{file}:{node.lineno}")
    twice = {name: places for name, places in found.items() if len(places) > 1}
    assert not twice


def test_lists_of_inputs_of_a_kind_hold_all_of_them(system) -> None:
    """Those that are not derived from what is declared, each with the file to edit."""
    places = {name for name, variable in system.variables.items() if isinstance(variable, Lieu)}
    yearly = {
        name
        for name in declarations.QUESTIONS
        if system.variables[name].definition_period == DateUnit.YEAR
    }
    held = {
        "explain/unknowns.py: PLACES": (places, {*unknowns.PLACES}),
        "population/other_names.py: PLACES_BY_CODE": (
            places,
            {*other_names.PLACES_BY_CODE.values()},
        ),
        "web/questions.py: HOMES": (places, {f"residence_{place}" for place in questions.HOMES}),
        "population/lean.py: NOTICES, or avec=… in @question": (
            yearly,
            {*lean.NOTICES, *declarations.demandees_avec(names.FOYER_TIER)},
        ),
    }
    offenders = [
        f"openfisca_cej/{where}: write {name} there"
        for where, (all_of_them, listed) in held.items()
        for name in sorted(all_of_them - listed)
    ]
    assert not offenders, "\n".join(offenders)
