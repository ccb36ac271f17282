"""The period that a visitor looks at: chosen once, in the address, for every page whose figures are of one."""

import pytest
from opening import opened, words
from published import published

LATER = "2026-02-10"
ONE_MONTH = "10 Jan 2026"  # a month before; ACME closed at 105 there, and at 125 in the end


@pytest.fixture
def later(own, settings, monkeypatch):
    """Have it be some days after the last close."""
    published(settings, *own)
    monkeypatch.setenv("FOLIO_CLOCK", LATER)


def metrics(page):
    assert not page.exception
    return {metric.label: (metric.value, metric.delta) for metric in page.metric}


@pytest.mark.usefixtures("later")
def test_gains_and_returns_are_of_the_period():
    found = metrics(opened(period="1M"))
    assert found["Value, EUR"][0] == "1,250.00"
    assert found["Total return, EUR"][0] == "+200.00"
    assert found["Time-weighted"] == ("+19.05 %", f"since {ONE_MONTH}")
    held = opened("holdings", period="1M", as_of=LATER)
    assert held.dataframe[0].value.iloc[0]["Unrealised gain"] == 200
    assert f"since {ONE_MONTH}" in words(held.caption)


@pytest.mark.usefixtures("later")
def test_a_period_that_begins_before_the_portfolio_is_all_of_it():
    found = metrics(opened(period="YTD"))
    assert found["Total return, EUR"][0] == "+250.00"
    assert found["Time-weighted"] == ("+25.00 %", "since the first day")


@pytest.mark.usefixtures("later")
def test_what_is_of_no_period_stays_whole_and_the_choice_waits():
    page = opened("tax", period="1M")
    assert not page.exception
    assert page.selectbox(key="period").disabled
    assert page.selectbox(key="period").value == "1M"
    lots = next(table.value for table in page.dataframe if "Cost" in table.value.columns)
    assert lots["Cost"].to_list() == [1000]


@pytest.mark.usefixtures("later")
def test_a_period_that_nobody_knows_is_all_of_it():
    assert metrics(opened(period="never"))["Total return, EUR"][0] == "+250.00"
