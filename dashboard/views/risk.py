"""What the Risk page says: measures of risk, how they rolled, how holdings move together, currencies.

Belongs here: choosing and naming what the document and the engine have. Does not: measures
(`pipelines.portfolio.risk`), checks of health (`health`), layout, charts.
"""

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import takewhile
from typing import Any

import polars as pl

from dashboard.views.columns import Column, Kind
from dashboard.views.overview import Tile
from pipelines import formats
from pipelines.portfolio.allocation import CASH
from pipelines.portfolio.exact import whole
from pipelines.portfolio.explain import Composed, Explanation, Less, Operation
from pipelines.portfolio.models import CompleteView
from pipelines.portfolio.observations import PERIODS_A_YEAR
from pipelines.portfolio.risk import rolling_volatility, top_share
from warehouse.schema.types import MONEY

MOST_COMPARED, FEW_COMPARED = 10, 7
"""Of the largest holdings; how many of them can be compared on a phone at a glance."""
LARGEST = 10
WINDOWS = {"1 month": 21, "3 months": 63, "1 year": 252}
"""Trading days of the windows of rolling volatility."""
SPANS = {"1 year": 365, "3 years": 1096, "All": None}
"""Days over which holdings are compared."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure of risk: the document's name of it, its label, what it means, whether it is a percentage."""

    field: str
    label: str
    help: str
    is_percent: bool = False


OWN = (
    Measure("volatility", "Volatility", "How far daily returns spread: their standard deviation.", is_percent=True),
    Measure("sharpe", "Sharpe ratio", "Mean return above the risk-free rate, by its standard deviation."),
    Measure("sortino", "Sortino ratio", "Mean return above the risk-free rate, by the deviation of shortfalls alone."),
    Measure("omega", "Omega", "Gains above the risk-free rate, by shortfalls below it; above 1 gains prevail."),
    Measure("max_drawdown", "Max drawdown", "The deepest fall from a peak.", is_percent=True),
    Measure("calmar", "Calmar ratio", "Yearly growth by the deepest fall."),
    Measure("var_95", "VaR 95%, a day", "On one day in twenty the return was this or worse.", is_percent=True),
    Measure("cvar_95", "CVaR 95%, a day", "Mean return of those worst days.", is_percent=True),
)
RELATIVE = (
    Measure("beta", "Beta", "How much the portfolio moves with the benchmark: 1 as much, 0 not at all."),
    Measure("alpha", "Alpha", "Return a year that the benchmark's moves do not explain.", is_percent=True),
    Measure("tracking_error", "Tracking error", "How far daily returns spread from the benchmark's.", is_percent=True),
    Measure("information_ratio", "Information ratio", "Mean return above the benchmark's, by the tracking error."),
    Measure("up_capture", "Up capture", "Return on days the benchmark rose, by the benchmark's.", is_percent=True),
    Measure("down_capture", "Down capture", "Return on days the benchmark fell, by the benchmark's.", is_percent=True),
)


def text(view: CompleteView, measure: Measure) -> str:
    """Return how a measure of the document reads."""
    value = None if view.risk is None else getattr(view.risk, measure.field)
    return formats.percent(value, signed=False) if measure.is_percent else formats.number(value)


def tiles(view: CompleteView, measures: Sequence[Measure]) -> list[Tile]:
    """Return measures of the document as headline figures."""
    return [Tile(one.field, one.label, text(view, one), help=one.help, section="risk") for one in measures]


def basis(view: CompleteView, returns: pl.DataFrame) -> str:
    """Return what the measures are of, in a sentence; ``returns`` are those of `observed_returns`."""
    days = formats.count(returns.height)
    is_yearly = view.risk is not None and view.risk.annualized
    yearly = "rates are of a year" if is_yearly else "under a year, so that nothing is made a rate of a year"
    rate = formats.percent(0.0 if view.risk is None else view.risk.risk_free, signed=False)
    last = returns["date"][-1] if returns.height else view.as_of
    until = f" until {formats.day(last)}, for none is known since" if _is_cut(view, last) else ""
    return f"Of {days} daily returns{until}; {yearly}; the risk-free rate is {rate}."


def _is_cut(view: CompleteView, last: dt.date) -> bool:
    """Return whether days with a price, but without a value, come after the last with a return."""
    if view.performance is None:
        return False
    columns = (view.performance.daily.column(name)[::-1] for name in ("date", "priced", "value"))
    since = takewhile(lambda day: day[0] > last, zip(*columns, strict=True))
    return any(priced and value is None for _, priced, value in since)


def rolling(view: CompleteView, returns: pl.DataFrame, window: int) -> pl.DataFrame:
    """Return the volatility of the trading days up to each: ``date, value``; none before the window is full.

    It is a rate of a year where the document's is one; ``returns`` are those of `observed_returns`.
    """
    values = rolling_volatility(returns["day_return"], window, periods_a_year(view))
    return returns.select("date", value=values).drop_nulls()


