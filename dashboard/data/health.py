"""How the data is: its age, what gates found, what is held back, how providers and runs do, what was published.

Belongs here: reading it for a page, accepting rows that are held back, asking a provider again. Does not: wording
(`views.data_health`), runs that failed since the publication (`runs`).
"""

import datetime as dt
import urllib.request
from collections.abc import Sequence

import polars as pl
import streamlit as st
from sqlalchemy.exc import DatabaseError

from dashboard.data.served import market_statements, now, ops, publication, reader, settings, today
from pipelines import releases
from pipelines.compared import compare
from pipelines.portfolio.difference import Difference
from pipelines.providers.health import ask_again, provider_health
from pipelines.providers.limits import limits_of
from warehouse.ledger import LedgerError
from warehouse.ops import note_killed
from warehouse.published import Publication, publications
from warehouse.schema.ops import QUALITY_RESULTS

LAST_RUNS = 100
_ANSWERS_WITHIN = 1.0


def tables() -> pl.DataFrame:
    """Return ``table_name, stored_rows, first_date, last_date, fetched_at`` of the tables that have days."""
    return _named("table_freshness", (), publication().id)


def symbols() -> pl.DataFrame:
    """Return every symbol with its last stored price and the sessions since, those that are held first."""
    return _named("symbol_freshness", (today(), now().replace(second=0, microsecond=0)), publication().id)


def rates() -> pl.DataFrame:
    """Return ``currency, last_date, per_eur, source, fetched_at`` of each currency."""
    return _named("rate_freshness", (), publication().id)


@st.cache_data(max_entries=12, ttl=3600, show_spinner=False)
def _named(query: str, parameters: tuple[object, ...], publication_id: str) -> pl.DataFrame:
    return reader().query_file(query, parameters, publication_id=publication_id)


def present() -> dt.datetime:
    """Return the present moment: runs and publications happen in it, whatever the clock of the figures says."""
    return dt.datetime.now(dt.UTC)


def runs() -> pl.DataFrame:
    """Return the last runs, newest first; one whose process is gone counts as killed."""
    record = ops()
    note_killed(record, settings().running_dir, now=present())
    return record.runs(LAST_RUNS)


def gates(run_id: str | None) -> pl.DataFrame:
    """Return what the gates of a run found, as `quality_results` declares it."""
    return QUALITY_RESULTS.empty() if run_id is None else ops().gates(run_id)


def held_back() -> tuple[pl.DataFrame, bool]:
    """Return every row ever held back, those that wait first, as `pipelines.releases.with_accepted` does.

    Returns:
        The rows, and whether more can be accepted: not while the ledger, which has what was, cannot be read.
    """
    rows = ops().quarantine().rows()
    try:
        return releases.with_accepted(rows, market_statements().releases()), True
    except (LedgerError, DatabaseError):
        return rows, False


def release(numbers: Sequence[int], reason: str) -> int:
    """Accept rows as they were fetched, and return how many findings that are; the next refresh takes them.

    Raises:
        NotReleasableError: If one cannot be accepted.
        InvalidValueError: If there is no reason.
        AcceptedAlreadyError: If somebody else has accepted them just now.
    """
    rows, _ = held_back()
    accepted = releases.releasable(numbers, rows)
    market_statements().release(settings().user, accepted, reason=reason)
    return len(accepted)


def providers() -> pl.DataFrame:
    """Return how each provider does now, as `provider_health` declares it."""
    stated = settings()
    return provider_health(
        ops().providers(),
        limits_of(stated),
        asked=frozenset((*stated.price_sources, *stated.fx_sources)),
        now=present(),
    )


def reset(source: str) -> None:
    """Have a provider asked again that is left alone."""
    ask_again(ops().providers(), source)


def kept_publications() -> list[Publication]:
    """Return the publications that are kept, the newest first."""
    return publications(settings())[::-1]


# A publication never changes, so a comparison of two is good for ever.
@st.cache_resource(max_entries=8, ttl=3600, show_spinner="Comparing")
def compared(portfolio_id: str, before: str, after: str) -> Difference:
    """Return what moved in a portfolio between two publications, and because of what.

    Raises:
        NoPublicationError: If one of them is not kept any more.
        NoPortfolioError: If one of them does not have the portfolio.
    """
    return compare(reader(), portfolio_id, before=before, after=after)


@st.cache_data(ttl=30, max_entries=1, show_spinner=False)
def dagster_address() -> str | None:
    """Return where the Dagster UI is served on this machine, None where it is not."""
    address = f"http://127.0.0.1:{settings().dagster_port}"
    try:
        with urllib.request.urlopen(f"{address}/server_info", timeout=_ANSWERS_WITHIN) as page:  # noqa: S310 - our own
            return address if b"dagster" in page.read(1000) else None
    except OSError:
        return None
