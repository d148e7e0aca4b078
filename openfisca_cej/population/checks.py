"""Check a population in files without simulating it: all the faults, and what would be assumed."""

import sys
from dataclasses import dataclass, field
from pathlib import Path

from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.population import parts
from openfisca_cej.population.history import defaults_of, defaults_read
from openfisca_cej.population.long_format import read_long
from openfisca_cej.population.reader import file_of, persons, schema_of
from openfisca_cej.population.schema import REFUSED, Others
from openfisca_cej.population.table import Population
from openfisca_cej.refusals import Fault, InvalidInput, Whereabouts

#: Faults kept of a file: all of them.
ALL = sys.maxsize


@dataclass(frozen=True)
class Found:
    """A fault, in its file."""

    file: str
    fault: Fault
    place: Whereabouts

    @property
    def sentence(self) -> str:
        """The fault in one sentence."""
        return self.fault.sentence(self.file, self.place)

    def to_json(self) -> dict[str, str | int | None]:
        """The fault for a machine; ``row`` is a line of a CSV file, a row of a Parquet file."""
        row = None if self.fault.line == self.place.nowhere else self.fault.line
        fault = self.fault
        return {
            "file": self.file,
            "row": row,
            "column": fault.column or None,
            "problem": fault.problem,
            "remedy": fault.remedy,
        }


@dataclass
class Checked:
    """What the checks found: persons read from the files without a fault, faults, remarks."""

    persons: int = 0
    faults: list[Found] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def add_faults(self, error: InvalidInput) -> None:
        """Keep the faults of an input, in the order of its rows, each of them once."""
        found = [
            Found(fault.source or source.source, fault, source.place)
            for source in error.sources
            for fault in sorted(source.kept)
        ]
        self.faults = list(dict.fromkeys([*self.faults, *found]))

    def add_persons(
        self, name: str, population: Population, system: TaxBenefitSystem, months: range
    ) -> None:
        """Count the persons of an input without a fault, and tell what a simulation would."""
        self.persons += population.count
        defaults = defaults_read(system, defaults_of(system, population, months))
        self.remarks += [f"{name}: {remark}" for remark in [*population.remarks, *defaults]]


def check_source(
    path: Path, system: TaxBenefitSystem, months: range, others: Others = REFUSED
) -> Checked:
    """Check a file or a folder of part files, for a simulation of these months.

    Raises OSError when a file cannot be opened, MissingLibrary.
    """
    checked = Checked()
    try:
        files = parts.part_files(path)
        try:
            source = parts.open_source(path)
            units = list(source.units)
            checked.remarks += source.remarks
        except InvalidInput as error:
            # Files that do not go together are still checked, each by itself.
            checked.add_faults(error)
            units = [file_of(file, name) for file, name in files]
    except InvalidInput as error:
        checked.add_faults(error)
        return checked
    for unit in units:
        try:
            population = persons(unit, schema_of(unit, system, others), months, ALL)
            checked.add_persons(unit.name, population, system, months)
        except InvalidInput as error:
            checked.add_faults(error)
    return checked


def check_long(
    persons: Path,
    monthly: Path,
    system: TaxBenefitSystem,
    months: range,
    others: Others = REFUSED,
) -> Checked:
    """Check a persons file and its months file. Raises OSError, MissingLibrary."""
    checked = Checked()
    try:
        population = read_long(persons, monthly, system, months, ALL, others)
        checked.add_persons(persons.name, population, system, months)
    except InvalidInput as error:
        checked.add_faults(error)
    return checked
