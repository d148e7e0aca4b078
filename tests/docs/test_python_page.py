"""The page of the Python API has every public name, and each is documented."""

import importlib
import importlib.metadata
import inspect
import re
from pathlib import Path

import pytest

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "python.md").read_text(encoding="utf-8")

NAMES = re.findall(r"^\.\. auto(?:function|class):: (\S+)$", PAGE, flags=re.MULTILINE)

#: The modules whose ``__all__`` is what they offer.
PUBLIC = ("explain", "population", "reconcile", "reforms", "report")


@pytest.mark.parametrize("room", PUBLIC)
def test_every_public_name_is_on_the_page(room: str) -> None:
    module = importlib.import_module(f"openfisca_cej.{room}")
    assert {f"{module.__name__}.{name}" for name in module.__all__} <= set(NAMES)


@pytest.mark.parametrize("path", NAMES)
def test_each_name_of_the_page_is_documented(path: str) -> None:
    module, _, name = path.rpartition(".")
    found = getattr(importlib.import_module(module), name)
    assert len(inspect.getdoc(found) or "") > 40


def test_each_extra_says_what_it_weighs() -> None:
    extras = importlib.metadata.metadata("openfisca-cej").get_all("Provides-Extra")
    told = re.findall(r"^\| `([a-z-]+)` \| .* \| \d+ \|$", PAGE, flags=re.MULTILINE)
    assert set(told) == {*extras} - {"dev", "test"}
