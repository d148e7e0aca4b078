"""Flat cases to vector simulations, and random situations that sit on the borders of the law.

A case is the flat dictionary that `oracle.py` reads. `simuler` puts a list of them into one
simulation, each person with a famille, a foyer fiscal and a ménage of their own, unless the case
names one that several cases share: `"commun": {"famille": "f1", "menage": "m1"}`.
"""

import random
from datetime import date, timedelta
from functools import cache, lru_cache

import numpy
import oracle
from openfisca_core.simulations import SimulationBuilder
from oracle import Fraction, ajouter_mois, nom_du_mois, numero, premier_jour

from openfisca_cej import base

# --- Simulation ----------------------------------------------------------------------------------

ACCOMPAGNANT = {  # the other member of the famille: nothing of theirs may reach the young person
    "date_naissance": date(1980, 6, 15),
    "activite": "actif",
    "salaire_net": 1234.56,
    "chomage_net": 77.7,
    "rpns_auto_entrepreneur_CA_bic": 2345.67,
    "cej_date_signature": date(2021, 12, 31),
}
PLACES = {  # role_famille → roles in the famille, in the foyer fiscal and in the ménage
    "demandeur": ("demandeur", "declarant_principal", "personne_de_reference"),
    "conjoint": ("conjoint", "conjoint", "conjoint"),
    "enfant": ("enfant", "personne_a_charge", "enfant"),
}
GROUPES = ("famille", "foyer_fiscal", "menage")
PARTAGEES = {  # what the members of a group have in common
    "famille": ("rsa", "ppa"),
    "foyer_fiscal": (
        *("rni", "nbptr", "maries_ou_pacses", "reductions", "credits_impot"),
        "cej_impot_restant_a_payer",
    ),
    "menage": tuple(oracle.OUTRE_MER),
}
HORS_SIMULATION = {
    "accompagne",
    "commun",
    "role_famille",
    "role_foyer_fiscal",
    "role_menage",
}
PREMIER_MOIS_LU = numero("2022-02")


@cache
def systeme():
    from openfisca_cej import CountryTaxBenefitSystem

    return CountryTaxBenefitSystem()


def groupe_de(cas, entite, rang):
    """The name of the group: a shared one, or the position of the case."""
    return cas.get("commun", {}).get(entite, rang)


def roles_de(cas):
    places = PLACES[cas.get("role_famille", "demandeur")]
    return [cas.get(f"role_{entite}", place) for entite, place in zip(GROUPES, places, strict=True)]


def habitants(cas_liste):
    """(case, names of its three groups, its three roles) of each person of the simulation."""
    vus, sans_demandeur = [], {}
    for rang, cas in enumerate(cas_liste):
        groupes = [groupe_de(cas, entite, rang) for entite in GROUPES]
        vus.append((cas, groupes, roles_de(cas)))
        if cas.get("accompagne"):
            vus.append((ACCOMPAGNANT, groupes, PLACES["conjoint"]))
        sans_demandeur.setdefault(groupes[0], groupes)
    for _, groupes, roles in vus:
        if roles[0] == "demandeur":
            sans_demandeur.pop(groupes[0], None)
    return vus + [(ACCOMPAGNANT, g, PLACES["demandeur"]) for g in sans_demandeur.values()]


