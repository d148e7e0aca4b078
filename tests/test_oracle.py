"""The model against the oracle, to the centime, and the oracle against published figures."""

from collections import Counter
from datetime import date
from fractions import Fraction
from functools import cache

import oracle
import pytest
from oracle import nom_du_mois, numero
from simulations import (
    generateur,
    simuler,
    situation,
    theme_age_donne,
    theme_forfait_fige,
    theme_nouvelles_sanctions,
)

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
    assert oracle.allocation(jeune(mois, **entrees), mois) == attendu


@pytest.mark.parametrize(
    ("mois", "entrees", "attendu"),
    [
        ("2022-03", {"age": 15}, 0),
        ("2022-03", {"age": 16}, 200_00),
        ("2022-03", {"age": 17}, 200_00),
        ("2022-03", {"age": 18, "salaire_net": 200}, 500_00),
        ("2022-03", {"age": 24, "rsa": 500}, 0),
        ("2022-03", {"age": 24, "ppa": 150}, 0),
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
    assert oracle.allocation(entrees, mois) == attendu


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


# --- The model against the oracle ----------------------------------------------------------------

CAS_PAR_MOIS = 360
CAS_D_AGE_PAR_MOIS = 20
MOIS = range(numero("2022-03"), numero("2026-11") + 1)
APRES = [numero(mois) for mois in ("2027-05", "2027-06", "2027-07")]  # the 24 months of R5412-3-4

# Each variable of the model, the oracle's function, and the unit of the oracle's answer.
COMPARAISONS = {
    "cej_allocation": (oracle.allocation, "centimes"),
    "cej_eligibilite": (oracle.eligibilite, None),
    "cej_en_cours": (oracle.en_cours, None),
    "cej_situation_fiscale": (oracle.situation_fiscale, None),
    "cej_montant_forfaitaire": (oracle.montant_forfaitaire, "centimes"),
    "cej_ressources_deductibles": (oracle.ressources_deductibles, "centimes"),
    "cej_ressources_partiellement_deductibles": (
        oracle.ressources_partiellement_deductibles,
        "centimes",
    ),
    "cej_montant_avant_non_cumul": (oracle.montant_avant_non_cumul, "fraction de centime"),
    "cej_non_cumul_rsa": (oracle.non_cumul_rsa, None),
    "cej_non_cumul_ppa": (oracle.non_cumul_ppa, None),
    "cej_suspension": (oracle.suspension, None),
    "cej_forclusion": (oracle.forclusion, None),
    "cej_fraction_supprimee": (oracle.fraction_supprimee, "fraction"),
    "cej_radiation": (oracle.radiation, None),
    "cej_heures_minimum": (oracle.heures_minimum, "fraction"),
    "cej_trop_percu_autonomie": (oracle.trop_percu_autonomie, "centimes"),
    "cej_presomption_c2s": (oracle.presomption_c2s, None),
    "cej_caution_publique_permis": (oracle.caution_publique_permis, None),
    "cej_garantie_jeunes_en_cours": (oracle.garantie_jeunes_en_cours, None),
    "cej_garantie_jeunes_allocation": (oracle.garantie_jeunes_allocation, "centimes"),
    "allocation_ponctuelle_pacea_eligibilite": (oracle.pacea_eligibilite, None),
    "contrat_engagement_jeune": (oracle.allocation, "centimes"),
}


def egaux(modele, attendu, unite):
    """Equal; an amount in centimes must be the float nearest to that number of centimes."""
    if unite == "centimes":
        return float(modele) == attendu / 100
    if unite == "fraction de centime":
        return abs(float(modele) - float(attendu) / 100) < 1e-9
    if unite == "fraction":
        return abs(float(modele) - float(attendu)) < 1e-9
    return modele == attendu


def differences(cas_liste, mois, comparaisons):
    """(variable, case, model, oracle) wherever the model and the oracle differ."""
    valeurs = simuler(cas_liste, mois, comparaisons)
    return [
        (nom, cas, modele, attendu)
        for nom, (fonction, unite) in comparaisons.items()
        for cas, modele in zip(cas_liste, valeurs[nom], strict=True)
        if not egaux(modele, attendu := fonction(cas, mois), unite)
    ]


def reduire(nom, cas, mois):
    """The smallest part of the case that still shows the difference: what one reads first."""
    comparaison = {nom: COMPARAISONS[nom]}
    for entree in list(cas):
        if entree != "date_naissance":
            plus_petit = {cle: valeur for cle, valeur in cas.items() if cle != entree}
            if differences([plus_petit], mois, comparaison):
                cas = plus_petit
    return differences([cas], mois, comparaison)


def rapport(trouvees, mois, combien=3):
    """The first differences of each variable, made small and readable."""
    lignes = [f"{nom_du_mois(mois)} : {dict(Counter(nom for nom, *_ in trouvees))}"]
    for variable in COMPARAISONS:
        for nom, cas, *_ in [t for t in trouvees if t[0] == variable][:combien]:
            for _, petit, modele, attendu in reduire(nom, cas, mois):
                lignes.append(f"- {nom} : modèle {modele}, oracle {attendu} ; {petit}")
    return "\n".join(lignes)


@cache
def lots(mois):
    """The random cases of a month; those with a supplied age make a simulation of their own."""
    alea = generateur(f"cej {mois}")
    if mois in APRES:
        themes = [theme_nouvelles_sanctions]
        lot = [situation(alea, mois, themes) for _ in range(CAS_D_AGE_PAR_MOIS)]
        for cas in lot:  # a first decision twenty-four months before, sometimes
            for entree, valeur in (("motif", "manquement"), ("rang", 0), ("duree", 4), ("taux", 1)):
                decisions = cas.setdefault(f"cej_sanction_{entree}", {})
                decisions[nom_du_mois(mois)] = valeur
                decisions["2025-06"] = alea.choice(["manquement", "fraude"]) if valeur else 0
                if entree != "motif":
                    decisions["2025-06"] = 0
        return [lot]
    seuls = [
        situation(alea, mois, [*autres, theme_age_donne])
        for autres in ([], [theme_forfait_fige])
        for _ in range(CAS_D_AGE_PAR_MOIS // 2)
    ]
    return [[situation(alea, mois) for _ in range(CAS_PAR_MOIS)], seuls]


@pytest.mark.parametrize("annee", [2022, 2023, 2024, 2025, 2026, 2027])
def test_zero_centime_de_difference(annee, record_property):
    compte, textes = Counter(), []
    for mois in [m for m in [*MOIS, *APRES] if m // 12 == annee]:
        if mois in MOIS:
            assert sum(map(len, lots(mois))) == CAS_PAR_MOIS + CAS_D_AGE_PAR_MOIS
        for lot in lots(mois):
            trouvees = differences(lot, mois, COMPARAISONS)
            compte["cas"] += len(lot)
            compte["differences"] += len(trouvees)
            if trouvees:
                textes.append(rapport(trouvees, mois))
    record_property("cas", compte["cas"])
    print(f"{annee} : {compte['cas']} cas, {compte['differences']} différences")
    assert not textes, "\n".join(textes)


def test_le_tirage_visite_les_bords():
    """At least 20 000 cases over all the months; enough on each border, one month in three."""
    assert len(MOIS) * (CAS_PAR_MOIS + CAS_D_AGE_PAR_MOIS) >= 20_000
    vus = Counter()
    for mois in MOIS[::3]:
        for cas in (cas for lot in lots(mois) for cas in lot):
            vus["cas"] += 1
            exact = oracle.montant_avant_non_cumul(cas, mois)
            supprimee = oracle.fraction_supprimee(cas, mois)
            du = oracle.allocation(cas, mois)
            ressources = oracle.ressources_partiellement_deductibles(cas, mois)
            vus["dû"] += du > 0
            vus["demi-centime"] += du > 0 and (exact * (1 - supprimee)).denominator == 2
            vus["demi-centime, sanction"] += (
                0 < supprimee < 1 and du > 0 and (exact * (1 - supprimee)).denominator == 2
            )
            vus["300 € ou un centime de plus"] += ressources in (300_00, 300_01)
            vus["sortie"] += abs(ressources - oracle.seuil_de_sortie(cas, mois)) <= 1
            vus[oracle.situation_fiscale(cas, mois)] += 1
            vus["mineur"] += du > 0 and oracle.mineur(cas, mois)
            vus["Mayotte"] += du > 0 and bool(oracle.lire(cas, "residence_mayotte", mois))
            vus["sanction"] += du > 0 and supprimee > 0
            vus["radiation"] += oracle.radiation(cas, mois)
            vus["rupture"] += oracle.rupture(cas, mois)
            vus["forclusion"] += oracle.en_cours(cas, mois) and oracle.forclusion(cas, mois)
            vus["suspension"] += oracle.en_cours(cas, mois) and oracle.suspension(cas, mois)
            vus["ppa"] += oracle.en_cours(cas, mois) and oracle.non_cumul_ppa(cas, mois)
            vus["garantie jeunes"] += oracle.garantie_jeunes_allocation(cas, mois) > 0
            vus["trop-perçu"] += oracle.trop_percu_autonomie(cas, mois) > 0
    print(dict(vus))
    assert vus["dû"] >= 3_000
    assert vus["demi-centime"] >= 150
    rares = {nom: nombre for nom, nombre in vus.items() if nombre < 10}
    assert not rares, rares
