"""Where the persons of a comparison come from, piece by piece: files, a universe, or memory."""

import csv
import dataclasses
import functools
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from gettext import gettext as _
from pathlib import Path
from typing import Any

import numpy
from numpy.typing import NDArray
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_cej.population import assumptions as named_assumptions
from openfisca_cej.population import (
    csv_file,
    frames,
    manifest,
    newcomers,
    parts,
    protocol,
    scenario,
    universes,
)
from openfisca_cej.population.arrow import library, read_table
from openfisca_cej.population.flat import IDENTIFIER, attributes_path
from openfisca_cej.population.long_format import read_long, whole
from openfisca_cej.population.raking import CannotRake
from openfisca_cej.population.reader import persons, readable, schema_of
from openfisca_cej.population.remembered import keep, system_of
from openfisca_cej.population.schema import Others, Schema
from openfisca_cej.population.synthetic import Public, load
from openfisca_cej.population.table import Population, joined
from openfisca_cej.refusals import POSITIONS, BadRequest, BadValue, Faults, quoted, refusal
from openfisca_cej.systems import model

#: Both years at once: the published figures of the allowance bear on these entrants.
BOTH_YEARS = "2022-2023"
YEARS = ("2022", "2023", BOTH_YEARS)

#: What a manifest keeps of a universe only where it was asked for.
DRAWN_FOR = ("place", "public")

#: How the day of a stock is written.
DAY = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", re.ASCII)

#: Rows of a piece of a file: each thread holds one, with the results of both laws.
TARGET = 100_000

#: Makes the persons of a piece, under the law in force.
Maker = Callable[[TaxBenefitSystem, range], Population]


@dataclass(frozen=True)
class PersonsSlice:
    """Some persons read, computed and counted together, in the order of their numbers.

    ``label`` is what messages call it, ``path`` the file that is read, if one is.
    """

    number: int
    make: Maker
    label: str = ""
    path: Path | None = None


#: Assumptions and seeds of some populations to draw.
Asked = Sequence[tuple[dict[str, Any], int]]


@dataclass(frozen=True)
class Redrawing:
    """How to draw a universe again: its assumptions, its seed, and what draws it with others.

    ``make`` takes the law, assumptions, a seed, a number of persons, and the months before the
    first one. It raises CannotRake, BadRequest.
    """

    assumptions: dict[str, Any]
    seed: int
    make: Callable[[TaxBenefitSystem, dict[str, Any], int, int, int], Population]

    def together(
        self, law: TaxBenefitSystem, asked: Asked, size: int, history: int
    ) -> tuple[Population, list[int]]:
        """Some of them as one, and the persons of each. Raises CannotRake, BadRequest."""
        made = [self.make(law, taken, seed, size, history) for taken, seed in asked]
        return joined(made), [one.count for one in made]


@dataclass(frozen=True)
class KeptRedrawing(Redrawing):
    """The same, which keeps what it drew last."""

    last: dict[str, tuple[Population, list[int]]] = field(default_factory=dict)

    def together(
        self, law: TaxBenefitSystem, asked: Asked, size: int, history: int
    ) -> tuple[Population, list[int]]:
        """What was drawn last, if it is what is asked for. Raises CannotRake, BadRequest."""
        key = repr((asked, size, history))
        if key not in self.last:
            drawn, sizes = super().together(law, asked, size, history)
            self.last.clear()
            self.last[key] = keep(drawn), sizes
        return self.last[key]


@dataclass(frozen=True)
class Origin:
    """A population, in pieces.

    ``pieces`` takes the number of months that the laws look back at: a universe is drawn with as
    many before its first one. ``attributes`` are names; ``files``, ``parameters`` and
    ``assumptions`` are what a manifest keeps; ``validated``: the published figures of the
    allowance bear on these persons; ``redrawing``: how to draw them with other assumptions.
    """

    title: str
    kind: str
    count: int
    attributes: tuple[str, ...]
    pieces: Callable[[int], Sequence[PersonsSlice]]
    files: tuple[dict[str, Any], ...] = ()
    parameters: dict[str, Any] = field(default_factory=dict)
    assumptions: dict[str, Any] = field(default_factory=dict)
    validated: bool = False
    redrawing: Redrawing | None = None


def kept(origin: Origin) -> Origin:
    """A small universe that is drawn once for all the reforms compared on it.

    What the law makes of its persons is remembered too: only the reform is computed again.
    """

    @functools.lru_cache(maxsize=1)
    def pieces(history: int) -> Sequence[PersonsSlice]:
        return [
            dataclasses.replace(one, make=functools.lru_cache(maxsize=1)(made(one)))
            for one in origin.pieces(history)
        ]

    def made(piece: PersonsSlice) -> Maker:
        return lambda law, months: keep(piece.make(law, months))

    again = origin.redrawing
    redrawing = again and KeptRedrawing(again.assumptions, again.seed, again.make)
    return dataclasses.replace(origin, pieces=pieces, redrawing=redrawing)


