"""Many symbols, several sources, some of them broken."""

import datetime as dt
import pickle
from dataclasses import replace
from decimal import Decimal

import polars as pl
import pytest

from pipelines.sources.base import ADJUSTED, PRICES, RATES, PriceAnswer, PriceRequest, Profile, Quote, Taken
from pipelines.sources.errors import (
    MalformedAnswerError,
    NoPricesError,
    RateLimitError,
    SourceDownError,
    TooFarBackError,
    UnknownSymbolError,
    UnsupportedError,
)
from pipelines.sources.fetch import SYMBOLS, fetch_prices
from pipelines.sources.fetch_rates import fetch_rates
from tests.guards import Clock, guard_at
from warehouse.schema import market

D = Decimal
NOW = dt.datetime(2024, 3, 12, 9, tzinfo=dt.UTC)
DAY = dt.date(2024, 3, 11)


class Scripted:
    """A source that answers each symbol from a script: a price, or errors to raise one after the other."""

    nothing = PriceAnswer(profile=Profile(currency="USD", price_unit="USD"))

    def __init__(self, name, *, rates=None, **script):
        self.name = name
        self.script = {symbol: list(said) if isinstance(said, tuple) else [said] for symbol, said in script.items()}
        self.rates_script = rates
        self.asked = []

    def prices(self, request, *, now):
        self.asked.append(request.symbol)
        said = self.script.get(request.symbol, [UnknownSymbolError])
        step = said.pop(0) if len(said) > 1 else said[0]
        if isinstance(step, type):
            raise step(self.name, request.symbol, "scripted")
        if step == "nothing":
            return self.nothing
        row = {"symbol": request.symbol, "date": DAY, "close": D(step), "currency": "USD"}
        return PriceAnswer(
            prices=pl.DataFrame([row], schema=PRICES),
            profile=Profile(currency="USD", price_unit="USD", name=request.symbol.title()),
            quote=Quote(last_price=D(step), last_price_at=NOW),
        )

    def rates(self, currencies, start, end):
        self.asked.append(tuple(currencies))
        if self.rates_script is None:
            raise UnsupportedError(self.name, None, "no rates")
        rows = [(c, start, D(self.rates_script[c])) for c in currencies if c in self.rates_script]
        return pl.DataFrame(rows, schema=RATES, orient="row")


@pytest.fixture
def guarded(tmp_path):
    """Return a guard over a new shared state, with its clock."""
    return lambda **changes: guard_at(tmp_path, Clock(), **changes)


@pytest.fixture
def fetch(guarded):
    def fetched(sources, *symbols, **changes):
        guard = guarded(**changes)
        requests = [PriceRequest(symbol=symbol) for symbol in symbols]
        return fetch_prices(sources, requests, guard=guard, now=NOW), guard

    return fetched


def closes(result):
    return {
        symbol: (close, source) for symbol, close, source in result.prices.select("symbol", "close", "source").rows()
    }


def test_one_broken_symbol_never_holds_up_the_others(fetch):
    result, _ = fetch([Scripted("one", A=10, B=MalformedAnswerError, C=30)], "A", "B", "C")
    assert closes(result) == {"A": (D(10), "one"), "C": (D(30), "one")}
    assert [(failure.symbol, type(failure.errors[0])) for failure in result.failures] == [("B", MalformedAnswerError)]


def test_the_next_source_is_asked_for_what_the_first_does_not_answer(fetch):
    first, second = Scripted("one", A=10), Scripted("two", A=11, B=20)
    result, _ = fetch({"one": first, "two": second}, "A", "B")
    assert closes(result) == {"A": (D(10), "one"), "B": (D(20), "two")}
    assert second.asked == ["B"]


def test_a_failure_says_what_every_source_said(fetch):
    result, _ = fetch([Scripted("one"), Scripted("two", A=SourceDownError)], "A", attempts=1)
    (failure,) = result.failures
    assert [error.source for error in failure.errors] == ["one", "two"]
    assert str(failure) == "one about A: unknown symbol: scripted; two about A: down: scripted"


WEEK = PriceRequest(symbol="A", start=DAY - dt.timedelta(days=7), end=DAY)
WITH_STORED = replace(WEEK, stored_until=DAY - dt.timedelta(days=1))


