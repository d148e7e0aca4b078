"""The embedded population holds the published figures, and its assumptions say what they are."""

import numpy
import pytest

from openfisca_cej.population import comparison, synthetic
from openfisca_cej.population.display import Differences
from openfisca_cej.population.months import month_number
from openfisca_cej.population.summary import Totals

MARGINS = synthetic.load("marges_paca_2022")
ASSUMPTIONS = synthetic.load("hypotheses")
COUNT = 24197


@pytest.fixture(scope="module")
def making(system):
    """The embedded population in the making."""
    return synthetic.Entrants(system, MARGINS, ASSUMPTIONS, synthetic.SEED)


def inputs(population, name):
    """Values of a variable, by period."""
    return {i.period: i.values for i in population.inputs if i.variable == name}


def fingerprint(population):
    """Everything that the model reads."""
    return [(i.variable, i.period, i.values.tobytes()) for i in population.inputs]


def test_the_same_seed_gives_the_same_population(system, entrants):
    assert fingerprint(synthetic.entrants(system)) == fingerprint(entrants)


def test_another_seed_gives_another_population_with_the_same_margins(system, entrants):
    other = synthetic.entrants(system, 1)
    assert fingerprint(other) != fingerprint(entrants)
    assert comparison.shares(other) == comparison.shares(entrants)


def test_the_published_shares_hold_to_rounding(entrants):
    assert entrants.count == COUNT
    shares = comparison.shares(entrants)
    assert shares["moins_de_22_ans"] == pytest.approx(0.68, abs=1 / COUNT)
    assert shares["sans_diplome"] == pytest.approx(0.45, abs=1 / COUNT)
    assert shares["qpv"] == pytest.approx(0.214, abs=1 / COUNT)


def test_entries_follow_the_published_months_and_operators(entrants, making):
    published = MARGINS["entrees_mensuelles"]["valeur"]
    total = sum(sum(operators.values()) for operators in published.values())
    signatures = inputs(entrants, "cej_date_signature")[None]
    months = signatures.astype("datetime64[M]").astype(str)
    for month, operators in published.items():
        for operator, entered in operators.items():
            who = (months == month) & (entrants.attributes["operateur"] == operator)
            assert abs(who.sum() - COUNT * entered / total) < 1
    assert (making.entries[0] == [month_number(month) for month in months.tolist()]).all()


def test_ages_follow_the_published_bands(entrants):
    ages = entrants.attributes["age"]
    minors = ages < 18
    assert minors.mean() == pytest.approx(0.09, abs=1 / COUNT)
    assert ((ages >= 18) & (ages < 22)).mean() == pytest.approx(0.59, abs=1 / COUNT)
    assert set(entrants.attributes["operateur"][minors]) == {"mission_locale"}
    births = inputs(entrants, "date_naissance")[None]
    signatures = inputs(entrants, "cej_date_signature")[None]
    assert (synthetic.age_at(births, signatures) == ages).all()
    assert (ages.min(), ages.max()) == (16, 29)
    assert inputs(entrants, "rqth")[None][ages > 25].all()


def test_what_is_not_crossed_is_independent(entrants, making):
    """Steps draw from streams of their own: the same one would sort everyone the same way."""
    shares = [
        entrants.attributes["qpv"],
        entrants.attributes["homme"],
        making.disabled,
        entrants.attributes["duree"] > 6,
        making.tiers() > 0,
    ]
    correlations = numpy.corrcoef(numpy.array(shares, dtype=float)) - numpy.eye(len(shares))
    assert abs(correlations).max() < 0.03


def test_diplomas_follow_the_published_shares(entrants):
    diplomas, operators = entrants.attributes["diplome"], entrants.attributes["operateur"]
    without = diplomas == "aucun"
    local = without[operators == "mission_locale"].mean()
    national = without[operators == "france_travail"].mean()
    assert local / national == pytest.approx(54 / 36, abs=0.001)
    for name, share in (("cap_bep", 0.13), ("baccalaureat", 0.30), ("superieur", 0.10)):
        assert (diplomas == name).mean() == pytest.approx(0.55 * share / 0.53, abs=2 / COUNT)
    assert without[entrants.attributes["age"] < 18].all()


def test_durations_have_the_published_means_and_peaks(entrants):
    durations, operators = entrants.attributes["duree"], entrants.attributes["operateur"]
    for operator, mean in (("mission_locale", 7.5), ("france_travail", 7.0)):
        counts = numpy.bincount(durations[operators == operator], minlength=13)
        assert counts @ numpy.arange(13) / counts.sum() == pytest.approx(mean, abs=0.001)
        assert sorted(numpy.argsort(counts)[-2:].tolist()) == [6, 12]
        assert counts[0] == 0
    assert durations.max() == 12
    ends = inputs(entrants, "cej_date_fin")[None]
    signatures = inputs(entrants, "cej_date_signature")[None]
    assert (ends >= signatures + 27 * synthetic.DAY).all()


def test_resources_follow_their_assumptions(making):
    covered = synthetic.coverage(making.signatures, making.ends + synthetic.DAY, making.months)
    benefit = making.unemployment_benefit()
    before = benefit[numpy.arange(COUNT), making.entries[0] - making.months[0] - 1]
    national = making.entries[1] == "france_travail"
    assert (before[national] > 500).mean() == pytest.approx(0.30, abs=0.015)
    assert not before[~national].any()
    assert before[before > 0].mean() == pytest.approx(740, abs=15)
    training = making.training_pay(numpy.zeros_like(benefit))
    assert (training > 0).any(axis=1).mean() == pytest.approx(0.34, abs=0.02)
    assert training.max() <= 685
    share, pay = making.worked
    assert 0.05 < (share * covered).sum() / covered.sum() < 0.35
    assert (pay <= making.minimum_wage() + 1e-9).all()
    assert share.max() <= 1 + 1e-12


