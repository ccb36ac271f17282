"""Mirrors of the ledger: portfolios, accounts and transactions of every owner.

Belongs here: one read of the ledger, three tables of one moment. Does not: writing the ledger (`warehouse.ledger`).
"""

from collections.abc import Iterator

import dagster as dg
import polars as pl

from pipelines.defs.declared import FETCHED, outs
from pipelines.defs.resources import Folio
from warehouse.schema import ledger


@dg.multi_asset(name="ledger_mirrors", outs=outs(ledger.TABLES), deps=FETCHED)
def ledger_mirrors(folio: Folio) -> Iterator[dg.Output[pl.DataFrame]]:
    """Read what people state, all owners, at one moment."""
    mirror = folio.ledger().mirror()
    for table in ledger.TABLES:
        yield dg.Output(mirror[table.name], output_name=table.name)
