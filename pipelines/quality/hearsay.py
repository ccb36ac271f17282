"""What one provider says of a past that another has told.

Belongs here: leaving that out before it is judged. Does not: two providers beside each other on days of which prices
are fetched (`screens.providers`).

Every night brings the dividends of a quarter. When another provider answers for a night, it has its own idea of most
days and amounts; none of that is news, and what is stored stays.
"""

from dataclasses import replace

import polars as pl

from pipelines.quality.screens import Fetched, Known
from pipelines.quality.screens.repeated import MISDATED_DAYS
from warehouse.schema import market


def without_hearsay(fetched: Fetched, known: Known) -> Fetched:
    """Return a fetch without the dividends of before its prices that another provider has told of about their day.

    Args:
        fetched: As fetched; a frame without rows may be without columns.
        known: What is stored.
    """
    told, stored = fetched.dividends, known.dividends
    if not (told.height and stored.height and fetched.prices.height):
        return fetched
    own = market.OWN_FILES
    first = fetched.prices.group_by("symbol", "source").agg(first=pl.col("date").min())
    past = told.join(first, on=["symbol", "source"]).filter(
        pl.col("ex_date") < pl.col("first"), pl.col("source") != own
    )
    others = stored.filter(pl.col("source") != own).select("symbol", "kind", other="ex_date", other_source="source")
    apart = (pl.col("ex_date") - pl.col("other")).dt.total_days().abs()
    said = past.join(others, on=["symbol", "kind"]).filter(
        pl.col("source") != pl.col("other_source"), apart <= MISDATED_DAYS
    )
    key = ["symbol", "ex_date", "kind", "source"]
    return replace(fetched, dividends=told.join(said, on=key, how="anti", maintain_order="left"))
