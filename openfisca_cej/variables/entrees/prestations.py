"""Benefits of the family: inputs that OpenFisca-France has too."""

from openfisca_cej.base import Ressource
from openfisca_cej.declarations import question, seuls
from openfisca_cej.entities import Famille
from openfisca_cej.texts import R5131_20, R5131_24


@question(
    "Quel montant de RSA votre famille a-t-elle reçu pour {mois} ?",
    aide=(
        "Le revenu de solidarité active figure sur l'attestation de paiement de la CAF ou de la "
        "MSA ; zéro si personne n'en reçoit."
    ),
    rang=9,
    mots="RSA, CAF, MSA, revenu minimum",
    a_cocher="Le RSA dans votre famille",
)
class rsa(Ressource):
    entity = Famille
    label = "Revenu de solidarité active de la famille"
    documentation = (
        "Exclut l'allocation du demandeur et de son conjoint, non celle des personnes à "
        "charge (R5131-24, I)."
    )
    reference = R5131_24


@question(
    "Quel montant de prime d'activité votre famille a-t-elle reçu pour {mois} ?",
    aide=(
        "Il figure sur l'attestation de paiement de la CAF ou de la MSA ; zéro si personne n'en "
        "reçoit."
    ),
    rang=10,
    jamais="Zéro vaut aussi pour les mois d'avant, depuis la signature.",
    mots="PPA, prime d'activité, CAF, MSA",
    a_cocher="La prime d'activité dans votre famille, ce mois-là ou plus tôt dans le contrat",
)
@seuls("n'a la prime d'activité", "contrat_engagement_jeune.non_cumul.prime_activite_met_fin")
class ppa(Ressource):
    entity = Famille
    label = "Prime d'activité de la famille"
    documentation = (
        "Exclut l'allocation du demandeur et de son conjoint, non celle des personnes à "
        "charge (R5131-24, II)."
    )
    reference = R5131_24


@question(
    "Quelle aide au logement votre famille a-t-elle reçue pour {mois} ?",
    aide=(
        "APL, ALS ou ALF de l'attestation de paiement de la CAF ou de la MSA ; elle ne réduit pas "
        "l'allocation."
    ),
    bref="aide au logement",
    exemple=200,
    mots="APL, ALS, ALF, AL, CAF, loyer, allocation logement",
)
class aide_logement(Ressource):
    entity = Famille
    label = "Aide au logement de la famille"
    documentation = "Intégralement cumulable (R5131-20, II)."
    reference = R5131_20


@question(
    "Quelles allocations familiales votre famille a-t-elle reçues pour {mois} ?",
    aide=(
        "Elles figurent sur l'attestation de paiement de la CAF ou de la MSA ; elles ne réduisent "
        "pas l'allocation."
    ),
    bref="allocations familiales",
    exemple=200,
    mots="AF, CAF, prestations familiales, enfants à charge",
)
class af(Ressource):
    entity = Famille
    label = "Allocations familiales"
    documentation = "Intégralement cumulables (R5131-20, II)."
    reference = R5131_20
