"""How many amounts of a population rest on values that the law has moved since."""

import csv
import json

import dated_values
import numpy
import pytest
from click.testing import CliRunner
from openfisca_core.periods import period

from openfisca_cej.cli import main
from openfisca_cej.explain.situation import read
from openfisca_cej.explain.timeline import timeline
from openfisca_cej.population import engine, simulate, stale
from openfisca_cej.population.months import month_range
from openfisca_cej.population.reader import read as read_csv

AMOUNTS = "contrat_engagement_jeune.montant_forfaitaire"
NOT_TAXED = f"{AMOUNTS}.general.majeur_non_imposable"
FIRST_BRACKET = f"{AMOUNTS}.general.majeur_premiere_tranche"
MINOR = f"{AMOUNTS}.general.mineur"
OF_MAYOTTE = f"{AMOUNTS}.mayotte.majeur_non_imposable"
SMIC = "marche_travail.salaire_minimum.smic.smic_b_mensuel"
SMIC_MAYOTTE = "contrat_engagement_jeune.ressources.degressivite.smic_mayotte"

#: Four months: the SMIC is out of date in the last of them, and the amounts too.
MOVES = sorted({dated_values.next_move(path)[:7] for path in (NOT_TAXED, SMIC)})
LAST = period(MOVES[-1]).offset(1)
FIRST = LAST.offset(-5)
WINDOW = f"{FIRST}:{LAST}"
YEAR = LAST.start.year

COLUMNS = ("date_naissance", "cej_situation_fiscale", "salaire_net", "residence_mayotte")

#: Who, and what makes their amounts: the lump sum always, the SMIC above 300 € of wages.
PERSONS = {
    "sans ressources": ((f"{YEAR - 20}-01-02", "non_imposable", 0, "non"), {NOT_TAXED}),
    "peu payé": ((f"{YEAR - 20}-01-02", "non_imposable", 299, "non"), {NOT_TAXED}),
    "payé": ((f"{YEAR - 20}-01-02", "non_imposable", 600, "non"), {NOT_TAXED, SMIC}),
    "première tranche": ((f"{YEAR - 20}-01-02", "premiere_tranche", 0, "non"), {FIRST_BRACKET}),
    "mineur": ((f"{YEAR - 17}-12-02", "non_imposable", 0, "non"), {MINOR}),
    "Mayotte": (
        (f"{YEAR - 20}-01-02", "non_imposable", 600, "oui"),
        {OF_MAYOTTE, SMIC_MAYOTTE},
    ),
    "au-delà": ((f"{YEAR - 20}-01-02", "au_dela", 600, "non"), set()),
    "trop âgé": ((f"{YEAR - 40}-01-02", "non_imposable", 0, "non"), set()),
}


def expected(first=FIRST):
    """The person-months by value: the months of the window from the move on, by person."""
    counts = {}
    for _, values in PERSONS.values():
        for path in values:
            due = max(period(dated_values.next_move(path)[:7]), first)
            months = max(0, (LAST.start.year - due.start.year) * 12 + LAST.start.month + 1)
            months -= due.start.month
            counts[path] = counts.get(path, 0) + max(months, 0)
    return {path: count for path, count in counts.items() if count}


@pytest.fixture
def persons(tmp_path):
    """The file of these persons, who sign on the first day of the window."""
    path = tmp_path / "personnes.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["individu_id", "cej_date_signature", *COLUMNS])
        rows.writerows([name, FIRST.start, *row] for name, (row, _) in PERSONS.items())
    return path


def run(*arguments):
    """Run a simulation."""
    ran = CliRunner().invoke(main, ["simulate", *map(str, arguments)], catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    return ran


def test_a_run_tells_the_values_and_the_person_months_that_rest_on_each(persons, tmp_path):
    ran = run(persons, "--months", WINDOW, "--out", tmp_path / "out")
    told = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))["frozen"]
    assert {item["path"]: item["person_months"] for item in told} == expected()
    assert SMIC in expected()
    whole = 6 * len(PERSONS)
    for item in told:
        assert item["sentence"] in ran.stderr
        assert f"Mois-personnes concernés : {item['person_months']} sur {whole}." in ran.stderr
        assert (item["since"], item["due"]) == (
            dated_values.last_of(item["path"]),
            dated_values.next_move(item["path"]),
        )


def test_nothing_is_told_of_months_whose_values_are_known(persons, tmp_path):
    known = period(MOVES[0]).last_month
    ran = run(persons, "--months", f"{known}:{known}", "--out", tmp_path / "out")
    assert "concernés" not in ran.stderr
    assert json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))["frozen"] == []


