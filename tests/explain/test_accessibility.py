"""The page of an explanation can be read by everyone, on a telephone too."""

import axe

from openfisca_cej import situation_examples
from openfisca_cej.explain import render
from openfisca_cej.explain.curve import curve
from openfisca_cej.explain.curve_picture import curve_svg
from openfisca_cej.explain.situation import read
from openfisca_cej.explain.tree import explain

CASES = {
    "jeune_seul": ("2026-11", None),
    "premiere_tranche_avec_salaire": ("2024-11", "Karim"),
    "formation_remuneree": ("2026-02", None),
    "sanction_bareme_2022": ("2023-04", None),
    "sanction_bareme_2025": ("2025-07", None),
    "famille_au_rsa": ("2026-03", "Nina"),
    "mineur_a_mayotte": ("2026-10", None),
}


def test_every_example_is_told_without_a_fault(tmp_path):
    pages = []
    for name, (month, person) in CASES.items():
        page = tmp_path / f"{name}.html"
        told = explain(situation_examples.exemple(name), month, person)
        page.write_text(render.to_html(told), encoding="utf-8")
        pages.append(page)
    found, checked = axe.problems(*pages)
    assert found == []
    assert len(checked) == 4 * len(CASES)


def test_the_figure_of_a_curve_has_no_fault_in_a_page(tmp_path, system):
    situation = read(situation_examples.exemple("jeune_seul"), system)
    drawn = curve(situation, "2026-11", situation.main_person(), "salaire_net")
    page = tmp_path / "courbe.html"
    page.write_text(
        '<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>Courbe</title>'
        '<meta name="viewport" content="width=device-width"></head><body><main><h1>Courbe</h1>'
        f"{curve_svg(drawn)}</main></body></html>",
        encoding="utf-8",
    )
    found, checked = axe.problems(page)
    assert found == []
    assert len(checked) == 4


def test_the_check_sees_a_fault(tmp_path):
    page = tmp_path / "faute.html"
    page.write_text("<!DOCTYPE html><title>x</title><body><main><h1>x</h1><img src='data:,'>")
    found, _ = axe.problems(page)
    assert any("image-alt" in fault for fault in found)
    assert any("html-has-lang" in fault for fault in found)
