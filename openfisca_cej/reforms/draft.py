"""From what is written to what is checked: the paths, dates, values and switches of a reform."""

import dataclasses
import datetime
import difflib
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.reforms import tree
from openfisca_cej.reforms.relative import Relative, dated, relative
from openfisca_cej.reforms.spans import (
    DAY,
    FOREVER,
    BadDates,
    Span,
    chained,
    first_of_next,
    merged,
    read_dates,
    same,
)
from openfisca_cej.reforms.switches import ALWAYS, by_rank, parsed, read_switch
from openfisca_cej.reforms.values import checked
from openfisca_cej.reforms.written import Written
from openfisca_cej.refusals import BadValue, Fault, Faults, InvalidReform

TEXTS = ("title", "description", "rationale")
KEYS = (*TEXTS, "references", "parameters", "switches")

#: Keys that lead to the parameters of a reform.
PARAMETERS = ("parameters",)


@dataclass
class Draft:
    """A reform that was read: ``parameters`` by path, ``switches`` by canonical form."""

    source: str
    title: str = ""
    description: str = ""
    rationale: str = ""
    references: list[dict[str, str]] = field(default_factory=list)
    parameters: dict[str, list[Span]] = field(default_factory=dict)
    switches: dict[str, list[Span]] = field(default_factory=dict)

    def content(self) -> dict[str, Any]:
        """What the reform changes, in one form only: fit for JSON, and for a hash.

        Switches are a list of names when all of them hold at all dates.
        """
        names = by_rank(self.switches)
        dated = any(self.switches[name][0].key != ALWAYS.key for name in names)
        return {
            "parameters": {path: keyed(spans) for path, spans in sorted(self.parameters.items())},
            "switches": {name: keyed(self.switches[name]) for name in names} if dated else names,
        }


def keyed(spans: Iterable[Span]) -> dict[str, Any]:
    """The values by their dates."""
    return {span.key: span.value for span in spans}


