"""Synthetic populations hold what is published, follow their assumptions, and can be read back."""

import csv
from fractions import Fraction

import numpy
import pytest
import yaml
from populations import write

from openfisca_cej import names
from openfisca_cej.population import assumptions, engine, flat, synthetic, universes
from openfisca_cej.population.months import month_range
from openfisca_cej.population.raking import CannotRake
from openfisca_cej.population.reader import read as read_csv
from openfisca_cej.population.summary import Totals

SIZE = 2000
KINDS = [
    (universe, region, year)
    for universe in ("entrants", "neet")
    for region in universes.REGIONS
    for year in (2022, 2023)
]
ALLOWANCE = "cej_allocation"


def build(system, universe="entrants", region="France", year=2023, size=SIZE, seed=3, **changes):
    """A population, with some assumptions replaced."""
    given = dict(assumptions.read())
    for name, value in changes.items():
        given[name] = {**given[name], "valeur": value}
    return universes.drawn(system, universe, region, year, size, seed, given, 0, size)


def inputs(population, name):
    """Values of a variable, by period."""
    return {i.period: i.values for i in population.inputs if i.variable == name}


@pytest.fixture(scope="module")
def entrants_2023(system):
    """France, entrants of 2023."""
    return build(system)


@pytest.fixture(scope="module")
def neet_2023(system):
    """France, out of work and training on 1 January 2023."""
    return build(system, "neet")


@pytest.mark.parametrize(("universe", "region", "year"), KINDS)
def test_every_margin_is_achieved(system, universe, region, year):
    made = build(system, universe, region, year)
    weights = made.population.weights
    assert weights.sum() == pytest.approx(made.total, abs=0.01)
    assert (weights > 0).all()
    assert weights.max() < 2 * weights.min()
    assert len(made.aims) > 12
    for aim in made.aims:
        if aim.values is None:
            assert abs(aim.achieved(weights) - aim.target) < 0.005, aim.label
        else:
            assert aim.achieved(weights) == pytest.approx(aim.target, rel=0.005), aim.label
        entry = made.published[aim.name]
        assert entry["statut"] in ("lu", "relayé", "calculé")
        assert entry["source"]["titre"]
        assert entry["source"]["href"].startswith("http")


def test_totals_are_the_published_ones(system, entrants_2023, neet_2023):
    assert entrants_2023.total == 313_497
    assert build(system, year=2022).total == 277_463
    assert build(system, region="PACA", year=2022).total == 24_197
    # 81, 401 and 536 thousand, and the disabled workers among 497 thousand older ones.
    assert neet_2023.total == pytest.approx(1_018_000 + 0.043 * 497_000)
    assert build(system, "neet", "PACA").total == pytest.approx(0.076 * neet_2023.total)


def test_the_published_figures_themselves(entrants_2023):
    """Numbers written here again, from the publications: not those of the data file."""
    people, weights = entrants_2023.population.attributes, entrants_2023.population.weights

    def share(who, among=slice(None)):
        return weights[among][who[among]].sum() / weights[among].sum()

    local = people["operateur"] == "mission_locale"
    none = people["diplome"] == "aucun"
    assert share(local) == pytest.approx(0.645)
    assert share(people["age"] < 18) == pytest.approx(0.09)
    assert share(people["age"] < 22) == pytest.approx(0.68)
    assert share(none, local) == pytest.approx(0.54)
    assert share(none, ~local) == pytest.approx(0.36)
    for level, expected in (("aucun", 48), ("cap_bep", 13), ("baccalaureat", 30)):
        assert share(people["diplome"] == level) == pytest.approx(expected / 101, abs=0.001)
    assert share(people["qpv"]) == pytest.approx(0.19)
    assert share(people["region"] == "PACA") == pytest.approx(24197 / 277463, abs=1e-4)
    assert local[people["age"] < 18].all()
    months = inputs(entrants_2023.population, "cej_date_signature")[None].astype("datetime64[M]")
    october = weights[months == numpy.datetime64("2023-10")].sum()
    assert october == pytest.approx(37_177, abs=0.1)


def test_the_region_of_2022_has_its_own_figures(system):
    made = build(system, region="PACA", year=2022)
    people, weights = made.population.attributes, made.population.weights / made.total
    assert weights[people["diplome"] == "aucun"].sum() == pytest.approx(0.45)
    assert weights[people["qpv"]].sum() == pytest.approx(0.214)
    assert weights[people["age"] < 22].sum() == pytest.approx(0.68)


