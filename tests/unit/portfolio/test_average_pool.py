"""AVERAGE: one pool a symbol over all accounts, whatever became of the cost of some of its lots (CALCULATIONS 2)."""

from fractions import Fraction

import pytest
from chronicles import chronicles, seen
from hypothesis import HealthCheck, given, settings
from statements import D, view
from strategies import END

from pipelines.portfolio.models import CostMethod

BOUGHT = "2020-01-01 BUY X 10 @ 10\n2020-01-01 BUY X 10 @ 20 account=B\n"


@pytest.mark.parametrize(
    ("action", "sold", "cost"),
    [
        pytest.param("RETURN_OF_CAPITAL X 50", "X", "62.5", id="250 of 20 units"),
        pytest.param("SPINOFF X to_symbol=Y ratio_new=1 ratio_old=1 cost_fraction=0.5", "X", "56.25", id="225 of 20"),
        pytest.param(
            "MERGER X 50 to_symbol=Y ratio_new=1 ratio_old=1", "Y", "56.25", id="112.5 of 10, a quarter relieved"
        ),
        pytest.param("SPLIT X ratio_new=2 ratio_old=1", "X", "50", id="300 of 30"),
    ],
)
def test_the_pool_is_level_after_a_corporate_action_in_one_account(action, sold, cost):
    ledger = f"{BOUGHT}2020-02-01 {action}\n2020-03-01 SELL {sold} 5 @ 10"
    shown = view(ledger, "Y 2020-02-01 15", as_of="2020-03-02", method=CostMethod.AVERAGE)
    assert shown.realized_gains[-1].cost_base == D(cost)


def test_a_split_in_one_account_shares_the_cost_of_a_level_pool_anew():
    ledger = f"{BOUGHT}2020-01-02 SELL X 5 @ 15\n2020-02-01 SPLIT X ratio_new=2 ratio_old=1\n2020-03-01 SELL X 5 @ 10"
    shown = view(ledger, as_of="2020-03-02", method=CostMethod.AVERAGE)
    assert [row.cost_base for row in shown.realized_gains] == [75, D("56.25")]  # 300 of 20 units, then 225 of 20


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(chronicle=chronicles())
def test_every_open_unit_of_a_symbol_costs_the_same(chronicle):
    shown = seen(chronicle, as_of=END, cost_method=CostMethod.AVERAGE)
    pools: dict[tuple[str, bool], list] = {}
    for holding in shown.holdings:
        for lot in holding.lots:
            if lot.quantity:
                pools.setdefault((holding.symbol, lot.quantity > 0), []).append(lot)
    for lots in pools.values():
        units = sum(Fraction(lot.quantity) for lot in lots)
        cost = sum(Fraction(lot.cost_base) for lot in lots)
        for lot in lots:
            # A cost is rounded to 1e-8 and the units shown to 1e-10, each once or twice.
            slack = Fraction(2, 10**8) + abs(cost / units) * Fraction(2 * len(lots), 10**10)
            assert abs(Fraction(lot.cost_base) - cost * Fraction(lot.quantity) / units) <= slack
