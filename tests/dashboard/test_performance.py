"""The Performance page: what it says, on a steady portfolio and before there is any return."""

import datetime as dt
from types import SimpleNamespace

import polars as pl
import pytest
from opening import opened
from published import TODAY, published, viewed

from dashboard.charts import performance as charts
from dashboard.views import performance as view_of
from pipelines import formats
from pipelines.portfolio.explain import faults, taken_apart
from pipelines.portfolio.models import Contribution, Drawdown, MonthlyReturn
from tests.unit.portfolio.statements import view


def line(*values):
    days = [dt.date(2026, 1, 1) + dt.timedelta(days=number) for number in range(len(values))]
    return pl.DataFrame({"date": days, "value": list(values)}, schema={"date": pl.Date, "value": pl.Float64})


def test_the_page_shows_returns_periods_months_and_falls(own, settings):
    published(settings, *own)
    page = opened("performance")
    assert not page.exception
    metrics = {metric.label: metric.value for metric in page.metric}
    assert metrics["Time-weighted"] == "+25.00%"
    periods = page.dataframe[0].value.set_index("Period")
    assert periods.loc["ITD", "Time-weighted"] == pytest.approx(25)


def test_before_there_is_a_return_the_page_says_so(own, settings):
    published(settings, *own)
    page = opened("performance", as_of="2026-01-01")
    assert not page.exception
    assert "no return yet" in page.info[0].value


def test_where_the_return_is_known_no_more_the_lines_end_and_the_figures_say_so():
    closes = "ACME 2026-01-01 10\nACME 2026-01-02 12\nACME 2026-01-05 11"
    shown = view("2026-01-01 BUY ACME 1 @ 10\n2026-01-05 BUY NONE 1 @ 5", closes, as_of="2026-01-05")
    grown = view_of.growth(shown)
    assert grown["date"].to_list() == [dt.date(2026, 1, 1), dt.date(2026, 1, 2)]
    assert view_of.known_until(shown, grown) == "Returns are known until 2 Jan 2026, and not since. "
    assert {tile.key: tile.text for tile in view_of.tiles(shown)}["twr"] == formats.UNKNOWN
    assert view_of.contributions(shown.performance).is_empty()
    assert view_of.no_contributions(shown).startswith("Not known")


def test_a_fall_is_measured_from_the_highest_before_it():
    found = view_of.below_peak(line(0.0, 0.10, -0.01, 0.21))["value"].to_list()
    assert found == pytest.approx([0.0, 0.0, -0.10, 0.0])  # from 1.10 to 0.99
    assert view_of.below_peak(line(-0.5))["value"].to_list() == [-0.5]  # the start counts as a peak


def test_a_rolling_return_begins_once_its_window_is_full():
    found = view_of.rolling(line(0.0, 0.10, 0.21, 0.331), 2)
    assert found["date"].to_list() == [dt.date(2026, 1, 3), dt.date(2026, 1, 4)]
    assert found["value"].to_list() == pytest.approx([0.21, 0.21])


def test_months_stand_under_their_names_beside_the_year_of_the_document(own):
    performance = viewed(*own).performance.model_copy(
        update={
            "monthly": [
                MonthlyReturn(year=2025, month=12, twr=0.5),
                MonthlyReturn(year=2026, month=1, twr=0.1),
                MonthlyReturn(year=2026, month=2, twr=0.2),
                MonthlyReturn(year=2026, month=3, twr=None),
            ]
        }
    )
    found = view_of.months(performance)
    assert found["Year"].to_list() == [2026, 2025]
    row = found.row(0, named=True)
    assert (row["Jan"], row["Feb"], row["Mar"]) == (0.1, 0.2, None)
    (year,) = (period.twr for period in performance.periods if period.period == "2026")
    assert (row["Year total"], found["Year total"][1]) == (year, None)
    drawn = charts.months(found)
    assert drawn.data[0].y == ("2026", "2025")
    assert drawn.data[0].x[:2] == ("Year", "Jan")  # a phone shows the first of them
    paths = view_of.month_paths(found)
    assert paths == [
        "performance.periods.2026.twr",
        "performance.monthly.2026-01.twr",
        "performance.monthly.2026-02.twr",
        "performance.monthly.2025-12.twr",
    ]
    assert list(zip(drawn.data[1].x, drawn.data[1].y, strict=True))[2] == ("Feb", "2026")
    assert len(paths) == len(drawn.data[1].x)


def test_small_contributions_come_together(own):
    many = [Contribution(symbol=f"S{number:02}", account="Depot", contribution=number / 100) for number in range(1, 18)]
    found = view_of.contributions(viewed(*own).performance.model_copy(update={"contributions": many}))
    assert found["name"].to_list()[-1] == "2 others"
    assert found["contribution"].sum() == pytest.approx(sum(range(1, 18)) / 100)
    assert charts.waterfall(found).data[0].y[-1] == "All"
    assert view_of.contribution(found, found.height) == "summary.twr"
    assert view_of.contribution(found, found.height - 1).parts == tuple(
        f"performance.contributions.S{number:02}@Depot.contribution" for number in (2, 1)
    )


def test_the_benchmark_grows_beside_the_portfolio():
    bought = "2020-01-01 BUY ACME 10 @ 10"
    market = "ACME 2020-01-01 10\nSPY 2020-01-01 100\nACME 2020-01-02 11\nSPY 2020-01-02 120"
    shown = view(bought, market, as_of="2020-01-02", benchmark="SPY")
    assert view_of.benchmark_growth(shown.benchmark)["value"].to_list() == pytest.approx([0.0, 0.2])


def test_the_days_of_a_fall_lie_between_its_peak_and_when_it_was_made_good_or_the_day_that_is_looked_at():
    ends = [(dt.date(2026, 1, 5), None), (dt.date(2026, 1, 5), dt.date(2026, 1, 20))]
    falls = [Drawdown(peak=peak, trough=peak, recovery=until, depth=-0.1) for peak, until in ends]
    shown, paths = view_of.drawdowns(SimpleNamespace(drawdowns=falls), TODAY)
    depth, *days = (
        view_of.drawdown_figure(shown, paths, TODAY, *at) for at in [(0, "depth"), (0, "days"), (1, "days")]
    )
    assert depth == "performance.drawdowns.0.depth"
    trees = [taken_apart(None, one) for one in days]
    assert [(tree.value, tree.parts[1].figure) for tree in trees] == [(25, "as of"), (15, "made good")]
    assert [faults(tree) for tree in trees] == [[], []]
