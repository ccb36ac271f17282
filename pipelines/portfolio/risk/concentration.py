"""How much of a portfolio stands in how few holdings.

Belongs here: measures of weights. Does not: the weights themselves (`holdings`).
"""

import numpy as np
import polars as pl

from pipelines.portfolio.observations import finite, known


def herfindahl(weights: pl.Series) -> float | None:
    """Return the sum of the squared shares of the whole (Herfindahl, Hirschman).

    Args:
        weights: ``(n_holdings,)`` weights or values in one currency; what is not known is left out. They need not
            sum to 1: a share is that of the sum of their sizes, so that a short position concentrates as a long one.

    Returns:
        ``1 / n`` for equal holdings to 1 for a single one; None without any.
    """
    values = known(weights)
    sizes = np.abs(values)
    largest = float(np.max(sizes, initial=0.0))
    if not largest:
        return None
    # Against the largest, so that neither tiny nor huge weights run out of range when squared.
    shares = sizes / largest
    return finite(float(np.sum(np.square(shares)) / np.sum(shares) ** 2))


def effective_holdings(weights: pl.Series) -> float | None:
    """Return the number of equal holdings that would be as concentrated: 1 over `herfindahl`; None without any."""
    index = herfindahl(weights)
    return None if index is None else 1 / index


def top_share(weights: pl.Series, count: int) -> float | None:
    """Return the share of the whole that the largest so many stand for; None without any.

    Args:
        weights: ``(n_holdings,)`` as of `herfindahl`; shares are those of the sum of their sizes.
        count: How many of the largest.
    """
    sizes = np.sort(np.abs(known(weights)))[::-1]
    whole = float(np.sum(sizes))
    return finite(float(np.sum(sizes[:count])) / whole) if whole else None
