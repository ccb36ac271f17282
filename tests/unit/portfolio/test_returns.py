"""Returns as functions of their own: cases a reader can do in the head, then laws."""

import datetime as dt
import math

import polars as pl
import pytest
import pyxirr
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipelines.portfolio import returns

DAY = dt.date(2021, 1, 1)
A_YEAR = [DAY, DAY + dt.timedelta(days=365)]
TWO_YEARS = [*A_YEAR, DAY + dt.timedelta(days=730)]
laws = settings(max_examples=100)
simple_returns = st.lists(st.floats(-0.5, 0.5), min_size=1, max_size=40)


def series(*values):
    return pl.Series("r", values, dtype=pl.Float64)


def values_of(*rows):
    """Days from 2021-01-01 on, each with value, what flowed in and what flowed out."""
    return pl.DataFrame(
        [(DAY + dt.timedelta(days=n), *map(float, row)) for n, row in enumerate(rows)],
        schema=["date", "value", "flow_in", "flow_out"],
        orient="row",
    )


@pytest.mark.parametrize(
    ("day_count", "rate"),
    [
        # 365 days: a year by act/365, a little more by act/360, a little less by act/365.25.
        ("act/365", 0.1),
        ("Actual/365 Fixed", 0.1),
        ("ACT_365F", 0.1),
        ("act/360", 1.1 ** (360 / 365) - 1),
        ("act/365.25", 1.1 ** (365.25 / 365) - 1),
        ("30/360", 0.1),
        ("30/360 SIA", 0.1),
        ("30E/360", 0.1),
        ("THIRTY_E_PLUS_360", 0.1),
        ("act/act", 0.1),
        ("nl/365", 0.1),
    ],
)
def test_a_rate_by_each_way_to_count_days(day_count, rate):
    assert returns.xirr(A_YEAR, [-100, 110], day_count=day_count).rate == pytest.approx(rate, rel=1e-9)
    assert returns.xirr_roots(A_YEAR, [-100, 110], day_count=day_count) == (pytest.approx(rate, rel=1e-9),)
    assert returns.xnpv(rate, A_YEAR, [-100, 110], day_count=day_count) == pytest.approx(0, abs=1e-9)


def test_a_leap_day_is_not_counted_by_nl_365():
    leap = [dt.date(2020, 1, 1), dt.date(2021, 1, 1)]
    assert returns.xirr(leap, [-100, 110], day_count="nl/365").rate == pytest.approx(0.1)
    assert returns.xirr(leap, [-100, 110]).rate == pytest.approx(1.1 ** (365 / 366) - 1)


@pytest.mark.parametrize(
    ("day_count", "rate"),
    [
        ("30/360 SIA", 0.100675477282743),
        ("act/360", 0.0991988898057063),
        ("act/365F", 0.10064378342638),
        ("30/360 ISDA", 0.100675477282743),
        ("30E/360", 0.100675477282743),
        ("act/act ISDA", 0.100739648987346),
    ],
)
def test_the_example_of_mathworks(day_count, rate):
    dates = [
        dt.date(2007, 1, 12),
        dt.date(2008, 2, 14),
        dt.date(2008, 3, 3),
        dt.date(2008, 6, 14),
        dt.date(2008, 12, 1),
    ]
    amounts = [-10000, 2500, 2000, 3000, 4000]
    assert returns.xirr(dates, amounts, day_count=day_count).rate == pytest.approx(rate, abs=1e-9)
    assert returns.xirr_roots(dates, amounts, day_count=day_count) == (pytest.approx(rate, abs=1e-9),)


def test_flows_of_one_sign_have_no_root():
    assert returns.xirr_roots(A_YEAR, [100, 0]) == ()


def test_a_way_to_count_days_that_is_not_known_is_refused():
    with pytest.raises(ValueError, match="'30/365'; it is one of"):
        returns.xirr(A_YEAR, [-100, 110], day_count="30/365")


