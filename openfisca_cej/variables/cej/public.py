"""Who: L5131-6 (age, registration) and R5131-15 (status)."""

from openfisca_cej.base import Constat, Fait, a_atteint, donnee, est_fourni
from openfisca_cej.declarations import (
    SIGNATURE,
    calcul,
    changement,
    condition,
    conditions_de,
    question,
)
from openfisca_cej.texts import D5131_19, L5131_6, R5131_15, R5412_5


class cej_mineur(Constat):
    label = "Mineur au premier jour du mois"
    documentation = "Sépare les montants du 1° et du 2° du I de D5131-19."
    reference = D5131_19

    def formula_2022_03_01(individu, period, parameters):
        majorite = parameters(period).contrat_engagement_jeune.public.majorite
        return ~a_atteint(individu, period, majorite)


class cej_sous_limite_age(Constat):
    label = "N'a pas atteint la limite d'âge au premier jour du mois"
    documentation = (
        "25 ans révolus, ou 29 si la qualité de travailleur handicapé est reconnue : le mois "
        "du 26e (30e) anniversaire reste dû (R5131-25, I)."
    )
    reference = L5131_6

    def formula_2022_03_01(individu, period, parameters):
        public = parameters(period).contrat_engagement_jeune.public
        sous_limite = ~a_atteint(individu, period, public.age_maximum + 1)
        if est_fourni(individu, "rqth", period):
            sous_limite_rqth = ~a_atteint(individu, period, public.age_maximum_rqth + 1)
            sous_limite |= individu("rqth", period) & sous_limite_rqth
        return sous_limite


@question(
    "Aviez-vous en {mois} la reconnaissance de la qualité de travailleur handicapé (RQTH) ?",
    aide=(
        "La décision de la maison départementale des personnes handicapées (MDPH) ; elle porte la "
        "limite d'âge à 29 ans révolus."
    ),
    rang=16,
    bref="la RQTH",
)
class rqth(Fait):
    label = "La qualité de travailleur handicapé est reconnue"
    documentation = (
        "La reconnaissance (RQTH), et non l'allocation aux adultes handicapés ni un taux "
        "d'incapacité, porte la limite d'âge à 29 ans révolus. Si elle n'est pas donnée, elle est "
        "présumée de « handicap », que donnent les situations écrites pour OpenFisca-France."
    )
    reference = L5131_6

    def formula_2022_03_01(individu, period):
        return donnee(individu, "handicap", period)


@condition("Âge", SIGNATURE, 1, temps=True, anniversaire=True)
class cej_condition_age(Constat):
    label = "Condition d'âge du contrat d'engagement jeune"
    documentation = "De 16 ans à 25 ans révolus, 29 avec la RQTH, au premier jour du mois."
    reference = L5131_6

    def formula_2022_03_01(individu, period, parameters):
        age_minimum = parameters(period).contrat_engagement_jeune.public.age_minimum
        return a_atteint(individu, period, age_minimum) & individu("cej_sous_limite_age", period)


@condition("Inscription comme demandeur d'emploi", SIGNATURE, 3, temps=True)
class cej_condition_inscription(Constat):
    label = "Condition d'inscription comme demandeur d'emploi"
    documentation = (
        "Sans objet avant le 1er janvier 2025. La radiation empêche l'inscription pendant sa "
        "durée (R5412-5)."
    )
    reference = [*L5131_6, R5412_5]

    def formula_2022_03_01(individu, period, parameters):
        public = parameters(period).contrat_engagement_jeune.public
        inscrit = donnee(individu, "inscrit_demandeur_emploi", period) & ~individu(
            "cej_radiation", period
        )
        return inscrit | (not public.inscription_demandeur_emploi)


@question(
    "Étiez-vous sur la liste des demandeurs d'emploi en {mois} ?",
    aide=(
        "Compte depuis janvier 2025 ; la mission locale fait faire l'inscription par France "
        "Travail."
    ),
    rang=25,
    a_cocher="Pas d'inscription comme demandeur d'emploi",
    bref="l'inscription comme demandeur d'emploi",
)
class inscrit_demandeur_emploi(Fait):
    default_value = True
    label = "Inscrit comme demandeur d'emploi"
    documentation = (
        "Ne compte que depuis le 1er janvier 2025 ; présumée, l'inscription étant faite à la "
        "demande de la mission locale."
    )
    reference = "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000048590598"


@condition("Ni étudiant ni en formation, difficultés d'accès à l'emploi", SIGNATURE, 2)
class cej_condition_statut(Constat):
    label = "Condition de statut du contrat d'engagement jeune"
    documentation = (
        "Ni étudiant, ni en formation, et en difficulté d'accès à l'emploi durable. Tenir un "
        "emploi n'exclut pas par soi-même."
    )
    reference = R5131_15

    def formula_2022_03_01(individu, period):
        activite = donnee(individu, "activite", period)
        etudiant = activite == activite.possible_values.etudiant
        difficultes = donnee(individu, "difficultes_acces_emploi_durable", period)
        return ~etudiant & ~donnee(individu, "en_formation", period) & difficultes


