"""The questions that people ask: amounts of the model, articles in force, no figure by hand."""

import html
import json
import re

import pytest
from click.testing import CliRunner

from openfisca_cej.cli import main
from openfisca_cej.systems import model
from openfisca_cej.web import faq

ENTRIES = {entry["id"]: entry for entry in faq.document()["questions"]}
EXAMPLES = [(name, one) for name, entry in ENTRIES.items() for one in faq.examples(entry)]

#: Figures that an answer says of a case or of the law, and that no amount is.
SAID = re.compile(r"(300|700|1 494|1 400|400|200|800|1 000|52 000) €")


@pytest.mark.parametrize(
    ("name", "example"), EXAMPLES, ids=[f"{name}-{one.name}" for name, one in EXAMPLES]
)
def test_each_amount_is_the_one_worked_out_by_hand(name, example) -> None:
    assert example.amount(model()) == pytest.approx(example.by_hand, abs=0.001)
    assert f"{{{example.name}}}" in ENTRIES[name]["reponse"], "an amount that no sentence tells"


@pytest.mark.parametrize("name", ENTRIES)
def test_an_answer_holds_no_amount_by_hand_and_its_articles_are_in_force(name) -> None:
    entry = ENTRIES[name]
    assert not re.search(r"\d €", SAID.sub("", entry["reponse"]))
    asked = faq.asked(entry, model())
    assert [number for number, _ in asked.articles] == entry["articles"]
    assert asked.articles or asked.others
    assert all(href.startswith("https://www.legifrance.gouv.fr/") for _, href in asked.articles)
    assert asked.question.endswith("?")
    assert len(asked.text) <= 700, "an answer is short"


def test_questions_are_told_apart_and_found_by_what_people_say() -> None:
    questions = faq.questions(model())
    assert len({one.name for one in questions}) == len({one.question for one in questions})
    assert len(questions) >= 39
    for text, name in {
        "parents": "parents-trop-imposes",
        "avis rupture": "rupture-familiale",
        "CAF": "declarer-caf-impots",
        "versement": "quand-payee",
        "recours": "contester",
        "étranger": "etranger",
        "auto-entrepreneur": "auto-entrepreneur",
        "alternance": "apprentissage",
        "déménagement": "demenager",
        "couple": "conjoint",
        "CDI": "emploi-trouve",
        "13e mois": "prime-treizieme-mois",
        "PACEA": "garantie-jeunes",
        "second CEJ": "deuxieme-contrat",
        "formation commencée": "formation-deja-commencee",
        "courrier sanction": "sanction-annoncee",
    }.items():
        assert name in [one.name for one in faq.found(model(), text)], text


def test_the_page_answers_and_its_links_give_the_amounts_that_it_tells(client) -> None:
    answer = client.get("/questions")
    page = answer.get_data(as_text=True)
    assert (answer.status_code, page.count("<h2 ")) == (200, len(ENTRIES))
    assert len(answer.get_data()) <= 100_000
    for name, entry in ENTRIES.items():
        if "lien" not in entry:
            continue
        (example,) = [one for one in faq.examples(entry) if one.name == entry["lien"]]
        assert example.address in html.unescape(page)
        told = html.unescape(client.get(example.address).get_data(as_text=True))
        result = told[told.index('class="figure"') : told.index("Simulation, et non")]
        figures = [float(value) for value in re.findall(r'<data value="([^"]+)"', result)]
        assert figures == [pytest.approx(example.by_hand, abs=0.001)], f"{name}: {figures}"


def test_the_page_looks_for_words_and_says_when_none_is_there(client) -> None:
    found = client.get("/questions?mots=CAF").get_data(as_text=True)
    assert 0 < found.count("<h2 ") < 10
    nothing = html.unescape(client.get("/questions?mots=<b>zzz").get_data(as_text=True))
    assert "Aucune question avec «\u202f<b>zzz\u202f»" in nothing.replace("\u00a0", "\u202f")
    assert "<h2 " not in nothing


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("dois-je déclarer le CEJ à la CAF", "declarer-caf-impots"),
        ("je suis sans papiers", "etranger"),
        ("j'ai raté un rendez-vous", "sanction-annoncee"),
        ("rupture familiale", "rupture-familiale"),
        ("ma copine touche le RSA", "rsa-de-la-famille"),
        ("saisie huissier", "saisie"),
        ("j'ai bientôt 26 ans", "quel-age"),
    ],
)
def test_a_whole_sentence_leads_to_the_questions_that_tell_most_of_it(client, text, name) -> None:
    near = faq.found(model(), text) or faq.near(model(), text)
    assert name in [one.name for one in near]
    assert len(near) <= 3
    assert f'<h2 id="{name}">' in client.get("/questions", query_string={"mots": text}).text
    told = CliRunner().invoke(main, ["questions", text])
    assert near[0].question in told.output


def test_the_command_answers_in_text_in_markdown_and_in_json() -> None:
    def run(*words: str):
        return CliRunner().invoke(main, ["questions", *words])

    text = run("chômage").stdout
    assert "Je touche du chômage" in text
    assert "166,17" in text
    assert "R5131-21" in text
    told = json.loads(run("chômage", "--format", "json").stdout)
    assert "chomage" in [one["id"] for one in told]
    assert run("chômage", "--format", "md").stdout.startswith("## ")
    nothing = run("zzz")
    assert (nothing.exit_code, nothing.stdout) == (2, "")
    assert "No question" in nothing.stderr
