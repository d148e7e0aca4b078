"""The contract: signature, length, extensions, waiting period and hours (R5131-16)."""

import functools
from datetime import date

import numpy
from openfisca_core.holders import set_input_dispatch_by_period
from openfisca_core.periods import DateUnit
from openfisca_core.variables import Variable

from openfisca_cej.base import (
    CREATION,
    NON_DONNEE,
    Constat,
    Fait,
    FaitDurable,
    JourDonne,
    MesureDuMois,
    a_la_signature,
    donnee,
    est_fourni,
    evenements_passes,
    jour,
    jours,
    mois_civils,
    mois_fournis,
    personne,
    plus_mois,
    premier_jour,
    premiers_jours,
)
from openfisca_cej.declarations import (
    CONTRAT,
    SIGNATURE,
    calcul,
    changement,
    condition,
    question,
    seuls,
)
from openfisca_cej.entities import Individu
from openfisca_cej.texts import R5131_17_18, R5131_25

R5131_16 = [
    "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045207460",
    "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000049816238",
    "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000050929404",
]
L5411_6 = "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000048590568"
#: Until 2024-12-31 the code says what the support is made of (R5131-16, I), not for how long.
HEURES = [L5411_6, *R5131_16, "https://travail-emploi.gouv.fr/le-contrat-dengagement-jeune-cej"]


#: Inputs that, beside the signature, say when the contract ends.
FIXENT_LA_FIN = (
    "cej_date_fin_prevue",
    "cej_date_fin",
    "cej_mois_prolongation",
    "cej_parcours_date_fin",
)

#: Last day whose contracts are tabled: dates are read up to 2100.
DERNIERE_SIGNATURE = jour("2100-12-31")
SIGNATURES = numpy.arange(CREATION, DERNIERE_SIGNATURE + 1)


@condition("Contrat en cours", CONTRAT, 1, temps=True)
class cej_en_cours(Constat):
    label = "Un contrat d'engagement jeune court ce mois-ci"
    documentation = (
        "Le mois de la signature et celui de la fin comptent entiers (R5131-25, I). Sans date de "
        "signature : un contrat signé ce mois-ci par un jeune qui peut le signer."
    )
    reference = [*R5131_16, *R5131_25]

    def formula_2022_03_01(individu, period, parameters):
        contrat = parameters(period).contrat_engagement_jeune.contrat
        signature = jours(individu, "cej_date_signature", period)
        court = (signature >= CREATION) & (signature < premier_jour(period, 1))
        court &= se_poursuit(individu, period, contrat)
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


def se_poursuit(individu, period, contrat):
    """Whose contract had not ended before the month."""
    if any(est_fourni(individu, date_ou_mois, period) for date_ou_mois in FIXENT_LA_FIN):
        return jours(individu, "cej_date_fin_legale", period) >= premier_jour(period)
    # Only the signature is known: months from date to date, without computing each date.
    signature = jours(individu, "cej_date_signature", period)
    return signature > premier_jour(period, -contrat.duree_maximale)


@question(
    "À quelle date avez-vous signé votre contrat d'engagement jeune ?",
    aide=(
        "Elle figure près des signatures ; sans réponse, le calcul suppose une signature dans le "
        "mois demandé."
    ),
    rang=3,
    bref="la date de signature du contrat",
)
class cej_date_signature(JourDonne):
    label = "Date de signature du contrat d'engagement jeune en cours"
    documentation = (
        "1970-01-01 : non donnée ; la question posée est alors « et si je signais ce mois-ci ? »."
    )
    reference = R5131_16


@question(
    "Quelle date de fin votre contrat d'engagement jeune prévoit-il ?",
    aide=(
        "Celle qui y est écrite, avant toute prolongation ; sans réponse, le calcul suppose douze "
        "mois de date à date."
    ),
    rang=23,
    a_cocher="Un contrat prévu pour moins de douze mois",
    bref="la fin prévue du contrat",
)
class cej_date_fin_prevue(JourDonne):
    label = "Date de fin écrite au contrat d'engagement jeune"
    documentation = (
        "1970-01-01 : non donnée ; le contrat dure alors douze mois de date à date. Au-delà de "
        "douze mois, elle est ramenée à ce maximum ; les prolongations s'y ajoutent."
    )
    reference = R5131_16


