"""Returns beside days on which all was lost, rates moved alone, or a view only opens."""

import pytest

from pipelines.portfolio.explain import explain, faults
from tests.unit.portfolio.statements import accounts, view

RATES = "USD/EUR 2021-05-03 0.80\nUSD/EUR 2021-05-28 0.80\nUSD/EUR 2021-05-31 0.82\nUSD/EUR 2021-06-01 0.82"


def periods(shown):
    return {row.period: row.twr for row in shown.performance.periods}


def test_periods_after_all_was_lost_have_their_returns():
    prices = "X 2023-02-01 10\nX 2023-12-29 11\nX 2024-01-31 12\nX 2024-02-15 13"
    shown = view("2023-01-02 FEE 5\n2023-02-01 BUY X 10 @ 10", prices, as_of="2024-02-15")
    found = periods(shown)
    assert (found["YTD"], found["MTD"]) == (pytest.approx(130 / 110 - 1), pytest.approx(130 / 120 - 1))
    assert (found["ITD"], found["2023"], shown.summary.twr) == (-1.0, -1.0, -1.0)
    months = {(row.year, row.month): row.twr for row in shown.performance.monthly}
    assert months[2024, 1] == pytest.approx(120 / 110 - 1)
    assert months[2023, 1] == -1.0


def test_what_comes_in_has_no_part_in_what_a_rate_did_before():
    ledger = "2021-05-03 BUY SPY 100 @ 100\n2021-06-01 BUY SPY 900 @ 100"
    prices = "SPY 2021-05-03 100\nSPY 2021-05-28 100\nSPY 2021-06-01 100"
    shown = view(ledger, prices, rates=RATES, as_of="2021-06-01", currency="USD")
    assert (periods(shown)["1D"], periods(shown)["MTD"], shown.summary.day_return) == (0, 0, 0)
    assert shown.summary.twr == pytest.approx(0.82 / 0.80 - 1)
    assert shown.performance.drawdowns == []
    later = view(ledger, prices, rates=RATES, as_of="2021-08-20", currency="USD")
    assert later.summary.twr == pytest.approx(shown.summary.twr)


def test_a_series_that_ends_on_a_rate_has_the_contributions_of_its_holdings():
    rates = "USD/EUR 2025-06-02 0.90\nUSD/EUR 2025-07-03 0.90\nUSD/EUR 2025-07-04 0.85"
    shown = view(
        "2025-06-02 BUY ACME 10 @ 100", "ACME 2025-06-02 100\nACME 2025-07-03 110", as_of="2025-07-05", rates=rates, currency="USD"
    )  # fmt: skip
    found = {row.symbol: row.contribution for row in shown.performance.contributions}
    assert found == {"ACME": pytest.approx(935 / 900 - 1), None: pytest.approx(0)}


def test_a_view_has_no_month_and_no_year_that_it_only_opens_in():
    prices = "X 2023-06-01 10\nX 2023-12-29 11\nX 2024-01-31 12"
    shown = view("2023-06-01 BUY X 10 @ 10", prices, as_of="2024-02-15", since="2023-12-31")
    assert "2023" not in periods(shown)
    assert {(row.year, row.month) for row in shown.performance.monthly} == {(2024, 1)}


@pytest.mark.parametrize(
    "ledger",
    [
        "2024-01-02 BUY ACME 8 @ 10\n2024-01-03 SELL ACME 12 @ 20\n2024-01-04 BUY ACME 4 @ 15",
        "2024-01-02 SELL ACME 8 @ 10\n2024-01-03 BUY ACME 12 @ 8\n2024-01-04 SELL ACME 4 @ 15",
    ],
    ids=["sold short", "bought over"],
)
def test_trades_that_one_transaction_ends_and_begins_each_have_their_own_lots(ledger):
    prices = "ACME 2024-01-02 10\nACME 2024-01-03 20\nACME 2024-01-04 15"
    shown = view(ledger, prices, as_of="2024-01-04", rules=accounts(("A", "EUR", True, True)), include_journal=True)
    assert len(shown.trades) == 2
    fields = ("entry_base", "exit_base", "gain_base", "gain_before_fees_taxes_base", "return", "xirr")
    told = [explain(shown, f"trades.{number}.{field}") for number in range(2) for field in fields]
    assert [faults(tree) for tree in told] == [[]] * len(told)


