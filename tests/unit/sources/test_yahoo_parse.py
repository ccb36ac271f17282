"""Reading Yahoo's charts: written bodies, then recorded ones."""

import datetime as dt
import json
from decimal import Decimal

import polars as pl
import pytest

from pipelines.sources.base import ADJUSTED, DIVIDENDS, PRICES, SPLITS, PriceRequest
from pipelines.sources.yahoo_answer import Chart, ChartError, GarbledError, UnreadableError, read_chart
from pipelines.sources.yahoo_codes import unit_of
from pipelines.sources.yahoo_parse import parse_chart
from tests.replay.charts import BODIES, RECORDED

D = Decimal
LATER = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)


def body(symbol):
    return (BODIES / f"chart_{symbol}.json").read_text()


def answer(text, *, now=LATER, symbol="X", **window):
    chart = read_chart(text)
    assert isinstance(chart, Chart)
    return parse_chart(chart, PriceRequest(symbol=symbol, **window), now=now)


def closes(prices):
    return {str(day): close for day, close in prices.select("date", "close").iter_rows()}


def edited(symbol, **meta):
    chart = json.loads(body(symbol))
    chart["chart"]["result"][0]["meta"] |= meta
    return json.dumps(chart)


def test_prices_are_as_traded_before_each_split():
    prices = answer(body("SPLITS")).prices
    assert closes(prices) == {
        "2024-03-04": D(120),
        "2024-03-05": D("121.37"),
        "2024-03-06": D("60.55"),
        "2024-03-07": D(60),
        "2024-03-08": D("40.25"),
        "2024-03-11": D("40.4"),
    }
    assert prices["volume"].to_list() == [3000, 2000, 4000, 4000, 6000, 7000]


def test_dividends_are_as_declared_and_splits_as_stated():
    said = answer(body("SPLITS"))
    assert said.dividends.select("ex_date", "amount", "currency", "kind").rows() == [
        (dt.date(2024, 3, 5), D("0.82"), "USD", "cash"),
        (dt.date(2024, 3, 11), D("0.25"), "USD", "cash"),
    ]
    assert said.splits.rows() == [("X", dt.date(2024, 3, 6), D(2), D(1)), ("X", dt.date(2024, 3, 8), D(3), D(2))]


def test_one_for_one_is_no_split():
    chart = json.loads(body("SPLITS"))
    told = chart["chart"]["result"][0]["events"]["splits"]
    first = min(told, key=int)
    told[first] |= {"numerator": 1.0, "denominator": 1.0}
    assert answer(json.dumps(chart)).splits.select("ex_date", "ratio_new").rows() == [(dt.date(2024, 3, 8), D(3))]


def test_a_window_that_ends_before_a_split_is_restored_all_the_same():
    said = answer(body("SPLITS"), start=dt.date(2024, 3, 4), end=dt.date(2024, 3, 5))
    assert closes(said.prices) == {"2024-03-04": D(120), "2024-03-05": D("121.37")}
    # These days come divided by them: who is told the days without them would not know in which units they are.
    assert said.splits["ex_date"].to_list() == [dt.date(2024, 3, 6), dt.date(2024, 3, 8)]


def test_dividends_and_splits_are_taken_from_before_the_prices_on():
    said = answer(body("SPLITS"), start=dt.date(2024, 3, 8), events_from=dt.date(2024, 3, 6))
    assert closes(said.prices) == {"2024-03-08": D("40.25"), "2024-03-11": D("40.4")}
    assert said.splits["ex_date"].to_list() == [dt.date(2024, 3, 6), dt.date(2024, 3, 8)]
    assert said.dividends["ex_date"].to_list() == [dt.date(2024, 3, 11)]


