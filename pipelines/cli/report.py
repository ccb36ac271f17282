"""`folio report`: the complete view of plain files.

Belongs here: from files to the engine's frames. Does not: the files' format (`pipelines.importers`).
"""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines.cli.exits import CommandError, Exit
from pipelines.cli.files import named_files
from pipelines.importers import canonical
from pipelines.importers.located import located, row_ids
from pipelines.portfolio.complete import complete_view
from pipelines.portfolio.errors import EmptyPeriodError, EngineError, UnknownAccountError
from pipelines.portfolio.frames import ACCOUNT_SCHEMA, LedgerFrames, MarketFrames
from pipelines.portfolio.models import CompleteView, CostMethod
from pipelines.portfolio.transactions import refuse_unknown_lots, transactions_of
from warehouse.schema.currencies import currency_codes

ONLY_ACCOUNT = "Main"
"""Account of rows that name none, where no other is given."""
_MORE_THAN_HELD = (
    "if {symbol} split in between, give its split by --splits or in a SPLIT row; otherwise correct the quantity, add "
    "the missing purchase, or allow shorts by --allow-short or in the file of --accounts"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Files:
    """The files of a report; only the first two are needed."""

    transactions: Path
    prices: Path
    fx: Path | None = None
    splits: Path | None = None
    dividends: Path | None = None
    accounts: Path | None = None


def view_of_files(
    files: Files,
    *,
    as_of: dt.date,
    base: str,
    cost_method: CostMethod,
    since: dt.date | None,
    account: str | None,
    benchmark: str | None,
    allow_short: bool,
) -> CompleteView:
    """Compute the complete view of files.

    Args:
        files: In the canonical form.
        as_of: Valuation date; later rows are ignored and counted.
        base: Base currency, also of accounts that state none.
        cost_method: Which lots a sale closes.
        since: Opening day of the period.
        account: The one account to look at, and that of rows that name none; None for all of them.
        benchmark: Symbol among the prices.
        allow_short: Whether every account may be short.

    Raises:
        ImportFileError: If a cell of a file is refused.
        CommandError: If the base is no currency, a file cannot be read, or the engine refuses a transaction.
    """
    if base not in currency_codes():
        message = f"--base is {base!r}; expected an ISO 4217 code as EUR"
        raise CommandError(message, Exit.USAGE)
    with named_files():
        ledger, market = _frames(files, base=base, account=account, benchmark=benchmark, allow_short=allow_short)
    try:
        refuse_unknown_lots(transactions_of(ledger.transactions))
        return complete_view(
            ledger,
            market,
            as_of=as_of,
            base_currency=base,
            cost_method=cost_method,
            since=since,
            account=account,
        )
    except (UnknownAccountError, EmptyPeriodError) as error:
        raise CommandError(f"{files.transactions.name}: {error}", Exit.USAGE) from error
    except EngineError as error:
        ids = ledger.transactions["transaction_id"].to_list()
        content = files.transactions.read_bytes()
        raise located(error, files.transactions, ids, content=content, cure=_MORE_THAN_HELD) from error


def _frames(
    files: Files, *, base: str, account: str | None, benchmark: str | None, allow_short: bool
) -> tuple[LedgerFrames, MarketFrames]:
    # A row after the valuation date is counted and ignored, so no date is refused as being in the future.
    rows = canonical.read_transactions(
        files.transactions, today=dt.date.max, account=account or ONLY_ACCOUNT, currency_is_optional=True
    )
    prices = canonical.read_prices(files.prices)
    stated = canonical.read_accounts(files.accounts) if files.accounts else pl.DataFrame(schema=ACCOUNT_SCHEMA)
    transactions = row_ids(_in_currency(rows, prices, stated, base)).with_columns(
        sequence=pl.int_range(1, pl.len() + 1)
    )
    ledger = LedgerFrames(
        transactions=transactions,
        accounts=_accounts(stated, transactions, allow_short=allow_short),
        benchmark=benchmark,
    )
    optional = {
        name: reader(path)
        for name, reader, path in (
            ("fx", canonical.read_fx, files.fx),
            ("splits", canonical.read_splits, files.splits),
            ("dividends", canonical.read_dividends, files.dividends),
        )
        if path is not None
    }
    return ledger, MarketFrames(prices=prices, **optional)


def _in_currency(rows: pl.DataFrame, prices: pl.DataFrame, accounts: pl.DataFrame, base: str) -> pl.DataFrame:
    """Fill the currency of rows that state none: that of the symbol's prices, else the account's, else the base."""
    quoted = prices.sort("date").group_by("symbol").agg(quoted=pl.col("currency").last())
    own = accounts.select("account", own=pl.col("currency"))
    found = rows.join(quoted, on="symbol", how="left", maintain_order="left")
    found = found.join(own, on="account", how="left", maintain_order="left")
    return found.with_columns(currency=pl.coalesce("currency", "quoted", "own", pl.lit(base))).drop("quoted", "own")


def _accounts(stated: pl.DataFrame, transactions: pl.DataFrame, *, allow_short: bool) -> pl.DataFrame:
    if not allow_short:
        return stated
    named = pl.concat([transactions["account"], transactions["to_account"].drop_nulls()]).unique().to_frame("account")
    missing = named.join(stated, on="account", how="anti").with_columns(
        currency=pl.lit(None, dtype=pl.String),
        tracks_cash=pl.lit(None, dtype=pl.Boolean),
        allow_short=pl.lit(value=True),
    )
    return pl.concat([stated.with_columns(allow_short=pl.lit(value=True)), missing.select(list(ACCOUNT_SCHEMA))])
