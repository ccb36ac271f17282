"""What a rebalancing has at hand: what can be traded and at which worth, what cannot, and cash.

Belongs here: from a view and offers to lines, values by class and cash by account. Does not: the plan
(`rebalancing_plan`). Money is integers of 1e-8 of the base currency, units of 1e-10.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from pipelines.portfolio.allocation import UNKNOWN
from pipelines.portfolio.exact import ONE_MONEY, ONE_UNIT, Ratio
from pipelines.portfolio.models import CompleteView, Holding, Status, Warning_


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """What something that is not held can be bought for.

    Args:
        price: A unit, in ``currency``.
        currency: The instrument's.
        fx_rate: What one of it is in the base currency.
        account: Where to; None for the account that holds most.
    """

    price: Decimal
    currency: str
    fx_rate: Decimal
    account: str | None = None


def integer(value: Decimal, one: int) -> int:
    """Return an exact value scaled by ``one``."""
    number = Fraction(value) * one
    return number.numerator // number.denominator


@dataclass(frozen=True, slots=True)
class Line:
    """A symbol that can be traded; ``worth`` is what 1e-10 of a unit is in the base currency, in 1e-8 of it."""

    symbol: str
    key: str
    currency: str
    price: int
    fx_rate: Decimal
    worth: Ratio
    places: tuple[tuple[str | None, int], ...]
    value: int
    is_stale: bool = False

    def orders(self, units: int, step: int) -> Iterator[tuple[str | None, int]]:
        """Yield account and units, negative where sold: of sales the largest holding first, purchases join it."""
        if units > 0:
            yield self.places[0][0], units
        left = -units
        for account, held in self.places:
            sold = min(left, held // step * step)
            if sold > 0:
                yield account, -sold
                left -= sold

    def most(self, step: int) -> int:
        """Return how many units can be sold."""
        return sum(held // step * step for _, held in self.places)


@dataclass(frozen=True, slots=True)
class Held:
    """What a view holds: lines that can be traded, values by class that cannot, cash, and what is to be said of it."""

    lines: list[Line]
    fixed: dict[str, int]
    cash: int
    cash_by_account: dict[str | None, int]
    notes: list[Warning_]

    @classmethod
    def of(
        cls, view: CompleteView, dimension: str, offered: Mapping[str, Offer], targets: Mapping[str, object]
    ) -> "Held":
        """Return what a view holds, by class of a dimension, with what is offered and wanted."""
        groups: dict[tuple[str, str], list[Holding]] = defaultdict(list)
        fixed: dict[str, int] = defaultdict(int)
        notes = []
        for row in view.holdings:
            key = row.symbol if dimension == "symbol" else getattr(row, dimension) or UNKNOWN
            if row.value_base is None or row.price is None or row.fx_rate is None:
                notes += _not_counted(row)
            elif row.quantity < 0:
                fixed[key] += integer(row.value_base, ONE_MONEY)
                notes.append(note("short", f"{row.symbol} is short in {row.account}: left as it is", row.symbol))
            else:
                groups[row.symbol, key].append(row)
        lines = [_line(symbol, key, rows, view.base_currency) for (symbol, key), rows in sorted(groups.items())]
        if dimension == "symbol":
            lines += _offered(offered, {line.symbol for line in lines} | set(fixed), targets, view)
        balances: dict[str | None, int] = defaultdict(int)
        for balance in view.cash:
            if balance.value_base is None:
                notes.append(note("no_rate", f"no rate for cash in {balance.currency}: not counted", balance.currency))
            else:
                balances[balance.account] += integer(balance.value_base, ONE_MONEY)
        return cls(lines, dict(fixed), sum(balances.values()), dict(balances), notes)

    def by_class(self) -> dict[str, int]:
        """Return the value of every class that is not cash."""
        values: dict[str, int] = defaultdict(int, self.fixed)
        for line in self.lines:
            values[line.key] += line.value
        return dict(values)


def note(code: str, message: str, name: str) -> Warning_:
    """Return why something could not be done, and what it is about."""
    return Warning_(code=code, message=message, data={"key": name})


def _not_counted(row: Holding) -> list[Warning_]:
    if not row.quantity:
        return []
    lacks = "price" if row.price is None else "rate"
    return [note(f"no_{lacks}", f"{row.symbol} has no {lacks}: neither counted nor traded", row.symbol)]


def _line(symbol: str, key: str, rows: list[Holding], base: str) -> Line:
    """Return the long holdings of a symbol, the largest first; one that is closed still has a price."""
    ordered = sorted(rows, key=lambda row: (-row.quantity, row.account))
    places = tuple((row.account, integer(row.quantity, ONE_UNIT)) for row in ordered)
    value = sum(integer(row.value_base or Decimal(0), ONE_MONEY) for row in ordered)
    first, units = ordered[0], sum(held for _, held in places)
    price, rate = integer(first.price or Decimal(0), ONE_MONEY), first.fx_rate or Decimal(1)
    # A unit is worth what the view says that it is, so that selling all of it brings its value.
    unit = Ratio(value, units) if units and value else _worth(price, rate)
    return Line(
        symbol, key, first.currency or base, price, rate, unit, places, value, first.price_status is Status.STALE
    )


def _worth(price: int, rate: Decimal) -> Ratio:
    exact = Fraction(rate) * price / ONE_UNIT
    return Ratio(exact.numerator, exact.denominator)


def _offered(
    offered: Mapping[str, Offer], known: set[str], targets: Mapping[str, object], view: CompleteView
) -> list[Line]:
    values: dict[str, Decimal] = defaultdict(Decimal)
    for row in view.holdings:
        values[row.account] += row.value_base or 0
    for balance in view.cash:
        values[balance.account] += balance.value_base or 0
    largest = max(sorted(values), key=lambda account: values[account], default=None)
    return [
        Line(
            symbol=symbol,
            key=symbol,
            currency=offer.currency,
            price=integer(offer.price, ONE_MONEY),
            fx_rate=offer.fx_rate,
            worth=_worth(integer(offer.price, ONE_MONEY), offer.fx_rate),
            places=((offer.account or largest, 0),),
            value=0,
        )
        for symbol, offer in sorted(offered.items())
        if symbol in targets and symbol not in known
    ]
