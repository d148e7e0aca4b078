"""The allowance due for the month, and what follows from it."""

import numpy

from openfisca_cej.base import (
    Constat,
    Fait,
    MontantDuMois,
    apres_ressources,
    arrondi_au_centime,
    donnee,
    ligne_apres_ressources,
    personne,
    positif,
)
from openfisca_cej.declarations import calcul, question
from openfisca_cej.texts import D5131_19, L5131_6, R5131_20, R5131_24

L5131_6_1 = "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000033939397"
LFSS_2024 = "https://www.legifrance.gouv.fr/jorf/id/JORFTEXT000048668665"


class cej_versable(Constat):
    label = "Rien n'empêche le versement de l'allocation du mois"
    documentation = (
        "Un contrat court, aucune règle de non-cumul ne joue (R5131-24) et le dossier n'est pas "
        "venu trop tard (R5131-25, II)."
    )
    reference = [
        *L5131_6,
        R5131_24,
    ]

    def formula_2022_03_01(individu, period):
        exclu = individu("cej_non_cumul_rsa", period) | individu("cej_non_cumul_ppa", period)
        exclu |= individu("cej_suspension", period)
        exclu |= individu("cej_forclusion", period)
        return individu("cej_en_cours", period) & ~exclu


class cej_allocation(MontantDuMois):
    label = "Allocation du contrat d'engagement jeune due pour le mois"
    documentation = (
        "Arrondie une seule fois, à la fin, au centime le plus proche (le demi-centime compte "
        "pour un). Exonérée d'impôt, de CSG et de CRDS, incessible et insaisissable."
    )
    reference = [*L5131_6, R5131_20]

    def formula_2022_03_01(individu, period):
        montant = individu("cej_montant_avant_non_cumul", period)
        return due(individu, period, montant)


def due(individu, period, montant):
    """What is paid (€) of an amount: nothing or all but the sanctions, rounded to the centime."""
    paye = montant * individu("cej_versable", period)
    fraction_supprimee = individu("cej_fraction_supprimee", period)
    if fraction_supprimee.any():
        paye *= 1 - fraction_supprimee
    return arrondi_au_centime(paye)


class cej_trop_percu_autonomie(MontantDuMois):
    label = "Trop-perçu du mois quand l'autonomie fiscale n'est pas confirmée"
    documentation = (
        "Différence entre l'allocation du jeune considéré comme autonome et celle que donne la "
        "situation du foyer ; remboursée par le bénéficiaire (D5131-19, II)."
    )
    reference = D5131_19

    def formula_2022_03_01(individu, period, parameters):
        non_confirmee = donnee(individu, "cej_autonomie_fiscale", period)
        non_confirmee = non_confirmee & donnee(individu, "cej_autonomie_non_confirmee", period)
        degressivite = parameters(period).contrat_engagement_jeune.ressources.degressivite
        montant = apres_ressources(
            individu("cej_montant_forfaitaire_rattachement", period),
            individu("cej_coefficient_degressivite_rattachement", period),
            individu("cej_ressources_deductibles", period),
            individu("cej_ressources_partiellement_deductibles", period),
            degressivite.abattement,
        )
        ecart = individu("cej_allocation", period) - due(individu, period, montant)
        return non_confirmee * numpy.maximum(ecart, 0).round(2)


class cej_presomption_c2s(Constat):
    label = "Réputé satisfaire la condition de ressources de la complémentaire santé solidaire"
    documentation = (
        "Depuis le 1er juillet 2026 au plus tard, les bénéficiaires de l'allocation dont le foyer "
        "fiscal n'est pas imposable (L861-2, 5°, du code de la sécurité sociale). La condition "
        "est celle du 2° de L861-1 : la protection avec participation. Le foyer est le foyer "
        "réel, même si le jeune est considéré comme autonome (D5131-19, II)."
    )
    reference = [LFSS_2024, D5131_19]

    def formula_2022_03_01(individu, period, parameters):
        sante = parameters(period).contrat_engagement_jeune.complementaire_sante_solidaire
        if not sante.presomption:
            return personne(individu)
        beneficiaire = positif(individu("cej_allocation", period))
        return beneficiaire & foyer_reel_non_imposable(individu, period)


