"""What people look up: the real clients against the replay server, in order, kept, and never waited for too long."""

import datetime as dt
import time
from dataclasses import replace

import pytest
from pydantic import SecretStr

from pipelines.research import Research, StatementKind, news, research_of, search, statements
from pipelines.sources.alphavantage import AlphaVantageSource
from pipelines.sources.lookups import STATEMENTS
from tests.guards import NOON, Clock, guard_at
from tests.replay import Fault
from warehouse.ops import Ops
from warehouse.ops.lookups import Kept

SEARCH = "/v1/finance/search"


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def ops(tmp_path):
    return Ops.open(f"sqlite:///{tmp_path / 'ops.sqlite'}")


@pytest.fixture
def research(yahoo, ops, clock, tmp_path):
    return Research([yahoo], guard=guard_at(tmp_path, clock, attempts=2), lookups=ops.lookups(), wait_seconds=60)


def test_an_answer_is_kept_and_told_again_without_asking(research, replay, clock):
    assert research.last(search("dividends")).answered_at is None
    found = research.ask(search("dividends"))
    assert [match.symbol for match in found.answer] == ["SPLITS", "SPL.DE"]
    assert (found.source, found.answered_at, found.trouble) == ("yahoo", NOON, None)
    asked = replay.asked(SEARCH)
    clock.pass_by(3600)
    assert research.ask(search(" Dividends ")) == found
    assert research.last(search("dividends")) == found
    assert replay.asked(SEARCH) == asked


def test_an_old_answer_is_asked_for_again_and_counts_with_its_age_where_nobody_answers(research, replay, clock):
    first = research.ask(news("SPLITS"))
    assert [article.title for article in first.answer] == ["Splits pays", "Three for two"]
    clock.pass_by(3600)
    replay.fail_next(SEARCH, *[Fault("down")] * 9)
    found = research.ask(news("SPLITS"))
    assert (found.answer, found.answered_at) == (first.answer, NOON)
    assert "yahoo" in found.trouble
    replay.heal()
    assert research.ask(news("SPLITS")).answered_at == clock.now
    assert research.last(news("SPLITS")).trouble is None


def test_statements_come_back_as_they_were_told(research):
    lookup = statements("SPLITS", StatementKind.INCOME)
    told = research.ask(lookup).answer
    kept = research.last(lookup).answer
    assert kept.schema == STATEMENTS
    assert kept.equals(told)
    assert research.last(statements("SPLITS", StatementKind.BALANCE)).answer is None


def test_the_next_source_is_asked_where_the_first_has_nothing(research, yahoo, replay, ops, clock, tmp_path):
    other = AlphaVantageSource(key=SecretStr("secret"), base_url=replay.url)
    both = Research([yahoo, other], guard=guard_at(tmp_path, clock, attempts=1), lookups=ops.lookups(), wait_seconds=60)
    replay.fail_next("/ws/fundamentals-timeseries/", *[Fault("limited")] * 9)
    found = both.ask(statements("SPLITS", StatementKind.CASH_FLOW))
    assert (found.source, found.trouble) == ("alphavantage", None)
    assert found.answer["statement"].unique().to_list() == ["cash_flow"]


def test_nobody_waits_for_long_and_what_comes_late_is_kept(yahoo, replay, ops, clock, tmp_path):
    quick = Research([yahoo], guard=guard_at(tmp_path, clock, attempts=1), lookups=ops.lookups(), wait_seconds=0.1)
    yahoo.search("dividends")  # importing the client is not what is timed
    late = replace(replay.answer(f"{SEARCH}?q=dividends"), delay_seconds=1.0)
    replay.fail_next(SEARCH, late)
    began = time.monotonic()
    found = quick.ask(search("dividends"))
    assert time.monotonic() - began < 0.9
    assert (found.answer, found.trouble) == (None, "yahoo: no answer within 0.1 s; it is kept when it comes")
    while quick.last(search("dividends")).answer is None:
        assert time.monotonic() - began < 5
        time.sleep(0.02)


def test_files_alone_can_be_asked_nothing(settings):
    lone = settings.model_copy(update={"price_sources": ("demo", "inbox")})
    found = research_of(lone, Ops.open(settings.ops_url)).ask(search("dividends"))
    assert found.answer is None
    assert "names no provider" in found.trouble


def test_a_key_that_is_missing_is_said(settings):
    keyless = settings.model_copy(update={"price_sources": ("alphavantage",)})
    assert "FOLIO_ALPHAVANTAGE_KEY" in research_of(keyless, Ops.open(settings.ops_url)).ask(search("x")).trouble


def test_the_settings_name_who_is_asked(replay, settings):
    stated = settings.model_copy(
        update={
            "price_sources": ("alphavantage", "inbox"),
            "alphavantage_url": replay.url,
            "alphavantage_key": SecretStr("secret"),
        }
    )
    found = research_of(stated, Ops.open(settings.ops_url), clock=lambda: NOON).ask(search("pence"))
    assert (found.source, found.answered_at, found.trouble) == ("alphavantage", NOON, None)
    assert found.answer


def test_only_so_many_answers_stay(tmp_path):
    lookups = Ops.open(f"sqlite:///{tmp_path / 'few.sqlite'}").lookups()
    lookups._kept = 2
    for number in range(3):
        lookups.keep("search", f"{number}", Kept("yahoo", NOON + dt.timedelta(minutes=number), "[]"))
    assert [lookups.last("search", f"{number}") is None for number in range(3)] == [True, False, False]
    lookups.keep("search", "1", Kept("other", NOON + dt.timedelta(hours=1), "[1]"))
    assert lookups.last("search", "1").document == "[1]"
