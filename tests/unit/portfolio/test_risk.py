"""Measures of risk: cases a reader can do in the head, then laws."""

import datetime as dt
import math

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipelines.portfolio import risk

laws = settings(max_examples=100)
# To a millionth, as prices give them: without the ranges in which squares run out of doubles.
fractions = st.integers(-500_000, 500_000).map(lambda millionths: millionths / 1_000_000)
samples = st.lists(fractions, min_size=2, max_size=40)
pairs = st.lists(st.tuples(fractions, fractions), min_size=2, max_size=40)
DAY = dt.date(2024, 1, 1)
OF_ONE = {
    "annual_volatility": risk.annual_volatility,
    "sharpe_ratio": risk.sharpe_ratio,
    "sortino_ratio": risk.sortino_ratio,
    "downside_risk": risk.downside_risk,
    "omega_ratio": risk.omega_ratio,
    "max_drawdown": risk.max_drawdown,
    "calmar_ratio": risk.calmar_ratio,
    "stability": risk.stability,
    "value_at_risk": risk.value_at_risk,
    "conditional_value_at_risk": risk.conditional_value_at_risk,
    "herfindahl": risk.herfindahl,
    "effective_holdings": risk.effective_holdings,
}
OF_TWO = {
    "beta": lambda r, b: risk.alpha_beta(r, b).beta,
    "alpha": lambda r, b: risk.alpha_beta(r, b).alpha,
    "up_alpha": lambda r, b: risk.up_alpha_beta(r, b).alpha,
    "down_beta": lambda r, b: risk.down_alpha_beta(r, b).beta,
    "capture_ratio": risk.capture_ratio,
    "up_capture": risk.up_capture,
    "down_capture": risk.down_capture,
    "tracking_error": risk.tracking_error,
    "information_ratio": risk.information_ratio,
    "correlation": risk.correlation,
}


def series(*values):
    return pl.Series("r", values, dtype=pl.Float64)


def days(count):
    return [DAY + dt.timedelta(days=n) for n in range(count)]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        # Returns of 1 % and 3 %: mean 2 %, sample deviation 1.41 %.
        pytest.param(risk.annual_volatility(series(0.01, 0.03), 2), 0.02, id="volatility"),
        pytest.param(risk.annual_volatility(series(0.01, 0.03)), 0.02 * math.sqrt(126), id="volatility of days"),
        pytest.param(risk.sharpe_ratio(series(0.01, 0.03), periods_per_year=2), 2.0, id="sharpe"),
        pytest.param(risk.sharpe_ratio(series(0.01, 0.03), 0.01, periods_per_year=2), 1.0, id="sharpe over a rate"),
        pytest.param(
            risk.sharpe_ratio(series(0.02, 0.05), series(0.01, 0.02), periods_per_year=2), 2.0, id="sharpe over rates"
        ),
        pytest.param(risk.downside_risk(series(-0.02, 0.04), periods_per_year=2), 0.02, id="shortfall over all days"),
        pytest.param(risk.downside_risk(series(0.0, 0.06), 0.02, periods_per_year=2), 0.02, id="short of a target"),
        pytest.param(risk.downside_risk(series(-0.02), periods_per_year=1), 0.02, id="shortfall of one return"),
        pytest.param(risk.downside_risk(series(0.01, 0.02)), 0.0, id="no shortfall"),
        pytest.param(risk.sortino_ratio(series(-0.02, 0.04), periods_per_year=2), 1.0, id="sortino"),
        pytest.param(risk.omega_ratio(series(-0.02, 0.04)), 2.0, id="omega"),
        pytest.param(risk.omega_ratio(series(-0.01, 0.05), 0.01), 2.0, id="omega over a rate"),
        pytest.param(
            risk.omega_ratio(series(0.05, 0.14), required_return=0.21, periods_per_year=2), 0.8, id="omega, by the year"
        ),
        pytest.param(risk.max_drawdown(series(0.1, -0.1, 0.1)), -0.1, id="fall from the peak"),
        pytest.param(risk.max_drawdown(series(-0.5, 0.1)), -0.5, id="fall from the start"),
        pytest.param(risk.max_drawdown(series(0.1, 0.2)), 0.0, id="no fall"),
        pytest.param(risk.calmar_ratio(series(-0.5, 1.5), 2), 0.5, id="calmar: 25 % a year, fell by half"),
        pytest.param(risk.stability(series(0.1, 0.1, 0.1)), 1.0, id="a straight rise is stable"),
        pytest.param(risk.stability(series(1.0, -0.5, 1.0)), 0.0, id="up, down, up leads nowhere"),
        pytest.param(risk.value_at_risk(series(0.2, 0.0, 0.1), 0.25), 0.05, id="value at risk lies between returns"),
        pytest.param(risk.conditional_value_at_risk(series(0.2, 0.0, 0.1), 0.75), 0.05, id="mean of the tail"),
        pytest.param(risk.conditional_value_at_risk(series(*range(101)), 0.29), 14.5, id="tail that ends on a return"),
        pytest.param(risk.conditional_value_at_risk(series(-0.1), 0.0), -0.1, id="tail of one return"),
        pytest.param(risk.rate_per_period(0.21, 2), 0.1, id="10 % twice are 21 %"),
        pytest.param(risk.herfindahl(series(0.25, 0.25, 0.25, 0.25)), 0.25, id="four equal holdings"),
        pytest.param(risk.effective_holdings(series(3.0, 1.0)), 1.6, id="three to one: 16 / 10"),
        pytest.param(
            risk.effective_holdings(series(3.0, None, -1.0)), 1.6, id="a short one concentrates as a long one"
        ),
    ],
)
def test_measure(found, expected):
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-12)


