"""Current prices that are not believed, so that the master keeps the last one that was.

Belongs here: judging a quote as the price of its day, and taking it away. Does not: which price is the current one
(`pipelines.ingest`).
"""

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import replace

import polars as pl

from pipelines.quality.finding import FINDINGS
from pipelines.quality.held import with_keys
from pipelines.quality.screens import Fetched, Known
from pipelines.quality.screens.shape import found, text
from warehouse.schema import market
from warehouse.schema.types import TIMESTAMP

QUOTE = ("last_price", "last_price_at", "previous_close", "price_source")
QUOTE_ALONE, QUOTE_FROZEN, SPLIT_AHEAD = "quote_alone", "quote_frozen", "split_ahead"
FROZEN_DAYS = 9
"""Over the longest holidays a last close is told for so long; beyond them nobody has traded, whatever its date."""
_PRICE = market.PRICE_HISTORY.polars_schema
_NOBODY = pl.DataFrame(schema={"symbol": pl.String})
_FIRST_TO_BEGIN = dt.timedelta(days=1)
"""A session in Auckland is of the day after that in UTC, and who tells its day alone tells that."""
_LONGEST_SESSION = "1d"
"""A quote counts as of the session that opened before it no longer than this ago: through its end, and the night."""

Screen = Callable[..., pl.DataFrame]


def doubted(
    symbols: pl.DataFrame,
    fetched: Fetched,
    believed: Fetched,
    known: Known,
    found: pl.DataFrame,
    judge: Screen,
    *,
    today: dt.date,
) -> pl.DataFrame:
    """Return what is not believed of quotes.

    Args:
        symbols: Profiles and quotes as fetched.
        fetched: The rows of providers.
        believed: Those of them that go on.
        known: What is stored, with a person's own rows.
        found: Findings on the rows of providers.
        judge: The screens.
        today: The clock's day.

    Returns:
        ``FINDINGS`` about `symbols`, of ``last_price``.
    """
    closes = pl.concat([known.prices, believed.prices], how="diagonal_relaxed")
    closes = closes.unique(["symbol", "date"], keep="last", maintain_order=True)
    of_step = pl.concat(
        [
            _judged(symbols, believed, closes, known, judge, today),
            _alone(symbols, fetched, closes),
            _frozen(symbols, closes),
        ]
    )
    beside = _beside_closes(symbols, fetched, known, found, judge, today)
    # One reason is enough, and a release of it.
    of_price = pl.concat([of_step, beside.join(of_step.filter("held"), on="about", how="anti")])
    ahead = pl.concat([_ahead(symbols, fetched, known), _in_future(symbols, today)])
    return pl.concat([ahead, of_price.join(ahead, on="about", how="anti")])


def _in_future(symbols: pl.DataFrame, today: dt.date) -> pl.DataFrame:
    """Return the quotes of a day that has begun nowhere: they would shut out all that come until then."""
    return found(
        as_prices(symbols).filter(pl.col("date") > today + _FIRST_TO_BEGIN),
        market.SYMBOLS,
        "future_date",
        column="last_price",
        value=pl.col("close"),
        reason=pl.format(f"price {{}} of {{}}, a day after {today}", text(pl.col("close")), pl.col("date")),
    )


def _ahead(symbols: pl.DataFrame, fetched: Fetched, known: Known) -> pl.DataFrame:
    """Return the quotes of a session that is a split's, and that has begun before its day has in UTC.

    Such a price is of the new units, but everybody is counted in the old ones until that day.
    """
    stored, told = known.conformed(), fetched.conformed()
    columns = ("symbol", "ex_date", "ratio_new", "ratio_old")
    splits = pl.concat([frame.select(columns) for frame in (stored.splits, told.splits)])
    coming = splits.filter(pl.col("ratio_new") != pl.col("ratio_old")).unique(["symbol", "ex_date"], keep="first")
    early = as_prices(symbols).join(coming, on="symbol").filter(pl.col("date") < pl.col("ex_date"))
    mine = symbols.join(early, on="symbol", how="semi") if early.height else symbols.clear()
    quoted = _of_sessions(mine, stored).select("symbol", session="date")
    return found(
        early.join(quoted, on="symbol").filter(pl.col("ex_date") <= pl.col("session")),
        market.SYMBOLS,
        SPLIT_AHEAD,
        column="last_price",
        value=pl.col("close"),
        reason=pl.format(
            "price {} of the session of {}, with a split of {} new for {}: both count when that day has begun in UTC",
            text(pl.col("close")),
            "ex_date",
            text(pl.col("ratio_new")),
            text(pl.col("ratio_old")),
        ),
    ).unique("about", keep="first", maintain_order=True)


