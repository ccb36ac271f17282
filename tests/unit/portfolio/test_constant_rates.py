"""Returns with exchange rates held constant: what prices made, and what rates made."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statements import accounts, day, fx, prices, transactions, view

from pipelines.portfolio.constant_rates import constant_rate_growth
from pipelines.portfolio.frames import LedgerFrames, MarketFrames

CASH = accounts(("A", "EUR", True, False))
DOLLAR = "EUR/USD 2020-01-01 2\nEUR/USD 2020-01-02 1.6"  # a dollar is 0.50, then 0.625


def grown(ledger, market, rates, *, as_of, rules=None, base="EUR", since=None):
    frames = {"transactions": transactions(ledger)} | ({} if rules is None else {"accounts": rules})
    found = constant_rate_growth(
        LedgerFrames(**frames),
        MarketFrames(prices=prices(market), fx=fx(rates)),
        as_of=day(as_of),
        base_currency=base,
        since=since and day(since),
    )
    return found.row(-1, named=True)


def test_what_a_rate_makes_is_told_from_what_a_price_makes():
    last = grown(
        "2020-01-01 BUY BOLT 10 @ 10 currency=USD",
        "BOLT 2020-01-01 10 USD\nBOLT 2020-01-02 11 USD",
        DOLLAR,
        as_of="2020-01-02",
    )
    assert last["growth"] == pytest.approx(1.1 * 1.25)
    assert last["growth_constant_rates"] == pytest.approx(1.1)


def test_a_period_begins_at_the_close_of_its_first_day():
    rates = f"{DOLLAR}\nEUR/USD 2020-01-03 1.25"  # 0.8 on the third
    asked = (
        "2020-01-01 BUY BOLT 10 @ 10 currency=USD\n2020-01-01 DEPOSIT 100 currency=USD",
        "BOLT 2020-01-01 10 USD\nBOLT 2020-01-02 11 USD\nBOLT 2020-01-03 22 USD",
        rates,
    )
    last = grown(*asked, as_of="2020-01-03", since="2020-01-02", rules=accounts(("A", "USD", False, False)))
    assert last["growth"] == pytest.approx(2 * 1.28)
    assert last["growth_constant_rates"] == pytest.approx(2)
    cash = grown(*asked, as_of="2020-01-03", since="2020-01-02", rules=CASH)
    whole = grown(*asked, as_of="2020-01-03", rules=CASH)
    before = grown(*asked, as_of="2020-01-02", rules=CASH)
    for name in ("growth", "growth_constant_rates"):
        assert cash[name] == pytest.approx(whole[name] / before[name])


def test_only_what_is_held_in_another_currency_moves_with_its_rate():
    last = grown(
        "2020-01-01 BUY BOLT 10 @ 10 currency=USD\n2020-01-01 BUY ACME 10 @ 5",
        "BOLT 2020-01-01 10 USD\nBOLT 2020-01-02 10 USD\nACME 2020-01-01 5\nACME 2020-01-02 5",
        DOLLAR,
        as_of="2020-01-02",
    )
    assert last["growth"] == pytest.approx(1.125)
    assert last["growth_constant_rates"] == pytest.approx(1)


def test_cash_in_another_currency_counts_and_a_conversion_is_no_return():
    last = grown(
        "2020-01-01 DEPOSIT 100\n2020-01-01 FX_CONVERSION 100 to_amount=200 to_currency=USD\n"
        "2020-01-02 FX_CONVERSION 200 currency=USD to_amount=125 to_currency=EUR",
        "ACME 2020-01-01 1\nACME 2020-01-02 1",
        DOLLAR,
        as_of="2020-01-02",
        rules=CASH,
    )
    assert last["growth"] == pytest.approx(1.25)
    assert last["growth_constant_rates"] == pytest.approx(1)


def test_in_the_base_currency_alone_it_is_the_return():
    last = grown("2020-01-01 BUY ACME 1 @ 5", "ACME 2020-01-01 5\nACME 2020-01-02 6", DOLLAR, as_of="2020-01-02")
    assert last["growth"] == last["growth_constant_rates"] == pytest.approx(1.2)


AMOUNTS = st.lists(st.integers(1, 9), min_size=6, max_size=6)


@settings(max_examples=20)
@given(closes=AMOUNTS, rates=AMOUNTS, bought=AMOUNTS)
def test_of_what_is_all_in_one_foreign_currency_it_is_the_return_in_that_currency(closes, rates, bought):
    days = [f"2020-01-0{number}" for number in range(1, 7)]
    ledger = "\n".join(f"{on} BUY BOLT {units} @ 5 currency=USD" for on, units in zip(days, bought, strict=True))
    market = "\n".join(f"BOLT {on} {close} USD" for on, close in zip(days, closes, strict=True))
    euro = "\n".join(f"EUR/USD {on} {rate}" for on, rate in zip(days, rates, strict=True))
    rules = accounts(("A", "USD", False, False))
    found = grown(ledger, market, euro, as_of=days[-1], rules=rules)
    own = view(ledger, market, rates=euro, as_of=days[-1], base="USD", rules=rules)
    assert found["growth_constant_rates"] == pytest.approx(1 + own.summary.twr, rel=1e-6)


def test_it_is_the_growth_of_the_view():
    shown = view("2020-01-01 BUY ACME 1 @ 5", "ACME 2020-01-01 5\nACME 2020-01-02 6", as_of="2020-01-02")
    last = grown("2020-01-01 BUY ACME 1 @ 5", "ACME 2020-01-01 5\nACME 2020-01-02 6", DOLLAR, as_of="2020-01-02")
    assert last["growth"] - 1 == pytest.approx(shown.summary.twr)
