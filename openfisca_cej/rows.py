"""Results as texts that programs read."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def as_json(told: Any) -> str:
    """What JSON can hold, as a text for eyes too."""
    return json.dumps(told, ensure_ascii=False, indent=2)


def as_csv(rows: Iterable[Mapping[str, Any] | Sequence[Any]], columns: Sequence[str]) -> str:
    """Rows as CSV: these columns of them, or their cells in that order; a list is joined."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        cells = [row[name] for name in columns] if isinstance(row, Mapping) else row
        writer.writerow([" ; ".join(map(str, c)) if isinstance(c, list) else c for c in cells])
    return stream.getvalue()
