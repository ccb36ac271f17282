"""New rates of a source that says something else than another has said so far.

Belongs here: what the days that both tell say of those that only one does. Does not: the shared days themselves
(`providers`), leaps and reciprocals (`rates`, `inverted`), closes (`retold`).

A source that stands in for another and is more than one percent off three of the last five days that both tell counts
in something else: another rate of the currency, or a fault. Its new days would move whatever is held in that currency.
"""

import polars as pl

from pipelines.quality.screens.providers import DISAGREE
from pipelines.quality.screens.retold import ANOTHER, WEEK
from pipelines.quality.screens.shape import Fetched, Known, found, text
from warehouse.schema import market
from warehouse.schema.market import OWN_FILES

_DAY, _SERIES = ["currency", "date"], ["currency", "source"]


def screen_other_rates(fetched: Fetched, known: Known) -> pl.DataFrame:
    """Return the rates of days that are not stored, of sources that contradict what another has stored before."""
    told, stored = (
        rows.filter(pl.col("per_eur") > 0, pl.col("source") != OWN_FILES) for rows in (fetched.rates, known.rates)
    )
    of_stored = stored.select(*_DAY, stored="per_eur", other="source")
    off = (pl.col("per_eur").cast(pl.Float64) / pl.col("stored").cast(pl.Float64)).log().abs()
    last = (
        told.join(of_stored, on=_DAY)
        .filter(pl.col("source") != pl.col("other"))
        .sort("date")
        .group_by(_SERIES, maintain_order=True)
        .agg(pl.col("other").last(), days=pl.len().clip(upper_bound=WEEK), off=(off > DISAGREE).tail(WEEK).sum())
    )
    new = told.join(known.rates, on=_DAY, how="anti", maintain_order="left")
    rows = new.join(last.filter(pl.col("off") > WEEK // 2), on=_SERIES, maintain_order="left")
    return found(
        rows,
        market.FX_HISTORY,
        ANOTHER,
        column="per_eur",
        value=pl.col("per_eur"),
        reason=pl.format(
            "{} for one euro, told by {} alone, which is more than 1% off {} on {} of the last {} days that both tell",
            text(pl.col("per_eur")),
            "source",
            "other",
            "off",
            "days",
        ),
    )
