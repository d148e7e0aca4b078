"""The routes under ``/cej``: each checks what it is given, calls one function, renders its result.

A route about a situation is a function decorated with ``about_a_situation``: the decorator reads
the situation and the parameters of the address, chooses the form of the answer, and describes
the route for the OpenAPI document.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from operator import methodcaller
from typing import Any

import numpy
from flask import Blueprint, Response, current_app, json, jsonify, request
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej import names
from openfisca_cej.explain.situation import Situation, read
from openfisca_cej.population.months import month_period
from openfisca_cej.refusals import BadValue, InvalidSituation, cut, nearest_of
from openfisca_cej.versions import package_version
from openfisca_cej.web import bodies, queries
from openfisca_cej.web.limits import Limits
from openfisca_cej.web.problems import inconsistent
from openfisca_cej.web.queries import Query
from openfisca_cej.web.remark_headers import tell

# What is slow to import is imported by the route that needs it: workers start at once.

blueprint = Blueprint("cej", __name__)

JSON, HTML, MARKDOWN, YAML = "application/json", "text/html", "text/markdown", "application/yaml"
CSV, SVG = "text/csv", "image/svg+xml"

#: Pages and pictures made here hold their style and nothing else.
PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


@dataclass(frozen=True)
class Form:
    """A form of an answer: its name in ``?format=``, its type, and how a result becomes it."""

    name: str
    media_type: str
    render: Callable[[Any], Any]


@dataclass(frozen=True)
class Body:
    """The body of a route: the name of its schema, and how it is read.

    ``read(document)`` gives what the function of the route takes first, a situation before all;
    ``keys`` lead to the situation in the document.
    """

    schema: str
    read: Callable[[Any], tuple[Any, ...]]
    keys: tuple[str, ...] = ()


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
    body: Body


#: The routes about a situation, in the order of the document.
ROUTES: list[Route] = []


def law() -> TaxBenefitSystem:
    """The law that the application serves."""
    return current_app.config["CEJ_SYSTEM"]


def limits() -> Limits:
    """The limits of the application."""
    return current_app.config["CEJ_LIMITS"]


def with_reform(document: Any) -> tuple[Any, ...]:
    """A situation, and a reform of the law. Raises InvalidSituation, Problem."""
    from openfisca_cej.web import inline

    return inline.comparison(document, law(), limits())


def with_declared(document: Any) -> tuple[Any, ...]:
    """A situation as it was, and as it was declared. Raises InvalidSituation."""
    from openfisca_cej.web import inline

    return inline.real_and_declared(document, law())


ALONE = Body("Situation", lambda document: (read(document, law()),))
WITH_REFORM = Body("Comparaison", with_reform, ("situation",))
WITH_DECLARED = Body("Declaration", with_declared, ("real",))


def about_a_situation(
    path: str,
    summary: str,
    asked: Sequence[Query],
    forms: Sequence[Form],
    answer: dict[str, Any],
    body: Body = ALONE,
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
            path,
            function.__name__,
            summary,
            function.__doc__ or "",
            every,
            tuple(forms),
            answer,
            body,
        )

        def view() -> Response:
            given = queries.read_all(every, law())
            form = chosen(forms, given.pop("format", None))
            content = body.read(bodies.document())
            check_person(content[0], given.get("person"), body.keys)
            # What divides by a nil that was given makes no noise in the logs.
            with numpy.errstate(all="ignore"), below(*body.keys):
                result = function(*content, **given)
                notes = notes_beside(content[0], **given)
                told = told_of(content[0], notes, given["person"], whole=body is not ALONE)
                return rendered(form, result, notes, told)

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


def notes_beside(
    situation: Situation, month: int, months: int = 1, person: str | None = None, **others: Any
) -> list[Any]:
    """What is to be said beside the amounts of some months."""
    from openfisca_cej.explain.notes import notes_of

    moments = [month_period(month + rank) for rank in range(months)]
    return notes_of(situation, moments, None if person is None else [person])


def told_of(
    situation: Situation, notes: Sequence[Any], person: str | None, whole: bool
) -> Sequence[Any]:
    """The notes that the body of an answer tells: of the person, or of all if it is ``whole``."""
    from openfisca_cej.explain.notes import told_to

    if person is None and whole:
        return notes
    return told_to(situation, notes, person or situation.main_person())


def with_remarks(content: Any, notes: Sequence[Any]) -> Any:
    """The content in JSON, and what is to be said beside it; of months, beside the first one."""
    from openfisca_cej.explain.notes import sentences

    told = sentences(notes)
    if isinstance(content, dict):
        return {**content, "remarks": content.get("remarks", told)}
    return [{**one, "remarks": [] if rank else told} for rank, one in enumerate(content)]


def rendered(form: Form, result: Any, notes: Sequence[Any], told: Sequence[Any]) -> Response:
    """The answer, in the form chosen; of the notes, its headers have all, its body what is told."""
    content = form.render(result)
    if form.media_type == JSON:
        answer = jsonify(with_remarks(content, told))
    else:
        answer = Response(content, content_type=f"{form.media_type}; charset=utf-8")
    if form.media_type in (HTML, SVG):
        answer.headers["Content-Security-Policy"] = PAGE_POLICY
    answer.headers["Vary"] = "Accept"
    return tell(answer, notes)


@contextmanager
def below(*keys: str) -> Iterator[None]:
    """Tell where the faults of a situation are, in the document that holds it."""
    try:
        yield
    except InvalidSituation as error:
        raise error.below(*keys) from None


def check_person(situation: Situation, person: str | None, keys: Sequence[str] = ()) -> None:
    """The person asked for is one of the situation. Raises Problem."""
    if person is not None and person not in situation.persons:
        raise inconsistent(
            f"« {cut(person)} » n'est pas une des personnes de la situation",
            f"« {cut(person)} » is not one of the persons of the situation",
            nearest_of(person, situation.persons),
            (*keys, situation.system.person_entity.plural),
            "not-a-person",
        )


# One situation.


def late(module: str, name: str) -> Callable[[Any], Any]:
    """A function of a module of ``explain``, imported when it is first called."""

    def render(result: Any) -> Any:
        return getattr(import_module(f"openfisca_cej.explain.{module}"), name)(result)

    return render


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
        Form("json", JSON, late("render", "to_json")),
        Form("html", HTML, late("render", "to_html")),
        Form("markdown", MARKDOWN, late("render", "to_markdown")),
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
        "required": ["person", "month", "headline", "answer", "next", "frozen", "notice"],
        "properties": {
            "person": {"type": "string"},
            "month": {"type": "string"},
            "headline": {"type": "string"},
            "answer": {"anyOf": [ANSWER, {"type": "null"}]},
            "next": {"anyOf": [{"$ref": "#/components/schemas/Unknown"}, {"type": "null"}]},
            "frozen": {
                "type": "array",
                "items": {"type": "string"},
                "description": "Valeurs que le droit a fait changer depuis la dernière connue, et "
                "dont l'un des montants de la réponse dépend.",
            },
            "notice": {"type": "string"},
        },
    },
)
def missing(situation: Situation, month: int, person: str | None) -> dict[str, Any]:
    """Un montant n'est affirmé que si rien de ce qui manque ne peut le changer. `next` est la
    question qui réduit le plus l'incertitude ; null quand il n'y en a plus. `answer` est null
    pour un mois où le CEJ n'existait pas."""
    from openfisca_cej.explain import render
    from openfisca_cej.explain.tree import answered

    told = answered(situation, month_period(month), person)
    answer = told.answer.to_json() if told.answer else None
    return {
        "person": told.person,
        "month": str(told.month),
        "headline": told.headline,
        "answer": answer,
        "remarks": told.remarks,
        "notice": render.NOTICE,
        "next": next(iter(answer["missing"]), None) if answer else None,
        "frozen": [item.sentence for item in told.frozen],
    }


