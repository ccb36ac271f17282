"""Rows of files: each is known by what it says, as often as it is there, whatever happened to it since."""

import datetime as dt
from decimal import Decimal

import pytest

from warehouse.ledger import DuplicateExternalIdError

A, B, C = ({"symbol": symbol} for symbol in ("ACME", "BOLT", "CORK"))


@pytest.fixture
def add(mine, portfolio, bought):
    """Return what adds rows as a file of their own, and says how many were new."""
    key = portfolio.portfolio_id

    def adding(*rows, name="trades.csv"):
        before = mine.new_places(key, bought(*rows), sha256=name)
        added = mine.add_transactions(key, bought(*rows), source=name, sha256=name).added
        assert len(before) == added
        return added

    return adding


@pytest.fixture
def held(mine, portfolio):
    """Return the ids of the transactions of a symbol."""

    def ids(symbol):
        rows = mine.transactions(portfolio.portfolio_id)
        return rows.filter(rows["symbol"] == symbol)["transaction_id"].to_list()

    return ids


def test_of_a_file_that_has_grown_only_what_is_new_is_added(add):
    assert add(A, B) == 2
    assert add(A, B, C, name="later.csv") == 1
    assert add(C, A, name="other order.csv") == 0


@pytest.mark.parametrize(("there", "coming", "new"), [(1, 2, 1), (2, 1, 0), (2, 2, 0), (0, 3, 3), (3, 5, 2)])
def test_equal_rows_count_as_often_as_they_come(add, there, coming, new):
    assert add(B, *[A] * there) == there + 1
    assert add(*[A] * coming, name="later.csv") == new


def test_numbers_are_equal_however_they_are_written_and_a_note_does_not_matter(add):
    assert add({"quantity": Decimal("2.50"), "time": dt.time(9, 30)}) == 1
    assert add({"quantity": Decimal("2.5"), "time": dt.time(9, 30), "note": "bought at dawn"}, name="b") == 0
    assert add({"quantity": Decimal("2.5"), "time": dt.time(9, 31)}, name="c") == 1


@pytest.mark.parametrize("change", [{"fee": Decimal(2)}, {"date": dt.date(2024, 1, 3)}, {"account": "Other"}])
def test_whatever_else_a_row_says_makes_it_another(add, change):
    assert add(A) == 1
    assert add(A | change, name="b") == 1


def test_what_is_no_files_is_meant_as_often_as_it_is_stated(mine, portfolio, bought, add):
    for _ in range(2):
        assert mine.add_transactions(portfolio.portfolio_id, bought(A), source="dialog").added == 1
    assert add(A, A, A) == 1


def test_a_changed_row_stands_for_what_it_was_and_never_for_two(mine, portfolio, add, held):
    assert add(A, B) == 2
    mine.update_transaction(portfolio.portfolio_id, held("ACME")[0], {"symbol": "CORK"})
    assert add(A, B, name="again.csv") == 0
    assert add(C, B, name="corrected.csv") == 0
    assert add(A, B, C, name="grown.csv") == 1


def test_a_deleted_row_stays_deleted_beside_others_and_comes_back_in_a_file_of_its_own(mine, portfolio, add, held):
    assert add(A, A, B) == 3
    mine.delete_transaction(portfolio.portfolio_id, held("ACME")[0])
    assert add(A, A, B, C, name="grown.csv") == 1
    mine.delete_transaction(portfolio.portfolio_id, held("BOLT")[0])
    assert add(B, name="restored.csv") == 1
    assert add(A, A, B, C, name="all.csv") == 0


def test_what_a_person_typed_and_deleted_can_come_in_a_file(mine, portfolio, bought, add, held):
    mine.add_transactions(portfolio.portfolio_id, bought(A), source="dialog")
    mine.delete_transaction(portfolio.portfolio_id, held("ACME")[0])
    assert add(B) == 1
    assert add(A, B, name="grown.csv") == 1


def test_rows_with_and_without_an_external_id_do_not_stand_for_each_other_twice(add):
    assert add(A | {"external_id": "1"}, A) == 2
    assert add(A | {"external_id": "1"}, A, name="b") == 0
    assert add(A, A, A, name="without.csv") == 1


def test_a_row_with_an_external_id_that_a_person_changed_or_deleted_holds_nothing_up(mine, portfolio, add, held):
    first, second = A | {"external_id": "1"}, B | {"external_id": "2"}
    assert add(first, second, C) == 3
    key = portfolio.portfolio_id
    mine.update_transaction(key, held("ACME")[0], {"fee": Decimal(9)})
    mine.delete_transaction(key, held("BOLT")[0])
    assert add(first, second, C, C, name="grown.csv") == 1
    with pytest.raises(DuplicateExternalIdError):
        add(first | {"fee": Decimal(3)}, name="other.csv")
    mine.update_transaction(key, held("ACME")[0], {"external_id": "mine"})
    assert add(first, name="renumbered.csv") == 0
