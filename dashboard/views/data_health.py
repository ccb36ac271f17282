"""What the Data health page says: how old everything is, what failed, what waits, what moved.

Belongs here: wording and choosing. Does not: reading (`data.health`), layout, the rules themselves (`pipelines`).
"""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import polars as pl

from dashboard.views.ages import ago
from dashboard.views.columns import Column, Kind, titled
from dashboard.views.overview import Tile
from dashboard.views.verbatim import verbatim
from pipelines import formats
from pipelines.portfolio.difference import ChangedRow, Difference
from pipelines.portfolio.prices import STALE_AFTER_SESSIONS
from warehouse.published import Publication
from warehouse.schema.types import TIMESTAMP

SECTIONS = ("Freshness", "Checks", "Held back", "Providers", "Runs", "Publications")
SHOWN_SYMBOLS = ("Held", "Behind", "All")
STATES = ("open", "accepted", "released", "resolved")
FAILED = {
    "failed": "failed",
    "killed": "was killed",
    "blocked": "was blocked",
    "interrupted": "was interrupted",
}
"""What a run that did not publish is said to have done, by its status."""
MOST_RELEASED = 500
"""Rows that can be picked from a list; more at once are for `folio quality release`, which takes ranges."""
_LONGEST = 400

TABLE_COLUMNS = (
    Column("Table", "table_name"),
    Column("Rows", "stored_rows", Kind.DAYS),
    Column("First day", "first_date", Kind.DATE),
    Column("Last day", "last_date", Kind.DATE),
    Column("Days ago", "age", Kind.DAYS, "Calendar days from the last day to today; below zero for days to come."),
    Column("Last fetched, UTC", "fetched", Kind.MOMENT),
)
SYMBOL_COLUMNS = (
    Column("Symbol", "symbol"),
    Column("Name", "name"),
    Column("State", "state"),
    Column("Held", "is_held", help="In any portfolio."),
    Column("Last price of", "last_date", Kind.DATE, "The last day with a stored close."),
    Column("Sessions behind", "sessions_behind", Kind.DAYS, "Sessions of its exchange that have ended since."),
    Column("Exchange", "exchange"),
    Column("Price", "last_price", Kind.PRICE, "The current price, live or the last close."),
    Column("Currency", "currency"),
    Column("Priced at, UTC", "priced_at", Kind.MOMENT),
    Column("Source", "price_source"),
    Column("Days stored", "stored_days", Kind.DAYS),
)
RATE_COLUMNS = (
    Column("Currency", "currency"),
    Column("Last fixing", "last_date", Kind.DATE),
    Column("Days ago", "age", Kind.DAYS),
    Column("For one euro", "per_eur", Kind.QUANTITY),
    Column("Source", "source"),
    Column("Last fetched, UTC", "fetched", Kind.MOMENT),
)
GATE_COLUMNS = (
    Column("Result", "result"),
    Column("Table", "table_name"),
    Column("Rule", "rule"),
    Column("Rows", "failed_rows", Kind.DAYS, "Rows that broke it."),
    Column("Some of them", "sample"),
)
HELD_COLUMNS = (
    Column("Id", "quarantine_id", Kind.QUANTITY),
    Column("State", "state"),
    Column("Table", "table_name"),
    Column("About", "about"),
    Column("Date", "date", Kind.DATE),
    Column("Rule", "rule"),
    Column("Column", "column_name"),
    Column("Value", "value", help="What was fetched."),
    Column("Expected", "expected", help="What would have been believed."),
    Column("Reason", "reason"),
    Column("Resolved", "resolution"),
    Column("Last seen, UTC", "seen", Kind.MOMENT),
)
PROVIDER_COLUMNS = (
    Column("Provider", "source"),
    Column("State", "state"),
    Column("Calls today", "calls", Kind.DAYS),
    Column("Failed", "failures", Kind.DAYS),
    Column("Median, ms", "latency_p50_ms", Kind.DAYS, "Half of the last 500 calls took no longer."),
    Column("95%, ms", "latency_p95_ms", Kind.DAYS, "95 of 100 of the last 500 calls took no longer."),
    Column("Quota left", "quota_left", Kind.DAYS, "Requests left today, in UTC; empty where days are not limited."),
    Column("Last good answer, UTC", "ok_at", Kind.MOMENT),
    Column("Last error", "last_error"),
)
RUN_COLUMNS = (
    Column("Started, UTC", "started", Kind.MOMENT),
    Column("Kind", "kind"),
    Column("Status", "status"),
    Column("Took", "took"),
    Column("Message", "message"),
    Column("Run", "run_id"),
)
PUBLICATION_COLUMNS = (
    Column("Publication", "id"),
    Column("Published, UTC", "published", Kind.MOMENT),
    Column("Size, MB", "megabytes", Kind.DAYS),
)
_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong: its level (``error`` or ``warning``), what, and what can be done."""

    level: str
    text: str


def tiles(
    *, published: Publication | None, runs: pl.DataFrame, gates: pl.DataFrame, waiting: int, now: dt.datetime
) -> list[Tile]:
    """Return the state of everything in a few figures."""
    last = runs.row(0, named=True) if runs.height else None
    failed = gates.filter(~pl.col("passed"))
    age = formats.UNKNOWN if published is None else ago(now - published.published_at)
    return [
        Tile("published", "Published", age, help="When what all pages show was published."),
        Tile(
            "last_run",
            "Last run",
            last["status"] if last else formats.UNKNOWN,
            last["kind"] if last else None,
            up=None if last is None or last["status"] == "running" else last["status"] not in FAILED,
        ),
        Tile(
            "checks",
            "Rules passed",
            f"{gates.height - failed.height} of {gates.height}" if gates.height else formats.UNKNOWN,
            f"{failed.filter('blocking').height} blocking failed" if failed.filter("blocking").height else None,
            up=False if failed.filter("blocking").height else None,
            help="Of the last run.",
        ),
        Tile(
            "held_back", "Rows held back", formats.count(waiting), help="Fetched rows that are not believed and wait."
        ),
    ]


def findings(*, published: Publication | None, runs: pl.DataFrame, gates: pl.DataFrame, waiting: int) -> list[Finding]:
    """Return what is wrong, the gravest first."""
    found = []
    last = next((row for row in runs.iter_rows(named=True) if row["status"] != "running"), None)
    since = published is None or (last is not None and last["started_at"] > published.published_at)
    if last is not None and last["status"] in FAILED and since:
        stays = "The last publication stands" if published else "Nothing is published"
        why = verbatim(shortened(formats.with_days(last["message"] or "it says no reason")))
        run = f"the run `{last['kind']}` of {moment(last['started_at'])}"
        found.append(Finding("error", f"{stays}: {run} {FAILED[last['status']]}: {why}."))
    blocking = gates.filter(~pl.col("passed") & pl.col("blocking"))
    if blocking.height:
        names = ", ".join(f"{table} {rule}" for table, rule in blocking.select("table_name", "rule").iter_rows())
        found.append(Finding("error", f"What blocks: {names}. See Checks."))
    if waiting:
        found.append(Finding("warning", f"{formats.count(waiting)} fetched rows are held back. See Held back."))
    return found


def moment(at: dt.datetime | None) -> str:
    """Return a time in UTC."""
    return formats.UNKNOWN if at is None else f"{formats.day(at.date())}, {at:%H:%M} UTC"


def duration(span: dt.timedelta | None) -> str:
    """Return a span as coarsely as it reads well.

    >>> duration(dt.timedelta(hours=26, minutes=5)), duration(dt.timedelta(seconds=3.2))
    ('1 d 2 h', '3 s')
    """
    if span is None:
        return formats.UNKNOWN
    seconds = max(0, int(span.total_seconds()))
    for size, unit, rest, smaller in ((86_400, "d", 3_600, "h"), (3_600, "h", 60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit} {seconds % size // rest} {smaller}"
    return f"{seconds // 60} min" if seconds >= _MINUTE else f"{seconds} s"


def shortened(text: str) -> str:
    """Return a message that a page has room for."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def tables(frame: pl.DataFrame, today: dt.date) -> pl.DataFrame:
    """Return the age of each table as `TABLE_COLUMNS`."""
    return titled(frame.with_columns(_age(today), fetched=_moment("fetched_at")), TABLE_COLUMNS)


