"""Read a situation: the JSON of ``/calculate``, checked whole, with what was really supplied.

OpenFisca-Core cannot tell an input that is missing from one that is zero, and evaluates texts
that look like expressions. Here every value is checked against the model first; each fault has
a path in the document (a JSON pointer), a sentence in French and in English, and the nearest
valid name. A situation written for OpenFisca-France is read too: what the CEJ does not read is
set aside and told.
"""

import datetime
import functools
import itertools
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from gettext import gettext as _
from pathlib import Path
from typing import Any

from openfisca_core.entities import Entity
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit, Period, period
from openfisca_core.simulations import Simulation
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from openfisca_cej import names
from openfisca_cej.bounds import FIRST_YEAR, LAST_YEAR, OLDEST, YEARS_OF_AGE, ages_agree
from openfisca_cej.explain.building import Built
from openfisca_cej.explain.spans import Contradiction, Supplied, length, parts, shared_out
from openfisca_cej.population import other_names
from openfisca_cej.population.lean import FIRST_NOTICE, FOYER, NOTICES, TracedSimulation
from openfisca_cej.population.months import month_number, month_period, months_after
from openfisca_cej.population.other_names import Note, instead_of, names_of_openfisca_france
from openfisca_cej.population.schema import AGE, BIRTH, NO_DATE
from openfisca_cej.reading import checked_value
from openfisca_cej.refusals import (
    LONGEST_QUOTED,
    BadValue,
    Fault,
    InvalidSituation,
    nearest_of,
    pointer,
    quoted,
    renamed,
)
from openfisca_cej.systems import model

#: Persons in one situation, all groups together: an explanation is for one case.
MOST_PERSONS = 100

#: Months for which one value may be given at once: ten years.
MOST_MONTHS = 120

#: Faults told of one document: more of them would teach nothing.
MOST_FAULTS = 100

#: Levels of a document: a situation has four.
DEEPEST = 20

#: Characters of a name, and of a key that a path holds.
LONGEST_NAME = 200

#: Characters that no name needs, and that could break the lines of a text.
CONTROLS = "\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ufeff\\ufffe\\uffff"
CONTROL = re.compile(f"[{CONTROLS}]")

#: How JSON writes half of a character that takes two.
HALF = re.compile(r"\\u[dD][89a-fA-F]")

#: The person that the request of a simulator is about.
APPLICANT = "demandeur"


#: The places of a home that the law names.
PLACES = frozenset(other_names.PLACES_BY_CODE.values())

PERIOD = re.compile(r"(?:(?:month|year):)?\d{4}(?:-\d{2}(?:-\d{2})?)?(?::\d{1,3})?", re.ASCII)


