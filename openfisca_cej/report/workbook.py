"""The live workbook: the dated parameters, and the allowance as formulas of a spreadsheet.

Each formula is written with the value that the model computes, so that a viewer that computes
nothing shows it too. The sheets « Calcul » say in spreadsheet formulas what
``variables/cej/ressources.py`` and ``variables/cej/allocation.py`` say in Python, in the same order
of operations: both then round the same number.
"""

import datetime
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
from openfisca_core.reforms import Reform
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej import systems
from openfisca_cej.base import MARGE, apres_ressources, ecart_degressivite
from openfisca_cej.declarations import Ecrite
from openfisca_cej.population.arrow import library
from openfisca_cej.reforms.spans import Span
from openfisca_cej.reforms.switches import ALWAYS, in_use
from openfisca_cej.report.cases import TAXES, Amounts, Case, amounts
from openfisca_cej.report.dated_values import SMIC, DatedValue, dated_values
from openfisca_cej.report.result_tables import ResultTable

FORFAIT = "contrat_engagement_jeune.montant_forfaitaire"
DEGRESSIVITE = "contrat_engagement_jeune.ressources.degressivite"

#: The parameters that the formulas of the sheets look up; the others are there to be read.
READ = (
    f"{FORFAIT}.general.",
    f"{FORFAIT}.mayotte.",
    f"{FORFAIT}.selon_situation_fiscale",
    f"{DEGRESSIVITE}.",
    SMIC,
)

#: First row of the tables: what stands above is their title and how to read them.
TOP = 4

#: Rows that the validation of what is typed covers, beyond those that are written.
SPARE = 500

#: Formats in French: 40C is the language.
EUROS = '[$-40C]#,##0.00\\ "€"'
MONTH = "[$-40C]mmmm\\ yyyy"
DAY = "[$-40C]dd/mm/yyyy"

#: The day that archives without dates bear.
UNDATED = datetime.datetime(1980, 1, 1)

#: Colour of the lines around cells.
LINE = "#C9CED8"

#: Characters of a line of the first sheet, and height of a line (points).
LONGEST, HEIGHT = 95, 15

PLACES = ("Général", "Mayotte")
AGES = ("Majeur", "Mineur")
YES_NO = ("Oui", "Non")


@dataclass(frozen=True)
class SheetRow:
    """The values of a row by heading; ``changed``: inputs that the reform itself changes."""

    values: dict[str, Any]
    changed: frozenset[str] = frozenset()


def write(
    out: Path,
    law: TaxBenefitSystem,
    cases: Sequence[Case],
    reform: type[Reform] | None = None,
    reform_cases: Sequence[Case] | None = None,
    title: str = "",
    results: Sequence[ResultTable] = (),
) -> Path:
    """Write the workbook ``out`` about these cases, under the law and, if any, under a reform.

    ``results`` are the tables of a comparison, which go first.

    ``reform_cases`` are the same cases where the reform also changes what enters the formula
    (who is payable, which resources count…), one for each of ``cases``.

    Raises MissingLibrary where XlsxWriter is not installed, OSError where ``out`` cannot be
    written.
    """
    return Workbook(out, title).write(law, cases, reform, reform_cases or cases, results)


