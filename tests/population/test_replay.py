"""Who may sign, and until when, is replayed under a reform: values are worked out by hand."""

import numpy
import pytest

from openfisca_cej.names import TIER
from openfisca_cej.population import (
    assumptions,
    engine,
    newcomers,
    places,
    replay,
    scenario,
    universes,
)
from openfisca_cej.population.months import month_number, month_range
from openfisca_cej.population.schema import NO_DATE
from openfisca_cej.population.synthetic import Public
from openfisca_cej.population.table import Input, Population
from openfisca_cej.reforms import reform
from openfisca_cej.systems import reformed

PUBLIC = "contrat_engagement_jeune.public"
TERM = "contrat_engagement_jeune.contrat.duree_maximale"


def people(*persons):
    """Persons as (birth, signature, end); no end: the contract runs to its term."""
    dates = [numpy.array(column, dtype="datetime64[D]") for column in zip(*persons, strict=True)]
    names = ("date_naissance", "cej_date_signature", "cej_date_fin")
    inputs = [Input(name, None, values) for name, values in zip(names, dates, strict=True)]
    return Population(len(persons), [str(rank) for rank in range(len(persons))], inputs, drawn=True)


def runs(system, population, months):
    """Who is in a contract, month by month."""
    block = next(engine.simulate(system, population, month_range(months), ["cej_en_cours"]))
    return block.values["cej_en_cours"].tolist()


def test_who_may_sign_no_more_has_no_contract(system):
    drawn = people(
        ("2009-05-10", "2026-03-02", "2026-09-01"),  # 16 when signing
        ("2008-03-20", "2026-03-02", "2026-09-01"),  # 18 in the month
        ("2009-05-10", "2025-12-15", "2026-06-14"),  # before the reform
    )
    after = reformed(reform({f"{PUBLIC}.age_minimum": {"2026-01-01": 18}}))
    replayed = replay.under(system, after, drawn)
    assert runs(system, drawn, "2026-03") == [[True], [True], [True]]
    assert runs(after, replayed, "2026-03") == [[False], [True], [True]]
    # The law alone would have let the contract run: it is given.
    assert runs(after, drawn, "2026-03") == [[True], [True], [True]]


def test_a_term_that_moves_moves_the_contracts_that_reach_it(system):
    drawn = people(
        ("2004-01-01", "2025-03-15", NO_DATE),  # to 2026-03-14, then 2026-09-14
        ("2004-01-01", "2024-06-10", NO_DATE),  # over in June 2025, before the reform
        ("2004-01-01", "2025-11-01", "2026-04-30"),  # ended by itself
    )
    after = reformed(reform({TERM: {"2026-01-01": 18}}))
    replayed = replay.under(system, after, drawn)
    window = "2026-01:2026-10"
    assert [row.count(True) for row in runs(system, drawn, window)] == [3, 0, 4]
    assert [row.count(True) for row in runs(after, replayed, window)] == [9, 0, 4]
    assert replay.last_days(system, drawn).astype(str).tolist() == [
        "2026-03-14",
        "2025-06-09",
        "2026-04-30",
    ]
    assert replay.last_days(after, replayed).astype(str).tolist() == [
        "2026-09-14",
        "2025-06-09",
        "2026-04-30",
    ]
    present = replay.present(after, replayed, month_range("2026-08:2026-09"))
    assert present.tolist() == [[True, False], [False, False], [False, False]]


def test_who_reaches_the_age_in_the_month_before_the_reform_keeps_the_contract(system):
    drawn = people(
        ("2009-12-10", "2025-12-20", "2026-06-19"),  # 16 on 10 December, signs on the 20th
        ("2010-01-10", "2026-01-20", "2026-06-19"),  # the same, a month later
    )
    after = reformed(reform({f"{PUBLIC}.age_minimum": {"2026-01-01": 18}}))
    assert replay.may_sign(system, drawn).tolist() == [True, True]
    assert replay.may_sign(after, drawn).tolist() == [True, False]
    replayed = replay.under(system, after, drawn)
    assert runs(after, replayed, "2026-02") == [[True], [False]]


def test_a_shorter_term_cuts_the_contracts_that_last_longer(system):
    drawn = people(
        ("2004-01-01", "2025-09-15", NO_DATE),  # twelve months, then six: to 2026-03-14
        ("2004-01-01", "2025-03-15", NO_DATE),  # more than six months when the reform comes
        ("2004-01-01", "2025-10-10", "2026-07-09"),  # nine months, then six: to 2026-04-09
        ("2004-01-01", "2026-02-10", "2026-04-30"),  # less than six months
    )
    after = reformed(reform({TERM: {"2026-01-01": 6}}))
    replayed = replay.under(system, after, drawn)
    ends = ["2026-03-14", "2025-12-31", "2026-04-09", "2026-04-30"]
    assert replay.last_days(after, replayed).astype(str).tolist() == ends
    window = "2025-12:2026-12"
    assert [row.count(True) for row in runs(system, drawn, window)] == [10, 4, 8, 3]
    assert [row.count(True) for row in runs(after, replayed, window)] == [4, 1, 5, 3]
    present = replay.present(after, replayed, month_range("2025-11:2026-01"))
    assert present[1].tolist() == [True, True, False]


