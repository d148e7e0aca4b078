"""What changes from year to year, to 2027: entries, lengths, amounts; published, or assumed.

``data/scenario.yaml`` says it, each figure with its status; a file of the same form replaces what
it gives. The law keeps its own values: those that go beyond it are a reform, of the scenario only.
"""

import copy
import datetime
from collections.abc import Iterator, Mapping
from gettext import gettext as _
from pathlib import Path
from typing import Any

import numpy
import yaml

from openfisca_cej.population.assumptions import wrong
from openfisca_cej.population.months import month_number, month_text
from openfisca_cej.population.synthetic import DIPLOMAS, LOCAL, NATIONAL, load
from openfisca_cej.reforms import WrittenReform, tree
from openfisca_cej.reforms.build import build
from openfisca_cej.refusals import not_yaml
from openfisca_cej.systems import model

FILE = "scenario"

#: From the surest to the least sure; the last is what a user gives.
STATUSES = ("publié", "calculé", "projeté", "supposé", "remplacé")

ENTRIES, LENGTHS, VALUES, HIRING = "entrees", "durees", "revalorisations", "emploi"
ASSUMED = "hypotheses"

#: Months of entries before a window whose contracts may run in it: no contract is longer, even
#: where a reform moves its term.
CARRIED = 18

#: The calendar years that a scenario can tell.
YEARS = range(2022, 2028)

#: Beside a seed, the stream of what a reform supposes.
SUPPOSED = 5

#: The longest mean of contracts, in months: beyond it no slope of the known lengths gives it.
LONGEST_MEAN, SHORTEST_MEAN = 11, 2


class BadScenario(ValueError):
    """A file of scenario that cannot be used; its text says all that is wrong."""


# Reading.


def read(path: Path | None = None) -> dict[str, Any]:
    """The scenario, with the figures of a file in place of some. Raises BadScenario, OSError."""
    return told_in(None if path is None else path.read_bytes(), "" if path is None else path.name)


def told_in(content: bytes | None, name: str) -> dict[str, Any]:
    """The scenario, with the figures of such a file. Raises BadScenario."""
    scenario = copy.deepcopy(load(FILE))
    if content is None:
        return scenario
    given = mapping_in(content, name)
    faults = []
    for section, content in given.items():
        if section == "titre":
            scenario["titre"] = str(content)
        elif section not in (ENTRIES, LENGTHS, VALUES, HIRING, ASSUMED):
            known = ", ".join(("titre", ENTRIES, LENGTHS, VALUES, HIRING, ASSUMED))
            told = _("« {section} » is not a section. They are: {known}.")
            faults.append(told.format(section=section, known=known))
        elif not isinstance(content, dict):
            faults.append(f"{section}: " + _("write one « key: value » a line."))
        else:
            faults += replace(scenario[section], section, content)
    if faults:
        raise BadScenario("\n".join(f"{name}, {fault}" for fault in faults))
    return scenario


def mapping_in(content: bytes, name: str) -> dict[str, Any]:
    """The mapping of a YAML file. Raises BadScenario."""
    try:
        given = yaml.safe_load(content.decode("utf-8"))
    # PyYAML lets through what Python says of dates, numbers and tags that it cannot make.
    except (yaml.YAMLError, ValueError, LookupError, AttributeError, RecursionError) as error:
        raise BadScenario(f"{name}{_(': ')}{not_yaml(error)}.") from None
    if not isinstance(given, dict):
        raise BadScenario(f"{name}{_(': ')}" + _("write one « key: value » a line."))
    return given


