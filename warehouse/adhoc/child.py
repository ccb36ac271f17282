"""The process that answers one query and ends: `Asker` starts it, and kills it where it takes too long.

Belongs here: limits that the kernel keeps, whatever DuckDB does, and the answer as bytes. Does not: waiting, killing
(`asking`). Little is imported, since every query starts a process.
"""

import io
import json
import os
import resource
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from warehouse.adhoc.confined import confined, plain
from warehouse.adhoc.statement import check, check_says_no_place
from warehouse.errors import RefusedQueryError, WarehouseError

BATCH_ROWS = 2048
HEADROOM_MB = 512
"""Beside DuckDB's buffers: the answer, and what it takes without counting it, such as the text of one value."""
_OPEN_FILES = 64


def main() -> None:
    """Answer the question that comes on standard input, on standard output; without one, end."""
    memory_mb, cpu_seconds = int(sys.argv[1]), int(sys.argv[2])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of the terminal; whoever asked ends this process
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # DuckDB can log to it
    bound(memory_mb, cpu_seconds)
    line = sys.stdin.buffer.readline()
    if not line:
        return
    threading.Thread(target=_end_with_asker, daemon=True).start()
    said, body = answered(memory_mb=memory_mb, **json.loads(line))
    answers.write(json.dumps({**said, "bytes": len(body)}).encode() + b"\n" + body)
    answers.flush()
    os._exit(0)  # nothing is left to be said, and DuckDB takes its time to close


def bound(memory_mb: int, cpu_seconds: int) -> None:
    """Take from this process what no query needs: more memory, endless time, files to write."""
    if sys.platform == "linux":  # elsewhere the kernel does not keep it
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        most = pages * resource.getpagesize() + ((memory_mb + HEADROOM_MB) << 20)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
    for limit, most in (
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
    ):
        resource.setrlimit(limit, (most, most))


def answered(*, path: str, query: str, most_rows: int, most_bytes: int, memory_mb: int) -> tuple[dict[str, Any], bytes]:
    """Return what became of a query, and the rows of its answer as an Arrow stream.

    Args:
        path: The published file.
        query: As typed.
        most_rows: Rows after which the answer is cut.
        most_bytes: The same in bytes.
        memory_mb: What DuckDB keeps its buffers below.
    """
    try:
        check(query)
        check_says_no_place(query)
        with confined(Path(path), memory_mb=memory_mb) as connection:
            rows = plain(connection.sql(query)).to_arrow_reader(BATCH_ROWS)
            return _written(rows, most_rows, most_bytes)
    except RefusedQueryError as error:
        return _said("refused", str(error)), b""
    except (MemoryError, duckdb.OutOfMemoryException):
        return _said("out of memory", None), b""
    except duckdb.Error as error:
        # What DuckDB says of a place is of no use to whoever asked, and the place is not theirs.
        return _said("failed", str(error).replace(f"{Path(path).parent}{os.sep}", "")), b""
    except WarehouseError:
        return _said("broken", None), b""


def _said(outcome: str, message: str | None, *, cut: bool = False) -> dict[str, Any]:
    return {"outcome": outcome, "message": message, "cut": cut}


def _written(reader: pa.RecordBatchReader, most_rows: int, most_bytes: int) -> tuple[dict[str, Any], bytes]:
    schema = pa.schema(
        field.with_name(name) for field, name in zip(reader.schema, _distinct(reader.schema.names), strict=True)
    )
    file, left, cut = io.BytesIO(), most_rows, False
    with pa.ipc.new_stream(file, schema) as stream:
        for batch in reader:
            part = _fitting(batch.slice(0, left), most_bytes - file.tell())
            stream.write_batch(pa.RecordBatch.from_arrays(part.columns, schema=schema))
            left -= part.num_rows
            cut = part.num_rows < batch.num_rows
            if cut:
                break
    return _said("answered", None, cut=cut), file.getvalue()


def _fitting(batch: pa.RecordBatch, most_bytes: int) -> pa.RecordBatch:
    while batch.num_rows and batch.nbytes > most_bytes:
        batch = batch.slice(0, batch.num_rows // 2)
    return batch


def _distinct(names: list[str]) -> list[str]:
    """Return names of which no two are the same: ``a, a`` is ``a, a_1``."""
    found: list[str] = []
    for name in names:
        number, free = 0, name
        while free in found:
            number += 1
            free = f"{name}_{number}"
        found.append(free)
    return found


def _end_with_asker() -> None:
    """End when the other end of standard input is closed, which the kernel does when whoever asked dies."""
    sys.stdin.buffer.read(1)
    os._exit(1)
