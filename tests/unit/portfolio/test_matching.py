"""Lot matching of frames: cases a reader can do in the head, and that it is the engine's own (CALCULATIONS 2)."""

from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statements import D, accounts, day, splits, transactions

from pipelines.portfolio.complete import complete_view
from pipelines.portfolio.errors import FrameError, OversoldError
from pipelines.portfolio.frames import LedgerFrames, MarketFrames
from pipelines.portfolio.lots import match_lots
from pipelines.portfolio.lots.trades import TRADE_SCHEMA
from pipelines.portfolio.models import CostMethod

THREE = """
    2020-01-01 BUY ACME 10 @ 10
    2020-02-01 BUY ACME 10 @ 30
    2020-03-01 BUY ACME 10 @ 20
    2020-04-01 SELL ACME 15 @ 40
"""
METHODS = [CostMethod.FIFO, CostMethod.LIFO, CostMethod.HIFO, CostMethod.AVERAGE]


def trades(ledger):
    """Return the purchases and sales of a ledger in the mini language."""
    frame = transactions(ledger) if isinstance(ledger, str) else ledger
    worth = (pl.col("quantity") * pl.col("price")).cast(TRADE_SCHEMA["amount"])
    return frame.select(
        "account",
        "symbol",
        "date",
        pl.col("type").str.to_lowercase().alias("side"),
        "quantity",
        amount=pl.coalesce("amount", worth),
        fee="fee",
        tax="tax",
        transaction_id="transaction_id",
        lot_id="lot_id",
    )


def matched(ledger, **options):
    return match_lots(trades(ledger), **options)


def rows(frame, *names):
    return frame.select(names).rows()


@pytest.mark.parametrize(
    ("method", "closed", "left"),
    [
        (CostMethod.FIFO, [("t1", 10, 100), ("t2", 5, 150)], [("t2", 5, 150), ("t3", 10, 200)]),
        (CostMethod.LIFO, [("t3", 10, 200), ("t2", 5, 150)], [("t1", 10, 100), ("t2", 5, 150)]),
        (CostMethod.HIFO, [("t2", 10, 300), ("t3", 5, 100)], [("t1", 10, 100), ("t3", 5, 100)]),
        (CostMethod.AVERAGE, [("t1", 10, 200), ("t2", 5, 100)], [("t2", 5, 100), ("t3", 10, 200)]),
        (CostMethod.SPECIFIC, [("t1", 10, 100), ("t2", 5, 150)], [("t2", 5, 150), ("t3", 10, 200)]),
    ],
)
def test_each_method_closes_its_own_lots(method, closed, left):
    found = matched(THREE, method=method)
    assert rows(found.realized, "buy_id", "quantity", "cost") == closed
    assert rows(found.open, "buy_id", "quantity", "cost") == left


def test_a_specific_sale_closes_the_lot_it_names_and_no_more_than_that():
    ledger = THREE.replace("SELL ACME 15 @ 40", "SELL ACME {} @ 40 lot_id=t3")
    assert rows(matched(ledger.format(10), method=CostMethod.SPECIFIC).realized, "lot_id", "cost") == [("t3", 200)]
    with pytest.raises(OversoldError) as refused:
        matched(ledger.format(11), method=CostMethod.SPECIFIC)
    assert refused.value.shortfall == 1


def test_a_purchase_may_name_its_lot():
    ledger = "2020-01-01 BUY ACME 1 @ 1\n2020-01-02 BUY ACME 1 @ 2 lot_id=mine\n2020-01-03 SELL ACME 1 @ 3 lot_id=mine"
    found = matched(ledger, method=CostMethod.SPECIFIC)
    assert rows(found.realized, "lot_id", "buy_id", "gain") == [("mine", "t2", 1)]
    assert rows(found.open, "lot_id", "buy_id") == [("t1", "t1")]


def test_the_average_is_one_pool_over_all_accounts():
    ledger = """
        2020-01-01 BUY ACME 10 @ 10
        2020-01-02 BUY ACME 10 @ 30 account=B
        2020-01-03 SELL ACME 10 @ 40 account=B
    """
    found = matched(ledger, method=CostMethod.AVERAGE)
    assert rows(found.realized, "account", "cost", "gain") == [("B", 200, 200)]
    assert rows(found.open, "account", "cost") == [("A", 200)]


def test_fees_and_taxes_are_cost_of_purchase_and_lower_proceeds():
    ledger = "2020-01-01 BUY ACME 10 @ 10 fee=2 tax=1\n2020-02-01 SELL ACME 10 @ 12 fee=3"
    [row] = matched(ledger).realized.rows(named=True)
    assert (row["cost"], row["cost_excluding_fees_and_taxes"], row["proceeds"]) == (103, 100, 117)
    assert (row["gain"], row["gain_before_fees_taxes"], row["days_held"], row["term"]) == (14, 20, 31, "short")


