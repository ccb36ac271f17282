"""A fetch judged beside what is stored, before it is written.

Belongs here: what is known around a fetch, what was held back before, and keeping what is held back now. Does not: the
judgement (`pipelines.quality`), writing what goes on (`pipelines.ingest`).
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field

import polars as pl

from pipelines.needs import REVISED_DAYS
from pipelines.quality.admission import Admission, Past, admit
from pipelines.quality.hearsay import without_hearsay
from pipelines.quality.late_splits import without_misread
from pipelines.quality.screens import Fetched, Known
from pipelines.quality.screens.conversion import quoted_in
from pipelines.quality.told_again import Preference
from warehouse.build import Candidate
from warehouse.ledger import Ledger
from warehouse.ops import Ops
from warehouse.schema import market
from warehouse.schema.model import Table
from warehouse.surroundings import around, told_anew


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Where a fetch is judged: what it is held against, and where it is kept what was held back.

    Args:
        candidate: The run's candidate.
        ops: What happened.
        ledger: What people state.
        now: When it is judged.
        today: The clock's day.
        preference: In which order providers are asked.
    """

    candidate: Candidate
    ops: Ops
    ledger: Ledger
    now: dt.datetime
    today: dt.date
    preference: Preference = field(default_factory=dict)


def screened(desk: Desk, fetched: Fetched, symbols: pl.DataFrame, tables: Collection[Table]) -> Admission:
    """Judge a fetch, and keep at once what of it is held back, so that those whom that blocks can see it.

    Args:
        desk: Where it is judged.
        fetched: As fetched; a frame without rows may be without columns.
        symbols: Profiles and quotes as fetched.
        tables: Those that the fetch goes into: open rows of others are left as they are.
    """
    quarantine = desk.ops.quarantine()
    concerned = pl.col("table_name").is_in([table.name for table in tables])
    past = Past(open_rows=quarantine.open_rows().filter(concerned), releases=desk.ledger.market().releases())
    known = known_around(desk.candidate, fetched, symbols, now=desk.now)
    admission = admit(
        without_hearsay(fetched, known),
        symbols,
        without_misread(known, fetched, past.released_splits, now=desk.now),
        past,
        today=desk.today,
        now=desk.now,
        preference=desk.preference,
    )
    quarantine.record(desk.candidate.run_id, admission.held, admission.resolutions, desk.now)
    return admission


def known_around(candidate: Candidate, fetched: Fetched, symbols: pl.DataFrame, *, now: dt.datetime) -> Known:
    """Return what is stored of everything that was fetched, around the days that were.

    Args:
        candidate: The run's candidate.
        fetched: As fetched; a frame without rows may be without columns.
        symbols: Profiles and quotes as fetched; a symbol may have nothing else.
        now: When it is judged.
    """
    told = (fetched.prices, fetched.dividends, fetched.splits, symbols)
    named = {"symbol": _names_of("symbol", *told)}
    master = candidate.read(market.SYMBOLS, where=named)
    closes, fixings = (market.revisions_of(table) for table in (market.PRICE_HISTORY, market.FX_HISTORY))
    since = now - dt.timedelta(days=REVISED_DAYS)
    rated = pl.concat([_first_days(fetched.rates, "currency"), _first_paid(fetched, master)])
    return Known(
        prices=around(candidate, market.PRICE_HISTORY, _first_prices(fetched.prices, symbols), by="symbol"),
        dividends=candidate.read(market.DIVIDEND_HISTORY, where=named),
        splits=candidate.read(market.SPLIT_HISTORY, where=named),
        rates=around(candidate, market.FX_HISTORY, _earliest(rated, "currency"), by="currency"),
        symbols=master,
        sessions=candidate.read(market.TRADING_SESSIONS),
        revised=told_anew(candidate, closes, named["symbol"], by="symbol", since=since),
        revised_dividends=candidate.read(market.revisions_of(market.DIVIDEND_HISTORY), where=named),
        revised_splits=candidate.read(market.revisions_of(market.SPLIT_HISTORY), where=named),
        revised_rates=told_anew(candidate, fixings, _names_of("currency", fetched.rates), by="currency", since=since),
    )


def _names_of(by: str, *frames: pl.DataFrame) -> list[str]:
    return sorted({name for frame in frames if by in frame.columns for name in frame[by].unique()})


def _first_prices(prices: pl.DataFrame, symbols: pl.DataFrame) -> pl.DataFrame:
    """Return the first day that each symbol is judged from: of its prices, or of its quote."""
    days = [_first_days(prices, "symbol")]
    if "last_price_at" in symbols.columns:
        quoted = symbols.select("symbol", first_day=pl.col("last_price_at").dt.date()).drop_nulls()
        days.append(quoted)
    return _earliest(pl.concat(days), "symbol")


def _first_paid(fetched: Fetched, master: pl.DataFrame) -> pl.DataFrame:
    """Return the first day on which each currency is needed to hold dividends against prices in another one."""
    if not fetched.dividends.width:
        return _first_days(fetched.dividends, "currency")
    quoted = quoted_in(*(frame for frame in (fetched.prices, master) if frame.width))
    foreign = fetched.dividends.join(quoted, on="symbol").filter(pl.col("currency") != pl.col("quoted"))
    sides = [foreign.select(currency=name, first_day="ex_date") for name in ("currency", "quoted")]
    return _earliest(pl.concat(sides), "currency")


def _earliest(days: pl.DataFrame, by: str) -> pl.DataFrame:
    return days.group_by(by).agg(pl.col("first_day").min())


def _first_days(frame: pl.DataFrame, by: str) -> pl.DataFrame:
    if not frame.width:
        return pl.DataFrame(schema={by: pl.String, "first_day": pl.Date})
    return frame.group_by(by).agg(first_day=pl.col("date").min())