def rates(frame: pl.DataFrame, today: dt.date) -> pl.DataFrame:
    """Return the age of each currency's rate as `RATE_COLUMNS`, those without one first, then the oldest."""
    aged = frame.with_columns(_age(today), fetched=_moment("fetched_at"))
    return titled(aged.sort("age", descending=True, nulls_last=False, maintain_order=True), RATE_COLUMNS)


def symbols(frame: pl.DataFrame, shown: str) -> pl.DataFrame:
    """Return symbols with the age of their prices as `SYMBOL_COLUMNS`.

    Args:
        frame: As `data.health.symbols` returns them.
        shown: One of `SHOWN_SYMBOLS`; those behind are held, listed, and without the price of a session that has ended.
    """
    late = (pl.col("sessions_behind") > 0) | pl.col("last_date").is_null()
    keep = {"Held": pl.col("held"), "Behind": late & (pl.col("status") != "delisted"), "All": pl.lit(value=True)}
    behind = pl.col("sessions_behind")
    state = (
        pl.when(pl.col("status") == "delisted")
        .then(pl.lit("delisted"))
        .when(pl.col("last_date").is_null())
        .then(pl.lit("no price"))
        .when(behind > STALE_AFTER_SESSIONS)
        .then(pl.lit("old"))
        .when(behind > 0)
        .then(pl.lit("behind"))
        .when(behind == 0)
        .then(pl.lit("current"))
        .otherwise(pl.lit("no calendar"))
    )
    renamed = pl.when(pl.col("status") == "renamed").then(pl.format("{}, renamed", state)).otherwise(state)
    told = frame.filter(keep[shown]).with_columns(
        state=renamed, is_held=pl.when("held").then(pl.lit("yes")), priced_at=_moment("last_price_at")
    )
    return titled(told, SYMBOL_COLUMNS)