def foyer_reel_non_imposable(individu, period):
    """Whose real foyer is not taxed: the one they belong to, even if taken as autonomous."""

    def non_imposable(variable):
        situation = individu(variable, period)
        return situation == situation.possible_values.non_imposable

    autonomie = donnee(individu, "cej_autonomie_fiscale", period)
    if not autonomie.any():
        return non_imposable("cej_situation_fiscale")
    return numpy.where(
        autonomie,
        non_imposable("cej_situation_fiscale_rattachement"),
        non_imposable("cej_situation_fiscale"),
    )


class cej_caution_publique_permis(Constat):
    label = "Éligible à la caution publique du prêt « permis à un euro par jour »"
    documentation = "Tout bénéficiaire de l'allocation sans caution d'un parent ou d'un tiers."
    reference = L5131_6_1

    def formula_2022_03_01(individu, period):
        caution = donnee(individu, "caution_parentale_ou_tiers", period)
        return positif(individu("cej_allocation", period)) & ~caution


@question(
    (
        "Un parent ou une autre personne se portait-il en {mois} caution de votre prêt pour le "
        "permis de conduire ?"
    ),
    aide=(
        "Se porter caution, c'est s'engager à rembourser à votre place ; il s'agit du prêt « "
        "permis à un euro par jour »."
    ),
)
class caution_parentale_ou_tiers(Fait):
    label = "Bénéficie de la caution d'un parent ou d'un tiers pour le prêt du permis de conduire"
    documentation = "Écarte la caution publique (L5131-6-1)."
    reference = L5131_6_1


# Comment chaque valeur se dit.


@calcul(cej_versable)
def ligne_versable(cas):
    """What prevents the payment, if anything."""
    obstacles = {
        "cej_non_cumul_rsa": "le RSA l'exclut",
        "cej_non_cumul_ppa": "la prime d'activité l'exclut",
        "cej_suspension": "une ressource du mois la suspend",
        "cej_forclusion": "le dossier est venu trop tard",
    }
    trouves = [phrase for nom, phrase in obstacles.items() if cas.valeur(nom)]
    if not cas.valeur("cej_en_cours"):
        trouves.insert(0, "aucun contrat ne court ce mois-ci")
    return " ; ".join(trouves) or "un contrat court et rien n'empêche le versement"


@calcul(cej_allocation)
def ligne_allocation(cas):
    """The amount of R5131-20, nothing where it is not payable, less what a sanction withholds."""
    return ligne_due(cas, cas.ecrit("cej_montant_avant_non_cumul")), "arrondi au centime"


def ligne_due(cas, montant):
    """What is paid of an amount that is written."""
    if not cas.valeur("cej_versable"):
        return f"{montant} × 0"
    if cas.valeur("cej_fraction_supprimee"):
        return f"{montant} × (1 − {cas.ecrit('cej_fraction_supprimee')})"
    return montant


@calcul(cej_trop_percu_autonomie)
def ligne_trop_percu(cas):
    """The allowance less the one of the foyer fiscal, if the autonomy was not confirmed."""
    if not (cas.valeur("cej_autonomie_fiscale") and cas.valeur("cej_autonomie_non_confirmee")):
        return "0", "autonomie non demandée, ou confirmée"
    montant = ligne_apres_ressources(
        cas,
        "cej_montant_forfaitaire_rattachement",
        "cej_coefficient_degressivite_rattachement",
        connus=False,
    )
    return f"max({cas.ecrit('cej_allocation')} − {ligne_due(cas, montant)} ; 0)"


@calcul(cej_presomption_c2s)
def ligne_presomption_c2s(cas):
    """Whether the presumption is in force, the foyer not taxed and the allowance paid."""
    sante = cas.droit().contrat_engagement_jeune.complementaire_sante_solidaire
    autonome = cas.valeur("cej_autonomie_fiscale")
    foyer = "cej_situation_fiscale_rattachement" if autonome else "cej_situation_fiscale"
    return (
        f"présomption {'en vigueur' if sante.presomption else 'pas encore en vigueur'} ; "
        f"foyer : {cas.ecrit(foyer)} ; "
        f"allocation : {cas.ecrit('cej_allocation')} €"
    )


@calcul(cej_caution_publique_permis)
def ligne_caution_publique(cas):
    """The allowance, and whether someone else stands surety."""
    caution = "une" if cas.valeur("caution_parentale_ou_tiers") else "aucune"
    return f"allocation : {cas.ecrit('cej_allocation')} € ; {caution} caution d'un tiers"