UP_DOWN, DOUBLE = series(0.1, -0.1, 0.2, -0.2), series(0.2, -0.2, 0.4, -0.4)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(risk.alpha_beta(DOUBLE, UP_DOWN), (0.0, 2.0), id="twice the benchmark"),
        pytest.param(risk.alpha_beta(UP_DOWN + 0.1, UP_DOWN, periods_per_year=2), (0.21, 1.0), id="alpha compounds"),
        pytest.param(
            risk.alpha_beta(DOUBLE - 0.01, UP_DOWN, risk_free=0.01, periods_per_year=1), (0.0, 2.0), id="over a rate"
        ),
        pytest.param(
            risk.up_alpha_beta(series(0.3, 9.0, 0.5), series(0.1, -0.1, 0.2), periods_per_year=1),
            (0.1, 2.0),
            id="of the rises",
        ),
        pytest.param(
            risk.down_alpha_beta(
                series(-0.1, 9.0, -0.2), series(-0.2, 0.1, -0.4), risk_free=series(0.0, 9.0, 0.0), periods_per_year=1
            ),
            (0.0, 0.5),
            id="of the falls",
        ),
        pytest.param(risk.capture_ratio(series(0.1), series(0.2), periods_per_year=1), 0.5, id="half of it"),
        pytest.param(
            risk.up_capture(series(0.1, 9.0), series(0.2, -0.2), periods_per_year=1), 0.5, id="half of the rises"
        ),
        pytest.param(
            risk.down_capture(series(9.0, -0.1, 9.0), series(0.2, -0.2, None), periods_per_year=1),
            0.5,
            id="half of the falls",
        ),
        pytest.param(risk.tracking_error(series(0.02, 0.05), series(0.01, 0.02), periods_per_year=2), 0.02, id="apart"),
        pytest.param(risk.tracking_error(UP_DOWN + 0.01, UP_DOWN), 0.0, id="apart by the same each day"),
        pytest.param(
            risk.information_ratio(series(0.02, 0.05), series(0.01, 0.02), periods_per_year=1),
            math.sqrt(2),
            id="information ratio",
        ),
        pytest.param(risk.correlation(-DOUBLE, UP_DOWN), -1.0, id="the other way round"),
    ],
)
def test_measure_against_a_benchmark(found, expected):
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(risk.annual_volatility(series(0.1)), id="one return does not spread"),
        pytest.param(risk.annual_volatility(series(0.1, None)), id="nor with one that is not known"),
        pytest.param(risk.sharpe_ratio(series(0.1)), id="sharpe of one return"),
        pytest.param(risk.sharpe_ratio(series(*[0.1] * 9)), id="sharpe of equal returns"),
        pytest.param(risk.sharpe_ratio(series(0.02, 0.03), series(0.01, 0.02)), id="sharpe of an equal excess"),
        pytest.param(risk.sortino_ratio(series(-0.1)), id="sortino of one return"),
        pytest.param(risk.sortino_ratio(series(0.1, 0.2)), id="sortino without a shortfall"),
        pytest.param(risk.omega_ratio(series(0.1)), id="omega of one return"),
        pytest.param(risk.omega_ratio(series(0.1, 0.2)), id="omega without a shortfall"),
        pytest.param(risk.omega_ratio(series(0.1, -0.2), required_return=-1.0), id="omega below a total loss"),
        pytest.param(risk.calmar_ratio(series(0.1, 0.2)), id="calmar without a fall"),
        pytest.param(risk.stability(series(0.1)), id="no line through one point"),
        pytest.param(risk.stability(series(0.0, 0.0)), id="nothing moves"),
        pytest.param(risk.stability(series(0.1, -1.0, 0.1)), id="no logarithm of nothing"),
        pytest.param(risk.alpha_beta(UP_DOWN, series(*[0.1] * 4)).beta, id="beta to a flat benchmark"),
        pytest.param(risk.alpha_beta(UP_DOWN - 3, UP_DOWN).alpha, id="alpha of more than everything"),
        pytest.param(risk.capture_ratio(UP_DOWN, series(0.0, 0.0, 0.0, 0.0)), id="capture of nothing"),
        pytest.param(risk.up_capture(series(0.1), series(-0.1)), id="it never rose"),
        pytest.param(risk.down_capture(series(0.1), series(0.1)), id="it never fell"),
        pytest.param(risk.information_ratio(UP_DOWN, UP_DOWN), id="the benchmark itself"),
        pytest.param(risk.correlation(UP_DOWN, series(*[0.1] * 4)), id="with what never moves"),
        pytest.param(risk.rate_per_period(-1.0), id="a rate that loses everything"),
        pytest.param(risk.herfindahl(series(0.0, 0.0)), id="holdings of nothing"),
    ],
)
def test_what_cannot_be_said_is_none(found):
    assert found is None


