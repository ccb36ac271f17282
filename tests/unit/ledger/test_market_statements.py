"""What people state about the market: each statement stays, the last name of a symbol counts."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.unit.ledger.conftest import NOON
from warehouse.ledger import AcceptedAlreadyError, InvalidValueError
from warehouse.relational import engine_for, writing

ROW = {"quarantine_id": 7, "table_name": "price_history", "rule": "jump", "key": "A 2024-06-28", "value": "1"}


def test_a_release_says_who_when_what_and_why(ledger):
    ledger.market().release("me", [ROW, {**ROW, "rule": "unit", "value": None}], reason=" a real crash ")
    assert ledger.market().releases().rows() == [
        (1, NOON, "me", 7, "price_history", "jump", "A 2024-06-28", "1", "a real crash"),
        (2, NOON, "me", 7, "price_history", "unit", "A 2024-06-28", None, "a real crash"),
    ]


def test_a_release_has_a_reason(ledger):
    with pytest.raises(InvalidValueError, match="why the row is to be believed"):
        ledger.market().release("me", [ROW], reason="  ")
    assert ledger.market().releases().is_empty()


def test_what_is_accepted_is_not_stated_once_more(ledger):
    other = {**ROW, "value": None}
    ledger.market().release("me", [ROW, other], reason="a real crash")
    with pytest.raises(AcceptedAlreadyError, match="accepted already, by now or before: 7, 7"):
        ledger.market().release("you", [ROW, other], reason="so it was")
    ledger.market().release("you", [ROW, {**ROW, "value": "2"}], reason="so it was")
    assert ledger.market().releases()["value"].to_list() == ["1", None, "2"]


def test_the_last_name_of_a_symbol_counts(ledger):
    for name in ("META", "META.X"):
        ledger.market().rename("me", "FB", name)
    ledger.market().rename("you", "ANTM", "ELV")
    assert ledger.market().renames().rows() == [("ANTM", "ELV"), ("FB", "META.X")]
    with pytest.raises(InvalidValueError):
        ledger.market().rename("me", "FB", "")


@pytest.mark.parametrize("table", ["quarantine_releases", "symbol_renames"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET user_id = 'x'"])
def test_nobody_can_change_what_was_stated(ledger, url, table, statement):
    ledger.market().release("me", [ROW], reason="a real crash")
    ledger.market().rename("me", "FB", "META")
    with pytest.raises(DBAPIError, match="append-only"), writing(engine_for(url)) as connection:
        connection.execute(text(statement.format(table)))
