"""Prices at a date (CALCULATIONS 3).

Belongs here: which price counts on a day, its age and status; the grid of closes by day. Does not: values.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
from msgspec import Struct

from pipelines.portfolio.booking.books import Split
from pipelines.portfolio.carried import Carried, Closes, across_splits
from pipelines.portfolio.days import Ints, day_number, day_of
from pipelines.portfolio.errors import FrameError
from pipelines.portfolio.exact import ONE, Ratio, scaled
from pipelines.portfolio.frames import MarketFrames
from pipelines.portfolio.fx import FxBook
from pipelines.portfolio.models import Status
from pipelines.portfolio.redenominated import in_last_currency

STALE_AFTER_SESSIONS = 5
STALE_AFTER_DAYS = 14
"""Where no calendar of the exchange is known, or none until the day: a whole currency may have stopped, and sessions
can't show it."""
_DAYS = 10_000_000  # more than there are days: symbol and day as one sortable number


class Quote(Struct, frozen=True, gc=False):
    """A price (integer of 1e-8), its day and status; None where it is missing.

    One of before a split is ``carried`` across it, and ``price`` what that comes to, rounded.
    """

    price: int | None
    date: dt.date | None
    status: Status
    carried: Carried | None = None

    @property
    def exact(self) -> Ratio | None:
        """Return the price that values are made of, in 1e-8."""
        if self.carried is not None:
            return self.carried.exact
        return None if self.price is None else Ratio(self.price, 1)


NO_QUOTE = Quote(None, None, Status.MISSING)


