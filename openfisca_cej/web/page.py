"""The page: questions, the amount and why, the curve, the months; and the analyst's tab.

It works without script, keeps nothing and sets no cookie: the address holds the whole case.
"""

import dataclasses
import datetime
import functools
import re
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from flask import Blueprint, Flask, Response, current_app, json, redirect, request
from jinja2 import Environment
from jinja2.ext import Extension
from markupsafe import Markup, escape
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as BaseResponse

from openfisca_cej import charts, french, names
from openfisca_cej.declarations import THEMES, question_de
from openfisca_cej.explain import render, unknowns
from openfisca_cej.explain.case import case as yaml_case
from openfisca_cej.explain.curve import Curve
from openfisca_cej.explain.curve_picture import curve_lines
from openfisca_cej.explain.curve_text import sentences
from openfisca_cej.explain.tree import Step
from openfisca_cej.reforms import catalogue
from openfisca_cej.refusals import InvalidSituation
from openfisca_cej.versions import package_version
from openfisca_cej.web import answers as given
from openfisca_cej.web import faq, lasting, questions, results, what_if
from openfisca_cej.web.answers import Answers
from openfisca_cej.web.problems import MEDIA_TYPE, Problem, of_http, over
from openfisca_cej.web.queries import MOST_WORDS
from openfisca_cej.web.questions import FormQuestion
from openfisca_cej.web.results import Result
from openfisca_cej.web.what_if import WhatIf

blueprint = Blueprint("page", __name__, static_folder="static", static_url_path="/cej/page")

#: The page that other sites show in a frame.
FRAME = "/cadre"

#: Bytes of a form that is sent: no page asks so much.
MOST_SENT = 20_000

#: Choices up to which they are shown one under the other, and not in a list to open.
MOST_BUTTONS = 6

#: The example of the analyst's tab, where no case is given: age, wage of the month before.
EXAMPLE_AGE, EXAMPLE_WAGE = 20, 600

#: Questions of the first form that are not variables, as the summary of faults calls them.
LABELS = {
    "mois": "Mois",
    "contrat": "Contrat",
    "autres_ressources": "Autres ressources",
    "rien_d_autre": "Rien d'autre à signaler",
    "suite": "Mois suivants",
    "mois_sanction": "Mois de la sanction",
    "mois_manquement": "Mois de la notification",
    lasting.FACT: "Ce qui n'a duré que quelques mois",
    what_if.READY: "Réformes toutes faites",
}


@dataclass(frozen=True)
class Field:
    """A question as the form shows it, with the answer given and what is wrong with it."""

    question: FormQuestion
    value: str
    fault: str
    none: bool = False
    month_of: str = ""
    month: str = ""
    prefix: str = "q"

    @property
    def ident(self) -> str:
        """Identifier in the page: a question to come is also in the form of all the answers."""
        return f"{self.prefix}-{self.question.name}"

    @property
    def buttons(self) -> bool:
        """Whether the choices are shown one under the other."""
        return len(self.question.choices) <= MOST_BUTTONS


def install(app: Flask) -> None:
    """Serve the page at the root of the application."""
    # The stock application answers there with a welcome in JSON.
    app.view_functions["get_root"] = index
    # What is sent by POST is in no address.
    app.add_url_rule("/", "page.sent", index, methods=["POST"])
    app.add_url_rule(FRAME, "page.framed", framed, methods=["GET", "POST"])
    app.register_blueprint(blueprint)
    app.register_error_handler(NotFound, nowhere)


def nowhere(error: NotFound) -> BaseResponse:
    """An address that is none: a page for who reads pages, a problem for programs."""
    best = request.accept_mimetypes.best_match([MEDIA_TYPE, "text/html"], default=MEDIA_TYPE)
    if request.method not in ("GET", "HEAD") or best == MEDIA_TYPE:
        return of_http(error)
    answer = shown("nowhere.html")
    answer.status_code = 404
    return answer


def law() -> TaxBenefitSystem:
    """The law that the application serves."""
    return current_app.config["CEJ_SYSTEM"]


def today() -> datetime.date:
    """The day on which the page is read."""
    return datetime.date.today()


def framed() -> BaseResponse:
    """The page without what is around it, for the sites that may frame it; none by default."""
    if not current_app.config["CEJ_FRAMES"]:
        raise NotFound
    return index(FRAME)


