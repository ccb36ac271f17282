"""Every portfolio through the engine, batch by batch.

Belongs here: how many portfolios make a batch, and who computes it. Does not: the computation (`batch`), processes
(`workers`).
"""

import datetime as dt
from collections.abc import Generator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from pipelines.valuation.batch import Valued, value_batch
from pipelines.valuation.frames import Inputs, grouped
from pipelines.valuation.workers import valued_by_workers

BATCH = 25
"""Portfolios a batch: some 40 MB of marts where each has ten years; every batch costs each mart an insertion."""
FEW = 40
"""Up to so many portfolios are valued before other processes would have begun."""


def value_portfolios(
    tables: Mapping[str, pl.DataFrame], *, as_of: dt.date, workers: int = 1, folder: Path | None = None
) -> Generator[Valued, None, None]:
    """Yield the marts of every portfolio, batch by batch; one whose ledger is refused never holds up the others.

    Whoever does not take all batches closes the iterator: that ends the processes and removes their files.

    Args:
        tables: By name, as declared: the ledger's mirrors, the histories, `symbols`, `trading_sessions`, and of
            `quarantine` what is open.
        as_of: Valuation date.
        workers: How many processes compute, where there are more than a `FEW` portfolios; one is this one.
        folder: Where a temporary folder for their files is made; None for the system's.
    """
    portfolios, others = tables["portfolios"], grouped(tables)
    batches = [(first, BATCH) for first in range(0, portfolios.height, BATCH)]
    if workers == 1 or portfolios.height <= FEW:
        inputs = Inputs(others)
        yield from (value_batch(portfolios.slice(*batch), inputs, as_of=as_of) for batch in batches)
        return
    everything = {"portfolios": portfolios, **others}
    with TemporaryDirectory(prefix="batches-", dir=folder) as files:
        yield from valued_by_workers(everything, batches, as_of=as_of, workers=workers, folder=Path(files))
