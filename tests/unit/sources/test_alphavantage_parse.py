"""Reading Alpha Vantage's answers: laws, and what a reader can check in the head."""

import datetime as dt
import pickle
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pipelines.sources.alphavantage_answer import Daily, DailyPairs, Dividends, GlobalQuote, News, Splits
from pipelines.sources.alphavantage_codes import exchange_of, first_open_day, ticker_of
from pipelines.sources.alphavantage_listing import Listing
from pipelines.sources.alphavantage_lookups import parse_news
from pipelines.sources.alphavantage_parse import (
    parse_dividends,
    parse_prices,
    parse_quote,
    parse_rates,
    parse_splits,
    ratio,
)
from pipelines.sources.base import DIVIDENDS, PRICES, RATES, SPLITS, PriceRequest, Profile
from pipelines.sources.errors import BadKeyError, QuotaError
from tests.replay import alphavantage

D = Decimal
LATER = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
REQUEST = PriceRequest(symbol="X")
TEXTS = st.decimals(min_value=0, max_value=10**9, places=4).map(lambda price: f"{price:f}")
DAYS = st.dates(dt.date(1999, 1, 1), dt.date(2026, 1, 1))


def listing(price_unit="USD", currency="USD", ticker="X"):
    return Listing(profile=Profile(currency=currency, price_unit=price_unit), exchange=exchange_of(ticker))


def daily(bars):
    return Daily.model_validate({"Time Series (Daily)": bars})


@given(st.dictionaries(DAYS, TEXTS, max_size=20), st.randoms(use_true_random=False))
def test_every_close_is_the_decimal_that_was_written_whatever_the_order(closes, random):
    days = list(closes)
    random.shuffle(days)
    bars = {str(day): {"4. close": closes[day]} for day in days}
    prices, dropped = parse_prices(daily(bars), listing(), REQUEST, now=LATER)
    assert prices.schema == PRICES
    assert prices["date"].to_list() == sorted(closes)
    assert prices["close"].to_list() == [D(closes[day]) for day in sorted(closes)]
    assert dropped == 0


@given(TEXTS)
def test_hundredths_are_exact(close):
    prices, _ = parse_prices(daily({"2024-03-07": {"4. close": close}}), listing("GBp", "GBP"), REQUEST, now=LATER)
    assert prices["close"][0] * 100 == D(close)
    assert prices["currency"].to_list() == ["GBP"]


@pytest.mark.parametrize("missing", ["None", "-", ""])
def test_what_is_missing_is_not_zero(missing):
    bars = {
        "2024-03-07": {"1. open": missing, "4. close": "1.0000", "5. volume": missing},
        "2024-03-08": {"4. close": missing},
    }
    prices, dropped = parse_prices(daily(bars), listing(), REQUEST, now=LATER)
    assert prices.select("open", "close", "volume").rows() == [(None, D(1), None)]
    assert dropped == 1
    pays = Dividends.model_validate({"data": [{"ex_dividend_date": "2024-03-07", "amount": missing}]})
    assert parse_dividends(pays, listing(), REQUEST, until=LATER.date()).is_empty()


def test_a_close_below_zero_is_told_for_the_gates_to_hold_alone():
    prices, _ = parse_prices(daily({"2024-03-07": {"4. close": "-1"}}), listing(), REQUEST, now=LATER)
    assert prices["close"].to_list() == [D(-1)]


@pytest.mark.parametrize("close", ["1.12345678", "-1e12", "1e12", "NaN", "Infinity", "a price", "1,5"])
def test_what_is_no_price_is_refused(close):
    with pytest.raises(ValidationError):
        daily({"2024-03-07": {"4. close": close}})


def dividends(*rows, start=None):
    names = ("ex_dividend_date", "payment_date", "amount")
    said = Dividends.model_validate({"data": [dict(zip(names, row, strict=True)) for row in rows]})
    asked = PriceRequest(symbol="X", start=start)
    frame = parse_dividends(said, listing(), asked, until=dt.date(2024, 3, 12))
    assert frame.schema == DIVIDENDS
    return frame.select("ex_date", "pay_date", "amount").rows()


def test_announced_dividends_wait():
    said = dividends(
        ("2024-03-07", "2024-04-02", "1.10"),
        ("2024-03-01", "2024-04-02", "9"),
        ("2024-06-07", "2024-07-02", "1.10"),
        start=dt.date(2024, 3, 2),
    )
    assert said == [(dt.date(2024, 3, 7), dt.date(2024, 4, 2), D("1.10"))]


@pytest.mark.parametrize("again", ["0.25", "0.2500"])
@pytest.mark.parametrize("pay_date", ["2024-04-02", "None"])
def test_a_dividend_that_is_told_again_is_one(again, pay_date):
    said = dividends(("2024-03-07", "2024-04-02", "0.25"), ("2024-03-07", pay_date, again))
    assert said == [(dt.date(2024, 3, 7), dt.date(2024, 4, 2), D("0.25"))]