def test_neet_have_no_contract_and_no_job_on_the_first_day(system):
    population = build(system, "neet", part_travail_avant_signature=0.0).population
    assert not inputs(population, "cej_date_signature")
    assert not inputs(population, "salaire_net")["2022-12"].any()
    assert inputs(population, "salaire_net")["2023-06"].any()
    people = population.attributes
    ages = people["age"]
    births = inputs(population, "date_naissance")[None]
    assert (synthetic.age_at(births, numpy.datetime64("2023-01-01")) == ages).all()
    assert inputs(population, "rqth")[None][ages > 25].all()
    assert people["chez_un_parent"][ages < 18].all()
    assert set(people["diplome"][ages < 18]) == {"aucun"}
    benefit = inputs(population, "chomage_net")["2022-12"] > 500
    assert benefit[people["situation"] == "chomeur"].mean() == pytest.approx(0.30, abs=0.05)
    assert benefit[people["situation"] != "chomeur"].mean() == pytest.approx(0.02, abs=0.02)


@pytest.mark.parametrize("universe", ["entrants", "neet"])
def test_a_longer_history_leaves_the_other_months_as_they_were(system, universe):
    given = (system, universe, "France", 2023, 400, 3, assumptions.read())
    short, long = (next(universes.blocks(*given, history=length)) for length in (1, 3))
    inputs_of = [
        {(item.variable, item.period): item.values for item in made.population.inputs}
        for made in (short, long)
    ]
    assert all((values == inputs_of[1][key]).all() for key, values in inputs_of[0].items())
    added = inputs_of[1].keys() - inputs_of[0].keys()
    assert {period for _, period in added if len(period) > 4} == {"2022-10", "2022-11"}
    # The benefit comes from before; some left a job on the eve.
    assert {name for name, period in added if inputs_of[1][name, period].any()} == {
        "chomage_net",
        "salaire_net",
        *(name for name, period in added if len(period) == 4),
    }
    assert (short.population.weights == long.population.weights).all()


def test_a_job_before_the_signature_is_an_assumption(system):
    made = build(system, part_travail_avant_signature=0.25, emploi_court_maximum=1, size=400)
    signed = inputs(made.population, "cej_date_signature")[None].astype("datetime64[M]")
    before = [str(month) for month in signed - numpy.timedelta64(1, "M")]
    wages = inputs(made.population, "salaire_net")
    eve = numpy.array(
        [wages.get(month, numpy.zeros(400))[person] for person, month in enumerate(before)]
    )
    # A job of a month covers some of the month before, unless one signs on the 1st.
    assert 70 <= (eve > 0).sum() <= 130
    made = build(system, part_travail_avant_signature=0.0, size=400)
    none = inputs(made.population, "salaire_net")
    assert not any(none.get(month, numpy.zeros(400))[person] for person, month in enumerate(before))


def test_resources_come_and_go(entrants_2023):
    population = entrants_2023.population
    for name in ("salaire_net", "chomage_net", "revenus_stage_formation_pro"):
        months = inputs(population, name)
        table = numpy.array([months[period] for period in sorted(months)]) > 0
        some = table.any(axis=0)
        assert some.sum() > 30
        assert (~table[:, some]).any(axis=0).mean() > 0.9, name


def test_the_same_seed_gives_the_same_population(system, entrants_2023):
    again, other = build(system), build(system, seed=4)
    first = entrants_2023.population
    assert (again.population.weights == first.weights).all()
    for item, same in zip(first.inputs, again.population.inputs, strict=True):
        assert (item.values == same.values).all()
    assert (inputs(other.population, "date_naissance")[None] != first.inputs[0].values).any()


def test_assumptions_change_what_they_name(system):
    none = {"cadre": 0.0, "autre": 0.0}
    made = build(system, part_foyers_imposes=none, part_foyers_au_dela=none, part_rqth=0.0)
    assert not inputs(made.population, "rqth")[None].any()
    months = month_range("2023-10:2023-10")
    tiers = next(engine.simulate(system, made.population, months, [names.TIER]))
    assert not tiers.values[names.TIER].any()
    unpaid = build(system, part_formations_remunerees=0.0)
    assert not inputs(unpaid.population, "revenus_stage_formation_pro")
    neet = build(system, "neet", part_rqth=0.0)
    assert neet.total == 1_018_000
    assert neet.population.attributes["age"].max() == 25


def test_too_few_persons_are_refused(system):
    with pytest.raises(CannotRake, match="nobody in"):
        build(system, size=5)


