"""Resources of the young person and taper (R5131-20 to D5131-23)."""

from functools import partial

import numpy

from openfisca_cej.base import (
    DECIMALES,
    DEMI_CENTIME,
    TIREES_DE,
    MesureDuMois,
    MontantDuMois,
    Ressource,
    apres_ressources,
    ecart_degressivite,
    est_donne,
    est_fourni,
    ligne_apres_ressources,
    mois_apres,
    somme,
    variables_de,
)
from openfisca_cej.declarations import (
    ARRET,
    CHOMAGE,
    FORMATION,
    TRAVAIL,
    Ecrite,
    calcul,
    changement,
    question,
)
from openfisca_cej.texts import R5131_20, R5131_21, R5131_22

D5131_23 = "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045202337"

MICRO_ENTREPRISE = "https://www.npmjs.com/package/modele-social/v/11.1.0"

#: Daily benefits by risk, which their total may come in place of.
DETAILS_INDEMNITES = [
    "indemnites_journalieres_maternite",
    "indemnites_journalieres_paternite",
    "indemnites_journalieres_adoption",
    "indemnites_journalieres_maladie",
    "indemnites_journalieres_accident_travail",
    "indemnites_journalieres_maladie_professionnelle",
]


class cej_montant_avant_non_cumul(MontantDuMois):
    label = "Montant de l'allocation avant les règles de non-cumul et les sanctions"
    documentation = (
        "Montant forfaitaire, moins les ressources intégralement déductibles, moins la fraction "
        "des autres qui excède 300 €, pondérée par le coefficient ; jamais négatif, non arrondi."
    )
    reference = [R5131_20, D5131_23]

    def formula_2022_03_01(individu, period, parameters):
        degressivite = parameters(period).contrat_engagement_jeune.ressources.degressivite
        return apres_ressources(
            individu("cej_montant_forfaitaire", period),
            individu("cej_coefficient_degressivite", period),
            individu("cej_ressources_deductibles", period),
            individu("cej_ressources_partiellement_deductibles", period),
            degressivite.abattement,
        )


class cej_ressources_deductibles(MontantDuMois):
    label = "Ressources intégralement déductibles retenues pour le mois"
    documentation = "Celles du mois précédent (convention : le code ne fixe pas de période)."
    reference = R5131_21

    def formula_2022_03_01(individu, period, parameters):
        ressources = parameters(period).contrat_engagement_jeune.ressources
        return moyenne(individu, ressources.deductibles, period, ressources.nombre_mois)


def moyenne(individu, listes, period, nombre_mois):
    """Mean (€/month) of the listed resources over the ``nombre_mois`` months before."""
    variables = variables_de(listes)
    total = somme(individu, variables, mois_apres(period, -1))
    anterieurs = range(2, nombre_mois + 1)
    for recul in anterieurs:
        total += somme(individu, variables, mois_apres(period, -recul))
    if anterieurs:  # a pass over a million amounts is worth sparing
        total /= nombre_mois
    return total


@question(
    "Quelle allocation des travailleurs indépendants (ATI) avez-vous reçue en {mois} ?",
    aide="Versée par France Travail après la fin d'une activité à son compte.",
    bref="allocation des travailleurs indépendants",
    mots="ATI, chômage, indépendant, auto-entrepreneur, France Travail",
    theme=CHOMAGE,
)
class allocation_travailleurs_independants(Ressource):
    label = "Allocation des travailleurs indépendants"
    documentation = (
        "Titre II du livre IV de la cinquième partie ; intégralement déductible (R5131-21, 1°)."
    )
    reference = R5131_21


@question(
    "Quelles autres allocations de France Travail avez-vous reçues en {mois} ?",
    aide=(
        "Celles des avis de paiement qui ne sont ni l'ARE, ni l'ASS, ni l'allocation des "
        "indépendants, ni celle du contrat de sécurisation professionnelle."
    ),
    bref="autre allocation de chômage",
    mots=(
        "AREF, chômage, allocation d'aide au retour à l'emploi formation, RFF, France Travail, "
        "Pôle emploi"
    ),
    theme=CHOMAGE,
)
class autres_allocations_chomage(Ressource):
    label = "Autres allocations versées aux travailleurs privés d'emploi"
    documentation = (
        "Toute autre allocation du titre II du livre IV de la cinquième partie ; "
        "intégralement déductible (R5131-21, 1°)."
    )
    reference = R5131_21


@question(
    "Quelle rémunération d'école de la deuxième chance (E2C) avez-vous reçue en {mois} ?",
    aide="Versée pendant le parcours, le plus souvent par la Région.",
    bref="école de la deuxième chance",
    mots="E2C, stagiaire de la formation professionnelle",
    theme=FORMATION,
)
class remuneration_ecole_deuxieme_chance(Ressource):
    label = "Rémunération d'un parcours en école de la deuxième chance"
    documentation = "Intégralement déductible (R5131-21, 3°)."
    reference = R5131_21


