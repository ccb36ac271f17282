"""Headline figures in a row, each with where it comes from.

Belongs here: drawing them. Does not: which figures there are (`views`).
"""

from collections.abc import Iterable

import streamlit as st

from dashboard import explaining
from dashboard.views.overview import Tile

WIDTH = 172


def show(tiles: Iterable[Tile], *, key: str) -> None:
    """Show figures beside each other; those that have no room come below.

    Args:
        tiles: The figures.
        key: Of the row among all of a page's.
    """
    with st.container(horizontal=True, key=f"{key}_tiles"):
        for tile in tiles:
            with st.container(key=f"{key}_{tile.key}", width=WIDTH, border=True, gap="small"):
                st.metric(tile.label, tile.text, tile.detail, delta_color="off", delta_arrow="off", help=tile.help)
                explaining.button(tile.path, f"{key}_{tile.key}")