@pytest.mark.parametrize("asked", [WITH_STORED, PriceRequest(symbol="A"), replace(WEEK, start=dt.date(2024, 3, 3))])
def test_an_answer_without_a_price_is_none_and_the_next_source_is_asked(guarded, asked):
    empty, second, guard = Scripted("one", A="nothing"), Scripted("two", A=11), guarded()
    result = fetch_prices([empty, second], [asked], guard=guard, now=NOW)
    assert closes(result) == {"A": (D(11), "two")}
    assert (empty.asked, guard.clock.waits) == (["A"], [])
    assert guard.providers.circuit("one").failures_in_a_row == 0


def test_where_nobody_has_a_price_it_is_a_failure_of_each(guarded):
    result = fetch_prices([Scripted("one", A="nothing"), Scripted("two")], [WITH_STORED], guard=guarded(), now=NOW)
    (failure,) = result.failures
    assert isinstance(failure.errors[0], NoPricesError)
    assert str(failure) == (
        "one about A: no prices: not one from 2024-03-04 to 2024-03-11; two about A: unknown symbol: scripted"
    )
    assert result.symbols.is_empty()


@pytest.mark.parametrize("stored_until", [None, dt.date(2024, 2, 29)])
def test_a_week_of_which_nothing_is_stored_may_be_empty(guarded, stored_until):
    asked = replace(WEEK, stored_until=stored_until)
    result = fetch_prices([Scripted("one", A="nothing")], [asked], guard=guarded(), now=NOW)
    assert (result.failures, result.symbols.height) == ((), 1)


@pytest.mark.parametrize(("first_traded", "failures"), [(DAY, 0), (dt.date(2024, 2, 1), 1)])
def test_what_was_first_traded_later_need_not_have_a_price(guarded, first_traded, failures):
    listed = Scripted("one", A="nothing")
    listed.nothing = replace(listed.nothing, first_traded=first_traded)
    result = fetch_prices([listed], [PriceRequest(symbol="A")], guard=guarded(), now=NOW)
    assert len(result.failures) == failures
    assert result.first_traded == ({} if failures else {"A": first_traded})


@pytest.mark.parametrize("trouble", [RateLimitError, SourceDownError])
def test_what_may_succeed_again_is_tried_again(fetch, trouble):
    source = Scripted("one", A=(trouble, trouble, 10))
    result, guard = fetch([source], "A")
    assert closes(result) == {"A": (D(10), "one")}
    assert len(source.asked) == 3
    assert len(guard.clock.waits) == 2
    assert guard.clock.waits[0] <= 1
    assert guard.clock.waits[1] <= 2


@pytest.mark.parametrize("trouble", [UnknownSymbolError, MalformedAnswerError, UnsupportedError])
def test_what_cannot_succeed_again_is_asked_once(fetch, trouble):
    source = Scripted("one", A=trouble)
    _, guard = fetch([source], "A")
    assert source.asked == ["A"]
    assert guard.clock.waits == []


def test_attempts_end(fetch):
    source = Scripted("one", A=RateLimitError)
    result, guard = fetch([source], "A", attempts=3)
    assert len(source.asked) == 3
    assert len(guard.clock.waits) == 2
    assert isinstance(result.failures[0].errors[0], RateLimitError)


def test_a_source_that_is_down_is_left_alone_after_some_symbols(fetch):
    symbols = [f"S{n}" for n in range(10)]
    down = Scripted("one", **dict.fromkeys(symbols, SourceDownError))
    result, _ = fetch([down], *symbols, attempts=1, give_up_after=3)
    assert len(down.asked) == 3
    assert len(result.failures) == 10
    assert "left alone" in str(result.failures[-1])


def test_an_answer_between_failures_keeps_a_source_in_use(fetch):
    source = Scripted("one", A=SourceDownError, B=1, C=SourceDownError, D=2)
    result, _ = fetch([source], "A", "B", "C", "D", attempts=1, give_up_after=2)
    assert set(closes(result)) == {"B", "D"}


def test_symbols_carry_profile_and_quote(fetch):
    result, _ = fetch([Scripted("one", AAA=10)], "AAA")
    assert result.symbols.schema == SYMBOLS
    (row,) = result.symbols.to_dicts()
    assert (row["name"], row["last_price"], row["last_price_at"], row["price_source"]) == ("Aaa", D(10), NOW, "one")


