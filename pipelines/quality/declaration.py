"""The gate that follows from a table's declaration.

Belongs here: columns and types, held exactly, and a Great Expectations suite built from a `Table` for its nulls and
its key. Does not: business rules. Great Expectations takes seven seconds to import, so that happens inside of the first
check only.
"""

import importlib
import os
from collections.abc import Iterator
from functools import cache
from typing import Any

import pandas as pd
import polars as pl

from pipelines.quality.report import SAMPLE_ROWS, RuleResult, sample_of
from warehouse.look import Look
from warehouse.schema.model import Table

MEETS_DECLARATION = "meets_declaration"
EXPECTED_ROWS = 1_000_000
"""A taller table has only its latest fetch held to the suite; nulls and keys are counted over all of it anyway."""

_ROWS: dict[str, Any] = {"result_format": "COMPLETE", "include_unexpected_rows": False}


def meets_declaration(frame: pl.DataFrame, table: Table) -> RuleResult:
    """Hold a frame to the declaration of its table: columns, types, nulls, key.

    Args:
        frame: What the warehouse holds of the table, in any order.
        table: The declaration.

    Returns:
        The result; its sample shows the key of rows with a null or a repeated key.
    """
    if types := tuple(_type_problems(frame, table)):
        return _result(table, len(types), problems=types)
    broken, problems = _unexpected(frame, table)
    return _result(table, broken.height, sample_of(broken, table.key), tuple(problems))


def tall_meets_declaration(look: Look) -> RuleResult:
    """Hold a table to its declaration without loading it: its last fetch to the suite, all of it to nulls and key."""
    table = look.table
    if types := tuple(_type_problems(look.none(), table)):
        return _result(table, len(types), problems=types)
    _, problems = _unexpected(look.latest_fetch(EXPECTED_ROWS), table)
    failed_rows, broken = look.contradicting(SAMPLE_ROWS)
    return _result(table, failed_rows, sample_of(broken, table.key), tuple(problems))


def _result(
    table: Table, failed_rows: int, sample: tuple[dict[str, str | None], ...] = (), problems: tuple[str, ...] = ()
) -> RuleResult:
    return RuleResult(
        table=table.name,
        rule=MEETS_DECLARATION,
        failed_rows=max(failed_rows, len(problems)),
        sample=sample,
        problems=problems,
    )


def _type_problems(frame: pl.DataFrame, table: Table) -> Iterator[str]:
    declared = table.polars_schema
    for name in sorted(set(frame.columns) - set(declared)):
        yield f"column {name} is not declared"
    for name, dtype in declared.items():
        if name not in frame.columns:
            yield f"column {name} is absent"
        elif frame.schema[name] != dtype:
            yield f"column {name} is {frame.schema[name]}, declared {dtype}"


def _unexpected(frame: pl.DataFrame, table: Table) -> tuple[pl.DataFrame, list[str]]:
    """Return the rows that break the suite, and what they break; columns and types have been looked at by then."""
    if frame.is_empty():
        return frame, []
    answer = _rows().get_batch({"dataframe": _plain(frame)}).validate(_suite(table), result_format=_ROWS)
    failed = [result for result in answer.results if not result.success]
    places = sorted({place for result in failed for place in result.result.get("unexpected_index_list") or ()})
    return frame[places], [_say(result) for result in failed]


@cache
def _suite(table: Table) -> Any:
    return _great_expectations().ExpectationSuite(name=table.name, expectations=list(_expectations(table)))


def _expectations(table: Table) -> Iterator[Any]:
    """Yield what rows can break. Columns and types are held to the declaration before, and more exactly than here."""
    expect = importlib.import_module("great_expectations.expectations")
    for column in table.columns:
        if not column.nullable:
            yield expect.ExpectColumnValuesToNotBeNull(column=column.name)
    if len(table.key) == 1:
        yield expect.ExpectColumnValuesToBeUnique(column=table.key[0])
    else:
        yield expect.ExpectCompoundColumnsToBeUnique(column_list=list(table.key))


def _plain(frame: pl.DataFrame) -> pd.DataFrame:
    """Return a pandas copy with numpy types; decimals become floats, which is enough to see nulls."""
    return frame.with_columns(pl.selectors.decimal().cast(pl.Float64)).to_pandas()


def _say(result: Any) -> str:
    config = result.expectation_config
    about = config.kwargs.get("column") or ", ".join(config.kwargs.get("column_list") or ())
    return f"{config.type.removeprefix('expect_').replace('_', ' ')}: {about}"


@cache
def _great_expectations() -> Any:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    return importlib.import_module("great_expectations")


@cache
def _rows() -> Any:
    base = importlib.import_module("great_expectations.data_context.types.base")
    config = base.DataContextConfig(
        store_backend_defaults=base.InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        progress_bars=base.ProgressBarsConfig(globally=False, metric_calculations=False),
    )
    context = _great_expectations().get_context(mode="ephemeral", project_config=config)
    table = context.data_sources.add_pandas("candidate").add_dataframe_asset("table")
    return table.add_batch_definition_whole_dataframe("rows")
