"""What has to be fetched follows from the ledgers and from what is stored."""

import datetime as dt

import polars as pl
import pytest

from pipelines.needs import (
    EVENTS_REACH_DAYS,
    FIRST_DAY,
    earliest,
    events_since,
    followed_symbols,
    gaps_since,
    held_since,
    needed_currencies,
    needed_symbols,
    only,
    windows,
)
from pipelines.quality.screens.told_splits import STEP_WITHIN_DAYS
from tests.held import held_back
from warehouse.schema import market
from warehouse.surroundings import DAYS_BEFORE

TODAY = dt.date(2022, 12, 28)
NOTHING_HELD = pl.DataFrame(schema={"symbol": pl.String, "since": pl.Date})


def day(number: int, month: int = 1) -> dt.date:
    return dt.date(2022, month, number)


def mirror(transactions: list[tuple[str, dt.date, str | None, str | None, str]], benchmark: str | None = None):
    return {
        "portfolios": pl.DataFrame({"portfolio_id": ["p"], "base_currency": ["EUR"], "benchmark": [benchmark]}),
        "accounts": pl.DataFrame({"currency": [None, "CHF"]}),
        "manual_prices": pl.DataFrame({"currency": ["NOK"]}),
        "transactions": pl.DataFrame(
            [("p", *row, None) for row in transactions],
            schema=["portfolio_id", "date", "symbol", "to_symbol", "currency", "to_currency"],
            orient="row",
        ),
    }


def test_a_symbol_is_needed_from_its_first_transaction():
    stated = mirror([("p", day(9), "A", None, "USD")[1:], (day(3), "A", None, "USD"), (day(5), None, None, "EUR")])
    assert needed_symbols(stated).rows() == [("A", day(3))]


def test_benchmarks_and_what_a_merger_gives_are_needed_too():
    stated = mirror([(day(3), "A", None, "USD"), (day(9), "A", "B", "USD")], benchmark="SPY")
    assert needed_symbols(stated).rows() == [("A", day(3)), ("B", day(9)), ("SPY", day(3))]


def test_what_is_watched_is_followed_with_five_years():
    stated = mirror([(day(3), "A", None, "USD")])
    watched = {"symbol": ["A", "W", "W"], "added_on": [day(9), day(9), day(4)]}
    found = followed_symbols(stated | {"watchlist": pl.DataFrame(watched)})
    assert found.rows() == [("A", dt.date(2017, 1, 9)), ("W", dt.date(2017, 1, 4))]
    assert needed_symbols(stated).rows() == [("A", day(3))]


def test_currencies_of_accounts_transactions_prices_and_instruments_but_never_the_euro():
    stated = mirror([(day(3), "A", None, "USD")])
    assert needed_currencies(stated, ["GBP", "EUR"]) == ["CHF", "GBP", "NOK", "USD"]


@pytest.mark.parametrize(
    ("stored", "start"),
    [
        pytest.param([], dt.date(2022, 1, 24), id="nothing is stored: a week before the first day"),
        pytest.param([(day(31), day(20, 12))], day(13, 12), id="the last week again"),
        pytest.param([(day(1, 3), day(20, 12))], dt.date(2022, 1, 24), id="an earlier transaction came in"),
    ],
)
def test_the_window_of_a_symbol_needed_from_the_end_of_january(stored, start):
    needed = pl.DataFrame({"symbol": ["A"], "first_day": [day(31)]})
    schema = {"symbol": pl.String, "first_stored": pl.Date, "last_stored": pl.Date}
    spans = pl.DataFrame([("A", *span) for span in stored], schema=schema, orient="row")
    assert windows(needed, spans, NOTHING_HELD, by="symbol", today=TODAY) == [("A", start, TODAY)]


def test_what_is_held_back_is_asked_for_again_from_its_earliest_day():
    rows = pl.concat(
        [
            held_back(about="A", date=day(9, 5)),
            held_back(about="A", date=day(4, 5), table_name="split_history"),
            held_back(about="A", date=day(1), table_name="fx_history"),
        ]
    )
    held = held_since(rows, [market.PRICE_HISTORY, market.SPLIT_HISTORY], by="symbol")
    assert held.rows() == [("A", day(4, 5))]
    needed = pl.DataFrame({"symbol": ["A", "B"], "first_day": [day(31), day(31)]})
    stored = pl.DataFrame({"symbol": ["A", "B"], "first_stored": [day(31)] * 2, "last_stored": [day(20, 12)] * 2})
    starts = [start for _, start, _ in windows(needed, stored, held, by="symbol", today=TODAY)]
    assert starts == [day(4, 5), day(13, 12)]


def test_a_dividend_that_is_held_back_comes_again_with_the_close_before_it():
    held = held_since(
        held_back(about="A", date=day(9, 5), table_name="dividend_history"), [market.DIVIDEND_HISTORY], by="symbol"
    )
    assert held.rows() == [("A", day(2, 5))]


