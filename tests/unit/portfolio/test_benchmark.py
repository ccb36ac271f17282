"""The benchmark by the same flows, and the risk of a view, in cases a reader can do in the head (CALCULATIONS 6, 7)."""

import datetime as dt

import pytest
from statements import D, accounts, day, view

from pipelines.portfolio.explain import explain, faults

RULES = accounts(("A", "EUR", True, False))
FLOWS = "2020-01-02 DEPOSIT 100\n2020-02-03 DEPOSIT 100"
INDEX = "SPX 2020-01-02 10\nSPX 2020-02-03 20\nSPX 2020-03-02 40"


def measured(ledger=FLOWS, market=INDEX, **options):
    return view(ledger, market, as_of="2020-03-02", benchmark="SPX", rules=RULES, **options)


def test_every_flow_buys_the_benchmark_at_its_days_close():
    found = measured(f"{FLOWS}\n2020-03-02 INTEREST 1").benchmark
    assert (found.value, found.gain) == (D(10 * 40 + 5 * 40), D(400))
    assert found.twr == pytest.approx(3.0)


def test_a_withdrawal_sells_it():
    found = measured("2020-01-02 DEPOSIT 100\n2020-02-03 WITHDRAWAL 50\n2020-03-02 INTEREST 1").benchmark
    assert (found.value, found.gain) == (D(300), D(250))  # 10 units less 2.5


def test_dividends_are_reinvested_and_splits_multiply():
    split = "SPX 2020-01-02 10\nSPX 2020-02-03 10\nSPX 2020-03-02 20"
    found = measured(f"{FLOWS}\n2020-03-02 INTEREST 1", split, ratios="SPX 2020-02-03 2:1").benchmark
    assert (found.value, found.twr) == (D(20 * 20 + 10 * 20), pytest.approx(3.0))
    paid = measured("2020-01-02 DEPOSIT 100\n2020-03-02 INTEREST 1", declared="SPX 2020-03-02 2020-03-20 4").benchmark
    assert (paid.value, paid.twr) == (D(440), pytest.approx(3.4))


SPARSE = "2020-01-02 DEPOSIT 100\n2020-03-02 DEPOSIT 100"


@pytest.mark.parametrize(
    ("closes", "events", "twr"),
    [
        pytest.param("100 100 100 200", {"declared": "SPX 2020-01-10 2020-02-01 10"}, 1.2, id="at the ex-date's close"),
        pytest.param(
            "100 100 50 50",
            {"declared": "SPX 2020-01-10 2020-02-01 10", "ratios": "SPX 2020-01-15 2:1"},
            0.1,
            id="a dividend before a split buys what there was before it",
        ),
        pytest.param(
            "100 100 50 50",
            {"declared": "SPX 2020-01-15 2020-02-01 10", "ratios": "SPX 2020-01-15 2:1"},
            0.1,  # 10 on the one unit there was buys a fifth of a unit at 50, beside the two: 2.2 of 50
            id="a dividend of the split's day is that of the units before it",
        ),
    ],
)
def test_the_benchmarks_events_count_on_their_own_days(closes, events, twr):
    days = ("2020-01-02", "2020-01-10", "2020-01-15", "2020-03-02")
    market = "\n".join(f"SPX {on} {close}" for on, close in zip(days, closes.split(), strict=True))
    found = measured(SPARSE, market, **events).benchmark
    assert [row.date for row in found.daily] == [day("2020-01-02"), day("2020-03-02")]
    assert found.twr == pytest.approx(twr)


def test_a_split_that_only_the_ledger_states_splits_the_benchmark():
    ledger = "2020-01-02 BUY SPX 10 @ 100\n2020-01-15 SPLIT SPX ratio_new=2 ratio_old=1"
    found = view(ledger, "SPX 2020-01-02 100\nSPX 2020-01-15 50", as_of="2020-03-02", benchmark="SPX").benchmark
    assert (found.value, found.twr) == (D(1000), pytest.approx(0.0))


@pytest.mark.parametrize(("rates", "twr"), [("USD/EUR 2020-01-02 0.5", 0.05), ("USD/EUR 2020-03-02 0.5", None)])
def test_a_dividend_in_another_currency_is_converted_on_its_ex_date(rates, twr):
    market = "SPX 2020-01-02 100\nSPX 2020-01-10 100"
    found = measured(SPARSE, market, declared="SPX 2020-01-10 2020-02-01 10 USD", rates=rates)
    missing = [warning.code for warning in found.warnings if warning.code.startswith("benchmark")]
    if twr is None:
        assert (found.benchmark, missing) == (None, ["benchmark_dividend_fx_missing"])
    else:
        assert (found.benchmark.twr, missing) == (pytest.approx(twr), [])


def test_a_benchmark_that_is_used_up_stops_there_and_says_so():
    ledger = "2020-01-02 DEPOSIT 100\n2020-01-02 INTEREST 500\n2020-02-03 WITHDRAWAL 300\n2020-03-02 DEPOSIT 50"
    found = measured(ledger).benchmark
    assert (found.exhausted_on, found.value) == (day("2020-02-03"), 0)
    assert found.gain == D(100)  # 100 in, the 200 it was worth out


def test_without_a_price_on_a_day_there_is_no_benchmark():
    assert measured(market="SPX 2020-02-03 20").benchmark is None


def prices(days, change):
    lines, price = [], 100.0
    for number in range(days):
        price *= 1 + change(number)
        on = day("2020-01-01") + dt.timedelta(days=number)
        lines.append(f"ACME {on} {price:.6f}\nSPX {on} {100 * 1.001**number:.6f}")
    return "\n".join(lines)


