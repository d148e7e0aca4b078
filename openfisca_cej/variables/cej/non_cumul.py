"""Resources that exclude or suspend the allowance (R5131-24)."""

import numpy

from openfisca_cej.base import (
    NON_DONNEE,
    Constat,
    Fait,
    Ressource,
    a_signe,
    donnee,
    entree_garantie_jeunes,
    est_fourni,
    evenements_passes,
    jours,
    mois_anterieurs,
    mois_apres,
    mois_civils,
    personne,
    positif,
    premier_jour,
    premiers_jours,
    variables_de,
)
from openfisca_cej.declarations import (
    INSERTION,
    SERVICE,
    VERSEMENT,
    calcul,
    changement,
    condition,
    debut_ou_fin,
    question,
)
from openfisca_cej.texts import R5131_24


@condition("Pas de RSA qui exclut l'allocation", VERSEMENT, 2, remplie=False)
class cej_non_cumul_rsa(Constat):
    label = "Le revenu de solidarité active exclut l'allocation"
    documentation = (
        "Dû à la famille dans le mois : le demandeur et son conjoint n'ont pas l'allocation, les "
        "personnes à charge la gardent (R5131-24, I)."
    )
    reference = R5131_24

    def formula_2022_03_01(individu, period):
        return percue_sans_etre_a_charge(individu, "rsa", period)


def percue_sans_etre_a_charge(individu, prestation, period):
    """Whose family receives the benefit in the month, dependants left out."""
    if not est_fourni(individu.famille, prestation, period):
        return personne(individu)
    percue = positif(individu.famille(prestation, period))
    return percue & ~individu("cej_personne_a_charge", period)


@question(
    "Étiez-vous à la charge de votre famille pour le RSA ou la prime d'activité en {mois} ?",
    aide=(
        "C'est le cas si l'attestation de la CAF ou de la MSA vous compte parmi les enfants ou "
        "les personnes à charge."
    ),
    bref="votre place dans la famille (à charge ou non)",
)
class cej_personne_a_charge(Fait):
    label = "Personne à charge dans la famille"
    documentation = (
        "Au sens de R262-3 du code de l'action sociale et de R842-3 du code de la sécurité "
        "sociale : le jeune compté comme enfant dans la famille qui perçoit le RSA ou la prime."
    )
    reference = R5131_24

    def formula_2022_03_01(individu, period):
        familles = individu.simulation.get_population("familles")
        return individu.has_role(familles.get_role("enfant"))


@condition("Pas de prime d'activité qui exclut l'allocation", VERSEMENT, 3, remplie=False)
class cej_non_cumul_ppa(Constat):
    label = "La prime d'activité exclut l'allocation"
    documentation = (
        "Le versement prend fin à l'ouverture du droit : les mois suivants du même contrat ne "
        "sont plus dus non plus (R5131-24, II)."
    )
    reference = R5131_24

    def formula_2022_03_01(individu, period, parameters):
        exclu = individu("cej_droit_ppa", period)
        non_cumul = parameters(period).contrat_engagement_jeune.non_cumul
        if not non_cumul.prime_activite_met_fin:
            return exclu
        signature = jours(individu, "cej_date_signature", period)
        # With no signature the first month is this one: what came before opened no right in it.
        signe = signature != NON_DONNEE

        def premiere_signature():  # pragma: no cover (on OpenFisca-France: tests/france)
            en_cours = signe & individu("cej_en_cours", period)
            return signature.min(initial=premier_jour(period), where=en_cours)

        droits = [
            (mois, individu("cej_droit_ppa", mois), True)
            for mois in mois_anterieurs(individu.famille, "ppa", period, premiere_signature)
        ]
        if not droits:
            return exclu
        return exclu | evenements_passes(individu, period, "cej_droit_ppa", droits).signes


class cej_droit_ppa(Constat):
    label = "Un droit à la prime d'activité, non cumulable, est ouvert ce mois-ci"
    documentation = (
        "Ni pour les personnes à charge, ni quand la prime est due pour une activité antérieure "
        "au premier mois de l'allocation (R5131-24, II)."
    )
    reference = R5131_24

    def formula_2022_03_01(individu, period):
        percue = percue_sans_etre_a_charge(individu, "ppa", period)
        return percue & ~individu("ppa_activite_anterieure", period)


