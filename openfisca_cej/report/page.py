"""The report as one page of HTML: no script, nothing asked of the network."""

from collections.abc import Mapping
from typing import Any

from openfisca_cej.analysis.blind_spots import UNSEEN
from openfisca_cej.analysis.comparison import WINDOW, YEAR, Comparison, Measure
from openfisca_cej.analysis.wording import INTERVALS
from openfisca_cej.explain.render import templates
from openfisca_cej.population.universes import NEET
from openfisca_cej.report import figures, reproduce, words

NOTICE = (
    "Simulation, et non décision ni prévision : ce rapport dit ce que donnerait le texte, appliqué "
    "à ces personnes et à elles seules. Ce n'est pas un document de l'État."
)


def to_html(
    comparison: Comparison, workbook: str = "", outputs: Mapping[str, str] | None = None
) -> str:
    """The report of a comparison, in French, self-contained.

    ``workbook`` is the name of the workbook that goes with the page; empty: there is none.
    ``outputs`` are the SHA-256 of the files beside the page, by name.
    """
    months = comparison.of_kind("mois")
    of_population = [one for one in comparison.assumptions if one.kind != "convention"]
    labels = {one.key: one.label for one in comparison.cases}
    # A curve that the reform leaves as it is teaches nothing, but the first one shows the law.
    shown = [
        one for one in comparison.curves if one.note or one.baseline != one.reform
    ] or comparison.curves[:1]
    page = (
        templates()
        .get_template("rapport.html")
        .render(
            comparison=comparison,
            lead=lead(comparison),
            cautions=cautions(comparison),
            figures_key=key_figures(comparison),
            curves=[
                figures.curve_figure(rank, labels.get(one.case, one.case), one)
                for rank, one in enumerate(shown)
            ],
            unchanged=[
                labels.get(one.case, one.case) for one in comparison.curves if one not in shown
            ],
            published=[one for one in comparison.published if not one.month],
            published_months=[one for one in comparison.published if one.month],
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
            hashes=reproduce.hashes(comparison, outputs or {}),
            words=words,
            intervals=INTERVALS[comparison.sampling.kind],
            drivers=figures.driver_bars(comparison),
            notice=NOTICE,
        )
    )
    return words.typeset(page)


def lead(comparison: Comparison) -> str:
    """The result in one sentence: what the reform costs or saves over the window, and to whom."""
    total = comparison.main.measure("total")
    when = span(comparison)
    if comparison.outside:
        return comparison.outside
    if comparison.unseen:
        return f"{when}, {UNSEEN} : l'allocation d'aucune de ces personnes ne change."
    if total.masked or total.difference is None or total.baseline is None:
        return f"{when}, le total dû ne peut pas être publié."
    if total.difference == 0:
        return f"{when}, la réforme ne change pas le total dû."
    verb = "ajoute" if total.difference > 0 else "retire"
    amount, base = (words.quantity(abs(value), "€") for value in (total.difference, total.baseline))
    text = f"{when}, la réforme {verb} {amount} "
    text += f"à un potentiel de {base}" if is_potential(comparison) else f"aux {base} dus"
    if total.baseline:
        share = words.signed(total.difference / total.baseline, "part")
        text += f" ({share})"
    if total.interval:
        kind = INTERVALS[comparison.sampling.kind]
        text += f" ; intervalle à 95 % ({kind}) : {words.range_of(total, total.interval)}"
    if comparison.sampling.draws and total.sampling:
        text += f" (échantillonnage seul : {words.range_of(total, total.sampling)})"
    return f"{text}.{beside_published(comparison)}"


def cautions(comparison: Comparison) -> list[str]:
    """What must be read with the result: what the persons are, what they cannot show."""
    partial = "" if comparison.unseen or not comparison.warnings else "Effet partiel ou faussé. "
    told = [f"{partial if not rank else ''}{one}" for rank, one in enumerate(comparison.warnings)]
    return [one for one in (comparison.scope, *told) if one]


def is_potential(comparison: Comparison) -> bool:
    """Whether nobody compared has a contract: what is due is a potential."""
    return comparison.people.parameters.get("universe") == NEET


def beside_published(comparison: Comparison) -> str:
    """The published spending of the year that is stated, and what the model makes of it."""
    for figure in comparison.published:
        if figure.name == f"depense_{comparison.headline}":
            told = words.published(figure.published, figure.unit)
            own = words.figure(figure.baseline, figure.unit)
            return f" Publié pour {comparison.headline} : {told} ; simulé, droit actuel : {own}."
    return ""


def span(comparison: Comparison) -> str:
    """« En 2023 », « De janvier à … », or « En mars 2025 »: the period that is stated first."""
    if comparison.headline:
        return f"En {comparison.headline}"
    first, last = comparison.months[0], comparison.months[-1]
    if first == last:
        return f"En {words.month(first)}"
    return f"De {words.month(first)} à {words.month(last)}"


def key_figures(comparison: Comparison) -> list[tuple[str, str]]:
    """The few numbers that stand at the head of the report."""
    main, whole = comparison.main, comparison.whole
    total = "Potentiel" if is_potential(comparison) else "Total dû"
    found: list[tuple[str, str]] = [(f"{total}, avant", words.before(main.measure("total")))]
    if comparison.unseen or comparison.outside:
        return found
    found += [
        (f"{total}, après", words.after(main.measure("total"))),
        ("Mois payés, écart", words.change(main.measure("mois_payes"))),
        ("Montant moyen, écart", words.change(main.measure("montant_moyen"))),
    ]
    if comparison.headline:
        paid = words.after(main.measure("personnes_payees"))
        found.append((f"Jeunes payés en {comparison.headline}, après", paid))
    # Winners and losers are those of the whole window.
    when = ", toute la période" if comparison.headline else ""
    for name, label in (("gagnants", "Gagnants"), ("perdants", "Perdants")):
        found.append((f"{label}{when}", words.counted(whole.measure(name))))
    return found


def monthly(comparison: Comparison) -> list[Any]:
    """The charts of the measures month by month."""
    wanted = (
        ("mois_payes", "Allocataires par mois", "personnes"),
        ("montant_moyen", "Montant moyen par allocataire", "euros par mois"),
        ("total", "Total dû par mois", "euros"),
    )
    return [
        figures.month_lines(comparison, name, title, unit)
        for name, title, unit in wanted
        if all(drawable(one.measure(name)) for one in comparison.of_kind("mois"))
    ]


def drawable(measure: Measure) -> bool:
    """Whether a measure has both values."""
    return measure.baseline is not None and measure.reform is not None
