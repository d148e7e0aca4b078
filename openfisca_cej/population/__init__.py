"""Many persons at once: read, check, simulate by chunks, total, write; synthetic populations.

The path of a run, one module a step:

``csv_reader`` or ``synthetic`` → ``table.Population`` → ``engine.simulate`` (blocks of results)
→ ``summary.Totals`` and ``output.AllocationFile``; ``display`` shows what happened.
"""
