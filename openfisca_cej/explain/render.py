"""An explanation as text, Markdown, HTML or JSON."""

import contextlib
import datetime
import functools
import json
import sys
from collections.abc import Hashable, Iterable, Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
from jinja2.bccache import Bucket
from markupsafe import Markup, escape
from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from openfisca_cej import french, names
from openfisca_cej.explain import conditions, origins, tree
from openfisca_cej.explain.sources import ArticleUsed, Frozen, ParameterUsed
from openfisca_cej.explain.tree import Explanation, Step
from openfisca_cej.explain.unknowns import Unknown
from openfisca_cej.population.months import period_text
from openfisca_cej.versions import package_version

#: What stands before a condition.
MARKS = {conditions.MET: "✓", conditions.NOT_MET: "✗", conditions.UNKNOWN: "?"}

#: Questions told in full; the others are counted.
QUESTIONS = 8

#: Assumed inputs of a step that are named; more are counted.
NAMED = 3

NOTICE = (
    "Simulation, et non décision : seul l'organisme (mission locale, France Travail) décide. "
    "Ce n'est pas un site de l'État."
)


def title(explanation: Explanation) -> str:
    """What is explained."""
    return f"{explanation.person}, {french.month(explanation.month)}"


def headline(explanation: Explanation) -> str:
    """The answer in a sentence: one figure only when nothing missing could change it."""
    if explanation.answer is None:
        return f"{explanation.root.result}."
    return explanation.answer.sentence()


def as_assumed(explanation: Explanation) -> str:
    """What the amount is if everything that was not supplied is nil; empty when it is certain."""
    answer = explanation.answer
    if answer is None or answer.status == "certain":
        return ""
    return (
        f"Si tout ce qui n'a pas été donné vaut ce que le modèle suppose : "
        f"{french.euros(explanation.amount)}. Le détail suit cette hypothèse."
    )


def told_steps(step: Step) -> tuple[list[Step], str]:
    """The steps worth telling below this one, and a sentence on its assumed inputs."""
    told = [below for below in step.steps if below.origin != origins.ASSUMED]
    assumed = [below for below in step.steps if below.origin == origins.ASSUMED]
    if not assumed:
        return told, ""
    if len(assumed) > NAMED:
        return told, f"{len(assumed)} entrées non données, supposées à leur valeur par défaut"
    named = ", ".join(f"{below.label.lower()} ({below.result})" for below in assumed)
    return told, f"supposé : {named}"


def origin(step: Step) -> str:
    """Where a value comes from, in French."""
    text = tree.ORIGINS[step.origin]
    if step.rests_on_assumed:
        text += ", tout étant supposé"
    return f"{text} ({step.origin_detail})" if step.origin_detail else text


def cited(step: Step) -> str:
    """The articles of a step, with the day from which their version applies."""
    return " ; ".join(
        f"{article.title}, version du {day(article.since)}" for article in step.articles
    )


def parameter_line(used: ParameterUsed) -> str:
    """A parameter with its value, since when and how sure."""
    since = day(used.since) if used.since else "toujours"
    sure = f", {used.confidence}" if used.confidence else ""
    return f"{used.label} : {used.written} (depuis le {since}{sure})"


def shown_parameters(step: Step) -> list[ParameterUsed]:
    """The parameters of a step that are numbers: lists of resources tell themselves by the line.

    Of a table of amounts, only the one that was taken is shown.
    """
    numbers = [used for used in step.parameters if not isinstance(used.value, list)]
    motifs = {below.value for below in step.steps if below.variable == names.DECISION}
    if motifs:
        # Of the scale, the lines of the motif only.
        return [used for used in numbers if motifs & set(used.path.split("."))]
    if step.variable.startswith(names.LUMP_SUM):
        return [used for used in numbers if used.value == step.value][:1]
    return numbers


