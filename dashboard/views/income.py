"""What the Income page says: what was received, what is due, what is to come, what was withheld.

Belongs here: choosing, naming and summing what the document has by month, symbol and year. Does not: layout, charts,
which dividends are due (`pipelines.portfolio`), writing decisions (`data.dividends`).
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import polars as pl

from dashboard.views.columns import Column, Kind, titled
from dashboard.views.overview import Tile
from pipelines import formats
from pipelines.portfolio.models import CompleteView, IncomeDue, IncomeExpected, IncomeProjected, IncomeReceived, Rows

MOST_NAMES = 9
"""Symbols that have a colour of their own; the others come together."""
OTHERS, NO_SYMBOL = "Others", "Cash"
PERIODS = {"Month": "%Y-%m", "Year": "%Y"}
DUE, DECLARED, PROJECTED = "due, not confirmed", "declared", "projected"
INBOX = "Due"
"""The part of the page where dividends are confirmed."""
_MONTHS_AHEAD = 12
_ORDER = ("pay_date", "ex_date", "symbol", "account")
"""What the calendar goes by, where the ex-date stands for a pay date that is not known."""
_DAYS = pl.col("ex_date", "pay_date").cast(pl.Date)
"""Where there is no row, or none with such a day, a column is of no type."""

PAYMENT_COLUMNS = (
    Column("Date", "date", Kind.DATE),
    Column("Symbol", "symbol"),
    Column("Gross", "gross_base", Kind.MONEY, "Base currency."),
    Column("Withheld", "tax_base", Kind.MONEY, "Tax taken at the source, base currency."),
    Column("Fees", "fee_base", Kind.MONEY),
    Column("Net", "net_base", Kind.MONEY, "Gross less fees and what was withheld, base currency."),
    Column("Gross, local", "gross_local", Kind.MONEY, "As it was paid."),
    Column("Currency", "currency", help="As it was paid."),
    Column("Type", "type"),
    Column("Account", "account"),
)
MONTH_COLUMNS = (
    Column("Month", "month", Kind.MONTH),
    Column("Gross", "gross_base", Kind.MONEY),
    Column("Withheld", "tax_base", Kind.MONEY),
    Column("Net", "net_base", Kind.MONEY),
)
SYMBOL_COLUMNS = (
    Column("Symbol", "symbol"),
    Column("Received", "gross_base", Kind.MONEY, "Dividends, gross, base currency."),
    Column("Payments", "events", Kind.DAYS, "Days on which it has paid."),
    Column("Pays", "periodicity", help="By the median of the days between its payments."),
    Column("On cost", "yield_on_cost", Kind.RATE, "Paid in the last year, on what is held cost."),
    Column("Trailing", "trailing_yield", Kind.RATE, "Paid in the last year, on what is held is worth."),
    Column("Forward", "forward_yield", Kind.RATE, "Of the next twelve months, on what is held is worth."),
    Column("Average a year", "average_annual_yield", Kind.RATE, "Of every year with a payment, on its cost then."),
)
DUE_COLUMNS = (
    Column("Symbol", "symbol"),
    Column("Gross", "gross_base", Kind.MONEY, "Base currency."),
    Column("Pay date", "pay_date", Kind.DATE),
    Column("Ex-date", "ex_date", Kind.DATE),
    Column("Units", "quantity", Kind.QUANTITY, "Held at the close before the ex-date; of what is to come, held now."),
    Column("A unit", "amount_per_share", Kind.QUANTITY, "As declared."),
    Column("Gross, local", "gross_local", Kind.MONEY),
    Column("Currency", "currency", help="As it is paid."),
    Column("Account", "account"),
)
CALENDAR_COLUMNS = (
    *DUE_COLUMNS[:3],
    Column("State", "state", help=f"{DUE}; {DECLARED}; or {PROJECTED}: the last year's again."),
    *DUE_COLUMNS[3:],
)
WITHHELD_COLUMNS = (
    Column("Symbol", "symbol"),
    Column("Year", "year"),
    Column("Gross", "gross_base", Kind.MONEY),
    Column("Withheld", "tax_base", Kind.MONEY),
    Column("Rate", "rate", Kind.RATE, "Withheld on gross."),
    Column("Net", "net_base", Kind.MONEY),
)
_EXPLAINED = {Kind.MONEY, Kind.RATE, Kind.DAYS, Kind.QUANTITY}
FIGURES = {
    column.title: column.field
    for columns in (PAYMENT_COLUMNS, MONTH_COLUMNS, SYMBOL_COLUMNS, DUE_COLUMNS)
    for column in columns
    if column.kind in _EXPLAINED
}
"""The document's name of each column that has one of its figures, of whichever table."""


class Listed(NamedTuple):
    """A table, and what each of its rows is of the view."""

    frame: pl.DataFrame
    paths: tuple[str, ...]


def is_empty(view: CompleteView) -> bool:
    """Return whether nothing was received, is due or is to come."""
    income = view.income
    return not (income.received or income.expected or income.projected)


