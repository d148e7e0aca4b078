"""Who is who: the characteristics that a population may be cut by."""

import itertools
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from gettext import gettext as _
from typing import Any

import numpy
from numpy.typing import NDArray

from openfisca_cej import french, names
from openfisca_cej.names import TIER
from openfisca_cej.population.universes import CATEGORIES, ELSEWHERE, OPERATORS
from openfisca_cej.refusals import BadRequest, nearest

Values = Mapping[str, NDArray[Any]]
Codes = tuple[list[str], NDArray[numpy.int64]]

#: Characteristics that the model gives: names, labels, notes.
TIERS, AGES, WAGES, GAINS = "tier", "age", "wages", "gain"
OF_THE_MODEL = {
    TIERS: (
        "Tranche du foyer fiscal",
        "Au premier mois de contrat de la fenêtre, ou au premier mois de la fenêtre sans contrat.",
    ),
    AGES: (
        "Âge",
        "Au premier mois de contrat de la fenêtre, ou au premier mois de la fenêtre sans contrat.",
    ),
    WAGES: ("Salaire", "Un salaire net au moins un mois de la fenêtre."),
    GAINS: (
        "Taille du gain ou de la perte",
        "Par mois de contrat, sur toute la fenêtre : ce que la réforme change à l'allocation.",
    ),
}

#: Characteristics of the model that nobody is cut by without being asked: they are of the reform.
ASKED = (GAINS,)

#: Other names of characteristics; those of attributes depend on the data.
ALIASES = {
    "tranche": TIERS,
    "salaire": WAGES,
    "operator": "operateur",
    "gains": GAINS,
    "sex": "homme",
    "sexe": "homme",
    "diploma": "diplome",
}

#: Attributes cut by without being asked.
USUAL = ("operateur", "homme", "sexe", "diplome", "qpv", "situation")

ATTRIBUTE_LABELS = {
    "operateur": "Opérateur",
    "homme": "Sexe",
    "sexe": "Sexe",
    "diplome": "Diplôme",
    "qpv": "Quartier prioritaire",
    "region": "Région",
    "duree": "Durée du contrat (mois)",
    "situation": "Situation d'emploi",
    "chez_un_parent": "Vit avec un parent",
}

#: Completed years at which an age group starts.
AGE_BANDS = {16: "16-17", 18: "18-21", 22: "22-25", 26: "26-29", 30: "30+"}
YOUNGEST = "<16"

#: Euros a month of contract at which a size of gains, or of losses, starts.
SIZES = (0, 5, 20, 50, 100)
NO_GAIN = "aucun"


def of_sizes(key: str, word: str) -> dict[str, str]:
    """The sizes of gains (or of losses), the smallest first: keys and labels."""
    found = {f"{key}_{SIZES[0]}": f"{word} de moins de {SIZES[1]} €"}
    for low, high in itertools.pairwise(SIZES[1:]):
        found[f"{key}_{low}"] = f"{word} de {low} à {high} €"
    return {**found, f"{key}_{SIZES[-1]}": f"{word} de {SIZES[-1]} € ou plus"}


#: The groups of gains, from the largest loss to the largest gain.
GAIN_LABELS = {
    **dict(reversed(of_sizes("perte", "Perte").items())),
    NO_GAIN: "Aucun changement",
    **of_sizes("gain", "Gain"),
}

#: An attribute and in how many groups of equal weights it is cut, and these at most.
CUT = re.compile(r"(.+)/([0-9]{1,2})")
MOST_PARTS = 20

#: Groups of an attribute at most: beyond, it describes persons, not groups.
MOST_GROUPS = 60

UNKNOWN = "non_renseigne"

LABELS = {
    AGES: {
        YOUNGEST: "Moins de 16 ans",
        **{key: f"{key.replace('-', ' à ')} ans" for key in AGE_BANDS.values()},
        "30+": "30 ans et plus",
    },
    WAGES: {"oui": "Avec un salaire", "non": "Sans salaire"},
    "operateur": OPERATORS,
    GAINS: GAIN_LABELS,
    "homme": {"oui": "Hommes", "non": "Femmes"},
    "region": {ELSEWHERE: "Autre région"},
}


