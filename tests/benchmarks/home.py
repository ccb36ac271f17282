"""A home with a generated market, ledger and publication in it, as pages and commands find one.

Belongs here: writing what `market` makes into a home, and asking how much of it. Does not: measuring.
"""

import argparse
import datetime as dt

import polars as pl

from pipelines.portfolio.complete import complete_view
from pipelines.portfolio.marts import mart_frames
from pipelines.portfolio.models import CompleteView, Provenance
from tests.benchmarks.market import LAST, Size, ledger, market
from warehouse import schema
from warehouse.build import open_candidate
from warehouse.ledger import Ledger
from warehouse.publish import publish
from warehouse.schema import market as tables
from warehouse.settings import Settings

NOW = dt.datetime.combine(LAST, dt.time(22), dt.UTC)
NAME, BASE = "Generated", "EUR"
_AS_RECORDED = {
    "source": pl.lit("made"),
    "fetched_at": pl.lit(NOW),
    "known_from": pl.lit(NOW),
    "bulk_loaded": pl.lit(value=True),
}


def asked_size() -> Size:
    """Return the size that the command line asks for: the analyst's portfolio, unless it says otherwise."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--symbols", type=int, default=500)
    parser.add_argument("--transactions", type=int, default=10_000)
    parser.add_argument("--years", type=int, default=10)
    return Size(**vars(parser.parse_args()))


def furnish(settings: Settings, size: Size) -> CompleteView:
    """Fill a home with one portfolio of that size, published as of the market's last day; return its view."""
    settings.home.mkdir(parents=True, exist_ok=True)
    made, stated = market(size), ledger(size)
    own = Ledger.open(settings.ledger_url).for_user(settings.user)
    portfolio = own.create_portfolio(NAME, BASE, benchmark=stated.benchmark)
    for account, currency, *_ in stated.accounts.iter_rows():
        own.put_account(portfolio.portfolio_id, account, currency=currency, tracks_cash=True)
    own.add_transactions(portfolio.portfolio_id, stated.transactions.drop("transaction_id", "sequence"), source="made")
    portfolio = own.portfolio(NAME)
    transactions, accounts, *_ = own.frames(portfolio.portfolio_id)
    view = complete_view(
        type(stated)(transactions=transactions, accounts=accounts, benchmark=stated.benchmark),
        made,
        as_of=LAST,
        base_currency=BASE,
        provenance=Provenance(engine_version="made", portfolio_name=NAME),
    )
    candidate = open_candidate(settings, "made")
    per_eur = pl.col("rate").alias("per_eur")
    histories = {
        tables.PRICE_HISTORY: made.prices,
        tables.SPLIT_HISTORY: made.splits,
        tables.DIVIDEND_HISTORY: made.dividends.with_columns(kind=pl.lit("cash")),
        tables.FX_HISTORY: made.fx.select(pl.col("to_currency").alias("currency"), "date", per_eur),
    }
    for table, frame in histories.items():
        candidate.record_history(table, _filled(table, frame), now=NOW)
    last = made.prices.group_by("symbol").agg(pl.col("close").sort_by("date").last().alias("last_price"))
    master = made.symbols.drop("last_price").join(last, on="symbol")
    candidate.upsert(tables.SYMBOLS, _filled(tables.SYMBOLS, master))
    for name, frame in mart_frames(view, portfolio_id=portfolio.portfolio_id, ledger_version=portfolio.version).items():
        candidate.replace(schema.table(name), frame)
    publish(candidate, settings, now=NOW, as_of=LAST)
    return view


def _filled(table: schema.Table, frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with all columns of a table: those that say where a row is from, and nothing for the rest."""
    known = {name: value for name, value in _AS_RECORDED.items() if name in table.names}
    frame = frame.with_columns(**known)
    absent = [name for name in table.names if name not in frame.columns]
    return table.conform(frame.with_columns(pl.lit(None).alias(name) for name in absent).select(table.names))