class cej_ressources_partiellement_deductibles(MontantDuMois):
    label = "Ressources partiellement déductibles retenues pour le mois"
    documentation = "Leur total, avant l'abattement unique de 300 € (D5131-23, 1°)."
    reference = R5131_22

    def formula_2022_03_01(individu, period, parameters):
        ressources = parameters(period).contrat_engagement_jeune.ressources
        listes = ressources.partiellement_deductibles
        return moyenne(individu, listes, period, ressources.nombre_mois)


@question(
    "Quel revenu avez-vous tiré en {mois} d'un travail à votre compte ?",
    aide=(
        "Profession libérale, commerce, exploitation : le revenu du mois, charges déduites ; le "
        "chiffre d'affaires d'une micro-entreprise est demandé à part."
    ),
    bref="activité non salariée",
    mots=(
        "indépendant, freelance, travail à son compte, profession libérale, commerce, exploitation"
    ),
    theme=TRAVAIL,
)
class revenus_activite_non_salariee(Ressource):
    label = "Revenus d'activité non salariée"
    documentation = (
        "Revenus du mois, hors micro-entreprise ; partiellement déductibles (R5131-22, 1°)."
    )
    reference = R5131_22


@question(
    "Quelles indemnités de congé supplémentaire de naissance avez-vous reçues en {mois} ?",
    aide=(
        "Ce congé s'ajoute à ceux de maternité et de paternité ; le relevé de l'assurance maladie "
        "ou de la MSA."
    ),
    bref="congé supplémentaire de naissance",
    mots="congé de naissance, bébé, parent, IJ",
    theme=ARRET,
)
class indemnites_conge_supplementaire_naissance(Ressource):
    label = "Indemnités du congé supplémentaire de naissance"
    documentation = (
        "Partiellement déductibles depuis le 1er juillet 2026 (R5131-22, 3°, contenu présumé)."
    )
    reference = R5131_22


@question(
    (
        "Quel complément d'indemnités journalières votre employeur ou sa prévoyance vous a-t-il "
        "versé en {mois} ?"
    ),
    aide=(
        "La prévoyance est l'assurance de l'entreprise en cas d'arrêt de travail ; le complément "
        "figure sur le bulletin de salaire ou sur le relevé de l'assureur."
    ),
    bref="indemnités complémentaires",
    mots="IJ, arrêt maladie, maintien de salaire, prévoyance, mutuelle, complément employeur",
    theme=ARRET,
)
class indemnites_journalieres_complementaires(Ressource):
    label = "Indemnités journalières complémentaires"
    documentation = (
        "Versées par l'employeur ou un organisme de prévoyance ; partiellement déductibles "
        "(R5131-22, 4°)."
    )
    reference = R5131_22


@question(
    "Quelle rémunération garantie d'un ESAT avez-vous reçue en {mois} ?",
    aide=(
        "L'ESAT est un établissement de travail adapté au handicap ; le bulletin de paie de "
        "l'établissement."
    ),
    bref="rémunération d'ESAT",
    mots="ESAT, CAT, handicap, travail protégé",
    theme=TRAVAIL,
)
class remuneration_garantie_esat(Ressource):
    label = "Rémunération garantie en ESAT"
    documentation = "Partiellement déductible (R5131-22, 5°)."
    reference = R5131_22


@question(
    "Quelle rémunération d'une action d'adaptation à la vie active avez-vous reçue en {mois} ?",
    aide="Ces actions sont menées dans les centres d'hébergement et de réinsertion sociale.",
    bref="adaptation à la vie active",
    mots="AVA, action d'adaptation, CHRS, hébergement",
    theme=TRAVAIL,
)
class remuneration_adaptation_vie_active(Ressource):
    label = "Rémunération d'une action d'adaptation à la vie active"
    documentation = (
        "Article R345-3 du code de l'action sociale ; partiellement déductible (R5131-22, 6°)."
    )
    reference = R5131_22


@question(
    "Quelles sommes avez-vous reçues en {mois} pour votre travail dans une communauté (OACAS) ?",
    aide=(
        "Les organismes d'accueil communautaire et d'activités solidaires, comme les communautés "
        "Emmaüs."
    ),
    bref="travail en OACAS",
    mots="OACAS, Emmaüs, communauté, compagnon",
    theme=TRAVAIL,
)
class remuneration_oacas(Ressource):
    label = "Sommes reçues pour un travail d'insertion en OACAS"
    documentation = (
        "Organismes d'accueil communautaire et d'activités solidaires ; partiellement "
        "déductibles (R5131-22, 7°)."
    )
    reference = R5131_22


