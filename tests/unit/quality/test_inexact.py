"""Splits of which a provider tells one number that several ratios are told as: neither they nor their prices enter."""

import datetime as dt
from decimal import Decimal

import pytest
from fetches import DAY, closes, fetch, known, split, symbol, weekdays
from test_admission import NEVER, opened

from pipelines.quality.admission import admit
from pipelines.releases import NotReleasableError, releasable
from warehouse.schema import market

OF = "alphavantage"
EVE, DAY_BEFORE = weekdays(3)[0], weekdays(2)[0]
EX = DAY_BEFORE
STORED = closes(*[100] * 8, until=EVE)
AFTER = closes(15000, 15100, source=OF)


def quote(last_price):
    at = dt.datetime(DAY.year, DAY.month, DAY.day, 20, tzinfo=dt.UTC)
    said = {"last_price": last_price, "last_price_at": at, "price_source": OF}
    return known(symbols=[symbol(**said)]).symbols


def told(factor, *, splits=(), own=(), past=NEVER, prices=AFTER, last=15100):
    said = fetch(prices=prices, splits=[split(factor, 1, ex_date=EX, source=OF), *own])
    stored = known(prices=STORED, symbols=[symbol()], splits=splits)
    return admit(said, quote(last), stored, past, today=DAY)


def rules(admission):
    return set(admission.held.select("table_name", "rule", "key").iter_rows())


def test_neither_the_split_nor_a_price_in_its_units_enters():
    said = told("0.0067")
    assert said.believed.splits.is_empty()
    assert said.believed.prices.is_empty()
    assert said.symbols["last_price"].to_list() == [None]
    assert rules(said) == {
        ("split_history", "split_inexact", f"A {EX}"),
        ("price_history", "split_inexact", f"A {EX}"),
        ("price_history", "split_inexact", f"A {DAY}"),
        ("symbols", "split_inexact", "A"),
    }
    (why,) = said.held.filter(table_name="split_history")["reason"]
    assert "0.0067 new for one" in why
    assert "splits….csv" in why


def test_prices_of_a_first_fetch_wait_from_its_day_on():
    said = fetch(prices=closes(100, 101, 15000, 15100, source=OF), splits=[split("0.0067", 1, ex_date=EX, source=OF)])
    believed = admit(said, quote(15100), known(symbols=[symbol()]), NEVER, today=DAY).believed
    assert believed.prices["close"].to_list() == [100, 101]


def test_it_cannot_be_released_but_stated():
    waiting = opened(told("0.0067"))
    for number in waiting.open_rows["quarantine_id"]:
        with pytest.raises(NotReleasableError):
            releasable([number], waiting.open_rows)
    stated = told("0.0067", own=[split(1, 150, ex_date=EX, source="inbox")], past=waiting)
    assert stated.held.is_empty()
    assert stated.believed.splits.select("ratio_new", "ratio_old", "source").rows() == [(1, 150, "inbox")]
    assert stated.believed.prices["close"].to_list() == [15000, 15100]
    assert stated.symbols["last_price"].to_list() == [15100]
    assert set(stated.resolutions["quarantine_id"]) == set(waiting.open_rows["quarantine_id"])


def test_a_person_may_say_that_there_was_none():
    stated = told("0.0067", own=[split(1, 1, ex_date=EX, source="inbox")], prices=closes(100, 101, source=OF), last=101)
    assert stated.held.is_empty()
    assert stated.believed.prices["close"].to_list() == [100, 101]


@pytest.mark.parametrize("days", [0, 1, -1])
def test_it_is_read_as_the_stored_split_of_about_its_day(days):
    known_split = split(1, 150, ex_date=EX + dt.timedelta(days=days))
    before = closes(100, 15000, 15000, until=EVE) if days < 0 else STORED
    said = admit(
        fetch(prices=AFTER, splits=[split("0.0067", 1, ex_date=EX, source=OF)]),
        quote(15100),
        known(prices=before, symbols=[symbol()], splits=[known_split]),
        NEVER,
        today=DAY,
    )
    assert not [rule for _, rule, _ in rules(said) if rule == "split_inexact"]
    assert said.believed.splits.select("ratio_new", "ratio_old").rows() in ([], [(1, 150)])


def test_one_of_another_size_is_not_the_stored_one():
    said = told("0.0067", splits=[split(1, 140, ex_date=EX)])
    assert ("split_history", "split_inexact", f"A {EX}") in rules(said)


def test_prices_beside_a_small_one_go_on():
    said = told("1.0483", prices=closes(96, 97, source=OF), last=97)
    assert said.believed.splits.is_empty()
    assert said.believed.prices["close"].to_list() == [96, 97]
    assert rules(said) == {("split_history", "split_inexact", f"A {EX}")}


def test_a_provider_that_tells_both_numbers_may_tell_decimals():
    said = admit(
        fetch(prices=closes(67, 67), splits=[split("1.5", 1, ex_date=EX)]),
        market.SYMBOLS.empty(),
        known(prices=STORED, symbols=[symbol()]),
        NEVER,
        today=DAY,
    )
    assert said.believed.splits["ratio_new"].to_list() == [Decimal("1.5")]
