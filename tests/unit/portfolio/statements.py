"""A few words for ledgers and markets, so that a test's case is its own text.

A line is ``DATE TYPE [SYMBOL QUANTITY @ PRICE] [AMOUNT] [key=value …]``::

    2020-01-02 BUY ACME 10 @ 12.50 fee=1
    2020-03-01 DEPOSIT 1000 account=Cash
"""

import datetime as dt
from decimal import Decimal

import polars as pl

from pipelines.portfolio.complete import complete_view
from pipelines.portfolio.frames import (
    ACCOUNT_SCHEMA,
    DECISION_SCHEMA,
    DIVIDEND_SCHEMA,
    FX_SCHEMA,
    PRICE_SCHEMA,
    SPLIT_SCHEMA,
    TRANSACTION_SCHEMA,
    LedgerFrames,
    MarketFrames,
)
from pipelines.portfolio.models import CompleteView, CostMethod

D = Decimal
_TEXT = {"account", "currency", "to_account", "to_symbol", "to_currency", "lot_id", "symbol", "external_id"}


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def transaction(number: int, line: str, currency: str) -> dict[str, object]:
    words = line.split()
    row: dict[str, object] = dict.fromkeys(TRANSACTION_SCHEMA)
    row |= {"transaction_id": f"t{number}", "sequence": number, "account": "A", "currency": currency}
    row |= {"fee": D(0), "tax": D(0), "date": day(words[0]), "type": words[1]}
    rest = []
    for word in words[2:]:
        key, _, value = word.partition("=")
        if not value:
            rest.append(word)
        elif key == "time":
            row[key] = dt.time.fromisoformat(value)
        else:
            row[key] = value if key in _TEXT else D(value)
    if "@" in rest:
        at = rest.index("@")
        row["price"] = D(rest[at + 1])
        row["quantity"] = D(rest[at - 1])
        rest = rest[: at - 1]
    if rest and not rest[0][0].isdigit():
        row["symbol"] = rest.pop(0)
    if rest:
        name = "quantity" if row["symbol"] and row["type"] in {"TRANSFER", "DELIVERY_IN", "DELIVERY_OUT"} else "amount"
        row[name] = D(rest[0])
    return row


def transactions(text: str, currency: str = "EUR") -> pl.DataFrame:
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    rows = [transaction(number, line, currency) for number, line in enumerate(lines, start=1)]
    return pl.DataFrame(rows, schema=TRANSACTION_SCHEMA)


def accounts(*rows: tuple[str, str, bool | None, bool]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=ACCOUNT_SCHEMA, orient="row")


def prices(text: str, currency: str = "EUR") -> pl.DataFrame:
    """Return prices of lines ``SYMBOL DATE CLOSE [CURRENCY]``."""
    rows = []
    for line in text.strip().splitlines():
        symbol, date, close, *given = line.split()
        rows.append((symbol, day(date), D(close), given[0] if given else currency))
    return pl.DataFrame(rows, schema=PRICE_SCHEMA, orient="row")


def fx(text: str) -> pl.DataFrame:
    """Return rates of lines ``FROM/TO DATE RATE``."""
    rows = []
    for line in text.strip().splitlines():
        pair, date, rate = line.split()
        rows.append((*pair.split("/"), day(date), D(rate)))
    return pl.DataFrame(rows, schema=FX_SCHEMA, orient="row")


def dividends(text: str) -> pl.DataFrame:
    """Return dividends of lines ``SYMBOL EX_DATE PAY_DATE AMOUNT [CURRENCY]``."""
    rows = []
    for line in text.strip().splitlines():
        symbol, ex_date, pay_date, amount, *given = line.split()
        rows.append((symbol, day(ex_date), day(pay_date), D(amount), given[0] if given else "EUR"))
    return pl.DataFrame(rows, schema=DIVIDEND_SCHEMA, orient="row")


def decisions(*rows: tuple[str, str, str, str]) -> pl.DataFrame:
    """Return decisions of ``(account, symbol, ex_date, state)``."""
    made = [(account, symbol, day(on), state, None) for account, symbol, on, state in rows]
    return pl.DataFrame(made, schema=DECISION_SCHEMA, orient="row")


def splits(text: str) -> pl.DataFrame:
    """Return splits of lines ``SYMBOL DATE NEW:OLD``."""
    rows = []
    for line in text.strip().splitlines():
        symbol, date, ratio = line.split()
        new, old = ratio.split(":")
        rows.append((symbol, day(date), D(new), D(old)))
    return pl.DataFrame(rows, schema=SPLIT_SCHEMA, orient="row")


def view(
    ledger: str | pl.DataFrame,
    market: str = "",
    *,
    as_of: str,
    base: str = "EUR",
    method: CostMethod = CostMethod.FIFO,
    since: str | None = None,
    rates: str = "",
    ratios: str = "",
    rules: pl.DataFrame | None = None,
    declared: str = "",
    decided: pl.DataFrame | None = None,
    benchmark: str | None = None,
    currency: str = "EUR",
    **options: object,
) -> CompleteView:
    frame = transactions(ledger, currency) if isinstance(ledger, str) else ledger
    given = {"accounts": rules} if rules is not None else {}
    given |= {"benchmark": benchmark} if benchmark else {}
    given |= {"decisions": decided} if decided is not None else {}
    known = {"prices": prices(market, currency)} if market else {}
    known |= {"fx": fx(rates)} if rates else {}
    known |= {"splits": splits(ratios)} if ratios else {}
    known |= {"dividends": dividends(declared)} if declared else {}
    return complete_view(
        LedgerFrames(transactions=frame, **given),
        MarketFrames(**known),
        as_of=day(as_of),
        base_currency=base,
        cost_method=method,
        since=day(since) if since else None,
        **options,
    )
