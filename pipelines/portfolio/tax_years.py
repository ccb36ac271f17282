"""Realised gains and income of a view by calendar year (CALCULATIONS 2, 8).

Belongs here: sums of the document's rows by year, term and account. Does not: gains and terms (`trades`), open lots
(`open_lots`), what any country taxes.
"""

import polars as pl

from pipelines.portfolio.models import CompleteView

_SUMMED = ("proceeds_base", "cost_base", "gain_base", "gain_before_fees_taxes_base")


def tax_years(view: CompleteView) -> list[int]:
    """Return the years in which something was sold or paid, the newest first."""
    days = [*view.realized_gains.column("sold_on"), *view.income.received.column("date")]
    return sorted({day.year for day in days}, reverse=True)


def realized_by(gains: pl.DataFrame, *by: str) -> pl.DataFrame:
    """Return realised gains summed by ``year``, ``term`` (``short`` or ``long``), ``account``, or several of them.

    Args:
        gains: The document's realised gains as a frame, in any order.
        by: What to sum by.

    Returns:
        A row a group, the newest year first: the columns of ``by``, ``disposals`` (lots that were closed),
        ``proceeds_base``, ``cost_base``, ``gain_base``, ``gain_before_fees_taxes_base``; a sum with a part that is not
        known is null.
    """
    sums = [_sum(name) for name in _SUMMED]
    return (
        gains.with_columns(year=pl.col("sold_on").dt.year())
        .group_by(by)
        .agg(pl.len().alias("disposals"), *sums)
        .sort(by, descending=[name == "year" for name in by])
    )


def _sum(name: str) -> pl.Expr:
    return pl.when(pl.col(name).is_not_null().all()).then(pl.col(name).sum()).alias(name)