def risk(days, change, **options):
    last = day("2020-01-01") + dt.timedelta(days=days - 1)
    return view("2020-01-01 BUY ACME 1 @ 100", prices(days, change), as_of=f"{last}", benchmark="SPX", **options).risk


def test_under_a_year_nothing_is_annualised():
    change = lambda number: 0.01 if number % 2 else -0.01  # noqa: E731 - one line of a case
    short, long = risk(100, change), risk(400, change)
    assert (short.annualized, long.annualized) == (False, True)
    assert long.volatility == pytest.approx(short.volatility * 252**0.5, rel=0.02)


def test_a_year_of_risk_ends_on_the_valuation_date_as_that_of_the_return_does():
    change = lambda number: 0.01 if number % 2 else -0.01  # noqa: E731 - one line of a case
    bought = "2020-01-01 BUY ACME 1 @ 100"
    shown = view(bought, prices(364, change), as_of="2020-12-31")  # the last two days are without a price
    assert shown.performance.daily[-1].date == day("2020-12-29")
    assert shown.risk.annualized
    assert shown.summary.twr_annualized is not None


def test_days_whose_value_is_not_known_are_none_of_the_measures_and_have_no_growth():
    change = lambda number: 0.01 if number % 2 else -0.011  # noqa: E731 - one line of a case
    ledger, market = "2020-01-01 BUY ACME 1 @ 100\n2021-01-20 BUY NONE 1 @ 5", prices(500, change)
    known, unknown = (view(ledger, market, as_of=on, benchmark="SPX") for on in ("2021-01-19", "2021-05-01"))
    assert [row.growth is None for row in unknown.performance.daily] == [
        row.date >= day("2021-01-20") for row in unknown.performance.daily
    ]
    measured = [dict(one.risk) | {"effective_holdings": None} for one in (known, unknown)]
    assert measured[0] == measured[1]
    assert measured[0]["calmar"] is not None
    assert faults(explain(unknown, "risk.calmar")) == faults(explain(unknown, "risk.up_capture")) == []


def test_days_without_a_price_are_no_days_of_their_own():
    ledger = "2020-01-01 DEPOSIT 100\n2020-01-01 BUY ACME 1 @ 100"
    market = "ACME 2020-01-01 100\nACME 2020-01-02 101\nACME 2020-01-03 100\nACME 2020-01-06 101"
    weekend, monday = (
        view(f"{ledger}\n{fees}", market, as_of="2020-01-06", rules=RULES).risk
        for fees in ("2020-01-04 FEE 1\n2020-01-05 FEE 1", "2020-01-06 FEE 2")
    )
    assert dict(weekend) == pytest.approx(dict(monday) | {"max_drawdown": -0.03 / 1.01, "calmar": -0.01 * 1.01 / 0.03})


def test_what_a_day_without_a_price_took_counts_in_the_next_that_has_one():
    ledger = "2020-01-01 DEPOSIT 100\n2020-01-01 BUY ACME 1 @ 100\n2020-01-04 FEE 10\n2020-01-07 FEE 9"
    closes = [("2020-01-01", 100, 10), ("2020-01-03", 100, 10), ("2020-01-06", 110, 11)]
    market = "\n".join(f"ACME {on} {own}\nSPX {on} {other}" for on, own, other in closes)
    shown = view(ledger, market, as_of="2020-01-07", rules=RULES, benchmark="SPX")
    returns = {f"{row.date:%d}": row.day_return for row in shown.performance.daily}
    assert returns == pytest.approx({"01": 0.0, "03": 0.0, "04": -0.1, "06": 1 / 9, "07": -0.09})
    # Three trading days: 0, 0, and 0.9 x 100/90 x 0.91 - 1 = -0.09, with the fees of both weekends.
    assert shown.risk.volatility == pytest.approx(0.09 / 3**0.5)
    assert shown.risk.max_drawdown == pytest.approx(-0.1) == shown.performance.drawdowns[0].depth
    assert shown.risk.calmar == pytest.approx(-0.09 / 0.1)
    assert shown.risk.down_capture is None  # the benchmark never fell
    assert shown.risk.up_capture == pytest.approx(-0.09 / 0.1)
    assert faults(explain(shown, "risk.volatility")) == faults(explain(shown, "risk.calmar")) == []


def test_a_portfolio_without_prices_has_no_risk():
    assert view("2020-01-01 DEPOSIT 100", as_of="2020-02-01").risk is None


def test_effective_holdings_count_symbols_once():
    ledger = "2020-01-01 BUY ACME 1 @ 10\n2020-01-01 BUY ACME 1 @ 10 account=B\n2020-01-01 BUY BOLT 2 @ 10"
    found = view(ledger, "ACME 2020-01-01 10\nBOLT 2020-01-01 10", as_of="2020-01-01")
    assert found.risk.effective_holdings == pytest.approx(2.0)


def test_the_deepest_falls_have_their_dates():
    market = "ACME 2020-01-01 100\nACME 2020-01-02 80\nACME 2020-01-03 100\nACME 2020-01-04 90"
    first, second = view("2020-01-01 BUY ACME 1 @ 100", market, as_of="2020-01-04").performance.drawdowns
    assert (first.depth, first.trough, first.recovery) == (pytest.approx(-0.2), day("2020-01-02"), day("2020-01-03"))
    assert (second.depth, second.recovery) == (pytest.approx(-0.1), None)