def freshness_lines(explanation: Explanation) -> Iterator[str]:
    """Until when the law was checked, what it has moved since, what is deduced."""
    freshness = explanation.freshness
    if freshness.checked_until:
        yield f"Droit vérifié jusqu'au {day(freshness.checked_until)}."
    yield from (item.sentence for item in freshness.frozen)
    if freshness.deduced:
        listed = " ; ".join(f"{used.label} ({used.written})" for used in freshness.deduced)
        yield f"Valeurs déduites, jamais vues imprimées ou convenues : {listed}."


def effects(unknown: Unknown, assumed: float) -> str:
    """What each value of an unknown would give."""
    if unknown.is_resource:
        return (
            f"rien : {french.euros(assumed)} ; l'allocation baisse quand cette ressource monte, "
            f"jusqu'à {french.euros(unknown.amounts[0])}"
        )
    values = [(unknown.assumed, assumed)]
    values += [(t.told, a) for t, a in zip(unknown.trials, unknown.amounts, strict=True)]
    return " ; ".join(f"{told} : {french.euros(amount)}" for told, amount in values)


def questions(explanation: Explanation) -> tuple[list[Unknown], int]:
    """The questions told in full, and how many others there are."""
    unknowns = explanation.answer.unknowns if explanation.answer else []
    return unknowns[:QUESTIONS], max(len(unknowns) - QUESTIONS, 0)


def plain(explanation: Explanation) -> list[str]:
    """How the amount comes about, and each resource that counts."""
    told = [explanation.reason, *(f"{one.sentence}." for one in explanation.resources)]
    return [text for text in told if text]


def others(count: int) -> str:
    """How many questions are not told."""
    s = french.plural(count)
    return f"… et {count} autre{s} question{s}."


# Text


def to_text(explanation: Explanation) -> Group:
    """The explanation for a terminal."""
    parts: list[Any] = [Text(title(explanation), style="bold")]
    parts.append(Padding(Text(headline(explanation), style="bold green"), (0, 2)))
    if as_assumed(explanation):
        parts.append(Padding(Text(as_assumed(explanation)), (0, 2)))
    for remark in explanation.remarks:
        parts.append(Padding(Text(remark, style="yellow"), (0, 2)))
    if explanation.conditions:
        parts += [Text("\nConditions", style="bold"), text_conditions(explanation)]
    asked, left = questions(explanation)
    if asked:
        parts += [Text("\nÀ demander, le plus utile d'abord", style="bold")]
        for rank, unknown in enumerate(asked, 1):
            parts.append(Padding(Text(f"{rank}. {unknown.question}"), (0, 2)))
            parts.append(Padding(Text(effects(unknown, explanation.amount), style="dim"), (0, 5)))
    if left:
        parts.append(Padding(Text(others(left)), (0, 2)))
    parts.append(Text("\nPourquoi", style="bold"))
    parts += [Padding(Text(text), (0, 2)) for text in plain(explanation)]
    parts.append(text_tree(explanation.root))
    closing = [explanation.counterfactual, *freshness_lines(explanation), NOTICE]
    parts.append(Text("\n" + "\n".join(line for line in closing if line)))
    return Group(*parts)


def text_tree(step: Step) -> Tree:
    """The steps for a terminal."""
    branch = Tree(text_step(step), guide_style="dim")
    add_text_steps(branch, step)
    return branch


def add_text_steps(branch: Tree, step: Step) -> None:
    """Add the steps below."""
    told, left = told_steps(step)
    for below in told:
        add_text_steps(branch.add(text_step(below)), below)
    if left:
        branch.add(Text(left, "dim"))


def text_step(step: Step) -> Text:
    """One step for a terminal."""
    text = Text()
    text.append(f"{step.label} : ")
    text.append(step.result, style="bold")
    text.append(f"  [{origin(step)}]", style="dim")
    if step.repeated:
        text.append("  voir plus haut", style="dim")
        return text
    if step.line and step.arithmetic != step.result:
        text.append(f"\n{step.arithmetic}", style="cyan")
    if step.comment:
        text.append(f"  ({step.comment})", style="cyan")
    if step.articles:
        text.append(f"\n{cited(step)}", style="dim")
    for used in shown_parameters(step):
        text.append(f"\n{parameter_line(used)}", style="dim")
    return text


