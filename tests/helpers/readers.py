"""Every reader of what users bring, with valid documents and the errors that it documents.

Shared by the tests, which try a few changes of these documents, and by ``make fuzz``, which tries
as many as it has time for.
"""

import datetime
import functools
import io
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import forms
import pyarrow
import pyarrow.parquet
from simulations import systeme

from openfisca_cej import reforms, situation_examples
from openfisca_cej.analysis import compare, sources, verify, writing
from openfisca_cej.droit import veille
from openfisca_cej.explain import situation
from openfisca_cej.population import assumptions, engine, run
from openfisca_cej.population.long_format import read_long
from openfisca_cej.population.months import month_range
from openfisca_cej.population.reader import read as read_csv
from openfisca_cej.population.reader import read as read_parquet
from openfisca_cej.reforms import InvalidReform, ready
from openfisca_cej.refusals import BadRequest, InvalidInput
from openfisca_cej.web import batch
from openfisca_cej.web.limits import Limits
from openfisca_cej.web.problems import Problem

MONTHS = month_range("2025-01:2025-02")
TODAY = datetime.date(2026, 11, 1)
PERSONS = (
    "individu_id,date_naissance,salaire_net,rqth,activite,famille_id,famille_role,poids,rni@2023\n"
    "a,2003-05-01,300.5,oui,chomeur,f,demandeur,1.5,9000\n"
    "b,2004-05-01,0,non,etudiant,f,enfant,2,9000\n"
    "c,2007-02-28,1e2,false,actif,g,demandeur,1,0\n"
)
ALONE = "individu_id,date_naissance,salaire_net,cej_situation_fiscale\n"
ALONE += "a,2003-05-01,300.5,non_imposable\nb,2008-05-01,0,premiere_tranche\n"
PANEL = "individu_id,mois,salaire_net,ass\na,2024-12,100,0\nb,2024-12,200.5,3\na,2025-01,1e2,5\n"


@dataclass(frozen=True)
class Reader:
    """Reads the bytes of a document, as a user's file or request. Raises one of ``errors``."""

    name: str
    read: Callable[[bytes], object]
    errors: tuple[type[Exception], ...]
    documents: Callable[[], list[bytes]]
    kind: str = "text"

    def try_out(self, content: bytes) -> bool:
        """Read; tell whether it was accepted. Lets through what is not documented."""
        try:
            self.read(content)
        except self.errors:
            return False
        return True


@functools.cache
def folder() -> Path:
    """Where the documents are written, one at a time."""
    made = tempfile.TemporaryDirectory(prefix="cej-readers-")
    folder.kept = made  # Removed when the process ends.
    return Path(made.name)


def saved(name: str, content: bytes) -> Path:
    """The document as a file."""
    path = folder() / name
    path.write_bytes(content)
    return path


# --- Populations ----------------------------------------------------------------------------------


def simulated(population) -> None:
    """What a reader accepts can be simulated."""
    for _ in engine.simulate(systeme(), population, MONTHS, ("cej_allocation",)):
        pass


def read_persons(content: bytes) -> None:
    """Read a CSV file."""
    simulated(read_csv(saved("a.csv", content), systeme(), MONTHS))


def persons_files() -> list[bytes]:
    """Persons in families, and persons alone."""
    return [PERSONS.encode(), ALONE.encode()]


def read_columns(content: bytes) -> None:
    """Read a Parquet file."""
    simulated(read_parquet(saved("a.parquet", content), systeme(), MONTHS))


def read_panel(content: bytes) -> None:
    """Read a file of months, beside a good file of persons."""
    persons = saved("persons.csv", b"individu_id,date_naissance\na,2003-05-01\nb,2008-05-01\n")
    simulated(read_long(persons, saved("months.csv", content), systeme(), MONTHS))


def parquet_files() -> list[bytes]:
    """Persons in families, with columns of all types."""
    file = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(forms.persons(6)), file)
    return [file.getvalue()]


def read_attributes(suffix: str, content: bytes) -> None:
    """Read a file of attributes, and find those of a person."""
    sources.Attributes(saved(f"attributes{suffix}", content)).of(["a"])


ATTRIBUTES = {"individu_id": ["a", "b"], "operateur": ["ml", "ft"], "niveau_de_vie": [900.5, 1200]}


def attributes_files() -> list[bytes]:
    """Attributes in Parquet."""
    file = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(ATTRIBUTES), file)
    return [file.getvalue()]


# --- Situations, reforms, assumptions -------------------------------------------------------------


def read_situation(content: bytes) -> None:
    """Read a situation, and hand it to the core."""
    situation.read(situation.parse(content), systeme()).simulation()


def situations() -> list[bytes]:
    """The examples of the package, and one of OpenFisca-France."""
    examples = Path(situation_examples.__file__).parent.glob("*.json")
    return [path.read_bytes() for path in sorted(examples)]


def read_reform(suffix: str, content: bytes) -> None:
    """Read a file of reform."""
    reforms.load(saved(f"a{suffix}", content))


def yaml_reforms() -> list[bytes]:
    """The ready-made reforms."""
    return [ready.path_of(name).read_bytes() for name in ready.NAMES]


JSON_REFORM = {
    "title": "Essai",
    "description": "Un essai",
    "parameters": {
        "contrat_engagement_jeune.public.age_maximum": {"2026-01-01": 29},
        "contrat_engagement_jeune.ressources.degressivite.abattement": {
            "2026-01-01..2026-06-30": 350.5
        },
    },
    "switches": ["bareme_lineaire(0.5)"],
}