@pytest.mark.parametrize(
    ("zone", "now", "expected"),
    [
        pytest.param("Australia/Sydney", dt.datetime(2024, 3, 17, 23, 30, tzinfo=dt.UTC), True, id="begun there"),
        pytest.param("Australia/Sydney", dt.datetime(2024, 3, 17, 12, 30, tzinfo=dt.UTC), False, id="not yet"),
        pytest.param("Australia/Sydney", dt.datetime(2024, 3, 18, 1, 0, tzinfo=dt.UTC), True, id="a window gone by"),
        pytest.param("UTC", dt.datetime(2024, 3, 17, 23, 30, tzinfo=dt.UTC), True, id="the same day"),
    ],
)
def test_a_day_that_has_begun_at_the_exchange_is_the_present_one(zone, now, expected):
    chart = json.loads(edited("SPLITS", exchangeTimezoneName=zone))
    opening = int(dt.datetime(2024, 3, 17, 21, 0, tzinfo=dt.UTC).timestamp())
    told = {str(opening): {"date": opening, "numerator": 5.0, "denominator": 4.0}}
    chart["chart"]["result"][0]["events"]["splits"] = told
    splits = answer(json.dumps(chart), now=now, start=dt.date(2024, 3, 16), end=dt.date(2024, 3, 17)).splits
    assert (splits["ex_date"].to_list() == [dt.date(2024, 3, 18 if zone != "UTC" else 17)]) is expected


def test_adjusted_closes_are_told_as_they_come_if_each_bar_has_one():
    chart = json.loads(body("SPLITS"))
    days = len(chart["chart"]["result"][0]["timestamp"])
    told = [39.5, None, *([40.0] * (days - 2))]
    chart["chart"]["result"][0]["indicators"]["adjclose"] = [{"adjclose": told}]
    adjusted = answer(json.dumps(chart), end=dt.date(2024, 3, 6)).adjusted
    assert adjusted.schema == ADJUSTED
    assert adjusted.rows() == [("X", dt.date(2024, 3, 4), 39.5), ("X", dt.date(2024, 3, 6), 40.0)]
    chart["chart"]["result"][0]["indicators"]["adjclose"] = [{"adjclose": told[:-1]}]
    assert answer(json.dumps(chart)).adjusted.is_empty()


def test_the_frames_have_the_declared_schemas():
    for said in (answer(body("SPLITS")), answer(body("LIVE")), answer(body("PENCE.L"))):
        assert said.prices.schema == PRICES
        assert said.dividends.schema == DIVIDENDS
        assert said.splits.schema == SPLITS


def test_pence_become_pounds_and_a_dividend_keeps_its_own_currency():
    said = answer(body("PENCE.L"))
    assert closes(said.prices) == {"2024-03-04": D("2.505"), "2024-03-05": D("2.487"), "2024-03-07": D("2.471")}
    assert set(said.prices["currency"]) == {"GBP"}
    assert said.dividends.select("amount", "currency").rows() == [(D("0.0425"), "GBP"), (D("0.344"), "USD")]
    assert (said.profile.currency, said.profile.price_unit, said.profile.exchange) == ("GBP", "GBp", "XLON")
    assert said.quote.last_price == D("2.471")


def test_a_session_without_a_close_is_left_out_and_counted():
    assert answer(body("PENCE.L")).dropped_null_bars == 1


@pytest.mark.parametrize(
    ("code", "unit"),
    [
        ("GBp", ("GBP", 100)),
        ("GBX", ("GBP", 100)),
        ("ILA", ("ILS", 100)),
        ("ZAc", ("ZAR", 100)),
        ("GBP", ("GBP", 1)),
        ("USD", ("USD", 1)),
    ],
)
def test_units_of_price(code, unit):
    assert unit_of(code) == unit


@pytest.mark.parametrize(
    ("now", "last"),
    [
        pytest.param("2024-03-08T16:20", "2024-03-07", id="the session runs"),
        pytest.param("2024-03-08T21:10", "2024-03-07", id="it has ended, and Yahoo is late"),
        pytest.param("2024-03-08T21:30", "2024-03-08", id="it has settled"),
    ],
)
def test_only_closed_sessions_are_history(now, last):
    said = answer(body("LIVE"), now=dt.datetime.fromisoformat(now).replace(tzinfo=dt.UTC))
    assert str(said.prices["date"].max()) == last
    assert said.quote.last_price == D("10.85")
    assert said.quote.last_price_at == dt.datetime(2024, 3, 8, 16, 15, tzinfo=dt.UTC)
    assert said.quote.previous_close == D("10.75")


