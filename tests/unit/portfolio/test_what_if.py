"""What a transaction would do, without touching the ledger."""

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest
from statements import D, day, prices, transactions, view

from pipelines.portfolio.complete import complete_view
from pipelines.portfolio.errors import FrameError, NoPriceError, OversoldError
from pipelines.portfolio.frames import SYMBOL_SCHEMA, LedgerFrames, MarketFrames
from pipelines.portfolio.models import CostMethod
from pipelines.portfolio.transactions import transactions_of
from pipelines.portfolio.what_if import Sale, preview_sale, proposed

LEDGER = """
2019-01-02 BUY ACME 10 @ 10
2020-01-02 BUY ACME 10 @ 30
2020-06-01 BUY ACME 10 @ 20
"""
MARKET = "ACME 2020-12-01 40"


def frames(ledger=LEDGER, market=MARKET):
    return LedgerFrames(transactions=transactions(ledger)), MarketFrames(prices=prices(market))


def previewed(quantity, **options):
    sale = Sale(account="A", symbol="ACME", quantity=D(quantity), date=day("2020-12-01"), **options)
    found = preview_sale(*frames(), sale, base_currency="EUR")
    return {row.cost_method: row for row in found}


def test_a_sale_under_each_method_side_by_side():
    gains = {method.value: row.gain_base for method, row in previewed(10).items()}
    assert gains == {"fifo": D(300), "lifo": D(200), "hifo": D(100), "average": D(200)}


def test_a_gain_is_told_by_term():
    fifo = previewed(15)[CostMethod.FIFO]
    assert (fifo.long_term_gain_base, fifo.short_term_gain_base) == (D(300), D(50))
    assert fifo.remaining_cost_base == D(150 + 200)
    assert [lot.buy_id for lot in fifo.lots] == ["t1", "t2"]


def test_price_fee_and_tax_of_the_sale_count():
    assert previewed(10, price=D(50), fee=D(5), tax=D(7))[CostMethod.FIFO].gain_base == D(400 - 12)


def test_what_was_sold_before_stays_as_the_portfolio_matched_it():
    sold = f"{LEDGER}\n2020-07-01 SELL ACME 10 @ 1"
    sale = Sale(account="A", symbol="ACME", quantity=D(10), date=day("2020-12-01"))
    ledger, market = frames(sold)
    (lifo,) = preview_sale(ledger, market, sale, base_currency="EUR", methods=[CostMethod.LIFO])
    assert [lot.buy_id for lot in lifo.lots] == ["t3"]
    (fifo,) = preview_sale(ledger, market, sale, base_currency="EUR", methods=[CostMethod.FIFO])
    assert [lot.buy_id for lot in fifo.lots] == ["t2"]  # the oldest is gone


EARLIER_THAT_DAY = """
2020-01-02 BUY ACME 5 @ 10
2020-01-03 BUY ACME 5 @ 20
2020-12-01 SELL ACME 5 @ 40 time=10:00
"""


def test_a_sale_comes_after_those_that_say_when_they_were_that_day():
    ledger, market = frames(EARLIER_THAT_DAY)
    sale = Sale(account="A", symbol="ACME", quantity=D(5), date=day("2020-12-01"))
    (fifo,) = preview_sale(ledger, market, sale, base_currency="EUR", methods=[CostMethod.FIFO])
    assert (fifo.cost_base, fifo.remaining_cost_base) == (D(100), D(0))  # the lot at 10 is gone
    with pytest.raises(OversoldError):
        preview_sale(ledger, market, replace(sale, quantity=D(10)), base_currency="EUR")


def test_a_proposed_row_that_says_when_counts_then():
    ledger, _ = frames(EARLIER_THAT_DAY)
    rows = (
        transactions("2020-12-01 SELL ACME 5 @ 40 time=09:00").drop("sequence").with_columns(transaction_id=pl.lit("p"))
    )
    early, late = proposed(ledger, rows), proposed(ledger, rows.drop("time"))
    order = [[row.transaction_id for row in transactions_of(frame.transactions)][-2:] for frame in (early, late)]
    assert order == [["p", "t3"], ["t3", "p"]]


