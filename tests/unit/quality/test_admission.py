"""What becomes of fetched rows, with a judge that believes no step of more than half."""

import datetime as dt
import json
from decimal import Decimal

import polars as pl
import pytest
from fetches import DAY, closes, dividend, fetch, known, price, rate, split, symbol, weekdays

from pipelines.quality.admission import Past, admit
from pipelines.quality.finding import FINDINGS
from pipelines.quality.screens import screen
from warehouse.ops.quarantine import HELD
from warehouse.schema import market
from warehouse.schema.ops import QUARANTINE

NOON = dt.datetime(2024, 3, 13, 12, tzinfo=dt.UTC)
EVE = weekdays(2)[0]
NEVER = Past(
    open_rows=QUARANTINE.empty(),
    releases=pl.DataFrame(schema=dict.fromkeys(("table_name", "rule", "key", "value"), pl.String)),
)
NOBODY = market.SYMBOLS.empty()
STORED = known(prices=closes(100, 100, until=EVE), symbols=[symbol()])


def steps(fetched, known, *, today):
    """Return what is less than half or more than double the close before, and what is not above zero."""
    columns = ["symbol", "date", "close"]
    frames = [
        frame.select(columns).with_columns(fetched=pl.lit(new))
        for frame, new in ((known.prices, False), (fetched.prices, True))
        if frame.height
    ]
    if not frames:
        return pl.DataFrame(schema=FINDINGS)
    rows = pl.concat(frames).unique(["symbol", "date"], keep="last", maintain_order=True).sort("symbol", "date")
    believable = pl.col("close").cast(pl.Float64)
    ratio = believable / believable.shift(1).over("symbol")
    wrong = rows.with_columns(ratio=ratio).filter("fetched", (pl.col("ratio") < 0.5) | (pl.col("ratio") > 2))
    return wrong.select(
        table_name=pl.lit("price_history"),
        about="symbol",
        date="date",
        rule=pl.when(pl.col("close") <= 0).then(pl.lit("not_positive")).otherwise(pl.lit("jump")),
        column=pl.lit("close"),
        value=pl.col("close").cast(pl.Float64).cast(pl.String),
        expected=pl.lit(None, dtype=pl.String),
        reason=pl.lit("a step"),
        held=pl.lit(value=True),
    ).cast(FINDINGS)


def judged(fetched, *, symbols=NOBODY, stored=STORED, past=NEVER, judge=steps):
    return admit(fetched, symbols, stored, past, today=DAY, judge=judge)


def opened(admission, **changes):
    """Return what an admission held back as it lies open in quarantine afterwards."""
    stamps = {"run_id": "r1", "state": "open", "first_seen_at": NOON, "last_seen_at": NOON}
    rows = [
        {"quarantine_id": number, **row, **stamps, **changes}
        for number, row in enumerate(admission.held.to_dicts(), start=1)
    ]
    return Past(open_rows=QUARANTINE.conform(pl.DataFrame(rows)), releases=NEVER.releases)


def released(past):
    return Past(open_rows=past.open_rows, releases=past.open_rows.select("table_name", "rule", "key", "value"))


def test_a_held_row_stays_behind_whole_and_the_others_go_on():
    said = judged(fetch(prices=[price(close=1), price(close=7, symbol="B")], splits=[split(2, 1)]))
    assert said.believed.prices.select("symbol", "close").rows() == [("B", 7)]
    assert said.believed.splits.height == 1
    row = said.held.row(0, named=True)
    assert (said.held.schema, said.held.height) == (HELD, 1)
    assert (row["rule"], row["key"], row["value"]) == ("jump", f"A {DAY}", "1.0")
    assert json.loads(row["fetched_row"])["close"] == "1"
    assert said.judged["price_history"] == 2


def test_a_remark_goes_on():
    said = judged(
        fetch(prices=[price(close=1)]), judge=lambda *a, **k: steps(*a, **k).with_columns(held=pl.lit(value=False))
    )
    assert (said.believed.prices.height, said.held.height, said.remarks.height) == (1, 0, 1)


def test_a_day_told_twice_alike_goes_on_once():
    assert judged(fetch(prices=[price(close=100), price(close=100)])).believed.prices.height == 1