@pytest.mark.parametrize(
    ("amounts", "answer"),
    [
        pytest.param([-100, 110], 0.1, id="one period"),
        pytest.param([-100, 0, 121], 0.1, id="a period without a flow counts"),
        pytest.param([-100, 0, 121, 0, 0], 0.1, id="nothing after the end changes nothing"),
        pytest.param([-100, 50], -0.5, id="a loss"),
        pytest.param([], "no_sign_change", id="no flows"),
        pytest.param([0, 0], "no_sign_change", id="flows of nothing"),
        pytest.param([100, 10], "no_sign_change", id="one sign"),
        pytest.param([-100, math.nan], "unknown_flow", id="a flow that is not known"),
        pytest.param([1, -2, 1.5], "no_root", id="no rate fits"),
    ],
)
def test_rate_of_a_period(amounts, answer):
    found = returns.irr(amounts)
    if isinstance(answer, str):
        assert found == (None, answer)
    else:
        assert found == (pytest.approx(answer, rel=1e-9), None)


def test_flows_of_one_day_have_no_annual_rate():
    assert returns.xirr([DAY, DAY], [-100, 110]) == (None, "one_day")
    assert returns.xirr([DAY, dt.date(2021, 1, 30)], [-1, 1], day_count="30/360").rate == pytest.approx(0)
    # The 30th and the 31st are one day by 30/360.
    assert returns.xirr([dt.date(2021, 1, 30), dt.date(2021, 1, 31)], [-1, 2], day_count="30/360").rate is None


def test_a_flow_that_is_not_known_leaves_no_annual_rate():
    assert returns.xirr(A_YEAR, [-100, math.nan]) == (None, "unknown_flow")


def test_worth_on_the_first_and_on_the_last_day():
    flows = [-100, 55, 60.5]
    assert returns.xnpv(0.1, TWO_YEARS, flows) == pytest.approx(0)
    assert returns.xnpv(0, TWO_YEARS, flows) == pytest.approx(15.5)
    assert returns.xnfv(0.2, A_YEAR, [-100, 110]) == pytest.approx(-10)
    # The same in any order, and for flows of one sign, which pyxirr's xnfv refuses.
    assert returns.xnpv(0.1, A_YEAR[::-1], [110, -50]) == pytest.approx(50)
    assert returns.xnfv(0.1, A_YEAR, [100, 0]) == pytest.approx(110)


@pytest.mark.parametrize("function", [returns.xnpv, returns.xnfv])
def test_worth_that_there_is_not(function):
    assert function(0.1, [], []) is None
    assert function(-1, A_YEAR, [1, 2]) is None
    assert function(math.nan, A_YEAR, [1, 2]) is None
    assert function(0.1, A_YEAR, [1, math.nan]) is None
    with pytest.raises(ValueError, match="1 amounts need as many dates, not 2"):
        function(0.1, A_YEAR, [1])


@pytest.mark.parametrize(
    ("flow_timing", "weight"), [("end", 0.5), ("start", 0.6), ("mid", 0.55), (0.0, 0.6), (0.25, 0.575), (1, 0.5)]
)
def test_modified_dietz_weighs_a_flow_from_its_time_of_day_on(flow_timing, weight):
    found = returns.modified_dietz(
        100,
        160,
        start=DAY,
        end=DAY + dt.timedelta(days=10),
        flows=[(DAY + dt.timedelta(days=5), 50)],
        flow_timing=flow_timing,
    )
    assert found == pytest.approx(10 / (100 + 50 * weight))


@pytest.mark.parametrize("flow_timing", ["noon", -0.1, 1.5, math.nan])
def test_a_time_of_day_that_there_is_not_is_refused(flow_timing):
    with pytest.raises(ValueError, match="A flow arrives at start, mid, end"):
        returns.modified_dietz(1, 1, start=DAY, end=DAY, flows=[], flow_timing=flow_timing)


