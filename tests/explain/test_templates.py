"""Templates are compiled once, where that can be kept."""

import jinja2
import pytest

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