def tiles(view: CompleteView) -> list[Tile]:
    """Return the totals."""
    totals, currency = view.income.totals, view.base_currency
    due, coming = formats.count(len(view.income.expected)), formats.count(len(view.income.projected))
    said = (
        ("gross_base", "Received", totals.gross_base, "gross", "Dividends and interest, before fees and taxes."),
        ("tax_base", "Withheld", totals.tax_base, "at the source", "Tax that was taken before it was paid."),
        ("net_base", "Net", totals.net_base, "after deductions", "After fees and taxes."),
        ("expected_base", "Due", totals.expected_base, f"{due} not confirmed", "In no total until it is confirmed."),
        ("projected_base", "To come", totals.projected_base, f"{coming} in twelve months", "Declared or projected."),
    )
    return [
        Tile(key, f"{label}, {currency}", formats.money(value), detail, help=about, section="income.totals")
        for key, label, value, detail, about in said
    ]


def payments(view: CompleteView) -> Listed:
    """Return what was received, the newest first."""
    return _listed(view.income.received, PAYMENT_COLUMNS, "income.received", newest_by="date")


def payments_of(view: CompleteView, symbol: str, year: str) -> pl.DataFrame:
    """Return what a symbol, or `NO_SYMBOL`, paid in a year, the newest first."""
    in_year = pl.col("Date").cast(pl.Date).dt.strftime("%Y") == year
    return payments(view).frame.filter(in_year & (pl.col("Symbol").cast(pl.String).fill_null(NO_SYMBOL) == symbol))


def expected(view: CompleteView) -> Listed:
    """Return the dividends that nothing confirms, the newest first."""
    return _listed(view.income.expected, DUE_COLUMNS, "income.expected", newest_by="ex_date")


def _listed(
    rows: Rows[IncomeReceived] | Rows[IncomeExpected], columns: tuple[Column, ...], path: str, *, newest_by: str
) -> Listed:
    names = [column.field for column in columns]
    found = rows.frame(names).with_row_index("number").sort(newest_by, descending=True, maintain_order=True)
    return Listed(titled(found, columns), tuple(f"{path}.{number}" for number in found["number"]))


def months(view: CompleteView) -> Listed:
    """Return income by month, the newest first."""
    rows = list(reversed(view.income.by_month))
    return Listed(_of(rows, MONTH_COLUMNS), tuple(f"income.by_month.{row.month}" for row in rows))


def symbols(view: CompleteView) -> Listed:
    """Return what each symbol paid and yields, what paid most first."""
    rows = sorted(view.income.by_symbol, key=lambda row: (row.gross_base is None, -(row.gross_base or 0)))
    frame = _of(rows, SYMBOL_COLUMNS).with_columns(pl.col("Pays").cast(pl.String).str.to_lowercase())
    return Listed(frame, tuple(f"income.by_symbol.{row.symbol}" for row in rows))


def period_of(day: str, by: str) -> str:
    """Return the period that a place on an axis of days is in.

    >>> period_of("2026-03-01", "Month"), period_of("2026", "Year")
    ('2026-03', '2026')
    """
    return day[: {"Month": 7, "Year": 4}[by]]


def stacked(view: CompleteView, by: str) -> pl.DataFrame:
    """Return gross income by period and symbol for a chart: ``period, name, amount``, by name and then by period.

    Args:
        view: The document.
        by: One of `PERIODS`. Those that paid most have their own name, `MOST_NAMES` of them, the largest first;
            interest and the like is of `NO_SYMBOL`, the rest of `OTHERS` at the end. What is not known is left out.
    """
    rows = view.income.received.frame(["date", "symbol", "gross_base"]).drop_nulls("gross_base")
    named = rows.select(
        period=pl.col("date").cast(pl.Date).dt.strftime(PERIODS[by]),
        name=pl.col("symbol").cast(pl.String).fill_null(NO_SYMBOL),
        amount=pl.col("gross_base").cast(pl.Float64),
    )
    largest = named.group_by("name").agg(pl.col("amount").sum()).sort("amount", "name", descending=[True, False])
    own = largest["name"].head(MOST_NAMES).to_list()
    name = pl.when(pl.col("name").is_in(own)).then("name").otherwise(pl.lit(OTHERS))
    order = {label: place for place, label in enumerate([*own, OTHERS])}
    sums = named.with_columns(name).group_by("period", "name").agg(pl.col("amount").sum())
    return sums.sort(pl.col("name").replace_strict(order, return_dtype=pl.Int64), "period")


def calendar(view: CompleteView, by: str) -> Listed:
    """Return what is to be paid from the view's day on by one of its days, the next first.

    What was to be paid before, and nobody has confirmed, is in `expected` alone: of years, it would hide what comes.

    Args:
        view: The document.
        by: Title of the day: ``Pay date`` (where none is known, the ex-date stands for it) or ``Ex-date``.
    """
    income = view.income
    return _calendar(view.as_of, by, _ahead(income.expected, "expected"), _ahead(income.projected, "projected"))


