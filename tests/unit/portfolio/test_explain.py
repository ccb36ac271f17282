"""Every figure explains itself down to its rows, and every explanation adds up."""

import pytest
from hypothesis import HealthCheck, assume, given, settings
from statements import D, view
from strategies import ledger_of, markets, rows
from test_laws import looked_at

from pipelines.portfolio.explain import Operation, UnknownFigureError, explain, faults
from pipelines.portfolio.explain.figures import figures

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
    euro = next(part for part in tree.parts if part.figure == "EUR of A in EUR")
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


@pytest.mark.parametrize("path", ["summary.valeu", "holdings.BOLT.vlaue_base", "nothing", "holdings.NONE.value_base"])
def test_an_unknown_figure_is_refused_with_what_it_may_have_meant(shown, path):
    with pytest.raises(UnknownFigureError, match="no figure"):
        explain(shown, path)
    with pytest.raises(UnknownFigureError, match=r"did you mean summary\.value"):
        explain(shown, "summary.valeu")


def test_an_explanation_that_does_not_add_up_is_found(shown):
    tree = explain(shown, "summary.value")
    assert faults(tree) == []
    assert faults(tree.model_copy(update={"value": D(1)})) == ["summary.value"]


@pytest.mark.parametrize("options", [{}, {"account": "A"}], ids=["whole", "one account"])
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(steps=rows(), market=markets())
def test_every_explanation_adds_up(options, steps, market):
    assume(not options or "A" in ledger_of(steps, market)["account"])
    shown = looked_at(steps, market, include_journal=True, **options)
    for path in figures(shown):
        tree = explain(shown, path)
        assert faults(tree) == [], path
