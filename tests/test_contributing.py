"""Each row of the table of CONTRIBUTING.md, done by script on a copy of the tree.

All done, the build passes; a file left out, the build names it. A row is its files, each with what
it becomes; the rows are done together, and left out together, a file of each at a time.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import revalue
from samples import in_make_long

PROJECT = Path(__file__).resolve().parent.parent
PAGES = ("CONTRIBUTING.md", "CONTRIBUTING.fr.md")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (PROJECT / "CONTRIBUTING.md").exists(), reason="of the tree"),
]

#: A file, and what it becomes.
Row = dict[str, Callable[[str], str]]

CASES = "tests/contrat_engagement_jeune"
PARAMETERS = "openfisca_cej/parameters"
REGISTER = "openfisca_cej/droit/registre.yaml"
LINK = "https://www.legifrance.gouv.fr/jorf/id/JORFTEXT000053733826"


def after(text: str, more: str) -> Callable[[str], str]:
    """Some more text after a text that stands once or more: after the first."""

    def edit(content: str) -> str:
        assert text in content, text
        return content.replace(text, text + more, 1)

    return edit


def instead(text: str, new: str) -> Callable[[str], str]:
    """A text in place of another."""

    def edit(content: str) -> str:
        assert text in content, text
        return content.replace(text, new, 1)

    return edit


def at_the_end(more: str) -> Callable[[str], str]:
    """Some more text at the end."""
    return lambda content: content + more


def dated(key: str, day: str, value: str) -> Callable[[str], str]:
    """One more dated value under the last of a key, with its reference and how it is known."""
    reference = f"    {day}:\n      - title: Décret\n        href: {LINK}\n"

    def edit(content: str) -> str:
        content = revalue.appended(content, key, value)
        content = revalue.appended(content, "  reference", reference)
        content = revalue.appended(content, "  confiance", f"    {day}: hypothèse\n")
        valid = 'last_value_still_valid_on: "'
        return re.sub(rf'{valid}[\d-]*"', f'{valid}{day}"', content)

    return edit


# --- The rows -------------------------------------------------------------------------------------


def revaluation() -> Row:
    """The edits of « make revalue »."""
    texts = revalue.Revaluation("2027-04-01", revalue.Decimal("1.009"), "Instruction", LINK).texts()
    return {
        file.relative_to(PROJECT).as_posix(): (lambda _, text=text: text) for file, text in texts
    }


RESOURCE = """

@question(
    "Quelle prime d'essai avez-vous reçue en {mois} ?", bref="prime d'essai", mots="prime, essai"
)
class prime_d_essai(Ressource):
    label = "Prime d'essai"
    documentation = "Partiellement déductible (R5131-22, 7°)."
    reference = "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045207433"
"""
# 566,17 - 566,17 / (0,8 x 1 867,02 - 300) x (600 - 300) = 566,17 - 142,30 = 423,87
CASE_OF_RESOURCE = """
- name: R5131-22 7° — la prime d'essai compte depuis 2027, et la rémunération OACAS toujours
  period: 2027-02
  input:
    age: {2026-12: [20, 20], 2027-02: [20, 20]}
    prime_d_essai: {2026-11: [600, 0], 2027-01: [600, 0]}
    remuneration_oacas: {2026-11: [0, 600], 2027-01: [0, 600]}
  output:
    cej_allocation: {2026-12: [566.17, 423.87], 2027-02: [423.87, 423.87]}
  absolute_error_margin: 0.001
"""
OACAS = "contrat_engagement_jeune/ressources/partiellement_deductibles/oacas.yaml"


BEFORE = "indemnites_conge_supplementaire_naissance"
ORACLE_OF_RESOURCE = '        total += somme(cas, ["{of}"], m - 1)\n'


def resource() -> Row:
    """A decree adds a resource to R5131-22."""
    ours = '    if m >= numero("2027-01"):\n' + ORACLE_OF_RESOURCE.format(of="prime_d_essai")
    both = "  2027-01-01:\n    value:\n      - remuneration_oacas\n      - prime_d_essai\n"
    return {
        "openfisca_cej/variables/entrees/ressources.py": at_the_end(RESOURCE),
        f"{PARAMETERS}/{OACAS}": dated("values", "2027-01-01", both),
        REGISTER: after("_partiellement_deductibles, remuneration_oacas", ", prime_d_essai"),
        f"{CASES}/ressources_partiellement_deductibles.yaml": at_the_end(CASE_OF_RESOURCE),
        "tests/helpers/oracle.py": after(ORACLE_OF_RESOURCE.format(of=BEFORE), ours),
        "tests/published_names.txt": with_names("prime_d_essai"),
    }


CONDITION = """
@condition("Atelier d'essai", SIGNATURE, 5)
class cej_condition_atelier(Constat):
    label = "Condition d'atelier du contrat d'engagement jeune"
    documentation = "Condition d'essai, depuis 2027."
    reference = L5131_6

    def formula_2022_03_01(individu, period):
        return True

    def formula_2027_01_01(individu, period):
        return individu("atelier_suivi", period)


