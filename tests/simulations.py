"""Flat cases to vector simulations, and random situations that sit on the borders of the law.

A case is the flat dictionary that `oracle.py` reads. `simuler` puts a list of them into one
simulation, each person with a famille, a foyer fiscal and a ménage of their own.
"""

import random
from datetime import date, timedelta
from functools import cache

import numpy
import oracle
from openfisca_core.simulations import SimulationBuilder
from oracle import ajouter_mois, nom_du_mois, numero, premier_jour

# --- Simulation ----------------------------------------------------------------------------------

ACCOMPAGNANT = {  # the other member of the famille: nothing of theirs may reach the young person
    "date_naissance": date(1980, 6, 15),
    "activite": "actif",
    "salaire_net": 1234.56,
    "chomage_net": 77.7,
    "cej_date_signature": date(2021, 12, 31),
}
PLACES = {  # role_famille → roles in the foyer fiscal and in the ménage
    "demandeur": ("declarant_principal", "personne_de_reference"),
    "conjoint": ("conjoint", "conjoint"),
    "enfant": ("personne_a_charge", "enfant"),
}
HORS_SIMULATION = {"role_famille", "accompagne"}
PREMIER_MOIS_LU = numero("2022-02")


@cache
def systeme():
    from openfisca_cej import CountryTaxBenefitSystem

    return CountryTaxBenefitSystem()


def construire(cas_liste, mois):
    """One simulation of all the cases, and the position of each case's person in it."""
    tbs, m = systeme(), numero(mois)
    personnes, roles, groupes, positions = [], [], [], []
    for rang, cas in enumerate(cas_liste):
        role = cas.get("role_famille", "demandeur")
        membres = [(cas, role)]
        if role != "demandeur":
            membres.insert(0, (ACCOMPAGNANT, "demandeur"))
        elif cas.get("accompagne"):
            membres.append((ACCOMPAGNANT, "conjoint"))
        for membre, role_du_membre in membres:
            if membre is cas:
                positions.append(len(personnes))
            personnes.append(membre)
            roles.append(role_du_membre)
            groupes.append(rang)

    builder = SimulationBuilder()
    builder.create_entities(tbs)
    builder.declare_person_entity("individu", numpy.arange(len(personnes)))
    for entite, rang_du_role in (("famille", None), ("foyer_fiscal", 0), ("menage", 1)):
        groupe = builder.declare_entity(entite, numpy.arange(len(cas_liste)))
        cles = [role.key for role in groupe.entity.flattened_roles]
        noms = [role if rang_du_role is None else PLACES[role][rang_du_role] for role in roles]
        builder.join_with_persons(groupe, numpy.array(groupes), [cles.index(nom) for nom in noms])
    simulation = builder.build(tbs)

    for nom in sorted({nom for cas in personnes for nom in cas} - HORS_SIMULATION):
        entite = tbs.get_variable(nom, check_existence=True).entity
        _saisir(simulation, nom, personnes if entite.is_person else cas_liste, m)
    return simulation, numpy.array(positions)


