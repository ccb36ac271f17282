"""What the SQL page says: what there is to ask, examples, what became of a query, what of an answer can be drawn.

Belongs here: wording and choosing. Does not: running a query (`warehouse.adhoc`), layout, traces (`charts.sql`).
"""

import datetime as dt
from dataclasses import dataclass

import polars as pl

from dashboard.views.columns import Column
from pipelines import formats
from warehouse.adhoc.asking import Answer, Bounds, Outcome
from warehouse.schema import TABLES

LIMITS = (100, 1_000, 10_000, 100_000)
"""Rows that an answer may have."""
LIMIT = 10_000
"""Rows that it may have unless another number is chosen: decades of days, and every example whole."""
HISTORY_KEPT = 30
MOST_CELLS = 250_000
"""That are shown of an answer: of more than 262,144 Streamlit makes no table with the reader's separators."""
MOST_DRAWN = 5_000
"""Points of a chart; a browser draws no more of them in good time."""
COLUMN_COLUMNS = (
    Column("Column", "column_name"),
    Column("Type", "data_type"),
    Column("Unit", "unit"),
    Column("May be missing", "nullable"),
    Column("Meaning", "doc"),
)
VIEWS = {
    "adjusted_prices": "Closes, as traded and adjusted for later splits and dividends.",
    "holdings_latest": "Holdings with the names of their portfolio and instrument.",
}
MOST_LINES = 20
"""Values of a column that have a line each."""
_LONGEST_TITLE = 60


@dataclass(frozen=True, slots=True)
class Example:
    """A query to start from."""

    title: str
    query: str


