"""Reforms written in Python: read by file or by path, compared, explained, told."""

import json

import numpy
import pytest
from click.testing import CliRunner
from openfisca_core.reforms import Reform

from openfisca_cej import CountryTaxBenefitSystem
from openfisca_cej.analysis.compare import compare
from openfisca_cej.cli import main
from openfisca_cej.population.engine import first_month
from openfisca_cej.reforms import load
from openfisca_cej.reforms.structural import provisions, read
from openfisca_cej.refusals import InvalidReform
from openfisca_cej.situation_examples import DOSSIER
from openfisca_cej.systems import model, reformed
from openfisca_cej.web import server

CODE = '''
from openfisca_core.periods import MONTH
from openfisca_core.reforms import Reform
from openfisca_core.variables import Variable

from openfisca_cej.entities import Individu


class cej_prime_assiduite(Variable):
    value_type = float
    entity = Individu
    definition_period = MONTH
    label = "Prime d'assiduité"

    def formula(individu, period):
        return 50.0 * individu("cej_en_cours", period)


class cej_montant_forfaitaire(Variable):
    def formula(individu, period):
        return 500.0 + individu("cej_prime_assiduite", period)


class PrimeAssiduite(Reform):
    """Une prime de 50 € par mois de contrat."""

    name = "Prime d'assiduité"

    def apply(self):
        self.add_variable(cej_prime_assiduite)
        self.update_variable(cej_montant_forfaitaire)
'''
TWO = (
    CODE
    + """

class Rien(Reform):
    name = "Plus d'allocation"

    def apply(self):
        self.neutralize_variable("cej_allocation")
"""
)
SITUATION = str(DOSSIER / "jeune_seul.json")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "prime.py"
    path.write_text(CODE, encoding="utf-8")
    return path


def people():
    return {
        "date_naissance": numpy.full(20, numpy.datetime64("2004-03-05")),
        "cej_date_signature": numpy.full(20, numpy.datetime64("2024-10-10")),
    }


def test_a_file_has_its_title_its_description_and_its_code(file) -> None:
    found = read(str(file))
    assert found.title == "Prime d'assiduité"
    assert found.description == "Une prime de 50 € par mois de contrat."
    assert "return 50.0 * individu" in found.content
    assert read(f"{file}:PrimeAssiduite").title == found.title


def test_a_new_variable_and_a_changed_formula_are_compared_and_named(file) -> None:
    found = compare(read(str(file)), people(), "2025-01", min_group=0, replicates=0)
    # 20 adults without income: 500 + 50 in place of 552.29.
    assert found.window.measure("total").difference == pytest.approx(20 * (550 - 552.29))
    assert {one.path: one.after for one in found.changes} == {
        "cej_prime_assiduite": "variable nouvelle, en Python",
        "cej_montant_forfaitaire": "formule de la réforme, en Python",
    }
    assert found.summary.endswith("n'est vérifiable qu'avec ce code.")
    assert not found.verifiable


def test_what_is_neutralised_is_said_to_be_the_same_for_all_and_what_is_gone_is_gone() -> None:
    class Without(Reform):
        def apply(self):
            self.neutralize_variable("cej_condition_age")
            self.neutralize_variable("cej_montant_forfaitaire")
            del self.variables["cej_presomption_c2s"]

    assert {one.path: one.after for one in provisions(model(), Without(model()))} == {
        "cej_condition_age": "neutralisée (non pour tous)",
        "cej_montant_forfaitaire": "neutralisée (0 pour tous)",
        "cej_presomption_c2s": "variable retirée",
    }


def test_a_dated_formula_changes_from_its_date_on(file) -> None:
    # The formulas of before are kept.
    file.write_text(CODE.replace("def formula(", "def formula_2025_06("), encoding="utf-8")
    after = reformed(read(str(file)))
    starts = {one.path: one.start for one in provisions(model(), after)}
    assert starts == dict.fromkeys(("cej_prime_assiduite", "cej_montant_forfaitaire"), "2025-06-01")