@dataclass(frozen=True)
class Characteristics:
    """What a comparison is cut by: names of the model and of attributes.

    « revenu/5 » cuts a numeric attribute in five groups of equal weights, of which ``bounds`` are
    the values that end them, once they are known.
    """

    names: tuple[str, ...]
    bounds: tuple[tuple[str, tuple[float, ...]], ...] = ()

    @property
    def cut(self) -> dict[str, tuple[str, int]]:
        """The attributes that are cut in groups of equal weights, and in how many, by name."""
        found = {name: CUT.fullmatch(name) for name in self.names if name not in OF_THE_MODEL}
        return {name: (one[1], int(one[2])) for name, one in found.items() if one}

    def named(self, name: str, key: str) -> str:
        """The words for a group of equal weight; nothing for another."""
        bounds = dict(self.bounds).get(name)
        if bounds is None:
            return ""
        rank = int(key.partition("/")[0])
        shown = [french.trimmed(bound, 2) for bound in bounds]
        if rank > len(bounds):
            return f"{key} : plus de {shown[-1]}"
        return f"{key} : " + (
            f"jusqu'à {shown[0]}" if rank == 1 else f"de {shown[rank - 2]} à {shown[rank - 1]}"
        )

    @property
    def attributes(self) -> tuple[str, ...]:
        """The attributes among them."""
        cut = self.cut
        return tuple(
            cut[name][0] if name in cut else name for name in self.names if name not in OF_THE_MODEL
        )

    @property
    def variables(self) -> tuple[str, ...]:
        """The monthly variables that they are read from."""
        needed = {TIERS: TIER, AGES: "age", WAGES: names.WAGE}  # Gains need both sides.
        return tuple(needed[name] for name in self.names if name in needed)

    def labels(self) -> dict[str, tuple[str, str]]:
        """Label and note of each."""
        found = {
            name: OF_THE_MODEL.get(name, (ATTRIBUTE_LABELS.get(name, name), ""))
            for name in self.names
        }
        for name, (attribute, count) in self.cut.items():
            label = ATTRIBUTE_LABELS.get(attribute, attribute)
            found[name] = label, f"Coupé en {count} groupes de même poids."
        return found


def chosen(by: Sequence[str] | None, attributes: Collection[str]) -> Characteristics:
    """The characteristics asked for, or the usual ones. Raises BadRequest."""
    if by is None:
        usual = (name for name in OF_THE_MODEL if name not in ASKED)
        return Characteristics((*usual, *(name for name in USUAL if name in attributes)))
    names: dict[str, None] = {}
    for asked in by:
        name = asked.strip()
        if name not in attributes:
            name = ALIASES.get(name, name)
        if name == "homme" and name not in attributes and "sexe" in attributes:
            name = "sexe"
        cut = CUT.fullmatch(name)
        if cut and cut[1] in attributes and 2 <= int(cut[2]) <= MOST_PARTS:
            names[name] = None
            continue
        if name not in OF_THE_MODEL and name not in attributes:
            known = [*OF_THE_MODEL, *attributes]
            near = nearest(asked, [*known, *ALIASES])
            told = [_("by: the population has no « {asked} ».").format(asked=asked)]
            if near and near != asked.strip():
                told.append(_("Did you mean « {near} »?").format(near=near))
            told.append(_("It has: {known}.").format(known=", ".join(known)))
            raise BadRequest(" ".join(told))
        names[name] = None
    return Characteristics(tuple(names))