def counted_symbols(frame: pl.DataFrame) -> str:
    """Return in a sentence how many symbols are priced from their last session."""
    listed = frame.filter(pl.col("status") != "delisted")
    current = listed.filter(pl.col("sessions_behind") == 0).height
    parts = [
        (listed.filter(pl.col("sessions_behind") > 0).height, "behind it"),
        (listed.filter(pl.col("sessions_behind").is_null() & pl.col("last_date").is_not_null()).height, "no calendar"),
        (listed.filter(pl.col("last_date").is_null()).height, "without a price"),
        (frame.height - listed.height, "delisted"),
    ]
    told = "".join(f", {formats.count(number)} {words}" for number, words in parts if number)
    of_all = f"{formats.count(current)} of {formats.count(frame.height)} symbols"
    return f"{of_all} priced from the last session of their exchange{told}."


def gates(frame: pl.DataFrame) -> pl.DataFrame:
    """Return what each rule found as `GATE_COLUMNS`, what failed first."""
    result = (
        pl.when("passed")
        .then(pl.lit("passed"))
        .when("blocking")
        .then(pl.lit("failed, blocks"))
        .otherwise(pl.lit("remarked"))
    )
    ordered = frame.sort(
        ~pl.col("passed"), ~pl.col("passed") & pl.col("blocking"), descending=True, maintain_order=True
    )
    return titled(ordered.with_columns(result=result), GATE_COLUMNS)


def held_back(frame: pl.DataFrame, states: Sequence[str]) -> pl.DataFrame:
    """Return rows that are or were held back, of some states, as `HELD_COLUMNS`."""
    chosen = frame.filter(pl.col("state").is_in(list(states)))
    return titled(chosen.with_columns(seen=_moment("last_seen_at")), HELD_COLUMNS)


def to_release(frame: pl.DataFrame) -> dict[int, str]:
    """Return the open rows by number, in words, those that were seen last first; at most `MOST_RELEASED`."""
    rows = frame.filter(pl.col("state") == "open").sort("last_seen_at", descending=True, maintain_order=True)
    return {
        row["quarantine_id"]: f"{row['quarantine_id']}: {row['table_name']} {row['key']}, {row['rule']}: {row['value']}"
        for row in rows.head(MOST_RELEASED).iter_rows(named=True)
    }


def providers(frame: pl.DataFrame) -> pl.DataFrame:
    """Return how each provider does as `PROVIDER_COLUMNS`."""
    longer = pl.col("not_before") > pl.col("open_until")
    state = (
        pl.when(pl.col("open_until").is_not_null() & ~longer.fill_null(value=False))
        .then(pl.format("left alone until {} UTC", pl.col("open_until").dt.strftime("%H:%M:%S")))
        .when(pl.col("not_before").is_not_null())
        .then(pl.format("asked to wait until {} UTC", pl.col("not_before").dt.strftime("%H:%M:%S")))
        .when(pl.col("breaker") == "half-open")
        .then(pl.lit("tried by the next question"))
        .when(pl.col("last_called_at").is_null())
        .then(pl.lit("not asked yet"))
        .when(pl.col("failures_in_a_row") == 1)
        .then(pl.lit("failed once"))
        .when(pl.col("failures_in_a_row") > 1)
        .then(pl.format("failed {} times in a row", "failures_in_a_row"))
        .otherwise(pl.lit("asked"))
    )
    return titled(frame.with_columns(state=state, ok_at=_moment("last_ok_at")), PROVIDER_COLUMNS)


