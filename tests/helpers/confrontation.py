"""The model against the oracle on random cases: what differs, in its smallest form.

« make oracle » runs this file on a million person-months, on all the cores; the suite runs a fixed
sample of it (`test_oracle.py`).
"""

import argparse
import multiprocessing
import os
import sys
import time
from collections import Counter
from datetime import date
from itertools import islice
from pathlib import Path

import oracle
import yaml
from oracle import nom_du_mois, numero
from simulations import (
    foyer,
    generateur,
    simuler,
    situation,
    theme_age_donne,
    theme_autonomie,
    theme_forfait_fige,
    theme_garantie_jeunes,
    theme_nouvelles_sanctions,
    theme_ppa_tranchee,
    theme_situation_donnee,
)

import openfisca_cej

# --- Which months --------------------------------------------------------------------------------

PARAMETRES = Path(openfisca_cej.__file__).parent / "parameters"


def dates(noeud):
    """The dates from which the values of a YAML tree hold: not those of its metadata."""
    if isinstance(noeud, list):
        for element in noeud:
            yield from dates(element)
    elif isinstance(noeud, dict):
        for cle, element in noeud.items():
            if isinstance(cle, date):
                yield cle
            if cle != "metadata":
                yield from dates(element)


def derniere_date(dossier=PARAMETRES):
    """The last date from which a value of a parameter holds."""
    return max(
        jour
        for fichier in dossier.rglob("*.yaml")
        for jour in dates(yaml.safe_load(fichier.read_text(encoding="utf-8")))
    )


# From the first month of the law to twelve months after the last date of the parameters.
MOIS = range(oracle.CREATION, numero(derniere_date()) + 12 + 1)
# Then the sanctions alone: the second period of twenty-four months of R5412-3-4.
APRES = range(MOIS.stop, max(MOIS.stop, oracle.NOUVELLES_SANCTIONS + 43))

# --- What is compared ----------------------------------------------------------------------------

# Each variable of the model, the oracle's function, and the unit of the oracle's answer.
COMPARAISONS = {
    "cej_allocation": (oracle.allocation, "centimes"),
    "cej_condition_carence": (oracle.condition_carence, None),
    "cej_eligibilite": (oracle.eligibilite, None),
    "cej_en_cours": (oracle.en_cours, None),
    "cej_situation_fiscale": (oracle.situation_fiscale, None),
    "cej_montant_forfaitaire": (oracle.montant_forfaitaire, "centimes"),
    "cej_ressources_deductibles": (oracle.ressources_deductibles, "centimes"),
    "cej_ressources_partiellement_deductibles": (
        oracle.ressources_partiellement_deductibles,
        "fraction de centime",
    ),
    "cej_montant_avant_non_cumul": (oracle.montant_avant_non_cumul, "fraction de centime"),
    "cej_non_cumul_rsa": (oracle.non_cumul_rsa, None),
    "cej_non_cumul_ppa": (oracle.non_cumul_ppa, None),
    "cej_suspension": (oracle.suspension, None),
    "cej_forclusion": (oracle.forclusion, None),
    "cej_fraction_supprimee": (oracle.fraction_supprimee, "fraction"),
    "cej_radiation": (oracle.radiation, None),
    "cej_heures_minimum": (oracle.heures_minimum, "fraction"),
    "cej_trop_percu_autonomie": (oracle.trop_percu_autonomie, "centimes"),
    "cej_presomption_c2s": (oracle.presomption_c2s, None),
    "cej_caution_publique_permis": (oracle.caution_publique_permis, None),
    "cej_garantie_jeunes_en_cours": (oracle.garantie_jeunes_en_cours, None),
    "cej_garantie_jeunes_allocation": (oracle.garantie_jeunes_allocation, "centimes"),
    "allocation_ponctuelle_pacea_eligibilite": (oracle.pacea_eligibilite, None),
    "contrat_engagement_jeune": (oracle.allocation, "centimes"),
}


def egaux(modele, attendu, unite):
    """Equal; an amount in centimes must be the float nearest to that number of centimes."""
    if unite == "centimes":
        return float(modele) == attendu / 100
    if unite == "fraction de centime":
        return abs(float(modele) - float(attendu) / 100) < 1e-9
    if unite == "fraction":
        return abs(float(modele) - float(attendu)) < 1e-9
    return modele == attendu


def differences(cas_liste, mois, comparaisons=COMPARAISONS):
    """(variable, case, model, oracle) wherever the model and the oracle differ."""
    valeurs = simuler(cas_liste, mois, comparaisons)
    fonctions = {fonction for fonction, _ in comparaisons.values()}
    attendus = {fonction: [fonction(cas, mois) for cas in cas_liste] for fonction in fonctions}
    return [
        (nom, cas, modele, attendu)
        for nom, (fonction, unite) in comparaisons.items()
        for cas, modele, attendu in zip(cas_liste, valeurs[nom], attendus[fonction], strict=True)
        if not egaux(modele, attendu, unite)
    ]


def sous_le_meme_toit(cas, lot):
    """The other cases of the simulation that share a group with this one."""
    noms = set(cas.get("commun", {}).items())
    return [
        autre for autre in lot if autre is not cas and noms & {*autre.get("commun", {}).items()}
    ]


