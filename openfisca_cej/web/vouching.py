"""What « rien d'autre à signaler » stands for: the usual answers that it names, and no others.

The box never answers for what must be asked: the age, the tier, the signature, the home; nor for
what would raise the amount (a disability, a contract that was extended, a dependant when there is
the RSA): who does not know that it counts would lose by it.
"""

import datetime
from typing import Any

from openfisca_core.periods import DateUnit, Period
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.explain.missing import SAME, Answer
from openfisca_cej.explain.situation import read
from openfisca_cej.explain.tree import Answered, answered
from openfisca_cej.explain.unknowns import PLACES, Unknown, default_of
from openfisca_cej.names import AGE, BIRTH, DECISION, FOYER_TIER, NOT_REVISED, SIGNATURE
from openfisca_cej.population.months import months_after
from openfisca_cej.web import answers as given
from openfisca_cej.web.answers import Answers

#: What is asked whatever is vouched.
ASKED = frozenset({BIRTH, AGE, SIGNATURE, FOYER_TIER, *PLACES})


def vouched(
    system: TaxBenefitSystem,
    law: TaxBenefitSystem,
    answers: Answers,
    averaged: int | None = None,
    first: Answered | None = None,
) -> tuple[Answered, list[Unknown]]:
    """What can be said of the amount once the usual answers are supplied, and which they were.

    ``system`` computes (it may be a reform), ``law`` is the one that the answers are about;
    ``first`` is what can be said before.
    Raises InvalidSituation.
    """
    document = given.situation(law, answers, nothing=True, averaged=averaged)
    presumed: dict[str, Unknown] = {}
    while True:
        found = first or answered(read(document, system), answers.month)
        first = None
        if not presumed and found.answer and is_probable(system, found.answer, answers):
            # Each of them was tried with the others: nothing else counts.
            return found.with_nothing_missing(), found.answer.unknowns
        if found.answer is None:
            return found, list(presumed.values())
        new = {
            unknown.variable: unknown
            for unknown in found.answer.unknowns
            if is_usual(law, unknown, found.answer, answers) and unknown.variable not in presumed
        }
        if not new:
            return found, list(presumed.values())
        for unknown in new.values():
            put_default(document, system, unknown, answers.month)
        presumed |= new


def is_usual(law: TaxBenefitSystem, unknown: Unknown, answer: Answer, answers: Answers) -> bool:
    """Whether « nothing » is the usual answer, that nobody would lose by."""
    # What was ticked is asked of the month; of the others, nothing is the usual answer again.
    asked = {*answers.concerned} - answers.values.keys()
    if unknown.variable in (*ASKED, *given.first(), *asked) or unknown.is_untried:
        return False
    if unknown.variable in given.of_the_decision() and DECISION in answers.decided:
        # Who tells of a sanction is asked what it takes away.
        return False
    if answers.others == given.YES and given.is_own_resource(law, unknown.variable, answers.month):
        # There are resources, and none was written: that is not nothing.
        return not is_unsaid(law, answers)
    if unknown.variable in answer.raising:
        # What raises the amount with another answer does not do it alone.
        return False
    return max(unknown.amounts, default=answer.assumed) <= answer.assumed + SAME


def is_unsaid(law: TaxBenefitSystem, answers: Answers) -> bool:
    """Whether there are resources besides the wage of the first form, of which none was told."""
    told = [*answers.values, *(one.name for one in answers.lasting)]
    return answers.others == given.YES and not any(
        given.is_own_resource(law, name, answers.month)
        for name in told
        if name not in given.first()
    )


def put_default(
    document: dict[str, Any], system: TaxBenefitSystem, unknown: Unknown, month: Period
) -> None:
    """Write the usual answer in every period in which the unknown may count."""
    variable = system.variables[unknown.variable]
    default = default_of(variable)
    if isinstance(default, datetime.date):
        default = default.isoformat()
    periods = unknown.periods
    if variable.definition_period == DateUnit.MONTH:
        periods = [months_after(month, -back) for back in range(given.BEFORE + 1)]
    given.put(document, system, unknown.variable, periods, default)


def is_probable(system: TaxBenefitSystem, answer: Answer | None, answers: Answers) -> bool:
    """Whether only usual answers lie between the amount and certainty."""
    if answer is None or answer.status == "certain" or answers.notices:
        return False
    names = {unknown.variable for unknown in answer.unknowns}
    return all(
        is_usual(system, unknown, answer, answers)
        # Once revised, a lump sum does not depend on the tier of the signature.
        or (is_of_signature(unknown, answers.month) and NOT_REVISED in names - {*answers.concerned})
        for unknown in answer.unknowns
    )


def is_of_signature(unknown: Unknown, month: Period) -> bool:
    """Whether it is the tier of the month of the signature only."""
    return unknown.variable == FOYER_TIER and month not in unknown.periods
