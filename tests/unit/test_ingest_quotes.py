"""A session ends at one price: a current price of it that says otherwise gives way to its close."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest

from pipelines.ingest import history_rows, master_rows
from pipelines.ingest_quotes import quoted_days
from warehouse.schema import market

EVE, DAY = dt.date(2022, 12, 27), dt.date(2022, 12, 28)
OPEN, CLOSE = dt.datetime(2022, 12, 28, 8, tzinfo=dt.UTC), dt.datetime(2022, 12, 28, 16, 30, tzinfo=dt.UTC)
NOW = dt.datetime(2022, 12, 29, 12, tzinfo=dt.UTC)
SESSIONS = market.TRADING_SESSIONS.conform(
    pl.DataFrame(
        [
            {"exchange": "XLON", "date": EVE, "opens_at": OPEN - dt.timedelta(1), "closes_at": CLOSE - dt.timedelta(1)},
            {"exchange": "XLON", "date": DAY, "opens_at": OPEN, "closes_at": CLOSE},
            {"exchange": "XASX", "date": DAY, "opens_at": OPEN - dt.timedelta(hours=9),
             "closes_at": OPEN - dt.timedelta(hours=3)},
        ]
    )
)  # fmt: skip


def closes(*days, close="10", source="yahoo"):
    rows = [{"symbol": "A", "date": day, "close": Decimal(close), "currency": "GBP", "source": source} for day in days]
    empty = pl.DataFrame(schema={"symbol": pl.String, "date": pl.Date, "close": pl.Decimal(20, 8),
                                 "currency": pl.String, "source": pl.String})  # fmt: skip
    said = pl.concat([empty, pl.DataFrame(rows, schema_overrides=dict(empty.schema))] if rows else [empty])
    return history_rows(market.PRICE_HISTORY, said, now=NOW)


def quote(price, at, *, source="alphavantage", exchange="XLON", **more):
    return pl.DataFrame([{"symbol": "A", "currency": "GBP", "price_unit": "GBP", "exchange": exchange,
                          "last_price": Decimal(price), "last_price_at": at, "previous_close": Decimal(9),
                          "price_source": source, "status": "active", "updated_at": NOW} | more])  # fmt: skip


def current(fetched, told, *, stored=None, known=None):
    master = market.SYMBOLS.empty() if stored is None else market.SYMBOLS.conform(stored)
    row = master_rows(fetched, told, master, SESSIONS, closes=known, now=NOW).row(0, named=True)
    return row["last_price"], row["price_source"], row["last_price_at"]


LATER = CLOSE + dt.timedelta(minutes=10)


@pytest.mark.parametrize("at", [CLOSE, LATER])
def test_a_stand_ins_stored_quote_gives_way_to_the_close_that_comes(at):
    true = quote("10", CLOSE, source="yahoo")
    assert current(true, closes(DAY), stored=quote("10.3", at)) == (10, "yahoo", CLOSE)


def test_a_stand_ins_quote_gives_way_to_the_stored_close():
    said = current(quote("10.3", LATER), closes(), stored=quote("10", CLOSE, source="yahoo"), known=closes(EVE, DAY))
    assert said == (10, "yahoo", CLOSE)


def test_a_close_that_is_told_anew_goes_before_the_stored_one():
    said = current(quote("10.3", LATER), closes(DAY, close="10.2"), known=closes(DAY))
    assert said == (Decimal("10.2"), "yahoo", CLOSE)


def test_a_quote_of_a_session_without_a_close_is_the_current_price():
    running = OPEN + dt.timedelta(hours=1)
    assert current(quote("10.3", running), closes(EVE), known=closes(EVE)) == (Decimal("10.3"), "alphavantage", running)


def test_a_quote_at_its_close_is_as_it_was_told():
    assert current(quote("10", LATER), closes(DAY)) == (10, "alphavantage", LATER)


def test_a_session_that_opens_on_the_day_before_is_of_its_own_day():
    at = OPEN - dt.timedelta(hours=8, minutes=30)  # before midnight in UTC
    said = current(quote("10.3", at, exchange="XASX"), closes(), known=closes(DAY))
    assert (said[0], at.date()) == (10, EVE)


@pytest.mark.parametrize(("session", "price"), [(DAY, "10"), (EVE, "10.3"), (None, "10")])
def test_where_there_is_no_calendar_the_provider_says_which_session_it_is(session, price):
    fetched = quote("10.3", LATER, exchange="OTCM").with_columns(session=pl.lit(session, dtype=pl.Date))
    said = current(fetched, closes(), known=closes(DAY))
    assert said == (Decimal(price), "yahoo" if price == "10" else "alphavantage", LATER)


def test_which_days_closes_are_wanted_of():
    assert quoted_days(quote("1", CLOSE), pl.DataFrame({"symbol": ["B"]})) == [EVE, DAY, dt.date(2022, 12, 29)]
