"""Whether a symbol still trades, and under which name."""

import datetime as dt

import polars as pl
import pytest

from pipelines.listings import last_asked, last_prices, left_out, lost, quiet, silent, tickers, vanished, with_statuses
from pipelines.sources.errors import NoPricesError, SourceDownError, UnknownSymbolError
from pipelines.sources.rounds import Failure
from warehouse.ops.providers import Turn

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


def statuses(*, answered=("B",), gone=(), last=FRIDAY, stored=None, renames=NO_RENAMES, unpriced=()):
    fetched = pl.DataFrame(
        {"symbol": list(answered), "name": ["x"] * len(answered)}, schema_overrides={"symbol": pl.String}
    )
    priced = pl.DataFrame({"symbol": ["A"], "last_stored": [last]})
    said = with_statuses(
        fetched,
        gone=gone,
        priced=priced,
        stored=master() if stored is None else stored,
        renames=renames,
        today=FRIDAY,
        unpriced=unpriced,
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


def test_what_its_own_provider_has_lost_is_delisted_although_another_tells_its_old_prices():
    of = {"answered": ("A", "B"), "gone": ["A"], "last": dt.date(2024, 5, 29)}
    assert statuses(**of) == [("A", "delisted"), ("B", None)]
    assert statuses(**of | {"last": dt.date(2024, 5, 30)}) == [("A", None), ("B", None)]
    assert statuses(**of, stored=master("delisted")) == [("A", "delisted"), ("B", None)]
    stated = pl.DataFrame({"symbol": ["A"], "provider_symbol": ["NEW"]})
    assert statuses(**of, renames=stated) == [("A", "delisted"), ("B", None)]


@pytest.mark.parametrize("asked", [{"answered": ("A", "B")}, {"unpriced": ["A"]}])
def test_what_is_known_and_silent_is_delisted_after_eighteen_months(asked):
    assert ("A", "delisted") in statuses(**asked, last=FRIDAY - dt.timedelta(548))
    assert ("A", "delisted") not in statuses(**asked, last=FRIDAY - dt.timedelta(547))


def test_who_never_had_a_symbol_has_not_lost_it():
    tellers = pl.DataFrame({"symbol": ["A", "B"], "source": ["yahoo", "alphavantage"]})
    assert lost({"A": ["yahoo"], "B": ["yahoo"], "C": ["yahoo"]}, tellers) == ["A"]


def test_a_symbol_is_silent_where_nobody_has_a_price():
    kinds = [("yahoo", NoPricesError), ("alphavantage", UnknownSymbolError)]
    assert silent([failure(*kinds), failure(("yahoo", SourceDownError))]) == ["A"]
    assert vanished([failure(*kinds)]) == []


def test_the_last_price_is_what_is_stored_or_told():
    stored = pl.DataFrame({"symbol": ["A", "B"], "last_stored": [FRIDAY, FRIDAY]})
    told = pl.DataFrame({"symbol": ["B", "C"], "date": [FRIDAY + dt.timedelta(1), FRIDAY]})
    assert last_prices(stored, told).sort("symbol").rows() == [
        ("A", FRIDAY),
        ("B", FRIDAY + dt.timedelta(1)),
        ("C", FRIDAY),
    ]


def ago(days):
    return FRIDAY - dt.timedelta(days)


def asked(**days):
    return pl.DataFrame({"symbol": list(days), "asked_on": [ago(number) for number in days.values()]})


def quiet_ones(asked, *, exchange="XNYS", status="active", **ages):
    priced = pl.DataFrame({"symbol": list(ages), "last_stored": [ago(number) for number in ages.values()]})
    stored = pl.DataFrame({"symbol": list(ages), "exchange": exchange, "status": status})
    return quiet(priced, asked, stored, today=FRIDAY)["symbol"].to_list()


@pytest.mark.parametrize(
    ("said", "found"),
    [
        pytest.param({"A": 40, "B": 1}, ["A"], id="others of its exchange trade"),
        pytest.param({"A": 40}, ["A"], id="it is the only one of its exchange"),
        pytest.param({"A": 40, "B": 40}, [], id="nothing of its exchange trades: that is closed"),
        pytest.param({"A": 29, "B": 1}, [], id="not for long"),
    ],
)
def test_a_symbol_is_quiet_while_others_trade(said, found):
    assert quiet_ones(asked(A=0, B=0), **said) == found


def test_a_symbol_without_an_exchange_is_quiet_by_itself():
    assert quiet_ones(asked(A=0, B=0), exchange=None, A=40, B=40) == ["A", "B"]


def test_nothing_is_quiet_that_nobody_asked_for():
    assert quiet_ones(asked(A=11), A=40) == []
    assert quiet_ones(asked(A=10), A=40) == ["A"]
    assert quiet_ones(asked(B=0), A=40) == []


def test_a_symbol_counts_as_asked_for_when_a_provider_last_said_something():
    at = dt.datetime(2024, 6, 3, 22, tzinfo=dt.UTC)
    later = at + dt.timedelta(days=1)
    turns = [{"A": Turn(asked_at=at), "B": Turn(asked_at=later, failures_in_a_row=1)}, {"A": Turn(asked_at=later)}]
    assert last_asked(turns).rows() == [("A", later.date())]
    assert last_asked([{}]).is_empty()


def test_what_is_delisted_or_quiet_is_asked_for_once_a_week():
    none, quiet_b = pl.DataFrame(schema={"symbol": pl.String}), pl.DataFrame({"symbol": ["B"]})
    for age, spared in ((0, ["A"]), (6, ["A"]), (7, [])):
        out = left_out(none, asked(A=age, B=age), master("delisted"), today=FRIDAY)
        assert out["symbol"].to_list() == spared
    assert left_out(quiet_b, asked(B=3), master(), today=FRIDAY)["symbol"].to_list() == ["B"]
    assert left_out(quiet_b, asked(A=3), master("delisted"), today=FRIDAY)["symbol"].to_list() == ["A"]
