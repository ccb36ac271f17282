"""Every figure explains itself down to its rows, and every explanation adds up."""

import pytest
from statements import D, view

from pipelines.portfolio.explain import Operation, UnknownFigureError, explain, faults

LEDGER = """
2020-01-02 DEPOSIT 2000
2020-01-02 BUY BOLT 10 @ 10 fee=2 currency=USD
2020-01-03 BUY BOLT 10 @ 20 currency=USD
2020-02-03 SELL BOLT 15 @ 30 tax=5 currency=USD
2020-02-10 DIVIDEND BOLT 4 currency=USD
2020-02-11 FEE 3
"""
MARKET = "BOLT 2020-01-02 10 USD\nBOLT 2020-01-03 20 USD\nBOLT 2020-02-03 30 USD\nBOLT 2020-03-02 40 USD"
RATES = "USD/EUR 2020-01-01 0.5\nUSD/EUR 2020-03-01 0.8"


@pytest.fixture(scope="module")
def shown():
    return view(LEDGER, MARKET, as_of="2020-03-02", rates=RATES, include_journal=True)


def test_a_value_is_units_times_price_times_rate(shown):
    tree = explain(shown, "holdings.BOLT.value_base")
    assert (tree.value, tree.operation) == (D(160), Operation.PRODUCT)
    assert [part.value for part in tree.parts] == [D(5), D(40), D("0.8")]
    assert [part.source for part in tree.parts[1:]] == [
        "price_history BOLT 2020-03-02",
        "fx_history USD/EUR 2020-03-01",
    ]


def test_a_realized_gain_names_its_lots_and_its_transactions(shown):
    tree = explain(shown, "summary.realized_gain")
    first, second = tree.parts
    assert (tree.value, first.value + second.value) == (shown.summary.realized_gain,) * 2
    sale, purchase = first.parts
    assert (sale.source, purchase.source, purchase.sign) == ("transactions t4", "transactions t2", -1)
    assert (sale.data["type"], purchase.data["fee"]) == ("SELL", "2")


def test_a_time_weighted_return_is_the_chain_of_its_days(shown):
    tree = explain(shown, "summary.twr")
    assert tree.operation is Operation.CHAIN
    assert tree.parts[-1].source == "valuation_daily 2020-03-02"
    assert {"opening", "flow_in", "flow_out", "closing"} == set(tree.parts[-1].data)


def test_a_price_return_is_the_chain_of_its_days_without_income():
    ledger = "2020-01-01 BUY ACME 10 @ 10\n2020-01-02 DIVIDEND ACME 5\n2020-01-03 DIVIDEND ACME 2"
    seen = view(ledger, "ACME 2020-01-01 10\nACME 2020-01-02 11\nACME 2020-01-03 12", as_of="2020-01-03")
    for path in ("summary.price_return", "performance.periods.ITD.price_return"):
        tree = explain(seen, path)
        assert [part.value for part in tree.parts] == pytest.approx([0, 0.1, 12 / 11 - 1])
        assert faults(tree) == []
    income = explain(seen, "performance.periods.ITD.income")
    assert [(part.source, part.value) for part in income.parts] == [("transactions t2", 5), ("transactions t3", 2)]
    assert [part.value for part in explain(seen, "performance.periods.ITD.flow").parts] == [100, -5, -2]


def test_fees_are_those_of_each_transaction(shown):
    tree = explain(shown, "summary.fees")
    assert [(part.source, part.value) for part in tree.parts] == [("transactions t2", D(1)), ("transactions t6", D(3))]


def test_cash_is_what_each_transaction_moved(shown):
    tree = explain(shown, "summary.cash")
    euro = next(part for part in tree.parts if part.figure == "cash.EUR@A.value_base")
    assert [part.value for part in euro.parts[0].parts] == [D(2000), D(-3)]


def test_a_symbol_in_two_accounts_is_the_sum_of_both():
    shown = view(
        "2020-01-02 BUY ACME 1 @ 10\n2020-01-02 BUY ACME 2 @ 10 account=B", "ACME 2020-01-02 11", as_of="2020-01-02"
    )
    assert explain(shown, "holdings.ACME.value_base").value == 33
    assert explain(shown, "holdings.ACME@B.value_base").value == 22


def test_without_the_journal_an_explanation_says_how_to_get_its_rows():
    shown = view("2020-01-02 BUY ACME 1 @ 10 fee=1", "ACME 2020-01-02 11", as_of="2020-01-02")
    assert explain(shown, "summary.fees").note == "ask with the journal for its rows"


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("summary.valeu", "summary.value"),
        ("holdings.BOLT.vlaue_base", "holdings.BOLT.value_base"),
        ("holdings.BOTL.value_base", "holdings.BOLT.value_base"),
        ("risk.sharp", "risk.sharpe"),
        ("performance.daily.2020-03-03.value", "performance.daily.2020-03-02.value"),
        ("trades.9.gain_base", "trades.0.gain_base"),
        ("summary.value.more", "summary.value"),
        ("hodlings", "holdings"),
    ],
)
def test_an_unknown_figure_is_refused_with_what_it_may_have_meant(shown, path, near):
    with pytest.raises(UnknownFigureError, match="no figure") as refused:
        explain(shown, path)
    assert near in refused.value.near


