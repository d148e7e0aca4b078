"""Which amounts change, and why: expected cells come from the text, worked out apart."""

import os
import sys
from pathlib import Path

import numpy
import pytest
from click.testing import CliRunner
from samples import in_make_long, one_in

import openfisca_cej
from openfisca_cej import CountryTaxBenefitSystem
from openfisca_cej.analysis import difference, grid, probe
from openfisca_cej.cli import main
from openfisca_cej.population.months import month_number
from openfisca_cej.reforms import catalogue, reform
from openfisca_cej.refusals import BadRequest

PATH = "contrat_engagement_jeune.montant_forfaitaire.general.majeur_premiere_tranche"


def side(month: str, spec=None) -> difference.LawOnCases:
    system = CountryTaxBenefitSystem()
    return difference.side(system if spec is None else reform(spec)(system), month, month)


#: In March 2025: what each particular situation adds to the resources (deductible, partly so)…
DEDUCTIBLE = {
    f"{words} 200 € le mois passé"
    for words in (
        *("allocation de chômage", "ASS", "allocation des travailleurs indépendants"),
        *("autre allocation de chômage", "allocation de sécurisation professionnelle"),
        "école de la deuxième chance",
    )
}
PARTIAL = {
    f"{words} 700 € le mois passé"
    for words in (
        *("salaire d'apprenti", "activité non salariée", "activité partielle"),
        *("indemnités de maternité", "indemnités de paternité", "indemnités d'adoption"),
        *("indemnités de maladie", "indemnités d'accident du travail", "maladie professionnelle"),
        *("indemnités journalières sans détail", "indemnités complémentaires"),
        *("rémunération d'ESAT", "adaptation à la vie active", "travail en OACAS"),
    )
}
#: What the turnover (€) of each kind leaves.
TURNOVER = {
    "ventes de micro-entreprise 2000 € le mois passé": 580,
    "services de micro-entreprise 1200 € le mois passé": 600,
    "activité libérale de micro-entreprise 900 € le mois passé": 594,
}
#: … and those in which nothing is due.
UNPAID = {
    *(f"{words} ce mois-ci" for words in ("service civique", "volontariat dans les armées")),
    *(f"service militaire {words} ce mois-ci" for words in ("volontaire", "adapté")),
    *("EPIDE ce mois-ci", "contrat d'insertion ce mois-ci", "contrat aidé ce mois-ci"),
    *("intérim d'insertion ce mois-ci", "prime d'activité il y a deux mois, plus depuis"),
    *("contrat signé il y a 12 mois", "contrat signé il y a 17 mois"),
    *("contrat signé il y a 18 mois", "contrat signé il y a 18 mois, prolongé de six"),
    *("contrat signé il y a 18 mois, fini dans six mois", "contrat fini le mois passé"),
    *("contrat d'il y a 14 mois, parcours fini il y a 3 mois", "contrat prévu jusqu'au mois passé"),
    # Of the incomes of 2023, 19 950 € are still taxed in Guadeloupe (0.7 × 952.16, less 571.40 of
    # décote), no more in Guyane; 60 000 € beyond the first bracket in both.
    "en Guyane, revenu 19950 €, réductions d'impôt 0 €",
    "en Guadeloupe, revenu 60000 €, réductions d'impôt 8655 €",
    "en Guyane, revenu 60000 €, réductions d'impôt 7055 €",
    *("autonomie fiscale, revenu propre 0 € par an", "dossier complet 4 mois après"),
    "dossier complet 4 mois après, 3 mois déjà versés à titre provisoire",
    "manquement de rang 3 (2022) notifié il y a 1 mois",
    "manquement de rang 3 (2022) notifié il y a 2 mois",
    *("signature ce mois-ci, en formation", "signature ce mois-ci, étudiant"),
    "signature ce mois-ci, sans difficulté d'accès à l'emploi",
    "signature ce mois-ci, non inscrit à France Travail",
    "signature ce mois-ci, contrat précédent fini il y a 4 mois",
    "signature ce mois-ci, garantie jeunes depuis 17 mois, prolongée",
}
#: … and those whose incomes are in the first bracket whatever the rest.
OF_THE_FIRST_BRACKET = {
    "autonomie fiscale, revenu propre 20000 € par an",
    "en Guadeloupe, revenu 19950 €, réductions d'impôt 0 €",
}
FIRST_BRACKET = "foyer dans la première tranche"


