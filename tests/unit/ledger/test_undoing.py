"""Taking changes back, refusing what others have changed meanwhile, and checks that a change must pass."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest

from warehouse.ledger import (
    ChangedMeanwhileError,
    DueDividend,
    DuplicateNameError,
    NotFoundError,
    NothingToUndoError,
    StaleVersionError,
)

DIVIDEND = DueDividend("Depot", "ACME", dt.date(2024, 2, 1))


@pytest.fixture
def key(mine, portfolio, bought):
    mine.add_transactions(portfolio.portfolio_id, bought({}, {"note": "second"}), source="a.csv", sha256="a")
    return portfolio.portfolio_id


def rows(mine, key):
    return mine.transactions(key)


def ident(mine, key, place=0):
    return mine.transactions(key)["transaction_id"][place]


def undo(mine, key):
    return mine.undo(key, expected_version=mine.portfolio(key).version)


CHANGES = {
    "a changed row": lambda mine, key, _bought: mine.update_transaction(key, ident(mine, key), {"fee": Decimal(9)}),
    "a deleted row": lambda mine, key, _bought: mine.delete_transaction(key, ident(mine, key)),
    "added rows with their account": lambda mine, key, bought: mine.add_transactions(
        key, bought({"account": "New", "time": dt.time(9, 30)}), source="form"
    ),
    "an account": lambda mine, key, _bought: mine.put_account(key, "Depot", currency="USD", allow_short=True),
    "settings": lambda mine, key, _bought: mine.update_portfolio(key, name="Other", benchmark="^GSPC"),
    "a confirmed dividend": lambda mine, key, bought: mine.confirm_dividend(
        key, DIVIDEND, bought({"type": "DIVIDEND", "quantity": None, "price": None})
    ),
    "a rejected dividend": lambda mine, key, _bought: mine.reject_dividend(key, DIVIDEND),
    "targets": lambda mine, key, _bought: mine.set_targets(key, "symbol", {"ACME": Decimal("0.4")}),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_is_undone_is_as_it_was_before(mine, key, bought, change):
    before, portfolio = mine.frames(key), mine.portfolio(key)
    change(mine, key, bought)
    done = mine.portfolio(key)
    last = mine.last_change(key)
    assert (last.version, last.user_id) == (portfolio.version + 1, "me")
    assert undo(mine, key) == last
    for was, now in zip(before, mine.frames(key), strict=True):
        assert now.equals(was)
    after = mine.portfolio(key)
    assert after.version == done.version + 1
    assert (after.name, after.benchmark) == (portfolio.name, portfolio.benchmark)
    assert {event.action for event in mine.events(key) if event.undoes == done.version} == {"undone"}


def test_changes_are_undone_one_after_the_other_and_an_undoing_never(mine, key, bought):
    first = ident(mine, key)
    mine.update_transaction(key, first, {"note": "one"})
    mine.update_transaction(key, first, {"note": "two"})
    undo(mine, key)
    assert rows(mine, key)["note"][0] == "one"
    mine.update_transaction(key, first, {"note": "three"})
    undo(mine, key)
    assert rows(mine, key)["note"][0] == "one"
    undo(mine, key)
    assert rows(mine, key)["note"][0] is None
    undo(mine, key)
    assert rows(mine, key).is_empty()
    assert mine.last_change(key) is None
    with pytest.raises(NothingToUndoError):
        undo(mine, key)


def test_nobody_undoes_what_another_has_just_done(mine, key):
    version = mine.portfolio(key).version
    mine.update_transaction(key, ident(mine, key), {"note": "another's"})
    with pytest.raises(StaleVersionError):
        mine.undo(key, expected_version=version)
    assert rows(mine, key)["note"][0] == "another's"


def test_nobody_undoes_what_is_not_theirs(ledger, mine, key):
    with pytest.raises(NotFoundError):
        ledger.for_user("you").undo(key, expected_version=2)
    with pytest.raises(NotFoundError):
        ledger.for_user("you").last_change(key)


@pytest.mark.parametrize("taken", ["Savings", "SAVINGS"])
def test_a_former_name_that_is_taken_cannot_come_back(mine, key, taken):
    mine.update_portfolio(key, name="Other")
    mine.create_portfolio(taken, "EUR")
    with pytest.raises(DuplicateNameError):
        undo(mine, key)
    assert mine.portfolio(key).name == "Other"


def test_an_import_that_was_undone_can_come_again(mine, key, bought):
    grown = bought({}, {"note": "second"}, {"date": dt.date(2024, 1, 3)})
    mine.add_transactions(key, grown, source="b.csv", sha256="b")
    undo(mine, key)
    assert mine.new_places(key, grown, sha256="b") == [2]


def test_a_row_that_came_back_is_known_to_a_file(mine, key, bought):
    mine.delete_transaction(key, ident(mine, key))
    undo(mine, key)
    assert mine.new_places(key, bought({}, {}, {}), sha256="a") == [2]  # two are there, the third is new


def test_the_trail_as_known_counts_what_was_undone(mine, key):
    mine.delete_transaction(key, ident(mine, key))
    undo(mine, key)
    known = mine.frames_as_known(key, dt.datetime(2030, 1, 1, tzinfo=dt.UTC))
    assert known.transactions.equals(mine.frames(key).transactions)


def seen(mine, key):
    return mine.transactions(key).drop("transaction_id", "portfolio_id", "sequence").row(0, named=True)


def test_the_second_of_two_who_change_a_row_is_refused(mine, key):
    first, looked = ident(mine, key), seen(mine, key)
    mine.update_transaction(key, first, {"fee": Decimal(2)}, seen=looked)
    with pytest.raises(ChangedMeanwhileError) as refused:
        mine.update_transaction(key, first, {"fee": Decimal(3)}, seen=looked)
    assert refused.value.columns == ("fee",)
    with pytest.raises(ChangedMeanwhileError):
        mine.delete_transaction(key, first, seen=looked)
    assert rows(mine, key)["fee"][0] == Decimal(2)


def test_who_changes_another_row_hinders_nobody(mine, key):
    looked = seen(mine, key)
    mine.update_transaction(key, ident(mine, key, 1), {"fee": Decimal(2)})
    mine.update_transaction(key, ident(mine, key), {"fee": Decimal(3)}, seen=looked)
    assert rows(mine, key)["fee"].to_list() == [3, 2]


def test_settings_that_others_have_changed_are_not_overwritten(mine, key):
    portfolio, [depot] = mine.portfolio(key), mine.accounts(key)
    mine.update_portfolio(key, benchmark="^GSPC", seen=portfolio)
    with pytest.raises(ChangedMeanwhileError, match="benchmark"):
        mine.update_portfolio(key, base_currency="USD", seen=portfolio)
    mine.put_account(key, "Depot", currency="USD", seen=depot)
    with pytest.raises(ChangedMeanwhileError, match="currency"):
        mine.put_account(key, "Depot", allow_short=True, seen=depot)


class RefusedError(Exception):
    pass


def test_a_change_that_does_not_pass_its_check_leaves_nothing(mine, key, bought):
    said = []

    def check(before, after):
        said.append((before.portfolio.version, after.portfolio.version, after.stated.transactions.height))
        raise RefusedError

    held = mine.held_to(check)
    trail = mine.events(key)
    for change in (
        lambda: held.add_transactions(key, bought({}), source="form"),
        lambda: held.delete_transaction(key, ident(mine, key)),
        lambda: held.put_account(key, "New"),
    ):
        with pytest.raises(RefusedError):
            change()
    assert said == [(2, 3, 3), (2, 3, 1), (2, 3, 2)]
    assert mine.events(key) == trail
    assert [one.account for one in mine.accounts(key)] == ["Depot"]


def test_a_change_that_passes_its_check_is_one_as_any_other(mine, key):
    mine.held_to(lambda *_: None).put_account(key, "New")
    assert mine.portfolio(key).version == 3
    mine.held_to(lambda *_: None).delete_portfolio(key)
    with pytest.raises(NotFoundError):
        mine.portfolio(key)


def test_events_can_be_asked_of_one_thing(mine, key):
    first = ident(mine, key)
    mine.update_transaction(key, first, {"note": "x"})
    assert [event.action for event in mine.events(key, "transaction", first)] == ["added", "changed"]
    assert isinstance(rows(mine, key), pl.DataFrame)
