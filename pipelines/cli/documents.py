"""`folio show` and `folio report`: the complete view on a terminal or as JSON.

Belongs here: how the document reads in a terminal. Does not: computing it.
"""

from functools import partial
from pathlib import Path

from rich.markup import escape

from pipelines.cli.console import amount, out, percent, plain, table
from pipelines.cli.exits import CommandError, Exit
from pipelines.portfolio.models import CompleteView, Holding
from pipelines.portfolio.models.performance import DAYS_OF_A_YEAR

TOP_HOLDINGS = 15
PERIODS = ("1D", "MTD", "YTD", "1Y", "3Y", "5Y", "ITD")


def print_json(view: CompleteView) -> None:
    """Print the document as JSON: money as strings, ratios as numbers."""
    print(view.model_dump_json(by_alias=True, indent=2))  # noqa: T201 - the answer itself, unstyled


def given_out(
    view: CompleteView, *, as_json: bool, pdf: Path | None, locale: str = "en-GB", note: str | None = None
) -> None:
    """Write the document to a PDF if one is asked for, for readers of a locale, then print it as JSON or for a person.

    Raises:
        CommandError: If the file cannot be written, or there is no such locale.
    """
    if pdf is not None:
        from pipelines import formats  # noqa: PLC0415 - reading locales takes a while
        from pipelines.reports.complete import complete_report  # noqa: PLC0415 - half a second for few

        if not formats.is_locale(locale):
            message = f"there is no locale {locale!r}; one is written as en-GB or de-DE"
            raise CommandError(message, Exit.USAGE)
        reader = formats.Reader(formats.locale_of(locale))
        try:
            pdf.write_bytes(formats.made_for(reader, partial(complete_report, view)))
        except OSError as error:
            message = f"{pdf} cannot be written: {error.strerror}"
            raise CommandError(message, Exit.FAILED) from error
    if as_json:
        print_json(view)
    else:
        print_view(view, note=note)


def print_view(view: CompleteView, *, note: str | None = None) -> None:
    """Print the figures a person looks for first."""
    name = view.provenance.portfolio_name or "Portfolio"
    out.print(f"[bold]{escape(name)}[/bold]  {view.base_currency}, {view.as_of}, {view.cost_method}")
    if note:
        out.print(note)
    out.print(table(None, ("", ""), _figures(view), numbers=("",)))
    out.print(
        table(
            "Holdings",
            ("symbol", "account", "quantity", "price", "in", "of", "value", "gain", "weight"),
            _holdings(view),
            numbers=("quantity", "price", "of", "value", "gain", "weight"),
        )
    )
    if view.performance is not None:
        numbers = ("time-weighted", "money-weighted a year", "gain", "income")
        out.print(table("Returns", ("period", "from", *numbers), _periods(view), numbers=numbers))
    for line in _warnings(view):
        out.print(line, style="yellow", markup=False)


def _left_out(view: CompleteView) -> str:
    state = view.completeness
    unrated = sorted({balance.currency for balance in view.cash if balance.value_base is None})
    lacking = [f"{state.missing} of {state.holdings} holdings"] if state.missing else []
    lacking += [f"the cash in {currency}" for currency in unrated]
    return f"  without {' and '.join(lacking)}" if lacking else ""


def _figures(view: CompleteView) -> list[tuple[str, str]]:
    summary = view.summary
    return [
        ("Value", amount(summary.value) + _left_out(view)),
        ("Cash", amount(summary.cash)),
        (f"Day change{_of_day(view)}", f"{amount(summary.day_change, signed=True)}  {percent(summary.day_return)}"),
        ("Total gain", amount(summary.total_gain, signed=True)),
        ("Income", amount(summary.income)),
        ("Time-weighted return", f"{percent(summary.twr)}  ({percent(summary.twr_annualized)} a year)"),
        ("Money-weighted return", _yearly(view)),
    ]


def _of_day(view: CompleteView) -> str:
    """Return the day that a day's change is of, where it is not that of the view: no price has come since."""
    last = view.performance and view.performance.last_day
    return f" of {last}" if last and last != view.as_of else ""


def _yearly(view: CompleteView) -> str:
    """Return the money-weighted return, which means nothing as one of a year before a year is over."""
    days = view.performance.daily if view.performance else []
    if not days or (view.as_of - days[0].date).days >= DAYS_OF_A_YEAR:
        return f"{percent(view.summary.xirr)} a year"
    return f"{percent(view.summary.money_weighted)} since {days[0].date}"


def _holdings(view: CompleteView) -> list[tuple[str, ...]]:
    ordered = sorted(view.holdings, key=lambda holding: -(holding.value_base or 0))
    return [
        (
            escape(holding.symbol),
            escape(holding.account),
            f"{holding.quantity.normalize():,f}",
            "missing" if holding.price is None else f"{holding.price.normalize():f}",
            holding.currency or "",
            _priced(holding),
            amount(holding.value_base),
            amount(holding.unrealized_gain_base, signed=True),
            percent(holding.weight, signed=False),
        )
        for holding in ordered[:TOP_HOLDINGS]
    ]


def _priced(holding: Holding) -> str:
    """Return the day of a price, and what it is if it is not that day's close."""
    if holding.price_date is None:
        return str(holding.price_status)
    return plain(holding.price_date) + ("" if holding.price_status == "close" else f" {holding.price_status}")


def _periods(view: CompleteView) -> list[tuple[str, ...]]:
    known = {period.period: period for period in view.performance.periods} if view.performance else {}
    return [
        (
            name,
            plain(known[name].start),
            percent(known[name].twr),
            percent(known[name].xirr_of_a_year),
            amount(known[name].gain, signed=True),
            amount(known[name].income),
        )
        for name in PERIODS
        if name in known
    ]


def _warnings(view: CompleteView) -> list[str]:
    state = view.completeness
    lines = [warning.message for warning in view.warnings]
    if len(view.holdings) > TOP_HOLDINGS:
        lines.insert(0, f"{len(view.holdings) - TOP_HOLDINGS} smaller holdings are not shown here; --json has them all")
    if state.stale_symbols:
        lines.append(f"stale prices: {', '.join(state.stale_symbols)}")
    if state.stale_fx:
        lines.append(f"stale exchange rates: {', '.join(state.stale_fx)}")
    return lines