def test_a_session_has_closed_when_it_has_traded_until_its_end():
    closed_at = dt.datetime(2024, 3, 8, 21, tzinfo=dt.UTC)
    said = answer(edited("LIVE", regularMarketTime=int(closed_at.timestamp())), now=closed_at)
    assert said.prices.height == 3


def test_without_hours_today_is_no_history():
    chart = edited("LIVE", currentTradingPeriod=None)
    assert answer(chart, now=dt.datetime(2024, 3, 8, 23, tzinfo=dt.UTC)).prices.height == 2
    assert answer(chart, now=dt.datetime(2024, 3, 9, 6, tzinfo=dt.UTC)).prices.height == 3


def test_a_running_session_that_comes_twice_is_one():
    chart = json.loads(body("LIVE"))
    result = chart["chart"]["result"][0]
    opening = result["meta"]["currentTradingPeriod"]["regular"]["start"]
    result["timestamp"].insert(2, opening)
    for values in result["indicators"]["quote"][0].values():
        values.insert(2, 10.5)
    assert closes(answer(json.dumps(chart)).prices)["2024-03-08"] == D("10.85")


def test_capital_gains_are_dividends_of_their_own_kind():
    chart = json.loads(body("LIVE"))
    result = chart["chart"]["result"][0]
    at = result["timestamp"][1]
    result["events"] = {
        "dividends": {str(at): {"date": at, "amount": 0.1}},
        "capitalGains": {str(at): {"date": at, "amount": 1.25}},
    }
    said = answer(json.dumps(chart)).dividends
    assert said.select("kind", "amount").rows() == [("capital_gain", D("1.25")), ("cash", D("0.1"))]


def test_currencies_have_no_volume():
    assert answer(body("EURUSD=X")).prices["volume"].null_count() == 3


def test_an_empty_window_is_a_quote_without_prices():
    chart = json.loads(edited("LIVE", chartPreviousClose=10.75))
    result = chart["chart"]["result"][0]
    del result["timestamp"]
    result["indicators"] = {"quote": [{}]}
    said = answer(json.dumps(chart))
    assert said.prices.is_empty()
    assert (said.quote.last_price, said.quote.previous_close) == (D("10.85"), D("10.75"))


@pytest.mark.parametrize(
    ("text", "where"),
    [
        pytest.param("{", "no JSON", id="cut"),
        pytest.param("<html></html>", "no JSON", id="a page"),
        pytest.param("[]", "valid dictionary", id="a list"),
        pytest.param('{"chart": {"result": null, "error": null}}', "neither", id="nothing at all"),
        pytest.param(edited("LIVE", currency=None), "meta.currency", id="no currency"),
        pytest.param(edited("LIVE", exchangeTimezoneName="Mars/Olympus"), "no such time zone", id="no such zone"),
        pytest.param(edited("LIVE", dataGranularity="3mo"), "dataGranularity", id="bars of a quarter"),
        pytest.param(body("LIVE").replace("110", "110, 111"), "volume has 4 values for 3 bars", id="ragged"),
        pytest.param(body("LIVE").replace('"volume"', '"vol"').replace("10.75", "NaN"), "close", id="not a number"),
    ],
)
def test_what_is_no_chart_says_where(text, where):
    with pytest.raises(UnreadableError, match=where):
        read_chart(text)


@pytest.mark.parametrize("result", [None, []])
def test_an_answer_that_says_nothing_is_no_answer(result):
    with pytest.raises(GarbledError):
        read_chart(json.dumps({"chart": {"result": result, "error": None}}))


