"""One more input, one more condition: not declared, the build fails; declared, every tool knows."""

import datetime
import html
import itertools
import json
from pathlib import Path
from typing import Any

import numpy
import pytest
from declarations import undeclared
from openfisca_core.holders import set_input_dispatch_by_period
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit, period
from openfisca_core.variables import Variable
from samples import sample

from openfisca_cej import CountryTaxBenefitSystem, declarations, names, systems
from openfisca_cej.analysis import difference
from openfisca_cej.analysis.compare import compare
from openfisca_cej.entities import Famille, FoyerFiscal, Individu, Menage
from openfisca_cej.explain import unknowns
from openfisca_cej.explain.curve import curve
from openfisca_cej.explain.situation import read
from openfisca_cej.explain.timeline import timeline
from openfisca_cej.explain.tree import explain
from openfisca_cej.population import remembered
from openfisca_cej.web.app import create_app
from openfisca_cej.web.limits import Limits

MONTH = "2025-06"
FULL = 561.68

#: Everything that is asked of someone whose answer is certain, but the new input.
KNOWN: dict[str, Any] = {
    "date_naissance": {"ETERNITY": "2003-05-05"},
    "cej_date_signature": {"ETERNITY": "1970-01-01"},
}


class Ajoutee(Enum):
    """Items of a new enumeration."""

    premiere = "Première"
    seconde = "Seconde"
    troisieme = "Troisième"


#: By type: type, unit, default, values to try where the type does not tell them, the test that the
#: condition makes of it, a value that meets it, one that does not.
KINDS: dict[str, tuple[Any, ...]] = {
    "yes or no": (bool, None, True, (), lambda values: values, True, False),
    "amount": (float, "€/mois", 0, (), lambda values: values < 500, 100, 900),
    "enumeration": (
        *(Enum, None, Ajoutee.premiere, ()),
        *(lambda values: values != Ajoutee.troisieme.index, "seconde", "troisieme"),
    ),
    "date": (
        *(datetime.date, "date", datetime.date(1970, 1, 1), ("2000-01-01", "2025-01-01")),
        lambda values: values < numpy.datetime64("2020-01-01"),
        *("2010-01-01", "2024-01-01"),
    ),
    "number": (float, "kilomètres", 0, (10, 100), lambda values: values < 50, 20, 70),
}
ENTITIES = {"individu": Individu, "famille": Famille, "foyer": FoyerFiscal, "menage": Menage}


def law_with(kind: str, where: str) -> CountryTaxBenefitSystem:
    """The law with one more input, and one more condition to sign that reads it."""
    type_, unit_, default, _, test, *_ = KINDS[kind]

    class donnee_ajoutee(Variable):
        value_type = type_
        entity = ENTITIES[where]
        default_value = default
        unit = unit_
        label = "Donnée ajoutée"
        definition_period = DateUnit.ETERNITY if type_ is datetime.date else DateUnit.MONTH

    if type_ is Enum:
        donnee_ajoutee.possible_values = Ajoutee
    if type_ is not datetime.date:
        donnee_ajoutee.set_input = set_input_dispatch_by_period

    class cej_condition_ajoutee(Variable):
        value_type = bool
        entity = Individu
        definition_period = DateUnit.MONTH
        label = "Condition ajoutée"

        def formula_2022_03_01(individu, period):
            of = {"individu": individu}.get(where)
            if of is None:
                plural = {"foyer": "foyer_fiscal"}.get(where, where)
                of = getattr(individu, plural)
            return test(of("donnee_ajoutee", period))

    system = CountryTaxBenefitSystem()
    for variable in (donnee_ajoutee, cej_condition_ajoutee):
        system.add_variable(variable)
    law = system.variables["cej_eligibilite"].get_formula(MONTH)

    class cej_eligibilite(Variable):
        def formula_2022_03_01(individu, period):
            return law(individu, period) & individu("cej_condition_ajoutee", period)

    system.update_variable(cej_eligibilite)
    return system


