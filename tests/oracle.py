"""Oracle lent de l'allocation du contrat d'engagement jeune, à lire à côté du code du travail.

Independent of the package on purpose: plain Python, exact arithmetic (`Fraction`, integer
centimes), its own dated tables, one person at a time. Nothing here is imported from the model,
so that an agreement between both means something.

Un cas est un dictionnaire à plat `{entrée: valeur}`. Une valeur constante vaut pour tous les mois
(ou toutes les années) ; sinon `{"AAAA-MM": valeur}` ou `{"AAAA": valeur}` ne renseigne que les mois
(ou les années) donnés, et le reste prend la valeur par défaut. Les entrées de la famille, du foyer
fiscal et du ménage sont au même niveau que celles de la personne ; `role_famille` dit la place de
celle-ci dans sa famille (« demandeur », « conjoint » ou « enfant »).

Tous les montants sont en centimes : entiers quand ils sont lus ou arrondis, fractions exactes
entre les deux. Les textes ne sont pas recopiés ; ils se lisent sur Légifrance :

- L5131-6 https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000048590598
- R5131-16 https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000050929404
- R5131-18 https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045207449
- D5131-19 https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045207447
- R5131-20 https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045202291
- R5131-21 https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045207445
- R5131-22 https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000054167633
- D5131-23 https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045202337
- R5131-24 https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045207427
- R5131-25 https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000049816230
"""

import calendar
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from math import floor

DEFAUTS = {
    "activite": "inactif",
    "cej_engagements_respectes": True,
    "cej_sanction_motif": "aucun",
    "date_naissance": date(1970, 1, 1),
    "difficultes_acces_emploi_durable": True,
    "inscrit_demandeur_emploi": True,
    "nbptr": 1,
    "role_famille": "demandeur",
}
NON_DONNEE = date(1970, 1, 1)


# --- Mois, dates, arrondis -----------------------------------------------------------------------


@cache
def numero(mois):
    """Rang d'un mois : « 2024-11 », une date ou déjà un rang. Un mois de plus, un de plus."""
    if isinstance(mois, int):
        return mois
    if isinstance(mois, date):
        return 12 * mois.year + mois.month - 1
    annee, mois_de_l_annee = mois.split("-")
    return 12 * int(annee) + int(mois_de_l_annee) - 1


@cache
def nom_du_mois(m):
    return f"{m // 12:04d}-{m % 12 + 1:02d}"