@pytest.mark.parametrize(
    ("again", "how"),
    [
        pytest.param([price(close=99)], "believable", id="it comes mended"),
        pytest.param([price(close=1)], None, id="it comes as it was"),
        pytest.param([], None, id="nothing comes"),
        pytest.param(closes(100, until=EVE), None, id="only an earlier day comes"),
        pytest.param(
            [price(close=100, date=EVE), price(close=100, date=DAY + dt.timedelta(1))],
            "withdrawn",
            id="it is passed over",
        ),
        pytest.param(
            [price(close=100, date=DAY + dt.timedelta(days)) for days in (-40, 1)],
            None,
            id="only days long before and after it come",
        ),
        pytest.param(
            [price(close=100, date=DAY + dt.timedelta(30 * months + 1)) for months in range(-3, 3)],
            "withdrawn",
            id="it is passed over by a fund that is priced once a month",
        ),
        pytest.param([price(close=98, source="inbox")], "own", id="a person's file has the day"),
    ],
)
def test_what_resolves_an_open_row(again, how):
    past = opened(judged(fetch(prices=[price(close=1)])))
    said = judged(fetch(prices=again), past=past)
    assert said.resolutions.rows() == ([] if how is None else [(1, how)])


def test_what_is_a_remark_by_now_stays_open_as_long_as_another_rule_holds_its_row_back():
    def two_rules(*_, **__):
        found = steps(fetch(prices=[price(close=1)]), STORED, today=DAY)
        return pl.concat([found, found.with_columns(rule=pl.lit("other"), held=pl.lit(value=False))])

    past = opened(judged(fetch(prices=[price(close=1)])), rule="other")
    assert past.open_rows["rule"].to_list() == ["other"]
    said = judged(fetch(prices=[price(close=1)]), past=past, judge=two_rules)
    assert (said.held["rule"].to_list(), said.resolutions.rows()) == (["jump"], [])


def test_what_comes_again_unbelieved_is_the_same_row():
    first = judged(fetch(prices=[price(close=1)]))
    assert judged(fetch(prices=[price(close=1)]), past=opened(first)).held.equals(first.held)


def test_a_released_row_goes_on_and_is_released():
    past = released(opened(judged(fetch(prices=[price(close=1)]))))
    said = judged(fetch(prices=[price(close=1)]), past=past)
    assert said.believed.prices["close"].to_list() == [1]
    assert (said.held.height, said.remarks["rule"].to_list()) == (0, ["jump"])
    assert said.resolutions.rows() == [(1, "released")]


def test_a_released_row_that_no_provider_states_any_more_goes_on_as_it_was_fetched():
    past = released(opened(judged(fetch(prices=[price(close="1.25", volume=7)]))))
    said = judged(fetch(), past=past)
    assert said.believed.prices.select("symbol", "date", "close", "volume", "currency", "source").rows() == [
        ("A", DAY, Decimal("1.25"), 7, "USD", "yahoo")
    ]
    assert said.resolutions.rows() == [(1, "released")]


CALM = known(prices=closes(*[100, 101] * 15, until=weekdays(5)[0], volume=1000), symbols=[symbol()])
CRASH = closes(48, 47, 49, 48, volume=1000)


def first_released(past):
    """Return the past with a release of the earliest row alone."""
    first = past.open_rows.filter(pl.col("date") == pl.col("date").min())
    return Past(open_rows=past.open_rows, releases=first.select("table_name", "rule", "key", "value"))


def test_a_released_row_lets_those_that_follow_at_its_level_through():
    held_back = judged(fetch(prices=CRASH), symbols=quote(48), stored=CALM, judge=screen)
    assert (held_back.believed.prices.height, held_back.held["table_name"].to_list().count("price_history")) == (0, 4)
    let = judged(
        fetch(prices=CRASH), symbols=quote(48), stored=CALM, judge=screen, past=first_released(opened(held_back))
    )
    assert let.believed.prices["close"].to_list() == [48, 47, 49, 48]
    assert (let.held.height, let.symbols["last_price"].item()) == (0, 48)
    assert sorted(let.resolutions["resolution"]) == ["believable"] * 4 + ["released"]


@pytest.mark.parametrize("before", [30, 28], ids=["stored until the leap", "two days before it are new, too"])
def test_a_released_rate_lets_those_that_follow_at_its_level_through(before):
    values = [1.10, 1.11, 1.105] * 10 + [11.0, 11.1, 11.05, 11.1]
    rates = [rate(value, date=day) for value, day in zip(values, weekdays(len(values)), strict=True)]
    told, stored = fetch(rates=rates[25:]), known(rates=rates[:before])
    held_back = judged(told, stored=stored, judge=screen)
    assert held_back.held["date"].to_list() == [row["date"] for row in rates[30:]]
    let = judged(told, stored=stored, judge=screen, past=first_released(opened(held_back)))
    assert (let.held.height, let.believed.rates.height) == (0, 9)


