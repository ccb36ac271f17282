"""Which figures moved between two states of what is known, and because of what.

Belongs here: taking one cause after the other from the earlier state into the later, and the rows that differ. Does
not: reading the states (`pipelines.compared`).

The causes are taken in a fixed order: the portfolio's settings, its ledger with the market of what it names for the
first time, restated prices, the master's own prices ("quotes"), rates, splits and dividends up to the earlier date, and
last the days since. What each adds to a figure sums to its whole change.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any

import polars as pl

from pipelines.portfolio.booked import Question, booked
from pipelines.portfolio.booking.books import Key, Tally
from pipelines.portfolio.collector import collector_paused
from pipelines.portfolio.complete import series_of
from pipelines.portfolio.errors import EngineError
from pipelines.portfolio.exact import Amount, money, quantity, total
from pipelines.portfolio.frames import LedgerFrames, MarketFrames
from pipelines.portfolio.models import CostMethod, Exact, Model
from pipelines.portfolio.summary import summarise

MAX_ROWS = 1_000
_QUOTE = ["symbol", "last_price", "last_price_at"]
Figure = Decimal | float | None


@dataclass(frozen=True, kw_only=True)
class State:
    """Everything that a view is computed from."""

    ledger: LedgerFrames
    market: MarketFrames
    as_of: dt.date
    base_currency: str
    cost_method: CostMethod


class Moved(Model):
    """A figure that moved, and what each cause added to it; None where it was or became unknown."""

    figure: str
    before: Exact | float | None
    after: Exact | float | None
    by_cause: dict[str, Exact | float | None]


class ChangedRow(Model):
    """A row of an input, or a setting of the portfolio, that was added, removed or changed."""

    cause: str
    change: str
    key: dict[str, str]
    before: dict[str, str] | None
    after: dict[str, str] | None


class Difference(Model):
    """What moved between two states."""

    as_of_before: dt.date
    as_of_after: dt.date
    figures: list[Moved]
    rows: list[ChangedRow]
    rows_left_out: int


def difference(before: State, after: State) -> Difference:
    """Return which figures moved from one state to the other, and the rows that moved them."""
    steps = list(_steps(before, after))
    states = [before, *(state for _, state in steps)]
    figures: list[Mapping[str, Figure] | None] = [figures_of(before)]
    for state, earlier in zip(states[1:], states, strict=False):
        computed = figures_of if state is after else _figures_between
        is_known = figures[-1] is not None and _is_same(state, earlier)
        figures.append(figures[-1] if is_known else computed(state))
    causes = [cause for cause, _ in steps]
    rows = list(changed_rows(before, after))
    return Difference(
        as_of_before=before.as_of,
        as_of_after=after.as_of,
        figures=list(_moved(figures, causes)),
        rows=rows[:MAX_ROWS],
        rows_left_out=max(0, len(rows) - MAX_ROWS),
    )


def _steps(before: State, after: State) -> Iterator[tuple[str, State]]:
    state = replace(before, base_currency=after.base_currency, cost_method=after.cost_method)
    state = replace(state, ledger=replace(state.ledger, benchmark=after.ledger.benchmark))
    yield "settings", state
    state = replace(state, ledger=after.ledger, market=_with_new_names(before, after))
    yield "ledger", state
    until = before.as_of
    known = after.market
    for cause, parts in (
        ("prices", {"prices": known.prices.filter(pl.col("date") <= until)}),
        ("quotes", {"symbols": _quoted_until(before, after)}),
        ("rates", {"fx": known.fx.filter(pl.col("date") <= until)}),
        (
            "splits and dividends",
            {
                "splits": known.splits.filter(pl.col("ex_date") <= until),
                "dividends": known.dividends.filter(pl.col("ex_date") <= until),
            },
        ),
    ):
        state = replace(state, market=replace(state.market, **parts))
        yield cause, state
    yield "days since", after


def _with_new_names(before: State, after: State) -> MarketFrames:
    """Return the earlier market with the later one's rows, up to the earlier date, of what its ledger did not name."""
    old, new, names = before.market, after.market, _new_names(before, after)
    is_new, until = pl.col("symbol").is_in(names), before.as_of
    parts = {
        name: pl.concat([getattr(old, name).filter(~is_new), getattr(new, name).filter(is_new, pl.col(day) <= until)])
        for name, day in (("prices", "date"), ("splits", "ex_date"), ("dividends", "ex_date"))
    }
    quoted = _quoted_until(before, after).filter(is_new)
    return replace(old, **parts, symbols=pl.concat([old.symbols.filter(~is_new), quoted]))