def read_assumptions(content: bytes) -> None:
    """Read a file of assumptions."""
    assumptions.read(saved("assumptions.yaml", content))


# --- Batches of the API ---------------------------------------------------------------------------


def read_batch(kind: str, content: bytes) -> None:
    """Answer a batch."""
    rows = batch.READERS[kind](content, Limits(rows=50))
    results = batch.compute(rows, systeme(), MONTHS, ["cej_allocation", "cej_situation_fiscale"])
    for write in batch.WRITERS.values():
        write(results).encode()


NDJSON = (
    b'{"individu_id": "a", "date_naissance": "2003-05-01", "salaire_net@2024-12": 300.5}\n'
    b'{"individu_id": 2, "date_naissance": "2008-05-01", "rqth": true, "activite": "chomeur"}\n'
)


# --- The law and the manifests --------------------------------------------------------------------


def read_index(content: bytes) -> None:
    """Read an index and compare it with the register."""
    index = veille.read(saved("index.json", content))
    veille.findings(index, TODAY)
    veille.remarks(index)
    veille.text(index).encode()


def indexes() -> list[bytes]:
    """An extract, and an index as npm has it."""
    extract = json.loads(veille.EXTRACT.read_bytes())
    extract["articles"] = dict(list(extract["articles"].items())[:4])
    article = {
        "num": "R5131-22",
        "id": "LEGIARTI000054167633",
        "articleVersions": [
            {"id": "LEGIARTI000045207433", "dateDebut": 1646092800000, "dateFin": 1782864000000},
            {"id": "LEGIARTI000054167633", "dateDebut": 1782864000000, "dateFin": 32472144000000},
        ],
    }
    section = {
        "type": "section",
        "data": {"title": veille.SECTIONS[0]},
        "children": [{"type": "article", "data": article}],
    }
    code = {"cid": veille.CODE_FILE.removesuffix(".json"), "dateDebutVersion": "2026-07-02"}
    whole = {"type": "code", "data": code, "children": [section]}
    return [json.dumps(one).encode() for one in (extract, whole)]


def read_manifest(content: bytes) -> None:
    """Redo a run; those whose persons were drawn only as far as their origin."""
    path = saved("run.json", content)
    persons = folder() / "alone.csv"
    persons.write_text(ALONE)
    try:
        drawn = isinstance(json.loads(content)["input"], dict)
    except (ValueError, LookupError, TypeError, RecursionError):
        drawn = False
    if not drawn:
        verify.verify(path, population=persons)
    else:
        verify.universe_of(verify.recorded.read(path)["input"])


@functools.cache
def manifests() -> list[bytes]:
    """Those of a comparison of two persons, of a simulation, and of drawn persons."""
    persons = saved("alone.csv", ALONE.encode())
    asked = compare.options("2025-01:2025-01", replicates=0)
    found = compare.compared(compare.made("age_29"), sources.of_files(persons), asked)
    writing.write(found, folder() / "compared")
    run.run(persons, month_range("2025-01:2025-01"), folder() / "simulated", threads=1)
    files = [(folder() / name / "run.json").read_bytes() for name in ("compared", "simulated")]
    drawn = json.loads(files[0])
    drawn["input"] = sources.of_universe("entrants", "France", "2022", 300, 1).parameters
    drawn["input"]["assumptions"] = {"taux_neet": {"15": 0.1}}
    return [*files, json.dumps(drawn).encode()]


READERS = {
    reader.name: reader
    for reader in (
        Reader("csv", read_persons, (InvalidInput,), persons_files, "table"),
        Reader("parquet", read_columns, (InvalidInput,), parquet_files, "parquet"),
        Reader("long", read_panel, (InvalidInput,), lambda: [PANEL.encode()], "table"),
        Reader(
            "attributes_csv",
            functools.partial(read_attributes, ".csv"),
            (InvalidInput,),
            lambda: [b"individu_id,operateur,niveau_de_vie\na,ml,900.5\nb,ft,1200\n"],
            "table",
        ),
        Reader(
            "attributes_parquet",
            functools.partial(read_attributes, ".parquet"),
            (InvalidInput,),
            attributes_files,
            "parquet",
        ),
        Reader("situation", read_situation, (situation.InvalidSituation,), situations, "json"),
        Reader(
            "reform_yaml", functools.partial(read_reform, ".yaml"), (InvalidReform,), yaml_reforms
        ),
        Reader(
            "reform_json",
            functools.partial(read_reform, ".json"),
            (InvalidReform,),
            lambda: [json.dumps(JSON_REFORM).encode()],
            "json",
        ),
        Reader(
            "assumptions",
            read_assumptions,
            (assumptions.BadAssumptions,),
            lambda: [b"part_rqth: 0.1\ntaux_neet:\n  15: 0.1\n  18: 0.2\n"],
        ),
        Reader(
            "batch_ndjson",
            functools.partial(read_batch, batch.NDJSON),
            (Problem,),
            lambda: [NDJSON],
        ),
        Reader(
            "batch_csv",
            functools.partial(read_batch, batch.CSV),
            (Problem,),
            persons_files,
            "table",
        ),
        Reader("law_index", read_index, (veille.NotAnIndex,), indexes, "json"),
        Reader(
            "run_json",
            read_manifest,
            (BadRequest, InvalidInput, OSError),
            manifests,
            "json",
        ),
    )
}
