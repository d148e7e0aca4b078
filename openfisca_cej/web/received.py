"""The page « J'ai reçu un autre montant »: what would have to be true for it to be due."""

from flask import Flask, Response, request

from openfisca_cej import bounds, reading
from openfisca_cej.reconcile import Reconciliation, reconcile
from openfisca_cej.refusals import BadValue, InvalidSituation
from openfisca_cej.web import answers as given
from openfisca_cej.web import page, results
from openfisca_cej.web.answers import Answers

#: The amount that was received, in the address.
PAID = "recu"

#: Possibilities that the page shows; a payment of nothing has dozens.
MOST_SHOWN = 12


def install(app: Flask) -> None:
    """Serve the page."""
    app.add_url_rule("/recu", "page.received", received, methods=["GET", "POST"])


def received() -> Response:
    """The form: an amount, beside the answers of the address; and what would give it."""
    sent = page.sent_arguments()
    answers = given.read(sent, page.law(), page.today(), elsewhere=(PAID,))
    text, fault, found = sent.get(PAID, "").strip(), "", None
    if text and not answers.faults and not answers.none:
        try:
            found = reconciled(answers, reading.euros_in(text, bounds.PAID))
        except BadValue as error:
            fault = error.fr
        except InvalidSituation as error:
            page.keep_faults(answers, error)
    return page.shown(
        "recu.html",
        method=request.method.lower(),
        answers=answers,
        kept=answers.query(),
        case=answers.address(),
        analyse=answers.address("/analyse"),
        text=text,
        fault=fault,
        found=found,
        faults=page.summary(answers) + ([("q-recu", "Montant reçu", fault)] if fault else []),
        most=MOST_SHOWN,
    )


def reconciled(answers: Answers, paid: float) -> Reconciliation:
    """What would have to be true. Raises InvalidSituation."""
    situation = results.case_of(page.law(), answers)
    return reconcile(situation, answers.month, paid, given.PERSON)