class Workbook:
    """The sheets and formats of one workbook."""

    def __init__(self, out: Path, title: str) -> None:
        self.out = Path(out)
        self.book = library("xlsxwriter", "report").Workbook(
            str(self.out), {"strings_to_formulas": False}
        )
        # Formulas are written as files hold them: nothing is left to look for in each.
        plain = library("xlsxwriter.worksheet", "report").Worksheet
        self.sheet_class = type("PreparedSheet", (plain,), {"_prepare_formula": prepared})
        self.title = title or "Allocation du contrat d'engagement jeune"
        # No hour of writing: the same comparison gives the same bytes, which a manifest can check.
        self.book.set_properties(
            {"title": self.title, "comments": "openfisca-cej", "created": UNDATED}
        )
        self.book.set_calc_mode("auto")
        self.formats: dict[str, Any] = {}

    def sheet(self, name: str) -> Any:
        """A new sheet."""
        return self.book.add_worksheet(name, self.sheet_class)

    def format(self, **properties: Any) -> Any:
        """A format of cells, made once."""
        key = json.dumps(properties, sort_keys=True)
        if key not in self.formats:
            self.formats[key] = self.book.add_format({"valign": "top", **properties})
        return self.formats[key]

    def given(self, **properties: Any) -> Any:
        """The format of a cell that is there to be changed."""
        return self.format(
            bg_color="#FFF4CC", font_color="#1A3E8C", border=1, border_color=LINE, **properties
        )

    def computed(self, **properties: Any) -> Any:
        """The format of a cell that a formula fills."""
        return self.format(
            bg_color="#EEF2F6", font_color="#1D2330", border=1, border_color=LINE, **properties
        )

    def write(
        self,
        law: TaxBenefitSystem,
        cases: Sequence[Case],
        reform: type[Reform] | None,
        reform_cases: Sequence[Case],
        results: Sequence[ResultTable],
    ) -> Path:
        """Write every sheet, then the file."""
        reformed = systems.reformed(reform) if reform else None
        found = {"droit": amounts(law, cases)}
        slopes = slopes_of(reform)
        slope = slopes.get(ALWAYS)
        # A slope of some dates only is not in the formulas, whatever the months of the cases.
        warned = unexplained(found["droit"], cases, None) or bool(slopes and slope is None)
        if reformed:
            found["reforme"] = amounts(reformed, reform_cases)
            warned = warned or unexplained(found["reforme"], reform_cases, slope)
        self.read_me(reform, warned, results)
        for table in results:
            self.results(table)
        self.calculation("Calcul", "droit", lines_of(cases, cases, found, "droit"))
        if reformed:
            lines = lines_of(cases, reform_cases, found, "reforme")
            self.calculation("Calcul réforme", "reforme", lines)
        self.parameters("Paramètres", "droit", list(dated_values(law.parameters)), None)
        if reformed:
            values = list(dated_values(reformed.parameters, law.parameters))
            self.parameters("Paramètres réforme", "reforme", values, slope)
        self.book.close()
        return self.out

    def read_me(
        self, reform: type[Reform] | None, warned: bool, results: Sequence[ResultTable]
    ) -> None:
        """What the sheets hold, the legend, and what the lists offer."""
        sheet = self.sheet("Lisez-moi")
        sheet.hide_gridlines(2)
        sheet.set_column(0, 0, 30)
        sheet.set_column(1, 1, LONGEST)
        sheet.write(0, 0, self.title, self.format(bold=True, font_size=16))
        wrapped = self.format(text_wrap=True)
        bold = self.format(bold=True)
        row = 2
        told = [(one.name, f"{one.title} : les chiffres exacts du rapport.") for one in results]
        for name, text in [*told, *guide(reform, warned)]:
            sheet.write(row, 0, name, bold)
            sheet.write(row, 1, text, wrapped)
            # Said outright: not every spreadsheet fits the rows by itself.
            sheet.set_row(row, HEIGHT * math.ceil(len(text) / LONGEST))
            row += 1
        sheet.write(row + 1, 0, "Légende", bold)
        sheet.write(row + 2, 0, "à changer", self.given())
        sheet.write(row + 2, 1, "Entrée : une donnée du cas ou une valeur du droit.")
        sheet.write(row + 3, 0, "calculé", self.computed())
        sheet.write(row + 3, 1, "Formule : suit les entrées, ne pas écrire dedans.")
        sheet.write(row + 4, 0, MODEL, self.format(border=1, border_color=LINE))
        sheet.write(row + 4, 1, "Montant que le modèle calculait à l'écriture du classeur, fixe.")
        sheet.write(row + 6, 0, "Marge d'arrondi (centimes)", bold)
        sheet.write_number(row + 6, 1, MARGE, self.given(num_format="[$-40C]0.0E+00", align="left"))
        self.book.define_name("marge_arrondi", f"='Lisez-moi'!$B${row + 7}")
        self.lists(sheet, row + 8)
        landscape(sheet)

    def results(self, table: ResultTable) -> None:
        """A sheet of results: texts and numbers, nothing to change."""
        sheet = self.sheet(table.name)
        sheet.write(0, 0, table.title, self.format(bold=True, font_size=14))
        head, plain = self.format(bold=True, text_wrap=True, bottom=2), self.format()
        number = self.format(num_format="[$-40C]#,##0.00")
        for column, header in enumerate(table.headers):
            sheet.write_string(TOP, column, header, head)
            sheet.set_column(column, column, 34 if column < 2 else 18)
        for row, values in enumerate(table.rows, TOP + 1):
            for column, value in enumerate(values):
                if isinstance(value, str):
                    sheet.write_string(row, column, value, plain)
                elif value is not None:
                    sheet.write_number(row, column, value, number)
        sheet.freeze_panes(TOP + 1, 2)
        landscape(sheet, TOP)

    def lists(self, sheet: Any, row: int) -> None:
        """What may be chosen, under names of their own."""
        sheet.write(row, 0, "Choix proposés", self.format(bold=True))
        row += 1
        offered = {
            "liste_lieux": PLACES,
            "liste_ages": AGES,
            "liste_situations": tuple(TAXES.values()),
            "liste_oui_non": YES_NO,
        }
        for name, choices in offered.items():
            for rank, choice in enumerate(choices):
                sheet.write(row + rank, 0, choice)
            last = row + len(choices)
            self.book.define_name(name, f"='Lisez-moi'!$A${row + 1}:$A${last}")
            row = last

    def parameters(
        self, name: str, suffix: str, values: Sequence[DatedValue], slope: float | None
    ) -> None:
        """The sheet of the dated parameters, as a table that the formulas look into."""
        sheet = self.sheet(name)
        sheet.write(0, 0, f"{name} : valeurs datées", self.format(bold=True, font_size=14))
        sheet.write(
            1,
            0,
            "Coefficient de dégressivité fixe (vide : celui de D5131-23, 2°)",
            self.format(bold=True),
        )
        if slope is None:
            sheet.write_blank(1, 1, None, self.given(num_format="[$-40C]0.0000"))
        else:
            sheet.write_number(1, 1, slope, self.given(num_format="[$-40C]0.0000"))
        self.book.define_name(f"coefficient_fixe_{suffix}", f"='{name}'!$B$2")
        headers = (
            "Chemin",
            "Libellé",
            "Depuis",
            "Valeur",
            "Unité",
            "Dans les formules",
            "Confiance",
            "Source",
        )
        widths = (78, 70, 12, 14, 12, 11, 11, 60)
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width)
        last = TOP + len(values)
        sheet.add_table(
            TOP,
            0,
            last,
            len(headers) - 1,
            {
                "name": f"parametres_{suffix}",
                "columns": [
                    {"header": header, "header_format": self.format(bold=True, bottom=2)}
                    for header in headers
                ],
                "style": "Table Style Light 1",
                "banded_rows": False,
            },
        )
        for row, item in enumerate(values, TOP + 1):
            self.dated_value(sheet, row, item)
        sheet.freeze_panes(TOP + 1, 1)
        landscape(sheet, TOP)

    def dated_value(self, sheet: Any, row: int, item: DatedValue) -> None:
        """One value of a parameter."""
        plain = self.format()
        is_read = item.path.startswith(READ)
        changeable = self.given if is_read else self.format
        sheet.write_string(row, 0, item.path, plain)
        sheet.write_string(row, 1, item.label, plain)
        sheet.write_datetime(row, 2, first_day(item.since), self.format(num_format=DAY))
        if isinstance(item.value, list):
            sheet.write_string(row, 3, ", ".join(item.value), plain)
        elif isinstance(item.value, bool):
            shown = '"oui";"oui";"non"'
            sheet.write_boolean(row, 3, item.value, changeable(num_format=shown, align="right"))
        elif item.value is not None:
            shown = {"€": EUROS, "fraction": "[$-40C]0.0###"}.get(item.unit, "General")
            sheet.write_number(row, 3, item.value, changeable(num_format=shown))
        sheet.write_string(row, 4, item.unit, self.format(indent=1))
        sheet.write_string(row, 5, YES_NO[not is_read], plain)
        sheet.write_string(row, 6, item.confidence, plain)
        if item.href:
            link = self.format(font_color="#0B4FA0", underline=1)
            sheet.write_url(row, 7, item.href, link, item.source or item.href)
        else:
            sheet.write_string(row, 7, item.source, plain)

    def calculation(self, name: str, suffix: str, lines: Sequence[SheetRow]) -> None:
        """The sheet of the formula, one row a case."""
        sheet = self.sheet(name)
        sheet.write(0, 0, f"{name} de l'allocation", self.format(bold=True, font_size=14))
        if suffix == "droit":
            sheet.write(1, 0, "Jaune : à changer", self.given())
        else:
            sheet.write(1, 0, "Les cas se changent dans « Calcul »", self.format(italic=True))
        sheet.write(1, 1, "Gris : calculé", self.computed())
        table = f"cas_{suffix}"
        formulas = {
            # What a file holds for « [@[Column]] ».
            header: formula.replace("[@[", f"{table}[[#This Row],[")
            for header, formula in (inputs(suffix) | outputs(suffix)).items()
        }
        columns = list(formulas)
        last = TOP + len(lines)
        head = self.format(bold=True, text_wrap=True, bottom=2)
        sheet.add_table(
            TOP,
            0,
            last,
            len(columns) - 1,
            {
                "name": table,
                "columns": [
                    {"header": column, "header_format": head}
                    | ({"formula": formulas[column]} if formulas[column] else {})
                    for column in columns
                ],
                "style": "Table Style Light 1",
                "banded_rows": False,
            },
        )
        for row, line in enumerate(lines, TOP + 1):
            for column, header in enumerate(columns):
                formula = "" if header in line.changed else formulas[header]
                self.cell(sheet, (row, column), header, formula, line.values[header])
        for column, header in enumerate(columns):
            sheet.set_column(column, column, WIDTHS.get(header, 15))
        sheet.set_row(TOP, 48)
        if suffix == "droit":
            validate(sheet, columns, last + SPARE)
        sheet.freeze_panes(TOP + 1, 1)
        landscape(sheet, TOP)

    def cell(
        self, sheet: Any, place: tuple[int, int], header: str, formula: str, value: Any
    ) -> None:
        """One cell of a case: what was given, or a formula with the value that the model says."""
        properties = {"num_format": FORMATS[header]} if header in FORMATS else {"indent": 1}
        if formula:
            shown = (value - EPOCH).days if isinstance(value, datetime.date) else value
            sheet.write_formula(*place, formula, self.computed(**properties), shown)
        elif isinstance(value, datetime.date):
            sheet.write_datetime(*place, value, self.given(**properties))
        elif header == MODEL:
            sheet.write_number(*place, value, self.format(**properties))
        else:
            sheet.write(*place, value, self.given(**properties))


