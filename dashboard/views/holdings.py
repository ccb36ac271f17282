"""What the Holdings page says of everything held, and of one symbol.

Belongs here: choosing and naming columns of holdings, their sums by group, the story of one symbol. Does not: layout,
charts, figures of a holding (the document has them).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl

from dashboard.views.columns import Column, Kind, figures, full_bar, titled
from pipelines import formats
from pipelines.portfolio.allocation import CASH
from pipelines.portfolio.explain import Composed, Operation
from pipelines.portfolio.models import CompleteView

COLUMNS = (
    Column("Symbol", "symbol"),
    Column("Name", "name", first=False),
    Column("Value", "value_base", Kind.MONEY, "Units x price x rate, base currency."),
    Column("Weight", "weight", Kind.SHARE),
    Column("Unrealised gain", "unrealized_gain_base", Kind.GAIN, "Value less cost, base currency."),
    Column("Price effect", "price_effect_base", Kind.GAIN, "What of the gain its price made."),
    Column("FX effect", "fx_effect_base", Kind.GAIN, "What of the gain the exchange rate made."),
    Column("Total gain", "total_gain_base", Kind.GAIN, "Realised, unrealised and income, less fees and taxes."),
    Column("TWR", "twr", Kind.RETURN, "Time-weighted return of the period."),
    Column("XIRR", "xirr", Kind.RETURN, "Money-weighted return a year.", first=False),
    Column("Quantity", "quantity", Kind.QUANTITY),
    Column("Price", "price", Kind.PRICE, "Last price, in its currency."),
    Column("Currency", "currency", help="Of the prices, and of what is called local."),
    Column("Average price", "average_price", Kind.PRICE, "Cost before fees and taxes per unit, in its currency."),
    Column(
        "Cost",
        "cost_base",
        Kind.MONEY,
        "What is still held cost, fees and taxes included, or was worth when the period opened; base currency.",
    ),
    Column("Account", "account"),
    Column("Priced on", "price_date", Kind.DATE),
    Column("Price is", "price_status", help="live, close, stale or missing"),
    Column("Class", "asset_class", first=False),
    Column("Sector", "sector", first=False),
    Column("Country", "country", first=False),
    Column("Value, local", "value_local", Kind.MONEY, "In its own currency.", first=False),
    Column("Unrealised, local", "unrealized_gain_local", Kind.GAIN, "In its own currency.", first=False),
    Column("Realised gain", "realized_gain_base", Kind.GAIN, first=False),
    Column("Income", "income_base", Kind.MONEY, "Dividends and interest, gross, base currency.", first=False),
    Column("Fees", "fees_base", Kind.MONEY, first=False),
    Column("Taxes", "taxes_base", Kind.MONEY, first=False),
)
"""Those that matter most come first, for a phone shows three."""
GROUPS = {"Symbol": "symbol", "Sector": "sector", "Class": "asset_class", "Account": "account", "Currency": "currency"}
_SUMMED_AT_FIRST = {
    "cost_base",
    "value_base",
    "weight",
    "unrealized_gain_base",
    "price_effect_base",
    "fx_effect_base",
    "realized_gain_base",
    "income_base",
    "total_gain_base",
}
_COUNT = Column("Holdings", "holdings", Kind.DAYS)
GROUP_COLUMNS = (
    _COUNT,
    *(
        replace(column, first=column.field in _SUMMED_AT_FIRST)
        for column in COLUMNS
        if column.field == "weight" or column.field.endswith("_base")
    ),
)
"""What a group has beside its name: how many holdings it is of, and sums of theirs in base currency."""
FIGURES = figures(COLUMNS)
GROUP_FIGURES = figures(GROUP_COLUMNS)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows to show: what each is of the view, and the largest weight."""

    frame: pl.DataFrame
    paths: tuple[str, ...]
    largest: float


def holdings(view: CompleteView, words: str = "") -> Table:
    """Return a row a holding, the largest first; those only that have all the words in a text column.

    Args:
        view: The document.
        words: What a visitor types to filter, in any order and case.
    """
    frame = view.holdings.frame([column.field for column in COLUMNS])
    found = frame.filter(_has(words)).sort("value_base", descending=True, nulls_last=True, maintain_order=True)
    paths = tuple(f"holdings.{symbol}@{account}" for symbol, account in found.select("symbol", "account").iter_rows())
    return Table(found.rename({column.field: column.title for column in COLUMNS}), paths, full_bar(found["weight"]))


@dataclass(frozen=True, slots=True)
class Groups:
    """Sums by group to show: the holdings of the view that each row is of, and the largest weight."""

    frame: pl.DataFrame
    members: tuple[tuple[str, ...], ...]
    largest: float
    currency: str

    def figure(self, row: int, field: str) -> Composed:
        """Return what explains a figure of a row, one of `GROUP_FIGURES`: the same figure of each of its holdings."""
        counts = field == _COUNT.field
        title = next(title for title, name in GROUP_FIGURES.items() if name == field)
        return Composed(
            figure=f"{self.frame.columns[0]} {self.frame.item(row, 0)}, {title}",
            value=self.frame.item(row, title),
            operation=Operation.COUNT if counts else Operation.SUM,
            parts=tuple(f"{member}.{'quantity' if counts else field}" for member in self.members[row]),
            unit=self.currency if field.endswith("_base") else None,
        )


