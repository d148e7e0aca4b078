"""The workbook computes what the model computes, in another program, to the centime."""

import random
from fractions import Fraction

import openpyxl
import oracle
import pytest
from comparisons import comparison
from dated_values import last_month
from recalculation import recalculated, rows
from samples import one_in, sample
from simulations import excedents_autour_du_demi_centime, systeme
from test_revalorisations import PARAMETERS, read_values

from openfisca_cej import reforms, report
from openfisca_cej.reforms import tree
from openfisca_cej.report import cases, workbook
from openfisca_cej.report.cases import TAXES, Case

ROWS = 1_000 // one_in(4)
MONTHS = oracle.numero("2022-03"), oracle.numero(last_month())
RATES = [0.0, 0.0, 0.25, 0.3, 0.333, 0.5, 0.999, 1.0]


def centimes(path, month):
    """A parameter of the law in the month, in centimes."""
    return round(100 * tree.numbers(systeme().parameters)[path](f"{month}-01"))


def on_a_border(draw, case):
    """The resources (€) of a case whose amount falls on a half-centime, or the nearest to one."""
    place = "mayotte" if case.mayotte else "general"
    name = "mineur" if case.minor else "majeur_" + case.tax
    smic = f"{workbook.DEGRESSIVITE}.smic_mayotte" if case.mayotte else workbook.SMIC
    exact, near = excedents_autour_du_demi_centime(
        centimes(f"{workbook.FORFAIT}.{place}.{name}", case.month),
        Fraction(8, 10) * centimes(smic, case.month) - 30_000,
        round(100 * case.deductible),
        Fraction(str(case.withheld)),
    )
    return (30_000 + draw.choice(exact or near)) / 100 if exact or near else 300.0


def at_random(seed, months=MONTHS):
    """Cases of every kind, one in two on a half-centime or beside it."""
    draw = random.Random(seed)
    found = []
    for rank in range(ROWS):
        case = Case(
            f"Cas {rank}",
            oracle.nom_du_mois(draw.randint(*months)),
            mayotte=draw.random() < 0.2,
            minor=draw.random() < 0.2,
            tax=draw.choice(list(TAXES)[:2] if draw.random() < 0.95 else list(TAXES)),
            deductible=draw.choice([0.0, 0.0, 0.0, draw.randint(0, 60_000) / 100]),
            withheld=draw.choice(RATES),
            payable=draw.random() < 0.95,
        )
        if draw.random() < 0.5 and case.tax != "au_dela":
            partial = on_a_border(draw, case)
        else:
            partial = draw.choice([0, 30_000, draw.randint(0, 180_000)]) / 100
        found.append(Case(**{**case.__dict__, "partial": partial}))
    return found


def without_values(path):
    """Drop the values that came with the formulas: those that are read then were computed."""
    book = openpyxl.load_workbook(path)
    book.save(path)
    kept = openpyxl.load_workbook(path, data_only=True)["Calcul"]
    assert kept.cell(6, 17).value is None


@pytest.mark.slow
@pytest.mark.parametrize("name", sample(["montants_rsa+mayotte_alignee", "bareme_lineaire"], 2))
def test_libreoffice_agrees_with_the_engine_to_the_centime(tmp_path, name):
    reform = reforms.reform(name)
    drawn = at_random(seed=2026)
    out = workbook.write(tmp_path / "classeur.xlsx", systeme(), drawn, reform)
    without_values(out)
    book = recalculated(out, tmp_path)
    expected = {
        "Calcul": cases.amounts(systeme(), drawn),
        "Calcul réforme": cases.amounts(reform(systeme()), drawn),
    }
    for sheet, amounts in expected.items():
        found = [line["Allocation"] for line in rows(book, sheet)]
        assert len(found) == ROWS
        assert found == [amount.allowance for amount in amounts]
        assert {line["Écart au modèle"] for line in rows(book, sheet)} == {0}


def test_the_cases_drawn_are_on_half_centimes_that_rounding_functions_miss():
    drawn = at_random(seed=2026)
    found = cases.amounts(systeme(), drawn)
    due = [
        amount.before * case.payable * (1 - case.withheld)
        for amount, case in zip(found, drawn, strict=True)
    ]
    assert any(
        round(value, 2) != amount.allowance for value, amount in zip(due, found, strict=True)
    )


