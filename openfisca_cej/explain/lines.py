"""What the lines that stand beside the formulas know of one person and one period."""

import datetime
from collections.abc import Iterable
from typing import Any

import numpy
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import DateUnit, Period
from openfisca_core.simulations import Simulation
from openfisca_core.variables import Variable

from openfisca_cej import base, declarations, french
from openfisca_cej.explain.situation import Situation
from openfisca_cej.explain.spans import Supplied
from openfisca_cej.names import AGE
from openfisca_cej.population.lean import formula_of
from openfisca_cej.population.months import months_after

#: A date that was not given.
NOT_GIVEN = datetime.date(1970, 1, 1)


class Reading:
    """A simulation read for one person: groups give the value of the person's group."""

    def __init__(self, situation: Situation, simulation: Simulation, person: str) -> None:
        self.situation = situation
        self.simulation = simulation
        self.person = person
        self.rank = situation.persons.index(person)
        #: What was read already, and the lines that were said.
        self.known: dict[tuple[str, Period], Any] = {}
        self.said: dict[tuple[str, Period], tuple[str, str]] = {}

    def row(self, variable: Variable) -> int:
        """Row of the person, or of the person's group, in the arrays of the variable."""
        if variable.entity.is_person:
            return self.rank
        population = self.simulation.populations[variable.entity.key]
        return int(population.members_entity_id[self.rank])

    def variable(self, name: str) -> Variable:
        """The variable of this name."""
        return self.situation.system.variables[name]

    def value(self, name: str, moment: Period) -> Any:
        """Value for the person: float, int, bool, date, or name of the item."""
        if (name, moment) not in self.known:
            variable = self.variable(name)
            values = self.simulation.get_holder(name).get_array(moment)
            if values is None:
                values = self.simulation.calculate(name, moment)
            self.known[name, moment] = scalar(values[self.row(variable)], variable)
        return self.known[name, moment]

    def given(self, name: str) -> list[Supplied]:
        """What is given of a variable for the person."""
        return self.situation.given(self.variable(name), self.person)


def scalar(value: Any, variable: Variable) -> Any:
    """An element of an array as a Python value; items of enumerations by name."""
    if variable.value_type is Enum:
        rank = int(value.index) if isinstance(value, Enum) else int(numpy.asarray(value))
        return list(variable.possible_values)[rank].name
    if variable.value_type is datetime.date:
        return value.astype("datetime64[D]").item()
    return variable.value_type(value)


def written(value: Any, variable: Variable) -> str:
    """A value in French, without its unit."""
    if variable.value_type is Enum:
        return str(variable.possible_values[value].value)
    if variable.value_type is bool:
        return "oui" if value else "non"
    if variable.value_type is datetime.date:
        return "non donnée" if value == NOT_GIVEN else french.day(value)
    if variable.value_type in (int, float):
        return french.quantity(value, variable.unit)
    return str(value)