def construire(cas_liste, mois):
    """One simulation of all the cases, and the position of each case's person in it."""
    tbs, m = systeme(), numero(mois)
    vus = sorted(habitants(cas_liste), key=lambda vu: str(vu[1][0]))  # mixes persons and cases
    personnes = [cas for cas, *_ in vus]

    builder = SimulationBuilder()
    builder.create_entities(tbs)
    builder.declare_person_entity("individu", numpy.arange(len(personnes)))
    premiers = {}  # entity → first case of each group, in the order of the groups
    for place, entite in enumerate(GROUPES):
        premiers[entite] = {}
        for rang, cas in enumerate(cas_liste):
            premier = premiers[entite].setdefault(groupe_de(cas, entite, rang), cas)
            ecarts = [n for n in PARTAGEES[entite] if cas.get(n) != premier.get(n)]
            if ecarts:
                raise ValueError(f"{ecarts} : une seule valeur pour toute l'entité {entite}")
        noms = list(premiers[entite])
        groupe = builder.declare_entity(entite, numpy.arange(len(noms)))
        cles = [role.key for role in groupe.entity.flattened_roles]
        rangs = {nom: rang for rang, nom in enumerate(noms)}
        builder.join_with_persons(
            groupe,
            numpy.array([rangs[groupes[place]] for _, groupes, _ in vus]),
            [cles.index(roles[place]) for *_, roles in vus],
        )
    simulation = builder.build(tbs)

    for nom in sorted({nom for cas in personnes for nom in cas} - HORS_SIMULATION):
        entite = tbs.get_variable(nom, check_existence=True).entity
        lignes = personnes if entite.is_person else list(premiers[entite.key].values())
        _saisir(simulation, nom, lignes, m)
    positions = {id(cas): rang for rang, cas in enumerate(personnes)}
    return simulation, numpy.array([positions[id(cas)] for cas in cas_liste])


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
    # An array given for a period replaces the formula for everyone; what is only presumed is as
    # its default where nothing makes it so.
    if variable.formulas and nom not in base.PRESUMEES:
        donnees = [cas.get(nom) for cas in lignes if cas is not ACCOMPAGNANT]
        mois_donnes = [sorted(d) if isinstance(d, dict) else d is not None for d in donnees]
        if any(donnes != mois_donnes[0] for donnes in mois_donnes):
            raise ValueError(f"{nom} est calculé : le donner à tous, aux mêmes mois, ou à personne")
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


def theme_residence(alea, cas, m):
    """A home overseas, Mayotte more than the others; sometimes a move in month m."""
    lieu, autre = alea.sample([*oracle.OUTRE_MER, *["residence_mayotte"] * 4], 2)
    avant = {nom_du_mois(n): True for n in range(m - 20, m)}
    genre = alea.choice(["toujours", "toujours", "arrive", "parti", "demenage"])
    if genre == "toujours":
        cas[lieu] = True
    if genre in ("arrive", "demenage"):
        cas[lieu] = {nom_du_mois(m): True}
    if genre == "parti":
        cas[lieu] = avant
    if genre == "demenage" and autre != lieu:
        cas[autre] = avant


def theme_fiscal(alea, cas, m):
    """Around the top of the first bracket, the collection floors, the exit of the décote."""
    annee = oracle.annee_des_revenus(m)
    bas, haut = oracle.bareme(annee)[0][:2]
    limite = oracle.limite_premiere_tranche(m)
    outre_mer = oracle.abattement_outre_mer(cas, m)
    parts = alea.choice([1, 1, 1.5, 2, 2, 2.5, 3, 1.25, 4.75, 0])
    couple = parfois(alea, 0.4)
    part_retenue = parts or 1
    reductions = credits_impot = 0
    genre = alea.choice(["plafond", "plafond", "avant_credits", "apres_credits", "sans", "riche"])
    jusqu_a = alea.choice([105, 400] if outre_mer == oracle.HEXAGONE else [105, 400, 400])
    quotient = alea.randint(100 * bas, jusqu_a * haut) / 100
    if genre == "plafond":
        autour = alea.choice([limite, limite, haut]) * part_retenue
        rni = round(autour + alea.choice([0, 0, 0.01, -0.01, 1, -1]), 2)
    elif genre == "riche":
        rni = round(part_retenue * alea.choice([0.9 * haut, 3 * haut, 8 * haut]), 2)
        credits_impot = alea.choice([0, 10**6])
    else:
        rni = round(quotient * part_retenue, alea.choice([0, 2]))
    du = oracle.impot_du(
        annee, Fraction(str(rni)), Fraction(str(part_retenue)), couple, 0, 0, outre_mer
    )
    centimes_autour = alea.choice([-1, 0, 0, 1])
    if genre == "avant_credits":
        reductions = max(0, oracle.arrondi(100 * (du - 61)) + centimes_autour) / 100
    elif genre == "apres_credits":
        credits_impot = max(0, oracle.arrondi(100 * (du - 12)) + centimes_autour) / 100
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
    if parfois(alea, 0.2):  # what the notice says stands for the schedule, one year at a time
        dits = {str(annee + ecart): alea.choice([0.0, 0.01, 12.0, 900.0]) for ecart in (-1, 0, 1)}
        cas["cej_impot_restant_a_payer"] = dits


