"""Every other key of the portfolio cases: rates, trades, lots, periodicity, quotes; each difference has its reason."""

from fractions import Fraction

import pytest
from statements import D, day, fx, view
from test_shared_cases import ATTRIBUTION, SUMMARY, load, number, view_of

from pipelines.portfolio.dividends import periodicity
from pipelines.portfolio.errors import OversoldError
from pipelines.portfolio.fx import FxBook
from pipelines.portfolio.models import CostMethod, Status
from pipelines.sources.as_traded import restating_factors

pytestmark = pytest.mark.recorded

CASES = {case["name"]: case for case in load("portfolio_cases")}
# What `test_shared_cases` asserts.
ELSEWHERE = {*SUMMARY, *ATTRIBUTION, "shares", "cost_unchanged", "trades"}
# The case looks at its security alone, without the account that paid for it.
ALONE = {"transfer_keeps_cost_issue371"}
# The other tracker keeps a depot and the account that pays for it apart; an account here has both.
ONE_ACCOUNT = {"currency_sample_client_irr"}
# Where another convention counts here than in the case, and what CALCULATIONS says of it.
DIFFERENT = {
    ("client_forex_two_portfolios_fifo_is_per_portfolio", "realized_fx_part"): (
        "2: money is rounded once, to 1e-8; half of USD 1083.87 is not rounded to 541.94 on the way"
    ),
    ("fx_inverse", "2014-11-30"): "3: without a rate on or before the day it is missing, never the first one",
    ("rotki_lifo_oversell", "missing"): "1: what is missing is refused, and named in the error",
}
# Keys of a case without transactions, which `view_of` does not take.
EMPTY = {("ttwror_no_valuation_is_zero", "accumulated_final")}
# Money is exact here and of whole cents there: what that moves a return by, and fifteen times a rate over twelve days.
OF_CENTS = 3e-6


def seen(name, **changed):
    case = CASES[name]
    items = [item for item in case["transactions"] if item["symbol"] or name not in ALONE]
    if name in ONE_ACCOUNT:
        items = [item | {"account": item["account"].replace("Portfolio", "Account")} for item in items]
    return view_of(case | {"transactions": items} | changed)


def average(name):
    return seen(name, kind="cost_average").summary


def until(name, date):
    """Return the view of what had happened by a day."""
    case = CASES[name]
    items = [item for item in case["transactions"] if item["date"] <= date]
    return seen(name, transactions=items, period=case["period"] and case["period"] | {"end": date})


def rate(name):
    """Return the money-weighted return: of a security before tax, as the other tracker has it, of all after tax."""
    summary = seen(name).summary
    return summary.xirr if name in ONE_ACCOUNT else summary.xirr_before_tax


def closed(name):
    return next(trade for trade in seen(name).trades if trade.closed_on)


# Key: what answers it, and how near.
ANSWER = {
    "cost_moving_average": (lambda name: average(name).cost, None),
    "realized_gain_moving_average": (lambda name: average(name).realized_gain, None),
    "unrealized_gain_moving_average": (lambda name: average(name).unrealized_gain, None),
    "cost_per_share_without_fees": (
        lambda name: next(h.average_price for h in seen(name).holdings if h.quantity),
        None,
    ),
    "delta": (lambda name: seen(name).summary.total_gain, None),
    "delta_pct": (lambda name: seen(name).summary.gain_on_purchases, OF_CENTS * 2),
    "irr": (rate, OF_CENTS * 15),
    "ttwror": (lambda name: seen(name).summary.twr_before_tax, OF_CENTS),
    "ttwror_annualized": (lambda name: seen(name).summary.twr_annualized, 1e-9),
    "accumulated_final": (lambda name: seen(name).summary.twr, 1e-9),
    "accumulated_day_before": (lambda name: until(name, "2012-01-09").summary.twr, 1e-9),
    "initial_value": (lambda name: seen(name).performance.attribution.initial_value, None),
    "final_value": (lambda name: seen(name).performance.attribution.final_value, None),
    "realized_fx_part": (lambda name: seen(name).performance.attribution.realized_fx_effect, None),
    "dividend_rate_of_return_per_year": (lambda name: seen(name).income.by_symbol[0].average_annual_yield, 1e-12),
    "entry_value_of_sold_lot": (lambda name: closed(name).entry_base, None),
    "trades_count": (lambda name: len(seen(name).trades), None),
}
# Keys with tests of their own below.
OWN = {"lot_costs_eur", "USD/EUR", "periodicity", "events", "adjusted_quote", "closed_trade", "open_trade", "steps"}
DATED = "value_on_"
REST = [
    (name, key)
    for name, case in CASES.items()
    for key in case["expected"]
    if key not in ELSEWHERE and not key.startswith(DATED)
]
QUESTIONS = [(name, key) for name, key in REST if key in ANSWER and (name, key) not in DIFFERENT.keys() | EMPTY]


def with_key(key):
    return pytest.mark.parametrize("name", [name for name, case in CASES.items() if key in case["expected"]])


def test_every_key_of_every_case_is_answered():
    assert {key for _, key in REST} <= OWN | set(ANSWER)
    assert len(REST) > 30


@pytest.mark.parametrize(("name", "key"), QUESTIONS)
def test_portfolio_case(name, key):
    answer, near = ANSWER[key]
    near = CASES[name]["tolerance_money"] if near is None else near
    assert float(answer(name)) == pytest.approx(CASES[name]["expected"][key], abs=near)