@pytest.mark.parametrize(
    ("stored", "since"),
    [
        pytest.param([], {}, id="nothing is stored: with the prices"),
        pytest.param([(day(31), day(20, 12))], {"A": day(26, 9)}, id="twelve weeks before the last stored day"),
        pytest.param([(day(31), day(20, 2))], {"A": day(24)}, id="not before the prices of the needed day"),
    ],
)
def test_dividends_and_splits_are_asked_for_again_from_long_before(stored, since):
    needed = pl.DataFrame({"symbol": ["A"], "first_day": [day(31)]})
    schema = {"symbol": pl.String, "first_stored": pl.Date, "last_stored": pl.Date}
    spans = pl.DataFrame([("A", *span) for span in stored], schema=schema, orient="row")
    assert events_since(needed, spans) == since


def test_the_prices_that_are_read_to_judge_a_week_reach_over_all_its_events():
    assert EVENTS_REACH_DAYS + STEP_WITHIN_DAYS < DAYS_BEFORE


FIRST, LAST = day(1, 6), day(20, 12)


def gap(*missing, exchange="XNYS", first=FIRST):
    """Return from when on A is asked for again, if all weekdays are sessions and some of them have no price."""
    weekdays = [one for one in pl.date_range(FIRST, day(30, 12), eager=True) if one.weekday() < 5]
    days = [one for one in weekdays if first <= one <= LAST and one not in missing and one >= day(27, 9)]
    found = gaps_since(
        pl.DataFrame({"symbol": "A", "date": days}, schema={"symbol": pl.String, "date": pl.Date}),
        pl.DataFrame({"symbol": ["A"], "first_stored": [first], "last_stored": [LAST]}),
        pl.DataFrame({"exchange": "XNYS", "date": weekdays}),
        pl.DataFrame({"symbol": ["A"], "exchange": [exchange]}, schema={"symbol": pl.String, "exchange": pl.String}),
        today=TODAY,
    )
    return dict(found.iter_rows()).get("A")


@pytest.mark.parametrize(
    ("missing", "since"),
    [
        pytest.param([], None, id="every session is there"),
        pytest.param([day(2, 11), day(1, 11)], day(1, 11), id="two sessions of November are not"),
        pytest.param([day(1, 8)], None, id="longer than a quarter ago"),
        pytest.param([day(21, 12), day(22, 12)], None, id="after the last stored day, which is asked for anyway"),
    ],
)
def test_a_session_that_is_missing_between_stored_ones_is_asked_for_again(missing, since):
    assert gap(*missing) == since


def test_what_lies_before_the_first_stored_day_is_no_gap():
    assert gap(first=day(7, 11)) is None


@pytest.mark.parametrize(
    ("first", "last", "since"),
    [
        pytest.param(day(7, 11), day(11, 11), None, id="ten days from price to price"),
        pytest.param(day(7, 11), day(17, 11), day(5, 11), id="two weeks"),
        pytest.param(day(1, 9), day(28, 10), day(28, 9), id="since before the first day that is looked at"),
    ],
)
@pytest.mark.parametrize("exchange", [None, "XKOS"])
def test_without_a_calendar_more_than_ten_days_are_a_gap(first, last, since, exchange):
    missing = pl.date_range(first, last, eager=True)
    assert gap(*missing, exchange=exchange) == since


def test_one_question_fills_what_was_missing_and_what_is_held_back():
    needed = pl.DataFrame({"symbol": ["A", "B", "C"], "first_day": [day(31)] * 3})
    stored = pl.DataFrame({"symbol": ["A", "B"], "first_stored": [day(31)] * 2, "last_stored": [day(20, 12)] * 2})
    schema = {"symbol": pl.String, "since": pl.Date}
    held = pl.DataFrame([("A", day(9, 12)), ("B", day(1, 11))], schema=schema, orient="row")
    gaps = pl.DataFrame([("A", day(2, 11)), ("B", day(2, 11))], schema=schema, orient="row")
    found = windows(needed, stored, earliest(held, gaps, by="symbol"), by="symbol", today=TODAY)
    assert found == [("A", day(2, 11), TODAY), ("B", day(1, 11), TODAY), ("C", day(24), TODAY)]


def test_named_symbols_are_fetched_whole_held_or_not():
    asked = only(["C", "B"])
    assert asked.rows() == [("B", FIRST_DAY), ("C", FIRST_DAY)]
    stored = pl.DataFrame({"symbol": ["B"], "first_stored": [day(3)], "last_stored": [day(20, 12)]})
    assert [start < day(3) for _, start, _ in windows(asked, stored, NOTHING_HELD, by="symbol", today=TODAY)] == [
        True,
        True,
    ]
