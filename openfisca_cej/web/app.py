"""The application: OpenFisca's own, made safe, and what the CEJ adds under ``/cej``."""

import gzip
import logging
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, current_app, jsonify, request
from flask.json.provider import DefaultJSONProvider
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_web_api.app import create_app as create_stock_app

from openfisca_cej.explain.situation import Situation
from openfisca_cej.web import address as addresses
from openfisca_cej.web import (
    bodies,
    calculate,
    cost,
    docs,
    page,
    problems,
    received,
    routes,
    several_months,
)
from openfisca_cej.web.limits import Limits
from openfisca_cej.web.problems import inconsistent, over
from openfisca_cej.web.remark_headers import IGNORED, REMARKS, tell

#: Where the application keeps the law, the limits, its address and who may frame it.
SYSTEM, LIMITS, ADDRESS, FRAMES = "CEJ_SYSTEM", "CEJ_LIMITS", "CEJ_ADDRESS", "CEJ_FRAMES"

#: Header that names the variables of OpenFisca-France that were not read.

#: Nothing comes from elsewhere, nothing is framed, nothing is guessed, nothing is told.
POLICY = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors {}; object-src 'none'"
)
SECURITY = {
    "Content-Security-Policy": POLICY.format("'none'"),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

#: Answers to what was sent are nobody else's; the law is the same for all, and may change when the
#: service starts again.
PRIVATE, PUBLIC = "no-store", "public, max-age=300"

#: Seconds for which a browser remembers what pages of other sites may ask; the headers that these
#: pages may read, besides those that they always may.
REMEMBERED = "600"
EXPOSED = f"{IGNORED}, {REMARKS}, Allow, Content-Disposition, Retry-After"

#: Routes that tell how the service is now.
NOW = ("/cej/health", "/cej/version")

#: Answers that are sent smaller to those who say that they can read them so, from so many bytes.
COMPRESSED = (
    "application/json",
    "application/problem+json",
    "application/x-ndjson",
    "application/yaml",
    "image/svg+xml",
    "text/",
)
WORTH_IT, LEVEL = 1_000, 5


class StrictJson(DefaultJSONProvider):
    """JSON as the standard has it: no NaN, no Infinity; keys in their order."""

    sort_keys = False

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """The text. Raises Problem when a number is not finite."""
        try:
            return super().dumps(obj, allow_nan=False, check_circular=False, **kwargs)
        except ValueError:
            raise inconsistent(calculate.NO_NUMBER.fr, calculate.NO_NUMBER.problem) from None


def create_app(
    system: TaxBenefitSystem | None = None,
    limits: Limits | None = None,
    address: str | None = None,
) -> Flask:
    """The application for a law (the CEJ's by default), limits and address (the environment's).

    Raises ValueError when the environment says what is no limit, or no address.
    """
    if system is None:
        from openfisca_cej.systems import model

        system = model()
    quieten_core()
    app = create_stock_app(system)
    app.config[SYSTEM] = system
    app.config[LIMITS] = limits or Limits.of()
    app.config["MAX_CONTENT_LENGTH"] = app.config[LIMITS].body
    app.config["MAX_FORM_MEMORY_SIZE"] = app.config[LIMITS].body
    app.config[ADDRESS] = addresses.public_address() if address is None else address
    app.config[FRAMES] = addresses.framing_sites()
    app.wsgi_app = addresses.Entrance(app.wsgi_app, app.config[ADDRESS])
    app.json = StrictJson(app)
    app.view_functions["calculate"] = calculate_view(system, app.config[LIMITS])
    app.view_functions["trace"] = trace_view(system, app.config[LIMITS])
    # Functions that come first in this list are called last: these headers prevail.
    app.after_request_funcs.setdefault(None, []).insert(0, protect)
    problems.register(app)
    app.error_handler_spec[None].pop(500, None)  # the core's own quotes the values at fault
    app.register_blueprint(routes.blueprint)
    app.register_blueprint(docs.blueprint)
    page.install(app)
    cost.install(app)
    received.install(app)
    several_months.install(app)
    return app


def quieten_core() -> None:
    """Have the core tell nothing of what it computes."""
    logging.getLogger("openfisca_core").setLevel(logging.ERROR)


def protect(response: Response) -> Response:
    """Add the headers that keep browsers and caches safe; bound and compress what is sent."""
    most = current_app.config[LIMITS].answer
    if (response.content_length or 0) > most:
        response = problems.response(problems.over_answer(most))
    # Asking these headers for one that they lack costs an exception.
    present = {name for name, _ in response.headers}
    for name, value in security().items():
        if name not in present:
            response.headers.add(name, value)
    if request.method == "POST" or response.status_code >= 400 or request.path in NOW:
        response.headers["Cache-Control"] = PRIVATE
    elif "Cache-Control" not in present:
        response.headers.add("Cache-Control", PUBLIC)
    if "Access-Control-Allow-Methods" in present:
        # What is announced is what this address answers to, not all that there is.
        response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "")
        response.headers["Access-Control-Max-Age"] = REMEMBERED
    if "Access-Control-Allow-Origin" in present:
        response.headers["Access-Control-Expose-Headers"] = EXPOSED
    response.vary.add("Accept-Encoding")
    return compressed(response)


def security() -> dict[str, str]:
    """The headers of an answer: the page that is made for it may be framed by the sites told."""
    sites = current_app.config[FRAMES]
    if request.path != page.FRAME or not sites:
        return SECURITY
    kept = {name: value for name, value in SECURITY.items() if name != "X-Frame-Options"}
    return {**kept, "Content-Security-Policy": POLICY.format(" ".join(sites))}


def compressed(response: Response) -> Response:
    """The answer, smaller where its reader can do with it."""
    if (
        response.status_code == 200
        and not response.direct_passthrough
        and (response.content_length or 0) >= WORTH_IT
        and (response.mimetype or "").startswith(COMPRESSED)
        and request.accept_encodings["gzip"] > 0
    ):
        response.set_data(gzip.compress(response.get_data(), LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
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
        check_steps(situation, limits.steps)
        return answered(calculate.trace(situation), situation)

    return view


def check_steps(situation: Situation, most: int) -> None:
    """What is to be traced is not too long. Raises Problem."""
    periods = {period for _, _, period in situation.asked}
    count = len(situation.persons) * len(periods)
    if count > most:
        raise over(
            "steps",
            f"{len(situation.persons)} personnes et {len(periods)} périodes à détailler, soit plus "
            f"de {most} : demandez-en moins à la fois",
            f"{len(situation.persons)} persons and {len(periods)} periods to trace, that is more "
            f"than {most}: ask for fewer at a time",
            status=422,
        )


def answered(content: dict[str, Any], situation: Situation) -> Response:
    """An answer, with the names of the variables that were set aside in a header."""
    response = jsonify(content)
    return tell(response, calculate.notes(situation))