def due(amount: float, deductible: float, partial: float) -> float:
    """F − R1 − F / (0.8 × SMIC − 300) × (R2 − 300), in March 2025."""
    return amount - deductible - amount / (0.8 * 1801.80 - 300) * max(partial - 300, 0)


def wage_of(label: str) -> float:
    """The wage that a label tells."""
    digits = label.removeprefix("salaire ").replace("\u202f", "").removesuffix("\xa0€")
    return 0 if label == "sans salaire" else float(digits.replace(",", "."))


def paid_usual(choices: dict[str, str], amount: float) -> bool:
    """Who has the second amount in March 2025 and is paid something, among the usual cases.

    An adult out of Mayotte under 26 (30 for a disabled worker), without RSA nor prime d'activité,
    not sanctioned whole: then only the scale of 2022 applies.
    """
    if choices["lieu"] != "hors Mayotte" or choices["tranche"] != FIRST_BRACKET:
        return False
    if choices["age"] not in ("18 ans", "20 ans", "25 ans", "26 ans (RQTH)", "29 ans (RQTH)"):
        return False
    if choices["prestation"] or choices["sanction"] == "deuxième manquement (2022)":
        return False
    training = {"": 0, "formation 200,00\xa0€": 200, "formation 600,00\xa0€": 600}[
        choices["formation"]
    ]
    part = 0.75 if choices["sanction"] == "premier manquement (2022)" else 1
    return part * due(amount, training, wage_of(choices["salaire"])) > 0.005


def paid_situated(choices: dict[str, str], amount: float) -> bool:
    """The same among the particular situations."""
    situation = choices["situation"]
    alone = situation in OF_THE_FIRST_BRACKET
    if choices["lieu"] != "hors Mayotte" or situation in UNPAID:
        return False
    if choices["tranche"] != FIRST_BRACKET and not alone:
        return False
    ages = ("20 ans", "25 ans") if "non révisé" in situation else ("18 ans", "20 ans", "25 ans")
    if choices["age"] not in ages:
        return False
    partial = wage_of(choices["salaire"]) + 700 * (situation in PARTIAL)
    partial += TURNOVER.get(situation, 0)
    return due(amount, 200 * (situation in DEDUCTIBLE), partial) > 0.005


def paid_taxed(choices: dict[str, str], amount: float) -> bool:
    """Whose foyer is in the first bracket by the incomes of 2023 (articles 197 and 1657 of CGI)."""
    couple = choices["foyer"].startswith("couple")
    parts = 2 if couple else 1
    words = choices["foyer"].replace("\u202f", "").replace("\xa0", " ").split()
    share = float(words[words.index("revenu") + 1].replace(",", ".")) / parts
    gross = 0.11 * max(share - 11_294, 0) * parts
    if share > 28_797:
        return False
    left = gross - min(max((1_444 if couple else 873) - 0.4525 * gross, 0), gross)
    left -= 150 * bool(choices["reductions"])
    left = left if left >= 61 else 0
    left -= 150 * bool(choices["credits"])
    return left >= 12


def test_one_parameter_changes_exactly_the_cells_that_it_should() -> None:
    found = difference.between(side("2025-03"), side("2025-03", {PATH: {"2025-01-01": 341.37}}))
    assert found.grid.count >= 50_000
    expected = []
    for case in range(found.grid.count):
        choices = found.grid.choices(case)
        rule = (
            paid_situated
            if "situation" in choices
            else paid_taxed
            if "foyer" in choices
            else paid_usual
            if "sanction" in choices
            else None  # Decisions of the scale of 2025: the foyer has no income.
        )
        if rule and (rule(choices, 331.37) or rule(choices, 341.37)):
            expected.append(case)
    assert found.changed.tolist() == expected
    (cause,) = found.causes
    assert (cause.kind, cause.name) == ("paramètre", PATH)
    assert (cause.before, cause.after) == (331.37, 341.37)
    assert (cause.cases == found.changed).all()