def theme_autonomie(alea, cas, m):
    if parfois(alea, 0.7):
        theme_fiscal(alea, cas, m)
    cas["cej_autonomie_fiscale"] = mensuel(alea, True, m)
    cas["cej_autonomie_non_confirmee"] = mensuel(alea, True, m)
    haut = oracle.limite_premiere_tranche(m)
    cas["cej_rni_autonome"] = alea.choice(
        [0.0, haut, haut + 0.01, round(alea.uniform(14_000, 22_000), 2)]
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


def theme_situation_donnee(alea, cas, m):
    """The tier is given, for the same months in all the cases of a simulation."""
    situations = ["non_imposable", "premiere_tranche", "au_dela"]
    tiree, autre = alea.choices(situations, weights=[3, 3, 1], k=2)
    bascule = m - alea.choice([0, 1, 6, 30])
    cas["cej_situation_fiscale"] = {
        nom_du_mois(n): tiree if n >= bascule else autre for n in range(m - 20, m + 1)
    }


def signer(alea, cas, mois):
    """The signature in that month, unless it is given already."""
    return cas.setdefault("cej_date_signature", jour_du_mois(alea, max(oracle.CREATION, mois)))


def autour(alea, jour):
    return jour + timedelta(days=alea.choice([-20, -1, 0, 0, 1, 1, 20]))


def theme_contrat(alea, cas, m):
    """The planned end, its extensions and the real end, each on both sides of its limits."""
    ecart = alea.choice([0, 1, 5, 9, 11, 12, 12, 13, 14, 17, 18, 18, 19, alea.randint(-1, 24)])
    cas.pop("cej_date_signature", None)
    signe = signer(alea, cas, m - ecart)
    douze, dix_huit = (oracle.de_date_a_date(signe, mois) for mois in (12, 18))
    if parfois(alea, 0.4):
        cas["cej_date_fin_prevue"] = alea.choice(
            [
                jour_du_mois(alea, numero(signe) + alea.choice([1, 3, 5, 6, 9, 11, 12, 13, 18])),
                autour(alea, douze),
                jour_du_mois(alea, max(numero(signe) + 1, m - alea.choice([0, 1, 2, 6]))),
            ]
        )
    if parfois(alea, 0.5):
        plus = [7, 9, 12] if "cej_date_fin_prevue" in cas else [7]
        cas["cej_mois_prolongation"] = alea.choice([-1, 1, 1, 2, 5, 6, *plus])
    if parfois(alea, 0.4):
        fin = alea.choice(
            [
                jour_du_mois(alea, m + alea.choice([-2, -1, 0, 0, 1, 3])),
                autour(alea, douze),
                autour(alea, dix_huit),
            ]
        )
        cas["cej_date_fin"] = max(fin, signe)
    if parfois(alea, 0.5):
        theme_parcours(alea, cas, m)


def theme_parcours(alea, cas, m):
    """A listed path entered on the eve of a border, on it, the day after; it ends around m."""
    signe = signer(alea, cas, m - alea.choice([3, 12, 13, 14, 18]))
    fin = jour_du_mois(alea, m - alea.choice([4, 3, 2, 2, 1, 0, -3]))
    if parfois(alea, 0.75):
        debut = autour(alea, alea.choice([signe, *[oracle.terme_hors_parcours(cas)] * 3]))
        cas["cej_parcours_date_debut"] = debut
        fin = max(fin, debut)
    elif parfois(alea, 0.2):  # over on the eve of the signature of a short contract, or that day
        fin = signe + timedelta(days=alea.choice([-1, -1, 0]))
        cas["cej_date_fin_prevue"] = signe + timedelta(days=20)
    cas["cej_parcours_date_fin"] = fin


def theme_carence(alea, cas, m):
    cas.pop("cej_date_signature", None)
    cas["cej_date_fin_precedent"] = jour_du_mois(alea, m - alea.choice([5, 6, 6, 6, 7, 7, 1]))
    if parfois(alea, 0.4):
        cas["cej_circonstances_particulieres"] = True
        cas["cej_engagements_respectes"] = parfois(alea, 0.6)


def theme_deux_contrats(alea, cas, m):
    """A contract after another one: what happened before, between, after, and in their months."""
    signe = signer(alea, cas, m - alea.choice([0, 1, 1, 2, 3, 6]))
    ecart = alea.choice([0, 0, 0, 1, 2, 6, 7])
    precedente = jour_du_mois(alea, numero(signe) - ecart)
    if precedente > signe:
        precedente = signe
    cas["cej_date_fin_precedent"] = precedente
    reperes = [numero(precedente), numero(signe)]

    def autour_des_deux():
        return alea.choice(reperes) + alea.choice([-1, 0, 0, 1])

    if parfois(alea, 0.6):
        cas["cej_rang_manquement"] = {
            nom_du_mois(autour_des_deux()): alea.choice([1, 2, 2, 3]) for _ in range(2)
        }
    if parfois(alea, 0.4):
        cas["ppa"] = {nom_du_mois(autour_des_deux()): 150.0 for _ in range(3)}
    if parfois(alea, 0.3):
        cas["cej_date_dossier_complet"] = jour_du_mois(alea, autour_des_deux())
    if parfois(alea, 0.3):
        theme_parcours(alea, cas, m)


def theme_sans_signature(alea, cas, m):
    """No contract is given: old events belong to nobody's contract, or to an earlier one."""
    cas.pop("cej_date_signature", None)
    mois = {m - alea.choice([0, 1, 2, 6, 11, 12, 12, 13, 13, 14, 24, 53]) for _ in range(2)}
    cas["cej_rang_manquement"] = {nom_du_mois(n): alea.choice([1, 2, 3, 3]) for n in mois}
    if parfois(alea, 0.4):
        cas["cej_date_fin_precedent"] = jour_du_mois(alea, m - alea.choice([6, 7, 9, 12, 13, 30]))
        cas["cej_circonstances_particulieres"] = parfois(alea, 0.3)
    if parfois(alea, 0.4):
        theme_ppa(alea, cas, m)


def theme_anciennes_sanctions(alea, cas, m):
    mois = {m - alea.choice([0, 1, 1, 1, 2, 3, alea.randint(0, 30)]) for _ in range(2)}
    if parfois(alea, 0.3):
        mois.add(alea.choice([numero("2025-05"), numero("2025-06"), oracle.CREATION - 1]))
    cas["cej_rang_manquement"] = {nom_du_mois(n): alea.choice([1, 1, 2, 3, 4]) for n in mois}


def theme_nouvelles_sanctions(alea, cas, m):
    """Decisions of one motif mostly, up to four years apart: R5412-3-4 counts from the first."""
    motifs = ["manquement"] * 4 + ["refus_contrat", "refus_offres", "fraude"]
    motifs += ["activite_non_declaree"] * 2
    prefere = alea.choice(motifs)
    recents = [0, 0, 1, 1, 2, 3, 4, 5, 6, 11, 12]
    anciens = [23, 24, 24, 25, 25, 26, 30, 48, 49, 50]
    decisions = {m - alea.choice(recents if parfois(alea, 0.6) else anciens) for _ in range(4)}
    if parfois(alea, 0.3):
        decisions.add(oracle.NOUVELLES_SANCTIONS)
    decisions = {nom_du_mois(n): n for n in decisions if oracle.CREATION <= n <= m}
    tirages = {
        "cej_sanction_motif": lambda: prefere if parfois(alea, 0.7) else alea.choice(motifs),
        "cej_sanction_rang": lambda: alea.choice([0, 0, 0, 0, 0, 1, 2, 3]),
        "cej_sanction_taux": lambda: alea.choice(
            [0, 0, 0.2, 0.3, 0.333, 0.35, 0.375, 0.4, 0.5, 0.625, 0.75, 0.8, 1, 1]
        ),
        "cej_sanction_duree": lambda: alea.choice([0, 0, 1, 2, 3, 4, 4, 5, 9, 12, 13]),
    }
    for nom, tirer in tirages.items():
        cas[nom] = {mois: tirer() for mois in decisions}
    if parfois(alea, 0.4):
        levees = [m - alea.choice([0, 1, 2, 4]), *decisions.values()]  # in the month of one, too
        cas["cej_sanction_levee"] = {nom_du_mois(alea.choice(levees)): True}
    if parfois(alea, 0.7):
        cas["inscrit_demandeur_emploi"] = True


#: Under half a centime, nothing is received.
PETITS_MONTANTS = [0.004, 0.0049, 0.006, 0.01]


def theme_ppa(alea, cas, m):
    """A prime d'activité that runs for some months around the first month of the allowance."""
    premier = numero(cas["cej_date_signature"]) if "cej_date_signature" in cas else m
    if "cej_garantie_jeunes_date_entree" in cas:
        premier = numero(cas["cej_garantie_jeunes_date_entree"])
    depuis = [premier - 2, premier - 1, premier - 1, premier - 1, premier, premier + 1, m - 1, m]
    debut = alea.choice(depuis)
    mois = set(range(debut, debut + alea.choice([1, 2, 3, 4, 5, 6, 8])))
    if parfois(alea, 0.3):
        mois |= set(range(debut, m + 1))
    if parfois(alea, 0.2):
        mois.discard(alea.choice([premier, premier + 1, premier + 2]))
    if parfois(alea, 0.3):
        mois.add(m)
    montants = [*PETITS_MONTANTS, 150, 150, 150, 553.71]
    principal = alea.choice(montants)
    cas["ppa"] = {
        nom_du_mois(n): principal if parfois(alea, 0.8) else alea.choice(montants) for n in mois
    }


def theme_rsa_ppa(alea, cas, m):
    cas["role_famille"] = alea.choice(["demandeur", "demandeur", "conjoint", "enfant"])
    cas["accompagne"] = parfois(alea, 0.3) and cas["role_famille"] == "demandeur"
    if parfois(alea, 0.3):
        cas["rsa"] = mensuel(alea, alea.choice([*PETITS_MONTANTS, 598.54]), m)
    if parfois(alea, 0.8):
        if parfois(alea, 0.7):
            signer(alea, cas, m - alea.choice([0, 1, 2, 2, 3, 3, 4, 6]))
        theme_ppa(alea, cas, m)


def theme_ppa_tranchee(alea, cas, m):
    """The origin of the prime is given, for the same months in all the cases of a simulation."""
    theme_rsa_ppa(alea, cas, m)
    if "ppa" not in cas:
        theme_ppa(alea, cas, m)
    toujours = alea.choice([True, False, None])
    cas["ppa_activite_anterieure"] = {
        nom_du_mois(n): parfois(alea, 0.5) if toujours is None else toujours
        for n in range(m - 5, m + 1)
    }


def theme_suspension(alea, cas, m):
    mois = alea.choice([m, m, m - 1, m + 1])
    montant = alea.choice([*PETITS_MONTANTS, 489.59])
    cas[alea.choice(oracle.SUSPENSIVES)] = {nom_du_mois(mois): montant}


def theme_forclusion(alea, cas, m):
    cas.pop("cej_date_signature", None)
    signature = signer(alea, cas, m - alea.choice([0, 0, 1, 2, 3, 5]))
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
    recente = m <= numero("2022-05")  # a prime that ran before the entry may still be cumulated
    if parfois(alea, 0.8):
        ecart = alea.choice([0, 1, 2] if recente else [2, 10, 11, 11, 12, 16, 17, 17, 18])
        entree = min(numero("2022-02"), m - ecart)
        cas["cej_garantie_jeunes_date_entree"] = jour_du_mois(alea, entree)
    if parfois(alea, 0.6):
        cas["cej_garantie_jeunes_date_fin"] = jour_du_mois(alea, m + alea.choice([-1, 0, 0, 1, 9]))
    if parfois(alea, 0.8 if recente else 0.2):
        theme_ppa(alea, cas, m)
    if parfois(alea, 0.2):
        cas["indemnites_volontariat"] = {nom_du_mois(m): alea.choice([*PETITS_MONTANTS, 489.59])}


def allonger_l_arret(alea, cas, m):
    """Daily benefits in the months before: the first three of a stop count, no more."""
    noms = [*INDEMNITES_EN_GARANTIE_JEUNES, alea.choice(oracle.INDEMNITES_DE_NAISSANCE)]
    fin = m - alea.choice([1, 1, 1, 2])
    mois = set(range(fin - alea.choice([0, 2, 2, 3, 3, 4]), fin + 1))
    if parfois(alea, 0.2):
        mois.discard(m - alea.choice([2, 3, 4]))
    for n in mois:
        nom = alea.choice(noms)
        montant = alea.choice([0.004, 120.0, 120.0, 301.27, 301.27, 650.4])
        cas[nom] = {nom_du_mois(n): montant, **cas.get(nom, {})}


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
    theme_residence: 4,  # before the themes that aim at the tax
    theme_naissance: 4,
    theme_fiscal: 4,
    theme_autonomie: 3,
    theme_forfait_fige: 2,
    theme_contrat: 6,
    theme_deux_contrats: 3,
    theme_sans_signature: 1,
    theme_carence: 2,
    theme_anciennes_sanctions: 1,
    theme_nouvelles_sanctions: 1,
    theme_forclusion: 3,
    theme_garantie_jeunes: 0,
    theme_rsa_ppa: 4,  # after those that set the first month
    theme_suspension: 1,
    theme_statut: 2,
    theme_cumulables: 1,
    theme_heures: 1,
}
SURTOUT = {  # months in which a theme matters most, and its weight then
    theme_deux_contrats: ("2022-04", "2025-07", 5),
    theme_sans_signature: ("2022-04", "2026-07", 3),
    theme_anciennes_sanctions: ("2022-03", "2025-07", 4),
    theme_nouvelles_sanctions: ("2025-05", "2099-12", 6),
    theme_garantie_jeunes: ("2022-02", "2023-09", 6),
}