def test_a_sale_over_lots_shares_its_proceeds_and_the_last_takes_the_remainder():
    ledger = "\n".join(f"2020-01-0{n} BUY ACME 1 @ 1" for n in (1, 2, 3)) + "\n2020-02-01 SELL ACME 3 10"
    proceeds = matched(ledger.replace("ACME 3 10", "ACME 3 @ 3.33333333")).realized["proceeds"]
    assert proceeds.to_list() == [D("3.33333333")] * 3
    frame = trades(ledger.replace("ACME 3 10", "ACME 3 @ 1")).with_columns(
        amount=pl.when(pl.col("side") == "sell").then(pl.lit(D(10))).otherwise("amount")
    )
    assert match_lots(frame).realized["proceeds"].to_list() == [D("3.33333333"), D("3.33333334"), D("3.33333333")]


@pytest.mark.parametrize(
    ("bought", "sold", "term"),
    [
        ("2019-01-01", "2020-01-01", "short"),
        ("2019-01-01", "2020-01-02", "long"),
        ("2020-02-29", "2021-03-01", "short"),
        ("2020-02-29", "2021-03-02", "long"),
        ("2019-02-28", "2020-02-28", "short"),
        ("2019-02-28", "2020-02-29", "long"),
    ],
)
def test_the_term_is_long_after_the_anniversary(bought, sold, term):
    found = matched(f"{bought} BUY ACME 1 @ 1\n{sold} SELL ACME 1 @ 1")
    assert rows(found.realized, "term") == [(term,)]


def test_a_split_multiplies_units_and_leaves_cost_before_the_trades_of_its_day():
    ledger = "2020-01-01 BUY ACME 10 @ 10\n2020-02-01 SELL ACME 10 @ 6\n2020-02-01 BUY ACME 1 @ 6"
    found = matched(ledger, splits=splits("ACME 2020-02-01 2:1\nBOLT 2020-01-15 3:1"))
    assert rows(found.realized, "quantity", "cost", "gain") == [(10, 50, 10)]
    assert rows(found.open, "quantity", "cost") == [(10, 50), (1, 6)]


def test_a_split_after_the_last_trade_counts():
    found = matched("2020-01-01 BUY ACME 10 @ 10", splits=splits("ACME 2020-02-01 1:3"))
    assert rows(found.open, "quantity", "cost") == [(D("3.3333333333"), 100)]


def test_what_an_odd_split_leaves_below_the_tenth_decimal_is_sold_with_the_rest():
    ledger = "2020-01-01 BUY ACME 10 @ 10\n2020-03-01 SELL ACME 3.3333333333 @ 9"
    found = matched(ledger, splits=splits("ACME 2020-02-01 1:3"))
    assert rows(found.realized, "quantity", "cost") == [(D("3.3333333333"), 100)]
    assert found.open.is_empty()


def test_a_purchase_and_its_sale_of_one_day_are_a_purchase_first():
    frame = trades("2020-01-01 SELL ACME 10 @ 11\n2020-01-01 BUY ACME 10 @ 10")
    assert rows(match_lots(frame).realized, "gain") == [(10,)]


def test_overselling_is_refused_with_what_is_missing():
    frame = trades("2020-01-01 BUY ACME 10 @ 10\n2020-02-01 SELL ACME 12.5 @ 11").drop("transaction_id", "lot_id")
    with pytest.raises(OversoldError) as refused:
        match_lots(frame)
    error = refused.value
    assert (error.transaction_id, error.account, error.symbol) == ("row 2", "A", "ACME")
    assert (error.date, error.shortfall) == (day("2020-02-01"), D("2.5"))


def test_no_trades_are_no_rows():
    found = match_lots(pl.DataFrame(schema=TRADE_SCHEMA))
    assert (found.realized.height, found.open.height) == (0, 0)
    assert found.realized.schema == matched(THREE).realized.schema
    assert found.open.schema == matched(THREE).open.schema


def test_amounts_beyond_64_bits_are_exact():
    ledger = "2020-01-01 BUY ACME 3 @ 300000000000\n2020-02-01 SELL ACME 1 @ 300000000001"
    assert rows(matched(ledger).realized, "cost", "gain") == [(300000000000, 1)]


@pytest.mark.parametrize(
    ("change", "column", "row"),
    [
        (lambda frame: frame.drop("fee"), "fee", None),
        (lambda frame: frame.cast({"amount": pl.Float64}), "amount", None),
        (lambda frame: frame.with_columns(date=pl.lit("soon")), "date", None),
        (lambda frame: frame.with_columns(side=pl.lit("BUY")), "side", 1),
        (lambda frame: frame.with_columns(quantity=-pl.col("quantity")), "quantity", 1),
        (lambda frame: frame.with_columns(tax=pl.lit(None, dtype=pl.Decimal(28, 8))), "tax", 1),
        (lambda frame: frame.with_columns(quantity=pl.lit(D("1.00000000001"))), "quantity", 1),
        (lambda frame: frame.with_columns(fee=pl.lit(D("0.123456789"))), "fee", 1),
    ],
)
def test_what_is_not_exact_or_not_there_is_refused(change, column, row):
    with pytest.raises(FrameError) as refused:
        match_lots(change(trades("2020-01-01 BUY ACME 10 @ 10")))
    assert (refused.value.column, refused.value.row) == (column, row)


