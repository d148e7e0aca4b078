"""What stands beside an answer in its headers: what was set aside, and what was taken for it."""

from collections.abc import Iterable
from urllib.parse import quote

from flask import Response

from openfisca_cej.population.other_names import Note

#: Names of variables that were not read; codes of remarks, each with the place that it is about.
IGNORED, REMARKS = "CEJ-Ignored-Variables", "CEJ-Remarks"

#: Characters of a header at most: proxies refuse longer ones.
LONGEST = 3000


def tell(response: Response, notes: Iterable[Note]) -> Response:
    """Put the notes in the headers of an answer.

    ``CEJ-Ignored-Variables``: names, between commas. ``CEJ-Remarks``: « code pointer input »
    between commas, the pointer percent-encoded, the input the one to give instead where there is.
    """
    found = list(notes)
    names = sorted({note.path.rsplit("/", 1)[1] for note in found if note.code == "not-read"})
    remarks = [
        " ".join(filter(None, (note.code, quote(note.path), note.instead)))
        for note in found
        if note.code != "not-read"
    ]
    if names:
        response.headers[IGNORED] = listed(names)
    if remarks:
        response.headers[REMARKS] = listed(dict.fromkeys(remarks))
    return response


def listed(items: Iterable[str]) -> str:
    """The items between commas, and « … » in place of those that a header cannot hold."""
    kept: list[str] = []
    length = 0
    for item in items:
        length += len(item) + 2
        if length > LONGEST:
            return ", ".join([*kept, "..."])
        kept.append(item)
    return ", ".join(kept)
