"""What the Overview says about a portfolio.

Belongs here: choosing and wording figures of the complete view. Does not: layout, charts, computing figures.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import polars as pl

from dashboard.views.columns import Column, Kind, amounts_in, figures
from pipelines import formats
from pipelines.portfolio.explain import Composed, Figure, Operation
from pipelines.portfolio.models import CompleteView, Holding, Status
from warehouse.ops import FailedRun

TOP_HOLDINGS = 10
_LONGEST_WHY = 300
_HELD_BACK = {"price_held_back", "rate_held_back", "split_doubted"}
_IN_NOTICES = {"price_missing", *_HELD_BACK}
DIMENSIONS = {
    "symbol": "Holding",
    "sector": "Sector",
    "asset_class": "Asset class",
    "country": "Country",
    "currency": "Currency",
    "account": "Account",
}


TOP_COLUMNS = (
    Column("Symbol", "symbol"),
    Column("Value", "value_base", Kind.MONEY, "Base currency."),
    Column("Weight", "weight", Kind.SHARE),
    Column("Gain", "unrealized_gain_base", Kind.GAIN, "Value less cost, base currency."),
    Column("Gain, %", "gain_share", Kind.RETURN, "Of the cost."),
    Column("Quantity", "quantity", Kind.QUANTITY),
    Column("Price", "price", Kind.PRICE, "In its currency."),
    Column("Currency", "currency", help="Of the price."),
    Column("Account", "account"),
    Column("Priced", "state"),
)
"""Those that matter most come first, for a phone shows three."""
TOP_FIGURES = figures(TOP_COLUMNS)


@dataclass(frozen=True, slots=True)
class Tile:
    """One headline figure.

    ``key`` names it for scripts, ``detail`` stands below it, ``up`` gives its direction; ``field`` is its name
    in its section of the view, where that is not the key; ``made`` is how it comes from several of the view's figures,
    where it is none of its own.
    """

    key: str
    label: str
    text: str
    detail: str | None = None
    up: bool | None = None
    help: str | None = None
    field: str | None = None
    section: str = "summary"
    made: Figure | Callable[[], Figure] | None = None

    @property
    def asked(self) -> Figure | Callable[[], Figure]:
        """Return what explains the figure: the view's name of it, or how it is made, or what finds that out."""
        return self.made or f"{self.section}.{self.field or self.key}"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to know before trusting a figure."""

    level: str
    text: str


def tiles(view: CompleteView) -> list[Tile]:
    """Return the headline figures."""
    summary, currency = view.summary, view.base_currency
    change, last = summary.day_change, earlier_day(view)
    return [
        Tile(
            "value",
            f"Value, {currency}",
            formats.money(summary.value),
            f"{formats.money(summary.cash)} cash",
            help=f"What everything was worth on {formats.day(view.as_of)}, in {currency}.",
        ),
        Tile(
            "day_change",
            f"Day change, {currency}",
            formats.money(change, signed=True),
            formats.percent(summary.day_return),
            _direction(change),
            "Change of value since the valuation before, less what was paid in or out"
            + (f": that of {formats.day(last)}, for no price has come since." if last else "."),
        ),
        Tile(
            "total_gain",
            f"Total return, {currency}",
            formats.money(summary.total_gain, signed=True),
            f"on {formats.money(summary.net_invested)}",
            help="Value less what was paid in net, after fees and taxes, income included.",
        ),
        Tile(
            "twr",
            "Time-weighted",
            formats.percent(None if is_empty(view) else summary.twr),
            yearly(view),
            help="Return of the investments, free of the effect of paying in and out.",
        ),
        money_weighted(view),
        Tile(
            "income",
            f"Income, {currency}",
            formats.money(summary.income),
            "gross",
            help="Dividends and interest received, gross.",
        ),
    ]


def earlier_day(view: CompleteView) -> dt.date | None:
    """Return the day that a day's change is of, where it is not the view's: no price has come since."""
    last = view.performance and view.performance.last_day
    return last if last and last != view.as_of else None


def is_empty(view: CompleteView) -> bool:
    """Return whether nothing was ever held or paid in: no return is not one of 0 % then."""
    if view.holdings or view.performance is None:
        return False
    return not any(amount for day in view.performance.daily for amount in (day.value, day.flow_in, day.flow_out))


def none_yet(*, is_now: bool) -> str:
    """Say that there are no transactions: at all, or until the day that is looked at."""
    if is_now:
        return "No transactions yet. Enter or import some."
    return "No transactions until then. Choose a later day above, or go back to today."


def _direction(value: Decimal | float | None) -> bool | None:
    return None if value is None or value == 0 else value > 0


def yearly(view: CompleteView) -> str:
    """Return what the time-weighted return was a year, or of what it is where no year is over."""
    rate = view.summary.twr_annualized
    return _since(view) if rate is None else f"{formats.percent(rate)} a year"


def money_weighted(view: CompleteView) -> Tile:
    """Return the money-weighted return: of a year once one is over, for of less it would be read as what there was."""
    short = not view.summary.spans_a_year
    return Tile(
        "xirr",
        "Money-weighted",
        formats.percent(view.summary.money_weighted if short else view.summary.xirr),
        _since(view) if short else "a year (XIRR)",
        help="Return of the money paid in, by when it was paid in; of a year only once a year is over.",
        field="money_weighted" if short else "xirr",
    )


def _since(view: CompleteView) -> str:
    return "since the first day" if view.since is None else f"since {formats.day(view.since)}"


def notices(
    view: CompleteView, *, live: bool, clock: dt.date | None, is_demo: bool = False, failed: FailedRun | None = None
) -> list[Notice]:
    """Return what qualifies the figures, the gravest first."""
    state = view.completeness
    found = []
    if not state.is_complete:
        found.append(Notice("error", _incomplete(view)))
    if state.stale_symbols or state.stale_fx:
        share = formats.percent(state.stale_weight, signed=False)
        old = [("prices", state.stale_symbols), ("exchange rates", state.stale_fx)]
        names = " and ".join(f"old {what}: {', '.join(items)}" for what, items in old if items)
        found.append(Notice("warning", f"{share} of the value rests on {names}. Run `folio refresh`."))
    found += [Notice("warning", f"{_sentence(one.message)}.") for one in view.warnings if one.code in _HELD_BACK]
    if failed is not None:
        when = f"{formats.day(failed.ended_at.date())}, {failed.ended_at:%H:%M} UTC"
        why = failed.why if len(failed.why) <= _LONGEST_WHY else f"{failed.why[:_LONGEST_WHY]}…"
        why = formats.with_days(why)
        text = f"The last publication stands: the run `{failed.kind}` of {when} brought none. {why}"
        found.append(Notice("warning", text))
    if live:
        found.append(
            Notice("info", "The ledger has changed since the last publication: computed live, not published yet.")
        )
    if clock is not None:
        stands = f"the clock stands at {formats.day(clock)}"
        of = f"Demo: {stands}, the last day of the bundled data." if is_demo else f"`FOLIO_CLOCK`: {stands}."
        found.append(Notice("info", of))
    return found


def _incomplete(view: CompleteView) -> str:
    """Return in a sentence which prices and rates are not known, and what follows for the totals."""
    state, base = view.completeness, view.base_currency
    lacking = []
    if state.missing_symbols:
        lacking.append(f"price of {', '.join(state.missing_symbols)}")
    if state.missing_fx:
        lacking.append(f"exchange rate of {', '.join(state.missing_fx)} to {base}")
    costs = [row.cost_base for row in view.holdings if row.value_base is None]
    if view.summary.value is None:
        follows = "neither the value nor a gain can be known"
    elif costs and None not in costs:
        follows = f"{formats.money(state.missing_cost, base)} of cost is not in the value, and gains cannot be known"
    else:
        follows = "not all that is held is in the value, and gains cannot be known"
    return f"No {' and no '.join(lacking)} is known: {follows}."


def is_drawn(days: pl.DataFrame) -> bool:
    """Return whether there is anything to draw over time: a value of some day."""
    return days["value"].null_count() < days.height


def remarks(view: CompleteView) -> list[str]:
    """Return why figures are missing or to be read with care, each once; what `notices` says is left out."""
    said = [warning.message for warning in view.warnings if warning.code not in _IN_NOTICES]
    return list(dict.fromkeys(_sentence(message) for message in said))


def _sentence(message: str) -> str:
    return formats.with_days(message[:1].upper() + message[1:])


def completeness(view: CompleteView) -> str:
    """Return in a sentence how much of the value is priced, and how freshly."""
    state = view.completeness
    if not state.holdings:
        return "Nothing is held."
    fresh = state.priced - state.stale
    parts = [f"{fresh} of {state.holdings} holdings priced within their last five sessions"]
    if state.stale:
        parts.append(f"{state.stale} by older closes")
    if state.missing:
        parts.append(f"{state.missing} without a value")
    return f"{'; '.join(parts)}. {amounts_in(view.base_currency)}"


def top(view: CompleteView) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Return the largest holdings first, and what each row is of the view; those without a value come last."""
    values = view.holdings.column("value_base")
    ordered = sorted(range(len(values)), key=lambda at: (values[at] is None, -(values[at] or 0)))
    rows = [view.holdings[at] for at in ordered[:TOP_HOLDINGS]]
    frame = pl.DataFrame(
        {column.title: [_top(row, column.field) for row in rows] for column in TOP_COLUMNS}, strict=False
    )
    return frame, tuple(f"holdings.{row.symbol}@{row.account}" for row in rows)


def top_figure(shown: pl.DataFrame, paths: Sequence[str], row: int, field: str) -> Figure:
    """Return what explains a figure of a row of `top`, which is what is shown and what each row is of the view."""
    if field != "gain_share":
        return f"{paths[row]}.{field}"
    return Composed(
        figure=f"{paths[row]}.gain_of_its_cost",
        value=shown.item(row, "Gain, %"),
        operation=Operation.QUOTIENT,
        parts=(f"{paths[row]}.unrealized_gain_base", f"{paths[row]}.cost_base"),
    )


def _top(row: Holding, field: str) -> Any:
    if field == "state":
        return _state(row)
    if field == "gain_share":
        gain, cost = row.unrealized_gain_base, row.cost_base
        return float(gain / cost) if gain is not None and cost else None
    return getattr(row, field)


def _state(holding: Holding) -> str:
    if holding.price_status is Status.MISSING:
        return "no price"
    if holding.fx_status is Status.MISSING:
        return "no rate"
    word = {Status.LIVE: "live", Status.CLOSE: "close", Status.STALE: "old"}[holding.price_status]
    return f"{word}, {formats.day(holding.price_date)}"