def prepared(_sheet: Any, formula: str, _expand: bool = False) -> str:
    """A formula as a file holds it: ours need no prefix, XlsxWriter tries thirty on each."""
    return formula.removeprefix("=")


def guide(reform: type[Reform] | None, warned: bool) -> list[tuple[str, str]]:
    """What the first sheet says: the name of a sheet or of a topic, and a few sentences."""
    told = {
        "Calcul": "Une ligne par cas : changez une case jaune, l'allocation suit.",
        "Paramètres": (
            "Les valeurs datées du droit, leur confiance et leur source. Changez une valeur "
            "jaune : tous les cas de ses mois suivent. Les autres (âges, durées, sanctions…) "
            "décident de ce qui est donné dans « Calcul » : les changer ici n'y fait rien. "
            "L'ordre des lignes (chemin, puis date) compte."
        ),
    }
    if reform:
        told["Réforme"] = reform_title(reform)
        told["Calcul réforme"] = (
            "Les mêmes cas avec les paramètres de la réforme : ils se changent dans « Calcul »."
        )
        told["Paramètres réforme"] = "Les valeurs que la réforme écrit portent « réforme »."
    told["Formule"] = (
        "R5131-20 et D5131-23 : montant forfaitaire − R1 − coefficient × (R2 − abattement) ; "
        "coefficient = montant forfaitaire ÷ (part du SMIC × SMIC − abattement). R1 : "
        "ressources intégralement déductibles (R5131-21) ; R2 : partiellement déductibles "
        "(R5131-22) ; celles que les règles retiennent pour le mois, aujourd'hui celles du mois "
        "précédent (convention)."
    )
    told["Arrondi"] = (
        "Au centime, le demi-centime compte pour un. La fonction ARRONDI se trompe quand le "
        "binaire écrit un demi-centime juste en dessous : on ajoute la marge ci-dessous, puis on "
        "prend la partie entière. Une marge si petite ne change aucun autre montant : celui qui "
        "est sous un demi-centime en est à 4 × 10⁻¹⁰ centime au moins."
    )
    told["Ce que ce classeur ne fait pas"] = (
        "Il ne détermine ni l'éligibilité, ni la situation fiscale, ni les sanctions : elles s'y "
        "donnent. Simulation, et non décision ; ce n'est pas un document de l'État."
    )
    if warned:
        told["Attention"] = (
            "Cette réforme change une règle que ces formules n'écrivent pas. La colonne « Selon "
            "le modèle » fait foi, et « Écart au modèle » dit où elles diffèrent."
        )
    return list(told.items())