def reduire(nom, cas, mois, lot=()):
    """The smallest part of the case that still shows the difference: what one reads first."""
    comparaison = {nom: COMPARAISONS[nom]}

    def differe(essai):
        return [vue for vue in differences(essai, mois, comparaison) if vue[1] is essai[0]]

    if not differe([cas]):  # it takes the others: they are shown whole
        return differe([cas, *sous_le_meme_toit(cas, lot)])
    for entree in list(cas):
        if entree != "date_naissance":
            plus_petit = {cle: valeur for cle, valeur in cas.items() if cle != entree}
            if differe([plus_petit]):
                cas = plus_petit
    for entree, valeur in cas.items():  # then the months of each input, one by one
        for cle in list(valeur) if isinstance(valeur, dict) else ():
            reste = {n: element for n, element in cas[entree].items() if n != cle}
            if reste and differe([{**cas, entree: reste}]):
                cas = {**cas, entree: reste}
    return differe([cas])


def rapport(trouvees, mois, lot=(), combien=3):
    """The first differences of each variable, made small and readable."""
    lignes = [f"{nom_du_mois(mois)} : {dict(Counter(nom for nom, *_ in trouvees))}"]
    for variable in COMPARAISONS:
        for nom, cas, *_ in [t for t in trouvees if t[0] == variable][:combien]:
            for _, petit, modele, attendu in reduire(nom, cas, mois, lot):
                lignes.append(f"- {nom} : modèle {modele}, oracle {attendu} ; {petit}")
    return "\n".join(lignes)


# --- Which cases ---------------------------------------------------------------------------------

CAS_PAR_MOIS = 216  # youths alone with their groups
FOYERS_PAR_MOIS = 20  # of two or three youths
A_PART = (  # simulations of their own: what they give replaces a formula for everyone in them
    [*[[theme_age_donne]] * 10, *[[theme_forfait_fige, theme_age_donne]] * 10],
    [[theme_ppa_tranchee]] * 12,
    [
        *[[theme_situation_donnee]] * 10,
        *[[theme_autonomie, theme_situation_donnee]] * 10,
        *[[theme_forfait_fige, theme_situation_donnee]] * 10,
    ],
)
CAS_DE_SANCTIONS = 20
CAS_DE_GARANTIE_JEUNES = 40
FIN_DE_LA_GARANTIE_JEUNES = numero("2023-08")


def lots(mois, graine="cej"):
    """The random cases of a month, in lists that each make one simulation."""
    alea = generateur(f"{graine} {mois}")
    sanctions = []
    if mois >= oracle.NOUVELLES_SANCTIONS + oracle.DELAI_DE_REITERATION:
        themes = [theme_nouvelles_sanctions]
        sanctions = [situation(alea, mois, themes) for _ in range(CAS_DE_SANCTIONS)]
    if mois in APRES:
        return [sanctions]
    ensemble = [situation(alea, mois) for _ in range(CAS_PAR_MOIS)]
    if mois <= FIN_DE_LA_GARANTIE_JEUNES:
        ensemble += [
            situation(alea, mois, [theme_garantie_jeunes]) for _ in range(CAS_DE_GARANTIE_JEUNES)
        ]
    for rang in range(FOYERS_PAR_MOIS):
        ensemble += foyer(alea, mois, f"foyer {rang}")
    ensemble += sanctions
    alea.shuffle(ensemble)
    return [ensemble, *([situation(alea, mois, t) for t in themes] for themes in A_PART)]


def confronter(mois, graine="cej"):
    """(person-months compared, differences, what is to be read of them) for one month."""
    compte, textes, nombre = 0, [], 0
    for lot in lots(mois, graine):
        trouvees = differences(lot, mois)
        compte += len(lot)
        nombre += len(trouvees)
        if trouvees:
            textes.append(rapport(trouvees, mois, lot))
    return compte, nombre, textes


# --- A million ------------------------------------------------------------------------------------


def _tache(argument):
    mois, graine = argument
    return confronter(mois, graine)


def _taches(graine):
    """Every month once, then every month again, without end: each time other cases."""
    tour = 0
    while True:
        for mois in [*MOIS, *APRES]:
            yield mois, f"{graine} {tour}"
        tour += 1


def main(arguments=None):
    """Compare until enough person-months are; 1 when anything differs."""
    analyseur = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    analyseur.add_argument("--cas", type=int, default=1_000_000, help="person-months to compare")
    analyseur.add_argument("--workers", type=int, default=os.cpu_count())
    analyseur.add_argument("--graine", default="long", help="another seed draws other cases")
    options = analyseur.parse_args(arguments)
    debut, vus, nombre, dits = time.monotonic(), 0, 0, 0
    dernier = debut
    with multiprocessing.Pool(options.workers) as equipe:
        taches = _taches(options.graine)
        while vus < options.cas:
            tour = islice(taches, 8 * options.workers)
            for compte, differents, textes in equipe.imap_unordered(_tache, list(tour)):
                vus, nombre = vus + compte, nombre + differents
                for texte in textes[: max(0, 50 - dits)]:
                    print(texte, flush=True)
                    dits += 1
                if time.monotonic() - dernier > 10 or vus >= options.cas:
                    dernier = time.monotonic()
                    print(
                        f"{vus:>9,} / {options.cas:,} person-months, {nombre} differences, "
                        f"{dernier - debut:.0f} s",
                        file=sys.stderr,
                        flush=True,
                    )
    print(
        f"{vus} person-months from {nom_du_mois(MOIS.start)} to {nom_du_mois(MOIS.stop - 1)} "
        f"(sanctions to {nom_du_mois(max(MOIS.stop, APRES.stop) - 1)}): {nombre} differences"
    )
    return 1 if nombre else 0


if __name__ == "__main__":
    sys.exit(main())
