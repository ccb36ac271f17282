"""Values, flows and returns, in cases a reader can do in the head (CALCULATIONS 3, 4, 5)."""

import datetime as dt

import polars as pl
import pytest
from statements import D, accounts, day, prices, splits, transactions, view

from pipelines.portfolio.complete import complete_view
from pipelines.portfolio.errors import EmptyPeriodError, InvalidTransactionError
from pipelines.portfolio.frames import LedgerFrames, MarketFrames
from pipelines.portfolio.models import Status
from pipelines.portfolio.returns import modified_dietz, xirr, xirr_roots

_STATUS = {"status": pl.String}


def test_a_missing_price_is_missing_and_says_so():
    shown = view("2020-01-01 BUY ACME 10 @ 10", as_of="2020-02-01")
    [held] = shown.holdings
    assert (held.price_status, held.value_base, held.unrealized_gain_base) == (Status.MISSING, None, None)
    assert (shown.summary.total_gain, shown.summary.twr, shown.summary.xirr) == (None, None, None)
    assert shown.completeness.missing_symbols == ["ACME"]
    assert not shown.completeness.is_complete
    assert shown.completeness.missing_cost == 100


def test_a_missing_rate_is_never_one():
    shown = view("2020-01-01 BUY BOLT 10 @ 10 currency=USD", "BOLT 2020-01-01 10 USD", as_of="2020-02-01")
    [held] = shown.holdings
    assert (held.fx_status, held.fx_rate, held.value_local, held.value_base) == (Status.MISSING, None, 100, None)
    assert shown.completeness.missing_fx == ["USD"]


def test_cash_without_a_rate_is_named():
    shown = view(
        "2020-01-01 DEPOSIT amount=100 currency=USD", as_of="2020-02-01", rules=accounts(("A", "EUR", None, True))
    )
    assert (shown.summary.cash, shown.completeness.missing_fx) == (None, ["USD"])
    [said] = [one for one in shown.warnings if one.data == {"account": "A", "currency": "USD"}]
    assert said.message == "no rate USD/EUR on or before 2020-02-01: the cash in USD of A is in no total"


def test_a_price_is_stale_after_five_sessions_of_its_market():
    days = [f"2020-01-{n:02}" for n in range(1, 8)]
    others = "\n".join(f"BOLT {on} 1" for on in days)
    fresh = view("2020-01-01 BUY ACME 1 @ 1", f"ACME 2020-01-02 1\n{others}", as_of="2020-01-07")
    stale = view("2020-01-01 BUY ACME 1 @ 1", f"ACME 2020-01-01 1\n{others}", as_of="2020-01-07")
    assert [shown.holdings[0].price_status for shown in (fresh, stale)] == [Status.CLOSE, Status.STALE]
    assert stale.completeness.stale_symbols == ["ACME"]


def test_a_price_without_a_calendar_is_stale_after_two_weeks_when_everything_stopped():
    ledger, market = "2020-01-01 BUY ACME 1 @ 1", "ACME 2020-01-01 1\nBOLT 2020-01-02 1"
    shown = [view(ledger, market, as_of=as_of).completeness.stale_symbols for as_of in ("2020-01-15", "2020-01-16")]
    assert shown == [[], ["ACME"]]


SPLIT = "2020-01-01 BUY ACME 10 @ 10"


@pytest.mark.parametrize("stated", [True, False])
def test_a_split_before_its_first_price_changes_no_value(stated):
    by_hand = "\n2020-01-04 SPLIT ACME ratio_new=2 ratio_old=1" if stated else ""
    shown = view(
        SPLIT + by_hand,
        "ACME 2020-01-01 10\nACME 2020-01-03 10",
        as_of="2020-01-04",
        ratios="" if stated else "ACME 2020-01-04 2:1",
    )
    [held] = shown.holdings
    assert (held.quantity, held.price, held.price_date, held.value_base) == (20, 5, day("2020-01-03"), 100)
    assert shown.performance.daily[-1].value == 100
    assert [warning.code for warning in shown.warnings] == ["price_before_split"]


