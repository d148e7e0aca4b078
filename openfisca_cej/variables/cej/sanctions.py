"""Sanctions of failings: R5131-17 and -18 until 2025-05-31, R5412-1 and following since."""

import numpy
from openfisca_core.indexed_enums import Enum

from openfisca_cej.base import (
    CREATION,
    Choix,
    Constat,
    EntierDuMois,
    MesureDuMois,
    bornes,
    donnee,
    du_contrat,
    mois_fournis,
    personne,
    premier_jour,
)
from openfisca_cej.declarations import VERSEMENT, calcul, changement, condition, question, seuls
from openfisca_cej.texts import R5131_17_18, R5412_5

R5412_1 = "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000051679596"
R5412_3_4 = "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000051679543"
R5412 = [
    R5412_1,
    "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000051679594",
    "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000052568285",
    "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000051679519",
    "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000051679523",
]


@condition("Pas de sanction en cours", VERSEMENT, 6, remplie=0, temps=True)
class cej_fraction_supprimee(MesureDuMois):
    unit = "fraction"
    label = "Fraction de l'allocation suspendue ou supprimée ce mois-ci"
    documentation = (
        "Barème de 2022 : le mois qui suit la notification, si elle relève du contrat en cours. "
        "Barème de 2025 : la plus lourde des décisions qui ont effet dans le mois, même prises "
        "avant la signature (elles frappent le demandeur d'emploi, non le contrat)."
    )
    reference = [*R5131_17_18, *R5412]

    def formula_2022_03_01(individu, period, parameters):
        fraction = fraction_bareme_2022(individu, period, parameters)
        for mois, en_effet in decisions_en_effet(individu, period, parameters):
            taux = individu("cej_sanction_taux_retenu", mois)
            fraction = numpy.maximum(fraction, en_effet * taux)
        return fraction


def fraction_bareme_2022(individu, period, parameters):
    """R5131-18: part withheld in the month after the notification."""
    notifications = [
        mois
        for mois in mois_fournis(individu, "cej_rang_manquement")
        if premier_jour(mois, 1) == premier_jour(period) > CREATION
    ]
    for mois in notifications:
        bareme = parameters(mois).contrat_engagement_jeune.sanctions.bareme_2022
        if bareme.en_vigueur:
            fractions = numpy.array(
                [0, bareme.fraction_premier_manquement, bareme.fraction_deuxieme_manquement, 1.0]
            )
            rang = numpy.clip(individu("cej_rang_manquement", mois), 0, 3)
            # A failing of an earlier contract does not act on this one.
            return fractions.take(rang) * du_contrat(individu, period, parameters, *bornes(mois))
    return numpy.zeros(individu.count)


def mois_de_decision(individu, limite, parameters):
    """Months before ``limite`` for which decisions under the scale of 2025 were supplied."""
    return [
        mois
        for mois in mois_fournis(individu, "cej_sanction_motif")
        if CREATION <= premier_jour(mois) < limite
        and parameters(mois).contrat_engagement_jeune.sanctions.bareme_2025.en_vigueur
    ]


def decisions_en_effet(individu, period, parameters):
    """Months of decision (that of ``period`` included) and who is still under each in the month."""
    for mois in mois_de_decision(individu, premier_jour(period, 1), parameters):
        ecoules = 12 * (period.start.year - mois.start.year) + period.start.month - mois.start.month
        durees = individu("cej_sanction_duree_retenue", mois)
        if durees.max(initial=0) > ecoules:
            yield mois, (durees > ecoules) & ~suspension_levee(individu, mois, period)


def suspension_levee(individu, mois, period):
    """R5412-1: whose suspension, decided in ``mois``, was lifted later, by ``period`` at most."""
    motif = donnee(individu, "cej_sanction_motif", mois)
    levee = personne(individu)
    for candidat in mois_fournis(individu, "cej_sanction_levee"):
        if premier_jour(mois) < premier_jour(candidat) <= premier_jour(period):
            levee |= donnee(individu, "cej_sanction_levee", candidat)
    return levee & (motif == motif.possible_values.manquement)