def reform_title(reform: type[Reform]) -> str:
    """What a reform is called."""
    return getattr(reform, "title", "") or reform.__name__


#: Day that spreadsheets number zero.
EPOCH = datetime.date(1899, 12, 30)

MODEL = "Selon le modèle"

FORMATS = {
    "Mois": MONTH,
    "Ressources R1": EUROS,
    "Ressources R2": EUROS,
    "Fraction supprimée": "[$-40C]0.0#\\ %",
    "Montant forfaitaire": EUROS,
    "SMIC mensuel brut": EUROS,
    "Part du SMIC": "[$-40C]0.0###",
    "Abattement": EUROS,
    "Écart de dégressivité": EUROS,
    "Coefficient": "[$-40C]0.000000",
    "Montant avant non-cumul": '[$-40C]#,##0.0000\\ "€"',
    "Allocation": EUROS,
    MODEL: EUROS,
    "Écart au modèle": EUROS,
    "Allocation du droit": EUROS,
    "Effet de la réforme": '[$-40C]+#,##0.00\\ "€";[$-40C]-#,##0.00\\ "€";[$-40C]0.00\\ "€"',
}

WIDTHS = {"Cas": 58, "Situation fiscale": 18, "Mois": 17}


def inputs(suffix: str) -> dict[str, str]:
    """The columns of what is given; under the reform they repeat those of the law."""
    names = (
        *("Cas", "Mois", "Lieu", "Âge", "Situation fiscale", "Ressources R1", "Ressources R2"),
        *("Fraction supprimée", "Versable"),
    )
    if suffix == "droit":
        return dict.fromkeys(names, "")
    rank = f"ROW()-{TOP + 1}"
    return {name: f"=INDEX(cas_droit[{name}],{rank})" for name in names}


