"""Whatever a document holds, its reader accepts it or refuses it in the way that it documents."""

import mutations
import pytest
from hypothesis import HealthCheck, given, settings
from readers import READERS

SETTINGS = settings(
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

#: Changes tried: a few seconds a reader. « make fuzz » tries many more.
CHANGES = {"run_json": 12, "batch_csv": 60, "batch_ndjson": 60, "long": 240}


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_valid_documents_are_accepted(reader) -> None:
    assert all(reader.try_out(document) for document in reader.documents())


#: What « make fuzz » found once.
FOUND = [
    ("situation", b'"/etc/hostname"'),  # A text is not a path: the API would have opened it.
    ("situation", b'"."'),
    ("reform_json", b'{"title": "\\ud800", "switches": ["bareme_lineaire(0.5)"]}'),
    ("attributes_csv", b"individu_id,operateur\na,\x81\n"),
    ("attributes_csv", b"individu_id,operateur\na," + b"x" * 200_000),
    ("attributes_parquet", b"PAR1"),
    ("assumptions", b"part_rqth: 2025-13-45"),
    ("assumptions", b"[" * 5000),
    ("assumptions", b"part_rqth: !!timestamp x"),
    ("run_json", b'{"versions": [], "months": 5, "reform": null, "input": []}'),
    ("run_json", b"[" * 100_000),
]


@pytest.mark.parametrize(("name", "content"), FOUND)
def test_what_was_once_a_failure_is_refused(name: str, content: bytes) -> None:
    assert not READERS[name].try_out(content)


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
def test_changed_documents_are_accepted_or_refused(reader) -> None:
    accepted = []

    @settings(SETTINGS, max_examples=CHANGES.get(reader.name, 120))
    @given(content=mutations.of(reader))
    def try_out(content: bytes) -> None:
        accepted.append(reader.try_out(content))

    try_out()
    # Changes that are all refused, or none, would try little.
    assert 0 < sum(accepted) < len(accepted)