def replace(known: dict[Any, Any], section: str, given: Mapping[Any, Any]) -> Iterator[str]:
    """Put figures in place of those of a section; tell what is wrong."""
    for key, entry in given.items():
        where = f"{section}, {key}"
        if section in (VALUES, ASSUMED) and key not in known:
            told = _("choose among {names}.").format(names=", ".join(known))
            yield f"{where}{_(': ')}{told}"
        elif section == VALUES:
            yield from replace_values(known[key], entry, where)
        elif section == ASSUMED:
            yield from put(known, key, entry, known[key]["valeur"], where)
        elif not told_moment(section, key):
            of_months = section == ENTRIES
            told = _("it is not a year or a month.") if of_months else _("it is not a year.")
            yield f"{where}{_(': ')}{told}"
        else:
            if section == ENTRIES and isinstance(key, int):
                for month in [text for text in known if str(text).startswith(f"{key}-")]:
                    del known[month]
            like = 1.0 if section == HIRING else {LOCAL: 1, NATIONAL: 1}
            yield from put(known, key, entry, like, where)


def replace_values(known: dict[Any, Any], given: object, where: str) -> Iterator[str]:
    """Put coefficients in place of those of an amount; tell what is wrong."""
    if not isinstance(given, dict):
        yield f"{where}: " + _("write one « YYYY-MM-DD: coefficient » a line.")
        return
    for date, figure in given.items():
        if isinstance(date, datetime.date):
            yield from put(known, date, figure, 1.0, where)
        else:
            told = _("« {date} » is not a date (expected YYYY-MM-DD).").format(date=date)
            yield f"{where}{_(': ')}{told}"


def told_moment(section: str, key: object) -> bool:
    """Whether this is a year of a scenario, or one of its months."""
    if isinstance(key, int):
        return not isinstance(key, bool) and key in YEARS
    try:
        return section == ENTRIES and month_number(str(key)) // 12 in YEARS
    except ValueError:
        return False


def put(known: dict[Any, Any], key: Any, entry: Any, like: Any, where: str) -> Iterator[str]:
    """Put a figure, given alone or as « valeur », of the kind of another; tell what is wrong."""
    value = entry.get("valeur", entry) if isinstance(entry, dict) else entry
    problem = wrong(key if isinstance(key, str) else "", like, value)
    if not problem and isinstance(like, dict) and set(value) != set(like):
        told = _("it takes one value for each of {names}")
        problem = told.format(names=", ".join(like))
    means = value.values() if not problem and where.startswith(LENGTHS) else ()
    if not all(SHORTEST_MEAN <= mean <= LONGEST_MEAN for mean in means):
        told = _("a mean length is from {least} to {most} months")
        problem = told.format(least=SHORTEST_MEAN, most=LONGEST_MEAN)
    if problem:
        yield f"{where}: {problem}."
    else:
        known[key] = {**known.get(key, {}), "valeur": value, "statut": STATUSES[-1]}
        known[key].pop("plage", None)
        known[key].pop("source", None)


# Entries.


def entries(scenario: Mapping[str, Any]) -> dict[int, dict[str, Any]]:
    """Entries of each month (a number) by operator, with their status.

    A year told as a whole is shared among its months as the year before was, operator by operator.
    """
    told = scenario[ENTRIES]
    found = {month_number(key): entry for key, entry in told.items() if isinstance(key, str)}
    for year in sorted(key for key in told if isinstance(key, int)):
        for month, entry in shared(told[year], year, found).items():
            found.setdefault(month, entry)
    return dict(sorted(found.items()))


def shared(
    entry: Mapping[str, Any], year: int, known: Mapping[int, Mapping[str, Any]]
) -> dict[int, dict[str, Any]]:
    """The entries of a year, month by month, in the proportions of the year before."""
    before = [known[12 * year - 12 + rank]["valeur"] for rank in range(12)]
    wholes = {name: sum(month[name] for month in before) for name in entry["valeur"]}
    return {
        12 * year + rank: {
            **entry,
            "valeur": {
                name: number * month[name] / wholes[name]
                for name, number in entry["valeur"].items()
            },
        }
        for rank, month in enumerate(before)
    }


