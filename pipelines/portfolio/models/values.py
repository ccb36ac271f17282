"""What the document's figures are: exact numbers, ratios, words, and the row that all of it is made of.

Belongs here: types of fields with their scale and their form in JSON. Does not: fields of any section.
"""

from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, NamedTuple, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from pipelines.portfolio.exact import MONEY_SCALE, UNITS_SCALE


class CostMethod(StrEnum):
    """Which lots a disposal closes (CALCULATIONS 2)."""

    FIFO = "fifo"
    LIFO = "lifo"
    HIFO = "hifo"
    AVERAGE = "average"
    SPECIFIC = "specific"


class Status(StrEnum):
    """How fresh a price or a rate is (CALCULATIONS 3)."""

    LIVE = "live"
    CLOSE = "close"
    STALE = "stale"
    MISSING = "missing"


class Places(NamedTuple):
    """How many decimal places an exact field has, as the engine counts them."""

    number: int


def _no_float(value: Any) -> Any:
    if isinstance(value, float):
        msg = f"{value!r} is a float; money is exact"
        raise ValueError(msg)  # noqa: TRY004 - pydantic turns a ValueError into its own
    return value


def plain(value: Decimal) -> str:
    """Return a decimal without exponent and without trailing zeros.

    >>> plain(Decimal("10.50000000"))
    '10.5'
    """
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text


_REFUSED = BeforeValidator(_no_float)
_WRITTEN = PlainSerializer(plain, return_type=str, when_used="json")
Exact = Annotated[Decimal, _REFUSED, _WRITTEN, Places(MONEY_SCALE)]
Quantity = Annotated[Decimal, _REFUSED, _WRITTEN, Places(UNITS_SCALE)]
Money = Exact | None
Rate = Quantity | None
Ratio = Annotated[float | None, Field(default=None, allow_inf_nan=False)]


_SET = object.__setattr__


@cache
def _names(model: type[BaseModel]) -> set[str]:
    """Return the names of a model's fields; frozen rows share them."""
    return set(model.model_fields)


class Model(BaseModel):
    """What all parts of the document have in common."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def built(cls, **values: Any) -> Self:
        """Return a row of exact values, all of them given by their Python names, without validating it.

        For the long lists, whose figures come from `exact` and are right by construction: validation takes longer than
        computing them (so does `model_construct`, which looks for defaults).
        """
        row = cls.__new__(cls)
        _SET(row, "__dict__", values)
        _SET(row, "__pydantic_fields_set__", _names(cls))
        _SET(row, "__pydantic_extra__", None)
        _SET(row, "__pydantic_private__", None)
        return row
