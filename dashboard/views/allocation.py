"""What the Allocation page says: shares by any two dimensions, by country on a map, targets, trades towards them.

Belongs here: choosing, naming and ordering what the document and the engine have. Does not: weights and sums
(`pipelines.portfolio`), layout, charts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import polars as pl

from dashboard.views import countries
from dashboard.views.columns import Column, Kind, figures
from pipelines import formats
from pipelines.portfolio.allocation import UNKNOWN
from pipelines.portfolio.crossed import crossed
from pipelines.portfolio.explain import Composed, Explanation, Figure, Less, Operation
from pipelines.portfolio.models import AllocationRow, CompleteView
from pipelines.portfolio.rebalancing import Rebalancing
from warehouse.schema.types import MONEY, PRICE, QUANTITY

DIMENSIONS = {
    "Asset class": "asset_class",
    "Sector": "sector",
    "Industry": "industry",
    "Country": "country",
    "Region": "region",
    "Currency": "currency",
    "Exchange": "exchange",
    "Account": "account",
    "Holding": "symbol",
}
SHAPES = ("Sunburst", "Treemap")
CLASS_COLUMNS = (
    Column("Class", "key"),
    Column("Value", "value", Kind.MONEY, "Base currency, cash included."),
    Column("Weight", "weight", Kind.SHARE),
    Column("Target", "target", Kind.RATE),
    Column("Drift", "drift", Kind.RETURN, "Weight less target, of the whole value."),
)
FIGURES = figures(CLASS_COLUMNS)


@dataclass(frozen=True, slots=True)
class Tree:
    """Shares in two rings: what stands on each part, within which, and how large it is.

    ``left_out`` names what has a value below zero, which no share of a whole can show.
    """

    ids: list[str]
    labels: list[str]
    parents: list[str]
    values: list[float]
    left_out: list[str]


def tree(view: CompleteView, outer: str, inner: str) -> Tree:
    """Return the value by two dimensions as rings, the outer dimension inside."""
    pairs = crossed(view, outer, inner)
    shown, below = pairs.filter(pl.col("value") > 0), pairs.filter(pl.col("value") < 0)
    sums = shown.group_by("outer", maintain_order=True).agg(pl.col("value").sum())
    rings = [(key, key, "", float(value)) for key, value in sums.iter_rows()]
    if inner != outer:
        rings += [(f"{key}\n{name}", name, key, float(value)) for key, name, value in shown.iter_rows()]
    return Tree(
        ids=[part[0] for part in rings],
        labels=[part[1] for part in rings],
        parents=[part[2] for part in rings],
        values=[part[3] for part in rings],
        left_out=sorted({f"{key}, {name}" for key, name, _ in below.iter_rows()}),
    )


def pair(part: str, *, is_one: bool) -> tuple[str, str] | None:
    r"""Return the two classes that a part of a `tree` is of, by its id; none of an inner part, which opens.

    Args:
        part: Its id.
        is_one: Whether both rings are of one dimension, so that there is only one ring.

    >>> pair("Energy", is_one=True), pair("Energy\nUSA", is_one=False), pair("Energy", is_one=False)
    (('Energy', 'Energy'), ('Energy', 'USA'), None)
    """
    outer, _, inner = part.partition("\n")
    if is_one:
        return outer, outer
    return (outer, inner) if inner else None


def classes(view: CompleteView, dimension: str) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Return the classes of a dimension, the largest first, and what each row is of the view.

    Targets and drift are shown where there are any.
    """
    rows = view.allocations.get(dimension, [])
    kinds: list[Any] = [pl.String, MONEY, pl.Float64, pl.Float64, pl.Float64]
    frame = pl.DataFrame(
        [tuple(getattr(row, column.field) for column in CLASS_COLUMNS) for row in rows],
        schema=dict(zip((column.title for column in CLASS_COLUMNS), kinds, strict=True)),
        orient="row",
    )
    paths = tuple(f"allocations.{dimension}.{row.key}" for row in rows)
    shown = frame if frame["Target"].count() else frame.drop("Target", "Drift")
    return shown.rename({"Class": title(dimension)}), paths