def test_the_rate_of_what_was_spun_off_in_a_period_ends_there():
    ledger = (
        "2020-01-02 BUY ACME 10 @ 10\n2020-03-02 SPINOFF ACME to_symbol=DOWN ratio_new=1 ratio_old=1 cost_fraction=0.2"
    )
    market = "ACME 2020-01-02 10\nDOWN 2020-03-02 2\nDOWN 2020-06-01 2"
    shown = view(ledger, market, as_of="2020-06-01", since="2020-02-01", include_journal=True)
    tree = explain(shown, "holdings.DOWN.xirr")
    assert (tree.value, tree.parts, faults(tree)) == (pytest.approx(0.0), [], [])


def test_a_symbol_with_dots_is_found():
    shown = view("2020-01-02 BUY BRK.B 1 @ 10", "BRK.B 2020-01-02 11", as_of="2020-01-02")
    assert explain(shown, "holdings.BRK.B.value_base").value == 11
    assert explain(shown, "allocations.symbol.BRK.B.weight").value == 1


def test_a_sharpe_ratio_is_made_of_the_days_that_count(shown):
    tree = explain(shown, "risk.sharpe")
    excess, deviation = tree.parts
    days = shown.performance.daily
    assert len(excess.parts) == sum(day.priced for day in days) < len(days)
    # Those without a price count in the next that has one, and end there.
    leaves = [node.source for part in excess.parts for node in part.walk() if not node.parts]
    assert leaves == [f"valuation_daily {day.date}" for day in days]
    assert tree.value == pytest.approx(excess.value / deviation.value)
    assert deviation.value == shown.risk.volatility


def test_the_deepest_fall_is_the_chain_of_the_days_from_its_peak():
    market = "".join(f"ACME 2020-01-0{at} {close}\n" for at, close in enumerate((10, 12, 9, 6, 8), start=1))
    shown = view("2020-01-01 BUY ACME 1 @ 10", market, as_of="2020-01-05")
    for path in ("risk.max_drawdown", "performance.drawdowns.0.depth"):
        tree = explain(shown, path)
        assert [part.value for part in tree.parts] == pytest.approx([9 / 12 - 1, 6 / 9 - 1])
        assert tree.value == pytest.approx(-0.5)


def test_a_benchmark_is_what_each_flow_has_become_in_it():
    market = "ACME 2020-01-01 10\nWORLD 2020-01-01 50\nACME 2020-01-02 10\nWORLD 2020-01-02 100\nWORLD 2020-01-03 150"
    ledger = "2020-01-01 BUY ACME 10 @ 10\n2020-01-02 BUY ACME 5 @ 10"
    shown = view(ledger, market + "\nACME 2020-01-03 10", as_of="2020-01-03", benchmark="WORLD")
    tree = explain(shown, "benchmark.value")
    assert (tree.value, [part.value for part in tree.parts]) == (375, [300, 75])
    assert explain(shown, "benchmark.gain").value == 225


def test_a_trade_names_the_lots_that_it_closed(shown):
    tree = explain(shown, "trades.0.gain_base")
    exit_, entry = tree.parts
    assert [part.source for part in entry.parts] == ["transactions t2", "transactions t3"]
    assert {part.source for part in exit_.parts} == {"transactions t4"}
    assert explain(shown, "trades.0.days_held").value == 32


def test_a_day_has_the_transactions_of_its_flows():
    ledger = "2020-01-01 BUY ACME 10 @ 10\n2020-01-02 BUY ACME 1 @ 11\n2020-01-02 DIVIDEND ACME 5"
    shown = view(ledger, "ACME 2020-01-01 10\nACME 2020-01-02 11", as_of="2020-01-02", include_journal=True)
    tree = explain(shown, "performance.daily.2020-01-02.flow_in")
    assert [(part.source, part.value) for part in tree.parts] == [("transactions t2", 11), ("transactions t3", -5)]
    factor = explain(shown, "performance.daily.2020-01-02.day_return")
    assert [part.value for part in factor.parts] == [121, 106]


def test_an_explanation_that_does_not_add_up_is_found(shown):
    tree = explain(shown, "summary.value")
    assert faults(tree) == []
    assert faults(tree.model_copy(update={"value": D(1)})) == ["summary.value"]


def test_a_contribution_goes_down_to_the_rows_of_its_holding_and_of_one_that_is_sold():
    ledger = "2020-01-01 BUY ACME 10 @ 10\n2020-01-01 BUY BOLT 1 @ 10\n2020-01-02 SELL BOLT 1 @ 12"
    shown = view(ledger, "ACME 2020-01-01 10\nBOLT 2020-01-01 10\nACME 2020-01-02 12", as_of="2020-01-02")
    for row in shown.performance.contributions:
        if row.symbol is not None:
            tree = explain(shown, f"performance.contributions.{row.symbol}@{row.account}.contribution")
            assert tree.operation is Operation.DAILY
            assert any(node.source and node.source.startswith("transactions") for node in tree.walk())
            assert faults(tree) == []


def test_the_benchmark_stands_beside_the_days_of_figures_that_are_measured_against_it():
    days = "\n".join(f"{name} 2020-01-{day:02} {10 + day}" for day in range(1, 12) for name in ("ACME", "WORLD"))
    shown = view("2020-01-01 BUY ACME 10 @ 11", days, as_of="2020-01-11", benchmark="WORLD")
    named = {name: {key for part in explain(shown, name).walk() for key in part.data} for name in _MEASURED}
    assert "benchmark" not in named["risk.var_95"]
    assert "benchmark" in named["risk.tracking_error"]


_MEASURED = ("risk.var_95", "risk.tracking_error")
