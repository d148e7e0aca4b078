"""What is in doubt in the law of the months compared: sentences in French."""

from collections.abc import Iterable, Sequence
from datetime import date

from openfisca_core.parameters import Parameter
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej import french
from openfisca_cej.analysis.comparison import Published, TypicalCase
from openfisca_cej.analysis.published_figures import figure
from openfisca_cej.analysis.sources import published
from openfisca_cej.explain.sources import ParameterUsed, parameter_used
from openfisca_cej.population.months import month_period
from openfisca_cej.population.protocol import calibration

#: The parameters that the amounts of the allowance rest on.
OF_THE_AMOUNTS = (
    "contrat_engagement_jeune.montant_forfaitaire",
    "contrat_engagement_jeune.ressources",
    "marche_travail.salaire_minimum.smic.smic_b_mensuel",
)


#: Figures of the validation that say the bias: payees, amounts.
JUDGED = ("montant_moyen_2023", "depense_2023", "allocataires_moyenne", "payes_2023")

#: What the bias does to a reform, by what its provisions are, the narrowest first.
OF_KINDS = {
    "contrat_engagement_jeune.sanctions": (
        "La réforme change les sanctions : rien n'est publié de leur nombre, qui est une hypothèse."
    ),
    "contrat_engagement_jeune.montant_forfaitaire.selon_situation_fiscale": (
        "La réforme change la condition fiscale : la répartition des foyers par tranche est une "
        "hypothèse, qu'aucun chiffre publié ne juge."
    ),
    "impot_revenu": (
        "La réforme change la condition fiscale : la répartition des foyers par tranche est une "
        "hypothèse, qu'aucun chiffre publié ne juge."
    ),
    "contrat_engagement_jeune.montant_forfaitaire": (
        "La réforme change les montants : son effet est en proportion de la dépense simulée, et "
        "{spending}."
    ),
    "contrat_engagement_jeune.ressources": (
        "La réforme change la prise en compte des ressources : elle porte sur les mois où il y en "
        "a, dont rien n'est publié ; l'effet peut être trop fort ou trop faible."
    ),
    "cej_coefficient": (
        "La réforme change la prise en compte des ressources : elle porte sur les mois où il y en "
        "a, dont rien n'est publié ; l'effet peut être trop fort ou trop faible."
    ),
}


def bias(figures: Sequence[Published], paths: Iterable[str]) -> tuple[str, ...]:
    """The known bias of a synthetic population, with its numbers, and what it does to a reform.

    ``figures`` are those computed on this population; where the published ones do not bear on it,
    the bias is that of the entrants of France, as the calibration measured it.
    """
    computed = {one.name: one for one in figures}
    whose = "Biais connu, sous le droit en vigueur"
    if not set(JUDGED) <= set(computed):
        known, found = published(), calibration()["cale"]["intervalles"]
        computed = {
            name: figure(name, known[name], found[name][1], found[name][1]) for name in JUDGED
        }
        whose = "Biais connu des entrants de France, faute de chiffre publié sur ceux-ci"
    told = " ; ".join(gap_told(computed[name]) for name in JUDGED)
    kinds = [kind_of(path) for path in paths]
    spending = spending_told(computed["depense_2023"])
    kinds = [kind.format(spending=spending) for kind in dict.fromkeys(filter(None, kinds))]
    return (f"{whose} : {told}.", *kinds)


def kind_of(path: str) -> str:
    """What the bias does to a provision; nothing where nothing is known of it."""
    return next((of for key, of in OF_KINDS.items() if path.startswith(key)), "")


def moves_amounts(path: str) -> bool:
    """Whether the effect of a provision is in proportion of the spending."""
    return "{spending}" in kind_of(path)


def spending_told(one: Published) -> str:
    """What the gap of spending does to an effect in its proportion."""
    if not one.gap:
        return "rien de publié ne le dit faussé"
    return f"sans doute trop {'fort' if one.gap > 0 else 'faible'} comme elle, de {shares(one)} %"


def gap_told(one: Published) -> str:
    """« … : 403 euros simulés pour 440 à 474 publiés (8 à 15 % de moins) »."""
    own = one.baseline
    shown = " à ".join(dict.fromkeys(french.number(end, 0) for end in one.published))
    text = f"{one.label} : {french.number(own, 0)} {one.unit} simulés pour {shown} publiés"
    if not one.gap:
        return f"{text} (dedans)"
    span = shares(one)
    if span == "0":
        return f"{text} (à moins de 1 % près)"
    return f"{text} ({span} % {'de trop' if one.gap > 0 else 'de moins'})"


def shares(one: Published) -> str:
    """By how much a figure leaves what is published, in per cent: « 8 à 15 »."""
    found = sorted(abs(one.baseline / end - 1) for end in one.published)
    return " à ".join(dict.fromkeys(french.number(100 * share, 0) for share in found))


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
            for month in map(month_period, months):
                used = parameter_used(system, parameter.name, month) if parameter(month) else None
                if used is not None:
                    yield used


def is_amount(used: ParameterUsed) -> bool:
    """Whether the value is a number of euros in force: a convention is told apart."""
    return isinstance(used.value, float) and used.written.endswith("€")
