"""The routes under ``/cej``: each checks what it is given, calls one function, renders its result.

A route about a situation is a function decorated with ``about_a_situation``: the decorator reads
the situation and the parameters of the address, chooses the form of the answer, and describes
the route for the OpenAPI document.
"""

import importlib.metadata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy
from flask import Blueprint, Response, current_app, json, jsonify, request
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.explain.situation import Situation, cut, nearest_of, pointer, read
from openfisca_cej.population.months import month_period
from openfisca_cej.web import bodies, queries
from openfisca_cej.web.limits import Limits
from openfisca_cej.web.problems import inconsistent
from openfisca_cej.web.queries import Query

# What is slow to import is imported by the route that needs it: workers start at once.

blueprint = Blueprint("cej", __name__)

JSON, HTML, MARKDOWN, YAML = "application/json", "text/html", "text/markdown", "application/yaml"

#: Pages made here hold their style and nothing else.
PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


@dataclass(frozen=True)
class Form:
    """A form of an answer: its name in ``?format=``, its type, and how a result becomes it."""

    name: str
    media_type: str
    render: Callable[[Any], Any]


@dataclass(frozen=True)
class Route:
    """What the OpenAPI document tells of a route about a situation."""

    path: str
    name: str
    summary: str
    description: str
    queries: tuple[Query, ...]
    forms: tuple[Form, ...]
    answer: dict[str, Any]


#: The routes about a situation, in the order of the document.
ROUTES: list[Route] = []


def law() -> TaxBenefitSystem:
    """The law that the application serves."""
    return current_app.config["CEJ_SYSTEM"]


def limits() -> Limits:
    """The limits of the application."""
    return current_app.config["CEJ_LIMITS"]


def about_a_situation(
    path: str, summary: str, asked: Sequence[Query], forms: Sequence[Form], answer: dict[str, Any]
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a route of a function of a situation and of the parameters of the address.

    ``answer`` is the JSON Schema of the answer in JSON; the docstring of the function, in French,
    describes the route.
    """
    choices = tuple(form.name for form in forms)
    choice = Query(
        "format",
        "Forme de la réponse ; à défaut, selon l'en-tête Accept.",
        {"type": "string", "enum": list(choices)},
        queries.one_of(*choices),
    )

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        every = (*asked, *([choice] if len(forms) > 1 else []))
        route = Route(
            path, function.__name__, summary, function.__doc__ or "", every, tuple(forms), answer
        )

        def view() -> Response:
            given = queries.read_all(every, law())
            form = chosen(forms, given.pop("format", None))
            situation = read(bodies.document(), law())
            check_person(situation, given.get("person"))
            # What divides by a nil that was given makes no noise in the logs.
            with numpy.errstate(all="ignore"):
                return rendered(form, function(situation, **given))

        blueprint.add_url_rule(path, function.__name__, view, methods=["POST"])
        ROUTES.append(route)
        return function

    return register


def chosen(forms: Sequence[Form], name: str | None) -> Form:
    """The form that the address, or else the Accept header, asks for; the first by default."""
    for form in forms:
        if form.name == name:
            return form
    best = request.accept_mimetypes.best_match([form.media_type for form in forms])
    return next((form for form in forms if form.media_type == best), forms[0])


def rendered(form: Form, result: Any) -> Response:
    """The answer, in the form chosen."""
    content = form.render(result)
    if form.media_type == JSON:
        answer = jsonify(content)
    else:
        answer = Response(content, content_type=f"{form.media_type}; charset=utf-8")
    if form.media_type == HTML:
        answer.headers["Content-Security-Policy"] = PAGE_POLICY
    answer.headers["Vary"] = "Accept"
    return answer


def check_person(situation: Situation, person: str | None) -> None:
    """The person asked for is one of the situation. Raises Problem."""
    if person is not None and person not in situation.persons:
        raise inconsistent(
            pointer(situation.system.person_entity.plural),
            f"« {cut(person)} » n'est pas une des personnes de la situation",
            f"« {cut(person)} » is not one of the persons of the situation",
            nearest_of(person, situation.persons),
        )


# One situation.


def explanation_json(explanation: Any) -> Any:
    """An explanation as JSON."""
    from openfisca_cej.explain import render

    return render.to_json(explanation)


def explanation_html(explanation: Any) -> str:
    """An explanation as a page."""
    from openfisca_cej.explain import render

    return render.to_html(explanation)


def explanation_markdown(explanation: Any) -> str:
    """An explanation in Markdown."""
    from openfisca_cej.explain import render

    return render.to_markdown(explanation)


def as_it_is(result: Any) -> Any:
    """A result that needs no rendering."""
    return result


AS_JSON = Form("json", JSON, as_it_is)
ANSWER = {"$ref": "#/components/schemas/Answer"}


@about_a_situation(
    "/cej/explain",
    "Pourquoi ce montant : les étapes, des articles à l'euro",
    (queries.THE_MONTH, queries.PERSON, queries.VARIABLE, queries.COMPLETE),
    (
        Form("json", JSON, explanation_json),
        Form("html", HTML, explanation_html),
        Form("markdown", MARKDOWN, explanation_markdown),
    ),
    {"$ref": "#/components/schemas/Explanation"},
)
def explain(
    situation: Situation, month: int, person: str | None, variable: str, complete: bool
) -> Any:
    """Chaque étape du calcul avec sa valeur, son origine, son article et ses paramètres ; les
    conditions ; ce qui manque et ce que cela changerait ; jusqu'à quand le droit a été vérifié."""
    from openfisca_cej.explain.tree import explain

    system = situation.system
    return explain(situation, month_period(month), person, variable, system, complete)


@about_a_situation(
    "/cej/missing",
    "La réponse, ses bornes et la question la plus utile à poser ensuite",
    (queries.THE_MONTH, queries.PERSON),
    (AS_JSON,),
    {
        "type": "object",
        "required": ["person", "month", "headline", "answer", "next", "notice"],
        "properties": {
            "person": {"type": "string"},
            "month": {"type": "string"},
            "headline": {"type": "string"},
            "answer": {"anyOf": [ANSWER, {"type": "null"}]},
            "next": {"anyOf": [{"$ref": "#/components/schemas/Question"}, {"type": "null"}]},
            "notice": {"type": "string"},
        },
    },
)
def missing(situation: Situation, month: int, person: str | None) -> dict[str, Any]:
    """Un montant n'est affirmé que si rien de ce qui manque ne peut le changer. `next` est la
    question qui réduit le plus l'incertitude ; null quand il n'y en a plus. `answer` est null
    pour un mois où le CEJ n'existait pas."""
    told = explanation_json(explain(situation, month, person, queries.RESULT, False))
    kept = {key: told[key] for key in ("person", "month", "headline", "answer", "notice")}
    questions = told["answer"]["missing"] if told["answer"] else []
    return {**kept, "next": next(iter(questions), None)}


@about_a_situation(
    "/cej/timeline",
    "Mois par mois : ce qui est dû, et ce qui change",
    (queries.FIRST_MONTH, queries.NUMBER_OF_MONTHS, queries.PERSON),
    (AS_JSON,),
    {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["month", "amount", "running", "changes"],
            "properties": {
                "month": {"type": "string"},
                "amount": {"type": "number", "x-unit": "€/mois"},
                "running": {"type": "boolean", "description": "Un contrat est en cours."},
                "changes": {"type": "array", "items": {"type": "string"}},
            },
        },
    },
)
def timeline(situation: Situation, month: int, months: int, person: str | None) -> list[dict]:
    """Chaque donnée vaut pour les mois pour lesquels elle est donnée ; ce qui n'est pas donné est
    pris à sa valeur par défaut."""
    from openfisca_cej.explain.timeline import timeline

    found = timeline(situation, month_period(month), months, person, situation.system)
    return [due.told() for due in found]


