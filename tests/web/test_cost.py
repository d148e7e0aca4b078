"""The page « Ce que coûterait cette réforme »."""

import re
from functools import partial
from urllib.parse import parse_qsl, urlsplit

import pytest
from openfisca_core.periods import period

from openfisca_cej.analysis import sources
from openfisca_cej.analysis.compare import compare
from openfisca_cej.reforms import reform
from openfisca_cej.report import page as report
from openfisca_cej.web import cost
from openfisca_cej.web.lanes import ASIDE, lane_of

CASE = (
    "v=1&mois=2026-01&date_naissance=2005-05-10&residence=metropole"
    "&cej_situation_fiscale=non_imposable&salaire_net=0"
)


def text_of(answer) -> str:
    """The text of a page, with ordinary spaces."""
    page = re.sub(r"<[^>]+>", "", answer.get_data(as_text=True))
    return " ".join(page.replace("\u202f", " ").replace("\u00a0", " ").split())


def test_the_page_gives_the_cost_of_a_year_with_its_interval(client) -> None:
    answer = client.get(f"/cout?{CASE}&abattement=400")
    assert answer.status_code == 200
    assert len(answer.get_data()) < 100_000
    told = text_of(answer)
    assert re.search(
        r"En 2026, la réforme coûte [\d,]+ M€ ; intervalle à 95 % \(hypothèses et "
        r"échantillonnage\) : de [\d,]+ à [\d,]+ M€",
        told,
    )
    assert "y gagnent" in told
    assert "Ne sont pas comptés" in told
    assert "openfisca-cej compare reforme.yaml --universe presents --year 2026" in told
    # The same figure as a comparison gives on the same persons.
    people = sources.of_universe("presents", "France", "2026", cost.PERSONS, 0)
    path = "contrat_engagement_jeune.ressources.degressivite.abattement"
    how = {"draws": cost.DRAWS, "replicates": cost.REPLICATES, "by": []}
    found = compare({path: {"2026-01-01": 400}}, people, "2026-01:2026-12", **how)
    lead = report.lead(found).replace("\u202f", " ").replace("\u00a0", " ")
    assert lead in told


def test_what_is_kept_of_the_people_changes_no_figure(monkeypatch) -> None:
    # Amounts, months read, who may sign: each after another reform, then the first again.
    names = ["montants_rsa", "ressources_trois_mois", "age_29", "montants_rsa"]
    told = [cost.measured(reform(name), 2026) for name in names]
    usual = partial(sources.of_universe, "presents", "France", size=cost.PERSONS, seed=0)
    monkeypatch.setattr(cost, "people", lambda year: usual(year=str(year)))
    assert told == [cost.measured(reform(name), 2026) for name in names]


def test_the_analyst_is_led_there_and_nothing_is_told_without_a_reform(client) -> None:
    page = client.get(f"/analyse?{CASE}&abattement=400", follow_redirects=True)
    link = re.search(r'href="(/cout\?[^"]+)"', page.get_data(as_text=True))[1]
    assert "abattement=400" in link
    assert "Changez d'abord un nombre de la loi" in text_of(client.get(f"/cout?{CASE}"))
    assert lane_of("GET", "/cout", "abattement=400", b"") is ASIDE


def test_a_reform_alone_is_that_of_the_example(client) -> None:
    found = client.get("/analyse?mois=2026-02&abattement=400")
    query = dict(parse_qsl(urlsplit(found.location).query))
    assert query.items() >= {"mois": "2026-02", "abattement": "400", "salaire_net": "600"}.items()
    page = text_of(client.get(found.location))
    # 566.17 € from April 2026 on, 561.68 before; the SMIC of January 2026 is 1 823.03 €:
    # 561.68 × (1 − 300 ÷ (0.8 × 1 823.03 − 300)), then × (1 − 200 ÷ (… − 400)).
    assert "416,22 €" in page
    assert "455,54 €" in page


@pytest.mark.parametrize(
    ("month", "year"), [("2026-01", 2026), ("2025-04", 2026), ("2027-05", 2027), ("2031-01", 2027)]
)
def test_the_year_is_the_first_whole_one_that_can_be_drawn(month, year) -> None:
    assert cost.year_of(period(month)) == year
