"""Reform files: what is read, and what is refused with its line."""

import json
import math
import pickle

import numpy
import pytest

from openfisca_cej.reforms import InvalidReform, load, reform
from openfisca_cej.reforms.loading import compiled, read_whole

MONTANT = "contrat_engagement_jeune.montant_forfaitaire.general.majeur_non_imposable"
MINEUR = "contrat_engagement_jeune.montant_forfaitaire.general.mineur"
MOIS = "contrat_engagement_jeune.ressources.nombre_mois"
PART = "contrat_engagement_jeune.ressources.degressivite.part_smic"
INSCRIPTION = "contrat_engagement_jeune.public.inscription_demandeur_emploi"
ACTIVITE = "contrat_engagement_jeune.ressources.partiellement_deductibles.activite"
BAREME = "impot_revenu.bareme_ir_depuis_1945.bareme"


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def faults(path) -> list[tuple[int, str]]:
    """(line, what is told of it) of each fault of a file."""
    with pytest.raises(InvalidReform) as refused:
        load(path)
    for fault in refused.value.faults:
        assert str(fault).startswith(f"{path}, line {fault.line}: " if fault.line else f"{path}: ")
        assert str(fault) in str(refused.value)
    return [(fault.line, str(fault)) for fault in refused.value.faults]


def test_a_yaml_file_and_a_json_file_say_the_same(tmp_path):
    text = (
        f"title: T\nparameters:\n  {MONTANT}:\n    2026-01-01: 600\n  {MOIS}:\n    2026-01-01: 3\n"
    )
    content = {
        "title": "T",
        "parameters": {MOIS: {"2026-01-01": 3}, MONTANT: {"2026-01-01": 600.0}},
    }
    of_yaml = load(write(tmp_path / "a.yaml", text))
    of_json = load(write(tmp_path / "a.json", json.dumps(content, indent="\t")))
    assert of_yaml.content == of_json.content == reform(content).content
    assert of_yaml.title == "T"
    assert json.loads(json.dumps(of_yaml.content)) == of_yaml.content


def test_all_the_faults_are_told_each_with_its_line(tmp_path):
    path = write(
        tmp_path / "faults.yaml",
        f"""titel: Un essai
parameters:
  {MONTANT.replace("majeur", "majuer")}:
    2026-01-01: 600
  {MONTANT}:
    2026-13-01: 600
    2026-01-01: "600"
    2027-12-31..2027-01-01: 600
    2021-01-01: 600
    2028-01-01: -5
    2029-01-01: .nan
  {PART}:
    2026-01-01: 80
  {INSCRIPTION}:
    2026-01-01: 1
  {ACTIVITE}:
    2026-01-01: [salaire_net, salaire_nett]
  {MOIS}:
    2026-01-01: 1.5
    2026-01-01: 3
switches:
  - bareme_lineaires
""",
    )
    told = faults(path)
    expected = [
        (1, "« titel » is not a key"),
        (3, MONTANT),
        (6, "« 2026-13-01 » is not a date"),
        (7, "« 600 » is not a number. Write it without quotation marks"),
        (8, "ends before it starts. Write 2027-01-01..2027-12-31"),
        (9, "before the first value of the parameter (2022-03-01)"),
        (10, "« -5 » is negative"),
        (11, "« .nan » is not a number"),
        (13, "« 80 » is more than 1. A fraction: write 0.8"),
        (15, "« 1 » is neither true nor false"),
        (17, "« salaire_nett » is not a variable of the model. Did you mean salaire_net"),
        (19, "« 1.5 » is not a whole number"),
        (20, "« 2026-01-01 » comes twice (first on line 19)"),
        (22, "« bareme_lineaires » is not a switch"),
    ]
    assert [line for line, _ in told] == [line for line, _ in expected]
    for (_, sentence), (_, part) in zip(told, expected, strict=True):
        assert part in sentence


@pytest.mark.parametrize(
    ("value", "part"),
    [
        ("0600", "« 0600 » is not a number"),
        ("1_000", "« 1_000 » is not a number"),
        ("10:30", "« 10:30 » is not a number"),
        ("1e3", "« 1e3 » is not a number"),
        ("-.inf", "« -.inf » is not a number"),
        ("true", "« true » is not a number"),
        ("null", "« null » is not a number"),
        ("[600]", "« […] » is not a number"),
        ("600.005", "has fractions of a centime"),
        ("1.0e+20", "is not a number"),
        ("99999999999", "is not between 0 and 20000"),
        ("10000000", "Write at most 20000 (limit parametre_euros)"),
    ],
)
def test_an_amount_is_a_number_of_euros(tmp_path, value, part):
    path = write(tmp_path / "a.yaml", f"parameters:\n  {MONTANT}:\n    2026-01-01: {value}\n")
    ((line, sentence),) = faults(path)
    assert line == 3
    assert part in sentence


