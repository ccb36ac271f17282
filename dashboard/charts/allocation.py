"""Figures of the Allocation page: shares in rings or areas, and on a map of the world.

Belongs here: traces and axes. Does not: what every figure shares (`layout`), pages, computing.
"""

from typing import Any

import plotly.graph_objects as go

from dashboard.charts.layout import MARGIN, UNFADED, laid_out
from dashboard.views.allocation import OnMap, Tree
from pipelines import formats

_SCALE = ((0.0, "#d7e6f4"), (1.0, "#0f5fa8"))
_LAND, _BORDER = "rgba(128,140,150,0.25)", "rgba(128,140,150,0.45)"
_HEIGHT, _MAP_HEIGHT = 460, 380
MAP_OPTIONS: dict[str, Any] = {"topojsonURL": "app/static/", "scrollZoom": False}
"""Options of a map: its shapes come from this server (`static/world_110m.json`), never from the internet."""


def shares(tree: Tree, shape: str) -> go.Figure:
    """Draw shares in two rings (``Sunburst``) or in areas within areas (``Treemap``)."""
    kind = go.Treemap if shape == "Treemap" else go.Sunburst
    figure = go.Figure(
        kind(
            ids=tree.ids,
            labels=tree.labels,
            parents=tree.parents,
            values=tree.values,
            branchvalues="total",
            maxdepth=2,
            **_written(tree),
        )
    )
    # Faded leaves would be of another colour than the one that their words were chosen to be read on.
    figure.update_traces(leaf={"opacity": 1}, selector={"type": "sunburst"})
    return laid_out(figure, height=_HEIGHT, margin=MARGIN)


def _written(tree: Tree) -> dict[str, Any]:
    """Return what is written on each part: by the browser, unless the reader writes percent as D3 does not."""
    on, over = "%{percentRoot:.1%}", "%{percentRoot:.2%}"
    texts: dict[str, Any] = {}
    if formats.around_percent() != ("", "%"):
        whole = sum(value for value, parent in zip(tree.values, tree.parents, strict=True) if not parent)
        shares = [value / whole for value in tree.values]
        on, over = "%{text}", "%{customdata}"
        texts["text"] = [formats.percent(share, signed=False, decimals=1) for share in shares]
        texts["customdata"] = [formats.percent(share, signed=False) for share in shares]
    templates = {
        "texttemplate": f"%{{label}}<br>{on}",
        "hovertemplate": f"%{{label}}: %{{value:,.2f}}, {over} of all<extra></extra>",
    }
    return templates | texts


def world(found: OnMap) -> go.Figure:
    """Draw weights by country; a dot shows those too small to be seen."""
    figure = go.Figure()
    top = max(found.weights, default=1.0)
    text = [
        f"{name}: {formats.percent(weight, signed=False)}"
        for name, weight in zip(found.names, found.weights, strict=True)
    ]
    figure.add_choropleth(
        locations=found.codes,
        z=found.weights,
        text=text,
        zmin=0,
        zmax=top,
        colorscale=_SCALE,
        showscale=False,
        marker={"line": {"width": 0.5, "color": "white"}},
        hovertemplate="%{text}<extra></extra>",
        unselected=UNFADED,
    )
    figure.add_scattergeo(
        locations=found.codes,
        text=text,
        mode="markers",
        marker={
            "size": 8,
            "color": found.weights,
            "cmin": 0,
            "cmax": top,
            "colorscale": _SCALE,
            "line": {"width": 1, "color": "white"},
        },
        hovertemplate="%{text}<extra></extra>",
        unselected=UNFADED,
    )
    hidden = dict.fromkeys(("showcoastlines", "showocean", "showlakes", "showrivers", "showframe"), False)
    figure.update_geos(
        **hidden,
        showland=True,
        landcolor=_LAND,
        showcountries=True,
        countrycolor=_BORDER,
        countrywidth=0.5,
        bgcolor="rgba(0,0,0,0)",
        projection={"type": "natural earth"},
        lataxis={"range": [-58, 84]},
    )
    return laid_out(figure, height=_MAP_HEIGHT, margin=MARGIN, showlegend=False, dragmode=False)