def test_rows_are_ready_for_the_history(fetch):
    result, _ = fetch([Scripted("one", B=1, A=2)], "B", "A")
    assert result.prices["symbol"].to_list() == ["A", "B"]
    assert set(result.prices["fetched_at"]) == {NOW}
    assert set(market.PRICE_HISTORY.names) - set(result.prices.columns) == {"known_from", "bulk_loaded"}


def test_adjusted_closes_stand_beside_the_prices_of_their_source(fetch):
    class Adjusting(Scripted):
        def prices(self, request, *, now):
            told = pl.DataFrame([{"symbol": request.symbol, "date": DAY, "adj_close": 9.5}], schema=ADJUSTED)
            return replace(super().prices(request, now=now), adjusted=told)

    result, _ = fetch([Adjusting("one", A=10), Scripted("two", B=20)], "A", "B")
    assert result.prices.select("symbol", "adj_close").rows() == [("A", 9.5), ("B", None)]


def test_nothing_asked_is_empty_frames(fetch):
    result, _ = fetch([Scripted("one")])
    assert (result.prices.height, result.symbols.height, result.failures) == (0, 0, ())
    assert result.prices.schema["close"] == PRICES["close"]


def test_every_call_is_recorded_with_its_time(fetch):
    ticks = iter(range(100))
    broken, sound = Scripted("one", A=1, B=MalformedAnswerError), Scripted("two", B=2)
    _, guard = fetch([broken, sound], "A", "B", stopwatch=lambda: next(ticks))
    said = "one about B: malformed answer: scripted"
    assert guard.providers.answers().select("source", "ok", "latency_ms", "error").rows() == [
        ("one", True, 1000, None),
        ("one", False, 1000, said),
        ("two", True, 1000, None),
    ]
    assert guard.providers.calls(NOW.date()).rows() == [("one", 2, 1), ("two", 1, 0)]


def test_a_source_that_does_not_know_a_symbol_is_well(fetch):
    result, guard = fetch([Scripted("one")], "A", "B")
    assert guard.providers.calls(NOW.date()).rows() == [("one", 2, 0)]
    assert len(result.failures) == 2


def test_a_source_that_has_no_such_data_was_not_called(guarded):
    guard = guarded()
    fetch_rates([Scripted("one")], ["USD"], DAY, DAY, guard=guard, now=NOW)
    assert guard.providers.answers().is_empty()


def test_rates_of_what_one_source_lacks_come_from_the_next(guarded):
    first, second = Scripted("one", rates={"USD": "1.1"}), Scripted("two", rates={"TWD": "34.2"})
    result = fetch_rates([first, second], ["TWD", "USD", "EUR", "XXX"], DAY, DAY, now=NOW, guard=guarded())
    assert result.rates.select("currency", "per_eur", "source").rows() == [
        ("TWD", D("34.2"), "two"),
        ("USD", D("1.1"), "one"),
    ]
    assert second.asked == [("TWD", "XXX")]
    assert [(failure.symbol, len(failure.errors)) for failure in result.failures] == [("XXX", 2)]


class Table(Scripted):
    has_every_rate = True


class ThroughDollar(Scripted):
    crosses_through = "USD"


@pytest.mark.parametrize(("own", "rate"), [("1.2", "30.8"), ("1.1109", "33.6"), ("1.05", "35.2")])
def test_what_is_reached_through_a_false_dollar_goes_through_that_of_the_first(guarded, own, rate):
    # 33.6 to the euro at 1.20 dollars is 28 to the dollar, so 30.8 at 1.10; up to 1 % are hours of one day.
    first, second = Table("one", rates={"USD": "1.1"}), ThroughDollar("two", rates={"USD": own, "TWD": "33.6"})
    result = fetch_rates([first, second], ["TWD"], DAY, DAY, now=NOW, guard=guarded())
    assert result.rates.select("currency", "per_eur", "source").rows() == [("TWD", D(rate), "two")]
    assert (first.asked, second.asked) == ([("TWD", "USD")], [("TWD", "USD")])


def test_a_dollar_that_nobody_told_before_is_taken_as_it_is(guarded):
    sources = [Scripted("one", rates={}), ThroughDollar("two", rates={"USD": "1.2", "TWD": "33.6"})]
    result = fetch_rates(sources, ["TWD"], DAY, DAY, now=NOW, guard=guarded())
    assert result.rates.select("currency", "per_eur").rows() == [("TWD", D("33.6"))]
    assert sources[0].asked == [("TWD",)]


