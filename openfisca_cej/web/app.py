"""The application: OpenFisca's own, made safe, and what the CEJ adds under ``/cej``."""

import logging
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, jsonify, request
from flask.json.provider import DefaultJSONProvider
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_web_api.app import create_app as create_stock_app

from openfisca_cej.explain.situation import Situation
from openfisca_cej.web import bodies, calculate, page, problems, routes
from openfisca_cej.web.beside import tell
from openfisca_cej.web.limits import Limits
from openfisca_cej.web.problems import inconsistent

#: Where the application keeps the law and the limits, for the routes.
SYSTEM, LIMITS = "CEJ_SYSTEM", "CEJ_LIMITS"

#: Header that names the variables of OpenFisca-France that were not read.

#: Nothing comes from elsewhere, nothing is framed, nothing is guessed, nothing is told.
SECURITY = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
        "object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

#: Answers to what was sent are nobody else's.
PRIVATE = "no-store"


class StrictJson(DefaultJSONProvider):
    """JSON as the standard has it: no NaN, no Infinity; keys in their order."""

    sort_keys = False

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """The text. Raises Problem when a number is not finite."""
        try:
            return super().dumps(obj, allow_nan=False, **kwargs)
        except ValueError:
            raise inconsistent("", *calculate.NO_NUMBER) from None


def create_app(system: TaxBenefitSystem | None = None, limits: Limits | None = None) -> Flask:
    """The application for a law (the CEJ's by default) and limits (the environment's)."""
    if system is None:
        from openfisca_cej.explain.tree import model

        system = model()
    quieten_core()
    app = create_stock_app(system)
    app.config[SYSTEM] = system
    app.config[LIMITS] = limits or Limits.of()
    app.config["MAX_CONTENT_LENGTH"] = app.config[LIMITS].body
    app.config["MAX_FORM_MEMORY_SIZE"] = app.config[LIMITS].body
    app.json = StrictJson(app)
    app.view_functions["calculate"] = calculate_view(system, app.config[LIMITS])
    app.view_functions["trace"] = trace_view(system, app.config[LIMITS])
    # Functions that come first in this list are called last: these headers prevail.
    app.after_request_funcs.setdefault(None, []).insert(0, protect)
    problems.register(app)
    app.error_handler_spec[None].pop(500, None)  # the core's own quotes the values at fault
    app.register_blueprint(routes.blueprint)
    page.install(app)
    return app


def quieten_core() -> None:
    """Have the core tell nothing of what it computes."""
    logging.getLogger("openfisca_core").setLevel(logging.ERROR)


def protect(response: Response) -> Response:
    """Add the headers that keep browsers and caches safe."""
    for name, value in SECURITY.items():
        response.headers.setdefault(name, value)
    if request.method == "POST":
        response.headers["Cache-Control"] = PRIVATE
    return response


def calculate_view(system: TaxBenefitSystem, limits: Limits) -> Callable[[], Response]:
    """The route ``/calculate``."""

    def view() -> Response:
        document = bodies.document()
        situation = calculate.checked(document, system, limits, limits.persons)
        return answered(calculate.calculate(situation, document), situation)

    return view


def trace_view(system: TaxBenefitSystem, limits: Limits) -> Callable[[], Response]:
    """The route ``/trace``."""

    def view() -> Response:
        situation = calculate.checked(bodies.document(), system, limits, limits.traced)
        return answered(calculate.trace(situation), situation)

    return view


def answered(content: dict[str, Any], situation: Situation) -> Response:
    """An answer, with the names of the variables that were set aside in a header."""
    response = jsonify(content)
    return tell(response, calculate.notes(situation))
