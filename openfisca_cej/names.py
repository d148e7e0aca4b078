"""The variables of the law that tools ask for by what they are: each is named here, once.

Whatever is true of many variables is declared beside them instead: see ``declarations``.
"""

# What is found.
RESULT, ELIGIBLE, RUNNING = "cej_allocation", "cej_eligibilite", "cej_en_cours"
LUMP_SUM, DEDUCTIBLE = "cej_montant_forfaitaire", "cej_ressources_deductibles"
PARTIAL = "cej_ressources_partiellement_deductibles"
SMIC, INTERVAL = "cej_smic_mensuel", "cej_ecart_degressivite"
COEFFICIENT = "cej_coefficient_degressivite"
BEFORE = "cej_montant_avant_non_cumul"
PAYABLE, WITHHELD = "cej_versable", "cej_fraction_supprimee"
MINOR = "cej_mineur"
#: What ends, suspends or comes too late.
NO_RSA, NO_BONUS = "cej_non_cumul_rsa", "cej_non_cumul_ppa"
SUSPENDED, LATE = "cej_suspension", "cej_forclusion"
PAID_BACK = "cej_trop_percu_autonomie"
#: The tier that counts, and that of the foyer fiscal, which autonomy does not change.
TIER, FOYER_TIER = "cej_situation_fiscale", "cej_situation_fiscale_rattachement"

# What is given.
BIRTH, AGE = "date_naissance", "age"
SIGNATURE, END = "cej_date_signature", "cej_date_fin"
#: The end of the contract before.
FORMER_END = "cej_date_fin_precedent"
#: The end that is written in a contract; whether its lump sum is that of the signature.
WRITTEN_END, NOT_REVISED = "cej_date_fin_prevue", "cej_forfait_non_revise"
#: The end of the path that a contract runs on with.
PATH_END = "cej_parcours_date_fin"
WAGE, UNEMPLOYMENT = "salaire_net", "chomage_net"
TRAINING, FAMILY_INCOME = "revenus_stage_formation_pro", "rsa"
VOLUNTEERING, EPIDE = "indemnites_volontariat", "allocation_epide"
DISABLED, PRESUMED_DISABLED = "rqth", "handicap"
MAYOTTE, DEPENDANT = "residence_mayotte", "cej_personne_a_charge"
#: A failing of the scale of 2022, a decision of that of 2025.
FAILING, DECISION = "cej_rang_manquement", "cej_sanction_motif"
#: What a suspension withholds, and that it ended before its term.
WITHHELD_BY_DECISION, LIFTED = "cej_sanction_taux", "cej_sanction_levee"
