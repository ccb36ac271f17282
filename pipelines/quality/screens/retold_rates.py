"""Stored rates that their own source now tells otherwise, by far.

Belongs here: telling a far correction of a rate from a small one, and from what the days beside it bear out. Does not:
closes (`retold`), rates that leap (`rates`) or are upside down (`inverted`), two sources of one rate (`providers`).

A rate values whatever is held in its currency, so that a false one is worth as much as a false close of each. A
reference rate is hardly ever corrected: by more than two sources of one are apart, it or the stored one is a fault. The
stored one stays, and the other waits until it is told again (`pipelines.quality.told_again`).
"""

import polars as pl

from pipelines.quality.finding import FINDINGS
from pipelines.quality.screens.mending import unless_mended
from pipelines.quality.screens.providers import DISAGREE
from pipelines.quality.screens.retold import SAME, corrected, first_stored
from pipelines.quality.screens.shape import Fetched, Known
from warehouse.schema import market
from warehouse.schema.market import OWN_FILES

_DAY = ["currency", "date"]


def screen_retold_rates(fetched: Fetched, known: Known, explained: pl.DataFrame) -> pl.DataFrame:
    """Return stored rates that their own source tells anew by far, and not as they were first stored.

    Args:
        fetched: The fetch, conformed.
        known: What is stored, conformed.
        explained: Findings on rates that hold a row back already.
    """
    others = explained.filter("held").select(currency="about", date="date").unique()
    told = fetched.rates.filter(pl.col("per_eur") > 0, pl.col("source") != OWN_FILES)
    stored = known.rates.filter(pl.col("per_eur") > 0).select(*_DAY, "source", stored="per_eur")
    rate, before, first = (pl.col(name).cast(pl.Float64) for name in ("per_eur", "stored", "first"))
    far = (
        told.join(stored, on=[*_DAY, "source"], maintain_order="left")
        .with_columns(off=(rate / before).log())
        .filter(pl.col("off").abs() > DISAGREE)
        .join(others, on=_DAY, how="anti", maintain_order="left")
        .join(first_stored(known.revised_rates, _DAY, "per_eur"), on=_DAY, how="left", maintain_order="left")
        .filter(((rate / first).log().abs() <= SAME).fill_null(value=False).not_())
    )
    if far.is_empty():
        return pl.DataFrame(schema=FINDINGS)
    unmended = unless_mended(far, known.rates, fetched.rates, about="currency", value="per_eur")
    return corrected(unmended, market.FX_HISTORY, "per_eur", "{} for one euro on a day")