def text_conditions(explanation: Explanation) -> Table:
    """The conditions for a terminal."""
    table = Table.grid(padding=(0, 1))
    styles = {conditions.MET: "green", conditions.NOT_MET: "bold red", conditions.UNKNOWN: "yellow"}
    for condition in explanation.conditions:
        mark = Text(MARKS[condition.state], style=styles[condition.state])
        table.add_row(" ", mark, Text(condition.sentence))
    return table


# Markdown


def to_markdown(explanation: Explanation) -> str:
    """The explanation in Markdown."""
    return "\n".join(markdown_lines(explanation)) + "\n"


def markdown_lines(explanation: Explanation) -> Iterator[str]:
    """Lines of the Markdown."""
    yield f"# {escaped(title(explanation))}"
    yield ""
    yield f"**{escaped(headline(explanation))}**"
    for text in (as_assumed(explanation), *explanation.remarks):
        if text:
            yield ""
            yield escaped(text)
    if explanation.conditions:
        yield from ("", "## Conditions", "")
    for condition in explanation.conditions:
        yield f"- {MARKS[condition.state]} {escaped(condition.sentence)}"
    asked, left = questions(explanation)
    if asked:
        yield from ("", "## À demander, le plus utile d'abord", "")
        for rank, unknown in enumerate(asked, 1):
            yield f"{rank}. {escaped(unknown.question)}  "
            yield f"   {escaped(effects(unknown, explanation.amount))}"
    if left:
        yield from ("", others(left))
    yield from ("", "## Pourquoi", "")
    for text in plain(explanation):
        yield from (escaped(text), "")
    yield from markdown_steps(explanation.root, 0)
    yield ""
    for text in (explanation.counterfactual, *freshness_lines(explanation), NOTICE):
        if text:
            yield escaped(text)
            yield ""


def markdown_steps(step: Step, depth: int) -> Iterator[str]:
    """A step and those below, as a nested list."""
    indent = "  " * depth
    text = f"{indent}- {escaped(step.label)} : **{escaped(step.result)}** — {escaped(origin(step))}"
    if step.repeated:
        yield f"{text}, voir plus haut"
        return
    yield text
    if step.line and step.arithmetic != step.result:
        yield f"{indent}  `{step.arithmetic}`"
    if step.comment:
        yield f"{indent}  ({escaped(step.comment)})"
    for article in step.articles:
        since = day(article.since)
        yield f"{indent}  [{escaped(article.title)}, version du {since}]({article.href})"
    for used in shown_parameters(step):
        yield f"{indent}  {escaped(parameter_line(used))}"
    told, left = told_steps(step)
    for below in told:
        yield from markdown_steps(below, depth + 1)
    if left:
        yield f"{indent}  - {escaped(left)}"


def escaped(text: str) -> str:
    """Text in which Markdown and HTML see no mark of theirs."""
    for mark in ("\\", "`", "*", "_", "[", "]", "<", ">", "#", "|"):
        text = text.replace(mark, f"\\{mark}")
    return text.replace("\n", " ")


# HTML


#: What templates write French with.
FILTERS = ("euros", "held", "month", "number", "of", "plural", "trimmed")

#: The rooms that have templates, in the order in which a name is looked for.
WITH_TEMPLATES = ("explain", "report", "web")


