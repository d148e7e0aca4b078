"""Transition from the Garantie jeunes: its allowance goes on (law 2021-1900, article 208, II)."""

import numpy

from openfisca_cej.base import (
    CREATION,
    NON_DONNEE,
    Constat,
    FaitDurable,
    JourDonne,
    MontantDuMois,
    a_atteint,
    apres_ressources,
    arrondi_au_centime,
    donnee,
    ecart_degressivite,
    entree_garantie_jeunes,
    jours,
    mois_anterieurs,
    mois_apres,
    positif,
    premier_jour,
    somme,
)
from openfisca_cej.declarations import SIGNATURE, Ecrite, calcul, condition, question, seuls

LF_2022 = "https://www.legifrance.gouv.fr/jorf/id/JORFTEXT000044637640"
GARANTIE_JEUNES = [
    LF_2022,
    "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000033700922",
    "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000033709227",
    "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000033700946",
    "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000038892956",
]

R844_1 = "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000042497177"


@condition("Pas de garantie jeunes en cours", SIGNATURE, 5, remplie=False, temps=True)
class cej_garantie_jeunes_en_cours(Constat):
    label = "La garantie jeunes court encore ce mois-ci"
    documentation = (
        "Douze mois, prolongés de six au plus, et jusqu'au 26e anniversaire. Exclut d'un contrat "
        "d'engagement jeune."
    )
    reference = GARANTIE_JEUNES

    def formula_2022_03_01(individu, period, parameters):
        beneficiaire = donnee(individu, "cej_garantie_jeunes_beneficiaire", period)
        if not beneficiaire.any():
            return beneficiaire
        garantie = parameters(period).contrat_engagement_jeune.garantie_jeunes
        entree = entree_garantie_jeunes(individu, period)
        fin = jours(individu, "cej_garantie_jeunes_date_fin", period)
        maximum = garantie.duree + garantie.prolongation_maximale
        prolongee = (fin >= premier_jour(period)) & (entree >= premier_jour(period, 1 - maximum))
        initiale = entree >= premier_jour(period, 1 - garantie.duree)
        beneficiaire = beneficiaire & ~a_atteint(individu, period, garantie.age_fin)
        return beneficiaire & numpy.where(fin == NON_DONNEE, initiale, prolongee)


@question(
    "Receviez-vous l'allocation de la garantie jeunes le 1er mars 2022 ?",
    aide="La garantie jeunes est le dispositif que le contrat d'engagement jeune a remplacé.",
    a_cocher="La garantie jeunes en mars 2022",
)
@seuls("n'a la garantie jeunes", "contrat_engagement_jeune.garantie_jeunes")
class cej_garantie_jeunes_beneficiaire(FaitDurable):
    label = "Bénéficiait de l'allocation de la garantie jeunes le 1er mars 2022"
    documentation = "Continue d'en bénéficier dans les conditions en vigueur à l'entrée."
    reference = LF_2022


@question(
    "À quelle date votre garantie jeunes a-t-elle commencé ?",
    aide="Celle du contrat signé avec la mission locale ; sans réponse, février 2022.",
    a_cocher="La garantie jeunes avant le contrat",
)
class cej_garantie_jeunes_date_entree(JourDonne):
    label = "Date d'entrée dans la garantie jeunes"
    documentation = "1970-01-01 : non donnée ; février 2022, dernier mois possible, est retenu."
    reference = GARANTIE_JEUNES


@question(
    "À quelle date votre garantie jeunes a-t-elle pris fin ?",
    aide="Sans réponse, douze mois à compter de celui de l'entrée.",
)
class cej_garantie_jeunes_date_fin(JourDonne):
    label = "Date de fin de la garantie jeunes"
    documentation = "1970-01-01 : non donnée ; douze mois à compter de celui de l'entrée."
    reference = GARANTIE_JEUNES


class cej_garantie_jeunes_indemnites_comptees(Constat):
    label = "Les indemnités journalières du mois précédent comptent pour la garantie jeunes"
    documentation = (
        "Trois mois au plus à compter de l'arrêt (R844-1, 6°, du code de la sécurité sociale). Un "
        "arrêt est une suite de mois avec des indemnités : les trois premiers comptent."
    )
    reference = [*GARANTIE_JEUNES, R844_1]

    def formula_2022_03_01(individu, period, parameters):
        garantie = parameters(period).contrat_engagement_jeune.garantie_jeunes
        depuis_longtemps = numpy.ones(individu.count, dtype=bool)
        for recul in range(2, 2 + garantie.duree_indemnites_journalieres):
            mois = mois_apres(period, -recul)
            recues = somme(individu, garantie.indemnites_journalieres, mois)
            depuis_longtemps &= positif(recues)
        return ~depuis_longtemps


