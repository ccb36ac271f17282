"""Batches valued by worker processes.

Belongs here: processes, and the files by which frames get to them and back. Does not: what is computed (`batch`).

Frames travel as Arrow files that each process maps into its memory: nothing is copied for each batch, and what goes
through the pipes between the processes is too small to be left half written by one that ends.
"""

import datetime as dt
import multiprocessing
import shutil
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import polars as pl

from pipelines.valuation.batch import MARTS, Valued, value_batch
from pipelines.valuation.frames import Inputs
from pipelines.valuation.worker import begin, deaf

Batch = tuple[int, int]
"""The first of its portfolios, and how many they are."""

_AHEAD = 2
"""Batches a worker that are computed or wait to be taken: none is idle, and no more than these lie on the disk."""
_PORTFOLIOS = "portfolios"


@dataclass(frozen=True, slots=True)
class _Task:
    """A batch for a worker.

    Args:
        tables: The folder of the tables.
        batch: Rows of `portfolios`.
        answer: The folder in which the marts are written.
        as_of: Valuation date.
    """

    tables: Path
    batch: Batch
    answer: Path
    as_of: dt.date


def valued_by_workers(
    tables: Mapping[str, pl.DataFrame], batches: Iterable[Batch], *, as_of: dt.date, workers: int, folder: Path
) -> Iterator[Valued]:
    """Yield what the engine says of each batch, in their order; the files of one are gone when the next is asked for.

    Args:
        tables: `portfolios`, and the others as `grouped` returns them.
        batches: Rows of `portfolios`.
        as_of: Valuation date.
        workers: How many processes.
        folder: An empty folder for the files.
    """
    stored = folder / "tables"
    stored.mkdir()
    for name, frame in tables.items():
        frame.write_ipc(stored / f"{name}.arrow")
    tasks = (_Task(stored, batch, folder / str(batch[0]), as_of) for batch in batches)
    with _pool(workers) as pool:
        for answer, refused in _in_order(pool, tasks, at_most=_AHEAD * workers):
            yield Valued(
                frames={table.name: _mapped(answer / f"{table.name}.arrow") for table in MARTS}, refused=refused
            )
            shutil.rmtree(answer)


@contextmanager
def _pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Yield processes that are gone at the end, whatever they were doing, and if this process is killed."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    with ours, theirs:
        pool = ProcessPoolExecutor(workers, mp_context=spawn, initializer=begin, initargs=(theirs,))
        try:
            yield pool
        finally:
            ours.close()
            pool.shutdown(cancel_futures=True)


def _in_order(
    pool: ProcessPoolExecutor, tasks: Iterable[_Task], *, at_most: int
) -> Iterator[tuple[Path, dict[str, str]]]:
    waiting: deque[Future[tuple[Path, dict[str, str]]]] = deque()
    for task in tasks:
        if len(waiting) == at_most:
            yield waiting.popleft().result()
        with deaf():  # the pool starts a process when there is something to do for it
            waiting.append(pool.submit(_answer, task))
    while waiting:
        yield waiting.popleft().result()


def _answer(task: _Task) -> tuple[Path, dict[str, str]]:
    """Write the marts of a batch; return where, and why portfolios were refused. Runs in a worker."""
    portfolios, inputs = _inputs(task.tables)
    valued = value_batch(portfolios.slice(*task.batch), inputs, as_of=task.as_of)
    task.answer.mkdir()
    for name, frame in valued.frames.items():
        frame.write_ipc(task.answer / f"{name}.arrow")
    return task.answer, dict(valued.refused)


@lru_cache(maxsize=1)
def _inputs(folder: Path) -> tuple[pl.DataFrame, Inputs]:
    tables = {file.stem: _mapped(file) for file in folder.iterdir()}
    return tables[_PORTFOLIOS], Inputs(tables)


def _mapped(file: Path) -> pl.DataFrame:
    return pl.read_ipc(file)  # a file that is named is mapped, not read
