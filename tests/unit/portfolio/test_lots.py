"""Lots and gains, in cases a reader can do in the head (CALCULATIONS 2)."""

import pytest
from statements import D, accounts, day, view

from pipelines.portfolio.errors import InvalidTransactionError, OversoldError
from pipelines.portfolio.models import CostMethod

TRAP = """
    2020-01-01 BUY ACME 10 @ 10
    2020-02-01 SELL ACME 5 @ 12
    2020-03-01 BUY ACME 10 @ 20
    2020-04-01 SELL ACME 15 @ 20
"""
THREE = """
    2020-01-01 BUY ACME 10 @ 10
    2020-02-01 BUY ACME 10 @ 30
    2020-03-01 BUY ACME 10 @ 20
    2020-04-01 SELL ACME 10 @ 40
"""


def test_what_was_sold_before_is_not_sold_again():
    summary = view(TRAP, as_of="2020-05-01").summary
    assert summary.realized_gain == 60
    assert summary.total_gain == 60


@pytest.mark.parametrize(
    ("method", "gain"),
    [(CostMethod.FIFO, 300), (CostMethod.LIFO, 200), (CostMethod.HIFO, 100), (CostMethod.AVERAGE, 200)],
)
def test_each_method_closes_its_own_lot(method, gain):
    assert view(THREE, as_of="2020-05-01", method=method).summary.realized_gain == gain


def test_a_specific_sale_closes_the_lot_it_names():
    ledger = THREE.replace("@ 40", "@ 40 lot_id=t2")
    shown = view(ledger, as_of="2020-05-01", method=CostMethod.SPECIFIC)
    assert [row.buy_id for row in shown.realized_gains] == ["t2"]
    assert shown.summary.realized_gain == 100


@pytest.mark.parametrize("name", ["t2", "broker-7", "dear"])
def test_a_purchase_is_named_by_its_number_its_external_id_or_its_lot_id(name):
    ledger = THREE.replace("@ 30", "@ 30 external_id=broker-7 lot_id=dear").replace("@ 40", f"@ 40 lot_id={name}")
    [row] = view(ledger, as_of="2020-05-01", method=CostMethod.SPECIFIC).realized_gains
    assert row.buy_id == "t2"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("2020-04-01 SELL ACME 10 @ 40 lot_id=nothing", "of a purchase of ACME that A still holds"),
        ("2020-04-01 SELL ACME 11 @ 40 lot_id=t2", "with 11 units open; it has 10"),
        ("2020-04-01 TRANSFER ACME 12 to_account=B lot_id=t2", "with 12 units open; it has 10"),
        ("2020-01-15 SELL ACME 1 @ 40 lot_id=t2", "of a purchase of ACME that A still holds"),
    ],
)
def test_a_lot_that_is_not_there_is_refused_by_its_column(line, expected):
    ledger = "\n".join([*THREE.strip().splitlines()[:3], line])
    with pytest.raises(InvalidTransactionError, match=expected) as refused:
        view(ledger, as_of="2020-05-01", method=CostMethod.SPECIFIC)
    assert (refused.value.transaction_id, refused.value.column) == ("t4", "lot_id")
    assert view(ledger, as_of="2020-05-01").summary.realized_gain is not None


def test_a_sale_that_names_no_lot_closes_the_oldest_and_says_so():
    shown = view(THREE, as_of="2020-05-01", method=CostMethod.SPECIFIC)
    assert [row.buy_id for row in shown.realized_gains] == ["t1"]
    [said] = [warning for warning in shown.warnings if warning.code == "lot_not_named"]
    assert said.data == {"transactions": ["t4"]}


def test_fees_and_taxes_are_cost_of_purchase_and_lower_proceeds():
    ledger = "2020-01-01 BUY ACME 10 @ 10 fee=2 tax=1\n2020-02-01 SELL ACME 10 @ 12 fee=3"
    [row] = view(ledger, as_of="2020-03-01").realized_gains
    assert (row.cost_base, row.proceeds_base, row.gain_base) == (103, 117, 14)
    assert row.gain_before_fees_taxes_base == 20


def test_a_sale_over_two_lots_is_a_row_a_lot_with_days_and_term():
    ledger = "2019-01-01 BUY ACME 5 @ 10\n2020-01-01 BUY ACME 5 @ 12\n2020-01-02 SELL ACME 8 @ 20"
    rows = view(ledger, as_of="2020-03-01").realized_gains
    assert [(row.quantity, row.cost_base, row.days_held, row.term) for row in rows] == [
        (5, 50, 366, "long"),
        (3, 36, 1, "short"),
    ]