class PriceBook:
    """Closes as traded of the symbols that matter, each in its last currency, and the master's live prices.

    ``redenominated`` has the first and the last currency of the symbols whose prices have changed it.

    Args:
        market: The market frames.
        symbols: Symbols to keep.
        until: Later prices are not looked at.
        splits: Those of these symbols, the market's and stated ones: what a close before them counts for after them.
    """

    def __init__(self, market: MarketFrames, symbols: set[str], until: dt.date, splits: Iterable[Split] = ()) -> None:
        self._market = market
        rows = _in_runs(market.prices, symbols, until)
        self.redenominated = _changed(rows)
        if self.redenominated:
            last = {symbol: currency for symbol, (_, currency) in self.redenominated.items()}
            rows = _in_runs(in_last_currency(rows.prices, last, FxBook(market.fx)), symbols, until)
        dates: Ints = rows.prices["date"].to_physical().cast(pl.Int64).to_numpy()
        closes = _closes(rows.prices["close"])
        bounds = zip(rows.starts.tolist(), rows.ends.tolist(), strict=True)
        as_traded = Closes(dates, closes, dates, dict(zip(rows.names, bounds, strict=True)))
        self._splits = sorted(splits, key=lambda split: split.date)
        self.dates, self.closes, self.traded, self.span, self._carried = across_splits(as_traded, self._splits)
        self.exact = {place: carried.exact for place, carried in self._carried.items()}
        currencies = rows.prices["currency"].gather(rows.ends - 1).to_list() if rows.names else []
        self.price_currency: dict[str, str] = dict(zip(rows.names, currencies, strict=True))
        master = market.symbols.filter(pl.col("symbol").is_in(list(symbols)))
        self._master = {row["symbol"]: row for row in master.iter_rows(named=True)}
        self._sessions: dict[tuple[str, str | None], Ints] = {}

    def currency(self, symbol: str) -> str | None:
        """Return the instrument's currency: that of its prices, else the master's."""
        row = self._master.get(symbol)
        return self.price_currency.get(symbol) or (row["currency"] if row else None)

    def attribute(self, symbol: str, name: str) -> str | None:
        """Return a column of the master, None where the symbol or the value is unknown."""
        row = self._master.get(symbol)
        return row[name] if row else None

    def close(self, symbol: str, day: dt.date) -> tuple[int, dt.date] | None:
        """Return the last close on or before a day, of the shares there are then, and the day it was traded."""
        place = self._place(symbol, day)
        return None if place is None else (int(self.closes[place]), day_of(int(self.traded[place])))

    def exact_close(self, symbol: str, day: dt.date) -> Ratio | None:
        """Return the same close as the quotient (1e-8) that values are made of."""
        place = self._place(symbol, day)
        return None if place is None else self.exact_at(place)

    def exact_at(self, place: int) -> Ratio:
        """Return the close of a row as the quotient (1e-8) that values are made of."""
        return self.exact.get(place) or Ratio(int(self.closes[place]), 1)

    def _place(self, symbol: str, day: dt.date) -> int | None:
        start, end = self.span.get(symbol, (0, 0))
        place = int(np.searchsorted(self.dates[start:end], day_number(day), side="right")) - 1 + start
        return None if place < start else place

    def days_between(self, symbols: Sequence[str], firsts: Sequence[int], lasts: Sequence[int]) -> Ints:
        """Return the day numbers on which any of the symbols has a price from its first to its last day."""
        starts, ends = np.array([self.span.get(symbol, (0, 0)) for symbol in symbols], dtype=np.int64).reshape(-1, 2).T
        # One sorted number for symbol and day finds all of them in one search.
        place = np.repeat(np.arange(len(self.span)) * _DAYS, [end - start for start, end in self.span.values()])
        place += self.dates
        run = {symbol: index * _DAYS for index, symbol in enumerate(self.span)}
        at = np.array([run.get(symbol, 0) for symbol in symbols], dtype=np.int64)
        lows = np.searchsorted(place, at + np.array(firsts, dtype=np.int64))
        highs = np.searchsorted(place, at + np.array(lasts, dtype=np.int64) + 1)
        edges = np.zeros(len(self.dates) + 1, dtype=np.int64)
        np.add.at(edges, np.where(ends > starts, lows, 0), 1)
        np.add.at(edges, np.where(ends > starts, highs, 0), -1)
        return _distinct(self.dates[(np.cumsum(edges[:-1]) > 0) & (self.dates == self.traded)])

    def last_rows(self, symbols: Sequence[str], days: Ints) -> Ints:
        """Return ``(n_symbols, n_days)`` rows of the last price on or before each day, -1 where there is none."""
        found = np.full((len(symbols), len(days)), -1, dtype=np.int64)
        known, rows = np.zeros(0, dtype=np.int64), np.zeros(len(days), dtype=np.int64)
        for index, symbol in enumerate(symbols):
            start, end = self.span.get(symbol, (0, 0))
            dates = self.dates[start:end]
            if not np.array_equal(dates, known):  # symbols of one exchange have the same days
                known, rows = dates, np.searchsorted(dates, days, side="right")
            found[index] = np.where(rows, rows + (start - 1), -1)
        return found

    def quote(self, symbol: str, day: dt.date) -> Quote:
        """Return the price that counts on a day with its age: the last close, or the master's price if it is newer."""
        found = self._newest(symbol, day)
        if found is None:
            return NO_QUOTE
        price, traded, is_live = found
        carried = price if price.share != ONE else None
        return Quote(scaled(price.close, price.share), traded, self._status(symbol, traded, day, is_live), carried)

    def _status(self, symbol: str, traded: dt.date, day: dt.date, is_live: bool) -> Status:  # noqa: FBT001 - its own
        if is_live and traded == day:
            return Status.LIVE
        return Status.STALE if self._is_stale(symbol, traded, day) else Status.CLOSE

    def _newest(self, symbol: str, day: dt.date) -> tuple[Carried, dt.date, bool] | None:
        """Return the last close or the master's price, whichever is newer; a close goes before a price of its day."""
        place, row = self._place(symbol, day), self._master.get(symbol)
        closed_on = None if place is None else day_of(int(self.traded[place]))
        if row is not None and row["last_price"] is not None and row["last_price_at"] is not None:
            at = row["last_price_at"].date()
            if at <= day and (closed_on is None or closed_on < at):
                return self._of_shares_then(symbol, int(row["last_price"].scaleb(8)), at, day), at, True
        if place is None or closed_on is None:
            return None
        return self._carried.get(place) or Carried(int(self.closes[place]), ONE), closed_on, False

    def _of_shares_then(self, symbol: str, price: int, traded: dt.date, day: dt.date) -> Carried:
        """Return a price of one day as that of the shares there are on a later one."""
        found = Carried(price, ONE)
        for split in self._splits:
            if split.symbol == symbol and traded < split.date <= day:
                found = found.across(split)
        return found

    def _is_stale(self, symbol: str, since: dt.date, until: dt.date) -> bool:
        """Count the exchange's sessions; without them, the days with any price of the symbol's currency."""
        exchange, currency = self.attribute(symbol, "exchange"), self.price_currency.get(symbol)
        sessions = self._days(self._market.sessions, "exchange", exchange)
        reaches = len(sessions) and int(sessions[-1]) >= day_number(until)
        if not reaches and (until - since).days > STALE_AFTER_DAYS:
            return True
        if not len(sessions):
            sessions = self._days(self._market.prices, "currency", currency)
        low, high = np.searchsorted(sessions, [day_number(since), day_number(until)], side="right")
        return int(high - low) > STALE_AFTER_SESSIONS

    def _days(self, frame: pl.DataFrame, column: str, name: str | None) -> Ints:
        """Return the days of the rows with a name in a column, sorted."""
        if (column, name) not in self._sessions:
            days = frame["date"].filter(frame[column] == (name or ""))
            self._sessions[column, name] = _distinct(days.to_physical().cast(pl.Int64).to_numpy())
        return self._sessions[column, name]


