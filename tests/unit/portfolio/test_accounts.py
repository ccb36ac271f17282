"""One account alone: transfers are flows at market value there (CALCULATIONS 1, 4)."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from statements import view
from strategies import ledger_of, markets, rows
from test_laws import looked_at

from pipelines.portfolio.errors import UnknownAccountError
from pipelines.portfolio.models import CostMethod

D = Decimal
LEDGER = """
2020-01-02 DEPOSIT 200
2020-01-02 BUY ACME 10 @ 10 fee=2
2020-02-03 TRANSFER ACME 10 to_account=B
"""
MARKET = """
ACME 2020-01-02 10
ACME 2020-02-03 15
ACME 2020-03-02 18
"""


def of_account(name, **options):
    return view(LEDGER, MARKET, as_of="2020-03-02", account=name, **options)


def test_what_left_an_account_is_a_flow_at_market_value():
    shown = of_account("A")
    assert (shown.summary.value, shown.summary.cash) == (D(98), D(98))
    assert shown.summary.net_invested == D(200 - 150)
    assert shown.summary.total_gain == D(48)  # 10 shares from 10 to 15, less the fee
    assert [holding.symbol for holding in shown.holdings] == []


def test_what_came_to_an_account_brings_its_cost_and_date_and_flows_in_at_market_value():
    shown = of_account("B")
    (holding,) = shown.holdings
    assert (holding.cost_base, str(holding.lots[0].bought_on)) == (D(102), "2020-01-02")
    assert (shown.summary.value, shown.summary.net_invested, shown.summary.total_gain) == (D(180), D(150), D(30))
    assert shown.summary.twr == pytest.approx(0.2)


@pytest.mark.parametrize("account", ["A", "B"])
def test_the_attribution_of_an_account_leads_to_its_value(account):
    a = of_account(account).performance.attribution
    parts = a.initial_value + a.unrealized + a.realized + a.income + a.cash_fx_gain - a.fees - a.taxes
    assert parts + a.transfers + a.carried_gain == a.final_value
    assert a.carried_gain == (D(50) if account == "A" else D(-50))


@pytest.mark.parametrize("account", ["A", "B"])
@pytest.mark.parametrize("method", [CostMethod.FIFO, CostMethod.AVERAGE])
def test_the_identity_holds_for_an_account_alone(account, method):
    """Cost that came from or went to another account is a purchase or proceeds of this one (CALCULATIONS 2)."""
    s = of_account(account, method=method).summary
    assert s.realized_gain + s.unrealized_gain == s.value - s.cash + s.proceeds - s.purchases
    assert (s.purchases, s.proceeds) == ((D(102), D(102)) if account == "A" else (D(102), D(0)))


def test_a_period_of_an_account_opens_with_what_the_account_held():
    shown = of_account("B", since="2020-02-03")
    assert shown.performance.attribution.initial_value == D(150)
    assert shown.summary.total_gain == D(30)


def test_cash_between_accounts_is_a_flow_of_each():
    ledger = """
    2020-01-02 DEPOSIT 200
    2020-01-03 TRANSFER 50 to_account=B
    """
    assert view(ledger, as_of="2020-02-03", account="A").summary.net_invested == D(150)
    assert view(ledger, as_of="2020-02-03", account="B").summary.net_invested == D(50)
    assert view(ledger, as_of="2020-02-03").summary.net_invested == D(200)


def test_average_cost_pools_what_the_view_holds():
    ledger = """
    2020-01-02 BUY ACME 10 @ 10
    2020-01-02 BUY ACME 10 @ 20 account=B
    """
    together = view(ledger, MARKET, as_of="2020-03-02", method=CostMethod.AVERAGE)
    alone = view(ledger, MARKET, as_of="2020-03-02", method=CostMethod.AVERAGE, account="A")
    assert [holding.cost_base for holding in together.holdings] == [D(150), D(150)]
    assert [holding.cost_base for holding in alone.holdings] == [D(100)]


def test_an_account_that_does_not_occur_is_refused_with_those_that_do():
    with pytest.raises(UnknownAccountError, match="no account 'C'; there are A, B"):
        of_account("C")


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(steps=rows(), market=markets())
def test_the_accounts_add_up_to_the_whole(steps, market):
    whole = looked_at(steps, market)
    stated = ledger_of(steps, market)
    named = {*stated["account"], *stated["to_account"].drop_nulls()}
    parts = [looked_at(steps, market, account=name) for name in sorted(named)]
    assert sum(part.summary.value for part in parts) == whole.summary.value
    if all(part.summary.total_gain is not None for part in parts):
        assert sum(part.summary.total_gain for part in parts) == whole.summary.total_gain
    for part in parts:
        a = part.performance.attribution
        if None not in (a.transfers, a.carried_gain):
            sums = a.initial_value + a.unrealized + a.realized + a.income + a.cash_fx_gain - a.fees - a.taxes
            assert abs(sums + a.transfers + a.carried_gain - a.final_value) <= D("1e-8") * 50
