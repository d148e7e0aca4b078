"""The contract: signature, length, extensions, waiting period and hours (R5131-16)."""

from datetime import date

import numpy
from openfisca_core.holders import set_input_dispatch_by_period
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_cej.base import (
    CREATION,
    NON_DONNEE,
    Montant,
    a_la_signature,
    calcul,
    donnee,
    est_fourni,
    jour,
    jours,
    mois_civils,
    mois_fournis,
    personne,
    premier_jour,
    question,
)
from openfisca_cej.entities import Individu

R5131_16 = [
    "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045207460",
    "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000049816238",
    "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000050929404",
]
R5131_17_18 = [
    "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045207453",
    "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000049816233",
    "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045207449",
]
L5411_6 = "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000048590568"
#: Until 2024-12-31 the code says what the support is made of (R5131-16, I), not for how long.
HEURES = [L5411_6, *R5131_16, "https://travail-emploi.gouv.fr/le-contrat-dengagement-jeune-cej"]


def ligne_carence(cas):
    """When the previous contract ended, and what lifts the waiting period."""
    if not cas.donnee("cej_date_fin_precedent"):
        return "aucun contrat précédent"
    delai = cas.droit().contrat_engagement_jeune.contrat.delai_carence
    texte = (
        f"contrat précédent expiré le {cas.ecrit('cej_date_fin_precedent')}, délai de {delai} mois"
    )
    if cas.valeur("cej_circonstances_particulieres"):
        tenus = cas.valeur("cej_engagements_respectes")
        texte += ", circonstances particulières" + (
            "" if tenus else " mais engagements du premier contrat non tenus"
        )
    return texte


def ligne_rupture(cas):
    """Whether a failing ended the contract."""
    if cas.resultat:
        return "un manquement notifié avant ce mois a mis fin au contrat"
    return "aucun manquement n'a mis fin au contrat"


def ligne_prolonge(cas):
    """The path of the list, if any."""
    if not cas.donnee("cej_parcours_date_fin"):
        return "aucun parcours de la liste"
    mois = cas.droit().contrat_engagement_jeune.contrat.mois_apres_parcours
    return (
        f"parcours jusqu'au {cas.ecrit('cej_parcours_date_fin')}, puis jusqu'à la fin du mois qui "
        f"vient {mois} mois après"
    )


def ligne_en_cours(cas):
    """The dates of the contract, or the hypothesis of a signature in the month."""
    if not cas.donnee("cej_date_signature"):
        peut = "le jeune peut signer" if cas.valeur("cej_eligibilite") else "il ne peut pas signer"
        return f"aucune signature donnée : contrat supposé signé ce mois-ci, {peut}"
    contrat = cas.droit().contrat_engagement_jeune.contrat
    texte = f"signé le {cas.ecrit('cej_date_signature')}"
    if jour(cas.valeur("cej_date_signature")) < CREATION:
        return f"{texte}, avant que le contrat d'engagement jeune existe (1er mars 2022)"
    if cas.donnee("cej_date_fin"):
        texte += f", fin le {cas.ecrit('cej_date_fin')}"
    else:
        texte += f", {contrat.duree_maximale} mois"
        if cas.valeur("cej_mois_prolongation"):
            texte += f" et {cas.ecrit('cej_mois_prolongation')} de prolongation"
    if not cas.valeur("cej_sous_limite_age"):
        texte += ", limite d'âge atteinte"
        if cas.resultat:
            texte += " depuis"
    if cas.valeur("cej_rupture"):
        texte += ", rompu"
    return texte


def ligne_heures_minimum(cas):
    """The minimum, lowered or waived."""
    heures = cas.droit().contrat_engagement_jeune.contrat.heures_hebdomadaires
    minimum = cas.nombre(heures.minimum, 0)
    if heures.dispense_possible and cas.valeur("cej_dispense_heures"):
        return "0", "plan d'action sans durée"
    if heures.minoration_possible and cas.valeur("cej_heures_minorees") > 0:
        return f"min({minimum} ; {cas.ecrit('cej_heures_minorees')})", "durée minorée"
    return minimum


