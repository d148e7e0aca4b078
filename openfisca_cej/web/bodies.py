"""The bodies of requests: their type, their encoding, their JSON."""

from typing import Any

from flask import current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from openfisca_cej.explain.situation import parse
from openfisca_cej.refusals import InvalidSituation
from openfisca_cej.web.problems import Problem, of_situation, over

JSON = "application/json"


def body(*media_types: str) -> bytes:
    """The body of the request, of one of these types. Raises Problem (413, 415)."""
    if request.mimetype not in media_types:
        given = f"« {request.mimetype[:60]} »" if request.mimetype else "aucun / none"
        raise Problem(
            415,
            f"le type de contenu attendu est {' ou '.join(media_types)} (reçu : {given})",
            f"the content type expected is {' or '.join(media_types)} (received: {given})",
        )
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Problem(415, "le corps ne doit pas être compressé", "the body must not be compressed")
    content = request.get_data(cache=False)
    # A body in chunks has no length: werkzeug cuts it at the limit, and says nothing.
    if request.content_length is None and len(content) >= current_app.config["MAX_CONTENT_LENGTH"]:
        raise RequestEntityTooLarge
    return content


def check_asked(count: int, most: int) -> None:
    """Not too many values are asked for. Raises Problem."""
    if count > most:
        raise over(
            "asked",
            f"{count} valeurs demandées (null), au lieu de {most} au plus : demandez moins de "
            "personnes ou de périodes à la fois",
            f"{count} values asked for (null), instead of {most} at most: ask for fewer persons "
            "or periods at a time",
        )


def document() -> Any:
    """The JSON of the request. Raises Problem (400, 413, 415)."""
    content = body(JSON)
    check_asked(content.count(b"null"), current_app.config["CEJ_LIMITS"].asked)
    try:
        return parse(content)
    except InvalidSituation as error:
        raise of_situation(error, 400) from None
