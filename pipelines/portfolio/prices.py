"""Prices at a date (CALCULATIONS 3).

Belongs here: which price counts on a day, its age and status; the grid of closes by day. Does not: values.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from pipelines.portfolio.frames import MarketFrames
from pipelines.portfolio.models import Status

STALE_AFTER_SESSIONS = 5
Ints = npt.NDArray[np.int64]
_EPOCH = dt.date(1970, 1, 1)


def day_number(day: dt.date) -> int:
    """Return days since 1970-01-01."""
    return (day - _EPOCH).days


def day_of(number: int) -> dt.date:
    """Return the date of a day number."""
    return _EPOCH + dt.timedelta(days=int(number))


@dataclass(slots=True, frozen=True)
class Quote:
    """A price (integer of 1e-8), its day and status; None where it is missing."""

    price: int | None
    date: dt.date | None
    status: Status


NO_QUOTE = Quote(None, None, Status.MISSING)


class PriceBook:
    """Closes as traded of the symbols that matter, and the master's live prices.

    Args:
        market: The market frames.
        symbols: Symbols to keep.
        until: Later prices are not looked at.
    """

    def __init__(self, market: MarketFrames, symbols: set[str], until: dt.date) -> None:
        self._market = market
        rows = _in_runs(market.prices, symbols, until)
        self.dates: Ints = rows["date"].to_physical().cast(pl.Int64).to_numpy()
        self.close_series: pl.Series = rows["close"]
        self.closes: Ints = rows["close"].to_physical().cast(pl.Int64).to_numpy()
        runs = rows["symbol"].rle().struct.unnest()
        ends = runs["len"].cast(pl.Int64).cum_sum()
        starts = (ends - runs["len"]).to_list()
        names = runs["value"].to_list()
        self.span: dict[str, tuple[int, int]] = dict(zip(names, zip(starts, ends.to_list(), strict=True), strict=True))
        currencies = rows["currency"].gather(ends - 1).to_list() if names else []
        self.price_currency: dict[str, str] = dict(zip(names, currencies, strict=True))
        master = market.symbols.filter(pl.col("symbol").is_in(list(symbols)))
        self._master = {row["symbol"]: row for row in master.iter_rows(named=True)}
        self._sessions: dict[str, Ints] = {}

    def currency(self, symbol: str) -> str | None:
        """Return the instrument's currency: that of its prices, else the master's."""
        row = self._master.get(symbol)
        return self.price_currency.get(symbol) or (row["currency"] if row else None)

    def attribute(self, symbol: str, name: str) -> str | None:
        """Return a column of the master, None where the symbol or the value is unknown."""
        row = self._master.get(symbol)
        return row[name] if row else None

    def close(self, symbol: str, day: dt.date) -> tuple[int, dt.date] | None:
        """Return the last close on or before a day, and its day."""
        start, end = self.span.get(symbol, (0, 0))
        index = int(np.searchsorted(self.dates[start:end], day_number(day), side="right")) - 1 + start
        return None if index < start else (int(self.closes[index]), day_of(int(self.dates[index])))

    def quote(self, symbol: str, day: dt.date) -> Quote:
        """Return the price that counts on a day: the master's of that very day, else the last close with its age."""
        close = self.close(symbol, day)
        live = self._live(symbol, day)
        if live is not None and (close is None or close[1] < day):
            return Quote(live, day, Status.LIVE)
        if close is None:
            return NO_QUOTE
        status = Status.STALE if self._age(symbol, close[1], day) > STALE_AFTER_SESSIONS else Status.CLOSE
        return Quote(close[0], close[1], status)

    def _live(self, symbol: str, day: dt.date) -> int | None:
        row = self._master.get(symbol)
        if row is None or row["last_price"] is None or row["last_price_at"] is None:
            return None
        return int(row["last_price"].scaleb(8)) if row["last_price_at"].date() == day else None

    def _age(self, symbol: str, since: dt.date, until: dt.date) -> int:
        sessions = self._sessions_of(symbol)
        low, high = np.searchsorted(sessions, [day_number(since), day_number(until)], side="right")
        return int(high - low)

    def _sessions_of(self, symbol: str) -> Ints:
        """Return the exchange's sessions; without them, the days with any price of the symbol's currency."""
        exchange, currency = self.attribute(symbol, "exchange"), self.price_currency.get(symbol)
        if exchange is not None:
            sessions = self._days(f"exchange {exchange}", self._market.sessions, pl.col("exchange") == exchange)
            if len(sessions):
                return sessions
        return self._days(f"currency {currency}", self._market.prices, pl.col("currency") == (currency or ""))

    def _days(self, name: str, frame: pl.DataFrame, condition: pl.Expr) -> Ints:
        if name not in self._sessions:
            days = frame.lazy().filter(condition).select(pl.col("date").unique().sort()).collect()
            self._sessions[name] = days["date"].to_physical().cast(pl.Int64).to_numpy()
        return self._sessions[name]


def _in_runs(prices: pl.DataFrame, symbols: set[str], until: dt.date) -> pl.DataFrame:
    """Return the rows that matter, a run a symbol, by date; what comes so is taken as it is, for sorting is slow."""
    rows = prices.lazy().filter(pl.col("date") <= until).collect()
    if set(rows["symbol"].unique()) - symbols:
        rows = rows.filter(pl.col("symbol").is_in(list(symbols)))
    starts = rows["symbol"] != rows["symbol"].shift(1)
    rising = (rows["date"] > rows["date"].shift(1)) | starts
    in_order = bool(rising.fill_null(value=True).all()) and starts.sum() + 1 == rows["symbol"].n_unique()
    return rows if in_order or rows.is_empty() else rows.sort("symbol", "date")
