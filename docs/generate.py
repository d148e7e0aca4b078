"""Write the pages drawn from the model, in the ignored folder « reference » of the documents.

Sphinx runs it before it reads the documents (see ``conf.py``).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docs.pages import articles, others, parameters, variables
from docs.pages.dependencies import dependencies

FOLDER = Path(__file__).with_name("reference")


def pages(system: Any) -> Iterator[tuple[str, str]]:
    """The name (without suffix) and the content of each generated page."""
    read = dependencies(system)
    yield from articles.pages(system)
    yield from variables.pages(system, read)
    yield from others.case_pages(system)
    yield "parametres", parameters.page(system, read)
    yield "ressources", others.resources_page(system)
    yield "questions", others.questions_page(system)
    yield "reformes", others.reforms_page()
    yield "validation", others.validation_page()


def write(system: Any, folder: Path = FOLDER) -> None:
    """Write the pages that changed, and remove those that are no longer made."""
    kept = set()
    for name, content in pages(system):
        path = folder / f"{name}.md"
        kept.add(path)
        if not path.exists() or path.read_text(encoding="utf-8") != content:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
    for path in set(folder.rglob("*.md")) - kept:
        path.unlink()