@question(
    (
        "La prime d'activité reçue pour {mois} était-elle due pour un travail d'avant le premier "
        "mois de l'allocation ?"
    ),
    aide="Elle se cumule alors avec l'allocation.",
)
class ppa_activite_anterieure(Fait):
    label = "La prime d'activité du mois est due pour une activité antérieure à l'allocation"
    documentation = (
        "Ouverte pour une activité antérieure au premier mois de l'allocation, la prime reste "
        "cumulable (R5131-24, II). Non donnée : présumée due pour une telle activité si elle "
        "courait déjà le mois qui précède ce premier mois, tant qu'elle court sans interruption et "
        "pour trois mois au plus. Le premier mois est celui de la signature, à défaut le mois "
        "demandé ; celui de l'entrée pour la garantie jeunes."
    )
    reference = R5131_24

    def formula_2022_03_01(individu, period, parameters):
        presumee = personne(individu)
        if not est_fourni(individu.famille, "ppa", period):
            return presumee
        droit = parameters(period).contrat_engagement_jeune
        debut = premier_mois_allocation(individu, period)
        courait = positif(individu.famille("ppa", period))
        for recul in range(droit.non_cumul.mois_prime_activite_anterieure):
            avant = mois_apres(period, -recul - 1)
            courait = courait & positif(donnee(individu.famille, "ppa", avant))
            presumee |= courait & (debut == premier_jour(period, -recul))
        return presumee


def premier_mois_allocation(individu, period):
    """First day (number) of the month in which the allowance, or the Garantie jeunes, began."""
    signature = jours(individu, "cej_date_signature", period)
    signe = a_signe(individu, period)
    garantie_jeunes = individu("cej_garantie_jeunes_en_cours", period)
    entree = entree_garantie_jeunes(individu, period)
    sans_contrat = numpy.where(garantie_jeunes, entree, premier_jour(period))
    return premiers_jours(mois_civils(numpy.where(signe, signature, sans_contrat)))


@condition("Pas de ressource qui suspend l'allocation", VERSEMENT, 4, remplie=False)
class cej_suspension(Constat):
    label = "Une ressource du mois suspend l'allocation"
    documentation = "Armées, service civique, EPIDE, insertion et contrats aidés (R5131-24, III)."
    reference = R5131_24

    def formula_2022_03_01(individu, period, parameters):
        non_cumul = parameters(period).contrat_engagement_jeune.non_cumul
        mois = mois_apres(period, -non_cumul.recul_ressources_suspensives)
        suspendu = personne(individu)
        for ressource in variables_de(non_cumul.ressources_suspensives):
            if est_fourni(individu, ressource, mois):
                suspendu |= positif(individu(ressource, mois))
        return suspendu


@question(
    "Quelle rémunération de volontariat dans les armées avez-vous reçue en {mois} ?",
    aide="Le bulletin de solde ; elle suspend l'allocation.",
    bref="volontariat dans les armées",
    mots="solde, armée, militaire, VDA, volontaire",
    theme=SERVICE,
)
class solde_volontariat_armees(Ressource):
    label = "Rémunération du volontariat dans les armées"
    documentation = "Suspend l'allocation (R5131-24, III, 1°)."
    reference = R5131_24


@question(
    "Quelle rémunération de service militaire volontaire (SMV) avez-vous reçue en {mois} ?",
    aide="Le bulletin de solde ; elle suspend l'allocation.",
    bref="service militaire volontaire",
    mots="SMV, armée, volontaire",
    theme=SERVICE,
)
class remuneration_service_militaire_volontaire(Ressource):
    label = "Rémunération du service militaire volontaire"
    documentation = "Suspend l'allocation (R5131-24, III, 2°)."
    reference = R5131_24


@question(
    "Quelle rémunération de service militaire adapté (SMA) avez-vous reçue en {mois} ?",
    aide=(
        "Le service militaire adapté est celui des outre-mer ; sa rémunération suspend "
        "l'allocation."
    ),
    bref="service militaire adapté",
    mots="SMA, RSMA, armée, outre-mer",
    theme=SERVICE,
)
class remuneration_service_militaire_adapte(Ressource):
    label = "Rémunération du service militaire adapté"
    documentation = "Suspend l'allocation (R5131-24, III, 3°)."
    reference = R5131_24


@question(
    "Quelles allocation et prime de volontaire de l'EPIDE avez-vous reçues en {mois} ?",
    aide=(
        "L'EPIDE est l'établissement pour l'insertion dans l'emploi ; ces sommes suspendent "
        "l'allocation."
    ),
    bref="EPIDE",
    mots="établissement pour l'insertion dans l'emploi, défense deuxième chance, prime EPIDE",
    theme=SERVICE,
)
class allocation_epide(Ressource):
    label = "Allocation et prime des volontaires en EPIDE"
    documentation = "Suspend l'allocation (R5131-24, III, 5°)."
    reference = R5131_24