def index(root: str = "/") -> BaseResponse:
    """The page: the form, and what is told of the case that is sent, or that of the address."""
    sent, arguments = request.method == "POST", sent_arguments()
    around = {"root": root, "framed": root == FRAME, "method": "post" if sent else "get"}
    if not arguments:
        first = form(Answers(current_month()))
        return shown("page.html", form=first, result=None, faults=[], **around)
    answers = given.read(arguments, law(), today())
    found = None
    if not answers.faults:
        if not (sent or answers.notices or answers.shared or is_written(answers.query())):
            return redirect(answers.address(root), 303)
        found = None if answers.none else computed(answers)
    return shown(
        "page.html",
        form=form(answers),
        result=result_context(found, answers) if found else None,
        faults=summary(answers),
        **around,
    )


def sent_arguments() -> MultiDict[str, str]:
    """What a form sends, by POST or in the address. Raises Problem."""
    if (request.content_length or 0) > MOST_SENT:
        raise over(
            "form",
            f"un formulaire a {MOST_SENT} octets au plus",
            f"a form has {MOST_SENT} bytes at most",
        )
    return request.form if request.method == "POST" else request.args


def is_written(query: list[tuple[str, str]]) -> bool:
    """Whether the address is written in this form: that of a form has all the empty fields."""
    return sorted(request.args.items(multi=True)) == sorted(query)


@blueprint.get("/analyse")
def analysis() -> BaseResponse:
    """The analyst's tab: the same case under a reform, and the curve before and after."""
    arguments = request.args
    if not set(arguments) - {*what_if.NAMES, "v", "mois"}:
        # A reform alone is that of the example: of a case about which nothing is known, the
        # curve would be nil all along.
        arguments = MultiDict([*example().items(), *arguments.items(multi=True)])
        arguments.setlist("mois", arguments.getlist("mois")[-1:])
    answers = given.read(arguments, law(), today(), elsewhere=what_if.NAMES)
    asked = what_if.read(arguments, law(), answers.month)
    compared = None
    if not answers.faults and not asked.faults:
        whole = [*answers.query(), *asked.query()]
        if request.args and not (answers.notices or is_written(whole)):
            return redirect(asked.address("/analyse", answers.query()), 303)
        compared = comparison(answers, asked)
    faults = [*summary(answers), *lever_summary(asked)]
    return shown(
        "analyse.html",
        form=form(answers),
        levers=[
            (lever, asked.texts[lever.name], asked.faults.get(lever.name, ""))
            for lever in what_if.LEVERS
        ],
        now={lever.name: lever.now(law(), answers.month) for lever in what_if.LEVERS},
        ready=list(catalogue().values()),
        asked=asked,
        compared=compared,
        faults=faults,
        is_example=not request.args,
    )


@blueprint.get("/questions")
def asked_often() -> Response:
    """The questions that people really ask: all of them, or those that have some words."""
    text = request.args.get("mots", "").strip()[:MOST_WORDS]
    found = faq.found(law(), text)
    return shown(
        "questions.html",
        text=text,
        found=found,
        near=[] if found else faq.near(law(), text),
        checked=faq.checked().isoformat(),
        month=faq.month(),
    )


@blueprint.get("/situation.json")
def situation_file() -> Response:
    """The case as a situation for ``/calculate``."""
    answers = answered()
    content = json.dumps(results.document(law(), answers), ensure_ascii=False, indent=2) + "\n"
    return download(content, "application/json", f"situation-{answers.month}.json")


@blueprint.get("/cas.yaml")
def case_file() -> Response:
    """The case as a YAML test."""
    answers = answered()
    content = yaml_case(results.case_of(law(), answers), answers.month)
    return download(content, "application/yaml", f"cas-{answers.month}.yaml")


@blueprint.get("/reforme.yaml")
def reform_file() -> Response:
    """The reform of the analyst's tab."""
    answers = given.read(request.args, law(), today(), elsewhere=what_if.NAMES)
    asked = what_if.read(request.args, law(), answers.month)
    faults = {**answers.faults, **asked.faults}
    if faults or asked.reform is None:
        refuse(faults or {what_if.READY: "aucun changement n'est demandé"})
    return download(what_if.file(asked.reform), "application/yaml", f"reforme-{answers.month}.yaml")


def answered() -> Answers:
    """The answers of the address of a file. Raises Problem."""
    answers = given.read(request.args, law(), today())
    if answers.faults or answers.notices:
        refuse(answers.faults or {"": " ".join(answers.notices)})
    return answers


def refuse(faults: dict[str, str]) -> NoReturn:
    """Refuse to make a file of an address that has faults. Raises Problem."""
    told = " ; ".join(f"{name} : {fault}" if name else fault for name, fault in faults.items())
    raise Problem(422, told, "some of the answers of this address cannot be read")


