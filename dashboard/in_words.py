"""A table whose figures are words beside their values, which still sort it.

Belongs here: handing both to Streamlit, which takes them as pandas' Styler. Does not: the words (`pipelines.formats`),
which columns have some (`masked`).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

Words = Callable[[Sequence[Any]], list[str]]


def in_words(frame: pl.DataFrame, written: Mapping[str, Words]) -> Any:
    """Return a Styler with the words of some columns, by what writes all of one.

    Of a Styler that makes a table ready for HTML Streamlit takes the words alone, cell by cell, into a copy of the
    table in which all is text (`astype`). It is handed that copy at once, in a fifth of the time; what has no words in
    it is written as in any other table.
    """
    values = frame.to_pandas(use_pyarrow_extension_array=True)
    words = frame.select(
        pl.Series(name, written[name](frame[name].to_list()), dtype=pl.String)
        if name in written
        else pl.lit(None, dtype=pl.String).alias(name)
        for name in frame.columns
    )
    styler: Any = values.style
    vars(values).update(astype=lambda _: words.to_pandas(use_pyarrow_extension_array=True))
    vars(styler).update(_compute=lambda: styler, _translate=lambda *_: {})
    return styler