class ReformReader:
    """Read one written reform; every fault is kept."""

    def __init__(self, source: str, system: TaxBenefitSystem) -> None:
        self.faults = Faults(source)
        self.system = system
        self.root = system.parameters
        self.known = tree.numbers(self.root)

    def fault(self, at: Written, problem: str, remedy: str, fr: str, near: str = "") -> None:
        """Record a fault at its place."""
        self.faults.add(BadValue.said(problem, remedy, fr, near), at.line, keys=at.keys)

    def read(self, written: Written) -> Draft:
        """The reform of a whole file or dictionary. Raises InvalidReform with all its faults."""
        draft = Draft(self.faults.source)
        if not written.mapping:
            self.fault(
                written,
                "it is not a mapping of keys to values",
                "Write title, description, parameters, switches",
                "un objet est attendu, avec title, description, parameters, switches",
            )
        for key, item in self.pairs(written):
            if key.value not in KEYS:
                self.unknown_key(key)
            elif key.value == "parameters":
                self.parameters(draft, item)
            elif key.value == "switches":
                self.switches(draft, item)
            elif key.value == "references":
                draft.references = self.references(item)
            elif isinstance(item.value, str):
                setattr(draft, key.value, item.value.strip())
            else:
                self.fault(
                    item, f"{key.value} is not a text", "", f"{key.value} n'est pas un texte"
                )
        self.faults.raise_reform()
        return draft

    def pairs(self, written: Written) -> Iterable[tuple[Written, Written]]:
        """The pairs of a mapping; a key that comes twice is a fault."""
        seen: dict[str, int] = {}
        for key, item in written.value if written.mapping else ():
            if key.value in seen:
                where = f" (first on line {seen[key.value]})" if key.line else ""
                problem = f"{key.quoted} comes twice{where}"
                self.fault(key, problem, "Keep one", f"{key.quoted} est donné deux fois")
                continue
            seen[key.value] = key.line
            yield key, item

    def unknown_key(self, key: Written) -> None:
        """Record a key that a reform does not have."""
        names = ", ".join(KEYS)
        remedy, fr = f"Keys are: {names}", f"il y a : {names}"
        if "." in key.value:
            remedy = f"Write it under « parameters: »; {remedy[0].lower()}{remedy[1:]}"
            fr = f"écrivez-le sous « parameters » ; {fr}"
        near = next(iter(difflib.get_close_matches(key.value[:40], KEYS, n=1)), "")
        self.fault(
            key,
            f"{key.quoted} is not a key of a reform",
            remedy,
            f"{key.quoted} n'est pas une clé d'une réforme ; {fr}",
            near,
        )

    def references(self, written: Written) -> list[dict[str, str]]:
        """The articles that the reform changes: a list of {title, href}."""
        items = written.value if isinstance(written.value, list) else [written]
        found = []
        for item in items:
            told = {key.value: value.value for key, value in self.pairs(item)}
            if set(told) != {"title", "href"} or not all(isinstance(t, str) for t in told.values()):
                self.fault(
                    item,
                    "a reference is not made of a title and a href",
                    "Write - title: …, then href: …",
                    "une référence est faite d'un title et d'un href",
                )
            found.append(told)
        return found

    def switches(self, draft: Draft, written: Written) -> None:
        """The switches named in a list, or with their dates in a mapping."""
        if written.value is None:
            return
        if not written.mapping and not isinstance(written.value, list):
            remedy = "Write switches: [name, name], or switches: {name: {date: true}}"
            fr = "switches n'est ni une liste de noms, ni un objet de dates par nom"
            self.fault(written, "switches is not a list", remedy, fr)
            return
        always = Written(True, written.line)
        pairs = self.pairs(written) if written.mapping else ((one, always) for one in written.value)
        for key, item in pairs:
            try:
                name = read_switch(str(key.value))
            except BadValue as error:
                self.fault(key, error.problem, error.remedy, error.fr)
                continue
            if spans := self.dates(name, item):
                draft.switches[name] = merged((*draft.switches.get(name, ()), *spans))
        for problem, fr, _ in clashes(draft.switches):
            self.fault(written, problem, "Keep one", fr)

    def dates(self, name: str, written: Written) -> list[Span]:
        """When a switch holds: ``true`` is at all dates."""
        if written.value is True:
            return [ALWAYS]
        if not written.mapping or not written.value:
            problem = f"{name}: {written.quoted} does not say when the switch holds"
            fr = f"{name} : {written.quoted} ne dit pas quand ; écrivez true, ou des dates"
            self.fault(written, problem, "Write true, or {2026-01-01: true}", fr)
            return []
        found = []
        for key, item in self.pairs(written):
            try:
                start, end = read_dates(key.value)
                if item.value is not True:
                    remedy = "Write true; to stop it, bound its dates with start..end"
                    fr = f"{item.quoted} n'est pas true ; pour arrêter, bornez par début..fin"
                    raise BadValue.said(f"{item.quoted} is not true", remedy, fr)
                if start < ALWAYS.start:
                    remedy = f"Start on {ALWAYS.start} or later"
                    fr = f"{start} est avant le droit ({ALWAYS.start})"
                    raise BadDates.said(f"{start} is before the law ({ALWAYS.start})", remedy, fr)
            except BadValue as error:
                self.fault(key, f"{name}: {error}", error.remedy, error.fr)
                continue
            found.append(Span(start, end or FOREVER, True, key.line, open=end is None))
        return self.without_overlap(name, chained(found))

    def parameters(self, draft: Draft, written: Written) -> None:
        """The parameters by path."""
        if written.value is None:
            return
        if not written.mapping:
            self.fault(
                written,
                "parameters is not a mapping of paths",
                "Write path: {date: value}",
                "un objet est attendu : pour chaque chemin, {date: valeur}",
            )
        for key, item in self.pairs(written):
            if key.value not in self.known:
                self.fault(key, *tree.why_unknown(self.root, key.value))
                continue
            if spans := self.spans(key.value, item):
                draft.parameters[key.value] = spans

    def spans(self, path: str, written: Written) -> list[Span]:
        """The dated values of a parameter."""
        if not written.mapping or not written.value:
            example = f"{{2026-01-01: {written.text if written.value else '…'}}}"
            self.fault(
                written,
                f"{path}: {written.quoted} is not a mapping of dates to values",
                f"Write {example}",
                f"une valeur par date est attendue : écrivez {example}",
            )
            return []
        unit = tree.metadata(self.root, path).get("unit")
        found = []
        for key, item in self.pairs(written):
            try:
                start, end = read_dates(key.value)
                self.in_force(path, start)
                value = relative(item) if self.is_number(path) else None
                if value is None:
                    value = checked(self.system, path, self.known[path], unit, item)
            except BadValue as error:
                place = key if isinstance(error, BadDates) else item
                self.fault(place, f"{path}: {error}", error.remedy, error.fr)
                continue
            found.append(Span(start, end or FOREVER, value, key.line, open=end is None))
        return self.without_overlap(path, list(self.amounts(path, unit, chained(found), written)))

    def is_number(self, path: str) -> bool:
        """Whether the values of a parameter are numbers."""
        values = (item.value for item in self.known[path].values_list)
        return all(type(value) in (int, float) for value in values)

    def amounts(
        self, path: str, unit: str | None, spans: Iterable[Span], written: Written
    ) -> Iterator[Span]:
        """The spans, relative values as the amounts that they come to."""
        for span in spans:
            if not isinstance(span.value, Relative):
                yield span
                continue
            for one in dated(span, self.known[path], unit):
                given = Written(one.value, span.line, keys=written.keys)
                try:
                    value = checked(self.system, path, self.known[path], unit, given)
                except BadValue as error:
                    why = error.quoting(f"{span.value.text} = {given.text}", given.text)
                    self.fault(given, f"{path}: {why}", why.remedy, why.fr)
                    break
                yield dataclasses.replace(one, value=value)

    def in_force(self, path: str, start: datetime.date) -> None:
        """Refuse a date before the first value of the parameter. Raises BadDates."""
        first = min(item.instant_str for item in self.known[path].values_list)
        if str(start) < first:
            raise BadDates.said(
                f"{start} is before the first value of the parameter ({first})",
                f"Start on {first} or later",
                f"{start} est avant la première valeur du paramètre ({first})",
            )

    def without_overlap(self, path: str, spans: list[Span]) -> list[Span]:
        """The spans, each of which must end before the next one starts."""
        for before, after in itertools.pairwise(spans):
            if before.overlaps(after):
                until = "on" if before.end == FOREVER else f"to {before.end}"
                problem = (
                    f"{path}: {after.start} is also in the values that go from {before.start} "
                    f"{until}"
                )
                why = BadValue.said(
                    problem,
                    "Give every day one value: bound the dates with start..end",
                    f"deux valeurs pour le {after.start} : bornez les dates par début..fin",
                )
                self.faults.add(why, max(before.line, after.line), keys=(*PARAMETERS, path))
        found = merged(spans)
        for span in found:
            if not span.is_read:
                whole = f"{span.start:%Y-%m}-01..{first_of_next(span.start) - DAY}"
                why = BadValue.said(
                    f"{path}: the value of {span.key} is never read",
                    f"The law of a month is that of its first day: write {whole}",
                    f"aucun mois ne lit la valeur de {span.key} : le droit d'un mois est celui de "
                    f"son premier jour ; écrivez {whole}",
                )
                self.faults.add(why, span.line, keys=(*PARAMETERS, path))
        return found


