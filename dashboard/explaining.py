"""Where a figure comes from, in a dialog over any page.

Belongs here: opening it from a button, a cell of a table or a day of a chart. Does not: what it says
(`views.explaining`).
"""

import datetime as dt
from collections.abc import Callable, Sequence

import polars as pl
import streamlit as st

from dashboard import tables
from dashboard.charting import Point
from dashboard.chosen import chosen
from dashboard.columns import configured
from dashboard.data import figures as figures_of
from dashboard.dialogs import dialog
from dashboard.views import explaining as view_of
from dashboard.views.columns import Column, Kind, full_bar
from dashboard.views.verbatim import verbatim
from pipelines import formats
from pipelines.portfolio.explain import Explanation, Figure, UnknownFigureError

ICON = ":material/account_tree:"
Rows = Sequence[str] | Callable[[int, str], Figure | None]
"""What each row of a table is of the view; or what gives the figure of a row and a field, None where there is none."""


def button(asked: Figure | Callable[[], Figure], key: str) -> None:
    """Show a button that says where a figure comes from, which may be found out only when it is pressed."""
    if _is_asked(key):
        show(asked() if callable(asked) else asked)


def _is_asked(key: str) -> bool:
    return st.button("Why?", key=f"why_{key}", icon=ICON, type="tertiary", help="Where this figure comes from")


def cell(
    selected: tuple[int, str] | None,
    rows: Rows,
    figures: dict[str, str],
) -> None:
    """Open the dialog for a cell of a table that was clicked.

    Args:
        selected: Row and column of the cell, None where none is.
        rows: What each row is of the view, such as ``holdings.AAPL@Depot``; or what gives the figure of a row and of
            one of ``figures``, None where there is none.
        figures: The view's name of each column that is one of its figures.
    """
    if selected is None or selected[1] not in figures:
        return
    row, field = selected[0], figures[selected[1]]
    asked = rows(row, field) if callable(rows) else f"{rows[row]}.{field}"
    if asked is not None:
        show(asked)


def day(selected: Point | None, figure: Callable[[dt.date], Figure]) -> None:
    """Open the dialog for a day of a chart that was clicked; ``figure`` gives what is drawn there."""
    if selected is not None:
        show(figure(_day_of(selected)))


def market_day(selected: Point | None, tree: Callable[[dt.date], Explanation]) -> None:
    """Open the dialog for a day of an instrument's chart that was clicked."""
    if selected is not None:
        _show_of_market(tree(_day_of(selected)))


def _day_of(selected: Point) -> dt.date:
    return dt.date.fromisoformat(selected.at[:10])


def table(frame: pl.DataFrame, rows: Rows, figures: dict[str, str], *, columns: Sequence[Column], key: str) -> None:
    """Show a table whose figures say where they come from when they are clicked.

    Args:
        frame: What is shown.
        rows: As `cell` takes them.
        figures: As `cell` takes them too.
        columns: How they are drawn.
        key: Of the table among all of a page's, and the name of its downloads.
    """
    largest = full_bar(share for column in columns if column.kind is Kind.SHARE for share in frame[column.title])
    drawn = configured(columns, largest=largest)
    cell(tables.show(frame, key=key, name=key, columns=drawn, selects=True), rows, figures)


def market_button(tree: Callable[[], Explanation], key: str) -> None:
    """Show a button that says where a figure of an instrument comes from, whatever portfolio is looked at, if any."""
    if _is_asked(key):
        _show_of_market(tree())


@dialog("Where this comes from", icon=ICON)
def _show_of_market(tree: Explanation) -> None:
    st.caption(f"`{formats.with_days(tree.figure)}`")
    _show(tree, tree.figure)


@dialog("Where this comes from", icon=ICON)
def show(asked: Figure) -> None:
    """Show a figure, what it was made of, and the rows at the end of it."""
    looked_at = chosen()
    name = asked if isinstance(asked, str) else asked.figure
    words = looked_at.words_since(figures_of.since(looked_at))
    st.caption(f"`{formats.with_days(name)}` of {verbatim(looked_at.portfolio.name)}. {words}.")
    try:
        tree = figures_of.explanation(looked_at, asked)
    except UnknownFigureError as error:
        st.info(f"{verbatim(str(error))}.", icon=":material/info:")
        return
    _show(tree, name)


def _show(tree: Explanation, name: str) -> None:
    lines = view_of.lines(tree)
    widths = view_of.widths(lines)
    columns = {title: st.column_config.TextColumn(title, width=width) for title, width in widths.items()}
    tables.show(lines, key="explanation", columns=columns, whole=view_of.file(tree), name=name, in_dialog=True)
    for note in view_of.notes(tree):
        st.caption(verbatim(note))
