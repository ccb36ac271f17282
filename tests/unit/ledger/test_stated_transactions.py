"""Transactions: all or none, exact, recorded, and one version a change."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.portfolio.transactions import Kind
from tests.unit.ledger.conftest import NOON
from warehouse.errors import FrameMismatchError
from warehouse.ledger import (
    DuplicateExternalIdError,
    ImportResult,
    InvalidValueError,
    NotFoundError,
    StaleVersionError,
)
from warehouse.ledger.checks import TRANSACTION_TYPES
from warehouse.schema import ledger as declared


def test_rows_come_back_as_they_were_given(mine, portfolio, bought):
    key = portfolio.portfolio_id
    rows = bought(
        {"quantity": Decimal("0.0000000001"), "amount": Decimal("123456789012345.12345678"), "price": None},
        {"time": dt.time(9, 30, 15, 250), "settle_date": dt.date(2024, 1, 4), "note": 'a, "b"\nc', "external_id": "1"},
    )
    assert mine.add_transactions(key, rows, source="trades.csv") == ImportResult(added=2, unchanged=0, version=2)
    stored = mine.transactions(key)
    assert stored.schema == declared.TRANSACTIONS.polars_schema
    assert stored.select(rows.columns).equals(rows)
    assert stored["sequence"].to_list() == [1, 2]
    assert stored["transaction_id"].n_unique() == 2


@pytest.mark.parametrize("name", ["amount", "fee", "tax"])
def test_what_sums_would_have_no_room_for_is_refused(mine, portfolio, bought, name):
    with pytest.raises(InvalidValueError, match="at most 15 digits before the point"):
        mine.add_transactions(portfolio.portfolio_id, bought({name: Decimal(10**15)}), source="x")


def test_accounts_that_rows_name_are_made(mine, portfolio, bought):
    key = portfolio.portfolio_id
    mine.put_account(key, "Depot", currency="USD")
    mine.add_transactions(key, bought({}, {"type": "TRANSFER", "to_account": "Other"}), source="x")
    assert [(one.account, one.currency) for one in mine.accounts(key)] == [("Depot", "USD"), ("Other", None)]


def test_the_engines_frames_have_no_portfolio(mine, portfolio, bought):
    key = portfolio.portfolio_id
    mine.add_transactions(key, bought({}), source="x")
    transactions, accounts, *_ = mine.frames(key)
    assert transactions.equals(mine.transactions(key).drop("portfolio_id"))
    assert accounts.rows() == [("Depot", None, None, False)]


def test_the_mirror_has_what_everybody_states(ledger, mine, portfolio, bought):
    mine.add_transactions(portfolio.portfolio_id, bought({}), source="x")
    yours = ledger.for_user("you")
    theirs = yours.create_portfolio("Savings", "USD")
    yours.add_transactions(theirs.portfolio_id, bought({}, {}), source="x")
    mirror = ledger.mirror()
    for table in declared.TABLES:
        assert mirror[table.name].schema == table.polars_schema
    assert mirror["transactions"].height == 3
    assert dict(mirror["portfolios"].select("portfolio_id", "version").rows()) == ledger.versions()
    assert set(mirror["portfolios"]["owner_id"]) == {"me", "you"}


def test_the_same_external_id_with_the_same_content_changes_nothing(mine, portfolio, bought):
    key = portfolio.portfolio_id
    mine.add_transactions(key, bought({"external_id": "1"}), source="x")
    again = mine.add_transactions(key, bought({"external_id": "1"}), source="x")
    assert again == ImportResult(added=0, unchanged=1, version=2)
    more = mine.add_transactions(key, bought({"external_id": "1"}, {"external_id": "2"}), source="x")
    assert more == ImportResult(added=1, unchanged=1, version=3)
    assert mine.transactions(key).height == 2
    assert len(mine.imports(key)) == 2


def test_the_same_external_id_with_other_content_takes_nothing(ledger, mine, portfolio, bought):
    key = portfolio.portfolio_id
    mine.add_transactions(key, bought({"external_id": "1"}), source="x")
    before = (ledger.versions(), len(mine.events(key)))
    with pytest.raises(DuplicateExternalIdError) as caught:
        mine.add_transactions(
            key, bought({"external_id": "2"}, {"external_id": "1", "fee": Decimal(2), "note": "!"}), source="x"
        )
    assert (caught.value.external_id, caught.value.columns) == ("1", ("fee", "note"))
    assert caught.value.transaction_id == mine.transactions(key)["transaction_id"][0]
    assert (ledger.versions(), len(mine.events(key))) == before
    assert mine.transactions(key).height == 1


def test_an_external_id_twice_in_the_rows_takes_nothing(mine, portfolio, bought):
    with pytest.raises(DuplicateExternalIdError):
        mine.add_transactions(portfolio.portfolio_id, bought({"external_id": "1"}, {"external_id": "1"}), source="x")
    assert mine.transactions(portfolio.portfolio_id).is_empty()


def test_two_portfolios_can_have_one_external_id(mine, portfolio, bought):
    other = mine.create_portfolio("Other", "EUR")
    for key in (portfolio.portfolio_id, other.portfolio_id):
        assert mine.add_transactions(key, bought({"external_id": "1"}), source="x").added == 1


def test_a_file_is_known_by_its_hash_until_all_of_it_is_deleted(mine, portfolio, bought):
    key = portfolio.portfolio_id
    file = {"source": "trades.csv", "sha256": "ab" * 32}
    assert mine.add_transactions(key, bought({}, {}), **file).added == 2
    assert mine.add_transactions(key, bought({}, {}), **file) == ImportResult(added=0, unchanged=2, version=2)
    for transaction_id in mine.transactions(key)["transaction_id"]:
        mine.delete_transaction(key, transaction_id)
    assert mine.add_transactions(key, bought({}, {}), **file).added == 2
    assert mine.transactions(key)["sequence"].to_list() == [3, 4]
    imports = mine.imports(key)
    assert [(one.file_name, one.sha256, one.rows, one.added) for one in imports] == [
        ("trades.csv", "ab" * 32, 2, 2)
    ] * 2
    assert imports[0].imported_at == NOON


@pytest.mark.parametrize(
    "change",
    [
        {"type": "PURCHASE"},
        {"quantity": Decimal(-1)},
        {"fee": Decimal(-1)},
        {"account": ""},
        {"currency": "euro"},
        {"currency": "GBX"},
        {"to_currency": "$"},
        {"to_account": ""},
        {"symbol": " ACME"},
        {"external_id": ""},
    ],
    ids=str,
)
def test_rows_that_no_transaction_is_are_refused(mine, portfolio, bought, change):
    key = portfolio.portfolio_id
    with pytest.raises(InvalidValueError) as caught:
        mine.add_transactions(key, bought({}, change), source="x")
    assert (caught.value.column, caught.value.value) == next(iter(change.items()))
    assert mine.transactions(key).is_empty()
    assert mine.portfolio(key).version == 1


def test_floats_and_unknown_columns_are_refused(mine, portfolio, bought):
    for frame in (
        bought({}).with_columns(pl.col("amount").cast(pl.Float64)),
        bought({}).with_columns(color=pl.lit("red")),
        bought({}).drop("currency"),
    ):
        with pytest.raises(FrameMismatchError):
            mine.add_transactions(portfolio.portfolio_id, frame, source="x")


def test_the_ledger_and_the_engine_know_the_same_types():
    assert set(Kind) == TRANSACTION_TYPES


def test_no_rows_are_no_change(mine, portfolio, bought):
    assert mine.add_transactions(portfolio.portfolio_id, bought().clear(), source="x").version == 1
    assert mine.imports(portfolio.portfolio_id) == []


def test_a_transaction_is_changed_with_its_event_and_one_version(mine, portfolio, bought):
    key = portfolio.portfolio_id
    mine.add_transactions(key, bought({}), source="x")
    transaction_id = mine.transactions(key)["transaction_id"][0]
    row = mine.update_transaction(key, transaction_id, {"quantity": Decimal("10.5"), "account": "Other"})
    assert (row["quantity"], mine.transactions(key)["quantity"][0]) == (Decimal("10.5"), Decimal("10.5"))
    assert mine.portfolio(key).version == 3
    assert [one.account for one in mine.accounts(key)] == ["Depot", "Other"]
    event = mine.events(key)[-1]
    assert (event.at, event.user_id, event.action, event.entity_id) == (NOON, "me", "changed", transaction_id)
    assert (event.before["quantity"], event.after["quantity"]) == ("10", "10.5")
    mine.update_transaction(key, transaction_id, {"quantity": Decimal("10.50")})
    assert mine.portfolio(key).version == 3


@pytest.mark.parametrize(
    "changes",
    [
        {"quantity": 10.5},
        {"quantity": 10},
        {"quantity": Decimal("1.00000000001")},
        {"quantity": Decimal("NaN")},
        {"quantity": Decimal(-1)},
        {"price": Decimal(10**12)},
        {"date": "2024-01-02"},
        {"date": NOON},
        {"date": None},
        {"symbol": 5},
        {"fee": None},
        {"type": "GIFT"},
        {"sequence": 9},
        {"portfolio_id": "other"},
    ],
    ids=str,
)
def test_a_change_that_no_transaction_takes_is_refused(mine, portfolio, bought, changes):
    key = portfolio.portfolio_id
    mine.add_transactions(key, bought({}), source="x")
    before = mine.transactions(key)
    with pytest.raises(InvalidValueError) as caught:
        mine.update_transaction(key, before["transaction_id"][0], changes)
    assert caught.value.column == next(iter(changes))
    assert mine.transactions(key).equals(before)
    assert mine.portfolio(key).version == 2


def test_a_change_cannot_take_anothers_external_id(mine, portfolio, bought):
    key = portfolio.portfolio_id
    mine.add_transactions(key, bought({"external_id": "1"}, {"external_id": "2"}), source="x")
    with pytest.raises(DuplicateExternalIdError):
        mine.update_transaction(key, mine.transactions(key)["transaction_id"][0], {"external_id": "2"})


def test_a_deleted_transaction_is_in_the_trail(mine, portfolio, bought):
    key = portfolio.portfolio_id
    mine.add_transactions(key, bought({}, {}), source="x")
    first, second = mine.transactions(key)["transaction_id"]
    mine.delete_transaction(key, first)
    assert mine.transactions(key)["transaction_id"].to_list() == [second]
    assert mine.portfolio(key).version == 3
    event = mine.events(key)[-1]
    assert (event.action, event.entity_id, event.after) == ("deleted", first, None)
    assert event.before["amount"] == "50"
    for call in (mine.delete_transaction, lambda *key: mine.update_transaction(*key, {"note": "x"})):
        with pytest.raises(NotFoundError):
            call(key, first)


def test_who_looked_at_an_older_version_changes_nothing(mine, portfolio, bought):
    key = portfolio.portfolio_id
    mine.add_transactions(key, bought({}), source="x", expected_version=1)
    transaction_id = mine.transactions(key)["transaction_id"][0]
    for call in (
        lambda: mine.add_transactions(key, bought({}), source="x", expected_version=1),
        lambda: mine.update_transaction(key, transaction_id, {"note": "x"}, expected_version=1),
        lambda: mine.delete_transaction(key, transaction_id, expected_version=1),
    ):
        with pytest.raises(StaleVersionError) as caught:
            call()
        assert (caught.value.expected, caught.value.actual) == (1, 2)
    assert mine.portfolio(key).version == 2


def test_the_trail_tells_every_row(mine, portfolio, bought):
    key = portfolio.portfolio_id
    mine.add_transactions(key, bought({}, {"quantity": Decimal("2.50")}), source="x")
    told = [(event.action, event.entity) for event in mine.events(key)]
    assert told == [("added", "portfolio"), ("added", "account"), ("added", "transaction"), ("added", "transaction")]
    assert mine.events(key)[-1].after == {
        "date": "2024-01-02",
        "type": "BUY",
        "account": "Depot",
        "symbol": "ACME",
        "quantity": "2.5",
        "price": "5",
        "amount": "50",
        "fee": "1",
        "tax": "0",
        "currency": "EUR",
    }


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    quantity=st.decimals(0, 10**14 - 1, places=10, allow_nan=False),
    amount=st.decimals(0, 10**15 - 1, places=8, allow_nan=False),
)
def test_no_digit_is_lost_in_the_ledger(mine, portfolio, bought, quantity, amount):
    key = portfolio.portfolio_id
    mine.add_transactions(key, bought({"quantity": quantity, "amount": amount}), source="x")
    stored = mine.transactions(key)
    assert (stored["quantity"][-1], stored["amount"][-1]) == (quantity, amount)
