"""Templates are compiled once, where that can be kept."""

import jinja2
import pytest

from openfisca_cej.explain import render
from openfisca_cej.explain.render import CompiledTemplates, templates


def environment(folder):
    """The templates, compiled ones in a folder."""
    return templates().overlay(bytecode_cache=CompiledTemplates(str(folder)))


def test_a_template_is_compiled_once(tmp_path, monkeypatch):
    environment(tmp_path).get_template("rapport.html")

    def compiled(*told, **more):
        pytest.fail("compiled again")

    monkeypatch.setattr(jinja2.Environment, "compile", compiled)
    assert environment(tmp_path).get_template("rapport.html").name == "rapport.html"


def test_what_cannot_be_kept_is_compiled_each_time(tmp_path):
    absent = tmp_path / "absent"
    assert environment(absent).get_template("rapport.html").name == "rapport.html"
    assert not absent.exists()


@pytest.mark.parametrize("upgraded", ["jinja2", "openfisca-cej"])
def test_an_upgrade_does_not_read_what_another_version_compiled(tmp_path, monkeypatch, upgraded):
    environment(tmp_path).get_template("rapport.html")
    before = set(tmp_path.iterdir())
    known = render.package_version
    monkeypatch.setattr(
        render,
        "package_version",
        lambda name="openfisca-cej": "9.9" if name == upgraded else known(name),
    )
    environment(tmp_path).get_template("rapport.html")
    assert len(set(tmp_path.iterdir())) == 2 * len(before)
