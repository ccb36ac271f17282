"""New days that go on from a last stored day which is told otherwise by far.

Belongs here: holding them back beside it. Does not: which corrections are far (`screens.retold`,
`screens.retold_rates`), when they are believed (`told_again`), series of which most of a week is told anew (`screens`).

A provider in whose answer the last stored day is far off tells the days since from the same series: at the level of
what it says of that day now, they are as doubtful as that. At the level of what is stored they speak for it, and go on.
"""

import polars as pl

from pipelines.quality.finding import FINDINGS
from pipelines.quality.held import PRICES, RATES, Place
from pipelines.quality.screens import Fetched, Known
from pipelines.quality.screens.providers import FIGURE
from pipelines.quality.screens.retold import ANOTHER, FAR_CORRECTION
from pipelines.quality.screens.shape import found, text
from warehouse.schema.market import OWN_FILES


def continued(findings: pl.DataFrame, fetched: Fetched, known: Known) -> pl.DataFrame:
    """Return ``FINDINGS`` on the new days of series whose last stored day waits as a far correction.

    Args:
        findings: What is found of this fetch already.
        fetched: The rows of providers, conformed.
        known: What is stored.
    """
    waiting = findings.filter("held", rule=FAR_CORRECTION)
    if waiting.is_empty():
        return pl.DataFrame(schema=FINDINGS)
    return pl.concat(_of_place(place, waiting, fetched, known) for place in (PRICES, RATES))


def _of_place(place: Place, waiting: pl.DataFrame, fetched: Fetched, known: Known) -> pl.DataFrame:
    told: pl.DataFrame = getattr(fetched, place.name)
    stored: pl.DataFrame = getattr(known, place.name)
    mine = waiting.filter(table_name=place.table.name)
    if mine.is_empty():
        return pl.DataFrame(schema=FINDINGS)
    value, series = FIGURE[place.table.name], [place.about, "source"]
    days = told.filter(pl.col(value) > 0, pl.col("source") != OWN_FILES)
    days = days.join(mine.select(pl.col("about").alias(place.about)).unique(), on=place.about, how="semi")
    last = (
        days.join(stored.select(*place.at, stored=value), on=place.at)
        .sort(place.day)
        .group_by(series, maintain_order=True)
        .agg(pl.col(place.day, value, "stored").last().name.prefix("last_"))
    )
    doubted = last.join(
        mine.select(pl.col("about").alias(place.about), pl.col("date").alias(f"last_{place.day}")),
        on=[place.about, f"last_{place.day}"],
        how="semi",
    )
    new = days.join(doubted, on=series).filter(pl.col(place.day) > pl.col(f"last_{place.day}"))
    now, then, here = (pl.col(name).cast(pl.Float64) for name in (f"last_{value}", "last_stored", value))
    return found(
        new.filter((here / now).log().abs() < (here / then).log().abs()),
        place.table,
        ANOTHER,
        column=value,
        value=pl.col(value),
        reason=pl.format(
            "{} goes on from {} of {}, which is stored with {} and waits until it is told so again",
            text(pl.col(value)),
            text(pl.col(f"last_{value}")),
            pl.col(f"last_{place.day}"),
            text(pl.col("last_stored")),
        ),
    )