def _new_names(before: State, after: State) -> list[str]:
    """Return the symbols that only the later ledger names."""
    old, new = (
        {symbol for name in ("symbol", "to_symbol") for symbol in state.ledger.transactions[name]}
        for state in (before, after)
    )
    return sorted(new - old - {None})


def _quoted_until(before: State, after: State) -> pl.DataFrame:
    """Return the earlier state's master with the prices that the later one has of days up to the earlier date.

    One of a later day belongs to the days since, and until then the earlier one stays.
    """
    old, new = before.market.symbols, after.market.symbols
    is_later = pl.col("last_price_at").dt.date() > before.as_of
    moved = new.filter(is_later.not_().fill_null(value=True)).select(_QUOTE)
    come = new.filter(is_later.not_()).join(old, on="symbol", how="anti")
    return pl.concat([old.update(moved, on="symbol", include_nulls=True), come.select(old.columns)])


def figures_of(state: State) -> dict[str, Figure]:
    """Return the figures that are compared, as the complete view has them: the summary, and those of every holding."""
    asked = Question(state.as_of, state.base_currency, state.cost_method)
    with collector_paused():
        book = booked(state.ledger, state.market, asked)
        summary = summarise(book.sums, series_of(book), as_of=state.as_of, opening=book.opening)
    found: dict[str, Figure] = {f"summary.{name}": value for name, value in summary}
    gains: dict[Key, list[Amount]] = defaultdict(list)
    for item in book.disposals:
        gains[item.row.key].append(item.after.gain)
    for position in book.positions:
        account, symbol = position.key
        tally = book.books.tallies.get(position.key) or Tally()
        figures = {
            "quantity": quantity(position.units),
            "value_base": money(position.value_base),
            "cost_base": money(position.costs.base),
            "unrealized_gain_base": money(position.unrealized_base),
            "realized_gain_base": money(total(gains[position.key])),
            "income_base": money(tally.income),
        }
        found |= {f"holdings.{symbol}@{account}.{name}": value for name, value in figures.items()}
    return found


def _figures_between(state: State) -> dict[str, Figure] | None:
    """Return the figures of a state that never was; None where none can be: its ledger sells what a split brings."""
    try:
        return figures_of(state)
    except EngineError:
        return None


def _is_same(state: State, other: State) -> bool:
    """Return whether two states are computed from the same rows and settings."""
    settings = ("as_of", "base_currency", "cost_method")
    if any(getattr(state, name) != getattr(other, name) for name in settings):
        return False
    return _are_same_frames(state.ledger, other.ledger) and _are_same_frames(state.market, other.market)


def _are_same_frames(one: LedgerFrames | MarketFrames, other: LedgerFrames | MarketFrames) -> bool:
    pairs = [(getattr(one, item.name), getattr(other, item.name)) for item in fields(one)]
    return all(a.equals(b) if isinstance(a, pl.DataFrame) else a == b for a, b in pairs)


