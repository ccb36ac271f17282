"""Prices of symbols that the master does not know.

Belongs here: that one question. Does not: what follows of it (`pipelines.quality.gaps`).
"""

import polars as pl

from warehouse.build import Candidate


def unmastered(candidate: Candidate) -> pl.DataFrame:
    """Return ``symbol``, how many ``days`` have a price, and ``last_day``, of symbols without a row in the master."""
    return candidate.sql(
        "SELECT symbol, count(*) AS days, max(date) AS last_day FROM price_history"
        " ANTI JOIN symbols USING (symbol) GROUP BY symbol ORDER BY symbol"
    )
