"""One symbol: its prices and what happened to it.

Belongs here: what a page shows of a symbol beside the document. Does not: its figures as a holding (`figures`).
"""

import polars as pl
import streamlit as st

from dashboard.chosen import Chosen
from dashboard.data.served import newest_publication, own_ledger, reader
from dashboard.data.statements import instruments
from dashboard.views import holdings
from pipelines import formats
from warehouse.schema.market import SPLIT_HISTORY
from warehouse.schema.types import PRICE

_LINE = pl.Schema(
    {
        "date": pl.Date(),
        "close": PRICE,
        "split_adjusted_close": pl.Float64(),
        "adjusted_close": pl.Float64(),
        "currency": pl.String(),
    }
)


def price_line(chosen: Chosen | None, symbol: str) -> pl.DataFrame:
    """Return the published closes of a symbol, those that its owner states where there are none.

    The columns are ``date, close, split_adjusted_close, adjusted_close, currency``. Before anything is published, and
    where no portfolio is chosen, nobody has stated any.
    """
    publication = newest_publication()
    published = _price_line(symbol, publication.id) if publication else pl.DataFrame(schema=_LINE)
    if chosen is None or not published.is_empty():
        return published
    stated = instruments(chosen.portfolio).prices.filter(pl.col("symbol") == symbol)
    close = pl.col("close")
    return stated.select("date", "close", "currency", split_adjusted_close=close, adjusted_close=close)


def marks(chosen: Chosen, symbol: str) -> pl.DataFrame:
    """Return what happened to a symbol until the day that is looked at, as `views.holdings.marks` has it."""
    rows = reader().table(SPLIT_HISTORY, where={"symbol": [symbol]})
    splits = [
        (row["ex_date"], f"{formats.quantity(row['ratio_new'])}:{formats.quantity(row['ratio_old'])}")
        for row in rows.iter_rows(named=True)
    ]
    own = own_ledger()
    found = holdings.marks(own.transactions(chosen.portfolio.portfolio_id), symbol, splits)
    return found.filter(pl.col("date") <= chosen.as_of)


@st.cache_data(max_entries=64, show_spinner=False)
def _price_line(symbol: str, publication_id: str) -> pl.DataFrame:
    return reader().query_file("price_line", [symbol], publication_id=publication_id)