def _saisir(simulation, nom, lignes, m):
    """Set one input for everyone: constants over all periods, dictionaries where they say."""
    variable = simulation.tax_benefit_system.get_variable(nom)
    constantes = _tableau(variable, len(lignes))
    propres = {}  # period → [(position, value)]
    constant = False
    for position, cas in enumerate(lignes):
        valeur = cas.get(nom)
        if isinstance(valeur, dict):
            for periode, element in valeur.items():
                propres.setdefault(periode, []).append((position, element))
        elif valeur is not None:
            constantes[position] = valeur
            constant = True

    periodes = set(propres)
    if constant and variable.definition_period == "eternity":
        periodes.add("ETERNITY")
    elif constant and variable.definition_period == "year":
        periodes.update(str(annee) for annee in range(2020, m // 12 + 1))
    elif constant:
        debut = min(PREMIER_MOIS_LU, m - 1)
        periodes.update(nom_du_mois(n) for n in range(debut, m + 1))
    if variable.formulas and any(nom not in cas for cas in lignes):
        raise ValueError(f"{nom} est calculé : le donner à tous ou à personne")
    for periode in periodes:
        tableau = constantes.copy()
        for position, element in propres.get(periode, ()):
            tableau[position] = element
        simulation.set_input(nom, periode, tableau)


def _tableau(variable, taille):
    if variable.value_type.__name__ == "Enum":
        return numpy.full(taille, variable.default_value.name, dtype="U40")
    return variable.default_array(taille)


def calculer(simulation, nom, mois):
    """The values of a variable, its enumerations as text."""
    resultat = simulation.calculate(nom, nom_du_mois(numero(mois)))
    return resultat.decode_to_str() if hasattr(resultat, "decode_to_str") else resultat


def simuler(cas_liste, mois, variables):
    """The variables of each case's person, as arrays in the order of the cases."""
    simulation, positions = construire(cas_liste, mois)
    return {nom: calculer(simulation, nom, mois)[positions] for nom in variables}


# --- Random situations ---------------------------------------------------------------------------
# Each theme changes the case in place, and aims at one border of the law around month m.


def euros(centimes):
    return int(centimes) / 100


def jour_du_mois(alea, m):
    """First, second, last or any day of the month."""
    jours = (oracle.dernier_jour(m) - premier_jour(m)).days
    return premier_jour(m) + timedelta(days=alea.choice([0, 0, 1, jours, alea.randint(0, jours)]))


def parfois(alea, probabilite):
    return alea.random() < probabilite


def mensuel(alea, valeur, m, etendue=2):
    """A value for every month, or for a few months around m."""
    if parfois(alea, 0.3):
        return valeur
    mois = {m - alea.choice([0, 0, 0, 1, 1, alea.randint(0, etendue)]) for _ in range(2)}
    return {nom_du_mois(n): valeur for n in mois}


def theme_naissance(alea, cas, m):
    seuil = alea.choice([16, 18, 18, 26, 30])
    cas["date_naissance"] = jour_du_mois(alea, m - 12 * seuil + alea.choice([-1, 0, 0, 1]))
    if seuil >= 26 and parfois(alea, 0.6):
        cas["rqth"] = mensuel(alea, True, m)
    if seuil == 18 and parfois(alea, 0.6):
        cas["cej_date_signature"] = jour_du_mois(alea, max(oracle.CREATION, m - alea.randint(0, 4)))
        cas["cej_forfait_non_revise"] = True


def theme_age_donne(alea, cas, m):
    cas["age"] = {nom_du_mois(m): alea.choice([15, 16, 17, 18, 25, 26, 29, 30])}
    cas["rqth"] = parfois(alea, 0.3)
    if parfois(alea, 0.7):
        cas.pop("date_naissance", None)


def theme_mayotte(alea, cas, m):
    cas["residence_mayotte"] = alea.choice(
        [True, {nom_du_mois(m): True}, {nom_du_mois(m - 1): True}]
    )


def theme_fiscal(alea, cas, m):
    """Around the top of the first bracket, the collection floors, the exit of the décote."""
    annee = oracle.annee_des_revenus(m)
    bas, haut = oracle.BAREME_IR[annee][0][:2]
    parts = alea.choice([1, 1, 1.5, 2, 2, 2.5, 3, 1.25, 4.75, 0])
    couple = parfois(alea, 0.4)
    part_retenue = parts or 1
    reductions = credits_impot = 0
    genre = alea.choice(["plafond", "plafond", "avant_credits", "apres_credits", "sans", "riche"])
    quotient = alea.randint(100 * bas, 105 * haut) / 100
    if genre == "plafond":
        rni = round(haut * part_retenue + alea.choice([0, 0, 0.01, -0.01, 1, -1]), 2)
    elif genre == "riche":
        rni = round(part_retenue * alea.choice([0.9 * haut, 3 * haut, 8 * haut]), 2)
        credits_impot = alea.choice([0, 10**6])
    else:
        rni = round(quotient * part_retenue, alea.choice([0, 2]))
    impot = oracle.impot_du(
        annee, oracle.Fraction(str(rni)), oracle.Fraction(str(part_retenue)), couple, 0, 0
    )
    centimes_autour = alea.choice([-1, 0, 0, 1])
    if genre == "avant_credits":
        reductions = max(0, oracle.arrondi(100 * (impot - 61)) + centimes_autour) / 100
    elif genre == "apres_credits":
        credits_impot = max(0, oracle.arrondi(100 * (impot - 12)) + centimes_autour) / 100
    valeurs = {
        "rni": rni,
        "nbptr": parts,
        "maries_ou_pacses": couple,
        "reductions": reductions,
        "credits_impot": credits_impot,
    }
    for nom, valeur in valeurs.items():
        cas[nom] = {str(annee): valeur}
        if nom == "rni" and parfois(alea, 0.7):  # the years next to it must not be read
            cas[nom] |= {str(annee - 1): 0.0, str(annee + 1): alea.choice([0.0, 1e6])}


def theme_autonomie(alea, cas, m):
    if parfois(alea, 0.7):
        theme_fiscal(alea, cas, m)
    cas["cej_autonomie_fiscale"] = mensuel(alea, True, m)
    cas["cej_autonomie_non_confirmee"] = mensuel(alea, True, m)
    haut = oracle.BAREME_IR[oracle.annee_des_revenus(m)][0][1]
    cas["cej_rni_autonome"] = alea.choice(
        [0.0, haut, haut + 0.01, round(alea.uniform(14_000, 19_000), 2)]
    )


def theme_forfait_fige(alea, cas, m):
    """A tier and a minority frozen at signature, another at m."""
    debut = m - alea.randint(0, 15)
    cas["cej_date_signature"] = jour_du_mois(alea, max(oracle.CREATION, debut))
    cas["cej_forfait_non_revise"] = True
    cas["cej_mois_prolongation"] = 6
    if parfois(alea, 0.6):
        annee = m // 12
        cas["rni"] = {
            str(n): float(alea.choice([0, 12_000, 20_000, 24_000, 29_400, 40_000]))
            for n in range(annee - 3, annee + 1)
        }
    if parfois(alea, 0.4):
        cas["cej_autonomie_fiscale"] = mensuel(alea, True, m, 15)
    if parfois(alea, 0.4):
        cas["date_naissance"] = jour_du_mois(alea, m - 12 * 18 - alea.randint(0, 12))


def theme_contrat(alea, cas, m):
    ecart = alea.choice([-1, 0, 0, 1, 2, 10, 11, 11, 12, 13, 16, 17, 18, 19, alea.randint(0, 20)])
    signe = max(oracle.CREATION - 1, m - ecart)
    cas["cej_date_signature"] = jour_du_mois(alea, signe)
    if parfois(alea, 0.5):
        cas["cej_mois_prolongation"] = alea.choice([-1, 1, 2, 5, 6, 7])
    if parfois(alea, 0.45):
        cas["cej_date_fin"] = jour_du_mois(alea, m + alea.choice([-2, -1, 0, 0, 1, 3]))
    if parfois(alea, 0.45):
        cas["cej_parcours_date_fin"] = jour_du_mois(alea, m - alea.choice([4, 3, 2, 2, 1, 0, -3]))
        if parfois(alea, 0.7):
            debut = signe + alea.choice([3, 10, 11, 12, 13, 16, 17, 18])
            cas["cej_parcours_date_debut"] = jour_du_mois(alea, debut)


def theme_carence(alea, cas, m):
    cas.pop("cej_date_signature", None)
    cas["cej_date_fin_precedent"] = jour_du_mois(alea, m - alea.choice([5, 6, 6, 6, 7, 7, 1]))
    if parfois(alea, 0.4):
        cas["cej_circonstances_particulieres"] = True
        cas["cej_engagements_respectes"] = parfois(alea, 0.6)


def theme_anciennes_sanctions(alea, cas, m):
    mois = {m - alea.choice([0, 1, 1, 1, 2, 3, alea.randint(0, 30)]) for _ in range(2)}
    if parfois(alea, 0.3):
        mois.add(alea.choice([numero("2025-05"), numero("2025-06"), oracle.CREATION - 1]))
    cas["cej_rang_manquement"] = {nom_du_mois(n): alea.choice([1, 1, 2, 3, 4]) for n in mois}


def theme_nouvelles_sanctions(alea, cas, m):
    motifs = ["manquement"] * 4 + ["refus_contrat", "refus_offres", "fraude"]
    motifs += ["activite_non_declaree"] * 2
    prefere = alea.choice(motifs)
    decisions = {m - alea.choice([0, 0, 1, 1, 2, 3, 4, 5, 6, 11, 12]) for _ in range(3)}
    decisions = {nom_du_mois(n): n for n in decisions if n >= oracle.CREATION}
    tirages = {
        "cej_sanction_motif": lambda: prefere if parfois(alea, 0.6) else alea.choice(motifs),
        "cej_sanction_rang": lambda: alea.choice([0, 0, 0, 1, 2, 3]),
        "cej_sanction_taux": lambda: alea.choice(
            [0, 0, 0.2, 0.3, 0.333, 0.35, 0.375, 0.4, 0.5, 0.625, 0.75, 0.8, 1, 1]
        ),
        "cej_sanction_duree": lambda: alea.choice([0, 0, 1, 2, 3, 4, 4, 5, 9, 12, 13]),
    }
    for nom, tirer in tirages.items():
        cas[nom] = {mois: tirer() for mois in decisions}
    if parfois(alea, 0.3):
        cas["cej_sanction_levee"] = {nom_du_mois(m - alea.choice([0, 1, 2, 4])): True}
    if parfois(alea, 0.7):
        cas["inscrit_demandeur_emploi"] = True


def theme_rsa_ppa(alea, cas, m):
    cas["role_famille"] = alea.choice(["demandeur", "conjoint", "enfant"])
    cas["accompagne"] = parfois(alea, 0.3)
    if parfois(alea, 0.4):
        cas["rsa"] = mensuel(alea, 598.54, m)
    if parfois(alea, 0.8):
        signature = cas.get("cej_date_signature")
        if signature is None and parfois(alea, 0.7):
            signature = jour_du_mois(alea, max(oracle.CREATION, m - alea.randint(0, 6)))
            cas["cej_date_signature"] = signature
        reperes = [m, m - 1, m - 2] if signature is None else [m, m - 1, numero(signature)]
        mois = {alea.choice(reperes) + alea.choice([-1, 0, 0, 1]) for _ in range(2)}
        cas["ppa"] = {nom_du_mois(n): alea.choice([0.01, 150, 553.71]) for n in mois}
        if parfois(alea, 0.4):
            cas["ppa_activite_anterieure"] = mensuel(alea, True, m)


def theme_suspension(alea, cas, m):
    mois = alea.choice([m, m, m - 1, m + 1])
    cas[alea.choice(oracle.SUSPENSIVES)] = {nom_du_mois(mois): alea.choice([0.01, 489.59])}


def theme_forclusion(alea, cas, m):
    signature = jour_du_mois(alea, max(oracle.CREATION, m - alea.choice([0, 0, 1, 2, 3, 5])))
    cas["cej_date_signature"] = signature
    limite = ajouter_mois(alea.choice([signature, premier_jour(m + 1)]), 3)
    dossier = limite + timedelta(days=alea.choice([-2, -1, 0, 0, 1, 2, 15, 40]))
    if parfois(alea, 0.2):
        dossier = oracle.dernier_jour(numero(limite) + alea.choice([-1, 0]))
    cas["cej_date_dossier_complet"] = dossier
    if parfois(alea, 0.4):
        mois = range(numero(signature), m + 1)
        cas["cej_versement_conservatoire"] = alea.choice(
            [True, {nom_du_mois(n): True for n in mois if parfois(alea, 0.7)}]
        )


def theme_garantie_jeunes(alea, cas, m):
    cas["cej_garantie_jeunes_beneficiaire"] = True
    if parfois(alea, 0.8):
        entree = min(numero("2022-02"), m - alea.choice([10, 11, 11, 12, 16, 17, 17, 18]))
        cas["cej_garantie_jeunes_date_entree"] = jour_du_mois(alea, entree)
    if parfois(alea, 0.6):
        cas["cej_garantie_jeunes_date_fin"] = jour_du_mois(alea, m + alea.choice([-1, 0, 0, 1, 9]))
    if parfois(alea, 0.4):
        nom = alea.choice(["bourse_enseignement_sup", "indemnites_stage"])
        cas[nom] = {nom_du_mois(m - 1): alea.choice([100.0, 300.01, 577.5])}


def theme_statut(alea, cas, m):
    cas["activite"] = alea.choice(["etudiant", "etudiant", "chomeur", "actif", "retraite"])
    cas["en_formation"] = mensuel(alea, parfois(alea, 0.4), m)
    cas["difficultes_acces_emploi_durable"] = mensuel(alea, parfois(alea, 0.7), m)
    cas["inscrit_demandeur_emploi"] = mensuel(alea, parfois(alea, 0.6), m)


def theme_cumulables(alea, cas, m):
    noms = ["aah", "pensions_alimentaires_percues", "pensions_invalidite", "aide_logement", "af"]
    noms += ["indemnites_stage", "bourse_enseignement_sup"]
    for nom in alea.sample(noms, 3):
        cas[nom] = alea.choice([0.01, 300.0, 1041.59])
    cas["caution_parentale_ou_tiers"] = parfois(alea, 0.5)


def theme_heures(alea, cas, m):
    cas["cej_heures_hebdomadaires"] = alea.choice([0, 9.5, 14.99, 15, 20])
    cas["cej_heures_minorees"] = alea.choice([0, 9.5, 10, 15, 18])
    cas["cej_dispense_heures"] = mensuel(alea, parfois(alea, 0.4), m)


THEMES = {
    theme_naissance: 4,
    theme_mayotte: 3,
    theme_fiscal: 4,
    theme_autonomie: 3,
    theme_forfait_fige: 2,
    theme_contrat: 4,
    theme_carence: 2,
    theme_anciennes_sanctions: 1,
    theme_nouvelles_sanctions: 1,
    theme_rsa_ppa: 3,
    theme_suspension: 1,
    theme_forclusion: 3,
    theme_garantie_jeunes: 0,
    theme_statut: 2,
    theme_cumulables: 1,
    theme_heures: 1,
}
SURTOUT = {  # months in which a theme matters most, and its weight then
    theme_anciennes_sanctions: ("2022-03", "2025-07", 4),
    theme_nouvelles_sanctions: ("2025-05", "2027-12", 6),
    theme_garantie_jeunes: ("2022-02", "2023-09", 4),
}


def themes_au_hasard(alea, m, nombre):
    poids = dict(THEMES)
    for theme, (debut, fin, lourd) in SURTOUT.items():
        if numero(debut) <= m <= numero(fin):
            poids[theme] = lourd
    return alea.choices(list(poids), weights=list(poids.values()), k=nombre)


# --- Random resources, aimed at the thresholds and at the half-centimes --------------------------


@cache
def excedents_autour_du_demi_centime(forfait, smic, deductibles, supprimee):
    """The excesses over the abattement whose exact amount falls on a half-centime, or nearest it.

    Returns the exact ties, then the one that comes closest from below and the one from above:
    those that a careless margin would round with the ties.
    """
    garde = 1 - supprimee
    diviseur = 4 * smic - 5 * oracle.ABATTEMENT  # five times (0.8 S − 300)
    reste_du = (forfait - deductibles) * diviseur
    if reste_du <= 0:
        return [], []
    excedent = numpy.arange(min(reste_du // (5 * forfait), diviseur // 5) + 1, dtype=numpy.int64)
    centime = garde.denominator * diviseur  # the unit in which one centime is an integer
    montant = garde.numerator * (reste_du - 5 * forfait * excedent)
    ecart = (2 * montant - centime) % (2 * centime)  # 0 on a half-centime
    egaux = excedent[(ecart == 0) & (montant > 0)]
    proches = excedent[[ecart.argmax(), numpy.where(ecart, ecart, 2 * centime).argmin()]]
    return egaux.tolist(), proches.tolist()


def excedent_au_hasard(alea, forfait, smic, deductibles, supprimee):
    """An excess over the abattement (in centimes, perhaps negative)."""
    sortie = oracle.PART_DU_SMIC * smic - oracle.ABATTEMENT
    tirage = alea.random()
    if tirage < 0.2:
        return -oracle.ABATTEMENT
    if tirage < 0.45:
        egaux, proches = excedents_autour_du_demi_centime(forfait, smic, deductibles, supprimee)
        choisis = proches if egaux == [] or parfois(alea, 0.25) else egaux
        if choisis:
            return alea.choice(choisis)
    if tirage < 0.6:
        return alea.choice([-1, 0, 1, 2])
    if tirage < 0.7:
        return int(sortie) + alea.choice([-1, 0, 1, 2])
    return alea.randint(-oracle.ABATTEMENT, int(1.1 * sortie))


def ressources_au_hasard(alea, cas, m):
    """Resources of m − 1 that count, and some of m and m − 2 that do not."""
    forfait, smic = oracle.montant_forfaitaire(cas, m), oracle.smic(cas, m)
    supprimee = oracle.fraction_supprimee(cas, m)
    if oracle.garantie_jeunes_en_cours(cas, m):
        (forfait,), supprimee = oracle.en_vigueur(oracle.GARANTIE_JEUNES, m), oracle.Fraction(0)
    deductibles = 0
    if parfois(alea, 0.3):
        deductibles = max(
            0, alea.choice([1, 2, 3, 10001, 10002, forfait - 1, forfait, forfait + 1])
        )
    excedent = excedent_au_hasard(alea, forfait, smic, deductibles, supprimee)
    total = max(0, oracle.ABATTEMENT + excedent)

    sans_detail = "indemnites_journalieres"
    noms = [*oracle.PARTIELLEMENT_DEDUCTIBLES, sans_detail]
    if m >= oracle.CONGE_SUPPLEMENTAIRE_DE_NAISSANCE:
        noms += ["indemnites_conge_supplementaire_naissance"] * 4
    montants = repartir(alea, total, noms)
    if parfois(alea, 0.05):  # a loss of the self-employed counts in the total
        montants["revenus_activite_non_salariee"] = -(perte := alea.randint(1, 20000))
        montants["salaire_net"] = total + perte
        montants = {nom: montants[nom] for nom in ("revenus_activite_non_salariee", "salaire_net")}
    detail = sum(montants.get(nom, 0) for nom in oracle.INDEMNITES_JOURNALIERES_DE_BASE)
    if sans_detail in montants:
        montants[sans_detail] += detail
    elif detail and parfois(alea, 0.5):  # a total smaller than its details adds nothing
        montants[sans_detail] = alea.randint(0, detail)
    for nom, montant in repartir(alea, deductibles, oracle.DEDUCTIBLES).items():
        montants[nom] = montant
    if parfois(alea, 0.05):  # before July 2026 it never counts
        montants.setdefault("indemnites_conge_supplementaire_naissance", 12345)
        if m >= oracle.CONGE_SUPPLEMENTAIRE_DE_NAISSANCE:
            del montants["indemnites_conge_supplementaire_naissance"]

    for nom, montant in montants.items():
        cas[nom] = {nom_du_mois(m - 1): euros(montant)}
        if parfois(alea, 0.3):
            cas[nom] |= {nom_du_mois(n): euros(alea.randint(0, 99999)) for n in (m, m - 2)}


def repartir(alea, total, noms):
    """Split a total of centimes over one to three resources."""
    if total == 0:
        return {}
    choisis = alea.sample(sorted(set(noms)), alea.choice([1, 1, 1, 2, 3]))
    parts = {nom: alea.randint(0, total // len(choisis)) for nom in choisis[1:]}
    return {choisis[0]: total - sum(parts.values()), **parts}


def situation(alea, mois, themes=None):
    """A random case for the month: mostly entitled people, moved to some borders of the law."""
    m = numero(mois)
    cas = {
        "date_naissance": jour_du_mois(alea, m - 12 * alea.randint(16, 25) - alea.randint(0, 11))
    }
    if parfois(alea, 0.4):
        cas["cej_date_signature"] = jour_du_mois(
            alea, max(oracle.CREATION, m - alea.randint(0, 11))
        )
    if parfois(alea, 0.3):  # imposable in the first bracket, or near it
        cas["rni"] = alea.randint(16_000, 29_500)
    if themes is None:
        themes = themes_au_hasard(alea, m, nombre=alea.choice([0, 1, 1, 2, 2, 3]))
    for theme in dict.fromkeys(themes):
        theme(alea, cas, m)
    ressources_au_hasard(alea, cas, m)
    return cas


def generateur(graine):
    return random.Random(graine)
