"""Rates that a source reaches through another currency, by the rate of that one that was told before.

Belongs here: putting one leg in the place of another. Does not: asking for either (`fetch_rates`).

A provider's own EUR/USD is part of each rate that it reaches through the dollar, in which nobody would see that it is
false. Where the source that was asked first tells the dollar of the day, and otherwise, its dollar counts.
"""

from decimal import Decimal

import polars as pl

from warehouse.schema.types import FX_RATE

_STEP = Decimal(1).scaleb(-FX_RATE.scale)
DISAGREES = 0.01
"""From here on, a part of the rate, two sources of one rate disagree; less may be two hours of one day."""


def with_first_leg(rates: pl.DataFrame, told: pl.DataFrame, leg: str) -> pl.DataFrame:
    """Return rates through the leg that was told before, on the days on which the source's own is another.

    Args:
        rates: ``RATES`` of the source, its leg among them.
        told: ``RATES`` of those asked before.
        leg: The currency that the source's rates go through.
    """
    own = rates.filter(currency=leg).select("date", own="per_eur")
    first = told.filter(currency=leg).unique("date", keep="first", maintain_order=True).select("date", first="per_eur")
    apart = (pl.col("own").cast(pl.Float64) / pl.col("first").cast(pl.Float64) - 1).abs() > DISAGREES
    legs = own.join(first, on="date").filter(pl.col("own") > 0, pl.col("first") > 0).filter(apart)
    exact = {day: (theirs, mine) for day, mine, theirs in legs.iter_rows()}
    moved = [
        rate if day not in exact else (rate * exact[day][0] / exact[day][1]).quantize(_STEP)
        for day, rate in rates.select("date", "per_eur").iter_rows()
    ]
    return rates.with_columns(per_eur=pl.Series(moved, dtype=FX_RATE))