def test_two_amounts_of_one_day_are_neither_added_up_nor_chosen_from():
    said = dividends(("2024-03-07", "2024-04-02", "1.10"), ("2024-03-07", "None", "0.05"))
    day = dt.date(2024, 3, 7)
    assert said == [(day, dt.date(2024, 4, 2), D("1.10")), (day, None, D("0.05"))]


def test_dividends_and_splits_are_taken_from_before_the_prices_on():
    days = ("2024-01-31", "2024-02-01", "2024-03-07")
    pays = Dividends.model_validate({"data": [{"ex_dividend_date": day, "amount": "1"} for day in days]})
    parts = Splits.model_validate({"data": [{"effective_date": day, "split_factor": "2.0"} for day in days]})
    asked = PriceRequest(symbol="X", start=dt.date(2024, 3, 2), events_from=dt.date(2024, 2, 1))
    said = parse_dividends(pays, listing(), asked, until=LATER.date())
    assert list(map(str, said["ex_date"])) == list(days[1:])
    assert parse_splits(parts, asked, until=LATER.date())["ex_date"].equals(said["ex_date"])


def test_of_a_window_gone_by_the_splits_since_are_taken_and_no_dividends():
    """Those of days to come, after the present, are not: they have not happened."""
    days = ("2024-01-31", "2024-03-07", "2024-09-01")
    pays = Dividends.model_validate({"data": [{"ex_dividend_date": day, "amount": "1"} for day in days]})
    parts = Splits.model_validate({"data": [{"effective_date": day, "split_factor": "2.0"} for day in days]})
    asked, until = PriceRequest(symbol="X", start=dt.date(2024, 1, 2), end=dt.date(2024, 2, 29)), dt.date(2024, 3, 8)
    assert list(map(str, parse_dividends(pays, listing(), asked, until=until)["ex_date"])) == list(days[:1])
    assert list(map(str, parse_splits(parts, asked, until=until)["ex_date"])) == list(days[:2])


SIMPLE = (
    {Fraction(1, number) for number in range(2, 301)}
    | {Fraction(number) for number in range(2, 301)}
    | {Fraction(new, old) for new in range(1, 31) for old in range(1, 31)}
    | {Fraction(new, old) for new in range(1, 10) for old in range(2, 61)}
) - {Fraction(1)}


def told(true, rounding):
    """Return a ratio as Alpha Vantage tells it: to four places."""
    return (D(true.numerator) / true.denominator).quantize(D("0.0001"), rounding)


@pytest.mark.parametrize("rounding", [ROUND_HALF_EVEN, ROUND_DOWN])
def test_a_simple_ratio_is_read_exactly_or_not_at_all(rounding):
    read = {true: ratio(told(true, rounding)) for true in SIMPLE}
    assert {true: one for true, one in read.items() if one not in {None, true}} == {}
    assert all(read[Fraction(1, number)] for number in range(2, 82))
    assert all(read[Fraction(number)] for number in range(2, 301))
    assert all(read[Fraction(new, old)] for new in range(1, 10) for old in range(1, 10) if new != old)


@pytest.mark.parametrize(
    ("factor", "expected"),
    [
        ("2.0000", "2"),
        ("2.0", "2"),
        ("1.5000", "3/2"),
        ("1.3333", "4/3"),
        ("0.6667", "2/3"),
        ("0.1250", "1/8"),
        ("0.0333", "1/30"),
        ("0.05", "1/20"),
        ("1.0333", "31/30"),
        ("1.0460", "1.046"),  # a spin-off, to the digit
        ("0.00666667", "1/150"),
    ],
)
def test_a_factor_stands_for_a_ratio(factor, expected):
    assert ratio(D(factor)) == Fraction(expected)


@pytest.mark.parametrize(
    "factor",
    [
        "0.0067",  # 1:149, 1:150 and 1:151
        "0.0050",  # 1:199 as well as 1:200, though it ends in a zero
        "0.0001",
        "1.0370",  # 28:27, or a spin-off to the digit
        "1.0483",  # a spin-off that was cut, or 1:1.0483
    ],
)
def test_a_factor_that_several_ratios_are_told_as_stands_for_none(factor):
    assert ratio(D(factor)) is None


def test_a_split_of_an_unknown_ratio_is_said_as_it_was_told():
    rows = [{"effective_date": "2024-03-07", "split_factor": "0.0067"}]
    rows += [{"effective_date": "2024-03-08", "split_factor": "0.0100"}]
    splits = parse_splits(Splits.model_validate({"data": rows}), REQUEST, until=LATER.date())
    assert splits.select("ratio_new", "ratio_old").rows() == [(D("0.0067"), D(1)), (D(1), D(100))]


