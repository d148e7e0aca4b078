"""The model against the oracle, to the centime, and the oracle against published figures."""

import re
import shutil
from collections import Counter
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path

import oracle
import pytest
import yaml
from confrontation import (
    APRES,
    CAS_DE_SANCTIONS,
    COMPARAISONS,
    MOIS,
    PARAMETRES,
    confronter,
    derniere_date,
    differences,
    lots,
    reduire,
)
from oracle import numero
from samples import ALL, QUICK
from simulations import generateur, situation, systeme

from openfisca_cej import base, names
from openfisca_cej.dependencies import reached
from openfisca_cej.droit import places

RACINE = Path(__file__).resolve().parent.parent

# --- The oracle against the examples of the sources ----------------------------------------------


def jeune(mois, **entrees):
    """A twenty-year-old at the given month, unless an age is given."""
    naissance = {} if "age" in entrees else {"date_naissance": date(numero(mois) // 12 - 20, 1, 1)}
    return naissance | entrees


PREMIERE_TRANCHE = {"rni": 25_000}  # a single part: imposable, first bracket, whatever the year
MINEUR = {"age": 17}
MAYOTTE = {"residence_mayotte": True}


@pytest.mark.parametrize(
    ("mois", "entrees", "attendu"),
    [
        # Calculés à la main depuis R5131-20 et D5131-23 : mois, situation, allocation.
        ("2022-03", {}, 500_00),
        ("2022-03", {"salaire_net": 300}, 500_00),
        ("2022-03", {"salaire_net": 600}, 347_33),
        ("2022-03", {"salaire_net": 600, **PREMIERE_TRANCHE}, 208_40),
        ("2022-03", {"salaire_net": 1282.50}, 0),
        ("2022-03", {"chomage_net": 200}, 300_00),
        ("2022-03", {"chomage_net": 600}, 0),
        ("2022-05", {"salaire_net": 600}, 352_43),
        ("2023-04", {"salaire_net": 600}, 379_61),
        ("2023-05", {"salaire_net": 600}, 383_71),
        ("2024-04", {"salaire_net": 600}, 403_50),
        ("2024-11", {"salaire_net": 600}, 407_13),
        ("2025-04", {"salaire_net": 600}, 414_06),
        ("2025-04", {"chomage_net": 224.68}, 337_00),
        ("2025-04", {"salaire_net": 1441.44}, 0),
        ("2026-01", {"salaire_net": 600}, 416_22),
        ("2026-06", {"salaire_net": 600}, 423_87),
        ("2026-11", {"salaire_net": 1200}, 139_27),
        ("2026-11", {"salaire_net": 1493.62}, 0),
        # Dossier réel de novembre 2024 (betagouv/aides-jeunes, n° 4731).
        ("2024-11", PREMIERE_TRANCHE, 331_37),
        # service-public.fr, 1er avril 2025.
        ("2025-04", {}, 561_68),
        ("2025-04", PREMIERE_TRANCHE, 337_00),
        ("2025-04", MINEUR, 224_68),
        ("2025-04", MAYOTTE, 320_15),
        ("2025-04", {**PREMIERE_TRANCHE, **MAYOTTE}, 192_10),
        ("2025-04", {**MINEUR, **MAYOTTE}, 128_06),
        # Mission locale de Rouen, 1er avril 2023.
        ("2023-04", {}, 528_00),
        ("2023-04", PREMIERE_TRANCHE, 316_80),
        ("2023-04", MINEUR, 211_20),
        ("2023-04", MAYOTTE, 300_96),
        ("2023-04", {**PREMIERE_TRANCHE, **MAYOTTE}, 180_58),
        ("2023-04", {**MINEUR, **MAYOTTE}, 120_38),
        # France Travail, 1er avril 2024.
        ("2024-04", {}, 552_29),
        ("2024-04", MINEUR, 220_92),
        ("2024-04", MAYOTTE, 314_80),
        ("2024-04", {**PREMIERE_TRANCHE, **MAYOTTE}, 188_89),
        ("2024-04", {**MINEUR, **MAYOTTE}, 125_92),
        # R5131-18 : notifié en mars, le premier manquement retire un quart en avril.
        ("2023-04", {"cej_rang_manquement": {"2023-03": 1}}, 396_00),
        ("2023-04", {"cej_rang_manquement": {"2023-03": 2}}, 0),
        ("2023-05", {"cej_rang_manquement": {"2023-03": 2}}, 528_00),
        ("2023-05", {"cej_rang_manquement": {"2023-03": 3}}, 0),
        ("2023-03", {"cej_rang_manquement": {"2023-03": 3}}, 520_00),
        # R5412-1 : au moins 30 % de moins.
        ("2025-07", {"cej_sanction_motif": {"2025-07": "manquement"}}, 393_18),
        ("2025-08", {"cej_sanction_motif": {"2025-07": "manquement"}}, 561_68),
        ("2025-08", {"cej_sanction_motif": {"2025-07": "refus_contrat"}}, 561_68),
    ],
)
def test_exemples(mois, entrees, attendu):
    verifier(jeune(mois, **entrees), mois, attendu)


def verifier(cas, mois, attendu):
    """What is published is what the oracle says, or the oracle is to be edited."""
    trouve = oracle.allocation(cas, mois)
    assert trouve == attendu, f"tests/helpers/oracle.py: {mois}, {attendu} centimes, for {cas}"


@pytest.mark.parametrize(
    ("mois", "entrees", "attendu"),
    [
        ("2022-03", {"age": 15}, 0),
        ("2022-03", {"age": 16}, 200_00),
        ("2022-03", {"age": 17}, 200_00),
        ("2022-03", {"age": 18, "salaire_net": 200}, 500_00),
        ("2022-03", {"age": 24, "rsa": 500}, 0),
        ("2022-03", {"age": 24, "ppa": {"2022-03": 150}}, 0),
        ("2022-03", {"age": 24, "activite": "etudiant"}, 0),
        ("2022-03", {"age": 28}, 0),
        ("2022-03", {"age": 28, "rqth": True}, 500_00),
        ("2022-03", {"age": 24, "chomage_net": 600}, 0),
        ("2022-03", {"age": 24, "salaire_net": 1300}, 0),
        ("2023-04", {"age": 18, "rni": 500_000}, 0),
        ("2023-04", {"age": 18, "rni": 0}, 528_00),
    ],
)
def test_exemples_publies_avec_l_age(mois, entrees, attendu):
    """Les cas d'essai d'OpenFisca-France, que la loi donne aussi."""
    verifier(entrees, mois, attendu)


def test_seuils_de_l_impot_nul():
    """Revenu d'une personne seule à partir duquel elle est imposable, par année de revenus."""
    for annee, seuil in {
        2021: 15_551,
        2022: 16_372,
        2023: 17_139,
        2024: 17_442,
        2025: 17_595,
    }.items():
        mois = f"{annee + 1}-10"
        sous, sur = ({"rni": seuil + ecart} for ecart in (-1, 1))
        assert oracle.situation_fiscale(sous, mois) == "non_imposable"
        assert oracle.situation_fiscale(sur, mois) == "premiere_tranche"


def test_arrondi_au_demi_centime():
    assert [oracle.arrondi(Fraction(n, 2)) for n in (1, 2, 3, 5, -1)] == [1, 1, 2, 3, 0]


def test_quantieme_absent():
    assert oracle.ajouter_mois(date(2023, 11, 30), 3) == date(2024, 2, 29)
    assert oracle.ajouter_mois(date(2024, 5, 31), -3) == date(2024, 2, 29)


# --- The second reading of the law ---------------------------------------------------------------

ENTREE_EN_GARANTIE_JEUNES = {
    "cej_garantie_jeunes_beneficiaire": True,
    "cej_garantie_jeunes_date_entree": date(2021, 12, 5),
}
SIGNE_EN_JUIN = {"cej_date_signature": date(2024, 6, 10)}
DEUX_CONTRATS = {
    "cej_date_fin_precedent": date(2024, 6, 20),
    "cej_date_signature": date(2024, 6, 25),
}


def prime(*mois):
    return {"ppa": dict.fromkeys(mois, 150)}


def plein(mois):
    """Le montant d'un majeur non imposable : celui de mois à venir n'est écrit nulle part."""
    return oracle.en_vigueur(oracle.MONTANTS, numero(mois))[0][0]


def non_declarees(*mois):
    return {"cej_sanction_motif": dict.fromkeys(mois, "activite_non_declaree")}


@pytest.mark.parametrize(
    ("mois", "entrees", "attendu"),
    [
        # Smic de Mayotte depuis juin 2026 : 322.71 − 300 × 322.71 / (0.8 × 1449.93 − 300).
        ("2026-07", {"salaire_net": {"2026-06": 600}, **MAYOTTE}, 210_13),
        # B. Treize mois civils, sauf signature le 1er.
        ("2025-06", SIGNE_EN_JUIN, 561_68),
        ("2025-07", SIGNE_EN_JUIN, 0),
        ("2025-05", {"cej_date_signature": date(2024, 6, 1)}, 561_68),
        ("2025-06", {"cej_date_signature": date(2024, 6, 1)}, 0),
        # E. Limite de 28 797 € jusqu'en mars 2025, de 29 315 € jusqu'en mars 2026, puis 29 579 €.
        ("2025-03", {"rni": 29_000}, 0),
        ("2025-04", {"rni": 29_000}, 337_00),
        ("2026-03", {"rni": 29_500}, 0),
        ("2026-04", {"rni": 29_500}, 339_70),
        ("2026-09", {"rni": 29_579}, 339_70),
        ("2026-09", {"rni": 29_580}, 0),
        # F. 20 000 € de 2024 : 935.33 € d'impôt brut, 561.20 € à Mayotte, que la décote efface.
        ("2025-10", {"rni": 20_000}, 337_00),
        ("2025-10", {"rni": 20_000, **MAYOTTE}, 320_15),
        ("2025-10", {"rni": 20_000, "residence_mayotte": {"2025-09": True}}, 337_00),
        # L'impôt que l'avis porte l'emporte sur le barème, dans un sens comme dans l'autre.
        ("2026-09", {"rni": 40_000, "cej_impot_restant_a_payer": 0.0}, 566_17),
        ("2026-09", {"rni": 20_000, "cej_impot_restant_a_payer": 12.0}, 339_70),
        ("2026-09", {"rni": 40_000, "cej_impot_restant_a_payer": {"2025": 12.0, "2024": 0.0}}, 0),
        # G. La prime courait avant la signature : trois mois au plus, sans interruption.
        ("2024-06", SIGNE_EN_JUIN | prime("2024-05", "2024-06"), 552_29),
        ("2024-08", SIGNE_EN_JUIN | prime("2024-05", "2024-06", "2024-07", "2024-08"), 552_29),
        (
            "2024-09",
            SIGNE_EN_JUIN | prime("2024-05", "2024-06", "2024-07", "2024-08", "2024-09"),
            0,
        ),
        (
            "2024-10",
            SIGNE_EN_JUIN | prime("2024-05", "2024-06", "2024-07", "2024-08", "2024-09"),
            0,
        ),
        ("2024-09", SIGNE_EN_JUIN | prime("2024-05", "2024-06", "2024-07", "2024-08"), 552_29),
        ("2024-08", SIGNE_EN_JUIN | prime("2024-05", "2024-06", "2024-08"), 0),
        ("2024-08", SIGNE_EN_JUIN | prime("2024-06"), 0),
        (
            "2024-08",
            SIGNE_EN_JUIN | prime("2024-07", "2024-08") | {"ppa_activite_anterieure": True},
            552_29,
        ),
        (
            "2024-06",
            SIGNE_EN_JUIN | prime("2024-05", "2024-06") | {"ppa_activite_anterieure": False},
            0,
        ),
        ("2024-08", prime("2024-07"), 552_29),  # sans signature, le premier mois est août
        ("2024-08", prime("2024-08"), 0),
        ("2024-08", prime("2024-07", "2024-08"), 552_29),
        # H. 900 € de chiffre d'affaires : 261, 450 et 594 € comptés.
        ("2025-05", {"rpns_auto_entrepreneur_CA_achat_revente": {"2025-04": 900}}, 561_68),
        # 561.68 − 150 × 561.68 / 1141.44, puis 294 ×
        ("2025-05", {"rpns_auto_entrepreneur_CA_bic": {"2025-04": 900}}, 487_87),
        ("2025-05", {"rpns_auto_entrepreneur_CA_bnc": {"2025-04": 900}}, 417_01),
        ("2025-05", {"rpns_auto_entrepreneur_CA_bnc": {"2025-05": 900}}, 561_68),
        # K. Le mois du service civique, non le suivant ; moins d'un demi-centime ne compte pas.
        ("2025-04", {"indemnites_volontariat": {"2025-04": 600}}, 0),
        ("2025-05", {"indemnites_volontariat": {"2025-04": 600}}, 561_68),
        ("2025-04", {"indemnites_volontariat": 0.004, "rsa": 0.004, "ppa": 0.004}, 561_68),
        ("2025-04", {"rsa": 0.01}, 0),
        # P. À quel contrat appartient un manquement.
        ("2024-07", DEUX_CONTRATS | {"cej_rang_manquement": {"2024-06": 2}}, 552_29),
        ("2024-07", DEUX_CONTRATS | {"cej_rang_manquement": {"2024-06": 3}}, 552_29),
        ("2024-08", DEUX_CONTRATS | {"cej_rang_manquement": {"2024-07": 2}}, 0),
        ("2026-11", {"cej_rang_manquement": {"2022-06": 3}}, 566_17),
        ("2023-06", {"cej_rang_manquement": {"2022-06": 3}}, 0),
        ("2023-07", {"cej_rang_manquement": {"2022-06": 3}}, 528_00),
        # L. Vingt-quatre mois depuis la première décision ; ensuite, une nouvelle première.
        ("2027-07", non_declarees("2025-06", "2027-06"), 0),
        ("2027-08", non_declarees("2025-06", "2027-07"), plein("2027-08")),
        ("2027-09", non_declarees("2025-06", "2027-05", "2027-08"), plein("2027-09")),
        ("2027-10", non_declarees("2025-06", "2027-07", "2027-09"), 0),
        ("2027-08", non_declarees("2025-06", "2025-08", "2027-07"), plein("2027-08")),
        (
            "2027-08",  # donnée comme première, celle d'août 2025 ouvre un nouveau délai
            non_declarees("2025-06", "2025-08", "2027-07") | {"cej_sanction_rang": {"2025-08": 1}},
            0,
        ),
        # Q. La levée vaut pour les décisions d'avant, non pour celle du mois.
        (
            "2025-08",
            {
                "cej_sanction_motif": {"2025-07": "manquement"},
                "cej_sanction_duree": {"2025-07": 2},
                "cej_sanction_levee": {"2025-08": True},
            },
            561_68,
        ),
        (
            "2025-07",
            {
                "cej_sanction_motif": {"2025-07": "manquement"},
                "cej_sanction_levee": {"2025-07": True},
            },
            393_18,
        ),
        # R. Une sanction prise avant la signature agit encore.
        (
            "2025-08",
            {
                "cej_date_signature": date(2025, 8, 4),
                "cej_sanction_motif": {"2025-07": "refus_offres"},
            },
            0,
        ),
    ],
)
def test_deuxieme_lecture(mois, entrees, attendu):
    assert oracle.allocation(jeune(mois, **entrees), mois) == attendu


SIGNATURE = date(2023, 9, 15)


@pytest.mark.parametrize(
    ("signature", "entrees", "fin"),
    [
        # B. De date à date.
        (date(2024, 3, 15), {}, date(2025, 3, 14)),
        (date(2024, 3, 1), {}, date(2025, 2, 28)),
        (date(2024, 3, 15), {"mois_prolongation": 2}, date(2025, 5, 14)),
        (date(2024, 3, 15), {"mois_prolongation": 9}, date(2025, 9, 14)),
        # C. Un parcours, au jour près.
        *(
            (
                date(2024, 3, 15),
                {"parcours_date_debut": debut, "parcours_date_fin": date(2025, 8, 31)},
                fin,
            )
            for debut, fin in (
                (date(2025, 3, 5), date(2025, 10, 31)),
                (date(2025, 3, 14), date(2025, 10, 31)),
                (date(2025, 3, 15), date(2025, 3, 14)),
                (date(2024, 3, 15), date(2025, 10, 31)),
                (date(2024, 3, 14), date(2025, 3, 14)),
            )
        ),
        (date(2024, 3, 15), {"parcours_date_fin": date(2025, 8, 31)}, date(2025, 10, 31)),
        # D. Terme prévu, prolongations, fin réelle.
        (SIGNATURE, {"date_fin_prevue": date(2024, 3, 14)}, date(2024, 3, 14)),
        (
            SIGNATURE,
            {"date_fin_prevue": date(2024, 3, 14), "mois_prolongation": 8},
            date(2024, 11, 14),
        ),
        (
            SIGNATURE,
            {"date_fin_prevue": date(2024, 3, 14), "mois_prolongation": 13},
            date(2025, 3, 14),
        ),
        (SIGNATURE, {"date_fin_prevue": date(2025, 1, 31)}, date(2024, 9, 14)),
        (SIGNATURE, {"date_fin": date(2024, 2, 3)}, date(2024, 2, 3)),
        (SIGNATURE, {"date_fin": date(2025, 2, 3)}, date(2025, 2, 3)),
        (SIGNATURE, {"date_fin": date(2025, 5, 16)}, date(2025, 3, 14)),
        (
            SIGNATURE,
            {"date_fin_prevue": date(2024, 3, 14), "date_fin": date(2024, 8, 1)},
            date(2024, 3, 14),
        ),
        (
            SIGNATURE,
            {
                "date_fin": date(2025, 5, 16),
                "parcours_date_debut": date(2024, 11, 23),
                "parcours_date_fin": date(2025, 9, 1),
            },
            date(2025, 5, 16),
        ),
    ],
)
def test_fin_du_contrat(signature, entrees, fin):
    """Le contrat court du mois de la signature à celui de sa fin, tous deux entiers."""
    cas = jeune("2024-01", cej_date_signature=signature)
    cas |= {f"cej_{nom}": valeur for nom, valeur in entrees.items()}
    assert oracle.fin_du_contrat(cas) == fin
    mois = [m for m in range(numero("2023-01"), numero("2026-12")) if oracle.en_cours(cas, m)]
    assert (mois[0], mois[-1]) == (numero(signature), numero(fin))


@pytest.mark.parametrize(
    ("fin", "premier"),
    [
        (date(2024, 4, 30), "2024-10"),
        (date(2024, 8, 31), "2025-02"),
        (date(2024, 3, 1), "2024-09"),
    ],
)
def test_carence_de_six_mois(fin, premier):
    cas = {"cej_date_fin_precedent": fin}
    assert oracle.condition_carence(cas, numero(premier))
    assert not oracle.condition_carence(cas, numero(premier) - 1)


@pytest.mark.parametrize("autonome", [False, True])
@pytest.mark.parametrize(
    ("lieu", "seuil"),
    [
        ({}, 17_442),
        *(({f"residence_{nom}": True}, 19_991) for nom in ("guadeloupe", "martinique", "reunion")),
        *(({f"residence_{nom}": True}, 21_406) for nom in ("guyane", "mayotte")),
    ],
)
def test_personne_seule_non_imposable_jusqu_a(lieu, seuil, autonome):
    """Revenus de 2024 ; pour qui est fiscalement autonome aussi."""
    revenu = "cej_rni_autonome" if autonome else "rni"
    cas = {**lieu, "cej_autonomie_fiscale": autonome}
    assert oracle.situation_fiscale({**cas, revenu: seuil}, "2025-10") == "non_imposable"
    assert oracle.situation_fiscale({**cas, revenu: seuil + 1}, "2025-10") == "premiere_tranche"


def test_la_reduction_d_outre_mer_est_plafonnee():
    """100 000 €, deux parts, revenus de 2024 : 2 × (0.11 × 17 818 + 0.30 × 20 685) = 16 330.96."""
    for lieu, plafond in (("residence_reunion", 2_450), ("residence_guyane", 4_050)):
        du = oracle.impot_du(
            2024, Fraction(100_000), Fraction(2), True, 0, 0, oracle.OUTRE_MER[lieu]
        )
        assert du == Fraction("16330.96") - plafond


@pytest.mark.parametrize(
    ("nom", "attendu"),
    [
        # 506.46 − 300 × 506.46 / (0.8 × 1645.58 − 300).
        ("solde_volontariat_armees", 356_98),
        ("remuneration_adaptation_vie_active", 356_98),
        ("remuneration_oacas", 356_98),
        ("indemnites_journalieres_maladie", 356_98),
        ("indemnites_volontariat", 506_46),  # en avril ; elle suspend avril seulement
        ("aah", 506_46),
    ],
)
def test_garantie_jeunes(nom, attendu):
    cas = jeune("2022-05", **ENTREE_EN_GARANTIE_JEUNES, **{nom: {"2022-04": 600}})
    assert oracle.garantie_jeunes_allocation(cas, "2022-05") == attendu


def test_garantie_jeunes_trois_mois_d_un_arret():
    """Quatre mois indemnisés : le quatrième ne compte plus ; après un mois sans, un autre arrêt."""
    arret = dict.fromkeys(("2022-03", "2022-04", "2022-05", "2022-06", "2022-08"), 600)
    cas = jeune("2022-05", **ENTREE_EN_GARANTIE_JEUNES, indemnites_journalieres_maladie=arret)
    # Septembre : 526.72 − 300 × 526.72 / (0.8 × 1678.95 − 300).
    attendus = {"2022-06": 356_98, "2022-07": 526_72, "2022-09": 375_24}
    for mois, attendu in attendus.items():
        assert oracle.garantie_jeunes_allocation(cas, mois) == attendu


def test_garantie_jeunes_prime_qui_courait_avant_l_entree():
    entree = ENTREE_EN_GARANTIE_JEUNES | {"cej_garantie_jeunes_date_entree": date(2022, 2, 10)}
    cas = jeune("2022-05", **entree, **prime(*(f"2022-0{n}" for n in range(1, 6))))
    dus = [oracle.garantie_jeunes_allocation(cas, f"2022-0{n}") for n in range(3, 7)]
    assert dus == [497_50, 506_46, 0, 0]


def test_presomption_c2s_du_foyer_reel():
    """Autonome et non imposable, le foyer ne l'est pas ; une situation donnée est la sienne."""
    autonome = jeune("2026-07", rni=25_000, cej_autonomie_fiscale=True)
    assert oracle.allocation(autonome, "2026-07") == 566_17
    assert not oracle.presomption_c2s(autonome, "2026-07")
    donnee = jeune("2026-07", rni=25_000, cej_situation_fiscale="non_imposable")
    assert oracle.presomption_c2s(donnee, "2026-07")
    assert not oracle.presomption_c2s(donnee, "2026-06")


# --- The tables of the oracle --------------------------------------------------------------------

PARAMETRES_DES_TABLES = {  # by table: the parameter that has its dates, the one whose value is read
    "SMIC": "marche_travail/salaire_minimum/smic/smic_b_mensuel",
    "SMIC à Mayotte": "contrat_engagement_jeune/ressources/degressivite/smic_mayotte",
    "BAREME_IR": "impot_revenu/bareme_ir_depuis_1945/bareme",
}


def dates_des_tables():
    """By table, the days and the values that it has: those of the first taxed bracket's limit."""
    mois = {"SMIC": 1, "SMIC à Mayotte": 2}
    for nom, rang in mois.items():
        yield nom, {f"{ligne[0]}-01": Fraction(ligne[rang], 100) for ligne in oracle.SMIC}
    limites = {f"{annee}-01-01": Fraction(ligne[0][1]) for annee, ligne in oracle.BAREME_IR.items()}
    yield "BAREME_IR", limites


def hors_des_tables(parametres=PARAMETRES):
    """What a table of the oracle does not have, or has otherwise: what to write, and where."""
    source = Path(oracle.__file__).read_text(encoding="utf-8").splitlines()
    for nom, valeurs in dates_des_tables():
        fichier = parametres / f"{PARAMETRES_DES_TABLES[nom]}.yaml"
        lu = yaml.load(fichier.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
        serie = lu["values"] if "values" in lu else lu["brackets"][2]["threshold"]
        debut = f"{nom.split()[0]} = "
        rang = next(rang for rang, texte in enumerate(source, 1) if texte.startswith(debut))
        for jour, entree in serie.items():
            depuis = min(valeurs)
            if jour >= depuis and valeurs.get(jour) != Fraction(entree["value"]):
                yield f"tests/helpers/oracle.py:{rang}: {nom} : il faut {entree['value']} le {jour}"


def test_les_tables_suivent_les_parametres():
    """A value written in the parameters alone fails here, and says the line of the table."""
    manquent = list(hors_des_tables())
    assert not manquent, "\n" + "\n".join(manquent)


BORDS = ("debut", "fin")


def test_l_oracle_lit_chaque_entree_de_la_loi():
    """An input that the allowance depends on, and that the oracle does not know, proves nothing."""
    source = Path(oracle.__file__).read_text(encoding="utf-8")
    mots = set(re.findall(r"\w+", source))
    # Both ends of a path are read in one line.
    if "cej_parcours_date_{bord}" in source:
        mots |= {f"cej_parcours_date_{bord}" for bord in BORDS}
    loi = systeme()
    presumees = set(base.PRESUMEES.values())  # from which an input of the oracle is presumed
    listes = [  # what counts for nothing is no part of a sum
        nom
        for noeud in loi.parameters.get_descendants()
        if (noeud.metadata or {}).get("unit") == "variables" and "cumulables" not in noeud.name
        for valeur in noeud.values_list
        for nom in valeur.value or ()
    ]
    inconnues = [
        f"tests/helpers/oracle.py: {nom} is read by the law, not by the oracle"
        for nom in sorted({*reached(loi, names.RESULT, names.ELIGIBLE), *listes} - mots - presumees)
        if not loi.variables[nom].formulas
    ]
    assert not inconnues, "\n" + "\n".join(inconnues)


@pytest.mark.parametrize("nom", PARAMETRES_DES_TABLES)
def test_une_table_en_retard_est_vue(nom, tmp_path):
    """A new value of a copy of the parameters is asked of the table."""
    shutil.copytree(PARAMETRES, tmp_path / "ici")
    fichier = tmp_path / "ici" / f"{PARAMETRES_DES_TABLES[nom]}.yaml"
    contenu = yaml.safe_load(fichier.read_text(encoding="utf-8"))
    serie = contenu["values"] if "values" in contenu else contenu["brackets"][2]["threshold"]
    serie[date(2031, 1, 1)] = {"value": 12345}
    fichier.write_text(yaml.safe_dump(contenu), encoding="utf-8")
    (dit,) = hors_des_tables(tmp_path / "ici")
    assert dit.endswith("il faut 12345 le 2031-01-01")
    assert dit.startswith("tests/helpers/oracle.py:")


# --- The model against the oracle ----------------------------------------------------------------

tires = cache(lots)
SEMESTRES = sorted({(m // 12, m % 12 // 6 + 1) for m in [*MOIS, *APRES]})


def test_les_mois_suivent_les_parametres(tmp_path):
    """A value dated later lengthens the comparison; the dates of the metadata do not."""
    assert MOIS[-1] == numero(derniere_date()) + 12
    assert max(MOIS.stop, APRES.stop) > numero("2028-06")
    neuf = {
        "metadata": {"reference": {date(2031, 1, 1): {"title": "Décret"}}},
        "values": {date(2030, 2, 1): {"value": 0.9}},
    }
    (tmp_path / "ici").mkdir()
    (tmp_path / "ici" / "taux_min.yaml").write_text(yaml.safe_dump(neuf), encoding="utf-8")
    assert derniere_date(tmp_path) == date(2030, 2, 1)


@pytest.mark.parametrize(("annee", "semestre"), SEMESTRES)
def test_zero_centime_de_difference(annee, semestre, record_property):
    compte, differents, textes = 0, 0, []
    tous = [m for m in [*MOIS, *APRES] if (m // 12, m % 12 // 6 + 1) == (annee, semestre)]
    # Avril et octobre ; en CI, un mois sur deux dont ceux-là ; tous dans « make long ».
    for mois in tous[3:4] if QUICK else tous if ALL else tous[1::2]:
        cas, nombre, dits = confronter(mois)
        compte, differents = compte + cas, differents + nombre
        textes += dits
    record_property("cas", compte)
    print(f"{annee}, semestre {semestre} : {compte} cas, {differents} différences")
    assert not textes, "\n".join(abrege("\n".join(textes).splitlines()))


def abrege(lignes, combien=8):
    """The first differences, after the places of the rules and of the oracle that they are of."""
    differents = {mot for ligne in lignes for mot in ligne.split() if mot in COMPARAISONS}
    for nom in COMPARAISONS:
        if nom in differents:
            regle = places.shown(*places.of_variable(systeme().variables[nom]), RACINE)
            ligne = COMPARAISONS[nom][0].__code__.co_firstlineno
            yield f"{nom} : {regle} ou tests/helpers/oracle.py:{ligne}, celui que l'article dément"
    yield from lignes[:combien]
    if len(lignes) > combien:
        yield f"… et {len(lignes) - combien} autres lignes"


def test_une_difference_dit_ou_sont_la_regle_et_l_oracle():
    lignes = ["2027-04 : {…}", *["- cej_allocation : modèle 1, oracle 2 ; {…}"] * 9]
    lieux, *premieres, reste = abrege(lignes)
    assert re.fullmatch(
        r"cej_allocation : \S*openfisca_cej/variables/cej/allocation\.py:\d+ ou "
        r"tests/helpers/oracle\.py:\d+, celui que l'article dément",
        lieux,
    )
    assert premieres == lignes[:8]
    assert reste == "… et 2 autres lignes"


def test_reduire_garde_ce_qui_differe(monkeypatch):
    """A wrong oracle is seen, and shown by what it takes to see it."""

    def faux(cas, mois):
        return oracle.allocation(cas, mois) + bool(oracle.lire(cas, "rqth", mois))

    monkeypatch.setitem(COMPARAISONS, "cej_allocation", (faux, "centimes"))
    mois, naissance = numero("2025-04"), date(2004, 5, 6)
    cas = {
        "date_naissance": naissance,
        "rqth": {"2025-03": True, "2025-04": True},
        "salaire_net": {"2025-03": 400.0, "2025-04": 10.0},
    }
    trouvees = differences([{"date_naissance": naissance}, cas], mois)
    assert [nom for nom, *_ in trouvees] == ["cej_allocation"]
    ((_, petit, *_),) = reduire("cej_allocation", cas, mois)
    assert petit == {"date_naissance": naissance, "rqth": {"2025-04": True}}


def bords_du_montant(cas, mois):
    """Which borders of the amount and of the payment the case stands on."""
    exact = oracle.montant_avant_non_cumul(cas, mois)
    supprimee = oracle.fraction_supprimee(cas, mois)
    ressources = oracle.ressources_partiellement_deductibles(cas, mois)
    micro = oracle.chiffre_d_affaires_retenu(cas, mois - 1)
    en_cours, du = oracle.en_cours(cas, mois), oracle.allocation(cas, mois) > 0
    demi_centime = du and (exact * (1 - supprimee)).denominator == 2
    return {
        "dû": du,
        "demi-centime": demi_centime,
        "demi-centime, sanction": demi_centime and 0 < supprimee < 1,
        "300 € ou un centime de plus": ressources in (300_00, 300_01),
        "sortie": abs(ressources - oracle.seuil_de_sortie(cas, mois)) <= 1,
        "mineur": du and oracle.mineur(cas, mois),
        "sanction": du and supprimee > 0,
        "forclusion": en_cours and oracle.forclusion(cas, mois),
        "suspension": en_cours and oracle.suspension(cas, mois),
        "prime d'activité": en_cours and oracle.non_cumul_ppa(cas, mois),
        "moins d'un demi-centime": any(
            0 < oracle.lire(cas, nom, mois) < 0.005 for nom in ("rsa", "ppa", *oracle.SUSPENSIVES)
        ),
        "trop-perçu": oracle.trop_percu_autonomie(cas, mois) > 0,
        "chiffre d'affaires": du and micro > 0,
        "demi-centime de chiffre d'affaires": du and micro % 1 == Fraction(1, 2),
        "plusieurs jeunes": du and "commun" in cas,
    }


def bords_de_l_impot(cas, mois):
    situation_ici, annee = oracle.situation_fiscale(cas, mois), oracle.annee_des_revenus(mois)
    du = oracle.allocation(cas, mois) > 0
    lieux = [nom for nom in oracle.OUTRE_MER if oracle.lire(cas, nom, mois)]
    sans_lieu = {cle: valeur for cle, valeur in cas.items() if cle not in oracle.OUTRE_MER}
    parts = oracle.lire_annee(cas, "nbptr", annee) or 1
    donnee = "cej_situation_fiscale" in cas
    return {
        situation_ici: True,
        **{nom: du and nom in lieux for nom in oracle.OUTRE_MER},
        "tranche changée outre-mer": bool(lieux)
        and situation_ici != oracle.situation_fiscale(sans_lieu, mois),
        "tranche gagnée au 1er avril": situation_ici == "premiere_tranche"
        and not donnee
        and not oracle.lire(cas, "cej_autonomie_fiscale", mois)
        and oracle.lire_annee(cas, "rni", annee) > oracle.bareme(annee)[0][1] * parts,
        "situation donnée": du and donnee,
        "foyer réel": situation_ici != oracle.situation_du_foyer_reel(cas, mois),
    }


def bords_du_contrat(cas, mois):
    signe, prevue, reelle, debut = (
        oracle.lire_date(cas, f"cej_{nom}")
        for nom in ("date_signature", "date_fin_prevue", "date_fin", "parcours_date_debut")
    )
    if signe is None:
        return {"rupture": oracle.rupture(cas, mois)}
    terme, fin = oracle.terme_hors_parcours(cas), oracle.fin_du_contrat(cas)
    douze, dix_huit = (oracle.de_date_a_date(signe, nombre) for nombre in (12, 18))
    plus_court = prevue is not None and signe <= prevue < douze and reelle is None
    en_cours = oracle.en_cours(cas, mois)
    return {
        "rupture": oracle.rupture(cas, mois),
        "treizième mois": en_cours and mois == numero(signe) + 12,
        "dix-neuvième mois": en_cours and mois == numero(signe) + 18,
        "terme prévu": plus_court and en_cours,
        "terme prévu, prolongé": plus_court and en_cours and mois > numero(prevue),
        "terme prévu de plus de douze mois": prevue is not None and prevue > douze,
        "fin réelle au-delà de douze mois": reelle is not None and douze < reelle <= dix_huit,
        "fin réelle ramenée": reelle is not None and reelle > fin,
        "parcours au-delà de dix-huit mois": en_cours and mois > numero(dix_huit),
        "parcours entré le dernier jour": debut == terme,
        "parcours entré le lendemain": debut is not None and (debut - terme).days == 1,
        "parcours entré le jour de la signature": debut == signe,
        "parcours entré la veille de la signature": debut == oracle.veille(signe),
    }


def bords_des_evenements(cas, mois):
    signe, precedente = oracle.signature(cas), oracle.fin_du_contrat_precedent(cas)
    du = oracle.allocation(cas, mois) > 0
    manquements = [n for n in range(oracle.CREATION, mois) if oracle.rang_ancien_manquement(cas, n)]
    decisions = [
        n
        for n in range(oracle.NOUVELLES_SANCTIONS, mois + 1)
        if "cej_sanction_motif" in cas and oracle.motif(cas, n) != "aucun"
    ]
    vus = {
        "manquement d'un autre contrat": du
        and not all(oracle.appartient_au_contrat(cas, n, mois) for n in manquements),
        "manquement d'un autre contrat, sans signature": signe is None and du and manquements != [],
        "manquement du mois des deux contrats": signe is not None
        and precedente is not None
        and numero(signe) == numero(precedente) == mois - 1
        and numero(signe) in manquements,
        "prime antérieure": du and oracle.percu(cas, "ppa", mois),
        "prime antérieure de trois mois, puis un quatrième": signe is not None
        and mois == numero(signe) + 3
        and oracle.percu(cas, "ppa", mois)
        and all(oracle.percu(cas, "ppa", n) for n in range(mois - 4, mois)),
        "radiation": oracle.radiation(cas, mois),
        "levée le mois d'une décision": any(
            oracle.lire(cas, "cej_sanction_levee", n) for n in decisions
        ),
    }
    for ecart in (24, 25):  # the last month of the delay of R5412-3-4, and the one after
        vus[f"décisions à {ecart} mois"] = any(
            k - n == ecart and oracle.motif(cas, n) == oracle.motif(cas, k)
            for n in decisions
            for k in decisions
        )
    return vus


def bords_de_la_garantie_jeunes(cas, mois):
    if not oracle.garantie_jeunes_en_cours(cas, mois):
        return {}
    du = oracle.garantie_jeunes_allocation(cas, mois) > 0
    indemnites, comptees = (
        fonction(cas, mois - 1)
        for fonction in (oracle.indemnites_de_maladie, oracle.indemnites_de_maladie_comptees)
    )
    troisieme = comptees > 0 and all(oracle.indemnites_de_maladie(cas, mois - n) for n in (2, 3))
    return {
        "garantie jeunes": du,
        "garantie jeunes, troisième mois d'arrêt": troisieme,
        "garantie jeunes, quatrième mois d'arrêt": indemnites > comptees,
        "garantie jeunes, prime antérieure": du and oracle.percu(cas, "ppa", mois),
    }


def test_le_tirage_visite_les_bords():
    """About 20 000 person-months; enough on each border, in the first months and one in three."""
    par_mois = sum(map(len, tires(MOIS[0])))
    assert len(MOIS) * par_mois + len(APRES) * CAS_DE_SANCTIONS >= 20_000
    vus = Counter()
    for mois in [*MOIS[:3], *MOIS[3::3], *APRES[::3]]:
        for cas in (cas for lot in tires(mois) for cas in lot):
            for bords in (
                bords_du_montant,
                bords_de_l_impot,
                bords_du_contrat,
                bords_des_evenements,
                bords_de_la_garantie_jeunes,
            ):
                for nom, oui in bords(cas, mois).items():  # one that nobody visits counts zero
                    vus[nom] += int(oui)
    print(dict(vus))
    assert vus["dû"] >= 3_000
    assert vus["demi-centime"] >= 150
    rares = {nom: fois for nom, fois in vus.items() if fois < 10}
    assert not rares, rares


def test_le_tirage_est_le_meme_partout():
    """A seed draws the same cases each time: a difference found can be found again."""
    mois = numero("2024-11")
    un, deux = (situation(generateur("cej"), mois) for _ in range(2))
    assert un == deux
