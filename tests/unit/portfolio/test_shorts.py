"""A holding is long or short, never both, however its lots came to it (CALCULATIONS 1)."""

import pytest
from chronicles import chronicles, seen
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from statements import D, accounts, day, view
from strategies import END

from pipelines.portfolio.errors import OversoldError
from pipelines.portfolio.models import CostMethod

BOTH = accounts(("A", "EUR", None, True), ("B", "EUR", None, True))
ONLY_A = accounts(("A", "EUR", None, True), ("B", "EUR", None, False))


def shown(ledger, market="", *, rules=BOTH, as_of="2020-03-01", **options):
    return view(ledger, market, as_of=as_of, rules=rules, include_closed=True, **options)


def still_open(document):
    return [(row.account, row.symbol, row.quantity) for row in document.holdings if row.lots]


@pytest.mark.parametrize("method", [CostMethod.FIFO, CostMethod.AVERAGE, CostMethod.SPECIFIC])
def test_a_merger_into_what_is_short_covers_it(method):
    ledger = """
        2020-01-01 BUY X 10 @ 90
        2020-01-02 SELL Y 10 @ 100
        2020-02-01 MERGER X to_symbol=Y ratio_new=1 ratio_old=1
    """
    found = shown(ledger, "Y 2020-02-01 95", method=method)
    assert still_open(found) == []
    assert (found.summary.realized_gain, found.summary.unrealized_gain) == (100, 0)
    [row] = found.realized_gains
    assert (row.buy_id, row.sell_id, row.cost_base, row.proceeds_base) == ("t1", "t2", 900, 1000)
    [trade] = found.trades
    assert (trade.side, trade.opened_on, trade.closed_on) == ("short", day("2020-01-02"), day("2020-02-01"))


def test_a_merger_of_what_is_short_sells_what_is_held():
    ledger = """
        2020-01-01 SELL X 4 @ 100
        2020-01-02 BUY Y 10 @ 90
        2020-02-01 MERGER X to_symbol=Y ratio_new=1 ratio_old=1
    """
    found = shown(ledger, "Y 2020-02-01 95")
    assert still_open(found) == [("A", "Y", 6)]
    assert (found.summary.realized_gain, found.summary.cost) == (40, 540)
    assert [trade.side for trade in found.trades] == ["long", "long"]


def test_a_spin_off_covers_and_the_rest_is_held():
    ledger = """
        2020-01-01 BUY X 10 @ 90
        2020-01-02 SELL Y 4 @ 100
        2020-02-01 SPINOFF X to_symbol=Y ratio_new=1 ratio_old=1 cost_fraction=0.5
    """
    found = shown(ledger, "Y 2020-02-01 45")
    assert still_open(found) == [("A", "X", 10), ("A", "Y", 6)]
    assert (found.summary.realized_gain, found.summary.cost) == (400 - 180, 450 + 270)


def test_a_transfer_covers_and_a_later_purchase_covers_the_rest():
    ledger = """
        2020-01-02 SELL Y 10 @ 100 account=B
        2020-01-02 BUY Y 5 @ 90
        2020-01-03 TRANSFER Y 5 to_account=B
        2020-01-04 BUY Y 5 @ 120 account=B
    """
    found = shown(ledger, "Y 2020-01-02 100")
    assert (still_open(found), found.summary.realized_gain) == ([], -50)


def test_an_older_purchase_that_comes_does_not_hide_a_short():
    ledger = """
        2020-01-01 BUY Y 4 @ 90
        2020-01-02 SELL Y 10 @ 100 account=B
        2020-01-03 TRANSFER Y 4 to_account=B
        2020-01-04 SELL Y 4 @ 110 account=B
    """
    found = shown(ledger, "Y 2020-01-02 100")
    assert (still_open(found), found.summary.realized_gain) == ([("B", "Y", -10)], 40)
    assert found.summary.cost == -(600 + 440)


def test_a_short_moves_at_its_negative_value():
    ledger = "2020-01-01 SELL X 10 @ 100\n2020-01-02 TRANSFER X 10 to_account=B"
    market = "X 2020-01-01 100\nX 2020-01-03 100"
    gains = [shown(ledger, market, account=name).summary.total_gain for name in (None, "A", "B")]
    assert gains == [0, 0, 0]
    assert [row.total_gain_base for row in shown(ledger, market).holdings] == [0, 0]


def test_a_short_may_not_move_where_none_is_allowed():
    with pytest.raises(OversoldError, match="B disposes of 6 more X") as refused:
        shown("2020-01-01 SELL X 10 @ 100\n2020-01-01 BUY X 4 @ 90 account=B\n2020-01-02 TRANSFER X 10 to_account=B",
              rules=ONLY_A)  # fmt: skip
    assert (refused.value.account, refused.value.shortfall) == ("B", 6)


def test_a_short_that_moves_sells_what_is_held_there():
    ledger = """
        2020-01-01 SELL X 4 @ 100
        2020-01-01 BUY X 10 @ 90 account=B
        2020-01-02 TRANSFER X 4 to_account=B
    """
    found = shown(ledger, "X 2020-01-01 100", rules=ONLY_A)
    assert (still_open(found), found.summary.realized_gain) == ([("B", "X", 6)], 40)
    [holding] = [row for row in found.holdings if row.lots]
    assert (holding.cost_base, holding.unrealized_gain_base) == (540, 60)


def test_cost_in_another_currency_meets_in_the_currency_of_the_short():
    ledger = """
        2020-01-01 BUY X 10 @ 90 currency=USD
        2020-01-02 SELL Y 10 @ 100 currency=EUR
        2020-02-01 MERGER X to_symbol=Y ratio_new=1 ratio_old=1 currency=USD
    """
    found = shown(ledger, rates="USD/EUR 2020-01-01 0.5\nUSD/EUR 2020-02-01 0.75")
    [row] = found.realized_gains
    assert (row.cost_base, row.proceeds_base, row.cost_local) == (450, 1000, 675)
    assert (row.gain_base, row.price_effect_base, row.fx_effect_base) == (550, 325, 225)
    assert found.summary.realized_gain == found.summary.proceeds - found.summary.purchases


@pytest.mark.parametrize("end", ["", "2020-02-01 BUY X 10 @ 110"])
def test_a_losing_short_has_a_rate_above_zero_and_says_how_to_read_it(end):
    found = shown(f"2020-01-01 SELL X 10 @ 100\n{end}", "X 2020-01-01 100\nX 2020-02-01 110", as_of="2020-02-01")
    assert found.summary.total_gain == -100
    assert found.holdings[0].xirr == found.summary.xirr == pytest.approx(1.1 ** (365 / 31) - 1)
    assert found.trades[0].xirr == pytest.approx(0.9 ** (365 / 31) - 1)
    assert [row.data for row in found.warnings if row.code == "short_with_xirr"] == [{"symbols": ["X"]}]


def test_what_was_never_short_says_nothing_about_it():
    found = shown("2020-01-01 BUY X 10 @ 100", "X 2020-01-01 100\nX 2020-02-01 110", as_of="2020-02-01")
    assert found.warnings == []


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(chronicle=chronicles(), method=st.sampled_from(list(CostMethod)))
def test_the_lots_of_a_holding_are_all_long_or_all_short(chronicle, method):
    found = seen(chronicle, as_of=END, cost_method=method)
    for holding in found.holdings:
        assert len({lot.quantity > 0 for lot in holding.lots if lot.quantity}) <= 1
        whole = sum((lot.quantity for lot in holding.lots), D(0))
        assert abs(whole - holding.quantity) <= D("1e-10") * len(holding.lots)
