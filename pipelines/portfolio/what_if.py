"""Transactions that are only thought of: on top of a ledger, and a sale's lots under each method (CALCULATIONS 2).

Belongs here: proposals; nothing here touches the ledger. Does not: which trades restore targets (`rebalancing`).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import polars as pl

from pipelines.portfolio.booked import Desk, Question, desk_of, market_splits, stated_splits
from pipelines.portfolio.checked import row_of
from pipelines.portfolio.errors import NoPriceError
from pipelines.portfolio.exact import known_money, money, total, whole
from pipelines.portfolio.frames import TRANSACTION_SCHEMA, LedgerFrames, MarketFrames, transaction_rows
from pipelines.portfolio.holdings import disposal
from pipelines.portfolio.models import CostMethod, RealizedGain, SalePreview
from pipelines.portfolio.prices import PriceBook
from pipelines.portfolio.trades import realized_gains
from pipelines.portfolio.transactions import transactions_of

PREVIEWED = (CostMethod.FIFO, CostMethod.LIFO, CostMethod.HIFO, CostMethod.AVERAGE)
SALE_ID = "proposed"


def proposed(ledger: LedgerFrames, rows: pl.DataFrame) -> LedgerFrames:
    """Return the ledger with rows on top of it.

    Args:
        ledger: The ledger as it is.
        rows: Some columns of ``TRANSACTION_SCHEMA``; without ids they are called ``proposed 1`` and so on, and without
            a ``time`` they come after all others of their kind on their day.

    Raises:
        FrameError: If a column lacks that a transaction needs, is a float, or has a digit that would be lost.
    """
    last = ledger.transactions["sequence"].max() or 0
    numbers = pl.int_range(1, pl.len() + 1)
    given = (
        rows
        if "transaction_id" in rows.columns
        else rows.with_columns(transaction_id=pl.format("proposed {}", numbers))
    )
    exact = transaction_rows(given.with_columns(sequence=last + numbers), name="proposed rows")
    exact = exact.with_columns(pl.col("time").fill_null(dt.time.max))
    return replace(ledger, transactions=pl.concat([ledger.transactions, exact]))


@dataclass(frozen=True, kw_only=True, slots=True)
class Sale:
    """A sale that is thought of.

    Args:
        account: From which account.
        symbol: What.
        quantity: Units.
        date: When; what is held then is what can be sold.
        price: A unit, in ``currency``; None for the price that counts on that day.
        currency: None for the instrument's.
        fee: In ``currency``.
        tax: In ``currency``.
        lot_id: The purchase to close, for a preview by specific lots.
    """

    account: str
    symbol: str
    quantity: Decimal
    date: dt.date
    price: Decimal | None = None
    currency: str | None = None
    fee: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)
    lot_id: str | None = None


def preview_sale(
    ledger: LedgerFrames,
    market: MarketFrames,
    sale: Sale,
    *,
    base_currency: str,
    cost_method: CostMethod = CostMethod.FIFO,
    methods: Sequence[CostMethod] = PREVIEWED,
) -> list[SalePreview]:
    """Return which lots a sale would close under each method, and its gain by term.

    What was sold before stays as the portfolio's own method matched it: only the sale itself is looked at anew.

    Args:
        ledger: The ledger.
        market: The market.
        sale: What is thought of.
        base_currency: Currency of the figures.
        cost_method: The portfolio's own method.
        methods: Those to compare.

    Raises:
        FrameError: If a number of the sale would have to be rounded, or is no Decimal.
        NoPriceError: If no price is given and there is none on or before the day.
        OversoldError: If it is more than is held.
    """
    asked = Question(sale.date, base_currency, cost_method)
    return [_previewed(desk_of(_with_sale(ledger, market, sale), market, asked), method) for method in methods]


def _with_sale(ledger: LedgerFrames, market: MarketFrames, sale: Sale) -> LedgerFrames:
    price, currency = sale.price, sale.currency
    if price is None or currency is None:
        known = _last_price(ledger, market, sale)
        price = known[0] if price is None else price
        currency = currency or known[1]
    row = {
        "transaction_id": SALE_ID,
        "date": sale.date,
        "type": "SELL",
        "account": sale.account,
        "symbol": sale.symbol,
        "quantity": sale.quantity,
        "price": price,
        "fee": sale.fee,
        "tax": sale.tax,
        "currency": currency,
        "lot_id": sale.lot_id,
    }
    kept = replace(ledger, transactions=ledger.transactions.filter(pl.col("date") <= sale.date))
    return proposed(kept, row_of(row, TRANSACTION_SCHEMA, name="the sale"))


def _last_price(ledger: LedgerFrames, market: MarketFrames, sale: Sale) -> tuple[Decimal, str]:
    of_market = market_splits(market.splits, {sale.symbol}, sale.date)
    stated = stated_splits(transactions_of(ledger.transactions), of_market)
    prices = PriceBook(market, {sale.symbol}, sale.date, [*of_market, *stated])
    quote, currency = prices.quote(sale.symbol, sale.date), prices.currency(sale.symbol)
    if quote.price is None or currency is None:
        raise NoPriceError(symbol=sale.symbol, date=sale.date)
    return known_money(quote.price), currency


def _previewed(desk: Desk, method: CostMethod) -> SalePreview:
    place = next(index for index, item in enumerate(desk.transactions) if item.transaction_id == SALE_ID)
    sale, booker = desk.transactions[place], desk.booker
    booker.book(desk.transactions[:place])
    booker.split_until(sale.date)
    known = len(booker.books.realized)
    booker.switch(method)
    booker.book([sale])
    booker.finish()
    closed = [disposal(row) for row in booker.books.realized[known:]]
    rows = realized_gains(closed)
    left = booker.books.lots[sale.account, sale.symbol or ""]
    return SalePreview(
        cost_method=method,
        proceeds_base=money(total(item.row.proceeds.base for item in closed)),
        cost_base=money(total(item.row.cost.base for item in closed)),
        gain_base=money(total(item.after.gain for item in closed)),
        short_term_gain_base=_of_term(rows, "short"),
        long_term_gain_base=_of_term(rows, "long"),
        remaining_cost_base=money(total(lot.open_costs.base for lot in left)),
        lots=rows,
    )


def _of_term(rows: Sequence[RealizedGain], term: str) -> Decimal | None:
    return whole(row.gain_base for row in rows if row.term == term)
