"""What is wrong in a request: RFC 9457 problems, in French and in English."""

import logging
import traceback
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, json
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge
from werkzeug.wrappers import Response as BaseResponse

from openfisca_cej.refusals import Fault, InvalidSituation

MEDIA_TYPE = "application/problem+json"

log = logging.getLogger(__name__)

#: Titles by status, in French and in English, and the sentence when there is no other.
TITLES = {
    400: ("Requête illisible", "Unreadable request"),
    404: ("Introuvable", "Not found"),
    405: ("Méthode refusée", "Method not allowed"),
    413: ("Requête trop grande", "Request too large"),
    414: ("Adresse trop longue", "Address too long"),
    415: ("Type de contenu refusé", "Unsupported media type"),
    422: ("Requête incohérente", "Inconsistent request"),
    431: ("En-têtes trop longs", "Headers too long"),
    500: ("Erreur du serveur", "Server error"),
    503: ("Service surchargé", "Service overloaded"),
}
SENTENCES = {
    400: ("la requête n'est pas arrivée lisible", "the request did not come readable"),
    404: ("il n'y a rien à cette adresse", "there is nothing at this address"),
    405: ("cette adresse n'accepte pas cette méthode", "this address does not take this method"),
    500: (
        "le calcul a échoué ; rien n'a été gardé de la requête",
        "the calculation failed; nothing of the request was kept",
    ),
    503: (
        "le service a trop à faire en ce moment ; réessayez dans quelques secondes",
        "the service has too much to do just now; try again in a few seconds",
    ),
}


class Problem(Exception):
    """A request that is refused, and why."""

    def __init__(self, status: int, fr: str, en: str, faults: Sequence[Fault] = ()) -> None:
        super().__init__(en)
        self.status, self.fr, self.en, self.faults = status, fr, en, faults


def inconsistent(
    fr: str, en: str, near: str = "", keys: tuple[str, ...] = (), code: str = ""
) -> Problem:
    """The problem of one fault."""
    if near:
        fr, en = f"{fr} ; vouliez-vous dire « {near} » ?", f"{en}; did you mean « {near} »?"
    return Problem(422, fr, en, [Fault(problem=en, fr=fr, keys=keys, near=near, code=code)])


def over(limit: str, fr: str, en: str, keys: tuple[str, ...] = (), status: int = 413) -> Problem:
    """The problem of a request that is over a limit, which is named; ``fr`` says what to do."""
    fr, en = f"{fr} (limite {limit})", f"{en} (limit {limit})"
    return Problem(status, fr, en, [Fault(problem=en, fr=fr, keys=keys, code=f"limit-{limit}")])


def too_large() -> Problem:
    """The body has too many bytes."""
    return over(
        "body",
        "le corps de la requête est trop grand : envoyez-le en plusieurs fois",
        "the body of the request is too large: send it in several parts",
    )


def over_cpu(seconds: int) -> Problem:
    """The request was ended: it took too much of the processor."""
    return over(
        "cpu",
        f"la requête demande plus de {seconds} secondes de calcul, et a été arrêtée : "
        "demandez moins de personnes, de mois ou de variables à la fois",
        f"the request needs more than {seconds} seconds of computation, and was ended: "
        "ask for fewer persons, months or variables at a time",
    )


def over_memory() -> Problem:
    """The request was ended: it took too much memory."""
    return over(
        "memory",
        "la requête demande trop de mémoire : demandez moins de personnes, de mois ou de "
        "variables à la fois",
        "the request needs too much memory: ask for fewer persons, months or variables at a time",
    )


def over_answer(most: int) -> Problem:
    """The answer has too many bytes."""
    return over(
        "answer",
        f"la réponse ferait plus de {most} octets : demandez moins de personnes, de mois ou de "
        "variables à la fois",
        f"the answer would have more than {most} bytes: ask for fewer persons, months or "
        "variables at a time",
    )


def of_situation(error: InvalidSituation, status: int = 422) -> Problem:
    """The problem of a situation with faults."""
    first, count = error.faults[0], len(error.faults)
    if count == 1:
        return Problem(status, first.fr, first.en, error.faults)
    fr = f"{count} fautes, dont la première : {first.fr}"
    en = f"{count} faults, of which the first: {first.en}"
    return Problem(status, fr, en, error.faults)


def response(problem: Problem) -> Response:
    """The problem as an answer."""
    status = HTTPStatus(problem.status)
    title = TITLES.get(problem.status, (status.phrase, status.phrase))
    content: dict[str, Any] = {
        "type": f"urn:openfisca-cej:{status.phrase.lower().replace(' ', '-')}",
        "title": title[0],
        "title_en": title[1],
        "status": problem.status,
        "detail": problem.fr,
        "detail_en": problem.en,
        "errors": [member(fault) for fault in problem.faults],
    }
    return Response(json.dumps(content), status=problem.status, content_type=MEDIA_TYPE)


def member(fault: Fault) -> dict[str, str]:
    """A fault as a member of ``errors``."""
    told = {"pointer": fault.path, "detail": fault.fr, "detail_en": fault.en}
    return {**told, **fault.known()}


def register(app: Flask) -> None:
    """Answer every error with a problem."""
    app.register_error_handler(Problem, response)
    app.register_error_handler(InvalidSituation, lambda error: response(of_situation(error)))
    app.register_error_handler(HTTPException, of_http)
    app.register_error_handler(Exception, of_accident)


def of_http(error: HTTPException) -> BaseResponse:
    """The problem of an error that Flask raises; redirections stay what they are."""
    if error.code is None or error.code < 400:
        return error.get_response()
    if isinstance(error, RequestEntityTooLarge):
        return response(too_large())
    phrase = HTTPStatus(error.code).phrase
    fr, en = SENTENCES.get(error.code, (phrase, phrase))
    answer = response(Problem(error.code, fr, en))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return answer


def of_accident(error: Exception) -> Response:
    """The problem of a fault of ours: where it happened is logged, never what was computed."""
    if isinstance(error, MemoryError):
        return response(over_memory())
    frames = traceback.extract_tb(error.__traceback__)
    where = " < ".join(f"{frame.filename}:{frame.lineno}" for frame in reversed(frames[-5:]))
    log.error("%s at %s", type(error).__name__, where)
    return response(Problem(500, *SENTENCES[500]))
