"""Prices, dividends, splits and profiles, asked for once a symbol.

Belongs here: the fetch of instruments. Does not: exchange rates (`rates`), writing to the warehouse (`defs.market`).
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace

import dagster as dg
import polars as pl

from pipelines.defs.backfill import with_waiting
from pipelines.defs.declared import INGEST_RETRIES, PRICE_POOL, fetched_checks, fetched_out
from pipelines.defs.records import record_fetch, record_files
from pipelines.defs.resources import Folio
from pipelines.defs.sources.spared import SPARED, note_quiet, spared_today
from pipelines.descriptions import described, undescribed
from pipelines.listings import last_prices, lost, silent, tickers, vanished, with_statuses
from pipelines.needs import (
    GAP_REACH_DAYS,
    REVISED_DAYS,
    earliest,
    events_since,
    followed_symbols,
    gaps_since,
    held_since,
    of_nights,
    only,
    windows,
)
from pipelines.quality.admission import Past
from pipelines.quality.held import SPLITS
from pipelines.quality.late_splits import entering
from pipelines.sources.base import Describer, PriceRequest, Source
from pipelines.sources.fetch import FetchResult, fetch_prices
from pipelines.sources.fetch_descriptions import fetch_descriptions
from pipelines.sources.inbox import stated_splits
from pipelines.sources.resilience import Guard
from warehouse.schema import market

INSTRUMENTS = (market.SYMBOLS, market.PRICE_HISTORY, market.DIVIDEND_HISTORY, market.SPLIT_HISTORY)
"""The tables that a fetch of instruments goes into."""

_TOLD_BY = {"symbol": pl.String(), "source": pl.String()}


def price_requests(folio: Folio) -> list[PriceRequest]:
    """Return what to ask for; see `asked_and_spared`."""
    return asked_and_spared(folio)[0]


def asked_and_spared(folio: Folio) -> tuple[list[PriceRequest], pl.DataFrame]:
    """Return what to ask for: every symbol that is needed or watched, from what is stored to today; named ones whole.

    What is held back since the first needed day, missing between stored days, told anew of late, or of before a split
    that is told late, accepted or stated, is asked for again from its earliest day; what is delisted or quiet once a
    week. Dividends and splits are taken from a quarter, for they are told late.

    Returns:
        The requests; and of what is not asked for today because it is quiet, ``symbol`` and ``last_stored``.
    """
    master, today = folio.stored(market.SYMBOLS), folio.today()
    stored = folio.spans("asked_price_spans", "symbol", market.OWN_FILES)
    needed = only(folio.only_symbols) if folio.only_symbols else _needed(folio)
    spared = pl.DataFrame(schema=SPARED) if folio.only_symbols else spared_today(folio, needed, stored, master)
    needed = needed.join(spared, on="symbol", how="anti", maintain_order="left")
    held_back = of_nights(folio.ops().quarantine().open_rows(), needed, by="symbol")
    held = held_since(held_back, INSTRUMENTS, by="symbol")
    again = earliest(held, _gaps(folio, stored, master), *_of_late(folio, held_back), by="symbol")
    names = tickers(master, folio.ledger().market().renames())
    last, events = dict(stored.select("symbol", "last_stored").iter_rows()), events_since(needed, stored)
    requests = [
        PriceRequest(
            symbol=symbol,
            provider_symbol=names.get(symbol),
            start=start,
            end=end,
            events_from=events.get(symbol),
            stored_until=last.get(symbol),
        )
        for symbol, start, end in windows(needed, stored, again, by="symbol", today=today)
    ]
    return requests, spared.filter("quiet").drop("quiet")


def _gaps(folio: Folio, stored: pl.DataFrame, master: pl.DataFrame) -> pl.DataFrame:
    reach = folio.today() - dt.timedelta(days=GAP_REACH_DAYS)
    days = folio.said({"symbol": pl.String(), "date": pl.Date()}, "priced_days", reach)
    return gaps_since(days, stored, folio.stored(market.TRADING_SESSIONS), master, today=folio.today())


def _of_late(folio: Folio, held_back: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield from when on each symbol was told anew of late, and from when on closes may be divided for a late split."""
    since, days = folio.now() - dt.timedelta(days=REVISED_DAYS), {"symbol": pl.String(), "since": pl.Date()}
    yield folio.said(days, "revised_since", since, market.OWN_FILES)
    yield folio.said(days, "late_splits_since", since)
    entering = _entering_splits(folio, held_back)
    yield folio.said(days, "told_after_splits_since", entering["symbol"].to_list(), entering["ex_date"].to_list())