def test_work_within_nine_months_is_what_was_observed(making):
    draw = making.draw("travail")
    nine = synthetic.shift(making.signatures, 9)
    starts, ends = making.lasting_job(draw)
    lasting = (ends > starts) & (starts <= nine)
    assert lasting.mean() == pytest.approx(0.43, abs=0.001)
    short = numpy.zeros(COUNT, dtype=bool)
    for starts, _ in making.short_jobs(draw):
        short |= starts <= nine
    assert (lasting | short).mean() == pytest.approx(0.63, abs=0.01)


def test_sanctions_are_rare_and_climb_one_rank_at_a_time(making):
    ranks = making.sanctions()
    covered = synthetic.coverage(making.signatures, making.ends + synthetic.DAY, making.months) > 0
    assert (ranks[covered] > 0).mean() == pytest.approx(0.005, abs=0.0005)
    assert not ranks[~covered].any()
    assert ranks.max() <= 3
    first = ranks[(ranks > 0).any(axis=1)]
    assert (first[numpy.arange(len(first)), (first > 0).argmax(axis=1)] == 1).all()


def test_tiers_follow_the_law_of_attachment(system, making):
    tiers = making.tiers()
    names = list(system.get_variable("cej_situation_fiscale").possible_values)
    old = making.ages >= 25
    assert {names[tier].name for tier in set(tiers[old].tolist())} == {"non_imposable"}
    minors = tiers[making.ages < 18]
    for item, share in (("au_dela", 0.173), ("premiere_tranche", 0.4486 - 0.173)):
        rank = [name.name for name in names].index(item)
        assert (minors == rank).mean() == pytest.approx(share, abs=0.03)


@pytest.mark.parametrize("total", [0, 1, 7, 100, 24197])
def test_quotas_add_up_and_stay_within_one(total):
    shares = [0.09, 0.59, 0.32, 0, 1e-6]
    counts = synthetic.quotas(shares, total)
    assert counts.sum() == total
    assert (abs(counts - numpy.array(shares) / sum(shares) * total) < 1).all()


def test_lengths_have_the_mean_asked_for():
    shares = synthetic.lengths(7.5, {6: 0.2, 12: 0.2}, 12)
    assert list(shares) == list(range(1, 13))
    assert sum(shares.values()) == pytest.approx(1)
    assert sum(month * share for month, share in shares.items()) == pytest.approx(7.5)
    with pytest.raises(ValueError, match="slope"):
        synthetic.lengths(11.9, {6: 0.2, 12: 0.2}, 12)


def test_coverage_counts_days():
    dates = numpy.array(["2024-01-16", "2024-02-01", "2024-03-10"], dtype="datetime64[D]")
    ends = numpy.array(["2024-03-01", "2024-02-02", "2024-01-01"], dtype="datetime64[D]")
    months = range(month_number("2024-01"), month_number("2024-03") + 1)
    expected = [[16 / 31, 1, 0], [0, 1 / 29, 0], [0, 0, 0]]
    assert synthetic.coverage(dates, ends, months).tolist() == expected


def test_every_published_figure_has_its_source():
    for name, entry in MARGINS.items():
        if name == "titre":
            continue
        for figure in [entry] if "valeur" in entry else entry.values():
            assert figure["libelle"], name
            assert figure["statut"] in ("lu", "relayé", "calculé"), name
            assert figure["source"]["titre"], name
            assert figure["source"]["href"].startswith("http"), name


def test_every_assumption_has_its_evidence():
    for name, entry in ASSUMPTIONS.items():
        if name == "structure":
            assert all(set(sentence) == {"libelle"} for sentence in entry)
            continue
        spread = "alternatives" if "alternatives" in entry else "plage"
        expected = {"valeur", spread, "etendue", "libelle", "indice", "statut"}
        assert set(entry) - {"source"} == expected, name
        assert entry["statut"] in ("observé ailleurs", "déduit", "convention"), name
        if entry["statut"] != "convention":
            assert entry["source"]["href"].startswith("http"), name
            assert entry["source"]["titre"], name


def test_every_figure_and_assumption_is_used_and_no_result_is(system):
    read = set()

    class Entry(dict):
        def __init__(self, name, entry):
            super().__init__(entry)
            self.name = name

        def __getitem__(self, key):
            read.add(self.name)
            return super().__getitem__(key)

    def watched(entries):
        return {
            name: Entry(name, entry) if isinstance(entry, dict) else entry
            for name, entry in entries.items()
        }

    synthetic.Entrants(system, watched(MARGINS), watched(ASSUMPTIONS), 1).population()
    figures = {*MARGINS, *ASSUMPTIONS} - {"titre", "comparaisons", "structure"}
    assert read == figures


def test_comparisons_say_when_they_do_not_match(entrants):
    totals = Totals(synthetic.WINDOW, persons=COUNT, weight=COUNT, ever_paid=0.5 * COUNT)
    lines = comparison.comparisons(entrants, totals, MARGINS)
    assert [line.agrees for line in lines] == [True, True, True, True, False]
    assert lines[-1] == Differences(
        "Payés au moins une fois (résultat)", "50,0 %", "plus de 80 %", False
    )
    totals = Totals(synthetic.WINDOW[:-1], persons=COUNT, weight=COUNT, ever_paid=0.5 * COUNT)
    assert comparison.comparisons(entrants, totals, MARGINS)[-1].agrees is None
    entrants.attributes["qpv"], saved = numpy.zeros(COUNT, dtype=bool), entrants.attributes["qpv"]
    try:
        assert not comparison.comparisons(entrants, totals, MARGINS)[3].agrees
    finally:
        entrants.attributes["qpv"] = saved
