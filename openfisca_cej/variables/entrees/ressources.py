"""Monthly resources of the young person: inputs that OpenFisca-France has too."""

from openfisca_cej.base import Ressource
from openfisca_cej.declarations import (
    ARRET,
    CHOMAGE,
    FORMATION,
    SERVICE,
    TRAVAIL,
    question,
    seuls,
)
from openfisca_cej.texts import R5131_20, R5131_21, R5131_22, R5131_24


@question(
    "Quelle allocation de chômage (ARE) avez-vous reçue en {mois} ?",
    aide="Le montant net de l'avis de paiement de France Travail.",
    rang=7,
    bref="allocation de chômage",
    mots=(
        "ARE, chômage, allocation d'aide au retour à l'emploi, assurance chômage, "
        "France Travail, Pôle emploi, Unédic, Assedic"
    ),
    theme=CHOMAGE,
)
class chomage_net(Ressource):
    label = "Allocations de chômage nettes (ARE)"
    documentation = "Intégralement déductible (R5131-21, 1°)."
    reference = R5131_21


@question(
    "Quelle allocation de solidarité spécifique (ASS) avez-vous reçue en {mois} ?",
    aide=(
        "Elle prend la suite de l'allocation de chômage ; le montant de l'avis de paiement de "
        "France Travail."
    ),
    bref="ASS",
    mots="ASS, chômage, fin de droits, France Travail, Pôle emploi",
    theme=CHOMAGE,
)
class ass(Ressource):
    label = "Allocation de solidarité spécifique"
    documentation = "Intégralement déductible (R5131-21, 1°)."
    reference = R5131_21


@question(
    "Quelle allocation de sécurisation professionnelle avez-vous reçue en {mois} ?",
    aide=(
        "Versée par France Travail après un licenciement économique, dans le contrat de "
        "sécurisation professionnelle (CSP)."
    ),
    bref="allocation de sécurisation professionnelle",
    mots="ASP, CSP, contrat de sécurisation professionnelle, licenciement économique",
    theme=CHOMAGE,
)
class allocation_securisation_professionnelle(Ressource):
    label = "Allocation de sécurisation professionnelle"
    documentation = "Article L1233-68 ; intégralement déductible (R5131-21, 1°)."
    reference = R5131_21


@question(
    "Quelle rémunération de stage de formation professionnelle avez-vous reçue en {mois} ?",
    aide=(
        "Versée par la Région, l'État ou France Travail pendant une formation ; la gratification "
        "d'un stage en entreprise n'en est pas."
    ),
    rang=8,
    bref="rémunération de formation",
    mots=(
        "formation rémunérée, RSFP, rémunération de formation, "
        "stagiaire de la formation professionnelle, région, Agence de services et de paiement, "
        "RFPE"
    ),
    theme=FORMATION,
)
class revenus_stage_formation_pro(Ressource):
    label = "Revenus de stage de formation professionnelle"
    documentation = "Intégralement déductible (R5131-21, 2°)."
    reference = R5131_21


@question(
    "Quel salaire net à payer avez-vous reçu en {mois} ?",
    aide=(
        "Le « net à payer » du bulletin de salaire, acomptes compris ; sans les contrats "
        "d'insertion, les contrats aidés et l'apprentissage, demandés à part."
    ),
    rang=6,
    bref="salaire",
    mots=(
        "salaire, paie, CDD, CDI, intérim, mission d'intérim, alternance, "
        "contrat de professionnalisation, saisonnier, job, petit boulot, emploi, "
        "heures supplémentaires, temps partiel, mi-temps, job étudiant, job d'été, extra, "
        "baby-sitting, CESU, prime, prime de précarité, 13e mois, treizième mois, congés "
        "payés, solde de tout compte, indemnité de fin de contrat, pourboires, contrat pro, "
        "SMIC, babysitting, garde d'enfants, animateur, BAFA, vendanges, travail au noir, black"
    ),
    theme=TRAVAIL,
)
class salaire_net(Ressource):
    label = "Salaire net à payer"
    documentation = (
        "Le « net à payer » du bulletin, acomptes déjà versés ajoutés ; partiellement "
        "déductible (R5131-22, 1°)."
    )
    reference = R5131_22


