"""By whose sessions something is asked for that has no calendar of its own: quotes and an end of day for everything."""

import datetime as dt

import exchange_calendars
import polars as pl
import pytest

from pipelines import due
from pipelines.hours import LENDERS, places_of, sessions_at, with_lenders
from pipelines.sessions import sessions
from pipelines.sources import alphavantage_codes, yahoo_codes
from warehouse.schema.market import TRADING_SESSIONS

WEDNESDAY, FRIDAY, SATURDAY, SUNDAY = (dt.date(2026, 11, day) for day in (18, 20, 21, 22))
WEEK = [WEDNESDAY + dt.timedelta(days=number) for number in range(-2, 6)]
NONE = TRADING_SESSIONS.empty()


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"2026-11-{text}:00Z")


def of(exchange: str | None, asset_class: str | None = "Equity") -> list[str]:
    return places_of(pl.DataFrame([("A", exchange, asset_class)], ["symbol", "exchange", "asset_class"], orient="row"), {"A"})  # fmt: skip


@pytest.mark.parametrize(
    ("exchange", "asset_class", "place"),
    [
        pytest.param("XNYS", "Equity", "XNYS", id="an exchange with a calendar is asked by its own"),
        pytest.param("PINX", "Equity", "XNYS", id="over the counter in the United States"),
        pytest.param("XNYM", "Commodity", "CMES", id="a future of the CME Group"),
        pytest.param("XMUN", "Equity", "XFRA", id="a German floor"),
        pytest.param("XTAE", "Equity", "XTAE", id="usual hours of its own"),
        pytest.param(None, "Crypto", "crypto", id="crypto"),
        pytest.param(None, "Currency", "currencies", id="a pair of currencies"),
        pytest.param(None, "Fund", "anywhere", id="a fund"),
        pytest.param(None, None, "anywhere", id="nobody knows what"),
    ],
)
def test_by_whose_sessions_it_is_asked(exchange, asset_class, place):
    assert of(exchange, asset_class) == [place]


def test_what_the_master_lacks_has_no_place():
    assert places_of(pl.DataFrame(schema=["symbol", "exchange", "asset_class"]), {"A"}) == []


def test_who_lends_is_asked_of_the_calendars_too():
    assert with_lenders({"PINX", "XLON"}) == ["PINX", "XLON", "XNYS"]


def test_who_lends_has_a_calendar_and_who_borrows_has_none():
    known = set(exchange_calendars.get_calendar_names(include_aliases=True))
    assert set(LENDERS.values()) <= known
    assert not known & set(LENDERS)


def test_every_exchange_of_the_providers_has_quotes_and_an_end_of_day():
    known = set(exchange_calendars.get_calendar_names(include_aliases=True))
    codes = {*yahoo_codes.MIC.values(), *alphavantage_codes.MIC.values()}
    without = sorted({place for code in codes for place in of(code)} - known)
    assert without == ["XATH"]
    assert sessions_at(["XATH", "XTAE"], [WEDNESDAY], NONE)["opens_at"].null_count() == 0


def test_crypto_is_open_round_the_clock_and_ends_its_day_at_midnight():
    rows = sessions_at(["crypto"], WEEK, NONE)
    assert all(due.is_open(rows, at(moment)) for moment in ("18T00:00", "21T12:00", "22T03:15", "22T23:45"))
    assert due.just_closed(rows, at("22T00:35")) == [("crypto", SATURDAY)]


def test_currencies_are_open_from_sunday_evening_to_friday_evening_in_new_york():
    rows = sessions_at(["currencies"], WEEK, NONE)
    asked = {moment: due.is_open(rows, at(moment)) for moment in ("20T21:45", "20T22:15", "21T12:00", "22T21:45", "22T22:00")}  # fmt: skip
    assert list(asked.values()) == [True, False, False, False, True]
    assert due.just_closed(rows, at("20T22:35")) == [("currencies", FRIDAY)]


def test_a_fund_has_one_end_of_day_each_weekday_and_no_quotes():
    rows = sessions_at(["anywhere"], WEEK, NONE)
    assert rows["date"].to_list() == [day for day in WEEK if day.weekday() < 5]
    assert due.just_closed(rows, at("18T22:35")) == [("anywhere", WEDNESDAY)]
    assert not any(due.is_open(rows, at(f"18T{hour:02}:00")) for hour in range(24))


def test_tel_aviv_ends_its_day_though_its_calendar_cannot_be_built():
    rows = sessions_at(["XTAE"], WEEK, NONE)
    assert due.is_open(rows, at("18T08:00"))
    assert due.just_closed(rows, at("18T16:05")) == [("XTAE", WEDNESDAY)]


def test_a_holiday_of_a_known_exchange_is_no_reason_for_usual_hours():
    stored, _ = sessions(["XNYS"], first_day=WEDNESDAY, today=FRIDAY)
    thanksgiving = dt.date(2026, 11, 26)
    assert sessions_at(["XNYS"], [thanksgiving], stored).is_empty()
    assert sessions_at(["XNYS"], [FRIDAY], stored)["date"].to_list() == [FRIDAY]


def test_beyond_the_last_known_session_the_usual_hours_count():
    """The calendars of Shanghai, Bombay and Singapore end with a year until the library has the next one."""
    stored, _ = sessions(["XNYS"], first_day=WEEK[0], today=FRIDAY)
    lent = stored.filter(pl.col("date") <= WEDNESDAY).with_columns(exchange=pl.lit("XSHG"))
    rows = sessions_at(["XSHG"], WEEK, lent)
    assert rows["date"].to_list() == [day for day in WEEK if day.weekday() < 5]
    assert due.is_open(rows, at("20T02:00"))
    assert due.just_closed(rows, at("20T07:35")) == [("XSHG", FRIDAY)]


def test_an_exchange_that_nobody_knows_still_has_an_end_of_day():
    assert due.just_closed(sessions_at(["NOWHERE"], WEEK, NONE), at("18T22:35")) == [("NOWHERE", WEDNESDAY)]
