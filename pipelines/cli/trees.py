"""Explanations and differences on a terminal.

Belongs here: how a tree and a list of moved figures read. Does not: what is in them.
"""

from decimal import Decimal

from rich.markup import escape
from rich.tree import Tree

from pipelines.cli.console import out, shortened, table
from pipelines.portfolio.difference import Difference
from pipelines.portfolio.explain import Explanation, Operation
from pipelines.portfolio.models import plain

MOST_PARTS = 25
"""Parts of one figure that a terminal shows; ``--json`` has them all."""
_SIGNS = {
    Operation.SUM: "=",
    Operation.PRODUCT: "= ×",
    Operation.QUOTIENT: "= ÷",
    Operation.CHANGE: "= ÷ less 1:",
    Operation.CHAIN: "= chain of",
    Operation.COMPOUND: "= (1 + first) ^ second − 1:",
    Operation.MEAN: "= mean of",
    Operation.COUNT: "= number of",
    Operation.DAYS: "= days between",
    Operation.XIRR: "= rate of",
    Operation.MEASURE: "= measure of",
    Operation.DAILY: "day by day from",
}


def print_tree(explanation: Explanation) -> None:
    """Print an explanation as a tree."""
    tree = Tree(_line(explanation))
    _grow(tree, explanation)
    out.print(tree, soft_wrap=True)


def _grow(branch: Tree, explanation: Explanation) -> None:
    for part in explanation.parts[:MOST_PARTS]:
        _grow(branch.add(_line(part)), part)
    left = len(explanation.parts) - MOST_PARTS
    if left > 0:
        branch.add(f"[dim]and {left} more; --json has them all[/dim]")


def _line(explanation: Explanation) -> str:
    sign = "− " if explanation.sign < 0 else ""
    unit = f" {explanation.unit}" if explanation.unit else ""
    made = f" {_SIGNS[explanation.operation]}" if explanation.operation in _SIGNS and explanation.parts else ""
    notes = [explanation.source or "", explanation.note or "", _data(explanation.data)]
    told = "; ".join(note for note in notes if note)
    tail = f"  [dim]{escape(told)}[/dim]" if told else ""
    return f"{sign}{escape(explanation.figure)}  [bold]{_value(explanation.value)}[/bold]{unit}{made}{tail}"


def _value(value: object) -> str:
    if value is None:
        return "not known"
    return plain(value) if isinstance(value, Decimal) else f"{value:.6%}" if isinstance(value, float) else str(value)


def _data(data: dict[str, object]) -> str:
    return ", ".join(f"{name} {_plain(value)}" for name, value in data.items() if name != "source")


def _plain(value: object) -> str:
    text = str(value)
    return text.rstrip("0").rstrip(".") if "." in text and text.replace(".", "").replace("-", "").isdigit() else text


def print_difference(found: Difference) -> None:
    """Print the figures that moved with their causes, then the rows that moved them."""
    if not found.figures and not found.rows:
        out.print("Nothing moved.")
        return
    causes = list(dict.fromkeys(cause for moved in found.figures for cause in moved.by_cause))
    rows = [
        (
            moved.figure,
            _value(moved.before),
            _value(moved.after),
            *(_value(moved.by_cause[cause]) if cause in moved.by_cause else "" for cause in causes),
        )
        for moved in found.figures
    ]
    out.print(table("Figures", ("figure", "before", "after", *causes), rows, numbers=("before", "after", *causes)))
    changed = [
        (row.cause, row.change, " ".join(row.key.values()), _told(row.before), _told(row.after)) for row in found.rows
    ]
    if changed:
        out.print(table("Rows", ("cause", "change", "row", "before", "after"), changed[:MOST_PARTS]))
    left = len(changed) - MOST_PARTS + found.rows_left_out
    if left > 0:
        out.print(f"[dim]and {left} more rows; --json has up to a thousand[/dim]")


def _told(row: dict[str, str] | None) -> str:
    return "" if row is None else shortened(", ".join(f"{name} {_plain(value)}" for name, value in row.items()), 120)
