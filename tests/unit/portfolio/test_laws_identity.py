"""The identities of CALCULATIONS 2 and 5 whatever happened: every type of transaction, every method, both currencies."""

from collections import defaultdict
from decimal import Decimal

import pytest
from chronicles import ACTIONS, PAYMENTS, TRADES, chronicles, seen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from statements import D, view
from strategies import END, START

from pipelines.portfolio.models import CostMethod

QUANTUM = D("1e-8")
laws = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
methods = st.sampled_from(list(CostMethod))
# From the first transaction, or a period that opens in the middle.
openings = st.sampled_from([None, START.replace(day=20)])


def sums(rows, *names):
    """Return the sum of the named figures by symbol."""
    found = defaultdict(Decimal)
    for row in rows:
        found[row.symbol] += sum(getattr(row, name) for name in names)
    return found


@laws
@given(chronicle=chronicles(), since=openings, method=methods)
def test_gains_are_value_and_proceeds_less_purchases_by_symbol_and_in_total(chronicle, since, method):
    shown = seen(chronicle, as_of=END, cost_method=method, since=since)
    gains = sums(shown.holdings, "realized_gain_base", "unrealized_gain_base")
    left, paid = sums(shown.holdings, "value_base", "proceeds_base"), sums(shown.holdings, "purchases_base")
    assert gains == {symbol: left[symbol] - paid[symbol] for symbol in gains}
    s = shown.summary
    held = sum((holding.value_base for holding in shown.holdings), D(0))
    assert s.realized_gain + s.unrealized_gain == held + s.proceeds - s.purchases
    assert held == s.value - s.cash


@laws
@given(chronicle=chronicles([*TRADES, *PAYMENTS, *ACTIONS]), method=methods)
def test_gains_are_value_and_proceeds_less_purchases_in_local_currency(chronicle, method):
    shown = seen(chronicle, as_of=END, cost_method=method)
    gains = sums(shown.holdings, "unrealized_gain_local")
    for symbol, gain in sums(shown.realized_gains, "gain_local").items():
        gains[symbol] += gain
    wanted = sums(shown.holdings, "value_local")
    for row in chronicle[0].iter_rows(named=True):
        charged = row["fee"] + row["tax"]
        stated = row["amount"]
        if stated is None and row["price"] is not None:
            stated = (row["quantity"] * row["price"]).quantize(QUANTUM)  # half-even, as all money
        if row["type"] in {"BUY", "DELIVERY_IN"}:
            wanted[row["symbol"]] -= stated + charged
        elif row["type"] in {"SELL", "DELIVERY_OUT", "RETURN_OF_CAPITAL"}:
            wanted[row["symbol"]] += stated - charged
    assert {symbol: gain for symbol, gain in gains.items() if gain} == {
        symbol: gain for symbol, gain in wanted.items() if gain
    }


@laws
@given(chronicle=chronicles(), since=openings, method=methods)
def test_the_parts_lead_to_the_final_value_and_gain_is_value_less_what_was_put_in(chronicle, since, method):
    shown = seen(chronicle, as_of=END, cost_method=method, since=since)
    a, s = shown.performance.attribution, shown.summary
    parts = a.initial_value + a.unrealized + a.realized + a.income + a.cash_fx_gain - a.fees - a.taxes + a.transfers
    assert parts == a.final_value
    assert s.total_gain == s.value - s.net_invested
    assert s.total_gain == parts - a.initial_value - a.transfers


@pytest.mark.parametrize("method", list(CostMethod))
@pytest.mark.parametrize("until", ["2020-03-15", "2020-05-01"])
def test_the_known_trap_gains_sixty_by_every_method(until, method):
    ledger = """
        2020-01-01 BUY ACME 10 @ 10
        2020-02-01 SELL ACME 5 @ 12
        2020-03-01 BUY ACME 10 @ 20
        2020-04-01 SELL ACME 15 @ 20
    """
    summary = view(ledger, "ACME 2020-03-01 20", as_of=until, method=method).summary
    assert (summary.total_gain, summary.realized_gain + summary.unrealized_gain) == (60, 60)
