"""How alike prices move: on common days, in one currency, across splits."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest
from statements import fx, splits

from pipelines.portfolio.correlations import LEAST_RETURNS, correlations
from pipelines.portfolio.frames import PRICE_SCHEMA, MarketFrames

FIRST = dt.date(2020, 1, 1)
MOVES = [1.02, 0.99, 1.03, 0.96, 1.01, 1.00, 0.98, 1.05, 0.97, 1.02, 0.95, 1.04] * 3


def closes(symbol, moves, currency="EUR", *, left_out=()):
    close, found = Decimal(100), []
    for number, move in enumerate([1, *moves]):
        close = (close * Decimal(str(move))).quantize(Decimal("1e-8"))
        if number not in left_out:
            found.append((symbol, FIRST + dt.timedelta(days=number), close, currency))
    return found


def compared(*rows, rates="EUR/USD 2020-01-01 1", cut=None):
    frame = pl.DataFrame([row for some in rows for row in some], schema=PRICE_SCHEMA, orient="row")
    market = MarketFrames(prices=frame, fx=fx(rates), **({} if cut is None else {"splits": splits(cut)}))
    symbols = list(dict.fromkeys(frame["symbol"]))
    found = correlations(market, symbols, base_currency="EUR", since=FIRST, until=dt.date(2020, 12, 31))
    return found.row(0, named=True)


def test_what_moves_alike_and_what_moves_against_each_other():
    twice = [1 + 2 * (move - 1) for move in MOVES]
    against = [1 - (move - 1) for move in MOVES]
    assert compared(closes("ACME", MOVES), closes("BOLT", twice))["correlation"] == pytest.approx(1)
    assert compared(closes("ACME", MOVES), closes("BOLT", against))["correlation"] == pytest.approx(-1)


def test_only_days_that_both_have_count():
    found = compared(closes("ACME", MOVES), closes("BOLT", MOVES, left_out={3, 4, 11}))
    assert found["correlation"] == pytest.approx(1)
    assert found["returns"] == len(MOVES) - 3


def test_a_rate_that_moves_is_part_of_the_return():
    moving = "\n".join(f"EUR/USD {FIRST + dt.timedelta(days=n)} {1 + n % 2}" for n in range(len(MOVES) + 1))
    still = compared(closes("ACME", MOVES), closes("BOLT", MOVES, "USD"))
    assert still["correlation"] == pytest.approx(1)
    assert compared(closes("ACME", MOVES), closes("BOLT", MOVES, "USD"), rates=moving)["correlation"] < 0.5


def test_a_split_is_no_return():
    halved = [
        (symbol, on, close / 2 if on >= dt.date(2020, 1, 9) else close, code)
        for symbol, on, close, code in closes("BOLT", MOVES)
    ]
    assert compared(closes("ACME", MOVES), halved, cut="BOLT 2020-01-09 2:1")["correlation"] == pytest.approx(1)


def test_too_few_days_and_what_never_moves_say_nothing():
    few = MOVES[: LEAST_RETURNS - 1]
    assert compared(closes("ACME", few), closes("BOLT", few))["correlation"] is None
    assert compared(closes("ACME", MOVES), closes("BOLT", [1] * len(MOVES)))["correlation"] is None


def test_without_a_rate_nothing_is_known():
    found = compared(closes("ACME", MOVES), closes("BOLT", MOVES, "CHF"))
    assert (found["correlation"], found["returns"]) == (None, 0)
