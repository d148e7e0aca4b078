"""The report as one page of HTML: no script, nothing asked of the network."""

import re
from collections.abc import Mapping
from typing import Any

from openfisca_cej import french
from openfisca_cej.analysis import unchanged
from openfisca_cej.analysis.blind_spots import UNSEEN
from openfisca_cej.analysis.caveats import moves_amounts
from openfisca_cej.analysis.comparison import (
    MONTH,
    WINDOW,
    YEAR,
    Comparison,
    GroupEffect,
    Measure,
    Period,
    Published,
)
from openfisca_cej.analysis.conventions import UNJUDGED
from openfisca_cej.analysis.touched import losing, most_touched, shares
from openfisca_cej.charts import Chart
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

    One page first: the question, the answer, who gains and loses, what to know. Then the budget,
    the persons, the cases; then annexes, folded on a screen.

    ``workbook`` is the name of the workbook that goes with the page; empty: there is none.
    ``outputs`` are the SHA-256 of the files beside the page, by name.
    """
    months = comparison.of_kind(MONTH)
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
            people=people(comparison),
            cautions=cautions(comparison),
            winners=winners(comparison),
            limits=main_limits(comparison),
            main_chart=main_chart(comparison),
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
            budget=figures.month_bars(comparison) if len(months) > 1 else None,
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
            coming=reproduce.coming(comparison),
            python=reproduce.python(comparison),
            reform_file=reproduce.reform_file(comparison),
            assumptions_file=reproduce.assumptions_file(comparison),
            workbook=workbook,
            hashes=reproduce.hashes(comparison, outputs or {}),
            words=words,
            intervals=comparison.sampling.over,
            drivers=figures.driver_bars(comparison),
            notice=NOTICE,
        )
    )
    return words.typeset(page)


def lead(comparison: Comparison) -> str:
    """The answer in one sentence: what the reform costs or saves, and how sure that is."""
    total = comparison.main.measure("total")
    when = span(comparison)
    if comparison.outside:
        return comparison.outside
    if comparison.unseen:
        return f"{when}, {UNSEEN} : l'allocation d'aucune de ces personnes ne change."
    if total.masked or total.difference is None or total.baseline is None:
        return f"{when}, la réforme touche trop peu de personnes pour que son coût soit publié."
    if total.difference == 0:
        return f"{when}, la réforme ne change pas le total dû."
    ends = total.interval or (total.difference, total.difference)
    saving = max(total.difference, *ends) < 0
    verb = "économise" if saving else "coûte"
    if is_potential(comparison):
        # Of all who could enter, were they all to.
        verb = {"coûte": "coûterait", "économise": "économiserait"}[verb]
    # What is surely saved is told without a sign, as its interval is.
    cost = -total.difference if saving else total.difference
    text = f"{when}, la réforme {verb} {words.quantity(cost, '€', 'total', total.interval)}"
    if ends[0] != ends[1]:
        kind = comparison.sampling.over
        if saving:
            ends = -ends[1], -ends[0]
        text += f" ; intervalle à 95 % ({kind}) : {words.range_of(total, ends)}"
    if total.baseline:
        share = words.quantity(abs(total.difference / total.baseline), "part")
        more = "plus" if total.difference > 0 else "moins"
        whole = "potentiel" if is_potential(comparison) else "total dû"
        law = f"sous le droit en vigueur ({words.before(total)})"
        text += f". C'est {share} de {more} que le {whole} {law}"
    return f"{text}.{by_year(comparison)}{beside_published(comparison)}"


def by_year(comparison: Comparison) -> str:
    """What twelve months would cost, where the reform was in force in fewer, or in more."""
    total = comparison.main.measure("total")
    months = [one for one in comparison.months if one.startswith(comparison.headline)]
    days = [f"{month}-01" for month in months]
    changes = [(one.start, one.end or days[-1]) for one in comparison.changes]
    count = sum(any(start <= day <= end for start, end in changes) for day in days)
    if comparison.scope or count in (0, 12):
        return ""
    low, high = (12 * end / count for end in total.interval or (0.0, 0.0))
    ends = (low, high) if total.interval else None
    told = words.quantity(abs(12 * (total.difference or 0) / count), "€", "total", ends)
    return f" Soit {told} pour douze mois au même rythme."


def people(comparison: Comparison) -> str:
    """Whose allowance is compared."""
    found = comparison.people
    count = comparison.whole.measure("personnes")
    mark = french.plural(found.persons)
    told = f"{found.title} : {french.number(found.persons, 0)} personne{mark}"
    if not found.weighted or count.masked:
        return f"{told}."
    if found.parameters.get("universe"):
        when = french.lower(window(comparison))
        told += f" fictives, tirées d'après ce qui est publié et suivies {when},"
    return f"{told} qui en représente{'nt' if mark else ''} {words.counted(count)}."


def winners(comparison: Comparison) -> list[str]:
    """Who gains, who loses and by how much, in sentences; nothing where nobody can be seen."""
    whole = comparison.whole
    if comparison.unseen or comparison.outside:
        return []
    told, when = [], span(comparison)
    years = comparison.of_kind(YEAR)
    if comparison.headline and len(years) > 1:
        # Money of a year is told beside the people of that year.
        told = [f"{when}, parmi les jeunes en contrat, {' ; '.join(counted(comparison.main))}."]
        when = f"Sur toute la période ({french.lower(window(comparison))})"
    unit = words.quantity(comparison.threshold, "€", "gain_moyen")
    told.append(
        f"{when}, {' ; '.join(counted(whole))}. Les autres gardent leur allocation, à moins de "
        f"{unit} près par mois de contrat."
    )
    return [
        " ".join(told),
        *filter(None, [told_of_groups(comparison), told_of_unchanged(comparison)]),
    ]


def counted(found: Period | GroupEffect) -> list[str]:
    """How many gain and lose, and of a group by how much."""
    people = found.measure("personnes").baseline
    means = {one.name: one for one in found.measures}
    told = []
    for name, mean, one, several in (
        ("gagnants", "gain_moyen", "y gagne", "y gagnent"),
        ("perdants", "perte_moyenne", "y perd", "y perdent"),
    ):
        count = found.measure(name)
        if count.difference == 0:
            told.append(f"personne n'{one}")
        elif count.masked or count.difference is None or not people:
            told.append(f"trop peu de personnes {several} pour que leur nombre soit publié")
        else:
            share = words.quantity(count.difference / people, "part")
            text = f"{words.counted(count)} personnes ({share}) {several}"
            if mean in means:
                text += f", {words.change(means[mean])} par mois de contrat en moyenne"
            told.append(text)
    return told


def told_of_groups(comparison: Comparison) -> str:
    """The same in a sentence; nothing where all groups are alike."""
    found = most_touched(comparison.whole, comparison.breakdowns)
    if found is None:
        return ""
    first, last = (f"{words.quantity(share, 'part')} ({group.label})" for share, group in found[1:])
    who = "perdants" if losing(comparison.whole) else "gagnants"
    label = french.lower(found.breakdown.label)
    return f"Selon « {label} », la part des {who} va de {first} à {last}."


def told_of_unchanged(comparison: Comparison) -> str:
    """Why some of the most touched group keep their allowance; nothing where that is not known."""
    found = most_touched(comparison.whole, comparison.breakdowns)
    group = comparison.whole if found is None else found.most[1]
    share = (shares(group) or {}).get("inchanges")
    reasons = [one for one in group.measures if one.name in unchanged.TOLD]
    known = [one for one in reasons if one.difference]
    if not share or not known:
        return ""
    known.sort(key=lambda one: -(one.difference or 0))
    told = [f"{words.counted(one)} {unchanged.TOLD[one.name]}" for one in known]
    who = "de ces personnes" if found is None else f"du groupe « {group.label} »"
    part = words.quantity(share, "part")
    return f"Rien ne change pour {part} {who} ; leurs mois de contrat : {', '.join(told)}."


def main_chart(comparison: Comparison) -> Chart | None:
    """Who gains and loses: the whole, and the breakdown whose groups differ most."""
    if comparison.unseen or comparison.outside:
        return None
    found = most_touched(comparison.whole, comparison.breakdowns)
    return figures.main_groups(comparison.whole, found.breakdown if found else None)


#: What no comparison counts.
NOT_COUNTED = (
    "Ne sont pas comptés : les changements de comportement (recours, emploi, entrées, durées), les "
    "autres prestations, l'impôt, les coûts de gestion et d'accompagnement."
)


def main_limits(comparison: Comparison) -> list[str]:
    """The three limits that bear most on the answer."""
    told = [" ".join(comparison.bias)]
    if UNJUDGED in comparison.limits:
        told = [UNJUDGED]
    if comparison.drivers and not comparison.unseen:
        told.append(heaviest(comparison))
    return [*filter(None, told), NOT_COUNTED]


def heaviest(comparison: Comparison) -> str:
    """The assumption that the cost hangs on most."""
    one = comparison.drivers[0]
    low, high = words.costs(one)
    told = (
        f"L'hypothèse qui pèse le plus est « {french.lower(one.label)} » : de {one.low} à "
        f"{one.high}, elle mène le coût de {low} à {high}, les autres restant à leur valeur."
    )
    ends = comparison.main.measure("total").interval if comparison.sampling.draws else None
    if ends and not all(ends[0] <= cost <= ends[1] for cost in (one.at_low, one.at_high)):
        told += " L'intervalle, où elles bougent toutes ensemble, ne va pas jusque-là."
    return told


#: Names of inputs in a sentence: the annex has them.
INPUTS = re.compile(r" \([a-z0-9_]+(, [a-z0-9_…]+)*\)")


def cautions(comparison: Comparison) -> list[str]:
    """What must be read with the result: what the persons are, what they cannot show."""
    partial = "" if comparison.unseen or not comparison.warnings else "Effet partiel ou faussé. "
    told = [f"{partial if not rank else ''}{one}" for rank, one in enumerate(comparison.warnings)]
    return [INPUTS.sub("", one) for one in (comparison.scope, *told) if one]


def is_potential(comparison: Comparison) -> bool:
    """Whether nobody compared has a contract: what is due is a potential."""
    return comparison.people.parameters.get("universe") == NEET


def beside_published(comparison: Comparison) -> str:
    """The published spending of the year that is stated."""
    for figure in comparison.published:
        if figure.name == f"depense_{comparison.headline}":
            told = words.published(figure.published, figure.unit)
            side = "plus" if figure.gap < 0 else "moins"
            beside = f", {side} que simulé (point 1)" if figure.gap else ""
            return (
                f" Dépense publiée de {comparison.headline} : {told}{beside}."
                f"{in_proportion(comparison, figure) if figure.gap else ''}"
            )
    return ""


def in_proportion(comparison: Comparison, spending: Published) -> str:
    """What the cost would be, were its gap that of the spending; nothing where it need not be."""
    total = comparison.main.measure("total")
    if not all(moves_amounts(one.path) for one in comparison.changes):
        return ""
    ends = sorted(
        abs(total.difference or 0) * end / spending.baseline for end in spending.published
    )
    told = words.range_of(total, (ends[0], ends[-1]))
    same = "Si l'écart est le même pour qui la réforme touche, ce que rien de publié ne dit"
    return f" {same} : {told}."


def span(comparison: Comparison) -> str:
    """« En 2023 », « De janvier à … », or « En mars 2025 »: the period that is stated first."""
    return f"En {comparison.headline}" if comparison.headline else window(comparison)


def window(comparison: Comparison) -> str:
    """« De janvier à … », or « En mars 2025 »: all the months."""
    first, last = comparison.months[0], comparison.months[-1]
    if first == last:
        return f"En {words.month(first)}"
    return f"De {words.month(first)} à {words.month(last)}"


def key_figures(comparison: Comparison) -> list[tuple[str, str]]:
    """The few numbers that stand at the head of the report."""
    main = comparison.main
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
        paid = words.before(main.measure("personnes_payees"))
        found.append((f"Jeunes payés en {comparison.headline}, avant", paid))
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