def test_the_long_format_says_it_too(persons, tmp_path):
    months = tmp_path / "mois.csv"
    months.write_text(f"individu_id,mois,chomage_net\nmineur,{LAST},0\n", encoding="utf-8")
    ran = run(persons, "--monthly", months, "--months", WINDOW, "--out", tmp_path / "out")
    told = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))["frozen"]
    assert {item["path"]: item["person_months"] for item in told} == expected()
    assert told[0]["sentence"] in ran.stderr


def test_parts_add_up_and_a_run_taken_up_again_still_tells(persons, tmp_path):
    folder = tmp_path / "parts"
    folder.mkdir()
    text = persons.read_text(encoding="utf-8")
    for name in "ab":
        part = text.replace("\n", f"\n{name} ").removesuffix(f"{name} ")
        (folder / f"{name}.csv").write_text(part, encoding="utf-8")
    for _ in range(2):
        ran = run(folder, "--months", WINDOW, "--out", tmp_path / "out")
        path = tmp_path / "out" / "run.json"
        told = json.loads(path.read_text(encoding="utf-8"))["frozen"]
        assert {item["path"]: item["person_months"] for item in told} == {
            path: 2 * count for path, count in expected().items()
        }
        assert told[0]["sentence"] in ran.stderr


def masks(system, path, months, size=engine.CHUNK):
    """Where each value counts: rows of months by person and path."""
    population = read_csv(path, system, months)
    watch = stale.Stale(system, months, ["cej_allocation"])
    found = {}
    for block in engine.simulate(system, population, months, ["cej_allocation"], size, stale=watch):
        for one, mask in block.stale.items():
            for rank, row in zip(block.persons.tolist(), mask.tolist(), strict=True):
                if any(row):
                    found[population.ids[rank], one.path] = row
    return found


def test_the_persons_told_do_not_depend_on_the_chunks(system, persons):
    months = month_range(WINDOW)
    whole = masks(system, persons, months)
    assert whole
    assert masks(system, persons, months, 1) == whole
    assert masks(system, persons, months, 3) == whole


def test_members_of_a_family_are_told_as_in_a_situation_of_their_own(system, tmp_path):
    """The RSA of the parents excludes nobody, that of the partner does: families stay whole."""
    path = tmp_path / "familles.csv"
    born = f"{YEAR - 20}-01-02"
    lines = [
        "individu_id,famille_id,famille_role,date_naissance,cej_date_signature,salaire_net,rsa",
        f"a,f,demandeur,{born},{FIRST.start},600,0",
        f"b,g,demandeur,{born},{FIRST.start},0,400",
        f"c,f,conjoint,{born},{FIRST.start},0,0",
        f"d,g,conjoint,{born},{FIRST.start},600,400",
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    months = month_range(WINDOW)
    found = masks(system, path, months, 1)
    assert found == masks(system, path, months)
    every = [str(FIRST.offset(rank)) for rank in range(len(months))]
    cases = [("a", 600, "ac", 0), ("b", 0, "bd", 400), ("d", 600, "bd", 400)]
    for name, wage, family, rsa in cases:
        moments = [str(FIRST.offset(rank)) for rank in range(-1, len(months))]
        document = {
            "individus": {
                one: {
                    "date_naissance": {"ETERNITY": born},
                    "cej_date_signature": {"ETERNITY": f"{FIRST}-01"},
                    "salaire_net": dict.fromkeys(moments, wage if one == name else 0),
                }
                for one in family
            },
            "familles": {"f": {"parents": list(family), "rsa": dict.fromkeys(moments, rsa)}},
        }
        rows = timeline(read(document, system), every[0], len(every), name, system)
        told = [
            any(mask[rank] for (who, _), mask in found.items() if who == name)
            for rank in range(len(every))
        ]
        assert told == [bool(row.frozen) for row in rows], name


def test_simulations_in_memory_warn_about_the_months_asked(persons):
    with persons.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    data = {name: [row[name] for row in rows] for name in rows[0]}
    for name in ("date_naissance", "cej_date_signature"):
        data[name] = numpy.array(data[name], dtype="datetime64[D]")
    data["salaire_net"] = [float(value) for value in data["salaire_net"]]
    data["residence_mayotte"] = [value == "oui" for value in data["residence_mayotte"]]
    with pytest.warns(UserWarning, match=f"concernés : 3 sur {len(PERSONS)}"):
        simulate(data, [str(LAST)])
