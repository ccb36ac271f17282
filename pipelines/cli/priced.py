"""The price at which a sale that is thought of is valued, and how old it is.

Belongs here: taking it from the view, as `folio show` has it, and saying it. Does not: the sale
(`pipelines.portfolio.what_if`).
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from pipelines.cli.console import plain
from pipelines.cli.exits import CommandError
from pipelines.portfolio.complete import complete_view
from pipelines.portfolio.errors import OversoldError
from pipelines.portfolio.frames import LedgerFrames, MarketFrames
from pipelines.portfolio.models import Status
from pipelines.portfolio.what_if import SALE_ID, Sale


@dataclass(frozen=True, kw_only=True, slots=True)
class Priced:
    """A sale with its price; ``date`` and ``status`` are None where the person gave it, or it is not known."""

    sale: Sale
    date: dt.date | None = None
    status: Status | None = None

    @property
    def document(self) -> dict[str, Any]:
        """Return the price for JSON."""
        price = None if self.sale.price is None else plain(self.sale.price.normalize())
        return {
            "price": price,
            "price_currency": self.sale.currency,
            "price_date": plain(self.date) or None,
            "price_status": None if self.status is None else self.status.value,
        }

    @property
    def line(self) -> str:
        """Return the price with its day and status."""
        said = f"{self.sale.symbol} at {self.document['price']} {self.sale.currency or ''}".rstrip()
        return f"{said}, as given" if self.status is None else f"{said}: {self.status.value}, of {self.date}"

    @property
    def warning(self) -> str | None:
        """Return what to be careful about where the price is old."""
        if self.status is not Status.STALE:
            return None
        return f"The price of {self.sale.symbol} is stale: run `folio refresh`, or give one by --price."


def price_of(sale: Sale, ledger: LedgerFrames, market: MarketFrames, base_currency: str) -> Priced:
    """Return a sale with the price that its holding is shown at on its day, unless it has one.

    Raises:
        EngineError: If the ledger is refused.
    """
    view = complete_view(ledger, market, as_of=sale.date, base_currency=base_currency, include_history=False)
    held = next((row for row in view.holdings if (row.symbol, row.account) == (sale.symbol, sale.account)), None)
    if held is None:
        return Priced(sale=sale)
    if sale.price is not None or held.price is None:
        return Priced(sale=replace(sale, currency=held.currency))
    priced = replace(sale, price=held.price, currency=held.currency)
    return Priced(sale=priced, date=held.price_date, status=held.price_status)


@contextmanager
def of_what_is_held(sale: Sale) -> Iterator[None]:
    """Say how much there is where more is to be sold.

    Raises:
        CommandError: If it is more than is held.
    """
    try:
        yield
    except OversoldError as error:
        if error.transaction_id != SALE_ID:
            raise
        held = plain((sale.quantity - error.shortfall).normalize())
        message = f"{sale.account} holds {held} {sale.symbol} on {sale.date}: a sale of up to that can be previewed"
        raise CommandError(message) from error
