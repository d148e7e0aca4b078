"""What is in doubt in the law of the months compared: sentences in French."""

from collections.abc import Iterable, Sequence
from datetime import date

from openfisca_core.parameters import Parameter
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej import french
from openfisca_cej.analysis.comparison import TypicalCase
from openfisca_cej.explain.sources import ParameterUsed, parameter_used
from openfisca_cej.population.months import first_day

#: The parameters that the amounts of the allowance rest on.
OF_THE_AMOUNTS = (
    "contrat_engagement_jeune.montant_forfaitaire",
    "contrat_engagement_jeune.ressources",
    "marche_travail.salaire_minimum.smic.smic_b_mensuel",
)


def caveats(system: TaxBenefitSystem, months: range) -> tuple[str, ...]:
    """The values that are only deduced, in sentences."""
    read = list({(used.path, used.since): used for used in in_force(system, months)}.values())
    deduced = [used for used in read if used.confidence == "déduit" and is_amount(used)]
    if not deduced:
        return ()
    named = [
        f"{used.label} ({used.written} depuis le {french.day(date.fromisoformat(used.since))})"
        for used in deduced
    ]
    return (f"Valeurs déduites, et non lues ni publiées : {' ; '.join(named)}.",)


def of_cases(cases: Sequence[TypicalCase]) -> list[str]:
    """The values that the law has moved since, once each, with the typical cases that they make."""
    concerned: dict[str, list[str]] = {}
    for case in cases:
        for sentence in case.frozen:
            concerned.setdefault(sentence, []).append(case.label)
    return [f"Cas types : {told} Concernés : {' ; '.join(who)}." for told, who in concerned.items()]


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