def title(dimension: str) -> str:
    """Return what stands above the classes of a dimension.

    >>> title("symbol")
    'Holding'
    """
    return next(label for label, name in DIMENSIONS.items() if name == dimension)


def headed(columns: Iterable[Column], dimension: str) -> list[Column]:
    """Return columns with the classes' own headed by their dimension."""
    return [replace(column, title=title(dimension)) if column.field == "key" else column for column in columns]


@dataclass(frozen=True, slots=True)
class OnMap:
    """Countries by their codes, with their names and weights; ``elsewhere`` is what no map shows, in words."""

    codes: list[str]
    names: list[str]
    weights: list[float]
    elsewhere: str


def on_map(view: CompleteView) -> OnMap:
    """Return the weight of each country."""
    rows = [(row.key, row.weight) for row in view.allocations.get("country", []) if row.weight]
    placed = [(countries.code(key), key, weight) for key, weight in rows]
    known = [(code, key, weight) for code, key, weight in placed if code is not None]
    rest = [
        f"{key} {formats.percent(weight, signed=False, decimals=1)}" for code, key, weight in placed if code is None
    ]
    return OnMap(
        codes=[code for code, _, _ in known],
        names=[name for _, name, _ in known],
        weights=[weight for _, _, weight in known],
        elsewhere=", ".join(rest),
    )


# Targets


class TargetError(ValueError):
    """What was typed as a target is none."""


def editable(rows: Sequence[AllocationRow]) -> pl.DataFrame:
    """Return the classes of a dimension by name with their targets in percent, to be edited.

    Weights and their order change with every price, and an editor that is given others forgets what is typed into it.
    """
    return pl.DataFrame(
        sorted((row.key, _percent(row.target, 4)) for row in rows),
        schema={"Class": pl.String, "Target, %": pl.Float64},
        orient="row",
    )


def targets(rows: Iterable[AllocationRow]) -> dict[str, Decimal]:
    """Return the targets that classes have, as they are stored."""
    return {row.key: Decimal(str(round(row.target, QUANTITY.scale))) for row in rows if row.target is not None}


def meanwhile(before: Sequence[AllocationRow], now: Sequence[AllocationRow]) -> str:
    """Say that what is typed was begun beside other targets or classes than there are by now."""
    if targets(before) != targets(now):
        return "The targets were changed elsewhere meanwhile: what is typed here stays, but cannot be saved over them."
    return "What is typed here stays; other classes have come or gone since it was begun."


def _percent(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value * 100, digits)


def stated(rows: Sequence[Mapping[str, Any]]) -> dict[str, Decimal]:
    """Return targets as fractions by class from edited rows; a class without one has none.

    Raises:
        TargetError: If a class has two, has no name, or they are no percentages that sum to at most 100.
    """
    found: dict[str, Decimal] = {}
    for row in rows:
        name, target = (row.get("Class") or "").strip(), row.get("Target, %")
        if target is None:
            continue
        if not name:
            raise TargetError(f"A target of {target:g}% has no class: name it.")
        if name in found:
            raise TargetError(f"{name} has two targets: give it one.")
        found[name] = Decimal(str(target)) / 100
        if not 0 <= found[name] <= 1:
            raise TargetError(f"The target of {name} is {target:g}%: it lies between 0 and 100.")
    if sum(found.values()) > 1:
        raise TargetError(
            f"The targets sum to {formats.percent(float(sum(found.values())), signed=False)}: 100% at most."
        )
    return found


def summed(targets: Mapping[str, Decimal]) -> str:
    """Return in a sentence what targets come to."""
    if not targets:
        return "No targets: fill in the last column, Cash too."
    whole = sum(targets.values())
    rest = "" if whole == 1 else f"; {formats.percent(float(1 - whole), signed=False)} is left to classes without one"
    return f"The targets sum to {formats.percent(float(whole), signed=False)}{rest}."


# Trades


