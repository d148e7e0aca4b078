"""Values that are right one by one and wrong together: what would compute nonsense."""

from collections.abc import Iterator, Sequence
from typing import Any

from openfisca_core import periods
from openfisca_core.parameters import ParameterNode

from openfisca_cej import french
from openfisca_cej.reforms import tree
from openfisca_cej.reforms.spans import DAY, FOREVER, Span

#: Value of each parameter on one day, by path.
Values = dict[str, Any]

CEJ = "contrat_engagement_jeune"
TAPER = f"{CEJ}.ressources.degressivite"
SMIC = "marche_travail.salaire_minimum.smic.smic_b_mensuel"

#: Pairs of which the first is never more than the second.
ORDERED = (
    *(
        (f"{place}.majeur_premiere_tranche", f"{place}.majeur_non_imposable")
        for place in (f"{CEJ}.montant_forfaitaire.general", f"{CEJ}.montant_forfaitaire.mayotte")
    ),
    (f"{CEJ}.public.age_minimum", f"{CEJ}.public.age_maximum"),
    (f"{CEJ}.contrat.duree_maximale", f"{CEJ}.contrat.duree_totale_maximale"),
)


def problems(root: ParameterNode, untapered: Sequence[Span] = ()) -> list[tuple[str, str]]:
    """What is wrong in a whole tree in English and in French, each thing once, at its first date.

    ``untapered``: when the taper of the article is not in use, so that its divisor does not matter.
    """
    values = tree.numbers(root)
    instants = {item.instant_str for one in values.values() for item in one.values_list}
    instants |= {str(span.end + DAY) for span in untapered if span.end != FOREVER}
    found: dict[str, tuple[str, str]] = {}
    for instant in sorted(instants):
        day = periods.instant(instant)  # Read once, not by each parameter.
        at = {path: parameter(day) for path, parameter in values.items()}
        tapered = not any(str(span.start) <= instant <= str(span.end) for span in untapered)
        for key, en, fr in wrong(at, tapered):
            found.setdefault(key, (f"from {instant} on, {en}", f"à partir du {instant}, {fr}"))
    return list(found.values())


def wrong(at: Values, tapered: bool) -> Iterator[tuple[str, str, str]]:
    """(key, English, French) of what is wrong among the values in force on one day."""
    for low, high in (*ORDERED, *lengths(at)):
        if at[low] is not None and at[high] is not None and at[low] > at[high]:
            yield (
                low,
                f"{low} ({at[low]}) is more than {high} ({at[high]})",
                f"{low} ({at[low]}) est plus que {high} ({at[high]})",
            )
    if tapered:
        for smic in (SMIC, f"{TAPER}.smic_mayotte"):
            part, floor = at[f"{TAPER}.part_smic"], at[f"{TAPER}.abattement"]
            if None not in (part, floor, at[smic]) and part * at[smic] <= floor:
                of, than = at[smic], floor
                en = f"{part:g} × the SMIC of {of:g} € is not more than the disregard of {than:g} €"
                share, of, than = french.trimmed(part, 6), *map(french.plain_euros, (of, than))
                fr = f"{share} × le SMIC de {of} n'est pas plus que l'abattement de {than}"
                yield smic, f"{TAPER}: {en}", f"{TAPER} : {fr}"
    yield from brackets(at)


def lengths(at: Values) -> Iterator[tuple[str, str]]:
    """Shortest and longest lengths of the sanctions."""
    for path in at:
        if path.endswith(".duree_min"):
            yield path, f"{path.removesuffix('min')}max"


def brackets(at: Values) -> Iterator[tuple[str, str, str]]:
    """Thresholds of a scale that do not increase."""
    before: tuple[str, str, float] | None = None
    for path, value in at.items():
        place = tree.scale_of(path)
        if place is None or place[2] != "threshold" or value is None:
            continue
        if before and before[0] == place[0] and before[2] >= value:
            yield (
                path,
                f"{path} ({value:g}) is not more than {before[1]} ({before[2]:g})",
                f"{path} ({value:g}) n'est pas plus que {before[1]} ({before[2]:g})",
            )
        before = place[0], path, value
