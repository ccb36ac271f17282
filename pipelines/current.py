"""The view of a portfolio as it stands: from the mart where that is current, else computed at once.

Belongs here: choosing between the two. Does not: gathering frames (`asked`), figures, pages, commands.
"""

import datetime as dt
from dataclasses import dataclass

from pipelines.asked import Asked, asked_view
from pipelines.portfolio.models import SECTIONS, CompleteView
from pipelines.portfolio.stored import LONG, StoredView, Texts
from warehouse.ledger import LedgerRepository, Portfolio
from warehouse.reader import Reader

_STILL_NOW = dt.timedelta(days=4)
"""For so long, a weekend with a holiday on each side, what was published is as it would be today but for its day; later
its prices have aged."""


@dataclass(frozen=True, slots=True)
class CurrentView:
    """A view and where it comes from; ``live`` where the publication is behind the ledger."""

    view: CompleteView
    live: bool


def current_view(reader: Reader, repository: LedgerRepository, portfolio: Portfolio, *, today: dt.date) -> CurrentView:
    """Return the published view if it is of the ledger's present version and of these days, else the same computed now.

    Raises:
        NoPublicationError: If there is no market to value with.
        EngineError: If the ledger is refused.
    """
    published = published_view(reader, portfolio)
    if published is not None and today - published.as_of <= _STILL_NOW:
        return CurrentView(published, live=False)
    return CurrentView(live_view(reader, repository, portfolio, today=today), live=published is None)


def published_view(reader: Reader, portfolio: Portfolio) -> CompleteView | None:
    """Return the mart's view of the portfolio's present version, None where there is none.

    Its long sections are read when somebody looks at them, from the same publication.
    """
    # One publication for all of it, though another may come out meanwhile.
    publication = reader.publication()
    top = reader.section(portfolio.portfolio_id, "top", publication_id=publication.id)
    if top is None or top[0] != portfolio.version:
        return None

    def read(*names: str) -> dict[str, str]:
        return reader.sections(portfolio.portfolio_id, names, publication_id=publication.id)

    short = read(*(name for name in SECTIONS if name not in LONG))
    return StoredView.of(Texts({"top": top[2], **short}, lambda name: read(name)[name]), publication_id=publication.id)


def live_view(reader: Reader, repository: LedgerRepository, portfolio: Portfolio, *, today: dt.date) -> CompleteView:
    """Compute the view from the ledger as it is and the market as published."""
    return asked_view(reader, repository, portfolio, Asked(as_of=today))
