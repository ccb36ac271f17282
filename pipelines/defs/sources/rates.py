"""Reference rates of every currency that a portfolio needs.

Belongs here: the fetch of rates. Does not: conversion (`pipelines.portfolio.fx`).
"""

import datetime as dt
from collections.abc import Iterator

import dagster as dg
import polars as pl

from pipelines.defs.declared import INGEST_RETRIES, RATE_SOURCES, RATES_POOL, fetched_checks, fetched_out
from pipelines.defs.records import record_fetch, record_files
from pipelines.defs.resources import Folio
from pipelines.needs import REVISED_DAYS, earliest, held_since, needed_rates, windows
from pipelines.sources.fetch_rates import RatesResult, fetch_rates
from warehouse.schema import market


def fetch_needed_rates(folio: Folio, *fetched: pl.DataFrame) -> RatesResult:
    """Ask for every currency of the ledgers, of their symbols and of what these pay, from what is stored to today.

    What is held back or was told anew of late is asked for again from its earliest day.
    """
    known = [folio.stored(market.SYMBOLS), *fetched]
    # A row that only says that a symbol is delisted has no currency.
    instruments = {code for frame in known if "currency" in frame.columns for code in frame["currency"].drop_nulls()}
    needed = needed_rates(folio.ledger().mirror(), instruments)
    stored = folio.spans("asked_rate_spans", "currency", market.OWN_FILES)
    held = held_since(folio.ops().quarantine().open_rows(), (market.FX_HISTORY,), by="currency")
    again = earliest(held, _revised(folio), by="currency")
    spans = windows(needed, stored, again, by="currency", today=folio.today())
    start = min((first for _, first, _ in spans), default=folio.today())
    currencies = [name for name, _, _ in spans]
    with folio.guard() as guard:
        return fetch_rates(folio.fx_sources(), currencies, start, folio.today(), guard=guard, now=folio.now())


def _revised(folio: Folio) -> pl.DataFrame:
    since = folio.now() - dt.timedelta(days=REVISED_DAYS)
    return folio.said({"currency": pl.String(), "since": pl.Date()}, "revised_rates_since", since, market.OWN_FILES)


@dg.multi_asset(
    name="fetched_rates",
    outs={
        "fetched_rates": fetched_out(
            "Units of each currency for one euro, by day of the fixing.", market.FX_HISTORY, RATE_SOURCES
        )
    },
    check_specs=fetched_checks("fetched_rates"),
    pool=RATES_POOL,
    retry_policy=INGEST_RETRIES,
)
def fetched_rates(
    context: dg.AssetExecutionContext, folio: Folio, fetched_symbols: pl.DataFrame, fetched_dividends: pl.DataFrame
) -> Iterator[dg.Output[pl.DataFrame] | dg.AssetCheckResult]:
    """Fetch what the first source gives, and from the next what it lacks."""
    result = fetch_needed_rates(folio, fetched_symbols, fetched_dividends)
    yield dg.Output(result.rates, output_name="fetched_rates")
    yield record_fetch(folio, context.run.run_id, "fetched_rates", result.failures)
    yield record_files(folio, context.run.run_id, "fetched_rates", result.refused_files)
