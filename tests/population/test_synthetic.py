"""The embedded population holds the published figures, and its assumptions say what they are."""

import numpy
import pytest

from openfisca_cej.population import assumptions, comparison, engine, synthetic
from openfisca_cej.population.display import Differences
from openfisca_cej.population.months import first_day, month_number
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
    first, second = comparison.shares(entrants), comparison.shares(other)
    assert all(first[name] == second[name] for name in ("moins_de_22_ans", "sans_diplome", "qpv"))


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
        making.foyer.autonomous,
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


def test_durations_are_those_that_the_law_runs(system, entrants, making):
    """Months at the end of which the law has the contract running: the length, and its mean.

    The means are 7.5 and 7.0 scaled to 7.16 months with 64.5 % in missions locales.
    """
    scale = 7.16 / (0.645 * 7.5 + 0.355 * 7)
    months = synthetic.WINDOW
    blocks = engine.simulate(system, entrants, months, ["cej_en_cours"])
    running = next(iter(blocks)).values["cej_en_cours"]
    lasts = numpy.array([first_day(month + 1) - synthetic.DAY for month in months])
    present = running & (making.signatures[:, None] <= lasts) & (making.ends[:, None] >= lasts)
    durations, operators = entrants.attributes["duree"], entrants.attributes["operateur"]
    for operator, mean in (("mission_locale", 7.5), ("france_travail", 7.0)):
        own = operators == operator
        assert present[own].sum(axis=1).mean() == pytest.approx(mean * scale, abs=0.01)
        counts = numpy.bincount(durations[own], minlength=13)
        assert sorted(numpy.argsort(counts)[-2:].tolist()) == [6, 12]
        assert counts[6] / own.sum() == pytest.approx(0.286, abs=0.001)
        assert counts[0] == 0
    # All but those whom the age leaves less than a month.
    assert (present.sum(axis=1) == durations).mean() > 0.99
    birthdays = synthetic.shift(making.births, 12 * numpy.where(making.disabled, 30, 26))
    assert (making.ends < birthdays).all()


def test_lengths_are_dealt_within_capacities():
    draw = numpy.random.default_rng(1)
    shares = {1: 0.25, 6: 0.5, 12: 0.25}
    capacities = numpy.array([0, 1, 5, 6, 11, 12, 14, 20])
    found = synthetic.fitted(shares, capacities, draw)
    assert sorted(found.tolist()) == [1, 1, 6, 6, 6, 6, 12, 12]
    # Two lengths of a month for the three who can have no other: the last has the shortest left.
    assert sorted(found[:3].tolist()) == [1, 1, 6]
    assert (found[3:5] == 6).all()


@pytest.mark.parametrize("total", [0, 1, 7, 100, 24197])
def test_quotas_add_up_and_stay_within_one(total):
    shares = [0.09, 0.59, 0.32, 0, 1e-6]
    counts = synthetic.quotas(shares, total)
    assert counts.sum() == total
    assert (abs(counts - numpy.array(shares) / sum(shares) * total) < 1).all()


def test_lengths_have_the_mean_asked_for():
    shape = dict.fromkeys(range(1, 13), 1 / 12)
    shares = synthetic.lengths(7.5, {6: 0.2, 12: 0.2}, shape)
    assert list(shares) == list(range(1, 13))
    assert sum(shares.values()) == pytest.approx(1)
    assert sum(month * share for month, share in shares.items()) == pytest.approx(7.5)
    with pytest.raises(ValueError, match="slope"):
        synthetic.lengths(11.9, {6: 0.2, 12: 0.2}, shape)


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
        spread = "plage" if entry["loi"] == "triangulaire" else "alternatives"
        expected = {"valeur", "loi", spread, "etendue", "libelle", "indice", "statut"}
        assert set(entry) - {"source"} == expected, name
        assert entry["loi"] in ("triangulaire", "choix", "fixe"), name
        assert bool(entry.get("alternatives")) == (entry["loi"] == "choix"), name
        assert entry["statut"] in ("fait", "autre population", "convention"), name
        if entry["statut"] != "convention":
            assert entry["source"]["href"].startswith("http"), name
            assert entry["source"]["titre"], name


def test_no_assumption_is_at_the_end_of_its_range():
    for factor in assumptions.factors(ASSUMPTIONS):
        if factor.bounds is not None:
            low, high = factor.bounds
            assert low < factor.value < high, factor.label


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
    lines = {line.label: line for line in comparison.comparisons(entrants, totals, MARGINS)}
    paid = lines["Payés au moins une fois"]
    assert paid == Differences(paid.label, "50,0 %", "plus de 80 %", False, "résultat")
    marked = [line.agrees for line in lines.values() if line.kind == "entrée"]
    assert marked == [True, True, True, True]
    totals = Totals(synthetic.WINDOW[:-1], persons=COUNT, weight=COUNT, ever_paid=0.5 * COUNT)
    lines = {line.label: line for line in comparison.comparisons(entrants, totals, MARGINS)}
    assert lines["Payés au moins une fois"].agrees is None
    entrants.attributes["qpv"], saved = numpy.zeros(COUNT, dtype=bool), entrants.attributes["qpv"]
    try:
        lines = comparison.comparisons(entrants, totals, MARGINS)
        assert [line.agrees for line in lines if "QPV" in line.label] == [False]
    finally:
        entrants.attributes["qpv"] = saved


def test_every_figure_of_the_release_is_marked(entrants):
    figures = synthetic.load("communique_paca_2023")["chiffres"]
    kinds = {entry["nature"] for entry in figures.values()}
    assert kinds == {"entrée", "hypothèse", "résultat", "non modélisé"}
    for name, entry in figures.items():
        assert ("pourquoi" in entry) == (entry["nature"] == "non modélisé"), name
    found = comparison.Interval((0.7, 0.78, 0.83), (0.6, 0.7, 0.79))
    totals = Totals(synthetic.WINDOW, persons=COUNT, weight=COUNT, ever_paid=0.5 * COUNT)
    lines = comparison.comparisons(entrants, totals, MARGINS, found)
    assert len(lines) == len(figures) + 2
    drawn = [line for line in lines if "tirages" in line.label]
    assert [line.simulated for line in drawn] == [
        "78,0 % [70,0 % à 83,0 %]",
        "70,0 % [60,0 % à 79,0 %]",
    ]
    assert [line.agrees for line in drawn] == [True, False]


def test_the_interval_is_that_of_the_draws(system, monkeypatch):
    """Two draws in which nobody's file is ever opened: nobody is paid."""
    given = assumptions.read(assumptions.STATED)
    none = {"mission_locale": 1.0, "france_travail": 1.0}
    closed = {**given["part_dossiers_jamais_ouverts"], "valeur": none}
    draws = [({**given, "part_dossiers_jamais_ouverts": closed}, {})] * 2
    monkeypatch.setattr(comparison.named_assumptions, "draws", lambda *_: draws)
    monkeypatch.setattr(comparison, "SIZE", 300)
    found = comparison.interval(system, assumptions.STATED, given, 1, draws=2)
    assert found == ((0, 0, 0), (0, 0, 0))
    monkeypatch.setattr(comparison.named_assumptions, "draws", lambda *_: [(given, {})] * 2)
    found = comparison.interval(system, assumptions.STATED, given, 1, draws=2)
    assert 0.5 < found.before[1] <= found.whole[1] < 1
