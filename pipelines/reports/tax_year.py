"""A tax year on paper: what was realised, lot by lot, and the income of the year.

Belongs here: which rows and sums are printed, and in which words. Does not: the sums (`pipelines.portfolio.tax_years`),
the look of a page (`page`), what any country taxes.
"""

from collections.abc import Sequence
from typing import Any

from pipelines.formats import UNKNOWN, day, money, quantity
from pipelines.portfolio.exact import whole
from pipelines.portfolio.models import CompleteView, IncomeReceived, RealizedGain
from pipelines.reports import page

_TERMS = {"short": "Short", "long": "Long"}
_ABOUT_TERMS = (
    "A gain is proceeds less cost, both after fees and taxes of the trade, each at the exchange rate of its own day; "
    "beside it stands the gain before them, withheld taxes included. "
    "It is long-term where the sale was after the anniversary of the purchase. Lots are matched by {method}. Wash "
    "sales and 30-day rules are not applied. This is a list of what the ledger says and no tax advice."
)
_SALES = (
    "Sold on",
    "Symbol",
    "Account",
    "Bought on",
    "Quantity",
    "Days",
    "Term",
    "Proceeds",
    "Cost",
    "Gain",
    "Before fees, taxes",
)
_INCOME = ("Paid on", "Symbol", "Account", "Kind", "Gross", "Fee", "Tax", "Net")
_AMOUNTS = {
    "Disposals",
    "Quantity",
    "Days",
    "Proceeds",
    "Cost",
    "Gain",
    "Before fees, taxes",
    "Gross",
    "Fee",
    "Tax",
    "Net",
}


@page.legible
def tax_year(view: CompleteView, year: int) -> bytes:
    """Return the realised gains and the income of a calendar year as PDF.

    Args:
        view: The document, of the whole time until then.
        year: The calendar year; its sales and payments up to the view's date are in it.
    """
    sales = [row for row in view.realized_gains if row.sold_on.year == year]
    income = [row for row in view.income.received if row.date.year == year]
    name = view.provenance.portfolio_name or "Portfolio"
    parts = [
        page.figures(_headline(sales, income), size=page.LANDSCAPE),
        page.note(_ABOUT_TERMS.format(method=view.cost_method.value.upper())),
        page.heading("Realised gains by account and term"),
        *_grouped(sales),
        page.heading("Realised gains, lot by lot"),
        *_sales(sales),
        page.heading("Income"),
        *_income(income),
    ]
    about = f"{name}, amounts in {view.base_currency}, as of {day(view.as_of)}"
    return page.written(parts, title=f"Tax year {year}", about=about, size=page.LANDSCAPE)


def _headline(sales: Sequence[RealizedGain], income: Sequence[IncomeReceived]) -> list[tuple[str, str]]:
    terms = {term: whole([row.gain_base for row in sales if row.term == term]) for term in _TERMS}
    return [
        ("Short-term gain", money(terms["short"], signed=True)),
        ("Long-term gain", money(terms["long"], signed=True)),
        ("Gain, together", money(whole([row.gain_base for row in sales]), signed=True)),
        ("Income, gross", money(whole([row.gross_base for row in income]))),
        ("Tax withheld from it", money(whole([row.tax_base for row in income]))),
    ]


def _grouped(sales: Sequence[RealizedGain]) -> list[Any]:
    if not sales:
        return [page.text("Nothing was sold.")]
    keys = sorted({(row.account, row.term) for row in sales})
    groups = [(key, [row for row in sales if (row.account, row.term) == key]) for key in keys]
    lines = [[account, _TERMS[term], f"{len(rows)}", *_sums(rows)] for (account, term), rows in groups]
    headings = ("Account", "Term", "Disposals", "Proceeds", "Cost", "Gain", "Before fees, taxes")
    total = ["Together", "", f"{len(sales)}", *_sums(sales)]
    return [page.table(headings, lines, numbers=_AMOUNTS, total=total, size=page.LANDSCAPE)]


def _sums(rows: Sequence[RealizedGain]) -> list[str]:
    return [
        money(whole([row.proceeds_base for row in rows])),
        money(whole([row.cost_base for row in rows])),
        money(whole([row.gain_base for row in rows]), signed=True),
        money(whole([row.gain_before_fees_taxes_base for row in rows]), signed=True),
    ]


def _sales(sales: Sequence[RealizedGain]) -> list[Any]:
    if not sales:
        return [page.text("Nothing was sold.")]
    lines = [
        [
            day(row.sold_on),
            row.symbol,
            row.account,
            day(row.bought_on),
            quantity(row.quantity),
            f"{row.days_held:,}",
            _TERMS[row.term],
            money(row.proceeds_base),
            money(row.cost_base),
            money(row.gain_base, signed=True),
            money(row.gain_before_fees_taxes_base, signed=True),
        ]
        for row in sorted(sales, key=lambda row: (row.sold_on, row.symbol, row.bought_on))
    ]
    total = ["Together", *[""] * 6, *_sums(sales)]
    return [page.table(_SALES, lines, numbers=_AMOUNTS, total=total, size=page.LANDSCAPE)]


def _income(income: Sequence[IncomeReceived]) -> list[Any]:
    if not income:
        return [page.text("Nothing was paid.")]
    amounts = ("gross_base", "fee_base", "tax_base", "net_base")
    lines = [
        [
            day(row.date),
            row.symbol or UNKNOWN,
            row.account,
            row.type.replace("_", " ").capitalize(),
            *(money(getattr(row, name)) for name in amounts),
        ]
        for row in sorted(income, key=lambda row: (row.date, row.symbol or ""))
    ]
    total = ["Together", "", "", "", *(money(whole([getattr(row, name) for row in income])) for name in amounts)]
    return [page.table(_INCOME, lines, numbers=_AMOUNTS, total=total, size=page.LANDSCAPE)]
