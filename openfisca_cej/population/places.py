"""A region, a department or a mission locale, told by a file: what it lacks is that of France.

Its keys: ``titre``, ``departement`` (overseas, who lives there has its amounts and its tax
reductions), ``entrees`` (of a year, by year), ``operateurs``, ``ages``, ``sans_diplome``, ``qpv``
(shares), ``lieux`` (entries of each part: they add up to the whole).
"""

from collections.abc import Iterator, Mapping
from gettext import gettext as _
from pathlib import Path
from typing import Any

from openfisca_cej.population.assumptions import wrong
from openfisca_cej.population.scenario import (
    STATUSES,
    YEARS,
    BadScenario,
    entered,
    entries,
    mapping_in,
)
from openfisca_cej.population.synthetic import load

ENTRIES, PARTS, OVERSEAS = "entrees", "lieux", "departement"

#: Shares by category, whose categories are those of France, and that add up to one.
SHARES = ("operateurs", "ages")

#: Shares of persons.
PORTIONS = ("sans_diplome", "qpv")

#: How far shares, or parts, may be from their whole: what rounding does.
ROUNDING = 0.01


def read(path: Path) -> dict[str, Any]:
    """A place, by the keys given. Raises BadScenario with all that is wrong, OSError."""
    given = mapping_in(path.read_bytes(), path.name)
    faults = list(faults_of(given))
    if faults:
        raise BadScenario("\n".join(f"{path.name}, {fault}" for fault in faults))
    return {"titre": path.stem, **given, ENTRIES: by_year(given[ENTRIES])}


def by_year(entries: Any) -> dict[int, float]:
    """Entries of each year; the same every year when there is one number."""
    if not isinstance(entries, dict):
        return dict.fromkeys(YEARS, entries)
    # JSON, which manifests are written in, has texts for keys.
    return {int(year) if str(year).isdecimal() else year: n for year, n in entries.items()}


def faults_of(given: Mapping[str, Any]) -> Iterator[str]:
    """All that is wrong with a place."""
    known = ("titre", OVERSEAS, ENTRIES, *SHARES, *PORTIONS, PARTS)
    for name in given:
        if name not in known:
            told = _("« {name} » is not a margin. They are: {known}.")
            yield told.format(name=name, known=", ".join(known))
    if ENTRIES not in given:
        yield f"{ENTRIES}: " + _("say how many entered, in a year or by year.")
        return
    own = by_year(given[ENTRIES])
    for year, number in own.items():
        if year not in YEARS:
            told = _("it is not a year from {first} to {last}.")
            yield f"{ENTRIES}, {year}{_(': ')}{told.format(first=YEARS[0], last=YEARS[-1])}"
        elif problem := wrong("", 1, number) or ("" if number > 0 else _("it is not more than 0")):
            yield f"{ENTRIES}, {year}: {problem}."
    france = load("marges_entrants")["france_2023"]
    for name in SHARES:
        if name in given:
            yield from shares(name, given[name], france[name]["valeur"])
    for name in PORTIONS:
        if name in given and (problem := wrong(f"part_{name}", 0.5, given[name])):
            yield f"{name}: {problem}."
    if OVERSEAS in given and str(given[OVERSEAS]) not in load("scenario")["residences"]:
        told = _("« {place} » is not one of {names}; leave it out elsewhere.")
        names = ", ".join(load("scenario")["residences"])
        yield f"{OVERSEAS}{_(': ')}{told.format(place=given[OVERSEAS], names=names)}"
    if PARTS in given:
        yield from parts(given[PARTS], own)


def shares(name: str, value: Any, like: Mapping[str, float]) -> Iterator[str]:
    """What is wrong with shares by category."""
    problem = wrong(name, dict(like), value)
    if not problem and set(value) != set(like):
        told = _("it takes one value for each of {names}")
        problem = told.format(names=", ".join(like))
    if not problem and abs(sum(value.values()) - 1) > ROUNDING:
        told = _("its shares add up to {total:.3f}, not to 1")
        problem = told.format(total=sum(value.values()))
    if problem:
        yield f"{name}: {problem}."


