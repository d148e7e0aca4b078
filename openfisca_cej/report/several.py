"""Several reforms in one report: a page with the table of costs, and the folder of each."""

import csv
import re
from collections.abc import Mapping
from gettext import gettext as _
from pathlib import Path

from openfisca_cej import charts, french
from openfisca_cej.analysis import several, writing
from openfisca_cej.analysis.comparison import Comparison
from openfisca_cej.analysis.conventions import UNJUDGED
from openfisca_cej.analysis.several import INTERACTION, LAW, Cost, Several
from openfisca_cej.charts import Chart
from openfisca_cej.explain.render import templates
from openfisca_cej.population import atomic, manifest
from openfisca_cej.refusals import BadRequest
from openfisca_cej.report import page, words
from openfisca_cej.report.writing import PAGE, fill

TABLE = "couts.csv"

#: What ends the name of a file of reform.
SUFFIX = re.compile(r"\.(ya?ml|json|py)$")


def folders(names: Mapping[str, object]) -> dict[str, str]:
    """The name of the folder of each reform: its rank, and what its name holds of letters."""
    stems = {
        name: " ".join(SUFFIX.sub("", Path(part).name) for part in name.split("+"))
        for name in names
    }
    return {
        name: f"{rank}_{re.sub(r'[^A-Za-z0-9]+', '_', stem).strip('_')[:40]}"
        for rank, (name, stem) in enumerate(stems.items(), 1)
    }


def spare(out: Path, overwrite: bool) -> None:
    """Refuse to write over something else. Raises BadRequest."""
    manifest.refuse_file(out)
    if (out / manifest.NAME).exists():
        raise BadRequest(
            _("{out} holds the results of one reform: choose another --out.").format(out=out)
        )
    if (out / TABLE).exists() and not overwrite:
        raise BadRequest(
            _("{out} holds the costs of other reforms: add --overwrite to replace them.").format(
                out=out
            )
        )


def write(found: Several, out: Path | str, overwrite: bool = False) -> list[Path]:
    """Write the page and the table of costs, and in a folder for each reform all of its own.

    Each folder is the one of the reform compared alone, which « verify » redoes. Raises BadRequest
    when the folder holds something else, OSError.
    """
    out = Path(out)
    spare(out, overwrite)
    places = folders(found.comparisons)
    for name, comparison in found.comparisons.items():
        writing.write(comparison, out / places[name], fill, overwrite)
    with atomic.whole(out / TABLE) as path, path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(several.COLUMNS)
        writer.writerows([writing.cell(value) for value in row.values()] for row in found.rows())
    with atomic.whole(out / PAGE) as path:
        path.write_text(to_html(found, places), encoding="utf-8")
    return [out / PAGE, out / TABLE, *(out / place for place in places.values())]


def to_html(found: Several, places: Mapping[str, str]) -> str:
    """The page of several reforms; ``places`` are the folders of each."""
    first = found.first
    text = (
        templates()
        .get_template("plusieurs.html")
        .render(
            found=found,
            first=first,
            places=places,
            pages={name: page.winners(one) for name, one in found.comparisons.items()},
            beside_pages={name: page.winners(one) for name, one in found.beside.items()},
            leads={name: page.lead(one) for name, one in found.comparisons.items()},
            costs=[one for one in found.costs if one.kind != INTERACTION],
            alone=[
                one.title
                for name, one in found.comparisons.items()
                if name not in {cost.name for cost in found.costs if cost.kind == INTERACTION}
            ],
            interactions=[one for one in found.costs if one.kind == INTERACTION],
            chart=chart(found),
            span=page.span(first),
            people=page.people(first),
            beside="au droit en vigueur" if found.against == LAW else f"à « {found.against} »",
            limits=[*first.bias[:1], *unjudged(first), page.NOT_COUNTED],
            intervals=first.sampling.over,
            sentence=sentence,
            words=words,
            lower=french.lower,
            notice=page.NOTICE,
        )
    )
    return words.typeset(text)


def unjudged(one: Comparison) -> list[str]:
    """What is said of data of one's own."""
    return [UNJUDGED] if UNJUDGED in one.limits else []


def chart(found: Several) -> Chart | None:
    """The costs, side by side, with their intervals; nothing where all are masked."""
    values = [
        (str(rank), one.difference, one.interval)
        for rank, one in enumerate(found.costs, 1)
        if one.difference is not None and one.kind != INTERACTION
    ]
    if not values:
        return None
    return charts.Bars(
        "couts",
        "Coût de chaque réforme, dans l'ordre du tableau",
        "Une barre par réforme, avec son intervalle à 95 % ; les valeurs sont dans le tableau.",
        values,
        "euros",
    )


def sentence(one: Cost) -> str:
    """What reforms do to each other, in a sentence."""
    if one.difference is None:
        return f"{one.title} : trop peu de personnes pour le publier."
    amount = words.quantity(abs(one.difference), "€", "total", one.interval)
    if amount == words.quantity(0.0, "€", "total", one.interval):
        told = "ensemble, elles coûtent la somme de leurs coûts"
    else:
        more = "plus" if one.difference > 0 else "moins"
        told = f"ensemble, elles coûtent {amount} de {more} que la somme de leurs coûts"
    return f"{one.title} : {told}{span(one)}."


def span(one: Cost) -> str:
    """The interval of a line, between parentheses; nothing where there is none."""
    told = words.interval(one.interval, "€", "total")
    return f" (intervalle à 95 % : {told})" if told else ""