@question(
    "Suiviez-vous une formation en {mois} ?",
    aide=(
        "Une formation qualifiante ou certifiante, à distance comprise, commencée avant la "
        "signature du contrat."
    ),
    rang=5,
    a_cocher="Une formation",
    bref="la formation déjà commencée",
)
class en_formation(Fait):
    label = "Suit une formation"
    documentation = (
        "Inscrit à une formation qualifiante ou certifiante, à distance comprise, commencée "
        "avant la signature."
    )
    reference = R5131_15


@question(
    "Rencontriez-vous en {mois} des difficultés d'accès à l'emploi durable ?",
    aide=(
        "Votre conseiller ou conseillère l'apprécie, au vu notamment de la nature et de la durée "
        "de travail d'un éventuel contrat de travail."
    ),
    rang=26,
    a_cocher="Aucune difficulté d'accès à l'emploi durable",
    bref="les difficultés d'accès à l'emploi durable",
)
class difficultes_acces_emploi_durable(Fait):
    default_value = True
    label = "Rencontre des difficultés d'accès à l'emploi durable"
    documentation = (
        "Appréciation du conseiller, au vu notamment de la nature et de la quotité du contrat "
        "de travail ; présumée."
    )
    reference = R5131_15


class cej_eligibilite(Constat):
    label = "Peut signer un contrat d'engagement jeune ce mois-ci"
    documentation = (
        "L'accompagnement n'a ni condition de ressources ni condition d'impôt : celles-ci sont "
        "propres à l'allocation. Les bénéficiaires de la garantie jeunes en sont exclus. Un "
        "contrat déjà signé n'est pas regardé : la réponse vaut pour qui n'en a pas."
    )
    reference = [*L5131_6, *R5131_15]

    def formula_2022_03_01(individu, period):
        return (
            individu("cej_condition_age", period)
            & individu("cej_condition_statut", period)
            & individu("cej_condition_inscription", period)
            & individu("cej_condition_carence", period)
            & ~individu("cej_garantie_jeunes_en_cours", period)
        )


# Comment chaque valeur se dit.


@calcul(rqth)
def ligne_rqth(cas):
    """Where the status comes from when it was not given."""
    return "présumée du handicap" if cas.valeur("handicap") else "rien ne la fait présumer"


@calcul(cej_mineur)
def ligne_mineur(cas):
    """Age on the first day of the month, and majority."""
    return f"{cas.age_ecrit()}, majorité à {cas.droit().contrat_engagement_jeune.public.majorite}"


@calcul(cej_sous_limite_age)
def ligne_limite_age(cas):
    """Age on the first day of the month, and the limit that applies."""
    public = cas.droit().contrat_engagement_jeune.public
    reconnu = cas.valeur("rqth")
    limite = public.age_maximum_rqth if reconnu else public.age_maximum
    return f"{cas.age_ecrit()}, limite {limite} ans révolus{' (RQTH)' if reconnu else ''}"


@calcul(cej_condition_age)
def ligne_condition_age(cas):
    """Age on the first day of the month, and both limits."""
    minimum = cas.droit().contrat_engagement_jeune.public.age_minimum
    return f"au moins {minimum} ans, et {ligne_limite_age(cas)}, l'âge étant pris au 1er du mois"


@calcul(cej_condition_statut)
def ligne_statut(cas):
    """Activity, training and difficulties."""
    formation = "en formation" if cas.valeur("en_formation") else "pas en formation"
    difficultes = cas.valeur("difficultes_acces_emploi_durable")
    return (
        f"activité : {cas.ecrit('activite').lower()} ; {formation} ; difficultés d'accès à "
        f"l'emploi durable : {'oui' if difficultes else 'non'}"
    )


@calcul(cej_condition_inscription)
def ligne_inscription(cas):
    """Whether registration is needed, and is."""
    if not cas.droit().contrat_engagement_jeune.public.inscription_demandeur_emploi:
        return "l'inscription n'est pas encore une condition"
    inscrit = "inscrit" if cas.valeur("inscrit_demandeur_emploi") else "non inscrit"
    radie = ", radié par une sanction" if cas.valeur("cej_radiation") else ""
    return f"{inscrit} comme demandeur d'emploi{radie}"


@calcul(cej_eligibilite)
def ligne_eligibilite(cas):
    """The conditions that are not met, if any."""
    manquantes = [
        une.libelle
        for nom, une in conditions_de(SIGNATURE).items()
        if not une.est_remplie(cas.valeur(nom))
    ]
    if not manquantes:
        return "toutes les conditions sont remplies"
    return f"il manque : {' ; '.join(manquantes)}"


@changement(cej_mineur, 2)
def change_mineur(cas, avant):
    """Majority."""
    return "" if cas.resultat else "majorité atteinte au premier du mois"


@changement(cej_sous_limite_age, 3)
def change_limite_age(cas, avant):
    """The age limit."""
    return "" if cas.resultat else "limite d'âge atteinte"