def parts(value: Any, own: Mapping[int, float]) -> Iterator[str]:
    """What is wrong with parts: they add up to the entries of some year."""
    if not isinstance(value, dict) or not value:
        yield f"{PARTS}: " + _("write one « name: entries » a line.")
        return
    for name, number in value.items():
        if problem := wrong("", 1, number):
            yield f"{PARTS}, {name}: {problem}."
            return
    whole = sum(value.values())
    if not any(abs(whole - number) <= ROUNDING * number for number in own.values()):
        of_years = ", ".join(f"{number:g} ({year})" for year, number in own.items())
        told = _("they add up to {sum:g}, the whole to {of_years}.")
        yield f"{PARTS}{_(': ')}{told.format(sum=whole, of_years=of_years)}"


def applied(
    place: Mapping[str, Any], scenario: Mapping[str, Any], margins: Mapping[str, Any]
) -> dict[str, Any]:
    """The margins of France with those of the place; each keeps the status of where it is from."""
    given = STATUSES[-1]
    france = of_france(scenario)
    ratio = ratios(place, {year: sum(entries.values()) for year, entries in france.items()})
    monthly = {
        text: {
            name: number * ratio[int(text[:4])] * weight(place, name, france[int(text[:4])])
            for name, number in cell.items()
        }
        for text, cell in margins["entrees_mensuelles"]["valeur"].items()
    }
    found = {name: entry for name, entry in margins.items() if name != "region"}
    own = by_year(place[ENTRIES])
    details = {text: {"statut": given if int(text[:4]) in own else "supposé"} for text in monthly}
    if "operateurs" in place:
        details["operateurs"] = {"statut": given}
    statuses = {entry["statut"] for entry in details.values()}
    whole = {"libelle": "Entrées", "statut": given if statuses == {given} else "supposé"}
    found["entrees"] = {**whole, "valeur": 0}
    found["entrees_mensuelles"] = {**whole, "valeur": {}, "details": details}
    for name in ("ages", *PORTIONS):
        if name in place:
            found[name] = {"libelle": name, "valeur": place[name], "statut": given}
    title = str(place["titre"])
    parts = {str(name): number for name, number in place.get(PARTS, {title: 1}).items()}
    found[PARTS] = {"libelle": "Entrées de chaque lieu", "valeur": parts, "statut": given}
    found["titre"] = found["titre"].replace("France", title)
    if OVERSEAS in place:
        home = load("scenario")["residences"][str(place[OVERSEAS])]
        found["residence"] = {"libelle": "Lieu", "valeur": home, "statut": given}
    return entered(found, monthly)


def of_france(scenario: Mapping[str, Any]) -> dict[int, dict[str, float]]:
    """Entries of France by year and operator."""
    found: dict[int, dict[str, float]] = {}
    for month, entry in entries(scenario).items():
        year = found.setdefault(month // 12, dict.fromkeys(entry["valeur"], 0.0))
        for name, number in entry["valeur"].items():
            year[name] += number
    return found


def weight(place: Mapping[str, Any], operator: str, france: Mapping[str, float]) -> float:
    """Share of an operator in the place over that in France; 1 when the place does not say it."""
    if "operateurs" not in place:
        return 1.0
    own = place["operateurs"]
    share: float = own[operator] / sum(own.values())
    return share * sum(france.values()) / france[operator]


def ratios(place: Mapping[str, Any], france: Mapping[int, float]) -> dict[int, float]:
    """Entries of the place over those of France, by year: those of the nearest year given, else."""
    known = {
        year: number / france[year]
        for year, number in by_year(place[ENTRIES]).items()
        if france.get(year)
    }
    return {year: known[min(known, key=lambda one: abs(one - year))] for year in france}
