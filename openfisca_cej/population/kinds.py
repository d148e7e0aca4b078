"""What a file is, by its first bytes: how it is opened, or the name of what is not read."""

import gzip
import io
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO

from openfisca_cej.population.arrow import library
from openfisca_cej.refusals import refusal

PARQUET = b"PAR1"
GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
ZIP = b"PK\x03\x04"

#: Bytes decompressed at once.
BUFFER = 1 << 20

#: First bytes of files that are not read, and what these are in French and in English.
OTHERS = (
    (
        b"\xd0\xcf\x11\xe0",
        "un classeur Excel de l'ancien format (.xls), ou protégé par un mot de passe",
        "an Excel file of the old format (.xls), or one with a password",
    ),
    (b"ARROW1", "un fichier Arrow (Feather)", "an Arrow (Feather) file"),
    (b"FEA1", "un fichier Feather", "a Feather file"),
    (b"SQLite format 3", "une base SQLite", "an SQLite database"),
    (b"%PDF", "un document PDF", "a PDF document"),
    (b"$FL", "un fichier SPSS", "an SPSS file"),
    (b"<stata_dta>", "un fichier Stata", "a Stata file"),
    (b"\x89HDF", "un fichier HDF5", "an HDF5 file"),
    (b"ORC", "un fichier ORC", "an ORC file"),
    (b"Obj\x01", "un fichier Avro", "an Avro file"),
    (b"BZh", "une archive bzip2", "a bzip2 archive"),
    (b"\xfd7zXZ", "une archive xz", "an xz archive"),
    (b"7z\xbc\xaf", "une archive 7-Zip", "a 7-Zip archive"),
    (b"<!DOCTYPE", "une page HTML", "an HTML page"),
    (b"<html", "une page HTML", "an HTML page"),
    (b"<?xml", "un document XML", "an XML document"),
    (b"{", "un document JSON", "a JSON document"),
    (b"[", "un document JSON", "a JSON document"),
)

#: What is in the archives that spreadsheets are, and the archives that are not.
WORKBOOKS = ("xl/workbook.xml", "xl/workbook.bin", "content.xml")
ARCHIVE = ("une archive zip", "a zip archive")
PACKED_PARQUET = ("un fichier Parquet compressé", "a compressed Parquet file")


def kind_of(path: Path) -> str:
    """« parquet », « sheet » or « csv ». Raises InvalidInput for anything else, OSError."""
    start = first_bytes(path)
    if start.startswith(PARQUET):
        return "parquet"
    if start.startswith(ZIP):
        try:
            with zipfile.ZipFile(path) as archive:
                inside = archive.namelist()
        except (zipfile.BadZipFile, ValueError):
            inside = []
        if not set(WORKBOOKS) & set(inside):
            raise another(path, *ARCHIVE)
        return "sheet"
    if start.startswith((GZIP, ZSTD)):
        with opened(path) as file:
            try:
                start = file.read(len(PARQUET))
            except (OSError, EOFError):
                start = b""  # The reader tells what is wrong.
        if start.startswith(PARQUET):
            raise another(path, *PACKED_PARQUET)
    for beginning, fr, en in OTHERS:
        if start.startswith(beginning):
            raise another(path, fr, en)
    return "csv"


def another(path: Path, fr: str, en: str) -> Exception:
    """The refusal of a file of another kind."""
    return refusal(path.name, "another-kind", what_fr=fr, what=en)


def first_bytes(path: Path) -> bytes:
    """The beginning of a file."""
    with path.open("rb") as file:
        return file.read(16)


def is_packed(path: Path) -> bool:
    """Whether a file is compressed."""
    return first_bytes(path).startswith((GZIP, ZSTD))


def check_packed(path: Path) -> None:
    """Read a compressed file to its end. Raises InvalidInput when it is damaged or cut."""
    if not is_packed(path):
        return
    try:
        with opened(path) as file:
            while file.read(BUFFER):
                pass
    except (EOFError, OSError, zlib.error) as error:
        raise refusal(path.name, "packed-badly", why=error) from None


def opened(path: Path) -> BinaryIO:
    """The bytes of a file, without its compression. Raises MissingLibrary, OSError."""
    start = first_bytes(path)
    if start.startswith(GZIP):
        return io.BufferedReader(gzip.open(path, "rb"))
    if start.startswith(ZSTD):
        return io.BufferedReader(library().input_stream(str(path), compression="zstd"), BUFFER)
    return path.open("rb")