@question(
    "Si votre contrat d'engagement jeune est terminé, à quelle date a-t-il pris fin ?",
    aide="La date réelle ; à laisser sans réponse s'il court encore.",
    rang=22,
    a_cocher="Un contrat déjà terminé",
    bref="la fin réelle du contrat",
)
class cej_date_fin(JourDonne):
    label = "Date à laquelle le contrat d'engagement jeune a réellement pris fin"
    documentation = (
        "1970-01-01 : non donnée ; la fin est alors celle que donnent la fin prévue, les "
        "prolongations et le parcours. Donnée, elle s'impose, sans dépasser le terme légal ; "
        "au-delà des douze premiers mois, elle montre que le contrat a été prolongé."
    )
    reference = R5131_16


@question(
    "De combien de mois votre contrat a-t-il été prolongé au-delà de la fin prévue ?",
    aide=(
        "Prolongation exceptionnelle décidée par votre conseiller ou conseillère, six mois au "
        "plus ; zéro s'il n'y en a pas eu."
    ),
    bref="la prolongation du contrat",
)
class cej_mois_prolongation(Variable):
    value_type = int
    entity = Individu
    definition_period = DateUnit.ETERNITY
    unit = "mois"
    label = "Mois de prolongation exceptionnelle du contrat"
    documentation = (
        "Décidée par le conseiller au terme du contrat ; s'ajoute à la fin prévue, 18 mois au "
        "plus au total depuis la signature."
    )
    reference = R5131_16


@question(
    (
        "À quelle date prend fin le parcours ou le contrat d'insertion ou de formation qui "
        "prolonge votre contrat d'engagement jeune ?"
    ),
    aide="Votre contrat d'engagement jeune court alors jusqu'à la fin du deuxième mois qui suit.",
    bref="la fin du parcours qui prolonge le contrat",
)
@seuls("n'a de fin de parcours", "contrat_engagement_jeune.contrat.mois_apres_parcours")
class cej_parcours_date_fin(JourDonne):
    label = "Date de fin du parcours ou du contrat de la liste de l'arrêté du 9 mars 2022"
    documentation = (
        "Le contrat est prolongé, sans être borné à 18 mois, jusqu'au dernier jour du deuxième "
        "mois qui suit, si le jeune y est entré entre la signature et le terme."
    )
    reference = R5131_16


class cej_date_fin_legale(Variable):
    value_type = date
    default_value = date(1970, 1, 1)
    entity = Individu
    definition_period = DateUnit.MONTH
    unit = "date"
    label = "Dernier jour du contrat, prolongations comprises"
    documentation = (
        "La plus tardive de la fin prévue avec ses prolongations (à défaut, douze mois de date à "
        "date) et de celle d'un parcours de la liste ; la fin réelle, quand elle est donnée et "
        "antérieure. Le mois où elle tombe est dû en entier. 1970-01-01 sans signature."
    )
    reference = R5131_16

    def formula_2022_03_01(individu, period, parameters):
        contrat = parameters(period).contrat_engagement_jeune.contrat
        fin = fin_sans_parcours(individu, period, contrat)
        if est_fourni(individu, "cej_parcours_date_fin", period):
            apres = fin_apres_parcours(individu, period, contrat)
            a_temps = entre_a_temps(individu, period, fin)
            fin = numpy.where(a_temps, numpy.maximum(fin, apres), fin)
        reelle = jours(individu, "cej_date_fin", period)
        fin = numpy.where(reelle == NON_DONNEE, fin, numpy.minimum(fin, reelle))
        signe = jours(individu, "cej_date_signature", period) != NON_DONNEE
        return (fin * signe).view("datetime64[D]")