def themes_au_hasard(alea, m, nombre):
    """Some themes, each at most once, in an order that is random two times in three."""
    poids = dict(THEMES)
    for theme, (debut, fin, lourd) in SURTOUT.items():
        if numero(debut) <= m <= numero(fin):
            poids[theme] = lourd
    tires = list(dict.fromkeys(alea.choices(list(poids), weights=list(poids.values()), k=nombre)))
    return tires if parfois(alea, 0.67) else sorted(tires, key=list(THEMES).index)


# --- Random resources, aimed at the thresholds and at the half-centimes --------------------------


@lru_cache(10_000)
def excedents_autour_du_demi_centime(forfait, ecart, deductibles, supprimee, par_centime=1):
    """The excesses over the abattement whose exact amount falls on a half-centime, or nearest it.

    `ecart`: 0.8 S − 300, in centimes. An excess is a whole number of them, or of halves of them
    (`par_centime=2`: a turnover). Returns the exact ties, then the one that comes closest from
    below and the one from above: those that a careless margin would round with the ties.
    """
    garde = 1 - supprimee
    # Five times it is whole, in the unit of the excess.
    diviseur = par_centime * int(5 * ecart)
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


INDEMNITES_EN_GARANTIE_JEUNES = [
    *oracle.INDEMNITES_DE_MALADIE,
    "indemnites_journalieres_complementaires",
    "indemnites_journalieres",
]


