"""The page says all that the comparison holds, in French, alone, and to everyone."""

import dataclasses
import itertools
import re
import shlex
from html.parser import HTMLParser

import axe
import pytest
import yaml
from comparisons import MONTHS, SOURCE, comparison

from openfisca_cej import reforms, report
from openfisca_cej.analysis.comparison import People
from openfisca_cej.population import assumptions
from openfisca_cej.report import figures, reproduce, words
from openfisca_cej.report.page import heaviest, lead, people

VOID = ("meta", "br", "line", "rect", "circle", "path", "polyline")


@pytest.fixture(scope="module")
def compared():
    """The comparison."""
    return comparison()


@pytest.fixture(scope="module")
def page(compared):
    """Its page."""
    return report.to_html(compared, "classeur.xlsx")


class Reader(HTMLParser):
    """The text of a page, its tags, the rows of its tables by caption, and its drawn lines."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.open, self.texts = [], [], []
        self.tables, self.rows = {}, []
        self.feed(page)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag == "table":
            self.rows = []
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        if tag == "caption":
            self.tables[len(self.tables)] = ["", self.rows]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" in self.open:
            return
        self.texts.append(data)
        if "caption" in self.open:
            self.tables[len(self.tables) - 1][0] += data
        elif "td" in self.open or "th" in self.open:
            self.rows[-1][-1] += data

    def table(self, caption):
        """The rows of a table."""
        return next(rows for name, rows in self.tables.values() if spaced(name) == caption)

    @property
    def text(self):
        """All that is written."""
        return spaced(" ".join(self.texts))


def spaced(text):
    """The text with plain spaces, one at a time."""
    return re.sub(r"[\s\u00a0\u202f]+", " ", text).strip()


def cells(row):
    """The cells of a row, with plain spaces."""
    return [spaced(cell) for cell in row]


def test_the_page_stands_alone(page):
    names = {tag for tag, _ in Reader(page).tags}
    assert names.isdisjoint({"script", "link", "img", "iframe", "object", "form", "base"})
    assert not re.search(r"url\(|@import|\son\w+=|data:", page)
    assert not re.search(r"marianne|dsfr|république", page, re.IGNORECASE)


def test_what_comes_from_elsewhere_is_escaped(page):
    assert "<seul>" not in page
    assert "<b>" not in page
    assert SOURCE["titre"] in Reader(page).text
    assert "20 ans <seul>" in Reader(page).text


def test_identifiers_are_unique_and_headings_go_down_step_by_step(page):
    reader = Reader(page)
    identifiers = [attributes["id"] for _, attributes in reader.tags if "id" in attributes]
    assert len(identifiers) == len(set(identifiers))
    pointed = {
        name
        for _, attributes in reader.tags
        for key in ("aria-labelledby", "href")
        if (attributes.get(key) or "").startswith("#") or key == "aria-labelledby"
        for name in (attributes.get(key) or "").replace("#", "").split()
    }
    assert pointed <= set(identifiers)
    levels = [int(tag[1]) for tag, _ in reader.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_provisions_have_their_values_dates_and_article(page):
    reader = Reader(page)
    (_, row) = reader.table("Dispositions, avant et après")
    assert cells(row)[1:4] == [
        "montant forfaitaire / (80 % du SMIC mensuel brut − 300 €)",
        "0,50",
        "à partir du 1er mars 2022",
    ]
    assert cells(row)[4] == "Article D5131-23 du code du travail, 2°"


def test_a_curve_that_the_reform_leaves_alone_is_told_and_not_drawn(compared):
    changed = compared.curves[0]
    alike = dataclasses.replace(changed, case="autre", reform=changed.baseline)
    page = report.to_html(dataclasses.replace(compared, curves=(changed, alike)))
    assert "La réforme ne change pas la courbe de : autre." in Reader(page).text
    assert page.count("Points de rupture et taux marginaux") == 1
    page = report.to_html(dataclasses.replace(compared, curves=(alike,)))
    assert page.count("Points de rupture et taux marginaux") == 1


def test_each_month_and_year_has_payees_mean_and_total_with_intervals(page):
    reader = Reader(page)
    # January: 142 318 payees, 1 250 more; ± 2 % of each value: 2 846 and 25, told to the thousand
    # and to the ten.
    january = cells(reader.table("Allocataires, par mois")[1])
    assert january == [
        "janvier 2026",
        "142 000de 139 000 à 145 000",
        "144 000de 141 000 à 146 000",
        "+1 250de 1 220 à 1 280",
    ]
    mean = cells(reader.table("Montant moyen, par mois")[1])
    assert mean[1].startswith("441 €")
    assert mean[3] == "+12,50 €de 12,20 à 12,80 €"
    budget = reader.table("Total dû, par mois")
    assert len(budget) == 1 + len(MONTHS)
    # ± 48 247 €.
    assert cells(budget[1])[3].startswith("+2,41 M€")
    assert len(reader.table("Total dû, par année")) == 3


def test_masked_groups_are_secret_everywhere(page):
    reader = Reader(page)
    rows = reader.table("Gagnants et perdants : tranche du foyer fiscal")
    assert cells(rows[1])[:5] == ["Foyer non imposable", "120 000", "50 000", "9 000", "61 000"]
    assert cells(rows[1])[5:7] == ["+31,42 €", "−12,08 €"]
    assert cells(rows[3]) == ["Foyer au-delà de la première tranche", *["secret"] * 7]
    # On page one and in the annex, each wide and narrow.
    assert page.count('<rect class="secret"') == 4


def test_the_published_figure_is_beside_the_baseline(page):
    (_, row) = Reader(page).table("Chiffres publiés et simulés, par mois")
    assert cells(row)[1:] == [
        "748 à 760,5 M€publié",
        "755,25 M€",
        "—",
        "dedans",
        "790 M€",
        SOURCE["titre"],
    ]


def test_intervals_say_what_they_are_over_and_bias_comes_first(compared):
    head = Reader(report.to_html(compared)).text.partition("Le budget")[0]
    assert "intervalle à 95 % (échantillonnage seul)" in head
    drawn = dataclasses.replace(compared.sampling, draws=50, size=1000, source="calibrated")
    text = Reader(report.to_html(dataclasses.replace(compared, sampling=drawn))).text
    assert "intervalle à 95 % (hypothèses et échantillonnage)" in text
    assert compared.bias[0] in head
    outside = dataclasses.replace(compared, outside="La réforme n'est pas en vigueur.")
    assert "La réforme n'est pas en vigueur." in Reader(report.to_html(outside)).text


@pytest.mark.parametrize(
    ("path", "told"),
    [
        # A tenth more, of a spending of which 740 to 790 are published and 500 simulated.
        ("contrat_engagement_jeune.montant_forfaitaire.general.mineur", "de 74 à 79 M€"),
        # What moves the months with resources need not be in proportion of the spending.
        ("contrat_engagement_jeune.ressources.degressivite.abattement", ""),
    ],
)
def test_a_cost_in_proportion_of_the_spending_is_told_at_what_is_published(compared, path, told):
    spending = dataclasses.replace(
        compared.published[0], name="depense_2026", published=(740.0, 790.0), baseline=500.0
    )
    year = next(one for one in compared.periods if one.period == "2026")
    moved = {"difference": 50e6, "interval": (45e6, 55e6), "masked": False}
    measures = [
        dataclasses.replace(one, **moved) if one.name == "total" else one for one in year.measures
    ]
    found = dataclasses.replace(
        compared,
        headline="2026",
        periods=[
            dataclasses.replace(one, measures=measures) if one is year else one
            for one in compared.periods
        ],
        published=(spending,),
        changes=[dataclasses.replace(compared.changes[0], path=path)],
    )
    text = lead(found).replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")
    sentence = "Si l'écart est le même pour qui la réforme touche, ce que rien de publié ne dit"
    assert (f"{sentence} : {told}." in text) if told else (sentence not in text)


@pytest.mark.parametrize(
    ("draws", "beyond", "told"), [(50, 1e9, True), (50, 0.0, False), (0, 1e9, False)]
)
def test_a_cost_of_one_assumption_outside_the_interval_is_explained(compared, draws, beyond, told):
    low, high = compared.main.measure("total").interval
    (one,) = compared.drivers
    found = dataclasses.replace(
        compared,
        sampling=dataclasses.replace(compared.sampling, draws=draws),
        drivers=[dataclasses.replace(one, at_low=low, at_high=high + beyond)],
    )
    assert ("bougent toutes ensemble, ne va pas jusque-là" in heaviest(found)) is told


def test_the_first_chart_has_the_groups_where_somebody_gains_or_loses(compared):
    (breakdown,) = compared.breakdowns
    first, second, secret = breakdown.groups
    still = dataclasses.replace(
        second,
        measures=[
            dataclasses.replace(one, difference=0.0)
            if one.name in ("gagnants", "perdants")
            else one
            for one in second.measures
        ],
    )
    groups = dataclasses.replace(breakdown, groups=(first, still, secret))
    chart = figures.main_groups(compared.whole, groups)
    assert [label for label, _ in chart.groups] == ["Ensemble", first.label, secret.label]
    assert chart.title.endswith("(les groupes où quelqu'un gagne ou perd)")
    whole = figures.main_groups(compared.whole, breakdown)
    assert [label for label, _ in whole.groups][2] == second.label
    assert "(" not in whole.title


def test_the_assumptions_that_weigh_most_have_their_costs(page):
    (_, row) = Reader(page).table("Coût de la réforme selon une hypothèse")
    assert cells(row)[:5] == ["Part des <formés>", "0,2", "+1 M€", "0,4", "+3 M€"]


def test_the_curve_has_its_break_points_and_marginal_rates(page, compared):
    rows = Reader(page).table("Points de rupture et taux marginaux : 20 ans <seul>")[1:]
    told = [cells(row) for row in rows]
    # D5131-23 in November 2026: 566.17 ÷ (0.8 × 1 867.02 − 300) = 0.4743… per euro above 300 €;
    # out at 0.8 × 1 867.02 = 1 493.616 €. Reform: 0.5 a euro, out at 300 + 566.17 × 2 = 1 432.34 €.
    assert told[0] == ["0,00 €", "566,17 €", "0", "566,17 €", "0", "0,00 €"]
    assert told[1][:5] == ["300,00 €", "566,17 €", "−0,4743", "566,17 €", "−0,5"]
    assert [line[0] for line in told[2:4]] == ["1 432,34 €", "1 493,62 €"]
    assert told[2][3:] == ["0,00 €", "0", "−29,07 €"]
    one = compared.curves[0]
    assert float(one.baseline.allowance([143_234])[0]) == 29.07


def test_deciles_and_poverty_are_told(page):
    reader = Reader(page)
    rows = [
        cells(row) for row in reader.table("Niveau de vie moyen par an, par décile de ce fichier")
    ]
    assert rows[1] == ["Décile 1", "500", "9 000,00 €", "9 090,00 €", "+90,00 €"]
    assert rows[10] == ["Décile 10", "500", "36 000,00 €", "secret", "secret"]
    assert cells(reader.table("Inégalités et pauvreté")[1])[1:] == ["0,2912", "0,2874", "−0,0038"]
    assert cells(reader.table("Inégalités et pauvreté")[2])[1:] == [
        "14,4 %",
        "13,9 %",
        "−0,5 point",
    ]
    assert "Seuil de pauvreté de ce fichier : 13 860,50 € par an." in reader.text


def test_limits_assumptions_remarks_and_hashes_are_all_told(page, compared):
    text = Reader(page).text
    for said in (
        *compared.limits,
        *compared.remarks,
        *(one.label for one in compared.assumptions),
        "0,12",
        "0.1 à 0.15",
        *(file["sha256"] for file in compared.people.files),
        *compared.versions.values(),
        "population, graine",
    ):
        assert spaced(said) in text


def test_the_page_gives_the_reform_back(compared):
    content = yaml.safe_load(reproduce.reform_file(compared))
    assert reforms.reform(content).content == compared.reform["content"]


def test_the_command_and_the_program_are_those_of_the_tool(compared):
    from openfisca_cej.commands.compare import compare

    universe = {"universe": "entrants", "region": "France", "year": "2022", "size": 500, "seed": 7}
    replaced = {**universe, "assumptions": {"part_hommes": 0.5}}
    synthetic = comparison(people=People("x", "synthetique", 500, 1.0, True, (), replaced))
    for one in (compared, synthetic):
        words_of = shlex.split(reproduce.command(one).replace("\\\n", " "))
        assert words_of[:2] == ["openfisca-cej", "compare"]
        known = {option for parameter in compare.params for option in parameter.opts}
        assert {word for word in words_of if word.startswith("--")} <= known
        compiled = compile(reproduce.python(one), "rapport", "exec")
        assert "compare" in compiled.co_names
    assert "--assumptions hypotheses.yaml" in reproduce.command(synthetic)
    assert yaml.safe_load(reproduce.assumptions_file(synthetic)) == {"part_hommes": 0.5}
    # Whose assumptions are all stated says so: the others are calibrated by default.
    none = People("x", "synthetique", 500, 1.0, True, (), {**universe, "assumptions": {}})
    stated = comparison(people=none)
    assert "--assumptions stated" in reproduce.command(stated)
    assert "read('stated')" in reproduce.python(stated)


@pytest.mark.parametrize(
    ("month", "changed", "options"),
    [
        ("2024-12", {}, ""),
        ("2024-12", {"region": "PACA"}, " --region PACA"),
        ("2024-12", {"assumptions": {"part_hommes": 0.5}}, " --assumptions hypotheses.yaml"),
        ("2024-12", {"assumptions": {}}, " --assumptions stated"),
        ("2024-12", {"universe": "stock", "year": "2023-06-30"}, ""),
        ("2024-12", {"universe": "neet"}, None),
        ("2027-12", {}, None),
    ],
)
def test_the_cost_of_a_year_to_come_is_told_by_its_command(compared, month, changed, options):
    usual = assumptions.replaced_values(assumptions.read("calibrated"))
    who = {"universe": "entrants", "region": "France", "year": "2022", "size": 500, "seed": 7}
    known = {**who, "assumptions": usual, **changed}
    people = People("x", "synthetique", 500, 1.0, True, (), known)
    found = dataclasses.replace(compared, months=("2022-03", month), people=people)
    command = f"openfisca-cej compare reforme.yaml --universe presents --year 2027{options}"
    assert reproduce.coming(found) == (("2027", command) if options is not None else ("", ""))
    assert (f"<code>{command}</code>" in report.to_html(found)) is (options is not None)


def test_python_is_not_given_as_a_command():
    one = comparison(verifiable=False, reform={"name": "x", "content": "def x(system): ..."})
    assert reproduce.command(one) == ""
    assert "ce rapport ne peut pas la contenir" in Reader(report.to_html(one)).text


def test_nothing_at_all_is_a_page_too():
    one = comparison(
        changes=(),
        curves=(),
        cases=(),
        breakdowns=(),
        published=(),
        assumptions=(),
        limits=(),
        remarks=(),
        households=None,
    )
    text = Reader(report.to_html(one)).text
    assert "Aucune valeur ni aucune règle ne change." in text
    assert "Cas types" not in text
    assert "Niveaux de vie" not in text


def test_both_files_are_written_twice_the_same(tmp_path, compared):
    first = report.write(compared, tmp_path / "a")
    names = ["resultats.csv", "resultats.parquet", "rapport.html", "classeur.xlsx", "run.json"]
    assert [path.name for path in first] == names
    second = report.write(compared, tmp_path / "b")
    for before, after in zip(first, second, strict=True):
        assert before.read_bytes() == after.read_bytes()


def test_without_xlsxwriter_the_page_says_that_there_is_no_workbook(
    tmp_path, compared, monkeypatch
):
    monkeypatch.setattr("openfisca_cej.report.writing.find_spec", lambda name: None)
    (path,) = report.fill(compared, tmp_path)
    assert "pip install 'openfisca-cej[report]'" in Reader(path.read_text(encoding="utf-8")).text


def test_a_comparison_of_the_engine_becomes_a_report(tmp_path):
    from openfisca_cej.analysis.compare import compare
    from openfisca_cej.analysis.sources import of_universe

    people = of_universe("entrants", "France", "2022", 400, 1)
    found = compare("age_29", people, "2022-11:2022-12", replicates=20, draws=0)
    page, workbook = report.fill(found, tmp_path)
    text = Reader(page.read_text(encoding="utf-8")).text
    for case in found.cases:
        assert spaced(case.label) in text
    assert workbook.stat().st_size > 10_000


def test_the_report_has_no_fault_of_accessibility(tmp_path, page):
    path = tmp_path / "rapport.html"
    path.write_text(page, encoding="utf-8")
    found, checked = axe.problems(path)
    assert found == []
    assert [one["rules"] > 30 for one in checked] == [True] * 4


@pytest.mark.parametrize(
    ("value", "unit", "name", "told"),
    [
        (1234567.891, "€", "total", "1 234 568 €"),
        (-12.5, "€", "montant_moyen", "−12,50 €"),
        (0.1234, "part", "", "12,3 %"),
        (0.28456, "indice", "", "0,2846"),
        (None, "€", "", "—"),
        (1250.4, "personnes", "", "1 250"),
    ],
)
def test_quantities_are_written_in_french(value, unit, name, told):
    assert spaced(words.quantity(value, unit, name)) == told


def test_page_one_answers_who_how_much_and_what_is_not_counted(compared):
    head = Reader(report.to_html(compared)).text.partition("Le budget")[0]
    # The whole year: 12 × 2 412 345.67 €, ± 2 %.
    assert "la réforme coûte 28,9 M€ ; intervalle à 95 % (échantillonnage seul) : de 28,4" in head
    # 62 000 and 21 000 of 171 000; 9 000 and 12 000 of 120 000 and 50 995.
    assert "L'intervalle ne couvre ni le biais" in head
    assert "62 000 personnes (36,3 %) y gagnent, +31,42 € par mois de contrat en moyenne ; " in head
    assert "21 000 personnes (12,3 %) y perdent, −12,08 € par mois de contrat en moyenne" in head
    assert "la part des perdants va de 7,5 % (Foyer non imposable) à 23,5 %" in head
    assert "« part des <formés> » : de 0,2 à 0,4, elle mène le coût de +1 M€ à +3 M€" in head
    assert "Ne sont pas comptés : les changements de comportement" in head
    unseen = Reader(report.to_html(dataclasses.replace(compared, unseen=True))).text
    assert "y gagnent" not in unseen.partition("Le budget")[0]


@pytest.mark.parametrize(
    ("value", "ends", "told"),
    [
        (33.4e6, (31.9e6, 35.2e6), "+33 M€ de 32 à 35 M€"),
        (950_000, (800_000, 1_100_000), "+1,0 M€ de 0,8 à 1,1 M€"),
        (12_345.6, (11_000, 13_000), "+12 000 € de 11 000 à 13 000 €"),
        (-4.57, (-4.72, -4.31), "−4,60 € de −4,70 à −4,30 €"),
        (1e6, (1e6 - 300, 1e6 + 300), "+1 000 000 € de 999 700 à 1 000 300 €"),
        (0.0, (0.0, 0.0), "0 €"),
    ],
)
def test_money_is_rounded_to_what_its_interval_allows(value, ends, told):
    text = f"{words.signed(value, '€', 'total', ends)} {words.interval(ends, '€', 'total')}"
    assert spaced(text).strip() == told


@pytest.mark.parametrize(
    ("value", "told"), [(0.0, "0 €"), (0.3, "0 €"), (3.0, "+3 €"), (-3.0, "−3 €"), (None, "—")]
)
def test_differences_have_their_sign(value, told):
    assert spaced(words.signed(value, "€")) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[0.1, 0.15]", "0,10 à 0,15"),
        ("0.52", "0,52"),
        ("True", "oui"),
        ("{16: 0.012, 17: 0.05}", "16 : 0,012 ; 17 : 0,05"),
        ("['a', 'b']", "a ; b"),
        ("[]", ""),
        ("une loi uniforme", "une loi uniforme"),
    ],
)
def test_assumptions_are_written_in_french(text, told):
    assert spaced(words.assumed(text)) == told


def test_marks_stay_with_the_word_before_them_outside_of_code():
    page = words.typeset('<p title="a : b">« mot » : 3 %</p><pre>a : b</pre>')
    assert page == ('<p title="a : b">«\u00a0mot\u00a0»\u00a0: 3\u00a0%</p><pre>a : b</pre>')


@pytest.mark.parametrize(
    ("difference", "ends", "told"),
    [
        (
            -2.4e6,
            (-3e6, -1.8e6),
            "économise 2,4 M€ ; intervalle à 95 % (échantillonnage seul) : de 1,8 à 3,0 M€",
        ),
        # Whether it costs or saves is not known: one sign for all.
        (
            -2.4e6,
            (-6e6, 1e6),
            "coûte −2 M€ ; intervalle à 95 % (échantillonnage seul) : de −6 à 1 M€",
        ),
        (
            2.4e6,
            (-1e6, 6e6),
            "coûte 2 M€ ; intervalle à 95 % (échantillonnage seul) : de −1 à 6 M€",
        ),
        (2.4e6, (2.4e6, 2.4e6), "coûte 2 400 000 €. C'est"),
        (-2.4e6, None, "économise 2 400 000 €. C'est"),
    ],
)
def test_what_is_saved_is_told_without_a_sign_where_that_is_sure(
    compared, difference, ends, told
) -> None:
    window = compared.of_kind("fenetre")[0]
    totals = [
        dataclasses.replace(one, difference=difference, interval=ends)
        if one.name == "total"
        else one
        for one in window.measures
    ]
    alone = dataclasses.replace(window, measures=tuple(totals))
    sampled = dataclasses.replace(compared.sampling, draws=0)
    found = dataclasses.replace(compared, periods=(alone,), headline="", sampling=sampled)
    assert told in spaced(lead(found))


def test_a_population_of_one_is_told_in_the_singular(compared) -> None:
    one = dataclasses.replace(compared.people, persons=1, weighted=False)
    assert people(dataclasses.replace(compared, people=one)).endswith(" : 1 personne.")


def test_a_cost_of_some_months_is_told_for_twelve_and_that_of_a_year_is_not(compared) -> None:
    change = dataclasses.replace(compared.changes[0], start="2025-01-01", end=None)
    whole = dataclasses.replace(compared, changes=(change,), scope="")
    assert "douze mois" not in report.to_html(whole)
    # From July on: 6 of the 12 months, 28.9 M€; twice as much in twelve, 57.9, to the million.
    half = dataclasses.replace(whole, changes=(dataclasses.replace(change, start="2026-07-01"),))
    assert "Soit 58 M€ pour douze mois au même rythme." in Reader(report.to_html(half)).text
    # The entrants of a year are no year.
    cohort = dataclasses.replace(half, scope="Une cohorte.")
    assert "douze mois au même" not in report.to_html(cohort)