@about_a_situation(
    "/cej/case",
    "La situation en cas de test YAML",
    (queries.THE_MONTH, queries.PERSON),
    (Form("yaml", YAML, as_it_is),),
    {
        "type": "array",
        "items": {"type": "object", "required": ["name", "period", "input", "output"]},
    },
)
def case(situation: Situation, month: int, person: str | None) -> str:
    """Un fichier que `openfisca test` exécute, les articles en commentaires."""
    from openfisca_cej.explain.case import case

    return case(situation, month_period(month), person)


# Many persons.

BATCH_QUERIES = (queries.THE_MONTHS, queries.VARIABLES)


@blueprint.post("/cej/batch")
def batch() -> Response:
    """Many persons, one a row, in NDJSON or CSV; the answer in the same format, or as accepted."""
    from openfisca_cej.web import batch

    given = queries.read_all(BATCH_QUERIES, law())
    content = bodies.body(*batch.READERS)
    rows = batch.READERS[request.mimetype](content, limits().rows)
    queries.number_of_cells(rows.count, *given.values(), limits().cells)
    with numpy.errstate(all="ignore"):
        results = batch.compute(rows, law(), **given)
    wanted = request.accept_mimetypes.best_match([request.mimetype, *batch.WRITERS])
    media_type = wanted or request.mimetype
    answer = Response(
        batch.WRITERS[media_type](results), content_type=f"{media_type}; charset=utf-8"
    )
    answer.headers["Vary"] = "Accept"
    if rows.ignored:
        answer.headers["CEJ-Ignored-Variables"] = ", ".join(sorted(rows.ignored)[:100])
    return answer


# The service itself.


@blueprint.get("/cej/health")
def health() -> Response:
    """Answers when the law is loaded."""
    return jsonify({"status": "ok"})


@blueprint.get("/cej/version")
def version() -> Response:
    """Versions of the package and of the engine."""
    versions = {name: installed(name) for name in ("openfisca-cej", "openfisca-core")}
    return jsonify(versions)


def installed(distribution: str) -> str:
    """Version of an installed distribution."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """The OpenAPI document of all the routes."""
    from openfisca_cej.web.openapi import openapi_of

    spec = openapi_of(current_app._get_current_object())
    return jsonify({**spec, "servers": [{"url": request.host_url.rstrip("/")}]})


@blueprint.get("/cej/docs")
def docs() -> Response:
    """The routes to read and try: Swagger UI where it is installed, else a plain page."""
    from openfisca_cej.web import docs

    page, policy = docs.page(current_app._get_current_object())
    answer = Response(page, content_type=f"{HTML}; charset=utf-8")
    answer.headers["Content-Security-Policy"] = policy
    return answer


@blueprint.get("/cej/docs/<name>")
def docs_file(name: str) -> Response:
    """A file of the documentation page."""
    from openfisca_cej.web import docs

    found = docs.file(name)
    if found is None:
        return current_app.aborter(404)
    content, media_type = found
    return Response(content, content_type=f"{media_type}; charset=utf-8")


def problem_example() -> dict[str, Any]:
    """A problem, for the OpenAPI document."""
    from openfisca_cej.web import problems

    found = inconsistent(
        "/individus/Inès/salaire_nett",
        "« salaire_nett » n'est pas une variable du modèle",
        "« salaire_nett » is not a variable of the model",
        "salaire_net",
    )
    return json.loads(problems.response(found).get_data())