def download(content: str, media_type: str, name: str) -> Response:
    """A file to keep."""
    answer = Response(content, content_type=f"{media_type}; charset=utf-8")
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def current_month() -> Any:
    """The month of today."""
    return given.read(given.from_pairs({}), law(), today()).month


def example() -> dict[str, str]:
    """The case of the analyst's tab where none is given."""
    month = current_month()
    return {
        "v": given.VERSION,
        "mois": str(month),
        names.BIRTH: f"{month.start.year - EXAMPLE_AGE}-01-01",
        questions.HOME: "metropole",
        "contrat": given.NOT_YET,
        names.TIER: "non_imposable",
        names.WAGE: str(EXAMPLE_WAGE),
        "rien_d_autre": given.YES,
    }


def computed(answers: Answers) -> Result | None:
    """What is told of the case; faults that the model finds are kept with the others."""
    try:
        return results.result(law(), answers)
    except InvalidSituation as error:
        keep_faults(answers, error)
    return None


def keep_faults(answers: Answers, error: InvalidSituation) -> None:
    """Tell the faults that the model finds beside the questions that they are about."""
    for fault in error.faults:
        parts = fault.path.split("/")
        answers.faults[parts[3] if len(parts) > 3 else "mois"] = fault.fr


# What is shown.


def shown(template: str, **values: Any) -> Response:
    """A page. Answers are in the address: no cache keeps it."""
    told = {**ALWAYS, **values, "version": package_version()}
    content = BETWEEN_LINES.sub("\n", templates().get_template(template).render(told))
    content = content.replace("&#39;", "'")  # attributes stand between double quotes: 1 %
    content = UNTIED.sub(french.BEFORE_UNIT, linked_once(content).replace(COMPUTED, ""))
    answer = Response(content, content_type="text/html; charset=utf-8")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def linked_once(content: str) -> str:
    """The page, where an article that is cited again and again is a link the first time."""
    seen: set[str] = set()

    def link(match: re.Match[str]) -> str:
        again = match[1] in seen
        seen.add(match[1])
        return match[2] if again else match[0]

    return ARTICLE.sub(link, content)


#: The tags that end what the next tag ends: 3 %.
UNNEEDED = re.compile("</(?:option|li|d[dt])>")