def test_what_follows_a_released_row_at_another_level_still_waits():
    later = [*CRASH[:2], price(close=480, date=CRASH[2]["date"], volume=1000), CRASH[3]]
    past = first_released(opened(judged(fetch(prices=later), stored=CALM, judge=screen)))
    let = judged(fetch(prices=later), stored=CALM, judge=screen, past=past)
    assert let.believed.prices["close"].to_list() == [48, 47, 48]
    assert let.held["value"].to_list() == ["480"]


def test_another_value_of_a_released_row_is_judged_anew():
    past = released(opened(judged(fetch(prices=[price(close=1)]))))
    said = judged(fetch(prices=[price(close=2)]), past=past)
    assert (said.held["value"].to_list(), said.believed.prices.height) == (["2.0"], 0)
    assert said.resolutions.is_empty()


def test_a_persons_own_row_is_only_remarked_unless_it_is_impossible():
    said = judged(
        fetch(prices=[price(close=1, source="inbox"), price(close=-1, symbol="B", source="inbox")]),
        stored=known(prices=[*closes(100, until=EVE), *closes(100, symbol="B", until=EVE)]),
    )
    assert said.believed.prices.select("symbol", "close").rows() == [("A", 1)]
    assert said.remarks["about"].to_list() == ["A"]
    assert said.held["about"].to_list() == ["B"]


def test_what_is_not_believed_beside_a_persons_own_row_is_not_kept_at_all():
    own, other = price(close=100, source="inbox"), price(close=1)
    said = judged(fetch(prices=[other, own]))
    assert said.believed.prices.select("close", "source").rows() == [(100, "inbox")]
    assert said.held.is_empty()


def test_a_persons_own_row_is_known_when_the_next_is_judged():
    later = DAY + dt.timedelta(days=1)
    said = judged(fetch(prices=[price(close=1, source="inbox"), price(close=1, date=later)]))
    assert said.held.is_empty()
    assert said.believed.prices.height == 2


def quote(last_price, **more):
    row = symbol(last_price=Decimal(str(last_price)), last_price_at=NOON, price_source="yahoo", **more)
    frame = pl.DataFrame([row])
    return frame.cast({pl.Decimal: market.PRICE_HISTORY.polars_schema["close"]})


def test_a_quote_that_is_not_believed_leaves_the_last_price_and_keeps_the_profile():
    said = judged(fetch(), symbols=quote(1, name="Alpha"))
    row = said.symbols.row(0, named=True)
    assert (row["name"], row["last_price"], row["last_price_at"]) == ("Alpha", None, None)
    held = said.held.row(0, named=True)
    assert (held["table_name"], held["key"], held["column_name"]) == ("symbols", "A", "last_price")
    assert judged(fetch(), symbols=quote(99)).held.is_empty()
    assert judged(fetch(), symbols=quote(99), past=opened(said)).resolutions.rows() == [(1, "believable")]
    let = judged(fetch(), symbols=quote(1), past=released(opened(said)))
    assert (let.symbols["last_price"].item(), let.resolutions.rows()) == (1, [(1, "released")])


def test_doubted_quotes_are_a_share_of_all_that_were_fetched():
    assert judged(fetch(), symbols=quote(1, name="Alpha")).judged["symbols"] == 1


def test_a_quote_is_judged_after_what_the_same_fetch_brings():
    assert judged(fetch(prices=[price(close=60)]), symbols=quote(40)).held["value"].to_list() == ["40.0"]
    eve = fetch(prices=[price(close=60, date=EVE)])
    assert judged(eve, symbols=quote(40)).held.is_empty()


def test_a_quote_of_which_no_close_is_believed_waits_with_them():
    new = fetch(prices=closes(1, 100, 90, symbol="B", until=EVE))
    profile = quote(90).with_columns(symbol=pl.lit("B"))
    assert judged(new, symbols=profile).symbols["last_price"].to_list() == [90]

    def nothing(fetched, known, *, today):
        return steps(fetched, known, today=today).clear() if fetched.prices.height == 1 else _every(fetched)

    said = judged(new, symbols=profile, judge=nothing)
    assert said.symbols["last_price"].to_list() == [None]
    held = said.held.filter(table_name="symbols")
    assert held.select("rule", "reason").rows() == [
        ("quote_alone", "price 90: all closes of B are held back, so nothing speaks for it")
    ]


