"""What must hold of the allowance whatever the situation, the month and the company."""

from functools import partial

import numpy
import oracle
from dated_values import last_month
from hypothesis import given, settings
from hypothesis import strategies as st
from oracle import nom_du_mois, numero
from samples import one_in
from simulations import calculer, construire, generateur, simuler, situation, systeme

from openfisca_cej.base import TIREES_DE

stable = partial(settings, derandomize=True, deadline=None, database=None)

CUMULABLES = [  # R5131-20, II
    "aah",
    "indemnites_stage",
    "bourse_enseignement_sup",
    "pensions_alimentaires_percues",
    "pensions_invalidite",
    "aide_logement",
    "af",
]
QUI_COMPTENT = [
    *oracle.DEDUCTIBLES,
    *oracle.PARTIELLEMENT_DEDUCTIBLES,
    "indemnites_journalieres",
    "indemnites_conge_supplementaire_naissance",
]
MONTANTS = ["cej_allocation", "cej_garantie_jeunes_allocation"]
TOUT = [
    "cej_eligibilite",
    "cej_en_cours",
    "cej_situation_fiscale",
    "cej_montant_forfaitaire",
    "cej_fraction_supprimee",
    *MONTANTS,
]

mois_du_cej = st.integers(numero("2022-03"), numero(last_month()))
mois_avant = st.integers(numero("2021-01"), numero("2022-02"))
graines = st.integers(0, 2**32 - 1)
centimes = st.one_of(st.integers(0, 2000_00), st.sampled_from([1, 300_00, 300_01, 561_68]))


def tirer(graine, mois, combien):
    """A list of random situations, those of the comparison with the oracle."""
    alea = generateur(graine)
    return [situation(alea, mois) for _ in range(combien)]


def avec(cas, nom, mois, montant):
    """The case with `montant` centimes more of the resource in the month."""
    deja = oracle.en_centimes(oracle.lire(cas, nom, mois))
    return {**cas, nom: {nom_du_mois(mois): (deja + montant) / 100}}


@stable(max_examples=80 // one_in(2))
@given(mois_du_cej, graines, st.sampled_from(QUI_COMPTENT), st.lists(centimes, min_size=2))
def test_une_ressource_de_plus_n_augmente_jamais_l_allocation(mois, graine, nom, supplements):
    bases = tirer(graine, mois, 5)
    supplements = [0, *sorted(supplements)]
    cas = [avec(base, nom, mois - 1, plus) for base in bases for plus in supplements]
    for montants in simuler(cas, mois, MONTANTS).values():
        par_base = montants.reshape(len(bases), len(supplements))
        assert (numpy.diff(par_base) <= 0).all(), par_base


@stable(max_examples=40 // one_in(2))
@given(mois_du_cej, graines, st.lists(st.integers(0, 1000), min_size=2))
def test_une_sanction_plus_lourde_n_augmente_jamais_l_allocation(mois, graine, taux):
    taux = sorted(taux)
    (base,) = tirer(graine, mois, 1)
    cle = nom_du_mois(mois)
    cas = [
        {
            **base,
            "cej_sanction_motif": {cle: "manquement"},
            "cej_sanction_taux": {cle: millieme / 1000},
        }
        for millieme in taux
    ]
    assert (numpy.diff(simuler(cas, mois, ["cej_allocation"])["cej_allocation"]) <= 0).all()


@stable(max_examples=60 // one_in(2))
@given(mois_du_cej, graines)
def test_l_allocation_est_entre_zero_et_le_forfait_et_au_centime(mois, graine):
    valeurs = simuler(tirer(graine, mois, 40), mois, [*MONTANTS, "cej_montant_forfaitaire"])
    allocation = valeurs["cej_allocation"]
    assert (allocation >= 0).all()
    assert (allocation <= valeurs["cej_montant_forfaitaire"]).all()
    for montants in (valeurs[nom] for nom in MONTANTS):
        assert (montants >= 0).all()
        assert (montants == numpy.rint(montants * 100) / 100).all()


@stable(max_examples=40 // one_in(2))
@given(mois_du_cej, graines, st.integers(0, 9))
def test_une_personne_sans_lien_ne_change_rien(mois, graine, place):
    autre, *cas = tirer(graine, mois, 10)
    sans = simuler(cas, mois, TOUT)
    avec_l_autre = simuler([*cas[:place], autre, *cas[place:]], mois, TOUT)
    for nom in TOUT:
        assert (numpy.delete(avec_l_autre[nom], place) == sans[nom]).all(), nom


@stable(max_examples=15 // one_in(2))
@given(mois_du_cej, graines)
def test_seule_ou_dans_un_vecteur_une_personne_a_le_meme_montant(mois, graine):
    cas = tirer(graine, mois, 8)
    ensemble = simuler(cas, mois, TOUT)
    for rang, un in enumerate(cas):
        seul = simuler([un], mois, TOUT)
        for nom in TOUT:
            assert seul[nom][0] == ensemble[nom][rang], (nom, un)


@stable(max_examples=60 // one_in(2))
@given(mois_du_cej, graines, st.sampled_from(CUMULABLES), centimes)
def test_une_ressource_cumulable_ne_change_rien(mois, graine, nom, montant):
    cas = [{cle: un[cle] for cle in un if cle != nom} for un in tirer(graine, mois, 20)]
    sans = simuler(cas, mois, ["cej_allocation"])
    avec_elle = simuler([{**un, nom: montant / 100} for un in cas], mois, ["cej_allocation"])
    assert (sans["cej_allocation"] == avec_elle["cej_allocation"]).all()


@stable(max_examples=30 // one_in(2))
@given(mois_avant, mois_du_cej, graines)
def test_avant_mars_2022_tout_est_nul_et_rien_n_echoue(avant, mois, graine):
    tbs = systeme()
    simulation, _ = construire(tirer(graine, mois, 10), avant)
    calculees = [
        nom
        for nom, variable in tbs.variables.items()
        if nom.startswith(("cej_", "contrat_engagement_jeune", "allocation_ponctuelle"))
        and variable.formulas
        and variable.definition_period == "month"
        and nom not in TIREES_DE  # read the month before a right
    ]
    assert "cej_allocation" in calculees
    for nom in calculees:
        valeurs = calculer(simulation, nom, avant)
        if tbs.get_variable(nom).value_type in (bool, int, float):
            assert not valeurs.any(), nom
