"""The analyst's questions: numbers of the law to change, ready-made reforms to add."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import yaml
from openfisca_core.periods import Period
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from werkzeug.datastructures import MultiDict

from openfisca_cej import french
from openfisca_cej.reading import number_of
from openfisca_cej.reforms import InvalidReform, WrittenReform, catalogue
from openfisca_cej.reforms.loading import compiled, drafts_of, read_dictionary
from openfisca_cej.refusals import BadValue, cut, quoted
from openfisca_cej.web.questions import written

LAW = "contrat_engagement_jeune"

#: Ready-made reforms chosen, between commas in an address.
READY = "reformes"

TITLE = "Réforme écrite sur la page d'analyse"


@dataclass(frozen=True)
class Lever:
    """A number of the law: how it is called, where it is, and what it may be.

    ``scale`` turns what is written (80 %) into the parameter (0.8).
    """

    name: str
    label: str
    path: str
    unit: str
    least: float
    most: float
    scale: float = 1
    whole: bool = False

    def now(self, system: TaxBenefitSystem, moment: Period) -> float:
        """The value in force in the month, as it is written on the page."""
        node: Any = system.get_parameters_at_instant(moment)
        for key in self.path.split("."):
            node = getattr(node, key)
        return round(float(node) * self.scale, 6)

    def written(self, value: float) -> str:
        """A value with its unit, in French."""
        if self.unit == "€":
            return french.euros(value)
        return f"{french.trimmed(value, 2)}{french.BEFORE_UNIT}{self.unit}"

    def read(self, text: str) -> float:
        """The value written. Raises BadValue."""
        value = number_of(text.removesuffix(self.unit))
        if value is None:
            raise BadValue("not-positive", value=quoted(text))
        if not self.least <= value <= self.most:
            ends = {"least": f"{self.least:g}", "most": f"{self.most:g}"}
            raise BadValue("lever-out-of-bounds", **ends)
        if self.whole and value != int(value):
            raise BadValue("not-whole", value=quoted(text))
        if round(value, 2) != value:
            raise BadValue("fractions-of-a-centime", value=quoted(text))
        return value


#: Whose lump sum each lever is, and its parameter.
LUMP_SUMS = {
    "forfait_non_imposable": ("majeur, foyer non imposable", "majeur_non_imposable"),
    "forfait_premiere_tranche": ("majeur, première tranche", "majeur_premiere_tranche"),
    "forfait_mineur": ("mineur", "mineur"),
}
OF_THE_LUMP_SUM, OF_RESOURCES = f"{LAW}.montant_forfaitaire.general", f"{LAW}.ressources"

ABATED = "Abattement sur les ressources en partie déduites"
SHARED = "Part du SMIC brut où l'allocation s'éteint"
AVERAGED = "Nombre de mois de ressources dont on fait la moyenne"

LEVERS = (
    *(
        Lever(name, f"Montant forfaitaire d'un {whose}", f"{OF_THE_LUMP_SUM}.{key}", "€", 0, 5_000)
        for name, (whose, key) in LUMP_SUMS.items()
    ),
    Lever("abattement", ABATED, f"{OF_RESOURCES}.degressivite.abattement", "€", 0, 2_000),
    Lever("part_smic", SHARED, f"{OF_RESOURCES}.degressivite.part_smic", "%", 30, 100, 100),
    Lever("nombre_mois", AVERAGED, f"{OF_RESOURCES}.nombre_mois", "mois", 1, 12, whole=True),
)

NAMES = (*(lever.name for lever in LEVERS), READY)


@dataclass
class WhatIf:
    """A reform asked for: ``values`` by lever, as written on the page, and ready-made names."""

    values: dict[str, float] = field(default_factory=dict)
    ready: tuple[str, ...] = ()
    texts: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    reform: type[WrittenReform] | None = None
    details: str = ""

    def query(self) -> list[tuple[str, str]]:
        """The reform as an address holds it."""
        found = [(name, written(value)) for name, value in self.values.items()]
        return [*found, (READY, ",".join(self.ready))] if self.ready else found

    def address(self, path: str, case: list[tuple[str, str]]) -> str:
        """The address of this reform of a case."""
        return f"{path}?{urlencode([*case, *self.query()], safe=',')}"


def read(arguments: MultiDict[str, str], system: TaxBenefitSystem, moment: Period) -> WhatIf:
    """The reform that an address asks for, from the month on; faults are kept by lever."""
    asked = WhatIf()
    for lever in LEVERS:
        text = arguments.get(lever.name, "").strip()
        asked.texts[lever.name] = text
        if not text:
            continue
        try:
            value = lever.read(text)
        except BadValue as error:
            asked.faults[lever.name] = error.fr
            continue
        if value != lever.now(system, moment):
            asked.values[lever.name] = value
    names = [name for text in arguments.getlist(READY) for name in text.split(",") if name]
    asked.ready = tuple(name for name in catalogue() if name in names)
    for name in names:
        if name not in catalogue():
            asked.faults[READY] = f"« {cut(name)} » n'est pas une des réformes proposées"
    if not asked.faults and (asked.values or asked.ready):
        compile_into(asked, moment)
    return asked


def compile_into(asked: WhatIf, moment: Period) -> None:
    """Make the reform, or keep why it cannot be made."""
    drafts = []
    if asked.values:
        drafts.append(read_dictionary(dictionary(asked, moment)))
    try:
        if asked.ready:
            drafts += drafts_of("+".join(asked.ready))
        asked.reform = compiled(drafts)
    except InvalidReform as error:
        asked.faults[READY] = "ces changements ne vont pas ensemble"
        asked.details = "\n".join(fault.fr for fault in error.faults)


def dictionary(asked: WhatIf, moment: Period) -> dict[str, Any]:
    """The numbers changed, as a reform is written."""
    told = [
        f"{lever.label} : {lever.written(asked.values[lever.name])}"
        for lever in LEVERS
        if lever.name in asked.values
    ]
    return {
        "title": TITLE,
        "description": f"À partir de {french.month(moment)}. {' ; '.join(told)}.",
        "parameters": {
            lever.path: {str(moment.start): exact(asked.values[lever.name] / lever.scale)}
            for lever in LEVERS
            if lever.name in asked.values
        },
    }


def exact(value: float) -> float | int:
    """A number without the noise of a division; whole ones as integers."""
    rounded = round(value, 6)
    return int(rounded) if rounded == int(rounded) else rounded


def file(reform: type[WrittenReform]) -> str:
    """The reform as a file that every command takes."""
    content = {"title": reform.title, "description": reform.description, **reform.content}
    kept = {key: value for key, value in content.items() if value}
    return yaml.safe_dump(kept, allow_unicode=True, sort_keys=False, width=100)
