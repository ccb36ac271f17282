"""Telling a correction from what restating costs.

Belongs here: how far a restated value can be off, compared with what is stored. Does not: undoing splits (`as_traded`),
writing.

A provider that restates after each split loses digits each time: 10.1234 before a split of 1,000 comes back as 10.123,
and 3,001 units before a 1:10 split as 3,000. Neither is a correction, so neither may become a revision.
"""

from fractions import Fraction

import numpy as np
import polars as pl

from pipelines.sources.as_traded import Floats, restated_slack, restating_factors

_PRICES = ("open", "high", "low", "close")
_KEY = ("symbol", "date")


def keep_stored(fetched: pl.DataFrame, stored: pl.DataFrame, splits: pl.DataFrame) -> pl.DataFrame:
    """Return the fetched prices, with what is stored in place of every value that agrees with it.

    Args:
        fetched: ``symbol``, ``date``, ``open``, ``high``, ``low``, ``close``, ``volume`` and any more; as traded.
        stored: The same columns, of `price_history`.
        splits: ``symbol``, ``ex_date``, ``ratio_new``, ``ratio_old``: every split that the provider has restated for.

    Returns:
        The fetched rows and columns, in their order.
    """
    values = [*_PRICES, "volume"]
    pairs = fetched.join(
        stored.select(*_KEY, *values), on=list(_KEY), how="left", suffix="_stored", maintain_order="left"
    )
    factors = pl.Series("factor", _factors(fetched, splits))
    kept = [_agreed(pairs, name, _slack(pairs[name], factors)) for name in _PRICES]
    kept.append(_agreed(pairs, "volume", (1.0 / factors).ceil() * (factors < 1.0)))
    return fetched.with_columns(kept)


def _factors(fetched: pl.DataFrame, splits: pl.DataFrame) -> Floats:
    """Return by how much each row's values were divided since."""
    factors = np.ones(fetched.height)
    for symbol in splits["symbol"].unique():
        rows = (fetched["symbol"] == symbol).arg_true()
        of_symbol = splits.filter(pl.col("symbol") == symbol).select("ex_date", "ratio_new", "ratio_old")
        ratios = [(day, Fraction(new) / Fraction(old)) for day, new, old in of_symbol.iter_rows()]
        factors[rows.to_numpy()] = restating_factors(fetched["date"].gather(rows).to_list(), ratios)
    return factors


def _slack(values: pl.Series, factors: pl.Series) -> pl.Series:
    """Return how far apart two readings of one price can be: each within its slack of the restated one."""
    restated = values.cast(pl.Float64).to_numpy() / factors.to_numpy()
    return pl.Series(2 * restated_slack(restated) * factors.to_numpy() * (factors.to_numpy() != 1.0))


def _agreed(pairs: pl.DataFrame, name: str, slack: pl.Series) -> pl.Series:
    fetched, stored = pairs[name], pairs[f"{name}_stored"]
    apart = (fetched.cast(pl.Float64) - stored.cast(pl.Float64)).abs()
    return stored.zip_with((apart <= slack).fill_null(value=False), fetched).alias(name)
