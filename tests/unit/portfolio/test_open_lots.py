"""Open lots: their share of a holding's value, and when a sale of them is a long-term one."""

from hypothesis import HealthCheck, given, settings
from statements import D, day, view
from strategies import markets, rows
from test_laws import looked_at

from pipelines.portfolio.open_lots import open_lots

THREE = "2020-01-02 BUY ACME 1 @ 10\n2020-06-01 BUY ACME 1 @ 20\n2020-02-29 BUY ACME 1 @ 30"


def lots(as_of, market="ACME 2020-01-02 10"):
    return open_lots(view(THREE, market, as_of=as_of))


def test_a_lot_is_long_from_the_day_after_its_anniversary():
    before, on, after = (lots(date).row(0, named=True) for date in ("2021-01-01", "2021-01-02", "2021-01-03"))
    assert (before["days_to_long"], on["days_to_long"], after["days_to_long"]) == (2, 1, 0)
    assert (on["term"], after["term"], after["long_on"]) == ("short", "long", day("2021-01-03"))


def test_the_next_to_become_long_comes_first():
    assert lots("2020-07-01")["bought_on"].to_list() == [day("2020-01-02"), day("2020-02-29"), day("2020-06-01")]


def test_a_value_that_does_not_divide_leaves_its_rest_to_one_lot():
    found = lots("2020-07-01", "ACME 2020-07-01 3.33333333")
    assert found["value_base"].sum() == D("9.99999999")
    assert found["unrealized_gain_base"].sum() == D("9.99999999") - 60


def test_without_a_price_a_lot_has_no_value():
    found = lots("2020-07-01", "BOLT 2020-07-01 1")
    assert found["value_base"].to_list() == [None] * 3
    assert found["cost_base"].sum() == 60


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(steps=rows(), market=markets())
def test_lots_add_up_to_their_holdings(steps, market):
    shown = looked_at(steps, market)
    found = open_lots(shown)
    for holding in shown.holdings:
        own = found.filter(symbol=holding.symbol, account=holding.account)
        if holding.value_base is not None and holding.lots:
            assert sum(own["value_base"]) == holding.value_base
            assert sum(own["unrealized_gain_base"]) == holding.unrealized_gain_base