def codes(
    characteristics: Characteristics,
    values: Values,
    attributes: Values,
    tiers: Sequence[str],
    month: NDArray[numpy.int64],
    gains: Callable[[], NDArray[numpy.float64]],
) -> dict[str, Codes]:
    """For each characteristic, the keys of its groups and the rank of that of each person.

    ``values`` are monthly variables (persons × months), ``attributes`` one value a person,
    ``month`` the rank of the month at which each person is looked at, ``gains`` gives what each
    gains or loses (€ a month of contract), where that is asked for. Raises BadRequest when an
    attribute has too many values.
    """
    found: dict[str, Codes] = {}
    everyone = numpy.arange(len(month))
    for name in characteristics.names:
        if name == TIERS:
            ranks = numpy.asarray(values[TIER][everyone, month], dtype=numpy.int64)
            found[name] = list(tiers), ranks
        elif name == AGES:
            # Who signs turns 16 in that month at the latest, and was 15 on its first day.
            signed = values[names.RUNNING][everyone, month]
            ages = numpy.maximum(values["age"][everyone, month], numpy.where(signed, 16, 0))
            bounds = list(AGE_BANDS)
            found[name] = [YOUNGEST, *AGE_BANDS.values()], numpy.digitize(ages, bounds)
        elif name == WAGES:
            paid = numpy.count_nonzero(values[names.WAGE] > 0, axis=1)
            found[name] = ["non", "oui"], numpy.minimum(paid, 1)
        elif name == GAINS:
            found[name] = of_gains(gains())
        elif name in characteristics.cut:
            attribute, count = characteristics.cut[name]
            ends = dict(characteristics.bounds)[name]
            numbers = attributes[attribute].astype(numpy.float64)
            keys = [f"{rank}/{count}" for rank in range(1, len(ends) + 2)]
            found[name] = keys, numpy.searchsorted(ends, numbers)
        else:
            found[name] = of_attribute(name, attributes.get(name), len(month))
    return found


def of_gains(gains: NDArray[numpy.float64]) -> Codes:
    """The groups of gains and losses by size."""
    none = list(GAIN_LABELS).index(NO_GAIN)
    size = numpy.digitize(numpy.abs(gains), SIZES)
    return list(GAIN_LABELS), none + (numpy.sign(gains) * size).astype(numpy.int64)


def of_attribute(name: str, values: NDArray[Any] | None, count: int) -> Codes:
    """The groups of an attribute: one a value."""
    if values is None:
        return [UNKNOWN], numpy.zeros(count, dtype=numpy.int64)
    distinct, ranks = numpy.unique(values, return_inverse=True)
    if len(distinct) > MOST_GROUPS:
        told = _("by: « {name} » has more than {most} values. Choose another, or group them.")
        raise BadRequest(told.format(name=name, most=MOST_GROUPS))
    return [key_of(value) for value in distinct.tolist()], ranks.astype(numpy.int64)


def key_of(value: object) -> str:
    """The key of a value of an attribute."""
    if isinstance(value, bool):
        return "oui" if value else "non"
    return str(value).strip() or UNKNOWN


def order(name: str, tiers: Mapping[str, str]) -> Callable[[str], tuple[bool, int, str]]:
    """How the groups of a characteristic are sorted: the unknown last."""
    known = {TIERS: tiers, GAINS: GAIN_LABELS}
    ranks = {key: rank for rank, key in enumerate(known.get(name, {}))} or {YOUNGEST: -1}

    def rank(key: str) -> tuple[bool, int, str]:
        head = key.partition("/")[0]
        number = int(head) if head.isdecimal() else 0
        return key == UNKNOWN, ranks.get(key, number), key

    return rank


def label(name: str, key: str, tiers: Mapping[str, str]) -> str:
    """The words for a group."""
    if key == UNKNOWN:
        return "Non renseigné"
    if name == TIERS:
        return tiers.get(key, key)
    if key in LABELS.get(name, {}):
        return str(LABELS[name][key])
    if key in ("oui", "non"):
        return key.capitalize()
    return CATEGORIES.get(key, key) if name in ATTRIBUTE_LABELS else key
