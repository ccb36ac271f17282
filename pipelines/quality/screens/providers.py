"""Two providers that say different things of one day.

Belongs here: a fetched value beside what another provider says of it, fetched or stored: where they are apart, and
where the fetched one adds nothing. Does not: one provider beside itself (`restated`), which of the two is right.
"""

import polars as pl

from pipelines.quality.finding import FINDINGS
from pipelines.quality.screens.shape import Fetched, Known, figure, found, percent
from warehouse.schema import market
from warehouse.schema.market import OWN_FILES
from warehouse.schema.model import Table

DISAGREE = 0.01
"""Providers round and time their closes differently, but not by one percent."""
NO_ONE_CLOSE = ("Crypto", "Currency")
"""What trades around the clock has no close of its own: each provider takes another hour, so this is a remark."""
DISAGREEMENT = "providers_disagree"

FIGURE = {
    market.PRICE_HISTORY.name: "close",
    market.DIVIDEND_HISTORY.name: "amount",
    market.FX_HISTORY.name: "per_eur",
}


def screen_providers(fetched: Fetched, known: Known) -> pl.DataFrame:
    """Return closes, dividends and rates of which another provider says something more than one percent off.

    A person's own files are believed beside any provider: that they differ is a remark.
    """
    around = known.symbols.filter(pl.col("asset_class").is_in(NO_ONE_CLOSE)).select("symbol", around=pl.lit(value=True))
    said = (
        (fetched.prices, known.prices, market.PRICE_HISTORY, around),
        (fetched.dividends, known.dividends, market.DIVIDEND_HISTORY, around),
        (fetched.rates, known.rates, market.FX_HISTORY, None),
    )
    return pl.concat(
        [
            pl.DataFrame(schema=FINDINGS),
            *(
                _apart(_pairs(new, stored, table), table, without_close)
                for new, stored, table, without_close in said
                if _of_several(new, stored)
            ),
        ]
    )


def _of_several(fetched: pl.DataFrame, stored: pl.DataFrame) -> bool:
    """Return whether more than one provider speaks: most often it is one, beside what it has said before."""
    return fetched.height > 0 and pl.concat([fetched["source"], stored["source"]]).n_unique() > 1


def confirming(fetched: pl.DataFrame, stored: pl.DataFrame, table: Table) -> pl.DataFrame:
    """Return the prices or rates that say of a stored day what another provider said: less apart than they are.

    What is stored stays as it is, all of its bar, so that a provider that stands in for another, and the other when it
    is back, neither block anything nor move closes or rates to and fro. A person's own rows are no provider's.

    Args:
        fetched: Rows of providers.
        stored: Rows of the table; a frame without rows may be without columns.
        table: `price_history` or `fx_history`.

    Returns:
        The table's key and ``source``.
    """
    told, name = [*table.key, "source"], FIGURE[table.name]
    if not stored.width:
        return fetched.clear().select(told)
    same = same_unit(table)
    columns = {"stored": pl.col(name), "stored_source": pl.col("source")}
    others = stored.filter(pl.col(name) > 0, pl.col("source") != OWN_FILES).select(*same, **columns)
    pairs = fetched.filter(pl.col(name) > 0).join(others, on=same)
    apart = (pl.col(name).cast(pl.Float64) / pl.col("stored").cast(pl.Float64)).log().abs()
    return pairs.filter(pl.col("source") != pl.col("stored_source"), apart <= DISAGREE).select(told).unique()


def same_unit(table: Table) -> list[str]:
    """Return the columns in which two rows must be alike for their figures to be compared."""
    return list(dict.fromkeys([*table.key, "currency"]))


def _pairs(fetched: pl.DataFrame, stored: pl.DataFrame, table: Table) -> pl.DataFrame:
    """Return key, ``said``, ``source``, and of another provider ``other`` and ``other_source``, where there is one."""
    same, name = same_unit(table), FIGURE[table.name]
    new = fetched.filter(pl.col(name) > 0).select(*same, "source", said=pl.col(name).cast(pl.Float64))
    columns = [*same, pl.col("source").alias("other_source"), pl.col(name).cast(pl.Float64).alias("other")]
    about = same[0]
    several = new.filter(pl.col("source").n_unique().over(about) > 1)
    of_fetch = several.join(fetched.filter(pl.col(name) > 0).select(columns), on=same)
    of_store = new.join(stored.filter(pl.col(name) > 0).select(columns), on=same)
    # Each pair of a fetch once.
    return pl.concat(
        [
            of_fetch.filter(pl.col("source") < pl.col("other_source")).with_columns(stored=pl.lit(value=False)),
            of_store.filter(pl.col("source") != pl.col("other_source")).with_columns(stored=pl.lit(value=True)),
        ]
    )


def _apart(pairs: pl.DataFrame, table: Table, around: pl.DataFrame | None) -> pl.DataFrame:
    ratio = (pl.col("said") / pl.col("other")).log()
    apart = pairs.with_columns(apart=ratio.abs()).filter(pl.col("apart") > DISAGREE)
    if around is None:
        apart = apart.with_columns(around=pl.lit(None, dtype=pl.Boolean))
    else:
        apart = apart.join(around, on="symbol", how="left", maintain_order="left")
    own = (pl.col("source") == OWN_FILES) | (pl.col("other_source") == OWN_FILES)
    return found(
        apart,
        table,
        DISAGREEMENT,
        column=FIGURE[table.name],
        value=pl.col("said"),
        expected=pl.when("stored").then("other"),
        reason=pl.format(
            "{} says {}, {} {}: {} apart",
            pl.col("source"),
            figure(pl.col("said")),
            pl.col("other_source"),
            figure(pl.col("other")),
            percent(pl.col("apart").exp() - 1),
        ),
        held=~own & pl.col("around").is_null(),
    )