def ligne_heures_suffisantes(cas):
    """Hours counted and minimum."""
    return (
        f"{cas.ecrit('cej_heures_hebdomadaires')} heures pour un minimum de "
        f"{cas.ecrit('cej_heures_minimum')}"
    )


@question(
    "À quelle date avez-vous signé votre contrat d'engagement jeune ?",
    aide=(
        "Elle figure près des signatures ; sans réponse, le calcul suppose une signature dans le "
        "mois demandé."
    ),
)
class cej_date_signature(Variable):
    value_type = date
    default_value = date(1970, 1, 1)
    entity = Individu
    definition_period = DateUnit.ETERNITY
    unit = "date"
    label = "Date de signature du contrat d'engagement jeune en cours"
    documentation = (
        "1970-01-01 : non donnée ; la question posée est alors « et si je signais ce mois-ci ? »."
    )
    reference = R5131_16


@question(
    "À quelle date votre contrat d'engagement jeune prend-il fin ?",
    aide=(
        "La date écrite au contrat, ou celle de la fin réelle ; sans réponse, douze mois à "
        "compter de celui de la signature."
    ),
)
class cej_date_fin(Variable):
    value_type = date
    default_value = date(1970, 1, 1)
    entity = Individu
    definition_period = DateUnit.ETERNITY
    unit = "date"
    label = "Date de fin effective du contrat d'engagement jeune"
    documentation = (
        "1970-01-01 : non donnée ; le contrat court alors douze mois à compter de celui de la "
        "signature. Une fin postérieure au maximum légal est ramenée à ce maximum."
    )
    reference = R5131_16


@question(
    "À quelle date votre contrat d'engagement jeune précédent a-t-il pris fin ?",
    aide="À laisser sans réponse si vous n'en avez pas eu d'autre.",
)
class cej_date_fin_precedent(Variable):
    value_type = date
    default_value = date(1970, 1, 1)
    entity = Individu
    definition_period = DateUnit.ETERNITY
    unit = "date"
    label = "Date d'expiration du contrat d'engagement jeune précédent"
    documentation = "1970-01-01 : aucun contrat précédent. Ouvre le délai de carence."
    reference = R5131_16


@question(
    "De combien de mois votre contrat a-t-il été prolongé au-delà des douze premiers ?",
    aide=(
        "Prolongation exceptionnelle décidée par votre conseiller ou conseillère, six mois au "
        "plus ; zéro s'il n'y en a pas eu."
    ),
)
class cej_mois_prolongation(Variable):
    value_type = int
    entity = Individu
    definition_period = DateUnit.ETERNITY
    unit = "mois"
    label = "Mois de prolongation exceptionnelle du contrat"
    documentation = "Décidée par le conseiller au terme du contrat ; 18 mois au plus au total."
    reference = R5131_16


@question(
    (
        "À quelle date a commencé le parcours ou le contrat d'insertion ou de formation qui "
        "prolonge votre contrat d'engagement jeune ?"
    ),
    aide=(
        "Ces parcours sont ceux de la liste de l'arrêté du 9 mars 2022 ; votre conseiller ou "
        "conseillère sait si le vôtre en est."
    ),
)
class cej_parcours_date_debut(Variable):
    value_type = date
    default_value = date(1970, 1, 1)
    entity = Individu
    definition_period = DateUnit.ETERNITY
    unit = "date"
    label = "Date d'entrée dans un parcours ou un contrat de la liste de l'arrêté du 9 mars 2022"
    documentation = (
        "1970-01-01 : non donnée ; l'entrée est alors présumée antérieure au terme du contrat."
    )
    reference = R5131_16