@question(
    "Quel salaire d'apprentissage avez-vous reçu en {mois} ?",
    aide="Le « net à payer » du bulletin de salaire, acomptes compris.",
    rang=12,
    bref="salaire d'apprenti",
    mots="apprentissage, alternance, contrat d'apprentissage, CFA, salaire",
    theme=TRAVAIL,
)
class remuneration_apprenti(Ressource):
    label = "Rémunération de l'apprenti"
    documentation = "Partiellement déductible (R5131-22, 1°)."
    reference = R5131_22


@question(
    "Quelle indemnité d'activité partielle (chômage partiel) avez-vous reçue en {mois} ?",
    aide="Elle a sa ligne sur le bulletin de salaire ; à ne pas compter aussi dans le salaire.",
    bref="activité partielle",
    mots="chômage partiel, activité partielle, APLD, chômage technique",
    theme=TRAVAIL,
)
class indemnites_chomage_partiel(Ressource):
    label = "Indemnités d'activité partielle"
    documentation = "Partiellement déductible (R5131-22, 2°)."
    reference = R5131_22


@question(
    "Quelles indemnités journalières de congé de maternité avez-vous reçues en {mois} ?",
    aide="Le relevé de l'assurance maladie (compte ameli) ou de la MSA.",
    bref="indemnités de maternité",
    mots="IJ, IJSS, congé maternité, grossesse, CPAM, Ameli",
    theme=ARRET,
)
class indemnites_journalieres_maternite(Ressource):
    label = "Indemnités journalières de maternité"
    documentation = "Partiellement déductible (R5131-22, 3°)."
    reference = R5131_22


@question(
    (
        "Quelles indemnités journalières de congé de paternité et d'accueil de l'enfant avez-vous "
        "reçues en {mois} ?"
    ),
    aide="Le relevé de l'assurance maladie (compte ameli) ou de la MSA.",
    bref="indemnités de paternité",
    mots="IJ, IJSS, congé paternité, accueil de l'enfant, CPAM, Ameli",
    theme=ARRET,
)
class indemnites_journalieres_paternite(Ressource):
    label = "Indemnités journalières de paternité"
    documentation = "Partiellement déductible (R5131-22, 3°)."
    reference = R5131_22


@question(
    "Quelles indemnités journalières de congé d'adoption avez-vous reçues en {mois} ?",
    aide="Le relevé de l'assurance maladie (compte ameli) ou de la MSA.",
    bref="indemnités d'adoption",
    mots="IJ, IJSS, congé d'adoption, CPAM, Ameli",
    theme=ARRET,
)
class indemnites_journalieres_adoption(Ressource):
    label = "Indemnités journalières d'adoption"
    documentation = "Partiellement déductible (R5131-22, 3°)."
    reference = R5131_22


@question(
    "Quelles indemnités journalières de maladie avez-vous reçues en {mois} ?",
    aide=(
        "Le relevé de l'assurance maladie (compte ameli) ou de la MSA, sans le complément de "
        "l'employeur."
    ),
    bref="indemnités de maladie",
    mots="IJ, IJSS, arrêt maladie, arrêt de travail, CPAM, Ameli",
    theme=ARRET,
)
class indemnites_journalieres_maladie(Ressource):
    label = "Indemnités journalières de maladie"
    documentation = "Partiellement déductible (R5131-22, 4°)."
    reference = R5131_22


@question(
    "Quelles indemnités journalières d'accident du travail avez-vous reçues en {mois} ?",
    aide=(
        "Le relevé de l'assurance maladie (compte ameli) ou de la MSA, sans le complément de "
        "l'employeur."
    ),
    bref="indemnités d'accident du travail",
    mots="IJ, IJSS, AT, arrêt de travail, accident de trajet, CPAM, Ameli",
    theme=ARRET,
)
class indemnites_journalieres_accident_travail(Ressource):
    label = "Indemnités journalières d'accident du travail"
    documentation = "Partiellement déductible (R5131-22, 4°)."
    reference = R5131_22


