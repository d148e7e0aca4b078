"""Age, activity and housing: inputs that OpenFisca-France has too."""

import numpy
from openfisca_core.holders import set_input_dispatch_by_period
from openfisca_core.indexed_enums import Enum

from openfisca_cej.base import (
    AGE_NON_DONNE,
    NON_DONNEE,
    Choix,
    EntierDuMois,
    Fait,
    JourDonne,
    Lieu,
    mois_civils,
    mois_fournis,
    premiers_jours,
    valeurs_fournies,
)
from openfisca_cej.declarations import calcul, question, seuls
from openfisca_cej.texts import CGI_197_MOIS, D5131_19, L5131_6, R5131_15


class TypesActivite(Enum):
    __order__ = "actif chomeur etudiant retraite inactif"
    actif = "Actif occupé"
    chomeur = "Chômeur"
    etudiant = "Étudiant, élève"
    retraite = "Retraité"
    inactif = "Autre, inactif"


@question(
    "Quelle est votre date de naissance ?",
    aide="Celle de votre pièce d'identité.",
    rang=1,
    bref="l'âge",
)
class date_naissance(JourDonne):
    label = "Date de naissance"
    documentation = "L'âge et la majorité sont pris au premier jour du mois."
    reference = L5131_6


@question(
    "Quel âge aviez-vous au premier jour du mois, en {mois} ?",
    aide="En années révolues ; inutile si vous avez donné votre date de naissance.",
    ponctuel=True,
)
class age(EntierDuMois):
    default_value = AGE_NON_DONNE
    set_input = set_input_dispatch_by_period
    is_period_size_independent = True
    unit = "années"
    label = "Âge (en années révolues) au premier jour du mois"
    documentation = (
        "Calculé depuis la date de naissance. Donné sans elle, il vaut pour le mois donné et "
        "avance d'un an tous les douze mois."
    )
    reference = L5131_6

    def formula(individu, period):
        naissance = individu("date_naissance", period).view("int64")
        mois = mois_civils(naissance)
        passe = naissance > premiers_jours(mois)
        ecoules = 12 * (period.start.year - 1970) + period.start.month - 1 - mois.view("int64")
        ages = (ecoules - passe) // 12
        donnes = numpy.full(individu.count, AGE_NON_DONNE)
        for connu in mois_fournis(individu, "age"):
            annees = (
                12 * (period.start.year - connu.start.year) + period.start.month - connu.start.month
            ) // 12
            # Ages of other months may be known because they were computed from a given one:
            # they never exceed what the given one says.
            valeurs = valeurs_fournies(individu, "age", connu)
            donne = (naissance == NON_DONNEE) & (valeurs != AGE_NON_DONNE)
            donnes = numpy.where(donne, numpy.maximum(donnes, valeurs + annees), donnes)
        return numpy.where(donnes == AGE_NON_DONNE, ages, donnes)


@question(
    "Quelle était votre activité en {mois} ?",
    aide=(
        "Seules les études ferment l'accès au contrat ; avoir un emploi ne le ferme pas par "
        "soi-même."
    ),
    rang=4,
    bref="l'activité",
    a_cocher="Des études",
)
class activite(Choix):
    possible_values = TypesActivite
    default_value = TypesActivite.inactif
    set_input = set_input_dispatch_by_period
    label = "Activité"
    documentation = "Seul l'état d'étudiant ou d'élève ferme le contrat (R5131-15)."
    reference = R5131_15


class handicap(Fait):
    label = "Personne en situation de handicap"
    documentation = (
        "Nom d'OpenFisca-France. À défaut de « rqth », la qualité de travailleur handicapé en est "
        "présumée ; le droit ne regarde qu'elle (L5131-6)."
    )
    reference = L5131_6


reduction_de_guyane_et_de_mayotte = seuls(
    "ne réside en Guyane ou à Mayotte",
    "impot_revenu.calcul_impot_revenu.plaf_qf.abat_dom.guyane_mayotte",
)


@question(
    "Votre logement était-il à Mayotte en {mois} ?",
    aide="Mayotte a ses propres montants et son propre SMIC.",
    rang=17,
)
@seuls(
    "ne réside à Mayotte",
    "contrat_engagement_jeune.montant_forfaitaire.mayotte",
    "contrat_engagement_jeune.ressources.degressivite.smic_mayotte",
)
@reduction_de_guyane_et_de_mayotte
class residence_mayotte(Lieu):
    label = "Le ménage réside à Mayotte"
    documentation = (
        "Mayotte a ses propres montants (D5131-19, III) et son propre SMIC ; l'impôt brut y est "
        "réduit de 40 %, 4 050 € au plus (article 197, I, 3, du CGI)."
    )
    reference = [D5131_19, CGI_197_MOIS]


DE_30_POUR_CENT = "L'impôt brut y est réduit de 30 %, 2 450 € au plus (article 197, I, 3, du CGI)."
AIDE_IMPOT = "L'impôt sur le revenu y est réduit, ce qui peut rendre un foyer non imposable."

reduction_des_antilles_et_de_la_reunion = seuls(
    "ne réside en Guadeloupe, en Martinique ou à La Réunion",
    "impot_revenu.calcul_impot_revenu.plaf_qf.abat_dom.guadeloupe_martinique_reunion",
)


@question("Votre logement était-il en Guadeloupe en {mois} ?", aide=AIDE_IMPOT, rang=18)
@reduction_des_antilles_et_de_la_reunion
class residence_guadeloupe(Lieu):
    label = "Le ménage réside en Guadeloupe"
    documentation = DE_30_POUR_CENT
    reference = CGI_197_MOIS


@question("Votre logement était-il en Martinique en {mois} ?", aide=AIDE_IMPOT, rang=20)
@reduction_des_antilles_et_de_la_reunion
class residence_martinique(Lieu):
    label = "Le ménage réside en Martinique"
    documentation = DE_30_POUR_CENT
    reference = CGI_197_MOIS


@question("Votre logement était-il à La Réunion en {mois} ?", aide=AIDE_IMPOT, rang=21)
@reduction_des_antilles_et_de_la_reunion
class residence_reunion(Lieu):
    label = "Le ménage réside à La Réunion"
    documentation = DE_30_POUR_CENT
    reference = CGI_197_MOIS


@question("Votre logement était-il en Guyane en {mois} ?", aide=AIDE_IMPOT, rang=19)
@reduction_de_guyane_et_de_mayotte
class residence_guyane(Lieu):
    label = "Le ménage réside en Guyane"
    documentation = (
        "L'impôt brut y est réduit de 40 %, 4 050 € au plus (article 197, I, 3, du CGI)."
    )
    reference = CGI_197_MOIS


# Comment chaque valeur se dit.


@calcul(age)
def ligne_age(cas):
    """Age on the first day of the month."""
    return cas.nombre(cas.resultat, 0), f"au {cas.jour(cas.periode.start.date)}"