def test_between_two_dates_each_amount_accounts_for_its_own_cells() -> None:
    found = difference.between(side("2025-03"), side("2025-04"))
    names = {cause.name.rpartition("montant_forfaitaire.")[2] for cause in found.causes}
    places = ("general", "mayotte")
    kinds = ("majeur_non_imposable", "majeur_premiere_tranche", "mineur")
    assert names == {f"{place}.{kind}" for place in places for kind in kinds}
    # No case is moved by two of them.
    assert sum(len(cause.cases) for cause in found.causes) == len(found.changed)
    for cause in found.causes:
        told = [found.grid.choices(case) for case in cause.cases.tolist()]
        places = {choices.get("lieu", "hors Mayotte") for choices in told}
        assert places == {"Mayotte" if "mayotte" in cause.name else "hors Mayotte"}


def test_a_rule_that_is_replaced_accounts_for_its_cells() -> None:
    found = difference.between(side("2025-03"), side("2025-03", "bareme_lineaire"))
    kinds = {cause.kind for cause in found.causes}
    assert kinds == {"règle"}
    told = [found.grid.choices(case) for case in found.changed.tolist()]
    usual = [choices for choices in told if "sanction" in choices]
    assert usual
    assert all(wage_of(choices["salaire"]) > 300 for choices in usual)


def test_nothing_changes_between_a_law_and_itself() -> None:
    found = difference.between(side("2025-03"), side("2025-03", {}))
    assert (len(found.changed), found.causes, found.untried) == (0, (), ())
    assert "Aucune valeur ni aucune règle ne diffère" in difference.markdown(found)


@pytest.mark.parametrize("name", list(catalogue())[:: one_in(4)])
def test_each_ready_made_reform_changes_some_case(name: str, system) -> None:
    """In the month of the last of its provisions, from March 2025 on."""
    month = max("2025-03", *(one.start[:7] for one in reform(name).provisions(system)))
    found = difference.between(side(month), side(month, name))
    assert len(found.changed), f"openfisca_cej/reforms/{name}.yaml changes no case of {month}"
    # The coefficient of the foyer's tier only serves what is paid back, not the allowance.
    assert set(found.untried) <= {"cej_coefficient_degressivite_rattachement"}


#: Parameters that no case of the grid is touched by, because the allowance does not depend on them.
IDLE = {
    # Amounts, ceilings and hours that the allowance of the month does not read.
    "prestations_sociales.solidarite_insertion.minima_sociaux.rsa.rsa_m.montant_de_base_du_rsa",
    "prestations_sociales.solidarite_insertion.minima_sociaux.rsa.rsa_fl.taux_1_personne",
    *(
        f"contrat_engagement_jeune.allocation_ponctuelle.{name}"
        for name in ("plafond_ressources", "ressources", "plafond_annuel")
    ),
    *(
        f"contrat_engagement_jeune.contrat.heures_hebdomadaires.{name}"
        for name in ("minoration_possible", "dispense_possible", "repere_haut", "minimum")
    ),
    *(
        f"contrat_engagement_jeune.garantie_jeunes.{name}"
        for name in (
            *("montant", "abattement", "part_smic", "ressources"),
            *("indemnites_journalieres", "duree_indemnites_journalieres"),
        )
    ),
    "contrat_engagement_jeune.montant_forfaitaire.revalorisation",
    "contrat_engagement_jeune.ressources.cumulables",
    "contrat_engagement_jeune.complementaire_sante_solidaire.presomption",
    # Who is struck off by it has the whole allowance withheld anyway.
    "contrat_engagement_jeune.sanctions.bareme_2025.duree_radiation_manquement",
    # Above the first bracket nothing is due; the first threshold is that of a rate of zero.
    "impot_revenu.bareme_ir_depuis_1945.bareme[0].threshold",
    *(f"impot_revenu.bareme_ir_depuis_1945.bareme[{rank}].rate" for rank in (3, 4)),
    *(f"impot_revenu.bareme_ir_depuis_1945.bareme[{rank}].threshold" for rank in (3, 4)),
}


