"""What the Tax page says: gains by year, term and account, open lots, what a sale would gain under each method.

Belongs here: choosing and naming what the document and the engine have. Does not: gains, terms and sums
(`pipelines.portfolio`), layout, the printed year (`pipelines.reports.tax_year`).
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from dashboard.views.columns import Column, Kind, figures, titled
from dashboard.views.overview import Tile
from dashboard.views.typed import TypedError, positive
from pipelines import formats
from pipelines.portfolio.exact import whole
from pipelines.portfolio.explain import Composed, Explanation, Figure, Less, Operation
from pipelines.portfolio.models import CompleteView, Holding, RealizedGain, SalePreview, Status
from pipelines.portfolio.tax_years import realized_by
from pipelines.portfolio.what_if import Sale
from warehouse.schema.types import MONEY, PRICE, QUANTITY

_BEFORE = Column(
    "Before fees, taxes",
    "gain_before_fees_taxes_base",
    Kind.GAIN,
    "The gain without the fees and taxes of purchase and sale, also those that were withheld.",
)
_AMOUNTS = (
    Column("Gain", "gain_base", Kind.GAIN, "Proceeds less cost."),
    _BEFORE,
    Column("Proceeds", "proceeds_base", Kind.MONEY, "After fees and taxes of the sale, base currency."),
    Column("Cost", "cost_base", Kind.MONEY, "Fees and taxes of the purchase included, base currency."),
    Column("Disposals", "disposals", Kind.DAYS, "Lots, or parts of them, that were closed."),
)
YEAR_COLUMNS = (Column("Year", "year"), Column("Term", "term"), *_AMOUNTS)
ACCOUNT_COLUMNS = (Column("Account", "account"), Column("Term", "term"), *_AMOUNTS)
ROW_COLUMNS = (
    Column("Sold on", "sold_on", Kind.DATE),
    Column("Symbol", "symbol"),
    Column("Gain", "gain_base", Kind.GAIN, "Proceeds less cost."),
    Column("Term", "term", help="long where it was sold after the anniversary of its purchase"),
    Column("Account", "account"),
    Column("Bought on", "bought_on", Kind.DATE),
    Column("Quantity", "quantity", Kind.QUANTITY),
    Column("Days held", "days_held", Kind.DAYS),
    Column("Proceeds", "proceeds_base", Kind.MONEY),
    Column("Cost", "cost_base", Kind.MONEY),
    _BEFORE,
    Column("Price effect", "price_effect_base", Kind.GAIN, "What of the gain its price made."),
    Column("FX effect", "fx_effect_base", Kind.GAIN, "What of the gain the exchange rate made."),
)
FIGURES = figures(ROW_COLUMNS)
SUM_FIGURES = figures(_AMOUNTS)
LOT_COLUMNS = (
    Column("Symbol", "symbol"),
    Column("Unrealised gain", "unrealized_gain_base", Kind.GAIN),
    Column("Days to long", "days_to_long", Kind.DAYS, "Until a sale would be a long-term one; 0 from then on."),
    Column("Account", "account"),
    Column("Bought on", "bought_on", Kind.DATE),
    Column("Quantity", "quantity", Kind.QUANTITY),
    Column("Cost", "cost_base", Kind.MONEY),
    Column("Value", "value_base", Kind.MONEY, "The lot's share of its holding's value by units."),
    Column("Term", "term"),
    Column("Long from", "long_on", Kind.DATE, "The day after the anniversary of the purchase."),
)
LOT_FIGURES = {
    "Unrealised gain": "unrealized_gain_base",
    "Quantity": "quantity",
    "Cost": "cost_base",
    "Value": "value_base",
}
SALE_COLUMNS = (
    Column("Method", "cost_method"),
    Column("Gain", "gain_base", Kind.GAIN, "Proceeds less cost, base currency."),
    Column("Short-term", "short_term_gain_base", Kind.GAIN),
    Column("Long-term", "long_term_gain_base", Kind.GAIN),
    Column("Proceeds", "proceeds_base", Kind.MONEY),
    Column("Cost", "cost_base", Kind.MONEY),
    Column("Cost left", "remaining_cost_base", Kind.MONEY, "Of what stays in the account."),
    Column("Lots", "lots"),
)


def by_year(gains: pl.DataFrame) -> pl.DataFrame:
    """Return the realised gains of every year by term, the newest first."""
    found = realized_by(gains, "year", "term").with_columns(pl.col("year").cast(pl.String))
    return titled(found, YEAR_COLUMNS)


def by_account(gains: pl.DataFrame, year: int) -> pl.DataFrame:
    """Return the realised gains of a year by account and term."""
    found = realized_by(gains.filter(pl.col("sold_on").dt.year() == year), "account", "term")
    return titled(found, ACCOUNT_COLUMNS)


def rows(gains: pl.DataFrame, year: int) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Return what was closed in a year lot by lot, the newest first, and what each row is of the view."""
    found = (
        gains.with_row_index("number")
        .filter(pl.col("sold_on").dt.year() == year)
        .sort("sold_on", descending=True, maintain_order=True)
    )
    return titled(found, ROW_COLUMNS), tuple(f"realized_gains.{number}" for number in found["number"])