class cej_revenus_micro_entreprise(MontantDuMois):
    label = "Revenus de micro-entreprise, après l'abattement forfaitaire"
    documentation = (
        "Chiffre d'affaires du mois moins l'abattement du régime micro (CGI, articles 50-0 et 102 "
        "ter), dont le minimum annuel de 305 € est laissé de côté ; non arrondi."
    )
    reference = [*R5131_22, MICRO_ENTREPRISE]

    def formula_2020_01_01(individu, period, parameters):
        revenus = numpy.zeros(individu.count)
        for nom in TIREES_DE["cej_revenus_micro_entreprise"]:
            recettes = somme(individu, [nom], period)
            if recettes.any():  # otherwise nothing rests on the flat rates
                revenus += (1 - abattement_micro(parameters(period), nom)) * recettes
        return revenus.round(DECIMALES)


def abattement_micro(droit, recettes):
    """Flat rate of the regime of an input of turnover."""
    abattements = droit.contrat_engagement_jeune.ressources.abattement_micro_entreprise
    return abattements[recettes.removeprefix("rpns_auto_entrepreneur_CA_")]


class cej_indemnites_journalieres_non_ventilees(MontantDuMois):
    label = "Part des indemnités journalières de base dont le risque n'est pas connu"
    documentation = (
        "Total donné moins la somme des détails donnés : ni l'un ni les autres ne comptent deux "
        "fois (R5131-22, 3° et 4°)."
    )
    reference = R5131_22

    def formula(individu, period):
        details = somme(individu, DETAILS_INDEMNITES, period)
        total = somme(individu, ["indemnites_journalieres"], period)
        return numpy.maximum(total - details, 0)


class cej_coefficient_degressivite(MesureDuMois):
    unit = "fraction"
    label = "Coefficient de dégressivité"
    documentation = "Montant forfaitaire divisé par 80 % du SMIC mensuel brut moins 300 €."
    reference = D5131_23

    def formula_2022_03_01(individu, period):
        forfait = individu("cej_montant_forfaitaire", period)
        return forfait / individu("cej_ecart_degressivite", period)


class cej_coefficient_degressivite_rattachement(MesureDuMois):
    unit = "fraction"
    label = "Coefficient de dégressivité que donnerait le foyer fiscal, sans autonomie du jeune"
    documentation = "Sert au remboursement de la seconde phrase du II de D5131-19."
    reference = D5131_23

    def formula_2022_03_01(individu, period):
        forfait = individu("cej_montant_forfaitaire_rattachement", period)
        return forfait / individu("cej_ecart_degressivite", period)


class cej_ecart_degressivite(MontantDuMois):
    label = "80 % du SMIC mensuel brut moins 300 €"
    documentation = "Diviseur du coefficient de dégressivité ; le SMIC du lieu de résidence."
    reference = D5131_23

    def formula_2022_03_01(individu, period, parameters):
        degressivite = parameters(period).contrat_engagement_jeune.ressources.degressivite
        part, abattement = degressivite.part_smic, degressivite.abattement
        ecart = partial(ecart_degressivite, part, abattement=abattement)
        if est_donne(individu, "cej_smic_mensuel", period):
            # One divides by it: a reform may disregard more than the share of a SMIC that is given.
            return numpy.maximum(ecart(individu("cej_smic_mensuel", period)), DEMI_CENTIME)
        # The law's own, once for all persons.
        return selon_le_lieu(individu, period, *map(ecart, smic_mensuels(period, parameters)))


def smic_mensuels(period, parameters):
    """Gross monthly SMIC (€) of the month: the general one, then Mayotte's."""
    droit = parameters(period)
    return (
        droit.marche_travail.salaire_minimum.smic.smic_b_mensuel,
        droit.contrat_engagement_jeune.ressources.degressivite.smic_mayotte,
    )


def selon_le_lieu(individu, period, general, mayotte):
    """The general value, or Mayotte's for those who live there."""
    if not est_fourni(individu.menage, "residence_mayotte", period):
        # One value, seen as many times as there are persons.
        return numpy.broadcast_to(float(general), (individu.count,))
    residence_mayotte = individu.menage("residence_mayotte", period)
    return numpy.where(residence_mayotte, mayotte, general)


class cej_smic_mensuel(MontantDuMois):
    label = "Montant mensuel brut du SMIC applicable au lieu de résidence"
    documentation = (
        "À Mayotte, le SMIC qui y est applicable : l'article n'est pas adapté, le SMIC l'est "
        "(déduction)."
    )
    reference = D5131_23

    def formula_2022_03_01(individu, period, parameters):
        return selon_le_lieu(individu, period, *smic_mensuels(period, parameters))