def others(value) -> list:
    """Values near one, or its contrary."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, list):
        return [value[:-1]]
    if isinstance(value, int):
        return [value + 1, max(value - 1, 0), 2 * value]
    return [1.05 * value, 0.9 * value]


@in_make_long
def test_each_parameter_changed_alone_changes_some_case_or_is_listed() -> None:
    law = CountryTaxBenefitSystem()
    months = ("2025-09", "2023-03", "2027-08")
    known = [(path, parameter) for path, parameter in probe.leaves(law) if parameter.values_list]
    left = dict(known[:: one_in(6)])
    idle = IDLE & set(left)
    for month in months:
        cases = grid.Grid(month_number(month), law)
        # The usual cases take most of the time, and few rules are only seen there.
        first = cases.blocks[0].count
        for arrays in (
            {name: values[first:] for name, values in cases.arrays.items()},
            cases.arrays,
        ):
            base = probe.amounts(law, arrays, month)
            for path in list(left):
                if path in IDLE and arrays is cases.arrays:
                    continue
                value = left[path](f"{month}-01")
                for other in [] if value is None else others(value):
                    system = difference.put_back(law, {path: other}, {})
                    if (probe.amounts(system, arrays, month) != base).any():
                        del left[path]
                        break
    assert set(left) == idle


def test_what_no_case_is_touched_by_is_said() -> None:
    path = "contrat_engagement_jeune.contrat.heures_hebdomadaires.minimum"
    found = difference.between(side("2025-03"), side("2025-03", {path: {"2025-01-01": 20}}))
    assert (len(found.changed), found.untried) == (0, (path,))
    text = difference.markdown(found)
    assert "n'est éprouvé par aucun cas de la grille" in text
    assert f"`{path}`" in text


def test_many_names_are_counted_by_folder() -> None:
    text = difference.markdown(difference.between(side("2025-05"), side("2025-06")))
    # The scale of 2025: 4 motives × 2 ranks × 3 numbers, and two lengths.
    assert "`contrat_engagement_jeune.sanctions.bareme_2025` (26 paramètres)" in text
    assert "manquement.premier.taux_min" not in text
    assert "| « non » | « oui » |" in text


def test_what_only_changes_together_is_said() -> None:
    # The sanction of 2025 is new: neither the end of the old scale nor its own values can be put
    # back alone for all cases.
    found = difference.between(side("2025-05"), side("2025-06"))
    explained = numpy.unique(numpy.concatenate([cause.cases for cause in found.causes]))
    assert (explained == found.changed).all()


def other_python(folder: Path, line: str) -> Path:
    """An interpreter whose openfisca_cej has another value for the amount of the second tier."""
    import shutil

    package = folder / "site" / "openfisca_cej"
    shutil.copytree(Path(openfisca_cej.__file__).parent, package)
    file = package / "parameters" / f"{PATH.replace('.', '/')}.yaml"
    text = file.read_text()
    assert line in text
    file.write_text(text.replace(line, "value: 341.37"))
    python = folder / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH="{package.parent}" exec "{sys.executable}" "$@"\n')
    os.chmod(python, 0o755)  # noqa: PTH101
    return python


def test_another_installed_version_is_asked(tmp_path: Path) -> None:
    python = other_python(tmp_path, "value: 331.37")
    found = difference.between(difference.installed(python, "2025-03"), side("2025-03"))
    (cause,) = found.causes
    assert (cause.name, cause.before, cause.after) == (PATH, 341.37, 331.37)
    here = difference.between(side("2025-03"), side("2025-03", {PATH: {"2025-01-01": 341.37}}))
    assert found.changed.tolist() == here.changed.tolist()


def test_an_interpreter_that_cannot_answer_is_refused(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'no module' >&2; exit 1\n")
    python.chmod(0o755)
    with pytest.raises(BadRequest, match="no module"):
        difference.installed(python, "2025-03")


def test_the_command_writes_markdown(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["diff", "--from", "2025-03", "--to", "2025-04"])
    assert done.exit_code == 0, done.output
    assert "## Montants qui changent : 2025-03 → 2025-04" in done.output
    assert "| 331,37 € | 337,00 € | " in done.output.replace("\xa0", " ")
    out = tmp_path / "diff.md"
    same = ["diff", "--reform", "age_29", "--against", "age_29", "--month", "2025-03"]
    assert CliRunner().invoke(main, [*same, "--out", str(out)]).exit_code == 0
    assert "0 cas sur" in out.read_text()


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--from", "2025-03"],
        ["--from", "2025-03", "--to", "2021-04"],
        ["--from", "2025-03", "--to", "avril"],
        ["--from", "2025-03", "--to", "2025-04", "--reform", "age_29"],
        ["--against", "age_29"],
        ["--reform", "nulle_part"],
    ],
)
def test_bad_requests_are_refused_in_words(arguments: list[str]) -> None:
    done = CliRunner().invoke(main, ["diff", *arguments])
    assert done.exit_code == 2
    assert done.output.strip()
    assert "Traceback" not in done.output
