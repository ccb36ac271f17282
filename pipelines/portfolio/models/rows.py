"""The document's long lists, kept by columns.

Belongs here: the list whose rows are made when somebody looks at them. Does not: what is in a row.

A portfolio of some years has tens of thousands of rows, of which a page shows dozens: columns of integers take a
fraction of the time and memory of models with exact decimals, and tables and files want columns anyway.
"""

import datetime as dt
import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Annotated, Any, Generic, TypeVar, cast, get_args, overload

import polars as pl
from pydantic import GetCoreSchemaHandler, TypeAdapter
from pydantic_core import CoreSchema, core_schema

from pipelines.portfolio.exact import decimal_series, decimals
from pipelines.portfolio.models.values import Model, Places
from pipelines.portfolio.models.verbatim import Verbatim

Row = TypeVar("Row", bound=Model)


class Rows(Sequence[Row], Generic[Row]):
    """Rows of one kind, which come into being at the first look at one of them; never changed.

    Args:
        kind: The model of a row.
        columns: The values of every field by its Python name, a list or a Series of its type; those of exact fields
            (money, prices, quantities, rates) as lists of integers of the field's last decimal place. None where the
            rows are there otherwise.
        rows: The rows, where they exist.
        stored: The rows as JSON has them, read but not validated, where they come from there.
    """

    __slots__ = ("_columns", "_rows", "_series", "_stored", "kind")

    def __init__(
        self,
        kind: type[Row],
        columns: Mapping[str, Sequence[Any] | pl.Series] | None,
        *,
        rows: list[Row] | None = None,
        stored: Sequence[Mapping[str, Any]] | None = None,
    ) -> None:
        self.kind, self._columns, self._rows, self._stored = kind, columns, rows, stored
        self._series: dict[str, pl.Series] = {}

    @classmethod
    def of(cls, kind: type[Row], rows: Iterable[Row] = ()) -> "Rows[Row]":
        """Return rows that exist already."""
        return cls(kind, None, rows=list(rows))

    def column(self, name: str) -> Sequence[Any]:
        """Return one field of every row.

        Raises:
            pydantic.ValidationError: If rows were read from JSON and this field is not what it must be.
        """
        if self._columns is not None:
            places, values = _places(self.kind).get(name), self._columns[name]
            if isinstance(values, pl.Series):
                return values.to_list()
            return values if places is None else decimals(values, places)
        if self._stored is not None:
            stored_as = _aliases(self.kind).get(name, name)
            column: list[Any] = _column(self.kind, name).validate_python([row.get(stored_as) for row in self._stored])
            return column
        return [getattr(row, name) for row in self._made()]

    def first_by(self, key: Callable[..., Any], names: Sequence[str], most: int) -> list[int]:
        """Return the places of the first rows in an order, without making any of them.

        Args:
            key: Gives what a row is sorted by, of some of its fields. They are as they are kept: days may be text, in
                which they sort as well.
            names: These fields.
            most: How many places.
        """
        rows: list[Sequence[Any]]
        if self._stored is not None:
            stored_as = [_aliases(self.kind).get(name, name) for name in names]
            rows = [[row.get(name) for name in stored_as] for row in self._stored]
        else:
            rows = list(zip(*map(self.column, names), strict=True))
        return heapq.nsmallest(most, range(len(rows)), key=lambda at: key(*rows[at]))

    def at(self, places: Sequence[int]) -> "Rows[Row]":
        """Return some of the rows."""
        if self._stored is not None:
            return Rows(self.kind, None, stored=[self._stored[at] for at in places])
        return Rows.of(self.kind, [self[at] for at in places])

    def frame(self, names: Iterable[str] | None = None) -> pl.DataFrame:
        """Return some fields of every row (or all) as a frame; exact ones are Decimal of their places."""
        return pl.DataFrame([self.series(name) for name in names or self.kind.model_fields])

    def series(self, name: str) -> pl.Series:
        """Return one field of every row as a Series, made once: tables and files ask for the same ones."""
        if name not in self._series:
            self._series[name] = self._as_series(name)
        return self._series[name]

    def _as_series(self, name: str) -> pl.Series:
        places, values = _places(self.kind).get(name), (self._columns or {}).get(name)
        if values is None or places is None:
            made = pl.Series(name, values if isinstance(values, pl.Series) else self.column(name))
            # Nothing at all says nothing of what it would be: that the model does.
            return made.cast(_dtype(self.kind, name)) if made.dtype == pl.Null else made
        return decimal_series(values, pl.Decimal(38, places)).alias(name)

    def _made(self) -> list[Row]:
        if self._rows is None and self._stored is not None:
            self._rows = _every(self.kind).validate_python(self._stored)
        if self._rows is None:
            names, build = tuple(self._columns or ()), self.kind.built
            values = zip(*map(self.column, names), strict=True)
            self._rows = [build(**dict(zip(names, row, strict=True))) for row in values]
        return self._rows

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | Sequence[Row]:
        """Return a row, which is made for itself as long as nobody has looked at all of them, or a list of some."""
        if isinstance(index, slice) or self._rows is not None:
            return self._made()[index]
        if self._stored is not None:
            return self.kind.model_validate(self._stored[index])
        one = {name: [values[index]] for name, values in (self._columns or {}).items()}
        return next(iter(Rows(self.kind, one)))

    def __len__(self) -> int:
        """Return how many rows there are, without making them."""
        if self._columns is not None:
            return len(next(iter(self._columns.values())))
        return len(self._stored if self._stored is not None else self._rows or ())

    def __iter__(self) -> Iterator[Row]:
        """Iterate over the rows."""
        return iter(self._made())

    def __eq__(self, other: object) -> bool:
        """Return whether the other has equal rows."""
        return list(self) == list(other) if isinstance(other, Rows | list) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        """Return it as the list that it stands for."""
        return repr(self._made())

    def _written(
        self, serialize: core_schema.SerializerFunctionWrapHandler, info: core_schema.SerializationInfo
    ) -> Any:
        if info.mode == "json" and self._stored is not None:
            return self._stored
        if info.mode == "json" and self._columns is not None:
            shown = self._shown()
            return info.context.keep(shown.write_json()) if isinstance(info.context, Verbatim) else shown.to_dicts()
        return serialize(list(self))

    def _shown(self) -> pl.DataFrame:
        """Return the rows as JSON has them, exact figures as text; made of columns, without a row of its own each."""
        frame, named = self.frame(), _aliases(self.kind)
        return frame.select(_as_text(name, dtype).alias(named.get(name, name)) for name, dtype in frame.schema.items())

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Read as a list of rows and write as one."""
        (kind,) = get_args(source)
        as_list = handler.generate_schema(list[kind])  # type: ignore[valid-type]  # known when it runs

        def read(
            value: Any, validate: core_schema.ValidatorFunctionWrapHandler, info: core_schema.ValidationInfo
        ) -> "Rows[Row]":
            if isinstance(value, Rows):
                return cast("Rows[Row]", value)
            if info.mode == "json" and isinstance(value, list):
                return cls(kind, None, stored=value)
            return cls.of(kind, validate(value))

        written = core_schema.wrap_serializer_function_ser_schema(cls._written, info_arg=True, schema=as_list)
        return core_schema.with_info_wrap_validator_function(read, as_list, serialization=written)


def _as_text(name: str, dtype: pl.DataType) -> pl.Expr:
    if isinstance(dtype, pl.Decimal):
        return pl.col(name).cast(pl.String).str.strip_chars_end("0").str.strip_chars_end(".")
    return pl.col(name).cast(pl.String) if dtype == pl.Date else pl.col(name)


@cache
def _every(kind: type[Row]) -> TypeAdapter[list[Row]]:
    return TypeAdapter(list[kind])  # type: ignore[valid-type]  # known when it runs


@cache
def _column(kind: type[Model], name: str) -> TypeAdapter[list[Any]]:
    field = kind.model_fields[name]
    of_one: Any = Annotated[(field.annotation, *field.metadata)] if field.metadata else field.annotation
    return TypeAdapter(list[of_one])


@cache
def _places(kind: type[Model]) -> dict[str, int]:
    """Return how many places each exact field has."""
    marks = {
        name: [*field.metadata, *(mark for part in get_args(field.annotation) for mark in get_args(part))]
        for name, field in kind.model_fields.items()
    }
    return {name: mark.number for name, of_field in marks.items() for mark in of_field if isinstance(mark, Places)}


_DTYPES: dict[type, pl.DataType] = {
    dt.date: pl.Date(),
    str: pl.String(),
    float: pl.Float64(),
    int: pl.Int64(),
    bool: pl.Boolean(),
}


@cache
def _dtype(kind: type[Model], name: str) -> pl.DataType:
    """Return the type of a field's column."""
    places = _places(kind).get(name)
    if places is not None:
        return pl.Decimal(38, places)
    annotation = kind.model_fields[name].annotation
    return next((_DTYPES[part] for part in (annotation, *get_args(annotation)) if part in _DTYPES), pl.Null())


@cache
def _aliases(kind: type[Model]) -> dict[str, str]:
    """Return the names that fields have in JSON, where they differ."""
    return {name: field.alias for name, field in kind.model_fields.items() if field.alias is not None}