def test_the_masters_price_of_before_a_split_counts_for_the_shares_there_are_since():
    at = dt.datetime(2020, 1, 3, 15, tzinfo=dt.UTC)
    live = {"symbol": ["ACME"], "currency": ["EUR"], "last_price": [D(11)], "last_price_at": [at]}
    market = MarketFrames(
        prices=prices("ACME 2020-01-01 10"), splits=splits("ACME 2020-01-04 2:1"), symbols=pl.DataFrame(live)
    )
    shown = complete_view(
        LedgerFrames(transactions=transactions(SPLIT)), market, as_of=day("2020-01-04"), base_currency="EUR"
    )
    [held] = shown.holdings
    assert (held.quantity, held.price, held.price_date, held.value_base) == (20, D("5.5"), day("2020-01-03"), 110)
    assert [warning.code for warning in shown.warnings] == ["price_before_split"]


def test_one_for_one_is_no_split():
    shown = view(SPLIT, "ACME 2020-01-01 10", as_of="2020-01-04", ratios="ACME 2020-01-04 1:1")
    assert (shown.holdings[0].quantity, shown.holdings[0].price, shown.warnings) == (10, 10, [])


def test_days_between_a_split_and_the_next_price_have_no_jump():
    ledger = SPLIT + "\n2020-01-04 SPLIT ACME ratio_new=2 ratio_old=1\n2020-01-05 SPLIT ACME ratio_new=1 ratio_old=4"
    shown = view(ledger, "ACME 2020-01-03 10\nACME 2020-01-08 22", as_of="2020-01-08")
    assert [row.value for row in shown.performance.daily[1:]] == [100, 100, 100, 110]
    assert shown.risk.max_drawdown == 0


def test_a_benchmark_keeps_its_worth_over_a_split_without_a_price():
    shown = view(
        "2020-01-01 DEPOSIT 100\n2020-01-04 FEE 1",
        "SPX 2020-01-01 10\nSPX 2020-01-06 5",
        as_of="2020-01-06",
        ratios="SPX 2020-01-03 2:1",
        benchmark="SPX",
    )
    assert [row.value for row in shown.benchmark.daily] == [100, 100]


def test_taxes_of_before_a_period_are_none_of_its_own():
    ledger = "2020-01-01 DEPOSIT 100\n2020-01-01 TAX 50\n2020-01-01 BUY ACME 5 @ 10"
    shown = view(ledger, "ACME 2020-02-01 10\nACME 2020-03-01 20", as_of="2020-03-01", since="2020-02-01").summary
    assert (shown.taxes, shown.twr, shown.twr_before_tax) == (0, pytest.approx(1), pytest.approx(1))
    assert shown.xirr == shown.xirr_before_tax


def test_the_parts_add_up_to_the_last_digit():
    shown = view(
        "2020-01-01 BUY BOLT 1 @ 1 fee=1 currency=USD",
        "BOLT 2020-01-01 1 USD",
        as_of="2020-01-01",
        rates="EUR/USD 2020-01-01 1.5",
    )
    parts = shown.performance.attribution
    assert parts.unrealized + parts.transfers - parts.fees == parts.final_value
    assert shown.summary.purchases == shown.summary.net_invested


def test_nothing_known_is_no_value():
    assert view("2020-01-01 BUY ACME 10 @ 10", as_of="2020-02-01").summary.value is None
    known = "2020-01-01 DEPOSIT 500\n2020-01-01 BUY ACME 10 @ 10"
    assert view(known, as_of="2020-02-01").summary.value == 400


def test_a_period_that_ends_without_a_value_has_no_return():
    """A gap is linked on the next day with a value; until then nobody knows what the period brought."""
    performance = view("2020-01-01 BUY ACME 10 @ 10", as_of="2020-02-01").performance
    assert {(period.twr, period.price_return, period.gain) for period in performance.periods} == {(None, None, None)}
    assert {month.twr for month in performance.monthly} == {None}


