"""The engine gives each person what OpenFisca gives them alone, whatever the chunks."""

import numpy
import pytest
from populations import flat_file, one_by_one, write

from openfisca_cej.population import engine, synthetic
from openfisca_cej.population.months import month_period, month_range
from openfisca_cej.population.reader import read as read_csv
from openfisca_cej.population.table import Group, Input, Population

ALLOWANCE = "cej_allocation"
VARIABLES = ("cej_en_cours", "cej_montant_forfaitaire", ALLOWANCE)


def results(system, population, months, chunk_size=engine.CHUNK, variables=VARIABLES):
    """Results of all the persons, in the order of the population, by variable."""
    blocks = list(engine.simulate(system, population, months, variables, chunk_size))
    persons = numpy.concatenate([block.persons for block in blocks])
    assert sorted(persons.tolist()) == list(range(population.count))
    back = numpy.argsort(persons)
    return {name: numpy.concatenate([b.values[name] for b in blocks])[back] for name in variables}


def allowance(system, tmp_path, months, *lines):
    """Allowances (lists, by month) of the persons of these lines."""
    months = month_range(months)
    population = read_csv(write(tmp_path / "jeunes.csv", *lines), system, months)
    return results(system, population, months)[ALLOWANCE].tolist()


@pytest.fixture(scope="module")
def households(system, tmp_path_factory):
    """A file of families, foyers and ménages whose members are scattered."""
    draw = numpy.random.default_rng(7)
    header = (
        "individu_id,date_naissance,cej_date_signature,famille_id,famille_role,foyer_fiscal_id,"
        "menage_id,rsa,ppa@2025-02,rni@2023,rni@2024,nbptr,residence_mayotte,salaire_net,"
        "chomage_net@2024-12,cej_rang_manquement@2025-01,cej_sanction_motif@2025-07,"
        "cej_situation_fiscale@2025-04,cej_autonomie_fiscale"
    )
    lines = [header]
    heads = set()
    for rank in range(60):
        family, foyer, home = rank % 10 * 10 + draw.integers(0, 3, 3)
        role = "enfant" if family in heads else "demandeur"
        heads.add(family)
        lines.append(
            f"p{rank},200{draw.integers(0, 9)}-0{draw.integers(1, 10)}-11,"
            f"2024-{draw.integers(10, 13)}-15,x{family},{role},f{foyer},m{home},"
            f"{family % 3 * 100},{family % 5 // 4 * 50},{foyer * 1500},{foyer * 1600},"
            f"{1 + foyer % 3 / 2},{'oui' if home % 4 == 0 else 'non'},{draw.integers(0, 900)},"
            f"{draw.integers(0, 300)},{draw.integers(0, 3)},"
            f"{['aucun', 'manquement'][draw.integers(0, 2)]},au_dela,non"
        )
    path = write(tmp_path_factory.mktemp("households") / "jeunes.csv", *lines)
    return read_csv(path, system, month_range("2024-11:2025-09"))


def test_the_engine_agrees_with_one_person_at_a_time(system, entrants):
    months = month_range("2022-06:2023-02")
    computed = results(system, entrants, months)
    sample = numpy.random.default_rng(1).choice(entrants.count, 40, replace=False).tolist()
    paid = 0
    for person in sample:
        alone = one_by_one(system, entrants, [person], months, VARIABLES)
        for name in VARIABLES:
            assert computed[name][person].tolist() == alone[name][0].tolist(), (person, name)
        paid += int((computed[ALLOWANCE][person] > 0).any())
    assert 5 < paid < 40


def test_the_engine_agrees_with_whole_households(system, households):
    months = month_range("2024-11:2025-09")
    bunches = engine.bunches_of(households)
    computed = results(system, households, months)
    assert len(set(bunches)) > 2
    for first in set(bunches):
        bunch = numpy.flatnonzero(bunches == first).tolist()
        alone = one_by_one(system, households, bunch, months, [ALLOWANCE])
        assert computed[ALLOWANCE][bunch].tolist() == alone[ALLOWANCE].tolist()
    assert len(numpy.unique(computed[ALLOWANCE])) > 20


