"""What a symbol is worth on a day, how it moved, and which alerts fire on it."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import polars as pl
import pytest

from pipelines.portfolio.explain import explain_day_return, explain_gained, explain_range, faults
from pipelines.portfolio.frames import PRICE_SCHEMA, SPLIT_SCHEMA, SYMBOL_SCHEMA, MarketFrames
from pipelines.portfolio.models import Status
from pipelines.portfolio.quotes import SymbolQuote, fires, quotes_on

MONDAY = dt.date(2026, 1, 5)
D = Decimal


def day(number):
    return MONDAY + dt.timedelta(days=number)


def market(closes, splits=(), live=None):
    rows = [("ACME", day(number), D(close), "EUR") for number, close in closes.items()]
    master = pl.DataFrame(schema=SYMBOL_SCHEMA)
    if live is not None:
        at = dt.datetime.combine(day(live[0]), dt.time(15), dt.UTC)
        row = dict.fromkeys(SYMBOL_SCHEMA) | {"symbol": "ACME", "name": "Acme Inc.", "currency": "EUR"}
        master = pl.DataFrame([row | {"last_price": D(live[1]), "last_price_at": at}], schema=SYMBOL_SCHEMA)
    ratios = [("ACME", day(number), D(new), D(1)) for number, new in splits]
    return MarketFrames(
        prices=pl.DataFrame(rows, schema=PRICE_SCHEMA, orient="row"),
        splits=pl.DataFrame(ratios, schema=SPLIT_SCHEMA, orient="row"),
        symbols=master,
    )


def quoted(on, *, days, **given):
    [quote] = quotes_on(market(days, **given), ["ACME"], day(on))
    return quote


def test_a_close_and_its_move():
    quote = quoted(1, days={0: "100", 1: "105"})
    assert (quote.price, quote.date, quote.status) == (D(105), day(1), Status.CLOSE)
    assert (quote.change, quote.day_return) == (D(5), pytest.approx(0.05))


@pytest.mark.parametrize(
    ("until", "on", "status"),
    [(0, 14, Status.CLOSE), (0, 15, Status.STALE), (3, 15, Status.STALE), (15, 6, Status.STALE), (15, 5, Status.CLOSE)],
)
def test_a_price_is_stale_also_where_its_sessions_are_not_known_until_the_day(until, on, status):
    given = market({0: "100"}, live=(0, "100"))
    master = given.symbols.with_columns(exchange=pl.lit("XETR"), last_price=None, last_price_at=None)
    sessions = pl.DataFrame({"exchange": "XETR", "date": [day(number) for number in range(until + 1)]})
    [quote] = quotes_on(replace(given, symbols=master, sessions=sessions), ["ACME"], day(on))
    assert quote.status == status


def test_a_live_price_moves_from_the_last_close():
    quote = quoted(2, days={0: "100", 1: "105"}, live=(2, "84"))
    assert (quote.name, quote.price, quote.status, quote.change) == ("Acme Inc.", D(84), Status.LIVE, D(-21))


@pytest.mark.parametrize("on", [1, 2], ids=["on the day of the split", "on the day after the last price"])
def test_a_split_is_no_move(on):
    days = {0: "100", 1: "51"} if on == 1 else {0: "98.04", 1: "102"}
    quote = quoted(on, days=days, splits=[(on, 2)])
    assert quote.price == D(51)
    assert quote.change == (D(1) if on == 1 else D("1.98"))


def test_an_earlier_day_does_not_see_later_prices():
    assert quoted(0, days={0: "100", 1: "105"}, live=(2, "84")).price == D(100)


@pytest.mark.parametrize(
    ("on", "days", "price", "status"),
    [
        pytest.param(0, {0: "100"}, D(100), Status.CLOSE, id="the first price"),
        pytest.param(9, {0: "100", 9: "105"}, D(105), Status.CLOSE, id="more than a week apart"),
        pytest.param(30, {0: "100", 1: "105"}, D(105), Status.STALE, id="old"),
        pytest.param(0, {1: "105"}, None, Status.MISSING, id="none yet"),
    ],
)
def test_where_no_move_is_known(on, days, price, status):
    quote = quoted(on, days=days)
    assert (quote.price, quote.status, quote.change, quote.day_return) == (price, status, None, None)


def test_what_nobody_knows_has_no_price():
    quotes = quotes_on(market({0: "100"}), ["NOBODY", "ACME"], day(0))
    assert [(quote.symbol, quote.price, quote.currency) for quote in quotes] == [
        ("NOBODY", None, None),
        ("ACME", D(100), "EUR"),
    ]


@pytest.mark.parametrize(
    ("kind", "threshold", "price", "move", "expected"),
    [
        ("above", "105", "105", 0.0, True),
        ("above", "105.01", "105", 0.0, False),
        ("below", "105", "105", 0.0, True),
        ("below", "104", "105", 0.0, False),
        ("day_move", "0.05", "105", -0.06, True),
        ("day_move", "0.05", "105", 0.04, False),
        ("day_move", "0.05", "105", None, None),
        ("above", "1", None, None, None),
    ],
)
def test_alerts(kind, threshold, price, move, expected):
    stated = None if price is None else D(price)
    quote = SymbolQuote("ACME", None, "EUR", stated, MONDAY, Status.CLOSE, None, move)
    assert fires(kind, D(threshold), quote) is expected


def test_a_move_and_what_a_line_gained_are_taken_apart_into_their_closes():
    quote = quoted(4, days={0: "200", 3: "220"}, splits=[(3, 2)])
    tree = explain_day_return(quote)
    assert [part.value for part in tree.parts] == [220, 100]
    assert tree.parts[1].source == f"price_history ACME {MONDAY}"
    assert faults(tree) == []
    alone = explain_day_return(quoted(0, days={0: "200"}))
    assert (alone.value, alone.parts, alone.note) == (None, [], "there is no close of a session shortly before")
    closes = {day(0): D(100), day(1): D(80), day(2): D(110)}
    gained = explain_gained("ACME", {"Split-adjusted": closes}, "EUR")
    assert gained.parts[0].value == pytest.approx(0.1)
    assert faults(gained.parts[0]) == []
    assert [part.source for part in explain_range("ACME", closes, "EUR").parts] == [
        f"adjusted_prices ACME {day(1)}",
        f"adjusted_prices ACME {day(2)}",
    ]