@pytest.mark.parametrize("day", ["9999-12-31", "9999-12-02", "2101-01-01", "1899-12-31"])
@pytest.mark.parametrize("written", ["{}", "2026-01-01..{}"])
def test_a_date_is_within_reach(tmp_path, day, written):
    path = write(
        tmp_path / "a.yaml", f"parameters:\n  {MONTANT}:\n    {written.format(day)}: 600\n"
    )
    ((line, sentence),) = faults(path)
    assert line == 3
    assert day in sentence


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity"])
def test_json_has_no_infinity(tmp_path, value):
    path = write(
        tmp_path / "a.json", f'{{"parameters": {{"{MONTANT}":\n{{"2026-01-01": {value}}}}}}}'
    )
    ((line, sentence),) = faults(path)
    assert (line, f"« {value} » is not a number" in sentence) == (2, True)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), numpy.float64("nan"), "600"])
def test_python_values_are_checked_too(value):
    with pytest.raises(InvalidReform, match="is not a number"):
        reform({MONTANT: {"2026-01-01": value}})


@pytest.mark.parametrize(
    "dates",
    [
        ["2026-01-01..2026-12-31", "2026-12-31..2027-12-31"],
        ["2026-01-01", "2027-01-01..2027-12-31"],
        ["2026-01-01..2027-12-31", "2027-01-01"],
        ["2026-01-01..2026-12-31", "2026-01-01"],
    ],
)
def test_overlapping_dates_are_refused(tmp_path, dates):
    lines = "".join(f"    {date}: {600 + rank}\n" for rank, date in enumerate(dates))
    path = write(tmp_path / "a.yaml", f"parameters:\n  {MONTANT}:\n{lines}")
    ((line, sentence),) = faults(path)
    assert line == 4
    assert "is also in the values that go from 2026-01-01" in sentence


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("", 0, "not a mapping"),
        ("- a\n", 1, "not a mapping"),
        ("a: [\n", 2, "not valid"),
        ("a: 1\n---\nb: 2\n", 2, "not valid"),
        ("a: *b\n", 1, "not valid"),
        ("title: [1]\n", 1, "title is not a text"),
        ("parameters: 3\n", 1, "not a mapping of paths"),
        ("switches: bareme_lineaire\n", 1, "switches is not a list"),
        ("switches: [mayotte_alignee(2)]\n", 1, "takes nothing between parentheses"),
        ("switches: [bareme_lineaire(50)]\n", 1, "a number from 0 to 1"),
        ("switches:\n  [bareme_lineaire(0.4), bareme_lineaire]\n", 2, "cannot go together"),
        ("switches:\n  mayotte_alignee: false\n", 2, "« false » does not say when"),
        ("switches:\n  mayotte_alignee:\n    2025-13-01: true\n", 3, "is not a date"),
        ("switches:\n  mayotte_alignee:\n    2025-01-01: 1\n", 3, "« 1 » is not true"),
        ("switches:\n  mayotte_alignee:\n    2021-01-01: true\n", 3, "is before the law"),
        ("switches:\n  mayotte_aligne:\n    2025-01-01: true\n", 2, "is not a switch"),
        (
            "switches:\n  mayotte_alignee:\n    2025-12-31..2025-01-01: true\n",
            3,
            "ends before it starts. Write 2025-01-01..2025-12-31",
        ),
        (
            "switches: {mayotte_alignee: {2025-06-01..2025-12-31: true,\n2025-06-01: true}}\n",
            2,
            "2025-06-01 is also in the values that go from 2025-06-01 to 2025-12-31",
        ),
        (f"parameters:\n  {MONTANT}: 600\n", 2, "not a mapping of dates"),
        (f"{MONTANT}: {{2026-01-01: 600}}\n", 1, "Write it under « parameters: »"),
        (f"parameters:\n  {BAREME}[9].threshold: {{2025-01-01: 600}}\n", 2, "[0] to [4]"),
        (f"parameters:\n  {BAREME}: {{2025-01-01: 600}}\n", 2, "is a scale"),
        ("parameters:\n  impot_revenu: {2025-01-01: 600}\n", 2, "a group of parameters"),
        ("references:\n  - title: Loi\n", 2, "a title and a href"),
        ("&a [*a]\n", 0, "nested too deeply"),
    ],
)
def test_what_is_not_a_reform_is_told(tmp_path, text, line, part):
    told = faults(write(tmp_path / "a.yaml", text))
    assert told[0][0] == line
    assert part in told[0][1]


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_bytes(b"title: \xe9t\xe9\n")
    assert "not in UTF-8" in faults(path)[0][1]
    assert "cannot be read" in faults(tmp_path / "none.yaml")[0][1]
    assert "cannot be read" in faults(tmp_path)[0][1]
    path.write_bytes(b"title: \x00\n")
    assert "not allowed" in faults(path)[0][1]


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("montant_forfaitaire.general.majeur_non_imposable", MONTANT),
        ("majeur_non_imposable", MONTANT),
        ("contrat_engagement_jeune.montant.majeur", MONTANT),
        (MOIS.replace("mois", "moi"), MOIS),
        (BAREME.replace("bareme_ir_", "bareme_") + "[2].threshold", f"{BAREME}[2].threshold"),
    ],
)
def test_an_unknown_path_suggests_the_nearest(path, meant):
    with pytest.raises(InvalidReform) as refused:
        reform({path: {"2026-01-01": 1}})
    remedy = refused.value.faults[0].remedy
    assert meant in remedy.removeprefix("Did you mean ").removesuffix("?").split(", ")
    assert str(refused.value).endswith("?")


