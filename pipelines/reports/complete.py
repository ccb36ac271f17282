"""The whole view on paper: what it is worth, what is held, how it did, what it paid, and how far it can be trusted.

Belongs here: which figures of the document are printed, and in which order. Does not: the figures
(`pipelines.portfolio`), the look of a page (`page`), the tax year (`tax_year`).
"""

from typing import Any

from pipelines.formats import UNKNOWN, day, money, months, number, percent, price, quantity, with_days
from pipelines.portfolio.exact import whole
from pipelines.portfolio.models import AllocationRow, CompleteView, Holding, Performance
from pipelines.portfolio.paid_in import value_and_paid_in
from pipelines.reports import page
from pipelines.reports.lines import lines

_SIZE = page.LANDSCAPE
_DIMENSIONS = {
    "asset_class": "Asset class",
    "sector": "Sector",
    "country": "Country",
    "currency": "Currency",
    "account": "Account",
}
_RISK = {
    "volatility": "Volatility",
    "max_drawdown": "Largest drawdown",
    "var_95": "Value at risk, 95%",
    "cvar_95": "Expected shortfall, 95%",
    "tracking_error": "Tracking error",
    "alpha": "Alpha",
    "sharpe": "Sharpe",
    "sortino": "Sortino",
    "calmar": "Calmar",
    "omega": "Omega",
    "beta": "Beta",
    "information_ratio": "Information ratio",
    "effective_holdings": "Effective holdings",
}
_FRACTIONS = {"volatility", "max_drawdown", "var_95", "cvar_95", "tracking_error", "alpha"}


@page.legible
def complete_report(view: CompleteView) -> bytes:
    """Return the view as PDF, with the figures that pages and JSON have."""
    name = view.provenance.portfolio_name or "Portfolio"
    since = f", since {day(view.since)}" if view.since else ""
    known = f", as known on {day(view.provenance.known_on)}" if view.provenance.known_on else ""
    about = f"{name}, as of {day(view.as_of)}{since}{known}, amounts in {view.base_currency}"
    parts = [
        page.figures(_headline(view), size=_SIZE),
        *_trust(view),
        *_value(view.performance),
        *_holdings(view),
        *_allocations(view),
        *_performance(view),
        *_risk(view),
        *_income(view),
        *_origin(view),
    ]
    return page.written(parts, title="Portfolio report", about=about, size=_SIZE)


def _of_day(view: CompleteView) -> str:
    last = view.performance and view.performance.last_day
    return f", {day(last)}" if last and last != view.as_of else ""


def _headline(view: CompleteView) -> list[tuple[str, str]]:
    summary = view.summary
    return [
        ("Value", money(summary.value)),
        ("Cash", money(summary.cash)),
        ("Cost", money(summary.cost)),
        (f"Day change{_of_day(view)}", money(summary.day_change, signed=True)),
        ("Total return", money(summary.total_gain, signed=True)),
        ("Unrealised gain", money(summary.unrealized_gain, signed=True)),
        ("Realised gain", money(summary.realized_gain, signed=True)),
        ("Income, gross", money(summary.income)),
        ("Fees", money(summary.fees)),
        ("Taxes", money(summary.taxes)),
        ("Time-weighted", percent(summary.twr)),
        *_yearly(view),
        ("Simple return", percent(summary.simple_return)),
        ("Net invested", money(summary.net_invested)),
    ]


def _yearly(view: CompleteView) -> list[tuple[str, str]]:
    """Return the rates of a year once one is over; before that what the money paid in has made, as the pages do."""
    summary = view.summary
    if summary.spans_a_year:
        return [
            ("Time-weighted, a year", percent(summary.twr_annualized)),
            ("Money-weighted, a year (XIRR)", percent(summary.xirr)),
        ]
    since = f"since {day(view.since)}" if view.since else "since the first day"
    return [(f"Money-weighted, {since}", percent(summary.money_weighted))]


def _trust(view: CompleteView) -> list[Any]:
    """Say what the figures lack, each once."""
    state = view.completeness
    said = [f"{state.priced} of {state.holdings} holdings have a price, {state.stale} of these an old one."]
    if state.stale_fx:
        said.append(f"Old exchange rates: {', '.join(state.stale_fx)}.")
    said += [with_days(warning.message[:1].upper() + warning.message[1:]) for warning in view.warnings]
    return [page.note(line) for line in dict.fromkeys(said)]


def _value(performance: Performance | None) -> list[Any]:
    if performance is None or len(performance.daily) < 2:  # noqa: PLR2004 - a line has two ends
        return []
    days = value_and_paid_in(performance)
    if days["value"].count() < 2:  # noqa: PLR2004 - as above
        return []
    named = {"Value": days["value"].to_list(), "Paid in, net": days["paid_in"].to_list()}
    return [page.heading("Value and contributions"), lines(days["date"].to_list(), named, across=page.width(_SIZE))]


_HOLDINGS = (
    "Symbol",
    "Account",
    "Quantity",
    "Price",
    "Priced on",
    "Cost",
    "Value",
    "Weight",
    "Unrealised",
    "Total gain",
    "Time-weighted",
)