@pytest.mark.parametrize("days", [-1, 32])
def test_a_flow_of_another_time_is_refused(days):
    flows = [(DAY + dt.timedelta(days=days), 100.0)]
    with pytest.raises(ValueError, match=r"Flows are from .* to .*, not of"):
        returns.modified_dietz(1000, 1150, start=DAY, end=DAY + dt.timedelta(days=31), flows=flows)


def test_a_flow_of_the_first_day_weighs_the_whole_time():
    end = DAY + dt.timedelta(days=10)
    assert returns.modified_dietz(0, 110, start=DAY, end=end, flows=[(DAY, 100)]) == pytest.approx(0.1)


def test_modified_dietz_does_not_go_backwards():
    with pytest.raises(ValueError, match="before it starts on 2021-01-01"):
        returns.modified_dietz(100, 110, start=DAY, end=DAY - dt.timedelta(days=1), flows=[])


def test_modified_dietz_of_no_capital():
    assert returns.modified_dietz(0, 10, start=DAY, end=A_YEAR[1], flows=[]) is None


@pytest.mark.parametrize(
    ("rows", "growth"),
    [
        pytest.param([(100, 100, 0), (110, 0, 0)], [1.0, 1.1], id="a gain"),
        pytest.param([(100, 100, 0), (165, 50, 0)], [1.0, 1.1], id="a deposit is not a gain"),
        pytest.param([(100, 100, 0), (60, 0, 50)], [1.0, 1.1], id="a withdrawal is not a loss"),
        pytest.param([(0, 0, 0), (110, 100, 0)], [1.0, 1.1], id="days without capital are skipped"),
    ],
)
def test_time_weighted_growth(rows, growth):
    assert returns.time_weighted_returns(values_of(*rows))["growth"].to_list() == pytest.approx(growth, rel=1e-12)


@pytest.mark.parametrize(
    "spoiled",
    [
        pytest.param(lambda values: values.reverse(), id="backwards"),
        pytest.param(lambda values: pl.concat([values, values.tail(1)]), id="a day twice"),
        pytest.param(lambda values: values.with_columns(flow_in=pl.lit(None, pl.Float64)), id="a flow that is missing"),
        pytest.param(lambda values: values.with_columns(flow_out=-1.0), id="a flow below zero"),
        pytest.param(lambda values: values.with_columns(flow_in=float("nan")), id="a flow that is no number"),
        pytest.param(lambda values: values.with_columns(flow_in=float("inf")), id="a flow without an end"),
        pytest.param(lambda values: values.with_columns(value=float("inf")), id="a value without an end"),
    ],
)
def test_what_cannot_be_chained_is_refused(spoiled):
    with pytest.raises(ValueError, match=r"in their order|is 0 on a day|has an end"):
        returns.time_weighted_returns(spoiled(values_of((100, 100, 0), (165, 50, 0))))


def test_a_gap_is_linked_on_the_next_valued_day():
    # 100 grows to 165 over two days, of which 50 came on the second.
    values = values_of((100, 100, 0), (0, 0, 0), (165, 50, 0))
    unpriced = pl.when(pl.col("date") != DAY + dt.timedelta(days=1)).then("value")
    table = returns.time_weighted_returns(values.with_columns(value=unpriced))
    assert table["day_return"].to_list() == [0.0, None, pytest.approx(0.15)]
    assert table["growth"].to_list() == [1.0, None, pytest.approx(1.15)]


def test_growth_ends_where_a_day_opens_below_zero():
    table = returns.time_weighted_returns(values_of((-10, 0, 0), (10, 0, 0), (20, 0, 0)))
    assert table["day_return"].to_list() == [None, None, 1.0]
    assert table["growth"].to_list() == [1.0, None, None]


@pytest.mark.parametrize(
    ("total", "days", "rate"),
    [(0.21, 730, 0.1), (0.1, 365, 0.1), (0.1, 364, None), (None, 730, None), (-1.0, 730, None)],
)
def test_a_total_is_annualized_from_one_year_on(total, days, rate):
    assert returns.annualized(total, start=DAY, end=DAY + dt.timedelta(days=days)) == pytest.approx(rate)


