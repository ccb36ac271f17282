"""Names of figures: from a path such as ``holdings.AAPL.value_base`` to its place in the document, and back.

Belongs here: walking the document by name, what the rows of a list are called, and names near to an unknown one. Does
not: explaining what is found.
"""

import difflib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple, get_args

from pipelines.portfolio import models
from pipelines.portfolio.explain.tree import UnknownFigureError
from pipelines.portfolio.models import SECTIONS, CompleteView, Model, Rows

PARTS = ("completeness", *SECTIONS)
"""Parts of the document that have figures; the rest of its head and the journal only say what was asked and booked."""
OTHER = "other"
_NUMBERS = {Decimal, float, int}

_NAMED: dict[type[Model], Callable[[Any], str]] = {
    models.Holding: lambda row: f"{row.symbol}@{row.account}",
    models.CashBalance: lambda row: f"{row.currency}@{row.account}",
    models.Contribution: lambda row: OTHER if row.symbol is None else f"{row.symbol}@{row.account}",
    models.Mover: lambda row: f"{row.symbol}@{row.account}",
    models.PerformanceDay: lambda row: row.date.isoformat(),
    models.BenchmarkDay: lambda row: row.date.isoformat(),
    models.PerformancePeriod: lambda row: row.period,
    models.MonthlyReturn: lambda row: f"{row.year}-{row.month:02}",
    models.IncomeMonth: lambda row: row.month,
    models.IncomeSymbol: lambda row: row.symbol,
    models.AllocationRow: lambda row: row.key,
}
_PARTS_OF_NAMES: dict[type[Model], set[str]] = {models.MonthlyReturn: {"year", "month"}}


class Place(NamedTuple):
    """Where a figure stands: its path, the names on the way to it, and the row or section that has it."""

    path: str
    names: tuple[str, ...]
    row: Any
    field: str

    @property
    def value(self) -> Any:
        """Return the figure."""
        kind: type[Model] = type(self.row)
        return getattr(self.row, _attribute(kind, self.field))


class ByAccount(NamedTuple):
    """All holdings of a symbol."""

    rows: Sequence[models.Holding]


def locate(view: CompleteView, path: str) -> Place:
    """Return the place of a figure.

    Raises:
        UnknownFigureError: If the view has none of that name; with names that are near.
    """
    node: Any = view
    names: list[str] = []
    rest = path
    while True:
        below = _below(node, is_top=not names)
        name = _first(below, rest)
        if name is None:
            raise UnknownFigureError(path, _near(below, names, rest))
        names.append(name)
        rest = rest[len(name) + 1 :]
        if below[name] is _FIGURE:
            if rest:
                raise UnknownFigureError(path, [".".join(names)])
            return Place(path, tuple(names), node, name)
        node = below[name]


def figures(view: CompleteView) -> Iterator[str]:
    """Yield the name of every figure of the document, those of the same symbol in several accounts also in one."""
    yield from _leaves(view, "")


def _leaves(node: Any, prefix: str) -> Iterator[str]:
    for name, child in _below(node, is_top=not prefix).items():
        if child is _FIGURE:
            yield prefix + name
        else:
            yield from _leaves(child, f"{prefix}{name}.")


_FIGURE = object()


def _below(node: Any, *, is_top: bool = False) -> Mapping[str, Any]:
    """Return what stands below a part of the document, by name: parts, or figures."""
    if is_top:
        return {name: getattr(node, name) for name in PARTS if getattr(node, name) is not None}
    if isinstance(node, ByAccount):
        return dict.fromkeys(_figures_of(models.Holding), _FIGURE)
    if isinstance(node, Model):
        parts = {name: getattr(node, name) for name in type(node).model_fields}
        parts = {name: part for name, part in parts.items() if isinstance(part, Model | Rows | list)}
        return dict.fromkeys(_figures_of(type(node)), _FIGURE) | parts
    if isinstance(node, Mapping):
        return node
    return _of_rows(node)


def _of_rows(rows: Sequence[Any]) -> dict[str, Any]:
    if not rows or not isinstance(rows[0], Model):
        return {}
    named = _NAMED.get(type(rows[0]))
    if named is None:
        return {str(number): row for number, row in enumerate(rows)}
    found = {named(row): row for row in rows}
    if type(rows[0]) is models.Holding:
        by_symbol: dict[str, list[models.Holding]] = defaultdict(list)
        for row in rows:
            by_symbol[row.symbol].append(row)
        found |= {symbol: of[0] if len(of) == 1 else ByAccount(of) for symbol, of in by_symbol.items()}
    return found


@cache
def _figures_of(kind: type[Model]) -> tuple[str, ...]:
    """Return the names of a model's figures, as JSON has them."""
    hidden = _PARTS_OF_NAMES.get(kind, set())
    return tuple(
        field.alias or name
        for name, field in kind.model_fields.items()
        if name not in hidden and _NUMBERS & set(_types(field.annotation))
    )


def _types(annotation: Any) -> Iterator[Any]:
    yield annotation
    if getattr(annotation, "__origin__", None) in {list, dict, tuple, Rows}:
        return
    for part in get_args(annotation):
        yield from _types(part)


@cache
def _attribute(kind: type[Model], name: str) -> str:
    return next((field for field, info in kind.model_fields.items() if info.alias == name), name)


def _first(below: Mapping[str, Any], rest: str) -> str | None:
    """Return the longest name that the rest of a path begins with, for symbols have dots too."""
    ends = [index for index, letter in enumerate(rest) if letter == "."]
    return next((rest[:end] for end in [len(rest), *reversed(ends)] if rest[:end] in below), None)


def _near(below: Mapping[str, Any], names: Sequence[str], rest: str) -> list[str]:
    first, _, left = rest.partition(".")
    close = difflib.get_close_matches(first, below, n=3, cutoff=0.5)
    return [".".join([*names, name, *([left] if left else [])]) for name in close or list(below)[:3]]