def outputs(suffix: str) -> dict[str, str]:
    """The columns that are computed, in the order of the articles, with their formulas."""
    place = 'IF([@[Lieu]]="Mayotte","mayotte","general")'
    place_path = f'"{FORFAIT}."&{place}&"."'
    tax = '[@[Situation fiscale]]="Première tranche"'
    by_tax = in_force(quoted(FORFAIT, "selon_situation_fiscale"), suffix)
    adult = f'IF(AND({by_tax},{tax}),"majeur_premiere_tranche","majeur_non_imposable")'
    lump_sum = in_force(f'{place_path}&IF([@[Âge]]="Mineur","mineur",{adult})', suffix)
    smic = f'IF([@[Lieu]]="Mayotte","{DEGRESSIVITE}.smic_mayotte","{SMIC}")'
    fixed = f"coefficient_fixe_{suffix}"
    columns = {
        "Montant forfaitaire": (
            f'=IF(AND({by_tax},[@[Situation fiscale]]="Au-delà"),0,{lump_sum})'
        ),
        "SMIC mensuel brut": f"={in_force(smic, suffix)}",
        "Part du SMIC": f"={in_force(quoted(DEGRESSIVITE, 'part_smic'), suffix)}",
        "Abattement": f"={in_force(quoted(DEGRESSIVITE, 'abattement'), suffix)}",
        "Écart de dégressivité": f"={ecart_degressivite(*map(cell, TAPER)).texte}",
        "Coefficient": (
            f"=IF(ISNUMBER({fixed}),{fixed},[@[Montant forfaitaire]]/[@[Écart de dégressivité]])"
        ),
        "Montant avant non-cumul": f"={after_resources().texte}",
        "Allocation": (
            '=INT([@[Montant avant non-cumul]]*IF([@[Versable]]="Oui",1,0)'
            "*(1-[@[Fraction supprimée]])*100+0.5+marge_arrondi)/100"
        ),
        MODEL: "",
        "Écart au modèle": f"=ROUND([@[Allocation]]-[@[{MODEL}]],2)",
    }
    if suffix == "reforme":
        columns["Allocation du droit"] = f"=INDEX(cas_droit[Allocation],ROW()-{TOP + 1})"
        columns["Effet de la réforme"] = "=ROUND([@[Allocation]]-[@[Allocation du droit]],2)"
    return columns