def test_the_same_law_changes_nothing(system):
    given = assumptions.read("calibrated")
    drawn = universes.drawn(system, "presents", "France", 2026, 600, 3, given, 0).population
    assert drawn.drawn
    assert replay.may_sign(system, drawn).all()
    assert replay.under(system, system, drawn) is drawn
    other = reformed(reform({f"{PUBLIC}.majorite": {"2026-01-01": 21}}))
    again = replay.under(system, other, drawn)
    signed = [replay.dates(one, "cej_date_signature").tolist() for one in (drawn, again)]
    assert signed[0] == signed[1]


def test_a_wider_public_is_drawn_and_only_the_reform_pays_it(system):
    after = reformed(reform("age_29"))
    months = month_range("2026-01:2026-12")
    public = newcomers.widened(system, after, months)
    assert public == Public(29, 29, 12, month_number("2024-07"))
    given = assumptions.read("stated")
    made = universes.drawn(
        system, "presents", "France", 2026, 2000, 3, given, 0, 2000, public=public
    ).population
    ages = made.attributes["age"]
    new = (ages > 25) & ~next(i.values for i in made.inputs if i.variable == "rqth")
    assert ages.max() == 29
    sides = [
        next(engine.simulate(law, drawn, months, ["cej_en_cours"])).values["cej_en_cours"]
        for law, drawn in ((system, made), (after, replay.under(system, after, made)))
    ]
    assert not sides[0][new].any()
    assert sides[1][new].any(axis=1).mean() > 0.95
    assert (sides[0][~new] == sides[1][~new]).all()
    # By hand, for the stated assumptions: 26 to 29, without disabled workers, 18,7 % a year.
    rates = {26: 0.1758, 27: 0.1722, 28: 0.1686, 29: 0.165}
    known = given["population_par_age"]["valeur"]
    expected = 0.187 * 0.957 * sum(1000 * known[age] * rate for age, rate in rates.items())
    entered = replay.dates(made, "cej_date_signature").astype("datetime64[Y]").astype(str)
    found = made.weights[new & (entered == "2026")].sum()
    # The months are those of the others: 2026 has 8 % fewer than the thirty months drawn.
    mean = 12 * sum(entries_of(months)) / 12
    whole = 12 * numpy.mean(entries_of(range(months[0] - 18, months[-1] + 1)))
    assert found == pytest.approx(expected * mean / whole, rel=0.03)


def entries_of(months):
    """Entries of months, France."""
    known = scenario.entries(scenario.read())
    return [sum(known[month]["valeur"].values()) for month in months]


def test_a_wider_public_of_the_young_out_of_work(system):
    given = assumptions.read("stated")
    public = Public(29, 29, 12)
    made = universes.drawn(system, "neet", "France", 2023, 2000, 3, given, 0, public=public)
    # 497 thousand of 26 to 29 are all there: 4,3 % of them could sign already.
    assert made.total == pytest.approx(1_018_000 + 497_000)
    half = newcomers.share(given, 27)
    known, rates = given["population_par_age"]["valeur"], {26: 0.1758, 27: 0.1722}
    others = {28: 0.1686, 29: 0.165, **rates}
    shares = [sum(known[age] * rate for age, rate in some.items()) for some in (rates, others)]
    assert half == pytest.approx(0.957 * shares[0] / shares[1])


@pytest.mark.parametrize(
    ("path", "value", "tier"),
    [
        # Who is beyond the first bracket comes under it; of whom no tax is due, more.
        ("impot_revenu.bareme_ir_depuis_1945.bareme[2].threshold", 60_000, 1),
        ("impot_revenu.calcul_impot_revenu.plaf_qf.decote.seuil_celib", 3_000, 0),
        ("impot_revenu.bareme_ir_depuis_1945.bareme[1].threshold", 20_000, 0),
    ],
)
def test_a_reform_of_the_tax_has_its_effect_on_shipped_populations(system, path, value, tier):
    made = universes.drawn(
        system, "presents", "France", 2025, 1500, 3, assumptions.read("calibrated"), 0
    ).population
    other = reformed(reform({path: {"2020-01-01": value}}))
    tiers = [
        next(engine.simulate(law, made, month_range("2025-06"), [TIER])).values
        for law in (system, other)
    ]
    before, after = (numpy.asarray(found[TIER])[:, 0] for found in tiers)
    moved = before != after
    assert moved.sum() > 20
    assert (after[moved] == tier).all()


