"""The foyer fiscal of each person: its income and parts, of which the law computes the tier.

Shares of foyers taxed, and beyond the first bracket, are assumptions; where these limits lie, for a
number of parts and a year, is the scale of the law. Ranks in the distribution hold from one year to
the next: incomes follow the limits.
"""

from typing import TYPE_CHECKING, NamedTuple

import numpy

from openfisca_cej.population.lean import FIRST_NOTICE
from openfisca_cej.population.process import normalised
from openfisca_cej.population.table import Input

if TYPE_CHECKING:
    from openfisca_cej.population.synthetic import Entrants

#: Exponent of the incomes beyond the first bracket (Pareto).
TAIL = 2.5

#: The lowest incomes of the parents, as a share of the limit under which no tax is due.
LOWEST = 0.2

#: What these families receive (€ a month): only that they do counts (R5131-24).
RSA, PPA = 550.0, 150.0


class Foyer(NamedTuple):
    """Whose it is, and what its tax return says; arrays of one value a person."""

    own: numpy.ndarray
    couple: numpy.ndarray
    parts: numpy.ndarray
    autonomous: numpy.ndarray
    incomes: dict[int, numpy.ndarray]
    own_incomes: numpy.ndarray


def foyer(making: "Entrants") -> Foyer:
    """The foyer at signature: the parents' for those who were minors on 1 January of the year of
    the incomes, or who join them under the limit of age; others are their own foyer.
    """
    draw = making.draw("foyer")
    count, own = making.count, ~attached(making, draw)
    couple = ~(draw.random(count) < making.assumed("part_parents_seuls"))
    children = parts_of_children(making, draw, couple)
    parts = numpy.where(own, 1.0, numpy.where(couple, 2.0, 1.0) + children)
    couple &= ~own
    alone = draw.uniform(0, 2 * making.assumed("revenu_propre"), count).round()
    taxed, beyond = shares(making, draw)
    rank = draw.random(count)
    incomes = {}
    above = (numpy.maximum(beyond, 1e-9) / (1 - rank)) ** (1 / TAIL)
    for year in years(making):
        of_parents = per_part(making, year, couple, parts, rank, taxed, beyond, above) * parts
        incomes[year] = numpy.where(own, alone, of_parents.round())
    autonomous = ~own & (making.ages >= 18)
    autonomous &= draw.random(count) < making.assumed("part_autonomie")
    return Foyer(own, couple, parts, autonomous, incomes, alone)


def attached(making: "Entrants", draw: numpy.random.Generator) -> numpy.ndarray:
    """Who is in the parents' foyer."""
    months = making.entries[0]
    new_notice = making.law(
        making.months[-1]
    ).contrat_engagement_jeune.montant_forfaitaire.premier_mois_nouvel_avis
    of_incomes = months // 12 - numpy.where(months % 12 + 1 >= new_notice, 1, 2)
    ages = making.ages_at((of_incomes - 1970).astype("datetime64[Y]").astype("datetime64[D]"))
    joined = ages < 18
    may_join = numpy.flatnonzero(~joined & (ages < making.assumed("age_limite_rattachement")))
    living = making.living_with_a_parent(may_join, draw)
    joined[may_join] = living & (draw.random(len(may_join)) < making.assumed("part_rattaches"))
    return joined


def parts_of_children(
    making: "Entrants", draw: numpy.random.Generator, couple: numpy.ndarray
) -> numpy.ndarray:
    """Parts for the children: a half for each of the first two, one for each other.

    A single parent has one for the first.
    """
    known = making.assumed("nombre_enfants")
    numbers = draw.choice(list(known), making.count, p=normalised(known))
    return numpy.minimum(numbers, 2) / 2 + numpy.maximum(numbers - 2, 0) + ~couple * 0.5


def shares(making: "Entrants", draw: numpy.random.Generator) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Chance that the parents are taxed, and beyond the first bracket, by their occupation."""
    known = making.assumed("part_parents_cadres")
    chance = sum((making.diplomas == name) * share for name, share in known.items())
    managers = draw.random(making.count) < chance
    taxed, beyond = (
        numpy.where(managers, values["cadre"], values["autre"])
        for values in map(making.assumed, ("part_foyers_imposes", "part_foyers_au_dela"))
    )
    return taxed, beyond


def years(making: "Entrants") -> range:
    """Years of incomes whose notice some month reads."""
    return range(max(making.months[0] // 12 - 2, FIRST_NOTICE), (making.months[-1] + 4) // 12)


def per_part(
    making: "Entrants",
    year: int,
    couple: numpy.ndarray,
    parts: numpy.ndarray,
    rank: numpy.ndarray,
    taxed: numpy.ndarray,
    beyond: numpy.ndarray,
    above: numpy.ndarray,
) -> numpy.ndarray:
    """Income (€) of each part of a foyer at this rank: uniform in each tier, Pareto beyond.

    ``above``: how many times the limit of the last tier, at this rank.
    """
    law = making.law(12 * year).impot_revenu
    scale, tax = law.bareme_ir_depuis_1945.bareme, law.calcul_impot_revenu
    decote = tax.plaf_qf.decote
    ceiling = numpy.where(couple, decote.seuil_couple, decote.seuil_celib)
    # Gross tax from which something is left after the décote, and is collected.
    gross = (ceiling + tax.recouvrement.min_avant_credits_impots) / (1 + decote.taux)
    floor = scale.thresholds[1] + gross / (scale.rates[1] * parts)
    limit = scale.thresholds[2]
    low = floor * (LOWEST + (1 - LOWEST) * rank / numpy.maximum(1 - taxed, 1e-9))
    middle = floor + (limit - floor) * (rank - (1 - taxed)) / numpy.maximum(taxed - beyond, 1e-9)
    return numpy.where(rank < 1 - taxed, low, numpy.where(rank < 1 - beyond, middle, limit * above))


def inputs(foyer: Foyer) -> list[Input]:
    """What the model reads of the foyers."""
    return [
        Input("nbptr", None, foyer.parts),
        Input("maries_ou_pacses", None, foyer.couple),
        Input("cej_autonomie_fiscale", None, foyer.autonomous),
        Input("cej_rni_autonome", None, foyer.own_incomes),
        *(Input("rni", str(year), values) for year, values in foyer.incomes.items()),
    ]


def benefits(making: "Entrants", foyer: Foyer, worked: numpy.ndarray) -> dict[str, numpy.ndarray]:
    """RSA and prime d'activité (€) of the family, by month of contract, of adults on their own."""
    draw = making.draw("famille")
    adults = foyer.own & (making.ages >= 18)
    contract = making.process.contract > 0
    rsa = adults & (draw.random(making.count) < making.assumed("part_rsa"))
    opened = making.process.random(draw) < making.assumed("risque_mensuel_prime_activite")
    opened &= contract & (worked > 0) & adults[:, None] & ~rsa[:, None]
    # Opened for three months: it ends the payments of the contract anyway.
    return {"rsa": RSA * (contract & rsa[:, None]), "ppa": PPA * opened}
