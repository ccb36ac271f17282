"""SQL of strangers: real processes that answer one query each, and what people try on them."""

import datetime as dt
import json
import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import psutil
import pytest

from tests.processes import assert_gone
from warehouse.adhoc import child
from warehouse.adhoc.asking import LONGEST_QUERY, Asker, Bounds, Outcome
from warehouse.adhoc.confined import confined
from warehouse.adhoc.statement import check, check_says_no_place
from warehouse.build import open_candidate
from warehouse.errors import RefusedQueryError
from warehouse.publish import publish
from warehouse.settings import Settings

NOW = dt.datetime(2026, 1, 5, 18, tzinfo=dt.UTC)
FENCED = {Outcome.REFUSED, Outcome.FAILED}


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    settings = Settings(home=tmp_path_factory.mktemp("home"), _env_file=None)
    return publish(open_candidate(settings, "run"), settings, now=NOW).path.resolve()


@pytest.fixture(scope="module")
def ask(path):
    others = children()
    asker = Asker(Bounds(memory_mb=256, answer_bytes=1 << 20))
    yield lambda query, most_rows=1000: asker.ask(path, query, most_rows=most_rows).wait()
    asker.close()
    assert children() <= others


@pytest.fixture(scope="module")
def hurried(path):
    asker = Asker(Bounds(seconds=1.5, memory_mb=256))
    yield lambda query: asker.ask(path, query, most_rows=1000).wait()
    asker.close()


def children():
    return {process.pid for process in psutil.Process().children(recursive=True)}


def inside(path, query, most_rows=1000, most_bytes=1 << 20):
    """Answer in this process what the child would."""
    return child.answered(path=str(path), query=query, most_rows=most_rows, most_bytes=most_bytes, memory_mb=256)[0]


def test_a_query_is_answered_with_exact_decimals(ask):
    answer = ask("SELECT 'ä;€' AS text, 0.10::DECIMAL(20,8) AS price, DATE '2026-01-05' AS day -- done;\n;")
    assert answer.outcome is Outcome.ANSWERED
    assert answer.frame.rows() == [("ä;€", Decimal("0.10000000"), dt.date(2026, 1, 5))]
    assert not answer.cut


def test_a_process_answers_once_and_another_waits_ready(path):
    others = children()
    asker = Asker(Bounds())
    asker.warm()
    first = children() - others
    assert asker.ask(path, "SELECT 1", most_rows=1).wait().frame.item() == 1
    second = children() - others
    assert (len(first), len(second), first & second) == (1, 1, set())
    asker.close()


def test_every_type_becomes_one_that_tables_and_files_have(ask):
    answer = ask("SELECT * EXCLUDE (small_enum, medium_enum, large_enum) FROM test_all_types()")
    assert answer.outcome is Outcome.ANSWERED
    assert answer.frame.height == 3
    assert not [name for name, kind in answer.frame.schema.items() if kind.is_nested()]
    assert answer.frame.select("interval", "int_array", "struct").row(2) == (None, None, None)


def test_columns_of_one_name_are_told_apart(ask):
    assert ask("SELECT 1 AS a, 2 AS a, 3 AS a_1, [4] AS a").frame.columns == ["a", "a_1", "a_1_1", "a_2"]


@pytest.mark.parametrize(
    "query",
    [
        "PIVOT (SELECT 'x' AS a, 2 AS b) ON a USING sum(b)",
        "SHOW TABLES",
        "DESCRIBE symbols",
        "EXPLAIN SELECT 1",
        "SELECT fx_rate('EUR', 'EUR', DATE '2026-01-05')",
        "SELECT 1\u00a0AS one",
    ],
)
def test_what_reads_is_a_query(path, query):
    assert inside(path, query)["outcome"] == "answered"


