"""The one-off allowance of the PACEA and of France Travail's follow-up (L5131-5, D5131-9)."""

from openfisca_cej.base import (
    NON_DONNEE,
    Constat,
    MesureDuMois,
    MontantDuMois,
    a_atteint,
    arrondi_au_centime,
    jours,
    somme,
)
from openfisca_cej.declarations import calcul

D5131_9 = "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045195784"
L5131_5 = [
    "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000044979508",
    "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000048601748",
    "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000048590605",
]
R5131_8 = [
    "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045207515",
    "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000049816244",
]


class allocation_ponctuelle_pacea_eligibilite(Constat):
    label = "L'allocation ponctuelle peut être accordée ce mois-ci"
    documentation = (
        "De 16 à 25 ans révolus (L5131-3), hors contrat d'engagement jeune (L5131-5), quand les "
        "rémunérations et allocations du mois n'excèdent pas 300 €. Accordée selon la situation "
        "et les besoins : ce n'est pas un droit automatique."
    )
    reference = [*R5131_8, *L5131_5]

    def formula_2022_03_01(individu, period, parameters):
        droit = parameters(period).contrat_engagement_jeune
        ponctuelle = droit.allocation_ponctuelle
        age = a_atteint(individu, period, droit.public.age_minimum)
        age = age & ~a_atteint(individu, period, droit.public.age_maximum + 1)
        signe = jours(individu, "cej_date_signature", period) != NON_DONNEE
        en_cej = signe & individu("cej_en_cours", period)
        ressources = somme(individu, ponctuelle.ressources, period)
        return age & ~en_cej & (ressources <= ponctuelle.plafond_ressources)


class allocation_ponctuelle_pacea_plafond(MontantDuMois):
    label = "Montant mensuel maximal de l'allocation ponctuelle"
    documentation = "Le montant du a du 1° du I de D5131-19, à Mayotte aussi."
    reference = D5131_9

    def formula_2022_03_01(individu, period, parameters):
        montants = parameters(period).contrat_engagement_jeune.montant_forfaitaire
        return individu.filled_array(montants.general.majeur_non_imposable)


class allocation_ponctuelle_pacea_plafond_annuel(MesureDuMois):
    unit = "€/an"
    label = "Montant annuel maximal de l'allocation ponctuelle, au montant du mois"
    documentation = "Six fois le montant mensuel maximal."
    reference = D5131_9

    def formula_2022_03_01(individu, period, parameters):
        ponctuelle = parameters(period).contrat_engagement_jeune.allocation_ponctuelle
        mensuel = individu("allocation_ponctuelle_pacea_plafond", period)
        return arrondi_au_centime(mensuel * ponctuelle.plafond_annuel)


# Comment chaque valeur se dit.


@calcul(allocation_ponctuelle_pacea_eligibilite)
def ligne_eligibilite(cas):
    """Age, contract and resources of the month."""
    ponctuelle = cas.droit().contrat_engagement_jeune.allocation_ponctuelle
    total = cas.total(ponctuelle.ressources, cas.periode)
    court = "un contrat d'engagement jeune court" if cas.valeur("cej_en_cours") else "hors contrat"
    return (
        f"{cas.age_ecrit()} ; {court} ; ressources du mois {cas.nombre(total)} € pour un plafond "
        f"de {cas.nombre(ponctuelle.plafond_ressources)} €"
    )


@calcul(allocation_ponctuelle_pacea_plafond)
def ligne_plafond(cas):
    """The first amount of D5131-19."""
    montants = cas.droit().contrat_engagement_jeune.montant_forfaitaire
    return cas.nombre(montants.general.majeur_non_imposable)


@calcul(allocation_ponctuelle_pacea_plafond_annuel)
def ligne_plafond_annuel(cas):
    """Six times the monthly ceiling."""
    ponctuelle = cas.droit().contrat_engagement_jeune.allocation_ponctuelle
    fois = cas.nombre(ponctuelle.plafond_annuel, 0)
    return f"{fois} × {cas.ecrit('allocation_ponctuelle_pacea_plafond')}"
