"""The page in a frame of another site, and a form that is in no address."""

import re

import pytest

from openfisca_cej.web.address import framing_sites
from openfisca_cej.web.app import create_app
from openfisca_cej.web.lanes import ASIDE, lane_of
from openfisca_cej.web.limits import Limits

CASE = {
    "v": "1",
    "mois": "2025-11",
    "date_naissance": "27/03/2005",
    "residence": "metropole",
    "cej_date_signature": "01/09/2025",
    "cej_situation_fiscale": "non_imposable",
    "salaire_net": "450,00",
    "autres_ressources": "non",
    "rien_d_autre": "oui",
}
SITES = "https://mission-locale.example https://www.example.org:8443/"


@pytest.fixture
def framing(system, monkeypatch):
    """A service that two sites may frame."""
    monkeypatch.setenv("OPENFISCA_CEJ_FRAMES", SITES)
    return create_app(system, Limits()).test_client()


def figure(page: str) -> str:
    return re.search(r'class="figure">.*?<data value="([^"]+)"', page)[1]


def test_nobody_frames_the_page_by_default(client) -> None:
    assert client.get("/cadre").status_code == 404
    for path in ("/", "/cadre", "/recu", "/questions"):
        headers = client.get(path).headers
        assert headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_the_sites_told_frame_the_page_made_for_it_and_no_other(framing) -> None:
    answer = framing.get("/cadre", query_string=CASE, follow_redirects=True)
    policy = answer.headers["Content-Security-Policy"]
    sites = "frame-ancestors https://mission-locale.example https://www.example.org:8443;"
    assert sites in policy
    assert "X-Frame-Options" not in answer.headers
    assert answer.request.path == "/cadre"
    assert figure(answer.get_data(as_text=True)) == "487.87"
    for path in ("/", "/recu", "/questions", "/analyse"):
        headers = framing.get(path).headers
        assert headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


def test_the_framed_page_stays_in_its_frame(framing) -> None:
    page = framing.get("/cadre", query_string=CASE, follow_redirects=True).get_data(as_text=True)
    assert "<header" not in page
    assert "<nav" not in page
    assert "/cej/page/cadre.js" in page
    assert set(re.findall(r'<form action="([^"]+)"', page)) == {"/cadre#resultat"}
    inside = [
        link
        for link in re.findall(r"<a [^>]*>", page)
        if 'href="/' in link and "target=" not in link and 'href="/cadre' not in link
    ]
    assert inside == []
    assert framing.get("/cej/page/cadre.js").status_code == 200


@pytest.mark.parametrize(
    "text", ["*", "mission-locale.example", "https://a.example/path", "'self'"]
)
def test_what_is_no_site_is_refused(text) -> None:
    with pytest.raises(ValueError, match="OPENFISCA_CEJ_FRAMES"):
        framing_sites({"OPENFISCA_CEJ_FRAMES": f"https://b.example {text}"})
    assert framing_sites({}) == ()


def test_a_form_that_is_posted_tells_the_same_and_is_in_no_address(client) -> None:
    posted = client.post("/", data=CASE)
    assert posted.status_code == 200
    page = posted.get_data(as_text=True)
    assert figure(page) == "487.87"
    assert posted.headers["Cache-Control"] == "no-store"
    assert set(re.findall(r'<form action="/#resultat" method="(\w+)"', page)) == {"post"}
    got = client.get("/", query_string=CASE, follow_redirects=True).get_data(as_text=True)
    assert figure(got) == "487.87"
    assert 'formmethod="post"' in got
    assert len(page) <= 100_000


def test_a_form_is_bounded_and_its_faults_are_told(client) -> None:
    assert client.post("/", data={"x": "y" * 30_000}).status_code == 413
    told = client.post("/", data={**CASE, "salaire_net": "beaucoup"}).get_data(as_text=True)
    assert "À corriger" in told
    assert client.post("/", json=CASE).status_code == 200


def test_both_are_computed_aside() -> None:
    assert lane_of("GET", "/cadre", "v=1", b"") is ASIDE
    assert lane_of("POST", "/", "", b"") is ASIDE
