"""Particular situations of a grid: what most people are not, and that some rule looks at."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy

from openfisca_cej.population.months import first_day, month_number, month_text
from openfisca_cej.population.synthetic import DAY

#: First month of the law: no contract is older.
FIRST = month_number("2022-03")

#: Months since the signature, and in which resources are the same: as many as a usual mean takes.
BACK = 3

#: Resources of the month before: « variable: (€, what it is) ».
RESOURCES = {
    "chomage_net": (200, "allocation de chômage"),
    "ass": (200, "ASS"),
    "allocation_travailleurs_independants": (200, "allocation des travailleurs indépendants"),
    "autres_allocations_chomage": (200, "autre allocation de chômage"),
    "allocation_securisation_professionnelle": (200, "allocation de sécurisation professionnelle"),
    "remuneration_ecole_deuxieme_chance": (200, "école de la deuxième chance"),
    "remuneration_apprenti": (700, "salaire d'apprenti"),
    "revenus_activite_non_salariee": (700, "activité non salariée"),
    "rpns_auto_entrepreneur_CA_achat_revente": (2000, "ventes de micro-entreprise"),
    "rpns_auto_entrepreneur_CA_bic": (1200, "services de micro-entreprise"),
    "rpns_auto_entrepreneur_CA_bnc": (900, "activité libérale de micro-entreprise"),
    "indemnites_chomage_partiel": (700, "activité partielle"),
    "indemnites_journalieres_maternite": (700, "indemnités de maternité"),
    "indemnites_journalieres_paternite": (700, "indemnités de paternité"),
    "indemnites_journalieres_adoption": (700, "indemnités d'adoption"),
    "indemnites_conge_supplementaire_naissance": (700, "congé supplémentaire de naissance"),
    "indemnites_journalieres_maladie": (700, "indemnités de maladie"),
    "indemnites_journalieres_accident_travail": (700, "indemnités d'accident du travail"),
    "indemnites_journalieres_maladie_professionnelle": (700, "maladie professionnelle"),
    "indemnites_journalieres": (700, "indemnités journalières sans détail"),
    "indemnites_journalieres_complementaires": (700, "indemnités complémentaires"),
    "remuneration_garantie_esat": (700, "rémunération d'ESAT"),
    "remuneration_adaptation_vie_active": (700, "adaptation à la vie active"),
    "remuneration_oacas": (700, "travail en OACAS"),
    "aah": (700, "AAH"),
    "indemnites_stage": (700, "gratification de stage"),
    "bourse_enseignement_sup": (400, "bourse"),
    "pensions_alimentaires_percues": (400, "pension alimentaire"),
    "pensions_invalidite": (400, "pension d'invalidité"),
    "aide_logement": (200, "aide au logement"),
    "af": (200, "allocations familiales"),
}

#: Resources of the month that suspend.
SUSPENSIVE = {
    "indemnites_volontariat": "service civique",
    "solde_volontariat_armees": "volontariat dans les armées",
    "remuneration_service_militaire_volontaire": "service militaire volontaire",
    "remuneration_service_militaire_adapte": "service militaire adapté",
    "allocation_epide": "EPIDE",
    "remuneration_insertion_cddi": "contrat d'insertion",
    "remuneration_insertion_mission": "intérim d'insertion",
    "remuneration_contrat_unique_insertion": "contrat aidé",
}


@dataclass(frozen=True)
class Choice:
    """What some cases have in common: in words (empty: nothing to tell), and inputs by key."""

    label: str
    inputs: dict[str, Any]


def over(variable: str, months: Iterable[int], value: Any) -> dict[str, Any]:
    """A value in each of some months."""
    return {f"{variable}@{month_text(month)}": value for month in months}


def yearly(variable: str, years: Iterable[int], value: Any) -> dict[str, Any]:
    """A value in each of some years."""
    return {f"{variable}@{year}": value for year in years}


def eternal(variable: str, value: Any) -> dict[str, Any]:
    """A value that has no period."""
    return {f"{variable}@eternity": value}


def born(month: int, age: int) -> numpy.datetime64:
    """A birth in the middle of a month, six months before the last birthday's."""
    return first_day(month - 12 * age - 6) + 14 * DAY


def signature(month: int, back: int) -> dict[str, Any]:
    """A contract signed so many months before, not before the law."""
    return eternal("cej_date_signature", first_day(max(month + back, FIRST)))


def particular(month: int) -> tuple[Choice, ...]:
    """All the situations, each with its contract: signed three months ago where none is told."""
    usual = signature(month, -BACK)
    signed = (
        *(*resources(month), *benefits(month), *overseas(month)),
        *(*contracts(month), *failings(month)),
    )
    signing = tuple(Choice(f"signature ce mois-ci, {one.label}", one.inputs) for one in new(month))
    return tuple(Choice(one.label, usual | one.inputs) for one in signed) + signing


def resources(month: int) -> Iterator[Choice]:
    """Resources of each kind, the ones that suspend, and those that vary over the months."""
    last = [month - 1]
    for name, (amount, words) in RESOURCES.items():
        # The housing benefit and others are the family's: everyone is alone in it.
        yield Choice(f"{words} {amount} € le mois passé", over(name, last, float(amount)))
    for name, words in SUSPENSIVE.items():
        yield Choice(f"{words} ce mois-ci", over(name, [month], 500.0))
    for name, words in (
        ("revenus_activite_non_salariee", "activité non salariée"),
        ("chomage_net", "allocation de chômage"),
    ):
        told = f"{words} 900 € il y a deux mois, finie depuis"
        yield Choice(told, over(name, [month - 2], 900.0))


