"""The command ``openfisca-cej questions``: those that people really ask, and their answers."""

from gettext import gettext as _
from typing import TYPE_CHECKING

import click

from openfisca_cej.commands.shared import format_option
from openfisca_cej.rows import as_csv, as_json

if TYPE_CHECKING:
    from openfisca_cej.web.faq import FrequentQuestion


@click.command()
@click.argument("words", nargs=-1)
@format_option("text", "csv", "json", "md")
@click.pass_context
def questions(context: click.Context, words: tuple[str, ...], form: str) -> None:
    """Answer the questions that people ask, with amounts computed and articles of the law.

    WORDS choose among them, without accents or case: for instance parents, CAF, sanction.

    Exit status: 0, or 2 when no question has all the WORDS.
    """
    from openfisca_cej.systems import model
    from openfisca_cej.web import faq

    text = " ".join(words)
    found = faq.found(model(), text)
    if not found:
        why = [_("No question has all the words « {text} ».").format(text=text)]
        near = " », « ".join(one.question for one in faq.near(model(), text))
        why += [_("Did you mean « {near} »?").format(near=near)] if near else []
        click.echo(" ".join(why), err=True)
    if form == "json":
        told = [one.to_json() for one in found]
        click.echo(as_json(told))
    elif form == "csv":
        rows = ((one.name, one.question, one.text, one.texts) for one in found)
        click.echo(as_csv(rows, ("id", "question", "answer", "articles")), nl=False)
    elif found:
        click.echo("\n\n".join(written(one, form) for one in found))
    context.exit(0 if found else 2)


def written(one: "FrequentQuestion", form: str) -> str:
    """A question, its answer and its texts, in plain text or in Markdown."""
    if form == "md":
        return "\n".join(one.markdown(2))
    return f"{one.question}\n{one.text}\n({', '.join(one.texts)})"
