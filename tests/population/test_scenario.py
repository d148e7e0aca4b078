"""Years to come: each figure is told and recomputed, and the law is not moved."""

import datetime

import numpy
import pytest
import yaml

from openfisca_cej.population import (
    assumptions,
    engine,
    replay,
    scenario,
    synthetic,
    universes,
)
from openfisca_cej.population.months import month_number, month_range
from openfisca_cej.population.synthetic import DAY, shift
from openfisca_cej.systems import reformed

SIZE = 2000


def drawn(system, universe, year, size=SIZE, **options):
    """The only block of a universe of France."""
    where = (universe, "France", year)
    return universes.drawn(
        system, *where, size, 3, assumptions.read("calibrated"), 0, size, **options
    )


def by_year(operator, told=None):
    """Entries of each year."""
    found = {}
    for month, entry in scenario.entries(told or scenario.read()).items():
        found[month // 12] = found.get(month // 12, 0) + entry["valeur"][operator]
    return found


def test_entries_are_recomputed_from_what_is_published():
    local, national = by_year("mission_locale"), by_year("france_travail")
    whole = {year: local[year] + national[year] for year in local}
    assert whole[2022] == 277_463
    assert whole[2023] == 313_497
    # 214 700 from January to September 2025 are 4,1 % less than the year before.
    entries = scenario.entries(scenario.read())
    parts = {
        year: [sum(entries[12 * year + rank]["valeur"].values()) for rank in range(12)]
        for year in (2023, 2024, 2025)
    }
    assert sum(parts[2024][:9]) == pytest.approx(214_700 / 0.959, abs=5)
    assert sum(parts[2024][:7]) == pytest.approx(180_634, abs=2)
    assert parts[2024][10] == pytest.approx(32_576 * 223_879 / 224_404, abs=2)
    first = [entries[month]["valeur"] for month in month_range("2025-01:2025-09")]
    assert sum(cell["mission_locale"] for cell in first) == pytest.approx(150_100, abs=5)
    assert sum(cell["france_travail"] for cell in first) == pytest.approx(64_600, abs=5)
    assert parts[2025][11] == pytest.approx(0.959 * parts[2024][11], abs=2)
    assert (local[2026], national[2026]) == pytest.approx((188_840, 80_000))
    # A year told as a whole has the months of the year before.
    share = entries[month_number("2026-03")]["valeur"]["france_travail"] / 80_000
    assert share == pytest.approx(7368 / national[2025])


def test_lengths_are_recomputed_from_stocks_and_entries():
    lengths = scenario.read()[scenario.LENGTHS]
    assert lengths[2025]["valeur"]["mission_locale"] == pytest.approx(108.3 / (150.1 / 9), abs=1e-3)
    assert lengths[2025]["valeur"]["france_travail"] == pytest.approx(41.7 / (64.6 / 9), abs=1e-3)
    for operator, mean in lengths[2024]["valeur"].items():
        ends = [lengths[year]["valeur"][operator] for year in (2023, 2025)]
        assert mean == pytest.approx(sum(ends) / 2, abs=1e-3)


def test_every_figure_says_how_sure_it_is():
    rows = scenario.figures(scenario.read())
    assert {row[3] for row in rows} == set(scenario.STATUSES[:-1])
    assert len(rows) > 70 + 6 + 3


def test_values_beyond_the_law_are_of_the_scenario_only(system):
    def amount(law, day):
        known = law.get_parameters_at_instant(day)
        general = known.contrat_engagement_jeune.montant_forfaitaire.general
        return (
            general.majeur_non_imposable,
            general.mineur,
            known.marche_travail.salaire_minimum.smic.smic_b_mensuel,
        )

    told = scenario.read()
    after = reformed(scenario.projected(told))
    # 566,17 and 226,48 by 1,01, and 1 867,02 by 1,01.
    assert amount(after, "2027-04-01") == (571.83, 228.74, 1885.69)
    assert amount(after, "2027-03-31") == (566.17, 226.48, 1885.69)
    assert amount(system, "2027-04-01") == (566.17, 226.48, 1867.02)
    # What the law tells prevails.
    told[scenario.VALUES]["avril"][datetime.date(2026, 4, 1)] = {"valeur": 2, "statut": "supposé"}
    again = reformed(scenario.projected(told))
    assert amount(again, "2027-04-01") == amount(after, "2027-04-01")


def test_a_file_replaces_figures(tmp_path):
    path = tmp_path / "haut.yaml"
    path.write_text(
        "titre: Haut\n"
        "entrees:\n  2025: {mission_locale: 100000, france_travail: 50000}\n"
        "durees:\n  2027: {mission_locale: 7, france_travail: 6}\n"
        "revalorisations:\n  avril:\n    2027-04-01: 1.02\n"
        "emploi: {2027: 0.9}\n"
        "hypotheses: {recours_nouveau_public: 0.2}\n",
        encoding="utf-8",
    )
    told = scenario.read(path)
    assert by_year("france_travail", told)[2025] == pytest.approx(50_000)
    assert told[scenario.ASSUMED]["recours_nouveau_public"]["valeur"] == 0.2
    content = scenario.projected(told).content["parameters"]
    path = "contrat_engagement_jeune.montant_forfaitaire.general.majeur_non_imposable"
    assert content[path] == {"2027-04-01": 577.49}
    assert scenario.of_year(told, 2027)["emploi"]["valeur"] == {2027: 0.9}
    assert scenario.read()["titre"] != "Haut"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("entrees: {2031: {mission_locale: 1, france_travail: 1}}", "entrees, 2031"),
        ("entrees: {2026: {mission_locale: 1}}", "one value for each of"),
        ("entrees: 12", "entrees: write"),
        ("durees: {2026: {mission_locale: 14, france_travail: 6}}", "from 2 to 11 months"),
        ("emploi: {2026: beaucoup}", "is not a number"),
        ("revalorisations: {avril: {demain: 1.01}}", "is not a date"),
        ("revalorisations: {juin: {2027-04-01: 1.01}}", "choose among smic, avril, bareme"),
        ("hypotheses: {part_rqth: 0.1}", "choose among recours_nouveau_public"),
        ("duree: {2026: 7}", "« duree » is not a section"),
        ("[1]", "one « key: value » a line"),
        ("a: [", "it is not YAML"),
    ],
)
def test_faults_are_named(tmp_path, text, told):
    path = tmp_path / "x.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(scenario.BadScenario, match=r"x\.yaml") as raised:
        scenario.read(path)
    assert told in str(raised.value)