@question(
    (
        "À quelle date prend fin le parcours ou le contrat d'insertion ou de formation qui "
        "prolonge votre contrat d'engagement jeune ?"
    ),
    aide="Votre contrat d'engagement jeune court alors jusqu'à la fin du deuxième mois qui suit.",
)
class cej_parcours_date_fin(Variable):
    value_type = date
    default_value = date(1970, 1, 1)
    entity = Individu
    definition_period = DateUnit.ETERNITY
    unit = "date"
    label = "Date de fin du parcours ou du contrat de la liste de l'arrêté du 9 mars 2022"
    documentation = (
        "Le contrat est prolongé, sans être borné à 18 mois, jusqu'au dernier jour du deuxième "
        "mois qui suit."
    )
    reference = R5131_16


@question(
    (
        "La mission locale ou France Travail vous a-t-elle reconnu des difficultés particulières "
        "qui permettent un nouveau contrat avant six mois ?"
    ),
    aide="Difficultés présentes ou passées, que l'organisme apprécie.",
)
class cej_circonstances_particulieres(Variable):
    value_type = bool
    entity = Individu
    definition_period = DateUnit.ETERNITY
    label = "Des circonstances particulières lèvent le délai de carence"
    documentation = (
        "Difficultés spécifiques, présentes ou passées, appréciées par la mission locale ou "
        "France Travail."
    )
    reference = R5131_16


@question(
    "Avez-vous respecté les engagements de votre premier contrat d'engagement jeune ?",
    aide="Il le faut pour signer un nouveau contrat avant six mois.",
)
class cej_engagements_respectes(Variable):
    value_type = bool
    default_value = True
    entity = Individu
    definition_period = DateUnit.ETERNITY
    label = "Les engagements du premier contrat ont été respectés"
    documentation = "Condition de l'exception au délai de carence."
    reference = R5131_16


@calcul(ligne_carence)
class cej_condition_carence(Variable):
    value_type = bool
    entity = Individu
    definition_period = DateUnit.MONTH
    label = "Condition de délai depuis le contrat précédent"
    documentation = (
        "Six mois révolus après l'expiration du contrat précédent : la condition est remplie dès "
        "le mois où le délai s'achève, sauf circonstances particulières qui l'en dispensent."
    )
    reference = R5131_16

    def formula_2022_03_01(individu, period, parameters):
        delai = parameters(period).contrat_engagement_jeune.contrat.delai_carence
        expiration = jours(individu, "cej_date_fin_precedent", period)
        # The waiting period starts the day after the end.
        lendemain = expiration + 1
        delai_echu = (expiration == NON_DONNEE) | (lendemain < premier_jour(period, 1 - delai))
        exception = donnee(individu, "cej_circonstances_particulieres", period)
        exception = exception & donnee(individu, "cej_engagements_respectes", period)
        for _, rompt in ruptures_notifiees(individu, period, parameters):
            exception = exception & ~rompt
        return delai_echu | exception


@calcul(ligne_rupture)
class cej_rupture(Variable):
    value_type = bool
    entity = Individu
    definition_period = DateUnit.MONTH
    label = "Le contrat a été rompu avant ce mois"
    documentation = (
        "Le troisième manquement, ou la fausse déclaration, notifié dans un mois antérieur du "
        "contrat y met fin : plus rien n'est dû à partir du mois suivant. Barème de 2022. Ne "
        "compte pas s'il a mis fin au contrat précédent."
    )
    # Repealed on 2025-06-01; a contract broken before has no other end than its own (R5131-16).
    reference = [*R5131_17_18, *R5131_16]

    def formula_2022_03_01(individu, period, parameters):
        rompu = personne(individu)
        for mois, rompt in ruptures_notifiees(individu, period, parameters):
            signe = jours(individu, "cej_date_signature", period) < premier_jour(mois, 1)
            precedent_fini = jours(individu, "cej_date_fin_precedent", period) < premier_jour(mois)
            rompu |= rompt & signe & precedent_fini
        return rompu


def ruptures_notifiees(individu, period, parameters):
    """Months before, and who was notified in each of the failing that breaks the contract."""
    for mois in mois_fournis(individu, "cej_rang_manquement"):
        if premier_jour(period) > premier_jour(mois) >= CREATION:
            bareme = parameters(mois).contrat_engagement_jeune.sanctions.bareme_2022
            if bareme.en_vigueur:
                yield mois, individu("cej_rang_manquement", mois) >= bareme.rang_rupture


