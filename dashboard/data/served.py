"""What this server serves from: its settings, the stores behind them, and what every page asks first.

Belongs here: opening the stores once, portfolios, the publication, today. Does not: figures (`figures`), one symbol
(`symbols`), runs (`runs`).
"""

import datetime as dt
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import streamlit as st
from sqlalchemy.engine import make_url

from warehouse.errors import ChangedPublicationError, VanishedPublicationError
from warehouse.ledger import Ledger, LedgerError, LedgerRepository, Portfolio
from warehouse.ledger.market_statements import MarketStatements
from warehouse.ops import Ops
from warehouse.published import latest, publications, vanished
from warehouse.reader import Publication, Reader
from warehouse.seals import earlier, is_as_sealed, sealed_bytes
from warehouse.settings import Settings


@st.cache_resource(max_entries=1)
def settings() -> Settings:
    """Return the settings of this server."""
    return Settings()


@st.cache_resource(max_entries=1)
def reader() -> Reader:
    """Return the reader of publications."""
    return Reader(settings())


@st.cache_resource(max_entries=1)
def ops() -> Ops:
    """Return the record of what happened."""
    return Ops.open(settings().ops_url)


@st.cache_resource(max_entries=1)
def _opened() -> Ledger:
    settings().home.mkdir(parents=True, exist_ok=True)
    missing = _missing_file()
    if missing is not None and publications(settings()):
        raise LedgerGoneError(missing)
    return Ledger.open(settings().ledger_url)


def _ledger() -> Ledger:
    """Return the ledger, of which nothing is asked where its file is no more: that would put an empty one there."""
    opened = _opened()
    if (missing := _missing_file()) is not None:
        raise LedgerGoneError(missing)
    return opened


def own_ledger() -> LedgerRepository:
    """Return the ledger of this server's user.

    Raises:
        LedgerGoneError: If the ledger's file was taken away, before this server began or since.
    """
    _ledger()
    return _own()


@st.cache_resource(max_entries=1)
def _own() -> LedgerRepository:
    return _opened().for_user(settings().user)


def market_statements() -> MarketStatements:
    """Return what people state about the market, which is one for all users.

    Raises:
        LedgerGoneError: As `own_ledger`.
    """
    return _ledger().market()


def is_demo() -> bool:
    """Return whether the ledger is the demo's, which takes nothing of a person's own."""
    return _ledger().kind() == "demo"


def now() -> dt.datetime:
    """Return the moment that counts as now: the end of a day that the clock stands at."""
    still = settings().clock
    return dt.datetime.combine(still, dt.time.max, dt.UTC) if still else dt.datetime.now(dt.UTC)


def today() -> dt.date:
    """Return the day that counts as today."""
    return settings().clock or dt.datetime.now(dt.UTC).date()


class LedgerGoneError(LedgerError):
    """The ledger's file was there and is no more; opening it would put an empty one in its place."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"it is no more at {path}, though figures were published from it; bring it back there from a copy and "
            "reload this page, or begin an empty one with `folio init`"
        )


def _missing_file() -> Path | None:
    """Return the ledger's file if it is one and not there."""
    url = make_url(settings().ledger_url)
    path = Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None
    return None if path is None or path.exists() else path


def portfolios() -> list[Portfolio]:
    """Return the user's portfolios, by name.

    Raises:
        LedgerGoneError: As `own_ledger`.
    """
    return own_ledger().portfolios()


def create_portfolio(name: str, base_currency: str, cost_method: str) -> Portfolio:
    """Make a portfolio of this server's user; from then on the home is a person's own, unless it is the demo's.

    Raises:
        LedgerError: If the ledger refuses it.
    """
    made = own_ledger().create_portfolio(name, base_currency, cost_method=cost_method)
    if _ledger().kind() is None:
        _ledger().mark("own")
    return made


@dataclass(frozen=True, slots=True)
class Versions:
    """What figures depend on: the newest publication and the version of each portfolio."""

    publication: str | None
    ledger: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, published: Publication | None, owned: Sequence[Portfolio]) -> "Versions":
        """Return the versions of what was read."""
        ledger = tuple((portfolio.portfolio_id, portfolio.version) for portfolio in owned)
        return cls(published.id if published else None, ledger)


def versions() -> Versions:
    """Return what is the newest now.

    Raises:
        ChangedPublicationError: If the file of the newest publication is no more what this server began to read.
        LedgerGoneError: If the ledger's file was taken away.
    """
    published = newest_publication()
    if published is not None:
        _hold_to_its_seal(published.path)
    return Versions.of(published, portfolios())


def _hold_to_its_seal(path: Path) -> None:
    with suppress(FileNotFoundError):  # the next look finds the one that took its place
        stamp = _stamp(path)
        if stamp != _first_stamp(path) and (error := _fault(path, stamp)) is not None:
            raise error


def _stamp(path: Path) -> tuple[int, int]:
    """Return what tells without reading a file whether it may have changed."""
    found = path.stat()
    return found.st_size, found.st_mtime_ns


@st.cache_resource(max_entries=8, show_spinner=False)
def _first_stamp(path: Path) -> tuple[int, int] | None:
    """Return the first stamp, None if it is of another file than was published: a page may have read that before."""
    found = _stamp(path)
    return found if sealed_bytes(path) in {None, found[0]} else None


@st.cache_resource(max_entries=8, show_spinner=False)
def _fault(path: Path, stamp: tuple[int, int]) -> ChangedPublicationError | None:
    del stamp  # of the key only: a file is read once for each
    if is_as_sealed(path, path):
        return None
    return ChangedPublicationError(path, settings().warehouse_link, earlier(path))


def newest_publication() -> Publication | None:
    """Return the newest publication, None where there is none yet."""
    return latest(settings())


def is_whole(published: Publication | None) -> bool:
    """Return whether a publication, if there is one, is still the file that this server began to read."""
    try:
        if published is not None:
            _hold_to_its_seal(published.path)
    except ChangedPublicationError:
        return False
    return True


def gone() -> VanishedPublicationError | None:
    """Return what is to be said where something was published and its file is no more."""
    path = vanished(settings())
    return None if path is None else VanishedPublicationError(path)


def publication() -> Publication:
    """Return the newest publication.

    Raises:
        NoPublicationError: If nothing was published yet.
    """
    return reader().publication()
