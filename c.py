import sys; sys.path.insert(0,'/tmp/w17')
from sub import sub
sub('tests/population/test_output.py',('import csv\nfrom decimal','import csv\nimport io\nfrom decimal'),('from openfisca_cej.population.output import AllocationFile','from openfisca_cej.population.output import AllocationFile, quoted'))
sub('tests/population/test_run.py',('''def test_months_before_the_law_are_told(tmp_path):''','''def test_what_is_read_by_default_is_told_alike_everywhere(tmp_path):
    persons, monthly, flat = (tmp_path / f"{name}.csv" for name in ("p", "m", "flat"))
    # a gives the notice that January 2025 reads (incomes of 2023), and not the number of parts.
    write(persons, "individu_id,date_naissance,rni@2023", "a,2003-01-01,9000", "b,2004-02-01,8000")
    write(monthly, "individu_id,mois,salaire_net", "a,2024-12,600", "b,2024-12,5")
    write(flat, "individu_id,date_naissance,rni@2023", "a,2003-01-01,9000", "b,2004-02-01,8000")
    window, sentence = ("--months", "2025-01:2025-01"), "read as their default: nbptr = 1 (2023)"
    check = [str(item) for item in (persons, "--monthly", monthly, *window)]
    told = [
        command(flat, *window, "--out", tmp_path / "flat").stderr,
        command(persons, "--monthly", monthly, *window, "--out", tmp_path / "long").stderr,
        CliRunner().invoke(main, ["check", *check]).stdout,
        CliRunner().invoke(main, ["check", str(flat), *map(str, window)]).stdout,
    ]
    for text in told:
        assert sentence in text
        assert "2024-12" not in text  # What the law reads of it is there.
    lines = [next(one for one in text.splitlines() if sentence in one) for text in told]
    assert {line.partition("Not in the file")[2] for line in lines} == {lines[0][len("Not in the file"):]}


def test_months_before_the_law_are_told(tmp_path):'''))
