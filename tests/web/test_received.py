"""The page « J'ai reçu un autre montant »."""

import re
from urllib.parse import parse_qsl, quote

from openfisca_cej.web.lanes import ASIDE, lane_of

SITUATION = (
    "v=1&mois=2024-11&date_naissance=2003-05-10&residence=metropole"
    "&cej_situation_fiscale=non_imposable&salaire_net=0"
)


def test_the_page_is_computed_aside() -> None:
    assert lane_of("GET", "/recu", "recu=1", b"") is ASIDE


def text_of(answer) -> str:
    """The text of a page, with ordinary spaces."""
    page = re.sub(r"<[^>]+>", "", answer.get_data(as_text=True))
    return " ".join(page.replace("\u202f", " ").replace("\u00a0", " ").split())


def test_the_page_names_the_first_bracket_for_331_37(client) -> None:
    answer = client.get(f"/recu?{SITUATION}&recu=331,37")
    assert answer.status_code == 200
    assert len(answer.get_data()) < 100_000
    told = text_of(answer)
    assert "La situation donnée fait 552,29 € pour novembre 2024" in told
    assert "imposable, chaque part dans la première tranche du barème (D5131-19)" in told
    assert "ni qui a raison" in told
    assert "<script" not in answer.get_data(as_text=True).replace(
        '<script src="/cej/page/page.js" defer></script>', ""
    )


def test_a_payment_of_nothing_shows_the_likeliest_possibilities(client) -> None:
    answer = client.get(f"/recu?{SITUATION}&recu=0")
    assert answer.get_data(as_text=True).count("<li>") >= 12
    assert re.search(r"… et \d+ autres", text_of(answer))
    assert len(answer.get_data()) < 100_000


def test_the_form_keeps_the_answers_and_the_result_leads_to_it(client) -> None:
    page = client.get(f"/?{SITUATION}", follow_redirects=True).get_data(as_text=True)
    link = re.search(r'href="(/recu\?[^"]+)"', page)[1].replace("&amp;", "&")
    form = client.get(link).get_data(as_text=True)
    assert 'name="salaire_net" value="0"' in form
    assert 'name="recu" value=""' in form
    assert 'id="resultat"' not in form


def test_an_amount_is_read_as_the_account_says_it(client) -> None:
    for text in ("331.37", "331,37 €", " 331,37€"):
        told = text_of(client.get(f"/recu?{SITUATION}&recu={quote(text)}"))
        assert "Ce qui donnerait 331,37 €" in told, text


def test_it_is_sent_by_post_too_and_nothing_is_in_the_address(client) -> None:
    data = dict(parse_qsl(f"{SITUATION}&recu=331,37"))
    answer = client.post("/recu", data=data)
    assert "première tranche du barème" in text_of(answer)
    assert '<form action="/recu#resultat" method="post"' in answer.get_data(as_text=True)


def test_what_is_no_amount_is_told_and_an_empty_case_is_asked_for(client) -> None:
    for wrong in ("abc", "-3", "20000", "<b>"):
        told = client.get("/recu", query_string=f"{SITUATION}&recu={wrong}")
        assert told.status_code == 200
        assert "À corriger" in text_of(told)
        assert "<b>" not in told.get_data(as_text=True)
    assert "Répondez d'abord" in text_of(client.get("/recu"))