# Synthetic universes.


def of_universe(
    universe: str,
    region: str,
    year: str | int,
    size: int,
    seed: int,
    assumptions: dict[str, Any] | None = None,
    place: dict[str, Any] | None = None,
    public: Sequence[int] | None = None,
) -> Origin:
    """A synthetic universe; year « 2022-2023 »: the entrants of France of both years.

    ``year`` is a day (YYYY-MM-DD) for a stock. ``assumptions``: the calibrated ones, unless said;
    ``place``: where (see ``population.places``); ``public``: whom a reform lets in beside those of
    today, as ``public_of`` tells it.

    Raises BadRequest.
    """
    text = str(year)
    check(universe, region, text)
    usual = named_assumptions.CALIBRATED
    given = named_assumptions.read(usual) if assumptions is None else assumptions
    moment: Any = "2022_2023" if text == BOTH_YEARS else text
    margins = universes.read_margins(universe, region, as_moment(moment), place=place)
    asked = {
        "universe": universe,
        "region": region,
        "year": moment,
        "size": size,
        "seed": seed,
        "assumptions": given,
        "margins": margins,
        "public": Public(*public) if public else None,
    }

    def pieces(history: int) -> Sequence[PersonsSlice]:
        drawing = {**asked, "history": history}
        return [
            PersonsSlice(rank, partial(drawn, drawing, rank), f"block {rank + 1} of the universe")
            for rank in range(len(universes.counts(size)))
        ]

    def again(
        system: TaxBenefitSystem, others: dict[str, Any], own: int, count: int, history: int
    ) -> Population:
        changed = {"assumptions": others, "seed": own, "size": count, "history": history}
        return drawn({**asked, **changed, "every_month": True}, 0, system, range(0))

    parameters = {
        "universe": universe,
        "region": region,
        "year": text,
        "size": size,
        "seed": seed,
        "assumptions": named_assumptions.replaced_values(given),
        "preregistration_sha256": protocol.sha256(),
        **({"place": place} if place else {}),
        **({"public": list(public)} if public else {}),
    }
    of_entrants: tuple[str, ...] = ("operateur", "diplome", "qpv", "homme", "duree", "region")
    if universe in (universes.PRESENT, universes.STOCK):
        of_entrants = (*of_entrants, "deja_signe")
    of_neet = ("situation", "diplome", "chez_un_parent", "homme", "region")
    title = universes.titled(margins, region)
    if public:
        title += f", et ceux que la réforme laisse entrer, jusqu'à {public[0]} ans"
    return Origin(
        title,
        "synthetique",
        size,
        of_neet if universe == universes.NEET else of_entrants,
        pieces,
        parameters=parameters,
        assumptions={**given, **load(scenario.FILE)[scenario.ASSUMED]},
        validated=(universe, region) == ("entrants", "France") and text in YEARS and place is None,
        redrawing=Redrawing(given, seed, again),
    )


def check(universe: str, region: str, text: str) -> None:
    """Refuse a universe, a region or a year that there is not. Raises BadRequest."""
    if universe not in universes.UNIVERSES or region not in universes.REGIONS:
        told = _("universe: choose among {universes}; region: {regions}.")
        known = {"universes": universes.UNIVERSES, "regions": universes.REGIONS}
        raise BadRequest(told.format(**{key: ", ".join(one) for key, one in known.items()}))
    if text == BOTH_YEARS:
        if (universe, region) != ("entrants", "France"):
            told = _("year: {years} goes with the entrants of France only.")
            raise BadRequest(told.format(years=BOTH_YEARS))
    elif universe == universes.STOCK:
        if not DAY.fullmatch(text) or int(text[:4]) not in scenario.YEARS:
            told = _("date: give a day from {first} to {last}, as YYYY-MM-DD.")
            first, last = scenario.YEARS[0], scenario.YEARS[-1]
            raise BadRequest(told.format(first=first, last=last))
    elif text not in map(str, universes.YEARS[universe]):
        years = universes.YEARS[universe]
        told = _("year: choose one from {first} to {last}.")
        raise BadRequest(told.format(first=years[0], last=years[-1]))


def as_moment(text: str) -> int | str:
    """A year as a number; a day, or two years, as they are."""
    return int(text) if text.isdecimal() else text


def public_of(reforms: Iterable[Any], text: str) -> tuple[int, ...] | None:
    """Whom reforms let in, beside those of today, in a year: of which ages, since which month."""
    last = int(text[-4:]) if text == BOTH_YEARS else int(text[:4])
    months = range(12 * int(text[:4]), 12 * last + 12)
    found = [newcomers.widened(model(), system_of(reform), months) for reform in reforms]
    return max((dataclasses.astuple(one) for one in found if one is not None), default=None)


