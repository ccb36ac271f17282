"""Worked risk of other projects: the file of cases beside this repository, and what its sample leaves out.

Where a source follows another convention than CALCULATIONS 6, that counts, and the case is in ``DIFFERENT`` with why.
"""

import json
import math

import polars as pl
import pytest

from pipelines.portfolio import returns, risk
from tests.places import CASES

PATH = CASES / "risk_cases.json"
ALL = json.loads(PATH.read_text()) if PATH.exists() else []


def series(values):
    return pl.Series(values, dtype=pl.Float64)


def given(value):
    """A rate of every period, or one a period."""
    return series(value) if isinstance(value, list) else value


def of(told):
    return series(told["returns"])


def year(told):
    return {"periods_per_year": told["periods_per_year"]}


def against(measure):
    return lambda told: measure(of(told), series(told["benchmark"]), **year(told))


def logarithmic(told):
    """Portfolio Performance: log returns, not by the year but over all of them; below their mean, by n - 1."""
    logs = of(told).log1p()
    count = len(logs)
    below = risk.downside_risk(logs, logs.mean(), periods_per_year=count)
    return risk.annual_volatility(logs, count), below * math.sqrt(count / (count - 1))


def size_of_fall(told):
    """Portfolio Performance: from accumulated returns, a positive number."""
    wealth = series(told["accumulated_returns"]) + 1
    return -risk.max_drawdown(wealth / wealth.shift(1, fill_value=1.0) - 1)


ANSWER = {
    "annual_return": lambda told: returns.annual_return(of(told), **year(told)),
    "cagr": lambda told: returns.cagr(of(told), **year(told)),
    "cum_return_final": lambda told: returns.cumulative_return(of(told)),
    "annual_volatility": lambda told: risk.annual_volatility(of(told), **year(told)),
    "sharpe_ratio": lambda told: risk.sharpe_ratio(of(told), given(told["risk_free_per_period"]), **year(told)),
    "sortino_ratio": lambda told: risk.sortino_ratio(of(told), given(told["required_return_per_period"]), **year(told)),
    "downside_risk": lambda told: risk.downside_risk(of(told), given(told["required_return_per_period"]), **year(told)),
    "omega_ratio": lambda told: risk.omega_ratio(
        of(told), given(told["risk_free_per_period"]), required_return=told["required_return_annual"], **year(told)
    ),
    "max_drawdown": lambda told: risk.max_drawdown(of(told)),
    "calmar_ratio": lambda told: risk.calmar_ratio(of(told), **year(told)),
    "stability_r2_of_log_wealth": lambda told: risk.stability(of(told)),
    "value_at_risk": lambda told: risk.value_at_risk(of(told), told["cutoff"]),
    "conditional_value_at_risk": lambda told: risk.conditional_value_at_risk(of(told), told["cutoff"]),
    "alpha_beta": against(risk.alpha_beta),
    "up_alpha_beta": against(risk.up_alpha_beta),
    "down_alpha_beta": against(risk.down_alpha_beta),
    "capture_ratio": against(risk.capture_ratio),
    "up_capture": against(risk.up_capture),
    "down_capture": against(risk.down_capture),
    "pp_volatility": logarithmic,
    "pp_max_drawdown": size_of_fall,
}


@pytest.mark.recorded
def test_the_cases_are_there():
    assert len(ALL) > 20
    assert {case["kind"] for case in ALL} <= set(ANSWER)


@pytest.mark.recorded
@pytest.mark.parametrize("case", ALL, ids=lambda case: case["name"])
def test_risk_case(case):
    wanted = case["expected"]
    wanted = tuple(wanted) if isinstance(wanted, list) else wanted
    assert ANSWER[case["kind"]](case["inputs"]) == pytest.approx(wanted, abs=case["tolerance"])