@about_a_situation(
    "/cej/timeline",
    "Mois par mois : ce qui est dû, et ce qui change",
    (queries.FIRST_MONTH, queries.NUMBER_OF_MONTHS, queries.PERSON),
    (AS_JSON,),
    {
        "type": "array",
        "items": {
            "type": "object",
            "required": ["month", "amount", "running", "changes", "frozen"],
            "properties": {
                "month": {"type": "string"},
                "amount": {"type": "number", "x-unit": "€/mois"},
                "running": {"type": "boolean", "description": "Un contrat est en cours."},
                "changes": {"type": "array", "items": {"type": "string"}},
                "frozen": {
                    "type": "array",
                    "items": {"type": "string"},
                    "description": "Valeurs que le droit a fait changer depuis la dernière connue, "
                    "et dont le montant du mois dépend.",
                },
            },
        },
    },
)
def timeline(
    situation: Situation, month: int, months: int, person: str | None
) -> list[dict[str, Any]]:
    """Chaque donnée vaut pour les mois pour lesquels elle est donnée ; ce qui n'est pas donné est
    pris à sa valeur par défaut."""
    from openfisca_cej.explain.timeline import timeline

    found = timeline(situation, month_period(month), months, person, situation.system)
    return [due.to_json() for due in found]


@contextmanager
def drawable() -> Iterator[None]:
    """Tell in both languages that there is no curve. Raises Problem."""
    from openfisca_cej.explain.curve import NoCurve

    try:
        yield
    except NoCurve as error:
        raise inconsistent(error.fr, error.en, code="no-curve") from None


@about_a_situation(
    "/cej/curve",
    "L'allocation d'un mois selon une ressource, avec ses ruptures",
    (queries.MONTH_OF_LAW, queries.PERSON, queries.RESOURCE, queries.MAXIMUM),
    (
        Form("json", JSON, methodcaller("to_json")),
        Form("csv", CSV, late("curve_text", "curve_csv")),
        Form("svg", SVG, late("curve_picture", "curve_svg")),
    ),
    {"$ref": "#/components/schemas/Courbe"},
)
def curve(
    situation: Situation, month: int, person: str | None, variable: str, max: float | None
) -> Any:
    """La ressource est donnée pour le mois et pour les mois d'avant que le droit regarde. Les
    ruptures sont résolues exactement. Ce qui n'est pas donné est pris à sa valeur par défaut.
    En CSV : les chiffres tous les 50 € et aux ruptures."""
    from openfisca_cej.explain.curve import curve

    with drawable():
        return curve(situation, month_period(month), person, variable, max)