def fin_sans_parcours(individu, period, contrat):
    """Last day of the contract, planned or of twelve months, exceptional extension included."""
    signature = jours(individu, "cej_date_signature", period)
    premier_terme = terme(signature, 0, contrat)
    maximum = max(contrat.duree_totale_maximale - contrat.duree_maximale, 0)
    dernier_terme = terme(signature, maximum, contrat)
    mois = numpy.maximum(donnee(individu, "cej_mois_prolongation", period), 0)
    fin = terme(signature, numpy.minimum(mois, maximum), contrat)
    prevue = jours(individu, "cej_date_fin_prevue", period)
    # A planned end past the first length is brought back to it, which is what stands already.
    ecrite = (prevue != NON_DONNEE) & (prevue < premier_terme)
    if ecrite.any():
        mois = numpy.minimum(mois[ecrite], contrat.duree_totale_maximale)
        prolongee = plus_mois(prevue[ecrite] + 1, mois) - 1
        fin[ecrite] = numpy.minimum(prolongee, dernier_terme[ecrite])
    # A real end past the first length shows that there was an extension: the longest, then.
    prolonge = jours(individu, "cej_date_fin", period) > premier_terme
    return numpy.where(prolonge, dernier_terme, fin)


def terme(signature, prolongation, contrat):
    """Last day of a contract from date to date: twelve months and those of the extension."""
    premier, dernier = contrat.duree_maximale, contrat.duree_totale_maximale
    table = termes(premier, max(premier, dernier))
    return table[prolongation, numpy.clip(signature, CREATION, DERNIERE_SIGNATURE) - CREATION]


@functools.cache
def termes(premier, dernier):
    """Last days of contracts of ``premier`` to ``dernier`` months, signed on each possible day.

    A table, since computing dates for a million persons costs more than all the other rules.
    """
    return numpy.stack([plus_mois(SIGNATURES, mois) - 1 for mois in range(premier, dernier + 1)])


def entre_a_temps(individu, period, fin_sans):
    """Who entered the path between the signature and ``fin_sans``, the end without it."""
    signature = jours(individu, "cej_date_signature", period)
    debut = jours(individu, "cej_parcours_date_debut", period)
    # With no day of entry it is presumed in time; what had ended before the signature is no path.
    a_temps = (debut == NON_DONNEE) | ((debut >= signature) & (debut <= fin_sans))
    fin = jours(individu, "cej_parcours_date_fin", period)
    return (signature != NON_DONNEE) & (fin >= signature) & a_temps


def fin_apres_parcours(individu, period, contrat):
    """Last day of the second month after the end of the path; early 1970 where there is none."""
    mois = mois_civils(jours(individu, "cej_parcours_date_fin", period))
    return premiers_jours(mois, contrat.mois_apres_parcours + 1) - 1


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
class cej_parcours_date_debut(JourDonne):
    label = "Date d'entrée dans un parcours ou un contrat de la liste de l'arrêté du 9 mars 2022"
    documentation = (
        "1970-01-01 : non donnée ; l'entrée est alors présumée antérieure au terme du contrat."
    )
    reference = R5131_16


class cej_prolonge_par_parcours(Constat):
    label = "Le contrat est prolongé par un parcours de la liste"
    documentation = (
        "Jusqu'au dernier jour du deuxième mois qui suit la fin du parcours, si le jeune y est "
        "entré avant le terme du contrat."
    )
    reference = R5131_16

    def formula_2022_03_01(individu, period, parameters):
        contrat = parameters(period).contrat_engagement_jeune.contrat
        # Without a path, the end after it is in 1970: before any month of the law.
        court = fin_apres_parcours(individu, period, contrat) >= premier_jour(period)
        fin = fin_sans_parcours(individu, period, contrat)
        return court & entre_a_temps(individu, period, fin)


class cej_rupture(Constat):
    label = "Le contrat a été rompu avant ce mois"
    documentation = (
        "Le troisième manquement, ou la fausse déclaration, notifié dans un mois antérieur du "
        "contrat y met fin : plus rien n'est dû à partir du mois suivant. Barème de 2022. Ne "
        "compte pas s'il relève d'un contrat antérieur."
    )
    # Repealed on 2025-06-01; a contract broken before has no other end than its own (R5131-16).
    reference = [*R5131_17_18, *R5131_16]

    def formula_2022_03_01(individu, period, parameters):
        ruptures = ruptures_notifiees(individu, period, parameters)
        return ruptures.du_contrat(period, parameters) if ruptures else personne(individu)


def ruptures_notifiees(individu, period, parameters):
    """Who was notified, in the months before, of the failing that breaks the contract; or None."""
    manquements = []
    for mois in mois_fournis(individu, "cej_rang_manquement"):
        if premier_jour(period) > premier_jour(mois) >= CREATION:
            bareme = parameters(mois).contrat_engagement_jeune.sanctions.bareme_2022
            if bareme.en_vigueur:
                rangs = individu("cej_rang_manquement", mois)
                manquements.append((mois, rangs, bareme.rang_rupture))
    if not manquements:
        return None
    return evenements_passes(individu, period, "cej_rang_manquement", manquements)


