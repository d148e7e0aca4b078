"""What an answer says of what was given: not read, read as something else, taken from before."""

from collections.abc import Iterable, Iterator

from openfisca_core.periods import DateUnit, Period

from openfisca_cej.explain.situation import Situation, month_of
from openfisca_cej.explain.spans import Supplied
from openfisca_cej.explain.unknowns import notice_year
from openfisca_cej.names import AGE, BIRTH, DISABLED, PRESUMED_DISABLED
from openfisca_cej.population.engine import MONTHS_BEFORE, first_month
from openfisca_cej.population.history import KEEPING_NOTICES, is_long_ago, of_notices
from openfisca_cej.population.lean import COUPLE
from openfisca_cej.population.months import month_period
from openfisca_cej.population.other_names import Note, not_read
from openfisca_cej.refusals import pointer

#: Periods that may come after those asked for.
DATED = (DateUnit.MONTH, DateUnit.YEAR)


def notes_of(
    situation: Situation, moments: Iterable[Period], persons: Iterable[str] | None = None
) -> list[Note]:
    """All that is to be said beside the amounts of these persons (all of them) in these months."""
    who = situation.persons if persons is None else list(persons)
    start = month_period(first_month(situation.system)).start
    asked = list(moments)
    months = [moment for moment in asked if moment.unit == DateUnit.MONTH and moment.start >= start]
    return [
        *(not_read(path) for path in situation.ignored),
        *situation.notes,
        *unused(situation, asked, months),
        *handicaps(situation, who),
        *last_notices(situation, months, who),
        *(no_birth(situation, person) for person in who if not has_birth(situation, person)),
    ]


def told_to(situation: Situation, notes: Iterable[Note], person: str) -> list[Note]:
    """Of the notes of a situation, those that are about a person, or groups that the person is in.

    The marital status of another declarant is that of the foyer.
    """
    entities = {entity.plural: entity for entity in situation.system.entities}

    def concerns(note: Note) -> bool:
        keys = [key.replace("~1", "/").replace("~0", "~") for key in note.path.split("/")[1:]]
        if len(keys) < 2 or keys[0] not in entities:
            return True
        entity = entities[keys[0]]
        if note.instead == COUPLE:
            foyer = situation.system.variables[COUPLE].entity
            return situation.group_of(keys[1], foyer) == situation.group_of(person, foyer)
        return situation.group_of(person, entity) == keys[1]

    return [note for note in notes if concerns(note)]


def unused(situation: Situation, asked: list[Period], months: list[Period]) -> Iterator[Note]:
    """The notes of what is given for after what is asked, or long before: no rule reads it.

    The notice on the incomes of a year comes in the next one, and is of no use once there is
    another. ``months`` are those of the law.
    """
    if not asked:
        return
    first = min(month_of(moment) for moment in asked)
    last = max(month_of(moment) + moment.size_in_months - 1 for moment in asked)
    long_ago = first - MONTHS_BEFORE
    yearly = []
    found: dict[tuple[str, str, str], list[str]] = {}
    for item in situation.supplied:
        if item.period.unit not in DATED or item.variable == AGE:
            continue
        start = month_of(item.period)
        if item.period.unit == DateUnit.YEAR and is_yearly(situation, item):
            yearly.append(item)
            out = start > last
        else:
            out = start > last
            if start < long_ago:
                end = start + item.period.size_in_months - 1
                out = is_long_ago(situation.system, item.variable, end, first)
        if out:
            found.setdefault((item.entity, item.instance, item.variable), []).append(item.written)
    if yearly and months and len(months) == len(asked):
        for item in unread_notices(situation, yearly, months):
            written = found.setdefault((item.entity, item.instance, item.variable), [])
            if item.written not in written:
                written.append(item.written)
    plurals = {entity.key: entity.plural for entity in situation.system.entities}
    for (entity, instance, name), written in found.items():
        yield not_used(name, pointer(plurals[entity], instance, name), written)


def unread_notices(
    situation: Situation, yearly: list[Supplied], months: list[Period]
) -> Iterator[Supplied]:
    """What is given of tax notices that are not the last one in any of the months."""
    system = situation.system
    keep = [item for item in situation.supplied if item.variable in KEEPING_NOTICES]
    last_of = of_notices(system)
    # The notice that counts is never older: asking the law would cost more than the rest.
    oldest = min(months, key=month_of).start.year - 2
    read: set[int] = set()
    for item in yearly:
        year = item.period.start.year
        if any(is_of(situation, one, item) for one in keep):
            continue
        given = situation.notices.get((last_of[item.entity], item.instance), set())
        if year <= oldest and given == {year}:
            continue
        read = read or {notice_year(system, month).start.year for month in months}
        if year not in {max((one for one in given if one <= most), default=most) for most in read}:
            yield item


