"""What a screening means for a run: the share from which on a fetch is broken."""

import polars as pl
import pytest

from pipelines.quality.admission import Admission
from pipelines.quality.charts import findings_chart, gates_chart
from pipelines.quality.finding import FINDINGS
from pipelines.quality.verdict import by_rule, verdict
from tests.held import held_back

TABLE = "price_history"


def admission(*names_and_rows, judged=100, names=None, remarks=()):
    rows = [
        held_back(about=name, key=f"{name} {number}", rule="jump" if number % 2 else "unit")
        for name, count in names_and_rows
        for number in range(count)
    ]
    nothing = pl.DataFrame()
    return Admission(
        believed=nothing,
        symbols=nothing,
        held=pl.concat([held_back().clear(), *rows]),
        remarks=pl.DataFrame(list(remarks), schema=FINDINGS),
        resolutions=nothing,
        taken_back=nothing,
        undone=nothing,
        judged={TABLE: judged},
        names={TABLE: names or len({name for name, _ in names_and_rows})},
    )


@pytest.mark.parametrize(
    ("held", "names", "judged", "blocks"),
    [
        pytest.param([], 1, 100, False, id="nothing"),
        pytest.param([("A", 1), ("B", 1), ("C", 1)], 3, 9, False, id="three rows of three symbols"),
        pytest.param([("A", 4), ("B", 4), ("C", 4)], 50, 100, True, id="twelve of a hundred, of three"),
        pytest.param([("A", 4), ("B", 4), ("C", 4)], 50, 240, False, id="five percent exactly"),
        pytest.param([("A", 50)], 10, 90, False, id="one of ten symbols, restated whole"),
        pytest.param([("A", 90)], 2, 100, False, id="one of two"),
        pytest.param([("A", 6), ("B", 6)], 10, 20, False, id="two of ten"),
        pytest.param([("A", 1)], 1, 1, False, id="the only one, for a day"),
        pytest.param([("A", 9)], 1, 9, False, id="the only one, for nine days"),
        pytest.param([("A", 50)], 1, 100, False, id="the only one, half of it"),
        pytest.param([("A", 51)], 1, 100, True, id="the only one, most of it"),
        pytest.param([("A", 30), ("B", 30)], 2, 100, True, id="both of two, most of them"),
        pytest.param([("A", 20), ("B", 20)], 2, 100, False, id="both of two, less than most"),
        pytest.param([("A", 30), ("B", 30)], 3, 100, True, id="two of three, most of all"),
    ],
)
def test_a_fetch_is_broken_from_a_twentieth_of_several_symbols_or_most_of_few(held, names, judged, blocks):
    result, blocking = verdict(admission(*held, judged=judged, names=names), TABLE)
    assert blocking is blocks
    assert result.failed_rows == sum(rows for _, rows in held)
    assert ("fetched rows are not believed, more than" in result.finding) is blocks


def test_rows_that_several_rules_hold_count_once():
    rows = admission(("A", 1))
    twice = admission()
    both = pl.concat([rows.held, rows.held.with_columns(rule=pl.lit("other"))])
    result, _ = verdict(Admission(**{**vars(twice), "held": both}), TABLE)
    assert result.failed_rows == 1


def test_each_rule_has_its_count_and_its_bar():
    remark = dict.fromkeys(FINDINGS) | {"table_name": TABLE, "about": "Z", "rule": "gap", "held": False}
    said = admission(("A", 2), remarks=[remark])
    assert {(one.rule, one.failed_rows) for one in by_rule(said)} == {("jump", 1), ("unit", 1), ("gap", 1)}
    lines = findings_chart(said, TABLE).splitlines()
    assert lines[0] == "100 rows judged, 3 findings."
    assert "| gap | 0 | 1 | ▇▇▇▇▇▇▇ |" in lines
    assert findings_chart(admission(), TABLE) == "100 rows judged, 0 findings."


def test_gates_have_a_row_a_table_and_name_what_did_not_hold():
    rows = [("symbols", "a", True, 0), ("price_history", "a", True, 0), ("price_history", "b", False, 7)]
    gates = pl.DataFrame(rows, schema=["table_name", "rule", "passed", "failed_rows"], orient="row")
    assert gates_chart(gates).splitlines()[2:] == [
        "| price_history | 1 of 2 | ▇▇▇▇▇▇▇▇▇▇ | b (7) |",
        "| symbols | 1 of 1 | ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇ |  |",
    ]
