"""What was paid in until each day, beside the value."""

import datetime as dt

from pipelines.portfolio.explain import explain_paid_in
from pipelines.portfolio.paid_in import value_and_paid_in
from tests.unit.portfolio.statements import view

PRICES = "X 2024-03-01 10\nX 2024-03-04 11\nX 2024-03-05 12"
OWN = "2024-03-01 BUY X 10 @ 10\n2024-03-04 DEPOSIT 50 account=Cash"


def drawn(shown):
    return value_and_paid_in(shown.performance).filter(date=dt.date(2024, 3, 5)).row(0, named=True)


def test_it_is_the_sum_of_all_flows():
    shown = view(OWN, PRICES, as_of="2024-03-05")
    assert (drawn(shown)["value"], drawn(shown)["paid_in"]) == (170, 150)
    assert explain_paid_in(shown, dt.date(2024, 3, 5)).value == 150


def test_after_a_flow_without_a_rate_no_sum_is_known():
    shown = view(f"{OWN}\n2024-03-04 DEPOSIT 100 account=Far currency=KES", PRICES, as_of="2024-03-05")
    days = value_and_paid_in(shown.performance)
    known = dict(days.select("date", "paid_in").iter_rows())
    assert known[dt.date(2024, 3, 1)] == 100
    assert known[dt.date(2024, 3, 4)] is None
    assert known[dt.date(2024, 3, 5)] is None
    assert explain_paid_in(shown, dt.date(2024, 3, 5)).value is None
