"""The view of a portfolio as it stands: from the mart where that is current, else computed at once.

Belongs here: choosing between the two. Does not: gathering frames (`asked`), figures, pages, commands.
"""

import datetime as dt
from dataclasses import dataclass

from pipelines.asked import Asked, asked_view
from pipelines.portfolio.models import SECTIONS, CompleteView
from pipelines.portfolio.stored import StoredView
from warehouse.ledger import LedgerRepository, Portfolio
from warehouse.reader import Reader


@dataclass(frozen=True, slots=True)
class CurrentView:
    """A view and where it comes from; ``live`` where the publication is behind the ledger."""

    view: CompleteView
    live: bool


def current_view(reader: Reader, repository: LedgerRepository, portfolio: Portfolio, *, today: dt.date) -> CurrentView:
    """Return the published view if it is of the ledger's present version, else the same computed now.

    Raises:
        NoPublicationError: If there is no market to value with.
        EngineError: If the ledger is refused.
    """
    published = published_view(reader, portfolio)
    if published is not None:
        return CurrentView(published, live=False)
    return CurrentView(live_view(reader, repository, portfolio, today=today), live=True)


def published_view(reader: Reader, portfolio: Portfolio) -> CompleteView | None:
    """Return the mart's view of the portfolio's present version, None where there is none."""
    # One publication for all of it, though another may come out meanwhile.
    publication = reader.publication()
    top = reader.section(portfolio.portfolio_id, "top", publication_id=publication.id)
    if top is None or top[0] != portfolio.version:
        return None
    parts = reader.sections(portfolio.portfolio_id, SECTIONS, publication_id=publication.id)
    return StoredView.of({"top": top[2], **parts}, publication_id=publication.id)


def live_view(reader: Reader, repository: LedgerRepository, portfolio: Portfolio, *, today: dt.date) -> CompleteView:
    """Compute the view from the ledger as it is and the market as published."""
    return asked_view(reader, repository, portfolio, Asked(as_of=today))