@pytest.mark.parametrize("name", [name for name, key in DIFFERENT if key == "realized_fx_part"])
def test_an_fx_effect_is_not_made_of_rounded_parts(name):
    got = seen(name).performance.attribution.realized_fx_effect
    assert got == pytest.approx(D("541.935") * D("0.8465250148") - 450, abs=D("1e-6"))
    assert abs(got - number(CASES[name]["expected"]["realized_fx_part"])) < D("0.01")


@pytest.mark.parametrize(("name", "key"), sorted(EMPTY))
def test_a_period_in_which_nothing_was_held_returned_nothing(name, key):
    case = CASES[name]
    shown = view("", as_of=case["period"]["end"], since=case["period"]["start"])
    assert shown.summary.twr == case["expected"][key]


@pytest.mark.parametrize("name", [name for name, key in DIFFERENT if key == "missing"])
def test_what_no_lot_could_give_is_refused_and_named(name):
    case = CASES[name]
    lines = [f"{item['date']} {item['type']} X {item['shares']} @ {item['price']}" for item in case["transactions"]]
    with pytest.raises(OversoldError) as refused:
        view("\n".join(lines), as_of="2021-12-31", method=CostMethod.LIFO)
    assert refused.value.shortfall == case["expected"]["steps"][-1]["missing"]


@pytest.mark.parametrize("name", sorted(ALONE))
def test_a_security_alone_is_worth_what_the_case_says(name):
    assert seen(name).summary.value == number(CASES[name]["expected"]["market_value"])


@pytest.mark.parametrize(
    ("name", "key"), [(name, key) for name, case in CASES.items() for key in case["expected"] if key.startswith(DATED)]
)
def test_value_on_a_day(name, key):
    known = [row.value for row in seen(name).performance.daily if row.date <= day(key.removeprefix(DATED))]
    assert known[-1] == number(CASES[name]["expected"][key])


@with_key("lot_costs_eur")
def test_cost_of_each_lot(name):
    costs = [lot.cost_base for holding in seen(name).holdings for lot in holding.lots]
    wanted = [number(cost) for cost in CASES[name]["expected"]["lot_costs_eur"]]
    assert costs == pytest.approx(wanted, abs=D("0.005"))


@with_key("USD/EUR")
def test_inverse_rates(name):
    case = CASES[name]
    book = FxBook(fx("\n".join(f"{rate['pair']} {rate['date']} {rate['rate']}" for rate in case["fx"])))
    for date, wanted in case["expected"]["USD/EUR"].items():
        rate = book.rate("USD", "EUR", day(date))
        if (name, date) in DIFFERENT:
            assert (rate.ratio, rate.status) == (None, Status.MISSING)
        else:
            assert rate.ratio.num / rate.ratio.den == pytest.approx(wanted, abs=case["tolerance_money"])


@with_key("periodicity")
def test_how_often_is_paid(name):
    case = CASES[name]
    wanted = (case["expected"]["periodicity"], case["expected"]["events"])
    days = [day(item["date"]) for item in case["transactions"]]
    assert (periodicity(days), len(set(days))) == wanted
    if days:
        [row] = seen(name).income.by_symbol
        assert (row.periodicity, row.events) == wanted


@with_key("adjusted_quote")
def test_a_quote_from_before_a_split_as_of_after_it(name):
    case = CASES[name]
    [(item, split)] = [(item, item["split"]) for item in case["transactions"] if item.get("split")]
    [quote] = case["prices"][item["symbol"]]
    ratios = [(day(item["date"]), Fraction(split["new"], split["old"]))]
    [factor] = restating_factors([day(quote["date"])], ratios)
    assert quote["close"] / factor == pytest.approx(case["expected"]["adjusted_quote"])


@with_key("closed_trade")
def test_a_closed_trade_and_what_is_left(name):
    wanted, left = (CASES[name]["expected"][key] for key in ("closed_trade", "open_trade"))
    trades = seen(name).trades
    [done], [still] = ([t for t in trades if (t.closed_on is None) is is_open] for is_open in (False, True))
    assert (done.opened_on, done.closed_on) == (day(wanted["start"]), day(wanted["end"]))
    assert done.xirr == pytest.approx(wanted["irr"], abs=5e-5)
    assert (still.opened_on, still.quantity) == (day(left["start"]), left["shares"])


@pytest.mark.parametrize(
    "name", [name for name, case in CASES.items() if any("irr" in t for t in case["expected"].get("trades", []))]
)
def test_the_rate_of_each_trade(name):
    for trade, wanted in zip(seen(name).trades, CASES[name]["expected"]["trades"], strict=True):
        if "irr" in wanted:
            assert trade.xirr == pytest.approx(wanted["irr"], abs=1e-9)


@with_key("steps")
def test_lots_step_by_step(name):
    case = CASES[name]
    for item, wanted in zip(case["transactions"], case["expected"]["steps"], strict=True):
        if "remaining_lots" in wanted:
            lots = [lot for holding in until(name, item["date"]).holdings for lot in holding.lots]
            left = [[lot.bought_on.isoformat(), lot.quantity] for lot in lots if lot.quantity > 0]
            assert left == wanted["remaining_lots"]
            assert -sum(lot.quantity for lot in lots if lot.quantity < 0) == wanted.get("missing", 0)