@calcul(ligne_prolonge)
class cej_prolonge_par_parcours(Variable):
    value_type = bool
    entity = Individu
    definition_period = DateUnit.MONTH
    label = "Le contrat est prolongé par un parcours de la liste"
    documentation = (
        "Jusqu'au dernier jour du deuxième mois qui suit la fin du parcours, si le jeune y est "
        "entré avant le terme du contrat."
    )
    reference = R5131_16

    def formula_2022_03_01(individu, period, parameters):
        if not est_fourni(individu, "cej_parcours_date_fin", period):
            return personne(individu)
        contrat = parameters(period).contrat_engagement_jeune.contrat
        fin = jours(individu, "cej_parcours_date_fin", period)
        # Not given, the end is 1970-01-01: before any month of the law.
        court = fin >= premier_jour(period, -contrat.mois_apres_parcours)
        duree = contrat.duree_maximale + mois_prolongation(individu, period, contrat)
        terme = mois_civils(jours(individu, "cej_date_signature", period)) + duree
        # Not given, the entry is 1970-01-01: before the end of any contract.
        entree = mois_civils(jours(individu, "cej_parcours_date_debut", period))
        return court & (entree < terme)


@calcul(ligne_en_cours)
class cej_en_cours(Variable):
    value_type = bool
    entity = Individu
    definition_period = DateUnit.MONTH
    label = "Un contrat d'engagement jeune court ce mois-ci"
    documentation = (
        "Le mois de la signature et celui de la fin comptent entiers (R5131-25, I). Sans date de "
        "signature : un contrat signé ce mois-ci par un jeune qui peut le signer."
    )
    reference = [
        *R5131_16,
        "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045207417",
        "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000049816230",
    ]

    def formula_2022_03_01(individu, period, parameters):
        contrat = parameters(period).contrat_engagement_jeune.contrat
        signature = jours(individu, "cej_date_signature", period)
        court = (signature >= CREATION) & (signature < premier_jour(period, 1))
        court &= non_expire(individu, period, contrat, signature)
        sous_limite = individu("cej_sous_limite_age", period)
        if not contrat.fin_a_la_limite_age:
            # The other reading of L5131-6: the limit is that of the signature.
            sous_limite = a_la_signature(
                individu, "cej_sous_limite_age", period, court & ~sous_limite, sous_limite
            )
        court &= sous_limite
        sans_date = signature == NON_DONNEE
        if sans_date.any():
            court |= sans_date & individu("cej_eligibilite", period)
        return court & ~individu("cej_rupture", period)


def prolongation_maximale(contrat):
    """Months that the exceptional extension may add: the total allowed less the first length."""
    return contrat.duree_totale_maximale - contrat.duree_maximale


def mois_prolongation(individu, period, contrat):
    """Months of exceptional extension, within the total allowed (18 months)."""
    mois = donnee(individu, "cej_mois_prolongation", period)
    return numpy.clip(mois, 0, prolongation_maximale(contrat))


def non_expire(individu, period, contrat, signature):
    """Whose contract had not ended before the month: dates compared with thresholds."""
    court = signature >= plus_ancienne_signature(individu, period, contrat)
    parcours = individu("cej_prolonge_par_parcours", period)
    court |= parcours
    if not est_fourni(individu, "cej_date_fin", period):
        return court
    fin = jours(individu, "cej_date_fin", period)
    dans_le_maximum = signature > premier_jour(period, -contrat.duree_totale_maximale)
    jusqu_a_la_fin = (fin >= premier_jour(period)) & (dans_le_maximum | parcours)
    return numpy.where(fin == NON_DONNEE, court, jusqu_a_la_fin)


