"""What a universe shows of a reform of who may sign or of the contract, and what it does not.

Sentences in French. The contracts drawn are replayed under the reform, and those whom a higher
limit of age lets in are drawn; whoever else would come or stay is not known here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openfisca_cej import french
from openfisca_cej.analysis.blind_spots import LAW
from openfisca_cej.analysis.comparison import Change
from openfisca_cej.population.months import first_day
from openfisca_cej.population.newcomers import OLDEST, TAKE_UP
from openfisca_cej.population.universes import ENTRANTS, NEET, PRESENT, STOCK
from openfisca_cej.reforms import Provision

#: The assumption of how many go to a term that a reform moves away.
TO_THE_TERM = "part_au_nouveau_terme"

PUBLIC, CONTRACT = f"{LAW}.public", f"{LAW}.contrat"
OLDEST_AGE, YOUNGEST_AGE = f"{PUBLIC}.age_maximum", f"{PUBLIC}.age_minimum"
OF_THE_DISABLED, REGISTERED = (
    f"{PUBLIC}.age_maximum_rqth",
    f"{PUBLIC}.inscription_demandeur_emploi",
)
TERM, WHOLE_TERM, WAITING, AT_THE_LIMIT = (
    f"{CONTRACT}.{name}"
    for name in ("duree_maximale", "duree_totale_maximale", "delai_carence", "fin_a_la_limite_age")
)

KEPT_OUT = (
    "Qui ne peut plus signer n'a pas de contrat sous la réforme, si elle est en vigueur le mois où "
    "il signe, et ne revient pas plus tard."
)
LET_IN = (
    "Combien signent, de ceux que la réforme laisse entrer, est une hypothèse : {} par an des "
    "jeunes sans emploi ni formation de ces âges (" + TAKE_UP + ")."
)
NOBODY_ENTERS = "{} ne sont pas connus ici : la réforme n'en fait entrer aucun."
ALL_REGISTERED = (
    "Tous les jeunes tirés sont inscrits comme demandeurs d'emploi : l'exiger n'en écarte aucun."
)
TO_THE_LIMIT = (
    "Les contrats tirés finissent avant la limite d'âge d'aujourd'hui : aucun n'est mené plus loin."
)
NO_EXTENSION = "Aucun contrat tiré n'est prolongé : la durée totale n'y change rien."
LONGER = (
    "Combien des contrats menés à leur terme vont au nouveau est une hypothèse : {} ("
    + TO_THE_TERM
    + ") ; dix-huit mois au plus, et aucun contrat fini avant la réforme ne reprend."
)
SHORTER = (
    "Les contrats plus longs que le nouveau terme y finissent, ou le jour où il entre en vigueur."
)
NO_CONTRACT = (
    "Aucun de ces jeunes n'a de contrat : la durée du contrat n'y change rien. "
    "--universe presents --year {} a les contrats."
)
LATER = (
    "Les contrats de {} mois signés en {} ne finissent pas avant {} : demandez aussi ces mois "
    "(--months), ou --universe presents."
)
NOT_THAT_DAY = (
    "Ceux qu'un terme plus long garderait en contrat ce jour-là n'y sont pas : --universe presents "
    "--year {} les tient."
)


@dataclass(frozen=True)
class Drawn:
    """Who was drawn: a universe, its year or day, the window, and what a reform supposes."""

    universe: str
    year: str
    months: range
    supposed: Mapping[str, Any]

    @property
    def last_year(self) -> str:
        """The year of the day, or the last one of the entrants."""
        return self.year[:4] if self.universe == STOCK else self.year[-4:]

    def share(self, name: str) -> str:
        """« 18,7 % (de 9 à 25 %) »."""
        entry = self.supposed[name]
        value = french.percent(entry["valeur"])
        if "plage" not in entry:
            return value
        low, high = (french.trimmed(100 * end, 1) for end in entry["plage"])
        return f"{value} (de {low} à {high} %)"


def told(changes: Sequence[Change | Provision], drawn: Drawn) -> tuple[str, ...]:
    """What is to be known of the effect of these changes on these persons, once each."""
    last = str(first_day(drawn.months[-1]))
    found = [
        sentence
        for one in changes
        if one.start <= last and one.path.startswith((PUBLIC, CONTRACT))
        for sentence in of_change(one, drawn)
    ]
    return tuple(dict.fromkeys(found))


def of_change(one: Change | Provision, drawn: Drawn) -> Iterator[str]:
    """The sentences of a change of who may sign, or of the contract."""
    if one.before is None or one.after is None:
        return
    raised = one.after > one.before
    if one.path == TERM:
        yield from of_the_term(one, drawn, raised)
    elif one.path in (WHOLE_TERM, AT_THE_LIMIT):
        yield of_the_end(one.path, drawn)
    elif one.path == REGISTERED:
        who = "Tous les jeunes tirés sont inscrits ; ceux que l'inscription écarte"
        yield ALL_REGISTERED if raised else NOBODY_ENTERS.format(who)
    elif one.path in (OLDEST_AGE, OF_THE_DISABLED, YOUNGEST_AGE, WAITING):
        if raised == (one.path in (OLDEST_AGE, OF_THE_DISABLED)):
            yield from of_newcomers(one, drawn)
        elif drawn.universe != NEET:
            yield KEPT_OUT


def of_newcomers(one: Change | Provision, drawn: Drawn) -> Iterator[str]:
    """Whom a wider public lets in, and who is not known."""
    if one.path == OLDEST_AGE and drawn.universe != NEET:
        yield LET_IN.format(drawn.share(TAKE_UP))
        yield TO_THE_LIMIT
    who = {
        OLDEST_AGE: f"Les jeunes sans emploi ni formation de plus de {OLDEST} ans",
        OF_THE_DISABLED: f"Les jeunes handicapés sans emploi de plus de {one.before} ans",
        YOUNGEST_AGE: f"Les jeunes sans emploi ni formation de moins de {one.before} ans",
        WAITING: "Ceux qui reviendraient plus tôt",
    }[one.path]
    if one.path != OLDEST_AGE or one.after > OLDEST:
        yield NOBODY_ENTERS.format(who)


def of_the_term(one: Change | Provision, drawn: Drawn, raised: bool) -> Iterator[str]:
    """Which contracts a new term moves."""
    if drawn.universe == NEET:
        yield NO_CONTRACT.format(drawn.last_year)
        return
    yield LONGER.format(drawn.share(TO_THE_TERM)) if raised else SHORTER
    if raised and drawn.universe == STOCK:
        yield NOT_THAT_DAY.format(drawn.last_year)
    first = 12 * int(drawn.year[:4]) + int(one.before) if drawn.universe == ENTRANTS else 0
    if raised and drawn.months[-1] < first:
        name = french.month_name(first)
        yield LATER.format(one.before, drawn.year, name)


def of_the_end(path: str, drawn: Drawn) -> str:
    """Why a reform of extensions, or of the end at the age limit, changes nothing."""
    if drawn.universe == NEET:
        return NO_CONTRACT.format(drawn.last_year)
    return NO_EXTENSION if path == WHOLE_TERM else TO_THE_LIMIT


def of_years(
    changes: Sequence[Change | Provision], years: Sequence[int], supposed: Mapping[str, Any]
) -> tuple[str, ...]:
    """The same for a table of years."""
    months = range(12 * years[0], 12 * years[-1] + 12)
    return told(changes, Drawn(PRESENT, str(years[-1]), months, supposed))
