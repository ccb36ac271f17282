"""Make the map of the world that pages draw: ``python -m tools.world_map PACKAGE``.

Belongs here: from the npm package ``world-atlas`` 2.0.2 (unpacked in PACKAGE) to ``dashboard/static/world_110m.json``
in the form that Plotly asks for, so that no page asks the internet for it. Does not: which country is which
(`dashboard.views.countries`).

Countries are those of the small scale; territories that it leaves out (Hong Kong, Singapore, Bermuda …) come from the
middle scale. Each has its ISO 3166 alpha-3 code and a point within it, at which a marker stands.
"""

import json
import sys
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from babel.core import get_global

from dashboard.views import countries

TARGET = Path(__file__).resolve().parent.parent / "dashboard" / "static" / "world_110m.json"
HALF_WAY = 180  # degrees: what is wider lies on both sides of the date line
KOSOVO = "Kosovo"  # without a number of its own in the package
Point = list[float]


def decoded(topology: dict[str, Any]) -> list[list[Point]]:
    """Return the arcs of a topology as longitudes and latitudes."""
    (scale_x, scale_y), (left, low) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for step_x, step_y in arc:
            x, y = x + step_x, y + step_y
            points.append([x * scale_x + left, y * scale_y + low])
        arcs.append(points)
    return arcs


def encoded(points: list[Point], transform: dict[str, Any]) -> list[list[int]]:
    """Return points as an arc of another topology."""
    (scale_x, scale_y), (left, low) = transform["scale"], transform["translate"]
    grid = [[round((x - left) / scale_x), round((y - low) / scale_y)] for x, y in points]
    return [grid[0], *([b[0] - a[0], b[1] - a[1]] for a, b in pairwise(grid))]


def polygons(shape: dict[str, Any]) -> list[list[list[int]]]:
    """Return the polygons of a geometry, each a list of rings of arc numbers."""
    found: list[list[list[int]]] = [shape["arcs"]] if shape["type"] == "Polygon" else shape["arcs"]
    return found


def ring(numbers: list[int], arcs: list[list[Point]]) -> list[Point]:
    """Return the points of a ring."""
    return [point for number in numbers for point in (arcs[number] if number >= 0 else arcs[~number][::-1])]


def centre(shape: dict[str, Any], arcs: list[list[Point]]) -> Point:
    """Return the middle of the largest polygon's box."""
    boxes = []
    for polygon in polygons(shape):
        xs, ys = zip(*ring(polygon[0], arcs), strict=True)
        across, up = max(xs) - min(xs), max(ys) - min(ys)
        x = median(xs) if across > HALF_WAY else (max(xs) + min(xs)) / 2
        boxes.append((across * up, x, (max(ys) + min(ys)) / 2))
    _, x, y = max(boxes)
    return [round(x, 2), round(y, 2)]


def code(shape: dict[str, Any]) -> str | None:
    """Return the alpha-3 code of a country, None where it has none."""
    if shape["properties"]["name"] == KOSOVO:
        return countries.code(KOSOVO)
    two = get_global("territory_aliases").get(shape.get("id", ""), [None])[0]
    return None if two is None else countries.alpha_3(two)


def merged(small: dict[str, Any], middle: dict[str, Any]) -> dict[str, Any]:
    """Return the small scale with the territories that only the middle scale has."""
    arcs, more = [list(arc) for arc in small["arcs"]], decoded(middle)
    known = decoded(small)
    shapes = [named(shape, known) for shape in small["objects"]["countries"]["geometries"] if code(shape)]
    have = {shape["id"] for shape in shapes}
    for shape in middle["objects"]["countries"]["geometries"]:
        if code(shape) and code(shape) not in have:
            own = []
            for polygon in polygons(shape):
                own.append([[len(arcs)]])
                arcs.append(encoded(ring(polygon[0], more), small["transform"]))
            shapes.append({**named(shape, more), "type": "MultiPolygon", "arcs": own})
    land = [{"type": shape["type"], "arcs": shape["arcs"]} for shape in shapes]
    layers = {"countries": shapes, "land": land}
    objects = {name: {"type": "GeometryCollection", "geometries": of} for name, of in layers.items()}
    return {"type": "Topology", "transform": small["transform"], "objects": objects, "arcs": arcs}


def named(shape: dict[str, Any], arcs: list[list[Point]]) -> dict[str, Any]:
    """Return a country under its code, with a point within it."""
    place = {"name": shape["properties"]["name"], "ct": centre(shape, arcs)}
    return {"type": shape["type"], "arcs": shape["arcs"], "id": code(shape), "properties": place}


def main() -> None:
    """Write the map."""
    package = Path(sys.argv[1])
    small, middle = (json.loads((package / f"countries-{scale}.json").read_text()) for scale in ("110m", "50m"))
    TARGET.write_text(json.dumps(merged(small, middle), separators=(",", ":")), encoding="utf-8")


if __name__ == "__main__":
    main()
