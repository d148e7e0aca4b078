import sys; sys.path.insert(0,'/tmp/w17')
from sub import sub
sub('tests/population/test_long_format.py',('''    (remark,) = [text for text in population.remarks if "no row" in text]
    # Two persons and three months: those simulated, and the one before.
    assert remark.startswith("mois.csv: 5 person-months have no row from 2024-12 to 2025-02: ")
    assert "salaire_net = 0, difficultes_acces_emploi_durable = oui, activite = inactif" in remark
''','''    # Two persons and two months: those simulated, or for wages those before; one has its row.
    assert [text for text in population.remarks if "no row" in text] == [
        "mois.csv: 3 person-months have no row from 2024-12 to 2025-01: salaire_net = 0 there.",
        "mois.csv: 3 person-months have no row from 2025-01 to 2025-02: "
        "difficultes_acces_emploi_durable = oui, activite = inactif there.",
    ]
'''),('''    rows = [f"{who},{month},1" for who in "ab" for month in ("2024-12", "2025-01", "2025-02")]
''','''    # The wages of the last month are not read.
    rows = [f"{who},{month},1" for who in "ab" for month in ("2024-12", "2025-01")]
'''))
sub('tests/analysis/test_run_again.py',('''def written(file: Path, out: Path, reform="montants_rsa", report=None) -> Path:
    asked = compare.options(MONTHS, replicates=20)
    found = compare.compared(compare.made(reform), sources.of_files(file), asked)
    writing.write(found, out, report)
''','''def written(file: Path, out: Path, reform="montants_rsa", report=None, overwrite=False) -> Path:
    asked = compare.options(MONTHS, replicates=20)
    found = compare.compared(compare.made(reform), sources.of_files(file), asked)
    writing.write(found, out, report, overwrite)
'''),('''        written(file, tmp_path / "out", "age_29", fails)
''','''        written(file, tmp_path / "out", "age_29", fails, overwrite=True)
'''),('''def verdicts(found''','''def test_another_comparison_is_replaced_only_when_asked(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    before = written(file, out).read_bytes()
    assert written(file, out).read_bytes() == before  # The same one again.
    with pytest.raises(BadRequest, match=r"is of another comparison, .* add --overwrite"):
        written(file, out, "age_29")
    arguments = ["compare", "age_29", "--population", str(file), "--months", MONTHS]
    arguments += ["--replicates", "0", "--out", str(out)]
    refused = CliRunner().invoke(main, arguments)
    assert refused.exit_code == 2
    assert "add --overwrite to replace it. Nothing was written" in refused.stderr
    assert (out / "run.json").read_bytes() == before
    assert CliRunner().invoke(main, [*arguments, "--overwrite"]).exit_code == 0
    assert json.loads((out / "run.json").read_text())["reform"]["name"] == "age_29"
    simulated = CliRunner().invoke(
        main, ["simulate", str(file), "--months", MONTHS, "--out", str(out), "--overwrite"]
    )
    assert simulated.exit_code == 2
    assert "has the results of a comparison: choose another --out" in simulated.stderr


def verdicts(found'''))
sub('tests/population/test_universes.py',('''@pytest.mark.parametrize("universe", universes.UNIVERSES)
def test_a_population_in_blocks''','''def test_a_population_that_is_there_is_replaced_only_when_asked(system, entrants_2023, tmp_path):
    path = tmp_path / "x.csv"
    people = [entrants_2023.population]
    for mine in (path, flat.beside(path)):
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


@pytest.mark.parametrize("universe", universes.UNIVERSES)
def test_a_population_in_blocks'''))
sub('tests/population/test_output.py',('''def test_nobody_paid_makes''','''def test_sums_have_no_noise():
    weights = numpy.array([0.1, 0.2, 0.3, 1e9])
    totals = Totals(month_range("2025-01"), weights)
    values = {
        "cej_allocation": numpy.array([[100.0], [100.0], [100.0], [0]]),
        "cej_en_cours": numpy.array([[True], [True], [True], [False]]),
    }
    totals.add(engine.Block(numpy.arange(4), values))
    assert totals.ever_paid == 0.6000000000000001  # as floats have it
    told = totals.told()
    assert told["ever_paid"] == 0.6
    assert told["months"]["2025-01"] == {"contracts": 0.6, "payees": 0.6, "centimes": 6000}
    assert told["weight"] == 1_000_000_000.6


@pytest.mark.parametrize("name", ["a\\nb", "a\\rb", 'a"b', "a,b", "a b"])
def test_an_identifier_reads_back_as_it_was(name):
    line = f"{quoted(name)},1\\r\\n"
    assert list(csv.reader(io.StringIO(line, newline=""), strict=True)) == [[name, "1"]]


def test_rows_keep_the_order_of_the_input_whatever_the_groups(system, tmp_path):
    # Four families whose members are far apart: a b c d a b c d…
    rows = [f"p{rank},2003-01-0{1 + rank % 9},{'abcd'[rank % 4]}" for rank in range(24)]
    path = write(tmp_path / "p.csv", "individu_id,date_naissance,famille_id", *rows)
    population = read_csv(path, system, MONTHS)
    for size in (1, 7, 100):
        out = tmp_path / f"{size}.csv"
        with AllocationFile(out, system, population, MONTHS, VARIABLES) as file:
            for block in engine.simulate(system, population, MONTHS, VARIABLES, size):
                file.add(block)
        with out.open(newline="") as text:
            found = [row["individu_id"] for row in csv.DictReader(text)]
        assert found[:: len(MONTHS)] == [f"p{rank}" for rank in range(24)]


def test_nobody_paid_makes'''))
