"""Checks of a portfolio's health against limits that a visitor sets.

Belongs here: what is looked at, its limits, and what is said of it. Does not: measures (the document has them), layout.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from dashboard.views.columns import Column
from pipelines import formats
from pipelines.portfolio.allocation import CASH, UNKNOWN
from pipelines.portfolio.explain import Composed, Figure, Operation
from pipelines.portfolio.models import CompleteView


class State(StrEnum):
    """What came of a check, as a sign and a word."""

    FINE = "✓ in order"
    WARN = "▲ look at it"
    NOT_KNOWN = "? not known"


@dataclass(frozen=True, slots=True)
class Found:
    """What was measured, what it is of (``AAPL``, ``Technology``), and what explains it, where anything does."""

    value: float | None
    of: str | None = None
    asked: Figure | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """A figure that is to stay within a limit.

    Args:
        key: Of its limit among all.
        label: What is looked at.
        limit: Before anybody has set another: percent where ``is_share``, else a number.
        measured: From a view to what was found.
        is_least: Whether the figure is to be at least the limit, not at most.
        is_share: Whether the figure is a fraction.
    """

    key: str
    label: str
    limit: float
    measured: Callable[[CompleteView], Found]
    is_least: bool = False
    is_share: bool = True

    def state(self, found: Found, limit: float) -> State:
        """Return whether a figure stays within a limit."""
        if found.value is None:
            return State.NOT_KNOWN
        value = found.value * 100 if self.is_share else found.value
        return State.FINE if (value >= limit if self.is_least else value <= limit) else State.WARN

    def words(self, value: float | None) -> str:
        """Return how a figure of this check reads."""
        if self.is_share:
            return formats.percent(value, signed=False, decimals=1)
        return formats.number(value, decimals=0 if value is None or value.is_integer() else 1)


def _largest(dimension: str) -> Callable[[CompleteView], Found]:
    def measured(view: CompleteView) -> Found:
        rows = [
            (row.weight, row.key)
            for row in view.allocations.get(dimension, [])
            if row.key not in {CASH, UNKNOWN} and row.weight is not None
        ]
        weight, key = max(rows, default=(None if _unknown(view) else 0.0, None))
        return Found(weight, key, key and f"allocations.{dimension}.{key}.weight")

    return measured


def _unknown(view: CompleteView) -> bool:
    """Return whether weights are not known at all: the value is not positive."""
    return any(row.weight is None for row in view.allocations.get("symbol", []))


def _foreign(view: CompleteView) -> Found:
    rows = [row for row in view.allocations.get("currency", []) if row.key != view.base_currency]
    weights = [row.weight for row in rows if row.weight is not None]
    names = ", ".join(row.key for row in rows if row.value)
    value = sum(weights) if len(weights) == len(rows) else None
    parts = tuple(f"allocations.currency.{row.key}.weight" for row in rows)
    made = Composed(figure="weight of other currencies", value=value, operation=Operation.SUM, parts=parts)
    return Found(value, names or None, made)


def _cash(view: CompleteView) -> Found:
    value, cash = view.summary.value, view.summary.cash
    weight = float(cash / value) if value and value > 0 and cash is not None else None
    parts = ("summary.cash", "summary.value")
    return Found(
        weight, asked=Composed(figure="weight of cash", value=weight, operation=Operation.QUOTIENT, parts=parts)
    )


def _unclassed(view: CompleteView) -> Found:
    rows = [row.weight for row in view.allocations.get("sector", []) if row.key == UNKNOWN]
    value = None if _unknown(view) else sum(weight for weight in rows if weight is not None)
    return Found(value, asked=f"allocations.sector.{UNKNOWN}.weight" if rows else None)


def _stale(view: CompleteView) -> Found:
    names = ", ".join([*view.completeness.stale_symbols, *view.completeness.stale_fx])
    return Found(view.completeness.stale_weight, names or None, "completeness.stale_weight")


def _missing(view: CompleteView) -> Found:
    names = ", ".join([*view.completeness.missing_symbols, *view.completeness.missing_fx])
    return Found(float(view.completeness.missing), names or None, "completeness.missing")


def _drift(view: CompleteView) -> Found:
    rows = [
        (abs(row.drift), row.key, f"allocations.{dimension}.{row.key}.drift")
        for dimension, rows in view.allocations.items()
        for row in rows
        if row.drift is not None
    ]
    return Found(*max(rows, default=(None, "no targets are set", None)))


def _effective(view: CompleteView) -> Found:
    return Found(view.risk.effective_holdings if view.risk else None, asked="risk.effective_holdings")


def _volatility(view: CompleteView) -> Found:
    return Found(view.risk.volatility if view.risk else None, asked="risk.volatility")


CHECKS = (
    Check("max_position", "Largest holding", 25, _largest("symbol")),
    Check("max_sector", "Largest sector", 40, _largest("sector")),
    Check("max_country", "Largest country", 75, _largest("country")),
    Check("max_foreign", "In other currencies", 60, _foreign),
    Check("max_cash", "Cash, at most", 20, _cash),
    Check("min_cash", "Cash, at least", 0, _cash, is_least=True),
    Check(
        "min_holdings",
        "Effective holdings",
        5,
        _effective,
        is_least=True,
        is_share=False,
    ),
    Check("max_volatility", "Volatility", 30, _volatility),
    Check("max_drift", "Furthest from its target", 5, _drift),
    Check("max_unclassed", "Without a sector", 10, _unclassed),
    Check("max_stale", "Value resting on old prices", 0, _stale),
    Check("max_missing", "Holdings without a value", 0, _missing, is_share=False),
)
COLUMNS = (
    Column("State", "state"),
    Column("Check", "check"),
    Column("Found", "found"),
    Column("Limit", "limit"),
    Column("Of", "of", help="What the figure is of."),
)
FIGURES = {"Found": "found"}


def checked(view: CompleteView, limits: Mapping[str, float]) -> tuple[pl.DataFrame, list[Figure | None]]:
    """Return a row a check, what to look at first, and what explains what was found.

    Args:
        view: The document.
        limits: By `Check.key`, percent where the check is of a share; those that lack are `Check.limit`.
    """
    measured = [(check, check.measured(view)) for check in CHECKS]
    rows = [(_row(check, found, limits.get(check.key, check.limit)), found.asked) for check, found in measured]
    rows.sort(key=lambda row: (State.WARN, State.NOT_KNOWN, State.FINE).index(State(row[0][0])))
    schema = dict.fromkeys([column.title for column in COLUMNS], pl.String)
    return pl.DataFrame([row for row, _ in rows], schema=schema, orient="row"), [asked for _, asked in rows]


def _row(check: Check, found: Found, limit: float) -> tuple[str, str, str, str, str | None]:
    bound = check.words(limit / 100 if check.is_share else float(limit))
    least = "at least" if check.is_least else "at most"
    return check.state(found, limit).value, check.label, check.words(found.value), f"{least} {bound}", found.of


def verdict(rows: pl.DataFrame) -> str:
    """Return in a sentence what came of the checks."""
    warned = rows.filter(pl.col("State") == State.WARN).height
    unknown = rows.filter(pl.col("State") == State.NOT_KNOWN).height
    said = (
        f"{warned} of {rows.height} checks ask for a look"
        if warned
        else f"None of {rows.height} checks asks for a look"
    )
    return f"{said}; {unknown} cannot be known." if unknown else f"{said}."
