"""Comparisons: expected values are worked out by hand, or by a slow sum of one-sided results."""

import json
from decimal import Decimal
from functools import partial

import numpy
import pytest

from openfisca_cej import CountryTaxBenefitSystem
from openfisca_cej.analysis import sources
from openfisca_cej.analysis.compare import compare
from openfisca_cej.analysis.comparison import COLUMNS
from openfisca_cej.analysis.sources import Origin, PersonsSlice
from openfisca_cej.population import frames
from openfisca_cej.population.table import Group, Input, Population
from openfisca_cej.reforms import reform
from openfisca_cej.refusals import BadRequest

FIRST = "contrat_engagement_jeune.montant_forfaitaire.general.majeur_non_imposable"
SECOND = "contrat_engagement_jeune.montant_forfaitaire.general.majeur_premiere_tranche"
ABATEMENT = "contrat_engagement_jeune.ressources.degressivite.abattement"


def people(**changed):
    """Thirty persons: 15 adults of the first tier (3 with wages), 13 of the second, 2 minors."""
    count = 30
    data = {
        "individu_id": numpy.array([f"p{rank:02d}" for rank in range(count)]),
        "date_naissance": numpy.array(["2003-05-01"] * 28 + ["2008-06-01"] * 2, "datetime64[D]"),
        "cej_date_signature": numpy.full(count, numpy.datetime64("2024-12-10")),
        "cej_situation_fiscale": numpy.array(
            ["non_imposable"] * 15 + ["premiere_tranche"] * 13 + ["non_imposable"] * 2
        ),
        "salaire_net": numpy.array([400.0] * 3 + [0.0] * 27),
        "operateur": numpy.array(["a"] * 14 + ["b"] * 16),
    }
    return data | changed


def hundredths(value: float) -> int:
    return round(100 * value)


def test_amounts_winners_and_losers_are_those_worked_out_by_hand() -> None:
    # Each adult of the first tier gets 600 € and not 552.29 €, from January to March 2025.
    # With a net wage of 400 €: F − F / (0.8 × 1801.80 − 300) × 100, or F × (1 − 100 / 1141.44):
    # 503.904… and 547.434…, so 43.53 € more.
    found = compare(reform({FIRST: {"2025-01-01": 600}}), people(), "2025-01:2025-03", min_group=0)
    window = found.window
    before = 12 * 55229 + 3 * 50390 + 13 * 33137 + 2 * 22092
    assert window.measure("total").baseline == 3 * before / 100
    assert window.measure("total").difference == 3 * (12 * 4771 + 3 * 4353) / 100
    assert window.measure("mois_payes").baseline == 90
    assert found.whole.measure("gagnants").difference == 15
    assert found.whole.measure("perdants").difference == 0
    assert found.whole.measure("inchanges").difference == 15
    assert found.whole.measure("gain_moyen").difference == round((12 * 47.71 + 3 * 43.53) / 15, 2)
    tiers = found.breakdown("tier")
    assert [group.key for group in tiers.groups] == ["non_imposable", "premiere_tranche"]
    assert [group.measure("personnes").baseline for group in tiers.groups] == [17, 13]
    ages = {
        group.key: group.measure("gagnants").difference for group in found.breakdown("age").groups
    }
    assert ages == {"16-17": 0, "18-21": 15}


def test_the_threshold_is_in_euros_by_month_of_contract() -> None:
    run = partial(compare, {FIRST: {"2025-01-01": 600}}, people(), "2025-01:2025-03", min_group=0)
    winners = [
        run(threshold=euros).whole.measure("gagnants").difference for euros in (43.53, 43.54)
    ]
    assert winners == [15, 12]
    assert run(threshold=47.72).whole.measure("gagnants").difference == 0


def test_losers_are_counted_apart() -> None:
    changes = {FIRST: {"2025-01-01": 600}, SECOND: {"2025-01-01": 300}}
    found = compare(changes, people(), "2025-02", min_group=0).whole
    assert [found.measure(name).difference for name in ("gagnants", "perdants", "inchanges")] == [
        *(15, 13, 2),
    ]
    assert found.measure("perte_moyenne").difference == -31.37


