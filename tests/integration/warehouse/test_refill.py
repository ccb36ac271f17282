"""Tables that are written batch by batch: all of it, or as it was."""

import datetime as dt

import polars as pl
import pytest

from warehouse.build import open_candidate
from warehouse.schema.market import TRADING_SESSIONS
from warehouse.schema.marts import ALLOCATIONS, COMPLETE_VIEWS

DAY = dt.date(2024, 1, 2)
TABLES = (COMPLETE_VIEWS, ALLOCATIONS)


def batch(portfolio_id, sections):
    rows = {"portfolio_id": portfolio_id, "section": sections, "ledger_version": 1, "as_of": DAY, "document": "{}"}
    return {COMPLETE_VIEWS.name: pl.DataFrame(rows), ALLOCATIONS.name: ALLOCATIONS.empty()}


@pytest.fixture
def candidate(settings):
    candidate = open_candidate(settings, "run")
    yield candidate
    candidate.drop()


def sections(candidate):
    return candidate.read(COMPLETE_VIEWS).select("portfolio_id", "section").rows()


def test_batches_take_the_place_of_all_rows_and_are_counted(candidate):
    candidate.refill(TABLES, [batch("old", ["top"])])
    heights = candidate.refill(TABLES, iter([batch("a", ["risk", "top"]), batch("b", ["risk"])]))
    assert heights == {COMPLETE_VIEWS.name: 3, ALLOCATIONS.name: 0}
    assert sections(candidate) == [("a", "risk"), ("a", "top"), ("b", "risk")]


def test_without_a_batch_the_tables_are_empty(candidate):
    candidate.refill(TABLES, [batch("old", ["top"])])
    assert candidate.refill(TABLES, []) == {COMPLETE_VIEWS.name: 0, ALLOCATIONS.name: 0}
    assert sections(candidate) == []


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_what_ends_between_two_batches_leaves_those_before(candidate, error):
    """A run that did not write all batches publishes nothing; a candidate is looked at by nobody."""

    def broken():
        yield batch("new", ["top"])
        raise error

    candidate.refill(TABLES, [batch("old", ["top"])])
    with pytest.raises(error):
        candidate.refill(TABLES, broken())
    assert sections(candidate) == [("new", "top")]


def test_a_batch_may_be_read_from_the_candidate_itself(candidate):
    seen = []

    def reading():
        seen.append(candidate.read(TRADING_SESSIONS).height)
        yield batch("a", ["top"])

    candidate.refill(TABLES, reading())
    assert (seen, sections(candidate)) == ([0], [("a", "top")])
