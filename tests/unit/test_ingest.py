"""What was fetched, as rows: when it is known, and what the master says of today."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest

from pipelines.ingest import counting_prices, history_rows, master_rows
from warehouse.schema import market

NOW = dt.datetime(2022, 12, 28, 22, tzinfo=dt.UTC)
CLOSE = dt.datetime(2022, 12, 28, 21, tzinfo=dt.UTC)
NO_SESSIONS = market.TRADING_SESSIONS.empty()
NOBODY = market.SYMBOLS.empty()


def prices(*closes: tuple[str, dt.date, str], source: str = "test") -> pl.DataFrame:
    rows = [(symbol, day, Decimal(close), "USD", source) for symbol, day, close in closes]
    schema = {
        "symbol": pl.String,
        "date": pl.Date,
        "close": pl.Decimal(20, 8),
        "currency": pl.String,
        "source": pl.String,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def recorded(*closes: tuple[str, dt.date, str]) -> pl.DataFrame:
    return history_rows(market.PRICE_HISTORY, prices(*closes), now=NOW)


@pytest.mark.parametrize(
    ("day", "known_from", "bulk"),
    [
        pytest.param(dt.date(2022, 12, 27), NOW, False, id="yesterday's is known from now"),
        pytest.param(dt.date(2015, 1, 2), dt.datetime(2015, 1, 2, tzinfo=dt.UTC), True, id="an old one from its day"),
    ],
)
def test_when_a_row_is_known(day, known_from, bulk):
    row = recorded(("A", day, "1")).row(0, named=True)
    assert (row["known_from"], row["bulk_loaded"], row["fetched_at"]) == (known_from, bulk, NOW)


@pytest.mark.parametrize(
    ("first", "last", "known_from"),
    [
        pytest.param(2, 20, NOW, id="told late: it is known from now"),
        pytest.param(12, 20, dt.datetime(2022, 12, 8, tzinfo=dt.UTC), id="with prices of a bulk load: from its day"),
        pytest.param(2, 7, dt.datetime(2022, 12, 8, tzinfo=dt.UTC), id="with the prices that waited for it"),
    ],
)
def test_when_an_event_is_known(first, last, known_from):
    told = {"symbol": "A", "ex_date": dt.date(2022, 12, 8), "ratio_new": Decimal(5), "ratio_old": Decimal(4)}
    days = {"first_stored": dt.date(2022, 12, first), "last_stored": dt.date(2022, 12, last)}
    priced = pl.DataFrame([{"symbol": "A"} | days])
    row = history_rows(market.SPLIT_HISTORY, pl.DataFrame([told | {"source": "test"}]), priced=priced, now=NOW)
    assert (row["known_from"].item(), row["bulk_loaded"].item()) == (known_from, known_from != NOW)


def test_nothing_fetched_is_no_row():
    assert history_rows(market.FX_HISTORY, pl.DataFrame(), now=NOW).is_empty()


def master(fetched: list[dict], history: pl.DataFrame, stored: pl.DataFrame = NOBODY, sessions=NO_SESSIONS) -> dict:
    frame = pl.DataFrame(fetched, schema_overrides={"symbol": pl.String}) if fetched else NOBODY
    return master_rows(frame, history, stored, sessions, now=NOW).row(0, named=True)


def test_without_a_quote_the_last_close_is_the_current_price():
    history = recorded(("A", dt.date(2022, 12, 27), "10"), ("A", dt.date(2022, 12, 28), "11"))
    row = master([], history)
    assert (row["last_price"], row["previous_close"], row["currency"]) == (Decimal(11), Decimal(10), "USD")
    assert row["status"] == "active"


def test_a_close_is_timed_by_its_session():
    sessions = pl.DataFrame({"exchange": ["XNYS"], "date": [CLOSE.date()], "opens_at": [None], "closes_at": [CLOSE]})
    history = recorded(("A", CLOSE.date(), "11"))
    row = master([{"symbol": "A", "exchange": "XNYS"}], history, sessions=market.TRADING_SESSIONS.conform(sessions))
    assert row["last_price_at"] == CLOSE


def quote(price: str, at: dt.datetime) -> dict:
    return {"symbol": "A", "currency": "USD", "last_price": Decimal(price), "last_price_at": at, "price_source": "live"}


def test_a_later_quote_beats_the_close_and_an_earlier_one_does_not():
    history = recorded(("A", dt.date(2022, 12, 27), "10"))
    assert master([quote("12", CLOSE)], history)["last_price"] == Decimal(12)
    long_ago = dt.datetime(2022, 12, 1, tzinfo=dt.UTC)
    assert master([quote("12", long_ago)], history)["last_price"] == Decimal(10)


EVE, DAY = dt.date(2022, 12, 27), dt.date(2022, 12, 28)


@pytest.mark.parametrize(
    ("own_day", "quoted_at", "price", "source"),
    [
        pytest.param(DAY, CLOSE, "90", "inbox", id="a quote of its day gives way"),
        pytest.param(EVE, CLOSE, "12", "live", id="one of a later day does not"),
        pytest.param(EVE, dt.datetime(2022, 12, 26, 21, tzinfo=dt.UTC), "90", "inbox", id="nor counts an earlier one"),
    ],
)
def test_the_master_says_of_a_day_what_a_person_has_stated_of_it(own_day, quoted_at, price, source):
    row = master([quote("12", quoted_at)], prices(("A", own_day, "90"), source="inbox"))
    assert (row["last_price"], row["price_source"]) == (Decimal(price), source)


def test_a_day_that_a_person_prices_before_its_close_is_not_ahead_of_the_clock():
    later = NOW + dt.timedelta(hours=1)
    sessions = pl.DataFrame({"exchange": ["XNYS"], "date": [DAY], "opens_at": [None], "closes_at": [later]})
    own = prices(("A", DAY, "90"), source="inbox")
    row = master([{"symbol": "A", "exchange": "XNYS"}], own, sessions=market.TRADING_SESSIONS.conform(sessions))
    assert row["last_price_at"] == NOW


def own_rows(*closes: tuple[str, dt.date, str]) -> pl.DataFrame:
    return history_rows(market.PRICE_HISTORY, prices(*closes, source="inbox"), now=NOW)


def test_what_a_person_stated_once_counts_as_long_as_it_is_stored():
    told = recorded(("A", EVE, "10"), ("A", DAY, "12"))
    stored = own_rows(("A", dt.date(2015, 1, 2), "1"), ("A", DAY, "90"), ("B", DAY, "7"))
    counting = counting_prices(told, stored, NOBODY, NOBODY)
    assert counting.select("symbol", "date", "close", "source").rows() == [
        ("A", EVE, Decimal(10), "test"),
        ("A", DAY, Decimal(90), "inbox"),
    ]
    row = master([quote("12", CLOSE)], counting)
    assert (row["last_price"], row["previous_close"], row["price_source"]) == (Decimal(90), Decimal(10), "inbox")


def test_a_quote_alone_gives_way_to_what_is_stored_of_its_day():
    quoted = pl.DataFrame([quote("12", CLOSE)])
    counting = counting_prices(recorded(), own_rows(("A", DAY, "90")), quoted, NOBODY)
    assert counting["close"].to_list() == [Decimal(90)]


def test_what_is_stated_now_goes_before_what_was():
    told = pl.concat([recorded(("A", DAY, "12")), own_rows(("A", DAY, "91"))])
    assert counting_prices(told, own_rows(("A", DAY, "90")), NOBODY, NOBODY)["close"].to_list() == [Decimal(91)]


def test_what_is_stored_stays_where_the_fetch_says_nothing():
    stored = master_rows(
        pl.DataFrame([{"symbol": "A", "name": "Alpha", "sector": "Tools", "currency": "USD"}]),
        recorded(("A", dt.date(2022, 12, 27), "10")),
        NOBODY,
        NO_SESSIONS,
        now=NOW,
    )
    row = master([{"symbol": "A", "name": None, "currency": "USD"}], recorded(), stored)
    assert (row["name"], row["sector"], row["last_price"]) == ("Alpha", "Tools", Decimal(10))