def weights(count: int) -> numpy.ndarray:
    return numpy.random.default_rng(5).uniform(0.2, 40, count)


def test_gains_and_losses_are_cut_by_size_when_asked() -> None:
    how = {"by": ["gain"], "min_group": 0, "replicates": 0}
    # 500 € in place of 552.29: 12 lose 52.29 €, the 3 with a wage of 400 € lose
    # 52.29 × (1 − 100 / 1141.44) = 47.71 €; 600 €: 47.71 and 43.53 € more.
    for amount, expected in (
        (500, {"Perte de 50 à 100 €": 12, "Perte de 20 à 50 €": 3, "Aucun changement": 15}),
        (600, {"Aucun changement": 15, "Gain de 20 à 50 €": 15}),
        (550, {"Perte de moins de 5 €": 15, "Aucun changement": 15}),
    ):
        found = compare({FIRST: {"2025-01-01": amount}}, people(), "2025-01:2025-03", **how)
        groups = found.breakdown("gain").groups
        assert {one.label: one.measure("personnes").baseline for one in groups} == expected
    assert "gain" not in {one.name for one in compare(None, people(), "2025-01").breakdowns}


def test_a_numeric_attribute_is_cut_in_groups_of_equal_weights() -> None:
    income = numpy.array([100.0 * rank for rank in range(30)])
    how = {"by": ["revenu/3"], "min_group": 0, "replicates": 0}
    data = people(revenu=income.astype(str))
    found = compare({FIRST: {"2025-01-01": 600}}, data, "2025-01", **how)
    groups = found.breakdown("revenu/3").groups
    assert [(one.key, one.label) for one in groups] == [
        ("1/3", "1/3 : jusqu'à 900"),
        ("2/3", "2/3 : de 900 à 1\u202f900"),
        ("3/3", "3/3 : plus de 1\u202f900"),
    ]
    assert [one.measure("personnes").baseline for one in groups] == [10, 10, 10]
    # The fifteen adults of the first tier come first: ten of the first third, five of the second.
    assert [one.measure("gagnants").difference for one in groups] == [10, 5, 0]
    words = numpy.array(["x"] * 30)
    with pytest.raises(BadRequest, match="revenu, person « p00 »: « x » is not an amount"):
        compare(None, people(revenu=words), "2025-01", **how)
    with pytest.raises(BadRequest, match="revenu/1"):
        compare(None, data, "2025-01", by=["revenu/1"])


def test_no_reform_changes_nothing_at_all() -> None:
    origin = sources.of_universe("entrants", "France", "2022", 1500, 3)
    for nothing in (None, {}):
        found = compare(nothing, origin, "2022-03:2022-08", replicates=40, draws=0)
        rows = [row for row in found.rows() if row["table"] != "publie"]
        compared = {"gagnants", "perdants", "gain_moyen", "perte_moyenne"}
        for row in rows:
            if row["measure"] in compared or row["baseline"] is not None:
                assert not row["difference"], row
                assert not row["low"], row
                assert not row["high"], row
            if row["measure"] not in compared | {"inchanges"}:
                assert row["baseline"] == row["reform"]
        assert not found.changes
        whole = found.whole
        assert whole.measure("inchanges").difference == whole.measure("personnes").baseline


