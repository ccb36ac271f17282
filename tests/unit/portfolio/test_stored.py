"""A stored view reads its sections when they are looked at, and is the same as what was stored."""

import json

import pytest
from statements import view

from pipelines.portfolio.marts import mart_frames
from pipelines.portfolio.models import SECTIONS, section_adapter
from pipelines.portfolio.models.verbatim import Verbatim
from pipelines.portfolio.stored import StoredView, Texts

LEDGER = "2020-01-01 DEPOSIT 500\n2020-01-01 BUY ACME 10 @ 10 fee=1\n2020-02-01 SELL ACME 4 @ 12"
MARKET = "ACME 2020-01-01 10\nACME 2020-02-01 12\nACME 2020-03-02 13"


@pytest.fixture
def texts():
    frame = mart_frames(view(LEDGER, MARKET, as_of="2020-03-02"), portfolio_id="p", ledger_version=1)["complete_views"]
    return dict(frame.select("section", "document").rows())


def test_it_is_the_view_that_was_stored(texts):
    computed, stored = view(LEDGER, MARKET, as_of="2020-03-02"), StoredView.of(texts, publication_id="x")
    whole = stored.whole()
    assert whole.provenance.publication_id == "x"
    assert whole.model_copy(update={"provenance": computed.provenance}) == computed
    assert json.loads(stored.model_dump_json(by_alias=True))["trades"] == json.loads(texts["trades"])
    assert stored.model_dump()["cash"] == whole.model_dump()["cash"]


def test_every_section_is_written_as_its_models_are(texts):
    computed = view(LEDGER, MARKET, as_of="2020-03-02")
    assert [len(computed.trades), len(computed.performance.daily)] == [2, 3]
    for name in SECTIONS:
        by_models = section_adapter(name).dump_json(getattr(computed, name), by_alias=True)
        assert json.loads(texts[name]) == json.loads(by_models), name


def test_a_list_is_written_where_it_stands_whatever_is_said_beside_it():
    lists = Verbatim()
    first, last = lists.keep('[{"a":1}]'), lists.keep("[]")
    written = json.dumps({"note": f"says {first}", "first": first, "last": [last]})
    assert json.loads(lists.filled(written)) == {"note": f"says {first}", "first": [{"a": 1}], "last": [[]]}


def test_what_nobody_looks_at_is_not_read(texts):
    stored = StoredView.of(texts | {"trades": "broken"}, publication_id="x")
    assert stored.summary.value == 525
    assert stored.journal is None
    with pytest.raises(ValueError, match="Invalid JSON"):
        _ = stored.trades
    with pytest.raises(AttributeError):
        _ = stored.nothing


def test_a_section_that_was_not_brought_along_is_read_once_when_it_is_looked_at(texts):
    asked = []

    def read(name):
        asked.append(name)
        return texts[name]

    stored = StoredView.of(Texts({"top": texts["top"], "summary": texts["summary"]}, read), publication_id="x")
    assert stored.summary.value == 525
    assert asked == []
    assert len(stored.trades) == len(stored.trades) == 2
    assert asked == ["trades"]
