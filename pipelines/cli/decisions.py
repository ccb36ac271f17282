"""`folio dividends` and `folio targets`: what is due and what is decided about it, and the weights that are aimed at.

Belongs here: options, what is missing from them, how it reads in a terminal. Does not: which dividends are due
(`pipelines.portfolio`), how decisions are kept (`warehouse.ledger`), failures and exit codes (`app`).
"""

import datetime as dt
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from pipelines.cli import stores
from pipelines.cli.console import amount, out, plain, table, working
from pipelines.cli.exits import CommandError, Exit
from pipelines.cli.questions import ChangedPortfolio, PortfolioName
from pipelines.cli.rebalance import number, weights

if TYPE_CHECKING:
    from pipelines.portfolio.models import IncomeExpected, Rows
    from warehouse.ledger import LedgerRepository, Portfolio
    from warehouse.settings import Settings

Symbol = Annotated[str, typer.Argument(help="The symbol.")]
ExDate = Annotated[dt.datetime, typer.Argument(formats=["%Y-%m-%d"], help="The ex-date.")]
TargetsPortfolio = Annotated[
    str | None, typer.Option("--portfolio", help="Which one; by default the first by name, needed to set targets.")
]
Account = Annotated[str | None, typer.Option(help="The account; needed when it is due in several.")]


def dividends(portfolio: PortfolioName = None) -> None:
    """List the dividends that were due and that nothing confirms."""
    settings, own, chosen = stores.shown(portfolio)
    rows = _expected(settings, own, chosen)
    if not rows:
        out.print(f"Nothing is due in {chosen.name}.", markup=False)
        return
    headings = ("symbol", "account", "ex-date", "paid", "units", "a share", "gross", "in")
    shown = [
        (
            escape(row.symbol),
            escape(row.account),
            plain(row.ex_date),
            plain(row.pay_date),
            plain(row.quantity.normalize()),
            plain(row.amount_per_share.normalize()),
            amount(row.gross_local),
            row.currency,
        )
        for row in rows
    ]
    out.print(table(f"Due in {escape(chosen.name)}", headings, shown, numbers=("units", "a share", "gross")))


def confirm_dividend(
    symbol: Symbol,
    ex_date: ExDate,
    account: Account = None,
    gross: Annotated[str | None, typer.Option("--amount", help="Gross, where it was not what is expected.")] = None,
    tax: Annotated[str, typer.Option(help="What was withheld.")] = "0",
    fee: Annotated[str, typer.Option(help="What the broker took.")] = "0",
    paid_on: Annotated[
        dt.datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="By default its pay date.")
    ] = None,
    portfolio: ChangedPortfolio = None,
) -> None:
    """Turn a dividend that was due into a DIVIDEND of the ledger, with what was withheld."""
    from pipelines.dividend_decisions import Payment, confirm  # noqa: PLC0415

    settings, own, chosen = _mine(portfolio)
    due = _due(_expected(settings, own, chosen), symbol, ex_date.date(), account)
    payment = Payment(
        paid_on=paid_on.date() if paid_on else (due.pay_date or due.ex_date),
        gross=due.gross_local if gross is None else number("--amount", gross),
        tax=number("--tax", tax),
        fee=number("--fee", fee),
    )
    confirm(own, chosen, due, payment)
    said = f"{amount(payment.gross)} {due.currency} of {due.symbol} on {payment.paid_on}, in {due.account}"
    out.print(said, markup=False)


def reject_dividend(
    symbol: Symbol, ex_date: ExDate, account: Account = None, portfolio: ChangedPortfolio = None
) -> None:
    """Hide a dividend that was due for good: it was not paid, or is in the ledger in another form."""
    from pipelines.dividend_decisions import reject  # noqa: PLC0415

    settings, own, chosen = _mine(portfolio)
    due = _due(_expected(settings, own, chosen), symbol, ex_date.date(), account)
    reject(own, chosen, due)
    out.print(f"{due.symbol} of {due.ex_date} in {due.account} is expected no more", markup=False)


def restore_dividend(
    symbol: Symbol, ex_date: ExDate, account: Account = None, portfolio: ChangedPortfolio = None
) -> None:
    """Take back what was decided about a dividend; the DIVIDEND that it became goes with it."""
    from warehouse.ledger import DueDividend  # noqa: PLC0415

    _, own, chosen = _mine(portfolio)
    decided = own.frames(chosen.portfolio_id).decisions
    rows = [
        row for row in decided.iter_rows(named=True) if row["symbol"] == symbol and row["ex_date"] == ex_date.date()
    ]
    accounts = [row["account"] for row in rows if account in {None, row["account"]}]
    _refuse_unless_one(accounts, f"decision about {symbol} of {ex_date.date()}")
    own.withdraw_decision(chosen.portfolio_id, DueDividend(accounts[0], symbol, ex_date.date()))
    out.print(f"{symbol} of {ex_date.date()} in {accounts[0]} is undecided again", markup=False)


def targets(
    target: Annotated[list[str] | None, typer.Argument(help="Such as AAPL=0.4 Cash=0.05; none shows them.")] = None,
    dimension: Annotated[str, typer.Option(help="What they are of, such as symbol, asset_class.")] = "symbol",
    portfolio: TargetsPortfolio = None,
    *,
    clear: Annotated[bool, typer.Option("--clear", help="Take away those of the dimension.")] = False,
) -> None:
    """Show or set the weights that a portfolio aims at."""
    _, own, chosen = _mine(portfolio) if target or clear else stores.shown(portfolio)
    if target or clear:
        own.set_targets(chosen.portfolio_id, dimension, weights("TARGET", [] if clear else target or []))
    stated = own.frames(chosen.portfolio_id).targets
    rows = [(escape(of), escape(key), f"{weight:.2%}") for of, key, weight in stated.iter_rows()]
    out.print(table(f"Targets of {escape(chosen.name)}", ("of", "", "target"), rows, numbers=("target",)))


def _mine(portfolio: str | None) -> "tuple[Settings, LedgerRepository, Portfolio]":
    settings = stores.load_settings()
    own = stores.own_ledger(settings).for_user(settings.user)
    return settings, own, stores.find_portfolio(own, portfolio)


def _expected(settings: "Settings", own: "LedgerRepository", chosen: "Portfolio") -> "Rows[IncomeExpected]":
    from pipelines.asked import Asked, asked_view  # noqa: PLC0415
    from warehouse.reader import Reader  # noqa: PLC0415

    with working(f"Looking at {chosen.name}"):
        view = asked_view(Reader(settings), own, chosen, Asked(as_of=stores.today(settings)))
    return view.income.expected


def _due(rows: "Rows[IncomeExpected]", symbol: str, ex_date: dt.date, account: str | None) -> "IncomeExpected":
    found = [row for row in rows if (row.symbol, row.ex_date) == (symbol, ex_date) and account in {None, row.account}]
    _refuse_unless_one([row.account for row in found], f"dividend of {symbol} due with ex-date {ex_date}")
    return found[0]


def _refuse_unless_one(accounts: list[str], what: str) -> None:
    if not accounts:
        raise CommandError(f"there is no {what}: `folio dividends` lists those that are due", Exit.USAGE)
    if len(accounts) > 1:
        raise CommandError(f"which {what}? give --account, one of {', '.join(accounts)}", Exit.USAGE)