def left_alone(frame: pl.DataFrame) -> list[str]:
    """Return the providers that nobody asks just now."""
    waits = (pl.col("breaker") != "closed") | pl.col("not_before").is_not_null()
    return frame.filter(waits)["source"].to_list()


def runs(frame: pl.DataFrame, address: str | None) -> pl.DataFrame:
    """Return runs as `RUN_COLUMNS`, each with its page in the Dagster UI where that is served."""
    spans = [
        duration(ended - started if ended else None) for started, ended in frame.select("started_at", "ended_at").rows()
    ]
    told = frame.with_columns(
        pl.Series("took", spans, dtype=pl.String),
        started=_moment("started_at"),
        message=pl.col("message").map_elements(formats.with_days, return_dtype=pl.String),
        run_id=pl.col("run_id") if address is None else pl.format("{}/runs/{}", pl.lit(address), "run_id"),
    )
    return titled(told, RUN_COLUMNS)


def kept(publications: Sequence[Publication]) -> pl.DataFrame:
    """Return the publications that are kept as `PUBLICATION_COLUMNS`."""
    rows = [
        (one.id, one.published_at.replace(microsecond=0), round(one.path.stat().st_size / 1e6, 1))
        for one in publications
    ]
    schema: dict[str, pl.DataType | type[pl.DataType]]
    schema = {"id": pl.String, "published": TIMESTAMP, "megabytes": pl.Float64}
    return titled(pl.DataFrame(rows, schema=schema, orient="row"), PUBLICATION_COLUMNS)


def moments(publications: Sequence[Publication]) -> dict[str, str]:
    """Return when each was published by its id; those of one minute are told apart by the end of their ids."""
    said = {one.id: moment(one.published_at) for one in publications}
    times = Counter(said.values())
    return {name: text if times[text] == 1 else f"{text} ({name[-6:]})" for name, text in said.items()}


def moved(found: Difference) -> pl.DataFrame:
    """Return the figures that moved: before, after, and what each cause added, as they read."""
    causes = list(dict.fromkeys(cause for figure in found.figures for cause in figure.by_cause))
    rows = [
        {
            "Figure": figure.figure,
            "Before": _figure(figure.before),
            "After": _figure(figure.after),
            **{cause.capitalize(): _change(figure.by_cause, cause) for cause in causes},
        }
        for figure in found.figures
    ]
    return pl.DataFrame(
        rows, schema=dict.fromkeys(["Figure", "Before", "After", *map(str.capitalize, causes)], pl.String)
    )


def changed(found: Difference) -> pl.DataFrame:
    """Return the rows that moved figures: cause, change, which, before, after."""
    rows = [
        (row.cause.capitalize(), row.change, " ".join(row.key.values()), _row(row, row.before), _row(row, row.after))
        for row in found.rows
    ]
    return pl.DataFrame(
        rows, schema=dict.fromkeys(["Cause", "Change", "Row", "Before", "After"], pl.String), orient="row"
    )


def _change(by_cause: Mapping[str, Decimal | float | None], cause: str) -> str | None:
    return _figure(by_cause[cause], signed=True) if cause in by_cause else None


def _figure(value: Decimal | float | None, *, signed: bool = False) -> str:
    if isinstance(value, float):
        return formats.percent(value, signed=signed)
    return formats.money(value, signed=signed)


def _row(row: ChangedRow, state: dict[str, str] | None) -> str | None:
    if state is None:
        return None
    if formats.hides_amounts():
        return formats.HIDDEN
    return ", ".join(f"{name} {_plain(value)}" for name, value in state.items() if name not in row.key)


def _plain(text: str) -> str:
    """Return a number without an exponent and the zeros at its end; anything else as it is."""
    try:
        return f"{Decimal(text).normalize():f}"
    except InvalidOperation:
        return text


def _age(today: dt.date) -> pl.Expr:
    return (pl.lit(today) - pl.col("last_date")).dt.total_days().alias("age")


def _moment(name: str) -> pl.Expr:
    return pl.col(name).dt.truncate("1s")
