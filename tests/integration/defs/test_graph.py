"""The graph as a person reads it in Dagster's UI: every asset says what it is, whose it is and what is in it."""

import dagster as dg
import pytest

from pipelines import definitions
from pipelines.cli.home import DAGSTER_YAML
from pipelines.defs import jobs
from pipelines.defs.declared import FETCHED, PRICE_POOL, RATES_POOL
from warehouse.settings import Settings

GROUPS = {"sources", "market", "ledger", "marts", "publication"}
INGEST = {"fetched_prices", "fetched_rates", "backfilled_prices"}
TECHNOLOGIES = {"polars", "duckdb", "parquet"}


@pytest.fixture(scope="module")
def located():
    return definitions.defs()


@pytest.fixture(scope="module")
def asset_specs(located):
    return {spec.key.to_user_string(): spec for spec in located.resolve_all_asset_specs()}


def lacking(asset_specs, has):
    return {name for name, spec in asset_specs.items() if not has(spec)}


def test_every_asset_has_a_group_kinds_an_owner_and_a_description(asset_specs):
    assert lacking(asset_specs, lambda spec: spec.group_name in GROUPS) == set()
    assert lacking(asset_specs, lambda spec: spec.kinds) == set()
    assert lacking(asset_specs, lambda spec: spec.owners) == set()
    assert lacking(asset_specs, lambda spec: (spec.description or "").endswith(".")) == set()


def test_every_schedule_and_sensor_has_a_description(located):
    told = {one.name: one.description or "" for one in (*located.schedules, *located.sensors)}
    assert {"end_of_day", "missed"} <= set(told)
    assert [name for name, about in told.items() if not about.endswith(".")] == []


def test_every_asset_lists_its_columns_with_their_meaning(asset_specs):
    def columns(spec):
        schema = spec.metadata.get("dagster/column_schema")
        return schema and all(column.description and column.type for column in schema.columns)

    assert lacking(asset_specs, columns) == set()


def test_what_is_fetched_says_of_whom(asset_specs):
    sources = {name: spec for name, spec in asset_specs.items() if spec.group_name == "sources"}
    assert {kind for spec in sources.values() for kind in spec.kinds} - TECHNOLOGIES == {"yahoo", "ecb"}
    assert sources["fetched_rates"].metadata["sources"] == "ecb, inbox"


@pytest.mark.parametrize("job", [jobs.refresh, jobs.quotes, jobs.dividends, jobs.fx], ids=lambda job: job.name)
def test_a_run_writes_once_all_is_fetched(located, job):
    graph = located.resolve_asset_graph()
    chosen = job.selection.resolve(graph)
    fetching = {key for key in chosen if key.to_user_string() in FETCHED}
    writing = {key for key in chosen if graph.get(key).group_name != "sources"}
    before = {key: graph.get_ancestor_asset_keys(key) for key in writing}
    assert fetching
    assert {key for key in writing if not fetching <= before[key]} == set()


@pytest.fixture
def published_events(published_home, monkeypatch):
    """Return what the first run materialised."""
    monkeypatch.setenv("DAGSTER_HOME", str(published_home.parent / "dagster"))
    with dg.DagsterInstance.get() as instance:
        (run,) = instance.get_runs()
        logs = [record.dagster_event for record in instance.all_logs(run.run_id) if record.dagster_event]
        return [event.step_materialization_data.materialization for event in logs if event.is_step_materialization]


def test_every_materialisation_counts_its_rows(published_events):
    counted = {event.asset_key.to_user_string(): event.metadata for event in published_events}
    assert {name for name, metadata in counted.items() if "dagster/row_count" not in metadata} == set()
    assert counted["price_history"]["dagster/row_count"].value == 50
    assert counted["published_warehouse"]["dagster/row_count"].value == 1


def test_only_what_asks_a_provider_is_tried_again_and_takes_turns(located):
    ops = {node.name: node.definition for job in located.resolve_all_job_defs() for node in job.nodes}
    assert {name for name, op in ops.items() if op.retry_policy} == INGEST
    assert {name: op.pool for name, op in ops.items() if op.pool} == {
        "fetched_prices": PRICE_POOL,
        "fetched_rates": RATES_POOL,
        "backfilled_prices": PRICE_POOL,
    }


def test_everything_but_the_ledger_has_an_age_at_which_it_is_old(asset_specs):
    ageless = lacking(asset_specs, lambda spec: spec.freshness_policy or spec.group_name in {"ledger", "sources"})
    assert ageless == set()


def test_what_folio_writes_for_dagster_says_one_place_a_provider(tmp_path, monkeypatch):
    (tmp_path / "dagster.yaml").write_text(DAGSTER_YAML)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    with dg.DagsterInstance.get() as instance:
        assert instance.get_concurrency_config().pool_config.default_pool_limit == 1
        assert instance.get_concurrency_config().pool_config.pool_granularity.value == "op"
        assert instance.get_concurrency_config().run_queue_config.max_concurrent_runs == 2
        assert instance.get_settings("freshness") == {"enabled": True}
    assert Settings(home=tmp_path, _env_file=None).price_sources[0] == PRICE_POOL