class cej_garantie_jeunes_allocation(MontantDuMois):
    label = "Allocation de la garantie jeunes maintenue"
    documentation = (
        "RSA d'une personne seule moins le forfait logement ; cumulable avec 300 € nets de "
        "ressources d'activité du mois précédent, puis dégressive jusqu'à 80 % du SMIC brut. "
        "L'ouverture d'un droit à la prime d'activité met fin au versement. Le "
        "RSA propre à Mayotte n'est pas représenté."
    )
    reference = GARANTIE_JEUNES

    def formula_2022_03_01(individu, period, parameters):
        en_cours = individu("cej_garantie_jeunes_en_cours", period)
        if not en_cours.any():
            return en_cours
        garantie = parameters(period).contrat_engagement_jeune.garantie_jeunes
        smic = individu("cej_smic_mensuel", period)
        montant = apres_ressources(
            garantie.montant,
            garantie.montant / ecart_degressivite(garantie.part_smic, smic, garantie.abattement),
            numpy.zeros(individu.count),
            ressources(individu, garantie, period),
            garantie.abattement,
        )
        exclu = individu("cej_non_cumul_rsa", period) | individu("cej_droit_ppa", period)
        # R5131-24 (2017): the payment ends when the right to the prime d'activité opens.
        for mois in mois_anterieurs(individu.famille, "ppa", period, lambda: CREATION):
            if premier_jour(mois) >= CREATION:
                exclu |= individu("cej_droit_ppa", mois)
        exclu |= positif(donnee(individu, "indemnites_volontariat", period))
        return arrondi_au_centime(montant * (en_cours & ~exclu))


def sans_indemnites(garantie):
    """The resources without the daily benefits that count for three months only."""
    return [nom for nom in garantie.ressources if nom not in garantie.indemnites_journalieres]


def ressources(individu, garantie, period):
    """Resources (€) of the month before; daily benefits count for the first months of a stop."""
    comptees = individu("cej_garantie_jeunes_indemnites_comptees", period)
    mois = mois_apres(period, -1)
    total = somme(individu, garantie.ressources, mois)
    if comptees.all():
        return total
    return numpy.where(comptees, total, somme(individu, sans_indemnites(garantie), mois))


# Comment chaque valeur se dit.


@calcul(cej_garantie_jeunes_en_cours)
def ligne_en_cours(cas):
    """Whether the Garantie jeunes was received, and its dates."""
    if not cas.valeur("cej_garantie_jeunes_beneficiaire"):
        return "pas de garantie jeunes au 1er mars 2022"
    texte = "garantie jeunes"
    if cas.donnee("cej_garantie_jeunes_date_entree"):
        texte += f" depuis le {cas.ecrit('cej_garantie_jeunes_date_entree')}"
    if cas.donnee("cej_garantie_jeunes_date_fin"):
        texte += f" jusqu'au {cas.ecrit('cej_garantie_jeunes_date_fin')}"
    return texte


@calcul(cej_garantie_jeunes_allocation)
def ligne_allocation(cas):
    """The amount less a part of the resources of the month before."""
    if not cas.valeur("cej_garantie_jeunes_en_cours"):
        return "0", "la garantie jeunes ne court pas"
    if not cas.resultat:
        return "0", "plus rien n'est dû ce mois-ci"
    garantie = cas.droit().contrat_engagement_jeune.garantie_jeunes
    montant = Ecrite(cas.nombre(garantie.montant))
    abattement = Ecrite(cas.nombre(garantie.abattement))
    comptent = cas.valeur("cej_garantie_jeunes_indemnites_comptees")
    comptees = garantie.ressources if comptent else sans_indemnites(garantie)
    total = Ecrite(cas.nombre(cas.total(comptees, cas.periode.last_month)))
    part, smic = Ecrite(cas.nombre(garantie.part_smic, 1)), Ecrite(cas.ecrit("cej_smic_mensuel"))
    coefficient = montant / ecart_degressivite(part, smic, abattement)
    reste = apres_ressources(montant, coefficient, 0, total, abattement)
    return reste.texte, "arrondi au centime"


@calcul(cej_garantie_jeunes_indemnites_comptees)
def ligne_indemnites_comptees(cas):
    """Since when the benefits are paid."""
    garantie = cas.droit().contrat_engagement_jeune.garantie_jeunes
    duree = cas.nombre(garantie.duree_indemnites_journalieres, 0)
    cote = "au plus" if cas.resultat else "plus de"
    return f"indemnités journalières reçues depuis {cote} {duree} mois sans interruption"