def _moved(views: Sequence[Mapping[str, Figure] | None], causes: Sequence[str]) -> Iterator[Moved]:
    names = list(dict.fromkeys(name for view in views for name in view or ()))
    for name in names:
        values = [None if view is None else view.get(name, _nothing(name)) for view in views]
        if values[0] == values[-1]:
            continue
        steps = {cause: _change(values[at], values[at + 1]) for at, cause in enumerate(causes)}
        by_cause = {cause: change for cause, change in steps.items() if change is None or change != 0}
        yield Moved(figure=name, before=values[0], after=values[-1], by_cause=by_cause)


def _nothing(name: str) -> Decimal | None:
    """Return what a holding counts that is not there; every figure of it that is compared is an amount."""
    return Decimal(0) if name.startswith("holdings.") else None


def _change(before: Figure, after: Figure) -> Figure:
    if before is None or after is None:
        return 0.0 if before is after else None
    if isinstance(before, Decimal) and isinstance(after, Decimal):
        return after - before
    return float(after) - float(before)


def changed_rows(before: State, after: State) -> Iterator[ChangedRow]:
    """Yield settings and rows that differ, up to the earlier date: of a later day only the ledger's count.

    Rows of the market of what the ledger names for the first time are none of them: its own rows say why they came.
    """
    until, is_old = before.as_of, ~pl.col("symbol").is_in(_new_names(before, after))
    yield from _changed("settings", _settings(before), _settings(after), ["setting"])
    yield from _changed("ledger", before.ledger.transactions, after.ledger.transactions, ["transaction_id"])
    yield from _changed("ledger", before.ledger.accounts, after.ledger.accounts, ["account"])
    for cause, name, key, day in (
        ("prices", "prices", ["symbol", "date"], "date"),
        ("rates", "fx", ["from_currency", "to_currency", "date"], "date"),
        ("splits and dividends", "splits", ["symbol", "ex_date"], "ex_date"),
        ("splits and dividends", "dividends", ["symbol", "ex_date", "currency"], "ex_date"),
    ):
        told = [getattr(state.market, name).filter(pl.col(day) <= until) for state in (before, after)]
        old, new = told if name == "fx" else [rows.filter(is_old) for rows in told]
        yield from _changed(cause, old, new, key)
    quoted, moved = before.market.symbols.filter(is_old), _quoted_until(before, after).filter(is_old)
    yield from _changed("quotes", quoted.select(_QUOTE), moved.select(_QUOTE), ["symbol"])


def _settings(state: State) -> pl.DataFrame:
    """Return what the portfolio is set to, a row a setting; none for one that is not set."""
    values = {
        "base_currency": state.base_currency,
        "benchmark": state.ledger.benchmark,
        "cost_method": state.cost_method.value,
    }
    known = [(name, value) for name, value in values.items() if value is not None]
    return pl.DataFrame(known, schema={"setting": pl.String, "value": pl.String}, orient="row")


def _changed(cause: str, before: pl.DataFrame, after: pl.DataFrame, key: list[str]) -> Iterator[ChangedRow]:
    columns = [name for name in after.columns if name in before.columns]
    old, new = before.select(columns), after.select(columns)
    gone = old.join(new, on=columns, how="anti", nulls_equal=True)
    come = new.join(old, on=columns, how="anti", nulls_equal=True)
    olds = {tuple(row[name] for name in key): row for row in gone.iter_rows(named=True)}
    news = {tuple(row[name] for name in key): row for row in come.iter_rows(named=True)}
    for named in sorted(olds.keys() | news.keys(), key=str):
        was, now = olds.get(named), news.get(named)
        change = "added" if was is None else "removed" if now is None else "changed"
        text = dict(zip(key, map(str, named), strict=True))
        yield ChangedRow(cause=cause, change=change, key=text, before=_told(was, now), after=_told(now, was))


def _told(row: dict[str, Any] | None, other: dict[str, Any] | None) -> dict[str, str] | None:
    """Return a row as text; beside its other state only what differs."""
    if row is None:
        return None
    return {
        name: str(value) for name, value in row.items() if value is not None and (other is None or other[name] != value)
    }