def _every(fetched):
    wrong = {"table_name": "price_history", "rule": "jump", "column": "close", "reason": "a step"}
    rows = fetched.prices.select(
        *(pl.lit(value).alias(name) for name, value in wrong.items()),
        about="symbol",
        date="date",
        value=pl.col("close").cast(pl.String),
        expected=pl.lit(None, dtype=pl.String),
        held=pl.lit(value=True),
    )
    return rows.select(FINDINGS.names()).cast(FINDINGS)


def test_a_stored_split_that_is_believed_no_more_is_taken_back_and_lies_whole_in_quarantine():
    stored = known(prices=closes(100, 100, until=EVE), symbols=[symbol()], splits=[split(2, 1)])
    said = judged(fetch(prices=[price(close=101)]), stored=stored, judge=screen)
    assert said.taken_back.rows() == [("A", DAY)]
    row = said.held.row(0, named=True)
    assert (row["table_name"], row["rule"], row["key"]) == ("split_history", "split_unlike_prices", f"A {DAY}")
    assert json.loads(row["fetched_row"]) == {
        "symbol": "A",
        "ex_date": str(DAY),
        "ratio_new": "2",
        "ratio_old": "1",
        "source": "yahoo",
    }
    let = judged(fetch(prices=[price(close=101)]), stored=stored, judge=screen, past=released(opened(said)))
    assert (let.taken_back.height, let.believed.splits.height) == (0, 1)


def test_a_previous_close_that_is_held_back_is_not_known():
    told = fetch(prices=[price(close=1, date=EVE)])
    said = judged(told, symbols=quote(100, previous_close=Decimal(1)), stored=CALM, judge=screen)
    assert said.held["rule"].to_list() == ["hundredfold"]
    assert said.symbols.select("last_price", "previous_close").rows() == [(100, None)]


def test_a_symbol_in_another_currency_is_held_back_as_a_whole_and_released_as_a_whole():
    euros = fetch(prices=closes(100, 101, currency="EUR"), dividends=[dividend(amount=1)])
    profile = quote(101).with_columns(currency=pl.lit("EUR"))
    said = judged(euros, symbols=profile, judge=screen)
    assert (said.believed.prices.height, said.symbols.height, said.believed.dividends.height) == (0, 0, 1)
    row = said.held.row(0, named=True)
    assert said.held.height == 1
    assert (row["rule"], row["key"], row["value"], row["expected"]) == ("currency_changed", "A", "EUR", "USD")
    assert row["date"] == DAY
    let = judged(euros, symbols=profile, past=released(opened(said)), judge=screen)
    assert (let.believed.prices.height, let.symbols["currency"].to_list()) == (2, ["EUR"])
    assert let.resolutions.rows() == [(1, "released")]


def test_prices_in_another_currency_wait_from_the_first_day_that_has_no_price_for_them():
    """A night asks for the last week again: what is stored of that is lost to nobody."""
    euros = fetch(prices=closes(100, 101, 102, currency="EUR"))
    stored = known(prices=closes(90, 91, until=EVE), symbols=[symbol()])
    (row,) = judged(euros, stored=stored, judge=screen).held.to_dicts()
    assert (row["rule"], row["date"], row["reason"]) == (
        "currency_changed",
        DAY,
        "3 prices in EUR, of a symbol known in USD",
    )


def test_the_quote_of_another_series_waits_with_its_prices():
    other = fetch(prices=closes(90, 95, 89, 99, 91, 93))
    stored = known(prices=closes(100, 101, 102, 103, 104, until=EVE), symbols=[symbol()])
    said = judged(other, symbols=quote(93), stored=stored, judge=screen)
    assert set(said.held["rule"]) == {"another_series"}
    assert said.held.filter(pl.col("table_name") == "symbols").select("key", "value").rows() == [("A", "93")]
    assert (said.believed.prices.height, said.symbols["last_price"].to_list()) == (0, [None])
    let = judged(other, symbols=quote(93), stored=stored, past=released(opened(said)), judge=screen)
    assert (let.believed.prices.height, let.symbols["last_price"].to_list()) == (6, [93])
    assert let.resolutions["resolution"].to_list() == ["released"] * 6 + ["believable"]


