"""Living standards against slow implementations, and a case by hand."""

import numpy
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openfisca_cej.analysis import households
from openfisca_cej.analysis.compare import compare
from openfisca_cej.refusals import BadRequest

FIRST = "contrat_engagement_jeune.montant_forfaitaire.general.majeur_non_imposable"

PEOPLE = st.lists(
    st.tuples(st.integers(0, 50_000), st.integers(1, 9)), min_size=1, max_size=25
).filter(lambda pairs: any(value for value, _ in pairs))


def repeated(pairs) -> list[float]:
    """Everyone as many times as they weigh."""
    return sorted(float(value) for value, weight in pairs for _ in range(weight))


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(PEOPLE)
def test_indices_are_those_of_a_population_without_weights(pairs) -> None:
    values, weights = numpy.array(pairs, dtype=float).T
    one_by_one = repeated(pairs)
    count, total = len(one_by_one), sum(one_by_one)
    # Half the mean absolute difference between all pairs, over the mean.
    gaps = sum(abs(first - second) for first in one_by_one for second in one_by_one)
    assert households.gini(values, weights) == pytest.approx(gaps / (2 * count * total), abs=1e-9)
    middle = one_by_one[(count + 1) // 2 - 1]
    assert households.median(values, weights) == middle
    line = 0.6 * middle
    poor = [value for value in one_by_one if value < line]
    assert households.poverty_rate(values, weights, line) == pytest.approx(len(poor) / count)
    lacking = sum((line - value) / line for value in poor)
    assert households.poverty_gap(values, weights, line) == pytest.approx(lacking / count)


def test_deciles_share_the_weight_equally() -> None:
    random = numpy.random.default_rng(0)
    values, weights = random.lognormal(9, 1, 20_000), random.uniform(0.5, 3, 20_000)
    ranks = households.deciles(values, weights)
    shares = numpy.bincount(ranks, weights) / weights.sum()
    numpy.testing.assert_allclose(shares, 0.1, atol=2e-4)
    for rank in range(9):
        assert values[ranks == rank].max() <= values[ranks == rank + 1].min()


def young(count: int = 200) -> dict:
    """Couples whose first member alone has a right that the reform raises."""
    rank = numpy.arange(count)
    return {
        "individu_id": rank,
        "menage_id": rank // 2,
        "menage_role": numpy.where(rank % 2 == 0, "personne_de_reference", "conjoint"),
        "age": numpy.where(rank % 2 == 0, 20, 40),
        "cej_situation_fiscale": numpy.full(count, "non_imposable"),
        "niveau_de_vie": 10_000.0 + 100 * (rank // 2),
        "unites_de_consommation": numpy.full(count, 1.5),
    }


def test_what_one_gains_is_shared_by_the_household() -> None:
    found = compare({FIRST: {"2025-01-01": 600}}, young(), "2025-01:2025-03", replicates=0)
    told = found.households
    # 47.71 € a month, over twelve months, for one unit and a half, in every household.
    for group in told.deciles.groups:
        assert group.measure("personnes").baseline == 20
        assert group.measure("niveau_de_vie_moyen").difference == 381.68
    assert told.deciles.groups[0].measure("niveau_de_vie_moyen").baseline == 10_450
    # The median is that of the fiftieth household of a hundred.
    assert told.poverty_line == round(0.6 * 14_900, 2)
    assert not any("niveau de vie" in limit for limit in found.limits)
    tables = {row["table"] for row in found.rows()}
    assert {"deciles", "niveaux_de_vie"} <= tables
    gini = told.indices[0]
    assert gini.reform < gini.baseline


def test_no_reform_leaves_living_standards_alone() -> None:
    told = compare(None, young(), "2025-01", replicates=0).households
    measures = [*told.indices, *(m for group in told.deciles.groups for m in group.measures)]
    assert all(one.difference == 0 for one in measures)


def test_too_few_persons_make_no_deciles() -> None:
    found = compare(None, young(60), "2025-01", replicates=0)
    assert found.households is None
    assert any("moins de 11 personnes" in limit for limit in found.limits)


def test_a_living_standard_that_is_no_amount_is_refused() -> None:
    data = young() | {"niveau_de_vie": numpy.full(200, "beaucoup")}
    with pytest.raises(BadRequest, match=r"niveau_de_vie, person « .+ »: « beaucoup » is not an"):
        compare(None, data, "2025-01", replicates=0)


def test_the_first_living_standard_that_is_missing_is_named() -> None:
    texts = numpy.full(200, "12000", dtype="U10")
    texts[3] = ""
    data = young() | {"individu_id": numpy.arange(1000, 1200), "niveau_de_vie": texts}
    with pytest.raises(BadRequest, match="niveau_de_vie, person « 1003 »: «  » is not an amount"):
        compare(None, data, "2025-01", replicates=0)


def test_negative_living_standards_are_told_beside_the_gini_index() -> None:
    living = numpy.linspace(-30_000, 40_000, 200)
    found = compare(None, young() | {"niveau_de_vie": living}, "2025-01", replicates=0)
    assert found.households is not None
    # 86 of them: 70 000 / 199 apart, from −30 000.
    told = "négatifs de 86 personnes (individu_id : 0, 1, 2, 3, 4, …)"
    assert told in found.households.note
    positive = compare(None, young() | {"niveau_de_vie": living + 30_001}, "2025-01", replicates=0)
    assert positive.households is not None
    assert "négatifs" not in positive.households.note