@pytest.mark.parametrize("year", scenario.YEARS)
def test_what_runs_is_what_was_aimed_at(system, year):
    """Margins are of those whom the law then runs, half a point from their targets."""
    made = drawn(system, "presents", year)
    for aim in made.aims:
        # Some two hundred persons of an operator entered in half a year: lengths are quotas.
        scale = 1 if aim.values is None else 2 * aim.target
        assert abs(aim.achieved(made.weights) - aim.target) < 0.005 * scale, aim.label
    people = made.population
    months = range(12 * year, 12 * year + 12)
    block = next(engine.simulate(system, people, months, ["cej_en_cours"]))
    running = block.values["cej_en_cours"]
    entered = replay.dates(people, "cej_date_signature").astype("datetime64[M]").astype(int)
    entered += 12 * 1970
    began = entered >= months[0]
    assert running[began, entered[began] - months[0]].all()
    weights = people.weights[began]
    whole = sum(by_year(name)[year] for name in ("mission_locale", "france_travail"))
    assert weights.sum() == pytest.approx(whole)
    # 9, 59 and 32 % by age, all years together; a year of its own is within sampling.
    minors = people.attributes["age"][began] < 18
    assert weights[minors].sum() / whole == pytest.approx(0.09, abs=0.02)
    ends = replay.last_days(system, people)
    last = numpy.array([numpy.datetime64(f"{year}-12-31")])
    assert (running[:, 11] == (ends >= numpy.datetime64(f"{year}-12-01"))).all()
    assert (replay.present(system, people, months)[:, 11] == (ends >= last)).all()