@pytest.mark.parametrize(
    "change", [lambda frame: frame.drop("ratio_new"), lambda frame: frame.with_columns(ratio_old=pl.lit(0))]
)
def test_splits_without_a_ratio_are_refused(change):
    with pytest.raises(FrameError):
        matched("2020-01-01 BUY ACME 10 @ 10", splits=change(splits("ACME 2020-02-01 2:1")))


# The law: for purchases and sales of one currency it is the engine's own answer.

RATIOS = [(2, 1), (7, 3), (10, 12), (1, 3)]
step = st.tuples(
    st.integers(0, 40),
    st.sampled_from(["A", "B"]),
    st.sampled_from(["ACME", "BOLT"]),
    st.one_of(st.integers(1, 50).map(Decimal), st.integers(1, 10**12).map(lambda n: Decimal(n).scaleb(-10))),
    st.integers(1, 10**6).map(lambda n: Decimal(n) / 100),
    st.sampled_from([Decimal(0), Decimal("0.99"), Decimal("9.9")]),
    st.sampled_from([0, 0, 0, 1, 2, 3]),
)
split = st.tuples(st.sampled_from(["ACME", "BOLT"]), st.integers(1, 40), st.sampled_from(RATIOS))


def story(steps, divided):
    """Return a ledger of buys and sells (a part of what is held then) and its splits, in the mini language."""
    ratios = sorted({(symbol, offset): ratio for symbol, offset, ratio in divided}.items(), key=lambda item: item[0][1])
    held, pending, lines = {}, list(ratios), []
    for offset, account, symbol, units, price, fee, part in sorted(steps, key=lambda item: (item[0], item[6] > 0)):
        while pending and pending[0][0][1] <= offset:
            (of, _), (new, old) = pending.pop(0)
            held = {
                key: (has * new / old).quantize(Decimal("1e-10"), "ROUND_DOWN") if key[1] == of else has
                for key, has in held.items()
            }
        date = day("2020-01-01").fromordinal(day("2020-01-01").toordinal() + offset)
        key = account, symbol
        amount = (held.get(key, Decimal(0)) / part).quantize(Decimal("1e-10"), "ROUND_DOWN") if part else units
        if amount > 0:
            held[key] = held.get(key, Decimal(0)) + (-amount if part else amount)
            kind = "SELL" if part else "BUY"
            lines.append(f"{date} {kind} {symbol} {amount:f} @ {price} account={account} fee={fee}")
    start = day("2020-01-01").toordinal()
    shown = [f"{of} {day('2020-01-01').fromordinal(start + at)} {new}:{old}" for (of, at), (new, old) in ratios]
    return "\n".join(lines), "\n".join(shown)


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=40)
@given(steps=st.lists(step, min_size=1, max_size=16), divided=st.lists(split, max_size=2))
def test_it_is_what_the_engine_realises_and_holds(steps, divided, method):
    ledger, ratios = story(steps, divided)
    frame = transactions(ledger)
    given_splits = splits(ratios) if ratios else None
    market = MarketFrames(splits=given_splits) if ratios else MarketFrames()
    rules = accounts(("A", "EUR", None, False), ("B", "EUR", None, False))
    options = {"as_of": day("2020-03-01"), "base_currency": "EUR", "cost_method": method, "include_history": False}
    view = complete_view(LedgerFrames(transactions=frame, accounts=rules), market, **options)
    # As the ledger does, the amount of a row is rounded half-even to 1e-8.
    amounts = (Decimal(q * p) for q, p in frame.select("quantity", "price").iter_rows())
    stated = pl.Series("amount", [value.quantize(Decimal("1e-8")) for value in amounts], dtype=TRADE_SCHEMA["amount"])
    found = match_lots(trades(frame.with_columns(stated)), method=method, splits=given_splits)
    names = "sell_id", "buy_id", "bought_on", "sold_on", "quantity", "cost", "proceeds", "gain", "term", "days_held"
    expected = [
        tuple(
            getattr(row, {"cost": "cost_base", "proceeds": "proceeds_base", "gain": "gain_base"}.get(name, name))
            for name in names
        )
        for row in view.realized_gains
    ]
    assert sorted(rows(found.realized, *names)) == sorted(expected)
    gross = {r.sell_id + r.buy_id: r.gain_before_fees_taxes_base for r in view.realized_gains}
    assert gross == {
        r[0]: r[1] for r in found.realized.select(pl.col("sell_id") + pl.col("buy_id"), "gain_before_fees_taxes").rows()
    }
    left = [(h.account, h.symbol, o.transaction_id, o.quantity, o.cost_base) for h in view.holdings for o in h.lots]
    assert sorted(rows(found.open, "account", "symbol", "buy_id", "quantity", "cost")) == sorted(left)
