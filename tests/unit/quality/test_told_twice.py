"""Two amounts of one ex-date: neither is taken before a person says which, or both."""

from decimal import Decimal

from fetches import DAY, closes, dividend, fetch, known, symbol
from test_admission import NEVER, opened

from pipelines.quality.admission import admit
from warehouse.schema import market

KNOWN = known(prices=closes(*[100] * 20), symbols=[symbol()])


def told(*amounts, own=(), past=NEVER):
    paid = [dividend(amount=amount, source="alphavantage") for amount in amounts]
    stated = [dividend(amount=amount, source="inbox") for amount in own]
    return admit(fetch(dividends=[*paid, *stated]), market.SYMBOLS.empty(), KNOWN, past, today=DAY)


def test_two_amounts_wait_until_a_person_says_what_was_paid():
    waiting = told("1.10", "0.05")
    assert waiting.believed.dividends.is_empty()
    assert "2 rows of one day, amount 1.1 and 0.05" in waiting.held["reason"].to_list()
    stated = told("1.10", "0.05", own=["1.15"], past=opened(waiting))
    assert Decimal("1.15") in stated.believed.dividends["amount"].to_list()
    assert stated.held.is_empty()


def test_one_amount_is_taken():
    assert told("1.10").believed.dividends["amount"].to_list() == [Decimal("1.10")]