class Cell(Ecrite):
    """A cell of a row, as the formulas of a spreadsheet write what is computed with it."""

    signes = {
        function: (sign, Ecrite.signes[function][1])
        for function, sign in zip(Ecrite.signes, "+-*/", strict=True)
    }
    plus_grand = "MAX({},{})"


def cell(head: str) -> Cell:
    """The cell under a heading."""
    return Cell(f"[@[{head}]]")


#: What the divisor of the coefficient is made of.
TAPER = ("Part du SMIC", "SMIC mensuel brut", "Abattement")


def after_resources() -> Cell:
    """R5131-20, I, written by the rule itself; resources are read to the centime."""
    deductible, partial = (Cell(f"ROUND([@[Ressources {rank}]],2)") for rank in ("R1", "R2"))
    return apres_ressources(
        cell("Montant forfaitaire"), cell("Coefficient"), deductible, partial, cell("Abattement")
    )


def quoted(node: str, name: str) -> str:
    """The path of a parameter as a text of a formula."""
    return f'"{node}.{name}"'


def in_force(path: str, suffix: str) -> str:
    """The expression of the value of a parameter (an expression of its path) in the month."""
    table = f"parametres_{suffix}"
    return (
        f"INDEX({table}[Valeur],MATCH({path},{table}[Chemin],0)-1"
        f'+COUNTIFS({table}[Chemin],{path},{table}[Depuis],"<="&[@[Mois]]))'
    )


def lines_of(
    cases: Sequence[Case],
    own: Sequence[Case],
    found: Mapping[str, Sequence[Amounts]],
    suffix: str,
) -> list[SheetRow]:
    """The rows of a sheet: the cases of the law, ``own`` ones, and what the model finds of them."""
    lines = []
    for rank, (case, mine) in enumerate(zip(cases, own, strict=True)):
        amount = found[suffix][rank]
        given, legal = given_values(mine), given_values(case)
        changed = frozenset(name for name in given if given[name] != legal[name])
        law = found["droit"][rank].allowance
        lines.append(SheetRow(given | computed_values(amount, law), changed))
    return lines