def _judged(
    symbols: pl.DataFrame, believed: Fetched, closes: pl.DataFrame, known: Known, judge: Screen, today: dt.date
) -> pl.DataFrame:
    """Return what is not believed of quotes, each judged as a close of its day after those that are believed.

    What is the believed close of its day, told once more, is believed as that is: by its step, or by a release.
    """
    quoted = as_prices(symbols)
    if closes.width:
        quoted = quoted.join(closes, on=["symbol", "date", "close"], how="anti", maintain_order="left")
    if quoted.is_empty():
        return pl.DataFrame(schema=FINDINGS)
    before = closes.join(quoted.select("symbol", quoted_on="date"), on="symbol")
    context = Known(
        prices=before.filter(pl.col("date") < pl.col("quoted_on")).drop("quoted_on"),
        dividends=pl.concat([known.dividends, believed.dividends], how="diagonal_relaxed"),
        splits=_settled(known.splits, believed.splits),
        rates=known.rates,
        symbols=known.symbols,
        sessions=known.sessions,
    )
    nothing = {name: believed_frame.clear() for name, believed_frame in vars(believed).items() if name != "prices"}
    doubted = judge(Fetched(prices=quoted, **nothing), context, today=today)
    # A quote may come on any day and its day is in UTC: only its value is judged.
    return _of_quotes(doubted)


def _of_quotes(found: pl.DataFrame) -> pl.DataFrame:
    """Return the findings on closes as findings on current prices."""
    return found.filter(pl.col("column") == "close").with_columns(
        table_name=pl.lit(market.SYMBOLS.name), column=pl.lit("last_price")
    )


def _beside_closes(
    symbols: pl.DataFrame, fetched: Fetched, known: Known, found: pl.DataFrame, judge: Screen, today: dt.date
) -> pl.DataFrame:
    """Return the quotes that come with a last close that is held back, and are no better.

    One of that close's own session is that close, told once more, unless a person has stated the day. A later one is
    judged as the next close of the series that it comes with: what holds back all of that, or all since a step, holds
    it back, too, however small its own step is. What is held back for another column than its close, an open in pence,
    a negative volume, a day without a session, says nothing of the price.
    """
    held = found.filter("held", pl.col("table_name") == market.PRICE_HISTORY.name, pl.col("column") == "close")
    if held.is_empty() or not symbols.width:
        return pl.DataFrame(schema=FINDINGS)
    quoted = _of_sessions(symbols, known.conformed())
    until = fetched.prices.join(quoted.select("symbol", quoted_on="date"), on="symbol")
    last = until.filter(pl.col("date") <= pl.col("quoted_on")).group_by("symbol", "quoted_on").agg(pl.col("date").max())
    reasons = held.select("rule", "reason", symbol="about", date="date").unique(["symbol", "date"], keep="first")
    at_last = last.join(reasons, on=["symbol", "date"])
    later = quoted.join(at_last.filter(pl.col("date") < pl.col("quoted_on")), on="symbol", how="semi")
    own = known.prices.filter(pl.col("source") == market.OWN_FILES) if known.prices.width else fetched.prices.clear()
    closed = at_last.filter(pl.col("date") == pl.col("quoted_on")).join(own, on=["symbol", "date"], how="anti")
    return pl.concat(
        [_of_held_days(quoted.join(closed, on=["symbol", "date"])), _next_closes(later, fetched, known, judge, today)]
    )


