"""The period that a visitor looks at: chosen once, in the address, for every page whose figures are of one."""

import datetime as dt

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
    assert found["Time-weighted"] == ("+19.05%", f"since {ONE_MONTH}")
    held = opened("holdings", period="1M", as_of=LATER)
    assert held.dataframe[0].value.iloc[0]["Unrealised gain"] == 200
    assert f"since {ONE_MONTH}" in words(held.caption)


@pytest.mark.usefixtures("later")
def test_a_period_that_begins_before_the_portfolio_is_all_of_it():
    found = metrics(opened(period="YTD"))
    assert found["Total return, EUR"][0] == "+250.00"
    assert found["Time-weighted"] == ("+25.00%", "since the first day")


@pytest.mark.usefixtures("later")
def test_what_is_of_no_period_stays_whole_and_the_choice_waits():
    page = opened("tax", period="1M")
    assert not page.exception
    assert page.selectbox(key="period").disabled
    assert page.selectbox(key="period").value == "1M"
    lots = next(table.value for table in page.dataframe if "Cost" in table.value.columns)
    assert lots["Cost"].to_list() == [1000]


TODAY_WORDS = "this is as of today, 10 Feb 2026"


@pytest.mark.usefixtures("later")
@pytest.mark.parametrize(
    ("query", "why"),
    [
        ({"portfolio": "nobody"}, r"There is no portfolio of yours named \'nobody\': this is \'Mine\'."),
        ({"portfolio": "A" * 3000}, f"named \\'{'A' * 60}…\\': this"),
        ({"portfolio": "[x](http://y)"}, r"\[x\]\(http\:\/\/y\)"),
        ({"as_of": "2030-01-01"}, TODAY_WORDS),
        ({"as_of": "0203-01-01"}, TODAY_WORDS),
        ({"as_of": "garbage"}, rf"\'garbage\' is no day that figures can be of: {TODAY_WORDS}"),
        ({"known_on": "2030-01-01"}, "this is as known now"),
        ({"known_on": "garbage"}, "this is as known now"),
        ({"period": "never"}, r"There is no period named \'never\': this is since the first day."),
    ],
    ids=str,
)
def test_what_an_address_asks_for_in_vain_is_said(query, why):
    page = opened(**query)
    assert metrics(page)["Value, EUR"][0] == "1,250.00"
    assert [why in warning.value for warning in page.warning] == [True]
    assert [why in warning.value for warning in page.run().warning] == [True]


@pytest.mark.usefixtures("later")
def test_it_is_said_until_something_is_chosen():
    page = opened(as_of="garbage", period="never", known_on="2030-01-01")
    assert len(page.warning) == 3
    page.date_input(key="as_of").set_value(dt.date(2026, 1, 20))
    page.selectbox(key="period").set_value("1M")
    page.date_input(key="known_on").set_value(None)
    page = page.run()
    assert not page.exception
    assert not page.warning


@pytest.mark.usefixtures("later")
def test_a_symbol_that_is_not_there_is_said():
    page = opened("holdings", symbol="NOPE")
    assert not page.exception
    assert page.warning[0].value == r"Nothing named \'NOPE\' is held here."
    assert not page.selectbox(key="symbol").set_value("ACME").run().warning
    stated = opened("settings", instrument="NOPE")
    assert stated.warning[0].value == r"Nothing named \'NOPE\' is in this portfolio."


@pytest.mark.usefixtures("later")
def test_a_period_that_nobody_knows_is_all_of_it():
    assert metrics(opened(period="never"))["Total return, EUR"][0] == "+250.00"
