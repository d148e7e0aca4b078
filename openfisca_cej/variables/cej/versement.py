"""Payment: documents supplied late (R5131-25, II)."""

import numpy

from openfisca_cej.base import (
    Constat,
    Fait,
    JourDonne,
    a_signe,
    bornes,
    donnee,
    du_contrat,
    est_fourni,
    jours,
    mois_civils,
    mois_fournis,
    personne,
    premier_jour,
    premiers_jours,
)
from openfisca_cej.declarations import (
    VERSEMENT,
    calcul,
    changement,
    condition,
    debut_ou_fin,
    question,
    seuls,
)
from openfisca_cej.texts import R5131_25


@condition("Dossier complet à temps", VERSEMENT, 5, remplie=False)
class cej_forclusion(Constat):
    label = "Le dossier est venu trop tard pour que le mois soit versé"
    documentation = (
        "Pièces transmises plus de trois mois après la signature : les mois qui précèdent de plus "
        "de trois mois la réception du dossier complet sont perdus, sauf versement conservatoire."
    )
    reference = R5131_25

    def formula_2022_03_01(individu, period, parameters):
        if not est_fourni(individu, "cej_date_dossier_complet", period):
            return personne(individu)
        versement = parameters(period).contrat_engagement_jeune.versement
        # Three months after the end of a month of the contract are more than three months after
        # the signature. Not given, the date of the file is 1970: before any month.
        dossier = jours(individu, "cej_date_dossier_complet", period)
        perdu = a_signe(individu, period) & (
            dossier >= premier_jour(period, 1 + versement.delai_pieces)
        )
        mois = mois_civils(dossier)
        du_dossier = premiers_jours(mois), premiers_jours(mois, 1)
        perdu &= du_contrat(individu, period, parameters, *du_dossier)
        return perdu & ~acquis(individu, period, parameters)


def acquis(individu, period, parameters):
    """Whose month is acquired by a conservatory decision, within its maximum length."""
    versement = parameters(period).contrat_engagement_jeune.versement
    deja = numpy.zeros(individu.count, dtype=int)
    for mois in mois_fournis(individu, "cej_versement_conservatoire"):
        if premier_jour(mois) < premier_jour(period):
            verse = individu("cej_versement_conservatoire", mois)
            deja += verse & du_contrat(individu, period, parameters, *bornes(mois))
    return donnee(individu, "cej_versement_conservatoire", period) & (
        deja < versement.duree_maximale_conservatoire
    )


@question(
    "À quelle date votre organisme a-t-il reçu votre dossier complet ?",
    aide=(
        "Les pièces sont attendues dans les trois mois ; sans réponse, le dossier est supposé "
        "complet à temps."
    ),
    a_cocher="Un dossier complet plus de trois mois après la signature",
    bref="la date du dossier complet",
)
@seuls("n'a de date de dossier complet", "contrat_engagement_jeune.versement")
class cej_date_dossier_complet(JourDonne):
    label = "Date de réception du dossier complet"
    documentation = "1970-01-01 : non donnée ; le dossier est présumé complet à temps."
    reference = R5131_25


@question(
    (
        "L'allocation due pour {mois} a-t-elle été versée à titre conservatoire, avant que le "
        "dossier soit complet ?"
    ),
    aide="Sur décision de l'organisme, trois mois au plus ; ces sommes vous restent acquises.",
    jamais="« Non » vaut aussi pour les mois d'avant.",
    ponctuel=True,
)
class cej_versement_conservatoire(Fait):
    label = "L'allocation du mois est versée à titre conservatoire"
    documentation = "Trois mois au plus ; les montants versés sont définitivement acquis."
    reference = R5131_25


# Comment chaque valeur se dit.


@calcul(cej_forclusion)
def ligne_forclusion(cas):
    """When the complete file came."""
    if not cas.donnee("cej_date_dossier_complet"):
        return "dossier présumé complet à temps"
    texte = f"dossier complet reçu le {cas.ecrit('cej_date_dossier_complet')}"
    if cas.valeur("cej_versement_conservatoire"):
        texte += ", mois versé à titre conservatoire"
    return texte


changement(cej_forclusion, 12)(debut_ou_fin("mois perdu", "mois payable de nouveau"))