class Shorter(Extension):
    """Templates without the tags that need not be there."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """The text of a template, before it is compiled."""
        return UNNEEDED.sub("", source)


@functools.cache
def templates() -> Environment:
    """The templates of the pages, which nobody changes while they are served."""
    found = render.templates().overlay(extensions=[Shorter], auto_reload=False, bytecode_cache=None)
    of_pages = {"ask": ask, "options": options, "by_year": given.by_year, "steps": steps}
    found.globals = {**found.globals, **of_pages}
    return found


def written(macro: str, *values: Hashable, **told: Hashable) -> Markup:
    """What a macro of the fields makes of its values."""
    return getattr(templates().get_template("fields.html").module, macro)(*values, **told)


#: The same, of what nobody sent: hundreds of texts, that are not escaped anew for each page.
kept = functools.lru_cache(maxsize=4096)(written)


def ask(field: Field, *more: Hashable, **told: Hashable) -> Markup:
    """A question, with its answer."""
    write = written if field.value or field.fault else kept
    return write("asked", field, *more, **told)


def steps(root: Step) -> Markup:
    """The steps of a calculation."""
    return Markup(UNNEEDED.sub("", render.steps(root)))


def options(macro: str, listed: Hashable, chosen: str) -> Markup:
    """What a list to open offers, one of them chosen."""
    mark = f'value="{escape(chosen)}"'
    return Markup(str(kept(macro, listed)).replace(mark, f"{mark} selected"))


#: In what is read, between two tags: where a line may not end.
UNTIED = re.compile(f" (?:(?=[{french.SIGNS}][^<>]*<)|(?<=« )(?=[^<>]*<))")

#: The end of a line, empty lines and the indent of the next: 2 %.
BETWEEN_LINES = re.compile(r"\n\s*")

#: A link to an article, and what steps say of most values.
ARTICLE = re.compile(r'<a href="(https://www\.legifrance[^"]*)">(.*?)</a>')
COMPUTED = '\n<em class="computed">calculé</em>'

#: What every template may use.
ALWAYS = {
    "marks": render.MARKS,
    "notice": render.NOTICE,
    "root": "/",
    "framed": False,
    "method": "get",
}


def field(answers: Answers, name: str, prefix: str = "q") -> Field:
    """A question with its answer, as it was given or in its one form."""
    asked = questions.question(law(), name, answers.month, today())
    value = answers.texts.get(name, "")
    if name in answers.values:
        value = shown_value(answers.values[name], asked.unit)
    month_of = question_de(name).mois
    return Field(
        asked,
        value,
        answers.faults.get(name, ""),
        asked.kind == "date" and name not in questions.ALWAYS_A_DATE,
        month_of,
        str(answers.decided.get(name, questions.periods_of(law(), name, answers.month)[0]))
        if month_of
        else "",
        prefix,
    )


def shown_value(value: Any, unit: str) -> str:
    """An answer as it stands in its field: dates and numbers as they are written in French."""
    if unit == questions.RATE:
        return f"{french.trimmed(100 * value, 1)}{french.BEFORE_UNIT}{unit}"
    text = questions.written(value)
    if isinstance(value, str) and questions.ISO.fullmatch(text):
        return "/".join(reversed(text.split("-")))
    if isinstance(value, float) and not isinstance(value, bool):
        return text.replace(".", ",")
    return text


def form(answers: Answers) -> dict[str, Any]:
    """All that the form shows."""
    first = {name: field(answers, name) for name in given.first()}
    own = [name for name in questions.own_resources(law(), answers.month) if name not in first]
    shown_apart = {*questions.askable(law()), questions.AT_SIGNATURE, questions.HOME}
    more = [
        name
        for name in dict.fromkeys([*answers.values, *answers.skipped, *answers.faults])
        if name in shown_apart and name not in first and name not in own
    ]
    year = unknowns.notice_year(law(), answers.month)
    return {
        "answers": answers,
        "offered": given.months_offered(law(), today()),
        "first": first,
        "own": [
            (theme, [field(answers, name) for name in own if question_de(name).theme == theme])
            for theme in (*THEMES, "")
        ],
        "own_answered": answers.others == given.YES
        or any(name in answers.values or name in answers.faults for name in own),
        "more": [field(answers, name) for name in more],
        **facts(answers),
        "year": year.start.year,
        "limit": unknowns.first_bracket_limit(law(), answers.month),
    }


def facts(answers: Answers) -> dict[str, Any]:
    """What may be said to have lasted some months only, and what is being said."""
    said = [request.values.get(name, "") for name in lasting.NAMES[1:]]
    return {"facts": lasting.facts(law(), answers.month), "fact": said}


def summary(answers: Answers) -> list[tuple[str, str, str]]:
    """The faults: anchor, question, message."""
    found = []
    for name, fault in answers.faults.items():
        label = LABELS.get(name) or questions.question(law(), name, answers.month).text
        found.append((f"q-{name}", label, fault))
    return found


def lever_summary(asked: WhatIf) -> list[tuple[str, str, str]]:
    """The faults of the reform: anchor, question, message."""
    labels = {lever.name: lever.label for lever in what_if.LEVERS}
    return [
        (f"q-{name}", labels.get(name) or LABELS[name], fault)
        for name, fault in asked.faults.items()
    ]


def result_context(found: Result, answers: Answers) -> dict[str, Any]:
    """What the template tells of a result."""
    wage = answers.values.get(names.WAGE)
    here = None if wage is None else (wage, found.detail.amount)
    whole = dataclasses.replace(answers, complete=True)
    case, share = answers.address(""), answers.address(resultat=found.shared)
    return {
        "found": found,
        "low": found.bounds[0],
        "high": found.bounds[1],
        "next": [field(answers, name, "p") for name in found.next],
        "skipped": [field(answers, name) for name in found.skipped],
        "presumed": presumed(found),
        "hidden": hidden(answers, found.next),
        "chart": picture([found.curve], here) if found.curve else "",
        "rows": results.curve_rows(found.curve) if found.curve else [],
        "sentences": sentences(found.curve) if found.curve else [],
        "share": share,
        "json": f"/situation.json{case}",
        "yaml": f"/cas.yaml{case}",
        "analyse": f"/analyse{case}",
        "received": f"/recu{case}",
        "several": f"/mois{case}",
        "vouched": whole.query(),
        "recap": "\n".join([*recap(found, answers), public(share)]),
    }


def recap(found: Result, answers: Answers) -> Iterator[str]:
    """What to keep of a result besides its link: the answers, the sum, the articles."""
    month = french.month(answers.month)
    yield f"Allocation du contrat d'engagement jeune, {month} : {found.figure}"
    yield from filter(None, (found.arithmetic, found.why))
    yield from (f"- {one.text}" for one in found.doubts)
    yield from (f"- {one.sentence}" for one in found.detail.resources)
    yield from case_told(answers)
    articles = {one.cited for step in found.detail.root.all() for one in step.articles}
    of_others = {one for one in articles if " " in one}
    told = " ; ".join([", ".join(sorted(articles - of_others)), *sorted(of_others)])
    yield f"Code du travail : {told}. {found.checked}"


def public(address: str) -> str:
    """An address of the site, as others may write it."""
    return str(current_app.config["CEJ_ADDRESS"].rstrip("/")) + address


def case_told(answers: Answers) -> Iterator[str]:
    """The answers, and what a text to keep ends with."""
    yield ""
    yield "Réponses :"
    if answers.contract == given.NOT_YET:
        yield "- Contrat : pas encore signé"
    for name in answers.values:
        asked = field(answers, name)
        told = dict(asked.question.choices).get(asked.value, asked.value)
        yield f"- {asked.question.text} {told}{' €' if asked.question.unit == '€' else ''}"
    yield from (f"- {one.sentence}" for one in answers.lasting)
    if answers.others == given.NO:
        yield "- Aucune autre ressource"
    if answers.complete:
        yield "- Rien d'autre à signaler : la page du lien redit ce qui est écarté"
    yield ""
    yield render.NOTICE


def presumed(found: Result) -> list[str]:
    """What was vouched for, and the answer that stands for it; resources by their names only."""
    nothing = [unknown.label for unknown in found.presumed if unknown.is_resource]
    others = [unknown for unknown in found.presumed if not unknown.is_resource]
    told = [f"Rien reçu de ceci : {' ; '.join(nothing)}."] if nothing else []
    return told + [f"{unknown.label} : {unknown.assumed}." for unknown in others]


def hidden(answers: Answers, names: Sequence[str]) -> list[tuple[str, str]]:
    """The answers that a form about a few questions carries along, and that these were asked."""
    asked = dataclasses.replace(answers, skipped=(*answers.skipped, *names))
    return asked.query()


#: A picture that is legible on a telephone.
ON_A_TELEPHONE = charts.Frame(400, 280, 46, 6)

#: Kinds of the curves, whether there is one or two, and the title of their picture.
SHOWN = {
    1: (["seule"], "Allocation du mois selon le salaire du mois précédent"),
    2: (["avant", "apres"], "Allocation du mois selon le salaire, avant et après la réforme"),
}


def picture(curves: Sequence[Curve], here: tuple[float, float] | None = None) -> Markup:
    """One curve, or before and after; of the points, ``here`` alone is marked (€ of resource,
    € of allowance). The picture escapes all that it holds.
    """
    kinds, title = SHOWN[len(curves)]
    told = [" ".join(sentences(one)) for one in curves]
    if len(told) > 1:
        told = [f"Droit en vigueur : {told[0]}", f"Réforme : {told[1]}"]
    named = [(kind, "", one) for kind, one in zip(kinds, curves, strict=True)]
    chart = curve_lines(named, ("courbe", title, " ".join(told)))
    series = [dataclasses.replace(one, dots=()) for one in chart.series]
    if here is not None and here[0] <= curves[0].maximum:
        # The first is drawn last.
        series.insert(0, charts.Series("ici", "", (), (here,)))
    drawn = dataclasses.replace(chart, series=series).drawn(ON_A_TELEPHONE)
    return Markup(charts.svg(chart, drawn, "courbe", ON_A_TELEPHONE))


def comparison(answers: Answers, asked: WhatIf) -> dict[str, Any] | None:
    """The case and its curve, before and after the reform; None when the case does not hold."""
    system = law()
    after = asked.reform(system) if asked.reform else system
    averaged = max(
        one.get_parameters_at_instant(answers.month).contrat_engagement_jeune.ressources[
            "nombre_mois"
        ]
        for one in (system, after)
    )
    try:
        sides = [results.side(one, system, answers, averaged) for one in (system, after)]
    except InvalidSituation as error:
        keep_faults(answers, error)
        return None
    return {
        "sides": sides if asked.reform else sides[:1],
        "chart": both(sides, asked),
        "rows": results.compared_rows(sides),
        "provisions": asked.reform.provisions(system) if asked.reform else [],
        "averaged": averaged,
        "file": asked.address("/reforme.yaml", answers.query()),
        "cost": asked.address("/cout", answers.query()),
        "case": answers.address(),
        "reform": asked.reform,
    }


def both(sides: list[results.AmountShown], asked: WhatIf) -> Any:
    """The curves before and after; one where nothing is changed."""
    curves = [side.curve for side in sides if side.curve is not None]
    if len(curves) < len(sides):
        return ""
    return picture(curves if asked.reform else curves[:1])
