"""Entities of the model: same keys, plurals and roles as OpenFisca-France."""

from openfisca_core.entities import build_entity

Individu = build_entity(
    key="individu",
    plural="individus",
    label="Individu",
    doc="Une personne : le jeune, ses parents, son conjoint.",
    is_person=True,
)

Famille = build_entity(
    key="famille",
    plural="familles",
    label="Famille",
    doc="Le foyer au sens des prestations familiales, du RSA et de la prime d'activité.",
    roles=[
        {
            "key": "parent",
            "plural": "parents",
            "label": "Parents",
            "doc": "Le demandeur de la prestation et son conjoint, concubin ou partenaire.",
            "subroles": ["demandeur", "conjoint"],
        },
        {
            "key": "enfant",
            "plural": "enfants",
            "label": "Enfants et autres personnes à charge",
            "doc": "Les personnes à charge au sens de R262-3 du code de l'action sociale.",
        },
    ],
)

FoyerFiscal = build_entity(
    key="foyer_fiscal",
    plural="foyers_fiscaux",
    label="Foyer fiscal",
    doc="Les personnes inscrites sur une même déclaration de revenus.",
    roles=[
        {
            "key": "declarant",
            "plural": "declarants",
            "label": "Déclarants",
            "doc": "Les personnes qui déclarent, imposées ensemble.",
            "subroles": ["declarant_principal", "conjoint"],
        },
        {
            "key": "personne_a_charge",
            "plural": "personnes_a_charge",
            "label": "Personnes à charge",
            "doc": "Les personnes rattachées à la déclaration, par exemple le jeune.",
        },
    ],
)

Menage = build_entity(
    key="menage",
    plural="menages",
    label="Ménage",
    doc="Les occupants d'un même logement.",
    roles=[
        {
            "key": "personne_de_reference",
            "label": "Personne de référence",
            "doc": "La personne au nom de laquelle le logement est occupé.",
            "max": 1,
        },
        {
            "key": "conjoint",
            "label": "Conjoint",
            "doc": "Le conjoint de la personne de référence.",
            "max": 1,
        },
        {
            "key": "enfant",
            "plural": "enfants",
            "label": "Enfants",
            "doc": "Les enfants de la personne de référence ou de son conjoint.",
        },
        {
            "key": "autre",
            "plural": "autres",
            "label": "Autres",
            "doc": "Les autres occupants du logement.",
        },
    ],
)

entities = [Individu, Famille, FoyerFiscal, Menage]
