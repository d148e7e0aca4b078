"""What documents written for OpenFisca-France say under names that the CEJ does not read.

Some carry a fact that the law looks at: it is presumed from them, and told. Others are incomes
that the law counts, gross, taxable or yearly where it wants the net amount of the month: what to
give instead is told, and the answer is not certain.
"""

import functools
import importlib.resources
from dataclasses import dataclass

from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.population.lean import COUPLE
from openfisca_cej.reading import normal

WAGE, BENEFIT, DAILY, SELF_EMPLOYED = (
    "salaire_net",
    "chomage_net",
    "indemnites_journalieres",
    "revenus_activite_non_salariee",
)

#: What to give instead of an income that is not read: the net amount of the month.
INSTEAD = {
    **dict.fromkeys(
        (
            *("salaire_de_base", "salaire_imposable", "salaire_super_brut", "salaire_net_a_payer"),
            *("traitement_indiciaire_brut", "primes_fonction_publique", "remuneration_principale"),
            *("primes_salaires", "hsup", "indemnite_residence", "avantage_en_nature"),
            *("indemnite_fin_contrat", "indemnite_fin_contrat_due", "revenu_assimile_salaire"),
            *("indemnites_compensatrices_conges_payes", "primes_salaires_non_exonerees"),
            *("prime_exceptionnelle_pouvoir_achat", "prime_partage_valeur"),
            *("supplement_familial_traitement", "remuneration_professionnalisation"),
            *("revenus_nets_du_travail", "ppa_revenu_activite_individu"),
            "rsa_revenu_activite_individu",
        ),
        WAGE,
    ),
    **dict.fromkeys(
        (
            *("chomage_brut", "chomage_imposable", "allocation_retour_emploi"),
            *("allocation_retour_emploi_montant", "allocation_retour_emploi_journaliere"),
            *("are_allocation_nette_mensuelle", "are_allocation_super_brute_mensuelle"),
            *("complement_are_net", "complement_are_brut"),
        ),
        BENEFIT,
    ),
    **dict.fromkeys(("indemnites_journalieres_imposables", "indemnites_journalieres_atexa"), DAILY),
    **dict.fromkeys(
        ("revenu_assimile_non_salaire", "revenu_non_salarie", "revenus_non_salarie_nets"),
        SELF_EMPLOYED,
    ),
    **dict.fromkeys(
        ("bourse_criteres_sociaux", "bourse_recherche", "allocation_annuelle_etudiant"),
        "bourse_enseignement_sup",
    ),
    "aah_base": "aah",
    "allocation_travailleur_independant": "allocation_travailleurs_independants",
    "covid_activite_partielle_montant": "indemnites_chomage_partiel",
    "stage_gratification": "indemnites_stage",
}

#: What to give instead of a fact that is not read, and that the law looks at.
FACTS = {
    **dict.fromkeys(("etudiant", "scolarite"), "activite"),
    **dict.fromkeys(("en_couple", "maries", "celibataire_ou_divorce"), COUPLE),
    **{
        f"residence_fiscale_{place}": f"residence_{place}"
        for place in ("guadeloupe", "guyane", "martinique", "mayotte", "reunion")
    },
    **dict.fromkeys(("rfr", "rng"), "rni"),
    **dict.fromkeys(
        ("impot_revenu_restant_a_payer", "irpp_economique"), "cej_impot_restant_a_payer"
    ),
    **dict.fromkeys(("rsa_montant", "rsa_socle", "rsa_activite"), "rsa"),
    **dict.fromkeys(("ppa_versee", "ppa_nette_crds"), "ppa"),
    **dict.fromkeys(("invalidite", "taux_incapacite", "caah"), "rqth"),
    **dict.fromkeys(
        ("garantie_jeunes", "garantie_jeunes_montant"), "cej_garantie_jeunes_beneficiaire"
    ),
    **dict.fromkeys(
        ("chomeur_longue_duree", "contexte_activite_pole_emploi"), "inscrit_demandeur_emploi"
    ),
    **dict.fromkeys(("dispositifs_formation", "formation_validee_pole_emploi"), "en_formation"),
    "apprenti": "remuneration_apprenti",
    "service_civique": "indemnites_volontariat",
    "sous_contrat_engagement_jeune": "cej_date_signature",
    "age_en_mois": "date_naissance",
    "depcom_foyer": "depcom",
}

#: Names that start so are incomes of those who work for themselves.
OF_THE_SELF_EMPLOYED = ("rpns_", "tns_")
TURNOVER = "rpns_micro_entreprise_CA_"
MONTHLY_TURNOVER = "rpns_auto_entrepreneur_CA_"

#: Names that carry a fact: the input that is presumed from them, and the values that say so.
MARRIED = ("marie", "pacse")
MARITAL = "statut_marital"


def is_married(value: object) -> bool:
    """Whether a marital status is that of a couple, in any spelling."""
    return isinstance(value, str) and normal(value) in MARRIED


#: The municipality of the dwelling in OpenFisca-France, and what the start of its code tells us.
MUNICIPALITY = "depcom"
PLACES_BY_CODE = {
    "971": "residence_guadeloupe",
    "972": "residence_martinique",
    "973": "residence_guyane",
    "974": "residence_reunion",
    "976": "residence_mayotte",
}

