"""What months of a contract are made of: work, training, benefits, declarations, foyers."""

import numpy
import pytest

from openfisca_cej import names
from openfisca_cej.population import engine, foyers, process, synthetic
from openfisca_cej.population.months import month_number, month_range

LOCAL, NATIONAL = "mission_locale", "france_travail"
ASSUMPTIONS = synthetic.load("hypotheses")


def made(system, count=8000, history=1, **changes):
    """The embedded population in the making, with some assumptions replaced."""
    given = dict(ASSUMPTIONS)
    for name, value in changes.items():
        given[name] = {**given[name], "valeur": value}
    margins = synthetic.load("marges_paca_2022")
    return synthetic.Entrants(system, margins, given, 1, count, history)


@pytest.fixture(scope="module")
def making(system):
    return made(system)


def of(making, operator):
    """Who is followed by an operator."""
    return making.entries[1] == operator


def test_positions_and_shares_of_months():
    dates = numpy.array(["2024-01-16", "2024-02-01", "2024-03-10"], dtype="datetime64[D]")
    starts = process.position(dates)
    january = month_number("2024-01")
    assert starts - january == pytest.approx([15 / 31, 1, 2 + 9 / 31])
    ends = process.position(numpy.array(["2024-03-01", "2024-02-02", "2024-01-01"], dtype="M8[D]"))
    shares = process.covered(starts, ends, january + numpy.arange(3))
    expected = numpy.array([[16 / 31, 1, 0], [0, 1 / 29, 0], [0, 0, 0]])
    assert shares == pytest.approx(expected)


def test_the_rhythm_gives_the_share_in_nine_months():
    rhythm = process.hazard(0.4, 9)
    assert 1 - numpy.exp(-9 * rhythm) == pytest.approx(0.4)


def test_lasting_jobs_are_as_many_as_observed_by_operator(making):
    lasting = numpy.isfinite(making.process.lasting)
    assert lasting[of(making, LOCAL)].mean() == pytest.approx(0.24, abs=0.001)
    assert lasting[of(making, NATIONAL)].mean() == pytest.approx(0.52, abs=0.001)
    trial = (making.process.end - making.process.lasting)[lasting]
    assert 0 <= trial.min() <= trial.max() <= 2


def test_short_jobs_follow_their_rhythm(system):
    """Those hired in the first month of contract, without summer nor lasting jobs: one minus the
    exponential of the rhythm, over the months that begin on the first day."""
    free = {LOCAL: 0.0, NATIONAL: 0.0}
    making = made(system, coefficient_ete=1.0, part_emploi_durable_9_mois=free)
    own = of(making, LOCAL) & (making.durations >= 2)
    share, _ = making.process.short_jobs(making.draw("emplois courts"))
    ranks = making.entries[0] - making.process.months[0]
    hired = share[numpy.arange(making.count), ranks] > 0
    exposure = 1 - making.process.start % 1
    expected = 1 - numpy.exp(-process.hazard(0.45, 9) * exposure[own])
    assert hired[own].mean() == pytest.approx(expected.mean(), abs=0.01)


def test_summer_hires_more_and_the_year_as_many(system):
    usual, summer = (made(system, coefficient_ete=value).process.rhythm() for value in (1.0, 2.0))
    assert summer / usual == pytest.approx(12 / 15)


def test_months_at_work_are_shares_of_months(making):
    share, pay = making.process.worked
    assert share.min() >= 0
    assert share.max() <= 1 + 1e-9
    assert ((pay > 0) == (share > 0)).all()
    full = (share > 0.999) & (making.process.contract > 0)
    level = pay / making.process.minimum_wage
    # Exactly the minimum wage: lasting jobs alone, which have no premium at the end.
    exact = full & (abs(level - 1) < 1e-6)
    assert numpy.isfinite(making.process.lasting)[exact.any(axis=1)].all()
    assert (level[full] > 0.8 / 0.7916).mean() > 0.5
    assert 0.1 < (level[full] < 0.8).mean() < 0.258 + 0.02


def test_pay_is_the_minimum_wage_where_all_is_at_it(system):
    """By hand: full time at the SMIC, 0.7916 of 1 645.58 € in June 2022, without premium."""
    making = made(
        system,
        part_temps_partiel=0.0,
        part_au_smic=1.0,
        prime_contrat_court=0.0,
    )
    share, pay = making.process.worked
    rank = month_number("2022-06") - making.process.months[0]
    whole = share[:, rank] > 1 - 1e-9
    assert pay[whole, rank] == pytest.approx(0.7916 * 1645.58, abs=0.01)


def test_structuring_solutions_are_as_long_as_observed(making):
    days = making.process.structuring
    assert (days > 0).any(axis=1).mean() == pytest.approx(0.34, abs=0.01)
    # Of the contracts as they are, not of what a reform of the term would add.
    running = (making.process.end - making.process.start).sum()
    assert days.sum() / running == pytest.approx(0.17, abs=0.01)
    benefit = numpy.zeros_like(days)
    found = making.process.solutions(benefit)
    training = (found[names.TRAINING] > 0).any(axis=1)
    suspensive = [found[name] > 0 for name in ASSUMPTIONS["solutions_suspensives"]["valeur"]]
    other = numpy.any(suspensive, axis=0).any(axis=1)
    assert not (training & other).any()
    assert training.sum() / (training.sum() + other.sum()) == pytest.approx(
        0.75 * 0.8 / (0.75 * 0.8 + 0.25), abs=0.03
    )
    assert found[names.TRAINING].max() <= 685