class Until(Scripted):
    """Tells a rate every day up to one."""

    def __init__(self, name, last, rate):
        super().__init__(name, rates={"TWD": rate})
        self.last = last

    def rates(self, currencies, start, end):
        rates = super().rates(currencies, start, end)
        days = pl.date_range(start, min(end, self.last), eager=True).alias("date")
        return rates.drop("date").join(days.to_frame(), how="cross").select(RATES.names())


@pytest.mark.parametrize(("quiet", "since"), [(7, None), (8, "two")])
def test_a_currency_that_a_source_tells_no_more_comes_from_the_next_from_then_on(guarded, quiet, since):
    end = DAY + dt.timedelta(days=30)
    last = end - dt.timedelta(days=quiet)
    sources = [Until("one", last, "34.2"), Until("two", end, "34.3")]
    result = fetch_rates(sources, ["TWD"], DAY, end, now=NOW, guard=guarded())
    by_day = dict(result.rates.select("date", "source").iter_rows())
    assert (by_day[last], by_day.get(end), len(by_day) == result.rates.height) == ("one", since, True)
    assert result.failures == ()


def test_a_currency_that_nobody_tells_any_more_is_said(guarded):
    last, end = DAY + dt.timedelta(days=2), DAY + dt.timedelta(days=30)
    sources = [Until("one", last, "34.2"), Until("two", DAY, "34.3")]
    result = fetch_rates(sources, ["TWD"], DAY, end, now=NOW, guard=guarded())
    assert set(result.rates["source"]) == {"one"}
    [failure] = result.failures
    assert f"no rate since {last}" in str(failure)


class Pairs(Scripted):
    """A source that asks for each currency apart, and fails over one."""

    def rates(self, currencies, start, end):
        rates = super().rates(currencies, start, end)
        if "VND" in currencies:
            raise SourceDownError(self.name, "VND=X", "scripted")
        return rates


def test_one_broken_pair_never_holds_up_the_others(guarded):
    source = Pairs("one", rates={"ARS": "900", "TWD": "34.2", "VND": "27000"})
    result = fetch_rates([source], ["ARS", "TWD", "VND"], DAY, DAY, guard=guarded(attempts=1), now=NOW)
    assert result.rates["currency"].to_list() == ["ARS", "TWD"]
    assert [str(failure) for failure in result.failures] == ["one about VND=X: down: scripted"]
    assert source.asked == [("ARS", "TWD", "VND"), ("ARS",), ("TWD",), ("VND",)]


def test_what_fails_over_no_currency_of_its_own_is_asked_once(guarded):
    class Table(Scripted):
        def rates(self, currencies, start, end):
            super().rates(currencies, start, end)
            raise SourceDownError(self.name, None, "scripted")

    source = Table("one", rates={})
    fetch_rates([source], ["ARS", "TWD"], DAY, DAY, guard=guarded(attempts=1), now=NOW)
    assert source.asked == [("ARS", "TWD")]


def test_a_source_without_rates_is_passed_over(guarded):
    result = fetch_rates(
        [Scripted("one"), Scripted("two", rates={"USD": "1.1"})], ["USD"], DAY, DAY, guard=guarded(), now=NOW
    )
    assert result.rates["source"].to_list() == ["two"]


class Files(Scripted):
    """A source of one old row that is taken whole, with an answer of its own to nothing."""

    broken = False

    def everything(self, until, said):
        self.said = said
        if self.broken:
            raise MalformedAnswerError(self.name, None, "scripted")
        rows = [{"symbol": symbol, "date": day, "close": D(7), "currency": "USD"} for symbol, day in self.rows]
        taken = PriceAnswer(prices=pl.DataFrame([row for row in rows if row["date"] <= until], schema=PRICES))
        return Taken(taken, ("prices-bad.csv, line 2",))

    def every_rate(self, until):
        return Taken(pl.DataFrame([("USD", DAY, D("1.2")), ("XXX", DAY, D(3))], schema=RATES, orient="row"))

    rows = (("A", DAY), ("A", dt.date(1999, 1, 4)), ("NEVER-ASKED", DAY), ("A", dt.date(2999, 1, 1)))