def test_an_analyst_changes_a_cell_and_the_amount_moves(tmp_path):
    out = workbook.write(tmp_path / "classeur.xlsx", systeme(), [Case("Un cas", "2024-11")])
    book = openpyxl.load_workbook(out)
    sheet = book["Calcul"]
    heads = {cell.value: cell.column for cell in sheet[5]}
    assert sheet.cell(6, heads["Ressources R2"]).value == 0
    # D5131-23: 552.29 ÷ (0.8 × 1 801.80 − 300) × (900 − 300) = 290.312…; it leaves 261.977…
    sheet.cell(6, heads["Ressources R2"]).value = 900
    book.save(out)
    assert rows(recalculated(out, tmp_path), "Calcul")[0]["Allocation"] == 261.98


def test_an_analyst_changes_a_parameter_and_the_amount_moves(tmp_path):
    out = workbook.write(tmp_path / "classeur.xlsx", systeme(), [Case("Un cas", "2024-11")])
    book = openpyxl.load_workbook(out)
    values = book["Paramètres"]
    for row in values.iter_rows(min_row=6):
        path = f"{workbook.FORFAIT}.general.majeur_non_imposable"
        if row[0].value == path and str(row[2].value)[:10] == "2024-04-01":
            row[3].value = 600.5
    book.save(out)
    assert rows(recalculated(out, tmp_path), "Calcul")[0]["Allocation"] == 600.5


def heads(sheet):
    """The columns of the table of a sheet."""
    return {cell.value: cell.column for cell in sheet[5]}


def test_the_workbook_is_easy_to_use(tmp_path):
    book = openpyxl.load_workbook(
        workbook.write(tmp_path / "classeur.xlsx", systeme(), cases.typical("2026-03"))
    )
    assert book.sheetnames == ["Lisez-moi", "Calcul", "Paramètres"]
    for name in ("liste_lieux", "liste_ages", "liste_situations", "liste_oui_non", "marge_arrondi"):
        assert name in book.defined_names
    sheet = book["Calcul"]
    assert sheet.freeze_panes == "B6"
    columns = heads(sheet)
    validated = {
        str(rule.sqref).split(":")[0]: rule.formula1
        for rule in sheet.data_validations.dataValidation
    }
    for header, source in (
        ("Lieu", "liste_lieux"),
        ("Âge", "liste_ages"),
        ("Situation fiscale", "liste_situations"),
        ("Versable", "liste_oui_non"),
    ):
        assert validated[sheet.cell(6, columns[header]).coordinate] == source
    given, computed = (
        sheet.cell(6, columns[name]).fill.fgColor.rgb for name in ("Lieu", "Allocation")
    )
    assert given != computed
    assert sheet.cell(6, columns["Allocation"]).value.startswith("=INT(")


def test_a_viewer_that_computes_nothing_shows_what_the_engine_says(tmp_path):
    drawn = cases.typical("2026-03")
    out = workbook.write(
        tmp_path / "classeur.xlsx", systeme(), drawn, reforms.reform("montants_rsa")
    )
    book = openpyxl.load_workbook(out, data_only=True)
    reformed = reforms.reform("montants_rsa")(systeme())
    for sheet, system in (("Calcul", systeme()), ("Calcul réforme", reformed)):
        shown = [line["Allocation"] for line in rows(book, sheet)]
        assert shown == [amount.allowance for amount in cases.amounts(system, drawn)]


def test_parameters_say_their_confidence_and_their_source(tmp_path):
    changed = {f"{workbook.FORFAIT}.general.mineur": {"2026-05-01": 250}}
    out = workbook.write(
        tmp_path / "classeur.xlsx",
        systeme(),
        [Case("Un cas", "2026-06", minor=True)],
        reforms.reform(changed),
    )
    book = openpyxl.load_workbook(out)
    path = f"{workbook.FORFAIT}.general.mineur"
    told = {
        sheet: {
            str(line[2].value)[:10]: line
            for line in book[sheet].iter_rows(min_row=6)
            if line[0].value == path
        }
        for sheet in ("Paramètres", "Paramètres réforme")
    }
    law = told["Paramètres"]
    written = read_values(PARAMETERS, "contrat_engagement_jeune/montant_forfaitaire/general/mineur")
    assert {date: line[3].value for date, line in law.items()} == {
        date: float(value) for date, value in written.items()
    }
    assert law["2022-03-01"][6].value == "lu"
    assert law["2022-03-01"][7].hyperlink.target.endswith("LEGIARTI000045207447")
    reformed = told["Paramètres réforme"]["2026-05-01"]
    assert [reformed[rank].value for rank in (3, 6)] == [250, "réforme"]
    assert reformed[7].hyperlink is None


