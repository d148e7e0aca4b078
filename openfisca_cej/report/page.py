"""The report as one page of HTML: no script, nothing asked of the network."""

import functools
from typing import Any

import jinja2

from openfisca_cej.analysis.comparison import WINDOW, YEAR, Comparison, Measure
from openfisca_cej.report import figures, reproduce, words

NOTICE = (
    "Simulation, et non décision ni prévision : ce rapport dit ce que donnerait le texte, appliqué "
    "à ces personnes et à elles seules. Ce n'est pas un document de l'État."
)


def to_html(comparison: Comparison, workbook: str = "") -> str:
    """The report of a comparison, in French, self-contained.

    ``workbook`` is the name of the workbook that goes with the page; empty: there is none.
    """
    months = comparison.of_kind("mois")
    of_population = [one for one in comparison.assumptions if one.kind != "convention"]
    labels = {one.key: one.label for one in comparison.cases}
    page = (
        environment()
        .get_template("rapport.html")
        .render(
            comparison=comparison,
            lead=lead(comparison),
            figures_key=key_figures(comparison),
            curves=[
                figures.curve_figure(rank, labels.get(one.case, one.case), one)
                for rank, one in enumerate(comparison.curves)
            ],
            monthly=monthly(comparison) if len(months) > 1 else [],
            budget=figures.month_bars(comparison),
            months=months,
            years=comparison.of_kind(YEAR) + comparison.of_kind(WINDOW),
            breakdowns=[figures.breakdown_figure(one) for one in comparison.breakdowns],
            deciles=(
                figures.decile_bars(comparison.households.deciles)
                if comparison.households
                else None
            ),
            conventions=[one for one in comparison.assumptions if one.kind == "convention"],
            population=[one for one in of_population if one.value],
            sentences=[one for one in of_population if not one.value],
            command=reproduce.command(comparison),
            python=reproduce.python(comparison),
            reform_file=reproduce.reform_file(comparison),
            assumptions_file=reproduce.assumptions_file(comparison),
            workbook=workbook,
            words=words,
            notice=NOTICE,
        )
    )
    return words.typeset(page)


def lead(comparison: Comparison) -> str:
    """The result in one sentence: what the reform costs or saves over the window, and to whom."""
    window = comparison.window
    total = window.measure("total")
    when = span(comparison)
    if total.masked or total.difference is None or total.baseline is None:
        return f"{when}, le total versé ne peut pas être publié."
    if total.difference == 0:
        return f"{when}, la réforme ne change pas le total versé."
    verb = "ajoute" if total.difference > 0 else "retire"
    amount = words.quantity(abs(total.difference), "€")
    text = f"{when}, la réforme {verb} {amount} aux {words.quantity(total.baseline, '€')} versés"
    if total.baseline:
        share = words.signed(total.difference / total.baseline, "part")
        text += f" ({share})"
    if total.interval:
        text += f" ; intervalle d'échantillonnage : {words.range_of(total, total.interval)}"
    return f"{text}."


def span(comparison: Comparison) -> str:
    """« De janvier à … », or « En mars 2025 »."""
    first, last = comparison.months[0], comparison.months[-1]
    if first == last:
        return f"En {words.month(first)}"
    return f"De {words.month(first)} à {words.month(last)}"


def key_figures(comparison: Comparison) -> list[tuple[str, str]]:
    """The few numbers that stand at the head of the report."""
    window, whole = comparison.window, comparison.whole
    found: list[tuple[str, str]] = [
        ("Total versé, avant", words.before(window.measure("total"))),
        ("Total versé, après", words.after(window.measure("total"))),
        ("Mois payés, écart", words.change(window.measure("allocataires"))),
        ("Montant moyen, écart", words.change(window.measure("montant_moyen"))),
    ]
    for name, label in (("gagnants", "Gagnants"), ("perdants", "Perdants")):
        found.append((label, words.counted(whole.measure(name))))
    return found


def monthly(comparison: Comparison) -> list[Any]:
    """The charts of the measures month by month."""
    wanted = (
        ("allocataires", "Allocataires par mois", "personnes"),
        ("montant_moyen", "Montant moyen par allocataire", "euros par mois"),
        ("total", "Total versé par mois", "euros"),
    )
    return [
        figures.month_lines(comparison, name, title, unit)
        for name, title, unit in wanted
        if all(drawable(one.measure(name)) for one in comparison.of_kind("mois"))
    ]


def drawable(measure: Measure) -> bool:
    """Whether a measure has both values."""
    return measure.baseline is not None and measure.reform is not None


@functools.cache
def environment() -> jinja2.Environment:
    """The templates of the room."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader("openfisca_cej.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