WEEK = closes(100, 101, 102, 103, 104, until=EVE, open=100, volume=1000)
AGAIN = closes(100.4, 100.6, 102.3, 102.6, 104.4, 105, source="alphavantage", open=99, volume=900)


def test_what_another_provider_says_of_stored_days_within_a_percent_is_neither_held_nor_written():
    stored = known(prices=WEEK, symbols=[symbol()])
    said = judged(fetch(prices=AGAIN), symbols=quote(105), stored=stored, judge=screen)
    assert said.believed.prices.select("date", "close").rows() == [(DAY, 105)]
    assert (said.held.height, said.symbols["last_price"].item()) == (0, 105)
    assert said.judged["price_history"] == 6
    own = judged(fetch(prices=AGAIN), stored=known(prices=[row | {"source": "alphavantage"} for row in WEEK]))
    assert own.believed.prices.height == 6


def test_who_stands_in_for_a_source_of_rates_adds_new_days_and_moves_no_stored_one_nor_does_the_way_back():
    days = weekdays(6)
    of_bank = [rate(value, date=day) for value, day in zip((1.16, 1.161, 1.162, 1.163, 1.164), days, strict=False)]
    of_other = [rate(1.17, date=day, source="alphavantage") for day in days]
    said = judged(fetch(rates=of_other), stored=known(rates=of_bank), judge=screen)
    assert said.believed.rates.select("date", "source").rows() == [(days[-1], "alphavantage")]
    assert (said.held.height, said.judged["fx_history"]) == (0, 6)
    back = [*of_bank, rate(1.165, date=days[-1])]
    again = judged(fetch(rates=back), stored=known(rates=[*of_bank, of_other[-1]]), judge=screen)
    assert (again.held.height, again.believed.rates["date"].to_list()) == (0, days[:-1])


def test_what_another_provider_says_more_than_a_percent_off_is_held_and_what_is_wrong_beside_it_is_a_remark():
    stored = known(prices=WEEK, symbols=[symbol()])
    told = [AGAIN[0] | {"close": 102}, AGAIN[1] | {"volume": -1}, *AGAIN[2:]]
    said = judged(fetch(prices=told), stored=stored, judge=screen)
    assert said.held.select("date", "rule").rows() == [(WEEK[0]["date"], "providers_disagree")]
    assert said.remarks.select("date", "rule").rows() == [(WEEK[1]["date"], "negative_volume")]
    assert said.believed.prices["date"].to_list() == [DAY]


def test_a_day_that_its_own_provider_tells_wrongly_is_held_though_another_confirms_it():
    day = WEEK[-1]["date"]
    both = fetch(prices=[price(close=40, date=day), price(close=104.2, date=day, source="alphavantage")])
    said = judged(both, stored=known(prices=WEEK, symbols=[symbol()]), judge=screen)
    assert (set(said.held["key"]), said.believed.prices.height) == ({f"A {day}"}, 0)


def test_a_week_that_waits_is_resolved_when_another_provider_confirms_what_is_stored():
    stored = known(prices=WEEK, symbols=[symbol()])
    anew = fetch(prices=[row | {"close": row["close"] * 1.005} for row in WEEK])
    waiting = opened(judged(anew, stored=stored, judge=screen))
    assert set(waiting.open_rows["rule"]) == {"retold"}
    said = judged(fetch(prices=AGAIN), stored=stored, judge=screen, past=waiting)
    assert (said.held.height, set(said.resolutions["resolution"])) == (0, {"believable"})


def test_nothing_fetched_is_nothing_held():
    nothing = pl.DataFrame()
    empty = type(fetch())(prices=nothing, dividends=nothing, splits=nothing, rates=nothing)
    said = admit(empty, nothing, STORED, NEVER, today=DAY)
    assert (said.held.height, said.believed.prices.height, said.symbols.height) == (0, 0, 0)


@pytest.mark.parametrize(("days", "waits"), [(0, False), (1, False), (2, True), (50, True)])
def test_a_current_price_of_a_day_that_has_begun_nowhere_waits(days, waits):
    at = dt.datetime.combine(DAY + dt.timedelta(days), dt.time(20), dt.UTC)
    told = quote(101).with_columns(last_price_at=pl.lit(at))
    said = judged(fetch(), symbols=told, stored=known(prices=WEEK), judge=screen)
    assert said.held["rule"].to_list() == (["future_date"] if waits else [])
    assert said.symbols["last_price"].to_list() == ([None] if waits else [101])
