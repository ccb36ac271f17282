"""A table whose figures are words beside their values, which still sort it.

Belongs here: handing both to Streamlit, which takes them as pandas' Styler. Does not: the words (`pipelines.formats`),
which columns have some (`masked`).
"""

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from pipelines import formats


def in_words(frame: pl.DataFrame, written: Mapping[str, Callable[[Any], str]]) -> Any:
    """Return a Styler with the words of some columns, by how each is written.

    A Styler makes the whole table ready for HTML, of which Streamlit takes the words alone: it is told these at once,
    in a fifth of the time.
    """
    styler: Any = frame.to_pandas().style
    cells = [_cells(frame[name], frame.get_column_index(name), write) for name, write in written.items()]
    vars(styler).update(_compute=lambda: styler, _translate=lambda *_: {"body": cells})
    return styler


def _cells(column: pl.Series, place: int, write: Callable[[Any], str]) -> list[dict[str, str]]:
    return [
        {"id": f"row{row}_col{place}", "display_value": formats.UNKNOWN if value is None else write(value)}
        for row, value in enumerate(column.to_list())
    ]