class Cas:
    """One variable of one person in one period, for the line of its formula.

    The lines are written in the language of the law: so are the names here.
    """

    def __init__(self, lecture: Reading, nom: str, periode: Period) -> None:
        self.lecture = lecture
        self.nom = nom
        self.periode = periode

    @property
    def resultat(self) -> Any:
        """Value of the variable itself."""
        return self.valeur(self.nom)

    def valeur(self, nom: str, periode: Period | None = None) -> Any:
        """Value of a variable for the person, in the period or in another one."""
        variable = self.lecture.variable(nom)
        return self.lecture.value(nom, fitting(variable, periode or self.periode))

    def donnee(self, nom: str) -> bool:
        """Whether a date was given."""
        return bool(self.valeur(nom) != NOT_GIVEN)

    def ecrit(self, nom: str, periode: Period | None = None) -> str:
        """The same, written in French, without its unit."""
        return written(self.valeur(nom, periode), self.lecture.variable(nom))

    def ligne(self, nom: str = "") -> tuple[str, str]:
        """The line of the variable, or of another one, and its comment."""
        return line(self.lecture, nom or self.nom, self.periode)

    def pourquoi(self) -> str:
        """The line of the variable and its comment, in one text."""
        return " — ".join(part for part in self.ligne() if part)

    def inchange(self, nom: str) -> bool:
        """Whether a variable has the value of the month before."""
        return bool(self.valeur(nom) == self.valeur(nom, months_after(self.periode, -1)))

    def euros(self, montant: float) -> str:
        """An amount with its unit."""
        return french.euros(montant)

    def mois_donnes(self, nom: str) -> list[Period]:
        """Months for which a value was given for the person, in order."""
        donnees = self.lecture.given(nom)
        return sorted((item.period for item in donnees), key=lambda mois: mois.start)

    def mois(self, periode: Period) -> str:
        """« novembre 2026 »."""
        return french.month(periode)

    def libelle(self, nom: str) -> str:
        """Label of a variable, to stand inside a sentence."""
        label: str = self.lecture.variable(nom).label
        return label[0].lower() + label[1:] if label[1:2].islower() else label

    def nombre(self, valeur: float, decimales: int | None = None) -> str:
        """A number: as euros, or with so many decimals at most."""
        if decimales is None:
            return french.amount(valeur)
        return french.trimmed(valeur, decimales)

    def jour(self, date: datetime.date) -> str:
        """A date in French."""
        return french.day(date)

    def droit(self, periode: Period | None = None) -> Any:
        """The parameters in force at the beginning of the period."""
        system = self.lecture.situation.system
        return system.get_parameters_at_instant(periode or self.periode)

    def total(self, noms: Iterable[str], periode: Period) -> float:
        """Total of resources in a month, read to the centime, as the rules do (€)."""
        lus = [base.en_centimes(self.valeur(nom, periode), nom) for nom in noms]
        return max(round(float(sum(lus)), 6) / 100, 0)

    def age_ecrit(self) -> str:
        """Age on the first day of the month."""
        return f"{self.valeur(AGE)} ans au {french.day(self.periode.start.date)}"


def fitting(variable: Variable, moment: Period) -> Period:
    """A period that suits the variable: the year of a month, eternity…"""
    if variable.definition_period == DateUnit.YEAR and moment.unit != DateUnit.YEAR:
        return moment.this_year
    return moment


def line(reading: Reading, name: str, moment: Period) -> tuple[str, str]:
    """What stands beside the formula: the expression or sentence, and a comment.

    Both empty where the variable has no line (an input, a variable that a reform added, a month
    before the law).
    """
    if (name, moment) not in reading.said:
        reading.said[name, moment] = worded(reading, name, moment)
    return reading.said[name, moment]


def worded(reading: Reading, name: str, moment: Period) -> tuple[str, str]:
    """The same, said for the first time."""
    told = declarations.CALCULS.get(name)
    if told is None or formula_of(reading.variable(name), moment) is None:
        return "", ""
    if is_rewritten(reading, name, moment):
        return "", "règle récrite par la réforme"
    said = told(Cas(reading, name, moment))
    return said if isinstance(said, tuple) else (said, "")


def in_words(reading: Reading, name: str, moment: Period) -> str:
    """The line of a condition: a bare figure says nothing beside what it comes from."""
    told, comment = line(reading, name, moment)
    if comment and told.replace(",", "").isdigit():
        return comment
    return " — ".join(part for part in (told, comment) if part)


def is_rewritten(reading: Reading, name: str, moment: Period) -> bool:
    """Whether a reform put another formula in the place of the one that the line tells."""
    system = reading.situation.system
    if system.baseline is None:
        return False
    formula = system.get_variable(name).get_formula(moment)
    while system.baseline is not None:
        system = system.baseline
    law = system.get_variable(name)
    return law is None or law.get_formula(moment) is not formula