@pytest.mark.parametrize(
    "query",
    [
        "COPY symbols TO '/tmp/stolen.csv'",
        "COPY (SELECT 1) TO '/dev/stdout'",
        "ATTACH '/tmp/other.duckdb'",
        "EXPORT DATABASE '/tmp/stolen'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET memory_limit = '99GB'",
        "RESET memory_limit",
        "PRAGMA enable_profiling",
        "CALL enable_logging(storage = 'file', storage_path = '/tmp/log')",
        "CREATE TABLE mine AS SELECT 1",
        "CREATE SECRET s (TYPE s3)",
        "DROP TABLE symbols",
        "VACUUM",
        "CHECKPOINT",
        "SELECT 1; SELECT 2",
        "SELECT 1;\u00a0DROP TABLE symbols",
        "PIVOT symbols ON status USING count(*); SELECT 1",
        "SELECT 1 /* */; -- \n DELETE FROM symbols",
        "/* SELECT 1 */ DELETE FROM symbols -- SELECT",
        "CREATE TEMP TYPE t AS ENUM (SELECT 'x'); SELECT 1",
        "WITH gone AS (DELETE FROM symbols RETURNING *) SELECT * FROM gone",
        "EXPLAIN ANALYZE COPY symbols TO '/tmp/stolen.csv'",
        "SELECT 1\0; DROP TABLE symbols",
        "",
        " -- nothing",
        "\u200b",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM '/proc/self/environ'",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_blob('/proc/self/environ')",
        "SELECT * FROM glob('/**')",
        "SELECT * FROM parquet_scan('http://127.0.0.1:9/x.parquet')",
        "SELECT * FROM enable_logging(storage = 'file', storage_path = '/tmp/log')",
        "SELECT getenv('HOME')",
        "SELECT * FROM connection",
        "SELECT * FROM asked",
        "SELECT * FROM DUCKDB_settings()",
        'SELECT * FROM "duckdb_databases"',
        "SELECT current_setting('secret_directory')",
        "PRAGMA database_list",
        "FROM query('FROM duckdb_' || 'settings()')",
        "FROM \"query\" /* */ ('FROM duckdb_' || 'settings()')",
        "FROM query/**/('SELECT 1')",
        "FROM query_table('duckdb_' || 'databases')",
        "FROM json_execute_serialized_sql(json_serialize_sql('FROM duckdb_' || 'databases()'))",
        "PRAGMA json_execute_serialized_sql(json_serialize_sql('FROM duckdb_' || 'databases()'))",
    ],
)
def test_what_would_write_or_look_elsewhere_is_refused(path, query):
    before = sorted(path.parent.iterdir())
    assert inside(path, query)["outcome"] in FENCED
    assert sorted(path.parent.iterdir()) == before


@pytest.mark.parametrize(
    "query",
    [
        "COPY (SELECT 42) TO '{home}/stolen.csv'",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM enable_logging(storage = 'file', storage_path = '{home}/log')",
        "SELECT 1; SELECT 2",
        "SELECT getenv('FOLIO_ALPHAVANTAGE_KEY')",
        "SELECT 1\ud800",
    ],
)
def test_the_real_process_refuses_too_and_leaves_nothing(ask, tmp_path, query):
    answer = ask(query.format(home=tmp_path))
    assert answer.outcome in FENCED
    assert "root:" not in (answer.message or "")
    assert list(tmp_path.iterdir()) == []


def test_no_view_and_no_function_of_duckdb_tells_where_files_lie(path):
    with confined(path) as connection:
        names = connection.execute(
            "SELECT DISTINCT function_name || '()' FROM duckdb_functions() WHERE function_type = 'table'"
            " AND len(parameters) = 0 UNION SELECT schema_name || '.' || view_name FROM duckdb_views() WHERE internal"
        ).fetchall()
        asked = [f"SELECT * FROM {name}" for (name,) in names]
        tells = [query for query in asked if str(path.parent) in _all_of(connection, query)]
    assert len(asked) > 50
    assert len(tells) > 3
    for query in tells:
        with pytest.raises(RefusedQueryError):
            check_says_no_place(query)


def _all_of(connection, query):
    try:
        return str(connection.execute(query).fetchall())
    except duckdb.Error as error:
        return str(error) if isinstance(error, duckdb.IOException) else ""


def test_a_word_that_only_looks_like_a_place_is_no_reason():
    check_says_no_place("WITH subquery(a) AS (SELECT 1) SELECT a AS query FROM subquery")


def test_a_mistake_is_told_in_duckdbs_words_with_its_place(ask):
    answer = ask("SELECT symbol\nFORM symbols")
    assert answer.outcome is Outcome.FAILED
    assert "Parser Error" in answer.message
    assert "LINE 2: FORM symbols" in answer.message
    assert inside("/nowhere", "SELECT 1")["outcome"] == "broken"


