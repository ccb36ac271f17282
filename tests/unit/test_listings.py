"""Whether a symbol still trades, and under which name."""

import datetime as dt

import polars as pl
import pytest

from pipelines.listings import asked_today, tickers, vanished, with_statuses
from pipelines.sources.errors import SourceDownError, UnknownSymbolError
from pipelines.sources.rounds import Failure

FRIDAY = dt.date(2024, 6, 28)
NO_RENAMES = pl.DataFrame(schema={"symbol": pl.String, "provider_symbol": pl.String})


def failure(*errors):
    return Failure(symbol="A", errors=tuple(kind(source, "A", "") for source, kind in errors))


@pytest.mark.parametrize(
    ("errors", "gone"),
    [
        pytest.param([("yahoo", UnknownSymbolError)], ["A"], id="the one provider does not know it"),
        pytest.param([("yahoo", UnknownSymbolError), ("inbox", UnknownSymbolError)], ["A"], id="nor does a file"),
        pytest.param([("inbox", UnknownSymbolError)], [], id="no file has it, and nobody else was asked"),
        pytest.param([("yahoo", UnknownSymbolError), ("alphavantage", SourceDownError)], [], id="one was down"),
        pytest.param([], [], id="nobody was asked"),
    ],
)
def test_a_symbol_has_vanished_if_every_provider_says_so(errors, gone):
    assert vanished([failure(*errors)]) == gone


def master(status="active"):
    return pl.DataFrame({"symbol": ["A", "B"], "status": [status, "active"], "provider_symbol": [None, "B.L"]})


def statuses(*, answered=("B",), gone=(), last=FRIDAY, stored=None, renames=NO_RENAMES):
    fetched = pl.DataFrame(
        {"symbol": list(answered), "name": ["x"] * len(answered)}, schema_overrides={"symbol": pl.String}
    )
    priced = pl.DataFrame({"symbol": ["A"], "last_stored": [last]})
    said = with_statuses(
        fetched, gone=gone, priced=priced, stored=master() if stored is None else stored, renames=renames, today=FRIDAY
    )
    return said.select("symbol", "status").rows()


def test_a_vanished_symbol_is_delisted_after_thirty_days_without_a_price():
    assert statuses(gone=["A"], last=dt.date(2024, 5, 29)) == [("A", "delisted"), ("B", None)]
    assert statuses(gone=["A"], last=dt.date(2024, 5, 30)) == [("B", None)]


def test_a_symbol_that_nobody_ever_had_is_not_delisted():
    assert statuses(gone=["Z"], last=dt.date(2020, 1, 1)) == [("B", None)]


def test_a_delisted_symbol_that_is_answered_again_is_active():
    assert statuses(answered=("A", "B"), stored=master("delisted")) == [("A", "active"), ("B", None)]


def test_a_symbol_is_renamed_as_people_state_it_until_they_take_it_back():
    stated = pl.DataFrame({"symbol": ["A", "Z"], "provider_symbol": ["NEW", "Y"]})
    assert statuses(answered=("A",), renames=stated) == [("A", "renamed")]
    assert tickers(master(), stated) == {"A": "NEW", "B": "B.L", "Z": "Y"}
    back = pl.DataFrame({"symbol": ["A"], "provider_symbol": ["A"]})
    assert statuses(answered=("A",), renames=back, stored=master("renamed")) == [("A", "active")]


def test_a_delisted_symbol_is_asked_for_on_mondays():
    needed = pl.DataFrame({"symbol": ["A", "B"], "first_day": [FRIDAY, FRIDAY]})
    asked = [asked_today(needed, master("delisted"), today=FRIDAY + dt.timedelta(days)) for days in range(7)]
    assert [frame["symbol"].to_list() for frame in asked] == [["B"]] * 3 + [["A", "B"]] + [["B"]] * 3