def drawn(asked: dict[str, Any], rank: int, system: TaxBenefitSystem, months: range) -> Population:
    """The persons of a block of a universe. Raises CannotRake, BadRequest."""
    try:
        return universes.drawn(system, rank=rank, **asked).population
    except CannotRake:
        raise
    except ValueError as error:
        # Assumptions that contradict a published figure: a mean length that no slope gives.
        raise BadRequest(f"assumptions: {error}.") from None


# Files.


def of_files(path: Path, attributes: Path | None = None, monthly: Path | None = None) -> Origin:
    """A file or a folder of part files, and the file of what the model does not read.

    ``monthly`` is the file or the folder of months of the long format. ``attributes`` is by default
    FILE_attributs, if it is there; columns of the file that are of no variable, nor look like one,
    are attributes too. Raises InvalidInput, MissingLibrary, OSError.
    """
    source = parts.open_source(path, TARGET) if monthly is None else whole(path)
    if attributes is None and path.is_file() and attributes_path(path).is_file():
        attributes = attributes_path(path)
    known_in.cache_clear()  # The file may have changed since.
    system = model()
    extra = tuple(name for name in source.files[0].columns if not is_input(system, name))
    known = known_in(attributes)
    files = told_files(source)
    pieces: list[PersonsSlice] = []
    if monthly is not None:
        months = whole(monthly)
        files += [{**file, "monthly": True} for file in told_files(months)]
        make = partial(loaded_long, source, months, attributes, extra)
        pieces = [PersonsSlice(0, make, path.name, source.files[0].path)]
    if attributes is not None:
        files.append(
            {
                "file": attributes.name,
                "size": attributes.stat().st_size,
                "sha256": manifest.file_hash(attributes),
                "path": str(attributes.absolute()),
                "attributes": True,
            }
        )

    pieces = pieces or [
        PersonsSlice(
            unit.number,
            partial(loaded, unit, attributes, extra),
            unit.label,
            unit.path,
        )
        for unit in source.units
    ]
    return Origin(
        path.name,
        "fichier",
        source.rows,
        (*extra, *known.names),
        lambda history: pieces,
        tuple(files),
    )


def told_files(source: parts.Source) -> list[dict[str, Any]]:
    """What a manifest says of the files of a source."""
    return [
        {"file": file.name, "size": file.size, "sha256": file.sha256, "path": str(file.path)}
        for file in source.files
    ]


def loaded_long(
    source: parts.Source,
    monthly: parts.Source,
    attributes: Path | None,
    extra: tuple[str, ...],
    system: TaxBenefitSystem,
    months: range,
) -> Population:
    """The persons of the long format, with their attributes. Raises InvalidInput, OSError."""
    population = read_long(source, monthly, system, months, others=Others(extra))
    return described(population, attributes)


def described(population: Population, attributes: Path | None) -> Population:
    """The persons with the attributes of a file beside those of their own. Raises InvalidInput."""
    own = {name: values.astype(str) for name, values in population.attributes.items()}
    population.attributes = {**own, **known_in(attributes).of(population.ids)}
    return population


def loaded(
    unit: parts.Unit,
    attributes: Path | None,
    extra: tuple[str, ...],
    system: TaxBenefitSystem,
    months: range,
) -> Population:
    """The persons of a unit, with their attributes: those of a file, and columns of their own.

    Raises InvalidInput, OSError.
    """
    try:
        population = persons(unit, schema_of(unit, system, Others(extra)), months)
    except (ValueError, NotImplementedError) as error:  # PyArrow's are among them.
        raise refusal(unit.label, "unreadable", why=parts.short(error)) from None
    return described(population, attributes)


@functools.lru_cache(maxsize=2)
def known_in(path: Path | None) -> "Attributes":
    """The attributes of a file: read once a process."""
    return Attributes(path)