@pytest.mark.parametrize(
    ("parameters", "part"),
    [
        ({PART: {"2026-01-01": 0.1}}, "is not more than the disregard of 300 €"),
        ({"contrat_engagement_jeune.public.age_minimum": {"2026-01-01": 26}}, "is more than"),
        ({f"{BAREME}[2].threshold": {"2024-01-01": 9000}}, f"{BAREME}[1].threshold (11497)"),
        ({MOIS: {"2026-01-01": 0}}, "is not between 1 and 12"),
    ],
)
def test_values_that_compute_nonsense_together_are_refused(parameters, part):
    with pytest.raises(InvalidReform) as refused:
        reform(parameters)
    assert part in str(refused.value)


def test_what_is_wrong_is_told_with_numbers_as_french_writes_them():
    with pytest.raises(InvalidReform) as refused:
        reform({PART: {"2026-01-01": 0.1}})
    # The monthly SMIC of January 2026.
    wrong = "0,1 × le SMIC de 1 823,03 € n'est pas plus que l'abattement de 300,00 €"
    assert any(fault.fr.endswith(wrong) for fault in refused.value.faults)


def test_a_coefficient_may_exceed_one():
    path = "contrat_engagement_jeune.montant_forfaitaire.revalorisation"
    assert reform({path: {"2026-04-01": 1.02}}).content["parameters"] == {
        path: {"2026-04-01": 1.02}
    }


def test_a_name_that_does_not_exist_suggests_another():
    with pytest.raises(InvalidReform, match="Did you mean age_29"):
        load("age29")
    with pytest.raises(InvalidReform) as refused:
        load("age29+nothing.yaml")
    assert [fault.source for fault in refused.value.faults] == ["age29", "nothing.yaml"]


def test_a_folder_of_results_does_not_hide_the_reform_of_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "age_29").mkdir()
    assert load("age_29").content == reform("age_29").content
    (tmp_path / "age_29").rmdir()
    write(tmp_path / "age_29", f"parameters: {{{MONTANT}: {{2026-01-01: 600}}}}")
    assert load("age_29").content["parameters"] == {MONTANT: {"2026-01-01": 600}}


TRANCHE = f"{BAREME}[9].threshold"