def test_reforms_in_python_and_in_data_are_joined_in_their_order(file) -> None:
    joined = read(f"{file}+age_29")
    assert joined.title == f"Prime d'assiduité + {load('age_29').title}"
    system = reformed(joined)
    assert "cej_prime_assiduite" in system.variables
    limit = system.parameters.contrat_engagement_jeune.public
    assert limit("2025-01-01") != model().parameters.contrat_engagement_jeune.public("2025-01-01")


def test_a_dotted_path_is_that_of_a_class_or_of_its_module(file, monkeypatch) -> None:
    monkeypatch.syspath_prepend(file.parent)
    file.rename(file.with_name("prime_de_test.py"))
    file.with_name("paquet").mkdir()
    file.with_name("prime_de_test.py").rename(file.with_name("paquet") / "prime.py")
    for path in ("paquet.prime", "paquet.prime.PrimeAssiduite", "paquet.prime:PrimeAssiduite"):
        assert read(path).title == "Prime d'assiduité"
    assert read("openfisca_cej.reforms.age_29") is load("age_29")


@pytest.mark.parametrize(
    ("code", "name", "word"),
    [
        (TWO, "", "several reforms: say which, PrimeAssiduite, Rien"),
        (CODE, ":Autre", "no class of Reform"),
        ("x = 1", "", "no class of Reform"),
        ("1 / 0", "", "ZeroDivisionError"),
        ("def", "", "SyntaxError"),
    ],
)
def test_what_is_no_reform_is_refused_in_words(tmp_path, code, name, word) -> None:
    path = tmp_path / "essai.py"
    path.write_text(code, encoding="utf-8")
    with pytest.raises(InvalidReform, match=word):
        read(f"{path}{name}")
    with pytest.raises(InvalidReform, match="cannot import"):
        read(str(tmp_path / "absent.py"))


def test_a_formula_without_a_date_or_none_keeps_the_first_month_of_the_law(tmp_path) -> None:
    path = tmp_path / "essai.py"
    path.write_text(TWO, encoding="utf-8")
    none = reformed(read(f"{path}:Rien"))
    assert first_month(none) == first_month(model())
    undated = CountryTaxBenefitSystem()
    variable = type("cej_allocation", (type(undated.variables["cej_montant_forfaitaire"]),), {})
    variable.formula = lambda individu, period: 300.0 * individu("cej_en_cours", period)
    undated.update_variable(variable)
    assert first_month(undated) == first_month(model())


def test_the_command_explains_simulates_serves_and_reports_under_it(file, tmp_path) -> None:
    run = CliRunner().invoke
    told = run(main, ["explain", SITUATION, "--month", "2025-03", "--reform", str(file)])
    assert "550,00" in told.output, told.output
    people = tmp_path / "gens.csv"
    people.write_text(
        "individu_id,date_naissance,cej_date_signature\n"
        + "".join(f"{rank},2004-03-05,2024-10-10\n" for rank in range(12)),
        encoding="utf-8",
    )
    out = tmp_path / "res"
    how = ["--months", "2025-01:2025-01", "--reform", str(file), "--out", str(out)]
    done = run(main, ["simulate", str(people), *how])
    assert done.exit_code == 0, done.output
    assert any("550" in one.read_text(encoding="utf-8") for one in out.glob("*.csv"))
    how = ["--population", str(people), "--months", "2025-01", "--out", str(tmp_path / "rapport")]
    done = run(main, ["compare", str(file), *how])
    assert done.exit_code == 0, done.output
    content = json.loads((tmp_path / "rapport" / "run.json").read_text(encoding="utf-8"))
    assert "class PrimeAssiduite" in content["reform"]["content"]
    page = (tmp_path / "rapport" / "rapport.html").read_text(encoding="utf-8")
    assert "formule de la réforme, en Python" in page
    assert "cej_prime_assiduite" in server.reformed([str(file)]).variables
