"""The command ``openfisca-cej law``: what the model makes of each paragraph, and what changed."""

import dataclasses
import datetime
from gettext import gettext as _
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from openfisca_cej import french
from openfisca_cej.commands.shared import InputFile, Refused
from openfisca_cej.commands.situations import write
from openfisca_cej.refusals import no_access
from openfisca_cej.rows import as_csv, as_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openfisca_cej.droit.registre import ArticleEntry, Paragraph
    from openfisca_cej.droit.veille import Finding, Index

#: Columns of the table of paragraphs.
WIDTH = 144

#: How a count of paragraphs tells their status.
PLURALS = {"calculé": "calculés", "en partie": "en partie", "non calculé": "non calculés"}

#: Where the tests are, when the package is used from its source tree.
TESTS = Path(__file__).resolve().parents[2] / "tests" / "contrat_engagement_jeune"

#: What CSV tells of each paragraph.
PARAGRAPH = ("article", "code", "paragraph", "since", "until", "status", "says", "reason")

FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "csv", "json"]),
    help="csv: a paragraph, or what moved, a line [default: text]",
)
TESTS_OPTION = click.option(
    "--tests",
    "folder",
    metavar="FOLDER",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=None,
    help="Folder of the tests in YAML [default: that of the source tree, if it is there].",
)


class ArticleOrCommand(click.Group):
    """A group whose other words are the name of an article."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command of the first word; else the one that shows an article, with all the words."""
        if args[0] in self.commands:
            return super().resolve_command(ctx, args)
        return "article", article, args


@click.group(
    cls=ArticleOrCommand, invoke_without_command=True, subcommand_metavar="[ARTICLE | watch]"
)
@FORMAT
@TESTS_OPTION
@click.pass_context
def law(context: click.Context, form: str | None, folder: Path | None) -> None:
    """Tell which paragraphs of the law are computed, partly or not, and why.

    Without ARTICLE: all the articles, with counts. With one (D5131-19, « CGI 197 »): its
    paragraphs, dated versions, parameters, variables and tests, each with the file and line where
    it is written; a mark after it (« D5131-19 III ») keeps the paragraphs that it starts. An
    unknown one: exit status 2.
    """
    context.obj = (form, folder)
    if context.invoked_subcommand is not None:
        return
    from openfisca_cej.droit.registre import entries

    if form == "json":
        click.echo(as_json(register_told()))
    elif form == "csv":
        click.echo(as_csv(paragraph_rows(register_told()["articles"]), PARAGRAPH), nl=False)
    else:
        show_register(entries())


@law.command(name="law ARTICLE", hidden=True)
@click.argument("words", metavar="ARTICLE", nargs=-1, required=True)
@FORMAT
@TESTS_OPTION
@click.pass_context
def article(
    context: click.Context, words: tuple[str, ...], form: str | None, folder: Path | None
) -> None:
    """Show one article, or one paragraph of it: versions, parameters, variables and tests."""
    from openfisca_cej.droit.fiche import dossier
    from openfisca_cej.systems import model

    found = find_article(" ".join(words))
    system = model()
    chosen = folder or context.obj[1] or TESTS
    tests = tests_of(chosen)
    told = [
        dossier(
            dataclasses.replace(entry, paragraphs=parts), system, tests_about(entry, parts, tests)
        )
        for entry, parts in found
    ]
    for test in (test for one in told for test in one["tests"] or ()):
        test["place"] = place_of_test(chosen, test)
    if (form or context.obj[0]) == "json":
        click.echo(as_json(told))
        return
    if (form or context.obj[0]) == "csv":
        click.echo(as_csv(paragraph_rows(told), PARAGRAPH), nl=False)
        return
    for one in told:
        click.echo("\n".join(written(one)))


