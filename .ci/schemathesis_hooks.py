"""What Schemathesis cannot know of the API: batches are texts, members of groups are persons.

Nothing is loosened by it: of what obeys its schema, only what contradicts itself may be refused.
"""

import copy
import json

import schemathesis

#: Codes of the refusals of what obeys its schema: each is about one part of a request beside
#: another, or beside the calendar.
RELATIONS = {
    "spans-overlap",
    "said-twice",
    "not-the-sum",
    "age-and-birth",
    "born-later",  # Than the months asked for.
    "ages-differ",
    "two-homes",
    "not-a-person",  # Of the other situation, where a request has two.
    "which-person",  # Several persons, and none is named.
    "months-out-of-order",
    "no-curve",  # A month before the law, or more points than the limit for these persons.
    "no-birth",
    "no-result",
    "not-a-date",  # 29 February.
    "not-a-period",
    "reform",  # Two values of one switch, a span that ends before it starts…
}

#: The groups of a situation: the word for one, its schema, and a role that anybody may have.
GROUPS = {
    "familles": ("famille", "Famille", "parents"),
    "foyers_fiscaux": ("foyer_fiscal", "FoyerFiscal", "declarants"),
    "menages": ("menage", "Menage", "autres"),
}


TEXTS = ("application/x-ndjson", "text/csv")


@schemathesis.serializer(*TEXTS)
def as_text(context, value):
    """A batch as it is sent."""
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.hook
def filter_case(context, case) -> bool:
    """A text has no other type that could be sent in its place."""
    other = case.body is None or isinstance(case.body, list | dict | int | float)
    return not (other and case.media_type in TEXTS)


@schemathesis.hook
def before_call(context, case, kwargs) -> None:
    """Put in a valid request names of persons and of variables, which are never drawn."""
    if not is_positive(case) or not isinstance(case.body, dict):
        return
    case.body = copy.deepcopy(case.body)
    given = [case.body, *(case.body.get(key) for key in ("situation", "declared", "real"))]
    situations = [one for one in given if one is not None and "individus" in one]
    persons = [coherent(situation, case) for situation in situations]
    if case.query and "person" in case.query:
        case.query = {**case.query, "person": persons[0][0]}


def is_positive(case) -> bool:
    """Whether the case obeys its schema."""
    return case.meta is not None and case.meta.generation.mode.is_positive


def variables(case, title: str) -> set:
    """The names that the document gives to the variables of an entity."""
    schema = case.operation.schema.raw_schema["components"]["schemas"][title]
    return {name for name, told in schema["properties"].items() if "anyOf" not in told}


def coherent(situation: dict, case) -> list:
    """Put each person in one group of each kind, without names that are not variables."""
    names = variables(case, "Individu")
    situation["individus"] = {
        person: {name: content for name, content in given.items() if name in names}
        for person, given in situation["individus"].items()
    }
    persons = list(situation["individus"])
    for plural, (single, title, role) in GROUPS.items():
        names = variables(case, title)
        alone = situation.pop(single, None)
        groups = situation.get(plural) or ({single: alone} if alone else {})
        found = {
            name: {**{key: told for key, told in group.items() if key in names}, role: [person]}
            for (name, group), person in zip(groups.items(), persons, strict=False)
        }
        others = persons[len(found) :] if groups else []
        situation[plural] = found | {f"{role} {who}": {role: [who]} for who in others}
    return persons


@schemathesis.check
def contradictions(context, response, case) -> None:
    """What obeys its schema is refused only for what no schema can say; texts have no schema."""
    if is_positive(case) and isinstance(case.body, dict) and response.status_code == 422:
        for fault in json.loads(response.content)["errors"]:
            code = fault.get("code", "")
            assert code in RELATIONS or code.startswith("limit-"), fault