def test_a_period_opens_at_the_rate_of_its_own_start():
    rates = "USD/EUR 2020-01-01 0.91\nUSD/EUR 2020-11-30 1.01\nUSD/EUR 2020-12-31 1.1"
    shown = view("2020-01-02 DEPOSIT 1000 currency=USD", as_of="2020-12-31", rates=rates).performance
    gains = {period.period: period.gain for period in shown.periods}
    assert (gains["MTD"], gains["1M"], gains["QTD"], gains["2020"]) == (90, 90, 190, 190)
    assert {(month.month): month.twr for month in shown.monthly}[12] == pytest.approx(90 / 1010)


def test_rows_to_come_decide_nothing():
    today = "2020-12-01 BUY ACME 3 @ 100 fee=3"
    shown = view(f"{today}\n2021-06-01 DEPOSIT 500", "ACME 2020-12-01 95", as_of="2020-12-31")
    assert (shown.summary.value, shown.summary.cash, shown.completeness.ignored_future_rows) == (285, 0, 1)


@pytest.mark.parametrize(
    ("as_of", "price", "status"),
    [("2020-03-03", 130, Status.LIVE), ("2020-03-04", 130, Status.CLOSE), ("2020-03-28", 130, Status.STALE)],
)
@pytest.mark.parametrize("closes", ["", "ACME 2020-03-02 120"])
def test_a_newer_price_of_the_master_counts_with_its_age(closes, as_of, price, status):
    at = dt.datetime(2020, 3, 3, 15, tzinfo=dt.UTC)
    live = {"symbol": ["ACME"], "currency": ["EUR"], "last_price": [D(130)], "last_price_at": [at]}
    market = MarketFrames(prices=prices(closes), symbols=pl.DataFrame(live))
    ledger = LedgerFrames(transactions=transactions("2020-03-02 BUY ACME 1 @ 100"))
    [held] = complete_view(ledger, market, as_of=day(as_of), base_currency="EUR").holdings
    assert (held.price, held.price_date, held.price_status) == (price, at.date(), status)


@pytest.mark.parametrize(("status", "codes"), [("delisted", ["delisted"]), ("active", []), (None, [])])
def test_a_position_whose_symbol_is_delisted_says_so(status, codes):
    master = pl.DataFrame({"symbol": ["ACME"], "currency": ["EUR"], "status": [status]}, schema_overrides=_STATUS)
    market = MarketFrames(prices=prices("ACME 2020-03-02 120"), symbols=master)
    ledger = LedgerFrames(transactions=transactions("2020-03-02 BUY ACME 1 @ 100"))
    shown = complete_view(ledger, market, as_of=day("2021-03-02"), base_currency="EUR")
    assert [warning.code for warning in shown.warnings] == codes
    assert [held.price_status for held in shown.holdings] == [Status.STALE]
    if codes:
        assert shown.warnings[0].message == "ACME is delisted: its last price is of 2020-03-02"


def test_prices_that_changed_their_currency_are_read_at_the_rates_of_their_days():
    closes = "ACME 2022-12-29 75 HRK\nACME 2022-12-30 75 HRK\nACME 2023-01-02 10 EUR"
    for base, rates in (("EUR", ""), ("USD", "\nEUR/USD 2022-12-29 1")):
        shown = view(
            "2022-12-29 BUY ACME 1 @ 75 currency=HRK",
            closes,
            as_of="2023-01-02",
            base=base,
            rates=f"EUR/HRK 2022-12-29 7.5{rates}",
        )
        assert [row.value for row in shown.performance.daily] == [10, 10, 10]
        assert (shown.summary.twr, shown.holdings[0].cost_local, shown.holdings[0].currency) == (0, 10, "EUR")
        assert [warning.code for warning in shown.warnings] == ["price_currency_changed"]
    unknown = view("2022-12-29 BUY ACME 1 @ 75 currency=HRK", closes, as_of="2023-01-02")
    assert [row.value for row in unknown.performance.daily] == [None, 10]