def _changed(rows: "_Runs") -> dict[str, tuple[str, str]]:
    """Return the first and the last currency of the symbols whose prices have changed it."""
    codes = rows.prices["currency"]
    firsts, lasts = codes.gather(rows.starts).to_list(), codes.gather(rows.ends - 1).to_list()
    pairs = zip(rows.names, firsts, lasts, strict=True)
    return {name: (first, last) for name, first, last in pairs if first != last}


def _closes(column: pl.Series) -> Ints:
    """Return closes as integers of 1e-8.

    Raises:
        FrameError: If one is larger than 64 bits have room for.
    """
    narrow = column.to_physical().cast(pl.Int64, strict=False)
    if narrow.null_count() > column.null_count():
        raise FrameError(frame="prices", column="close", found=column.max(), expected="less than 92 billion a unit")
    return narrow.to_numpy()


def _distinct(days: Ints) -> Ints:
    """Return the different days, sorted; there are few beside the rows, so that marking them beats sorting."""
    if not len(days):
        return days
    first = days.min()
    seen = np.zeros(days.max() - first + 1, dtype=bool)
    seen[days - first] = True
    found: Ints = np.flatnonzero(seen) + first
    return found


class _Runs(NamedTuple):
    """Prices in runs, one a symbol, by date."""

    prices: pl.DataFrame
    names: list[str]
    starts: Ints
    ends: Ints


def _in_runs(prices: pl.DataFrame, symbols: set[str], until: dt.date) -> _Runs:
    """Return the rows that matter, a run a symbol, by date; what comes so is taken as it is, for sorting is slow."""
    latest = prices["date"].max()
    rows = prices if latest is None or latest <= until else prices.filter(pl.col("date") <= until)  # type: ignore[operator]
    runs = _runs(rows)
    if not symbols.issuperset(runs.names):
        runs = _runs(rows.filter(pl.col("symbol").is_in(list(symbols))))
    days = runs.prices["date"].to_physical().to_numpy()
    falls = np.flatnonzero(days[1:] <= days[:-1]) + 1
    if len(set(runs.names)) == len(runs.names) and np.isin(falls, runs.starts).all():
        return runs
    return _runs(runs.prices.sort("symbol", "date"))


def _runs(rows: pl.DataFrame) -> _Runs:
    found = rows["symbol"].rle().struct.unnest()
    ends = found["len"].cast(pl.Int64).cum_sum().to_numpy()
    return _Runs(rows, found["value"].to_list(), ends - found["len"].cast(pl.Int64).to_numpy(), ends)