# Comment chaque valeur se dit.


@calcul(cej_indemnites_journalieres_non_ventilees)
def ligne_non_ventilees(cas):
    """What the total exceeds the details by."""
    details = cas.nombre(cas.total(DETAILS_INDEMNITES, cas.periode))
    return f"max({cas.ecrit('indemnites_journalieres')} − {details} ; 0)"


@calcul(cej_revenus_micro_entreprise)
def ligne_micro_entreprise(cas):
    """Each turnover, less its flat rate."""
    parts = [
        f"(1 − {cas.nombre(abattement_micro(cas.droit(), nom), 2)}) × {cas.ecrit(nom)}"
        for nom in TIREES_DE["cej_revenus_micro_entreprise"]
        if cas.valeur(nom)
    ]
    return " + ".join(parts) or "0"


def ligne_ressources(listes):
    """The resources that were received, added month by month, and their mean."""

    def ligne(cas):
        ressources = cas.droit().contrat_engagement_jeune.ressources
        variables = variables_de(ressources[listes])
        mois = [cas.periode.offset(-recul) for recul in range(1, ressources.nombre_mois + 1)]
        percues = [(nom, moment) for moment in mois for nom in variables if cas.valeur(nom, moment)]
        somme_ecrite = " + ".join(cas.ecrit(nom, moment) for nom, moment in percues) or "0"
        if any(cas.valeur(nom, moment) < 0 for nom, moment in percues):
            somme_ecrite = f"max({somme_ecrite} ; 0)"
        if len(mois) > 1:
            somme_ecrite = f"({somme_ecrite}) ÷ {len(mois)}"
        noms = dict.fromkeys(cas.libelle(nom) for nom, _ in percues)
        return somme_ecrite, ", ".join(noms) or "aucune"

    return ligne


calcul(cej_ressources_deductibles)(ligne_ressources("deductibles"))
calcul(cej_ressources_partiellement_deductibles)(ligne_ressources("partiellement_deductibles"))


@calcul(cej_smic_mensuel)
def ligne_smic(cas):
    """The SMIC of the place of residence."""
    lieu = "à Mayotte" if cas.valeur("residence_mayotte") else ""
    return cas.nombre(cas.resultat), lieu


@calcul(cej_ecart_degressivite)
def ligne_ecart(cas):
    """A share of the SMIC less the disregard."""
    if cas.resultat <= DEMI_CENTIME:
        return cas.ecrit("cej_ecart_degressivite"), "la part du SMIC donné est dans l'abattement"
    degressivite = cas.droit().contrat_engagement_jeune.ressources.degressivite
    part = Ecrite(cas.nombre(degressivite.part_smic, 2))
    smic, abattement = cas.ecrit("cej_smic_mensuel"), cas.nombre(degressivite.abattement)
    return ecart_degressivite(part, Ecrite(smic), Ecrite(abattement)).texte


def ligne_coefficient(forfait):
    """The lump sum divided by the interval of the taper."""
    return lambda cas: f"{cas.ecrit(forfait)} ÷ {cas.ecrit('cej_ecart_degressivite')}"


calcul(cej_coefficient_degressivite)(ligne_coefficient("cej_montant_forfaitaire"))
calcul(cej_coefficient_degressivite_rattachement)(
    ligne_coefficient("cej_montant_forfaitaire_rattachement")
)


@calcul(cej_montant_avant_non_cumul)
def ligne_montant(cas):
    """R5131-20, I: the lump sum, less R1, less a part of what R2 exceeds the disregard by."""
    return ligne_apres_ressources(
        cas, "cej_montant_forfaitaire", "cej_coefficient_degressivite", connus=True
    )


@changement(cej_smic_mensuel, 6)
def change_smic(cas, avant):
    """The SMIC of the taper moves: told only when a wage makes it count."""
    abattement = cas.droit().contrat_engagement_jeune.ressources.degressivite.abattement
    if cas.valeur("cej_ressources_partiellement_deductibles") <= abattement:
        return ""
    return f"SMIC : {cas.euros(avant)} → {cas.euros(cas.resultat)}"


def change_ressources(genre):
    """Resources of the month before that count in this one."""

    def phrase(cas, avant):
        noms = f" ({cas.ligne()[1]})" if cas.resultat else ""
        return f"{genre} : {cas.euros(avant)} → {cas.euros(cas.resultat)}{noms}"

    return phrase


changement(cej_ressources_deductibles, 7)(change_ressources("ressources déduites"))
changement(cej_ressources_partiellement_deductibles, 8)(
    change_ressources("ressources en partie déduites")
)