# The series that the tests of empyrical-reloaded run on, and their figures (tests/test_stats.py).
MIXED = series([None, 0.01, 0.1, -0.04, 0.02, 0.03, 0.02, 0.01, -0.1])
RISES = series([0.01, 0.02, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01])
FALLS = series([0.0, -0.06, -0.07, -0.01, -0.09, -0.02, -0.06, -0.08, -0.05])
ALL_FALLS = series([-0.02, -0.06, -0.07, -0.01, -0.09, -0.02, -0.06, -0.08, -0.05])
FLAT = series([0.01] * 9)
ONE = series([0.01])
WEEKLY = MIXED.fill_null(0.0)


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        pytest.param(returns.annual_return(MIXED), 1.9135925373194231, id="annual_return mixed"),
        pytest.param(returns.cagr(ONE), 11.274002099240244, id="cagr of one return"),
        pytest.param(risk.annual_volatility(MIXED), 0.9136465399704637, id="annual_volatility mixed"),
        pytest.param(risk.annual_volatility(FLAT), 0.0, id="annual_volatility flat"),
        pytest.param(risk.calmar_ratio(MIXED), 19.135925373194233, id="calmar mixed"),
        pytest.param(risk.omega_ratio(RISES, 0.011), 1.125, id="omega rises"),
        pytest.param(risk.omega_ratio(RISES, 0.01), None, id="omega of rises over their least"),
        pytest.param(risk.omega_ratio(FALLS, 0.01), 0.0, id="omega falls"),
        pytest.param(risk.omega_ratio(MIXED, required_return=-10.0), None, id="omega below a total loss"),
        pytest.param(risk.sharpe_ratio(MIXED), 1.7238613961706866, id="sharpe mixed"),
        pytest.param(risk.sharpe_ratio(MIXED, MIXED), None, id="sharpe over itself"),
        pytest.param(risk.sharpe_ratio(RISES), 52.915026221291804, id="sharpe rises"),
        pytest.param(risk.sharpe_ratio(FALLS), -24.406808633910085, id="sharpe falls"),
        pytest.param(risk.downside_risk(ONE), 0.0, id="downside of one return"),
        pytest.param(risk.downside_risk(MIXED, 0.1), 1.7161730681956295, id="downside of a target"),
        pytest.param(risk.sortino_ratio(MIXED, FLAT), -1.3934779588919977, id="sortino over rates"),
        pytest.param(risk.sortino_ratio(FALLS), -13.532743075043401, id="sortino falls"),
        pytest.param(risk.sortino_ratio(WEEKLY, periods_per_year=52), 1.1158901056866439, id="sortino by the week"),
        pytest.param(
            risk.alpha_beta(MIXED, series([None, *FALLS[1:]])),
            (-0.9997853834885004, -0.71296296296296313),
            id="alpha_beta falls",
        ),
        pytest.param(risk.alpha_beta(MIXED, -MIXED), (0.0, -1.0), id="alpha_beta inverse"),
        pytest.param(risk.stability(MIXED), 0.1529973665111273, id="stability mixed"),
        pytest.param(risk.stability(FLAT), 1.0, id="stability flat"),
        pytest.param(risk.capture_ratio(ALL_FALLS, MIXED), -0.52257643222960259, id="capture falls"),
        pytest.param(risk.down_capture(ALL_FALLS, MIXED), 0.99956025703798634, id="down_capture falls"),
        pytest.param(risk.down_capture(RISES, MIXED), -11.27400221, id="down_capture rises"),
        pytest.param(risk.down_capture(ONE, ONE), None, id="down_capture without a fall"),
        # Their excess_sharpe is that of one period.
        pytest.param(
            risk.information_ratio(MIXED, FLAT * 0, periods_per_year=1), 0.10859306069076737, id="excess_sharpe"
        ),
        pytest.param(
            risk.information_ratio(MIXED, FLAT, periods_per_year=1), -0.06515583641446039, id="excess_sharpe flat"
        ),
        pytest.param(risk.information_ratio(RISES, RISES), None, id="excess_sharpe over itself"),
    ],
)
def test_empyrical_case(found, wanted):
    assert found == pytest.approx(wanted, abs=1e-8)


ENDLESS = "a zero denominator gives None, never an infinity"
DIFFERENT = {
    "sharpe_ratio flat_line_1": (risk.sharpe_ratio(FLAT), math.inf, ENDLESS),
    "sortino_ratio positive_returns": (risk.sortino_ratio(RISES), math.inf, ENDLESS),
    "sortino_ratio simple_benchmark": (risk.sortino_ratio(series([0.0, *[0.01] * 7, 0.0])), math.inf, ENDLESS),
    "information_ratio of a day": (
        risk.information_ratio(MIXED, FLAT * 0),
        0.10859306069076737,
        "annualised by default, as Sharpe is; periods_per_year=1 gives theirs",
    ),
    "conditional_value_at_risk of ties": (
        risk.conditional_value_at_risk(series([-0.2, -0.1, -0.1, 0.0, 0.1]), 0.25),
        -0.15,
        "the mean of all returns at or below the value at risk: they take so many, and one of two equal ones",
    ),
}


@pytest.mark.parametrize(("found", "theirs", "reason"), DIFFERENT.values(), ids=DIFFERENT)
def test_what_is_defined_otherwise(found, theirs, reason):
    assert reason
    assert found != pytest.approx(theirs)