def test_thirds_leave_no_residue():
    ledger = "2020-01-01 BUY ACME 3 @ 33.33\n" + "\n".join(f"2020-02-0{n} SELL ACME 1 @ 40" for n in (1, 2, 3))
    shown = view(ledger, as_of="2020-03-01", include_closed=True)
    assert shown.summary.realized_gain == D("120") - D("99.99")
    assert shown.holdings[0].cost_base == 0


@pytest.mark.parametrize(
    ("ratio", "units"), [("7:3", "23.3333333333"), ("10:12", "8.3333333333"), ("1:3", "3.3333333333")]
)
def test_a_split_changes_units_and_not_cost_and_odd_units_can_all_be_sold(ratio, units):
    ledger = f"2020-01-01 BUY ACME 10 @ 10\n2020-03-01 SELL ACME {units} @ 9"
    held = view(ledger, as_of="2020-02-15", ratios=f"ACME 2020-02-01 {ratio}").holdings[0]
    assert (held.quantity, held.cost_base) == (D(units), 100)
    sold = view(ledger, as_of="2020-03-15", ratios=f"ACME 2020-02-01 {ratio}", include_closed=True).holdings[0]
    assert (sold.quantity, sold.cost_base, sold.lots) == (0, 0, [])


def test_returned_capital_is_no_gain_of_one_lot_and_loss_of_another():
    ledger = "2020-01-01 BUY ACME 20 @ 50.5\n2020-01-02 BUY ACME 4 @ 55.5\n2020-02-01 RETURN_OF_CAPITAL ACME 24"
    rows = view(ledger, as_of="2020-03-01").realized_gains
    assert [(row.gain_local, row.gain_base) for row in rows] == [(0, 0), (0, 0)]
    assert [row.proceeds_base for row in rows] == [20, 4]


def test_odd_splits_lose_no_proceeds():
    ledger = "2020-01-01 BUY ACME 10 @ 1\n2020-01-02 BUY ACME 10 @ 1\n2020-02-01 SELL ACME 6.6666666667 @ 1000000000"
    summary = view(ledger, as_of="2020-03-01", ratios="ACME 2020-01-03 1:3").summary
    assert summary.realized_gain == summary.proceeds - summary.purchases


def test_a_split_of_nothing_changes_nothing_and_says_so():
    shown = view("2020-01-01 SPLIT ACME ratio_new=2 ratio_old=1", as_of="2020-01-02")
    assert (shown.warnings[0].code, shown.holdings) == ("split_of_nothing", [])


def test_a_split_stated_by_hand_and_known_of_the_market_counts_once():
    ledger = "2020-01-01 BUY ACME 10 @ 10\n2020-02-03 SPLIT ACME ratio_new=2 ratio_old=1"
    shown = view(ledger, as_of="2020-03-01", ratios="ACME 2020-02-01 2:1")
    assert shown.holdings[0].quantity == 20
    assert "split_already_applied" in [warning.code for warning in shown.warnings]


def test_a_split_stated_twice_counts_once():
    row = "\n2020-01-10 SPLIT ACME ratio_new=2 ratio_old=1"
    for second in (row, row.replace("01-10", "01-12").replace("2 ratio_old=1", "4 ratio_old=2")):
        shown = view(f"2020-01-01 BUY ACME 10 @ 10{row}{second}", "ACME 2020-01-13 5", as_of="2020-01-13")
        assert (shown.holdings[0].quantity, shown.summary.value) == (20, 100)
        [warning] = [found for found in shown.warnings if found.code == "split_already_applied"]
        assert warning.data["transaction_id"] == "t3"
        assert "row t3" in warning.message


def test_a_split_of_the_same_ratio_a_fortnight_later_is_another():
    row = "\n2020-01-{} SPLIT ACME ratio_new=2 ratio_old=1"
    shown = view(f"2020-01-01 BUY ACME 10 @ 10{row.format(10)}{row.format(24)}", as_of="2020-02-01")
    assert shown.holdings[0].quantity == 40


def test_a_split_that_accounts_state_on_different_days_restates_the_close_once():
    ledger = """
        2020-01-01 BUY ACME 10 @ 10
        2020-01-01 BUY ACME 10 @ 10 account=B
        2020-01-10 SPLIT ACME ratio_new=2 ratio_old=1
        2020-01-11 SPLIT ACME ratio_new=2 ratio_old=1 account=B
    """
    shown = view(ledger, "ACME 2020-01-02 10", as_of="2020-01-12")
    assert [(row.quantity, row.value_base) for row in shown.holdings] == [(20, 100), (20, 100)]
    assert shown.performance.daily[-1].value == 200