def test_the_file_is_read_back_and_pays_the_same(system, entrants_2023, tmp_path):
    months = month_range("2023-01:2023-06")
    path = tmp_path / "entrants.csv"
    written = flat.write(path, system, [entrants_2023.population])
    assert written == [path, tmp_path / "entrants_attributs.csv"]
    assert sorted(tmp_path.iterdir()) == sorted(written)
    population = read_csv(path, system, months)
    assert population.ids == entrants_2023.population.ids
    assert (population.weights == entrants_2023.population.weights).all()
    paid = [
        next(engine.simulate(system, people, months, [ALLOWANCE])).values[ALLOWANCE]
        for people in (population, entrants_2023.population)
    ]
    assert (paid[0] == paid[1]).all()
    assert (paid[0] > 0).mean() > 0.1
    with written[1].open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["individu_id"] for row in rows] == population.ids
    assert set(rows[0]) == {"individu_id", *entrants_2023.population.attributes}
    assert {row["qpv"] for row in rows} == {"oui", "non"}


def test_parquet_holds_the_same_columns(system, neet_2023, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "neet.parquet"
    flat.write(path, system, [neet_2023.population])
    table = parquet.read_table(path)
    columns = flat.inputs(system, neet_2023.population)
    assert table.column_names == list(columns)
    assert table["poids"].to_numpy().tolist() == neet_2023.population.weights.tolist()
    assert str(table["date_naissance"].type) == "date32[day]"
    assert table["rni@2021"].to_numpy().tolist() == columns["rni@2021"].tolist()
    from openfisca_cej.population.reader import read as read_parquet

    read = read_parquet(path, system, month_range("2023-01:2023-12"))
    assert (read.weights == neet_2023.population.weights).all()
    assert list(read.ids) == neet_2023.population.ids
    kept = {(item.variable, item.period): item.values for item in read.inputs}
    for item in neet_2023.population.inputs:
        assert (kept[item.variable, item.period] == item.values).all()
    beside = parquet.read_table(tmp_path / "neet_attributs.parquet")
    assert beside["situation"].to_pylist() == neet_2023.population.attributes["situation"].tolist()


def test_nothing_is_written_when_writing_fails(system, entrants_2023, tmp_path):
    def broken():
        yield entrants_2023.population
        raise OSError(28, "No space left on device")

    for name in ("x.csv", "x.parquet"):
        with pytest.raises(OSError, match="space"):
            flat.write(tmp_path / name, system, broken())
    assert not list(tmp_path.iterdir())


def test_a_population_that_is_there_is_replaced_only_when_asked(system, entrants_2023, tmp_path):
    path = tmp_path / "x.csv"
    people = [entrants_2023.population]
    for mine in (path, flat.attributes_path(path)):
        mine.write_text("mine")
        with pytest.raises(FileExistsError, match=mine.name):
            flat.write(path, system, iter([]))  # Refused before anything is drawn.
        assert mine.read_text() == "mine"
        mine.unlink()

    def late():
        yield from people
        path.write_text("mine")  # Somebody was faster.

    with pytest.raises(FileExistsError):
        flat.write(path, system, late())
    assert [(found.name, found.read_text()) for found in tmp_path.iterdir()] == [("x.csv", "mine")]
    flat.write(path, system, people, overwrite=True)
    assert sorted(found.name for found in tmp_path.iterdir()) == ["x.csv", "x_attributs.csv"]


@pytest.mark.parametrize("universe", ["entrants", "neet"])
def test_a_population_in_blocks_holds_the_margins_too(system, universe, tmp_path):
    given = assumptions.read()
    whole = build(system, universe, size=1500, seed=3)
    tally = universes.Tally()

    def drawn():
        for made in universes.blocks(system, universe, "France", 2023, 1500, 3, given, block=600):
            tally.add(made)
            yield made.population

    path, _ = flat.write(tmp_path / "x.csv", system, drawn())
    assert tally.persons == 1500
    assert tally.weight == pytest.approx(whole.total, abs=0.01)
    for aim, found in zip(whole.aims, tally.achieved, strict=True):
        assert found == pytest.approx(aim.target, abs=0.006 * max(1, aim.target)), aim.label
    read = read_csv(path, system, month_range("2023-01:2023-12"))
    assert read.count == 1500
    assert len(set(read.ids)) == 1500
    assert read.weights.sum() == pytest.approx(whole.total, abs=0.01)
    births = inputs(read, "date_naissance")[None]
    assert (births[:500] != births[500:1000]).any()


def test_blocks_must_have_the_same_columns(system, entrants_2023, neet_2023, tmp_path):
    populations = [entrants_2023.population, neet_2023.population]
    with pytest.raises(ValueError, match="same columns"):
        flat.write(tmp_path / "x.csv", system, populations)
    assert not list(tmp_path.iterdir())


def test_weighted_totals_are_exact_to_the_centime(system, entrants_2023):
    months = month_range("2023-01:2023-12")
    population = entrants_2023.population
    totals = Totals(months, population.weights)
    amounts = numpy.empty((population.count, len(months)))
    for block in engine.simulate(system, population, months, ["cej_en_cours", ALLOWANCE], 300):
        totals.add(block)
        amounts[block.persons] = block.values[ALLOWANCE]
    weights = [Fraction(weight) for weight in population.weights.tolist()]
    whole = Fraction(0)
    for rank in range(len(months)):
        centimes = numpy.rint(amounts[:, rank] * 100).astype(int).tolist()
        exact = sum(w * c for w, c in zip(weights, centimes, strict=True))
        payees = sum(w for w, c in zip(weights, centimes, strict=True) if c)
        assert round(exact) == round(totals.centimes[rank])
        assert abs(exact - Fraction(totals.centimes[rank])) < Fraction(1, 1000)
        assert abs(payees - Fraction(totals.payees[rank])) < Fraction(1, 10**6)
        whole += exact
    assert abs(whole - Fraction(totals.centimes.sum())) < Fraction(1, 100)
    assert whole > 10**10


# Assumptions.


def replaced(tmp_path, *lines):
    """The assumptions read with a file of these lines."""
    return assumptions.read(write(tmp_path / "hypotheses.yaml", *lines))


def test_a_file_replaces_some_assumptions(tmp_path):
    read = replaced(tmp_path, "part_rqth: 0.1", "part_are_plus_de_500: {france_travail: 0.2}")
    assert read["part_rqth"]["valeur"] == 0.1
    assert read["part_are_plus_de_500"]["valeur"] == {"mission_locale": 0.02, "france_travail": 0.2}
    assert assumptions.read()["part_rqth"]["valeur"] == 0.043
    labels = {factor.label for factor in assumptions.factors(read)}
    assert not {"part_rqth", "part_are_plus_de_500.france_travail"} & labels
    assert "part_formes" in labels


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("part_rqt: 0.1", "« part_rqt » is not an assumption. Did you mean « part_rqth »?"),
        ("zzz: 1", "« zzz » is not an assumption."),
        ("structure: []", "« structure » is not an assumption."),
        ("part_rqth: 1.2", "« 1.2 » is not a share between 0 and 1"),
        ("part_rqth: -0.1", "« -0.1 » is less than 0"),
        ("are_moyenne: 400", "« 400 » is less than 501"),
        ("part_rqth: beaucoup", "« beaucoup » is not a number"),
        ("part_rqth: true", "« True » is not a number"),
        ("part_rqth: .nan", "« nan » is not between 0"),
        ("part_are_plus_de_500: 0.2", "one value for each of mission_locale, france_travail"),
        ("part_are_plus_de_500: {cap_emploi: 0.2}", "« cap_emploi » is not one of"),
        ("mineurs_sans_diplome: 3", "« 3 » is neither true nor false"),
        ("part_foyers_au_dela: {autre: 0.9}", "part_foyers_au_dela: it exceeds part_foyers"),
        ("are_minimum: 800", "are_minimum: it exceeds are_moyenne"),
        ("nombre_enfants: {1: 0, 2: 0, 3: 0}", "nombre_enfants: one of its values at least"),
        ("- part_rqth", "write one « name: value » a line"),
        ("part_rqth: [", "it is not YAML"),
    ],
)
def test_a_bad_file_of_assumptions_is_refused(tmp_path, line, sentence):
    with pytest.raises(assumptions.BadAssumptions) as caught:
        replaced(tmp_path, line)
    assert sentence in str(caught.value)
    assert "hypotheses.yaml" in str(caught.value)


