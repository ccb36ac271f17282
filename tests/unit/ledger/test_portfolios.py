"""Portfolios and accounts: whose they are, what they take, what is recorded of them."""

import sqlite3

import pytest

from warehouse.ledger import (
    Account,
    DuplicateNameError,
    InvalidValueError,
    Ledger,
    NotFoundError,
    WrongKindError,
)


def test_a_new_portfolio_is_found_by_name_and_by_id(mine):
    made = mine.create_portfolio("Savings", "EUR", cost_method="average", benchmark="^GSPC")
    assert (made.version, made.owner_id, made.cost_method, made.benchmark) == (1, "me", "average", "^GSPC")
    assert mine.portfolio("Savings") == mine.portfolio(made.portfolio_id) == made
    assert mine.portfolios() == [made]


def test_two_users_can_use_one_name_one_user_cannot(ledger, mine, portfolio):
    assert ledger.for_user("you").create_portfolio("Savings", "USD").portfolio_id != portfolio.portfolio_id
    with pytest.raises(DuplicateNameError):
        mine.create_portfolio("Savings", "USD")
    other = mine.create_portfolio("Other", "USD")
    with pytest.raises(DuplicateNameError):
        mine.update_portfolio(other.portfolio_id, name="Savings")


def test_names_of_portfolios_differ_by_more_than_case(mine, portfolio):
    with pytest.raises(DuplicateNameError, match="'Savings' already"):
        mine.create_portfolio("savings", "USD")
    other = mine.create_portfolio("Other", "USD")
    with pytest.raises(DuplicateNameError):
        mine.update_portfolio(other.portfolio_id, name="SAVINGS")
    assert mine.update_portfolio(portfolio.portfolio_id, name="SAVINGS").name == "SAVINGS"  # its own


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("name", ""),
        ("name", " padded"),
        ("name", "bad\x1b[2J"),
        ("base_currency", "eur"),
        ("cost_method", "best"),
        ("benchmark", ""),
    ],
)
def test_what_a_portfolio_does_not_take(mine, portfolio, column, value):
    given = {"name": "New", "base_currency": "EUR"} | {column: value}
    with pytest.raises(InvalidValueError) as made:
        mine.create_portfolio(**given)
    with pytest.raises(InvalidValueError) as changed:
        mine.update_portfolio(portfolio.portfolio_id, **{column: value})
    assert (made.value.column, made.value.value) == (changed.value.column, changed.value.value) == (column, value)
    assert mine.portfolios() == [portfolio]


def test_only_some_of_a_portfolio_can_change(mine, portfolio):
    with pytest.raises(InvalidValueError):
        mine.update_portfolio(portfolio.portfolio_id, owner_id="you")


def test_a_changed_portfolio_has_a_new_version_an_equal_one_has_not(mine, portfolio):
    changed = mine.update_portfolio(portfolio.portfolio_id, base_currency="USD", benchmark="^GSPC")
    assert (changed.base_currency, changed.benchmark, changed.version) == ("USD", "^GSPC", 2)
    assert mine.update_portfolio(portfolio.portfolio_id, base_currency="USD") == changed


def test_accounts_are_put_by_name(mine, portfolio):
    key = portfolio.portfolio_id
    mine.put_account(key, "Depot")
    depot = mine.put_account(key, "Depot", currency="USD", tracks_cash=True, allow_short=True)
    mine.put_account(key, "Depot", currency="USD", tracks_cash=True, allow_short=True)
    assert (
        mine.accounts(key)
        == [depot]
        == [Account(portfolio_id=key, account="Depot", currency="USD", tracks_cash=True, allow_short=True)]
    )
    assert mine.portfolio(key).version == 3
    assert [event.action for event in mine.events(key) if event.entity == "account"] == ["added", "changed"]


@pytest.mark.parametrize(("name", "currency"), [("", "EUR"), ("Depot", "Euro"), ("x" * 256, None)])
def test_what_an_account_does_not_take(mine, portfolio, name, currency):
    with pytest.raises(InvalidValueError):
        mine.put_account(portfolio.portfolio_id, name, currency=currency)


def test_another_users_portfolio_does_not_exist(ledger, portfolio, bought):
    foreign, key = ledger.for_user("you"), portfolio.portfolio_id
    calls = [
        lambda: foreign.portfolio(key),
        lambda: foreign.portfolio("Savings"),
        lambda: foreign.accounts(key),
        lambda: foreign.put_account(key, "Depot"),
        lambda: foreign.transactions(key),
        lambda: foreign.frames(key),
        lambda: foreign.add_transactions(key, bought({}), source="x"),
        lambda: foreign.update_transaction(key, f"{key}-1", {"note": "x"}),
        lambda: foreign.delete_transaction(key, f"{key}-1"),
        lambda: foreign.update_portfolio(key, name="Mine"),
        lambda: foreign.delete_portfolio(key),
        lambda: foreign.events(key),
        lambda: foreign.imports(key),
    ]
    for call in calls:
        with pytest.raises(NotFoundError):
            call()
    assert foreign.portfolios() == []


def test_a_user_is_made_once(ledger):
    ledger.for_user("me")
    ledger.for_user("me")
    assert ledger.users() == ["me"]
    with pytest.raises(InvalidValueError):
        ledger.for_user(" ")


def test_a_deleted_portfolio_leaves_its_trail(ledger, mine, portfolio, bought, tmp_path):
    key = portfolio.portfolio_id
    mine.add_transactions(key, bought({}), source="x")
    mine.delete_portfolio(key)
    assert mine.portfolios() == []
    assert ledger.mirror()["transactions"].is_empty()
    assert ledger.mirror()["accounts"].is_empty()
    with sqlite3.connect(tmp_path / "ledger.sqlite") as connection:
        trail = connection.execute("SELECT action, entity FROM ledger_events WHERE portfolio_id = ?", [key]).fetchall()
    assert trail[-2:] == [("deleted", "transaction"), ("deleted", "portfolio")]
    assert mine.create_portfolio("Savings", "EUR").portfolio_id != key


def test_a_ledger_is_marked_once(ledger, url):
    assert ledger.kind() is None
    ledger.mark("demo")
    ledger.mark("demo")
    assert Ledger.open(url).kind() == "demo"
    with pytest.raises(WrongKindError):
        ledger.mark("own")


def test_a_ledger_is_empty_until_there_is_a_portfolio(ledger, mine):
    assert ledger.is_empty()
    made = mine.create_portfolio("Savings", "EUR")
    assert not ledger.is_empty()
    assert ledger.versions() == {made.portfolio_id: 1}