@question(
    "Quelles indemnités journalières de maladie professionnelle avez-vous reçues en {mois} ?",
    aide=(
        "Le relevé de l'assurance maladie (compte ameli) ou de la MSA, sans le complément de "
        "l'employeur."
    ),
    bref="maladie professionnelle",
    mots="IJ, IJSS, AT/MP, MP, arrêt de travail, CPAM, Ameli",
    theme=ARRET,
)
class indemnites_journalieres_maladie_professionnelle(Ressource):
    label = "Indemnités journalières de maladie professionnelle"
    documentation = "Partiellement déductible (R5131-22, 4°)."
    reference = R5131_22


@question(
    "Quel total d'indemnités journalières l'assurance maladie vous a-t-elle versé en {mois} ?",
    aide=(
        "À donner si vous n'en connaissez pas le détail (maladie, maternité, accident du "
        "travail…) ; rien n'est compté deux fois."
    ),
    rang=11,
    bref="indemnités journalières sans détail",
    mots="IJ, IJSS, arrêt de travail, arrêt maladie, sécurité sociale, CPAM, Ameli",
    theme=ARRET,
)
class indemnites_journalieres(Ressource):
    label = "Total des indemnités journalières de base"
    documentation = (
        "À donner quand le détail par risque n'est pas connu : seul ce qui dépasse la somme "
        "des détails est ajouté (R5131-22, 3° et 4°)."
    )
    reference = R5131_22


@question(
    "Quelle indemnité de service civique avez-vous reçue en {mois} ?",
    aide="Elle suspend l'allocation.",
    rang=13,
    bref="service civique",
    mots="service civique, volontaire, volontariat, engagement de service civique",
    theme=SERVICE,
)
class indemnites_volontariat(Ressource):
    label = "Indemnité de service civique"
    documentation = "Suspend l'allocation (R5131-24, III, 4°)."
    reference = R5131_24


@question(
    "Quelle allocation aux adultes handicapés (AAH) avez-vous reçue en {mois} ?",
    aide=(
        "Elle figure sur l'attestation de paiement de la CAF ou de la MSA ; elle ne réduit pas "
        "l'allocation."
    ),
    bref="AAH",
    mots="AAH, handicap, MDPH, CAF, allocation handicap",
)
class aah(Ressource):
    label = "Allocation aux adultes handicapés"
    documentation = "Intégralement cumulable (R5131-20, II)."
    reference = R5131_20


@question(
    "Quelle gratification de stage en entreprise avez-vous reçue en {mois} ?",
    aide="Celle de la convention de stage ; elle ne réduit pas l'allocation.",
    bref="gratification de stage",
    mots="gratification, stage étudiant, stagiaire, convention de stage",
)
class indemnites_stage(Ressource):
    label = "Gratification de stage en entreprise"
    documentation = (
        "Article L124-1 du code de l'éducation ; intégralement cumulable (R5131-20, II)."
    )
    reference = R5131_20


@question(
    "Quelle bourse de l'enseignement supérieur avez-vous reçue en {mois} ?",
    aide="Celle du Crous ou de votre établissement ; elle ne réduit pas l'allocation.",
    bref="bourse",
    exemple=400,
    mots="bourse, CROUS, étudiant, échelon",
)
class bourse_enseignement_sup(Ressource):
    label = "Bourse de l'enseignement supérieur"
    documentation = "Intégralement cumulable (R5131-20, II)."
    reference = R5131_20


@question(
    "Quelle pension alimentaire avez-vous reçue en {mois} ?",
    aide=(
        "Versée par un parent ou une autre personne qui y est tenue ; elle ne réduit pas "
        "l'allocation."
    ),
    bref="pension alimentaire",
    exemple=400,
    mots="pension alimentaire, aide des parents, entretien, ARIPA, argent des parents",
)
class pensions_alimentaires_percues(Ressource):
    label = "Pensions alimentaires perçues"
    documentation = "Intégralement cumulables (R5131-20, II)."
    reference = R5131_20


