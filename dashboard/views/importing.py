"""What the preview of a file says: the fate of every row.

Belongs here: naming and counting. Does not: deciding a fate (`pipelines.importing`).
"""

import re
from collections import Counter

import polars as pl

from pipelines.importers import ImportFileError
from pipelines.importers.errors import UnfitRowError
from pipelines.importing import Fate, Preview

_NAMED = re.compile(r"^transaction [^:]*: ")


def table(preview: Preview) -> pl.DataFrame:
    """Return ``Line, Fate, Column, Found, Expected`` and the file's own cells, what is refused first."""
    refused = [preview.refused.get(place) for place in range(len(preview.fates))]
    said = pl.DataFrame(
        {
            "Line": preview.lines,
            "Fate": [fate.value for fate in preview.fates],
            "Column": [None if error is None else error.column for error in refused],
            "Found": [None if error is None else error.value or "nothing" for error in refused],
            "Expected": [None if error is None else expected(error) for error in refused],
        },
        schema={"Line": pl.Int64, **dict.fromkeys(("Fate", "Column", "Found", "Expected"), pl.String)},
    )
    both = pl.concat([said, preview.rows], how="horizontal")
    return both.sort(pl.col("Fate") != Fate.REFUSED.value, "Line")


def expected(error: ImportFileError) -> str:
    """Return what a refusal expects, without the row that it stands beside, and of a file that nobody has taken yet."""
    said = error.expected.removesuffix(" Nothing was taken.")
    return _NAMED.sub("", said) if isinstance(error, UnfitRowError) else said


def summary(preview: Preview) -> str:
    """Return in a sentence how many rows have which fate.

    >>> summary(Preview(rows=pl.DataFrame(), lines=[2], fates=[Fate.NEW], refused={}, whole=None))
    '1 row: 1 new.'
    """
    counts = Counter(preview.fates)
    parts = [f"{counts[fate]:,} {fate.value}" for fate in Fate if counts[fate]]
    total = len(preview.fates)
    return f"{total:,} row{'' if total == 1 else 's'}: {', '.join(parts) or 'nothing'}."
