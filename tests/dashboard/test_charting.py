"""Figures are kept by all that they are drawn from: what is shown is of now, and written for who reads it."""

import datetime as dt
import json
import math

import polars as pl
import pytest

from dashboard import charting
from dashboard.charts.allocation import shares
from dashboard.charts.overview import value_and_contributions
from dashboard.charts.performance import below_peak, growth
from dashboard.views.allocation import Tree
from pipelines import formats

DAYS = pl.date_range(dt.date(2026, 1, 1), dt.date(2026, 3, 31), eager=True).alias("date")
BRITISH, GERMAN = (formats.Reader(formats.locale_of(tag)) for tag in ("en-GB", "de-DE"))
HIDING = formats.Reader(BRITISH.locale, hides_amounts=True)


@pytest.fixture
def sent(monkeypatch):
    """Return what was sent to the browser."""
    figures = []
    monkeypatch.setattr(charting.st, "plotly_chart", lambda figure, **_: figures.append(figure))
    charting.st.cache_resource.clear()
    return figures


def line(middle=0.0):
    return pl.DataFrame({"date": DAYS, "value": [middle if day == 40 else 0.01 for day in range(DAYS.len())]})


def shown(draw, *drawn_from, reader=BRITISH):
    def show():
        charting.show(draw, *drawn_from, key="line", alt="A line", amounts=True)

    formats.made_for(reader, show)


def test_what_was_drawn_once_is_not_drawn_again(sent):
    shown(growth, {"Portfolio": line()})
    shown(growth, {"Portfolio": line()})
    assert sent[0] is sent[1]
    drawn = growth({"Portfolio": line()}).update_layout(separators=".,")
    assert json.loads(sent[0].to_json()) == json.loads(drawn.to_json())


def test_another_value_of_one_day_is_another_figure(sent):
    shown(growth, {"Portfolio": line()})
    shown(growth, {"Portfolio": line(-0.5)})
    assert [figure.data[0].y[40] for figure in sent] == [0, -50]


def test_another_name_or_another_kind_of_figure_is_another(sent):
    shown(growth, {"Portfolio": line()})
    shown(growth, {"SPY": line()})
    shown(below_peak, line())
    assert [figure.data[0].name for figure in sent] == ["Portfolio", "SPY", "Below its peak"]


def test_each_reader_has_his_own(sent):
    for reader in (BRITISH, GERMAN, HIDING):
        shown(growth, {"Portfolio": line()}, reader=reader)
    assert [figure.layout.separators for figure in sent] == [".,", ",.", ".,"]
    assert [figure.layout.yaxis.showticklabels for figure in sent] == [None, None, False]
    assert [figure.data[0].hoverinfo for figure in sent] == [None, None, "skip"]


@pytest.mark.parametrize("days", [1, 2, 90])
def test_each_of_few_days_has_a_tick_and_a_single_day_is_seen(days):
    drawn = growth({"Portfolio": line().head(days)})
    assert drawn.layout.xaxis.tickvals == {1: (DAYS[0],), 2: (DAYS[0], DAYS[1])}.get(days)
    assert drawn.layout.xaxis.range[0] < drawn.layout.xaxis.range[1]
    assert (drawn.data[0].marker.opacity is None) is (days == 1)


def test_the_one_day_whose_value_is_known_is_seen():
    days = pl.DataFrame({"date": DAYS[:3], "value": [100.0, None, None], "paid_in": [100.0, 100.0, 125.0]})
    value, paid_in = value_and_contributions(days).data
    assert (value.marker.opacity, paid_in.marker.opacity) == (None, 0)


def test_of_hidden_amounts_the_shape_is_sent_and_no_size(sent):
    days = pl.DataFrame({"date": DAYS[:3], "value": [100.0, None, 250.0], "paid_in": [100.0, 100.0, 125.0]})
    shown(value_and_contributions, days, reader=HIDING)
    rings = Tree(ids=["A", "B"], labels=["A", "B"], parents=["", ""], values=[30.0, 60.0], left_out=[])
    shown(shares, rings, "Sunburst", reader=HIDING)
    lines, parts = sent
    assert [[None if math.isnan(size) else size for size in line.y] for line in lines.data] == [
        [0.4, None, 1],
        [0.4, 0.4, 0.5],
    ]
    assert list(parts.data[0].values) == [0.5, 1]
