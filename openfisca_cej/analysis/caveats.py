"""What is in doubt in the law of the months compared: sentences in French."""

from collections.abc import Iterable
from datetime import date

from openfisca_core.parameters import Parameter
from openfisca_core.periods import period
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.explain import french
from openfisca_cej.explain.sources import ParameterUsed, freshness, parameter_used
from openfisca_cej.population.months import first_day, month_text

#: The parameters that the amounts of the allowance rest on.
OF_THE_AMOUNTS = (
    "contrat_engagement_jeune.montant_forfaitaire",
    "contrat_engagement_jeune.ressources",
    "marche_travail.salaire_minimum.smic.smic_b_mensuel",
)


def caveats(system: TaxBenefitSystem, months: range) -> tuple[str, ...]:
    """The values that are only deduced, and the months that come after the law was last checked."""
    read = list({(used.path, used.since): used for used in in_force(system, months)}.values())
    fresh = freshness(read, period(month_text(months[-1])), in_mayotte=False)
    deduced = [used for used in read if used.confidence == "déduit" and is_amount(used)]
    found = []
    if deduced:
        named = [
            f"{used.label} ({used.written} depuis le {french.day(date.fromisoformat(used.since))})"
            for used in deduced
        ]
        found.append(f"Valeurs déduites, et non lues ni publiées : {' ; '.join(named)}.")
    if fresh.unknown:
        told = "les dernières valeurs connues servent pour tous les mois qui suivent."
        found.append(f"{fresh.unknown} : {told}")
    return tuple(found)


def in_force(system: TaxBenefitSystem, months: range) -> Iterable[ParameterUsed]:
    """The parameters of the amounts, as they are in each of the months."""
    for parameter in system.parameters.get_descendants():
        if isinstance(parameter, Parameter) and parameter.name.startswith(OF_THE_AMOUNTS):
            for day in (str(first_day(month)) for month in months):
                used = parameter_used(system, parameter.name, day) if parameter(day) else None
                if used is not None:
                    yield used


def is_amount(used: ParameterUsed) -> bool:
    """Whether the value is a number of euros in force: a convention is told apart."""
    return isinstance(used.value, float) and used.written.endswith("€")
