"""The small lines below headline figures, as pictures."""

import re

import pytest

from dashboard.charts.sparkline import HEIGHT, drawing, sparkline
from dashboard.views.sparklines import sparklines
from pipelines.portfolio.paid_in import value_and_paid_in
from tests.unit.portfolio.statements import view


def test_a_level_is_a_line_from_its_lowest_to_its_highest():
    (points,) = re.findall(r'polyline points="([^"]+)"', drawing([1.0, 3.0, 2.0]))
    places = [tuple(map(float, point.split(","))) for point in points.split()]
    assert [x for x, _ in places] == [0, 50, 100]
    low, high, middle = (y for _, y in places)
    assert high < middle < low < HEIGHT
    assert middle == pytest.approx((low + high) / 2)


def test_an_amount_is_a_bar_from_zero_up_or_down():
    bars = re.findall(r'y="([\d.]+)" width="[\d.]+" height="([\d.]+)"', drawing([2.0, -1.0], bars=True))
    (up, gain), (down, loss) = [(float(y), float(height)) for y, height in bars]
    assert gain == pytest.approx(2 * loss, abs=0.02)
    assert up + gain == pytest.approx(down, abs=0.02)  # both stand on zero


@pytest.mark.parametrize("bars", [False, True])
def test_what_never_changes_is_drawn_too(bars):
    assert "nan" not in drawing([0.0, 0.0], bars=bars)


def test_it_is_a_picture_without_words():
    assert sparkline([1.0, 2.0]).startswith('<img class="sparkline" alt="" ')


def test_every_headline_figure_of_a_year_has_a_line():
    prices = "\n".join(f"X 2023-{month:02}-01 {10 + month}" for month in range(1, 13)) + "\nX 2024-02-01 24"
    shown = view(
        "2023-01-01 BUY X 10 @ 10\n2023-05-01 DIVIDEND X 3\n2023-06-01 DIVIDEND X 3", prices, as_of="2024-02-01"
    )
    lines = sparklines(shown, value_and_paid_in(shown.performance))
    assert set(lines) == {"value", "day_change", "total_gain", "twr", "xirr", "income"}
    assert lines["xirr"][-1] == pytest.approx(shown.summary.xirr)
    assert lines["twr"][-1] == pytest.approx(shown.summary.twr + 1)