def test_an_old_rate_is_told_from_an_old_price():
    shown = view(
        "2020-01-01 DEPOSIT 5 currency=USD\n2020-01-01 BUY ACME 1 @ 1",
        "ACME 2020-02-01 1",
        as_of="2020-02-01",
        rates="USD/EUR 2020-01-01 0.5",
    ).completeness
    assert (shown.stale_fx, shown.stale_symbols, shown.stale_value) == (["USD"], [], D("2.5"))


def test_accounts_that_are_not_stated_are_said():
    shown = view("2020-01-01 DEPOSIT 5 account=B", as_of="2020-02-01", rules=accounts(("A", "EUR", True, False)))
    assert [warning.data for warning in shown.warnings] == [{"accounts": ["B"]}]


def test_a_cross_goes_through_the_euro_and_is_rounded_once():
    shown = view(
        "2020-01-01 BUY ACME 3 @ 1 currency=GBP",
        "ACME 2020-01-01 1 GBP",
        as_of="2020-01-01",
        base="USD",
        rates="EUR/GBP 2020-01-01 0.9\nEUR/USD 2020-01-01 1.2",
    )
    assert shown.summary.value == 4


def test_the_trades_own_rate_beats_the_history():
    shown = view(
        "2020-01-01 BUY BOLT 10 @ 10 currency=USD fx_rate=0.8",
        "BOLT 2020-01-01 10 USD",
        as_of="2020-01-01",
        rates="USD/EUR 2020-01-01 0.5",
        rules=accounts(("A", "EUR", True, False)),
    )
    assert shown.holdings[0].cost_base == 80
    assert shown.summary.cash == -80


def test_of_two_rates_beyond_all_use_the_nearer_counts_and_both_are_named():
    ledger = """
        2020-01-02 BUY ACME 5 @ 50 fee=1
        2020-01-03 SELL ACME 15 @ 60 fee=3
        2020-01-05 BUY ACME 4 @ 40 fee=2
    """
    shown = view(
        ledger, "ACME 2020-01-02 50\nACME 2020-01-08 55", as_of="2020-01-08", rules=accounts(("A", "EUR", False, True))
    )
    assert shown.summary.xirr == pytest.approx(-1)
    assert "xirr_several_roots" in {warning.code for warning in shown.warnings}
    days = [day("2020-01-02"), day("2020-01-03"), day("2020-01-05"), day("2020-01-08")]
    assert len(xirr_roots(days, [-251.0, 897.0, -162.0, -330.0], far=True)) == 2


def test_a_period_starts_at_the_close_of_its_first_day():
    ledger = "2020-01-01 BUY ACME 10 @ 10\n2020-02-01 SELL ACME 5 @ 30"
    prices = "ACME 2020-01-01 10\nACME 2020-01-15 20\nACME 2020-02-01 30\nACME 2020-02-10 40"
    shown = view(ledger, prices, as_of="2020-02-10", since="2020-01-15")
    parts = shown.performance.attribution
    assert (parts.initial_value, parts.realized, parts.unrealized) == (200, 50, 100)
    assert (parts.transfers, parts.final_value) == (-150, 200)
    assert shown.summary.twr == pytest.approx(1.0)
    assert shown.performance.daily[0].day_return is None


def test_what_was_open_before_a_period_is_entered_at_its_start():
    ledger = "2015-01-01 BUY ACME 10 @ 10\n2020-07-01 SELL ACME 5 @ 22"
    prices = "ACME 2015-01-01 10\nACME 2019-12-31 20\nACME 2020-07-01 22\nACME 2020-12-30 30"
    closed, still = view(ledger, prices, as_of="2020-12-30", since="2019-12-31").trades
    assert (closed.opened_on, closed.entry_base, closed.days_held) == (day("2019-12-31"), 100, 183)
    assert (still.opened_on, still.entry_base, still.exit_base, still.days_held) == (day("2019-12-31"), 100, 150, 365)
    assert still.xirr == pytest.approx(0.5)


def by_name(shown):
    return {period.period: period for period in shown.performance.periods}


