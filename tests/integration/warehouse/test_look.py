"""A table is looked at in the run's candidate, else in the publication, else not at all."""

import pytest
from market import NOW, a_run, price_rows

from warehouse.build import open_candidate
from warehouse.look import looking
from warehouse.publish import publish
from warehouse.schema import TABLES, market


def heights(settings, run_id):
    with looking(settings, market.PRICE_HISTORY, run_id=run_id) as look:
        return None if look is None else look.height


def test_the_candidate_comes_before_the_publication(settings):
    assert heights(settings, "two") is None
    a_run(settings, "one", "10", "11")
    candidate = open_candidate(settings, "two")
    candidate.record_history(market.PRICE_HISTORY, price_rows("1", symbol="OTHER"), now=NOW)
    assert heights(settings, "two") == 3
    assert heights(settings, "stranger") == 2
    publish(candidate, settings, now=NOW)
    assert heights(settings, "two") == 3


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_file_has_the_types_that_are_declared(settings, table):
    candidate = open_candidate(settings, "one")
    with looking(settings, table, run_id="one") as look:
        assert look.none().schema == table.polars_schema
        assert look.rows().is_empty()
    candidate.drop()


def test_a_candidate_reads_only_the_rows_that_are_asked_for(settings):
    candidate = open_candidate(settings, "one")
    for symbol in ("A", "B", "C"):
        candidate.record_history(market.PRICE_HISTORY, price_rows("1", symbol=symbol), now=NOW)
    found = candidate.read(market.PRICE_HISTORY, where={"symbol": ["C", "A", "Z"]})
    assert found["symbol"].to_list() == ["A", "C"]
    assert candidate.read(market.PRICE_HISTORY, where={"symbol": []}).is_empty()
    candidate.drop()
