"""What a file is, by its first bytes: how it is opened, or the name of what is not read."""

import gzip
import io
import re
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO

from openfisca_cej.population.arrow import library
from openfisca_cej.refusals import refusal

PARQUET = b"PAR1"
GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
ZIP = b"PK\x03\x04"

#: Bytes that tell what a file is; those decompressed at once.
BEGINNING = 64
BUFFER = 1 << 20

#: What begins a text before its first sign: a mark of UTF-8, spaces, breaks of lines.
BEFORE = rb"(?:\xef\xbb\xbf)?\s*"

#: How files that are not read begin, and what these are in French and in English.
OTHERS = (
    (
        rb"\xd0\xcf\x11\xe0",
        "un classeur Excel de l'ancien format (.xls), ou protégé par un mot de passe",
        "an Excel file of the old format (.xls), or one with a password",
    ),
    (rb"ARROW1|\xff{4}", "un fichier Arrow (Feather)", "an Arrow (Feather) file"),
    (rb"FEA1", "un fichier Feather", "a Feather file"),
    (rb"SQLite format 3", "une base SQLite", "an SQLite database"),
    (rb"%PDF", "un document PDF", "a PDF document"),
    (rb"\$FL", "un fichier SPSS", "an SPSS file"),
    (rb"<stata_dta>|[\x71-\x73][\x01\x02]\x01\0", "un fichier Stata", "a Stata file"),
    (rb"\0{12}\xc2\xea\x81\x60|HEADER RECORD\*", "un fichier SAS", "a SAS file"),
    (rb"RD[AX]\d\n|[AX]\n\0", "un fichier R", "an R file"),
    (rb"\x89HDF", "un fichier HDF5", "an HDF5 file"),
    (rb"ORC[\0-\x1f]", "un fichier ORC", "an ORC file"),
    (rb"Obj\x01", "un fichier Avro", "an Avro file"),
    (rb"BZh\d", "une archive bzip2", "a bzip2 archive"),
    (rb"\xfd7zXZ", "une archive xz", "an xz archive"),
    (rb"7z\xbc\xaf", "une archive 7-Zip", "a 7-Zip archive"),
    (BEFORE + rb"<\?xml", "un document XML", "an XML document"),
    (BEFORE + rb"<", "une page HTML", "an HTML page"),
    (rb"\{\\rtf", "un document RTF", "an RTF document"),
    (BEFORE + rb"[{\[]", "un document JSON", "a JSON document"),
    (rb"[^\0]\0[^\0]\0", "un texte en UTF-16 sans sa marque", "a text in UTF-16 without its mark"),
    (rb"(?!\xff\xfe|\xfe\xff).*[\0-\x08\x0e-\x1f]", "un fichier binaire", "a binary file"),
)

#: What is in the archives that spreadsheets are, and in others.
WORKBOOKS = ("xl/workbook.xml", "xl/workbook.bin", "content.xml")
ARCHIVES = (
    ("Index/Document.iwa", "un classeur Numbers", "a Numbers workbook"),
    ("word/document.xml", "un document Word", "a Word document"),
    ("", "une archive zip", "a zip archive"),
)
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
            raise another(path, *next(told for name, *told in ARCHIVES if name in {"", *inside}))
        return "sheet"
    if start.startswith((GZIP, ZSTD)):
        with opened(path) as file:
            try:
                start = file.read(BEGINNING)
            except (OSError, EOFError):
                start = b""  # The reader tells what is wrong.
        if start.startswith(PARQUET):
            raise another(path, *PACKED_PARQUET)
    for beginning, fr, en in OTHERS:
        if re.match(beginning, start, re.DOTALL):
            raise another(path, fr, en)
    return "csv"


def another(path: Path, fr: str, en: str) -> Exception:
    """The refusal of a file of another kind."""
    return refusal(path.name, "another-kind", what_fr=fr, what=en)


def first_bytes(path: Path) -> bytes:
    """The beginning of a file."""
    with path.open("rb") as file:
        return file.read(BEGINNING)


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