def test_autonomy_has_its_effect_on_shipped_populations(system):
    given = assumptions.read("calibrated")
    given["part_autonomie"] = {"valeur": 1.0}
    found = []
    for share in (0.0, 1.0):
        given["part_autonomie"] = {"valeur": share}
        made = universes.drawn(system, "presents", "France", 2025, 1500, 3, given, 0)
        block = next(engine.simulate(system, made.population, month_range("2025-06"), [TIER]))
        found.append(made.population.weights @ (block.values[TIER] == 0))
    # All the adults of a taxed foyer are then looked at by themselves.
    assert found[1] > 1.2 * found[0]


# Places.

PLACE = """
titre: Bouches-du-Rhône
entrees: {2025: 10000, 2026: 9000}
operateurs: {mission_locale: 0.8, france_travail: 0.2}
qpv: 0.3
lieux: {Marseille: 6000, Ailleurs: 4000}
"""


def of_file(tmp_path, text):
    """A place read from a file."""
    path = tmp_path / "lieu.yaml"
    path.write_text(text, encoding="utf-8")
    return places.read(path)


def test_a_place_has_its_own_figures_and_those_of_france(system, tmp_path):
    place = of_file(tmp_path, PLACE)
    margins = universes.read_margins("presents", "France", 2025, place=place)
    france = universes.read_margins("presents", "France", 2025)
    months = margins["entrees_mensuelles"]["valeur"]
    entered = {
        name: sum(months[f"2025-{m:02d}"][name] for m in range(1, 13)) for name in months["2025-01"]
    }
    assert entered == pytest.approx({"mission_locale": 8000, "france_travail": 2000})
    # 2024, which is not told, is in the proportion of the nearest year told.
    whole = 10_000 * sum(entries_of(month_range("2024-01:2024-12")))
    whole /= sum(entries_of(month_range("2025-01:2025-12")))
    assert sum(sum(months[f"2024-{m:02d}"].values()) for m in range(1, 13)) == pytest.approx(whole)
    assert margins["qpv"]["valeur"] == 0.3
    assert margins["qpv"]["statut"] == "remplacé"
    assert margins["ages"]["valeur"] == france["ages"]["valeur"]
    assert margins["ages"]["statut"] == "supposé"
    made = universes.drawn(
        system,
        "entrants",
        "France",
        2025,
        1500,
        3,
        assumptions.read("calibrated"),
        0,
        margins=universes.read_margins("entrants", "France", 2025, place=place),
    )
    people = made.population
    parts = [
        people.weights[people.attributes["region"] == n].sum() for n in ("Marseille", "Ailleurs")
    ]
    # Sums of parts equal the whole.
    assert parts == pytest.approx([6000, 4000])
    assert people.weights.sum() == pytest.approx(10_000)


def test_overseas_residents_live_there(system, tmp_path):
    place = of_file(tmp_path, 'titre: Mayotte\ndepartement: "976"\nentrees: 1011\n')
    margins = universes.read_margins("stock", "France", "2026-05-31", place=place)
    given = assumptions.read("calibrated")
    made = universes.drawn(
        system, "stock", "France", "2026-05-31", 800, 3, given, 0, margins=margins
    ).population
    months = month_range("2026-05")
    lump = next(engine.simulate(system, made, months, ["cej_montant_forfaitaire"]))
    # 570 ÷ 1 000 of the amounts of elsewhere: those of D5131-19, III, on 1 April 2026.
    law = system.get_parameters_at_instant("2026-05").contrat_engagement_jeune.montant_forfaitaire
    amounts = {law.mayotte.majeur_non_imposable, law.mayotte.majeur_premiere_tranche}
    found = set(numpy.unique(lump.values["cej_montant_forfaitaire"]).round(2).tolist())
    assert found == {0.0, law.mayotte.mineur, *amounts}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("titre: x", "entrees: say how many entered"),
        ("entrees: {2019: 10}", "it is not a year from 2022 to 2027"),
        ("entrees: 0", "it is not more than 0"),
        ("entrees: 10\nages: {16-17: 0.5}", "one value for each of"),
        ("entrees: 10\noperateurs: {mission_locale: 0.5, france_travail: 0.1}", "add up to 0.600"),
        ("entrees: 10\nqpv: 3", "is not a share between 0 and 1"),
        ("entrees: 10\ndepartement: 13", "leave it out elsewhere"),
        ("entrees: 10\nlieux: {a: 2, b: 3}", "they add up to 5, the whole to 10"),
        ("entrees: 10\nlieux: rien", "lieux: write"),
        ("entrees: 10\nqpvs: 0.1", "« qpvs » is not a margin"),
    ],
)
def test_faults_of_a_place_are_named(tmp_path, text, told):
    with pytest.raises(scenario.BadScenario, match=r"lieu\.yaml") as raised:
        of_file(tmp_path, text)
    assert told in str(raised.value)