@pytest.fixture
def declared(monkeypatch):
    """Declare the new input and the new condition, and nothing else anywhere."""

    def declare(kind: str) -> None:
        asked = declarations.Question(
            "Quelle est la donnée ajoutée ?"
            if kind == "date"
            else "Quelle est la donnée ajoutée en {mois} ?",
            essais=KINDS[kind][3],
            mots="ajout",
        )
        monkeypatch.setitem(declarations.QUESTIONS, "donnee_ajoutee", asked)
        condition = declarations.ConditionLegale(
            "Condition ajoutée", declarations.SIGNATURE, 99, temps=kind == "date"
        )
        monkeypatch.setitem(declarations.CONDITIONS, "cej_condition_ajoutee", condition)
        told = "donnée ajoutée comparée"
        monkeypatch.setitem(declarations.CALCULS, "cej_condition_ajoutee", lambda cas: told)

    return declare


def case(where: str = "", value: Any = None, kind: str = "") -> dict[str, Any]:
    """A young person alone, who says the new fact if there is a value."""
    when = "ETERNITY" if kind == "date" else MONTH
    said = {} if value is None else {"donnee_ajoutee": {when: value}}
    document: dict[str, Any] = {"individus": {"a": {**KNOWN}}}
    groups = {"famille": "familles", "foyer": "foyers_fiscaux", "menage": "menages"}
    for key, plural in groups.items():
        role = {"foyer": "declarants", "menage": "personne_de_reference"}.get(key, "parents")
        document[plural] = {"g": {role: ["a"], **(said if key == where else {})}}
    if where == "individu":
        document["individus"]["a"].update(said)
    return document


def test_everything_that_the_law_reads_is_declared(system) -> None:
    offenders = undeclared(system)
    assert not offenders, "\n".join(offenders)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_declared_fails_and_says_what_to_write_where(kind) -> None:
    offenders = undeclared(law_with(kind, "individu"))
    assert all(Path(__file__).name in line for line in offenders), offenders
    assert any("@question(« … ? »" in line and "donnee_ajoutee" in line for line in offenders)
    assert any("@condition(" in line and "cej_condition_ajoutee" in line for line in offenders)
    assert any("@calcul(cej_condition_ajoutee)" in line for line in offenders)
    needs = kind in ("date", "number")
    assert any("essais" in line for line in offenders) == needs
    assert any("mots=…" in line for line in offenders) == (kind == "amount")


def test_a_condition_that_reads_a_day_changes_with_time(declared, monkeypatch) -> None:
    declared("date")
    condition = declarations.ConditionLegale("Condition ajoutée", declarations.SIGNATURE, 99)
    monkeypatch.setitem(declarations.CONDITIONS, "cej_condition_ajoutee", condition)
    (line,) = undeclared(law_with("date", "individu"))
    assert "@condition(…, temps=True) above cej_condition_ajoutee" in line


@pytest.mark.parametrize("where", ENTITIES)
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_declared_needs_nothing_more(kind, where, declared) -> None:
    declared(kind)
    assert not undeclared(law_with(kind, where))


@pytest.mark.parametrize(("kind", "where"), sample(itertools.product(KINDS, ENTITIES), 3))
def test_every_tool_treats_it_as_unknown_until_it_is_given(kind, where, declared) -> None:
    declared(kind)
    system = law_with(kind, where)
    *_, good, bad = KINDS[kind]

    told = explain(case(), MONTH, "a", system=system)
    assert told.answer.status != "certain"
    assert "donnee_ajoutee" in {unknown.variable for unknown in told.answer.unknowns}
    state = {condition.variable: condition.state for condition in told.conditions}
    assert state["cej_condition_ajoutee"] == "unknown"
    assert told.answer.low == 0 or kind == "number"

    for value, met, amount in ((good, "met", FULL), (bad, "not met", 0)):
        told = explain(case(where, value, kind), MONTH, "a", system=system)
        assert "donnee_ajoutee" not in {one.variable for one in told.answer.unknowns}
        state = {condition.variable: condition.state for condition in told.conditions}
        assert state["cej_condition_ajoutee"] == met
        assert told.answer.assumed == amount
        eligible = explain(case(where, value, kind), MONTH, "a", names.ELIGIBLE, system=system)
        missing = "" if amount else "il manque : Condition ajoutée"
        assert eligible.root.line == (missing or "toutes les conditions sont remplies")