@law.command()
@click.option(
    "--index",
    "file",
    metavar="FILE",
    type=InputFile(),
    help="LEGITEXT000006072050.json of @socialgouv/legi-data, or an extract of it "
    "[default: the extract of the package].",
)
@click.option("--fetch", is_flag=True, help="Fetch @socialgouv/legi-data with npm first.")
@click.option(
    "--today", metavar="YYYY-MM-DD", help="The day to reason from [default: the current day]."
)
@click.option(
    "--register-on",
    metavar="YYYY-MM-DD",
    help="Forget what the register knows of later days, to see what would have been found.",
)
@click.option(
    "--extract",
    "extract_file",
    metavar="FILE",
    type=click.Path(dir_okay=False, allow_dash=True, path_type=Path),
    help="Write the identifiers and days that were compared.",
)
@FORMAT
@click.pass_context
def watch(
    context: click.Context,
    file: Path | None,
    fetch: bool,
    today: str | None,
    register_on: str | None,
    extract_file: Path | None,
    form: str | None,
) -> None:
    """Compare the register with an index of the Code du travail, and look for outdated values.

    Tells the articles changed, repealed, about to expire or new, the parameters that nobody has
    checked since the last 1 January or 1 April (or the last SMIC), an index older than six months,
    which can show no recent change, and the texts of the register that are not watched.

    Exit status: 0 nothing, 1 something to look at, 2 wrong usage.
    """
    from openfisca_cej.droit import veille
    from openfisca_cej.systems import model

    if fetch and file is not None:
        raise Refused(_("--fetch and --index both give the index: keep one."))
    day = read_day("--today", today) or datetime.date.today()
    known_on = read_day("--register-on", register_on)
    try:
        index = veille.fetched() if fetch else veille.read(file or veille.EXTRACT)
        if extract_file is not None:
            write(veille.text(index), extract_file)
    except (veille.NotAnIndex, veille.NotFetched) as error:
        raise Refused(str(error)) from None
    except OSError as error:
        raise Refused(f"{no_access(error.filename or extract_file, error)}.") from None
    findings = veille.aged(index, day, is_newest=fetch)
    findings += veille.findings(index, day, known_on)
    findings += veille.outdated(model(), day)
    remarks = veille.remarks(index)
    if (form or context.obj[0]) == "json":
        told: dict[str, Any] = {
            "index": index.source,
            "index_day": index.day.isoformat(),
            "today": day.isoformat(),
        }
        told |= {"findings": [one.to_json() for one in findings], "remarks": remarks}
        told["unwatched"] = veille.unwatched()
        click.echo(as_json(told))
    elif (form or context.obj[0]) == "csv":
        rows = (one.to_json() for one in findings)
        click.echo(as_csv(rows, ("kind", "subject", "sentence", "link")), nl=False)
    else:
        show_watch(index, findings, remarks, veille.unwatched())
    context.exit(1 if findings else 0)


def read_day(option: str, text: str | None) -> datetime.date | None:
    """The day of an option. Raises Refused."""
    if text is None:
        return None
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        why = _("{option}: « {text} » is not a date (expected YYYY-MM-DD).")
        raise Refused(why.format(option=option, text=text)) from None


def find_article(text: str) -> "list[tuple[ArticleEntry, tuple[Paragraph, ...]]]":
    """The entries of an article, with the paragraphs asked for: all, or those of a mark.

    Raises Refused with the nearest names, or with the marks of the article.
    """
    from openfisca_cej.droit import registre

    found, mark = registre.find_paragraph(text)
    if not found:
        near = registre.nearest(text)
        raise Refused(
            " ".join(
                [
                    _("« {text} » is not in the register.").format(text=text),
                    *([_("Did you mean {near}?").format(near=", ".join(near))] if near else []),
                    _("« openfisca-cej law » lists the articles."),
                ]
            )
        )
    kept = [(entry, entry.marked(mark)) for entry in found]
    if not any(parts for _, parts in kept):
        marks = dict.fromkeys(part.mark for entry in found for part in entry.paragraphs)
        why = _("{article} has no paragraph « {mark} » in the register. It has: {marks}.")
        raise Refused(why.format(article=found[0].name, mark=mark, marks="; ".join(marks)))
    return [(entry, parts) for entry, parts in kept if parts]