@pytest.mark.parametrize("measure", OF_ONE.values(), ids=OF_ONE)
def test_no_returns_have_no_measure(measure):
    assert measure(series()) is None
    assert measure(series(None, math.nan)) is None
    assert measure(pl.Series([])) is None


@pytest.mark.parametrize("measure", OF_TWO.values(), ids=OF_TWO)
def test_two_series_need_the_same_periods(measure):
    assert measure(series(), series()) is None
    with pytest.raises(ValueError, match="2 returns stand against 1"):
        measure(series(0.1, 0.2), series(0.1))


def test_what_is_out_of_range_is_refused():
    with pytest.raises(ValueError, match="2 returns stand against 1"):
        risk.sharpe_ratio(series(0.1, 0.2), series(0.1))
    with pytest.raises(ValueError, match="2 returns stand against 1"):
        risk.alpha_beta(series(0.1, 0.2), series(0.1, 0.2), risk_free=series(0.1))
    with pytest.raises(ValueError, match="0 to 1, not 5"):
        risk.value_at_risk(series(0.1), 5)
    with pytest.raises(ValueError, match="A year has more than 0 periods"):
        risk.annual_volatility(series(0.1, 0.2), 0)


@pytest.mark.parametrize(
    ("values", "rows"),
    [
        pytest.param([0.1, 0.2], [], id="no fall"),
        pytest.param([0.1, -0.5, 1.0, 0.1], [(0, 1, 2, -0.5, 1, 1)], id="made good"),
        pytest.param([0.1, -0.1, -0.5, 0.1], [(0, 2, None, -0.55, 2, None)], id="not made good"),
        pytest.param([-0.2, 0.25], [(0, 0, 1, -0.2, 0, 1)], id="from the start"),
        pytest.param([-0.1, 0.5, -0.2], [(1, 2, None, -0.2, 1, None), (0, 0, 1, -0.1, 0, 1)], id="the deepest first"),
        pytest.param([0.0, None, -0.1, math.nan, 0.5], [(0, 2, 4, -0.1, 2, 2)], id="unknown days are left out"),
        pytest.param([0.0, -0.1, 1 / 9, 0.0], [(0, 1, 2, -0.1, 1, 1)], id="made good but for rounding"),
    ],
)
def test_drawdown_table(values, rows):
    table = risk.drawdown_table(series(*values), days(len(values)))
    assert [
        (day[row["peak"]], day[row["trough"]], day.get(row["recovery"]), row["decline_days"], row["recovery_days"])
        for day in [{date: n for n, date in enumerate(days(len(values)))}]
        for row in table.iter_rows(named=True)
    ] == [(peak, trough, back, down, up) for peak, trough, back, _, down, up in rows]
    assert table["depth"].to_list() == pytest.approx([row[3] for row in rows])