def _of_sessions(symbols: pl.DataFrame, known: Known) -> pl.DataFrame:
    """Return current prices as closes of their sessions, of which one in Sydney opens on the day before, in UTC.

    The calendar of the exchange says which; where the master names none, or it has no session then, the provider does.
    """
    opened = known.sessions.select("exchange", session="date", at="opens_at").drop_nulls().sort("at")
    quoted = as_prices(symbols)
    if quoted.is_empty():
        return quoted
    told = pl.col("session") if "session" in symbols.columns else pl.lit(None, pl.Date)
    at = symbols.select("symbol", at=pl.col("last_price_at").cast(TIMESTAMP), told=told)
    placed = quoted.join(at, on="symbol").join(known.symbols.select("symbol", "exchange"), on="symbol", how="left")
    days = placed.sort("at").join_asof(
        opened, on="at", by="exchange", tolerance=_LONGEST_SESSION, check_sortedness=False
    )
    return days.with_columns(date=pl.coalesce("session", "told", "date")).select(quoted.columns)


def _of_held_days(quoted: pl.DataFrame) -> pl.DataFrame:
    """Return a finding for each quote, by ``rule`` and ``reason`` of the close of its session."""
    return found(
        quoted,
        market.SYMBOLS,
        pl.col("rule"),
        column="last_price",
        value=pl.col("close"),
        reason=pl.format("price {} of a day whose close is held back: {}", text(pl.col("close")), "reason"),
    )


def _next_closes(quoted: pl.DataFrame, fetched: Fetched, known: Known, judge: Screen, today: dt.date) -> pl.DataFrame:
    """Return what is found of quotes, each judged as the next close of its series."""
    if quoted.is_empty():
        return pl.DataFrame(schema=FINDINGS)
    mine = pl.col("symbol").is_in(quoted["symbol"].to_list())
    told, stored = _of_instruments(fetched, mine), _of_instruments(known, mine)
    told["prices"] = pl.concat([told["prices"], quoted], how="diagonal_relaxed")
    series = replace(fetched, **told, quotes=fetched.quotes.filter(mine))
    doubted = judge(series, replace(known, **stored), today=today)
    return _of_quotes(doubted.join(quoted.select(about="symbol", date="date"), on=["about", "date"], how="semi"))


def _of_instruments(rows: Fetched | Known, mine: pl.Expr) -> dict[str, pl.DataFrame]:
    frames: dict[str, pl.DataFrame] = {name: getattr(rows, name) for name in ("prices", "dividends", "splits")}
    return {name: frame.filter(mine) if frame.width else frame for name, frame in frames.items()}


def _alone(symbols: pl.DataFrame, fetched: Fetched, closes: pl.DataFrame) -> pl.DataFrame:
    """Return current prices of symbols of which closes came and none is believed, now or before.

    Nothing is left that such a price could be held against, and it is most often wrong as they are.
    """
    sound = closes.select("symbol") if closes.width else _NOBODY
    unbacked = fetched.prices.select("symbol").unique().join(sound, on="symbol", how="anti")
    return found(
        as_prices(symbols).join(unbacked, on="symbol", how="semi"),
        market.SYMBOLS,
        QUOTE_ALONE,
        column="last_price",
        value=pl.col("close"),
        reason=pl.format(
            "price {}: all closes of {} are held back, so nothing speaks for it", text(pl.col("close")), "symbol"
        ),
    )


def _frozen(symbols: pl.DataFrame, closes: pl.DataFrame) -> pl.DataFrame:
    """Return current prices that are the last close, told again as of a day long after it.

    A provider that has lost a symbol goes on to stamp its last price with the time of its answer. Taken at its word, a
    price that nobody has paid for weeks would be shown as live.
    """
    quoted = as_prices(symbols)
    if quoted.is_empty() or not closes.width:
        return pl.DataFrame(schema=FINDINGS)
    until = closes.join(quoted.select("symbol", quote="close", quoted_on="date"), on="symbol")
    last = (
        until.filter(pl.col("date") <= pl.col("quoted_on"))
        .group_by("symbol", maintain_order=True)
        .agg(pl.col("quote", "quoted_on", "close", "date").sort_by("date").last())
    )
    days = (pl.col("quoted_on") - pl.col("date")).dt.total_days()
    return found(
        last.filter(pl.col("close") == pl.col("quote"), days > FROZEN_DAYS)
        .rename({"date": "closed_on"})
        .with_columns(date="quoted_on"),
        market.SYMBOLS,
        QUOTE_FROZEN,
        column="last_price",
        value=pl.col("quote"),
        reason=pl.format(
            "price {} of {} is the close of {}, and none has come since",
            text(pl.col("quote")),
            "quoted_on",
            "closed_on",
        ),
    )