@condition("Délai depuis le contrat précédent", SIGNATURE, 4, temps=True)
class cej_condition_carence(Constat):
    label = "Condition de délai depuis le contrat précédent"
    documentation = (
        "Six mois après l'expiration du contrat précédent, de quantième à quantième : la "
        "condition est remplie dès le mois où le délai s'achève, sauf circonstances particulières "
        "qui en dispensent."
    )
    reference = R5131_16

    def formula_2022_03_01(individu, period, parameters):
        delai = parameters(period).contrat_engagement_jeune.contrat.delai_carence
        expiration = jours(individu, "cej_date_fin_precedent", period)
        # Not given, the end is 1970-01-01: long before.
        delai_echu = expiration < premier_jour(period, 1 - delai)
        exception = donnee(individu, "cej_circonstances_particulieres", period)
        exception = exception & donnee(individu, "cej_engagements_respectes", period)
        ruptures = ruptures_notifiees(individu, period, parameters)
        if ruptures:
            exception = exception & ~ruptures.tous
        return delai_echu | exception


@question(
    "À quelle date votre contrat d'engagement jeune précédent a-t-il pris fin ?",
    aide="À laisser sans réponse si vous n'en avez pas eu d'autre.",
    rang=24,
    a_cocher="Un contrat d'engagement jeune avant celui-ci",
    bref="la fin du contrat précédent",
)
@seuls("n'a eu de contrat avant", "contrat_engagement_jeune.contrat.delai_carence")
class cej_date_fin_precedent(JourDonne):
    label = "Date d'expiration du contrat d'engagement jeune précédent"
    documentation = "1970-01-01 : aucun contrat précédent. Ouvre le délai de carence."
    reference = R5131_16


@question(
    (
        "La mission locale ou France Travail vous a-t-elle reconnu des difficultés particulières "
        "qui permettent un nouveau contrat avant six mois ?"
    ),
    aide="Difficultés présentes ou passées, que l'organisme apprécie.",
)
class cej_circonstances_particulieres(FaitDurable):
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
class cej_engagements_respectes(FaitDurable):
    default_value = True
    label = "Les engagements du premier contrat ont été respectés"
    documentation = "Condition de l'exception au délai de carence."
    reference = R5131_16


class cej_heures_minimum(MesureDuMois):
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


@question(
    "À combien d'heures par semaine votre contrat abaissait-il la durée minimale en {mois} ?",
    aide=(
        "Possible depuis janvier 2025 pour des raisons individuelles ; zéro si la durée n'est pas "
        "abaissée."
    ),
)
class cej_heures_minorees(MesureDuMois):
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
class cej_dispense_heures(Fait):
    label = "Plan d'action sans durée hebdomadaire"
    documentation = (
        "À la demande de la personne : santé, handicap, invalidité, ou parent isolé sans garde "
        "pour un enfant de moins de douze ans. Depuis le 1er janvier 2025."
    )
    reference = L5411_6


class cej_heures_suffisantes(Constat):
    label = "Les heures comptées atteignent le minimum"
    documentation = (
        "Information pour le conseiller : des heures insuffisantes ne sont pas par elles-mêmes "
        "un manquement, et aucune autre règle ne lit cette variable."
    )
    reference = HEURES

    def formula_2022_03_01(individu, period):
        heures = donnee(individu, "cej_heures_hebdomadaires", period)
        return heures >= individu("cej_heures_minimum", period)


@question(
    (
        "Combien d'heures par semaine, en moyenne, avez-vous consacrées aux activités de votre "
        "contrat en {mois} ?"
    ),
    aide="Rendez-vous, ateliers, démarches, immersions et travail prévus par le plan d'action.",
)
class cej_heures_hebdomadaires(MesureDuMois):
    set_input = set_input_dispatch_by_period
    unit = "heures/semaine"
    label = "Heures d'activité par semaine comptées dans l'application du contrat"
    documentation = "Moyenne du mois."
    reference = HEURES


# Comment chaque valeur se dit.