def test_a_calendar_period_begins_with_a_portfolio_that_began_within_it():
    shown = by_name(view("2020-06-10 BUY ACME 10 @ 10", "ACME 2020-06-10 10\nACME 2020-06-12 11", as_of="2020-06-12"))
    assert {name: shown[name].gain for name in ("WTD", "MTD", "QTD", "YTD", "2020", "ITD")} == dict.fromkeys(
        ("WTD", "MTD", "QTD", "YTD", "2020", "ITD"), 10
    )
    assert shown["MTD"].start == day("2020-06-10")
    assert (shown["1M"].gain, shown["1M"].twr, shown["1M"].start) == (None, None, day("2020-05-12"))


def test_a_period_without_a_new_price_has_no_gain_and_a_year_is_not_left_out():
    shown = by_name(view("2018-06-10 BUY ACME 10 @ 10", "ACME 2018-06-10 10\nACME 2018-12-28 11", as_of="2020-06-12"))
    assert [shown[name].gain for name in ("2018", "2019", "2020", "MTD")] == [10, 0, 0, 0]
    assert shown["2019"].twr == 0


@pytest.mark.parametrize(
    ("last", "as_of", "change"),
    [("2020-06-12", "2020-06-14", 10), ("2020-06-12", "2020-06-30", None), ("2020-06-30", "2020-06-30", None)],
)
def test_a_change_over_more_than_a_week_is_not_that_of_a_day(last, as_of, change):
    shown = view("2020-06-11 BUY ACME 10 @ 10", f"ACME 2020-06-11 10\nACME {last} 11", as_of=as_of)
    assert (shown.summary.day_change, by_name(shown)["1D"].gain) == (change, change)
    assert (shown.summary.day_return is None) == (change is None)


def test_under_a_year_the_money_weighted_return_is_said_for_the_days_there_were():
    shown = view("2020-01-01 BUY ACME 10 @ 10", "ACME 2020-01-01 10\nACME 2020-01-08 11", as_of="2020-01-08")
    assert shown.summary.money_weighted == pytest.approx(0.1)
    assert shown.summary.xirr > 100


def test_rows_after_the_date_are_counted_and_ignored():
    shown = view("2020-01-01 DEPOSIT 5\n2021-01-01 DEPOSIT 7", as_of="2020-06-01")
    assert (shown.summary.value, shown.completeness.ignored_future_rows) == (5, 1)


def test_an_empty_ledger_has_a_view():
    shown = view("", as_of="2020-01-01")
    assert (shown.summary.value, shown.holdings, shown.summary.xirr) == (0, [], None)


def test_the_document_survives_json():
    shown = view("2020-01-01 BUY ACME 3 @ 33.3333333", "ACME 2020-01-01 1", as_of="2020-01-01")
    text = shown.model_dump_json(by_alias=True)
    assert type(shown).model_validate_json(text) == shown
    assert '"value":"3"' in text


@pytest.mark.parametrize(
    ("flows", "rate"),
    [
        ([("2020-01-01", -100), ("2020-12-31", 110)], 0.1),
        ([("2021-01-01", -100), ("2022-01-01", 0), ("2022-01-01", 50)], -0.5),
    ],
)
def test_money_weighted_return(flows, rate):
    found = xirr([day(on) for on, _ in flows], [amount for _, amount in flows])
    assert found.rate == pytest.approx(rate, rel=1e-9)


@pytest.mark.parametrize(
    ("flows", "reason"),
    [
        ([], "no_sign_change"),
        ([("2020-01-01", -1), ("2021-01-01", -1)], "no_sign_change"),
        ([("2020-01-01", -1), ("2020-01-01", 2)], "one_day"),
    ],
)
def test_no_money_weighted_return_says_why(flows, reason):
    assert xirr([day(on) for on, _ in flows], [amount for _, amount in flows]) == (None, reason)


def test_all_rates_that_fit_are_found():
    start = dt.date(2020, 1, 1)
    days = [start, start + dt.timedelta(days=365), start + dt.timedelta(days=730)]
    assert xirr_roots(days, [-100, 230, -132]) == (pytest.approx(0.1), pytest.approx(0.2))


def test_modified_dietz_weighs_flows_by_their_days():
    found = modified_dietz(100, 160, start=day("2020-01-01"), end=day("2020-01-11"), flows=[(day("2020-01-06"), 50)])
    assert found == pytest.approx(10 / 125)


