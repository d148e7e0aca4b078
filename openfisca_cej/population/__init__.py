"""Many persons at once: read, check, simulate by chunks, total, write; synthetic populations.

From Python: ``simulate(data, months)``, for arrays and frames (see ``frames``). The path of a run,
one module a step:

``reader`` (``csv_reader``, ``arrow``, ``long_format``) or ``synthetic`` → ``sheet`` (the
checks) → ``table.Population`` → ``engine.simulate`` (blocks of results) → ``summary.Totals`` and
``output.result_file``; ``display`` shows what happened.

Files of any size go through ``run.run``: ``parts`` cuts them into units of work, each of which
goes along that path by itself, in threads or on a Dask cluster (``stream``); ``manifest`` tells
what the results were made of.
"""

from openfisca_cej.population.frames import simulate

__all__ = ["simulate"]
