"""What is true of every market, whatever the provider says.

Belongs here: business rules, each an expression that is true of a broken row. Does not: types, nulls and keys
(`declaration`), and judgement of a provider's plausibility.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from pipelines.quality.report import RuleResult, sample_of
from warehouse.look import Look
from warehouse.schema import market
from warehouse.schema.model import Table

Broken = Callable[[dt.date], pl.Expr]

OHLC_TOLERANCE = 0.001
"""Part of the price by which a close may lie outside of low and high: providers round each of the four on its own."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A fact about a table; a row for which ``broken(today)`` is true contradicts it. Nulls never do.

    A rule that some real rows break is not ``blocking``: it is recorded and shown, and holds nothing up.
    """

    table: Table
    name: str
    doc: str
    columns: tuple[str, ...]
    broken: Broken
    blocking: bool = True


def hold(rule: Rule, frame: pl.DataFrame, *, today: dt.date) -> RuleResult:
    """Hold a table's rows to a rule.

    Args:
        rule: The rule.
        frame: Rows of ``rule.table``, in any order.
        today: The clock's day.
    """
    broken = frame.filter(rule.broken(today))
    columns = tuple(dict.fromkeys((*rule.table.key, *rule.columns)))
    return RuleResult(
        table=rule.table.name, rule=rule.name, failed_rows=broken.height, sample=sample_of(broken, columns)
    )


def hold_parts(rules: Sequence[Rule], look: Look, *, today: dt.date) -> list[RuleResult]:
    """Hold all rows of a table to its rules, a part of them at a time.

    Args:
        rules: All of one table.
        look: The table.
        today: The clock's day.
    """
    results = [RuleResult(table=rule.table.name, rule=rule.name) for rule in rules]
    columns = tuple(dict.fromkeys((*look.table.key, *(name for rule in rules for name in rule.columns))))
    for part in look.parts(columns) if rules else ():
        results = [one.joined(hold(rule, part, today=today)) for one, rule in zip(results, rules, strict=True)]
    return results


def _positive(table: Table, column: str, name: str, doc: str) -> Rule:
    return Rule(table=table, name=name, doc=doc, columns=(column,), broken=lambda _: pl.col(column) <= 0)


def _not_in_future(table: Table, column: str) -> Rule:
    return Rule(
        table=table,
        name="no_future_date",
        doc=f"No `{column}` lies after the clock's day.",
        columns=(column,),
        broken=lambda today: pl.col(column) > today,
    )


def _outside_of_range(_: dt.date) -> pl.Expr:
    low, high = pl.col("low").cast(pl.Float64), pl.col("high").cast(pl.Float64)
    traded = [pl.col(name).cast(pl.Float64) for name in ("open", "close")]
    below = pl.any_horizontal(price < low * (1 - OHLC_TOLERANCE) for price in traded)
    above = pl.any_horizontal(price > high * (1 + OHLC_TOLERANCE) for price in traded)
    return (below | above | (low > high)).fill_null(value=False)


RULES: tuple[Rule, ...] = (
    _positive(market.SYMBOLS, "last_price", "positive_last_price", "A current price is above zero."),
    Rule(
        table=market.SYMBOLS,
        name="known_status",
        doc="A status is active, delisted or renamed.",
        columns=("status",),
        broken=lambda _: ~pl.col("status").is_in(market.STATUSES),
    ),
    _positive(market.PRICE_HISTORY, "close", "positive_close", "A close is above zero."),
    Rule(
        table=market.SYMBOLS,
        name="currency_code",
        doc="A currency goes by a code of capitals and figures, such as EUR.",
        columns=("currency",),
        broken=lambda _: ~pl.col("currency").str.contains(r"^[A-Z][A-Z0-9]{2,4}$"),
        blocking=False,  # what one provider calls a currency must not keep all others back
    ),
    Rule(
        table=market.PRICE_HISTORY,
        name="consistent_ohlc",
        doc="Open and close lie within low and high, but for a provider's rounding.",
        columns=("open", "high", "low", "close"),
        broken=_outside_of_range,
        blocking=False,  # real bars of real providers break it: one must not keep all others back
    ),
    _not_in_future(market.PRICE_HISTORY, "date"),
    Rule(
        table=market.PRICE_HISTORY,
        name="no_negative_volume",
        doc="Volume is not negative.",
        columns=("volume",),
        broken=lambda _: pl.col("volume") < 0,
    ),
    _positive(market.DIVIDEND_HISTORY, "amount", "positive_amount", "A dividend is above zero."),
    Rule(
        table=market.SPLIT_HISTORY,
        name="positive_ratio",
        doc="Both sides of a split's ratio are above zero.",
        columns=("ratio_new", "ratio_old"),
        broken=lambda _: (pl.col("ratio_new") <= 0) | (pl.col("ratio_old") <= 0),
    ),
    _positive(market.FX_HISTORY, "per_eur", "positive_rate", "A reference rate is above zero."),
    _not_in_future(market.FX_HISTORY, "date"),
)


def rules_of(table: Table) -> tuple[Rule, ...]:
    """Return the business rules of a table."""
    return tuple(rule for rule in RULES if rule.table is table)