@pytest.mark.parametrize(
    ("values", "total", "yearly"),
    [
        pytest.param([0.1, 0.1], 0.21, 1.21**6 - 1, id="compounded, not added"),
        pytest.param([0.5, -0.5], -0.25, 0.75**6 - 1, id="half up and half down is a loss"),
        pytest.param([0.1, -1.0, 3.0], -1.0, -1.0, id="everything was lost"),
        pytest.param([None, 0.1], 0.1, 1.1**6 - 1, id="a period without a return passed all the same"),
        pytest.param([math.nan, 0.1], 0.1, 1.1**6 - 1, id="not a number is not known"),
        pytest.param([], None, None, id="no returns"),
        pytest.param([None, None], None, None, id="none is known"),
        pytest.param([-3.0], -3.0, None, id="more than everything has no root"),
        pytest.param([1e200, 1e200], None, None, id="without end"),
    ],
)
def test_compounding(values, total, yearly):
    assert returns.cumulative_return(series(*values)) == pytest.approx(total)
    assert returns.annual_return(series(*values), 12) == pytest.approx(yearly)
    assert returns.cagr(series(*values), periods_per_year=12) == pytest.approx(yearly)


def test_the_path_of_compounding_stands_still_where_a_return_is_not_known():
    path = returns.cumulative_returns(series(None, 0.1, None, 0.1))
    assert path.name == "r"
    assert path.to_list() == pytest.approx([0, 0.1, 0.1, 0.21])
    assert returns.cumulative_returns(series(1.0, 1e308, 1e308)).to_list() == [1.0, None, None]


def test_a_year_without_periods_is_refused():
    with pytest.raises(ValueError, match="A year has more than 0 periods"):
        returns.annual_return(series(0.1), 0)


@pytest.mark.parametrize(
    ("convert_to", "rows"),
    [
        ("weekly", [("2024-12-30", 0.21), ("2025-01-06", 0.5), ("2025-02-03", -0.5)]),
        ("monthly", [("2024-12-01", 0.1), ("2025-01-01", 0.65), ("2025-02-01", -0.5)]),
        ("quarterly", [("2024-10-01", 0.1), ("2025-01-01", -0.175)]),
        ("yearly", [("2024-01-01", 0.1), ("2025-01-01", -0.175)]),
    ],
)
def test_returns_of_calendar_periods(convert_to, rows):
    # Tuesday and Wednesday of one week on both sides of New Year, the next Monday, and a month later.
    dates = [dt.date(2025, 2, 3), dt.date(2024, 12, 31), dt.date(2025, 1, 1), dt.date(2025, 1, 6)]
    table = returns.aggregate_returns(series(-0.5, 0.1, 0.1, 0.5), dates, convert_to)
    assert [str(day) for day in table["period"]] == [period for period, _ in rows]
    assert table["return"].to_list() == pytest.approx([value for _, value in rows])


def test_a_calendar_period_of_which_nothing_is_known_has_no_return():
    dates = pl.Series([dt.date(2024, 1, 1), dt.date(2024, 1, 2), dt.date(2024, 2, 1)])
    table = returns.aggregate_returns(series(0.1, None, math.nan), dates, "monthly")
    assert table["return"].to_list() == [pytest.approx(0.1), None]
    assert returns.aggregate_returns(series(), [], "monthly").schema == {"period": pl.Date, "return": pl.Float64}


def test_calendar_periods_and_dates_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="weekly, monthly, quarterly, yearly, not to 'hourly'"):
        returns.aggregate_returns(series(0.1), [DAY], "hourly")
    with pytest.raises(ValueError, match="2 returns need as many dates, not 1"):
        returns.aggregate_returns(series(0.1, 0.2), pl.Series([DAY, None]), "monthly")


@st.composite
def flow_lists(draw):
    days = draw(st.lists(st.integers(0, 4000), min_size=2, max_size=20, unique=True))
    amounts = draw(st.lists(st.integers(-10_000, 10_000), min_size=len(days), max_size=len(days)))
    return [DAY + dt.timedelta(days=day) for day in days], [float(amount) for amount in amounts]