@question(
    "Quelle pension d'invalidité avez-vous reçue en {mois} ?",
    aide="Le relevé de l'assurance maladie ou de la MSA ; elle ne réduit pas l'allocation.",
    bref="pension d'invalidité",
    exemple=400,
    mots="invalidité, CPAM, handicap",
)
class pensions_invalidite(Ressource):
    label = "Pension d'invalidité"
    documentation = "Intégralement cumulable (R5131-20, II)."
    reference = R5131_20


@question(
    (
        "Quel chiffre d'affaires de micro-entreprise avez-vous encaissé en {mois} en vendant des "
        "marchandises ?"
    ),
    aide=(
        "Achat et revente, repas, logement : le montant déclaré à l'Urssaf, avant tout abattement."
    ),
    bref="ventes de micro-entreprise",
    exemple=2000,
    mots=(
        "auto-entrepreneur, micro-entrepreneur, indépendant, chiffre d'affaires, commerce, "
        "revente, marchandises, micro-entreprise"
    ),
    theme=TRAVAIL,
)
@seuls(
    "n'a de ventes de micro-entreprise",
    "contrat_engagement_jeune.ressources.abattement_micro_entreprise.achat_revente",
)
class rpns_auto_entrepreneur_CA_achat_revente(Ressource):
    label = "Chiffre d'affaires de micro-entreprise, ventes"
    documentation = (
        "Compte pour 29 %, après l'abattement forfaitaire de 71 %, parmi les revenus d'activité "
        "(R5131-22, 1°)."
    )
    reference = R5131_22


@question(
    "Quel chiffre d'affaires de micro-entreprise avez-vous encaissé en {mois} pour des services ?",
    aide=("Livraisons à vélo par exemple : le montant déclaré à l'Urssaf, avant tout abattement."),
    bref="services de micro-entreprise",
    exemple=1200,
    mots=(
        "auto-entrepreneur, micro-entrepreneur, indépendant, freelance, chiffre d'affaires, "
        "plateforme, livreur, VTC, artisan, prestation de services, micro-entreprise, Uber, "
        "Deliveroo, Uber Eats, Twitch, YouTube, OnlyFans"
    ),
    theme=TRAVAIL,
)
@seuls(
    "n'a de services de micro-entreprise",
    "contrat_engagement_jeune.ressources.abattement_micro_entreprise.bic",
)
class rpns_auto_entrepreneur_CA_bic(Ressource):
    label = "Chiffre d'affaires de micro-entreprise, services commerciaux ou artisanaux"
    documentation = (
        "Compte pour 50 %, après l'abattement forfaitaire de 50 %, parmi les revenus d'activité "
        "(R5131-22, 1°)."
    )
    reference = R5131_22


@question(
    (
        "Quelles recettes de micro-entreprise avez-vous encaissées en {mois} pour une activité "
        "libérale ?"
    ),
    aide="Le montant déclaré à l'Urssaf, avant tout abattement.",
    bref="activité libérale de micro-entreprise",
    exemple=900,
    mots=(
        "auto-entrepreneur, micro-entrepreneur, indépendant, freelance, chiffre d'affaires, "
        "profession libérale, conseil, micro-entreprise"
    ),
    theme=TRAVAIL,
)
@seuls(
    "n'a d'activité libérale de micro-entreprise",
    "contrat_engagement_jeune.ressources.abattement_micro_entreprise.bnc",
)
class rpns_auto_entrepreneur_CA_bnc(Ressource):
    label = "Recettes de micro-entreprise, activité libérale"
    documentation = (
        "Compte pour 66 %, après l'abattement forfaitaire de 34 %, parmi les revenus d'activité "
        "(R5131-22, 1°)."
    )
    reference = R5131_22
