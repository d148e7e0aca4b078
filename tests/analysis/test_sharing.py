"""A comparison shared on a cluster gives the same results."""

import dataclasses
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy
import pytest
import streams

from openfisca_cej.analysis import compare, sources
from openfisca_cej.analysis.compare import Means
from openfisca_cej.population import assumptions, universes
from openfisca_cej.population.raking import CannotRake
from openfisca_cej.refusals import BadRequest, InvalidInput

pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """The address of a cluster."""
    with streams.cluster(2) as address:
        yield address


def folder(path: Path, faulty: bool = False) -> Path:
    """Three part files of a hundred persons."""
    path.mkdir()
    random = numpy.random.default_rng(2)
    for part in range(3):
        lines = ["individu_id,date_naissance,cej_situation_fiscale,salaire_net,poids"]
        for rank in range(100):
            tier = random.choice(["non_imposable", "premiere_tranche", "au_dela"])
            wage = "beaucoup" if faulty and part == 1 and rank == 4 else random.integers(0, 900)
            lines.append(f"p{part}-{rank},2003-05-01,{tier},{wage},{random.uniform(1, 9):.3f}")
        (path / f"part-{part}.csv").write_text("\n".join(lines) + "\n")
    return path


def test_a_cluster_gives_the_same_as_threads(tmp_path: Path, scheduler: str) -> None:
    origin = sources.of_files(folder(tmp_path / "jeunes"))
    asked = compare.options("2025-01:2025-02", replicates=20)
    reform = compare.made("montants_rsa+bareme_lineaire(0.4)")
    here = compare.compared(reform, origin, asked)
    there = compare.compared(reform, origin, asked, Means(cluster=scheduler))
    assert list(here.rows()) == list(there.rows())
    assert here.people.persons == there.people.persons == 300


def test_a_faulty_part_is_named(tmp_path: Path, scheduler: str) -> None:
    origin = sources.of_files(folder(tmp_path / "jeunes", faulty=True))
    asked = compare.options("2025-01", replicates=0)
    with pytest.raises(InvalidInput, match=r"part-1\.csv, line 6, column salaire_net"):
        compare.compared(None, origin, asked, Means(cluster=scheduler))


def universe(size: int = 700) -> sources.Origin:
    """Entrants beside whom figures are published."""
    return sources.of_universe("entrants", "France", "2022-2023", size, 3)


def test_the_blocks_of_a_universe_are_drawn_by_the_workers(scheduler: str) -> None:
    (whole,) = universe().pieces(1)
    asked = {**whole.make.args[0], "block": 300}
    pieces = tuple(
        sources.PersonsSlice(rank, partial(sources.drawn, asked, rank))
        for rank in range(len(universes.counts(700, 300)))
    )
    assert len(pieces) == 3
    origin = dataclasses.replace(universe(), pieces=lambda history: pieces)
    options = compare.options("2022-09:2022-10", replicates=20, draws=0)
    reform = compare.made("montants_rsa")
    here = compare.compared(reform, origin, options)
    there = compare.compared(reform, origin, options, Means(cluster=scheduler))
    assert list(here.rows()) == list(there.rows())
    assert here.published
    assert here.published == there.published
    assert here.people.persons == 700


def test_a_universe_too_small_for_its_margins_is_refused_by_workers_too(scheduler: str) -> None:
    with pytest.raises(CannotRake):
        compare.compared(
            None,
            universe(size=5),
            compare.options("2022-05", replicates=0, draws=0),
            Means(cluster=scheduler),
        )


def test_data_in_memory_are_not_shared(scheduler: str) -> None:
    origin = sources.of_data({"age": numpy.full(30, 20)})
    asked = compare.options("2022-05", draws=0)
    with pytest.raises(BadRequest, match="Give a file, or a universe"):
        compare.compared(None, origin, asked, Means(cluster=scheduler))


@pytest.mark.parametrize("shared", [False, True])
def test_assumptions_that_contradict_a_published_figure_are_refused(
    scheduler: str, shared: bool
) -> None:
    usual = assumptions.read()
    twelve = {**usual["part_duree_12_mois"], "valeur": 0.8}
    given = {**usual, "part_duree_12_mois": twelve}
    origin = sources.of_universe("entrants", "France", 2022, 500, 0, given)
    with pytest.raises(BadRequest, match=r"assumptions: .*slope"):
        compare.compared(
            None,
            origin,
            compare.options("2022-05", replicates=0, draws=0),
            Means(cluster=scheduler if shared else None),
        )
