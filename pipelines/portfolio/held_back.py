"""Prices and rates that are held back because nobody believes them: what counts in their place, what rests on others.

Belongs here: saying which figure is of an earlier day for that reason, and which split its own closes speak against.
Does not: what is believed (`pipelines.quality`), how old the figure is (`prices`, `fx`).
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from pipelines.portfolio.frames import MarketFrames
from pipelines.portfolio.holdings import CashBalance, Position
from pipelines.portfolio.models import Warning_

PRICE, RATE = "price", "rate"
NOT_IN_ITS_UNITS = ("split_not_undone", "units_unknown")
"""Rules about closes that are not as a split that is stored would have them."""
_BEFORE_DAYS = 10
"""Within so many days before a split its last close is."""


def held_back(
    positions: Sequence[Position], cash: Sequence[CashBalance], held: pl.DataFrame, *, as_of: dt.date, base: str
) -> list[Warning_]:
    """Return which prices and rates of what is held are not those of the last day that the market told.

    Args:
        positions: At the valuation date.
        cash: Likewise.
        held: ``HELD_SCHEMA``.
        as_of: Valuation date; what is held back of later days does not matter.
        base: Base currency.
    """
    if held.is_empty():
        return []
    waiting = held.filter(pl.col("date") <= as_of).sort("date", "rule")
    owned = [position for position in positions if position.is_open]
    rated = [(one.currency, one.fx.date) for one in owned] + [(one.currency, one.fx.date) for one in cash]
    legs = ((code, day) for currency, day in rated if currency != base for code in (currency, base))
    prices = ((position.key[1], position.quote.date) for position in owned)
    return [*_later(waiting, PRICE, prices), *_later(waiting, RATE, legs)]


def doubted_splits(
    positions: Sequence[Position], transactions: pl.DataFrame, market: MarketFrames, *, as_of: dt.date
) -> list[Warning_]:
    """Return the splits of what is held that count although the closes before them, which are held back, speak against.

    Whether such a split never was, or its provider has divided twice, prices cannot tell: the quantity rests on it.

    Args:
        positions: At the valuation date.
        transactions: Of the ledger: a split before the first of its symbol has not touched what is held.
        market: With the splits, and what is held back.
        as_of: Valuation date.
    """
    owned = {position.key[1] for position in positions if position.is_open}
    against = market.held.filter(
        pl.col("what") == PRICE, pl.col("rule").is_in(NOT_IN_ITS_UNITS), pl.col("about").is_in(sorted(owned))
    ).select("rule", symbol="about", date="date")
    if against.is_empty():
        return []
    named = [transactions.select("date", symbol=name) for name in ("symbol", "to_symbol")]
    begun = pl.concat(named).drop_nulls().group_by("symbol").agg(begun=pl.col("date").min())
    told = market.splits.filter(pl.col("ex_date") <= as_of, pl.col("ratio_new") != pl.col("ratio_old"))
    days = (pl.col("ex_date") - pl.col("date")).dt.total_days()
    doubted = (
        told.join(begun, on="symbol")
        .join(against, on="symbol")
        .filter(days.is_between(1, _BEFORE_DAYS), pl.col("begun") < pl.col("ex_date"))
        .sort("symbol", "ex_date", "date")
        .unique(["symbol", "ex_date"], keep="last", maintain_order=True)
    )
    return [_doubt(row) for row in doubted.iter_rows(named=True)]


def _doubt(row: Mapping[str, Any]) -> Warning_:
    ratio = f"{row['ratio_new'].normalize():f} for {row['ratio_old'].normalize():f}"
    return Warning_(
        code="split_doubted",
        message=(
            f"the split of {row['symbol']} of {row['ex_date']}, {ratio}, counts, but the closes before it are held "
            f"back ({row['rule']}): its quantity and value rest on this split"
        ),
        data={"symbol": row["symbol"], "ex_date": str(row["ex_date"]), "ratio": ratio, "rule": row["rule"]},
    )


def _later(waiting: pl.DataFrame, what: str, counting: Iterable[tuple[str, dt.date | None]]) -> Iterable[Warning_]:
    """Yield what is held back of later days than those that count, one a name."""
    mine = waiting.filter(pl.col("what") == what)
    newest: dict[str, dt.date | None] = {}
    for name, used in counting:  # a cross is as old as the older of its legs: each is at least as new as any of its own
        newest[name] = max(filter(None, (newest.get(name), used)), default=None)
    for name, used in sorted(newest.items()):
        rows = mine.filter(pl.col("about") == name)
        if used is not None:
            rows = rows.filter(pl.col("date") > used)
        if not rows.is_empty():
            yield _warning(what, rows, used)


def _warning(what: str, rows: pl.DataFrame, used: dt.date | None) -> Warning_:
    last: Mapping[str, str] = rows.row(-1, named=True)
    days, name = rows["date"].n_unique(), last["about"]
    one = f"{what} of {name} of {last['date']} is"
    several = f"{what}s of {name} of {days} days up to {last['date']} are"
    instead = "there is none before" if used is None else f"the one of {used} is used"
    return Warning_(
        code=f"{what}_held_back",
        message=f"{one if days == 1 else several} held back ({last['rule']}: {last['reason']}); {instead}",
        data={
            "symbol" if what == PRICE else "currency": name,
            "date": str(last["date"]),
            "days": days,
            "rule": last["rule"],
            "used": None if used is None else str(used),
        },
    )