@pytest.mark.parametrize("name", ["age_29+bareme_lineaire", "ressources_trois_mois"])
def test_parts_add_up_to_their_whole_to_the_hundredth(name: str) -> None:
    origin = sources.of_universe("entrants", "PACA", "2022", 1200, 1)
    found = compare(name, origin, "2022-11:2023-02", replicates=0, min_group=0, draws=0)
    for side in ("baseline", "reform", "difference"):
        for measure in ("contrats", "mois_payes", "total"):
            whole = hundredths(getattr(found.window.measure(measure), side))
            for kind in ("mois", "annee"):
                parts = found.of_kind(kind)
                total = sum(hundredths(getattr(one.measure(measure), side)) for one in parts)
                assert total == whole
        for measure in ("personnes", "personnes_payees", "mois_payes", "total"):
            whole = hundredths(getattr(found.whole.measure(measure), side))
            for breakdown in found.breakdowns:
                groups = [getattr(one.measure(measure), side) for one in breakdown.groups]
                assert sum(map(hundredths, groups)) == whole, breakdown.name
    for breakdown in found.breakdowns:
        for measure in ("gagnants", "perdants", "inchanges"):
            groups = [one.measure(measure).difference for one in breakdown.groups]
            assert sum(map(hundredths, groups)) == hundredths(
                found.whole.measure(measure).difference
            )
    assert found.window.measure("total").difference != 0


def test_weighted_sums_are_exact_to_the_centime() -> None:
    count = 30
    data = people(poids=weights(count))
    found = compare({FIRST: {"2025-01-01": 600}}, data, "2025-01:2025-03", replicates=0)
    inputs = {name: values for name, values in data.items() if name != "operateur"}
    for side, changes in (("baseline", None), ("reform", reform({FIRST: {"2025-01-01": 600}}))):
        results = frames.simulate(inputs, "2025-01:2025-03", changes)
        # Each weight is a float: its decimal expansion is exact.
        exact = sum(
            Decimal(float(weight)) * Decimal(str(round(float(amount), 2)))
            for weight, amount in zip(results["poids"], results["cej_allocation"], strict=True)
        )
        assert Decimal(str(getattr(found.window.measure("total"), side))) == round(exact, 2)


def test_results_do_not_depend_on_the_cut_nor_on_threads() -> None:
    system = CountryTaxBenefitSystem()
    made = list(
        sources.universes.blocks(
            system, "entrants", "PACA", 2022, 900, 0, sources.named_assumptions.read(), block=300
        )
    )
    pieces = tuple(
        PersonsSlice(rank, partial(sources.given_already, one.population))
        for rank, one in enumerate(made)
    )
    origin = Origin("", "donnees", 900, ("operateur",), lambda history: pieces)
    runs = [
        compare("montants_rsa", origin, "2022-05:2022-09", replicates=30, threads=threads, draws=0)
        for threads in (1, 3)
    ]
    assert list(runs[0].rows()) == list(runs[1].rows())
    assert runs[0].people.persons == 900


def test_replicates_have_the_variance_of_the_sum() -> None:
    # A share p of n alike persons wins: the count of winners varies by n p (1 − p), since the
    # population keeps its size.
    count = 4000
    rank = numpy.arange(count)
    data = {
        "age": numpy.full(count, 20),
        "cej_situation_fiscale": numpy.where(rank % 4 == 0, "non_imposable", "premiere_tranche"),
    }
    found = compare({FIRST: {"2025-01-01": 600}}, data, "2025-03", replicates=2000)
    winners = found.whole.measure("gagnants")
    assert winners.difference == 1000
    low, high = winners.interval
    expected = 2 * 1.96 * (count * 0.25 * 0.75) ** 0.5
    assert high - low == pytest.approx(expected, rel=0.08)
    persons = found.whole.measure("personnes")
    assert persons.baseline_interval == (count, count)


