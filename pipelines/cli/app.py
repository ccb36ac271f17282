"""The commands of `folio` and their options.

Belongs here: Typer, and turning failures into exit codes. Does not: what a command does beyond a few lines.
"""

import datetime as dt
import os
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, ParamSpec, TypeVar

import typer
from rich.markup import escape

from pipelines.cli import decisions, lookups, quality, questions, rebalance, renames, sources, stores
from pipelines.cli.console import err, out, working
from pipelines.cli.exits import CommandError, Exit
from pipelines.cli.interrupts import interrupts_said
from pipelines.cli.room import no_room
from pipelines.cli.usage import OneLine
from pipelines.portfolio.models import CostMethod
from warehouse.errors import NoPublicationError, WarehouseBusyError, WarehouseError
from warehouse.settings import StatedSettings

P = ParamSpec("P")
R = TypeVar("R")

app = typer.Typer(
    name="folio",
    cls=OneLine,
    help="A portfolio warehouse: exact lots and returns, from real prices, open to SQL.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
AsJson = Annotated[bool, typer.Option("--json", help="Print the whole document as JSON.")]
AsPdf = Annotated[Path | None, typer.Option("--pdf", help="Write a printable report to this file as well.")]
InLocale = Annotated[
    str, typer.Option("--locale", help="How the printed report writes figures and dates, such as de-DE.")
]


def failures_to_exits(command: Callable[P, R]) -> Callable[P, R]:
    """Print what went wrong on one line and leave with its code."""

    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            with interrupts_said("interrupted"):
                result = command(*args, **kwargs)
            sys.stdout.flush()
        except BrokenPipeError:
            # Whoever read has read enough, as `head` does; what is still buffered has nowhere to go.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(int(Exit.OK)) from None
        except CommandError as error:
            raise _left(str(error), error.code) from error
        except NoPublicationError as error:
            raise _left(str(error), Exit.NOTHING_YET) from error
        except WarehouseBusyError as error:
            raise _left(str(error), Exit.BUSY) from error
        except _refusals() as error:
            raise _left(str(error), Exit.FAILED) from error
        except _database_refusals() as error:
            raise _left(f"the ledger's database: {getattr(error, 'orig', None) or error}", Exit.FAILED) from error
        return result

    return wrapped


def _refusals() -> tuple[type[Exception], ...]:
    from pipelines.importers import ImportFileError  # noqa: PLC0415 - only when something went wrong
    from pipelines.portfolio.errors import EngineError  # noqa: PLC0415
    from warehouse.ledger import LedgerError  # noqa: PLC0415
    from warehouse.relational.errors import RelationalError  # noqa: PLC0415

    return (WarehouseError, LedgerError, RelationalError, EngineError, ImportFileError, OSError)


def _database_refusals() -> tuple[type[Exception], ...]:
    from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError  # noqa: PLC0415

    return (DatabaseError, ArgumentError, NoSuchModuleError)


def _left(message: str, code: Exit) -> typer.Exit:
    full = no_room(StatedSettings().home) if code is Exit.FAILED else None
    message = f"{message}; {full}" if full else message
    err.print(f"[red]folio:[/red] {escape(' '.join(message.split()))}", soft_wrap=True)
    return typer.Exit(int(code))


@app.command()
@failures_to_exits
def init(
    portfolio: Annotated[str, typer.Option(help="Name of the first portfolio.")] = "Portfolio",
    base: Annotated[str, typer.Option(help="Its base currency, an ISO 4217 code.")] = "EUR",
    cost_method: Annotated[CostMethod, typer.Option(help="Which lots a sale closes.")] = CostMethod.FIFO,
    benchmark: Annotated[str | None, typer.Option(help="Symbol to compare with, as Yahoo names it.")] = None,
    account: Annotated[list[str] | None, typer.Option(help="An account to make; give it once for each.")] = None,
    currency: Annotated[str | None, typer.Option(help="Currency of these accounts; by default the base.")] = None,
) -> None:
    """Make FOLIO_HOME ready and create a first portfolio."""
    from pipelines.cli.home import prepare  # noqa: PLC0415

    settings = stores.load_settings()
    ledger = stores.make_ledger(settings)
    stores.refuse_demo(ledger, settings)
    prepare(settings)
    ledger.mark("own")
    own = ledger.for_user(settings.user)
    made = own.create_portfolio(portfolio, base.upper(), cost_method=cost_method.value, benchmark=benchmark)
    for name in account or []:
        own.put_account(made.portfolio_id, name, currency=currency.upper() if currency else None)
    out.print(f"{made.name} ({made.base_currency}) in {settings.home}", soft_wrap=True)
    out.print("Next: `folio import FILE`, `folio refresh`, `folio up`.")


# `readable=False`: Typer would say that a file may not be read on many lines, `named_files` says it on one.
@app.command("import")
@failures_to_exits
def import_(
    file: Annotated[Path, typer.Argument(help="Transactions in the canonical CSV form.", readable=False)],
    portfolio: questions.ChangedPortfolio = None,
    account: Annotated[str | None, typer.Option(help="Account of rows that name none.")] = None,
) -> None:
    """Add a file of transactions to a portfolio, whole or not at all."""
    from pipelines.cli.imports import import_file  # noqa: PLC0415
    from warehouse.reader import Reader  # noqa: PLC0415

    settings = stores.load_settings()
    own = stores.own_ledger(settings).for_user(settings.user)
    chosen = stores.find_portfolio(own, portfolio)
    with working(f"Importing {file.name}"):
        result = import_file(file, own, chosen, Reader(settings), today=stores.today(settings), account=account)
    out.print(f"{result.added} added, {result.unchanged} already there, in {chosen.name}")


@app.command()
@failures_to_exits
def refresh(
    symbols: Annotated[
        str | None, typer.Option(help="Fetch these only, from their first day on, held or not: A,B.")
    ] = None,
) -> None:
    """Fetch, compute, check and publish, once."""
    from pipelines.cli.home import prepare  # noqa: PLC0415
    from pipelines.cli.runs import NOTHING_PUBLISHED, run_once  # noqa: PLC0415

    wanted = _named(symbols)
    with interrupts_said(NOTHING_PUBLISHED):
        settings = stores.load_settings()
        ledger = stores.open_ledger(settings)
        if ledger.is_empty() and wanted is None:
            message = "there is no portfolio yet: run `folio init`"
            raise CommandError(message, Exit.NOTHING_YET)
        prepare(settings)
        run_once(settings, symbols=wanted)


@app.command()
@failures_to_exits
def backfill(
    symbols: Annotated[str | None, typer.Option(help="Of these, held or not: A,B. By default all known ones.")] = None,
    first: Annotated[int, typer.Option("--from", help="The first year.", min=1970, max=9999)] = 1970,
    last: Annotated[int | None, typer.Option("--to", help="The last year; by default this one.", max=9999)] = None,
) -> None:
    """Fetch years of history that are not there yet; started again, it goes on where it was."""
    from pipelines.cli.backfill import run_backfill  # noqa: PLC0415
    from pipelines.cli.home import prepare  # noqa: PLC0415

    wanted = _named(symbols)
    settings = stores.load_settings()
    stores.open_ledger(settings)
    this_year = stores.today(settings).year
    years = range(first, min(this_year if last is None else last, this_year) + 1)
    if not years:
        message = f"--from {first} --to {last or this_year} names no year that has begun"
        raise CommandError(message, Exit.USAGE)
    prepare(settings)
    run_backfill(settings, years, symbols=wanted or ())


def _named(symbols: str | None) -> tuple[str, ...] | None:
    wanted = None if symbols is None else tuple(part.strip() for part in symbols.split(",") if part.strip())
    if wanted == ():
        message = f"--symbols is {symbols!r}: name some, such as AAPL,MSFT, or leave it out to fetch all that is held"
        raise CommandError(message, Exit.USAGE)
    return wanted


@app.command()
@failures_to_exits
def show(
    portfolio: questions.PortfolioName = None,
    account: questions.Account = None,
    as_of: questions.AsOf = None,
    known_on: questions.KnownOn = None,
    since: questions.Since = None,
    cost_method: questions.Method = None,
    *,
    as_json: AsJson = False,
    pdf: AsPdf = None,
    locale: InLocale = "en-GB",
) -> None:
    """Show a portfolio: from the publication, or computed at once where the ledger has moved on or more is asked."""
    from pipelines.asked import Asked, asked_view  # noqa: PLC0415
    from pipelines.cli.documents import given_out  # noqa: PLC0415
    from pipelines.current import current_view  # noqa: PLC0415
    from warehouse.reader import Reader  # noqa: PLC0415

    settings, own, chosen = stores.shown(portfolio)
    reader, today = Reader(settings), stores.today(settings)
    asked = Asked(
        as_of=questions.valuation_day(as_of, today),
        known_on=questions.day_of(known_on),
        since=questions.day_of(since),
        account=account,
        cost_method=cost_method,
    )
    note = None
    with working(f"Looking at {chosen.name}"):
        if asked != Asked(as_of=today):
            view = asked_view(reader, own, chosen, asked)
        else:
            current = current_view(reader, own, chosen, today=today)
            view = current.view
            note = "The ledger has changed since the last publication: computed now." if current.live else None
    given_out(view, as_json=as_json, pdf=pdf, locale=locale, note=note)


@app.command()
@failures_to_exits
def report(
    transactions: Annotated[Path, typer.Option(help="Transactions, canonical CSV.", readable=False)],
    prices: Annotated[Path, typer.Option(help="Prices as traded, canonical CSV.", readable=False)],
    as_of: Annotated[dt.datetime, typer.Option(formats=["%Y-%m-%d"], help="Valuation date.")],
    base: Annotated[str, typer.Option(help="Base currency.")],
    fx: Annotated[Path | None, typer.Option(help="Rates, canonical CSV.", readable=False)] = None,
    splits: Annotated[Path | None, typer.Option(help="Splits, canonical CSV.", readable=False)] = None,
    dividends: Annotated[Path | None, typer.Option(help="Declared dividends, canonical CSV.", readable=False)] = None,
    accounts: Annotated[Path | None, typer.Option(help="Accounts, canonical CSV.", readable=False)] = None,
    account: Annotated[str | None, typer.Option(help="The one account to look at, and that of rows without.")] = None,
    benchmark: Annotated[str | None, typer.Option(help="Symbol among the prices to compare with.")] = None,
    cost_method: Annotated[CostMethod, typer.Option(help="Which lots a sale closes.")] = CostMethod.FIFO,
    since: Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The period's opening day.")] = None,
    *,
    allow_short: Annotated[bool, typer.Option(help="A sale beyond the holding opens a short.")] = False,
    as_json: AsJson = False,
    pdf: AsPdf = None,
    locale: InLocale = "en-GB",
) -> None:
    """Compute the complete view from plain files, with no warehouse."""
    from pipelines.cli.documents import given_out  # noqa: PLC0415
    from pipelines.cli.report import Files, view_of_files  # noqa: PLC0415

    files = Files(
        transactions=transactions, prices=prices, fx=fx, splits=splits, dividends=dividends, accounts=accounts
    )
    # No warehouse is looked at, so no home's clock counts.
    day = questions.valuation_day(as_of, stores.today(stores.load_settings(StatedSettings)))
    with working("Computing"):
        view = view_of_files(
            files,
            as_of=day,
            base=base.upper(),
            cost_method=cost_method,
            since=since.date() if since else None,
            account=account,
            benchmark=benchmark,
            allow_short=allow_short,
        )
    given_out(view, as_json=as_json, pdf=pdf, locale=locale)


@app.command()
@failures_to_exits
def sql(
    query: Annotated[str | None, typer.Argument(help="One query; without it, a prompt.")] = None,
    *,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Ask the published warehouse in SQL, read-only."""
    from pipelines.cli.query import prompt, run_query  # noqa: PLC0415
    from warehouse.reader import Reader  # noqa: PLC0415

    publication = Reader(stores.load_settings()).publication()
    if query is None:
        prompt(publication, source=sys.stdin)
    else:
        run_query(publication, query, form="csv" if as_csv else "json" if as_json else "table")


@app.command()
@failures_to_exits
def status(*, as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False) -> None:
    """Say what is published, how old it is, how the last runs ended and what is not published yet."""
    from pipelines.cli.state import gather, print_state, print_state_json  # noqa: PLC0415

    state = gather(stores.load_settings(), now=dt.datetime.now(dt.UTC))
    (print_state_json if as_json else print_state)(state)
    if state.ledger is not None:
        raise CommandError("the ledger cannot be read")


@app.command()
@failures_to_exits
def up() -> None:
    """Run the dashboard and scheduled Dagster until Ctrl-C."""
    from pipelines.cli.home import prepare  # noqa: PLC0415
    from pipelines.cli.serve import serve  # noqa: PLC0415

    settings = stores.load_settings()
    stores.open_ledger(settings)
    prepare(settings)
    serve(settings)


@app.command()
@failures_to_exits
def demo(
    *,
    live: Annotated[bool, typer.Option("--live", help="Go on from the bundled years with Yahoo and the ECB.")] = False,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Publish, print the figures and leave.")] = False,
) -> None:
    """Set up two portfolios on real market data, publish them and open the dashboard."""
    from pipelines.cli.demo import run_demo  # noqa: PLC0415

    run_demo(stores.load_settings(StatedSettings), live=live, serve_pages=not no_serve, now=dt.datetime.now(dt.UTC))


for name, question in (
    ("explain", questions.explain),
    ("diff", questions.diff),
    ("rebalance", rebalance.rebalance),
    ("targets", decisions.targets),
    ("dividends", decisions.dividends),
    ("confirm-dividend", decisions.confirm_dividend),
    ("reject-dividend", decisions.reject_dividend),
    ("restore-dividend", decisions.restore_dividend),
    ("rename", renames.rename),
    ("search", lookups.search),
):
    app.command(name)(failures_to_exits(question))
# Or a quantity below zero would be taken for an option, and what is said of it would be of no help.
app.command("preview-sale", context_settings={"ignore_unknown_options": True})(
    failures_to_exits(questions.preview_sale)
)

providers = typer.Typer(cls=OneLine, invoke_without_command=True)
providers.callback()(failures_to_exits(sources.sources))
providers.command("reset")(failures_to_exits(sources.reset))
app.add_typer(providers, name="sources")

held = typer.Typer(cls=OneLine, invoke_without_command=True)
held.callback()(failures_to_exits(quality.quality))
held.command("release")(failures_to_exits(quality.release))
app.add_typer(held, name="quality")


def main() -> None:
    """Run `folio`."""
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    app()
