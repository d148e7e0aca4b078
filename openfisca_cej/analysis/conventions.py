"""What a comparison takes for granted, and what its data cannot support: sentences in French."""

from collections.abc import Collection

from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.analysis.groups import WAGES
from openfisca_cej.analysis.sources import Origin
from openfisca_cej.population.history import looked_back

METHOD = (
    "Bootstrap de Poisson : dans chaque réplique, chaque personne (avec les siens, s'ils sont "
    "liés) compte un nombre de fois tiré d'une loi de Poisson de moyenne 1, et l'ensemble garde sa "
    "taille. L'intervalle contient le milieu des répliques ; il ne dit que l'aléa du tirage, "
    "ni l'erreur des hypothèses, ni celle du modèle. Sur une population calée sur des marges, il "
    "est plutôt trop large pour les effectifs."
)

METHOD_OF_DRAWS = (
    "Chaque tirage prend ensemble toutes les hypothèses de la population, dans les tirages calés "
    "ou dans leurs plages, et d'autres personnes. L'intervalle contient le milieu des tirages, "
    "l'aléa d'un tirage ramené à la taille de la population comparée, et leur moyenne à ce que le "
    "hasard n'explique pas de son écart ; il ne dit ni l'erreur du modèle, ni les changements de "
    "comportement. L'intervalle d'échantillonnage, lui, ne dit que "
    f"l'aléa du tirage des personnes. {METHOD}"
)

CONVENTIONS = {
    "memes_personnes": (
        "Les mêmes personnes, avec les mêmes contrats, ressources et sanctions, avant et après : "
        "aucun changement de comportement (recours, emploi, entrées, durées)."
    ),
    "montants_dus": (
        "Les montants sont dus pour le mois, et non versés dans le mois : le paiement à terme échu "
        "reporte une partie d'une année sur la suivante."
    ),
    "gagnants_perdants": (
        "Gagne (ou perd) la personne dont l'allocation de toute la fenêtre, rapportée à ses mois "
        "de contrat, monte (ou baisse) d'au moins le seuil ; en deçà, elle est inchangée."
    ),
    "groupes": (
        "Une personne est d'un seul groupe de chaque découpage, lu sous le droit en vigueur : "
        "la réforme ne la fait pas changer de groupe."
    ),
    "secret": (
        "Une case qui repose sur moins de personnes que le minimum n'est pas publiée, ni celles "
        "dont elle se déduirait."
    ),
    "arrondis": (
        "Les sommes sont exactes, puis arrondies au centime (au centième de personne) de sorte que "
        "les parties fassent toujours leur tout."
    ),
    "cas_types": (
        "Cas types : contrat signé deux mois avant le dernier mois de la fenêtre. Qui n'a pas "
        "l'âge n'a pas de contrat : la question est ce qu'il toucherait en signant ce mois-là."
    ),
    "hors_modele": (
        "Seule l'allocation est calculée : ni les autres prestations, ni l'impôt, ni les coûts de "
        "gestion ou d'accompagnement."
    ),
}


def conventions(law: TaxBenefitSystem, reformed: TaxBenefitSystem, month: int) -> dict[str, str]:
    """All the conventions; what each law looks back at is that of the month."""
    before, after = (resources_read(system, month) for system in (law, reformed))
    resources = before if before == after else f"{before} (avant), {after} (après)"
    return CONVENTIONS | {
        "mois": (
            f"Les montants et l'âge sont ceux du mois ; les ressources, {resources} ; la situation "
            "fiscale, celle que les données donnent pour le mois."
        )
    }


def resources_read(system: TaxBenefitSystem, month: int) -> str:
    """The resources that a law counts in a month."""
    months = looked_back(system, range(month, month + 1))
    if months == 1:
        return "celles du mois qui précède"
    return f"la moyenne de celles des {months} mois qui précèdent"


#: What is said of data of one's own.
UNJUDGED = (
    "Aucun chiffre publié ne juge ces données : rapprochez leur total sous le droit en vigueur de "
    "ce qui leur a été versé. L'intervalle ne dit ni l'erreur des données, ni celle de leurs "
    "pondérations."
)


def limits_of(origin: Origin, names: Collection[str]) -> tuple[str, ...]:
    """What these data cannot support."""
    limits = []
    if LIVING_STANDARD not in origin.attributes:
        limits.append(
            "Pas de déciles de niveau de vie, ni d'indice de Gini, ni de pauvreté : les données ne "
            "disent rien du niveau de vie des ménages (une colonne niveau_de_vie les donnerait)."
        )
    if origin.kind == "synthetique":
        limits.append(
            "Population synthétique, calée sur des marges publiées : les croisements qui ne sont "
            "pas des marges, et toutes les ressources, sont des hypothèses."
        )
    else:
        limits.append(UNJUDGED)
    if not {"operateur", "homme", "sexe"} & set(origin.attributes):
        limits.append(
            "Ni opérateur, ni sexe : les données ne les ont pas. Un fichier d'attributs, joint par "
            "individu_id, les donnerait."
        )
    if WAGES in names:
        limits.append("Les salaires sont ceux des données ; le travail non déclaré n'y est pas.")
    return tuple(limits)


#: The attribute that gives the living standard of the household (€ a year).
LIVING_STANDARD = "niveau_de_vie"

#: The one that gives its units of consumption.
UNITS = "unites_de_consommation"