def next_payments(view: CompleteView, most: int) -> Listed:
    """Return the first rows of the calendar by pay date; of thousands that nobody has confirmed, no more are read."""
    expected, projected = view.income.expected, view.income.projected
    today = view.as_of.isoformat()

    def coming_first(
        paid: dt.date | str | None, ex_date: dt.date | str, symbol: str, account: str
    ) -> tuple[bool, dt.date | str, str, str]:
        day = paid or ex_date
        return str(day) < today, day, symbol, account

    due, coming = (rows.first_by(coming_first, _ORDER, most) for rows in (expected, projected))
    parts = _ahead(expected.at(due), "expected", due), _ahead(projected.at(coming), "projected", coming)
    found = _calendar(view.as_of, "Pay date", *parts)
    return Listed(found.frame.head(most), found.paths[:most])


def _calendar(today: dt.date, by: str, *parts: pl.DataFrame) -> Listed:
    paid = pl.coalesce("pay_date", "ex_date")
    rows = pl.concat(parts, how="vertical_relaxed").with_columns(_DAYS).filter(paid >= today)
    found = rows.sort(paid if by == "Pay date" else "ex_date", "symbol", "account", maintain_order=True)
    return Listed(titled(found, CALENDAR_COLUMNS), tuple(found["path"]))


def not_confirmed(view: CompleteView) -> str | None:
    """Return in a sentence how many dividends were due that nobody has confirmed; None where none were."""
    number = len(view.income.expected)
    if not number:
        return None
    those = "1 dividend was due and is" if number == 1 else f"{formats.count(number)} dividends were due and are"
    return f"{those} not confirmed"


def _ahead(
    rows: Rows[IncomeExpected] | Rows[IncomeProjected], kind: str, numbers: Sequence[int] | None = None
) -> pl.DataFrame:
    """Return rows with their path in the document, by their numbers there, and their state."""
    names = [column.field for column in DUE_COLUMNS]
    state = pl.lit(DUE) if kind == "expected" else pl.col("basis").cast(pl.String)
    frame = rows.frame([*names, *(["basis"] if kind == "projected" else [])])
    number = pl.Series("number", range(len(rows)) if numbers is None else numbers, dtype=pl.Int64)
    return frame.with_columns(number).select(
        *names, path=pl.format(f"income.{kind}.{{}}", "number"), state=state.alias("state")
    )


def to_come(view: CompleteView) -> pl.DataFrame:
    """Return the next twelve months for a chart: ``month, basis, amount``, a row for each month and basis."""
    wanted = [*_next_months(view.as_of)]
    grid = pl.DataFrame({"month": wanted}).join(pl.DataFrame({"basis": [DECLARED, PROJECTED]}), how="cross")
    rows = view.income.projected.frame(["ex_date", "pay_date", "basis", "gross_base"])
    month = pl.coalesce("pay_date", "ex_date").dt.strftime("%Y-%m")
    sums = (
        rows.with_columns(_DAYS, pl.col("basis").cast(pl.String))
        .group_by("basis", month=month)
        .agg(amount=pl.col("gross_base").cast(pl.Float64).sum())
    )
    return grid.join(sums, on=["month", "basis"], how="left", maintain_order="left").with_columns(
        pl.col("amount").fill_null(0.0)
    )


def _next_months(day: dt.date) -> Iterator[str]:
    """Yield the month of a day and those of the year after it, and one more: payments come after their ex-dates."""
    first = day.year * 12 + day.month - 1
    for number in range(first, first + _MONTHS_AHEAD + 2):
        yield f"{number // 12}-{number % 12 + 1:02}"


def withheld(view: CompleteView) -> pl.DataFrame:
    """Return what was withheld by symbol and year, the newest year first; a sum with an unknown part is unknown."""
    rows = view.income.received.frame(["date", "symbol", "gross_base", "tax_base", "net_base"])
    sums = (
        rows.with_columns(
            pl.col("symbol").cast(pl.String).fill_null(NO_SYMBOL), year=pl.col("date").cast(pl.Date).dt.strftime("%Y")
        )
        .group_by("symbol", "year")
        .agg(*(_sum(name) for name in ("gross_base", "tax_base", "net_base")))
    )
    gross, tax = pl.col("gross_base").cast(pl.Float64), pl.col("tax_base").cast(pl.Float64)
    rate = pl.when(gross > 0).then(tax / gross)
    found = sums.with_columns(rate=rate).sort("year", "tax_base", "symbol", descending=[True, True, False])
    return titled(found, WITHHELD_COLUMNS)


def _sum(name: str) -> pl.Expr:
    return pl.when(pl.col(name).is_not_null().all()).then(pl.col(name).sum()).alias(name)


def label(due: IncomeDue) -> str:
    """Return how a dividend is named where one is chosen."""
    return f"{due.symbol}, {formats.day(due.ex_date)}, {formats.money(due.gross_local, due.currency)}, {due.account}"


def _of(rows: Sequence[object], columns: tuple[Column, ...]) -> pl.DataFrame:
    values = [tuple(getattr(row, column.field) for column in columns) for row in rows]
    return pl.DataFrame(values, schema=[column.title for column in columns], orient="row")