def clashes(switches: Mapping[str, Sequence[Span]]) -> Iterator[tuple[str, str, set[str]]]:
    """What is wrong, in English and in French, and with which: two arguments on some day."""
    for first, second in itertools.combinations(by_rank(switches), 2):
        pairs = itertools.product(switches[first], switches[second])
        both = next((pair for pair in pairs if pair[0].overlaps(pair[1])), None)
        if both and parsed(first)[0] is parsed(second)[0]:
            keys = [span.key for span in both]
            days = "" if set(keys) == {ALWAYS.key} else f" ({' and '.join(keys)})"
            yield (
                f"{first} and {second} cannot go together{days}",
                f"{first} et {second} sont deux valeurs d'un même interrupteur",
                {first, second},
            )


def composed(drafts: Sequence[Draft]) -> Draft:
    """Several reforms as one. Raises InvalidReform: two of them say different things."""
    if len(drafts) == 1:
        return drafts[0]
    whole = Draft(
        "+".join(draft.source for draft in drafts),
        " + ".join(draft.title or draft.source for draft in drafts),
        "\n\n".join(draft.description for draft in drafts if draft.description),
        "\n\n".join(draft.rationale for draft in drafts if draft.rationale),
    )
    faults = Faults(whole.source)
    owners: dict[str, list[tuple[Draft, Span]]] = {}
    for draft in drafts:
        whole.references += [item for item in draft.references if item not in whole.references]
        for path, spans in draft.parameters.items():
            for span in spans:
                for other, held in owners.get(path, ()):
                    if (
                        other is not draft
                        and span.overlaps(held)
                        and not same(span.value, held.value)
                    ):
                        problem = conflict(path, other, held, draft, span)
                        values = f"{held.value} ({held.key}) et {span.value} ({span.key})"
                        faults.add(kept_one(problem, f"{path} : {values}"))
                owners.setdefault(path, []).append((draft, span))
    whole.parameters = {
        path: merged(span for _, span in held) for path, held in sorted(owners.items())
    }
    for draft in drafts:
        for name, spans in draft.switches.items():
            whole.switches[name] = merged((*whole.switches.get(name, ()), *spans))
    for problem, fr, names in clashes(whole.switches):
        sources = [draft.source for draft in drafts if names & set(draft.switches)]
        told = f"{problem}, in {' and '.join(sources)}"
        faults.add(kept_one(told, f"{fr} ({', '.join(sources)})"))
    faults.raise_reform()
    return whole


def conflict(path: str, first: Draft, held: Span, second: Draft, span: Span) -> str:
    """Two values for the same days, with the files that give them."""
    return f"{path}: {origin(first, held)} but {origin(second, span)}"


def origin(draft: Draft, span: Span) -> str:
    """Where a value comes from, and when it holds."""
    place = f"{draft.source}, line {span.line}," if span.line else draft.source
    return f"{place} gives {span.value} ({span.key})"


def kept_one(problem: str, fr: str) -> BadValue:
    """The refusal of two things that say the same."""
    return BadValue.said(problem, "Keep one of them", fr)


def decided_twice(draft: Draft) -> list[Fault]:
    """The parameters that have values though a switch of the reform decides them."""
    faults = Faults(draft.source)
    for name, dates in draft.switches.items():
        for path in parsed(name)[0].paths:
            held = draft.parameters.get(path, [])
            if any(span.overlaps(one) for span in held for one in dates):
                why = kept_one(
                    f"{path}: the switch {name} decides this value already",
                    f"l'interrupteur {name} décide déjà de cette valeur : gardez l'un des deux",
                )
                faults.add(why, held[0].line, keys=(*PARAMETERS, path))
    return faults.placed()


def verified(draft: Draft) -> Draft:
    """The draft, once its values and its switches go together. Raises InvalidReform."""
    if faults := decided_twice(draft):
        raise InvalidReform(faults)
    return draft
