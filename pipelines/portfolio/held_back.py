"""Newer prices and rates that are held back because nobody believes them: what counts in their place.

Belongs here: saying which figure is of an earlier day for that reason. Does not: what is believed
(`pipelines.quality`), how old the figure is (`prices`, `fx`).
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from pipelines.portfolio.holdings import CashBalance, Position
from pipelines.portfolio.models import Warning_

PRICE, RATE = "price", "rate"


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
