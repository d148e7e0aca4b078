"""What the command says: in French or in English, whole; exit codes; silence."""

import gettext
import io
import string
from collections.abc import Iterator

import click
import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from click.testing import CliRunner
from commands import SITUATION, prose

from openfisca_cej import language
from openfisca_cej.cli import main
from openfisca_cej.commands.group import every, options, told
from openfisca_cej.commands.law import article
from openfisca_cej.population import places, scenario
from openfisca_cej.refusals import LINES, POSITIONS, ROWS

CATALOGUE = language.FOLDER / "fr" / "LC_MESSAGES"
PO = read_po(io.BytesIO((CATALOGUE / "messages.po").read_bytes()))

OTHER = {"fr": "en", "en": "fr"}

COMMANDS = list(every(main))


def in_the_code() -> Iterator[str]:
    """The messages of the code, singular for those that have a plural, and all the helps."""
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2)}
    for _, _, message, _, _ in extract_from_dir(language.FOLDER.parent, keywords=keywords):
        yield message if isinstance(message, str) else message[0]
    for command in COMMANDS:
        yield from (told(item) for item in (command, *options(command)) if told(item))
    yield from (place.word for place in (LINES, ROWS, POSITIONS))


def path_of(command: click.Command) -> list[str]:
    """The words that lead to a command."""
    if command is main:
        return []
    if command is article:
        return ["law", "D5131-19"]
    return ["law", "watch"] if command.name == "watch" else [str(command.name)]


def said(*arguments: str, code: int | None = 2) -> str:
    """What a command writes, once its exit status is checked."""
    result = CliRunner().invoke(main, list(arguments))
    assert result.exit_code == code, result.output
    return result.output


@pytest.fixture(autouse=True)
def without_locale(monkeypatch) -> None:
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)


def test_each_message_has_its_french() -> None:
    lacking = {message for message in in_the_code() if not (PO.get(message) or PO[None]).string}
    assert not lacking, f"write them in {CATALOGUE / 'messages.po'}, then « make messages »"


def test_french_fills_the_same_blanks() -> None:
    for message in filter(lambda one: one.id, PO):
        ids, strings = (
            one if isinstance(one, tuple | list) else [one] for one in (message.id, message.string)
        )
        known = {name for text in ids for _, name, _, _ in string.Formatter().parse(text) if name}
        for text in strings:
            told_of = {name for _, name, _, _ in string.Formatter().parse(text) if name}
            assert told_of <= known, text


def test_the_catalogue_is_compiled() -> None:
    compiled = io.BytesIO()
    write_mo(compiled, PO)
    shipped = gettext.GNUTranslations(io.BytesIO((CATALOGUE / "messages.mo").read_bytes()))
    fresh = gettext.GNUTranslations(io.BytesIO(compiled.getvalue()))
    for message in filter(lambda one: one.id, PO):
        one = message.id if isinstance(message.id, str) else message.id[0]
        assert shipped.gettext(one) == fresh.gettext(one), "run « make messages »"


@pytest.mark.parametrize("lang", language.LANGUAGES)
@pytest.mark.parametrize("command", COMMANDS, ids=lambda one: " ".join(path_of(one)) or "all")
def test_help_and_errors_are_in_one_language(command, lang) -> None:
    path = path_of(command)
    texts = [said(*path, "--help", "--lang", lang, code=0)]
    texts.append(said(*path, "--no-such-option", "--lang", lang))
    texts.append(said(*path, "--lang", lang, "--form", "nowhere", "--month"))
    if any(one.required for one in command.params) and command is not article:
        texts.append(said(*path, "--lang", lang))
    for text in texts:
        assert not prose(text, OTHER[lang]), text
    assert prose(texts[0], lang)


