"""Prices, dividends, splits and profiles, asked for once a symbol.

Belongs here: the fetch of instruments. Does not: exchange rates (`rates`), writing to the warehouse (`defs.market`).
"""

from collections.abc import Iterator

import dagster as dg
import polars as pl

from pipelines.defs.backfill import with_waiting
from pipelines.defs.declared import INGEST_RETRIES, PRICE_POOL, fetched_checks, fetched_out
from pipelines.defs.records import record_fetch, record_files
from pipelines.defs.resources import Folio
from pipelines.needs import needed_symbols, only, windows
from pipelines.sources.base import PriceRequest
from pipelines.sources.fetch import fetch_prices
from warehouse.schema import market

FETCH_FIRST = {"dagster/priority": "10"}
"""Fetching comes before the first write of a run, so that the lock is never held while a provider thinks."""


def price_requests(folio: Folio) -> list[PriceRequest]:
    """Return what to ask for: every symbol that a portfolio needs, from what is stored to today; named ones whole."""
    needed = only(folio.only_symbols) if folio.only_symbols else _needed(folio)
    stored = folio.spans("asked_price_spans", "symbol", market.OWN_FILES)
    tickers = dict(folio.stored(market.SYMBOLS).select("symbol", "provider_symbol").iter_rows())
    return [
        PriceRequest(symbol=symbol, provider_symbol=tickers.get(symbol), start=start, end=end)
        for symbol, start, end in windows(needed, stored, by="symbol", today=folio.today())
    ]


def _needed(folio: Folio) -> pl.DataFrame:
    needed = pl.concat([folio.bundled_symbols(), needed_symbols(folio.ledger().mirror())])
    return needed.group_by("symbol").agg(pl.col("first_day").min())


@dg.multi_asset(
    name="fetched_prices",
    outs={
        "fetched_prices": fetched_out(
            "Daily prices as traded, of every symbol that a portfolio needs.", market.PRICE_HISTORY
        ),
        "fetched_dividends": fetched_out("Dividends as declared.", market.DIVIDEND_HISTORY),
        "fetched_splits": fetched_out("Splits.", market.SPLIT_HISTORY),
        "fetched_symbols": fetched_out("Profiles and quotes.", market.SYMBOLS),
    },
    check_specs=fetched_checks("fetched_prices"),
    op_tags=FETCH_FIRST,
    pool=PRICE_POOL,
    retry_policy=INGEST_RETRIES,
)
def fetched_prices(
    context: dg.AssetExecutionContext, folio: Folio
) -> Iterator[dg.Output[pl.DataFrame] | dg.AssetCheckResult]:
    """Fetch every symbol from the first source that answers, and take the files of the inbox whole."""
    requests = price_requests(folio)
    context.log.info("asking for %d symbols", len(requests))
    result = fetch_prices(folio.price_sources(), requests, guard=folio.guard(), now=folio.now(), until=folio.today())
    result = with_waiting(folio, context.run.run_id, result)
    yield dg.Output(result.prices, output_name="fetched_prices")
    yield dg.Output(result.dividends, output_name="fetched_dividends")
    yield dg.Output(result.splits, output_name="fetched_splits")
    yield dg.Output(result.symbols, output_name="fetched_symbols")
    yield record_fetch(folio, context.run.run_id, "fetched_prices", result.failures)
    yield record_files(folio, context.run.run_id, "fetched_prices", result.refused_files)
