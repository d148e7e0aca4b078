"""Validation: results counted by hand, verdicts, what moves them, and nothing learnt from them."""

import ast
import builtins
import io
from pathlib import Path

import numpy
import pytest

import openfisca_cej.population
from openfisca_cej.population import assumptions, synthetic, universes, validation
from openfisca_cej.population.months import month_number, month_text
from openfisca_cej.population.validation import Run, drivers, outcome, ranked

PUBLISHED = synthetic.load("validation")
PACKAGE = Path(openfisca_cej.population.__file__).parent

#: Who may read the published results: the judge, and what the protocol calibrates.
JUDGES = {"validation.py", "calibration.py"}


#: The release of the region, which has a result too.
RELEASE = "communique_paca_2023"


@pytest.fixture(scope="module")
def small(system):
    """A validation of a few small draws."""
    return validated(system, 6, 600, 5)


def validated(system, count, size, seed, given=None):
    """A validation of so many draws from the stated ranges."""
    given = given or assumptions.read(assumptions.STATED)
    draws = assumptions.draws(assumptions.STATED, given, count, seed)
    return validation.validate(system, given, draws, size, seed)


# Nothing that makes a population knows the results.


def test_only_judges_name_the_file_of_results():
    for path in PACKAGE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
        imported = {
            alias.name
            for node in ast.walk(tree)
            if isinstance(node, (ast.Import, ast.ImportFrom))
            for alias in node.names
        } | {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        reads = "validation" in texts or any("validation.yaml" in str(text) for text in texts)
        if path.name not in JUDGES:
            assert not any(str(name).rpartition(".")[2] == "validation" for name in imported), path
            code = {text for text in texts if text == "validation"}
            assert not code, path
        else:
            assert reads, path


def test_only_the_table_of_the_main_job_reads_the_release():
    readers = [path.name for path in PACKAGE.rglob("*.py") if RELEASE in path.read_text("utf-8")]
    assert readers == ["comparison.py"]


@pytest.mark.parametrize("universe", ["entrants", "neet"])
def test_making_a_population_opens_no_file_of_results(system, universe, monkeypatch):
    opened = []
    for module, name in ((builtins, "open"), (io, "open")):
        real = getattr(module, name)

        def watched(file, *arguments, real=real, **options):
            opened.append(str(file))
            return real(file, *arguments, **options)

        monkeypatch.setattr(module, name, watched)
    synthetic.load.cache_clear()
    given = assumptions.read()
    assumptions.drawn(given, numpy.random.default_rng(1))
    universes.drawn(system, universe, "France", 2023, 500, 1, given, 0)
    names = {Path(name).name for name in opened}
    assert "hypotheses.yaml" in names
    assert any(name.startswith("marges_") for name in names)
    results = ("validation", "publie_annees", RELEASE)
    assert not any(result in name for name in names for result in results)


def test_no_result_is_in_the_files_that_make_a_population():
    results = [
        *(f"{value:g}" for entry in PUBLISHED.values() for value in figures(entry) if value > 1000),
    ]
    assert len(results) > 20
    for path in (PACKAGE / "data").glob("*.yaml"):
        text = path.read_text(encoding="utf-8").replace(" ", "").replace(" ", "")
        if path.name not in ("validation.yaml", "preregistration.yaml", "publie_annees.yaml"):
            assert not [number for number in results if number in text], path
            assert "validation.yaml" not in text, path


def figures(entry):
    """Figures of a published result."""
    return entry["publie"].values() if isinstance(entry["publie"], dict) else entry["publie"]


def test_every_result_has_its_source_and_tolerance():
    for name, entry in PUBLISHED.items():
        assert entry["statut"] in ("lu", "relayé", "calculé"), name
        assert entry["source"]["href"].startswith("http"), name
        if name not in (validation.SERIES, validation.STOCK):
            low, high = entry["publie"]
            assert low <= high
            assert entry["tolerance"] >= 0
            assert entry["definition"]


def series(name):
    """A published monthly series, from its first month to May 2024."""
    values = PUBLISHED[name]["publie"]
    return numpy.array([values[month_text(month)] for month in validation.KNOWN], dtype=float)


def test_each_target_of_the_series_is_what_the_model_is_measured_by():
    """The raw series, through the very function that measures the model."""
    found = validation.of_series(series(validation.SERIES), series(validation.STOCK))
    assert len(found) == 10
    for name, value in found.items():
        low, high = PUBLISHED[name]["publie"]
        assert low == high
        tolerance = 0.00005 if PUBLISHED[name]["unite"] == "part" else 0.5
        assert abs(value - low) <= tolerance, name


def test_bounds_of_the_euros_are_what_their_definitions_say():
    low, high = PUBLISHED["depense_2023"]["publie"]
    fewest, most = PUBLISHED["payes_2023"]["publie"]
    assert PUBLISHED["montant_par_jeune_2023"]["publie"] == [
        round(1e6 * low / most),
        round(1e6 * high / fewest),
    ]
    least, greatest = PUBLISHED["montant_moyen_2023"]["publie"]
    # About 1.67 million paid months, and no more than 498 € each.
    assert least < 1e6 * low / 1.67e6 < greatest < 498


def test_lengths_of_contracts_are_what_entries_and_stock_imply():
    """Non-negative least squares, with shares that add up to one; March 2022 to June 2024."""
    scipy = pytest.importorskip("scipy.optimize")
    margins = synthetic.load("marges_entrants")["france_2022_2024"]
    entries = [sum(n.values()) for n in margins["entrees_mensuelles"]["valeur"].values()]
    entries.append(23_447)  # June 2024, after the last cohort that is followed
    stock = numpy.array(list(PUBLISHED[validation.STOCK]["publie"].values()), dtype=float)
    assert len(entries) == len(stock) == 28
    longest = range(1, 13)
    present = numpy.array(
        [
            [sum(entries[max(0, month - length + 1) : month + 1]) for length in longest]
            for month in range(28)
        ],
        dtype=float,
    )
    one = 1e7
    rows = numpy.vstack([present, numpy.full(12, one)])
    shares, _ = scipy.nnls(rows, numpy.append(stock, one))
    assert dict(zip(longest, shares.round(3), strict=True)) == margins["durees_observees"]["valeur"]
    assert abs(present @ shares / stock - 1).max() < 0.0445
    mean = shares @ numpy.array(longest)
    operators = {"mission_locale": 7.5, "france_travail": 7.0}
    whole = 0.645 * 7.5 + 0.355 * 7.0
    for name, months in operators.items():
        expected = mean * months / whole
        assert margins["durees"]["valeur"][name] == pytest.approx(expected, abs=0.001)


# The measures.


class Contracts:
    """Three contracts; the first ends within a month, the second on the last day of one."""

    signatures = numpy.array(["2022-12-10", "2023-01-05", "2023-12-20"], dtype="datetime64[D]")
    ends = numpy.array(["2023-02-14", "2023-03-31", "2024-06-19"], dtype="datetime64[D]")


def test_results_counted_by_hand(monkeypatch):
    monkeypatch.setattr(validation, "regional", lambda persons, paid: 0.5)
    months = list(validation.MONTHS)
    running = numpy.zeros((3, len(months)), dtype=bool)
    amounts = numpy.zeros((3, len(months)))

    def pay(person, month, amount):
        rank = months.index(month_number(month))
        running[person, rank] = True
        amounts[person, rank] = amount

    for month, amount in (("2022-12", 500), ("2023-01", 520), ("2023-02", 100.5)):
        pay(0, month, amount)
    for month, amount in (("2023-01", 0), ("2023-02", 300.25), ("2023-03", 0)):
        pay(1, month, amount)
    for month in ("2023-12", "2024-01"):
        pay(2, month, 0)
    persons = {
        "operateur": numpy.array(["mission_locale", "france_travail", "france_travail"]),
        "mois": numpy.array([month_number(m) for m in ("2022-12", "2023-01", "2023-12")]),
    }
    weights = numpy.array([10.0, 20.0, 40.0])
    # Nobody is in a CEJ in some months: payees ÷ stock is not a number here.
    with numpy.errstate(invalid="ignore"):
        run = validation.measured(persons, weights, Contracts, running, amounts)
    found = run.results
    assert found["payes_ml"] == 1
    assert found["payes_ft"] == pytest.approx(20 / 60)
    assert found["payes"] == pytest.approx(30 / 70)
    # 2023: person 0 twice (520 and 100.50 €), person 1 once (300.25 €).
    assert found["depense_2023"] * 1e6 == pytest.approx(10 * 620.5 + 20 * 300.25)
    assert found["payes_2023"] == 30
    assert found["montant_moyen_2023"] == pytest.approx((6205 + 6005) / (10 * 2 + 20))
    assert found["montant_par_jeune_2023"] == pytest.approx(12210 / 30)
    # In February, person 0 is paid but gone before the last day: due, not counted by Dares.
    january, february = (months.index(month_number(m)) for m in ("2023-01", "2023-02"))
    assert (run.monthly[january], run.due[january]) == (10, 10)
    assert (run.monthly[february], run.due[february]) == (20, 30)
    assert found["allocataires_maximum"] == 20
    assert found["allocataires_minimum"] == 0
    assert found["allocataires_moyenne"] == pytest.approx(30 / 12)


def test_entrants_of_2024_are_not_followed_to_their_end():
    """They count among the payees of 2024, not among those paid at least once."""
    months = list(validation.MONTHS)

    class Three:
        signatures = numpy.array(["2023-01-01", "2024-02-01", "2024-02-01"], dtype="datetime64[D]")
        ends = numpy.array(["2023-12-31", "2024-12-31", "2024-12-31"], dtype="datetime64[D]")

    running = numpy.ones((3, len(months)), dtype=bool)
    amounts = numpy.zeros((3, len(months)))
    amounts[0, months.index(month_number("2023-06"))] = 500
    amounts[1, months.index(month_number("2024-03"))] = 500
    persons = {
        "operateur": numpy.full(3, "mission_locale"),
        "mois": numpy.array([month_number(text) for text in ("2023-01", "2024-02", "2024-02")]),
    }
    with pytest.MonkeyPatch.context() as patch, numpy.errstate(all="ignore"):
        patch.setattr(validation, "regional", lambda persons, paid: 0.5)
        found = validation.measured(persons, numpy.ones(3), Three, running, amounts).results
    assert found["payes"] == 1
    assert found["allocataires_2024"] == pytest.approx(1 / 5)


def test_the_simulation_has_the_published_entries(system, monkeypatch):
    seen = {}

    def measured(persons, weights, making, running, amounts, months):
        seen.update(persons=persons, weights=weights, shape=amounts.shape)
        return Run({}, numpy.zeros(1), numpy.zeros(1))

    monkeypatch.setattr(validation, "measured", measured)
    validation.simulated(system, assumptions.read(), 1, 900)
    assert seen["shape"] == (900, 34)
    months, weights = seen["persons"]["mois"], seen["weights"]
    for month, entered in (("2022-03", 53_313), ("2022-09", 32_598), ("2024-05", 20_886)):
        assert weights[months == month_number(month)].sum() == pytest.approx(entered, abs=0.01)
    national = (seen["persons"]["operateur"] == "france_travail") & (
        months <= month_number("2023-12")
    )
    both = weights[months <= month_number("2023-12")].sum()
    assert weights[national].sum() / both == pytest.approx(0.355, abs=1e-4)


def test_draws_side_by_side_are_those_of_each_alone(system):
    given = assumptions.read(assumptions.STATED)
    draws = assumptions.draws(assumptions.STATED, given, 2, 4)
    asked = [(taken, seed) for seed, (taken, _) in enumerate(draws)]
    together = validation.together(system, asked, 500)
    for (taken, seed), run in zip(asked, together, strict=True):
        alone = validation.simulated(system, taken, seed, 500)
        assert alone.results == pytest.approx(run.results)


# The verdicts.


def judged(draws, published=(10, 12), tolerance=0.1, central=(11, 11), unit="euros"):
    """The outcome of these draws."""
    entry = {
        "libelle": "x",
        "definition": "y",
        "unite": unit,
        "publie": published,
        "tolerance": tolerance,
        "statut": "lu",
        "source": {},
    }
    runs = [Run({"x": value}, numpy.zeros(1), numpy.zeros(1)) for value in draws]
    centre = [Run({"x": value}, numpy.zeros(1), numpy.zeros(1)) for value in central]
    ranks = [{"a": float(rank), "b": 1.0} for rank in range(len(draws))]
    return outcome("x", entry, centre, runs, ranks)


def test_a_verdict_says_inside_or_by_how_much_outside():
    inside = judged(range(41))
    assert inside.interval == pytest.approx((1, 39))
    assert (inside.inside, inside.gap, inside.median) == (True, 0, 20)
    above = judged(range(20, 61))
    assert (above.inside, above.gap) == (False, pytest.approx(21 - 12))
    below = judged(range(-40, 1))
    assert (below.inside, below.gap) == (False, pytest.approx(-1 - 10))
    assert inside.drivers[0] == ("a", pytest.approx(1))
    assert inside.drivers[1] == ("b", 0)


def test_the_central_result_agrees_within_the_tolerance():
    assert judged(range(9), central=(13, 13)).agrees  # 1 above 12, tolerance a tenth of 10
    assert not judged(range(9), central=(13.1, 13.1)).agrees
    assert judged(range(9), central=(13.1, 13.1)).central_gap == pytest.approx(1.1)
    share = {"published": (0.8, 0.8), "tolerance": 0.03, "unit": "part"}
    assert judged(range(9), central=(0.775, 0.775), **share).agrees
    assert not judged(range(9), central=(0.765, 0.765), **share).agrees


def test_rank_correlations():
    assert ranked(numpy.array([3.0, 1, 3, 7])).tolist() == [2.5, 1, 2.5, 4]
    ranks = [{"up": x, "down": -(x**3), "none": 0.0} for x in (0.1, 2, 5, 9)]
    found = dict(drivers(numpy.array([1, 10, 100, 1e6]), ranks))
    assert found == {"up": pytest.approx(1), "down": pytest.approx(-1), "none": 0}
    # Spearman by hand: d = 1, 1, 0, so 1 − 6 × 2 / (3 × 8) = 0.5.
    assert validation.correlation(numpy.array([1, 2, 3]), numpy.array([2, 1, 3])) == pytest.approx(
        0.5
    )


# All together.


def test_a_small_validation_is_complete(small):
    assert [item.name for item in small.outcomes] == [
        name for name in PUBLISHED if name not in (validation.SERIES, validation.STOCK)
    ]
    assert len(small.outcomes) >= 12
    labels = {factor.label for factor in assumptions.factors(assumptions.read())}
    for item in small.outcomes:
        low, high = item.interval
        assert low <= item.median <= high
        assert item.sampling > 0
        assert {name for name, _ in item.drivers} == labels
    assert len(small.months) == 27
    for line in small.months:
        assert line.due >= line.central
    results = {item.name: item for item in small.outcomes}
    assert 0.5 < results["payes"].central < 1


def test_the_same_seed_gives_the_same_validation(system, small):
    again, other = validated(system, 6, 600, 5), validated(system, 2, 600, 6)
    assert validation.as_json(again) == validation.as_json(small)
    assert other.outcomes[0].central != small.outcomes[0].central


def test_a_fixed_assumption_is_not_drawn(system, tmp_path):
    path = tmp_path / "fixe.yaml"
    path.write_text("part_rqth: 0.04\n", encoding="utf-8")
    made = validated(system, 2, 600, 1, assumptions.read(path))
    assert "part_rqth" not in {name for name, _ in made.outcomes[0].drivers}
    assert validation.as_json(made)["hypotheses"]["part_rqth"]["remplacee"] is True