def made_of(gains: pl.DataFrame, field: str, currency: str, **of: str | int) -> Composed:
    """Return what a sum of realised gains is made of.

    Args:
        gains: The document's realised gains, in its order.
        field: Which figure of them; ``disposals`` is how many there are.
        currency: Base currency.
        of: The ``year``, ``term`` or ``account`` that they are of.
    """
    rows = gains.with_row_index("number").with_columns(year=pl.col("sold_on").dt.year()).filter(**of)
    counted = field == "disposals"
    name = "quantity" if counted else field
    return Composed(
        figure=" ".join(str(part) for part in (*of.values(), field)),
        value=rows.height if counted else whole(rows[name]),
        operation=Operation.COUNT if counted else Operation.SUM,
        parts=tuple(f"realized_gains.{number}.{name}" for number in rows["number"]),
        unit=None if counted else currency,
    )


def lots(found: pl.DataFrame) -> pl.DataFrame:
    """Return open lots, as the engine has them, those that become long-term next first, long ones last."""
    return found.sort(pl.col("days_to_long") == 0, "days_to_long", maintain_order=True)


def lot_figure(view: CompleteView, lot: Mapping[str, Any], field: str) -> Figure:
    """Return what explains a figure of an open lot, a row of `lots`."""
    holding = f"holdings.{lot['symbol']}@{lot['account']}"
    name = f"{holding}.lots.{lot['lot']}"
    if field == "value_base":
        return _lot_value(view, lot, holding)
    if field == "unrealized_gain_base":
        parts = (_lot_value(view, lot, holding), Less(f"{name}.cost_base"))
        return _summed(f"{name}.{field}", lot[field], parts, view.base_currency)
    return f"{name}.{field}"


def _lot_value(view: CompleteView, lot: Mapping[str, Any], holding: str) -> Composed:
    held = next(row for row in view.holdings if (row.symbol, row.account) == (lot["symbol"], lot["account"]))
    name = f"{holding}.lots.{lot['lot']}"
    share = Composed(
        figure="its share of the units",
        value=float(lot["quantity"] / held.quantity),
        operation=Operation.QUOTIENT,
        parts=(f"{name}.quantity", f"{holding}.quantity"),
    )
    return Composed(
        figure=f"{name}.value_base",
        value=lot["value_base"],
        operation=Operation.PRODUCT,
        parts=(f"{holding}.value_base", share),
        unit=view.base_currency,
        note="the last lot has what rounding left",
    )


def _summed(figure: str, value: Decimal | None, parts: Iterable[Figure | Less], currency: str) -> Composed:
    return Composed(figure=figure, value=value, operation=Operation.SUM, parts=tuple(parts), unit=currency)


