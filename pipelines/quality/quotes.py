"""Current prices that are not believed, so that the master keeps the last one that was.

Belongs here: judging a quote as the price of its day, and taking it away. Does not: which price is the current one
(`pipelines.ingest`).
"""

import datetime as dt
from collections.abc import Callable

import polars as pl

from pipelines.quality.finding import FINDINGS
from pipelines.quality.held import with_keys
from pipelines.quality.screens import Fetched, Known
from pipelines.quality.screens.retold import ANOTHER
from pipelines.quality.screens.shape import found, text
from warehouse.schema import market

QUOTE = ("last_price", "last_price_at", "previous_close", "price_source")
QUOTE_ALONE = "quote_alone"
_PRICE = market.PRICE_HISTORY.polars_schema
_NOBODY = pl.DataFrame(schema={"symbol": pl.String})


def judged(
    symbols: pl.DataFrame, believed: Fetched, known: Known, judge: Callable[..., pl.DataFrame], *, today: dt.date
) -> pl.DataFrame:
    """Return what is not believed of quotes, each judged as a close of its day after what is believed of earlier days.

    Args:
        symbols: Profiles and quotes as fetched.
        believed: The rows of the same fetch that go on.
        known: What is stored.
        judge: The screens.
        today: The clock's day.

    Returns:
        ``FINDINGS`` about `symbols`, of ``last_price``.
    """
    quoted = as_prices(symbols)
    if quoted.is_empty():
        return pl.DataFrame(schema=FINDINGS)
    earlier = pl.concat([known.prices, believed.prices], how="diagonal_relaxed")
    earlier = earlier.unique(["symbol", "date"], keep="last", maintain_order=True)
    before = earlier.join(quoted.select("symbol", quoted_on="date"), on="symbol")
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
    return doubted.filter(pl.col("column") == "close").with_columns(
        table_name=pl.lit(market.SYMBOLS.name), column=pl.lit("last_price")
    )


def of_another_series(symbols: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Return the quotes of symbols whose prices are held back as another series': they are of that series, too.

    Args:
        symbols: Profiles and quotes as fetched.
        found: Findings on the prices of the same fetch.

    Returns:
        ``FINDINGS`` about `symbols`, of ``last_price``.
    """
    others = found.filter("held", pl.col("rule") == ANOTHER).group_by("about").agg(pl.col("reason").last())
    return as_prices(symbols).join(others, left_on="symbol", right_on="about").select(
        table_name=pl.lit(market.SYMBOLS.name),
        about="symbol",
        date="date",
        rule=pl.lit(ANOTHER),
        column=pl.lit("last_price"),
        value=text(pl.col("close")),
        expected=pl.lit(None, dtype=pl.String),
        reason="reason",
        held=pl.lit(value=True),
    ).cast(FINDINGS)  # fmt: skip


def alone(symbols: pl.DataFrame, fetched: Fetched, believed: Fetched, known: Known) -> pl.DataFrame:
    """Return current prices of symbols of which closes came and none is believed, now or before.

    Nothing is left that such a price could be held against, and it is most often wrong as they are.

    Args:
        symbols: Profiles and quotes as fetched.
        fetched: The rows of providers.
        believed: Those of them that go on.
        known: What is stored.

    Returns:
        ``FINDINGS`` about `symbols`, of ``last_price``.
    """
    sound = [frame.select("symbol") for frame in (believed.prices, known.prices) if frame.width]
    doubted = fetched.prices.select("symbol").unique().join(pl.concat([_NOBODY, *sound]), on="symbol", how="anti")
    return found(
        as_prices(symbols).join(doubted, on="symbol", how="semi"),
        market.SYMBOLS,
        QUOTE_ALONE,
        column="last_price",
        value=pl.col("close"),
        reason=pl.format(
            "price {}: all closes of {} are held back, so nothing speaks for it", text(pl.col("close")), "symbol"
        ),
    )


def _settled(stored: pl.DataFrame, believed: pl.DataFrame) -> pl.DataFrame:
    """Return the splits as if a person had said them: quotes had their word on them when these were judged."""
    both = pl.concat([stored, believed], how="diagonal_relaxed")
    return both.with_columns(source=pl.lit(market.OWN_FILES))


def without(symbols: pl.DataFrame, found: pl.DataFrame, fetched: Fetched) -> pl.DataFrame:
    """Return profiles and quotes without what is held back.

    A symbol that came in another currency is left out; a quote that is not believed is taken out of its row; a previous
    close that is a held row's is not known.

    Args:
        symbols: As fetched.
        found: All findings.
        fetched: The rows of providers.
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
    if "previous_close" not in rows.columns:
        return rows
    return (
        rows.join(closes.unique(), on=["symbol", "previous_close"], how="left", maintain_order="left")
        .with_columns(previous_close=pl.when(pl.col("bad").is_null()).then("previous_close"))
        .drop("bad")
    )


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