def excedent_au_hasard(alea, forfait, abattement, ecart, deductibles, supprimee):
    """An excess over the abattement (in centimes, perhaps negative)."""
    tirage = alea.random()
    if tirage < 0.2:
        return -abattement
    if tirage < (0.8 if 0 < supprimee < 1 else 0.45):
        par_centime = alea.choice([1, 1, 2])
        egaux, proches = excedents_autour_du_demi_centime(
            forfait, ecart, deductibles, supprimee, par_centime
        )
        choisis = proches if egaux == [] or parfois(alea, 0.25) else egaux
        if choisis:
            return Fraction(alea.choice(choisis), par_centime)
    if tirage < 0.6:
        return alea.choice([-1, 0, 1, 2])
    if tirage < 0.7:
        return int(ecart) + alea.choice([-1, 0, 1, 2])
    return alea.randint(-abattement, int(1.1 * ecart))


def ressources_au_hasard(alea, cas, m):
    """Resources of m − 1 that count, and some of m and m − 2 that do not."""
    forfait, sortie = oracle.montant_forfaitaire(cas, m), oracle.seuil_de_sortie(cas, m)
    abattement, _ = oracle.en_vigueur(oracle.DEGRESSIVITE, m)
    supprimee = oracle.fraction_supprimee(cas, m)
    en_garantie_jeunes = oracle.garantie_jeunes_en_cours(cas, m)
    if en_garantie_jeunes:
        (forfait,), supprimee = oracle.en_vigueur(oracle.GARANTIE_JEUNES, m), Fraction(0)
    deductibles = 0
    if parfois(alea, 0.3):
        deductibles = max(
            0, alea.choice([1, 2, 3, 10001, 10002, forfait - 1, forfait, forfait + 1])
        )
    excedent = excedent_au_hasard(
        alea, forfait, abattement, sortie - abattement, deductibles, supprimee
    )
    total = max(0, abattement + excedent)

    sans_detail = "indemnites_journalieres"
    micro = oracle.PART_DU_CHIFFRE_D_AFFAIRES
    noms = [*oracle.PARTIELLEMENT_DEDUCTIBLES, sans_detail, *micro]
    if en_garantie_jeunes:
        noms = [*oracle.GARANTIE_JEUNES_RESSOURCES, *INDEMNITES_EN_GARANTIE_JEUNES, *micro]
    if m >= oracle.CONGE_SUPPLEMENTAIRE_DE_NAISSANCE:
        noms += ["indemnites_conge_supplementaire_naissance"] * 4
    moitie = total % 1  # half a centime, which only services at 50 % can leave
    montants = repartir(alea, int(total), noms)
    if moitie:
        bic = "rpns_auto_entrepreneur_CA_bic"
        montants[bic] = montants.get(bic, 0) + moitie
    if not moitie and parfois(alea, 0.05):  # a loss of the self-employed counts in the total
        montants["revenus_activite_non_salariee"] = -(perte := alea.randint(1, 20000))
        montants["salaire_net"] = int(total) + perte
        montants = {nom: montants[nom] for nom in ("revenus_activite_non_salariee", "salaire_net")}
    detail = sum(montants.get(nom, 0) for nom in oracle.INDEMNITES_JOURNALIERES_DE_BASE)
    if sans_detail in montants:
        montants[sans_detail] += detail
    elif detail and parfois(alea, 0.5):  # a total smaller than its details adds nothing
        montants[sans_detail] = alea.randint(0, detail)
    for nom, part in micro.items():  # the turnover of which that much is left, near enough
        if nom in montants:
            montants[nom] = oracle.arrondi(montants[nom] / part)
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
    if en_garantie_jeunes and parfois(alea, 0.5):
        allonger_l_arret(alea, cas, m)