def test_a_fall_from_the_start_has_the_day_before_as_its_peak_where_it_is_given():
    table = risk.drawdown_table(series(-0.1), pl.Series(days(1)), start=dt.date(2023, 12, 29))
    assert table.row(0) == (dt.date(2023, 12, 29), DAY, None, pytest.approx(-0.1), 3, None)


@pytest.mark.parametrize("dates", [[DAY], [DAY, None], [dt.date(2024, 1, 2), DAY]])
def test_a_drawdown_table_needs_its_dates(dates):
    with pytest.raises(ValueError, match="2 returns need as many dates"):
        risk.drawdown_table(series(0.1, 0.2), dates)


def test_a_drawdown_table_of_nothing_is_empty():
    table = risk.drawdown_table(series(), [])
    assert table.columns == ["peak", "trough", "recovery", "depth", "decline_days", "recovery_days"]
    assert table.is_empty()


@laws
@given(values=samples)
def test_max_drawdown_is_between_nothing_and_everything(values):
    fall = risk.max_drawdown(series(*values))
    assert -1 <= fall <= 0
    table = risk.drawdown_table(series(*values), days(len(values)))
    assert table["depth"].min() == pytest.approx(fall) if table.height else fall > -1e-11
    for row in table.iter_rows(named=True):
        assert row["peak"] <= row["trough"]
        assert row["recovery"] is None or row["trough"] < row["recovery"]


@laws
@given(values=samples, scale=st.floats(0.1, 10))
def test_sharpe_and_sortino_and_omega_are_the_same_at_any_scale(values, scale):
    for measure in (risk.sharpe_ratio, risk.sortino_ratio, risk.omega_ratio):
        found = measure(series(*values))
        assert measure(series(*values) * scale) == (None if found is None else pytest.approx(found, rel=1e-6, abs=1e-9))


@laws
@given(values=samples, shift=fractions)
def test_a_spread_does_not_move_with_the_returns(values, shift):
    spread = risk.annual_volatility(series(*values))
    assert risk.annual_volatility(series(*values) + shift) == pytest.approx(spread, abs=1e-12)
    assert risk.tracking_error(series(*values), series(*values) + shift) == pytest.approx(0, abs=1e-12)


@laws
@given(values=samples, level=fractions)
def test_sharpe_over_a_rate_is_sharpe_of_what_is_above_it(values, level):
    assume(len(set(values)) > 1)
    over = risk.sharpe_ratio(series(*values), level)
    assert over == pytest.approx(risk.sharpe_ratio(series(*values) - level), rel=1e-9, abs=1e-9)
    assert over == pytest.approx(risk.sharpe_ratio(series(*values), series(*[level] * len(values))))
    assert over == pytest.approx(risk.information_ratio(series(*values), series(*[level] * len(values))))


@laws
@given(values=samples, slope=st.sampled_from([-2.0, 0.5, 1.0, 3.0]))
def test_beta_of_itself_is_one_and_of_a_multiple_the_multiple(values, slope):
    assume(len(set(values)) > 1)
    alpha, beta = risk.alpha_beta(series(*values) * slope, series(*values))
    assert (alpha, beta) == (pytest.approx(0, abs=1e-9), pytest.approx(slope, rel=1e-9))
    assert risk.correlation(series(*values) * slope, series(*values)) == pytest.approx(math.copysign(1, slope))