def test_one_lot_can_be_named():
    sale = Sale(account="A", symbol="ACME", quantity=D(4), date=day("2020-12-01"), lot_id="t2")
    (row,) = preview_sale(*frames(), sale, base_currency="EUR", methods=[CostMethod.SPECIFIC])
    assert row.gain_base == D(40)


def test_income_later_that_day_does_not_get_in_the_way():
    ledger, market = frames(f"{LEDGER}\n2020-12-01 DIVIDEND ACME 5")
    sale = Sale(account="A", symbol="ACME", quantity=D(10), date=day("2020-12-01"))
    assert preview_sale(ledger, market, sale, base_currency="EUR")[0].gain_base == D(300)


def test_more_than_is_held_is_refused():
    with pytest.raises(OversoldError):
        previewed(31)


def test_without_any_price_one_must_be_given():
    ledger, market = frames(market="BOLT 2020-12-01 40")
    sale = Sale(account="A", symbol="ACME", quantity=D(1), date=day("2020-12-01"))
    with pytest.raises(NoPriceError, match="no price of ACME"):
        preview_sale(ledger, market, sale, base_currency="EUR")


def master(symbol, price, at):
    row = {"symbol": symbol, "currency": "EUR", "last_price": D(price), "last_price_at": at}
    return pl.DataFrame([dict.fromkeys(SYMBOL_SCHEMA) | row], schema=SYMBOL_SCHEMA)


@pytest.mark.parametrize("closes", [MARKET.replace("12-01", "11-30"), "BOLT 2020-12-01 40"])
def test_the_price_that_counts_on_the_day_may_be_the_masters(closes):
    ledger, market = frames(market=closes)
    symbols = master("ACME", 50, dt.datetime(2020, 12, 1, 10, tzinfo=dt.UTC))
    sale = Sale(account="A", symbol="ACME", quantity=D(10), date=day("2020-12-01"))
    assert preview_sale(ledger, replace(market, symbols=symbols), sale, base_currency="EUR")[0].gain_base == 400


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("quantity", D("1.00000000001")),
        ("quantity", 1.5),
        ("quantity", D("NaN")),
        ("price", D("1.000000001")),
        ("fee", 0.1),
        ("tax", D("1e-9")),
    ],
)
def test_a_sale_that_would_be_rounded_is_refused(column, value):
    sale = Sale(**{"account": "A", "symbol": "ACME", "quantity": D(1), "date": day("2020-12-01"), column: value})
    with pytest.raises(FrameError, match=r"the sale: row 1, .*a Decimal of at most") as refused:
        preview_sale(*frames(), sale, base_currency="EUR")
    assert refused.value.column == column
    assert refused.value.found is value


@pytest.mark.parametrize(
    ("column", "values", "row"),
    [
        ("quantity", [D(5), D("1.00000000005")], 2),
        ("quantity", [None, 1.5], None),
        ("amount", [D(1), D("1e-9")], 2),
        ("price", [D(1), D(10) ** 20], None),
        ("fee", [None, "1"], None),
    ],
)
def test_proposed_rows_that_would_be_rounded_are_refused(column, values, row):
    ledger, _ = frames()
    given = {"date": [day("2020-12-01")] * 2, "type": "BUY", "account": "A", "currency": "EUR", column: values}
    with pytest.raises(FrameError, match="proposed rows") as refused:
        proposed(ledger, pl.DataFrame(given))
    assert (refused.value.column, refused.value.row) == (column, row)


def test_proposed_whole_numbers_are_taken():
    ledger, _ = frames()
    rows = pl.DataFrame({"date": [day("2020-12-01")], "type": "BUY", "account": "A", "quantity": 5, "currency": "EUR"})
    assert proposed(ledger, rows).transactions["quantity"][-1] == 5


def test_proposed_rows_come_on_top_and_the_ledger_stays():
    ledger, market = frames()
    rows = pl.DataFrame(
        [{"date": day("2020-12-01"), "type": "BUY", "account": "A", "symbol": "ACME", "quantity": D(5), "price": D(40)}]
    ).with_columns(currency=pl.lit("EUR"))
    thought = complete_view(proposed(ledger, rows), market, as_of=day("2020-12-01"), base_currency="EUR")
    (holding,) = thought.holdings
    assert (holding.quantity, holding.lots[-1].transaction_id) == (35, "proposed 1")
    assert view(LEDGER, MARKET, as_of="2020-12-01").holdings[0].quantity == 30
