"""How Sphinx builds the site: « make docs » (offline, in French, warnings are errors)."""

import importlib.metadata
import re
import sys
from pathlib import Path

from pygments.lexers.special import TextLexer

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from docs import generate
from docs.pages.text import PROJECT, source
from openfisca_cej import CountryTaxBenefitSystem
from openfisca_cej.droit.registre import counts, dated, entries

STATUSES = counts(entries())

project = "Contrat d'engagement jeune"
author = "openfisca_cej contributors"
version = release = importlib.metadata.version("openfisca-cej")
language = "fr"

extensions = ["myst_nb", "sphinx.ext.autodoc"]
# How a result is made is not what its reader asks.
autodoc_class_signature = "separated"
exclude_patterns = ["conf.py", "generate.py", "pages", "_static", "jupyter_execute"]
myst_enable_extensions = ["attrs_inline", "substitution"]
myst_heading_anchors = 3
myst_substitutions = {
    "articles": len(entries()),
    "dates": len(dated(entries())),
    "calcules": STATUSES["calculé"],
    "en_partie": STATUSES["en partie"],
    "non_calcules": STATUSES["non calculé"],
}

# The notebooks are paired text files; they run when the site is built.
nb_custom_formats = {".py": ["jupytext.reads", {"fmt": "py:percent"}]}
nb_execution_mode = "auto"
nb_execution_raise_on_error = True
nb_execution_timeout = 120
# Nothing is asked of the network: no widget is used.
nb_ipywidgets_js = {}

html_theme = "furo"
html_title = "openfisca_cej"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sourcelink = html_copy_source = False
html_show_copyright = html_show_sphinx = False
html_theme_options = {"top_of_page_buttons": []}
html_use_index = False

#: « [text](../path) »: a file of the source tree, outside the documents.
OUTSIDE = re.compile(r"\[([^\]]+)\]\(\.\./([^)#]+)\)")

#: What the theme writes in English or without a name, and what takes its place.
MENDED = {
    'class="caption" role="heading">': 'class="caption" role="heading" aria-level="2">',
    '<aside class="sidebar-drawer">': '<aside class="sidebar-drawer" aria-label="Pages du site">',
    '<aside class="toc-drawer">': '<aside class="toc-drawer" aria-label="Dans cette page">',
    '<div id="search-results"></div>': '<h1>Recherche</h1>\n<div id="search-results"> </div>',
    "Toggle site navigation sidebar": "Montrer ou cacher les pages du site",
    "Toggle navigation of ": "Déplier ou replier : ",
    "Toggle table of contents sidebar": "Montrer ou cacher le sommaire de la page",
    "Toggle Light / Dark / Auto color theme": "Changer de couleurs : claires, sombres, du système",
    "Skip to content": "Aller au contenu",
    "<span>Next</span>": "<span>Suivant</span>",
    "<span>Previous</span>": "<span>Précédent</span>",
    "<span>Back to top</span>": "<span>Haut de page</span>",
    "On this page": "Dans cette page",
    "Made with ": "Thème : ",
    # The keyboard scrolls what is wider than a narrow screen.
    "<pre>": '<pre tabindex="0">',
    '<div class="table-wrapper': '<div tabindex="0" class="table-wrapper',
    '<div class="output text_html">': '<div tabindex="0" class="output text_html">',
    # The corner of a table is no heading.
    "<th></th>": "<td></td>",
}


def generate_pages(app) -> None:
    """Write the pages drawn from the model, before the documents are looked for."""
    generate.write(CountryTaxBenefitSystem())


def prepare(app, name: str, content: list[str]) -> None:
    """Make links to files of the source tree lead to the repository."""
    if "/" not in name:
        content[0] = OUTSIDE.sub(repository_link, content[0])


def repository_link(match: re.Match) -> str:
    """The link to the repository, or the link as it was written when there is no such file."""
    return source(match[2], match[1]) if (PROJECT / match[2]).exists() else match[0]


def mend(app, error: Exception | None) -> None:
    """Put right what the theme writes: names for screen readers, French, the keyboard."""
    if error is None:
        for path in Path(app.outdir).rglob("*.html"):
            page = path.read_text(encoding="utf-8")
            for written, wanted in MENDED.items():
                page = page.replace(written, wanted)
            path.write_text(page, encoding="utf-8")


def setup(app) -> None:
    """Connect the steps above."""
    app.add_lexer("cron", TextLexer)
    app.connect("builder-inited", generate_pages)
    app.connect("source-read", prepare)
    app.connect("build-finished", mend)