def tests_about(
    entry: "ArticleEntry",
    parts: "tuple[Paragraph, ...]",
    tests: "dict[ArticleEntry, list[tuple[str, str]]] | None",
) -> list[tuple[str, str]] | None:
    """The tests that cite the article; of some of its paragraphs, those that prove them."""
    if tests is None or parts == entry.paragraphs:
        return None if tests is None else tests[entry]
    everything = dict.fromkeys(test for cited in tests.values() for test in cited)
    return [test for test in everything if any(entry.proves(test[1], part) for part in parts)]


def tests_of(folder: Path) -> "dict[ArticleEntry, list[tuple[str, str]]] | None":
    """The tests that cite each article; None when there is no folder of tests."""
    from openfisca_cej.droit.registre import tests_by_entry

    return tests_by_entry(folder) if folder.is_dir() else None


def place_of_test(folder: Path, test: dict[str, str]) -> str:
    """« path:line » of a test of the folder."""
    from openfisca_cej.droit import places

    file = (folder / test["file"]).resolve()
    return places.shown(file, places.lines_of_cases(file)[test["name"]])


def register_told() -> dict[str, Any]:
    """The whole register, fit for JSON."""
    from openfisca_cej.droit.fiche import paragraph
    from openfisca_cej.droit.registre import counts, entries

    return {
        "articles": [
            {
                "article": entry.title,
                "code": entry.code,
                "paragraphs": [paragraph(part) for part in entry.paragraphs],
            }
            for entry in entries()
        ],
        "counts": counts(entries()),
    }


def paragraph_rows(articles: list[dict[str, Any]]) -> "Iterator[dict[str, Any]]":
    """The paragraphs of articles, one a row."""
    for entry in articles:
        for part in entry["paragraphs"]:
            yield {"article": entry["article"], "code": entry["code"], **part}


def show_register(entries: "tuple[ArticleEntry, ...]") -> None:
    """Print the table of paragraphs, then how many have each status."""
    from rich import box
    from rich.table import Table

    from openfisca_cej.commands.shared import wide_console
    from openfisca_cej.droit.registre import counts, dated

    table = Table(box=box.SIMPLE_HEAD, title="Le droit et le modèle, paragraphe par paragraphe")
    for heading in ("Article", "Paragraphe", "Ce qu'il dit", "Statut", "Raison"):
        table.add_column(heading, no_wrap=heading in ("Article", "Statut", "Raison"))
    for entry in entries:
        for rank, part in enumerate(entry.paragraphs):
            mark = " ".join([part.mark, *dates(part.since, part.until)])
            reason = (part.reason or "").split(" : ")[0]
            table.add_row("" if rank else entry.title, mark, part.says, part.status, reason)
    wide_console(WIDTH).print(table, markup=False)
    found = counts(entries)
    click.echo(
        f"{len(entries)} textes, dont {len(dated(entries))} aux versions datées, "
        f"{sum(found.values())} paragraphes : "
        + ", ".join(f"{number} {PLURALS[status]}" for status, number in found.items())
        + "."
    )
    click.echo("Un article : openfisca-cej law D5131-19. Le détail : --format json.")


def dates(since: datetime.date | None, until: datetime.date | None) -> list[str]:
    """« (depuis le …, jusqu'au …) », or nothing where it is always so."""
    ends = [
        f"{word} {french.short_day(day)}"
        for word, day in (("depuis le", since), ("jusqu'au", until))
        if day is not None
    ]
    return [f"({', '.join(ends)})"] if ends else []


def written(told: dict[str, Any]) -> list[str]:
    """An article as lines of text."""
    return [
        f"{told['article']} — {told['code']}",
        *section("Paragraphes", paragraph_lines(told["paragraphs"])),
        *section("Versions", version_lines(told["versions"])),
        *section("Paramètres", parameter_lines(told["parameters"])),
        *section("Règles et entrées", variable_lines(told["variables"])),
        *section("Tests", test_lines(told["tests"])),
        "",
    ]