def test_units_move_with_their_dates_and_cost():
    ledger = """
        2019-01-01 BUY ACME 10 @ 10 fee=5
        2020-01-01 TRANSFER ACME 10 to_account=B
        2020-02-01 SELL ACME 10 @ 20 account=B
    """
    [row] = view(ledger, as_of="2020-03-01").realized_gains
    assert (row.account, row.bought_on, row.cost_base) == ("B", day("2019-01-01"), 105)


def test_transfers_of_one_day_follow_their_chain():
    ledger = """
        2020-01-01 BUY ACME 10 @ 10
        2020-02-01 TRANSFER ACME 10 account=B to_account=C time=09:00
        2020-02-01 TRANSFER ACME 10 to_account=B time=17:00
    """
    assert [(h.account, h.quantity) for h in view(ledger, as_of="2020-03-01").holdings] == [("C", 10)]


def test_a_purchase_and_its_sale_of_one_day_make_no_short():
    ledger = "2020-01-01 SELL ACME 10 @ 11 time=09:00\n2020-01-01 BUY ACME 10 @ 10 time=10:00"
    assert view(ledger, as_of="2020-02-01").summary.realized_gain == 10


def test_selling_more_than_is_held_is_refused_with_what_is_missing():
    with pytest.raises(OversoldError) as refused:
        view("2020-01-01 BUY ACME 10 @ 10\n2020-02-01 SELL ACME 12.5 @ 11", as_of="2020-03-01")
    error = refused.value
    assert (error.transaction_id, error.account, error.symbol) == ("t2", "A", "ACME")
    assert (error.date, error.shortfall) == (day("2020-02-01"), D("2.5"))


def test_a_short_gains_when_the_price_falls():
    ledger = "2020-01-01 SELL ACME 10 @ 20 fee=1\n2020-02-01 BUY ACME 4 @ 15"
    shown = view(ledger, "ACME 2020-02-10 16", as_of="2020-02-10", rules=accounts(("A", "EUR", None, True)))
    [row], [held] = shown.realized_gains, shown.holdings
    assert (row.quantity, row.gain_base, row.days_held) == (4, D("19.6"), 31)
    assert (held.quantity, held.value_base, held.cost_base) == (-6, -96, D("-119.4"))
    assert held.unrealized_gain_base == D("23.4")
    [closed, still_open] = shown.trades
    assert (closed.side, still_open.side) == ("short", "short")


def test_a_spin_off_moves_part_of_the_cost():
    ledger = """
        2020-01-01 BUY ACME 10 @ 10
        2020-02-01 SPINOFF ACME to_symbol=BOLT ratio_new=1 ratio_old=2 cost_fraction=0.25
    """
    held = {h.symbol: (h.quantity, h.cost_base, h.lots[0].bought_on) for h in view(ledger, as_of="2020-03-01").holdings}
    assert held == {"ACME": (10, 75, day("2020-01-01")), "BOLT": (5, 25, day("2020-01-01"))}


def test_a_merger_with_cash_relieves_its_share_of_the_cost():
    ledger = """
        2020-01-01 BUY ACME 10 @ 10
        2020-02-01 MERGER ACME 50 to_symbol=BOLT ratio_new=1 ratio_old=2
    """
    shown = view(ledger, "BOLT 2020-02-01 30", as_of="2020-03-01")
    [held] = shown.holdings
    assert (held.symbol, held.quantity, held.cost_base) == ("BOLT", 5, 75)
    assert shown.summary.realized_gain == 25


def test_returned_capital_lowers_cost_and_beyond_it_is_gain():
    ledger = "2020-01-01 BUY ACME 10 @ 10\n2020-02-01 RETURN_OF_CAPITAL ACME {}"
    lowered = view(ledger.format(30), as_of="2020-03-01")
    assert (lowered.holdings[0].cost_base, lowered.summary.realized_gain) == (70, 0)
    beyond = view(ledger.format(130), as_of="2020-03-01")
    assert (beyond.holdings[0].cost_base, beyond.summary.realized_gain) == (0, 30)


def test_returned_capital_lowers_cost_by_the_gross_amount_and_its_charges_are_a_loss():
    ledger = "2020-01-01 BUY ACME 10 @ 100\n2020-02-01 RETURN_OF_CAPITAL ACME 100 fee=10"
    shown = view(ledger, "ACME 2020-02-01 90", as_of="2020-03-01")
    [held], [row] = shown.holdings, shown.realized_gains
    assert (held.cost_base, held.cost_excluding_fees_and_taxes_base, held.unrealized_gain_base) == (900, 900, 0)
    assert (row.gain_before_fees_taxes_base, row.gain_base, row.cost_base, row.proceeds_base) == (0, -10, 100, 90)
    s = shown.summary
    assert s.realized_gain + s.unrealized_gain == s.value + s.proceeds - s.purchases == -10