def _entering_splits(folio: Folio, held_back: pl.DataFrame) -> pl.DataFrame:
    """Return ``symbol, ex_date`` of splits that people have accepted or stated since the last run."""
    past = Past(open_rows=held_back, releases=folio.ledger().market().releases())
    inbox = folio.settings.inbox_dir if market.OWN_FILES in folio.settings.price_sources else None
    own = stated_splits(inbox) if inbox else market.SPLIT_HISTORY.empty()
    people = entering(own.with_columns(source=pl.lit(market.OWN_FILES)), past.released_splits)
    columns = [*SPLITS.at, "ratio_new", "ratio_old"]
    return people.join(folio.stored(market.SPLIT_HISTORY), on=columns, how="anti").select(SPLITS.at).unique()


def _needed(folio: Folio) -> pl.DataFrame:
    needed = pl.concat([folio.bundled_symbols(), followed_symbols(folio.ledger().mirror())])
    return needed.group_by("symbol").agg(pl.col("first_day").min())


def _symbols(folio: Folio, result: FetchResult) -> pl.DataFrame:
    """Return the fetched profiles and quotes, with what is known of each symbol's listing."""
    doubted, tellers = sorted(result.unknown_to), pl.DataFrame(schema=_TOLD_BY)
    if doubted:
        tellers = folio.said(_TOLD_BY, "last_told_by", doubted, market.OWN_FILES)
    return with_statuses(
        result.symbols,
        gone=[*vanished(result.failures), *lost(result.unknown_to, tellers)],
        unpriced=silent(result.failures),
        priced=last_prices(folio.spans("price_spans", "symbol"), result.prices),
        stored=folio.stored(market.SYMBOLS),
        renames=folio.ledger().market().renames(),
        today=folio.today(),
    )


def _described(
    folio: Folio, sources: Sequence[Source], requests: Sequence[PriceRequest], fetched: pl.DataFrame, guard: Guard
) -> pl.DataFrame:
    """Return profiles with country, sector and industry, of the few that are asked for now."""
    describers = {source.name: source for source in sources if isinstance(source, Describer)}
    by_symbol = {request.symbol: request for request in requests}
    wanted = undescribed(fetched, folio.stored(market.SYMBOLS), now=folio.now())
    results = [
        fetch_descriptions([describers[name]], [by_symbol[symbol] for symbol in symbols], guard=guard)
        for name, symbols in wanted.items()
        if name in describers
    ]
    return described(fetched, results, now=folio.now()) if results else fetched


@dg.multi_asset(
    name="fetched_prices",
    outs={
        "fetched_prices": fetched_out(
            "Daily prices as traded, of every symbol that a portfolio needs or somebody watches.", market.PRICE_HISTORY
        ),
        "fetched_dividends": fetched_out("Dividends as declared.", market.DIVIDEND_HISTORY),
        "fetched_splits": fetched_out("Splits.", market.SPLIT_HISTORY),
        "fetched_symbols": fetched_out("Profiles and quotes.", market.SYMBOLS),
    },
    check_specs=fetched_checks("fetched_prices"),
    pool=PRICE_POOL,
    retry_policy=INGEST_RETRIES,
)
def fetched_prices(
    context: dg.AssetExecutionContext, folio: Folio
) -> Iterator[dg.Output[pl.DataFrame] | dg.AssetCheckResult]:
    """Fetch every symbol from the first source that answers, and take the files of the inbox whole."""
    requests, silenced = asked_and_spared(folio)
    note_quiet(folio, context.run.run_id, silenced)
    context.log.info("asking for %d symbols", len(requests))
    sources = folio.price_sources()
    with folio.guard() as guard:
        result = fetch_prices(sources, requests, guard=guard, now=folio.now(), until=folio.today())
        result = replace(result, symbols=_described(folio, sources, requests, result.symbols, guard))
    result = with_waiting(folio, context.run.run_id, result)
    yield dg.Output(result.prices, output_name="fetched_prices")
    yield dg.Output(result.dividends, output_name="fetched_dividends")
    yield dg.Output(result.splits, output_name="fetched_splits")
    yield dg.Output(_symbols(folio, result), output_name="fetched_symbols")
    yield record_fetch(folio, context.run.run_id, "fetched_prices", result.failures)
    yield record_files(folio, context.run.run_id, "fetched_prices", result.refused_files)