@pytest.mark.parametrize("size", [1, 7, 1000, 10_000])
def test_the_size_of_chunks_changes_nothing(system, entrants, households, size):
    for population, months in (
        (entrants, month_range("2022-03:2022-05")),
        (households, month_range("2024-11:2025-09")),
    ):
        if population.count // size > 100:
            continue
        whole = list(engine.simulate(system, population, months, VARIABLES))
        cut = list(engine.simulate(system, population, months, VARIABLES, size))
        persons = numpy.concatenate([block.persons for block in cut])
        assert whole[0].persons.tolist() == list(range(population.count))
        for name in VARIABLES:
            joined = numpy.concatenate([block.values[name] for block in cut])
            assert (joined == whole[0].values[name][persons]).all()


def test_groups_are_never_split():
    family = numpy.array([0, 1, 0, 2, 3, 1, 4, 4])
    foyer = numpy.array([0, 1, 2, 2, 3, 4, 4, 5])
    groups = {"famille": Group(5, family), "foyer_fiscal": Group(6, foyer), "menage": Group(8)}
    bunches = engine.bunches_of(Population(8, [], [], groups))
    assert bunches.tolist() == [0, 1, 0, 0, 4, 1, 1, 1]
    order, starts = engine.by_bunch(bunches)
    assert order.tolist() == [0, 2, 3, 1, 5, 6, 7, 4]
    assert starts.tolist() == [0, 3, 7]
    assert list(engine.cuts(starts, 8, 2)) == [(0, 3), (3, 7), (7, 8)]
    assert list(engine.cuts(starts, 8, 5)) == [(0, 3), (3, 8)]
    assert list(engine.cuts(starts, 8, 100)) == [(0, 8)]
    assert list(engine.cuts(None, 5, 2)) == [(0, 2), (2, 4), (4, 5)]
    assert chunks(bunches, 8, 2) == [[0, 2, 3], [1, 5, 6, 7], [4]]
    assert chunks(bunches, 8, 5) == [[0, 1, 2, 3, 5, 6, 7], [4]]
    assert chunks(bunches, 8, 100) == [[0, 1, 2, 3, 4, 5, 6, 7]]
    assert chunks(None, 5, 2) == [[0, 1], [2, 3], [4]]


def chunks(bunches, count, size):
    """The persons of each chunk."""
    return [numpy.arange(count)[rows].tolist() for rows in engine.chunks(bunches, count, size)]


def test_persons_who_follow_each_other_are_a_slice():
    assert list(engine.chunks(numpy.array([0, 0, 2, 3, 3]), 5, 2)) == [slice(0, 2), slice(2, 5)]


