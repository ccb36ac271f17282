"""`folio rebalance`: the trades that would bring a portfolio to its targets.

Belongs here: its options, and how the proposals read in a terminal. Does not: the proposals
(`pipelines.portfolio.rebalancing`), failures and exit codes (`app`).
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from pipelines.cli import stores
from pipelines.cli.console import amount, out, percent, plain, table, working
from pipelines.cli.exits import CommandError, Exit
from pipelines.cli.questions import Account, AsJson, AsOf, PortfolioName, valuation_day

if TYPE_CHECKING:
    from pipelines.portfolio.models import CompleteView
    from pipelines.portfolio.rebalancing import Rebalancing

Target = Annotated[
    list[str] | None,
    typer.Option(help="Such as AAPL=0.4 or Cash=0.05; give it once for each. What is left of 1 is shared."),
]


def rebalance(
    target: Target = None,
    dimension: Annotated[
        str, typer.Option(help="What targets are of, such as symbol, asset_class, sector.")
    ] = "symbol",
    cash: Annotated[str, typer.Option(help="Money to put in first; below zero, to take out.")] = "0",
    fee_fixed: Annotated[str, typer.Option(help="Fee of each trade, base currency.")] = "0",
    fee_rate: Annotated[str, typer.Option(help="Fee of each trade as a part of its amount, such as 0.0025.")] = "0",
    tolerance: Annotated[str, typer.Option(help="Drift that is left alone, such as 0.01.")] = "0",
    minimum_trade: Annotated[str, typer.Option(help="Smaller trades are left out, base currency.")] = "0",
    portfolio: PortfolioName = None,
    account: Account = None,
    as_of: AsOf = None,
    *,
    cash_only: Annotated[bool, typer.Option("--cash-only", help="Buy from cash, sell nothing.")] = False,
    fractional: Annotated[bool, typer.Option("--fractional", help="Trade parts of units too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Propose the trades that bring a portfolio to target weights, whole units and fees respected."""
    from pipelines.asked import frames_for, market_frames  # noqa: PLC0415
    from pipelines.portfolio import rebalancing  # noqa: PLC0415
    from pipelines.portfolio.complete import complete_view  # noqa: PLC0415
    from warehouse.reader import Reader  # noqa: PLC0415

    stated = weights("--target", target or [])
    numbers = {
        "cash": number("--cash", cash),
        "fee_fixed": number("--fee-fixed", fee_fixed),
        "fee_rate": number("--fee-rate", fee_rate),
        "tolerance": number("--tolerance", tolerance),
        "minimum_trade": number("--minimum-trade", minimum_trade),
    }
    settings, own, chosen = stores.shown(portfolio)
    with working(f"Looking at {chosen.name}"):
        reader = Reader(settings)
        ledger, market = frames_for(reader, own, chosen)
        view = complete_view(
            ledger,
            market,
            as_of=valuation_day(as_of, stores.today(settings)),
            base_currency=chosen.base_currency,
            account=account,
            include_history=False,
        )
        wanted = stated or _known_targets(view, dimension)
        others = sorted(set(wanted) - {row.symbol for row in view.holdings})
        offered = rebalancing.offers(market_frames(reader, others), others, at=view) if dimension == "symbol" else {}
        found = rebalancing.rebalance(
            view,
            wanted,
            dimension=dimension,
            whole_units=not fractional,
            cash_only=cash_only,
            offers=offered,
            **numbers,
        )
    if as_json:
        print(found.model_dump_json(indent=2))  # noqa: T201 - the answer itself, unstyled
    else:
        _print(found, chosen.name)


def weights(name: str, words: list[str]) -> dict[str, Decimal]:
    """Return targets by class of words such as ``AAPL=0.4``, which the command line calls by that name."""
    found: dict[str, Decimal] = {}
    for word in words:
        key, sign, weight = word.rpartition("=")
        if not sign or not key.strip():
            raise CommandError(f"{name} is {word!r}: expected a name and a weight, such as AAPL=0.4", Exit.USAGE)
        if key.strip() in found:
            raise CommandError(f"{name} names {key.strip()!r} twice: give each once", Exit.USAGE)
        found[key.strip()] = number(name, weight, word)
    return found


def _known_targets(view: "CompleteView", dimension: str) -> Mapping[str, Decimal | float]:
    """Return the targets of the ledger, in a dimension that has some."""
    known = {row.key: row.target for row in view.allocations.get(dimension, []) if row.target is not None}
    if not known:
        message = f"there are no targets by {dimension}: give some, such as --target AAPL=0.4 --target Cash=0.05"
        raise CommandError(message, Exit.USAGE)
    return known


def number(name: str, text: str, shown: str | None = None) -> Decimal:
    """Return an exact number that an option states."""
    try:
        found = Decimal(text)
    except InvalidOperation as error:
        raise CommandError(f"{name} is {shown or text!r}: expected a number such as 0.25", Exit.USAGE) from error
    if not found.is_finite():
        raise CommandError(f"{name} is {shown or text!r}: expected a number such as 0.25", Exit.USAGE)
    return found


def _print(found: "Rebalancing", name: str) -> None:
    out.print(f"[bold]{escape(name)}[/bold]  {found.base_currency}, by {found.dimension}")
    if found.trades:
        headings = ("", "symbol", "account", "quantity", "price", "in", "amount", "fee")
        out.print(table("Trades", headings, _trades(found), numbers=("quantity", "price", "amount", "fee")))
    else:
        out.print("Nothing to trade.")
    columns = ("class", "target", "before", "drift", "after", "drift after", "value after")
    out.print(table("Weights", columns, _weights(found), numbers=columns[1:]))
    rows = [("Cash", amount(found.cash_before), amount(found.cash_after))]
    rows += [("Value", amount(found.value_before), amount(found.value_after)), ("Fees", "", amount(found.fees))]
    out.print(table(None, ("", "before", "after"), rows, numbers=("before", "after")))
    for note in found.notes:
        out.print(note.message, style="yellow", markup=False)


def _trades(found: "Rebalancing") -> list[tuple[str, ...]]:
    return [
        (
            trade.side.lower(),
            escape(trade.symbol),
            escape(trade.account or ""),
            plain(trade.quantity.normalize()),
            plain(trade.price.normalize()),
            trade.currency,
            amount(trade.amount_base),
            amount(trade.fee_base),
        )
        for trade in found.trades
    ]


def _weights(found: "Rebalancing") -> list[tuple[str, ...]]:
    return [
        (
            escape(row.key),
            f"{row.target:.2%}{'' if row.stated else ' (rest)'}",
            f"{row.weight_before:.2%}",
            percent(row.drift_before),
            "–" if row.weight_after is None else f"{row.weight_after:.2%}",
            percent(row.drift_after),
            amount(row.value_after),
        )
        for row in found.weights
    ]