def is_of(situation: Situation, one: Supplied, item: Supplied) -> bool:
    """Whether a value is of the same instance as another, or of a person in its group."""
    if one.entity == item.entity:
        return one.instance == item.instance
    entity = situation.system.variables[item.variable].entity
    return situation.group_of(one.instance, entity) == item.instance


def is_yearly(situation: Situation, item: Supplied) -> bool:
    """Whether the value is of a variable that has one a year."""
    return bool(situation.system.variables[item.variable].definition_period == DateUnit.YEAR)


def not_used(name: str, path: str, written: list[str]) -> Note:
    """The note of what is given for periods that those asked for do not read."""
    when = min(written) if len(written) == 1 else f"{min(written)}…{max(written)}"
    return Note(
        "not-used",
        path,
        f"« {name} » de {when} n'est pas utilisé : aucun des mois demandés ne le lit",
        f"« {name} » of {when} is not used: none of the months asked for reads it",
    )


def handicaps(situation: Situation, persons: Iterable[str]) -> Iterator[Note]:
    """The notes of a disability that stands for the status of disabled worker."""
    variables = situation.system.variables
    if not any(item.variable == PRESUMED_DISABLED for item in situation.supplied):
        return
    for person in persons:
        if situation.given(variables[DISABLED], person):
            continue
        if any(item.value for item in situation.given(variables[PRESUMED_DISABLED], person)):
            yield disability(
                pointer(situation.system.person_entity.plural, person, PRESUMED_DISABLED)
            )


def disability(path: str) -> Note:
    """The note of a disability that stands for the status of disabled worker."""
    return Note(
        "read-as",
        path,
        "« handicap » fait présumer « rqth » (qualité de travailleur handicapé), que le droit "
        "demande : donnez-la pour être sûr",
        "« handicap » is read as « rqth » (status of disabled worker), which the law asks for: "
        "give it to be sure",
        DISABLED,
    )


def last_notices(
    situation: Situation, months: Iterable[Period], persons: Iterable[str]
) -> Iterator[Note]:
    """The notes of tax notices that were not given, an earlier one having been."""
    may_be_read = {month.start.year - back for month in months for back in (1, 2)}
    if all(may_be_read <= given for given in situation.notices.values()):
        return  # every notice was given, or none: reading the law costs more than the rest
    years = sorted({notice_year(situation.system, month).start.year for month in months})
    for key in dict.fromkeys(last for last, _ in situation.notices):
        entity = situation.system.variables[key].entity
        for instance in dict.fromkeys(situation.group_of(person, entity) for person in persons):
            given = situation.notices.get((key, instance), set())
            for year in years:
                before = [known for known in given if known < year]
                if year in given or not before:
                    continue
                path = pointer(entity.plural, instance)
                yield last_notice(path, f" pour « {instance} »", year, max(before))


def last_notice(path: str, whose: str, year: int, before: int) -> Note:
    """The note of a tax notice that was not given, an earlier one having been (or not: 0)."""
    if not before:
        return Note(
            "no-notice",
            path,
            f"l'avis sur les revenus de {year} n'est pas donné{whose}, ni aucun d'avant : il "
            "compte comme sans revenu",
            f"the notice on the incomes of {year} is not given, nor one of before: it counts as "
            "no income",
        )
    return Note(
        "last-notice",
        path,
        f"l'avis sur les revenus de {year} n'est pas donné{whose} : le dernier avis donné, sur les "
        f"revenus de {before}, est retenu",
        f"the notice on the incomes of {year} is not given: the last notice given, on those of "
        f"{before}, is kept",
    )


def has_birth(situation: Situation, person: str) -> bool:
    """Whether the age of the person is known."""
    variables = situation.system.variables
    return any(
        name in variables and situation.given(variables[name], person) for name in (BIRTH, AGE)
    )


def no_birth(situation: Situation, person: str) -> Note:
    """The note of a person whose age is not known."""
    return Note(
        "no-birth",
        pointer(situation.system.person_entity.plural, person),
        f"« {person} » n'a ni date de naissance ni âge : le droit dépend de l'âge, et ce montant "
        "ne dit rien",
        f"« {person} » has neither birth date nor age: the law depends on the age, and this "
        "amount says nothing",
    )


def sentences(notes: Iterable[Note]) -> list[str]:
    """The notes in French, the names that are not read in one sentence."""
    found = list(notes)
    names = sorted({note.path.rsplit("/", 1)[1] for note in found if note.code == "not-read"})
    told = [f"Non lu par le CEJ, mis de côté : {', '.join(names)}."] if names else []
    rest = dict.fromkeys(note.fr for note in found if note.code != "not-read")
    return told + [f"{sentence[0].upper()}{sentence[1:]}." for sentence in rest]