def margins(
    scenario: Mapping[str, Any],
    months: range,
    title: str,
    kept: tuple[str, str] | None = None,
) -> dict[str, Any]:
    """Margins of those who entered in these months, France, in the form of the published ones.

    ``kept``: first and last day (YYYY-MM-DD) in which a contract must run, if any. What is known
    of the entrants of 2022 and 2023 only (ages, diplomas, neighbourhoods) is assumed to last.
    """
    known = entries(scenario)
    cells = {month: known[month] for month in months if month in known}
    found: dict[str, Any] = {
        name: {**entry, "statut": "supposé", "libelle": f"Comme en 2023. {entry['libelle']}"}
        for name, entry in load("marges_entrants")["france_2023"].items()
        if name not in ("titre", "operateurs")
    }
    origin = cited(scenario, cells[max(cells)])
    monthly = {month_text(month): cell["valeur"] for month, cell in cells.items()}
    lengths = {year: scenario[LENGTHS][year] for year in sorted({month // 12 for month in cells})}
    found["titre"] = title
    found["entrees"] = told("Entrées des mois dont les contrats comptent", 0, cells) | origin
    found["entrees_mensuelles"] = told("Entrées par mois et opérateur", monthly, cells) | origin
    found["entrees_mensuelles"]["details"] = {
        month_text(month): {"statut": cell["statut"], **cited(scenario, cell)}
        for month, cell in cells.items()
    }
    found["durees_annuelles"] = told(
        "Durée moyenne d'un contrat (mois), par année d'entrée",
        {year: entry["valeur"] for year, entry in lengths.items()},
        lengths,
    )
    found["durees_annuelles"]["details"] = {
        str(year): {"statut": entry["statut"], **cited(scenario, entry)}
        for year, entry in lengths.items()
    }
    found["emploi"] = told(
        "Embauches d'une année, rapportées à celles des hypothèses",
        {year: entry["valeur"] for year, entry in scenario[HIRING].items()},
        scenario[HIRING],
    )
    if kept is not None:
        found["retenus"] = told("Contrats qui courent entre ces jours", list(kept), cells)
    return entered(found, monthly)


def told(label: str, value: Any, figures: Mapping[Any, Mapping[str, Any]]) -> dict[str, Any]:
    """A margin made of figures, with the least sure of their statuses."""
    status = max((figure["statut"] for figure in figures.values()), key=STATUSES.index)
    return {"libelle": label, "valeur": value, "statut": status}


def entered(
    margins: Mapping[str, Any], monthly: Mapping[str, Mapping[str, float]]
) -> dict[str, Any]:
    """The margins, with other entries by month and operator, and the diplomas that these make."""
    without = margins["sans_diplome_operateur"]["valeur"]
    of_operators = {name: sum(cell[name] for cell in monthly.values()) for name in without}
    total = sum(of_operators.values())
    none = sum(number * without[name] for name, number in of_operators.items()) / total
    levels = {name: n for name, n in margins["diplomes"]["valeur"].items() if name != DIPLOMAS[0]}
    others = {name: (1 - none) * share / sum(levels.values()) for name, share in levels.items()}
    return {
        **margins,
        "diplomes": {**margins["diplomes"], "valeur": {DIPLOMAS[0]: none, **others}},
        "entrees": {**margins["entrees"], "valeur": total},
        "entrees_mensuelles": {**margins["entrees_mensuelles"], "valeur": dict(monthly)},
    }


def least_sure(status: str, other: str) -> str:
    """The less sure of two statuses."""
    return max(status, other, key=STATUSES.index)


def cited(scenario: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    """The source of a figure, if it has one."""
    return {"source": scenario["sources"][entry["source"]]} if "source" in entry else {}


def of_paca(margins: Mapping[str, Any]) -> dict[str, Any]:
    """The margins in Provence-Alpes-Côte d'Azur: its share of the entries, what it published."""
    share = margins["region"]["valeur"]
    months = margins["entrees_mensuelles"]["valeur"]
    found = {name: entry for name, entry in margins.items() if name != "region"}
    of_region = load("marges_entrants")["paca_2023"]
    for name in ("sans_diplome", "qpv", "ages"):
        found[name] = {**of_region[name], "statut": "supposé"}
    found["titre"] = found["titre"].replace("France", "Provence-Alpes-Côte d'Azur")
    scaled = {
        text: {name: share * number for name, number in cell.items()}
        for text, cell in months.items()
    }
    entries = found["entrees_mensuelles"]
    details = {
        text: {**one, "statut": least_sure(one["statut"], "calculé")}
        for text, one in entries["details"].items()
    }
    found["entrees_mensuelles"] = {**entries, "details": details}
    return entered(found, scaled)


def of_entrants(scenario: Mapping[str, Any], year: int) -> dict[str, Any]:
    """Margins of those who entered in a year."""
    title = f"Jeunes entrés en contrat d'engagement jeune, France, {year}"
    return margins(scenario, range(12 * year, 12 * year + 12), title)


def of_year(scenario: Mapping[str, Any], year: int) -> dict[str, Any]:
    """Margins of those in a contract in a year, those who had entered before included."""
    months = range(12 * year - CARRIED, 12 * year + 12)
    title = f"Jeunes en contrat d'engagement jeune dans l'année, France, {year}"
    return margins(scenario, months, title, (f"{year}-01-01", f"{year}-12-31"))


def of_stock(scenario: Mapping[str, Any], day: str) -> dict[str, Any]:
    """Margins of those in a contract on a day (YYYY-MM-DD)."""
    month = month_number(day[:7])
    title = f"Jeunes en contrat d'engagement jeune, France, {day}"
    return margins(scenario, range(month - CARRIED, month + 1), title, (day, day))


# What a reform supposes.


def supposed(
    entries: Mapping[str, Mapping[str, Any]], count: int, seed: int
) -> list[dict[str, dict[str, Any]]]:
    """So many draws of what a reform supposes, each uniform on its range; the others as they are.

    ``entries`` are those of a scenario: take-up by those whom a reform lets in, and so on.
    """
    random = numpy.random.default_rng([seed, SUPPOSED])
    return [
        {
            name: {**entry, "valeur": random.uniform(*entry.get("plage", 2 * [entry["valeur"]]))}
            for name, entry in entries.items()
        }
        for _ in range(count)
    ]


# The law of the scenario.


def projected(scenario: Mapping[str, Any]) -> type[WrittenReform]:
    """The values beyond those that the law knows, as a reform; the law prevails where it tells."""
    numbers = tree.numbers(model().parameters)
    values: dict[str, dict[str, float]] = {}
    for entry in scenario[VALUES].values():
        prefixes = tuple(entry["parametres"])
        dates = sorted(key for key in entry if isinstance(key, datetime.date))
        for path, parameter in numbers.items():
            if not path.startswith(prefixes) or path.endswith(("rate", "taux")):
                continue
            known = parameter.values_list[0]
            last = known.value
            for date in dates:
                if str(date) > known.instant_str and last:
                    digits = 0 if path.endswith("threshold") else 2
                    last = round(last * entry[date]["valeur"], digits)
                    values.setdefault(path, {})[str(date)] = last
    return build({"parameters": values, "switches": []}, str(scenario["titre"]))


def figures(scenario: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    """Every figure of the scenario: section, moment, value and status."""
    rows = [
        (ENTRIES, month_text(month), written(entry["valeur"]), entry["statut"])
        for month, entry in entries(scenario).items()
    ]
    for section in (LENGTHS, HIRING, ASSUMED):
        rows += [
            (section, str(key), written(entry["valeur"]), entry["statut"])
            for key, entry in scenario[section].items()
        ]
    for name, entry in scenario[VALUES].items():
        rows += [
            (f"{VALUES}, {name}", str(key), written(figure["valeur"]), figure["statut"])
            for key, figure in entry.items()
            if isinstance(key, datetime.date)
        ]
    return rows


def written(value: Any) -> str:
    """A figure in words."""
    if isinstance(value, dict):
        return ", ".join(f"{name} {written(item)}" for name, item in value.items())
    return f"{value:.6g}"