#: What is wrong in an object of Python, and the keys that lead to it.
OF_PYTHON = [
    ([], ()),
    ({"titel": "T"}, ("titel",)),
    ({"title": 1}, ("title",)),
    ({"references": [{"title": "Article"}]}, ("references", "0")),
    ({"switches": "mayotte_alignee"}, ("switches",)),
    ({"switches": ["mayotte_alignee", "mayotte"]}, ("switches", "1")),
    ({"switches": ["bareme_lineaire(2)"]}, ("switches", "0")),
    ({"switches": ["mayotte_alignee(1)"]}, ("switches", "0")),
    ({"switches": ["bareme_lineaire", "bareme_lineaire(0.3)"]}, ("switches",)),
    ({"parameters": 1}, ("parameters",)),
    ({"parameters": {"mineur": {}}}, ("parameters", "mineur")),
    ({"parameters": {BAREME: {}}}, ("parameters", BAREME)),
    ({"parameters": {TRANCHE: {}}}, ("parameters", TRANCHE)),
    ({"parameters": {MONTANT: 600}}, ("parameters", MONTANT)),
    ({"parameters": {MONTANT: {"2026": 600}}}, ("parameters", MONTANT, "2026")),
    ({"parameters": {MONTANT: {"2020-01-01": 600}}}, ("parameters", MONTANT, "2020-01-01")),
    (
        {"parameters": {MONTANT: {"2026-02-01..2026-01-01": 600}}},
        ("parameters", MONTANT, "2026-02-01..2026-01-01"),
    ),
    (
        {"parameters": {MONTANT: {"2026-01-01..2026-03-31": 1, "2026-03-01..2026-04-30": 2}}},
        ("parameters", MONTANT),
    ),
    *(
        ({"parameters": {path: {"2026-01-01": value}}}, ("parameters", path, "2026-01-01"))
        for path, value in [
            *((MONTANT, value) for value in ("600", "x", True, None, -1, 1e10, 600.001, math.nan)),
            (PART, 80),
            (MOIS, 1.5),
            (MOIS, 13),
            (INSCRIPTION, 1),
            (ACTIVITE, "salaire_net"),
            (ACTIVITE, ["salaire_nett"]),
            (ACTIVITE, ["rni"]),
            (ACTIVITE, ["cej_allocation"]),
            (ACTIVITE, ["salaire_net", "salaire_net"]),
        ]
    ),
    (
        {
            "switches": ["mayotte_alignee"],
            "parameters": {MINEUR.replace("general", "mayotte"): {"2026-01-01": 100}},
        },
        ("parameters", MINEUR.replace("general", "mayotte")),
    ),
    ({"parameters": {PART: {"2026-01-01": 0.1}}}, ()),
    ({"parameters": {"contrat_engagement_jeune.public.age_minimum": {"2026-01-01": 26}}}, ()),
    ({"parameters": {f"{BAREME}[2].threshold": {"2024-01-01": 9000}}}, ()),
    ({"parameters": {"a": {"b": {"c": {"d": {"e": {"f": {"g": {"h": {"i": 1}}}}}}}}}}, ()),
]


@pytest.mark.parametrize(("spec", "keys"), OF_PYTHON)
def test_a_fault_of_an_object_is_told_in_french_with_its_place(spec, keys):
    with pytest.raises(InvalidReform) as refused:
        compiled([read_whole(spec)])
    faults = refused.value.faults
    for fault in faults:
        assert fault.keys == keys
        assert fault.fr
        assert fault.fr not in (fault.problem, fault.remedy)
    assert pickle.loads(pickle.dumps(refused.value)).faults == faults


@pytest.mark.parametrize("dates", ["2026-03-10..2026-03-20", "2026-03-02..2026-03-31"])
def test_a_value_that_no_month_reads_is_refused(tmp_path, dates):
    path = write(tmp_path / "a.yaml", f"parameters:\n  {MONTANT}:\n    {dates}: 700\n")
    ((line, told),) = faults(path)
    assert line == 3
    assert "is never read" in told
    assert "write 2026-03-01..2026-03-31" in told


@pytest.mark.parametrize("dates", ["2026-03-10..2026-04-01", "2026-03-01..2026-03-01"])
def test_a_value_that_one_month_reads_is_taken(dates):
    assert reform({MONTANT: {dates: 700}}).content["parameters"][MONTANT] == {dates: 700}


def test_a_value_from_the_middle_of_a_month_says_when_it_acts():
    from openfisca_cej import CountryTaxBenefitSystem
    from openfisca_cej.analysis.wording import sentence

    law = CountryTaxBenefitSystem()
    provision = reform({MONTANT: {"2026-01-15": 600}}).provisions(law)[0]
    told = sentence(provision, law.parameters)
    assert told.startswith("Du 15 janvier 2026 (donc des mois à compter du 1er février")


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ({"contrat_engagement_jeune.public.age_maximum": {"2026-01-01": 300}}, "between 0 and 99"),
        ({MONTANT.replace("non_imposable", "premiere_tranche"): {"2026-01-01": 900}}, "more than"),
    ],
)
def test_values_out_of_sense_are_refused(content, part):
    with pytest.raises(InvalidReform, match=part):
        reform(content)


def test_aliases_that_unfold_without_end_are_refused_at_once(tmp_path):
    # Nine names, each nine times the one before: 9 ** 9 values in 300 characters.
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    for before, name in zip("abcdefgh", "bcdefghi", strict=True):
        lines.append(f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]")
    ((_, told),) = faults(write(tmp_path / "bomb.yaml", "\n".join(lines)))
    assert "aliases unfold to more than 100 000 values" in told