def _holdings(view: CompleteView) -> list[Any]:
    if not view.holdings:
        return [page.heading("Holdings"), page.text("Nothing is held.")]
    held = sorted(view.holdings, key=lambda row: (row.value_base is None, -(row.value_base or 0)))
    total = [
        "Together",
        "",
        "",
        "",
        "",
        money(view.summary.cost),
        money(whole(row.value_base for row in held)),
        "",
        money(view.summary.unrealized_gain, signed=True),
        "",
        "",
    ]
    table = page.table(
        _HOLDINGS,
        [_holding(row) for row in held],
        numbers=set(_HOLDINGS) - {"Symbol", "Account", "Priced on"},
        total=total,
        size=_SIZE,
    )
    return [page.heading("Holdings"), table]


def _holding(row: Holding) -> list[str]:
    return [
        row.symbol,
        row.account,
        quantity(row.quantity),
        price(row.price, row.currency),
        f"{day(row.price_date)}, {row.price_status.value}",
        money(row.cost_base),
        money(row.value_base),
        percent(row.weight, signed=False),
        money(row.unrealized_gain_base, signed=True),
        money(row.total_gain_base, signed=True),
        percent(row.twr),
    ]


def _allocations(view: CompleteView) -> list[Any]:
    found = [(label, row) for name, label in _DIMENSIONS.items() for row in view.allocations.get(name, [])]
    if not found:
        return []
    headings, rows = ["By", "Class", "Value", "Weight"], [_share(label, row) for label, row in found]
    if any(row.target is not None for _, row in found):
        headings += ["Target", "Drift"]
        for texts, (_, row) in zip(rows, found, strict=True):
            texts += [percent(row.target, signed=False), percent(row.drift)]
    return [page.heading("Allocation"), page.table(headings, rows, numbers=set(headings[2:]), size=_SIZE)]


def _share(label: str, row: AllocationRow) -> list[str]:
    return [label, row.key, money(row.value), percent(row.weight, signed=False)]


def _performance(view: CompleteView) -> list[Any]:
    performance = view.performance
    if performance is None or not performance.periods:
        return []
    headings = (
        "Period",
        "From",
        "To",
        "Time-weighted",
        "Without income",
        "Money-weighted, a year",
        "Gain",
        "Paid in, net",
        "Income",
    )
    rows = [
        [
            row.period,
            day(row.start),
            day(row.end),
            percent(row.twr),
            percent(row.price_return),
            percent(row.xirr_of_a_year),
            money(row.gain, signed=True),
            money(row.flow),
            money(row.income),
        ]
        for row in performance.periods
    ]
    parts = [page.heading("Performance"), page.table(headings, rows, numbers=set(headings[3:]), size=_SIZE)]
    parts += _benchmark(view) + _months(performance)
    if performance.drawdowns:
        falls = [
            [day(row.peak), day(row.trough), day(row.recovery), percent(row.depth)] for row in performance.drawdowns
        ]
        parts += [
            page.heading("Drawdowns"),
            page.table(("Peak", "Trough", "Made good", "Depth"), falls, numbers={"Depth"}, size=_SIZE),
        ]
    return parts


def _benchmark(view: CompleteView) -> list[Any]:
    other = view.benchmark
    if other is None:
        return []
    words = f"The same flows in {other.symbol}: value {money(other.value)}, gain {money(other.gain, signed=True)}, "
    return [page.text(f"{words}time-weighted {percent(other.twr)}, money-weighted {percent(other.xirr)} a year.")]


def _months(performance: Performance) -> list[Any]:
    by_year: dict[int, list[str]] = {}
    for row in performance.monthly:
        by_year.setdefault(row.year, [""] * 12)[row.month - 1] = percent(row.twr, decimals=1)
    lines_of = [[f"{year}", *texts] for year, texts in sorted(by_year.items(), reverse=True)]
    table = page.table(("Year", *months()), lines_of, numbers=set(months()), size=_SIZE)
    return [page.heading("Returns by month"), table] if lines_of else []


def _risk(view: CompleteView) -> list[Any]:
    if view.risk is None:
        return []
    texts = [(label, _measured(name, getattr(view.risk, name))) for name, label in _RISK.items()]
    about = "of a year" if view.risk.annualized else "of the days there are, under a year"
    return [page.heading("Risk"), page.figures(texts, size=_SIZE), page.note(f"Figures are {about}.")]


def _measured(name: str, value: float | None) -> str:
    return percent(value, signed=False) if name in _FRACTIONS else number(value)


def _income(view: CompleteView) -> list[Any]:
    rows = [
        [
            row.symbol,
            money(row.gross_base),
            row.periodicity.lower() if row.periodicity else UNKNOWN,
            percent(row.yield_on_cost, signed=False),
            percent(row.trailing_yield, signed=False),
            percent(row.forward_yield, signed=False),
        ]
        for row in view.income.by_symbol
    ]
    if not rows:
        return []
    headings = ("Symbol", "Gross", "Paid", "Yield on cost", "Trailing yield", "Forward yield")
    totals = view.income.totals
    words = f"Received {money(totals.gross_base)} gross, {money(totals.net_base)} net; expected "
    words += f"{money(totals.expected_base)}; of the next twelve months {money(totals.projected_base)}."
    return [
        page.heading("Income"),
        page.text(words),
        page.table(headings, rows, numbers=set(headings) - {"Symbol", "Paid"}, size=_SIZE),
    ]


def _origin(view: CompleteView) -> list[Any]:
    origin = view.provenance
    said = [
        f"Lots by {view.cost_method.value.upper()}",
        f"engine {origin.engine_version}",
        *([f"ledger version {origin.ledger_version}"] if origin.ledger_version is not None else []),
        *([f"publication {origin.publication_id}"] if origin.publication_id else []),
    ]
    return [page.note("; ".join(said) + ".")]