def periods_a_year(view: CompleteView) -> int:
    """Return how many returns a year has; 1 where the view's measures are no rates of a year."""
    return PERIODS_A_YEAR if view.risk is not None and view.risk.annualized else 1


def concentration(view: CompleteView) -> list[Tile]:
    """Return how much stands in how few holdings."""
    effective = None if view.risk is None else view.risk.effective_holdings
    text, about = formats.number(effective, decimals=1), "Equal holdings that would be as concentrated."
    first = Tile("effective_holdings", "Effective holdings", text, help=about, section="risk")
    weights = _holdings(view)
    if not weights:
        return [first]
    name, weight = weights[0]
    top = top_share(pl.Series([weight for _, weight in weights], dtype=pl.Float64), LARGEST)
    return [
        first,
        Tile(
            "top",
            f"The {LARGEST} largest",
            formats.percent(top, signed=False),
            help="Of everything held, cash left out.",
            made=_share_of_largest(weights, top),
        ),
        Tile(
            "largest",
            f"Largest: {name}",
            formats.percent(weight, signed=False),
            help="Of the whole value, with cash.",
            field="weight",
            section=f"allocations.symbol.{name}",
        ),
    ]


def _share_of_largest(weights: Sequence[tuple[str, float]], share: float | None) -> Composed:
    return Composed(
        figure=f"share of the {LARGEST} largest",
        value=share,
        operation=Operation.QUOTIENT,
        parts=(
            _sizes(f"the {LARGEST} largest", weights[:LARGEST]),
            _sizes("everything held", weights),
        ),
        note="a short position counts by its size",
    )


def _sizes(figure: str, weights: Sequence[tuple[str, float]]) -> Composed:
    paths = [(f"allocations.symbol.{name}.weight", weight) for name, weight in weights]
    parts = [path if weight > 0 else Less(path) for path, weight in paths]
    value = math.fsum(abs(weight) for _, weight in weights)
    return Composed(figure=figure, value=value, operation=Operation.SUM, parts=tuple(parts))


def compared(view: CompleteView) -> list[str]:
    """Return the symbols of the largest holdings, the largest first."""
    return [key for key, _ in _holdings(view)[:MOST_COMPARED]]


def _holdings(view: CompleteView) -> list[tuple[str, float]]:
    rows = [(row.key, row.weight) for row in view.allocations.get("symbol", []) if row.key != CASH and row.weight]
    return sorted(((key, weight) for key, weight in rows if weight), key=lambda row: -abs(row[1]))


def since(as_of: dt.date, span: str) -> dt.date:
    """Return the first day of one of `SPANS`."""
    days = SPANS[span]
    return dt.date(1970, 1, 1) if days is None else as_of - dt.timedelta(days=days)


def matrix(symbols: Sequence[str], pairs: pl.DataFrame) -> list[list[float | None]]:
    """Return correlations as a square: a row and a column a symbol, 1 on the diagonal, None where not known."""
    known = {(one, other): value for one, other, value, _ in pairs.iter_rows()}
    return [
        [1.0 if one == other else known.get((one, other), known.get((other, one))) for other in symbols]
        for one in symbols
    ]


def known_pairs(matrix: Sequence[Sequence[float | None]]) -> list[tuple[int, int]]:
    """Return the cells of a square of correlations that say something of two, by row and column."""
    return [
        (row, column)
        for row, values in enumerate(matrix)
        for column, value in enumerate(values)
        if row != column and value is not None
    ]


def correlation(pair: tuple[str, str], value: float | None, returns: pl.DataFrame, currency: str) -> Explanation:
    """Return the correlation of two symbols taken apart into their returns of each day.

    Args:
        pair: The symbols.
        value: What their correlation is.
        returns: As `pipelines.portfolio.correlations.paired_returns` has them.
        currency: Of the closes that returns are of.
    """
    one, other = pair
    parts = [
        Explanation(
            figure=f"{one} on {day}",
            value=first,
            source=f"price_history {one}, {other}",
            data={other: second, "since": before.isoformat()},
        )
        for day, before, first, second in returns.iter_rows()
    ]
    return Explanation(
        figure=f"correlation of {one} and {other}",
        value=value,
        operation=Operation.MEASURE,
        note=f"of the closes of both in {currency}, restated for splits; {other} stands beside each day",
        data={"measure": "correlation", "against": other},
        parts=parts,
    )


