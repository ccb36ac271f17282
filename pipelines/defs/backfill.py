"""Years of history that no portfolio has asked for yet, fetched piece by piece (ADR 11).

Belongs here: the partitions, the asset that fetches some of them, and handing what waits to the next run. Does not:
which pieces are missing (`pipelines.pieces`), where they wait (`pipelines.backlog`).
"""

import datetime as dt
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import dagster as dg
import polars as pl

from pipelines.backlog import Portion
from pipelines.defs.declared import EVERY_YEAR_PRICED, EVERYTHING_ANSWERED, INGEST_RETRIES, PRICE_POOL, fetched
from pipelines.defs.records import record_fetch
from pipelines.defs.resources import Folio
from pipelines.needs import followed_symbols
from pipelines.pieces import BATCHES, FIRST_YEAR, Gap, answered_years, batch_of, missing_years, request_for, stored_of
from pipelines.sources.base import PriceRequest
from pipelines.sources.errors import NoPricesError, UnknownSymbolError, UnsupportedError
from pipelines.sources.fetch import FetchResult, fetch_prices
from pipelines.sources.rounds import Failure
from warehouse.schema import market
from warehouse.schema.market import PRICE_HISTORY
from warehouse.schema.marts import PUBLICATIONS

PORTION = 25
"""Symbols that are fetched before what they gave is kept: a run that is cut short loses no more than these."""

YEARS = dg.TimeWindowPartitionsDefinition(
    start=str(FIRST_YEAR), fmt="%Y", cron_schedule="0 0 1 1 *", end_offset=1, timezone="UTC"
)
PIECES = dg.MultiPartitionsDefinition({"batch": dg.StaticPartitionsDefinition(BATCHES), "year": YEARS})
_FRAMES = ("prices", "dividends", "splits", "symbols")
_HISTORIES = [table.name for table in (market.PRICE_HISTORY, market.DIVIDEND_HISTORY, market.SPLIT_HISTORY)]


