"""`folio import`: a file of transactions into the ledger, whole or not at all.

Belongs here: reading, checking against what is held already, storing. Does not: the file's format
(`pipelines.importers`), matching (`pipelines.portfolio`).
"""

import datetime as dt
import hashlib
from pathlib import Path

import polars as pl

from pipelines.importers.canonical import read_transactions
from pipelines.portfolio.checks import check_ledger
from pipelines.portfolio.frames import SPLIT_SCHEMA, TRANSACTION_SCHEMA
from warehouse.errors import NoPublicationError
from warehouse.ledger import ImportResult, LedgerRepository, Portfolio
from warehouse.reader import Reader
from warehouse.schema import market


def import_file(
    path: Path, own: LedgerRepository, portfolio: Portfolio, reader: Reader, *, today: dt.date
) -> ImportResult:
    """Add a file's transactions to a portfolio.

    Raises:
        ImportFileError: If a cell of the file is refused.
        EngineError: If a row sells more than is held then, with what is there already.
        LedgerError: If an external id is taken by other content.
    """
    incoming = read_transactions(path, today=today)
    content = path.read_bytes()
    stored, accounts = own.frames(portfolio.portfolio_id)
    check_ledger(
        _merged(stored.drop("portfolio_id", strict=False), incoming),
        accounts.drop("portfolio_id", strict=False),
        _splits(reader),
        base=portfolio.base_currency,
    )
    return own.add_transactions(
        portfolio.portfolio_id,
        incoming,
        source=path.name,
        sha256=hashlib.sha256(content).hexdigest(),
        expected_version=portfolio.version,
    )


def _merged(stored: pl.DataFrame, incoming: pl.DataFrame) -> pl.DataFrame:
    """Return what the ledger would hold; rows that are there already, by external id, are not taken twice."""
    known = stored["external_id"].drop_nulls().implode()
    fresh = incoming.filter(pl.col("external_id").is_null() | ~pl.col("external_id").is_in(known))
    first = max(stored["sequence"].to_list(), default=0) + 1
    numbered = fresh.with_columns(
        transaction_id=pl.coalesce(pl.col("external_id"), pl.format("row {}", pl.int_range(1, pl.len() + 1))),
        sequence=pl.int_range(first, first + pl.len()),
    )
    columns = list(TRANSACTION_SCHEMA)
    return pl.concat([stored.select(columns), numbered.select(columns)], how="vertical_relaxed")


def _splits(reader: Reader) -> pl.DataFrame:
    try:
        return reader.table(market.SPLIT_HISTORY).select(list(SPLIT_SCHEMA))
    except NoPublicationError:
        return pl.DataFrame(schema=SPLIT_SCHEMA)
