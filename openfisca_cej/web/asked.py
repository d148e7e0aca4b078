"""The page ``/questions``: those that people really ask, with answers that the model computes."""

from flask import Flask, Response, request

from openfisca_cej.web import faq, page
from openfisca_cej.web.queries import MOST_WORDS

#: What is looked for, in the address.
SOUGHT = "mots"


def install(app: Flask) -> None:
    """Serve the page."""
    app.add_url_rule("/questions", "page.asked", asked)


def asked() -> Response:
    """All the questions, or those that have some words."""
    text = request.args.get(SOUGHT, "").strip()[:MOST_WORDS]
    return page.shown(
        "questions.html",
        text=text,
        found=faq.found(page.law(), text),
        checked=faq.checked().isoformat(),
        month=faq.month(),
    )
