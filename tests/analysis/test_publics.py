"""What a universe shows of a reform of who may sign or of the contract, said in a sentence."""

import pytest
from click.testing import CliRunner

from openfisca_cej import reforms
from openfisca_cej.analysis import publics, sources
from openfisca_cej.analysis.compare import compare
from openfisca_cej.cli import main
from openfisca_cej.population.months import month_range
from openfisca_cej.population.synthetic import load

PUBLIC, CONTRACT = "contrat_engagement_jeune.public", "contrat_engagement_jeune.contrat"
SUPPOSED = load("scenario")["hypotheses"]
YEAR = "2026-01:2026-12"
TAKE_UP = "est une hypothèse : 18,7 % (de 9 à 25 %)"
TO_THE_TERM = "est une hypothèse : 50,0 % (de 0 à 100 %)"


def told(system, path, value, universe="presents", year="2026", months=YEAR):
    """The sentences of a value from January 2026 on, plain."""
    written = reforms.reform({path: {"2026-01-01": value}})
    drawn = publics.Drawn(universe, year, month_range(months), SUPPOSED)
    text = " ".join(publics.told(written.provisions(system), drawn))
    return text.replace("\u202f", " ").replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (f"{PUBLIC}.age_minimum", 18, "Qui ne peut plus signer n'a pas de contrat"),
        (f"{PUBLIC}.age_minimum", 15, "de moins de 16 ans ne sont pas connus ici"),
        (f"{PUBLIC}.age_maximum", 23, "Qui ne peut plus signer n'a pas de contrat"),
        (f"{PUBLIC}.age_maximum", 29, TAKE_UP),
        (f"{PUBLIC}.age_maximum", 34, "de plus de 29 ans ne sont pas connus ici"),
        (f"{PUBLIC}.age_maximum_rqth", 34, "handicapés sans emploi de plus de 29 ans ne sont pas"),
        (f"{PUBLIC}.inscription_demandeur_emploi", False, "ceux que l'inscription écarte ne sont"),
        (f"{CONTRACT}.delai_carence", 24, "Qui ne peut plus signer n'a pas de contrat"),
        (f"{CONTRACT}.delai_carence", 1, "Ceux qui reviendraient plus tôt ne sont pas connus"),
        (f"{CONTRACT}.duree_maximale", 18, TO_THE_TERM),
        (f"{CONTRACT}.duree_maximale", 6, "Les contrats plus longs que le nouveau terme"),
        (f"{CONTRACT}.duree_totale_maximale", 24, "Aucun contrat tiré n'est prolongé"),
        (f"{CONTRACT}.fin_a_la_limite_age", False, "avant la limite d'âge d'aujourd'hui"),
    ],
)
def test_each_reform_of_the_public_or_of_the_contract_is_told(system, path, value, said):
    assert said in told(system, path, value)


def test_registration_is_already_that_of_all():
    from openfisca_cej.systems import model

    path = f"{PUBLIC}.inscription_demandeur_emploi"
    written = reforms.reform({path: {"2023-01-01": True}})
    drawn = publics.Drawn("presents", "2023", month_range("2023-01:2023-12"), SUPPOSED)
    found = publics.told(written.provisions(model()), drawn)
    assert found == (publics.ALL_REGISTERED,)


def test_what_a_universe_lacks_is_told_of_it(system):
    longer = f"{CONTRACT}.duree_maximale"
    assert "--universe presents --year 2026 les tient" in told(
        system, longer, 18, "stock", "2026-11-30", "2026-11"
    )
    assert "12 mois signés en 2026 ne finissent pas avant janvier 2027" in told(
        system, longer, 18, "entrants"
    )
    assert "ne finissent pas" not in told(system, longer, 18, "entrants", months="2026-01:2027-06")
    for name, value in (("duree_maximale", 18), ("fin_a_la_limite_age", False)):
        found = told(system, f"{CONTRACT}.{name}", value, "neet")
        assert found.startswith("Aucun de ces jeunes n'a de contrat")
    # All the young people of these ages are there: nobody is supposed.
    assert not told(system, f"{PUBLIC}.age_maximum", 29, "neet")
    assert not told(system, f"{PUBLIC}.age_minimum", 18, "neet")


def test_a_reform_of_later_or_of_something_else_has_no_such_sentence(system):
    assert not told(system, f"{PUBLIC}.age_minimum", 18, months="2025-01:2025-12")
    assert not told(system, f"{PUBLIC}.majorite", 21)


def test_a_replaced_assumption_has_no_range():
    drawn = publics.Drawn("presents", "2026", month_range(YEAR), {"x": {"valeur": 0.125}})
    assert drawn.share("x").replace("\u00a0", " ") == "12,5 %"


def test_a_comparison_says_it_of_a_universe_and_not_of_data():
    people = sources.of_universe("neet", "France", "2026", 300, 0)
    written = {f"{CONTRACT}.duree_maximale": {"2026-01-01": 18}}
    found = compare(written, people, YEAR, replicates=0, draws=0)
    assert found.unseen
    assert found.bias[-1].startswith("Aucun de ces jeunes n'a de contrat")


def test_a_table_of_years_says_it(tmp_path):
    file = tmp_path / "reform.yaml"
    file.write_text(f"parameters:\n  {PUBLIC}.age_minimum:\n    2022-03-01: 15\n")
    asked = ["compare", str(file), "--years", "2026", "--size", "200", "--draws", "0"]
    found = CliRunner().invoke(main, [*asked, "--out", str(tmp_path / "out")])
    assert found.exit_code == 0
    assert "de moins de 16 ans ne sont pas connus ici" in found.output
