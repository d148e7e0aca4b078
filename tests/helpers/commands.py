"""The commands as they are declared, what each needs, and in which language a text is."""

import re
from collections.abc import Iterator, Mapping

import click

from openfisca_cej.situation_examples import DOSSIER

SITUATION = str(DOSSIER / "jeune_seul.json")

#: What a required parameter may be given: each name has one meaning in all commands.
GOOD = {
    "--from": "2026-01",
    "--month": "2026-11",
    "--paid": "339.70",
    "--universe": "entrants",
    "declared": SITUATION,
    "manifest": SITUATION,
    "real": SITUATION,
    "reforms": "ressources_trois_mois",
    "situation": SITUATION,
    "source": SITUATION,
    "words": "D5131-19",
}

#: Words that only one of the languages has.
WORDS = {
    "en": {"the", "of", "and", "with", "which", "is", "are", "or", "by", "not", "for"},
    "fr": {"le", "la", "les", "des", "est", "une", "avec", "ou", "par", "dans", "pour", "ce"},
}


def leaves(command: click.Command, *path: str) -> Iterator[tuple[str, click.Command]]:
    """The commands that do something, after the words that lead to them."""
    below = getattr(command, "commands", {})
    if path and (not below or getattr(command, "invoke_without_command", False)):
        yield " ".join(path), command
    for name, one in below.items():
        # « law ARTICLE » is found by its argument.
        yield from leaves(one, *path, name.removeprefix(" ".join([*path, ""])))


def name_of(parameter: click.Parameter) -> str:
    """« --month », or the name of an argument."""
    return parameter.opts[0] if isinstance(parameter, click.Option) else str(parameter.name)


def words(command: str) -> list[str]:
    """What is typed to call a command, before its arguments."""
    return command.removesuffix(" ARTICLE").split()


def required(
    command: click.Command, but: click.Parameter | None = None, given: Mapping[str, str] = GOOD
) -> list[str]:
    """What a command cannot do without, but for one of its parameters."""
    line = []
    for parameter in command.params:
        if parameter.required and parameter is not but:
            name = name_of(parameter)
            line += [name, given.get(name) or GOOD[name]][parameter.param_type_name == "argument" :]
    return line


def prose(text: str, lang: str) -> set[str]:
    """The words of a language in a text, without what is quoted, names of files, options, texts."""
    text = re.sub(r"--\w+|«[^»]*»|`[^`]*`|'\S*'|\(see .*?\)|\S*[_./@|]\S*|[A-Z]{2,}\S*", " ", text)
    text = re.sub(r"(?m)^\w+ ?:|Code du travail|Contrat d'engagement jeune", " ", text)
    return {word.lower() for word in re.findall(r"[^\W\d_]+", text)} & WORDS[lang]
