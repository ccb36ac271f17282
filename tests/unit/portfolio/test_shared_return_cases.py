"""Worked returns of other projects, where their file lies beside this repository (CALCULATIONS 5)."""

import datetime as dt
import json

import polars as pl
import pytest

from pipelines.portfolio import returns
from tests.places import CASES

pytestmark = pytest.mark.recorded

PATH = CASES / "return_cases.json"
ALL = json.loads(PATH.read_text()) if PATH.exists() else []
DAY = dt.date(2024, 1, 1)


def flows_of(case):
    flows = case["cashflows"]
    return [dt.date.fromisoformat(flow["date"]) for flow in flows], [float(flow["amount"]) for flow in flows]


def dated_rate(case):
    day_count = case["day_count"].removesuffix(" from first date")
    return returns.xirr(*flows_of(case), day_count=day_count)


def periodic_rate(case):
    last = max(flow["period"] for flow in case["cashflows"])
    amounts = [0.0] * (last + 1)
    for flow in case["cashflows"]:
        amounts[flow["period"]] += flow["amount"]
    return returns.irr(amounts)


def chained(case):
    """Each stretch is a day: what it opens with beyond the close before flowed in, what it lacks had flowed out."""
    rows, close = [], 0.0
    for n, part in enumerate(case["subperiods"]):
        flow = part["begin_value_after_flow"] - close
        if flow < 0:
            rows[-1] |= {"value": close + flow, "flow_out": -flow}
        close = float(part["end_value_before_flow"])
        rows.append({"date": DAY + dt.timedelta(days=n), "value": close, "flow_in": max(flow, 0.0), "flow_out": 0.0})
    return returns.time_weighted_returns(pl.DataFrame(rows))["growth"].to_list()[-1] - 1


def dietz(case):
    told = case["inputs"]
    timing = {"begin of day": "start", "end of day": "end", "middle of day": "mid"}[told["flow_timing"]]
    return returns.modified_dietz(
        told["begin"],
        told["end"],
        start=DAY,
        end=DAY + dt.timedelta(days=told["period_days"]),
        flows=[(DAY + dt.timedelta(days=flow["day"]), flow["amount"]) for flow in told["flows"]],
        flow_timing=timing,
    )


ANSWER = {
    "xirr": lambda case: dated_rate(case).rate,
    "xirr_day_count": lambda case: dated_rate(case).rate,
    "irr_periodic": lambda case: periodic_rate(case).rate,
    "twr": chained,
    "modified_dietz": dietz,
}


def test_the_cases_are_there():
    assert len(ALL) > 15
    assert {case["kind"] for case in ALL} <= set(ANSWER)


@pytest.mark.parametrize("case", ALL, ids=lambda case: case["name"])
def test_return_case(case):
    (wanted,) = case["expected"].values()
    assert ANSWER[case["kind"]](case) == pytest.approx(wanted, abs=case["tolerance"])


@pytest.mark.parametrize("case", [c for c in ALL if c["expected"].get("irr", 0) is None], ids=lambda case: case["name"])
def test_a_rate_that_there_is_not_has_its_reason(case):
    assert (periodic_rate if case["kind"] == "irr_periodic" else dated_rate)(case).reason == "no_sign_change"


@pytest.mark.parametrize("case", [c for c in ALL if c["kind"] == "xirr"], ids=lambda case: case["name"])
def test_every_root_of_the_case_is_found(case):
    roots = returns.xirr_roots(*flows_of(case))
    assert roots == pytest.approx(case["all_real_roots_found"], abs=1e-9)


@pytest.mark.parametrize("case", [c for c in ALL if "mwr_check" in c], ids=lambda case: case["name"])
def test_the_money_weighted_return_sees_the_deposit_that_lost(case):
    flows = case["mwr_check"]["flows"]
    found = returns.xirr([dt.date.fromisoformat(day) for day, _ in flows], [amount for _, amount in flows])
    assert found.rate < case["expected"]["twr"]
