"""Trades that would restore target weights (CALCULATIONS 9).

Belongs here: from a view and targets to proposals, with what they cost and what they leave. Does not: what there is to
trade (`rebalancing_held`), how a plan is made (`rebalancing_plan`), weights as they are (`allocation`), what a trade
would do to lots and gains (`what_if`).

No library fits: PyPortfolioOpt's `DiscreteAllocation` and its like buy a portfolio from cash alone, in floats and one
currency, with neither what is held nor fees.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from pipelines.portfolio.allocation import CASH, MASTER
from pipelines.portfolio.booked import market_splits
from pipelines.portfolio.errors import EngineError
from pipelines.portfolio.exact import ONE_MONEY, ONE_UNIT, known_money, quantity, rate_decimal, worth
from pipelines.portfolio.frames import MarketFrames
from pipelines.portfolio.fx import FxBook
from pipelines.portfolio.models import CompleteView, Exact, Model, Warning_
from pipelines.portfolio.prices import PriceBook
from pipelines.portfolio.rebalancing_accounts import Budgets, Order, orders_of
from pipelines.portfolio.rebalancing_held import Held, Offer, note
from pipelines.portfolio.rebalancing_plan import SLACK, Case, Plan, Terms

DIMENSIONS = ("symbol", *MASTER)
"""Those that trades change: currency and account take conversions and transfers."""


class ProposedTrade(Model):
    """A purchase or a sale that is proposed; ``amount`` is gross, and ``fee_base`` comes on top of it or off it."""

    symbol: str
    account: str | None
    side: Literal["BUY", "SELL"]
    quantity: Exact
    price: Exact
    currency: str
    fx_rate: Exact
    amount_local: Exact
    amount_base: Exact
    fee_base: Exact


class RebalancedWeight(Model):
    """One class before the trades (with the cash that is put in or taken out) and after them; weights are fractions.

    A target that was not ``stated`` is the class's share, by present value, of what the stated ones leave.
    """

    key: str
    stated: bool
    target: float
    value_before: Exact
    weight_before: float
    drift_before: float
    value_after: Exact
    weight_after: float | None
    drift_after: float | None


class Rebalancing(Model):
    """Proposed trades, sales first, and what they would make of the weights; ``drift`` is the sum of all, unsigned."""

    base_currency: str
    dimension: str
    trades: list[ProposedTrade]
    weights: list[RebalancedWeight]
    value_before: Exact
    value_after: Exact
    cash_before: Exact
    cash_after: Exact
    fees: Exact
    drift_before: float
    drift_after: float | None
    notes: list[Warning_]


class RebalancingError(EngineError):
    """A target or a term makes no sense."""

    def __init__(self, *, name: str, value: object, expected: str) -> None:
        super().__init__(f"{name} is {value}; expected {expected}")
        self.name = name
        self.value = value
        self.expected = expected


def rebalance(
    view: CompleteView,
    targets: Mapping[str, Decimal | float],
    *,
    dimension: str = "symbol",
    whole_units: bool = True,
    fee_fixed: Decimal = Decimal(0),
    fee_rate: Decimal = Decimal(0),
    cash: Decimal | None = None,
    cash_only: bool = False,
    tolerance: Decimal | float = 0,
    minimum_trade: Decimal = Decimal(0),
    offers: Mapping[str, Offer] | None = None,
) -> Rebalancing:
    """Propose the trades that bring a portfolio's weights to targets.

    Weights are of the total value with cash, as in `allocation`. What targets leave of 1 goes to the classes without
    one, by present value; where they leave nothing, these are sold. A class's trades fall on its holdings by present
    value, and on accounts as `rebalancing_accounts.orders_of` has it: purchases go where there is cash for them.

    Method: every class is traded towards its goal, the total after fees x target, sales first. Units are cut towards
    zero, and purchases that cash does not cover are lowered in proportion. Whole units then go on one move at a time,
    always the one that lowers the sum of absolute drift most, until none does; that is tried with sales rounded up too.
    Fees count as drift: a trade, or a plan, that saves less than it costs is not proposed. Cash of all accounts in one
    never ends below zero, unless nothing is left to sell; that of one may, where no account can pay alone and fees
    forbid to share a purchase, and a note says how much it lacks.

    Args:
        view: The portfolio as it is; its prices and rates count.
        targets: Fractions from 0 to 1 by class of the dimension, 1 at most in total; ``Cash`` may be one.
        dimension: One of `DIMENSIONS`.
        whole_units: Whether only whole units are traded; else down to the tenth decimal.
        fee_fixed: Of each trade, base currency.
        fee_rate: Of each trade's amount, a fraction.
        cash: Put in before, base currency; taken out where negative. None for none.
        cash_only: Buy from cash, sell nothing.
        tolerance: Classes whose drift is not larger are left alone, and cash may be off by as much.
        minimum_trade: Smaller trades are left out, base currency; not those that cover cash taken out.
        offers: Prices of symbols that are not held, as from `offers`.

    Raises:
        RebalancingError: If a target, their sum, the dimension or a term makes no sense, or there is no value.
    """
    if dimension not in DIMENSIONS:
        raise RebalancingError(name="dimension", value=dimension, expected=f"one of {', '.join(DIMENSIONS)}")
    terms = Terms(
        step=ONE_UNIT if whole_units else 1,
        fee_fixed=_money("fee_fixed", fee_fixed, least=0),
        fee_rate=_fraction("fee_rate", fee_rate),
        cash_only=cash_only,
        tolerance=_fraction("tolerance", tolerance),
        minimum=_money("minimum_trade", minimum_trade, least=0),
    )
    held = Held.of(view, dimension, offers or {}, targets)
    weights = _weights({key: _fraction(key, target) for key, target in targets.items()}, held)
    extra = _money("cash", cash or Decimal(0), least=None)
    case = Case(terms, held, held.cash + extra, weights)
    if case.total <= 0:
        value = known_money(case.total)
        raise RebalancingError(name="the value with its cash", value=value, expected="more than zero")
    return _answer(view, dimension, case, case.best(), targets)


def offers(
    market: MarketFrames, symbols: Sequence[str], *, at: CompleteView, account: str | None = None
) -> dict[str, Offer]:
    """Return what symbols cost at the view's date; those without a price or a rate are left out.

    Args:
        market: Prices, rates and master.
        symbols: What is not held.
        at: Its date and base currency count.
        account: Where purchases go; None for the account that holds most.
    """
    day, base = at.as_of, at.base_currency
    splits = market_splits(market.splits, set(symbols), day)
    prices, fx = PriceBook(market, set(symbols), day, splits), FxBook(market.fx)
    found = {}
    for symbol in symbols:
        price, currency = prices.quote(symbol, day).price, prices.currency(symbol)
        rate = rate_decimal(fx.rate(currency, base, day).ratio) if currency else None
        if price is not None and currency and rate is not None:
            found[symbol] = Offer(price=known_money(price), currency=currency, fx_rate=rate, account=account)
    return found


# Reading


def _money(name: str, value: Decimal, *, least: int | None) -> int:
    if isinstance(value, float) or not Decimal(value).is_finite() or (least is not None and value < least):
        raise RebalancingError(
            name=name, value=value, expected="an exact amount" + (" from 0 on" if least == 0 else "")
        )
    amount = Fraction(value) * ONE_MONEY
    if amount.denominator != 1:
        raise RebalancingError(name=name, value=value, expected="at most eight decimals")
    return amount.numerator


def _fraction(name: str, value: Decimal | float) -> Fraction:
    """Return a fraction from 0 to 1, a float as the decimal it reads as."""
    number = Decimal(str(value))
    if not number.is_finite() or not 0 <= number <= 1:
        raise RebalancingError(name=name, value=value, expected="a fraction from 0 to 1, such as 0.25")
    return Fraction(number)


def _weights(stated: dict[str, Fraction], held: Held) -> dict[str, Fraction]:
    """Return a target for every class, 1 in total: what the stated ones leave goes to the others by present value."""
    whole = sum(stated.values(), start=Fraction(0))
    if not stated or whole > 1 + SLACK:
        found = f"{float(whole):.6g}" if stated else "empty"
        raise RebalancingError(name="the sum of the targets", value=found, expected="1 at most, of one target or more")
    present = {**held.by_class(), CASH: held.cash}
    others = {key: max(value, 0) for key, value in present.items() if key not in stated}
    left, among = max(1 - whole, Fraction(0)), sum(others.values())
    weights = {key: target / max(whole, Fraction(1)) for key, target in stated.items()}
    weights |= {key: left * value / among if among else Fraction(0) for key, value in others.items()}
    weights[CASH] = weights.get(CASH, Fraction(0)) + (0 if among else left)
    return weights


# Answering


def _answer(view: CompleteView, dimension: str, case: Case, plan: Plan, stated: Mapping[str, object]) -> Rebalancing:
    values, cash, fees = case.after(plan)
    whole, drift = case.total - fees, case.drift(plan)
    orders, budgets = orders_of(case, plan)
    return Rebalancing(
        base_currency=view.base_currency,
        dimension=dimension,
        trades=_trades(orders),
        weights=_rows(case, {**values, CASH: cash}, whole, stated),
        value_before=known_money(case.total),
        value_after=known_money(whole),
        cash_before=known_money(case.cash),
        cash_after=known_money(cash),
        fees=known_money(fees),
        drift_before=case.drift(case.none),
        drift_after=drift if whole > 0 else None,
        notes=[*case.held.notes, *_notes(case, plan, stated), *_account_notes(orders, budgets)],
    )


def _trades(orders: Sequence[Order]) -> list[ProposedTrade]:
    """Return a trade an order: sales, then purchases, the largest first."""
    found = [
        ProposedTrade(
            symbol=order.line.symbol,
            account=order.account,
            side="BUY" if order.units > 0 else "SELL",
            quantity=quantity(abs(order.units)),
            price=known_money(order.line.price),
            currency=order.line.currency,
            fx_rate=order.line.fx_rate,
            amount_local=known_money(worth(abs(order.units), order.line.price)),
            amount_base=known_money(abs(order.amount)),
            fee_base=known_money(order.fee),
        )
        for order in orders
    ]
    return sorted(found, key=lambda trade: (trade.side == "BUY", -trade.amount_base, trade.symbol))


def _rows(case: Case, values: Mapping[str, int], whole: int, stated: Mapping[str, object]) -> list[RebalancedWeight]:
    before = {**case.values, CASH: case.cash}
    rows = []
    for key, target in sorted(case.weights.items(), key=lambda item: (-item[1], item[0])):
        had, has, wanted = before.get(key, 0), values.get(key, 0), float(target)
        weight = has / whole if whole > 0 else None
        rows.append(
            RebalancedWeight(
                key=key,
                stated=key in stated,
                target=wanted,
                value_before=known_money(had),
                weight_before=had / case.total,
                drift_before=had / case.total - wanted,
                value_after=known_money(has),
                weight_after=weight,
                drift_after=None if weight is None else weight - wanted,
            )
        )
    return rows


def _notes(case: Case, plan: Plan, stated: Mapping[str, object]) -> Iterator[Warning_]:
    tradable = {line.key for line in case.lines}
    for key, weight in case.weights.items():
        if key == CASH:
            continue
        if key in stated and weight and key not in tradable:
            yield note("nothing_to_buy", f"nothing of {key} is held or has a price: its target cannot be met", key)
        if key not in stated and weight <= SLACK and case.values[key] > 0:
            yield note("no_target", f"{key} has no target, and the others leave nothing for it", key)
    cash = case.after(plan)[1]
    if cash < 0:
        yield note("cash_short", f"{known_money(-cash):.2f} of cash are missing, and no sale may bring them", CASH)
    if CASH in stated and case.weights[CASH] > _stated_cash(stated) + SLACK:
        yield note("rest_in_cash", "the targets leave a part for which nothing is held: it stays in cash", CASH)
    if plan == case.none and case.drift(plan) > case.terms.tolerance:
        yield note("nothing_better", "no trade within these terms lowers the drift", "")
    for line, units in zip(case.lines, plan, strict=True):
        if units and line.is_stale:
            yield note("stale_price", f"the price of {line.symbol} is stale", line.symbol)


def _stated_cash(stated: Mapping[str, object]) -> Fraction:
    return Fraction(str(stated[CASH]))


def _account_notes(orders: Sequence[Order], budgets: Budgets) -> Iterator[Warning_]:
    """Say which account must be given cash by another, or by its owner, before it can buy."""
    for account, lacks in budgets.short().items():
        if any(order.account == account for order in orders):
            text = f"{account} needs {known_money(lacks):.2f} more than its cash and sales: move it there first"
            yield note("account_short", text, account)