@calcul(cej_condition_atelier)
def ligne_atelier(cas):
    return "atelier suivi" if cas.valeur("atelier_suivi") else "atelier non suivi"


@question("Avez-vous suivi l'atelier d'essai ?")
class atelier_suivi(Fait):
    default_value = True
    label = "A suivi l'atelier d'essai"
    documentation = "Condition d'essai, depuis 2027."
    reference = L5131_6


"""
CASE_OF_CONDITION = """
- name: L5131-6 — l'atelier d'essai est exigé à partir de janvier 2027
  period: 2027-01
  input:
    age: {2026-12: [20, 20], 2027-01: [20, 20]}
    atelier_suivi: {2026-12: [true, false], 2027-01: [true, false]}
  output:
    cej_condition_atelier: {2026-12: [true, true], 2027-01: [true, false]}
    cej_eligibilite: {2026-12: [true, true], 2027-01: [true, false]}
"""


def with_condition(content: str) -> str:
    """The rules with one more condition to sign."""
    start = content.index("class cej_eligibilite(")
    start = content.rindex("\n\n\n", 0, start) + 2
    content = content[:start] + CONDITION + content[start:].lstrip("\n")
    read = '            & individu("cej_condition_carence", period)\n'
    return after(read, read.replace("carence", "atelier"))(content)


def in_the_register(content: str) -> str:
    """The paragraph of L5131-6 with what carries the condition."""
    old = "- cej_condition_inscription\n        - contrat_engagement_jeune_eligibilite\n"
    return after(old, "        - cej_condition_atelier\n        - atelier_suivi\n")(content)


def condition() -> Row:
    """A law adds a condition to sign."""
    oracle = "        and condition_carence(cas, m)\n"
    ours = '        and (m < numero("2027-01") or lire(cas, "atelier_suivi", m))\n'
    return {
        "openfisca_cej/variables/cej/public.py": with_condition,
        REGISTER: in_the_register,
        f"{CASES}/public.yaml": at_the_end(CASE_OF_CONDITION),
        "tests/helpers/oracle.py": lambda text: after(
            '    "cej_engagements_respectes": True,\n', '    "atelier_suivi": True,\n'
        )(after(oracle, ours)(text)),
        "tests/published_names.txt": with_names("atelier_suivi", "cej_condition_atelier"),
    }


def with_names(*more: str) -> Callable[[str], str]:
    """The list of names with some more."""
    return lambda content: "\n".join(sorted({*content.split(), *more})) + "\n"


# Revenus de 2026, une part : au plus 29 900 €, première tranche ; un euro de plus, au-delà.
CASE_OF_SCALE = """
- name: D5131-19 I 1° et CGI 197 — revenus de 2026, la première tranche finit à 29 900 €
  period: 2027-10
  input:
    age: [20, 20]
    rni: {2026: [29900, 29901]}
  output:
    cej_situation_fiscale: [premiere_tranche, au_dela]