def _settled(stored: pl.DataFrame, believed: pl.DataFrame) -> pl.DataFrame:
    """Return the splits as if a person had said them: quotes had their word on them when these were judged."""
    both = pl.concat([stored, believed], how="diagonal_relaxed")
    return both.with_columns(source=pl.lit(market.OWN_FILES))


def without(symbols: pl.DataFrame, found: pl.DataFrame, fetched: Fetched, known: Known) -> pl.DataFrame:
    """Return profiles and quotes without what is held back.

    A symbol that came in another currency is left out; a quote that is not believed is taken out of its row; a previous
    close that is a held row's is not known; the unit of prices of which the last is held back is the stored one.

    Args:
        symbols: As fetched.
        found: All findings.
        fetched: The rows of providers.
        known: What is stored.
    """
    if not symbols.width:
        return symbols
    held = with_keys(found.filter("held"))
    of_symbols = pl.col("table_name") == market.SYMBOLS.name
    other = held.filter(of_symbols, pl.col("column") == "currency").select(symbol="about")
    quotes = held.filter(of_symbols, pl.col("column") == "last_price")["about"].to_list()
    bad = held.filter(pl.col("table_name") == market.PRICE_HISTORY.name).select(symbol="about", date="date").unique()
    closes = fetched.prices.join(bad, on=["symbol", "date"], how="semi").select(
        "symbol", previous_close="close", bad=pl.lit(value=True)
    )
    rows = symbols.join(other, on="symbol", how="anti", maintain_order="left").with_columns(
        pl.when(~pl.col("symbol").is_in(quotes)).then(name).alias(name) for name in QUOTE if name in symbols.columns
    )
    rows = _in_stored_units(rows, {*quotes, *_last_held(held, fetched)}, known)
    if "previous_close" not in rows.columns:
        return rows
    return (
        rows.join(closes.unique(), on=["symbol", "previous_close"], how="left", maintain_order="left")
        .with_columns(previous_close=pl.when(pl.col("bad").is_null()).then("previous_close"))
        .drop("bad")
    )


def _last_held(held: pl.DataFrame, fetched: Fetched) -> list[str]:
    """Return the symbols of whose fetched closes the last is held back."""
    if not fetched.prices.width:
        return []
    of_closes = pl.col("table_name") == market.PRICE_HISTORY.name, pl.col("column") == "close"
    last = fetched.prices.group_by(about="symbol").agg(pl.col("date").max())
    return held.filter(*of_closes).join(last, on=["about", "date"], how="semi")["about"].to_list()


def _in_stored_units(symbols: pl.DataFrame, doubted: Collection[str], known: Known) -> pl.DataFrame:
    """Return the symbols, those in doubt with the unit that is stored of them: a provider that is off says both."""
    if "price_unit" not in symbols.columns or not known.symbols.width:
        return symbols
    stored = known.symbols.select("symbol", stored_unit="price_unit")
    unit = pl.when(pl.col("symbol").is_in(list(doubted))).then(pl.coalesce("stored_unit", "price_unit"))
    rows = symbols.join(stored, on="symbol", how="left", maintain_order="left")
    return rows.with_columns(price_unit=unit.otherwise("price_unit")).drop("stored_unit")


def as_prices(symbols: pl.DataFrame) -> pl.DataFrame:
    """Return current prices as closes of their day, which is in UTC: ``symbol, date, close, currency, source``."""
    if not {"last_price", "last_price_at", "currency"} <= set(symbols.columns):
        return pl.DataFrame(schema={name: _PRICE[name] for name in ("symbol", "date", "close", "currency", "source")})
    return symbols.drop_nulls(["last_price", "last_price_at"]).select(
        "symbol",
        date=pl.col("last_price_at").dt.date(),
        close=pl.col("last_price").cast(_PRICE["close"]),
        currency="currency",
        source="price_source" if "price_source" in symbols.columns else pl.lit(None, dtype=pl.String),
    )