@about_a_situation(
    "/cej/reconcile",
    "Un autre montant a été versé : ce qui devrait être vrai",
    (queries.MONTH_OF_LAW, queries.PERSON, queries.PAID),
    (AS_JSON,),
    {"$ref": "#/components/schemas/Rapprochement"},
)
def reconcile(situation: Situation, month: int, person: str | None, paid: float) -> dict[str, Any]:
    """Les plus petits changements de la situation qui donnent ce montant au centime, le plus
    vraisemblable d'abord, chacun avec ses articles ; à défaut, les montants les plus proches. Rien
    n'est dit de qui a raison. Les montants libres (`free`) ne comptent pas comme trouvés."""
    from openfisca_cej.reconcile import reconcile

    return reconcile(situation, month_period(month), paid, person).to_json()


@about_a_situation(
    "/cej/overpaid",
    "Ce qui est à rendre : ce qui a été déclaré, et ce qui était vrai",
    (queries.FIRST_MONTH, queries.NUMBER_OF_MONTHS, queries.PERSON),
    (AS_JSON,),
    {"$ref": "#/components/schemas/TropPercu"},
    WITH_DECLARED,
)
def overpaid(
    situation: Situation, declared: Situation, month: int, months: int, person: str | None
) -> dict[str, Any]:
    """Mois par mois, ce que donne la situation déclarée, ce qui était dû, et l'écart (`back`) : à
    rendre, ou à recevoir s'il est négatif. Ce qui n'est pas donné est pris à sa valeur par
    défaut."""
    from openfisca_cej.explain.overpaid import overpaid

    whose = person or situation.main_person()
    check_person(declared, whose, ("declared",))
    return overpaid(declared, situation, month_period(month), months, whose).to_json()


@about_a_situation(
    "/cej/compare",
    "Ce qu'une réforme changerait, avant et après",
    (queries.FIRST_MONTH, queries.NUMBER_OF_MONTHS, queries.PERSON, queries.CURVE),
    (AS_JSON,),
    {"$ref": "#/components/schemas/AvantApres"},
    WITH_REFORM,
)
def compare(
    situation: Situation, reform: Any, month: int, months: int, person: str | None, curve: bool
) -> dict[str, Any]:
    """La réforme est écrite dans le corps comme dans un fichier de réforme : des valeurs datées de
    paramètres, et des interrupteurs. Pour chaque personne (ou celle qui est nommée) et chaque
    mois, l'allocation avant et après ; ce que la réforme change, article par article. Ce qui n'est
    pas donné est pris à sa valeur par défaut."""
    from openfisca_cej.analysis.one_case import compared

    with drawable():
        return compared(situation, reform, month_period(month), months, person, curve).to_json()


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
    rows = batch.READERS[request.mimetype](content, limits())
    months, variables = given.values()
    queries.number_of_cells(rows.count, months, variables, limits().cells)
    with numpy.errstate(all="ignore"):
        results = batch.compute(rows, law(), **given)
    wanted = request.accept_mimetypes.best_match([request.mimetype, *batch.WRITERS])
    media_type = wanted or request.mimetype
    answer = Response(
        batch.WRITERS[media_type](results), content_type=f"{media_type}; charset=utf-8"
    )
    answer.headers["Vary"] = "Accept"
    notes = {note: None for found in rows.notes.values() for note in found}
    return tell(answer, notes)


# The law.

RESOURCES_QUERIES = (queries.WORDS, queries.MONTH_IN_FORCE)


@blueprint.get("/cej/resources")
def resources() -> Response:
    """What each kind of income does to the allowance, by which article."""
    from openfisca_cej.explain import resources

    given = queries.read_all(RESOURCES_QUERIES, law())
    day = None if given["month"] is None else str(month_period(given["month"]).start)
    found, _ = resources.looked_up(law(), given["words"])
    return jsonify([one.to_json(day) for one in found])


# The service itself.


@blueprint.get("/cej/health")
def health() -> Response:
    """Answers when the law is loaded."""
    return jsonify({"status": "ok"})


@blueprint.get("/cej/version")
def version() -> Response:
    """Versions of the package and of the engine."""
    versions = {name: package_version(name) for name in ("openfisca-cej", "openfisca-core")}
    return jsonify(versions)


def problem_example() -> dict[str, Any]:
    """A problem, for the OpenAPI document."""
    from openfisca_cej.web import problems

    wrong = "salaire_nett"
    why = BadValue("unknown-variable", names.WAGE, name=f"« {wrong} »")
    found = problems.of_situation(InvalidSituation([why.fault("individus", "Inès", wrong)]))
    return json.loads(problems.response(found).get_data())