class CompiledTemplates(jinja2.FileSystemBytecodeCache):
    """Templates compiled once for all, beside the modules that Python compiles: it takes as long as
    half of writing a report.

    What Jinja makes of a text depends on its version and on ours: an upgrade compiles them again.
    """

    def __init__(self, folder: str) -> None:
        versions = f"{package_version('jinja2')}_{package_version()}"
        super().__init__(folder, f"__jinja2_%s_{versions}.cache")

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template that was compiled, where that can be."""
        with contextlib.suppress(OSError):
            super().dump_bytecode(bucket)


@functools.cache
def templates() -> jinja2.Environment:
    """The templates of all the rooms; everything written in them is escaped."""
    root = Path(__file__).parent.parent
    folders = [root / room / "templates" for room in WITH_TEMPLATES]
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folders),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    if not sys.dont_write_bytecode:
        environment.bytecode_cache = CompiledTemplates(str(root / "__pycache__"))
    environment.filters.update({name: getattr(french, name) for name in FILTERS}, day=day)
    return environment


def steps(step: Step) -> Markup:
    """A step and those below, as the item of a list: a template would take three times as long."""
    return Markup("\n".join(html_steps(step)))


def html_steps(step: Step) -> Iterator[str]:
    """The lines of the item."""
    told, left = told_steps(step)
    result, line = step.result, step.arithmetic
    yield f"<li>\n<p>{escape(step.label)} : <strong>{escape(result)}</strong>"
    if step.repeated:
        yield f'<em class="{step.origin}">{escape(origin(step))}, voir plus haut</em></p></li>'
        return
    yield f'<em class="{step.origin}">{escape(origin(step))}</em></p>'
    if line == result:
        line = ""
    comment = f" ({step.comment})" if step.comment and line else step.comment
    if line or comment:
        yield f'<p class="line">{escape(line + comment)}</p>'
    yield from law_of(step.label, tuple(step.articles), tuple(shown_parameters(step)))
    if told or left:
        yield '<ul class="steps">'
        for below in told:
            yield from html_steps(below)
        if left:
            yield f'<li><p><em class="assumed">{escape(left)}</em></p></li>'
        yield "</ul>"
    yield "</li>"


@functools.lru_cache(maxsize=4096)
def law_of(
    label: str, articles: tuple[ArticleUsed, ...], parameters: tuple[ParameterUsed, ...]
) -> tuple[str, ...]:
    """The articles and the parameters of a step: the same for everyone, they are written once."""
    if not (articles or parameters):
        return ()
    lines = [f'<details>\n<summary>Droit<span class="hidden"> : {escape(label)}</span></summary>']
    lines.append("<ul>")
    for article in articles:
        until = f" au {day(article.until)}" if article.until else ""
        lines.append(
            f"<li>{link(article.title, article.href)}, version du {day(article.since)}{until}</li>"
        )
    for used in parameters:
        sources = " ; ".join(link(title, href) for title, href in used.sources)
        lines.append(f"<li>{escape(parameter_line(used))}{sources and f' — {sources}'}</li>")
    return (*lines, "</ul>\n</details>")


def link(title: str, href: str) -> str:
    """A title, that leads where there is an address."""
    return f'<a href="{escape(href)}">{escape(title)}</a>' if href else escape(title)


def day(text: str) -> str:
    """A day in ISO, in French."""
    return french.day(datetime.date.fromisoformat(text))


def to_html(explanation: Explanation) -> str:
    """The explanation as a page: self-contained, no script, no request."""
    asked, left = questions(explanation)
    page = (
        templates()
        .get_template("explanation.html")
        .render(
            explanation=explanation,
            title=title(explanation),
            headline=headline(explanation),
            as_assumed=as_assumed(explanation),
            plain=plain(explanation),
            marks=MARKS,
            steps=steps(explanation.root),
            effects=effects,
            asked=asked,
            others=others(left) if left else "",
            closing=[explanation.counterfactual, *freshness_lines(explanation)],
            notice=NOTICE,
        )
    )
    head, body, content = page.partition("<body>")
    return head + body + french.unbroken(content)


# CSV


#: What is told of a step on its line.
COLUMNS = ("variable", "label", "period", "value", "unit", "origin", "arithmetic", "articles")


def row(step: Step) -> dict[str, Any]:
    """One step on a line."""
    told = {
        "period": period_text(step.period),
        "value": json_value(step.value),
        "articles": [article.title for article in step.articles],
    }
    return {name: told.get(name, getattr(step, name)) for name in COLUMNS}


# JSON


def schema() -> dict[str, Any]:
    """The JSON Schema of ``to_json``."""
    file = resources.files("openfisca_cej.explain") / "schema.json"
    return json.loads(file.read_text(encoding="utf-8"))


class Once:
    """What is told once, and said everywhere else by its rank."""

    def __init__(self) -> None:
        self.ranks: dict[Hashable, int] = {}
        self.told: list[dict[str, Any]] = []

    def rank(self, key: Hashable, item: ArticleUsed | ParameterUsed) -> int:
        """The rank of what has this key; it is told the first time."""
        rank = self.ranks.setdefault(key, len(self.told))
        if rank == len(self.told):
            self.told.append(item.as_json)
        return rank


class Telling:
    """An explanation as JSON, its articles and its parameters once each."""

    def __init__(self) -> None:
        self.cited, self.read = Once(), Once()

    def parameters(self, used: Iterable[ParameterUsed]) -> list[int]:
        """The ranks of some parameters, by their values."""
        return [self.read.rank((one.path, one.since), one) for one in used]

    def step(self, step: Step) -> dict[str, Any]:
        """One step and those below; what is empty, or told elsewhere, is left out."""
        told = {
            "variable": step.variable,
            "label": step.label,
            "entity": step.entity,
            "instance": step.instance,
            "period": period_text(step.period),
            "value": json_value(step.value),
            "written": step.result,
            "origin": step.origin,
        }
        if step.unit:
            told["unit"] = step.unit
        if step.origin_detail:
            told["origin_detail"] = step.origin_detail
        if step.rests_on_assumed:
            told["rests_on_assumed"] = True
        if step.repeated:
            told["repeated"] = True
        elif step.articles or step.parameters or step.steps or step.line or step.comment:
            more = {
                "arithmetic": step.arithmetic,
                "comment": step.comment,
                "articles": [self.cited.rank(article, article) for article in step.articles],
                "parameters": self.parameters(step.parameters),
                "steps": [self.step(below) for below in step.steps],
            }
            told.update((name, what) for name, what in more.items() if what)
        return told


def json_value(value: Any) -> Any:
    """A value of a step as JSON has it."""
    return value.isoformat() if isinstance(value, datetime.date) else value


def to_json(explanation: Explanation) -> dict[str, Any]:
    """The explanation as JSON: see ``schema.json``."""
    telling = Telling()
    return {
        "version": tree.VERSION,
        "person": explanation.person,
        "month": str(explanation.month),
        "headline": headline(explanation),
        "answer": explanation.answer.to_json() if explanation.answer else None,
        "reason": explanation.reason,
        "resources": [one.to_json() for one in explanation.resources],
        "root": telling.step(explanation.root),
        "conditions": [
            {
                "variable": condition.variable,
                "label": condition.label,
                "state": condition.state.replace(" ", "_"),
                "assumed_met": condition.assumed_met,
                "depends_on": list(condition.depends_on),
                "detail": condition.detail,
                "changes_on": condition.changes_on or None,
            }
            for condition in explanation.conditions
        ],
        "counterfactual": explanation.counterfactual,
        "freshness": {
            "checked_until": explanation.freshness.checked_until or None,
            "deduced": telling.parameters(explanation.freshness.deduced),
            "frozen": [frozen_json(item) for item in explanation.freshness.frozen],
        },
        "articles": telling.cited.told,
        "parameters": telling.read.told,
        "remarks": explanation.remarks,
        "notice": NOTICE,
    }


def frozen_json(item: Frozen) -> dict[str, str]:
    """A value that the law has moved since."""
    return {
        "path": item.path,
        "label": item.label,
        "written": item.written,
        "since": item.since,
        "due": item.due,
        "sentence": item.sentence,
    }