def given_values(case: Case) -> dict[str, Any]:
    """The value of each column of what is given."""
    return {
        "Cas": case.label,
        "Mois": first_day(f"{case.month}-01"),
        "Lieu": PLACES[case.mayotte],
        "Âge": AGES[case.minor],
        "Situation fiscale": TAXES[case.tax],
        "Ressources R1": case.deductible,
        "Ressources R2": case.partial,
        "Fraction supprimée": case.withheld,
        "Versable": YES_NO[not case.payable],
    }


def computed_values(amount: Amounts, law: float) -> dict[str, Any]:
    """The value of each column that is computed; ``law`` is the allowance (€) without reform."""
    return {
        "Montant forfaitaire": amount.lump_sum,
        "SMIC mensuel brut": amount.smic,
        "Part du SMIC": amount.share,
        "Abattement": amount.disregard,
        "Écart de dégressivité": amount.interval,
        "Coefficient": amount.coefficient,
        "Montant avant non-cumul": amount.before,
        "Allocation": amount.allowance,
        MODEL: amount.allowance,
        "Écart au modèle": 0.0,
        "Allocation du droit": law,
        "Effet de la réforme": round(amount.allowance - law, 2),
    }


def slopes_of(reform: type[Reform] | None) -> dict[Span, float]:
    """By dates, the coefficients that a reform writes in place of the quotient of D5131-23."""
    content = getattr(reform, "content", {"switches": ()})
    return {
        dates: slope for switch, slope, dates in in_use(content) if switch.name == "bareme_lineaire"
    }


def unexplained(found: Sequence[Amounts], cases: Sequence[Case], slope: float | None) -> bool:
    """Whether some amount of the model is not what the formulas of the sheet would say."""
    return any(
        not math.isclose(amount.before, formula(amount, case, slope), abs_tol=1e-6)
        for amount, case in zip(found, cases, strict=True)
    )


def formula(amount: Amounts, case: Case, slope: float | None) -> float:
    """The amount before non-cumul (€) that the formulas of the sheet give."""
    interval = ecart_degressivite(amount.share, amount.smic, amount.disregard)
    coefficient = amount.lump_sum / interval if slope is None else slope
    lump_sum, partial = numpy.array([amount.lump_sum]), numpy.array([case.partial])
    found = apres_ressources(lump_sum, coefficient, case.deductible, partial, amount.disregard)
    return float(found[0])


def validate(sheet: Any, columns: Sequence[str], last: int) -> None:
    """Refuse what the formula would not understand, with a sentence that says why."""
    rules = {
        "Mois": {
            "validate": "date",
            "criteria": ">=",
            "value": datetime.date(2022, 3, 1),
            "error_message": "Le premier jour d'un mois, à partir du 01/03/2022.",
        },
        "Lieu": chosen("liste_lieux"),
        "Âge": chosen("liste_ages"),
        "Situation fiscale": chosen("liste_situations"),
        "Ressources R1": at_least_nil("Un montant en euros, zéro ou plus."),
        "Ressources R2": at_least_nil("Un montant en euros, zéro ou plus."),
        "Fraction supprimée": {
            "validate": "decimal",
            "criteria": "between",
            "minimum": 0,
            "maximum": 1,
            "error_message": "Une fraction de 0 % à 100 %.",
        },
        "Versable": chosen("liste_oui_non"),
    }
    for header, rule in rules.items():
        column = columns.index(header)
        options = {**rule, "error_title": header}
        sheet.data_validation(TOP + 1, column, last, column, options)


def chosen(name: str) -> dict[str, Any]:
    """A choice in a named list."""
    return {
        "validate": "list",
        "source": f"={name}",
        "error_message": "Choisissez dans la liste.",
    }


def at_least_nil(message: str) -> dict[str, Any]:
    """A number that is not negative."""
    return {"validate": "decimal", "criteria": ">=", "value": 0, "error_message": message}


def landscape(sheet: Any, head: int | None = None) -> None:
    """Print across, one page wide, the headings on every page."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    if head is not None:
        sheet.repeat_rows(head)


def first_day(day: str) -> datetime.date:
    """A day (YYYY-MM-DD) as a date; spreadsheets know none before 1900."""
    return max(datetime.date.fromisoformat(day), datetime.date(1900, 1, 1))
