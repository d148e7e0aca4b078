import sys; sys.path.insert(0,'/tmp/w17')
from sub import sub
sub('openfisca_cej/population/run.py',('''are in a folder of this run alone (see ``place``), each with a sidecar that says what it was made of:
the same command keeps''','''are in a folder of this run alone (see ``place``), each with a sidecar that says what it was made
of: the same command keeps'''))
sub('openfisca_cej/report/writing.py',('''``reform`` is only needed for a reform made of
    arbitrary Python, which a comparison cannot hold: without it, the workbook then says the law
    alone. Raises''','''``reform`` is only needed for a reform
    made of arbitrary Python, which a comparison cannot hold: without it, the workbook then says the
    law alone. Raises'''))
s=open('openfisca_cej/cli.py').read()
a=s.index("def defaults_read("); b=s.index("def show_frozen(")
s=s[:a]+s[b:]
s=s.replace('''    from openfisca_cej.population import jobs, manifest, run
    from openfisca_cej.population.long_format import read_long
''','''    from openfisca_cej.population import jobs, manifest, run
    from openfisca_cej.population.history import defaults_read
    from openfisca_cej.population.long_format import read_long
''')
s=s.replace('''    from openfisca_cej.population import jobs, parts, run

    with errors.status("Looking''','''    from openfisca_cej.population import jobs, parts, run
    from openfisca_cej.population.history import defaults_read

    with errors.status("Looking''')
open('openfisca_cej/cli.py','w').write(s)
s=open('openfisca_cej/population/frames.py').read()
a=s.index("def defaults_read("); b=s.index("def laid_out(")
s=s[:a]+s[b:]
s=s.replace("*defaults_read(system, report), *moved]","*defaults_read(system, report.defaults, SOURCE), *moved]")
s=s.replace("from openfisca_cej.population.months import LONGEST","from openfisca_cej.population.history import defaults_read\nfrom openfisca_cej.population.months import LONGEST")
open('openfisca_cej/population/frames.py','w').write(s)
sub('openfisca_cej/population/history.py',('''def kept_notices(''','''def months_read(
    system: TaxBenefitSystem, name: str, population: Population, months: range
) -> set[int]:
    """The months of a monthly input that the law reads for these months, as far as is known.

    A resource is that of the months before; months before the first signature are not read.
    """
    first = max(months[0], first_contract(population), first_month(system))
    found: set[int] = set()
    for month in range(first, months.stop):
        names, length = resources_read(system, month)
        found |= set(range(month - length, month)) if name in names else {month}
    return found


def defaults_of(system: TaxBenefitSystem, population: Population, months: range) -> Defaults:
    """The yearly inputs that these months read and that are not given, with their years.

    One person of each kind is computed: those who gave the same inputs read the same ones.
    """
    gave = [numpy.zeros(population.count, dtype=bool)]
    for item in population.inputs:
        if item.given is not None:
            entity = system.get_variable(item.variable, check_existence=True).entity
            group = population.groups.get(entity.key)
            alone = group is None or group.membership is None
            gave.append(item.given if alone else item.given[group.membership])
    kinds = numpy.packbits(numpy.column_stack(gave), axis=1)
    rows = numpy.sort(numpy.unique(kinds, axis=0, return_index=True)[1])
    report = Report()
    chunk = Chunk(system, population, rows, months)
    chunk.run(months, [RESULT], lambda person_months: None)
    chunk.tell(report)
    chunk.release()
    return report.defaults


def defaults_read(
    system: TaxBenefitSystem, defaults: Mapping[str, Iterable[str]], source: str = "file"
) -> list[str]:
    """A remark on the yearly inputs that the law read and that were not given."""
    told = [
        f"{name} = {float(system.get_variable(name).default_value):g} ({', '.join(sorted(years))})"
        for name, years in sorted(defaults.items())
        if years
    ]
    return [f"Not in the {source}, read as their default: {'; '.join(told)}."] if told else []


def kept_notices('''),
('from openfisca_cej.population.engine import first_month\n','from openfisca_cej.population.engine import Chunk, Report, first_month\n'),
('from openfisca_cej.population.schema import NO_DATE, SIGNATURE\n','from openfisca_cej.population.schema import NO_DATE, RESULT, SIGNATURE\n'),
('from collections.abc import Iterator\n','from collections.abc import Iterable, Iterator, Mapping\n'),
('''#: The tiers of a person,''','''#: Years of inputs, by name.
Defaults = dict[str, set[str]]

#: The tiers of a person,'''))
sub('openfisca_cej/population/long_format.py',('''        defaults = [
            f"{column.header} = {default_text(column.variable)}"
            for column in self.sheet.values
            if not column.variable.formulas
        ]
        # Resources are those of the month before.
        first, last = self.months[0] - 1, self.months[-1]
        rows = numpy.count_nonzero((moments >= first) & (moments <= last))
        absent = self.population.count * (last - first + 1) - rows
        if absent > 0 and defaults:
            self.population.remarks.append(
                f"{self.sheet.faults.source}: {absent} person-months have no row from "
                f"{month_text(first)} to {month_text(last)}: {', '.join(defaults)} there."
            )
''','''        spans: dict[tuple[int, ...], list[str]] = {}
        for column in self.sheet.values:
            if not column.variable.formulas:
                name, system = column.variable.name, self.sheet.schema.system
                read = months_read(system, name, self.population, self.months)
                told = f"{column.header} = {default_text(column.variable)}"
                spans.setdefault(tuple(sorted(read)), []).append(told)
        for read, defaults in spans.items():
            rows = numpy.count_nonzero(numpy.isin(moments, read))
            absent = self.population.count * len(read) - rows
            if absent:
                self.population.remarks.append(
                    f"{self.sheet.faults.source}: {absent} person-months have no row from "
                    f"{month_text(read[0])} to {month_text(read[-1])}: {', '.join(defaults)} there."
                )
'''),('''        """Say once how many person-months have no row, and what is read there."""''','''        """Say how many person-months that the law reads have no row, and what is read there."""'''),
('from openfisca_cej.population.months import month_number','from openfisca_cej.population.history import months_read\nfrom openfisca_cej.population.months import month_number'))
sub('openfisca_cej/population/checks.py',('''    def add_persons(self, name: str, population: Population) -> None:
        """Count the persons of an input without a fault."""
        self.persons += population.count
        self.remarks += [f"{name}: {remark}" for remark in population.remarks]
''','''    def add_persons(
        self, name: str, population: Population, system: TaxBenefitSystem, months: range
    ) -> None:
        """Count the persons of an input without a fault, and tell what a simulation would."""
        self.persons += population.count
        defaults = defaults_read(system, defaults_of(system, population, months))
        self.remarks += [f"{name}: {remark}" for remark in [*population.remarks, *defaults]]
'''),
("checked.add_persons(name, read_piece(piece, system, months, others))","population = read_piece(piece, system, months, others)\n            checked.add_persons(name, population, system, months)"),
("        checked.add_persons(persons.name, read_long(persons, monthly, system, months, ALL, others))","        population = read_long(persons, monthly, system, months, ALL, others)\n        checked.add_persons(persons.name, population, system, months)"),
('from openfisca_cej.population.long_format import','from openfisca_cej.population.history import defaults_of, defaults_read\nfrom openfisca_cej.population.long_format import'))