def benefits(month: int) -> Iterator[Choice]:
    """RSA and prime d'activité of other months, of a family, or for work before the contract."""
    for name, words in (("rsa", "RSA"), ("ppa", "prime d'activité")):
        yield Choice(f"{words} il y a deux mois, plus depuis", over(name, [month - 2], 100.0))
        yield Choice(f"{words} avant la signature", over(name, [month - BACK - 1], 100.0))
        alone = over(name, [month], 100.0)
        charge = over("cej_personne_a_charge", [month], True)
        yield Choice(f"{words} des parents, à leur charge", alone | charge)
    running = signature(month, -2) | over("ppa", range(month - 3, month + 1), 100.0)
    yield Choice("prime d'activité qui court depuis le mois d'avant la signature", running)


def overseas(month: int) -> Iterator[Choice]:
    """Foyers whose tax the reduction of the place makes nil, by its rate and by its ceiling."""
    years = range(int(month_text(month)[:4]) - 2, int(month_text(month)[:4]))
    for variable, place, ceiling in (
        ("residence_guadeloupe", "en Guadeloupe", 8655),
        ("residence_guyane", "en Guyane", 7055),
    ):
        for income, reductions in ((19_950, 0), (60_000, ceiling)):
            told = f"{place}, revenu {income} €, réductions d'impôt {reductions} €"
            foyer = yearly("rni", years, float(income))
            foyer |= yearly("reductions", years, float(reductions))
            yield Choice(told, over(variable, [month], True) | foyer)


def contracts(month: int) -> Iterator[Choice]:
    """Contracts near their end, extended, not revised; tax autonomy; files that came late."""
    for back in (11, 12, 17, 18):
        told = f"contrat signé il y a {back} mois"
        start = signature(month, -back)
        yield Choice(told, start)
        yield Choice(f"{told}, prolongé de six", start | eternal("cej_mois_prolongation", 6))
        later = eternal("cej_date_fin", first_day(month + 6))
        yield Choice(f"{told}, fini dans six mois", start | later)
    ended = eternal("cej_date_fin", first_day(month) - DAY)
    yield Choice("contrat fini le mois passé", ended)
    planned = signature(month, -7) | eternal("cej_date_fin_prevue", first_day(month) - DAY)
    yield Choice("contrat prévu jusqu'au mois passé", planned)
    yield Choice(
        "contrat prévu jusqu'au mois passé, prolongé de deux",
        planned | eternal("cej_mois_prolongation", 2),
    )
    for back in (2, 3):
        path = signature(month, -14) | eternal("cej_parcours_date_fin", first_day(month - back))
        yield Choice(f"contrat d'il y a 14 mois, parcours fini il y a {back} mois", path)
    fixed = signature(month, -10) | eternal("cej_forfait_non_revise", True)
    yield Choice("contrat d'il y a 10 mois, montant non révisé", fixed)
    for income in (0, 20_000):
        year = int(month_text(month)[:4])
        alone = yearly("cej_rni_autonome", range(year - 2, year), float(income))
        alone |= over("cej_autonomie_fiscale", [month], True)
        yield Choice(f"autonomie fiscale, revenu propre {income} € par an", alone)
    for ahead in (3, 4):
        late = eternal("cej_date_dossier_complet", first_day(month + ahead))
        yield Choice(f"dossier complet {ahead} mois après", late)
        for paid in (2, 3):
            months = [*range(month - paid, month), month]
            kept = over("cej_versement_conservatoire", months, True)
            told = f"dossier complet {ahead} mois après, {paid} mois déjà versés à titre provisoire"
            yield Choice(told, late | kept)


def failings(month: int) -> Iterator[Choice]:
    """Failings of the scale of 2022, of two months ago or that break the contract."""
    for rank, back in ((3, 1), (1, 2), (2, 2), (3, 2)):
        told = f"manquement de rang {rank} (2022) notifié il y a {back} mois"
        yield Choice(told, over("cej_rang_manquement", [month - back], rank))
    for earlier in (24, 25):
        months = [month - 1 - earlier, month - 1]
        again = over("cej_sanction_motif", months, "activite_non_declaree")
        told = f"activité non déclarée sanctionnée le mois passé, et {earlier} mois plus tôt"
        yield Choice(told, again)


def new(month: int) -> Iterator[Choice]:
    """What decides whether a contract may be signed in the month."""
    yield Choice("rien de particulier", {})
    yield Choice("en formation", over("en_formation", [month], True))
    yield Choice("étudiant", over("activite", [month], "etudiant"))
    without = over("difficultes_acces_emploi_durable", [month], False)
    yield Choice("sans difficulté d'accès à l'emploi", without)
    yield Choice("non inscrit à France Travail", over("inscrit_demandeur_emploi", [month], False))
    for back in (4, 5, 6, 7):
        ended = eternal("cej_date_fin_precedent", first_day(month - back) - DAY)
        yield Choice(f"contrat précédent fini il y a {back} mois", ended)
    special = eternal("cej_circonstances_particulieres", True)
    ended = eternal("cej_date_fin_precedent", first_day(month - 1) - DAY)
    yield Choice(
        "contrat précédent fini le mois passé, circonstances particulières", ended | special
    )
    yield Choice("garantie jeunes", eternal("cej_garantie_jeunes_beneficiaire", True))
    entered = eternal("cej_garantie_jeunes_beneficiaire", True)
    entered |= eternal("cej_garantie_jeunes_date_entree", first_day(month - 17))
    entered |= eternal("cej_garantie_jeunes_date_fin", first_day(month + 1))
    yield Choice("garantie jeunes depuis 17 mois, prolongée", entered)