def repartir(alea, total, noms):
    """Split a total of centimes over one to three resources."""
    if total == 0:
        return {}
    choisis = alea.sample(sorted(set(noms)), alea.choice([1, 1, 1, 2, 3]))
    parts = {nom: alea.randint(0, total // len(choisis)) for nom in choisis[1:]}
    return {choisis[0]: total - sum(parts.values()), **parts}


def contexte(alea, mois, themes=None):
    """All of a case but its resources: who, which contract, which taxes, which events."""
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
    if (signe := oracle.signature(cas)) is not None:  # two themes may have dated it apart
        if "cej_date_fin_prevue" in cas:
            cas["cej_date_fin_prevue"] = max(signe, cas["cej_date_fin_prevue"])
        if "cej_date_fin_precedent" in cas:
            cas["cej_date_fin_precedent"] = min(signe, cas["cej_date_fin_precedent"])
    return cas


def situation(alea, mois, themes=None):
    """A random case for the month: mostly entitled people, moved to some borders of the law."""
    cas = contexte(alea, mois, themes)
    ressources_au_hasard(alea, cas, numero(mois))
    return cas


FOYERS = [  # places of two or three youths in the famille; groups that they share
    (("demandeur", "conjoint"), GROUPES),
    (("demandeur", "conjoint"), ("famille", "menage")),
    (("enfant", "enfant"), GROUPES),
    (("enfant", "enfant", "enfant"), GROUPES),
    (("demandeur", "demandeur", "demandeur"), ("menage",)),
    (("demandeur", "conjoint", "enfant"), GROUPES),
]


def foyer(alea, mois, nom):
    """Two or three youths who live together: one rsa, one tax, one home, each their contract."""
    places, communs = alea.choice(FOYERS)
    membres = [contexte(alea, mois) for _ in places]
    for rang, (cas, place) in enumerate(zip(membres, places, strict=True)):
        cas.pop("accompagne", None)
        cas["role_famille"] = place
        if "foyer_fiscal" not in communs:
            cas["role_foyer_fiscal"] = "declarant_principal"
        if "famille" not in communs and rang > 0:
            cas["role_menage"] = "autre"
        cas["commun"] = dict.fromkeys(communs, nom)
        for entree in (entree for entite in communs for entree in PARTAGEES[entite]):
            cas.pop(entree, None)
            if entree in membres[0]:
                cas[entree] = membres[0][entree]
    for cas in membres:
        ressources_au_hasard(alea, cas, numero(mois))
    return membres


def generateur(graine):
    return random.Random(graine)