def test_trainees_have_the_legal_scale(making):
    benefit = numpy.zeros_like(making.process.structuring)
    pay = making.process.solutions(benefit)[names.TRAINING]
    whole = making.process.structuring * (1 - making.process.worked[0]) > 1 - 1e-9
    rates = {
        age: set(pay[whole & old[:, None]].round(6)) - {0.0}
        for age, old in {
            "minor": making.ages < 18,
            "adult": (making.ages >= 18) & (making.ages < 26),
            "older": making.ages >= 26,
        }.items()
    }
    assert rates == {"minor": {200.0}, "adult": {500.0, 685.0}, "older": {685.0}}


def test_unemployment_benefit_lasts_what_is_left_of_the_right(making):
    amounts, ends = making.process.benefit
    national = of(making, NATIONAL)
    assert (amounts[national] > 500).mean() == pytest.approx(0.30, abs=0.015)
    assert (amounts[~national] > 500).mean() == pytest.approx(0.02, abs=0.005)
    assert amounts[amounts > 0].mean() == pytest.approx(740, abs=15)
    # 14 months of right, a quarter of it consumed.
    left = (ends - making.process.start)[amounts > 0]
    assert left.mean() == pytest.approx(14 * 0.75, abs=0.3)
    assert left.max() <= 22


def test_no_benefit_at_work_nor_trainee_pay_beside_it(making):
    found = making.process.resources()
    assert not ((found["chomage_net"] > 0) & (found[names.TRAINING] > 0)).any()
    full = making.process.worked[0] > 1 - 1e-9
    assert not (found["chomage_net"][full] > 1e-6).any()


def test_files_and_declarations_that_lack(making):
    lost, contract = making.process.undeclared(), making.process.contract > 0
    assert not lost[~contract].any()
    for operator, closed in ((LOCAL, 0.01), (NATIONAL, 0.10)):
        own = of(making, operator)
        expected = closed + (1 - closed) * 0.05
        assert lost[own][contract[own]].mean() == pytest.approx(expected, abs=0.01)
        long = own & (making.durations >= 6)
        never = (lost | ~contract)[long].all(axis=1)
        assert never.mean() == pytest.approx(closed, abs=0.02)


def test_a_month_lost_is_not_paid(system, making):
    population = making.population()
    months = month_range("2022-06:2022-08")
    values = next(iter(engine.simulate(system, population, months, ["cej_allocation"]))).values
    rank = months[0] - making.process.months[0]
    lost = making.process.undeclared()[:, rank : rank + 3]
    assert lost.any()
    assert not values["cej_allocation"][lost].any()


def test_sanctions_are_rare_and_climb_one_rank_at_a_time(making):
    ranks = making.process.sanctions()
    covered = making.process.contract > 0
    assert (ranks[covered] > 0).mean() == pytest.approx(0.005, abs=0.0005)
    assert not ranks[~covered].any()
    assert ranks.max() <= 3
    first = ranks[(ranks > 0).any(axis=1)]
    assert (first[numpy.arange(len(first)), (first > 0).argmax(axis=1)] == 1).all()


# Foyers.


def test_the_law_computes_the_tier_that_the_shares_say(system):
    """Parents of one kind, joined by all: 33 % taxed of which 5 % beyond, by the law itself."""
    making = made(
        system,
        part_parents_cadres=dict.fromkeys(synthetic.DIPLOMAS, 0.0),
        part_autonomie=0.0,
    )
    month = month_number("2022-10")
    population = making.population()
    found = next(iter(engine.simulate(system, population, range(month, month + 1), [names.TIER])))
    tiers = found.values[names.TIER][:, 0]
    own = making.foyer.own
    assert not tiers[own].any()
    parents = tiers[~own]
    assert (parents == 0).mean() == pytest.approx(0.67, abs=0.01)
    assert (parents == 2).mean() == pytest.approx(0.05, abs=0.005)


def test_whose_foyer_it_is(making):
    """CGI 6, 3: minors on 1 January of the year of the incomes; others under 21, if they join."""
    months = making.entries[0]
    year = months // 12 - numpy.where(months % 12 >= 8, 1, 2)
    ages = making.ages_at((year - 1970).astype("M8[Y]").astype("M8[D]"))
    own = making.foyer.own
    assert not own[ages < 18].any()
    assert own[ages >= 21].all()
    between = (ages >= 18) & (ages < 21)
    assert own[between].mean() == pytest.approx(1 - 0.7 * 0.8, abs=0.02)


def test_parts_of_a_foyer():
    """By hand: two children, 3 parts for a couple, 2.5 for a single parent; three: 4 and 3.5."""
    numbers = numpy.array([1, 2, 3])
    halves = numpy.minimum(numbers, 2) / 2 + numpy.maximum(numbers - 2, 0)
    assert (2 + halves).tolist() == [2.5, 3, 4]

    class Making:
        count = 3000

        @staticmethod
        def assumed(name):
            return {2: 1}

    draw = numpy.random.default_rng(0)
    couple = numpy.arange(3000) % 2 == 0
    children = foyers.parts_of_children(Making, draw, couple)
    assert set(children[couple] + 2) == {3.0}
    assert set(children[~couple] + 1) == {2.5}


def test_benefits_of_families_are_those_of_adults_on_their_own(system):
    making = made(system, part_rsa=0.5, risque_mensuel_prime_activite=0.5)
    found = foyers.benefits(making, making.foyer, making.process.worked[0])
    eligible = making.foyer.own & (making.ages >= 18)
    for values in found.values():
        assert not values[~eligible].any()
    rsa = (found["rsa"] > 0).any(axis=1)
    assert rsa[eligible].mean() == pytest.approx(0.5, abs=0.02)
    assert not ((found["rsa"] > 0) & (found["ppa"] > 0)).any()
    assert (making.process.worked[0][found["ppa"] > 0] > 0).all()