def test_returned_capital_is_no_gain_before_fees_where_the_purchase_had_one():
    ledger = "2020-01-01 BUY ACME 10 @ 100 fee=10\n2020-02-01 RETURN_OF_CAPITAL ACME 100"
    shown = view(ledger, as_of="2020-03-01")
    [held], [row] = shown.holdings, shown.realized_gains
    assert (held.cost_base, held.cost_excluding_fees_and_taxes_base) == (910, 900)
    assert (row.gain_base, row.gain_before_fees_taxes_base) == (0, 0)


def test_returned_capital_is_shared_by_units_and_a_cheap_lot_gains_beyond_its_cost():
    ledger = """
        2020-01-01 BUY ACME 10 @ 1
        2020-01-02 BUY ACME 10 @ 100
        2020-02-01 RETURN_OF_CAPITAL ACME 40
    """
    shown = view(ledger, as_of="2020-03-01")
    assert [lot.cost_base for lot in shown.holdings[0].lots] == [0, 980]
    assert [(row.buy_id, row.gain_base) for row in shown.realized_gains] == [("t1", 10), ("t2", 0)]


def test_returned_capital_lowers_base_cost_in_proportion_and_the_rest_is_the_exchange_rates():
    ledger = "2020-01-01 BUY BOLT 10 @ 10 currency=USD\n2020-02-01 RETURN_OF_CAPITAL BOLT 20 currency=USD"
    shown = view(ledger, as_of="2020-03-01", rates="USD/EUR 2020-01-01 0.5\nUSD/EUR 2020-02-01 0.75")
    [row] = shown.realized_gains
    assert (shown.holdings[0].cost_local, shown.holdings[0].cost_base) == (80, 40)
    assert (row.gain_local, row.gain_base, row.fx_effect_base) == (0, 5, 5)


@pytest.mark.parametrize("date", ["2020-02-01", "2020-02-15"])
def test_capital_returned_when_all_is_sold_is_gain_and_says_so(date):
    ledger = f"""
        2020-01-01 BUY ACME 10 @ 10
        2020-02-01 SELL ACME 10 @ 12
        {date} RETURN_OF_CAPITAL ACME 5 fee=1
    """
    shown = view(ledger, as_of="2020-03-01", include_closed=True)
    assert (shown.summary.realized_gain, shown.summary.total_gain) == (24, 24)
    assert (shown.realized_gains[-1].gain_before_fees_taxes_base, shown.realized_gains[-1].cost_base) == (5, 0)
    assert "returned_capital_is_gain" in [warning.code for warning in shown.warnings]


def test_capital_returned_on_what_was_never_held_is_refused():
    with pytest.raises(InvalidTransactionError, match="a holding of A on 2020-02-01"):
        view("2020-02-01 RETURN_OF_CAPITAL ACME 5", as_of="2020-03-01")


def test_price_and_fx_make_up_the_gain():
    shown = view(
        "2020-01-01 BUY BOLT 10 @ 10 currency=USD",
        "BOLT 2020-02-01 12 USD",
        as_of="2020-02-01",
        rates="USD/EUR 2020-01-01 0.5\nUSD/EUR 2020-02-01 0.75",
    )
    [held] = shown.holdings
    assert (held.cost_base, held.value_base, held.unrealized_gain_base) == (50, 90, 40)
    assert (held.price_effect_base, held.fx_effect_base) == (15, 25)


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("2020-01-01 TRANSFER ACME 1", "to_account"),
        ("2020-01-01 SPLIT ACME ratio_new=2", "ratio_new"),
        ("2020-01-01 FX_CONVERSION 5", "to_amount"),
        ("2020-01-01 DEPOSIT", "amount"),
        ("2020-01-01 OPTION 5", "type"),
    ],
)
def test_a_row_that_lacks_what_its_type_needs_is_refused(line, column):
    with pytest.raises(InvalidTransactionError) as refused:
        view(line, as_of="2020-03-01")
    assert refused.value.column == column


def test_what_a_split_leaves_below_the_tenth_decimal_keeps_its_cost():
    ledger = "2020-01-01 BUY ACME 0.0000000001 @ 5050.01"
    shown = view(ledger, "ACME 2020-02-10 1", as_of="2020-02-10", ratios="ACME 2020-02-01 1:3")
    assert (shown.summary.cost, shown.summary.unrealized_gain) == (D("0.00000051"), D("-0.00000051"))
    assert shown.summary.total_gain == D("-0.00000051")