@question(
    (
        "Le manquement dont la décision vous a été notifiée en {mois} était-il le premier, le "
        "deuxième ou le troisième ?"
    ),
    aide=(
        "Jusqu'en mai 2025 : répondre 1, 2 ou 3 d'après la lettre de décision, 3 aussi pour une "
        "fausse déclaration, 0 si vous n'en avez pas reçu."
    ),
    rang=15,
    jamais="Zéro vaut aussi pour les mois d'avant.",
    mois="mois_manquement",
    ponctuel=True,
    a_cocher="Un manquement notifié",
)
@seuls(
    "n'a de manquement donné par son rang pendant que la disposition s'applique",
    "contrat_engagement_jeune.sanctions.bareme_2022",
)
class cej_rang_manquement(EntierDuMois):
    unit = "rang"
    label = "Rang du manquement dont la décision est notifiée ce mois-ci (barème de 2022)"
    documentation = (
        "0 : aucun ; 1, 2, 3 : premier, deuxième, troisième manquement ; 3 aussi pour la rupture "
        "après une fausse déclaration. L'effet est au premier jour du mois suivant. Sans effet si "
        "la décision est notifiée après le 31 mai 2025."
    )
    reference = R5131_17_18


class MotifSanction(Enum):
    __order__ = "aucun manquement refus_contrat refus_offres fraude activite_non_declaree"
    aucun = "Aucune décision"
    manquement = "Assiduité, participation, actes positifs (R5412-1)"
    refus_contrat = "Refus d'élaborer ou d'actualiser le contrat (R5412-2)"
    refus_offres = "Deux refus d'une offre raisonnable d'emploi (R5412-3)"
    fraude = "Fraude ou fausse déclaration (R5412-3-1)"
    activite_non_declaree = "Activité non déclarée d'une durée très brève (R5412-3-2)"


@question(
    "Pour quel motif une sanction a-t-elle pris effet en {mois} ?",
    aide="Il est écrit dans la lettre de décision ; depuis juin 2025.",
    rang=14,
    jamais="« Aucune sanction » vaut aussi pour les mois d'avant.",
    mois="mois_sanction",
    ponctuel=True,
    a_cocher="Une sanction",
    bref="le motif d'une sanction",
)
@seuls(
    "n'a de sanction donnée par son motif pendant que la disposition s'applique",
    "contrat_engagement_jeune.sanctions.bareme_2025",
)
class cej_sanction_motif(Choix):
    possible_values = MotifSanction
    default_value = MotifSanction.aucun
    label = "Motif de la décision de sanction qui prend effet ce mois-ci"
    documentation = (
        "Depuis le 1er juin 2025. Le refus du contrat ne touche que le revenu de remplacement, "
        "non l'allocation du CEJ."
    )
    reference = R5412


@question(
    "Votre suspension était-elle levée en {mois}, avant son terme ?",
    aide=(
        "Elle l'est quand vous remplissez de nouveau vos obligations avant son terme ; une "
        "suppression, elle, n'est pas levée."
    ),
    ponctuel=True,
    avec="cej_sanction_motif",
)
class cej_sanction_levee(Constat):
    label = "La suspension est levée à partir de ce mois"
    documentation = (
        "Le jeune s'est conformé à ses obligations avant le terme de la suspension (R5412-1) ; "
        "rien ne dit que les mois suspendus soient versés ensuite. Agit sur les décisions des mois "
        "antérieurs, non sur celle du mois même. À ne pas donner pour une suppression."
    )
    reference = R5412_1


class cej_sanction_taux_retenu(MesureDuMois):
    unit = "fraction"
    label = "Fraction retenue de la décision qui prend effet ce mois-ci"
    documentation = "Jamais sous le minimum légal du motif ; nulle si le motif n'en prévoit pas."
    reference = R5412

    def formula_2025_06_01(individu, period, parameters):
        taux_min = bareme_du_motif(individu, period, parameters, "taux_min")
        taux = numpy.round(donnee(individu, "cej_sanction_taux", period), 3)
        return numpy.where(taux_min > 0, numpy.clip(taux, taux_min, 1), 0)


def bareme_du_motif(individu, period, parameters, grandeur):
    """Legal rate or length of the motif and rank of the decision; zero where none is provided."""
    bareme = parameters(period).contrat_engagement_jeune.sanctions.bareme_2025
    motif = donnee(individu, "cej_sanction_motif", period)
    table = numpy.array(
        [
            [
                bareme[nom][rang][grandeur] if nom in bareme else 0
                for rang in ("premier", "reiteration")
            ]
            for nom in (membre.name for membre in motif.possible_values)
        ]
    )
    reitere = individu("cej_sanction_rang_retenu", period) >= 2
    return table[numpy.asarray(motif), reitere.astype(int)]


@question(
    "Quelle part de l'allocation la sanction qui a pris effet en {mois} retire-t-elle ?",
    aide=("D'après la lettre de décision : 30 %, ou 0,3 ; 0 pour appliquer le minimum légal."),
    ponctuel=True,
    avec="cej_sanction_motif",
    bref="la part que retire la sanction",
)
class cej_sanction_taux(MesureDuMois):
    unit = "fraction"
    label = "Fraction de l'allocation suspendue ou supprimée par la décision"
    documentation = "Lue au millième. 0 : non donnée, le minimum légal du motif s'applique."
    reference = R5412