def test_a_long_chain_of_groups_is_one_bunch():
    ranks = numpy.arange(1000)
    shuffled = numpy.random.default_rng(3).permutation(1000)
    groups = {
        "famille": Group(500, (ranks // 2)[shuffled]),
        "menage": Group(501, ((ranks + 1) // 2)[shuffled]),
    }
    assert not engine.bunches_of(Population(1000, [], [], groups)).any()


def test_advance_counts_every_person_month(system, entrants):
    done = []
    months = month_range("2022-03:2022-04")
    for _ in engine.simulate(system, entrants, months, [ALLOWANCE], 10_000, done.append):
        pass
    assert sum(done) == 2 * entrants.count
    assert len(done) == 2 * 3


def test_a_file_gives_back_the_embedded_population(system, entrants, tmp_path):
    months = month_range("2022-03:2022-12")
    persons = numpy.random.default_rng(5).choice(entrants.count, 300, replace=False).tolist()
    path = flat_file(tmp_path / "jeunes.csv", system, entrants, persons)
    population = read_csv(path, system, months)
    again = results(system, population, months)
    computed = results(system, entrants, months)
    assert population.ids == [entrants.ids[person] for person in persons]
    for name in VARIABLES:
        assert (again[name] == computed[name][persons]).all()


def test_a_dated_column_prevails_over_the_plain_one(system, tmp_path):
    lines = (
        "date_naissance,cej_date_signature,cej_situation_fiscale,chomage_net,chomage_net@2025-02",
        "2003-01-01,2025-01-10,non_imposable,52.29,152.29",
    )
    assert allowance(system, tmp_path, "2025-01:2025-03", *lines) == [[500, 500, 400]]


def test_a_dated_input_prevails_whatever_the_order(system):
    births = numpy.array(["2003-01-01"], dtype="datetime64[D]")
    inputs = [
        Input("chomage_net", "2025-01", numpy.array([152.29])),
        Input("chomage_net", None, numpy.array([52.29])),
        Input("date_naissance", None, births),
    ]
    population = Population(1, ["a"], inputs)
    paid = results(system, population, month_range("2025-01:2025-03"))[ALLOWANCE]
    assert paid.tolist() == [[500, 400, 500]]


def test_the_month_before_the_first_is_looked_at(system, tmp_path):
    lines = (
        "date_naissance,cej_date_signature,cej_situation_fiscale,chomage_net@2025-01",
        "2003-01-01,2025-01-10,non_imposable,52.29",
    )
    assert allowance(system, tmp_path, "2025-02:2025-03", *lines) == [[500, 552.29]]


def test_sanctions_before_the_first_month_count(system, tmp_path):
    lines = (
        "date_naissance,cej_date_signature,cej_rang_manquement@2024-12,cej_rang_manquement@2024-11",
        "2003-01-01,2024-10-10,1,0",
        "2003-01-01,2024-10-10,0,3",
    )
    paid = allowance(system, tmp_path, "2025-01:2025-02", *lines)
    assert paid == [[414.22, 552.29], [0, 0]]


def test_no_event_is_made_up_before_the_first_month(system, tmp_path):
    lines = (
        "date_naissance,cej_date_signature,cej_rang_manquement",
        "2003-01-01,2024-10-10,1",
    )
    paid = allowance(system, tmp_path, "2025-01:2025-02", *lines)
    assert paid == [[552.29, 414.22]]


def test_a_plain_column_holds_before_the_first_month(system, tmp_path):
    # Frozen at signature: the tier is that of a month long before the first one.
    lines = (
        "date_naissance,cej_date_signature,cej_situation_fiscale,cej_forfait_non_revise,rni",
        "2003-01-01,2024-10-10,premiere_tranche,oui,0",
    )
    assert allowance(system, tmp_path, "2025-01", *lines) == [[331.37]]
    # Taxed on 16 000 € in 2020 only if that year is read: the schedule has risen since.
    header = "date_naissance,cej_date_signature,cej_date_fin,cej_parcours_date_fin"
    lines = (
        f"{header},cej_forfait_non_revise,rni",
        "2003-01-01,2022-03-10,2025-12-31,2025-12-31,oui,16000",
        "2003-01-01,2022-03-10,2025-12-31,2025-12-31,non,16000",
    )
    assert allowance(system, tmp_path, "2025-04", *lines) == [[337], [561.68]]


def test_yearly_inputs_that_are_read_and_not_given_are_reported(system, tmp_path):
    months = month_range("2025-08:2025-09")
    lines = ("date_naissance,cej_date_signature,rni@2023", "2003-01-01,2025-08-01,0")
    population = read_csv(write(tmp_path / "jeunes.csv", *lines), system, months)
    report = engine.Report()
    list(engine.simulate(system, population, months, [ALLOWANCE], report=report))
    # The notice on the incomes of 2024 was not given: that of 2023 is kept, and told.
    assert report.defaults["rni"] == set()
    assert report.defaults["nbptr"] == {"2023"}
    assert any("last notice given, on those of 2023" in text for text in population.remarks)


def test_months_before_the_law_pay_nothing(system, tmp_path):
    lines = ("date_naissance", "2003-01-01")
    assert allowance(system, tmp_path, "2022-01:2022-03", *lines) == [[0, 0, 500]]


def test_what_no_later_month_needs_is_dropped(system, entrants):
    months = month_range("2022-03:2022-08")
    chunk = engine.Chunk(system, entrants, slice(0, 500), months)
    chunk.run(months, VARIABLES, lambda person_months: None)
    kept = {
        (name, str(moment))
        for population in chunk.simulation.populations.values()
        for name, holder in population._holders.items()
        for moment in holder.get_known_periods()
        if moment not in chunk.given.get(name, ()) and holder.variable.definition_period == "month"
    }
    assert not {name for name, _ in kept} - chunk.looked_back
    assert ALLOWANCE not in chunk.looked_back
    assert month_period(months[0]) in chunk.given["salaire_net"]
    chunk.release()
    assert not any(p._holders for p in chunk.simulation.populations.values())


def test_what_is_asked_again_is_kept(system, households):
    months = month_range("2024-11:2025-09")
    chunk = engine.Chunk(system, households, numpy.arange(households.count), months)
    chunk.run(months, VARIABLES, lambda person_months: None)
    assert "cej_sanction_duree_retenue" in chunk.looked_back


def test_the_embedded_window_covers_every_contract(entrants):
    ends = next(i.values for i in entrants.inputs if i.variable == "cej_date_fin")
    assert ends.max() < numpy.datetime64("2024-01-01")
    assert month_range("2022-03:2023-12") == synthetic.WINDOW