def test_all_the_faults_of_a_file_are_told(tmp_path):
    with pytest.raises(assumptions.BadAssumptions) as caught:
        replaced(tmp_path, "part_rqt: 0.1", "part_formes: x", "part_hommes: 0.5")
    assert len(str(caught.value).splitlines()) == 2


def test_draws_stay_in_their_ranges_and_reach_them():
    draw = numpy.random.default_rng(1)
    given = assumptions.read()
    taken = [assumptions.drawn(given, draw) for _ in range(300)]
    for factor in assumptions.factors(given):
        ranks = numpy.array([ranks[factor.label] for _, ranks in taken])
        values = [values[factor.name]["valeur"] for values, _ in taken]
        if factor.key is not None:
            values = [value[factor.key] for value in values]
        if factor.bounds is None:
            assert {str(value) for value in values} == {str(value) for value in factor.choices}
        else:
            low, high = factor.bounds
            assert low <= factor.value <= high, factor.label
            assert ((ranks >= low) & (ranks <= high)).all(), factor.label
            assert ranks.std() > 0, factor.label
    assert given == assumptions.read()
    for low, high in assumptions.ORDERED:
        assert not any(
            assumptions.exceeds(values[low]["valeur"], values[high]["valeur"])
            for values, _ in taken
        )


