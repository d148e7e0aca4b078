"""The four forms of an explanation say the same, and stand alone."""

import datetime
import html
import json
import re
from html.parser import HTMLParser

import dated_values
import jsonschema
import pytest

from openfisca_cej import french, situation_examples
from openfisca_cej.explain import render
from openfisca_cej.explain.tree import explain

CASES = [
    ("jeune_seul", "2026-11", None),
    ("premiere_tranche_avec_salaire", "2024-11", "Karim"),
    ("formation_remuneree", "2026-02", None),
    ("sanction_bareme_2022", "2023-04", None),
    ("sanction_bareme_2025", "2025-07", None),
    ("famille_au_rsa", "2026-03", "Nina"),
    ("mineur_a_mayotte", "2026-10", None),
]


@pytest.fixture(params=CASES, ids=lambda case: case[0], scope="module")
def told(request):
    """An explanation of each example."""
    name, month, person = request.param
    return explain(situation_examples.exemple(name), month, person)


def text_of(told):
    """The explanation as a terminal shows it."""
    from rich.console import Console

    console = Console(width=400, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    console.print(render.to_text(told))
    return console.export_text()


def test_json_follows_its_schema(told):
    schema = render.schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    document = json.loads(json.dumps(render.to_json(told), allow_nan=False))
    jsonschema.validate(document, schema, format_checker=jsonschema.FormatChecker())
    assert document["root"]["value"] == told.amount


def test_json_tells_all_once_and_leaves_out_what_is_empty(told):
    document = render.to_json(told)
    left, steps = [document["root"]], []
    while left:
        steps.append(left.pop(0))
        left = steps[-1].get("steps", []) + left
    for kind in ("articles", "parameters"):
        once = [json.dumps(one, sort_keys=True) for one in document[kind]]
        assert len(once) == len(set(once))
        expected = [
            [] if step.repeated else [one.as_json for one in getattr(step, kind)]
            for step in told.root.all()
        ]
        assert [[document[kind][rank] for rank in step.get(kind, [])] for step in steps] == expected
    for kind in ("arithmetic", "comment"):
        expected = ["" if step.repeated else getattr(step, kind) for step in told.root.all()]
        assert [step.get(kind, "") for step in steps] == expected
    for kind in ("unit", "origin_detail", "repeated", "rests_on_assumed"):
        expected = [getattr(step, kind) or None for step in told.root.all()]
        assert [step.get(kind) for step in steps] == expected
    deduced = [document["parameters"][rank] for rank in document["freshness"]["deduced"]]
    assert deduced == [used.as_json for used in told.freshness.deduced]


def test_every_form_tells_the_answer_the_steps_and_the_questions(told):
    forms = [text_of(told), render.to_markdown(told), Text.of(render.to_html(told))]
    for form in forms:
        plain = re.sub(r"[\\\s\u202f\u00a0]+", "", form)
        for said in (render.headline(told), told.root.result, told.answer.unknowns[0].question):
            assert re.sub(r"[\s\u202f\u00a0]+", "", said) in plain
        for condition in told.conditions:
            assert re.sub(r"[\s\u202f\u00a0]+", "", condition.label) in plain


class Text(HTMLParser):
    """The text of a page, its tags and its links."""

    def __init__(self):
        super().__init__()
        self.parts, self.tags, self.open = [], [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.parts.append(data)

    @classmethod
    def of(cls, page):
        """The text of a page."""
        parser = cls()
        parser.feed(page)
        assert not parser.open
        return "".join(parser.parts)


def test_the_page_is_well_formed_and_asks_for_nothing(told):
    page = render.to_html(told)
    parser = Text()
    parser.feed(page)
    names = {tag for tag, _ in parser.tags}
    assert names.isdisjoint({"script", "link", "img", "iframe", "object", "form", "base"})
    assert not re.search(r"url\(|@import|\son\w+=", page)
    assert dict(parser.tags)["html"] == {"lang": "fr"}
    assert [tag for tag, _ in parser.tags].count("h1") == 1


def test_names_are_escaped():
    document = {"individus": {"<b>*x*": {"date_naissance": {"ETERNITY": "2004-03-01"}}}}
    told = explain(document, "2026-11")
    assert "<b>" not in render.to_html(told)
    assert "<b>" not in render.to_markdown(told).replace("\\<b\\>", "")
    assert "\\*x\\*" in render.to_markdown(told)


def test_until_when_the_law_was_checked_is_in_every_form():
    told = explain(situation_examples.exemple("jeune_seul"), dated_values.last_month())
    day = told.freshness.checked_until
    assert render.to_json(told)["freshness"]["checked_until"] == day
    sentence = f"Droit vérifié jusqu'au {french.day(datetime.date.fromisoformat(day))}."
    for text in (text_of(told), render.to_markdown(told), html.unescape(render.to_html(told))):
        assert " ".join(sentence.split()) in " ".join(text.split())