@cache
def premier_jour(m):
    return date(m // 12, m % 12 + 1, 1)


@cache
def dernier_jour(m):
    return premier_jour(m + 1) - timedelta(days=1)


def ajouter_mois(jour, nombre):
    """De quantième à quantième ; à défaut de quantième identique, le dernier jour du mois."""
    m = numero(jour) + nombre
    dernier = calendar.monthrange(m // 12, m % 12 + 1)[1]
    return date(m // 12, m % 12 + 1, min(jour.day, dernier))


def arrondi(montant):
    """À l'entier le plus proche, la moitié au-dessus."""
    return floor(montant + Fraction(1, 2))


# --- Lecture d'un cas ----------------------------------------------------------------------------


def lire(cas, nom, m=None):
    """L'entrée `nom` au mois m."""
    valeur = cas.get(nom, DEFAUTS.get(nom, 0))
    if isinstance(valeur, dict):
        return valeur.get(nom_du_mois(m), DEFAUTS.get(nom, 0))
    return valeur


def lire_annee(cas, nom, annee):
    """L'entrée annuelle `nom`."""
    valeur = cas.get(nom, DEFAUTS.get(nom, 0))
    if isinstance(valeur, dict):
        return valeur.get(str(annee), DEFAUTS.get(nom, 0))
    return valeur


def lire_date(cas, nom):
    """Une date, ou None quand elle n'est pas donnée."""
    jour = cas.get(nom, NON_DONNEE)
    return None if jour == NON_DONNEE else jour


def en_centimes(euros):
    """Un montant en euros, lu au centime."""
    if isinstance(euros, int):
        return 100 * euros
    return arrondi(100 * Fraction(str(euros)))


def somme(cas, noms, m):
    """Total en centimes des ressources `noms` du mois m."""
    return sum(en_centimes(lire(cas, nom, m)) for nom in noms if nom in cas)


def en_vigueur(table, m):
    """Dernière ligne de la table dont le mois d'effet est atteint."""
    lignes = [ligne for debut, *ligne in table if numero(debut) <= m]
    return lignes[-1] if lignes else None


# --- Barèmes datés -------------------------------------------------------------------------------

CREATION = numero("2022-03")  # loi 2021-1900, art. 208 ; décret 2022-199
INSCRIPTION_OBLIGATOIRE = numero("2025-01")  # loi 2023-1196 « plein emploi »
NOUVELLES_SANCTIONS = numero("2025-06")  # décret 2025-478
PRESOMPTION_C2S = numero("2026-07")  # loi 2023-1250, art. 45

# D5131-19, I et III, montants mensuels revalorisés : (A, B, mineur), puis les mêmes à Mayotte.
MONTANTS = [
    ("2022-03", (500_00, 300_00, 200_00), (285_00, 171_00, 114_00)),
    ("2022-07", (520_00, 312_00, 208_00), (296_40, 177_84, 118_56)),
    ("2023-04", (528_00, 316_80, 211_20), (300_96, 180_58, 120_38)),
    ("2024-04", (552_29, 331_37, 220_92), (314_80, 188_89, 125_92)),
    ("2025-04", (561_68, 337_00, 224_68), (320_15, 192_10, 128_06)),
    ("2026-04", (566_17, 339_70, 226_48), (322_71, 193_64, 129_08)),
]

# Smic mensuel brut : général, Mayotte (valeur de juin 2026 inconnue : l'ancienne reste).
SMIC = [
    ("2022-01", 1603_12, 1210_30),
    ("2022-05", 1645_58, 1242_15),
    ("2022-08", 1678_95, 1266_42),
    ("2023-01", 1709_28, 1290_68),
    ("2023-05", 1747_20, 1319_50),
    ("2024-01", 1766_92, 1334_67),
    ("2024-11", 1801_80, 1361_97),
    ("2026-01", 1823_03, 1415_05),
    ("2026-06", 1867_02, 1415_05),
]

# D5131-23
ABATTEMENT = 300_00
PART_DU_SMIC = Fraction(80, 100)

# Garantie jeunes : RSA d'une personne seule moins le forfait logement (D5131-20, version de 2017).
GARANTIE_JEUNES = [
    ("2022-03", 497_50),
    ("2022-04", 506_46),
    ("2022-07", 526_72),
    ("2023-04", 534_82),
]

# CGI 197, par année de revenus : seuils en euros, décote d'une personne seule, d'un couple.
TAUX = (Fraction(11, 100), Fraction(30, 100), Fraction(41, 100), Fraction(45, 100))
BAREME_IR = {
    2020: ((10_084, 25_710, 73_516, 158_122), 779, 1_289),
    2021: ((10_225, 26_070, 74_545, 160_336), 790, 1_307),
    2022: ((10_777, 27_478, 78_570, 168_994), 833, 1_378),
    2023: ((11_294, 28_797, 82_341, 177_106), 873, 1_444),
    2024: ((11_497, 29_315, 83_823, 180_294), 889, 1_470),
    2025: ((11_600, 29_579, 84_577, 181_917), 897, 1_483),
}
TAUX_DECOTE = Fraction(4525, 10_000)
MINIMUM_AVANT_CREDITS = 61  # CGI 1657, 1 bis
MINIMUM_APRES_CREDITS = 12  # CGI 1657, 2


# --- Listes de ressources ------------------------------------------------------------------------

DEDUCTIBLES = [  # R5131-21
    # 1°
    "chomage_net",
    "ass",
    "allocation_travailleurs_independants",
    "autres_allocations_chomage",
    "allocation_securisation_professionnelle",
    # 2°
    "revenus_stage_formation_pro",
    # 3°
    "remuneration_ecole_deuxieme_chance",
]
ACTIVITE = [  # R5131-22, 1°
    "salaire_net",
    "remuneration_apprenti",
    "revenus_activite_non_salariee",
]
INDEMNITES_JOURNALIERES_DE_BASE = [  # R5131-22, 3° et 4°
    "indemnites_journalieres_maternite",
    "indemnites_journalieres_paternite",
    "indemnites_journalieres_adoption",
    "indemnites_journalieres_maladie",
    "indemnites_journalieres_accident_travail",
    "indemnites_journalieres_maladie_professionnelle",
]
PARTIELLEMENT_DEDUCTIBLES = [  # R5131-22 (et « indemnites_journalieres », voir plus bas)
    *ACTIVITE,
    "indemnites_chomage_partiel",
    *INDEMNITES_JOURNALIERES_DE_BASE,
    "indemnites_journalieres_complementaires",
    "remuneration_garantie_esat",
    "remuneration_adaptation_vie_active",
    "remuneration_oacas",
]
CONGE_SUPPLEMENTAIRE_DE_NAISSANCE = numero("2026-07")  # R5131-22, 3°, version de juillet 2026
SUSPENSIVES = [  # R5131-24, III
    "solde_volontariat_armees",
    "remuneration_service_militaire_volontaire",
    "remuneration_service_militaire_adapte",
    "indemnites_volontariat",
    "allocation_epide",
    "remuneration_insertion_cddi",
    "remuneration_insertion_mission",
    "remuneration_contrat_unique_insertion",
]
INSERTION_ET_CONTRATS_AIDES = [  # R5131-24, III, 6° : des salaires comme les autres ailleurs
    "remuneration_insertion_cddi",
    "remuneration_insertion_mission",
    "remuneration_contrat_unique_insertion",
]
GARANTIE_JEUNES_RESSOURCES = [  # R5131-22, version de 2019
    *(nom for nom in DEDUCTIBLES if nom != "remuneration_ecole_deuxieme_chance"),
    *ACTIVITE,
    *INSERTION_ET_CONTRATS_AIDES,
    "indemnites_chomage_partiel",
    *INDEMNITES_JOURNALIERES_DE_BASE,
    "indemnites_journalieres_complementaires",
    "remuneration_garantie_esat",
    "bourse_enseignement_sup",
    "indemnites_stage",
]

PACEA_RESSOURCES = [  # R5131-8 : emploi, stage ou autre allocation du jeune
    *DEDUCTIBLES,
    *ACTIVITE,
    *SUSPENSIVES,
    "indemnites_chomage_partiel",
    "remuneration_garantie_esat",
    "remuneration_adaptation_vie_active",
    "remuneration_oacas",
    "aah",
    "indemnites_stage",
]


# --- Qui : L5131-3, L5131-6, R5131-15, R5131-16 --------------------------------------------------


def age(cas, m):
    """Âge au premier jour du mois ; sans date de naissance, compté depuis celui qui est donné."""
    donne = None if "date_naissance" in cas else cas.get("age")
    if isinstance(donne, dict):
        [(mois, annees)] = donne.items()
        donne = annees + (m - numero(mois)) // 12
    if donne is not None:
        return donne
    naissance, jour = lire(cas, "date_naissance"), premier_jour(m)
    anniversaire_passe = (jour.month, jour.day) >= (naissance.month, naissance.day)
    return jour.year - naissance.year - (0 if anniversaire_passe else 1)


def mineur(cas, m):
    return age(cas, m) < 18


def sous_limite_age(cas, m):
    """L5131-6 : 25 ans révolus au plus, 29 avec une reconnaissance de travailleur handicapé."""
    return age(cas, m) <= (29 if lire(cas, "rqth", m) else 25)


def condition_age(cas, m):
    return age(cas, m) >= 16 and sous_limite_age(cas, m)


def condition_statut(cas, m):
    """R5131-15 : ni étudiant ni en formation, en difficulté d'accès à l'emploi durable."""
    return bool(
        lire(cas, "activite", m) != "etudiant"
        and not lire(cas, "en_formation", m)
        and lire(cas, "difficultes_acces_emploi_durable", m)
    )


def condition_inscription(cas, m):
    """L5411-1 : demandeur d'emploi inscrit, depuis 2025."""
    if m < INSCRIPTION_OBLIGATOIRE:
        return True
    return bool(lire(cas, "inscrit_demandeur_emploi", m)) and not radiation(cas, m)


def condition_carence(cas, m):
    """R5131-16, dernier alinéa : six mois après la fin du contrat précédent, sauf exception."""
    fin = lire_date(cas, "cej_date_fin_precedent")
    if fin is None or ajouter_mois(fin + timedelta(days=1), 6) <= dernier_jour(m):
        return True
    deja_rompu = any(rang_ancien_manquement(cas, n) >= 3 for n in range(CREATION, m))
    return bool(
        lire(cas, "cej_circonstances_particulieres")
        and lire(cas, "cej_engagements_respectes")
        and not deja_rompu
    )


def eligibilite(cas, mois):
    """Peut signer un contrat ce mois-ci (sans condition d'impôt ni de ressources)."""
    m = numero(mois)
    return (
        m >= CREATION
        and condition_age(cas, m)
        and condition_statut(cas, m)
        and condition_inscription(cas, m)
        and condition_carence(cas, m)
        and not garantie_jeunes_en_cours(cas, m)
    )


# --- Le contrat : R5131-16, R5131-18 -------------------------------------------------------------


def signature(cas):
    return lire_date(cas, "cej_date_signature")


def rang_ancien_manquement(cas, m):
    """R5131-18 : rang du manquement notifié au mois m, tant que l'article est en vigueur."""
    if CREATION <= m < NOUVELLES_SANCTIONS:
        return lire(cas, "cej_rang_manquement", m)
    return 0


def rupture(cas, m):
    """R5131-18, 3° : un troisième manquement, depuis la signature, a mis fin au contrat."""
    debut = CREATION if signature(cas) is None else max(CREATION, numero(signature(cas)))
    fin_precedent = lire_date(cas, "cej_date_fin_precedent")
    if fin_precedent is not None:  # le manquement qui a mis fin au contrat précédent
        debut = max(debut, numero(fin_precedent) + 1)
    return any(rang_ancien_manquement(cas, n) >= 3 for n in range(debut, m))


def dernier_mois_sans_terme(cas):
    """R5131-16 : douze mois, celui de la signature compris, et au plus six de prolongation."""
    prolongation = min(max(lire(cas, "cej_mois_prolongation"), 0), 6)
    return numero(signature(cas)) + 11 + prolongation


def prolonge_par_un_parcours(cas, m):
    """R5131-16 : jusqu'au deuxième mois qui suit la fin d'un parcours commencé avant le terme."""
    debut, fin = (lire_date(cas, f"cej_parcours_date_{bord}") for bord in ("debut", "fin"))
    if fin is None or m > numero(fin) + 2:
        return False
    return debut is None or numero(debut) <= dernier_mois_sans_terme(cas)


def contrat_non_expire(cas, m):
    fin = lire_date(cas, "cej_date_fin")
    if fin is None:
        return m <= dernier_mois_sans_terme(cas) or prolonge_par_un_parcours(cas, m)
    if fin < premier_jour(m):
        return False
    moins_de_dix_huit_mois = signature(cas) > ajouter_mois(premier_jour(m), -18)
    return moins_de_dix_huit_mois or prolonge_par_un_parcours(cas, m)


def en_cours(cas, mois):
    """Un contrat court ; sans date de signature, celui qui serait signé ce mois-ci."""
    m = numero(mois)
    if m < CREATION or rupture(cas, m):
        return False
    if signature(cas) is None:
        return eligibilite(cas, m)
    return (
        premier_jour(CREATION) <= signature(cas) <= dernier_jour(m)
        and sous_limite_age(cas, m)
        and contrat_non_expire(cas, m)
    )


def heures_minimum(cas, mois):
    """Quinze heures par semaine ; depuis 2025 (L5411-6), minoration ou dispense possibles."""
    m = numero(mois)
    if m < CREATION or (m >= INSCRIPTION_OBLIGATOIRE and lire(cas, "cej_dispense_heures", m)):
        return 0
    minorees = lire(cas, "cej_heures_minorees", m)
    return min(15, minorees) if m >= INSCRIPTION_OBLIGATOIRE and minorees > 0 else 15


# --- La situation fiscale : D5131-19, I et II ; CGI 197 et 1657 ----------------------------------


def annee_des_revenus(m):
    """L'avis d'impôt de l'été porte sur l'année précédente ; il compte dès septembre."""
    annee, mois_de_l_annee = m // 12, m % 12 + 1
    return annee - 1 if mois_de_l_annee >= 9 else annee - 2


@cache
def impot_du(annee, rni, parts, couple, reductions, credits_impot):
    """Impôt à payer en euros, après décote, réductions, crédits et minima de recouvrement."""
    seuils, decote_seul, decote_couple = BAREME_IR[annee]
    quotient = rni / parts
    bornes = [*seuils[1:], max(quotient, seuils[-1])]
    brut = parts * sum(
        taux * max(0, min(quotient, haut) - bas)
        for taux, bas, haut in zip(TAUX, seuils, bornes, strict=True)
    )
    decote = max(0, (decote_couple if couple else decote_seul) - TAUX_DECOTE * brut)
    avant_credits = max(0, brut - min(decote, brut) - reductions)
    if avant_credits < MINIMUM_AVANT_CREDITS:
        avant_credits = 0
    reste = avant_credits - credits_impot
    return 0 if reste < MINIMUM_APRES_CREDITS else reste


def situation_fiscale(cas, mois):
    """D5131-19, I : non imposable, dans la première tranche, ou au-delà. II : autonome, seul."""
    m = numero(mois)
    annee = annee_des_revenus(m)

    def euros(nom):
        return Fraction(str(lire_annee(cas, nom, annee)))

    if lire(cas, "cej_autonomie_fiscale", m):
        rni, parts = euros("cej_rni_autonome"), Fraction(1)
        impot = impot_du(annee, rni, parts, couple=False, reductions=0, credits_impot=0)
    else:
        rni = euros("rni")
        parts = euros("nbptr") if euros("nbptr") > 0 else Fraction(1)
        couple = lire_annee(cas, "maries_ou_pacses", annee)
        impot = impot_du(annee, rni, parts, couple, euros("reductions"), euros("credits_impot"))
    if impot == 0:
        return "non_imposable"
    haut_de_la_premiere_tranche = BAREME_IR[annee][0][1]
    return "premiere_tranche" if rni <= haut_de_la_premiere_tranche * parts else "au_dela"


# --- Le montant forfaitaire : D5131-19 -----------------------------------------------------------


def mois_de_reference(cas, m):
    """D5131-19, V : faute de révision, la situation reste celle du mois de la signature."""
    signe = signature(cas)
    if lire(cas, "cej_forfait_non_revise") and signe is not None and numero(signe) >= CREATION:
        return min(m, numero(signe))
    return m


def montant_forfaitaire(cas, mois):
    """D5131-19, I, III, IV et V."""
    m = numero(mois)
    if m < CREATION:
        return 0
    reference = mois_de_reference(cas, m)
    general, mayotte = en_vigueur(MONTANTS, m)
    majeur_a, majeur_b, montant_mineur = mayotte if lire(cas, "residence_mayotte", m) else general
    situation = situation_fiscale(cas, reference)
    if situation == "au_dela":
        return 0
    if mineur(cas, reference):
        return montant_mineur
    return majeur_a if situation == "non_imposable" else majeur_b


# --- Les ressources : R5131-20 à R5131-22, D5131-23 ----------------------------------------------


def smic(cas, m):
    general, mayotte = en_vigueur(SMIC, m)
    return mayotte if lire(cas, "residence_mayotte", m) else general


def seuil_de_sortie(cas, m):
    """D5131-23 : ressources pour lesquelles l'allocation s'annule."""
    return PART_DU_SMIC * smic(cas, m)


def indemnites_journalieres_sans_detail(cas, m):
    """La part du total des indemnités journalières que le détail n'explique pas."""
    total = somme(cas, ["indemnites_journalieres"], m)
    return max(0, total - somme(cas, INDEMNITES_JOURNALIERES_DE_BASE, m))


def ressources_deductibles(cas, m):
    """R5131-21, ressources du mois précédent."""
    return max(0, somme(cas, DEDUCTIBLES, m - 1))


def ressources_partiellement_deductibles(cas, m):
    """R5131-22, ressources du mois précédent, selon la liste en vigueur au mois m."""
    total = somme(cas, PARTIELLEMENT_DEDUCTIBLES, m - 1)
    total += indemnites_journalieres_sans_detail(cas, m - 1)
    if m >= CONGE_SUPPLEMENTAIRE_DE_NAISSANCE:
        total += somme(cas, ["indemnites_conge_supplementaire_naissance"], m - 1)
    return max(0, total)


def montant_avant_non_cumul(cas, mois):
    """R5131-20, I, exact, avant arrondi."""
    m = numero(mois)
    if m < CREATION:
        return Fraction(0)
    forfait = montant_forfaitaire(cas, m)
    coefficient = forfait / (seuil_de_sortie(cas, m) - ABATTEMENT)
    excedent = max(0, ressources_partiellement_deductibles(cas, m) - ABATTEMENT)
    return max(Fraction(0), forfait - ressources_deductibles(cas, m) - coefficient * excedent)


# --- Le non-cumul : R5131-24 ---------------------------------------------------------------------


def personne_a_charge(cas):
    return lire(cas, "role_famille") == "enfant"


def non_cumul_rsa(cas, m):
    """R5131-24, I."""
    return lire(cas, "rsa", m) > 0 and not personne_a_charge(cas)


def droit_ppa(cas, m):
    """Un droit à la prime d'activité qui n'est ni d'un tiers ni d'une activité antérieure."""
    return bool(
        lire(cas, "ppa", m) > 0
        and not personne_a_charge(cas)
        and not lire(cas, "ppa_activite_anterieure", m)
    )


def non_cumul_ppa(cas, m):
    """R5131-24, II : l'ouverture d'un droit depuis la signature met fin au versement."""
    debut = m if signature(cas) is None else max(CREATION, numero(signature(cas)))
    return droit_ppa(cas, m) or any(droit_ppa(cas, n) for n in range(debut, m))


def suspension(cas, m):
    """R5131-24, III."""
    return any(lire(cas, nom, m) > 0 for nom in SUSPENSIVES if nom in cas)


# --- Les sanctions jusqu'en mai 2025 : R5131-18 --------------------------------------------------


def fraction_ancienne(cas, m):
    """R5131-18 : le manquement notifié un mois agit sur le mois suivant."""
    if signature(cas) is not None and m - 1 < numero(signature(cas)):
        return Fraction(0)  # manquement d'un contrat antérieur
    rang = rang_ancien_manquement(cas, m - 1)
    if rang == 1:
        return Fraction(1, 4)
    return Fraction(1) if rang >= 2 else Fraction(0)


# --- Les sanctions depuis juin 2025 : R5412-1 à R5412-3-4 ----------------------------------------

# Motif : (taux minimal, maximal, durée minimale, maximale) au rang 1, puis à partir du rang 2.
BAREME_2025 = {
    "aucun": ((0, 0, 0, 0), (0, 0, 0, 0)),
    "manquement": ((Fraction(3, 10), 1, 1, 2), (Fraction(3, 10), 1, 1, 4)),  # R5412-1
    "refus_contrat": ((0, 0, 0, 0), (0, 0, 0, 0)),  # R5412-2 : revenu de remplacement seul
    "refus_offres": ((1, 1, 2, 2), (1, 1, 4, 4)),  # R5412-3
    "fraude": ((1, 1, 6, 12), (1, 1, 6, 12)),  # R5412-3-1
    "activite_non_declaree": ((1, 1, 1, 1), (1, 1, 2, 2)),  # R5412-3-2
}
PLUS_LONGUE_SANCTION = 12
DELAI_DE_REITERATION = 24  # R5412-3-4


def motif(cas, n):
    return lire(cas, "cej_sanction_motif", n) if n >= NOUVELLES_SANCTIONS else "aucun"


def rang_retenu(cas, n):
    """Le rang de la décision du mois n ; à défaut, déduit des vingt-quatre mois qui précèdent."""
    rang = lire(cas, "cej_sanction_rang", n)
    if rang >= 1:
        return rang
    anterieurs = range(max(NOUVELLES_SANCTIONS, n - DELAI_DE_REITERATION), n)
    return 2 if any(motif(cas, avant) == motif(cas, n) for avant in anterieurs) else 1


def taux_et_duree(cas, n):
    """Taux et durée de la décision du mois n, ramenés dans les bornes du barème."""
    bareme = BAREME_2025[motif(cas, n)][0 if rang_retenu(cas, n) == 1 else 1]
    taux_min, taux_max, duree_min, duree_max = bareme
    taux = Fraction(arrondi(1000 * Fraction(str(lire(cas, "cej_sanction_taux", n)))), 1000)
    duree = lire(cas, "cej_sanction_duree", n)
    return min(max(taux, taux_min), taux_max), min(max(duree, duree_min), duree_max)


def levee(cas, n, m):
    """R5412-1 : le jeune s'est conformé à ses engagements entre la décision et le mois m."""
    leve = any(lire(cas, "cej_sanction_levee", k) for k in range(n, m + 1))
    return motif(cas, n) == "manquement" and leve


def decisions_en_effet(cas, m):
    """Mois des décisions qui produisent leur effet au mois m."""
    if "cej_sanction_motif" not in cas:
        return []
    return [
        n
        for n in range(max(NOUVELLES_SANCTIONS, m - PLUS_LONGUE_SANCTION + 1), m + 1)
        if motif(cas, n) != "aucun" and m < n + taux_et_duree(cas, n)[1] and not levee(cas, n, m)
    ]


def radiation(cas, m):
    """R5412-1, R5412-3 à R5412-3-2 : la décision radie aussi de la liste."""

    def radie(n):
        if motif(cas, n) == "manquement":
            return taux_et_duree(cas, n) == (1, 4)
        if motif(cas, n) == "activite_non_declaree":
            return rang_retenu(cas, n) >= 2
        return True  # refus d'offres, fraude

    return any(radie(n) for n in decisions_en_effet(cas, m))


def fraction_supprimee(cas, mois):
    """Part de l'allocation supprimée : la plus lourde des décisions en effet."""
    m = numero(mois)
    nouvelles = (taux_et_duree(cas, n)[0] for n in decisions_en_effet(cas, m))
    return max([fraction_ancienne(cas, m), *nouvelles])


# --- Le versement : R5131-25 ---------------------------------------------------------------------


def acquis_a_titre_conservatoire(cas, m):
    """R5131-25, II : les trois premiers mois versés, depuis la signature, restent acquis."""
    verses = [
        n
        for n in range(numero(signature(cas)), m + 1)
        if lire(cas, "cej_versement_conservatoire", n)
    ]
    return m in verses[:3]


def forclusion(cas, m):
    """R5131-25, II : dossier complet plus de trois mois après la signature, mois trop anciens."""
    dossier = lire_date(cas, "cej_date_dossier_complet")
    if signature(cas) is None or dossier is None or dossier <= ajouter_mois(signature(cas), 3):
        return False
    mois_perdu = premier_jour(m + 1) <= ajouter_mois(dossier, -3)
    return mois_perdu and not acquis_a_titre_conservatoire(cas, m)


# --- L'allocation --------------------------------------------------------------------------------


def allocation(cas, mois):
    """L'allocation due pour le mois, en centimes."""
    m = numero(mois)
    if (
        not en_cours(cas, m)
        or non_cumul_rsa(cas, m)
        or non_cumul_ppa(cas, m)
        or suspension(cas, m)
        or forclusion(cas, m)
    ):
        return 0
    return arrondi(montant_avant_non_cumul(cas, m) * (1 - fraction_supprimee(cas, m)))


def trop_percu_autonomie(cas, mois):
    """D5131-19, II : ce qui dépasse le droit du foyer quand l'autonomie n'est pas confirmée."""
    m = numero(mois)
    if not (lire(cas, "cej_autonomie_fiscale", m) and lire(cas, "cej_autonomie_non_confirmee", m)):
        return 0
    avec_le_foyer = {**cas, "cej_autonomie_fiscale": False}
    return max(0, allocation(cas, m) - allocation(avec_le_foyer, m))


# --- La garantie jeunes en extinction : loi 2021-1900, art. 208, II ------------------------------


def garantie_jeunes_en_cours(cas, mois):
    m = numero(mois)
    if not lire(cas, "cej_garantie_jeunes_beneficiaire") or m < CREATION:
        return False
    if age(cas, m) >= 26:
        return False
    entree = lire_date(cas, "cej_garantie_jeunes_date_entree") or date(2022, 2, 1)
    fin = lire_date(cas, "cej_garantie_jeunes_date_fin")
    if fin is None:
        return m <= numero(entree) + 11
    return fin >= premier_jour(m) and m <= numero(entree) + 17


def garantie_jeunes_allocation(cas, mois):
    """Le cumul de la garantie jeunes : une seule liste de ressources, les mêmes bornes."""
    m = numero(mois)
    if (
        not garantie_jeunes_en_cours(cas, m)
        or non_cumul_rsa(cas, m)
        or any(droit_ppa(cas, n) for n in range(CREATION, m + 1))
        or lire(cas, "indemnites_volontariat", m) > 0
    ):
        return 0
    (montant,) = en_vigueur(GARANTIE_JEUNES, m)
    ressources = somme(cas, GARANTIE_JEUNES_RESSOURCES, m - 1)
    ressources += indemnites_journalieres_sans_detail(cas, m - 1)
    part_perdue = max(0, ressources - ABATTEMENT) / (seuil_de_sortie(cas, m) - ABATTEMENT)
    return arrondi(max(Fraction(0), montant * (1 - part_perdue)))


# --- Ce qui dépend du contrat ou de l'allocation -------------------------------------------------


def pacea_plafond(mois):
    """D5131-9 : le montant du 1°, a, du I de D5131-19."""
    m = numero(mois)
    return en_vigueur(MONTANTS, m)[0][0] if m >= CREATION else 0


def pacea_eligibilite(cas, mois):
    """L5131-5, D5131-9 : hors contrat d'engagement, 300 € de ressources au plus dans le mois."""
    m = numero(mois)
    ressources = somme(cas, PACEA_RESSOURCES, m)
    return (
        m >= CREATION
        and 16 <= age(cas, m) <= 25
        and not (signature(cas) is not None and en_cours(cas, m))
        and ressources <= 300_00
    )


def presomption_c2s(cas, mois):
    """CSS L861-2, 5°."""
    m = numero(mois)
    return (
        m >= PRESOMPTION_C2S
        and allocation(cas, m) > 0
        and situation_fiscale(cas, m) == "non_imposable"
    )


def caution_publique_permis(cas, mois):
    """L5131-6-1."""
    m = numero(mois)
    return allocation(cas, m) > 0 and not lire(cas, "caution_parentale_ou_tiers", m)
