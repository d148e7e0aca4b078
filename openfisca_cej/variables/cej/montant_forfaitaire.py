"""The monthly lump sum (D5131-19)."""

import numpy
from openfisca_core.holders import set_input_dispatch_by_period

from openfisca_cej.base import FaitDurable, MontantDuMois, a_la_signature, donnee, est_fourni
from openfisca_cej.declarations import calcul, changement, question
from openfisca_cej.texts import D5131_19


@question(
    "Quel montant maximal d'allocation votre contrat prévoyait-il pour {mois} ?",
    aide=(
        "Écrit dans le contrat d'engagement jeune, avant toute déduction ; sans réponse, il se "
        "déduit de votre âge, de votre lieu de vie et de l'avis d'impôt."
    ),
)
class cej_montant_forfaitaire(MontantDuMois):
    set_input = set_input_dispatch_by_period
    label = "Montant mensuel forfaitaire de l'allocation du contrat d'engagement jeune"
    documentation = "Au-delà de la première tranche, aucun montant n'est prévu : zéro."
    reference = D5131_19

    def formula_2022_03_01(individu, period, parameters):
        return forfait(individu, period, parameters, "cej_situation_fiscale")


def forfait(individu, period, parameters, situation_fiscale):
    """D5131-19: I for the mainland and the other overseas territories, III for Mayotte."""
    montants = parameters(period).contrat_engagement_jeune.montant_forfaitaire
    bareme = numpy.array(
        [
            montant
            for lieu in (montants.general, montants.mayotte)
            for montant in (
                *(lieu.majeur_non_imposable, lieu.majeur_premiere_tranche, 0),
                *(lieu.mineur, lieu.mineur, 0),
            )
        ],
        dtype=float,
    )
    rang = donnee(individu.menage, "residence_mayotte", period) * numpy.int8(6)
    rang += retenu(individu, "cej_mineur", period) * numpy.int8(3)
    if montants.selon_situation_fiscale:
        rang += numpy.asarray(retenu(individu, situation_fiscale, period)).astype(numpy.int8)
    return bareme.take(rang)


def retenu(individu, variable, period):
    """D5131-19, V: the value of the month, or of the signature where nothing was revised since."""
    valeurs = individu(variable, period)
    if not est_fourni(individu, "cej_forfait_non_revise", period):
        return valeurs
    concernes = individu("cej_forfait_non_revise", period)
    return a_la_signature(individu, variable, period, concernes, valeurs)


@question(
    (
        "Le montant maximal de votre allocation est-il resté fixé d'après votre situation à la "
        "signature, sans révision depuis ?"
    ),
    aide=(
        "Il est révisé à votre demande ou à celle de votre conseiller ou conseillère quand votre "
        "situation change."
    ),
    a_cocher="Un montant fixé à la signature d'après un autre avis d'impôt, et pas révisé depuis",
    bref="la révision du montant depuis la signature",
)
class cej_forfait_non_revise(FaitDurable):
    label = "Le montant forfaitaire n'a pas été révisé depuis la signature"
    documentation = (
        "Le montant est défini à la signature et révisé à la demande du jeune ou du conseiller "
        "(D5131-19, V). Vrai : la situation fiscale et la minorité restent celles du mois de la "
        "signature ; les revalorisations s'appliquent. Faux : révisé à chaque changement."
    )
    reference = D5131_19


class cej_montant_forfaitaire_rattachement(MontantDuMois):
    label = "Montant forfaitaire que donnerait le foyer fiscal, sans autonomie du jeune"
    documentation = "Sert au remboursement de la seconde phrase du II de D5131-19."
    reference = D5131_19

    def formula_2022_03_01(individu, period, parameters):
        return forfait(individu, period, parameters, "cej_situation_fiscale_rattachement")


# Comment chaque valeur se dit.


def ligne_forfait(situation_fiscale):
    """The amount of the table, and what chose it."""

    def ligne(cas):
        lieu = "à Mayotte, " if cas.valeur("residence_mayotte") else ""
        age = "mineur" if cas.valeur("cej_mineur") else "majeur"
        commentaire = f"{lieu}{age}, {cas.ecrit(situation_fiscale).lower()}"
        if cas.valeur("cej_forfait_non_revise"):
            commentaire += ", non révisé depuis la signature"
        return cas.nombre(cas.resultat), commentaire

    return ligne


calcul(cej_montant_forfaitaire)(ligne_forfait("cej_situation_fiscale"))
calcul(cej_montant_forfaitaire_rattachement)(ligne_forfait("cej_situation_fiscale_rattachement"))


@changement(cej_montant_forfaitaire, 5)
def change_forfait(cas, avant):
    """The lump sum moves though neither age nor tier does."""
    if not (cas.inchange("cej_mineur") and cas.inchange("cej_situation_fiscale")):
        return ""
    return f"montant forfaitaire revalorisé : {cas.euros(avant)} → {cas.euros(cas.resultat)}"