def grouped(view: CompleteView, by: str, words: str = "") -> Groups:
    """Return the sums by one of `GROUPS`, the largest first; a sum with an unknown part is unknown."""
    names = [column.field for column in COLUMNS]
    frame = view.holdings.frame(names).filter(_has(words))
    member = pl.format("holdings.{}@{}", "symbol", "account").alias("members")
    sums = [_sum(column.field) for column in GROUP_COLUMNS if column is not _COUNT]
    key = pl.col(GROUPS[by]).fill_null("Unknown").alias("group")
    found = frame.group_by(key, maintain_order=True).agg(pl.len().alias(_COUNT.field), member, *sums)
    found = found.sort("value_base", descending=True, nulls_last=True, maintain_order=True)
    shown = titled(found, (Column(by, "group"), *GROUP_COLUMNS))
    members = tuple(tuple(of) for of in found["members"])
    return Groups(shown, members, full_bar(found["weight"]), view.base_currency)


def without_cash(view: CompleteView) -> str | None:
    """Say what of the value is cash, which is no holding; None where there is none."""
    shares = [row.weight for row in view.allocations.get("asset_class", ()) if row.key == CASH and row.value]
    if not shares or not view.summary.cash:
        return None
    share = formats.percent(shares[0], signed=False)
    return f"Cash, {share} of the value, is no holding: it is not in these rows."


def _sum(name: str) -> pl.Expr:
    return pl.when(pl.col(name).is_not_null().all()).then(pl.col(name).sum()).alias(name)


def _has(words: str) -> pl.Expr:
    fields = [column.field for column in COLUMNS if column.kind is Kind.TEXT]
    text = pl.concat_str([pl.col(field).cast(pl.String).fill_null("") for field in fields], separator=" ")
    wanted = [text.str.to_lowercase().str.contains(word, literal=True) for word in words.lower().split()]
    return pl.all_horizontal(wanted) if wanted else pl.lit(value=True)


def symbols(view: CompleteView) -> list[str]:
    """Return what is or was held, by name."""
    closed = view.realized_gains.column("symbol")
    return sorted({*view.holdings.column("symbol"), *closed})


def lots(view: CompleteView, symbol: str) -> tuple[pl.DataFrame, list[str]]:
    """Return the open lots of a symbol: account, day, units, cost and days held; and what each row is of the view."""
    found = [
        (holding.account, number, lot)
        for holding in view.holdings
        if holding.symbol == symbol
        for number, lot in enumerate(holding.lots)
    ]
    rows = [
        (account, lot.bought_on, lot.quantity, lot.cost_local, lot.cost_base, lot.days_held)
        for account, _, lot in found
    ]
    paths = [f"holdings.{symbol}@{account}.lots.{number}" for account, number, _ in found]
    return pl.DataFrame(rows, schema=[column.title for column in LOT_COLUMNS], orient="row"), paths


LOT_COLUMNS = (
    Column("Account", "account"),
    Column("Bought on", "bought_on", Kind.DATE),
    Column("Quantity", "quantity", Kind.QUANTITY),
    Column("Cost, local", "cost_local", Kind.MONEY),
    Column("Cost", "cost_base", Kind.MONEY),
    Column("Days held", "days_held", Kind.DAYS),
)
LOT_FIGURES = figures(LOT_COLUMNS)
REALIZED_COLUMNS = (
    Column("Account", "account"),
    Column("Bought on", "bought_on", Kind.DATE),
    Column("Sold on", "sold_on", Kind.DATE),
    Column("Quantity", "quantity", Kind.QUANTITY),
    Column("Cost", "cost_base", Kind.MONEY),
    Column("Proceeds", "proceeds_base", Kind.MONEY),
    Column("Gain", "gain_base", Kind.GAIN),
    Column("Term", "term"),
)
REALIZED_FIGURES = figures(REALIZED_COLUMNS)


def realized(view: CompleteView, symbol: str) -> tuple[pl.DataFrame, tuple[str, ...]]:
    """Return what was gained on a symbol, a row a lot, newest first, and what each row is of the view."""
    names = [column.field for column in REALIZED_COLUMNS]
    rows = view.realized_gains.frame(["symbol", *names]).with_row_index("number")
    found = rows.filter(pl.col("symbol") == symbol).sort("sold_on", descending=True, maintain_order=True)
    paths = tuple(f"realized_gains.{number}" for number in found["number"])
    return found.select(names).rename({column.field: column.title for column in REALIZED_COLUMNS}), paths


def contributions(view: CompleteView, symbol: str) -> list[tuple[str, float | None]]:
    """Return what a symbol added to the time-weighted return, by account; None where it is not known."""
    rows = view.performance.contributions if view.performance else []
    return [(row.account or "", row.contribution) for row in rows if row.symbol == symbol]


_MARKED = {"BUY": "Bought", "DELIVERY_IN": "Bought", "SELL": "Sold", "DELIVERY_OUT": "Sold", "DIVIDEND": "Dividend"}


def marks(transactions: pl.DataFrame, symbol: str, splits: Sequence[tuple[object, str]]) -> pl.DataFrame:
    """Return what happened to a symbol as ``date, what, text``, for marks on its chart.

    Args:
        transactions: The ledger's.
        symbol: The instrument.
        splits: Day and ratio of each of its splits.
    """
    own = transactions.filter((pl.col("symbol") == symbol) & pl.col("type").is_in(list(_MARKED)))
    amounts = own["quantity"].fill_null(own["amount"])
    texts = [f"{formats.quantity(amount)} {account}" for amount, account in zip(amounts, own["account"], strict=True)]
    told = own.select(
        "date", what=pl.col("type").replace_strict(_MARKED), text=pl.Series("text", texts, dtype=pl.String)
    )
    split = pl.DataFrame(
        [(day, "Split", ratio) for day, ratio in splits],
        schema={"date": pl.Date, "what": pl.String, "text": pl.String},
        orient="row",
    )
    return pl.concat([told, split]).sort("date")