def _piece_asset(fetch: Callable[..., Any]) -> dg.AssetsDefinition:
    """Return the asset whose partitions are pieces, of which one run may take as many as it is told."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.BetaWarning)  # of the policy, which nothing else gives
        asset = dg.asset(
            **fetched(
                "Prices of any years and symbols, with dividends and splits, until they are published.", PRICE_HISTORY
            ),
            partitions_def=PIECES,
            backfill_policy=dg.BackfillPolicy.single_run(),
            pool=PRICE_POOL,
            retry_policy=INGEST_RETRIES,
            check_specs=[
                dg.AssetCheckSpec(name, asset="backfilled_prices", description=said)
                for name, said in (
                    (EVERYTHING_ANSWERED, "Some source answered every question."),
                    (
                        EVERY_YEAR_PRICED,
                        "Every year is priced without a gap, from its beginning or the first trade on.",
                    ),
                )
            ],
        )
        return cast("dg.AssetsDefinition", asset(fetch))


@dataclass(frozen=True, kw_only=True)
class Missing:
    """The years that are missing of one symbol, and the question that brings them.

    Args:
        symbol: As Folioduck names it.
        years: In order.
        request: The question.
        sessions: Of its exchange, in order; none where that is not known.
        until: Until when there may be prices of it.
    """

    symbol: str
    years: Sequence[int]
    request: PriceRequest
    sessions: Sequence[dt.date]
    until: dt.date


def missing(folio: Folio, wanted: Collection[int], batches: Collection[str] = BATCHES) -> list[Missing]:
    """Return what is not there of the wanted years, by symbol: of all that are known or needed, or of those named."""
    today = folio.today()
    master = folio.stored(market.SYMBOLS)
    sessions = folio.stored(market.TRADING_SESSIONS)
    stored = stored_of(
        folio.spans("asked_price_spans", "symbol", market.OWN_FILES),
        folio.said({"symbol": pl.String(), "year": pl.Int32(), "days": pl.Int32()}, "priced_years"),
        sessions,
        master,
    )
    tickers = dict(master.select("symbol", "provider_symbol").iter_rows())
    followed = set(followed_symbols(folio.ledger().mirror())["symbol"])
    names = folio.only_symbols or {*tickers, *followed}
    exchanges = dict(master.select("symbol", "exchange").iter_rows())
    days = dict(sessions.group_by("exchange").agg(pl.col("date").sort()).iter_rows())
    known, doubted = folio.backlog().known(), _doubted(folio)
    found = (
        (
            symbol,
            missing_years(
                wanted, stored.get(symbol), known.get(symbol, ()), today=today, doubted=doubted.get(symbol, ())
            ),
        )
        for symbol in sorted(set(names))
        if batch_of(symbol) in batches
    )
    return [
        Missing(
            symbol=symbol,
            years=years,
            request=request_for(symbol, tickers.get(symbol), years, today=today),
            sessions=days.get(exchanges.get(symbol), ()),
            # What every night asks for has no later price.
            until=stored[symbol].last if symbol in followed and symbol in stored else today,
        )
        for symbol, years in found
        if years
    ]


def _doubted(folio: Folio) -> dict[str, set[int]]:
    """Return the symbols of which rows of history are held back, with the years of these."""
    found: dict[str, set[int]] = {}
    held = folio.ops().quarantine().open_rows().filter(pl.col("table_name").is_in(_HISTORIES))
    for symbol, year in held.select("about", pl.col("date").dt.year()).drop_nulls().iter_rows():
        found.setdefault(symbol, set()).add(year)
    return found


def offer_again(folio: Folio) -> bool:
    """Have what was set aside because it broke a run taken once more, but for symbols of which rows are held back.

    Those are asked for anew, for their provider may have mended them; the others have waited for no fault of theirs.

    Returns:
        Whether anything is to be taken.
    """
    return folio.backlog().offer_again(failed_runs(folio), without=_doubted(folio))


@_piece_asset
def backfilled_prices(context: dg.AssetExecutionContext, folio: Folio) -> Iterator[dg.MaterializeResult[None]]:
    """Fetch what is missing of some years of some batches, in portions that are kept at once."""
    offer_again(folio)
    keys = [cast("dg.MultiPartitionKey", key).keys_by_dimension for key in context.partition_keys]
    wanted = missing(folio, {int(key["year"]) for key in keys}, {key["batch"] for key in keys})
    failures: list[Failure] = []
    rows = done = 0
    for first in range(0, len(wanted), PORTION):
        portion = wanted[first : first + PORTION]
        result, unpriced = _fetched(folio, portion, context.run.run_id)
        failures += [*result.failures, *unpriced]
        rows += result.prices.height
        done += len(portion)
        context.log.info("%d of %d symbols fetched", done, len(wanted))
    empty = [one for one in failures if any(isinstance(error, NoPricesError) for error in one.errors)]
    others = [one for one in failures if one not in empty]
    records = [
        record_fetch(folio, context.run.run_id, "backfilled_prices", others),
        record_fetch(folio, context.run.run_id, "backfilled_prices", empty, rule=EVERY_YEAR_PRICED),
    ]
    _insist(failures)
    yield dg.MaterializeResult(
        metadata={"dagster/row_count": rows, "symbols_asked": len(wanted)}, check_results=records
    )


def _fetched(folio: Folio, portion: Sequence[Missing], run_id: str) -> tuple[FetchResult, list[Failure]]:
    """Ask for a portion, and keep what was answered; return it, and the symbols of which years did not come whole."""
    sources = [source for source in folio.price_sources() if source.name != market.OWN_FILES]
    requests = [one.request for one in portion]
    with folio.guard() as guard:
        result = fetch_prices(sources, requests, guard=guard, now=folio.now(), until=folio.today())
    failed = {failure.symbol for failure in result.failures}
    names = [one.symbol for one in portion if one.symbol not in failed]
    days = {"symbol": pl.String(), "date": pl.Date()}
    stored = folio.said(days, "days_of_symbols", names, market.OWN_FILES)
    priced = dict(pl.concat([result.prices.select(list(days)), stored]).group_by("symbol").agg("date").iter_rows())
    tellers = dict(result.prices.group_by("symbol").agg(pl.col("source").unique().sort()).iter_rows())
    asked = [source.name for source in sources]
    answered: dict[str, Sequence[int]] = {}
    unpriced = []
    for one in portion:
        if one.symbol not in failed:
            answered[one.symbol], left = answered_years(
                one.years,
                priced.get(one.symbol, ()),
                result.first_traded.get(one.symbol),
                sessions=one.sessions,
                until=one.until,
            )
            unpriced += [_unpriced(one.symbol, left, tellers.get(one.symbol, asked))] if left else []
    if answered:
        folio.backlog().put(run_id, answered, {name: getattr(result, name) for name in _FRAMES})
    return result, unpriced


def _unpriced(symbol: str, years: Mapping[int, Gap | None], sources: Collection[str]) -> Failure:
    empty = [str(year) for year, gap in years.items() if gap is None]
    none = [f"not one of {', '.join(empty)}"] if empty else []
    said = "; ".join([*none, *(f"none between {gap[0]} and {gap[1]}" for gap in years.values() if gap is not None)])
    return Failure(symbol=symbol, errors=tuple(NoPricesError(source, symbol, said) for source in sources))


def _insist(failures: Sequence[Failure]) -> None:
    """Fail where asking again later may help: the rest is kept, and whoever starts it again goes on from there.

    One symbol without prices says nothing of the others: it holds them up in no way, and is told by a check.
    """
    lasting = (UnknownSymbolError, UnsupportedError, NoPricesError)
    unanswered = [one for one in failures if not all(isinstance(error, lasting) for error in one.errors)]
    if unanswered:
        said = f"{len(unanswered)} symbols were not answered ({unanswered[0]}); what was is kept: start it again"
        passing = any(error.transient for one in unanswered for error in one.errors)
        raise dg.Failure(description=said, allow_retries=passing)


def published_runs(folio: Folio) -> set[str]:
    """Return the runs that published what is published now."""
    return set(folio.stored(PUBLICATIONS)["run_id"])


def failed_runs(folio: Folio) -> set[str]:
    """Return the runs on record that failed."""
    return set(folio.ops().runs(folio.settings.keep_runs).filter(pl.col("status") == "failed")["run_id"])


def waiting_portions(folio: Folio) -> list[Portion]:
    """Return what was fetched and waits for a run that publishes it."""
    return folio.backlog().waiting(published_runs(folio), failed_runs(folio))


def with_waiting(folio: Folio, run_id: str, fetched: FetchResult) -> FetchResult:
    """Return what was fetched together with what waits of a backfill; the newer answer counts."""
    backlog, published = folio.backlog(), published_runs(folio)
    backlog.settle(published)
    portions = backlog.take(run_id, published, failed_runs(folio))
    if not portions:
        return fetched
    return replace(
        fetched,
        prices=_joined(fetched.prices, portions, "prices", "symbol", "date"),
        dividends=_joined(fetched.dividends, portions, "dividends", "symbol", "ex_date"),
        splits=_joined(fetched.splits, portions, "splits", "symbol", "ex_date"),
        symbols=_joined(fetched.symbols, portions, "symbols", "symbol"),
    )


def _joined(fresh: pl.DataFrame, portions: Sequence[Portion], name: str, *key: str) -> pl.DataFrame:
    waiting = pl.concat(portion.frame(name) for portion in portions)
    once = waiting.unique(key, keep="last", maintain_order=True)
    return pl.concat([fresh, once.join(fresh, on=key, how="anti").select(fresh.columns)]).sort(key, maintain_order=True)


def range_of(batch: str, years: Sequence[int]) -> Mapping[str, str]:
    """Return the tags of a run that fetches the years of a batch."""
    first, last = (dg.MultiPartitionKey({"batch": batch, "year": str(year)}) for year in (min(years), max(years)))
    return {
        "dagster/asset_partition_range_start": str(first),
        "dagster/asset_partition_range_end": str(last),
    }