_LAST = Decimal("1e-8")
TRADE_COLUMNS = (
    Column("Trade", "side"),
    Column("Symbol", "symbol"),
    Column("Account", "account"),
    Column("Quantity", "quantity", Kind.QUANTITY),
    Column("Price", "price", Kind.PRICE, "In its currency."),
    Column("In", "currency"),
    Column("Amount", "amount_base", Kind.MONEY, "Gross, base currency."),
    Column("Fee", "fee_base", Kind.MONEY),
)
WEIGHT_COLUMNS = (
    Column("Class", "key"),
    Column("Target", "target", Kind.RATE, "Where none is stated, its share of what the stated ones leave."),
    Column("Before", "weight_before", Kind.RATE),
    Column("After", "weight_after", Kind.RATE),
    Column("Drift after", "drift_after", Kind.RETURN),
    Column("Value after", "value_after", Kind.MONEY),
)


def trades(found: Rebalancing) -> pl.DataFrame:
    """Return the proposed trades, sales first."""
    kinds: list[Any] = [pl.String, pl.String, pl.String, QUANTITY, PRICE, pl.String, MONEY, MONEY]
    rows = [tuple(getattr(trade, column.field) for column in TRADE_COLUMNS) for trade in found.trades]
    titles = [column.title for column in TRADE_COLUMNS]
    return pl.DataFrame(rows, schema=dict(zip(titles, kinds, strict=True)), orient="row").with_columns(
        pl.col("Trade").replace({"BUY": "Buy", "SELL": "Sell"})
    )


TRADE_FIGURES = {"Quantity": "quantity", "Amount": "amount_base"}
WEIGHT_FIGURES = {"Before": "weight_before", "After": "weight_after", "Drift after": "drift_after"}


def trade_figure(view: CompleteView, found: Rebalancing, row: int, field: str) -> Composed:
    """Return what the amount or the quantity of a proposed trade is made of."""
    return _trade_quantity(view, found, row) if field == "quantity" else trade_amount(found, row)


def _trade_quantity(view: CompleteView, found: Rebalancing, row: int) -> Composed:
    trade = found.trades[row]
    price = trade.price * trade.fx_rate
    one = Composed(
        figure="price of a unit",
        value=price,
        operation=Operation.PRODUCT,
        parts=(
            Explanation(figure="price", value=trade.price, unit=trade.currency),
            Explanation(figure=f"rate of {trade.currency}", value=trade.fx_rate, unit=found.base_currency),
        ),
        unit=found.base_currency,
    )
    return Composed(
        figure=f"{trade.side} {trade.symbol} quantity",
        value=trade.quantity,
        operation=Operation.QUOTIENT,
        parts=(_trade_goal(view, found, row), one),
    )


def _trade_goal(view: CompleteView, found: Rebalancing, row: int) -> Composed:
    """Return the amount of a trade as what brings its class to its target, less what others of it do."""
    trade, currency = found.trades[row], found.base_currency
    key = _class_of(view, found.dimension, trade.symbol)
    goal = next(weight for weight in found.weights if weight.key == key)
    sign = 1 if trade.side == "BUY" else -1
    wanted = (found.value_after * Decimal(str(goal.target))).quantize(_LAST)
    whole = Composed(
        figure="the whole value, less fees",
        value=found.value_after,
        operation=Operation.SUM,
        parts=(
            Explanation(figure="the whole value, with what is put in", value=found.value_before, unit=currency),
            Less(Explanation(figure="fees of all trades", value=found.fees, unit=currency)),
        ),
        unit=currency,
    )
    aim: Figure = Composed(
        figure=f"{key} at its target",
        value=wanted,
        operation=Operation.PRODUCT,
        parts=(whole, Explanation(figure=f"target of {key}", value=goal.target)),
        unit=currency,
    )
    path = f"allocations.{found.dimension}.{key}.value"
    has = any(one.key == key and one.value == goal.value_before for one in view.allocations.get(found.dimension, []))
    now: Figure = path if has else Explanation(figure=f"{key}, value before", value=goal.value_before, unit=currency)
    parts: list[Figure | Less] = [aim, Less(now)] if sign > 0 else [now, Less(aim)]
    left = sign * (wanted - goal.value_before) - trade.amount_base
    for at, other in enumerate(found.trades):
        if at != row and _class_of(view, found.dimension, other.symbol) == key:
            name = f"{other.side} {other.symbol}, {other.account}"
            bought = Explanation(figure=name, value=other.amount_base, unit=currency)
            parts.append(Less(bought) if other.side == trade.side else bought)
            left -= other.amount_base if other.side == trade.side else -other.amount_base
    if left:
        rest = "left by what units can be traded, by fees, cash and what drift is left alone"
        parts.append(Less(Explanation(figure=rest, value=left, unit=currency)))
    return Composed(
        figure=f"{trade.side} {trade.symbol} amount_base",
        value=trade.amount_base,
        operation=Operation.SUM,
        parts=tuple(parts),
        unit=currency,
    )


