"""Symbols of which nothing new is told any more."""

import datetime as dt

import pytest

from pipelines.quality.screens import screen
from tests.unit.quality.fetches import DAY, fetch, known, price, symbol, weekdays

LAST = DAY - dt.timedelta(60)


def found(told, stored, **master):
    sessions = [
        {"exchange": "XNYS", "date": day, "opens_at": None, "closes_at": None} for day in weekdays(80, until=DAY)
    ]
    around = known(prices=stored, symbols=[symbol(exchange="XNYS", **master)], sessions=sessions)
    return screen(fetch(prices=told), around, today=DAY).select("rule", "date", "held").rows()


def closes(**more):
    return [price(close=10, date=LAST - dt.timedelta(days), **more) for days in (1, 0)]


@pytest.mark.parametrize("status", ["active", "renamed"])
def test_what_is_stored_and_told_again_and_again_is_quiet_each_time(status):
    assert found(closes(), closes(), status=status) == [("gone_quiet", LAST, False)]


def test_so_is_what_another_provider_tells_again():
    assert ("gone_quiet", LAST, False) in found(closes(source="alphavantage"), closes())


def test_what_has_a_later_price_is_not_quiet():
    assert found(closes(), [*closes(), price(close=10, date=DAY - dt.timedelta(1))]) == []


def test_a_delisted_symbol_is_not_quiet():
    assert found(closes(), closes(), status="delisted") == []


def test_a_persons_own_file_is_not_held_to_sessions():
    assert found(closes(source="inbox"), closes(source="inbox")) == []