"""
SCALE = "impot_revenu/bareme_ir_depuis_1945/bareme.yaml"


def scale() -> Row:
    """The finance law moves the scale of the income tax."""
    known = "    2025: ((11_600, 29_579, 84_577, 181_917), 897, 1_483),\n"
    next_one = known.replace("2025", "2026").replace("29_579", "29_900")
    third = "      2025-01-01:\n        value: 29579\n"
    new = third.replace("2025", "2026").replace("29579", "29900")

    def moved(content: str) -> str:
        return dated("  confiance", "2026-01-01", "")(after(third, new)(content))

    return {
        f"{PARAMETERS}/{SCALE}": moved,
        f"{CASES}/situation_fiscale.yaml": at_the_end(CASE_OF_SCALE),
        "tests/helpers/oracle.py": after(known, next_one),
    }


def version() -> Row:
    """An article has a new version, which the rules cite."""
    new = "LEGIARTI000099999999"
    old = "    - id: LEGIARTI000045202337\n      premier_jour: 2022-03-01\n      dernier_jour: "
    more = (
        f"2026-12-31\n      changement: Abattement de 300 € et coefficient de dégressivité\n"
        f"      confiance: lu\n    - id: {new}\n      premier_jour: 2027-01-01\n"
        "      dernier_jour: null\n"
    )
    cited = "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045202337"
    return {
        "openfisca_cej/droit/articles.yaml": instead(f"{old}null\n", old + more),
        "openfisca_cej/variables/cej/ressources.py": lambda text: instead(
            "[R5131_20, D5131_23]", "[R5131_20, *D5131_23]"
        )(instead(f'D5131_23 = "{cited}"', f'D5131_23 = ["{cited}", "{cited[:-20]}{new}"]')(text)),
    }


OLD, NEW = "remuneration_adaptation_vie_active", "remuneration_adaptation_a_la_vie_active"


def renamed() -> Row:
    """An input has another name."""
    files = [
        file.relative_to(PROJECT).as_posix()
        for folder in ("openfisca_cej", "tests", "docs")
        for file in sorted((PROJECT / folder).rglob("*"))
        if file.suffix in (".py", ".yaml", ".md", ".json") and file != Path(__file__).resolve()
        # What `make docs` draws from the model is drawn again.
        if PROJECT / "docs" / "reference" not in file.parents
        if OLD in file.read_text(encoding="utf-8")
    ]
    former = f'    "{OLD}": Renamed("{NEW}", "2.0.0"),\n'
    return {
        "openfisca_cej/former_names.py": after("FORMER_NAMES = {\n", former),
        **{file: (lambda text: text.replace(OLD, NEW)) for file in files},
        "tests/published_names.txt": with_names(NEW),
    }


REFORM = """title: Abattement d'essai
description: L'abattement de D5131-23 est porté à 400 € à partir de janvier 2026.
rationale: >-
  Une réforme d'essai, dont la raison doit avoir plus de vingt mots pour que le catalogue la prenne
  au sérieux : elle mesure ce que donnerait un abattement plus haut pour qui travaille un peu.
references:
  - title: Article D5131-23 du code du travail
    href: https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045202337
parameters:
  contrat_engagement_jeune.ressources.degressivite.abattement:
    2026-01-01: 400
"""
CASE_OF_REFORM = """# Un salaire de 400 € ne dépasse pas l'abattement de 400 €.

- name: Réforme essai (D5131-23 1°) — 400 € se cumulent
  period: 2026-02
  reforms: openfisca_cej.reforms.essai
  input:
    age: 20
    salaire_net: {2026-01: 400}
  output:
    cej_allocation: 561.68
