"""The law as OpenFisca computes it."""

from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej import RACINE, entities
from openfisca_cej.situation_examples import exemple


class CountryTaxBenefitSystem(TaxBenefitSystem):
    """The CEJ's law: its entities, parameters and variables, from 2022-03-01 on."""

    def __init__(self) -> None:
        super().__init__(entities.entities)
        self.add_variables_from_directory(str(RACINE / "variables"))
        self.load_parameters(str(RACINE / "parameters"))
        self.open_api_config = {
            "variable_example": "cej_allocation",
            "parameter_example": (
                "contrat_engagement_jeune.montant_forfaitaire.general.majeur_non_imposable"
            ),
            # Computed at every start of an API worker: the lightest example.
            "simulation_example": exemple("jeune_seul"),
        }
