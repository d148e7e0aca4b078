"""Oracle lent de l'allocation du contrat d'engagement jeune, à lire à côté du code du travail.

Independent of the package on purpose: plain Python, exact arithmetic (`Fraction`, integer
centimes), its own dated tables, one person at a time. Nothing here is imported from the model,
so that an agreement between both means something. One file of it is read, that of the coefficients
of revaluation: the amounts are worked out from them and from those of the decree.

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
- R5412-3-4 https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000051679543
- CSS R844-1 https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000042497177
"""

import calendar
from datetime import date, timedelta
from fractions import Fraction
from functools import cache, lru_cache
from importlib.util import find_spec
from math import floor
from pathlib import Path

import yaml

DEFAUTS = {
    "activite": "inactif",
    "cej_engagements_respectes": True,
    "cej_impot_restant_a_payer": None,
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


def veille(jour):
    return jour - timedelta(days=1)


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


def est_donnee(cas, nom, m):
    """L'entrée `nom` est renseignée au mois m : elle y remplace le calcul."""
    return nom in cas and (not isinstance(cas[nom], dict) or nom_du_mois(m) in cas[nom])


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


@lru_cache(100_000)
def exact(nombre):
    """Le nombre décimal que l'on lit, et non le flottant qui en approche."""
    return Fraction(str(nombre))


@lru_cache(100_000)
def en_centimes(euros):
    """Un montant en euros, lu au centime."""
    return arrondi(100 * exact(euros))


def percu(cas, nom, m):
    """Un montant d'au moins un centime ; en dessous d'un demi-centime, rien n'est perçu."""
    return en_centimes(lire(cas, nom, m)) > 0


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

# D5131-19, I et III, montants mensuels : (A, B, mineur), puis les mêmes à Mayotte. IV : à chaque
# revalorisation, le montant publié d'avant par le coefficient, arrondi au centime.
PREMIERS_MONTANTS = (500_00, 300_00, 200_00), (285_00, 171_00, 114_00)
COEFFICIENTS = (
    Path(find_spec("openfisca_cej").origin).parent
    / "parameters/contrat_engagement_jeune/montant_forfaitaire/revalorisation.yaml"
)


def montants_revalorises(coefficients=COEFFICIENTS):
    """(mois, montants, montants à Mayotte), depuis les coefficients, qui ne sont pas écrits ici."""
    lus = yaml.load(coefficients.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)["values"]
    suite = [("2022-03", *PREMIERS_MONTANTS)]
    for jour in sorted(lus):
        coefficient = Fraction(lus[jour]["value"])
        _, *avant = suite[-1]
        apres = (tuple(arrondi(montant * coefficient) for montant in lieu) for lieu in avant)
        suite.append((jour[:7], *apres))
    return suite


MONTANTS = montants_revalorises()

# Smic mensuel brut : général, Mayotte.
SMIC = [
    ("2022-01", 1603_12, 1210_30),
    ("2022-05", 1645_58, 1242_15),
    ("2022-08", 1678_95, 1266_42),
    ("2023-01", 1709_28, 1290_68),
    ("2023-05", 1747_20, 1319_50),
    ("2024-01", 1766_92, 1334_67),
    ("2024-11", 1801_80, 1361_97),
    ("2026-01", 1823_03, 1415_05),
    ("2026-06", 1867_02, 1449_93),
]

# D5131-23 : abattement, part du SMIC.
DEGRESSIVITE = [
    ("2022-03", 300_00, Fraction(80, 100)),
]

# Garantie jeunes : RSA d'une personne seule moins le forfait logement (D5131-20, version de 2017).
GARANTIE_JEUNES = [
    ("2022-03", 497_50),
    ("2022-04", 506_46),
    ("2022-07", 526_72),
    ("2023-04", 534_82),
]

# CGI 197, I, 1 et 4, par année de revenus (le dernier barème connu vaut pour la suite) : seuils en
# euros, décote d'une personne seule, d'un couple.
TAUX = (Fraction(11, 100), Fraction(30, 100), Fraction(41, 100), Fraction(45, 100))
BAREME_IR = {
    2020: ((10_084, 25_710, 73_516, 158_122), 779, 1_289),
    2021: ((10_225, 26_070, 74_545, 160_336), 790, 1_307),
    2022: ((10_777, 27_478, 78_570, 168_994), 833, 1_378),
    2023: ((11_294, 28_797, 82_341, 177_106), 873, 1_444),
    2024: ((11_497, 29_315, 83_823, 180_294), 889, 1_470),
    2025: ((11_600, 29_579, 84_577, 181_917), 897, 1_483),
}
# CGI 197, I, 3 : part de l'impôt brut retirée outre-mer, avant la décote, et son plafond en euros.
ABATTEMENT_GUADELOUPE_MARTINIQUE_REUNION = (Fraction(30, 100), 2_450)
ABATTEMENT_GUYANE_MAYOTTE = (Fraction(40, 100), 4_050)
OUTRE_MER = {
    "residence_guadeloupe": ABATTEMENT_GUADELOUPE_MARTINIQUE_REUNION,
    "residence_martinique": ABATTEMENT_GUADELOUPE_MARTINIQUE_REUNION,
    "residence_reunion": ABATTEMENT_GUADELOUPE_MARTINIQUE_REUNION,
    "residence_guyane": ABATTEMENT_GUYANE_MAYOTTE,
    "residence_mayotte": ABATTEMENT_GUYANE_MAYOTTE,
}
HEXAGONE = (Fraction(0), 0)
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
# Micro-entrepreneurs : ce qui reste du chiffre d'affaires après l'abattement forfaitaire de 71, de
# 50 et de 34 % (CGI 50-0 et 102 ter).
PART_DU_CHIFFRE_D_AFFAIRES = {
    "rpns_auto_entrepreneur_CA_achat_revente": Fraction(29, 100),
    "rpns_auto_entrepreneur_CA_bic": Fraction(50, 100),
    "rpns_auto_entrepreneur_CA_bnc": Fraction(66, 100),
}
INDEMNITES_DE_NAISSANCE = [  # R5131-22, 3°
    "indemnites_journalieres_maternite",
    "indemnites_journalieres_paternite",
    "indemnites_journalieres_adoption",
]
INDEMNITES_DE_MALADIE = [  # R5131-22, 4°
    "indemnites_journalieres_maladie",
    "indemnites_journalieres_accident_travail",
    "indemnites_journalieres_maladie_professionnelle",
]
INDEMNITES_JOURNALIERES_DE_BASE = [*INDEMNITES_DE_NAISSANCE, *INDEMNITES_DE_MALADIE]
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
# R5131-22, version de 2019 : CSS R844-1, 1° à 5°, 7°, 8° et 10°, allocations de chômage, bourses et
# stages. Le 6° de R844-1, borné à trois mois, est compté à part.
GARANTIE_JEUNES_RESSOURCES = [
    *(nom for nom in DEDUCTIBLES if nom != "remuneration_ecole_deuxieme_chance"),
    *ACTIVITE,
    *INSERTION_ET_CONTRATS_AIDES,
    "solde_volontariat_armees",
    "indemnites_chomage_partiel",
    *INDEMNITES_DE_NAISSANCE,
    "remuneration_garantie_esat",
    "remuneration_adaptation_vie_active",
    "remuneration_oacas",
    "bourse_enseignement_sup",
    "indemnites_stage",
]
MOIS_D_ARRET_COMPTES = 3

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
    """R5131-16, dernier alinéa : six mois après la fin du contrat précédent, sauf exception.

    De quantième à quantième ; un contrat peut être signé dans le mois où le délai s'achève.
    """
    fin = fin_du_contrat_precedent(cas)
    if fin is None or ajouter_mois(fin, 6) <= dernier_jour(m):
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

DUREE_MAXIMALE = 12
DUREE_TOTALE_MAXIMALE = 18
MOIS_APRES_UN_PARCOURS = 2


def signature(cas):
    return lire_date(cas, "cej_date_signature")


def fin_du_contrat_precedent(cas):
    return lire_date(cas, "cej_date_fin_precedent")


def appartient_au_contrat(cas, n, m):
    """Ce qui arrive au mois n relève du contrat du mois m, et non d'un contrat antérieur.

    Au plus tard dans le mois de la fin du contrat précédent : de celui-ci. Avant la signature : de
    lui ou d'aucun. Sans date de signature : d'un contrat antérieur au-delà de douze mois.
    """
    fin_precedent = fin_du_contrat_precedent(cas)
    if fin_precedent is not None and n <= numero(fin_precedent):
        return False
    if signature(cas) is None:
        return n >= m - DUREE_MAXIMALE
    return n >= numero(signature(cas))


def rang_ancien_manquement(cas, m):
    """R5131-18 : rang du manquement notifié au mois m, tant que l'article est en vigueur."""
    if CREATION <= m < NOUVELLES_SANCTIONS:
        return lire(cas, "cej_rang_manquement", m)
    return 0


def rupture(cas, m):
    """R5131-18, 3° : un troisième manquement sous ce contrat y a mis fin."""
    return any(
        rang_ancien_manquement(cas, n) >= 3 and appartient_au_contrat(cas, n, m)
        for n in range(CREATION, m)
    )


def de_date_a_date(debut, nombre):
    """Dernier jour d'un contrat signé ce jour-là pour ce nombre de mois."""
    return veille(ajouter_mois(debut, nombre))


def terme_hors_parcours(cas):
    """R5131-16 : douze mois au plus, dix-huit au plus avec les prolongations.

    Les prolongations s'ajoutent au terme écrit. Une fin réelle au-delà des douze premiers mois
    montre que le contrat a été prolongé.
    """
    signe, reel = signature(cas), lire_date(cas, "cej_date_fin")
    premier_terme = de_date_a_date(signe, DUREE_MAXIMALE)
    dernier_terme = de_date_a_date(signe, DUREE_TOTALE_MAXIMALE)
    if reel is not None and reel > premier_terme:
        return dernier_terme
    prolongation = max(lire(cas, "cej_mois_prolongation"), 0)
    prevu = lire_date(cas, "cej_date_fin_prevue")
    if prevu is None or prevu >= premier_terme:
        terme = de_date_a_date(signe, DUREE_MAXIMALE + prolongation)
    else:
        # De date à date, comme la durée sans fin écrite : la veille du même quantième.
        terme = ajouter_mois(prevu + timedelta(days=1), prolongation) - timedelta(days=1)
    return min(terme, dernier_terme)


def fin_par_un_parcours(cas, terme):
    """R5131-16 : fin du deuxième mois qui suit celle d'un parcours commencé pendant le contrat.

    Un parcours sans début connu est présumé commencé pendant le contrat, sauf s'il était fini à
    la signature.
    """
    debut, fin = (lire_date(cas, f"cej_parcours_date_{bord}") for bord in ("debut", "fin"))
    if fin is None or fin < signature(cas):
        return None
    if debut is not None and not signature(cas) <= debut <= terme:
        return None
    return dernier_jour(numero(fin) + MOIS_APRES_UN_PARCOURS)


def fin_du_contrat(cas):
    """Le terme légal ; la fin réelle, si elle est donnée, sans aller au-delà du terme légal."""
    terme = terme_hors_parcours(cas)
    terme = max(terme, fin_par_un_parcours(cas, terme) or terme)
    return min(terme, lire_date(cas, "cej_date_fin") or terme)


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
        and m <= numero(fin_du_contrat(cas))  # R5131-25, I : le mois de la fin est dû en entier
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


def bareme(annee):
    """Le barème des revenus d'une année ; le dernier connu si le sien ne l'est pas."""
    return BAREME_IR[min(annee, max(BAREME_IR))]


def limite_premiere_tranche(m):
    """Celle du barème en vigueur au dernier 1er avril : les revenus de l'année d'avant."""
    annee_du_dernier_avril = (m - 3) // 12
    return bareme(annee_du_dernier_avril - 1)[0][1]


def abattement_outre_mer(cas, m):
    """CGI 197, I, 3, selon le lieu où vit le jeune : (part de l'impôt, plafond)."""
    lieux = (droits for nom, droits in OUTRE_MER.items() if lire(cas, nom, m))
    return max(lieux, default=HEXAGONE)


@lru_cache(100_000)
def impot_du(annee, rni, parts, couple, reductions, credits_impot, outre_mer=HEXAGONE):
    """Impôt à payer en euros, après décote, réductions, crédits et minima de recouvrement."""
    seuils, decote_seul, decote_couple = bareme(annee)
    quotient = rni / parts
    bornes = [*seuils[1:], max(quotient, seuils[-1])]
    brut = parts * sum(
        taux * max(0, min(quotient, haut) - bas)
        for taux, bas, haut in zip(TAUX, seuils, bornes, strict=True)
    )
    part, plafond = outre_mer
    brut -= min(part * brut, plafond)
    decote = max(0, (decote_couple if couple else decote_seul) - TAUX_DECOTE * brut)
    avant_credits = max(0, brut - min(decote, brut) - reductions)
    if avant_credits < MINIMUM_AVANT_CREDITS:
        avant_credits = 0
    reste = avant_credits - credits_impot
    return 0 if reste < MINIMUM_APRES_CREDITS else reste


def situation_calculee(cas, m, autonome):
    """La situation fiscale du jeune, seul s'il est autonome, ou celle de son foyer fiscal réel."""
    annee = annee_des_revenus(m)

    def euros(nom):
        return exact(lire_annee(cas, nom, annee))

    if autonome:
        rni, parts = euros("cej_rni_autonome"), Fraction(1)
        couple, reductions, credits_impot = False, Fraction(0), Fraction(0)
        restant = None
    else:
        rni = euros("rni")
        parts = euros("nbptr") if euros("nbptr") > 0 else Fraction(1)
        couple = lire_annee(cas, "maries_ou_pacses", annee)
        reductions, credits_impot = euros("reductions"), euros("credits_impot")
        restant = lire_annee(cas, "cej_impot_restant_a_payer", annee)
    if restant is None:  # l'avis n'est pas donné : le barème
        outre_mer = abattement_outre_mer(cas, m)
        restant = impot_du(annee, rni, parts, couple, reductions, credits_impot, outre_mer)
    if restant == 0:
        return "non_imposable"
    return "premiere_tranche" if rni <= limite_premiere_tranche(m) * parts else "au_dela"


def situation_fiscale(cas, mois):
    """D5131-19, I : non imposable, dans la première tranche, ou au-delà. II : autonome, seul."""
    m = numero(mois)
    if est_donnee(cas, "cej_situation_fiscale", m):
        return lire(cas, "cej_situation_fiscale", m)
    return situation_calculee(cas, m, autonome=bool(lire(cas, "cej_autonomie_fiscale", m)))


def situation_du_foyer_reel(cas, mois):
    """Sans égard à l'autonomie ; une situation donnée sans autonomie est celle du foyer réel."""
    m = numero(mois)
    if not lire(cas, "cej_autonomie_fiscale", m):
        return situation_fiscale(cas, m)
    return situation_calculee(cas, m, autonome=False)


# --- Le montant forfaitaire : D5131-19 -----------------------------------------------------------


def mois_de_reference(cas, m):
    """D5131-19, V : faute de révision, la situation reste celle du mois de la signature."""
    signe = signature(cas)
    if lire(cas, "cej_forfait_non_revise") and signe is not None and numero(signe) >= CREATION:
        return min(m, numero(signe))
    return m


def montant_forfaitaire(cas, mois, situation_en=situation_fiscale):
    """D5131-19, I, III, IV et V."""
    m = numero(mois)
    if m < CREATION:
        return 0
    reference = mois_de_reference(cas, m)
    general, mayotte = en_vigueur(MONTANTS, m)
    majeur_a, majeur_b, montant_mineur = mayotte if lire(cas, "residence_mayotte", m) else general
    situation = situation_en(cas, reference)
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
    _, part = en_vigueur(DEGRESSIVITE, m)
    return part * smic(cas, m)


def part_perdue(cas, m, ressources):
    """D5131-23 : ce qui excède l'abattement, en part de ce qui va de là au seuil de sortie."""
    abattement, _ = en_vigueur(DEGRESSIVITE, m)
    return max(0, ressources - abattement) / (seuil_de_sortie(cas, m) - abattement)


def chiffre_d_affaires_retenu(cas, m):
    """Chiffre d'affaires du régime micro, moins l'abattement forfaitaire : exact, sans arrondi."""
    return sum(part * somme(cas, [nom], m) for nom, part in PART_DU_CHIFFRE_D_AFFAIRES.items())


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
    total += chiffre_d_affaires_retenu(cas, m - 1)
    total += indemnites_journalieres_sans_detail(cas, m - 1)
    if m >= CONGE_SUPPLEMENTAIRE_DE_NAISSANCE:
        total += somme(cas, ["indemnites_conge_supplementaire_naissance"], m - 1)
    return max(0, total)


def montant_avant_non_cumul(cas, mois, situation_en=situation_fiscale):
    """R5131-20, I, exact, avant arrondi."""
    m = numero(mois)
    if m < CREATION:
        return Fraction(0)
    forfait = montant_forfaitaire(cas, m, situation_en)
    perdue = part_perdue(cas, m, ressources_partiellement_deductibles(cas, m))
    return max(Fraction(0), forfait - ressources_deductibles(cas, m) - forfait * perdue)


# --- Le non-cumul : R5131-24 ---------------------------------------------------------------------


def personne_a_charge(cas):
    return lire(cas, "role_famille") == "enfant"


def non_cumul_rsa(cas, m):
    """R5131-24, I."""
    return percu(cas, "rsa", m) and not personne_a_charge(cas)


MOIS_DE_PRIME_ANTERIEURE = 3


def ppa_d_une_activite_anterieure(cas, n, premier_mois):
    """R5131-24, II : la prime du mois n est due pour une activité antérieure au premier mois.

    Présumé de celle qui courait déjà le mois d'avant, tant qu'elle court sans interruption et
    pendant trois mois au plus ; l'entrée tranche où elle est donnée.
    """
    if est_donnee(cas, "ppa_activite_anterieure", n):
        return bool(lire(cas, "ppa_activite_anterieure", n))
    return premier_mois <= n < premier_mois + MOIS_DE_PRIME_ANTERIEURE and all(
        percu(cas, "ppa", k) for k in range(premier_mois - 1, n + 1)
    )


def premier_mois_de_l_allocation(cas, n):
    """Celui de la signature ; avant elle, de l'entrée en garantie jeunes, ou le mois demandé."""
    if signature(cas) is not None and numero(signature(cas)) <= n:
        return numero(signature(cas))
    return numero(entree_en_garantie_jeunes(cas)) if garantie_jeunes_en_cours(cas, n) else n


def droit_ppa(cas, n):
    """Un droit à la prime d'activité qui n'est ni d'un tiers ni d'une activité antérieure."""
    return (
        percu(cas, "ppa", n)
        and not personne_a_charge(cas)
        and not ppa_d_une_activite_anterieure(cas, n, premier_mois_de_l_allocation(cas, n))
    )


def non_cumul_ppa(cas, m):
    """R5131-24, II : l'ouverture d'un droit sous ce contrat met fin au versement.

    Le premier mois de l'allocation est celui de la signature ; sans elle, le mois demandé.
    """
    if droit_ppa(cas, m):
        return True
    return signature(cas) is not None and any(
        droit_ppa(cas, n) and appartient_au_contrat(cas, n, m)
        for n in range(numero(signature(cas)), m)
    )


def suspension(cas, m):
    """R5131-24, III."""
    return any(percu(cas, nom, m) for nom in SUSPENSIVES)


# --- Les sanctions jusqu'en mai 2025 : R5131-18 --------------------------------------------------


def fraction_ancienne(cas, m):
    """R5131-18 : le manquement notifié un mois agit sur le mois suivant."""
    if not appartient_au_contrat(cas, m - 1, m):
        return Fraction(0)
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
    """Le rang de la décision du mois n ; à défaut, déduit des précédentes du même motif.

    R5412-3-4 : réitéré dans les vingt-quatre mois de la première décision. Au-delà, ou quand elle
    est donnée comme telle, une décision est une nouvelle première.
    """
    premiere = None
    for k in range(NOUVELLES_SANCTIONS, n + 1):
        if motif(cas, k) == motif(cas, n):
            donne = lire(cas, "cej_sanction_rang", k)
            if premiere is None or k > premiere + DELAI_DE_REITERATION or donne == 1:
                premiere = k
    donne = lire(cas, "cej_sanction_rang", n)
    if donne >= 1:
        return donne
    return 1 if premiere == n else 2


def taux_et_duree(cas, n):
    """Taux et durée de la décision du mois n, ramenés dans les bornes du barème."""
    bareme = BAREME_2025[motif(cas, n)][0 if rang_retenu(cas, n) == 1 else 1]
    taux_min, taux_max, duree_min, duree_max = bareme
    taux = Fraction(arrondi(1000 * exact(lire(cas, "cej_sanction_taux", n))), 1000)
    duree = lire(cas, "cej_sanction_duree", n)
    return min(max(taux, taux_min), taux_max), min(max(duree, duree_min), duree_max)


def levee(cas, n, m):
    """R5412-1 : le jeune s'est conformé à ses engagements après le mois n de la décision."""
    leve = any(lire(cas, "cej_sanction_levee", k) for k in range(n + 1, m + 1))
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
    """R5131-25, II : les trois premiers mois versés sous ce contrat restent acquis.

    Un mois versé sous le contrat précédent l'est aussi, et ne compte pas parmi ces trois.
    """
    if not lire(cas, "cej_versement_conservatoire", m):
        return False
    verses = [
        n
        for n in range(numero(signature(cas)), m + 1)
        if lire(cas, "cej_versement_conservatoire", n) and appartient_au_contrat(cas, n, m)
    ]
    return m in verses[:3] or not appartient_au_contrat(cas, m, m)


def forclusion(cas, m):
    """R5131-25, II : dossier complet plus de trois mois après la signature, mois trop anciens."""
    dossier = lire_date(cas, "cej_date_dossier_complet")
    if signature(cas) is None or dossier is None or dossier <= ajouter_mois(signature(cas), 3):
        return False
    if signature(cas) >= premier_jour(m + 1):
        return False  # un mois d'avant la signature n'est pas un mois du contrat
    if not appartient_au_contrat(cas, numero(dossier), m):
        return False
    mois_perdu = premier_jour(m + 1) <= ajouter_mois(dossier, -3)
    return mois_perdu and not acquis_a_titre_conservatoire(cas, m)


# --- L'allocation --------------------------------------------------------------------------------


def allocation(cas, mois, situation_en=situation_fiscale):
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
    montant = montant_avant_non_cumul(cas, m, situation_en)
    return arrondi(montant * (1 - fraction_supprimee(cas, m)))


def trop_percu_autonomie(cas, mois):
    """D5131-19, II : ce qui dépasse le droit du foyer quand l'autonomie n'est pas confirmée."""
    m = numero(mois)
    if not (lire(cas, "cej_autonomie_fiscale", m) and lire(cas, "cej_autonomie_non_confirmee", m)):
        return 0
    return max(0, allocation(cas, m) - allocation(cas, m, situation_du_foyer_reel))


# --- La garantie jeunes en extinction : loi 2021-1900, art. 208, II ------------------------------


def entree_en_garantie_jeunes(cas):
    return lire_date(cas, "cej_garantie_jeunes_date_entree") or date(2022, 2, 1)


def garantie_jeunes_en_cours(cas, mois):
    m = numero(mois)
    if not lire(cas, "cej_garantie_jeunes_beneficiaire") or m < CREATION:
        return False
    if age(cas, m) >= 26:
        return False
    entree = entree_en_garantie_jeunes(cas)
    fin = lire_date(cas, "cej_garantie_jeunes_date_fin")
    if fin is None:
        return m <= numero(entree) + 11
    return fin >= premier_jour(m) and m <= numero(entree) + 17


def indemnites_de_maladie(cas, n):
    """CSS R844-1, 6° : de base et complémentaires, et ce que le total ne détaille pas."""
    detaillees = somme(cas, [*INDEMNITES_DE_MALADIE, "indemnites_journalieres_complementaires"], n)
    return detaillees + indemnites_journalieres_sans_detail(cas, n)


def indemnites_de_maladie_comptees(cas, n):
    """Celles des trois premiers mois d'un arrêt, qui est une suite de mois indemnisés."""
    plus_tot = range(n - MOIS_D_ARRET_COMPTES, n)
    trop_long = all(indemnites_de_maladie(cas, k) > 0 for k in plus_tot)
    return 0 if trop_long else indemnites_de_maladie(cas, n)


def garantie_jeunes_ressources(cas, m):
    return (
        somme(cas, GARANTIE_JEUNES_RESSOURCES, m - 1)
        + chiffre_d_affaires_retenu(cas, m - 1)
        + indemnites_de_maladie_comptees(cas, m - 1)
    )


def garantie_jeunes_allocation(cas, mois):
    """Le cumul de la garantie jeunes : une seule liste de ressources, les mêmes bornes.

    R5131-24 (version de 2017) : l'ouverture d'un droit à la prime d'activité met fin au versement.
    Qui en bénéficiait au 1er mars 2022 ne l'avait pas perdue avant.
    """
    m = numero(mois)
    if (
        not garantie_jeunes_en_cours(cas, m)
        or non_cumul_rsa(cas, m)
        or any(droit_ppa(cas, n) for n in range(CREATION, m + 1))
        or percu(cas, "indemnites_volontariat", m)
    ):
        return 0
    (montant,) = en_vigueur(GARANTIE_JEUNES, m)
    perdue = part_perdue(cas, m, garantie_jeunes_ressources(cas, m))
    return arrondi(max(Fraction(0), montant * (1 - perdue)))


# --- Ce qui dépend du contrat ou de l'allocation -------------------------------------------------


def pacea_eligibilite(cas, mois):
    """L5131-5, D5131-9 : hors contrat d'engagement, 300 € de ressources au plus dans le mois."""
    m = numero(mois)
    ressources = somme(cas, PACEA_RESSOURCES, m) + chiffre_d_affaires_retenu(cas, m)
    return (
        m >= CREATION
        and 16 <= age(cas, m) <= 25
        and not (signature(cas) is not None and en_cours(cas, m))
        and ressources <= 300_00
    )


def presomption_c2s(cas, mois):
    """CSS L861-2, 5° : le foyer fiscal réel, quelle que soit l'autonomie de D5131-19, II."""
    m = numero(mois)
    return (
        m >= PRESOMPTION_C2S
        and allocation(cas, m) > 0
        and situation_du_foyer_reel(cas, m) == "non_imposable"
    )


def caution_publique_permis(cas, mois):
    """L5131-6-1."""
    m = numero(mois)
    return allocation(cas, m) > 0 and not lire(cas, "caution_parentale_ou_tiers", m)