@question(
    "Quel salaire de contrat à durée déterminée d'insertion (CDDI) avez-vous reçu en {mois} ?",
    aide=(
        "Dans une entreprise d'insertion, une association intermédiaire ou un chantier "
        "d'insertion ; à ne pas compter aussi dans le salaire."
    ),
    bref="contrat d'insertion",
    mots=(
        "CDDI, IAE, SIAE, chantier d'insertion, ACI, AI, EI, "
        "insertion par l'activité économique, salaire"
    ),
    theme=INSERTION,
)
class remuneration_insertion_cddi(Ressource):
    label = "Salaire d'un contrat à durée déterminée d'insertion"
    documentation = (
        "Entreprise, association intermédiaire, atelier et chantier d'insertion ; suspend "
        "l'allocation (R5131-24, III, 6°). À ne pas compter dans salaire_net."
    )
    reference = R5131_24


@question(
    "Quel salaire de mission d'intérim d'insertion avez-vous reçu en {mois} ?",
    aide=(
        "Dans une entreprise de travail temporaire d'insertion (ETTI) ; à ne pas compter aussi "
        "dans le salaire."
    ),
    bref="intérim d'insertion",
    mots="ETTI, intérim d'insertion, IAE, SIAE, insertion par l'activité économique, salaire",
    theme=INSERTION,
)
class remuneration_insertion_mission(Ressource):
    label = "Salaire d'un contrat de mission en entreprise de travail temporaire d'insertion"
    documentation = "Suspend l'allocation (R5131-24, III, 6°). À ne pas compter dans salaire_net."
    reference = R5131_24


@question(
    "Quel salaire de contrat aidé (contrat unique d'insertion) avez-vous reçu en {mois} ?",
    aide=(
        "Parcours emploi compétences, CAE ou CIE, écrits en tête du contrat de travail ; à ne pas "
        "compter aussi dans le salaire."
    ),
    bref="contrat aidé",
    mots="CUI, CUI-CAE, CUI-CIE, CAE, CIE, PEC, parcours emploi compétences, contrat aidé, salaire",
    theme=INSERTION,
)
class remuneration_contrat_unique_insertion(Ressource):
    label = "Salaire d'un contrat unique d'insertion"
    documentation = "Suspend l'allocation (R5131-24, III, 6°). À ne pas compter dans salaire_net."
    reference = R5131_24


# Comment chaque valeur se dit.


@calcul(cej_personne_a_charge)
def ligne_personne_a_charge(cas):
    """The role of the person in the family."""
    role = "enfant ou autre personne à charge" if cas.resultat else "demandeur ou conjoint"
    return f"dans la famille : {role}"


def ligne_percue(prestation, nom):
    """The benefit of the family, and the role of the person in it."""

    def ligne(cas):
        texte = f"{nom} de la famille : {cas.ecrit(prestation)} €"
        if positif(cas.valeur(prestation)):
            a_charge = cas.valeur("cej_personne_a_charge")
            texte += ", perçu en étant à charge" if a_charge else ", hors personnes à charge"
        return texte

    return ligne


calcul(cej_non_cumul_rsa)(ligne_percue("rsa", "RSA"))
calcul(cej_droit_ppa)(ligne_percue("ppa", "prime d'activité"))


@calcul(cej_non_cumul_ppa)
def ligne_non_cumul_ppa(cas):
    """Whether a right to the prime d'activité is or was open."""
    if cas.valeur("cej_droit_ppa"):
        return "un droit à la prime d'activité est ouvert ce mois-ci"
    if cas.resultat:
        return "un droit à la prime d'activité s'est ouvert plus tôt pendant le contrat"
    return "aucun droit à la prime d'activité n'exclut l'allocation"


@calcul(cej_suspension)
def ligne_suspension(cas):
    """The resources of the month that suspend."""
    non_cumul = cas.droit().contrat_engagement_jeune.non_cumul
    mois = cas.periode.offset(-non_cumul.recul_ressources_suspensives)
    listes = non_cumul.ressources_suspensives
    percues = [nom for nom in variables_de(listes) if positif(cas.valeur(nom, mois))]
    if not percues:
        return f"aucune ressource suspensive en {cas.mois(mois)}"
    return " ; ".join(f"{cas.libelle(nom)} : {cas.ecrit(nom, mois)} €" for nom in percues)


@calcul(ppa_activite_anterieure)
def ligne_ppa_anterieure(cas):
    """Since when the prime d'activité runs, and what is presumed of it."""
    if not positif(cas.valeur("ppa")):
        return "aucune prime d'activité ce mois-ci"
    if cas.resultat:
        return "prime versée sans interruption depuis avant le premier mois de l'allocation"
    return "prime ouverte depuis le premier mois de l'allocation, interrompue, ou trop ancienne"


changement(cej_non_cumul_rsa, 9)(
    debut_ou_fin("le RSA exclut l'allocation", "fin de l'exclusion (RSA)")
)
changement(cej_non_cumul_ppa, 10)(
    debut_ou_fin("la prime d'activité exclut l'allocation", "fin de l'exclusion (prime d'activité)")
)
changement(cej_suspension, 11)(debut_ou_fin("allocation suspendue", "fin de la suspension"))