def terms(gains: pl.DataFrame, year: int, currency: str) -> list[Tile]:
    """Return the gain of a year by term and of both as headline figures."""
    made = {
        "Short-term gain": made_of(gains, "gain_base", currency, year=year, term="short"),
        "Long-term gain": made_of(gains, "gain_base", currency, year=year, term="long"),
        "Gain of the year": made_of(gains, "gain_base", currency, year=year),
    }
    return [Tile(label.lower().replace(" ", "_"), label, _amount(one), made=one) for label, one in made.items()]


def _amount(made: Composed) -> str:
    return formats.money(made.value if isinstance(made.value, Decimal) else None, signed=True)


def sellable(view: CompleteView) -> dict[str, Holding]:
    """Return what could be sold, by symbol and account."""
    return {f"{row.symbol}, {row.account}": row for row in view.holdings if row.quantity > 0}


def sale(holding: Holding, on: dt.date, *, units: str, price: str, fee: str, tax: str) -> Sale:
    """Return a sale as it was typed; without units all of the holding, without a price the last known.

    Raises:
        TypedError: If something typed is no number from 0 on, has more digits than are kept, or no unit is sold.
    """
    sold = positive(units, "The number of units", QUANTITY)
    if sold == 0:
        raise TypedError("The number of units is 0: a number above it is expected, or nothing for all of them.")
    return Sale(
        account=holding.account,
        symbol=holding.symbol,
        quantity=holding.quantity if sold is None else sold,
        date=on,
        price=positive(price, "The price", PRICE),
        currency=holding.currency,
        fee=positive(fee, "The fee", MONEY) or Decimal(0),
        tax=positive(tax, "The tax", MONEY) or Decimal(0),
    )


def asked(holding: Holding, proposed: Sale) -> str:
    """Return what is thought of, and at which price of which day."""
    what = f"{formats.quantity(proposed.quantity)} {holding.symbol} on {formats.day(proposed.date)}"
    if proposed.price is not None:
        return f"{what}, at {formats.price(proposed.price, holding.currency)} as given."
    old = " The price is old." if holding.price_status is Status.STALE else ""
    price = formats.price(holding.price, holding.currency)
    return f"{what}, at {price}: {holding.price_status} of {formats.day(holding.price_date)}.{old}"


def previewed(found: Sequence[SalePreview]) -> pl.DataFrame:
    """Return a row a method: what a sale would gain, and which lots it would close."""
    kinds: list[Any] = [pl.String, *[MONEY] * 6, pl.String]
    made = [
        (
            row.cost_method.value.upper(),
            *(getattr(row, column.field) for column in SALE_COLUMNS[1:-1]),
            "; ".join(f"{formats.quantity(lot.quantity)} of {formats.day(lot.bought_on)}" for lot in row.lots),
        )
        for row in found
    ]
    titles = [column.title for column in SALE_COLUMNS]
    return pl.DataFrame(made, schema=dict(zip(titles, kinds, strict=True)), orient="row")


SALE_FIGURES = {
    "Gain": "gain_base",
    "Short-term": "short_term_gain_base",
    "Long-term": "long_term_gain_base",
    "Proceeds": "proceeds_base",
    "Cost": "cost_base",
}
_OF_TERM = {"short_term_gain_base": "short", "long_term_gain_base": "long"}


def sale_figure(preview: SalePreview, field: str, currency: str) -> Figure:
    """Return what a figure of a sale is made of: of the lots that it would close."""
    term = _OF_TERM.get(field)
    lots = [lot for lot in preview.lots if term is None or lot.term == term]
    name = field if field in {"proceeds_base", "cost_base"} else "gain_base"
    parts = (_closed(lot, name, currency) for lot in lots)
    return _summed(f"{preview.cost_method.value} {field}", getattr(preview, field), parts, currency)


def _closed(lot: RealizedGain, field: str, currency: str) -> Figure:
    name = f"{field} of {formats.quantity(lot.quantity)} bought on {lot.bought_on}"
    if field == "gain_base":
        parts = (_closed(lot, "proceeds_base", currency), Less(_closed(lot, "cost_base", currency)))
        return _summed(name, lot.gain_base, parts, currency)
    source = f"transactions {lot.buy_id}" if field == "cost_base" else None
    return Explanation(figure=name, value=getattr(lot, field), unit=currency, source=source)