def test_what_the_formulas_do_not_read_is_not_there_to_be_changed(tmp_path):
    out = workbook.write(tmp_path / "classeur.xlsx", systeme(), cases.typical("2026-05"))
    lines = list(openpyxl.load_workbook(out)["Paramètres"].iter_rows(min_row=6))
    read = {line[0].value: line[5].value for line in lines}
    assert read[f"{workbook.FORFAIT}.general.mineur"] == "Oui"
    assert read["contrat_engagement_jeune.ressources.nombre_mois"] == "Non"
    # The sheet « Calcul » finds every path that it looks up among those.
    formulas = " ".join(workbook.outputs("droit").values())
    for path, told in read.items():
        looked_up = path in formulas or path.startswith(
            (f"{workbook.FORFAIT}.general.", f"{workbook.FORFAIT}.mayotte.")
        )
        assert (told == "Oui") == looked_up, path


def test_what_the_reform_changes_of_a_case_is_given_in_its_own_sheet(tmp_path):
    out = workbook.write(
        tmp_path / "classeur.xlsx",
        systeme(),
        [Case("27 ans", "2026-06", payable=False), Case("20 ans", "2026-06")],
        reforms.reform("age_29"),
        [Case("27 ans", "2026-06"), Case("20 ans", "2026-06")],
    )
    sheet = openpyxl.load_workbook(out)["Calcul réforme"]
    column = heads(sheet)["Versable"]
    assert sheet.cell(6, column).value == "Oui"
    assert sheet.cell(7, column).value.startswith("=INDEX(cas_droit[Versable]")
    first = rows(openpyxl.load_workbook(out, data_only=True), "Calcul réforme")[0]
    assert (first["Allocation du droit"], first["Effet de la réforme"]) == (0, 566.17)


def test_a_rule_that_the_formulas_do_not_know_is_told(tmp_path):
    from openfisca_core.reforms import Reform

    from openfisca_cej.base import Montant

    class cej_montant_avant_non_cumul(Montant):
        def formula_2022_03_01(individu, period):
            return individu("cej_montant_forfaitaire", period) / 2

    class moitie(Reform):
        def apply(self):
            self.update_variable(cej_montant_avant_non_cumul)

    dated = {"switches": {"bareme_lineaire(0.4)": {"2026-04-01": True}}}
    for reform, warned in (
        (moitie, True),
        (reforms.reform("bareme_lineaire(0.4)"), False),
        (reforms.reform(dated), True),
    ):
        out = workbook.write(
            tmp_path / "classeur.xlsx", systeme(), cases.typical("2026-03"), reform
        )
        told = {cell.value for cell in openpyxl.load_workbook(out)["Lisez-moi"]["A"]}
        assert ("Attention" in told) is warned


def test_results_have_their_sheets_with_exact_figures(tmp_path):
    found = comparison()
    report.fill(found, tmp_path)
    book = openpyxl.load_workbook(tmp_path / "classeur.xlsx")
    assert book.sheetnames[:5] == ["Lisez-moi", "Budget", "Personnes", "Par mois", "Calcul"]
    budget = [[cell.value for cell in row] for row in book["Budget"].iter_rows(min_row=6)]
    (total,) = [row for row in budget if row[:2] == ["2026, 12 mois", "Total dû"]]
    measure = found.of_kind("annee")[0].measure("total")
    assert total[3:6] == [measure.baseline, measure.reform, measure.difference]
    people = [[cell.value for cell in row] for row in book["Personnes"].iter_rows(min_row=6)]
    assert people[1][:5] == ["Tranche du foyer fiscal", "Foyer non imposable", 120000, 50000, 9000]
    assert people[3][2:11] == ["secret"] * 9
    assert len(list(book["Par mois"].iter_rows(min_row=6))) == 4 * len(found.months)
