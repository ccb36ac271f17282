"""What was fetched and is not published: taken by one run after the other until one publishes it."""

import polars as pl
import pytest

from pipelines import backlog as module
from pipelines.backlog import Backlog


def frames(*closes, symbols="AAAA"):
    prices = pl.DataFrame({"symbol": list(symbols[: len(closes)]), "close": closes})
    return {"prices": prices, "splits": pl.DataFrame(schema={"symbol": pl.String, "ratio": pl.Float64})}


@pytest.fixture
def backlog(tmp_path):
    backlog = Backlog(tmp_path / "backfill")
    backlog.put("run", {"A": [2010, 2011]}, frames(1, 2))
    backlog.put("run", {"A": [2012], "B": [2012]}, frames(3, symbols="B"))
    return backlog


def closes(portions):
    return [portion.frame("prices")["close"].to_list() for portion in portions]


def test_nothing_is_no_backlog(tmp_path):
    empty = Backlog(tmp_path / "none")
    assert (empty.known(), empty.waiting(()), empty.take("run", (), ())) == ({}, [], [])
    empty.settle(())


def test_what_could_not_be_written_whole_is_no_portion_and_is_written_again(backlog, monkeypatch):
    def full(*_):
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(module.json, "dumps", full)
        with pytest.raises(OSError):
            backlog.put("run", {"C": [2012]}, frames(4))
    assert closes(backlog.waiting(())) == [[1, 2], [3]]
    backlog.put("run", {"C": [2012]}, frames(4))
    assert closes(backlog.waiting(())) == [[1, 2], [3], [4]]


def test_what_is_known_does_not_depend_on_what_became_of_it(backlog):
    known = {"A": {2010, 2011, 2012}, "B": {2012}}
    assert backlog.known() == known
    backlog.take("run", (), ())
    backlog.settle({"run"})
    assert backlog.known() == known


def test_what_a_run_took_waits_until_it_has_published(backlog):
    assert closes(backlog.take("one", (), ())) == [[1, 2], [3]]
    assert closes(backlog.take("two", (), ())) == [[1, 2], [3]]
    assert closes(backlog.take("two", (), ())) == [[1, 2], [3]]  # a step that is tried again
    assert backlog.waiting({"two"}) == []


def test_published_rows_are_deleted(backlog, tmp_path):
    backlog.take("one", (), ())
    backlog.settle({"one"})
    assert list(tmp_path.rglob("*.parquet")) == []
    backlog.settle({"one"})
    assert backlog.take("two", {"one"}, ()) == []


def test_what_a_publication_had_that_is_no_more_is_asked_for_again(backlog):
    backlog.take("one", (), ())
    backlog.settle({"one"})
    backlog.settle(())
    assert backlog.known() == {}


def test_what_broke_a_run_is_set_aside_until_it_is_offered_again(backlog):
    backlog.take("one", (), ())
    assert backlog.take("two", (), {"one"}) == []
    assert backlog.offer_again({"one"}, without=())
    assert closes(backlog.take("three", (), {"one"})) == [[1, 2], [3]]
    assert not backlog.offer_again({"two"}, without=())


def test_what_is_not_believed_is_forgotten_and_the_rest_is_offered_again(backlog, tmp_path):
    backlog.take("one", (), ())
    assert backlog.offer_again({"one"}, without={"A"})
    assert backlog.known() == {"B": {2012}}
    (portion,) = backlog.waiting((), {"one"})
    assert (portion.frame("prices").rows(), portion.rows, dict(portion.years)) == ([("B", 3)], 1, {"B": [2012]})
    backlog.take("two", (), {"one"})
    assert not backlog.offer_again({"two"}, without={"A", "B"})
    assert (backlog.known(), list(tmp_path.rglob("*.*"))) == ({}, [])


def test_what_is_published_is_not_offered_again_though_its_run_is_said_to_have_failed(backlog):
    backlog.take("one", (), ())
    backlog.settle({"one"})
    assert not backlog.offer_again({"one"}, without={"A"})
    assert backlog.known() == {"A": {2010, 2011, 2012}, "B": {2012}}


def test_a_run_takes_what_fits_and_at_least_one(backlog, monkeypatch):
    monkeypatch.setattr(module, "MOST_ROWS", 1)
    assert closes(backlog.take("one", (), ())) == [[1, 2]]
    assert closes(backlog.take("two", {"one"}, ())) == [[3]]
