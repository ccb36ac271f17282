"""Stored rates that their own source tells anew by far."""

import datetime as dt

import pytest

from pipelines.quality.screens import screen
from tests.unit.quality.fetches import DAY, fetch, known, rate, weekdays

EVE = weekdays(2)[0]
STORED = weekdays(5, until=EVE)
WEEK = (1.100, 1.101, 1.102, 1.101, 1.100)


def rates(*values, days=STORED, **more):
    return [rate(value, date=day, **more) for value, day in zip(values, days, strict=False)]


def found(*told, stored=WEEK, source="ecb", stored_by="ecb", revised=()):
    return screen(
        fetch(rates=rates(*told, days=[*STORED, DAY], source=source)),
        known(rates=rates(*stored, source=stored_by), revised_rates=revised),
        today=DAY,
    )


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param((*WEEK, 1.1), [], id="as it is stored"),
        pytest.param((1.1, 1.101, 1.108, 1.101, 1.1, 1.1), [], id="a little corrected"),
        pytest.param((1.1, 1.101, 1.12, 1.101, 1.1, 1.1), [STORED[2]], id="more than sources are apart"),
        pytest.param((1.12, *WEEK[1:], 1.1), [STORED[0]], id="the first day"),
        pytest.param((*WEEK[:4], 1.12), [STORED[4]], id="the last day, nothing since"),
        pytest.param((*WEEK[:4], 1.12, 1.1), [STORED[4]], id="beside a day that is new"),
    ],
)
def test_a_rate_that_is_told_anew(told, expected):
    assert found(*told).filter("held").select("date", "rule").rows() == [(day, "corrected_far") for day in expected]


def test_what_is_found_says_what_it_waits_for():
    row = found(1.1, 1.101, 1.12, 1.101, 1.1).row(0, named=True)
    assert (row["table_name"], row["about"], row["value"], row["expected"]) == ("fx_history", "USD", "1.12", "1.102")
    reason = "1.12 for one euro on a day that is stored with 1.102, 1.63% off: it waits until it is told again on a later day"  # fmt: skip
    assert row["reason"] == reason


def test_a_rate_that_is_put_back_among_its_neighbours_goes_on_at_once():
    assert found(*WEEK, 1.1, stored=(1.1, 1.101, 1.13, 1.101, 1.1)).is_empty()


def test_what_is_told_again_as_it_was_first_stored_is_no_news():
    early, late = (dt.datetime(2024, 3, number, tzinfo=dt.UTC) for number in (11, 12))
    first = [rate(1.12, date=STORED[2]) | {"known_from": early}, rate(1.14, date=STORED[2]) | {"known_from": late}]
    assert found(1.1, 1.101, 1.12, 1.101, 1.1, revised=first[:1]).is_empty()
    assert found(1.1, 1.101, 1.12, 1.101, 1.1, revised=first).is_empty()
    assert found(1.1, 1.101, 1.14, 1.101, 1.1, revised=first)["rule"].to_list() == ["corrected_far"]


def test_what_another_source_or_a_person_has_stored_is_no_measure():
    told = (1.1, 1.101, 1.12, 1.101, 1.1)
    assert set(found(*told, stored_by="inbox").filter("held")["rule"]) == set()
    assert set(found(*told, stored_by="yahoo").filter("held")["rule"]) == {"providers_disagree"}


def test_what_is_held_back_as_a_leap_is_no_correction_besides():
    assert found(1.1, 1.101, 1.5, 1.101, 1.1)["rule"].to_list() == ["rate_leaps"]