@pytest.mark.parametrize("kind", KINDS)
def test_an_input_that_nobody_declared_never_lets_an_answer_be_certain(kind) -> None:
    told = explain(case(), MONTH, "a", system=law_with(kind, "individu"))
    assert told.answer.status != "certain"
    assert "donnee_ajoutee" in {unknown.variable for unknown in told.answer.unknowns}
    if kind in ("date", "number"):
        assert told.answer.status == "undetermined"


@pytest.mark.parametrize("kind", KINDS)
def test_timelines_curves_and_the_page_know_it(kind, declared) -> None:
    declared(kind)
    system = law_with(kind, "individu")
    *_, good, bad = KINDS[kind]
    paid = timeline(case("individu", good, kind), MONTH, 1, "a", system)
    refused = timeline(case("individu", bad, kind), MONTH, 1, "a", system)
    assert [month.amount for month in (*paid, *refused)] == [FULL, 0]
    for value, most in ((good, FULL), (bad, 0)):
        drawn = curve(read(case("individu", value, kind), system), MONTH)
        assert drawn.unrounded([0])[0] == most
    client = create_app(system, Limits()).test_client()
    written = {True: "oui", False: "non"}.get(bad, bad) if isinstance(bad, bool) else bad
    given = f"contrat=pas_encore&date_naissance=2003-05-05&donnee_ajoutee={written}"
    page = client.get(f"/?v=1&mois={MONTH}&{given}").get_data(as_text=True)
    assert 'name="donnee_ajoutee"' in page
    asked = unknowns.question_of(system.variables["donnee_ajoutee"], period(MONTH))[0]
    assert asked in html.unescape(page).replace("\u202f", " ").replace("\u00a0", " ")
    assert "réponse à corriger" not in page
    when = "" if kind == "date" else f"@{MONTH}"
    body = json.dumps({"date_naissance": "2003-05-05", f"donnee_ajoutee{when}": bad})
    answer = client.post(
        f"/cej/batch?months={MONTH}", data=body, content_type="application/x-ndjson"
    )
    assert json.loads(answer.get_data())[f"cej_allocation@{MONTH}"] == 0


@pytest.mark.parametrize("kind", sample(KINDS, 2))
def test_the_diff_tries_it(kind, declared, system) -> None:
    declared(kind)
    law = law_with(kind, "individu")
    before = difference.side(system, MONTH, "avant", inputs=law)
    found = difference.between(before, difference.side(law, MONTH, "après"))
    assert len(found.changed)
    told = {found.grid.choices(case)["situation"] for case in found.changed.tolist()}
    assert all(text.startswith("signature ce mois-ci, Donnée ajoutée") for text in told), told
    for case in found.changed.tolist()[:3]:
        assert found.amounts(case)[0] > 0 == found.amounts(case)[1]


@pytest.fixture
def the_law(monkeypatch):
    """Put another law in the place of the law, in the whole package."""

    def forget() -> None:
        systems.model.cache_clear()
        remembered.built.cache_clear()

    def put(kind: str, where: str) -> None:
        monkeypatch.setattr(systems, "CountryTaxBenefitSystem", lambda: law_with(kind, where))
        forget()

    yield put
    monkeypatch.undo()
    forget()


@pytest.mark.parametrize("kind", KINDS)
def test_a_comparison_counts_it(kind, declared, the_law) -> None:
    """Twenty young people without resources who may sign, but for the new condition of six."""
    declared(kind)
    the_law(kind, "individu")
    *_, good, bad = KINDS[kind]
    values = numpy.array([good] * 14 + [bad] * 6)
    if kind == "date":
        values = values.astype("datetime64[D]")
    people = {
        "date_naissance": numpy.full(20, numpy.datetime64("2004-06-01")),
        "cej_situation_fiscale": numpy.full(20, "non_imposable"),
        "donnee_ajoutee" if kind == "date" else f"donnee_ajoutee@{MONTH}": values,
    }
    found = compare("bareme_lineaire", people, MONTH, replicates=0, min_group=0)
    assert found.window.measure("total").baseline == pytest.approx(14 * FULL)