@pytest.mark.parametrize(
    "other", ["", "\n2024-02-10 DEPOSIT 1 currency=USD"], ids=["alone", "before a purchase abroad"]
)
def test_a_rate_of_what_is_not_held_makes_no_day_of_the_chain(other):
    ledger = "2024-01-02 DEPOSIT 100\n2024-01-10 WITHDRAWAL 160\n2024-01-15 DEPOSIT 300\n2024-01-20 INTEREST 24"
    rates = "USD/EUR 2024-01-02 0.9\nUSD/EUR 2024-01-14 0.95"
    shown = view(ledger + other, rates=rates, as_of="2024-02-10" if other else "2024-01-20")
    assert [row.growth for row in shown.performance.daily if str(row.date) == "2024-01-20"] == [pytest.approx(1.1)]
    assert "negative_opening" not in {warning.code for warning in shown.warnings}


def test_a_view_that_opens_below_zero_is_not_warned_of_where_money_comes_before_a_return():
    ledger = "2024-01-02 DEPOSIT 100\n2024-01-10 FEE 150\n2024-01-11 DEPOSIT 200\n2024-01-12 INTEREST 15"
    shown = view(ledger, as_of="2024-01-12", since="2024-01-10")
    assert shown.summary.twr == pytest.approx(165 / 150 - 1)
    assert "negative_opening" not in {warning.code for warning in shown.warnings}


@pytest.mark.parametrize(
    ("opened", "taken"),
    [
        ("2024-01-29 SELL Q 6 @ 5", "MERGER Q to_symbol=S ratio_new=1 ratio_old=2\n2024-02-03 SELL S 4 @ 17"),
        ("2024-01-29 SELL S 6 @ 5 account=B", "TRANSFER S 6 account=B to_account=A\n2024-02-03 SELL S 2 @ 17"),
    ],
    ids=["a merger", "a transfer"],
)
def test_a_trade_that_a_short_from_elsewhere_closes_has_no_lots_of_that_days_sales(opened, taken):
    ledger = f"2024-01-05 BUY S 10 @ 6\n{opened}\n2024-02-03 {taken}"
    rules = accounts(("A", "EUR", True, True), ("B", "EUR", True, True))
    shown = view(ledger, "S 2024-01-05 6\nQ 2024-01-29 5\nS 2024-02-03 17", as_of="2024-02-03", rules=rules)
    told = [explain(shown, f"trades.{number}.gain_base") for number in range(len(shown.trades))]
    assert [faults(tree) for tree in told] == [[]] * len(told)


def test_a_trade_that_is_closed_by_what_another_closing_purchase_brought_has_its_lots():
    ledger = """
        2024-01-02 SELL Q 5 @ 10
        2024-01-03 BUY Q 15 @ 8
        2024-01-04 SELL S 5 @ 6
        2024-01-05 SPINOFF Q to_symbol=S ratio_new=1 ratio_old=2 cost_fraction=0.5
    """
    prices = "Q 2024-01-02 10\nQ 2024-01-05 4\nS 2024-01-04 6\nS 2024-01-05 8"
    shown = view(ledger, prices, as_of="2024-01-05", rules=accounts(("A", "EUR", True, True)))
    [number] = [number for number, trade in enumerate(shown.trades) if trade.symbol == "S"]
    told = explain(shown, f"trades.{number}.entry_base")
    assert (faults(told), [part.value for part in told.parts]) == ([], [30])


def test_a_short_whose_charges_are_above_its_proceeds_has_no_rate_of_them():
    ledger = "2024-01-02 SELL X 10 @ 0.5 fee=10\n2024-01-20 BUY X 10 @ 0.6"
    shown = view(ledger, "X 2024-01-02 0.5", as_of="2024-02-01", rules=accounts(("A", "EUR", False, True)))
    [trade] = shown.trades
    assert (trade.entry_base, trade.gain_base, trade.return_, trade.xirr) == (-5, -11, None, None)
    assert [faults(explain(shown, f"trades.0.{field}")) for field in ("return", "xirr")] == [[], []]


def test_two_transfers_of_one_day_that_close_a_short_each_have_their_own_lots():
    ledger = """
        2024-01-03 SELL X 16 @ 11 account=S
        2024-01-06 BUY X 16 @ 9 account=A
        2024-01-07 TRANSFER X 4 account=A to_account=S
        2024-01-07 TRANSFER X 12 account=A to_account=S
    """
    rules = accounts(("A", "EUR", True, True), ("S", "EUR", True, True))
    shown = view(ledger, "X 2024-01-03 11\nX 2024-01-07 9", as_of="2024-01-07", rules=rules)
    assert [trade.quantity for trade in shown.trades] == [4, 12]
    for number, entry in enumerate((44, 132)):
        told = explain(shown, f"trades.{number}.entry_base")
        assert ([part.value for part in told.parts], faults(told)) == ([entry], [])