#: Names by which someone says to live with a family, or to be its dependant: the law looks at who
#: is a dependant of the family that has the RSA, which the roles of the family say.
FAMILY, OF_A_FAMILY = "famille", ("enfant_a_charge", "habite_chez_parents")


@dataclass(frozen=True)
class Note:
    """Something that an answer says of what was given: ``code`` is for machines.

    « not-read », « not-used », « give-net », « give-fact », « read-as », « last-notice »…
    """

    code: str
    path: str
    fr: str
    en: str
    instead: str = ""

    def to_json(self) -> dict[str, str]:
        """The note as JSON."""
        return {"code": self.code, "pointer": self.path, "fr": self.fr, "en": self.en}


@functools.cache
def names_of_openfisca_france() -> frozenset[str]:
    """Names of the variables of OpenFisca-France, for situations written for it.

    Those of its extension openfisca-france-local too: simulators send them in the same document.
    """
    folder = importlib.resources.files("openfisca_cej.explain")
    files = ("variables_openfisca_france.txt", "variables_openfisca_france_local.txt")
    return frozenset(
        name for file in files for name in (folder / file).read_text(encoding="utf-8").split()
    )


def instead_of(name: str, system: TaxBenefitSystem) -> str:
    """The input that counts an income given under another name, empty where there is none."""
    found = INSTEAD.get(name, "")
    if not found and name.startswith(OF_THE_SELF_EMPLOYED):
        found = SELF_EMPLOYED
    return found if found in system.variables and name not in system.variables else ""


def give_net(name: str, instead: str, path: str, system: TaxBenefitSystem) -> Note:
    """The note of an income that is counted under another name."""
    label = system.variables[instead].label
    if name.startswith(TURNOVER):
        monthly = name.replace(TURNOVER, MONTHLY_TURNOVER)
        return Note(
            "give-net",
            path,
            f"« {name} » n'est pas lu, et ce revenu compte : donnez le chiffre d'affaires de "
            f"chaque mois (« {MONTHLY_TURNOVER}… », par exemple « {monthly} »), ou le revenu net "
            f"du mois (« {instead} »)",
            f"« {name} » is not read, and this income counts: give the turnover of each month "
            f"(« {MONTHLY_TURNOVER}… », for instance « {monthly} »), or the net income of the "
            f"month (« {instead} »)",
            monthly,
        )
    return Note(
        "give-net",
        path,
        f"« {name} » n'est pas lu, et ce revenu compte : donnez « {instead} » ({label}), le "
        "montant net du mois",
        f"« {name} » is not read, and this income counts: give « {instead} », the net amount of "
        "the month",
        instead,
    )


def set_aside(name: str, path: str, system: TaxBenefitSystem) -> Note:
    """The note of a variable of OpenFisca-France that is not read: what to give, if it counts."""
    if instead := instead_of(name, system):
        return give_net(name, instead, path, system)
    if name in OF_A_FAMILY:
        return give_family(name, path)
    if name in FACTS:
        return give_fact(name, FACTS[name], path)
    return not_read(path)


def not_read(path: str) -> Note:
    """The note of what the CEJ does not read."""
    name = path.rsplit("/", 1)[1]
    return Note("not-read", path, f"« {name} » n'est pas lu", f"« {name} » is not read")


def give_fact(name: str, instead: str, path: str) -> Note:
    """The note of a fact that counts, and that the law asks for under another name."""
    return Note(
        "give-fact",
        path,
        f"« {name} » n'est pas lu, et ce fait compte : donnez « {instead} »",
        f"« {name} » is not read, and this fact counts: give « {instead} »",
        instead,
    )


def read_as(name: str, instead: str, path: str) -> Note:
    """The note of a fact given under another name."""
    return Note(
        "read-as",
        path,
        f"« {name} » est lu comme « {instead} », sauf si celui-ci est donné",
        f"« {name} » is read as « {instead} », unless that is given",
        instead,
    )


def read_as_place(name: str, places: dict[str, dict[str, bool]], path: str) -> Note:
    """The note of a municipality: overseas or not."""
    there = [place for place, months in places.items() if any(months.values())]
    if there:
        return read_as(name, there[0], path)
    return Note(
        "read-as",
        path,
        f"« {name} » dit que le logement n'est ni à Mayotte ni ailleurs outre-mer",
        f"« {name} » says that the home is neither in Mayotte nor elsewhere overseas",
    )


def give_family(name: str, path: str) -> Note:
    """The note of someone who is with a family that is not told."""
    return Note(
        "give-family",
        path,
        f"« {name} » n'est pas lu : si la famille a le RSA ou la prime d'activité et compte cette "
        "personne à sa charge, placez-la parmi ses « enfants »",
        f"« {name} » is not read: if the family has the RSA or the prime d'activité and counts "
        "this person as its dependant, put the person among its « enfants »",
        "cej_personne_a_charge",
    )


def read_as_couple(name: str, path: str) -> Note:
    """The note of a marital status."""
    return read_as(name, COUPLE, path)