def _class_of(view: CompleteView, dimension: str, symbol: str) -> str:
    """Return the class that an instrument is in; one that is not held is traded only where classes are holdings."""
    held = next((holding for holding in view.holdings if holding.symbol == symbol), None)
    return symbol if held is None else getattr(held, dimension) or UNKNOWN


def trade_amount(found: Rebalancing, row: int) -> Composed:
    """Return what the amount of a proposed trade is made of."""
    trade = found.trades[row]
    parts = (
        Explanation(figure="quantity", value=trade.quantity),
        Explanation(figure="price", value=trade.price, unit=trade.currency),
        Explanation(figure=f"rate of {trade.currency}", value=trade.fx_rate, unit=found.base_currency),
    )
    name = f"{trade.side} {trade.symbol} amount_base"
    return Composed(
        figure=name, value=trade.amount_base, operation=Operation.PRODUCT, parts=parts, unit=found.base_currency
    )


def weight_figure(found: Rebalancing, row: int, field: str) -> Composed:
    """Return what a weight before or after the trades, or the drift that they leave, is made of."""
    of, name = found.weights[row], f"{found.weights[row].key} {field}"
    if field == "drift_after":
        target = Explanation(figure="target", value=of.target)
        parts: tuple[Figure | Less, ...] = (weight_figure(found, row, "weight_after"), Less(target))
        return Composed(figure=name, value=of.drift_after, operation=Operation.SUM, parts=parts)
    when = field.removeprefix("weight_")
    values = ((f"{of.key}, value {when}", of), (f"all, value {when}", found))
    parts = tuple(
        Explanation(figure=figure, value=getattr(one, f"value_{when}"), unit=found.base_currency)
        for figure, one in values
    )
    return Composed(figure=name, value=getattr(of, field), operation=Operation.QUOTIENT, parts=parts)


def weights(found: Rebalancing) -> pl.DataFrame:
    """Return the weights before and after the trades."""
    kinds: list[Any] = [pl.String, pl.Float64, pl.Float64, pl.Float64, pl.Float64, MONEY]
    rows = [tuple(getattr(row, column.field) for column in WEIGHT_COLUMNS) for row in found.weights]
    titles = [column.title for column in WEIGHT_COLUMNS]
    return pl.DataFrame(rows, schema=dict(zip(titles, kinds, strict=True)), orient="row")


def outcome(found: Rebalancing) -> str:
    """Return in a sentence what the trades come to."""
    if not found.trades:
        return "Nothing to trade."
    currency, drift = found.base_currency, formats.percent(found.drift_after, signed=False)
    return (
        f"{formats.count(len(found.trades))} trades for {formats.money(found.fees, currency)} of fees bring the sum of "
        f"all drift from {formats.percent(found.drift_before, signed=False)} to {drift}; cash goes from "
        f"{formats.money(found.cash_before)} to {formats.money(found.cash_after, currency)}."
    )


_TELLS_AMOUNTS = {"account_short", "cash_short"}


def notes(found: Rebalancing) -> list[str]:
    """Return what is to be said of the trades; what tells amounts only to who may see them."""
    hidden = _TELLS_AMOUNTS if formats.hides_amounts() else set()
    said = [note.message for note in found.notes if note.code not in hidden]
    return [message[:1].upper() + message[1:] for message in said]
