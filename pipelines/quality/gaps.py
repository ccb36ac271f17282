"""Positions that have lost their price to the quarantine, and priced symbols that the master has lost.

Belongs here: rules that need several tables together. Does not: rules of one table (`rules`), positions that have no
price for another reason: a missing or stale price of an honest market is shown as what it is.
"""

import polars as pl

from pipelines.portfolio.frames import NO_PRICES
from pipelines.portfolio.models import Status
from pipelines.quality.quotes import QUOTE_FROZEN
from pipelines.quality.report import RuleResult, sample_of
from warehouse.schema import market
from warehouse.schema.marts import HOLDINGS

PRICED_ALTHOUGH_HELD = "priced_although_held"
PRICED_WITHOUT_MASTER = "priced_without_master"
_UNPRICED = (Status.MISSING.value, Status.STALE.value)
_NO_NEWS = (*NO_PRICES, QUOTE_FROZEN)
"""Rules that hold back no price that anybody could have paid: a last close told again is that of a market at rest."""
_PRICES = (market.PRICE_HISTORY.name, market.SYMBOLS.name)


def priced_although_held(holdings: pl.DataFrame, open_rows: pl.DataFrame) -> RuleResult:
    """Return the positions without a price, or with a stale one, whose later prices are held back.

    A provider that says nothing leaves a stale price, and that is published; one that says what is not believed for so
    long that the last believable price has become stale is a gap that somebody has to look at.

    Args:
        holdings: Rows of `holdings`.
        open_rows: Rows of `quarantine` that nothing has resolved yet.
    """
    bad = holdings.filter(pl.col("quantity") != 0, pl.col("price_status").is_in(_UNPRICED))
    last = bad.group_by("symbol").agg(pl.col("price_date").max(), pl.col("price_status").first())
    lost = pl.col("table_name").is_in(_PRICES) & ~pl.col("rule").is_in(_NO_NEWS)
    prices = open_rows.filter(lost).select("date", "reason", symbol="about")
    later = pl.col("price_date").is_null() | (pl.col("date") > pl.col("price_date"))
    gaps = (
        last.join(prices, on="symbol")
        .filter(later)
        .sort("symbol", "date")
        .group_by("symbol", "price_status", "price_date", maintain_order=True)
        .agg(held_back=pl.len(), reason=pl.col("reason").last())
    )
    problem = "only held-back prices: see `folio quality`, release them or put your own into the inbox"
    return RuleResult(
        table=HOLDINGS.name,
        rule=PRICED_ALTHOUGH_HELD,
        failed_rows=gaps.height,
        sample=sample_of(gaps, tuple(gaps.columns)),
        problems=(problem,) if gaps.height else (),
    )


def priced_without_master(unmastered: pl.DataFrame, holdings: pl.DataFrame) -> tuple[RuleResult, bool]:
    """Return the symbols that have prices and no row in the master, and whether one of them is held, which blocks.

    The master says what an instrument is, and its current price: without it a position is shown with neither.

    Args:
        unmastered: ``symbol``, ``days`` and ``last_day`` of the symbols that the master lacks.
        holdings: Rows of `holdings`.
    """
    open_ones = holdings.filter(pl.col("quantity") != 0).select("symbol").unique()
    held = pl.col("symbol").is_in(open_ones["symbol"].to_list())
    named = unmastered.with_columns(held=pl.when(held).then(pl.lit("yes")).otherwise(pl.lit("no")))
    lost = named.sort(pl.col("held") == "no", "symbol")
    problem = "priced, and not in the master: `folio refresh --symbols` describes them anew"
    result = RuleResult(
        table=HOLDINGS.name,
        rule=PRICED_WITHOUT_MASTER,
        failed_rows=lost.height,
        sample=sample_of(lost, ("symbol", "held", "days", "last_day")),
        problems=(problem,) if lost.height else (),
    )
    return result, "yes" in lost["held"]