EXAMPLES = (
    Example(
        "Value and gain by holding",
        "SELECT portfolio, symbol, name, value_base, unrealized_gain_base\n"
        "FROM holdings_latest\nORDER BY value_base DESC NULLS LAST",
    ),
    Example(
        "Growth of each portfolio",
        "SELECT p.name AS portfolio, last_day(d.date) AS month, last(d.growth ORDER BY d.date) AS growth\n"
        "FROM performance_daily d\nJOIN portfolios p USING (portfolio_id)\nGROUP BY ALL\nORDER BY month",
    ),
    Example(
        "Dividends by year",
        "SELECT year(date) AS year, currency, sum(gross_local) AS gross\n"
        "FROM dividend_income\nGROUP BY ALL\nORDER BY year",
    ),
    Example(
        "A price, adjusted and as traded",
        "SELECT date, close, split_adjusted_close, adjusted_close\n"
        "FROM adjusted_prices\nWHERE symbol = (SELECT min(symbol) FROM holdings)\nORDER BY date",
    ),
    Example(
        "Best and worst months",
        "WITH months AS (\n"
        "    SELECT portfolio_id, date_trunc('month', date) AS month, last(growth ORDER BY date) AS growth\n"
        "    FROM performance_daily GROUP BY ALL\n)\n"
        "SELECT month, growth / lag(growth) OVER (PARTITION BY portfolio_id ORDER BY month) - 1 AS month_return\n"
        "FROM months\nQUALIFY month_return IS NOT NULL\nORDER BY month_return DESC",
    ),
    Example(
        "Every dollar in euros, over the years",
        "SELECT date, fx_rate('USD', 'EUR', date) AS rate\n"
        "FROM (SELECT DISTINCT date FROM fx_history WHERE currency = 'USD')\nORDER BY date",
    ),
    Example(
        "What was held back, by rule",
        "SELECT rule, state, count(*) AS rows, min(date) AS first, max(date) AS last\n"
        "FROM quarantine\nGROUP BY ALL\nORDER BY rows DESC",
    ),
    Example("What a table has in it", "SUMMARIZE price_history"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A query of this session that is over: for the history."""

    query: str
    at: dt.datetime
    outcome: Outcome
    seconds: float
    rows: int | None

    @property
    def title(self) -> str:
        """Return the query on one line, shortened."""
        line = " ".join(self.query.split())
        return line if len(line) <= _LONGEST_TITLE else f"{line[:_LONGEST_TITLE]}…"

    @property
    def about(self) -> str:
        """Return when it was asked and what became of it."""
        told = _counted(self.rows) if self.rows is not None else self.outcome.value
        return f"{self.at:%H:%M:%S} UTC, {told}, {formats.number(self.seconds)} s"


@dataclass(frozen=True, slots=True)
class Axes:
    """What of an answer can be drawn: columns for the axes, and those that can tell lines apart; the likeliest first.

    ``apart`` is the one of the latter that tells lines apart unless another is chosen.
    """

    x: list[str]
    y: list[str]
    by: list[str]
    apart: str | None


def table_names(columns: pl.DataFrame) -> dict[str, str]:
    """Return every table and view with a line about it; declared ones in their order, then views, then the rest."""
    sizes = dict(columns.select("table_name", "stored_rows").iter_rows())
    declared = [table.name for table in TABLES if table.name in sizes]
    ordered = [*(name for name in VIEWS if name in sizes), *declared, *sorted(set(sizes) - set(declared) - set(VIEWS))]
    docs = {table.name: table.doc for table in TABLES} | VIEWS
    return {name: _line(docs.get(name, ""), sizes[name]) for name in ordered}


def _line(doc: str, rows: int | None) -> str:
    return f"{doc} About {formats.count(rows)} rows.".strip() if rows is not None else doc


def table_columns(columns: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return the columns of a table as `COLUMN_COLUMNS`; a view's mean what the table's do that they are of."""
    known = {column.name: column for table in reversed(TABLES) for column in table.columns}
    known |= {column.name: column for table in TABLES if table.name == name for column in table.columns}
    rows = [
        (column, kind, found.unit if found else None, "yes" if found and found.nullable else None, found and found.doc)
        for column, kind in columns.filter(pl.col("table_name") == name).select("column_name", "data_type").iter_rows()
        for found in [known.get(column)]
    ]
    return pl.DataFrame(rows, schema=[(column.title, pl.String) for column in COLUMN_COLUMNS], orient="row")


def first_rows(name: str) -> str:
    """Return the query for the first rows of a table."""
    return f"SELECT *\nFROM {name}\nLIMIT 100"


def counted(answer: Answer) -> str:
    """Return how many rows an answer has, how long it took, and whether there are more."""
    rows = 0 if answer.frame is None else answer.frame.height
    text = f"{_counted(rows)} in {formats.number(answer.seconds)} s."
    if not answer.cut:
        return text
    if not rows:
        return "The first row alone is larger than an answer may be."
    return f"{text} There are more: the answer was cut. Raise the limit of rows, or sum up in the query."


def first(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of an answer that a table can show."""
    return frame.head(MOST_CELLS // max(1, frame.width))


def _counted(rows: int) -> str:
    return f"{formats.count(rows)} row{'' if rows == 1 else 's'}"


def why_not(answer: Answer, bounds: Bounds) -> str | None:
    """Return why there are no rows; None where there are, or where DuckDB has said it."""
    return {
        Outcome.REFUSED: f"This is not run: {answer.message}.",
        Outcome.OUT_OF_TIME: f"It took longer than {bounds.seconds:g} seconds and was ended. Ask for less at a time.",
        Outcome.OUT_OF_MEMORY: "It took more memory than a query may have"
        f" ({formats.count(bounds.memory_mb)} MB), or broke DuckDB, and was ended."
        " Nothing else has come to harm. Ask for less at a time.",
        Outcome.CANCELLED: "Cancelled.",
        Outcome.BUSY: "Others are asking just now, and no place came free. Try again.",
        Outcome.BROKEN: "The published file cannot be read. `folio status` says more; `folio refresh` makes a new one.",
    }.get(answer.outcome)


def plan(frame: pl.DataFrame) -> str | None:
    """Return the text of an EXPLAIN, None where an answer is none."""
    if frame.columns != ["explain_key", "explain_value"]:
        return None
    return "\n".join(str(text) for text in frame["explain_value"])


def axes(frame: pl.DataFrame) -> Axes | None:
    """Return what can be drawn of an answer, None where nothing can."""
    numbers = [name for name, kind in frame.schema.items() if kind.is_numeric()]
    times = [name for name, kind in frame.schema.items() if kind.is_temporal()]
    others = [name for name in frame.columns if name not in numbers and name not in times]
    x = [*times, *others, *numbers]
    y = [name for name in numbers if name != x[0]]
    if not y or frame.is_empty():
        return None
    by = [name for name in others if name != x[0] and frame[name].n_unique() <= MOST_LINES]
    return Axes(x, y, by, by[0] if by and frame[x[0]].n_unique() < frame.height else None)


def lines(frame: pl.DataFrame, x: str, ys: list[str], by: str | None) -> dict[str, pl.DataFrame]:
    """Return the lines of a chart as ``x, y`` by name, sorted where x is a time; impossible days are left out.

    Args:
        frame: The answer; its first rows are drawn.
        x: The column of the x-axis.
        ys: Those of the y-axis.
        by: The column whose values have a line each; None for one line.
    """
    names = frame.head(MOST_DRAWN)
    kind = frame.schema[x]
    if isinstance(kind, pl.Date | pl.Datetime):
        names = names.filter(pl.col(x).dt.year().is_between(1, 9999)).sort(x, maintain_order=True)
    across = pl.col(x).cast(pl.Float64) if kind.is_decimal() else pl.col(x)
    parts = {(): names} if by is None else names.partition_by(by, as_dict=True, maintain_order=True)
    return {
        ", ".join([*map(str, part), *([name] if by is None or len(ys) > 1 else [])]): rows.select(
            x=across, y=pl.col(name).cast(pl.Float64)
        )
        for part, rows in parts.items()
        for name in ys
    }