def test_what_is_taken_whole_comes_after_what_the_others_say_of_the_same_day(fetch):
    files = Files("own")
    result, _ = fetch([files, Scripted("one", A=10)], "A")
    assert result.prices.select("symbol", "date", "close", "source").rows() == [
        ("A", dt.date(1999, 1, 4), D(7), "own"),
        ("A", DAY, D(10), "one"),
        ("A", DAY, D(7), "own"),
        ("NEVER-ASKED", DAY, D(7), "own"),
    ]
    assert (result.failures, result.refused_files) == ((), ("prices-bad.csv, line 2",))
    assert files.said == {"A": {"USD"}}


def test_files_that_cannot_be_read_hold_up_nobody_and_are_a_failure(fetch):
    files = Files("own")
    files.broken = True
    result, _ = fetch([Scripted("one", A=10), files], "A")
    assert closes(result) == {"A": (D(10), "one")}
    assert [failure.symbol for failure in result.failures] == ["own"]


def test_rates_that_are_taken_whole_come_even_where_nothing_is_missing(guarded):
    sources = [Scripted("one", rates={"USD": "1.1"}), Files("own", rates={})]
    result = fetch_rates(sources, ["USD"], DAY, DAY, now=NOW, guard=guarded())
    assert result.rates.select("currency", "per_eur", "source").rows() == [
        ("USD", D("1.1"), "one"),
        ("USD", D("1.2"), "own"),
        ("XXX", D(3), "own"),
    ]


def test_errors_keep_their_data_across_processes():
    error = RateLimitError("one", "A", "slow down")
    again = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own bytes
    assert (type(again), again.source, again.symbol, again.detail, str(again)) == (
        RateLimitError,
        "one",
        "A",
        "slow down",
        str(error),
    )


class Near(Scripted):
    """A source with a script that goes back to a day only."""

    def __init__(self, name, since, **script):
        super().__init__(name, **script)
        self.since, self.windows = since, []

    def prices(self, request, *, now):
        self.windows.append((request.start, request.events_start))
        if request.start is None or request.start < self.since:
            raise TooFarBackError(self.name, request.symbol, "a plan is needed", since=self.since)
        return super().prices(request, now=now)


SINCE, LONG_AGO = dt.date(2023, 11, 3), dt.date(2020, 1, 1)


def asked_from(start):
    return [PriceRequest(symbol="A", start=start)]


def test_what_goes_back_far_enough_is_asked_before_what_does_not(guarded):
    near, far = Near("near", SINCE, A="1"), Scripted("far", A="2")
    result = fetch_prices([near, far], asked_from(LONG_AGO), guard=guarded(), now=NOW)
    assert (result.prices["source"].to_list(), result.failures) == (["far"], ())
    assert near.asked == []


@pytest.mark.parametrize("start", [LONG_AGO, None])
def test_what_nobody_has_of_as_far_back_is_taken_as_far_as_there_is_and_said(guarded, start):
    near, down = Near("near", SINCE, A="1"), Scripted("far", A=SourceDownError)
    result = fetch_prices([down, near], asked_from(start), guard=guarded(), now=NOW)
    assert result.prices["source"].to_list() == ["near"]
    assert near.windows == [(start, start), (SINCE, start or SINCE)]
    (failure,) = result.failures
    assert "near about A: not that far back: a plan is needed" in str(failure)


def test_what_is_not_known_either_way_is_said_so(guarded):
    near, other = Near("near", SINCE), Scripted("far")
    (failure,) = fetch_prices([other, near], asked_from(LONG_AGO), guard=guarded(), now=NOW).failures
    assert [(error.source, type(error)) for error in failure.errors] == [
        ("far", UnknownSymbolError),
        ("near", UnknownSymbolError),
    ]


def test_a_window_before_its_reach_is_not_asked_for_otherwise(guarded):
    near = Near("near", SINCE, A="1")
    request = PriceRequest(symbol="A", start=LONG_AGO, end=dt.date(2021, 1, 1))
    result = fetch_prices([near], [request], guard=guarded(), now=NOW)
    assert (result.prices.height, len(near.windows), len(result.failures)) == (0, 1, 1)


def test_how_far_back_it_goes_comes_through_processes():
    error = TooFarBackError("a", "X", "no", since=SINCE)
    again = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert (str(again), again.since) == (str(error), SINCE)