def test_the_law_of_a_range_is_triangular():
    """By hand: on [0, 4] with its mode at 1, a quarter lies under the mode; half under 4 − √6."""
    factor = assumptions.Factor("x", None, 1.0, (0.0, 4.0))
    found = [factor.at(rank)[1] for rank in (0, 0.25, 0.5, 1)]
    assert found == pytest.approx([0, 1, 4 - 6**0.5, 4])
    choice = assumptions.Factor("y", None, "a", choices=("a", "b"))
    assert [choice.at(rank) for rank in (0, 0.49, 0.5, 1)] == [
        ("a", 0.0),
        ("a", 0.0),
        ("b", 1.0),
        ("b", 1.0),
    ]


def test_extreme_assumptions_still_make_a_population(system):
    given = assumptions.read()
    for side in (0, 1):
        extreme = dict(given)
        for factor in assumptions.factors(given):
            value = factor.bounds[side] if factor.bounds else factor.choices[-side]
            if factor.key is not None:
                value = {**extreme[factor.name]["valeur"], factor.key: value}
            extreme[factor.name] = {**extreme[factor.name], "valeur": value}
        for universe in ("entrants", "neet"):
            made = universes.drawn(system, universe, "France", 2023, 1000, 1, extreme, 0)
            for item in made.population.inputs:
                if item.values.dtype.kind == "f":
                    assert (item.values >= 0).all(), (side, item.variable)
                    assert numpy.isfinite(item.values).all()


def test_every_published_entry_is_complete():
    for name in ("marges_entrants", "marges_neet"):
        for universe, entries in synthetic.load(name).items():
            for key, entry in entries.items():
                if key == "titre":
                    continue
                assert set(entry) == {"libelle", "valeur", "statut", "source"}, (universe, key)
                assert entry["statut"] in ("lu", "relayé", "calculé")
    counts = synthetic.load("marges_entrants")
    for name, months in (("france_2022", 10), ("france_2023", 12), ("france_2022_2023", 22)):
        entries = counts[name]["entrees_mensuelles"]["valeur"].values()
        sums = [sum(n.values()) if isinstance(n, dict) else n for n in entries]
        assert sum(sums) == counts[name]["entrees"]["valeur"]
        assert len(sums) == months
    both = counts["france_2022_2023"]["entrees_mensuelles"]["valeur"].values()
    local = sum(numbers["mission_locale"] for numbers in both)
    assert local / 590_960 == pytest.approx(0.645, abs=1e-5)


def test_the_yaml_files_have_no_repeated_key():
    class Strict(yaml.SafeLoader):
        pass

    def mapping(loader, node):
        keys = [loader.construct_object(key) for key, _ in node.value]
        assert len(keys) == len(set(keys)), keys
        return yaml.SafeLoader.construct_mapping(loader, node, deep=True)

    Strict.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)
    for path in synthetic.DATA.iterdir():
        if path.name.endswith(".yaml"):
            yaml.load(path.read_text(encoding="utf-8"), Strict)


def test_cells_keep_all_the_digits_and_are_quoted_if_they_must():
    values = numpy.array([0, 12.5, 1234.56, 3e6 + 0.25])
    whole = numpy.array([0, 7, 3, 100_000])
    truths = numpy.array([True, False, False, True])
    days = numpy.array(["2024-02-29"] * 4, dtype="datetime64[D]")
    others = numpy.array([-2.0, 1 / 3, 0.1, 1e-7])
    words = ["a,b", 'dit "oui"', "c", "é"]
    assert [*map(flat.texts, [values, whole, days, truths, others, words, 0.0 * whole])] == [
        ["0", "12.5", "1234.56", "3000000.25"],
        ["0", "7", "3", "100000"],
        ["2024-02-29"] * 4,
        ["oui", "non", "non", "oui"],
        ["-2", repr(1 / 3), "0.1", "1e-07"],
        ['"a,b"', '"dit ""oui"""', "c", "é"],
        ["0"] * 4,
    ]