@pytest.mark.parametrize(
    ("arguments", "french", "english"),
    [
        (
            ("explain", SITUATION, "--month", "2026-13"),
            "« 2026-13 » n'est pas un mois",
            "« 2026-13 » is not a month",
        ),
        (
            ("explain", SITUATION, "--month", "2026-11", "--person", "Nobody"),
            "« Nobody » n'est pas l'une de",
            "« Nobody » is not one of",
        ),
        (
            ("explain", SITUATION, "--month", "2026-11", "--variable", "cej_allocatio"),
            "n'est pas une variable du modèle (vouliez-vous dire « cej_allocation » ?)",
            "is not a variable of the model (did you mean « cej_allocation »?)",
        ),
        (
            ("missing", SITUATION, "--month", "2026-11", "--reform", "age_30"),
            "ce n'est ni un fichier ni une réforme toute prête",
            "it is neither a file nor a ready-made reform",
        ),
        (("law", "D5131-99"), "n'est pas dans le registre", "is not in the register"),
        (("resources", "salairre", "inconu"), "Aucune ressource", "No resource"),
        (("questions", "salairre", "inconu"), "Aucune question", "No question"),
        (("simulate", "--variables", ","), "ne nomme aucune variable", "names no variable"),
        (("frobnicate",), "Commande inconnue", "No such command"),
    ],
)
def test_what_is_unknown_is_refused_in_the_language_asked_for(arguments, french, english) -> None:
    spaces = str.maketrans({"\u00a0": " "})
    for lang, sentence in (("fr", french), ("en", english)):
        assert sentence in said(*arguments, "--lang", lang).translate(spaces)


def test_the_language_is_by_default_that_of_the_locale(monkeypatch) -> None:
    assert "is not in the register" in said("law", "D5131-99")
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    assert "n'est pas dans le registre" in said("law", "D5131-99")
    assert "is not in the register" in said("--lang", "en", "law", "D5131-99")
    assert language.current() == "en"  # What imports the package is told in English.


def test_a_fault_of_a_file_is_told_in_the_language_asked_for(tmp_path) -> None:
    path = tmp_path / "jeunes.csv"
    path.write_text("individu_id,date_naissance,salaire_net\na,2003-01-01,beaucoup\n")
    french = said("check", str(path), "--lang", "fr")
    assert "ligne 2, colonne salaire_net : « beaucoup » n'est pas un nombre" in french
    assert "line 2, column salaire_net: « beaucoup » is not a number" in said("check", str(path))
    simulate = ("simulate", str(path), "--months", "2025-01", "--out", str(tmp_path / "out"))
    for lang, end in (("fr", "Rien n'a été écrit."), ("en", "Nothing was written.")):
        assert said(*simulate, "--lang", lang).count(end) == 1
    rows = said("check", str(path), "--format", "csv").splitlines()
    assert rows[0] == "file,row,column,problem,remedy"
    assert rows[1].startswith("jeunes.csv,2,salaire_net,")


def test_quiet_says_results_only(tmp_path) -> None:
    out = tmp_path / "case.yaml"
    arguments = ("case", SITUATION, "--month", "2026-11", "--out", str(out))
    assert "Written" in said(*arguments, code=0)
    assert said(*arguments, "--quiet", code=0) == ""
    assert "cej_allocation" in said(*arguments[:-1], "-", "--quiet", code=0)


def test_text_is_as_wide_as_columns_say(monkeypatch) -> None:
    def widest() -> int:
        lines = said("explain", SITUATION, "--month", "2026-11", code=0).splitlines()
        return max(len(line.rstrip()) for line in lines)

    monkeypatch.setenv("COLUMNS", "70")
    assert widest() <= 70
    monkeypatch.setenv("COLUMNS", "100")
    assert 70 < widest() <= 100


FIGURES = """
entrees: {2019: 3, 2024-13: 5, 2025: 12}
durees: {2025: {mission_locale: 40, france_travail: 5}}
revalorisations: {inconnue: {}, smic: 3}
hypotheses: {inconnue: 1}
autre: 1
"""

PLACE = """
lieux: []
entrees: {2019: 3, 2024: 0, 2025: -1}
ages: {16-17: 1}
qpv: 3
departement: 75
autre: 1
"""


@pytest.mark.parametrize("lang", language.LANGUAGES)
@pytest.mark.parametrize(("content", "reader"), [(FIGURES, scenario), (PLACE, places)])
def test_files_of_figures_are_refused_in_one_language(tmp_path, content, reader, lang) -> None:
    file = tmp_path / "chiffres.yaml"
    file.write_text(content, encoding="utf-8")
    with language.speaking(lang), pytest.raises(scenario.BadScenario) as refused:
        reader.read(file)
    told = str(refused.value).splitlines()
    assert len(told) >= 6
    for line in told:
        assert not prose(line, OTHER[lang]), line
