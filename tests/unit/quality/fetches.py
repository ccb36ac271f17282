"""Fetches and what is known, a few rows at a time, for tests of the screens.

Belongs here: made-up rows. Does not: any expectation.
"""

import datetime as dt
from decimal import Decimal
from typing import Any

import polars as pl

from pipelines.quality.screens import Fetched, Known
from warehouse.schema import market
from warehouse.schema.model import Table

DAY = dt.date(2024, 3, 13)  # a Wednesday
_EXACT = frozenset({"open", "high", "low", "close", "amount", "ratio_new", "ratio_old", "per_eur", "last_price"})

Row = dict[str, Any]


def price(*, close: Any = None, date: dt.date = DAY, **more: Any) -> Row:
    return {"symbol": "A", "date": date, "close": close, "volume": None, "currency": "USD", "source": "yahoo"} | more


def dividend(*, amount: Any, ex_date: dt.date = DAY, **more: Any) -> Row:
    row = {"symbol": "A", "ex_date": ex_date, "amount": amount, "currency": "USD", "kind": "cash", "source": "yahoo"}
    return row | more


def split(new: Any, old: Any, *, ex_date: dt.date = DAY, **more: Any) -> Row:
    return {"symbol": "A", "ex_date": ex_date, "ratio_new": new, "ratio_old": old, "source": "yahoo"} | more


def rate(per_eur: Any, *, date: dt.date = DAY, **more: Any) -> Row:
    return {"currency": "USD", "date": date, "per_eur": per_eur, "source": "ecb"} | more


def symbol(**more: Any) -> Row:
    return {"symbol": "A", "currency": "USD", "price_unit": "USD", "status": "active"} | more


def weekdays(count: int, *, until: dt.date = DAY) -> list[dt.date]:
    """Return the last so many days from Monday to Friday, in order."""
    days = (until - dt.timedelta(days=back) for back in range(2 * count + 7))
    return sorted(day for _, day in zip(range(count), (day for day in days if day.weekday() < 5), strict=False))


def closes(*values: Any, until: dt.date = DAY, **more: Any) -> list[Row]:
    """Return a day's price a value, the last one on ``until``."""
    return [
        price(close=value, date=day, **more)
        for value, day in zip(values, weekdays(len(values), until=until), strict=True)
    ]


def fetch(*, prices=(), dividends=(), splits=(), rates=(), quotes=()) -> Fetched:
    return Fetched(
        prices=frame(prices, market.PRICE_HISTORY),
        dividends=frame(dividends, market.DIVIDEND_HISTORY),
        splits=frame(splits, market.SPLIT_HISTORY),
        rates=frame(rates, market.FX_HISTORY),
        quotes=frame(quotes, market.PRICE_HISTORY),
    )


def known(
    *, prices=(), dividends=(), splits=(), rates=(), symbols=(), sessions=(), revised=(), revised_rates=()
) -> Known:
    return Known(
        prices=frame(prices, market.PRICE_HISTORY),
        dividends=frame(dividends, market.DIVIDEND_HISTORY),
        splits=frame(splits, market.SPLIT_HISTORY),
        rates=frame(rates, market.FX_HISTORY),
        symbols=frame(symbols, market.SYMBOLS),
        sessions=frame(sessions, market.TRADING_SESSIONS),
        revised=frame(revised, market.PRICE_HISTORY),
        revised_rates=frame(revised_rates, market.FX_HISTORY),
    )


def frame(rows, table: Table) -> pl.DataFrame:
    schema = dict(table.polars_schema)
    if any("adj_close" in row for row in rows):
        schema["adj_close"] = pl.Float64
    exact = [
        {k: Decimal(str(v)) if k in _EXACT and v is not None else v for k, v in row.items() if k in schema}
        for row in rows
    ]
    return pl.DataFrame(exact, schema=schema, orient="row")
