"""What people say of instruments: names and sectors, and what they cost on a day."""

import datetime as dt
from decimal import Decimal

import pytest

from warehouse.ledger import ChangedMeanwhileError, InvalidValueError, NotFoundError

DAY = dt.date(2024, 6, 28)


@pytest.fixture
def key(portfolio):
    return portfolio.portfolio_id


def described(mine, key):
    return mine.frames(key).overrides.select("symbol", "name", "sector").rows()


def priced(mine, key):
    return mine.frames(key).prices.rows()


def test_what_is_said_last_counts_and_nothing_takes_it_back(mine, key):
    mine.describe_symbol(key, "ACME", {"name": "Acme", "sector": "Tools"})
    mine.describe_symbol(key, "ACME", {"sector": "Anvils"})
    assert described(mine, key) == [("ACME", None, "Anvils")]
    mine.describe_symbol(key, "ACME", {})
    assert described(mine, key) == []
    assert mine.portfolio(key).version == 4
    mine.describe_symbol(key, "ACME", {})
    assert mine.portfolio(key).version == 4
    assert [event.action for event in mine.events(key, "symbol_override")] == ["added", "changed", "deleted"]


def test_a_close_is_stated_changed_and_taken_back_exactly(mine, key):
    mine.state_price(key, "HOUSE", DAY, Decimal("1234.00000001"), "EUR")
    mine.state_price(key, "HOUSE", DAY, Decimal(99), "USD")
    assert priced(mine, key) == [("HOUSE", DAY, Decimal(99), "USD")]
    mine.state_price(key, "HOUSE", DAY, None, "USD")
    assert priced(mine, key) == []


@pytest.mark.parametrize(
    ("close", "currency", "column"),
    [
        (Decimal(0), "EUR", "close"),
        (Decimal(-1), "EUR", "close"),
        (1.5, "EUR", "close"),
        (Decimal("0.000000001"), "EUR", "close"),
        (Decimal("NaN"), "EUR", "close"),
        (Decimal(1), "GBp", "currency"),
    ],
)
def test_what_is_no_price_is_refused(mine, key, close, currency, column):
    with pytest.raises(InvalidValueError) as refused:
        mine.state_price(key, "HOUSE", DAY, close, currency)
    assert refused.value.column == column
    assert priced(mine, key) == []


def test_only_names_can_be_said(mine, key):
    for said in ({"isin": "DE0007164600"}, {"sector": " padded"}, {"name": ""}):
        with pytest.raises(InvalidValueError):
            mine.describe_symbol(key, "ACME", said)
    assert mine.portfolio(key).version == 1


def test_the_second_of_two_who_say_something_else_is_refused(mine, key):
    nothing = dict.fromkeys(("name", "asset_class", "sector", "industry", "country", "region"))
    mine.describe_symbol(key, "ACME", {"name": "Acme"}, seen=nothing)
    with pytest.raises(ChangedMeanwhileError):
        mine.describe_symbol(key, "ACME", {"name": "Other"}, seen=nothing)
    mine.state_price(key, "ACME", DAY, Decimal(1), "EUR")
    with pytest.raises(ChangedMeanwhileError):
        mine.state_price(key, "ACME", DAY, Decimal(3), "EUR", seen={"close": Decimal(2), "currency": "EUR"})
    assert priced(mine, key) == [("ACME", DAY, Decimal(1), "EUR")]


def test_both_can_be_undone_and_are_known_from_the_trail(mine, key):
    mine.describe_symbol(key, "ACME", {"name": "Acme"})
    mine.state_price(key, "ACME", DAY, Decimal("1.5"), "EUR")
    now = mine.frames(key)
    mine.state_price(key, "ACME", DAY, Decimal(2), "EUR")
    mine.describe_symbol(key, "ACME", {})
    for version in (5, 6):
        mine.undo(key, expected_version=version)
    assert mine.frames(key).overrides.equals(now.overrides)
    assert mine.frames(key).prices.equals(now.prices)
    known = mine.frames_as_known(key, dt.datetime(2030, 1, 1, tzinfo=dt.UTC))
    assert known.overrides.equals(now.overrides)
    assert known.prices.equals(now.prices)
    for version in (7, 8):
        mine.undo(key, expected_version=version)
    assert mine.frames(key).overrides.is_empty()
    assert mine.frames(key).prices.is_empty()


def test_they_are_one_users_own_and_in_the_mirror(ledger, mine, key):
    mine.state_price(key, "ACME", DAY, Decimal(1), "EUR")
    with pytest.raises(NotFoundError):
        ledger.for_user("you").state_price(key, "ACME", DAY, Decimal(2), "EUR")
    with pytest.raises(NotFoundError):
        ledger.for_user("you").describe_symbol(key, "ACME", {"name": "x"})
    assert ledger.mirror()["manual_prices"].rows() == [(key, "ACME", DAY, Decimal(1), "EUR")]
    mine.delete_portfolio(key)
    assert ledger.mirror()["manual_prices"].is_empty()
