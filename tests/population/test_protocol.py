"""The protocol: frozen before the run, what calibrates and judges apart, and its arithmetic."""

import hashlib

import numpy
import pytest

from openfisca_cej.population import assumptions, garantie_jeunes, protocol, synthetic
from openfisca_cej.population.months import month_number

PROTOCOL = synthetic.load(protocol.FILE)
PUBLISHED = synthetic.load("validation")


def test_the_files_that_the_protocol_freezes_are_as_it_says():
    for name, expected in PROTOCOL["empreintes"].items():
        content = (synthetic.DATA / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == expected, name


def test_what_calibrates_and_what_judges_are_apart():
    judging = [name for group in PROTOCOL["jugement"].values() for name in group]
    assert len(set(judging)) == len(judging)
    calibrating = set(PROTOCOL["calage"])
    assert calibrating == {"ratio_debut_2022", "ratio_fin_2022"}
    shown = set(PROTOCOL["montre"])
    assert not calibrating & set(judging)
    assert not shown & (calibrating | set(judging))
    outcomes = {name for name in PUBLISHED if not name.endswith("mensuels")}
    assert calibrating | set(judging) | shown == outcomes
    assert len(PROTOCOL["jugement"]) == 6
    assert set(PROTOCOL["variante"]) <= shown
    assert {protocol.set_of(name) for name in judging} == {protocol.HELD_OUT}
    assert protocol.set_of("ratio_fin_2022") == protocol.CALIBRATION
    assert protocol.set_of("payes_ml") == protocol.SHOWN


def test_the_calibration_that_is_shipped_is_of_this_protocol():
    found = protocol.calibration()
    assert found["preregistration_sha256"] == protocol.sha256()
    assert found["cale"]["taille_efficace"] >= PROTOCOL["taille_efficace_minimale"]
    intervals = found["cale"]["intervalles"]
    assert found["cale"]["groupes"] == protocol.verdicts(intervals, PUBLISHED)
    assert found["cale"]["reussis"] == sum(found["cale"]["groupes"].values())


def test_the_sentence_names_what_was_missed():
    told = protocol.sentence()
    for name, good in protocol.calibration()["cale"]["groupes"].items():
        assert (protocol.GROUPS[name] in told) == (not good)
    assert protocol.sha256()[:12] in told


def test_draws_that_are_shipped_lie_in_the_ranges():
    stated = assumptions.read(assumptions.STATED)
    rows = assumptions.kept()
    assert len(rows) == PROTOCOL["tirages_livres"]
    for factor in assumptions.factors(stated):
        values = [row[factor.label] for row in rows]
        low, high = factor.bounds or (0, len(factor.choices) - 1)
        assert low <= min(values) <= max(values) <= high, factor.label
    assert rows[0].keys() == {factor.label for factor in assumptions.factors(stated)}
    # Drawn with their weights: their means are those that the calibration told.
    for name, moved in protocol.calibration()["hypotheses"].items():
        mean = numpy.mean([row[name] for row in rows])
        assert abs(mean - moved["apres"]) < 0.35 * moved["ecart_type"], name


def test_calibrated_assumptions_are_the_centre_of_the_draws():
    found, rows = assumptions.read(assumptions.CALIBRATED), assumptions.kept()
    mean = numpy.mean([row["part_mois_non_declares"] for row in rows])
    assert found["part_mois_non_declares"]["valeur"] == pytest.approx(mean, abs=1e-6)
    limits = [row["age_limite_rattachement"] for row in rows]
    expected = [21, 25][round(numpy.mean(limits))]
    assert found["age_limite_rattachement"]["valeur"] == expected
    assert all(entry.get("calee") for entry in (found["part_rsa"], found["taux_neet"]))
    assert "calee" not in found["part_nette_smic"]
    # A manifest keeps them, and they are read again.
    again = assumptions.replaced(assumptions.replaced_values(found), "run.json")
    assert {name: entry["valeur"] for name, entry in assumptions.named(again)} == {
        name: entry["valeur"] for name, entry in assumptions.named(found)
    }


def test_calibrated_draws_are_the_rows_of_the_file():
    rows = assumptions.kept()
    taken = assumptions.draws(assumptions.CALIBRATED, {}, 250, 0)
    assert len(taken) == 250
    assert taken[0][1] == taken[200][1] == rows[0]
    operators = taken[3][0]["part_emploi_9_mois"]["valeur"]
    assert operators["mission_locale"] == rows[3]["part_emploi_9_mois.mission_locale"]
    few = assumptions.draws(assumptions.CALIBRATED, {}, 20, 0)
    assert [ranks for _, ranks in few] == rows[::10]


def test_resampling_follows_the_weights():
    calibration = pytest.importorskip("openfisca_cej.population.calibration")
    rows = calibration.resampled(numpy.array([0.0, 1.0, 3.0]), 8, 1)
    assert numpy.bincount(rows, minlength=3).tolist() == [0, 2, 6]
    numbers = [{"a": 0.0}, {"a": 1.0}, {"a": 2.0}]
    moved = calibration.moved(numbers, numpy.array([0.0, 0.0, 1.0]))["a"]
    assert (moved["avant"], moved["apres"], moved["ecart_type_apres"]) == (1, 2, 0)
    assert moved["deplacement"] == pytest.approx(1 / (2 / 3) ** 0.5)


def test_implausibility_by_hand():
    """3 points above, 2 of discrepancy and 1.5 of noise: 3 / 2.5 deviations."""
    values = numpy.array([0.63, 0.60, 0.58])
    found = protocol.implausibility(values, (0.59, 0.60), 0.02, 0.015)
    assert found == pytest.approx([-1.2, 0, 0.4])


def test_weights_and_effective_size():
    distances = numpy.array([[0.0, 0.0], [1.0, 1.0], [3.0, 0.0], [0.0, -3.1]])
    weights = protocol.weights(distances, 3)
    assert weights == pytest.approx([1, numpy.exp(-1), 0, 0])
    assert protocol.effective_size(numpy.array([1.0, 1.0, 0.0, 2.0])) == pytest.approx(16 / 6)
    assert protocol.effective_size(numpy.zeros(3)) == 0


def test_weighted_quantiles():
    values = numpy.array([3.0, 1.0, 2.0, 9.0])
    assert protocol.quantiles(values, numpy.array([1.0, 1.0, 1.0, 0.0])) == (1, 2, 3)
    assert protocol.quantiles(values, numpy.array([0.0, 0.0, 0.0, 1.0])) == (9, 9, 9)


def test_a_group_is_covered_by_all_its_figures():
    exact = {
        name: (entry["publie"][0],) * 3
        for name, entry in PUBLISHED.items()
        if isinstance(entry["publie"], list)
    }
    assert all(protocol.verdicts(exact, PUBLISHED).values())
    off = {**exact, "montant_moyen_2023": (300.0, 400.0, 430.0)}
    assert [name for name, good in protocol.verdicts(off, PUBLISHED).items() if not good] == [
        "euros"
    ]
    # Covered, but the median is 8 % away.
    far = {**exact, "depense_2023": (600.0, 740 * 0.92, 745.0)}
    assert not protocol.verdicts(far, PUBLISHED)["euros"]
    near = {**exact, "depense_2023": (600.0, 740 * 0.94, 745.0)}
    assert protocol.verdicts(near, PUBLISHED)["euros"]


# The Garantie jeunes.


def test_the_allowance_of_the_garantie_jeunes_by_hand():
    """497.50 € up to 300 €; nil from 80 % of 1 589.47 €; half way, half."""
    law = synthetic.load(garantie_jeunes.FILE)["droit"]
    smic = numpy.array([1589.47])
    half = 300 + (0.8 * 1589.47 - 300) / 2
    resources = numpy.array([[0.0], [300], [half], [0.8 * 1589.47], [2000]])
    found = garantie_jeunes.allowance(law, smic, resources)[:, 0]
    assert found.tolist() == [497.5, 497.5, 248.75, 0, 0]
    months = {"2021-09": 1554.58, "2021-10": 1589.47, "2020-12": 1539.42}
    for month, expected in months.items():
        assert garantie_jeunes.minimum(law["smic"], month_number(month)) == expected


def test_the_stage_pays_everybody_where_nothing_is_in_the_way(system):
    given = dict(synthetic.load("hypotheses"))
    none = {"mission_locale": 0.0, "france_travail": 0.0}
    for name, value in {
        "part_dossiers_jamais_ouverts": none,
        "part_mois_non_declares": 0.0,
        "part_emploi_9_mois": none,
        "part_emploi_durable_9_mois": none,
        "risque_mensuel_mission": 0.0,
        "part_travail_avant_signature": 0.0,
        "part_formes": 0.0,
        "part_semaines_formation": 0.0,
        "part_are_plus_de_500": none,
    }.items():
        given[name] = {**given[name], "valeur": value}
    found = garantie_jeunes.simulated(system, given, 1, 600)
    assert found == {"payes_sur_presents": 1, "payes": 1}
    lost = {**given["part_mois_non_declares"], "valeur": 0.3}
    found = garantie_jeunes.simulated(system, {**given, "part_mois_non_declares": lost}, 1, 2000)
    assert found["payes_sur_presents"] == pytest.approx(0.7, abs=0.03)