def plus_ancienne_signature(individu, period, contrat):
    """First day on which a contract that still runs can have been signed.

    A contract of n months runs in the month of the signature and in the n - 1 months after.
    """
    if not est_fourni(individu, "cej_mois_prolongation", period):
        return premier_jour(period, 1 - contrat.duree_maximale)
    seuils = [
        premier_jour(period, 1 - contrat.duree_maximale - mois)
        for mois in range(prolongation_maximale(contrat) + 1)
    ]
    return numpy.array(seuils).take(mois_prolongation(individu, period, contrat))


@question(
    (
        "Combien d'heures par semaine, en moyenne, avez-vous consacrées aux activités de votre "
        "contrat en {mois} ?"
    ),
    aide="Rendez-vous, ateliers, démarches, immersions et travail prévus par le plan d'action.",
)
class cej_heures_hebdomadaires(Montant):
    value_type = float
    entity = Individu
    definition_period = DateUnit.MONTH
    set_input = set_input_dispatch_by_period
    unit = "heures/semaine"
    label = "Heures d'activité par semaine comptées dans l'application du contrat"
    documentation = "Moyenne du mois."
    reference = HEURES


@question(
    "À combien d'heures par semaine votre contrat abaissait-il la durée minimale en {mois} ?",
    aide=(
        "Possible depuis janvier 2025 pour des raisons individuelles ; zéro si la durée n'est pas "
        "abaissée."
    ),
)
class cej_heures_minorees(Montant):
    value_type = float
    entity = Individu
    definition_period = DateUnit.MONTH
    set_input = set_input_dispatch_by_period
    unit = "heures/semaine"
    label = "Durée hebdomadaire minorée pour des raisons individuelles"
    documentation = "0 : aucune minoration. Possible depuis le 1er janvier 2025, sans être nulle."
    reference = L5411_6


@question(
    "Votre plan d'action était-il sans durée hebdomadaire en {mois} ?",
    aide=(
        "Possible à votre demande depuis janvier 2025 : santé, handicap, invalidité, ou enfant de "
        "moins de douze ans que vous élevez sans autre parent ni solution de garde."
    ),
)
class cej_dispense_heures(Variable):
    value_type = bool
    entity = Individu
    definition_period = DateUnit.MONTH
    set_input = set_input_dispatch_by_period
    label = "Plan d'action sans durée hebdomadaire"
    documentation = (
        "À la demande de la personne : santé, handicap, invalidité, ou parent isolé sans garde "
        "pour un enfant de moins de douze ans. Depuis le 1er janvier 2025."
    )
    reference = L5411_6


@calcul(ligne_heures_minimum)
class cej_heures_minimum(Montant):
    value_type = float
    entity = Individu
    definition_period = DateUnit.MONTH
    unit = "heures/semaine"
    label = "Durée hebdomadaire minimale d'activité"
    documentation = (
        "15 heures : circulaire et formulaires jusqu'au 31 décembre 2024, puis loi (L5411-6, II, "
        "3°), minorations et dispenses comprises."
    )
    reference = HEURES

    def formula_2022_03_01(individu, period, parameters):
        heures = parameters(period).contrat_engagement_jeune.contrat.heures_hebdomadaires
        minimum = numpy.full(individu.count, float(heures.minimum))
        if heures.minoration_possible:
            minorees = donnee(individu, "cej_heures_minorees", period)
            minimum = numpy.where(minorees > 0, numpy.minimum(minimum, minorees), minimum)
        if heures.dispense_possible:
            minimum = numpy.where(donnee(individu, "cej_dispense_heures", period), 0, minimum)
        return minimum


@calcul(ligne_heures_suffisantes)
class cej_heures_suffisantes(Variable):
    value_type = bool
    entity = Individu
    definition_period = DateUnit.MONTH
    label = "Les heures comptées atteignent le minimum"
    documentation = (
        "Information pour le conseiller : des heures insuffisantes ne sont pas par elles-mêmes "
        "un manquement, et aucune autre règle ne lit cette variable."
    )
    reference = HEURES

    def formula_2022_03_01(individu, period):
        heures = donnee(individu, "cej_heures_hebdomadaires", period)
        return heures >= individu("cej_heures_minimum", period)