def test_those_who_live_together_are_drawn_together() -> None:
    # A thousand families of four: the variance is four times that of four thousand persons alone.
    count = 4000
    tiers = numpy.where(numpy.arange(count) % 16 < 4, 0, 1)
    family = Group(count // 4, numpy.arange(count) // 4, numpy.zeros(count, int))
    inputs = [
        Input("age", None, numpy.full(count, 20)),
        Input("cej_situation_fiscale", None, tiers),
    ]
    spans = []
    for groups in ({}, {"famille": family}):
        ids = [str(rank) for rank in range(count)]
        population = Population(count, ids, inputs, groups)
        found = compare({FIRST: {"2025-01-01": 600}}, population, "2025-03", replicates=1000)
        low, high = found.whole.measure("gagnants").interval
        spans.append(high - low)
    assert spans[1] / spans[0] == pytest.approx(2, rel=0.15)


def test_a_group_too_small_is_masked_and_so_is_what_would_give_it_away() -> None:
    operators = numpy.array(["a"] * 14 + ["b"] * 12 + ["c"] * 4)
    data = people(operateur=operators)
    groups = compare(None, data, "2025-01", by=["operator"]).breakdown("operateur").groups
    masked = {group.key: group.measure("personnes").masked for group in groups}
    # « c » is too small; without « b », the smallest of the others, it would be deduced.
    assert masked == {"a": False, "b": True, "c": True}
    assert groups[2].measure("total").baseline is None
    shown = compare(None, data, "2025-01", by=["operator"], min_group=0).breakdown("operateur")
    assert [group.measure("personnes").baseline for group in shown.groups] == [14, 12, 4]


def test_few_changes_mask_the_reform_and_not_the_baseline() -> None:
    found = compare({ABATEMENT: {"2025-01-01": 350}}, people(), "2025-01")
    total = found.window.measure("total")
    assert total.masked
    assert total.baseline is not None
    assert (total.reform, total.difference, total.interval) == (None, None, None)
    assert found.whole.measure("gagnants").masked


def test_published_figures_stand_beside_the_baseline() -> None:
    origin = sources.of_universe("entrants", "France", "2022-2023", 3000, 0)
    found = compare("montants_rsa", origin, "2022-03:2023-12", replicates=0, draws=0)
    figures = {figure.name: figure for figure in found.published if not figure.month}
    spent = figures["depense_2023"]
    (year,) = (period for period in found.of_kind("annee") if period.period == "2023")
    assert spent.published == (740, 790)
    assert spent.baseline == pytest.approx(year.measure("total").baseline / 1e6, abs=1e-6)
    # The window ends before the last contracts: the shares of all the contracts are not known.
    assert "payes" not in figures
    months = [figure for figure in found.published if figure.month]
    assert len(months) == 22
    # Less than the lowest published value, by more than the tolerance.
    assert spent.gap == pytest.approx(spent.baseline / 740 - 1)
    assert spent.verdict == "manqué"
    assert found.bias[0].startswith("Biais connu, sous le droit en vigueur : Montant moyen")
    assert "pour 740 à 790 publiés" in found.bias[0]
    assert "montants" in found.bias[1]
    assert months[0].published == (27564, 27564)
    assert not sources.of_universe("entrants", "PACA", "2022", 500, 0).validated


def test_a_universe_holds_the_months_that_the_longest_window_reads() -> None:
    # Who signs in January 2023 had no wage before, and a benefit that does not change: the mean of
    # October to December is December's.
    given = dict(sources.named_assumptions.read())
    name = "part_travail_avant_signature"
    given[name] = {**given[name], "valeur": 0.0}
    origin = sources.of_universe("entrants", "France", 2023, 1500, 0, given)
    found = compare("ressources_trois_mois", origin, "2023-01:2023-03", replicates=0, draws=0)
    january, _, march = (one.measure("total").difference for one in found.of_kind("mois"))
    assert january == 0
    assert march > 0
    assert found.window.measure("total").baseline == (
        compare(None, origin, "2023-01:2023-03", replicates=0, draws=0)
        .window.measure("total")
        .baseline
    )


def test_a_reform_of_the_tax_limit_acts_on_a_universe() -> None:
    """Foyers carry an income and parts: those beyond the limit come under a higher one."""
    limit = {"impot_revenu.bareme_ir_depuis_1945.bareme[2].threshold": {"2021-01-01": 60_000}}
    origin = sources.of_universe("entrants", "France", 2023, 800, 0)
    found = compare(limit, origin, "2023-06:2023-07", replicates=0, draws=0)
    assert found.window.measure("total").difference > 0


def test_typical_cases_are_those_of_the_law() -> None:
    found = compare({FIRST: {"2025-01-01": 600}}, people(), "2025-01:2025-03", replicates=0)
    cases = {case.key: case for case in found.cases}
    assert len(cases) >= 8
    amounts = {key: (case.baseline, case.reform) for key, case in cases.items()}
    assert amounts["plein"] == (552.29, 600)
    assert amounts["premiere_tranche"] == (331.37, 331.37)
    assert amounts["au_dela"] == (0, 0)
    assert amounts["mineur"] == (220.92, 220.92)
    assert amounts["mayotte"] == (314.8, 314.8)
    # 552.29 × (1 − 300 / 1141.44), 552.29 − 400, the quarter withheld.
    assert amounts["salaire_600"] == (407.13, 442.30)
    assert amounts["formation"] == (152.29, 200)
    assert amounts["sanction"] == (414.22, 450)
    assert amounts["age_27"] == (0, 0)
    assert cases["salaire_600"].baseline_rate == pytest.approx(-552.29 / 1141.44)
    assert cases["salaire_600"].reform_rate == pytest.approx(-600 / 1141.44)
    (curve,) = (one for one in found.curves if one.case == "plein")
    assert [point.resource for point in curve.baseline.breaks] == [300, 1441.44]


def test_typical_cases_show_what_ready_made_reforms_do() -> None:
    found = compare("ressources_trois_mois", people(), "2025-01:2025-03", replicates=0)
    amounts = {case.key: (case.baseline, case.reform) for case in found.cases}
    # 1 200 € in the month before: 552.29 × (1 − 900 / 1141.44); as a mean of three months, 400 €.
    assert amounts["salaire_du_mois_d_avant"] == (116.82, 503.90)
    assert amounts["salaire_plus_ancien"] == (552.29, 503.90)
    assert amounts["salaire_1200"] == (116.82, 116.82)
    # R5131-24, I: the dependent child of a family with the RSA keeps the allowance.
    assert amounts["rsa"] == (0, 0)
    assert amounts["rsa_des_parents"] == (552.29, 552.29)
    found = compare("sanctions_2022", people(), "2025-09", replicates=0)
    amounts = {case.key: (case.baseline, case.reform) for case in found.cases}
    # R5412-7: 30 % withheld; R5131-18, kept by the reform: a quarter.
    assert amounts["sanction"] == (393.18, 421.26)


def test_one_more_euro_of_an_irregular_wage_is_paid_when_the_wage_is() -> None:
    # 552.29 ÷ (0.8 × 1801.80 − 300) = 0.48386 € a euro; a third of it under a mean of three months.
    found = compare("ressources_trois_mois", people(), "2025-01:2025-03", replicates=0)
    rates = {case.key: (case.baseline_rate, case.reform_rate) for case in found.cases}
    assert rates["salaire_du_mois_d_avant"] == pytest.approx((-0.48386, -0.16129), abs=1e-5)
    assert rates["salaire_plus_ancien"] == pytest.approx((0, -0.16129), abs=1e-5)
    assert rates["salaire_1200"] == pytest.approx((-0.48386, -0.48386), abs=1e-5)


def test_who_signs_at_fifteen_and_some_days_is_sixteen() -> None:
    """A contract is signed at 16: on the first day of that month one may still be 15."""
    births = numpy.repeat(numpy.array(["2009-01-15", "2010-06-01"], dtype="datetime64[D]"), 20)
    signed = numpy.where(numpy.arange(40) < 20, "2025-01-20", "").astype("datetime64[D]")
    data = {"date_naissance": births, "cej_date_signature": signed}
    found = compare(None, data, "2025-01", by=["age"], replicates=0, min_group=0)
    groups = {one.label: one.measure("personnes").baseline for one in found.breakdown("age").groups}
    assert groups == {"Moins de 16 ans": 20, "16 à 17 ans": 20}


def test_the_reform_is_told_in_french() -> None:
    found = compare({FIRST: {"2025-01-01..2025-06-30": 600}}, people(), "2025-01", replicates=0)
    (change,) = (one for one in found.changes if one.start == "2025-01-01")
    assert (change.before, change.after) == (552.29, 600)
    # The law itself moves in April: the reform does not end there.
    assert "Du 1er janvier 2025 au 30 juin 2025" in found.summary
    assert not found.outside


def test_a_reform_that_is_not_in_force_says_so_first_with_its_true_dates() -> None:
    # On 15 July 2025, so from August on; the law moves again in April 2026.
    found = compare({FIRST: {"2025-07-15": 600}}, people(), "2025-01:2025-07", replicates=0)
    assert "à partir du 15 juillet 2025" in found.outside
    assert "--months 2025-08:2025-12" in found.outside
    late = compare({FIRST: {"2025-07-15": 600}}, people(), "2026-05", replicates=0)
    assert not late.outside
    assert "À partir du 15 juillet 2025" in late.summary
    assert "1er avril 2026" not in late.summary


def test_amounts_are_told_in_french() -> None:
    found = compare({FIRST: {"2025-01-01..2025-06-30": 600}}, people(), "2025-01", replicates=0)
    assert "passe de 552,29 € à 600,00 €" in found.summary
    assert "D5131-19" in found.summary


def test_the_last_of_several_values_is_told_too() -> None:
    found = compare({FIRST: {"2025-01-01": "+10%"}}, people(), "2025-03:2025-05", replicates=0)
    # 552.29 until March, 561.68 from April on.
    assert "passe de 552,29 € à 607,52 €" in found.summary
    assert (
        ", et ainsi des 2 valeurs de la période ; la dernière, du 1er avril 2025 au 31 mars 2026, "
        "de 561,68 € à 617,85 €." in found.summary
    )


def test_a_notebook_has_a_frame_and_a_table() -> None:
    found = compare({FIRST: {"2025-01-01": 600}}, people(), "2025-01:2025-03", min_group=0)
    frame = found.to_frame()
    assert list(frame.columns) == list(COLUMNS)
    window = frame[(frame["table"] == "fenetre") & (frame["measure"] == "total")]
    assert window["difference"].tolist() == [found.window.measure("total").difference]
    shown = found._repr_html_()
    # 12 × 47.71 + 3 × 43.53, three times: about 2 100 €.
    assert "Gagnants : 15 ; Perdants : 0 ; Inchangés : 15" in shown
    assert "<td>2025 (3 mois)</td>" in shown
    assert shown.count("Intervalle à 95 % : échantillonnage seul") == 1
    hidden = compare({FIRST: {"2025-01-01": 600}}, people(), "2025-01", min_group=29)
    assert "<td>secret</td>" in hidden._repr_html_()


def test_what_the_data_cannot_support_is_said() -> None:
    found = compare(None, people(), "2025-01", replicates=0)
    assert any("niveau de vie" in limit for limit in found.limits)
    assert any(one.kind == "convention" for one in found.assumptions)
    universe = sources.of_universe("neet", "PACA", "2022", 400, 0)
    told = compare(None, universe, "2022-06", replicates=0, draws=0)
    assert {"part_rqth", "are_minimum"} <= {one.name for one in told.assumptions}
    assert any("potentiel" in limit for limit in told.limits)


def test_everything_fits_in_json_and_in_tidy_rows() -> None:
    found = compare("age_29", people(), "2025-01:2025-02")
    again = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert again["months"] == ["2025-01", "2025-02"]
    assert again["reform"]["content"]["parameters"]
    assert all(tuple(row) == COLUMNS for row in found.rows())


@pytest.mark.parametrize(
    ("how", "word"),
    [
        ({"by": ["operatur"]}, "operateur"),
        ({"threshold": -1}, "threshold"),
        ({"threshold": float("nan")}, "threshold"),
        ({"replicates": 3}, "replicates"),
        ({"months": ["2025-01", "2025-03"]}, "follow each other"),
        ({"months": "2025-13"}, "2025-13"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(how, word: str) -> None:
    asked = {"months": "2025-01"} | how
    with pytest.raises(BadRequest, match=word):
        compare(None, people(), **asked)
