"""What moved between two states of what is known, by cause; `tests/integration/known` has publications."""

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest
from chronicles import SHORT, chronicles, seen
from hypothesis import HealthCheck, given, settings
from statements import D, day, prices, splits, transactions
from strategies import END

from pipelines.portfolio import difference as compared
from pipelines.portfolio.difference import State, difference, figures_of
from pipelines.portfolio.frames import ACCOUNT_SCHEMA, SYMBOL_SCHEMA, LedgerFrames, MarketFrames
from pipelines.portfolio.models import CostMethod

COMPARED = ("quantity", "value_base", "cost_base", "unrealized_gain_base", "realized_gain_base", "income_base")
OLD, NEW = day("2020-01-06"), day("2020-01-07")


def state(quotes, *, as_of=OLD, closes="ACME 2020-01-03 10\nBOLT 2020-01-03 10"):
    """Return a state with 10 of each of two symbols; ``quotes`` has price and time by symbol."""
    rows = [
        dict.fromkeys(SYMBOL_SCHEMA) | {"symbol": symbol, "currency": "EUR", "last_price": price, "last_price_at": at}
        for symbol, (price, at) in quotes.items()
    ]
    return State(
        ledger=LedgerFrames(transactions=transactions("2020-01-02 BUY ACME 10 @ 10\n2020-01-02 BUY BOLT 10 @ 10")),
        market=MarketFrames(prices=prices(closes), symbols=pl.DataFrame(rows, schema=SYMBOL_SCHEMA)),
        as_of=as_of,
        base_currency="EUR",
        cost_method=CostMethod.FIFO,
    )


def at(date, hour):
    return dt.datetime.combine(date, dt.time(hour), tzinfo=dt.UTC)


def causes(found):
    return next((moved.by_cause for moved in found.figures if moved.figure == "summary.value"), {})


STILL = (D(9), at(day("2020-01-03"), 17))


@pytest.mark.parametrize(
    ("earlier", "later", "moved", "change"),
    [
        pytest.param((D(11), at(OLD, 10)), (D(12), at(OLD, 15)), 10, "changed", id="moved"),
        pytest.param(None, (D(12), at(OLD, 15)), 20, "added", id="come"),
        pytest.param((D(11), at(OLD, 10)), (None, None), -10, "changed", id="gone"),
        pytest.param((None, None), (D(12), at(OLD, 15)), 20, "changed", id="where there was none"),
    ],
)
def test_a_quote_of_the_same_day_is_a_cause_with_its_row(earlier, later, moved, change):
    before = state({"BOLT": STILL} | ({"ACME": earlier} if earlier else {}))
    found = difference(before, state({"BOLT": STILL, "ACME": later}))
    assert causes(found) == {"quotes": moved}
    [row] = found.rows
    assert (row.cause, row.change, row.key) == ("quotes", change, {"symbol": "ACME"})


def test_a_quote_of_a_later_day_belongs_to_the_days_since():
    before = state({"ACME": (D(11), at(OLD, 10)), "BOLT": STILL})
    found = difference(before, state({"ACME": (D(12), at(NEW, 10)), "BOLT": STILL}, as_of=NEW))
    assert (causes(found), found.rows) == ({"days since": 10}, [])


def test_a_close_and_a_quote_are_told_apart():
    before = state({"ACME": (D(11), at(OLD, 10)), "BOLT": STILL})
    after = state({"ACME": (D(12), at(OLD, 15)), "BOLT": STILL}, closes="ACME 2020-01-03 10\nBOLT 2020-01-03 13")
    found = difference(before, after)
    assert causes(found) == {"prices": 30, "quotes": 10}
    assert [(row.cause, row.key["symbol"]) for row in found.rows] == [("prices", "BOLT"), ("quotes", "ACME")]


def test_settings_that_changed_are_told_with_what_they_were():
    before = state({"ACME": STILL, "BOLT": STILL})
    after = replace(before, cost_method=CostMethod.LIFO, ledger=replace(before.ledger, benchmark="SPX"))
    told = [(row.cause, row.change, row.key, row.before, row.after) for row in difference(before, after).rows]
    assert told == [
        ("settings", "added", {"setting": "benchmark"}, None, {"setting": "benchmark", "value": "SPX"}),
        ("settings", "changed", {"setting": "cost_method"}, {"value": "fifo"}, {"value": "lifo"}),
    ]


@settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(chronicle=chronicles())
def test_the_figures_compared_are_those_of_the_complete_view(chronicle):
    rules = pl.DataFrame([(SHORT, "EUR", None, True)], schema=ACCOUNT_SCHEMA, orient="row")
    ledger = LedgerFrames(transactions=chronicle[0], accounts=rules)
    asked = State(ledger=ledger, market=chronicle[1], as_of=END, base_currency="EUR", cost_method=CostMethod.FIFO)
    view, found = seen(chronicle, as_of=END), figures_of(asked)
    stated = {f"summary.{name}": value for name, value in view.summary}
    for holding in view.holdings:
        name = f"holdings.{holding.symbol}@{holding.account}"
        stated |= {f"{name}.{field}": getattr(holding, field) for field in COMPARED}
    assert found == stated


def test_a_cause_without_a_changed_row_is_not_computed(monkeypatch):
    computed = []
    monkeypatch.setattr(compared, "figures_of", lambda asked: computed.append(asked.as_of) or figures_of(asked))
    earlier, later = (state({"ACME": (D(price), at(OLD, 10))}) for price in (11, 12))
    assert causes(compared.difference(earlier, later)) == {"quotes": 10}
    assert len(computed) == 2


def test_what_is_named_for_the_first_time_comes_with_its_market():
    known = state({})
    market = MarketFrames(prices=prices("ACME 2020-01-03 10"), splits=splits("ACME 2020-01-03 2:1"))
    bought = transactions("2020-01-02 BUY ACME 10 @ 10\n2020-01-06 SELL ACME 15 @ 6")
    before = replace(
        known,
        ledger=LedgerFrames(transactions=known.ledger.transactions.clear()),
        market=MarketFrames(prices=known.market.prices.clear()),
    )
    found = difference(before, replace(known, ledger=LedgerFrames(transactions=bought), market=market))
    assert causes(found) == {"ledger": 50}
    assert {row.cause for row in found.rows} == {"ledger"}


def test_a_sale_of_what_a_split_brings_that_was_not_known_leaves_what_is_between_unknown():
    known, sold = state({}), "2020-01-02 BUY ACME 10 @ 10\n2020-01-02 BUY BOLT 10 @ 10\n2020-01-06 SELL ACME 15 @ 6"
    market = replace(known.market, splits=splits("ACME 2020-01-03 2:1"))
    found = difference(known, replace(known, ledger=LedgerFrames(transactions=transactions(sold)), market=market))
    assert causes(found) == {"ledger": None, "splits and dividends": None}
    moved = next(one for one in found.figures if one.figure == "holdings.ACME@A.quantity")
    assert (moved.before, moved.after) == (10, 5)
