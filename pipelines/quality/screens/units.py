"""Which of the levels that a series has in hundredfold units is the right one.

Belongs here: what speaks for a level: stored closes, the current price, most of the rows. Does not: finding the steps
(`breaks`), what is held for them (`stretches`).

A step by a hundred says that one of two sides is wrong, and not which. Stored closes do. Where there are none, as at
the first fetch of a symbol, whatever is known has one vote; if the votes are even, or there is none, nothing is right.
"""

import polars as pl

from pipelines.quality.screens.breaks import HUNDRED, HUNDRED_WITHIN, UNIT
from pipelines.quality.screens.dividends import IN_HUNDREDTHS
from pipelines.quality.screens.levels import SERIES
from pipelines.quality.screens.shape import Fetched, Known

REFERENCE_ROWS = 250
"""A year of sessions says which level is right, where nothing is stored."""
MOST_ROWS = 0.66
"""Part of these rows that speaks for a level: two thirds."""
MOST_ROWS_IN_HUNDREDTHS = 0.9
"""But so many where shares are quoted in hundredths, and the last level has stayed for `SETTLED_ROWS`: there a provider
may have changed its unit for good."""
SETTLED_ROWS = 8
NEAR_DAYS = 10
"""A current price speaks for the level of the last row so many days before it."""


def right_units(offsets: pl.DataFrame, fetched: Fetched, known: Known) -> pl.DataFrame:
    """Return for each series at which offset of its unit it is right.

    Args:
        offsets: By ``symbol``, ``series`` and ``date``: ``close``, ``fetched``, ``currency``, ``kind`` of the row's
            step, and ``unit_off``, by how much in logarithms its level is off that of the first row.
        fetched: The fetch, conformed.
        known: What is stored, conformed.

    Returns:
        ``symbol``, ``series``, ``right_unit``; null where nothing says so.
    """
    units = (pl.col("unit_off") / HUNDRED).round()
    stored = offsets.filter(~pl.col("fetched")).group_by(SERIES).agg(stored=commonest(units))
    votes = pl.concat([_of_rows(offsets, units), _of_prices(offsets, fetched, known)])
    possible = offsets.select(*SERIES, vote=units).unique()
    counted = votes.join(possible, on=[*SERIES, "vote"], how="semi").group_by([*SERIES, "vote"]).agg(votes=pl.len())
    most = counted.filter(pl.col("votes") == pl.col("votes").max().over(SERIES))
    elected = most.group_by(SERIES).agg(elected=pl.when(pl.len() == 1).then(pl.col("vote").first()))
    return (
        offsets.select(SERIES)
        .unique(maintain_order=True)
        .join(stored, on=SERIES, how="left", maintain_order="left")
        .join(elected, on=SERIES, how="left", maintain_order="left")
        .select(*SERIES, right_unit=HUNDRED * pl.coalesce("stored", "elected"))
    )


def commonest(offsets: pl.Expr) -> pl.Expr:
    """Return the offset that most of the last rows have, near ones counting as one; null where there are no rows."""
    last = offsets.tail(REFERENCE_ROWS)
    return last.filter(last.round(1) == last.round(1).mode().max()).last()


def _of_rows(offsets: pl.DataFrame, units: pl.Expr) -> pl.DataFrame:
    """Return the vote of most of the last rows, or else of both ends, if these are at one level."""
    most = commonest(units)
    share = (units.tail(REFERENCE_ROWS) == most).mean()
    settled = pl.len() - (pl.col("kind") == UNIT).arg_true().last() >= SETTLED_ROWS
    changed = settled & pl.col("currency").is_in(IN_HUNDREDTHS).any() & (units.last() != most)
    enough = pl.when(changed).then(MOST_ROWS_IN_HUNDREDTHS).otherwise(MOST_ROWS)
    vote = pl.when(share >= enough).then(most).when(units.first() == units.last()).then(units.last())
    return offsets.group_by(SERIES).agg(vote=vote).drop_nulls("vote")


def _of_prices(offsets: pl.DataFrame, fetched: Fetched, known: Known) -> pl.DataFrame:
    """Return the votes of the current price as it is told, and as the master has it.

    A current price that is told along with the rows speaks against the last of them, and not for it: what has put these
    in another unit has most often done the same to it.
    """
    last = known.symbols.select("symbol", date=pl.col("last_price_at").dt.date(), price="last_price")
    told = fetched.quotes.select("symbol", "date", price="close")
    of_master, of_fetch = (_levels_at(one.drop_nulls(), offsets) for one in (last, told))
    return pl.concat([of_master, of_fetch.filter(pl.col("vote") != pl.col("at"))]).select(*SERIES, "vote")


def _levels_at(points: pl.DataFrame, offsets: pl.DataFrame) -> pl.DataFrame:
    """Return at which level a price is, ``vote``, and ``at`` which the last row before it is."""
    series = points.join(offsets.select(SERIES).unique(), on="symbol").sort("date")
    beside = series.join_asof(
        offsets.select(*SERIES, "date", "close", at=(pl.col("unit_off") / HUNDRED).round()),
        on="date",
        by=SERIES,
        tolerance=f"{NEAR_DAYS}d",
        check_sortedness=False,
    )
    step = (pl.col("price").cast(pl.Float64) / pl.col("close")).log()
    times = (step / HUNDRED).round()
    near = beside.filter((step - times * HUNDRED).abs() <= HUNDRED_WITHIN)
    return near.select(*SERIES, "at", vote=pl.col("at") + times)