class Attributes:
    """What describes persons and the model does not read, by identifier."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.columns: dict[str, NDArray[Any]] = {}
        if path is None:
            return
        columns = read_parquet(path) if path.suffix == ".parquet" else read_csv(path)
        if IDENTIFIER not in columns:
            raise refusal(path.name, "no-identifier", name=IDENTIFIER)
        self.identifiers = columns.pop(IDENTIFIER).astype(str, copy=False)
        if len(set(self.identifiers.tolist())) < len(self.identifiers):
            _, known = self.ordered
            twice = known[1:][known[1:] == known[:-1]]
            raise refusal(path.name, "person-twice", name=quoted(twice[0]))
        self.columns = columns

    @property
    def names(self) -> tuple[str, ...]:
        """The attributes."""
        return tuple(self.columns)

    @functools.cached_property
    def ordered(self) -> tuple[NDArray[numpy.int64], NDArray[Any]]:
        """The order of the identifiers, and these in it."""
        order = numpy.argsort(self.identifiers, kind="stable")
        return order, self.identifiers[order]

    def of(self, identifiers: Sequence[str]) -> dict[str, NDArray[Any]]:
        """The attributes of these persons. Raises InvalidInput when some have none."""
        if self.path is None:
            return {}
        rows = self.rows(list(identifiers))
        return {name: values[rows] for name, values in self.columns.items()}

    def rows(self, names: list[str]) -> slice | NDArray[numpy.int64]:
        """Where these persons are: most often they follow each other as those of the file do."""
        first = int((self.identifiers == names[0]).argmax())
        here = slice(first, first + len(names))
        if self.identifiers[here].tolist() == names:
            return here
        wanted = numpy.array(names, dtype=str)
        order, known = self.ordered
        ranks = numpy.minimum(numpy.searchsorted(known, wanted), len(known) - 1)
        absent = numpy.flatnonzero(known[ranks] != wanted)
        if len(absent):
            words = {"count": len(absent), "name": quoted(wanted[absent[0]])}
            raise refusal(str(self.path and self.path.name), "persons-absent", **words)
        return order[ranks]


def read_csv(path: Path) -> dict[str, NDArray[Any]]:
    """The columns of a CSV file of attributes, as texts. Raises InvalidInput, OSError."""
    try:
        layout = csv_file.layout_of(path)
        rows = [row for _, row in csv_file.rows_in(path, layout)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise refusal(path.name, "not-csv-utf-8", why=error) from None
    if any(len(row) != len(layout.headers) for row in rows) or not rows:
        raise refusal(path.name, "ragged")
    check_headers(path, layout.headers)
    return {
        name: numpy.array([row[rank].strip() for row in rows])
        for rank, name in enumerate(layout.headers)
    }


def check_headers(path: Path, headers: Sequence[str]) -> None:
    """Each column comes once. Raises InvalidInput."""
    faults = Faults(path.name)
    for rank, name in enumerate(headers):
        if name in headers[:rank]:
            faults.add_header(name, BadValue("column-twice"))
    faults.raise_if_any()


def read_parquet(path: Path) -> dict[str, NDArray[Any]]:
    """The columns of a Parquet file of attributes. Raises InvalidInput, OSError."""
    # Not ``read_table``, which loads PyArrow's datasets: they take longer than most files.
    with readable(path.name), library("pyarrow.parquet").ParquetFile(path) as file:
        check_headers(path, file.schema_arrow.names)
        table = file.read()
        table.validate(full=True)
    if not table.num_rows:
        raise refusal(path.name, "no-row-for-each")
    return {name: frames.to_numpy(table.column(name)) for name in table.column_names}


# Memory.


def of_data(data: Any, monthly: Any = None) -> Origin:
    """A Population, or a dict of arrays, an Arrow table, a pandas or Polars frame.

    ``monthly``: the months of the long format, of any of these kinds of frames. The columns of a
    frame that are no variables of the model are attributes. Raises TypeError.
    """
    if isinstance(data, Population):
        names = tuple(data.attributes)
        return Origin(
            "Population", "donnees", data.count, names, single(partial(given_already, data))
        )
    kind = frames.kind_of(data)
    faults = Faults(frames.SOURCE, POSITIONS)
    table = frames.to_table(data, kind, faults)
    faults.raise_if_any()
    system = model()
    others = [name for name in table.column_names if not is_input(system, name)]

    def read(system: TaxBenefitSystem, months: range) -> Population:
        inputs, faults = table.drop_columns(others), Faults(frames.SOURCE, POSITIONS)
        sheet = read_table(inputs, Schema(system), faults)
        population = frames.population_of(sheet, monthly, months)
        population.attributes = {name: frames.to_numpy(table.column(name)) for name in others}
        return population

    return Origin("Données", "donnees", table.num_rows, tuple(others), single(read))


def single(make: Maker) -> Callable[[int], Sequence[PersonsSlice]]:
    """The only piece of a population in memory."""
    return lambda history: [PersonsSlice(0, make)]


def given_already(population: Population, system: TaxBenefitSystem, months: range) -> Population:
    """A population that is made already."""
    return population


def is_input(system: TaxBenefitSystem, header: str) -> bool:
    """Whether a column is one that the model reads, or looks like a misspelt one."""
    try:
        Schema(system).column(header)
    except BadValue as error:
        return bool(error.near) or "@" in header
    return True


def published() -> dict[str, Any]:
    """What is published on the allowance of the entrants of France."""
    return load("validation")
