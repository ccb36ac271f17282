"""A day, a month or a part of a ring that is clicked says what is drawn there, and that adds up."""

import datetime as dt

import polars as pl
import pytest
from published import TODAY, purchase, viewed

from dashboard.views import allocation, income, performance, points, risk
from pipelines.portfolio.explain import faults, taken_apart
from pipelines.portfolio.paid_in import value_and_paid_in
from pipelines.portfolio.risk_section import observed_returns

BEFORE = TODAY - dt.timedelta(days=7)


@pytest.fixture
def view(own):
    """Return the view of a portfolio that buys ten of ACME and two more of it a week ago."""
    repository, portfolio = own
    repository.add_transactions(portfolio.portfolio_id, purchase(2, on=BEFORE), source="test")
    return viewed(repository, portfolio)


def apart(view, asked):
    tree = taken_apart(view, asked)
    assert faults(tree) == []
    return tree


def line(*values):
    return pl.DataFrame({"date": [TODAY - dt.timedelta(days=2 - at) for at in range(3)], "value": values})


def test_a_day_of_the_value_says_what_was_paid_in_until_then(view):
    for drawn in value_and_paid_in(view.performance).iter_rows(named=True):
        value, paid = apart(view, points.value_on(view, drawn["date"])).parts
        assert (float(value.value), float(paid.value)) == (drawn["value"], drawn["paid_in"])


def test_a_day_of_growth_says_what_one_has_become(view):
    gained = performance.growth(view)
    (own,) = apart(view, points.growth_on({"performance": gained, "benchmark": gained.clear()}, TODAY)).parts
    assert own.value - 1 == pytest.approx(gained["value"][-1])


def test_a_rolling_return_is_of_growth_at_both_ends(view):
    gained = performance.growth(view)
    rolled = performance.rolling(gained, 7)
    tree = apart(view, points.rolled_until(gained, 7, TODAY))
    assert tree.value == pytest.approx(rolled["value"][-1])
    assert [part.figure for part in tree.parts] == [f"performance.daily.{day}.growth" for day in (TODAY, BEFORE)]


@pytest.mark.parametrize(
    ("values", "day", "below", "peak"),
    [((0.0, 0.2, 0.08), 2, -0.1, 1), ((0.0, 0.2, 0.08), 1, 0.0, 1), ((-0.5, -0.2, -0.1), 2, -0.1, None)],
    ids=["below the highest", "the highest itself", "never above what was put in"],
)
def test_a_fall_is_measured_from_the_highest_until_then_or_from_what_was_put_in(values, day, below, peak):
    days = line(*values)
    figure = points.below_peak_on(days, days["date"][day])
    assert figure.value == pytest.approx(below)
    assert figure.value == pytest.approx(performance.below_peak(days)["value"][day])
    of = figure.parts[1]
    assert (of if isinstance(of, str) else of.figure) == (
        "what was put in" if peak is None else f"performance.daily.{days['date'][peak]}.growth"
    )


def test_volatility_is_of_the_days_of_its_window(view):
    returns, periods = observed_returns(view), risk.periods_a_year(view)
    drawn = risk.rolling(view, returns, 3)
    for day, value in drawn.iter_rows():
        tree = apart(view, points.volatility_until(returns, 3, periods, drawn, day))
        assert (tree.value, len(tree.parts)) == (value, 3)


def test_a_part_of_a_ring_is_the_sum_of_what_is_of_both_classes(view):
    tree = allocation.tree(view, "currency", "symbol")
    for part, value in zip(tree.ids, tree.values, strict=True):
        pair = allocation.pair(part, is_one=False)
        if pair is not None:
            assert float(apart(view, points.share_of(view, "currency", "symbol", pair)).value) == value
    assert {allocation.pair(part, is_one=False) for part in tree.ids} >= {None}


def test_a_day_of_a_price_has_each_of_its_closes_and_what_happened_to_the_holding(view):
    closes = pl.DataFrame(
        {
            "date": [TODAY],
            "close": [40.0],
            "split_adjusted_close": [10.0],
            "adjusted_close": [None],
            "currency": ["EUR"],
        }
    )
    marks = pl.DataFrame({"date": [BEFORE, TODAY], "what": ["Bought", "Split"], "text": ["2 Depot", "4:1"]})
    close, split = apart(view, points.price_on("ACME", closes, marks, TODAY)).parts
    assert [(part.figure, part.value) for part in close.parts] == [("As traded", 40), ("Split-adjusted", 10)]
    assert (split.figure, split.value) == ("Split", "4:1")
    assert [part.figure for part in apart(view, points.price_on("ACME", closes, marks, BEFORE)).parts] == ["Bought"]


def test_a_bar_of_income_is_of_its_months():
    assert income.period_of("2026-03-01", "Month") == "2026-03"
    assert income.period_of("2026", "Year") == "2026"