class cej_sanction_duree_retenue(EntierDuMois):
    unit = "mois"
    label = "Durée retenue de la décision qui prend effet ce mois-ci"
    documentation = "Entre le minimum et le maximum légaux du motif et du rang."
    reference = R5412

    def formula_2025_06_01(individu, period, parameters):
        duree_min = bareme_du_motif(individu, period, parameters, "duree_min")
        duree_max = bareme_du_motif(individu, period, parameters, "duree_max")
        return numpy.clip(donnee(individu, "cej_sanction_duree", period), duree_min, duree_max)


@question(
    "Combien de mois dure la sanction qui a pris effet en {mois} ?",
    aide="D'après la lettre de décision ; 0 pour appliquer la durée minimale légale.",
    ponctuel=True,
    avec="cej_sanction_motif",
)
class cej_sanction_duree(EntierDuMois):
    unit = "mois"
    label = "Durée de la mesure fixée par la décision qui prend effet ce mois-ci"
    documentation = "0 : non donnée, le minimum légal du motif s'applique."
    reference = R5412


class cej_sanction_rang_retenu(EntierDuMois):
    unit = "rang"
    label = "Rang retenu de la décision qui prend effet ce mois-ci"
    documentation = (
        "Un manquement est réitéré dans les 24 mois de la première décision de même motif ; passé "
        "ce délai, une nouvelle décision est de nouveau la première. Seuls comptent les "
        "manquements postérieurs au 31 mai 2025 (décret 2025-478, article 12, III)."
    )
    reference = R5412_3_4

    def formula_2025_06_01(individu, period, parameters):
        donne = donnee(individu, "cej_sanction_rang", period)
        motif = donnee(individu, "cej_sanction_motif", period)
        premiere = premiere_decision(individu, period, parameters, motif)
        delai = parameters(period).contrat_engagement_jeune.sanctions.bareme_2025.delai_reiteration
        reitere = premiere >= premier_jour(period, -delai)
        deduit = numpy.where(reitere & (motif != motif.possible_values.aucun), 2, 1)
        return numpy.where(donne >= 1, donne, deduit)


def premiere_decision(individu, period, parameters, motif):
    """First day (number) of the month of the decision from which repetition is counted; else 0.

    Of those only who have a decision in ``period``.

    The first of the motif; past the time limit, or where a rank of 1 was given, a new first.
    """
    delai = parameters(period).contrat_engagement_jeune.sanctions.bareme_2025.delai_reiteration
    qui = numpy.flatnonzero(motif != motif.possible_values.aucun)
    leur_motif = numpy.asarray(motif)[qui]
    leur_premiere = numpy.zeros(len(qui), dtype="int64")
    for mois in mois_de_decision(individu, premier_jour(period), parameters):
        de_nouveau = leur_premiere < premier_jour(mois, -delai)
        de_nouveau |= donnee(individu, "cej_sanction_rang", mois)[qui] == 1
        de_nouveau &= numpy.asarray(donnee(individu, "cej_sanction_motif", mois))[qui] == leur_motif
        leur_premiere[de_nouveau] = premier_jour(mois)
    premiere = numpy.zeros(individu.count, dtype="int64")
    premiere[qui] = leur_premiere
    return premiere


@question(
    (
        "La sanction qui a pris effet en {mois} suivait-elle un premier manquement, ou un "
        "manquement répété ?"
    ),
    aide=(
        "Répondre 1 pour un premier, 2 pour un manquement qui a duré ou s'est répété, 0 pour "
        "laisser le calcul regarder les 24 mois précédents."
    ),
    ponctuel=True,
    avec="cej_sanction_motif",
)
class cej_sanction_rang(EntierDuMois):
    unit = "rang"
    label = "Rang du manquement sanctionné par la décision qui prend effet ce mois-ci"
    documentation = (
        "1 : premier ; 2 ou plus : persistance ou réitération ; 0 : non donné, déduit des "
        "décisions de même motif et des 24 mois qui suivent la première. Une nouvelle orientation "
        "remet le rang à 1 : les 24 mois se comptent alors de cette décision."
    )
    reference = R5412_3_4