@pytest.mark.parametrize(
    ("code", "description", "kind"),
    [
        ("Not Found", "No data found, symbol may be delisted", "unknown"),
        ("Bad Request", "Data doesn't exist for startDate = 1262304000, endDate = 1262995200", "empty"),
        ("Internal", "oops", "other"),
    ],
)
def test_refusals(code, description, kind):
    said = read_chart(json.dumps({"chart": {"result": None, "error": {"code": code, "description": description}}}))
    assert isinstance(said, ChartError)
    assert said.kind == kind


def recorded(name):
    return (RECORDED / "yahoo" / name).read_text()


@pytest.mark.recorded
def test_recorded_split_and_dividend():
    said = answer(recorded("chart_AAPL_1d_2020-08-31_2020-11-06_split_div.json"), symbol="AAPL")
    assert said.prices.height == 49
    assert closes(said.prices)["2020-08-31"] == D("129.04")
    assert said.splits.rows() == [("AAPL", dt.date(2020, 8, 31), D(4), D(1))]
    assert said.dividends["amount"].to_list() == [D("0.205")]


@pytest.mark.recorded
def test_recorded_prices_before_a_split_are_as_traded():
    chart = json.loads(recorded("chart_NVDA_1d_2021-02_2022-01_split.json"))
    later = {"date": 1718026200, "numerator": 10, "denominator": 1}  # recorded after this split, cut before it
    chart["chart"]["result"][0]["events"]["splits"]["later"] = later
    traded = closes(answer(json.dumps(chart)).prices)
    assert (traded["2021-07-19"], traded["2021-07-20"]) == (D("751.19"), D("186.12"))


@pytest.mark.recorded
def test_recorded_years_of_prices_come_back_in_cents():
    chart = json.loads(recorded("chart_TSLA_1d_2010-06_2023-08_full.json"))
    splits = {day: (new, 1) for day, new in ((1598880600, 5), (1661434200, 3))}
    chart["chart"]["result"][0]["events"] = {
        "splits": {str(at): {"date": at, "numerator": new, "denominator": old} for at, (new, old) in splits.items()}
    }
    prices = answer(json.dumps(chart)).prices
    assert prices.height == 3303
    assert closes(prices)["2020-08-28"] == D("2213.4")
    for name in ("open", "high", "low", "close"):
        assert prices.filter(pl.col(name) != pl.col(name).round(2)).is_empty()


@pytest.mark.recorded
@pytest.mark.parametrize(
    ("name", "currency", "bars", "dropped"),
    [
        ("pp_response_yahoo_historical01.json", "EUR", 123, 1),
        ("rec2026_chart_TSCO.L.json", "GBP", 5, 0),
        ("chart_OCDO.L_1d_2020-01_GBp.json", "GBP", 1, 0),
        ("chart_WSKT.JK_1d_2020-01_IDR.json", "IDR", 1, 0),
        ("chart_BTC-USD_1d_2020-01.json", "USD", 3, 0),
        ("chart_EURUSD=X_1d_2020-01.json", "USD", 3, 0),
    ],
)
def test_recorded_bodies_of_all_kinds(name, currency, bars, dropped):
    said = answer(recorded(name))
    assert (set(said.prices["currency"]), said.prices.height, said.dropped_null_bars) == ({currency}, bars, dropped)


@pytest.mark.recorded
def test_recorded_bars_of_a_quarter_are_refused():
    with pytest.raises(UnreadableError, match="dataGranularity"):
        read_chart(recorded("rec2026_chart_VFINX.json"))


@pytest.mark.recorded
def test_every_recorded_chart_is_read_or_says_why_not():
    outcomes = {}
    for file in sorted((RECORDED / "yahoo").glob("*chart_*.json")):
        try:
            outcomes[file.name] = answer(file.read_text()).prices.schema == PRICES
        except UnreadableError as error:
            outcomes[file.name] = str(error)
    wrong = {name: said for name, said in outcomes.items() if said is not True}
    assert all("dataGranularity" in said or "neither" in said for said in wrong.values()), wrong
    assert sum(said is True for said in outcomes.values()) >= 18
