"""The built site: whole, self-contained, searchable from a disk, accessible.

« make docs » builds it, with warnings as errors. Where it was not built (the tests of the wheel),
these tests are skipped.
"""

import functools
import http.server
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

import axe
import pytest

from openfisca_cej import CountryTaxBenefitSystem
from openfisca_cej.droit import registre

SITE = Path(__file__).resolve().parents[2] / "build" / "docs" / "html"

#: The main pages, for the checks in a browser.
MAIN = (
    "index.html",
    "reference/articles/index.html",
    "reference/articles/d5131-19.html",
    "reference/variables/cej_allocation.html",
    "reference/parametres.html",
    "reference/ressources.html",
    "reference/cas/sanction_bareme_2022.html",
    "notebooks/budget.html",
    "search.html?q=abattement",
)

#: What makes a browser ask for something, and the attribute that says where.
ASKING = {"script": "src", "img": "src", "iframe": "src", "source": "src", "link": "href"}

pytestmark = pytest.mark.skipif(
    not (SITE / "index.html").is_file(), reason="the site is not built: run « make docs »"
)


class Page(HTMLParser):
    """The identifiers, the links, and what is asked for, of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.identifiers: set[str] = set()
        self.links: list[str] = []
        self.asked: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.identifiers.update(told[key] for key in ("id", "name") if told.get(key))
        if tag == "a" and told.get("href"):
            self.links.append(told["href"])
        if tag in ASKING and told.get(ASKING[tag]):
            self.asked.append(told[ASKING[tag]])


@functools.cache
def page(path: Path) -> Page:
    return Page(path)


@functools.cache
def pages() -> list[Path]:
    return sorted(SITE.rglob("*.html"))


def is_outside(link: str) -> bool:
    return re.match(r"[a-z]+:|//", link) is not None


def test_every_article_and_variable_has_a_page_and_every_paragraph_its_status() -> None:
    variables = {path.stem for path in (SITE / "reference" / "variables").glob("*.html")}
    assert set(CountryTaxBenefitSystem().variables) | {"index"} == variables
    articles = sorted((SITE / "reference" / "articles").glob("*.html"))
    assert len(articles) == len(registre.entries()) + 1
    marks = [
        len(re.findall(r'<span class="statut', path.read_text(encoding="utf-8")))
        for path in articles
        if path.stem != "index"
    ]
    assert sum(marks) == sum(registre.counts(registre.entries()).values())


def test_an_article_shows_its_values_its_formula_and_the_tests_that_cite_it() -> None:
    html = (SITE / "reference" / "articles" / "d5131-19.html").read_text(encoding="utf-8")
    text = re.sub(r"<[^>]+>", "", html)
    assert "561,68" in text  # The first amount from April 2025, as the decree gives it.
    assert "LEGIARTI000045207447" in html
    assert "def formula_2022_03_01(individu, period, parameters):" in text
    assert "D5131-19 I 1° b" in text


def test_a_variable_tells_what_it_reads_and_what_reads_it() -> None:
    path = SITE / "reference" / "variables" / "cej_ressources_deductibles.html"
    names = {Path(urldefrag(link)[0]).stem for link in page(path).links if not is_outside(link)}
    # R5131-21, 1°: unemployment benefits; R5131-20: the amount deducts them.
    assert {"chomage_net", "cej_montant_avant_non_cumul"} <= names


def test_links_between_pages_lead_somewhere() -> None:
    broken = [
        f"{path.relative_to(SITE)}: {link}"
        for path in pages()
        for link in page(path).links
        if not is_outside(link) and not leads_somewhere(path, link)
    ]
    assert not broken


def leads_somewhere(path: Path, link: str) -> bool:
    file, anchor = urldefrag(unquote(link))
    target = (path.parent / file).resolve() if file else path
    if not target.is_file():
        return False
    return not anchor or target.suffix != ".html" or anchor in page(target).identifiers


def test_pages_ask_for_nothing_outside_the_site() -> None:
    outside = {
        f"{path.relative_to(SITE)}: {address}"
        for path in pages()
        for address in page(path).asked
        if is_outside(address) and not address.startswith("data:")
    }
    assert not outside
    styles = [path.read_text(encoding="utf-8") for path in SITE.rglob("*.css")]
    assert not [found for text in styles for found in re.findall(r"url\(\s*['\"]?https?:.*", text)]


def test_what_a_reader_sees_of_the_theme_is_in_french() -> None:
    words = re.compile(r">\s*(Next|Previous|On this page|Made with|Back to top|Skip to content)\b")
    text = (SITE / "conventions.html").read_text(encoding="utf-8")
    assert not words.findall(text)
    assert not re.findall(r'aria-label="(Toggle|Search)\b[^"]*"', text)


def test_search_works_from_a_disk() -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("Chromium is not installed (Debian: apt install chromium)")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=20000"]
    done = subprocess.run(
        [chromium, *flags, "--dump-dom", f"file://{SITE}/search.html?q=abattement"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert "reference/variables/cej_ecart_degressivite.html" in done.stdout


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files without telling of it."""

    def log_message(self, *told: object) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The address of the site, served on this machine."""
    handler = functools.partial(Quiet, directory=str(SITE))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_main_pages_are_accessible_and_stay_on_this_machine(address: str) -> None:
    found, checked = axe.problems(*(f"{address}/{name}" for name in MAIN))
    assert not found
    assert len(checked) == 4 * len(MAIN)