@pytest.mark.parametrize(
    "query",
    [
        "SELECT repeat('x', 3000000000)",
        "SELECT list_sort(range(300000000))",
        "SELECT 1" + " UNION SELECT 1" * 6000,  # takes the stack
    ],
    ids=["one value", "a list", "many parts"],
)
def test_memory_is_bounded_and_the_server_does_not_feel_it(ask, query):
    before = psutil.Process().memory_info().rss
    assert ask(query).outcome is Outcome.OUT_OF_MEMORY
    assert psutil.Process().memory_info().rss - before < 100 << 20
    assert ask("SELECT 1").outcome is Outcome.ANSWERED


@pytest.mark.parametrize(
    "query",
    [
        "WITH RECURSIVE t AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM t) SELECT count(*) FROM t",
        "SELECT count(*) FROM range(1000000000) a(i), range(100000) b(j) WHERE i * j % 7 = 3",
        "SELECT sleep_ms(60000)",
    ],
    ids=["recursive", "cross join", "sleeps"],
)
def test_time_is_bounded(hurried, query):
    answer = hurried(query)
    assert answer.outcome is Outcome.OUT_OF_TIME
    assert 1.0 < answer.seconds < 10


def test_an_answer_is_cut_at_its_rows_and_at_its_bytes(ask):
    by_rows = ask("SELECT * FROM range(10000000000) t(i)", most_rows=5)
    assert (by_rows.frame["i"].to_list(), by_rows.cut) == ([0, 1, 2, 3, 4], True)
    whole = ask("SELECT * FROM range(5)", most_rows=5)
    assert (whole.frame.height, whole.cut) == (5, False)
    by_bytes = ask("SELECT repeat('x', 1000) AS x FROM range(100000)", most_rows=1_000_000)
    assert by_bytes.cut
    assert 0 < by_bytes.frame.estimated_size() <= 1 << 20
    one = ask("SELECT repeat('x', 5000000) AS x")
    assert (one.frame.height, one.cut) == (0, True)


def test_a_query_can_be_cancelled(path):
    asker = Asker(Bounds())
    question = asker.ask(path, "SELECT sleep_ms(60000)", most_rows=1)
    assert question.wait(0.3) is None
    question.cancel()
    assert question.wait(10).outcome is Outcome.CANCELLED
    assert question.seconds < 20
    asker.close()


def test_those_who_find_no_place_in_time_are_told(path):
    asker = Asker(Bounds(seconds=1.0, at_once=1))
    first = asker.ask(path, "SELECT sleep_ms(60000)", most_rows=1)
    while first.wait(0.02) is None and asker._places._value:
        pass
    others = [asker.ask(path, "SELECT sleep_ms(60000)", most_rows=1) for _ in range(3)]
    assert first.wait().outcome is Outcome.OUT_OF_TIME
    assert Outcome.BUSY in {other.wait().outcome for other in others}
    asker.close()


def test_whoever_asked_hears_of_it_once_it_is_over(path):
    heard = []
    asker = Asker(Bounds())
    question = asker.ask(path, "x" * (LONGEST_QUERY + 1), most_rows=1, then=heard.append)
    assert question.wait() is heard[0]
    assert heard[0].outcome is Outcome.REFUSED
    asker.close()


def test_a_process_ends_with_whoever_started_it(path, tmp_path):
    """A server that is killed leaves no query behind."""
    program = (
        "import sys, time\nfrom pathlib import Path\nfrom warehouse.adhoc.asking import Asker, Bounds\n"
        "asker = Asker(Bounds())\nquestion = asker.ask(Path(sys.argv[1]), 'SELECT sleep_ms(60000)', most_rows=1)\n"
        "question.wait(1.5)\nprint('asked', flush=True)\ntime.sleep(60)\n"
    )
    server = psutil.Popen([sys.executable, "-c", program, str(path)], stdout=-1, env={"PYTHONPATH": str(Path.cwd())})
    assert server.stdout.readline() == b"asked\n"
    children = server.children(recursive=True)
    assert children
    server.kill()
    server.wait()
    assert_gone(children)


def test_a_damaged_file_is_said_to_be_one(tmp_path, path):
    damaged = tmp_path / "damaged.duckdb"
    damaged.write_bytes(path.read_bytes()[:5000])
    said = inside(damaged, "SELECT * FROM symbols")
    assert said["outcome"] in {"broken", "failed"}
    assert str(tmp_path) not in json.dumps(said)


def test_a_pivot_is_one_query_though_duckdb_makes_two_of_it():
    check("PIVOT symbols ON status USING count(*)")