@dataclass
class Situation:
    """One checked situation.

    ``document`` is what the model reads of it, in the form of ``/calculate``; ``supplied`` its
    values; ``asked`` the values left null, as (instance, variable, written period), and
    ``asked_at`` the keys that lead to each in the document that was read; ``ignored``
    the variables of OpenFisca-France that the CEJ does not read, as JSON pointers; ``values`` what
    is supplied, month by month, as (variable, entity, instance, period, value); ``couples`` the
    foyers fiscaux of two who declare together; ``counted`` the incomes that the law counts and
    that were given under another name, as (input to give, instance, period); ``notes`` what
    answers must say of all this.
    """

    system: TaxBenefitSystem
    document: dict[str, dict[str, dict[str, Any]]]
    supplied: list[Supplied] = field(default_factory=list)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    asked_at: list[tuple[str, ...]] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    values: list[tuple[str, str, str, Period, Any]] = field(default_factory=list)
    couples: set[str] = field(default_factory=set)
    counted: list[tuple[str, str, Period]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    @functools.cached_property
    def notices(self) -> dict[tuple[str, str], set[int]]:
        """The years of incomes of which each instance gave the tax notice.

        By the variable that says which one is the last, and the instance.
        """
        found: dict[tuple[str, str], set[int]] = {}
        for item in self.supplied:
            if item.variable in NOTICES and item.period.start.year >= FIRST_NOTICE:
                key = (NOTICES[item.variable], item.instance)
                found.setdefault(key, set()).add(item.period.start.year)
        return found

    @property
    def persons(self) -> list[str]:
        """Names of the persons, in the order of the document."""
        return list(self.document[self.system.person_entity.plural])

    @functools.cached_property
    def _index(self) -> dict[str, dict[str, list[Supplied]]]:
        index: dict[str, dict[str, list[Supplied]]] = {}
        for item in self.supplied:
            index.setdefault(item.variable, {}).setdefault(item.instance, []).append(item)
        return index

    def group_of(self, person: str, entity: Any) -> str:
        """The instance of the entity that the person belongs to (the person, for individuals)."""
        if entity.is_person:
            return person
        for name, group in self.document.get(entity.plural, {}).items():
            for role in entity.roles:
                if person in group.get(role.plural or role.key, []):
                    return name
        return self.alone(person, entity)

    def is_alone(self, person: str, entity: Any) -> bool:
        """Whether the person is in no group of the entity."""
        return self.group_of(person, entity) == self.alone(person, entity)

    def alone(self, person: str, entity: Any) -> str:
        """The name of the group of a person who is in none."""
        name = person
        while name in self.document.get(entity.plural, {}):
            name += "’"
        return name

    def given(self, variable: Variable, person: str) -> list[Supplied]:
        """Values of the variable given for the person, or for the group the person is in."""
        found = self._index.get(variable.name)
        return found.get(self.group_of(person, variable.entity), []) if found else []

    def given_for(self, variable: Variable, person: str, moment: Period) -> Supplied | None:
        """The value given that holds in the period: the most precise one."""
        holding = [
            item
            for item in self.given(variable, person)
            if variable.definition_period == DateUnit.ETERNITY or holds_in(item.period, moment)
        ]
        return min(holding, key=length, default=None)

    @functools.cached_property
    def built(self) -> Built:
        """The situation in arrays, where nothing is computed: what variants are copies of."""
        return Built(self)

    def simulation(self, trace: bool = False) -> Simulation:
        """A simulation of the situation; ``trace``: that tells what it reads and computes."""
        return Built(self, TracedSimulation(self.system) if trace else None).simulation

    def check_birth(self, person: str, first: str, last: str) -> None:
        """Someone whose amounts are asked is born by then, and may be alive.

        The months (YYYY-MM) are the first and the last of those asked. Raises InvalidSituation.
        """
        for item in self.given(self.system.variables[BIRTH], person):
            late = item.value[:7] > last
            if late or item.value[:7] < f"{int(first[:4]) - OLDEST}{first[4:]}":
                code = "born-later" if late else "born-long-ago"
                why = BadValue(code, value=quoted(item.value), years=OLDEST)
                where = (self.system.person_entity.plural, person, BIRTH, item.written)
                raise InvalidSituation([why.fault(*where)])

    def main_person(self) -> str:
        """The person an explanation is about when none is named.

        The one whose ``cej_allocation`` (or another computed variable of the CEJ) is asked, the
        only one with inputs of the CEJ, the only one there is, the one called « demandeur ».
        Raises InvalidSituation.
        """
        persons = self.persons
        asked = [name for name, variable, _ in self.asked if name in persons]
        allowances = [name for name, variable, _ in self.asked if variable == names.RESULT]
        cej = [
            item.instance
            for item in self.supplied
            if item.entity == self.system.person_entity.key and item.variable.startswith("cej_")
        ]
        applicant = [name for name in persons if name == APPLICANT]
        for candidates in (allowances, asked, cej, persons, applicant):
            if len(set(candidates)) == 1:
                return candidates[0]
        which = BadValue("which-person", names=", ".join(persons))
        raise InvalidSituation([which.fault(self.system.person_entity.plural)])


def read(
    source: Path | Any, system: TaxBenefitSystem, most_persons: int = MOST_PERSONS
) -> Situation:
    """Read and check a situation: a document already parsed, or the path of a JSON file.

    A text is a document, never a path: documents come from anyone, through the API. Raises
    InvalidSituation with its faults (the first MOST_FAULTS), OSError when the file cannot be read.
    """
    document = parse(Path(source).read_bytes()) if isinstance(source, Path) else source
    reader = SituationReader(system, most_persons)
    situation = reader.read(document)
    if reader.faults:
        raise InvalidSituation(reader.faults)
    return situation


def asked(
    situation: Situation | dict[str, Any] | str | Path,
    month: str | Period,
    person: str | None,
    system: TaxBenefitSystem | None = None,
    months: int = 1,
) -> tuple[Situation, Period, str]:
    """What is asked, read and checked: the situation, the month (of several), and whose it is.

    Raises InvalidSituation, and ValueError when the month or the person does not exist.
    """
    if not isinstance(situation, Situation):
        situation = read(situation, system or model())
    moment = month if isinstance(month, Period) else month_period(month_number(month))
    if person is None:
        person = situation.main_person()
    elif person not in situation.persons:
        raise ValueError(
            _("« {person} » is not one of: {persons}").format(
                person=person, persons=", ".join(situation.persons)
            )
        )
    situation.check_birth(person, str(moment), str(months_after(moment, months - 1)))
    return situation, moment, person


def parse(content: bytes | str) -> Any:
    """Parse JSON strictly: no NaN, no key written twice, not too deep. Raises InvalidSituation."""
    try:
        text = content.decode("utf-8-sig") if isinstance(content, bytes) else content
        document = json.loads(text, object_pairs_hook=unique, parse_constant=refuse_constant)
        if HALF.search(text):
            json.dumps(document, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        where = {"line": error.lineno, "column": error.colno, "why": error.msg}
        raise refused("not-json", **where) from None
    except UnicodeError:
        raise refused("not-utf-8") from None
    except RecursionError:
        raise refused("too-deep") from None
    except InvalidSituation:
        raise
    except ValueError:  # Python reads no integer of more than 4 300 digits
        raise refused("number-too-long") from None
    if is_deeper(document, DEEPEST):
        raise refused("too-deep")
    return document


def refused(code: str, **words: Any) -> InvalidSituation:
    """The refusal of a whole document."""
    return InvalidSituation([BadValue(code, **words).fault()])


def is_deeper(document: Any, levels: int) -> bool:
    """Whether objects and lists are nested in more levels than this."""
    level = [document]
    for _level in range(levels + 1):
        level = [item for item in level if isinstance(item, dict | list)]
        if not level:
            return False
        level = [
            inside
            for item in level
            for inside in (item.values() if isinstance(item, dict) else item)
        ]
    return True


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of the document; raises InvalidSituation when a key is written twice."""
    content = dict(pairs)
    if len(content) == len(pairs):
        return content
    counts = Counter(key for key, _ in pairs)
    twice = sorted(key for key, count in counts.items() if count > 1)
    raise InvalidSituation(
        BadValue("key-twice", key=named(key)).fault() for key in twice[:MOST_FAULTS]
    )


def named(name: str) -> str:
    """A name between quotation marks, cut if it is long."""
    return quoted(name, LONGEST_QUOTED)


def refuse_constant(text: str) -> float:
    """NaN and infinities are no JSON. Raises InvalidSituation."""
    raise refused("not-a-number", value=quoted(text))


class SituationReader:
    """Goes through a document once, noting every fault."""

    def __init__(self, system: TaxBenefitSystem, most_persons: int = MOST_PERSONS) -> None:
        self.system = system
        self.most_persons = most_persons
        self.faults: list[Fault] = []
        self.entities = {entity.plural: entity for entity in system.entities}
        self.singulars = {entity.key: entity for entity in system.group_entities}
        self.situation = Situation(system, {})
        self.foyer: Any = next((one for one in system.group_entities if one.key == FOYER), None)
        #: Persons who say that they are married or PACSed.
        self.married: set[str] = set()
        #: What says that a home is in a place of the law, and what leads to it.
        self.homes: list[tuple[Supplied, tuple[str, ...]]] = []
        #: Persons who say that they are with their family, under which name, where.
        self.of_a_family: list[tuple[str, str, str]] = []

    def fault(self, keys: tuple[str, ...], code: str, near: str = "", **words: Any) -> None:
        """Note a fault, by its code in ``sentences``. Raises InvalidSituation: too many."""
        self.refuse(keys, BadValue(code, near, **words))

    def refuse(self, keys: tuple[str, ...], why: BadValue) -> None:
        """Note a fault. Raises InvalidSituation when there are too many to go on."""
        short = tuple(itertools.takewhile(lambda key: len(key) <= LONGEST_NAME, keys))
        self.faults.append(why.fault(*short))
        if len(self.faults) >= MOST_FAULTS:
            raise InvalidSituation(self.faults)

    def read(self, document: Any) -> Situation:
        """The situation, to be used only if there is no fault."""
        if not self._is_object(document, ()):
            return self.situation
        person = self.system.person_entity
        persons = document.get(person.plural)
        if not persons:
            self.fault((person.plural,), "no-person", where=person.plural)
        for key, content in document.items():
            if key in self.entities:
                self._read_entity(self.entities[key], key, content)
            elif key in self.singulars:
                # The short form of the core: the only group, under the singular key.
                self._read_entity(self.singulars[key], key, {key: content}, short=True)
            elif key == "axes":
                self.fault((key,), "no-axes")
            else:
                near = nearest_of(key, [*self.entities, *self.singulars])
                self.fault((key,), "unknown-entity", near, name=named(key))
        self._check_members()
        self._check_ages()
        self._check_homes()
        if not self.faults:
            self._find_couples()
            self._find_children()
        return self.situation

    def _is_object(self, value: Any, keys: tuple[str, ...]) -> bool:
        if isinstance(value, dict):
            return True
        self.fault(keys, "not-an-object")
        return False

    def _read_entity(self, entity: Entity, key: str, content: Any, short: bool = False) -> None:
        if not self._is_object(content, (key,)):
            return
        if entity.is_person and len(content) > self.most_persons:
            self.fault((key,), "too-many-persons", most=self.most_persons)
            return
        kept = self.situation.document.setdefault(entity.plural, {})
        for name, instance in content.items():
            keys = (key,) if short else (key, name)
            if not name.strip():
                self.fault(keys, "empty-name")
            if CONTROL.search(name):
                self.fault(keys, "control-character")
            if len(name) > LONGEST_NAME:
                self.fault(keys, "long-name", most=LONGEST_NAME)
            if self._is_object(instance, keys):
                kept[name] = self._read_instance(entity, name, instance, keys)

    def _read_instance(
        self, entity: Any, name: str, instance: dict[str, Any], keys: tuple[str, ...]
    ) -> dict[str, Any]:
        roles = {} if entity.is_person else {role.plural or role.key: role for role in entity.roles}
        kept: dict[str, Any] = {}
        for key, content in instance.items():
            if key in roles:
                kept[key] = self._read_role(roles[key], content, (*keys, key))
                continue
            where = (*keys, key)
            told = self._places_told(entity, key, content, instance)
            if told:
                note = other_names.read_as_place(other_names.MUNICIPALITY, told, pointer(*where))
                self.situation.notes.append(note)
            faults = len(self.faults)
            for variable, values_given in (told or {key: content}).items():
                values = self._read_variable(entity, name, variable, values_given, where, roles)
                if values:
                    kept[variable] = values
                if len(self.faults) > faults:
                    break  # the next places would repeat the faults of the municipality
        return kept

    def _places_told(
        self, entity: Entity, key: str, content: Any, instance: dict[str, Any]
    ) -> dict[str, dict[str, bool]]:
        """What the municipality (INSEE code) tells of each place that is not given itself.

        It is how situations written for OpenFisca-France say it. Empty for the other keys.
        """
        if (
            key != other_names.MUNICIPALITY
            or key in self.system.variables
            or not isinstance(content, dict)
            or not all(isinstance(code, str) for code in content.values())
        ):
            return {}
        return {
            place: {written: code.startswith(start) for written, code in content.items()}
            for start, place in other_names.PLACES_BY_CODE.items()
            if self.system.variables[place].entity.key == entity.key and place not in instance
        }

    def _read_role(self, role: Any, content: Any, keys: tuple[str, ...]) -> list[str]:
        members = [content] if isinstance(content, str) else content
        if not isinstance(members, list) or not all(isinstance(item, str) for item in members):
            self.fault(keys, "not-a-list-of-persons")
            return []
        if role.max is not None and len(members) > role.max:
            self.fault(keys, "role-is-full", most=role.max, s="s" * (role.max > 1))
            return []
        return members

    def _check_members(self) -> None:
        """Each person of a group exists, and is once in each entity."""
        persons = self.situation.document.get(self.system.person_entity.plural, {})
        for entity in self.system.group_entities:
            placed: dict[str, str] = {}
            for name, group in self.situation.document.get(entity.plural, {}).items():
                for role in entity.roles:
                    key = role.plural or role.key
                    for person in group.get(key, []):
                        keys = (entity.plural, name, key)
                        if person not in persons:
                            near = nearest_of(person, persons)
                            self.fault(keys, "not-a-person", near, name=named(person))
                        elif person in placed:
                            where = entity.plural
                            self.fault(keys, "placed-twice", name=named(person), where=where)
                        placed[person] = name

        for entity in self.system.group_entities:
            for name, group in self.situation.document.get(entity.plural, {}).items():
                if not any(group.get(role.plural or role.key) for role in entity.roles):
                    self.fault((entity.plural, name), "no-member")

    def _check_ages(self) -> None:
        """An age that is given beside a birth date goes with it, for some year around."""
        supplied = self.situation.supplied
        births = {item.instance: item.value for item in supplied if item.variable == BIRTH}
        for item in supplied:
            birth = births.get(item.instance) if item.variable == AGE else None
            if birth and not is_about(item.value, birth, str(item.period.start)):
                keys = (self.system.person_entity.plural, item.instance, AGE, item.written)
                words = {"age": item.value, "month": item.written, "birth": birth}
                self.fault(keys, "age-and-birth", **words)
        ages = [item for item in supplied if item.variable == AGE]
        for one, other in itertools.pairwise(sorted(ages, key=whose_and_when)):
            if one.instance == other.instance:
                self._compare_ages(one, other)

    def _compare_ages(self, one: Supplied, other: Supplied) -> None:
        """Note two ages of a person of which the second does not go with the first."""
        apart = month_of(other.period) - month_of(one.period)
        if not ages_agree(one.value, other.value, apart):
            where = (self.system.person_entity.plural, one.instance, AGE)
            words = {
                "age": other.value,
                "month": other.written,
                "other_age": one.value,
                "other_month": one.written,
                "other": pointer(*where, one.written),
            }
            self.fault((*where, other.written), "ages-differ", **words)

    def _check_homes(self) -> None:
        """A home is in one of the places that the law names at most."""
        known: dict[tuple[str, Period], tuple[str, tuple[str, ...]]] = {}
        for item, keys in self.homes:
            for moment in parts(item.period, DateUnit.MONTH):
                first = known.setdefault((item.instance, moment), (item.variable, keys))
                if first[0] != item.variable:
                    self.fault(keys, "two-homes", other=pointer(*first[1]))
                    break

    def _find_children(self) -> None:
        """Ask for the family of those who say that they are with it, where no role says it."""
        for entity in self.system.group_entities:
            if entity.key != other_names.FAMILY:
                continue
            child = entity.roles[-1].plural
            groups = self.situation.document.get(entity.plural, {}).values()
            placed = {person for group in groups for person in group.get(child, [])}
            for person, key, where in self.of_a_family:
                if person not in placed:
                    self.situation.notes.append(other_names.give_family(key, where))

    def _find_couples(self) -> None:
        """Who declare together: two declarants, or one who says that they are married."""
        if self.foyer is None:
            return
        declare = self.foyer.roles[0].plural
        for name, group in self.situation.document.get(self.foyer.plural, {}).items():
            declarants = group.get(declare, [])
            if len(declarants) > 1 or self.married & set(declarants):
                self.situation.couples.add(name)
        for person in self.married:
            if self.situation.is_alone(person, self.foyer):
                self.situation.couples.add(self.situation.alone(person, self.foyer))

    def _refuse_unknown(self, key: str, keys: tuple[str, ...], roles: dict[str, Any]) -> None:
        if (why := renamed(key)) is not None:
            self.refuse(keys, why)
            return
        near = role_of_files(key, roles)
        near = near or nearest_of(key, [*self.system.variables, *roles])
        self.fault(keys, "unknown-variable", near, name=named(key))

    def _read_variable(
        self,
        entity: Entity,
        name: str,
        key: str,
        content: Any,
        keys: tuple[str, ...],
        roles: dict[str, Any],
    ) -> dict[str, Any]:
        variable = self.system.variables.get(key)
        if variable is None:
            if key in names_of_openfisca_france():
                self._set_aside(name, key, content, keys)
            else:
                self._refuse_unknown(key, keys, roles)
            return {}
        if variable.entity.key != entity.key:
            places = {"right": variable.entity.plural, "wrong": entity.plural}
            self.fault(keys, "of-another-entity", name=key, **places)
            return {}
        if not isinstance(content, dict):
            self.fault(keys, "no-period", example=written_example(variable))
            return {}
        values: dict[str, Any] = {}
        first = len(self.situation.supplied)
        for written, value in content.items():
            moment = self._read_period(variable, written, value is None, (*keys, written))
            if moment is None:
                continue
            if value is None:
                self.situation.asked.append((name, key, written))
                self.situation.asked_at.append((*keys, written))
                continue
            try:
                values[written] = checked_value(variable, value)
            except BadValue as error:
                self.refuse((*keys, written), error)
                continue
            self.situation.supplied.append(
                Supplied(key, entity.key, name, moment, written, values[written])
            )
        if values:
            self._share_out(variable, self.situation.supplied[first:], keys)
            if key in PLACES:
                said = [one for one in self.situation.supplied[first:] if one.value]
                self.homes += [(one, (*keys, one.written)) for one in said]
        return values

    def _share_out(self, variable: Variable, items: list[Supplied], keys: tuple[str, ...]) -> None:
        """Keep the values month by month; two that contradict each other are a fault."""
        try:
            shares = shared_out(variable, items)
        except Contradiction as error:
            where = pointer(*keys, error.first.written)
            self.fault((*keys, error.second.written), error.code, other=where)
            return
        entity, name = items[0].entity, items[0].instance
        self.situation.values += [
            (variable.name, entity, name, moment, value) for moment, value in shares.items()
        ]

    def _set_aside(self, name: str, key: str, content: Any, keys: tuple[str, ...]) -> None:
        """Note what the CEJ does not read under this name, and what to give if it counts."""
        where = pointer(*keys)
        said = {} if not isinstance(content, dict) else content
        married = any(map(other_names.is_married, said.values()))
        if key == other_names.MARITAL and married:
            self.married.add(name)
            self.situation.notes.append(other_names.read_as_couple(key, where))
            return
        self.situation.ignored.append(where)
        if key in other_names.OF_A_FAMILY and any(value is True for value in said.values()):
            self.of_a_family.append((name, key, where))
        if key in other_names.FACTS:
            note = other_names.give_fact(key, other_names.FACTS[key], where)
            self.situation.notes.append(note)
        instead = instead_of(key, self.system)
        if not instead or not any(is_amount(value) for value in said.values()):
            return
        self.situation.notes.append(other_names.give_net(key, instead, where, self.system))
        for written, value in said.items():
            moment = parsed_period(written)
            if moment is not None and is_amount(value):
                self.situation.counted.append((instead, name, moment))

    def _read_period(
        self, variable: Variable, written: str, asked: bool, keys: tuple[str, ...]
    ) -> Period | None:
        try:
            moment = read_period(variable, written, asked)
        except BadValue as error:
            self.refuse(keys, error)
            return None
        return moment


def month_of(moment: Period) -> int:
    """The month in which a period starts, counted from year 0."""
    return int(12 * moment.start.year + moment.start.month)


def whose_and_when(item: Supplied) -> tuple[str, Any]:
    """The order of the values of each instance in time."""
    return item.instance, item.period.start


def holds_in(given: Period, moment: Period) -> bool:
    """Whether a value given for a period holds in a moment; quickly where both are one unit."""
    if given.unit == moment.unit and given.size == moment.size == 1:
        return bool(given.start == moment.start)
    return bool(given.contains(moment))


def is_about(age: int, birth: str, day: str) -> bool:
    """Whether an age is, about, that of someone born on a day (both ISO)."""
    years = int(day[:4]) - int(birth[:4]) - (day[5:] < birth[5:])
    return birth == str(NO_DATE) or abs(age - years) <= YEARS_OF_AGE


def role_of_files(key: str, roles: dict[str, Any]) -> str:
    """The name of the list of a role that files know under this name, empty where there is none."""
    for plural, role in roles.items():
        if any(one.key == key for one in role.subroles or [role]):
            return plural
    return ""


def read_period(variable: Variable, written: str, asked: bool = False) -> Period:
    """The period written, checked against the period of the variable. Raises BadValue.

    A value is asked for one month (or year) at a time; it may be given for several.
    """
    eternal = variable.definition_period == DateUnit.ETERNITY
    if eternal and written.upper() == "ETERNITY":
        return period(DateUnit.ETERNITY)
    moment = parsed_period(written)
    if moment is None or not sensible(moment) or (moment.start.day != 1 and not eternal):
        example = {DateUnit.ETERNITY: "ETERNITY", DateUnit.YEAR: "2024"}.get(
            variable.definition_period, "2024-11"
        )
        raise BadValue("not-a-period", period=named(written), example=example)
    if eternal:
        return moment
    unit = variable.definition_period
    whole = moment.unit == unit and moment.size == 1
    if whole and (unit != DateUnit.YEAR or moment.start.month == 1):
        return moment
    if variable.set_input and is_longer(moment, unit) and not asked:
        if moment.size_in_months <= MOST_MONTHS:
            return moment
        raise BadValue("too-long", period=named(written), years=MOST_MONTHS // 12)
    words = {"variable": variable.name, "period": named(written)}
    if whole:
        raise BadValue("not-from-january", year=moment.start.year, **words)
    of = {"month": ("un mois", "one month"), "year": ("une année", "one year")}[str(unit)]
    verb = ("se demande", "is asked") if asked else ("se donne", "is given")
    words |= {"unit_fr": of[0], "unit": of[1], "verb_fr": verb[0], "verb": verb[1]}
    raise BadValue("one-at-a-time", **words)


def sensible(moment: Period) -> bool:
    """Whether the period has a length, and starts in a year that one may write."""
    return bool(moment.size and FIRST_YEAR <= moment.start.year <= LAST_YEAR)


@functools.lru_cache(maxsize=4096)
def parsed_period(written: str) -> Period | None:
    """The period written, None when it is none."""
    try:
        return period(written) if PERIOD.fullmatch(written) else None
    except ValueError:
        return None


def is_longer(moment: Period, unit: DateUnit) -> bool:
    """Whether the period is made of several whole units."""
    return moment.unit in (DateUnit.MONTH, DateUnit.YEAR) and unit == DateUnit.MONTH


def written_example(variable: Variable) -> str:
    """How a value of the variable is written."""
    key = {"eternity": "ETERNITY", "year": "2024"}.get(str(variable.definition_period), "2024-11")
    if variable.value_type is datetime.date:
        value: Any = "2004-03-01"
    elif variable.value_type is Enum:
        value = variable.default_value.name
    else:
        value = True if variable.value_type is bool else 1 if variable.value_type is int else 600
    return json.dumps({key: value}, ensure_ascii=False)


def is_amount(value: Any) -> bool:
    """Whether it says that there is an income."""
    return isinstance(value, int | float) and not isinstance(value, bool) and value != 0
