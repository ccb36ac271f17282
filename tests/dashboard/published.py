"""A small warehouse and ledger to look at: one portfolio, published or not, fresh or stale."""

import datetime as dt
from decimal import Decimal

import polars as pl

from pipelines.portfolio.complete import complete_view
from pipelines.portfolio.frames import DIVIDEND_SCHEMA, PRICE_SCHEMA, LedgerFrames, MarketFrames
from pipelines.portfolio.marts import mart_frames
from pipelines.portfolio.models import CompleteView, Provenance
from warehouse import schema
from warehouse.build import open_candidate
from warehouse.ledger import Ledger
from warehouse.publish import publish
from warehouse.schema import market

TODAY = dt.date(2026, 1, 30)
NOW = dt.datetime(2026, 1, 30, 18, tzinfo=dt.UTC)
BOUGHT = dt.date(2026, 1, 5)


def prices(last):
    days = [BOUGHT + dt.timedelta(days=number) for number in range((TODAY - BOUGHT).days + 1)]
    rows = [("ACME", on, Decimal(100 + number), "EUR") for number, on in enumerate(days) if on <= last]
    rows += [("BOLT", on, Decimal(10), "EUR") for on in days]
    return pl.DataFrame(rows, schema=PRICE_SCHEMA, orient="row")


def purchase(quantity=10, symbol="ACME", on=BOUGHT):
    row = {"date": on, "type": "BUY", "account": "Depot", "symbol": symbol, "quantity": Decimal(quantity)}
    row |= {
        "price": Decimal(100),
        "amount": Decimal(100 * quantity),
        "fee": Decimal(0),
        "tax": Decimal(0),
        "currency": "EUR",
    }
    return pl.DataFrame([row])


def stated(settings):
    """Make a ledger with one portfolio and one purchase; return its owner's repository and the portfolio."""
    settings.home.mkdir(parents=True, exist_ok=True)
    own = Ledger.open(settings.ledger_url).for_user(settings.user)
    made = own.create_portfolio("Mine", "EUR")
    own.add_transactions(made.portfolio_id, purchase(), source="test")
    return own, own.portfolio(made.portfolio_id)


def declared(*dividends):
    """Return dividends of ACME: ex-date, pay date, amount a share."""
    rows = [("ACME", ex_date, pay_date, Decimal(amount), "EUR") for ex_date, pay_date, amount in dividends]
    return pl.DataFrame(rows, schema=DIVIDEND_SCHEMA, orient="row")


def master(named):
    """Return rows of the master: symbols that say no more than their name."""
    known = {"currency": "EUR", "price_unit": "EUR", "status": "active", "updated_at": NOW}
    rows = [dict.fromkeys(market.SYMBOLS.names) | known | {"symbol": one, "name": f"{one} Inc."} for one in named]
    return pl.DataFrame(rows, schema=market.SYMBOLS.polars_schema)


def viewed(own, portfolio, last=TODAY, dividends=None) -> CompleteView:
    transactions, accounts, *_ = own.frames(portfolio.portfolio_id)
    return complete_view(
        LedgerFrames(transactions=transactions, accounts=accounts),
        MarketFrames(prices=prices(last), dividends=declared() if dividends is None else dividends),
        as_of=TODAY,
        base_currency="EUR",
        provenance=Provenance(engine_version="test", portfolio_name=portfolio.name),
    )


def seen(*symbols) -> CompleteView:
    """Return the view of a purchase of each symbol, without a ledger to open."""
    rows = pl.concat([purchase(symbol=symbol) for symbol in symbols])
    numbered = rows.with_columns(transaction_id=pl.format("t{}", pl.int_range(1, pl.len() + 1)))
    return complete_view(
        LedgerFrames(transactions=numbered), MarketFrames(prices=prices(TODAY)), as_of=TODAY, base_currency="EUR"
    )


def mirrored(settings, own, portfolio):
    """Publish the market and the portfolio's marts with the ledger as it is."""
    return published(settings, own, own.portfolio(portfolio.portfolio_id), ledger=Ledger.open(settings.ledger_url))


def published(settings, own, portfolio, last=TODAY, dividends=None, named=(), ledger=None):
    """Publish the market and the portfolio's marts; the master has the symbols that are named."""
    candidate = open_candidate(settings, "run")
    paid = (declared() if dividends is None else dividends).with_columns(kind=pl.lit("cash"))
    for table, frame in ((market.PRICE_HISTORY, prices(last)), (market.DIVIDEND_HISTORY, paid)):
        rows = frame.with_columns(source=pl.lit("test"), fetched_at=NOW, known_from=NOW, bulk_loaded=False)
        moment = schema.table("symbols").polars_schema["updated_at"]
        candidate.record_history(table, rows.with_columns(pl.col("fetched_at", "known_from").cast(moment)), now=NOW)
    candidate.replace(market.SYMBOLS, master(named))
    if ledger is not None:
        candidate.replace(schema.table("transactions"), ledger.mirror()["transactions"])
    view = viewed(own, portfolio, last, dividends)
    for name, frame in mart_frames(view, portfolio_id=portfolio.portfolio_id, ledger_version=portfolio.version).items():
        candidate.replace(schema.table(name), frame)
    return publish(candidate, settings, now=NOW, as_of=TODAY)