def test_splits_without_a_day_or_an_effect_are_none():
    rows = [("2024-03-08", "1.5000"), ("2024-03-06", "1.0"), ("None", "2.0"), ("2025-01-01", "3.0")]
    said = Splits.model_validate({"data": [{"effective_date": day, "split_factor": factor} for day, factor in rows]})
    splits = parse_splits(said, REQUEST, until=dt.date(2024, 3, 12))
    assert splits.schema == SPLITS
    assert splits.rows() == [("X", dt.date(2024, 3, 8), D(3), D(2))]


@given(st.dictionaries(DAYS, st.decimals("0.0001", 10**6, places=5), min_size=1, max_size=10), DAYS, DAYS)
def test_rates_are_exact_within_the_window_and_never_of_a_running_day(closes, start, end):
    running = max(closes)
    said = DailyPairs.model_validate(
        {
            "Meta Data": {"5. Last Refreshed": f"{running} 05:30:00"},
            "Time Series FX (Daily)": {str(day): {"4. close": f"{close:f}"} for day, close in closes.items()},
        }
    )
    rates = parse_rates(said, "TWD", start, end)
    assert rates.schema == RATES
    assert all(start <= day <= end and (day < running or day < end) for day in rates["date"])
    assert rates["per_eur"].to_list() == [closes[day] for day in rates["date"]]


@pytest.mark.parametrize(
    ("ticker", "at", "open_day"),
    [
        ("X", "2024-03-12T20:29", 12),  # 16:00 in New York, not settled yet
        ("X", "2024-03-12T20:30", 13),
        ("X", "2024-11-29T18:29", 29),  # the day after Thanksgiving ends at 13:00
        ("X", "2024-11-29T18:30", 30),
        ("X.LON", "2024-03-12T16:59", 12),
        ("X.LON", "2024-03-12T17:00", 13),
        ("X.LON", "2024-12-24T12:59", 24),
        ("X.LON", "2024-12-24T13:00", 25),
        ("X.FRK", "2024-03-12T17:30", 12),  # not by the hours of Xetra, which the library has for it
        ("X.SHZ", "2024-03-12T07:30", 13),
        ("X.NOWHERE", "2024-03-12T11:00", 11),
        ("X.NOWHERE", "2024-03-12T13:00", 12),
    ],
)
def test_a_session_is_history_when_it_is_over(ticker, at, open_day):
    assert first_open_day(exchange_of(ticker), dt.datetime.fromisoformat(f"{at}+00:00")).day == open_day


@pytest.mark.parametrize(
    ("ticker", "day", "at"),
    [
        ("X", "2024-11-29", "2024-11-29T18:00"),
        ("X.LON", "2024-12-24", "2024-12-24T12:30"),
        ("X.LON", "2024-03-12", "2024-03-12T16:30"),
        ("X.LON", "2024-03-09", "2024-03-09T16:30"),  # a Saturday, as if
        ("X.PAR", "1890-03-10", "1890-03-10T17:20"),  # before all calendars
    ],
)
def test_a_quote_is_of_the_end_of_its_session(ticker, day, at):
    said = GlobalQuote.model_validate({"Global Quote": {"05. price": "5", "07. latest trading day": day}})
    prices = pl.DataFrame(schema=PRICES)
    quote = parse_quote(said, listing(ticker=ticker), prices, now=LATER)
    assert quote.last_price_at.replace(second=0) == dt.datetime.fromisoformat(f"{at}+00:00")


@pytest.mark.parametrize(
    ("symbol", "ticker"),
    [("AAPL", "AAPL"), ("BRK.B", "BRK.B"), ("SHOP.TO", "SHOP.TRT"), ("SHOP.TRT", "SHOP.TRT"), ("MC.PA", "MC.PAR")],
)
def test_symbols_are_spelt_as_alpha_vantage_spells_them(symbol, ticker):
    assert ticker_of(symbol) == ticker


def test_errors_with_data_of_their_own_come_through_processes():
    quota = QuotaError("a", "X", "used up", renewed_within=dt.timedelta(days=1))
    again = pickle.loads(pickle.dumps(quota))  # noqa: S301
    assert (str(again), again.renewed_within, again.transient) == (str(quota), dt.timedelta(days=1), False)
    assert str(pickle.loads(pickle.dumps(BadKeyError("a", None, "no")))) == "a: bad key: no"  # noqa: S301


@pytest.mark.recorded
def test_a_recorded_article():
    cut = (alphavantage.RECORDINGS / "NEWS_SENTIMENT_2025-09-29_truncated.txt").read_text().rstrip().rstrip(",")
    (article,) = parse_news(News.model_validate_json(cut + "]}"))
    assert article.published_at == dt.datetime(2025, 9, 29, 17, 11, 51, tzinfo=dt.UTC)
    assert (article.publisher, article.sentiment, "AAPL" in article.symbols) == ("Benzinga", 0.154511, True)
