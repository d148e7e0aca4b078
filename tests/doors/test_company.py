"""What one person says never changes another's amount: a sample of `make doors`."""

import pytest
from doors import company
from samples import sample


@pytest.mark.parametrize("batch", sample(range(4), 4))
def test_alone_in_company_and_written_otherwise(batch: int) -> None:
    counts, found = company.of_a_batch([f"sample-{batch}-{rank}" for rank in range(10)])
    assert not found, "\n".join(found)
    # Every door that takes several persons had something to say.
    assert counts.total() > 200
    assert counts["certain, and one input more"]


def test_a_difference_is_seen(monkeypatch) -> None:
    honest = company.DOORS["dict"]

    def wrong(case):
        outcome = honest(case)
        if outcome is not None and not outcome.refused:
            first = next(iter(outcome.amounts.values()))
            first[min(first)] += 0.01
        return outcome

    monkeypatch.setitem(company.DOORS, "dict", wrong)
    found = [
        line for rank in range(8) for line in company.differences(f"sample-0-{rank}", ["dict"])[1]
    ]
    assert found
    assert all(", dict, " in line for line in found)