def section(title: str, lines: list[str]) -> list[str]:
    """A title and its lines, or « aucun »."""
    return ["", title, *(f"  {line}" for line in lines or ["aucun"])]


def paragraph_lines(paragraphs: list[dict[str, Any]]) -> list[str]:
    """Mark, dates and status, then what the paragraph says, why, and what carries it."""
    lines = []
    for part in paragraphs:
        lines.append(f"{part['paragraph']}{ends(part['since'], part['until'])} — {part['status']}")
        lines.append(f"    {part['says']}.")
        if part["reason"]:
            lines.append(f"    {part['reason']}")
        carried = [*part["variables"], *part["parameters"]]
        if carried:
            lines.append(f"    → {', '.join(carried)}")
    return lines


def ends(since: str | None, until: str | None) -> str:
    """The same dates as in the table, from texts."""
    days = (None if text is None else datetime.date.fromisoformat(text) for text in (since, until))
    return "".join(f" {text}" for text in dates(*days))


def version_lines(versions: list[dict[str, Any]]) -> list[str]:
    """Days, what changed, how it is known, and the link."""
    lines = []
    for version in versions:
        end = version["last_day"] or "en vigueur"
        kept = version["maintained_until"]
        maintained = f", maintenue jusqu'au {kept}" if kept else ""
        lines.append(
            f"{version['first_day']} → {end}{maintained} : {version['change']} "
            f"({version['confidence']})"
        )
        lines.append(f"    {version['link']}")
    return lines


def parameter_lines(parameters: list[dict[str, Any]]) -> list[str]:
    """The path and the description, the file, then the values from each day on and their line."""
    lines = []
    for parameter in parameters:
        lines.append(f"{parameter['path']} — {parameter['description']}")
        lines.append(f"    {parameter['place']}")
        lines += [
            f"    {day} : {value_text(value)} (ligne {parameter['lines'][day]})"
            for day, value in parameter["values"].items()
        ]
    return lines


def value_text(value: Any) -> str:
    """A value of a parameter as the French write it."""
    from openfisca_cej.french import trimmed

    if value is None:
        return "fin"
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, int | float):
        return trimmed(value, 6)
    if value and isinstance(value[0], dict):
        return " ; ".join(bracket_text(bracket) for bracket in value)
    return ", ".join(value) or "aucune"


def bracket_text(bracket: dict[str, float]) -> str:
    """« 11 % à partir de 11 600 »."""
    rate, threshold = (value_text(value) for value in (100 * bracket["rate"], bracket["threshold"]))
    return f"{rate} % à partir de {threshold}"


def variable_lines(variables: list[dict[str, Any]]) -> list[str]:
    """Name and label, whether it is computed or asked for, and where."""
    lines = []
    for one in variables:
        kind = "calculée" if one["computed"] else "entrée"
        lines.append(f"{one['name']} ({kind}) — {one['label']}")
        lines += [f"    {one['place']}"] if one["place"] else []
    return lines


def test_lines(tests: list[dict[str, str]] | None) -> list[str]:
    """The tests that cite the article, or that they are not at hand."""
    if tests is None:
        return ["Les tests ne sont pas installés avec le paquet : --tests DOSSIER dit où ils sont."]
    return [f"{test['place']} : {test['name']}" for test in tests]


def show_watch(
    index: "Index", findings: "list[Finding]", remarks: list[str], unwatched: list[str]
) -> None:
    """Print what was found, one line a finding, and last what no index can tell of."""
    click.echo(f"Index : {index.source}, état du droit au {french.short_day(index.day)}.")
    for remark in remarks:
        click.echo(remark)
    for one in findings:
        click.echo(f"- {one.kind} : {one.sentence}")
    click.echo(f"{len(findings)} à regarder." if findings else "Rien à regarder.")
    click.echo(
        f"{len(unwatched)} textes du registre ne sont pas surveillés : {', '.join(unwatched)}."
    )