def test_no_float_gets_into_money():
    with pytest.raises(ValueError, match="money is exact"):
        view("2020-01-01 DEPOSIT 5", as_of="2020-01-01").summary.model_validate({"value": 1.5})


def test_weights_and_targets_give_drift():
    shown = view(
        "2020-01-01 BUY ACME 1 @ 75\n2020-01-01 BUY BOLT 1 @ 25",
        "ACME 2020-01-01 75\nBOLT 2020-01-01 25",
        as_of="2020-01-01",
    )
    assert [(row.key, row.value, row.weight) for row in shown.allocations["symbol"]] == [
        ("ACME", 75, 0.75),
        ("BOLT", D(25), 0.25),
    ]
    assert [row.key for row in shown.allocations["sector"]] == ["Unknown"]


def test_the_benchmark_takes_the_same_flows():
    ledger = "2020-01-01 DEPOSIT 100\n2020-01-02 DEPOSIT 60\n2020-01-03 WITHDRAWAL 20"
    index = "INDEX 2020-01-01 10\nINDEX 2020-01-02 12\nINDEX 2020-01-03 20"
    found = complete_view(
        LedgerFrames(transactions=transactions(ledger), benchmark="INDEX"),
        MarketFrames(prices=prices(index)),
        as_of=day("2020-01-03"),
        base_currency="EUR",
    ).benchmark
    # 10 units, then 5 more, then 1 sold: 14 x 20.
    assert (found.value, found.gain) == (280, 140)
    assert [row.value for row in found.daily] == [100, 180, 280]
    assert found.twr == pytest.approx(1.0)


def test_a_period_that_opens_on_the_valuation_date_is_refused():
    with pytest.raises(EmptyPeriodError, match="2020-02-01"):
        view("2020-01-01 BUY ACME 10 @ 10", as_of="2020-02-01", since="2020-02-01")


@pytest.mark.parametrize(
    "row",
    [
        "MERGER ACME to_symbol=BOLT ratio_new=1 ratio_old=1",
        "SPINOFF ACME to_symbol=BOLT ratio_new=1 ratio_old=1 cost_fraction=0.1",
    ],
)
def test_a_corporate_action_on_nothing_is_refused(row):
    with pytest.raises(InvalidTransactionError, match="a holding of A on 2020-01-01"):
        view(f"2020-01-01 {row}", as_of="2020-02-01")


def test_a_gain_of_days_has_one_rate_however_it_was_paid_in():
    one = xirr([day("2020-01-01"), day("2020-01-06")], [-10.0, 10.5])
    two = xirr([day("2020-01-01"), day("2020-01-01"), day("2020-01-06")], [-5.0, -5.0, 10.5])
    assert two.rate == pytest.approx(one.rate, rel=1e-6)
    beyond = xirr([day("2020-01-01"), day("2020-01-06")], [-10.0, 1000.0])
    assert beyond.rate == pytest.approx(100.0**73)
    parted = xirr([day("2020-01-01"), day("2020-01-01"), day("2020-01-06")], [-5.0, -5.0, 1000.0])
    assert parted.rate == pytest.approx(beyond.rate, rel=1e-6)


@pytest.mark.parametrize("paid_in", ["", "2020-01-01 DEPOSIT 100\n"])
def test_the_price_return_is_that_of_prices_alone(paid_in):
    ledger = f"{paid_in}2020-01-01 BUY ACME 10 @ 10\n2020-01-02 DIVIDEND ACME 5 tax=1"
    shown = view(ledger, "ACME 2020-01-01 10\nACME 2020-01-02 10\nACME 2020-01-03 11", as_of="2020-01-03")
    value = 114 if paid_in else 110
    assert shown.summary.value == value
    assert shown.summary.price_return == pytest.approx(value / (value - 10) - 1)
    assert shown.summary.twr == pytest.approx(1.04 * value / (value - 10) - 1)
    assert by_name(shown)["ITD"].price_return == shown.summary.price_return
