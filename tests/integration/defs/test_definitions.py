"""The code location: every declared table is an asset with its gate, under its own name."""

import dagster as dg
import pytest

from pipelines import definitions
from pipelines.defs.jobs import kind_of
from warehouse import schema
from warehouse.schema import market, ops

WRITTEN_ON_THE_SIDE = {"publications", *(table.name for table in market.REVISIONS)}


@pytest.fixture(scope="module")
def located():
    return definitions.defs()


def test_every_table_is_an_asset_of_its_owners_group(located):
    specs = {spec.key.to_user_string(): spec for spec in located.resolve_all_asset_specs()}
    for table in schema.TABLES:
        if table.name not in WRITTEN_ON_THE_SIDE:
            assert specs[table.name].group_name == table.owner
            columns = specs[table.name].metadata["dagster/column_schema"].columns
            assert [column.name for column in columns] == list(table.names)


def test_a_run_of_assets_that_were_chosen_by_hand_is_called_so(located):
    assert kind_of(located.resolve_implicit_global_asset_job_def().name) == "chosen assets"
    assert kind_of("refresh") == "refresh"


def test_every_asset_has_a_description_a_group_and_an_owner(located):
    for spec in located.resolve_all_asset_specs():
        assert spec.description, spec.key
        assert spec.group_name in {"sources", "market", "ledger", "marts", "publication"}, spec.key
        assert spec.owners, spec.key


def test_every_table_that_a_run_writes_has_a_blocking_gate(located):
    graph = located.resolve_asset_graph()
    gated = {
        key.asset_key.path[-1]
        for key in graph.asset_check_keys
        if key.name == "meets_declaration" and graph.get_check_spec(key).blocking
    }
    assert gated == {table.name for table in schema.TABLES} - WRITTEN_ON_THE_SIDE - {table.name for table in ops.TABLES}


def test_the_publication_waits_for_every_gated_table(located):
    graph = located.resolve_asset_graph()
    upstream = graph.get(dg.AssetKey("published_warehouse")).parent_keys
    assert {key.path[-1] for key in upstream} == {table.name for table in schema.TABLES} - WRITTEN_ON_THE_SIDE


def test_every_schedule_and_sensor_can_be_loaded(located):
    dg.Definitions.validate_loadable(located)
    assert {job.name for job in located.resolve_all_job_defs()} >= {"refresh", "quotes", "dividends", "fx", "recompute"}