"""


def reform() -> Row:
    """A ready-made reform."""
    return {
        "openfisca_cej/reforms/essai.yaml": at_the_end(REFORM),
        "tests/reforms/cas/essai.yaml": at_the_end(CASE_OF_REFORM),
    }


ROWS = {
    "revaluation": revaluation,
    "resource": resource,
    "condition": condition,
    "scale": scale,
    "version": version,
    "renamed": renamed,
    "reform": reform,
}


# --- The build on a copy --------------------------------------------------------------------------

#: What is run on the copy: of « make law », what the rows are about. The last one runs all the
#: cases of the law.
CHECKS = (
    "reforms/cas",
    "reforms/test_catalogue.py::test_the_amounts_follow_from_the_rsa",
    "reforms/test_catalogue.py::test_each_reform_has_its_cases",
    "test_revalorisations.py::test_amounts_follow_from_what_they_are_derived_from",
    "health/test_names.py::test_a_variable_of_the_law_is_named_where_it_is_declared",
    "health/test_parameters.py::test_each_value_has_its_reference_and_its_confidence",
    "health/test_variables.py::test_every_input_has_a_question_and_nothing_else_has",
    "health/test_variables.py::test_every_variable_is_tested",
    "health/test_variables.py::test_no_published_name_goes_without_a_word",
    "health/test_variables.py::test_variable_has_label_documentation_and_reference",
    "droit/test_registre.py::test_the_names_exist_in_the_system",
    "droit/test_registre.py::test_no_variable_is_without_a_paragraph",
    "droit/test_articles.py::test_every_identifier_cited_by_the_rules_and_parameters_is_in_the_register",
    "droit/test_articles.py::test_every_computed_variable_cites_in_each_month_a_version_then_in_force",
    "test_declarations.py::test_everything_that_the_law_reads_is_declared",
    "test_oracle.py::test_l_oracle_lit_chaque_entree_de_la_loi",
    "test_oracle.py::test_les_tables_suivent_les_parametres",
    "test_oracle.py::test_zero_centime_de_difference[2027-1]",
    "test_valeurs_datees.py::test_every_dated_value_has_a_case_whose_result_depends_on_it",
)

#: Of each row, the files beside the one that a contributor came to edit: none may be forgotten.
BESIDE = {
    "revaluation": [
        "openfisca_cej/reforms/montants_rsa.yaml",
        f"{CASES}/revalorisations.yaml",
        f"{PARAMETERS}/contrat_engagement_jeune/montant_forfaitaire/mayotte/mineur.yaml",
    ],
    "resource": [
        f"{CASES}/ressources_partiellement_deductibles.yaml",
        REGISTER,
        "tests/helpers/oracle.py",
        "tests/published_names.txt",
    ],
    "condition": [
        REGISTER,
        "tests/helpers/oracle.py",
        "tests/published_names.txt",
        f"{CASES}/public.yaml",
    ],
    "scale": [f"{CASES}/situation_fiscale.yaml", "tests/helpers/oracle.py"],
    "version": ["openfisca_cej/droit/articles.yaml"],
    "renamed": ["openfisca_cej/former_names.py", "tests/published_names.txt"],
    "reform": ["tests/reforms/cas/essai.yaml"],
}

#: A case may be written beside any that holds a value of the series: the build names one.
ELSEWHERE = {f"{CASES}/revalorisations.yaml": f"{CASES}/"}

MOST = max(map(len, BESIDE.values()))


def done(folder: Path, left_out: set[tuple[str, str]]) -> None:
    """A copy of the tree with all the rows, but for some files of some rows."""
    # Without this file, whose words are no tests.
    ignored = shutil.ignore_patterns(
        "__pycache__", "browser", "web", "population", "*contributing*"
    )
    shutil.copytree(PROJECT / "openfisca_cej", folder / "openfisca_cej")
    shutil.copytree(PROJECT / "tests", folder / "tests", ignore=ignored)
    for name in ("pyproject.toml", "CHANGELOG.md", "CONTRIBUTING.md"):
        shutil.copy(PROJECT / name, folder / name)
    shutil.copytree(PROJECT / "benchmarks", folder / "benchmarks")
    for row, files in ROWS.items():
        for name, edit in files().items():
            file = folder / name
            if (row, name) not in left_out and (file.parent.is_dir() or not file.exists()):
                old = file.read_text(encoding="utf-8") if file.exists() else ""
                file.write_text(edit(old), encoding="utf-8")


def built(folder: Path) -> tuple[int, str]:
    """The status of the checks on the copy, and what they say last."""
    run = f"sys.exit(law.run({CHECKS!r}))"
    code = f"import sys; sys.path[:0] = ['tests/helpers']; import law; {run}"
    environment = os.environ | {"PYTHONPATH": str(folder), "CEJ_SINCE": "2026-01-01"}
    ran = subprocess.run(
        [sys.executable, "-B", "-c", code],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.returncode, ran.stdout + ran.stderr


def test_all_done_the_build_passes(tmp_path) -> None:
    done(tmp_path, set())
    status, said = built(tmp_path)
    assert status == 0, said[-4000:]


@in_make_long
@pytest.mark.parametrize("rank", range(MOST))
def test_a_file_left_out_of_a_row_is_named(tmp_path, rank: int) -> None:
    left_out = {(row, files[rank]) for row, files in BESIDE.items() if rank < len(files)}
    done(tmp_path, left_out)
    status, said = built(tmp_path)
    assert status == 1, said[-4000:]
    told = said.partition(" to edit ")[2]
    missing = [
        f"{row}: {file}" for row, file in sorted(left_out) if ELSEWHERE.get(file, file) not in told
    ]
    assert not missing, "\n".join([*missing, told])


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("row", BESIDE)
def test_the_pages_name_the_files_of_each_row(page: str, row: str) -> None:
    """The table is held by the rows that are done."""
    text = (PROJECT / page).read_text(encoding="utf-8")
    (line,) = [line for line in text.splitlines() if f"<!-- {row} -->" in line]
    for file in BESIDE[row]:
        if row != "revaluation":  # one command edits them
            assert Path(file).name in line.replace("NAME", "essai").replace("NOM", "essai"), file


@pytest.mark.parametrize("page", PAGES)
def test_the_files_that_the_pages_name_exist(page: str) -> None:
    """But for one to be written, under a NAME of one's own."""
    text = (PROJECT / page).read_text(encoding="utf-8")
    named = re.findall(r"`((?:[\w.-]+/)+[\w-]+\.\w+)`", text)
    assert len(named) > 12
    missing = [
        name
        for name in named
        if Path(name).stem not in ("NAME", "NOM")
        and not (PROJECT / name).exists()
        and not (PROJECT / PARAMETERS / name).exists()
    ]
    assert not missing, f"{page} names what is not there: {missing}"
