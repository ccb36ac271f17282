"""The small lines below headline figures, as pictures."""

import re

import pytest

from dashboard.charts.sparkline import HEIGHT, drawing, sparkline


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
