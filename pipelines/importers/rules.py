"""What each type of transaction needs (CALCULATIONS 1).

Belongs here: rules over one row. Does not: the look of a cell (`typed`), what the holdings allow (the engine).
"""

from decimal import Decimal

import polars as pl

from pipelines.importers.typed import Refusals
from pipelines.portfolio.exact import ONE_UNIT, div_half_even, integers
from pipelines.portfolio.transactions import UNLIKE_THEIR_TYPE, Kind
from warehouse.ledger.checks import MOST_DIGITS
from warehouse.schema.types import MONEY

UNITS = (Kind.BUY, Kind.SELL, Kind.DELIVERY_IN, Kind.DELIVERY_OUT)
RATIOS = (Kind.SPLIT, Kind.SPINOFF, Kind.MERGER)
CASH = (
    Kind.DEPOSIT,
    Kind.WITHDRAWAL,
    Kind.DIVIDEND,
    Kind.INTEREST,
    Kind.INTEREST_CHARGE,
    Kind.FEE,
    Kind.FEE_REFUND,
    Kind.TAX,
    Kind.TAX_REFUND,
    Kind.FX_CONVERSION,
    Kind.RETURN_OF_CAPITAL,
)
NEEDS: dict[str, tuple[Kind, ...]] = {
    "symbol": (*UNITS, *RATIOS, Kind.RETURN_OF_CAPITAL, Kind.DIVIDEND),
    "quantity": UNITS,
    "to_account": (Kind.TRANSFER,),
    "to_symbol": (Kind.SPINOFF, Kind.MERGER),
    "ratio_new": RATIOS,
    "ratio_old": RATIOS,
    "cost_fraction": (Kind.SPINOFF,),
    "to_amount": (Kind.FX_CONVERSION,),
    "to_currency": (Kind.FX_CONVERSION,),
    "currency": (Kind.FX_CONVERSION,),
}
_CENT = 10**6
_PER_TEN_THOUSAND = 10**4
_LARGEST = 10 ** (MOST_DIGITS + MONEY.scale)


def kinds(refusals: Refusals) -> pl.Series:
    """Return the types, in capitals."""
    types = refusals.text("type").str.to_uppercase()
    derivative = types.str.contains("OPTION|FUTURE") & ~types.is_in(list(Kind))
    refusals.refuse(derivative, "type", "no option and no future: they are not modelled")
    refusals.refuse(~types.is_in(list(Kind)), "type", f"one of {', '.join(Kind)}")
    return types


# As exchanges and Yahoo name them: "AAPL  220121C00025000", without the spaces, too, and GC=F.
_DERIVATIVES = r"(?i)^[A-Z.]{1,6} *[0-9]{6}[CP][0-9]{8}$|=F$"


def check_needs(refusals: Refusals, frame: pl.DataFrame) -> None:
    """Refuse rows without what their type needs; ``frame`` has the typed columns."""
    types = frame["type"]
    for column in ("symbol", "to_symbol"):
        derivative = frame[column].str.contains(_DERIVATIVES)
        refusals.refuse(derivative, column, "no option and no future: they are not modelled")
    for column, needing in NEEDS.items():
        for kind in needing:
            refusals.refuse((types == kind) & frame[column].is_null(), column, f"a {column}, which {kind} needs")
    moved = types.is_in([*UNITS]) & (frame["quantity"] == 0)
    refusals.refuse(moved, "quantity", "a number above zero")
    refusals.refuse(frame["to_symbol"] == frame["symbol"], "to_symbol", "another symbol than that of the row")
    for column, fault, expected in UNLIKE_THEIR_TYPE:
        refusals.refuse(frame.select(fault).to_series(), column, expected)
    _check_transfers(refusals, frame)
    _check_amounts(refusals, frame)


def _check_transfers(refusals: Refusals, frame: pl.DataFrame) -> None:
    transfer = frame["type"] == Kind.TRANSFER
    units = transfer & frame["symbol"].is_not_null()
    lacking = units & (frame["quantity"].is_null() | (frame["quantity"] == 0))
    refusals.refuse(lacking, "quantity", "a quantity above zero, which a TRANSFER with a symbol needs")
    cash = transfer & frame["symbol"].is_null()
    refusals.refuse(cash & frame["quantity"].is_not_null(), "symbol", "the symbol of the units that are transferred")
    refusals.refuse(cash & frame["amount"].is_null(), "amount", "an amount, which a TRANSFER without a symbol needs")


def _check_amounts(refusals: Refusals, frame: pl.DataFrame) -> None:
    types = frame["type"]
    none = frame["amount"].is_null() & (frame["price"].is_null() | frame["quantity"].is_null())
    for kind in (Kind.BUY, Kind.SELL):
        refusals.refuse((types == kind) & none, "amount", f"a price or an amount, which {kind} needs")
    for kind in CASH:
        refusals.refuse((types == kind) & none, "amount", f"an amount, which {kind} needs")


def amounts(refusals: Refusals, frame: pl.DataFrame) -> pl.Series:
    """Return the gross amounts: as stated, else quantity x price, rounded half-even to eight decimals.

    Where both are stated they must agree to a cent or 0.01 %, whichever is larger.
    """
    stated, worth = integers(frame["amount"]), _worths(frame)
    pairs = list(zip(worth, stated, strict=True))
    apart = pl.Series([_differ(one, other) for one, other in pairs], dtype=pl.Boolean)
    refusals.refuse(apart, "amount", "quantity x price, to a cent or 0.01 %, whichever is larger")
    large = pl.Series([one is not None and one >= _LARGEST for one in worth], dtype=pl.Boolean)
    refusals.refuse(large, "price", f"a quantity x price of at most {MOST_DIGITS} digits before the point")
    known = [other if other is not None else one for one, other in pairs]
    exact = [None if one is None or one >= _LARGEST else Decimal(one).scaleb(-MONEY.scale) for one in known]
    return pl.Series("amount", exact, dtype=MONEY)


def _worths(frame: pl.DataFrame) -> list[int | None]:
    pairs = zip(integers(frame["quantity"]), integers(frame["price"]), strict=True)
    return [
        None if units is None or price is None else div_half_even(units * price, ONE_UNIT) for units, price in pairs
    ]


def _differ(worth: int | None, stated: int | None) -> bool:
    if worth is None or stated is None:
        return False
    return abs(worth - stated) * _PER_TEN_THOUSAND > max(_CENT * _PER_TEN_THOUSAND, stated)
