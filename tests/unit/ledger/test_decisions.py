"""What is decided about dividends, and the weights that are aimed at."""

import datetime as dt
from decimal import Decimal

import pytest

from warehouse.ledger import ChangedMeanwhileError, DueDividend, InvalidValueError, NotFoundError

DUE = DueDividend("Depot", "ACME", dt.date(2024, 3, 1))
PAID = {"type": "DIVIDEND", "date": dt.date(2024, 3, 5), "quantity": None, "price": None, "fee": Decimal(0)}


@pytest.fixture
def key(mine, portfolio, bought):
    mine.add_transactions(portfolio.portfolio_id, bought({}), source="x")
    return portfolio.portfolio_id


def test_a_confirmed_dividend_is_a_transaction_and_a_decision_of_one_change(mine, key, bought):
    version = mine.portfolio(key).version
    made = mine.confirm_dividend(key, DUE, bought(PAID | {"tax": Decimal(2)}))
    stated = mine.frames(key)
    assert stated.decisions.rows() == [("Depot", "ACME", DUE.ex_date, "confirmed", made)]
    assert stated.transactions.row(-1, named=True)["transaction_id"] == made
    assert stated.transactions.row(-1, named=True)["tax"] == 2
    assert mine.portfolio(key).version == version + 1


def test_nothing_is_decided_twice_and_nothing_is_half_taken(mine, key, bought):
    mine.reject_dividend(key, DUE)
    with pytest.raises(InvalidValueError, match="not rejected already"):
        mine.confirm_dividend(key, DUE, bought(PAID))
    assert mine.frames(key).transactions.height == 1
    mine.withdraw_decision(key, DUE)
    assert mine.confirm_dividend(key, DUE, bought(PAID), edited=True)
    assert mine.frames(key).decisions["state"].to_list() == ["edited"]
    with pytest.raises(NotFoundError):
        mine.withdraw_decision(key, DueDividend("Depot", "BOLT", DUE.ex_date))


@pytest.mark.parametrize("how", ["withdraw", "delete"])
def test_a_decision_goes_with_its_transaction(mine, key, bought, how):
    made = mine.confirm_dividend(key, DUE, bought(PAID))
    if how == "withdraw":
        mine.withdraw_decision(key, DUE)
    else:
        mine.delete_transaction(key, made)
    stated = mine.frames(key)
    assert (stated.decisions.height, stated.transactions.height) == (0, 1)
    known = mine.frames_as_known(key, dt.datetime.max.replace(tzinfo=dt.UTC))
    assert all(one.equals(other) for one, other in zip(known, stated, strict=True))


def test_what_was_decided_is_known_again(mine, key, bought):
    mine.confirm_dividend(key, DUE, bought(PAID))
    mine.set_targets(key, "symbol", {"ACME": Decimal("0.6"), "Cash": Decimal("0.4")})
    known = mine.frames_as_known(key, dt.datetime.max.replace(tzinfo=dt.UTC))
    assert all(one.equals(other) for one, other in zip(known, mine.frames(key), strict=True))


def test_targets_take_the_place_of_those_there_were(mine, key):
    mine.set_targets(key, "symbol", {"ACME": Decimal("0.6")})
    mine.set_targets(key, "symbol", {"BOLT": Decimal("0.25")})
    assert mine.frames(key).targets.rows() == [("symbol", "BOLT", Decimal("0.25"))]
    version = mine.portfolio(key).version
    mine.set_targets(key, "symbol", {"BOLT": Decimal("0.25")})
    assert mine.portfolio(key).version == version
    mine.set_targets(key, "symbol", {})
    assert mine.frames(key).targets.is_empty()


def test_targets_that_are_others_than_were_seen_are_left(mine, key):
    mine.set_targets(key, "symbol", {"ACME": Decimal("0.6")}, seen={})
    for seen in ({}, {"ACME": Decimal("0.5")}, {"ACME": Decimal("0.6"), "BOLT": Decimal("0.1")}):
        with pytest.raises(ChangedMeanwhileError, match="targets"):
            mine.set_targets(key, "symbol", {"BOLT": Decimal("0.25")}, seen=seen)
    mine.set_targets(key, "symbol", {"BOLT": Decimal("0.25")}, seen={"ACME": Decimal("0.60")})
    assert mine.frames(key).targets.rows() == [("symbol", "BOLT", Decimal("0.25"))]


@pytest.mark.parametrize("targets", [{"A": Decimal("0.7"), "B": Decimal("0.4")}, {"A": Decimal("-0.1")}, {"A": 0.5}])
def test_targets_that_make_no_whole_are_refused(mine, key, targets):
    with pytest.raises(InvalidValueError):
        mine.set_targets(key, "symbol", targets)
    assert mine.frames(key).targets.is_empty()


def test_another_users_dividends_are_not_there(ledger, key):
    with pytest.raises(NotFoundError):
        ledger.for_user("you").reject_dividend(key, DUE)