@calcul(cej_condition_carence)
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


@calcul(cej_rupture)
def ligne_rupture(cas):
    """Whether a failing ended the contract."""
    if cas.resultat:
        return "un manquement notifié avant ce mois a mis fin au contrat"
    return "aucun manquement n'a mis fin au contrat"


@calcul(cej_prolonge_par_parcours)
def ligne_prolonge(cas):
    """The path of the list, if any."""
    if not cas.donnee("cej_parcours_date_fin"):
        return "aucun parcours de la liste"
    mois = cas.droit().contrat_engagement_jeune.contrat.mois_apres_parcours
    debut = ""
    if cas.donnee("cej_parcours_date_debut"):
        debut = f" du {cas.ecrit('cej_parcours_date_debut')}"
    texte = f"parcours{debut} jusqu'au {cas.ecrit('cej_parcours_date_fin')}"
    if not cas.resultat:
        return f"{texte}, qui ne prolonge pas le contrat ce mois-ci"
    return f"{texte}, puis jusqu'à la fin du mois qui vient {mois} mois après"


@calcul(cej_date_fin_legale)
def ligne_fin_legale(cas):
    """What the end follows from: the length or the planned end, what extends, the real end."""
    if not cas.donnee("cej_date_signature"):
        return "aucune signature donnée"
    contrat = cas.droit().contrat_engagement_jeune.contrat
    if cas.donnee("cej_date_fin_prevue"):
        texte = f"fin prévue le {cas.ecrit('cej_date_fin_prevue')}"
    else:
        texte = f"{contrat.duree_maximale} mois de date à date"
    if cas.valeur("cej_mois_prolongation"):
        texte += f", {cas.ecrit('cej_mois_prolongation')} de prolongation"
    if cas.valeur("cej_prolonge_par_parcours"):
        texte += ", parcours de la liste"
    if cas.donnee("cej_date_fin"):
        texte += f", fin réelle le {cas.ecrit('cej_date_fin')}"
    return texte


@calcul(cej_en_cours)
def ligne_en_cours(cas):
    """The dates of the contract, or the hypothesis of a signature in the month."""
    if not cas.donnee("cej_date_signature"):
        peut = "le jeune peut signer" if cas.valeur("cej_eligibilite") else "il ne peut pas signer"
        return f"aucune signature donnée : contrat supposé signé ce mois-ci, {peut}"
    texte = f"signé le {cas.ecrit('cej_date_signature')}"
    if jour(cas.valeur("cej_date_signature")) < CREATION:
        return f"{texte}, avant que le contrat d'engagement jeune existe (1er mars 2022)"
    texte += f", fin le {cas.ecrit('cej_date_fin_legale')}, mois entier"
    if not cas.valeur("cej_sous_limite_age"):
        texte += ", limite d'âge atteinte"
        if cas.resultat:
            texte += " depuis"
    if cas.valeur("cej_rupture"):
        texte += ", rompu"
    return texte


@calcul(cej_heures_minimum)
def ligne_heures_minimum(cas):
    """The minimum, lowered or waived."""
    heures = cas.droit().contrat_engagement_jeune.contrat.heures_hebdomadaires
    minimum = cas.nombre(heures.minimum, 0)
    if heures.dispense_possible and cas.valeur("cej_dispense_heures"):
        return "0", "plan d'action sans durée"
    if heures.minoration_possible and cas.valeur("cej_heures_minorees") > 0:
        return f"min({minimum} ; {cas.ecrit('cej_heures_minorees')})", "durée minorée"
    return minimum


@calcul(cej_heures_suffisantes)
def ligne_heures_suffisantes(cas):
    """Hours counted and minimum."""
    return (
        f"{cas.ecrit('cej_heures_hebdomadaires')} heures pour un minimum de "
        f"{cas.ecrit('cej_heures_minimum')}"
    )


@changement(cej_en_cours, 1)
def change_en_cours(cas, avant):
    """The contract begins or ends; without a signature, whether one could be signed."""
    if not cas.donnee("cej_date_signature"):
        peut = "peut" if cas.resultat else "ne peut plus"
        return f"un contrat {peut} être signé ({cas.ligne('cej_eligibilite')[0]})"
    return "" if cas.resultat else f"fin du contrat : {cas.pourquoi()}"