@laws
@given(flows=flow_lists())
def test_the_rate_zeroes_the_net_present_value(flows):
    dates, amounts = flows
    rate = returns.xirr(dates, amounts).rate
    assume(rate is not None and -0.9 < rate < 100)
    # How far the root may be off, in money: what 1e-7 of the rate moves.
    slack = abs(returns.xnpv(rate + 1e-7, dates, amounts) - returns.xnpv(rate - 1e-7, dates, amounts))
    assert abs(returns.xnpv(rate, dates, amounts)) <= slack + 1e-6 * sum(map(abs, amounts))


@laws
@given(flows=flow_lists(), rate=st.floats(-0.5, 2))
def test_worth_is_what_pyxirr_says(flows, rate):
    dates, amounts = flows
    size = sum(abs(returns.xnpv(rate, dates, [a if a == b else 0.0 for a in amounts])) for b in set(amounts))
    assert returns.xnpv(rate, dates, amounts) == pytest.approx(
        pyxirr.xnpv(rate, dates, amounts), abs=1e-9 * max(size, 1)
    )
    first, last = min(dates), max(dates)
    later = (1 + rate) ** ((last - first).days / 365)
    assert returns.xnfv(rate, dates, amounts) == pytest.approx(
        returns.xnpv(rate, dates, amounts) * later, abs=1e-9 * max(size * later, 1)
    )


@laws
@given(cost=st.floats(1, 1e6), outcome=st.floats(1, 1e6), periods=st.integers(1, 30))
def test_one_flow_in_and_one_out_compound(cost, outcome, periods):
    found = returns.irr([-cost, *[0.0] * (periods - 1), outcome])
    assert found.rate == pytest.approx((outcome / cost) ** (1 / periods) - 1, rel=1e-6, abs=1e-8)


@laws
@given(values=simple_returns, cut=st.integers(0, 40))
def test_parts_compound_to_the_whole(values, cut):
    parts = [returns.cumulative_return(series(*part)) or 0.0 for part in (values[:cut], values[cut:])]
    whole = returns.cumulative_return(series(*values))
    assert (1 + parts[0]) * (1 + parts[1]) == pytest.approx(1 + whole, rel=1e-12)
    assert returns.cumulative_returns(series(*values)).to_list()[-1] == pytest.approx(whole, rel=1e-9, abs=1e-12)


@laws
@given(values=simple_returns, convert_to=st.sampled_from(["weekly", "monthly", "quarterly", "yearly"]))
def test_calendar_periods_compound_to_the_whole(values, convert_to):
    dates = [DAY + dt.timedelta(days=11 * n) for n in range(len(values))]
    table = returns.aggregate_returns(series(*values), dates, convert_to)
    whole = returns.cumulative_return(series(*values))
    assert 1 + returns.cumulative_return(table["return"]) == pytest.approx(1 + whole, rel=1e-12)


@laws
@given(values=simple_returns)
def test_a_year_of_the_annual_return_is_the_annual_return(values):
    yearly = returns.annual_return(series(*values), len(values))
    assert 1 + yearly == pytest.approx(1 + returns.cumulative_return(series(*values)), rel=1e-12)


@laws
@given(
    rate=st.floats(-0.05, 0.05),
    flows=st.lists(st.tuples(st.floats(0, 1e4), st.floats(0, 1e4)), min_size=1, max_size=30),
)
def test_time_weighted_return_is_indifferent_to_flows_of_a_constant_return(rate, flows):
    worth, rows = 0.0, []
    for flow_in, flow_out in flows:
        grown = (worth + flow_in + 1) * (1 + rate)
        taken = min(flow_out, grown / 2)
        rows.append((grown - taken, flow_in + 1, taken))
        worth = grown - taken
    growth = returns.time_weighted_returns(values_of(*rows))["growth"].to_list()[-1]
    assert growth == pytest.approx((1 + rate) ** len(rows), rel=1e-9)