class cej_radiation(Constat):
    label = "Radié de la liste des demandeurs d'emploi par une sanction"
    documentation = (
        "Refus d'offres, fraude, activité non déclarée réitérée, ou manquement puni d'une "
        "suppression totale de quatre mois : empêche une nouvelle inscription (R5412-5)."
    )
    reference = [*R5412, R5412_5]

    def formula_2025_06_01(individu, period, parameters):
        sanctions = parameters(period).contrat_engagement_jeune.sanctions
        radie = personne(individu)
        for mois, en_effet in decisions_en_effet(individu, period, parameters):
            motif = donnee(individu, "cej_sanction_motif", mois)
            motifs = motif.possible_values
            totale = individu("cej_sanction_taux_retenu", mois) == 1
            longue = (
                individu("cej_sanction_duree_retenue", mois)
                == sanctions.bareme_2025.duree_radiation_manquement
            )
            radie |= en_effet & (
                (motif == motifs.refus_offres)
                | (motif == motifs.fraude)
                | (
                    (motif == motifs.activite_non_declaree)
                    & (individu("cej_sanction_rang_retenu", mois) >= 2)
                )
                | ((motif == motifs.manquement) & totale & longue)
            )
        return radie


# Comment chaque valeur se dit.


@calcul(cej_sanction_rang_retenu)
def ligne_rang(cas):
    """The rank given, or 2 where the motif was already sanctioned within the period."""
    if cas.valeur("cej_sanction_rang") >= 1:
        return cas.ecrit("cej_sanction_rang"), "donné"
    return cas.nombre(cas.resultat, 0), "réitération" if cas.resultat > 1 else "premier"


def ligne_borne(grandeur, donnee_lue, plafond):
    """What was decided, within the limits of the law for the motif and the rank."""

    def ligne(cas):
        motif = cas.valeur("cej_sanction_motif")
        bareme = cas.droit().contrat_engagement_jeune.sanctions.bareme_2025
        if motif not in bareme:
            return "0", "aucune mesure prévue sur l'allocation"
        rang = "reiteration" if cas.valeur("cej_sanction_rang_retenu") >= 2 else "premier"
        decimales = 3 if grandeur == "taux" else 0
        minimum = bareme[motif][rang][f"{grandeur}_min"]
        maximum = plafond or bareme[motif][rang][f"{grandeur}_max"]
        donne = round(float(cas.valeur(donnee_lue)), 3)
        bornes = (cas.nombre(valeur, decimales) for valeur in (donne, minimum, maximum))
        return "min(max({} ; {}) ; {})".format(*bornes)

    return ligne


calcul(cej_sanction_taux_retenu)(ligne_borne("taux", "cej_sanction_taux", 1))
calcul(cej_sanction_duree_retenue)(ligne_borne("duree", "cej_sanction_duree", None))


@calcul(cej_fraction_supprimee)
def ligne_fraction(cas):
    """The heaviest of the decisions that act in the month, each told."""
    if not cas.resultat:
        return "0", "aucune sanction n'agit ce mois-ci"
    decisions = [*decisions_2022(cas), *decisions_2025(cas)]
    return cas.nombre(cas.resultat, 3), " ; ".join(decisions)


def decisions_2022(cas):
    """The failing notified in the month before, under the scale of 2022."""
    rangs = {1: "premier", 2: "deuxième"}
    for mois in cas.mois_donnes("cej_rang_manquement"):
        rang = cas.valeur("cej_rang_manquement", mois)
        if rang and premier_jour(mois, 1) == premier_jour(cas.periode):
            nom = rangs.get(rang, "troisième")
            yield f"{nom} manquement, notifié en {cas.mois(mois)} (R5131-18)"


def decisions_2025(cas):
    """The decisions under the scale of 2025 that still act in the month."""
    for mois in cas.mois_donnes("cej_sanction_motif"):
        duree = cas.valeur("cej_sanction_duree_retenue", mois)
        taux = cas.valeur("cej_sanction_taux_retenu", mois)
        if taux and premier_jour(mois) <= premier_jour(cas.periode) < premier_jour(mois, duree):
            motif = cas.ecrit("cej_sanction_motif", mois)
            part = cas.nombre(taux * 100, 1)
            yield f"{motif}, décision de {cas.mois(mois)} : {part} % pendant {duree} mois"


@calcul(cej_radiation)
def ligne_radiation(cas):
    """Whether a decision strikes the person off the list."""
    return "une sanction en cours emporte radiation" if cas.resultat else "aucune radiation"


@changement(cej_fraction_supprimee, 13)
def change_sanction(cas, avant):
    """A sanction begins, changes or ends."""
    if not cas.resultat:
        return "fin de la sanction"
    return f"sanction : {cas.nombre(cas.resultat * 100, 1)} % de l'allocation retenus"
