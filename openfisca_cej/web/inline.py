"""Bodies with two parts: a situation and a reform written as in a reform file; or a situation as
it was declared, and as it was.
"""

import dataclasses
import itertools
from collections.abc import Iterator
from typing import Any

from flask import json
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.explain.situation import LONGEST_NAME, MOST_FAULTS, Situation, read
from openfisca_cej.reforms import WrittenReform
from openfisca_cej.reforms.loading import compiled, read_whole
from openfisca_cej.refusals import BadValue, Fault, InvalidReform, InvalidSituation, nearest_of
from openfisca_cej.web.limits import Limits
from openfisca_cej.web.problems import over

SITUATION, REFORM = "situation", "reform"
KEYS = (SITUATION, REFORM)

DECLARED, REAL = "declared", "real"
OWED = (DECLARED, REAL)

#: Keys of a reform under which names are checked.
PARAMETERS = "parameters"


def comparison(
    document: Any, system: TaxBenefitSystem, limits: Limits
) -> tuple[Situation, type[WrittenReform]]:
    """The situation and the reform of the body. Raises InvalidSituation, Problem."""
    faults = list(wrong_keys(document, KEYS))
    if faults:
        raise InvalidSituation(faults)
    check_size(document[REFORM], limits)
    faults = []
    situation = reform = None
    try:
        situation = read(document[SITUATION], system)
    except InvalidSituation as error:
        faults += error.below(SITUATION).faults
    try:
        reform = compiled([read_whole(document[REFORM])])
    except InvalidReform as error:
        faults += [shortened(fault).below(REFORM) for fault in error.faults]
    if situation is None or reform is None:
        raise InvalidSituation(faults[:MOST_FAULTS])
    return situation, reform


def real_and_declared(document: Any, system: TaxBenefitSystem) -> tuple[Situation, Situation]:
    """The situation as it was, and as it was declared. Raises InvalidSituation."""
    faults = list(wrong_keys(document, OWED))
    found = {}
    for key in () if faults else OWED:
        try:
            found[key] = read(document[key], system)
        except InvalidSituation as error:
            faults += error.below(key).faults
    if faults:
        raise InvalidSituation(faults[:MOST_FAULTS])
    return found[REAL], found[DECLARED]


def wrong_keys(document: Any, keys: tuple[str, str]) -> Iterator[Fault]:
    """The keys that are missing, or that are not those of the body."""
    if not isinstance(document, dict):
        yield BadValue("not-an-object").fault()
        return
    for key in sorted(document.keys() - set(keys))[:MOST_FAULTS]:
        where = (key,) if len(key) <= LONGEST_NAME else ()
        near = nearest_of(key, keys)
        yield BadValue("only-keys", near, first=keys[0], second=keys[1]).fault(*where)
    for key in keys:
        if not isinstance(document.get(key), dict):
            yield BadValue("not-an-object").fault(key)


def check_size(reform: dict[str, Any], limits: Limits) -> None:
    """The reform is small, and changes few things. Raises Problem."""
    size = len(json.dumps(reform))
    if size > limits.reform:
        raise over(
            "reform",
            f"la réforme fait {size} caractères, au lieu de {limits.reform} au plus : écrivez-la "
            "plus court",
            f"the reform has {size} characters, instead of {limits.reform} at most: write it "
            "shorter",
            (REFORM,),
            status=422,
        )
    changed = reform.get(PARAMETERS)
    values = changed.values() if isinstance(changed, dict) else ()
    count = sum(1 + (len(dated) if isinstance(dated, dict) else 0) for dated in values)
    if count > limits.changes:
        raise over(
            "changes",
            f"{count} paramètres et valeurs, au lieu de {limits.changes} au plus : changez-en "
            "moins",
            f"{count} parameters and values, instead of {limits.changes} at most: change fewer",
            (REFORM, PARAMETERS),
            status=422,
        )


def shortened(fault: Fault) -> Fault:
    """A fault whose place has no key that is too long to be told."""
    keys = itertools.takewhile(lambda key: len(key) <= LONGEST_NAME, fault.keys)
    return dataclasses.replace(fault, keys=tuple(keys))
