"""Commands that ask more of a portfolio than its present figures: why, what moved, what if.

Belongs here: `folio explain`, `folio diff`, `folio preview-sale`, and the options they share. Does not: the answers
(`pipelines.portfolio`), failures and exit codes (`app`).
"""

import datetime as dt
import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

import typer

from pipelines.cli import stores
from pipelines.cli.console import amount, out, plain, table, working
from pipelines.cli.exits import CommandError, Exit
from pipelines.portfolio.models import CostMethod

AsOf = Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Valuation date; by default today.")]
KnownOn = Annotated[
    dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Ledger and market as they were known on this day.")
]
Since = Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The period's opening day.")]
Account = Annotated[str | None, typer.Option(help="One account alone.")]
Method = Annotated[CostMethod | None, typer.Option(help="Cost method; by default the portfolio's own.")]
PortfolioName = Annotated[str | None, typer.Option("--portfolio", help="Which one; by default the first by name.")]
ChangedPortfolio = Annotated[str | None, typer.Option("--portfolio", help="Which one; needed when there are several.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]


def explain(
    figure: Annotated[str, typer.Argument(help="Such as holdings.AAPL.unrealized_gain_base or summary.twr.")],
    portfolio: PortfolioName = None,
    account: Account = None,
    as_of: AsOf = None,
    known_on: KnownOn = None,
    since: Since = None,
    cost_method: Method = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Say where a figure comes from, down to its rows."""
    from pipelines.asked import Asked, asked_view  # noqa: PLC0415
    from pipelines.cli.trees import print_tree  # noqa: PLC0415
    from pipelines.portfolio.explain import explain as explained  # noqa: PLC0415
    from warehouse.reader import Reader  # noqa: PLC0415

    settings, own, chosen = stores.shown(portfolio)
    asked = Asked(
        as_of=valuation_day(as_of, stores.today(settings)),
        known_on=day_of(known_on),
        since=day_of(since),
        account=account,
        cost_method=cost_method,
        with_journal=True,
    )
    with working(f"Looking into {figure}"):
        found = explained(asked_view(Reader(settings), own, chosen, asked), figure)
    if as_json:
        _print(found.model_dump(mode="json"))
    else:
        print_tree(found)


def diff(
    before: Annotated[str | None, typer.Option("--from", help="A publication; by default the one before.")] = None,
    after: Annotated[str | None, typer.Option("--to", help="A publication; by default the newest.")] = None,
    portfolio: PortfolioName = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Say which figures moved between two publications, and because of which rows."""
    from pipelines.cli.trees import print_difference  # noqa: PLC0415
    from pipelines.compared import compare  # noqa: PLC0415
    from warehouse.published import publications  # noqa: PLC0415
    from warehouse.reader import Reader  # noqa: PLC0415

    settings, _, chosen = stores.shown(portfolio)
    known = sorted(publication.id for publication in publications(settings))
    newest = after or (known[-1] if known else None)
    _refuse_unknown(known, {"--from": before, "--to": after})
    earlier = before or next((name for name in reversed(known) if newest is not None and name < newest), None)
    if newest is None or earlier is None:
        message = f"two publications are needed, and there are {len(known)}: run `folio refresh`"
        raise CommandError(message, Exit.NOTHING_YET)
    with working(f"Comparing {earlier} with {newest}"):
        found = compare(Reader(settings), chosen.portfolio_id, before=earlier, after=newest)
    if as_json:
        _print({"from": earlier, "to": newest} | found.model_dump(mode="json"))
    else:
        out.print(f"{earlier} ({found.as_of_before}) → {newest} ({found.as_of_after})", soft_wrap=True)
        print_difference(found)


def _refuse_unknown(known: list[str], named: Mapping[str, str | None]) -> None:
    for option, name in named.items():
        if name is not None and known and name not in known:
            raise CommandError(f"{option} is {name!r}: expected one of {', '.join(known)}", Exit.USAGE)


def preview_sale(
    symbol: Annotated[str, typer.Argument(help="What is to be sold.")],
    quantity: Annotated[str, typer.Argument(help="How many units.")],
    account: Annotated[str, typer.Option(help="From which account.")],
    price: Annotated[str | None, typer.Option(help="Per unit; by default the last known.")] = None,
    fee: Annotated[str, typer.Option(help="Fee of the sale.")] = "0",
    tax: Annotated[str, typer.Option(help="Tax of the sale.")] = "0",
    on: Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day; by default today.")] = None,
    portfolio: PortfolioName = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Say which lots a sale would close and what it would gain, under each method side by side."""
    from pipelines.asked import frames_for  # noqa: PLC0415
    from pipelines.cli.priced import of_what_is_held, price_of  # noqa: PLC0415
    from pipelines.portfolio import what_if  # noqa: PLC0415
    from warehouse.reader import Reader  # noqa: PLC0415

    units = _number("QUANTITY", quantity)
    if not units:
        raise CommandError(f"QUANTITY is {quantity!r}: expected a number above 0", Exit.USAGE)
    settings, own, chosen = stores.shown(portfolio)
    sale = what_if.Sale(
        account=account,
        symbol=symbol,
        quantity=units,
        date=day_of(on) or stores.today(settings),
        price=None if price is None else _number("--price", price),
        fee=_number("--fee", fee),
        tax=_number("--tax", tax),
    )
    with working(f"Looking at the lots of {symbol}"):
        ledger, market = frames_for(Reader(settings), own, chosen)
        priced = price_of(sale, ledger, market, chosen.base_currency)
        method = CostMethod(chosen.cost_method)
        with of_what_is_held(priced.sale):
            base = chosen.base_currency
            rows = what_if.preview_sale(ledger, market, priced.sale, base_currency=base, cost_method=method)
    if as_json:
        _print([row.model_dump(mode="json") | priced.document for row in rows])
        return
    out.print(priced.line, markup=False)
    if priced.warning:
        out.print(priced.warning, style="yellow", markup=False)
    columns = ("method", "proceeds", "cost", "gain", "short term", "long term", "lots")
    shown = [
        (
            row.cost_method.value,
            amount(row.proceeds_base),
            amount(row.cost_base),
            amount(row.gain_base, signed=True),
            amount(row.short_term_gain_base, signed=True),
            amount(row.long_term_gain_base, signed=True),
            ", ".join(f"{plain(lot.quantity.normalize())} of {lot.bought_on}" for lot in row.lots),
        )
        for row in rows
    ]
    out.print(table(f"{chosen.base_currency}", columns, shown, numbers=columns[1:-1]))


def day_of(given: dt.datetime | None) -> dt.date | None:
    """Return the day of an option, None where it was not given."""
    return given.date() if given else None


def valuation_day(given: dt.datetime | None, today: dt.date) -> dt.date:
    """Return the day of ``--as-of``, by default today.

    Raises:
        CommandError: If it lies after today: nothing is known of it.
    """
    day = day_of(given) or today
    if day > today:
        raise CommandError(f"--as-of is {day}: expected a day up to today, {today}", Exit.USAGE)
    return day


def _number(name: str, text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise CommandError(f"{name} is {text!r}: expected a number such as 12.5", Exit.USAGE) from error
    if not number.is_finite() or number < 0:
        raise CommandError(f"{name} is {text!r}: expected a number from 0 on", Exit.USAGE)
    return number


def _print(answer: Any) -> None:
    print(json.dumps(answer, indent=2))  # noqa: T201 - the answer itself, unstyled