def test_a_stock_is_everybody_in_a_contract_that_day(system):
    made = drawn(system, "stock", "2025-09-30")
    people = made.population
    month = month_range("2025-09")
    running = next(engine.simulate(system, people, month, ["cej_en_cours"])).values["cej_en_cours"]
    assert running.all()
    # By hand: those who entered, times the share of lengths that are longer than what has passed.
    margins, given = load_margins(), assumptions.read("calibrated")
    peaks = {n: given[f"part_duree_{n}_mois"]["valeur"] for n in (6, 12)}
    expected = 0.0
    for text, cell in margins["entrees_mensuelles"]["valeur"].items():
        for operator, number in cell.items():
            shape = margins["durees_observees"]["valeur"]
            known = synthetic.lengths(margins["durees"]["valeur"][operator], peaks, shape)
            mean = margins["durees_annuelles"]["valeur"][int(text[:4])][operator]
            shares = synthetic.lengths(mean, {}, known)
            passed = month[0] - month_number(text)
            expected += number * sum(share for n, share in shares.items() if n > passed)
    assert people.weights.sum() == pytest.approx(expected, rel=0.02)
    assert (people.attributes["mois_en_contrat"] >= 0).all()
    assert people.attributes["mois_en_contrat"].max() <= 12
    before = people.attributes["deja_signe"]
    previous = replay.dates(people, "cej_date_fin_precedent")
    signed = replay.dates(people, "cej_date_signature")
    # Nobody came back within six months.
    assert before.any()
    assert (shift(previous[before], 6) + DAY <= signed[before]).all()


def load_margins():
    """Margins of the stock of the end of September 2025."""
    return universes.read_margins("stock", "France", "2025-09-30")


def test_failings_are_of_the_scale_of_their_month(system):
    given = assumptions.read("calibrated")
    given["risque_mensuel_manquement"] = {"valeur": 0.2}
    made = universes.drawn(system, "presents", "France", 2025, 500, 3, given, 0, 500)
    items = {(item.variable, item.period): item.values for item in made.population.inputs}
    assert items["cej_rang_manquement", "2025-05"].any()
    assert not items["cej_rang_manquement", "2025-06"].any()
    assert not items["cej_sanction_motif", "2025-05"].any()
    assert items["cej_sanction_motif", "2025-06"].any()
    months = month_range("2025-05:2025-12")
    name = "cej_fraction_supprimee"
    cut = next(engine.simulate(system, made.population, months, [name])).values[name]
    struck = items["cej_sanction_motif", "2025-09"] > 0
    # R5412-1: three tenths at least in the month of the decision.
    assert (cut[struck, 4] >= 0.3 - 1e-9).all()


def test_the_yaml_file_is_read_as_texts_and_years():
    content = yaml.safe_load((synthetic.DATA / "scenario.yaml").read_text(encoding="utf-8"))
    assert {type(key) for key in content["entrees"]} == {str, int}


def statuses(made):
    """Status and source of each margin printed, by label."""
    return {aim.label: dict(aim.origin(made.published)) for aim in made.aims}


def test_each_month_and_each_length_has_its_own_status(system):
    told = statuses(drawn(system, "presents", 2024, 400))
    assert told["Entrés en 2023-05"]["statut"] == "publié"
    assert told["Entrés en 2023-06"]["statut"] == "calculé"
    assert told["Entrés en 2024-12"]["statut"] == "projeté"
    assert "Poem" in told["Entrés en 2023-05"]["source"]["titre"]
    assert told["Durée moyenne, Mission locale de 2023 (mois)"]["statut"] == "calculé"
    assert told["Durée moyenne, Mission locale de 2024 (mois)"]["statut"] == "supposé"
    # The shares of the operators are of all these months.
    assert told["Mission locale"]["statut"] == "projeté"


def test_what_a_file_gives_of_a_place_is_marked_so(system):
    place = {"titre": "Ailleurs", "entrees": {2025: 10000}}
    margins = universes.read_margins("presents", "France", 2025, place=place)
    told = statuses(drawn(system, "presents", 2025, 400, margins=margins))
    assert told["Entrés en 2025-01"] == {"statut": "remplacé"}
    assert told["Entrés en 2024-12"] == {"statut": "supposé"}
    assert told["Mission locale"]["statut"] == "supposé"
    own = {**place, "operateurs": {"mission_locale": 0.8, "france_travail": 0.2}}
    margins = universes.read_margins("entrants", "France", 2025, place=own)
    told = statuses(drawn(system, "entrants", 2025, 400, margins=margins))
    assert told["Mission locale"] == {"statut": "remplacé"}
    assert margins["entrees"]["statut"] == "remplacé"