@laws
@given(rows=pairs)
def test_correlation_is_beta_both_ways(rows):
    left, right = (series(*column) for column in zip(*rows, strict=True))
    found = risk.correlation(left, right)
    assume(found is not None)
    assert -1 <= found <= 1
    there, back = risk.alpha_beta(left, right).beta, risk.alpha_beta(right, left).beta
    assert there * back == pytest.approx(found**2, rel=1e-6, abs=1e-9)


@laws
@given(values=samples, cutoff=st.floats(0, 1))
def test_the_mean_of_the_tail_is_not_above_where_it_begins(values, cutoff):
    limit, mean = risk.value_at_risk(series(*values), cutoff), risk.conditional_value_at_risk(series(*values), cutoff)
    assert min(values) <= mean + 1e-15
    assert mean <= limit <= max(values)


@laws
@given(values=samples)
def test_the_benchmark_captures_itself(values):
    own = series(*values)
    assert risk.capture_ratio(own, own) in (None, pytest.approx(1.0))
    assert risk.up_capture(own, own) in (None, pytest.approx(1.0))
    assert risk.down_capture(own, own) in (None, pytest.approx(1.0))


@laws
@given(values=st.lists(st.floats(0.001, 1e6), min_size=1, max_size=40))
def test_effective_holdings_are_between_one_and_all(values):
    assert 1 - 1e-9 <= risk.effective_holdings(series(*values)) <= len(values) + 1e-9


# Not calmar_ratio: a period without a return passes all the same, as it does for annual_return.
@pytest.mark.parametrize("name", sorted(OF_ONE.keys() - {"calmar_ratio"}))
@settings(max_examples=25)
@given(values=samples, places=st.lists(st.integers(0, 40), max_size=5))
def test_what_is_not_known_is_left_out(name, values, places):
    measure = OF_ONE[name]
    gapped = list(values)
    for n, place in enumerate(places):
        gapped.insert(place, math.nan if n % 2 else None)
    assert measure(series(*gapped)) == measure(series(*values))


@pytest.mark.parametrize("measure", OF_TWO.values(), ids=OF_TWO)
@settings(max_examples=25)
@given(rows=pairs, places=st.lists(st.tuples(st.integers(0, 40), st.booleans(), fractions), max_size=5))
def test_no_measure_is_ever_not_a_number(measure, rows, places):
    gapped = list(rows)
    for place, first, other in places:
        gapped.insert(place, (None, other) if first else (other, math.nan))
    found = measure(*(series(*column) for column in zip(*gapped, strict=True)))
    assert found is None or math.isfinite(found)


@pytest.mark.parametrize("name", ["beta", "alpha", "tracking_error", "information_ratio", "correlation"])
@settings(max_examples=25)
@given(rows=pairs, places=st.lists(st.tuples(st.integers(0, 40), st.booleans(), fractions), max_size=5))
def test_a_period_that_one_side_does_not_know_is_left_out_of_both(name, rows, places):
    gapped = list(rows)
    for place, first, other in places:
        gapped.insert(place, (None, other) if first else (other, None))
    of = [OF_TWO[name](*(series(*column) for column in zip(*table, strict=True))) for table in (gapped, rows)]
    assert of[0] == of[1]


def test_a_rolling_deviation_begins_once_its_window_is_full():
    found = risk.rolling_volatility(pl.Series([0.01, 0.03, 0.01, 0.01]), 2, 1)
    assert found.to_list()[0] is None
    assert found.to_list()[1:] == pytest.approx([0.02 / 2**0.5, 0.02 / 2**0.5, 0.0])
    with pytest.raises(ValueError, match="window"):
        risk.rolling_volatility(pl.Series([0.1]), 1)


def test_the_largest_stand_for_their_share_of_the_whole():
    assert risk.top_share(pl.Series([10.0, 60.0, None, 30.0]), 2) == pytest.approx(0.9)
    assert risk.top_share(pl.Series([10.0]), 10) == 1.0
    assert risk.top_share(pl.Series([], dtype=pl.Float64), 10) is None