CURRENCY_COLUMNS = (
    Column("Currency", "key"),
    Column("Value", "value", Kind.MONEY, "Holdings and cash in it, base currency."),
    Column("Weight", "weight", Kind.SHARE),
    Column(
        "Gain of its rate",
        "fx_effect",
        Kind.GAIN,
        "What the exchange rate made of the gain on what is still held, fees and taxes of its purchase included.",
    ),
)
CURRENCY_FIGURES = {"Value": "value", "Weight": "weight"}


def currencies(view: CompleteView) -> pl.DataFrame:
    """Return value, weight and what its rate has made of open gains by currency, the largest first."""
    effects: dict[str, Decimal | None] = {}
    for holding in view.holdings:
        if holding.currency is not None:
            before, own = effects.get(holding.currency, Decimal(0)), holding.fx_effect_base
            effects[holding.currency] = None if before is None or own is None else before + own
    rows = [(row.key, row.value, row.weight, effects.get(row.key)) for row in view.allocations.get("currency", [])]
    kinds: list[Any] = [pl.String, MONEY, pl.Float64, MONEY]
    titles = [column.title for column in CURRENCY_COLUMNS]
    return pl.DataFrame(rows, schema=dict(zip(titles, kinds, strict=True)), orient="row")


def is_foreign(view: CompleteView) -> bool:
    """Return whether anything is, or was, in another currency: what exchange rates are worth looking at for."""
    shares = {row.key for row in view.allocations.get("currency", []) if row.value}
    sums = view.performance.attribution if view.performance else None
    effects = (sums.unrealized_fx_effect, sums.realized_fx_effect, sums.cash_fx_gain) if sums else ()
    return bool(shares - {view.base_currency}) or any(effects)


def hedged(view: CompleteView, grown: pl.DataFrame) -> list[Tile]:
    """Return the return as it was, with rates held constant, and what rates made of it, in percent and in money."""
    grown_to, constant = (grown[name][-1] if grown.height else None for name in ("growth", "growth_constant_rates"))
    rates = None if grown_to is None or not constant else grown_to / constant - 1
    held = None if constant is None else constant - 1
    gain = rate_gain(view)
    return [
        Tile("twr", "Time-weighted", formats.percent(view.summary.twr), help="As it was, over the period."),
        Tile(
            "constant",
            "At constant rates",
            formats.percent(held),
            help=_CONSTANT,
            made=partial(chained, "return at constant rates", held, grown, pl.col("growth_constant_rates")),
        ),
        Tile(
            "of_rates",
            "Made by rates",
            formats.percent(rates),
            help="The first by the second: (1 + return) / (1 + return at constant rates) - 1.",
            made=partial(chained, "return of rates", rates, grown, pl.col("growth") / pl.col("growth_constant_rates")),
        ),
        Tile(
            "rate_gain",
            f"Gain of rates, {view.base_currency}",
            formats.money(gain, signed=True),
            help="Of all gains in money: on what is held, on what was sold, and of cash. The rest is of prices and "
            "income.",
            made=Composed(
                figure="gain of rates",
                value=gain,
                operation=Operation.SUM,
                parts=tuple(f"performance.attribution.{name}" for name in _RATE_GAINS),
                unit=view.base_currency,
            ),
        ),
    ]


def _days(grown: pl.DataFrame, growth: pl.Expr) -> pl.DataFrame:
    """Return what each day added to a growth, as ``date, value``; days that added nothing are left out."""
    days = grown.select("date", value=growth / growth.shift(1).fill_null(1.0) - 1).drop_nulls()
    return days.filter(pl.col("value") != 0)


def chained(figure: str, value: float | None, grown: pl.DataFrame, growth: pl.Expr) -> Composed:
    """Return what was gained as the chain of what each day has added; ``growth`` is that of ``grown``, from one."""
    days = _days(grown, growth)
    parts = [Explanation(figure=f"{figure} of {day}", value=of_day) for day, of_day in days.iter_rows()]
    return Composed(figure=figure, value=value, operation=Operation.CHAIN, parts=tuple(parts))


_CONSTANT = (
    "Each day's return is measured from an opening value at that day's own exchange rates, so that only prices, income "
    "and charges count: the return of somebody who hedges every currency each evening, at no cost."
)


def rate_gain(view: CompleteView) -> Decimal | None:
    """Return what exchange rates made of all gains, base currency; None where a part is not known."""
    if view.performance is None:
        return None
    return whole(getattr(view.performance.attribution, name) for name in _RATE_GAINS)


_RATE_GAINS = ("unrealized_fx_effect", "realized_fx_effect", "cash_fx_gain")


def lines(grown: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Return both growths as lines of ``date, value``, a fraction gained; unknown days are left out."""
    named = {"As it was": "growth", "Rates held constant": "growth_constant_rates"}
    return {name: grown.select("date", value=pl.col(column) - 1).drop_nulls() for name, column in named.items()}
