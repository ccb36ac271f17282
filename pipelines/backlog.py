"""What a backfill has fetched and no publication has yet: kept as files, so that nothing is asked for twice.

Belongs here: portions of fetched rows, who took them, and which pieces are settled. Does not: which pieces are wanted
(`pipelines.pieces`), fetching, publishing. A portion is written whole or not at all; its rows are deleted once the run
that took them has published, and what it was about is kept.
"""

import json
import secrets
import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines.staged import HALF_WRITTEN, half_written

MOST_ROWS = 2_000_000
"""How many prices one run takes: more would not fit into the memory of a small machine."""

_PIECES, _TAKEN = "pieces.json", "taken_by"


@dataclass(frozen=True, kw_only=True)
class Portion:
    """Some symbols' years, with their rows until they are published.

    Args:
        folder: Where it lies.
        years: The years of each symbol.
        rows: How many prices.
        taken_by: The last run that took it.
    """

    folder: Path
    years: Mapping[str, Sequence[int]]
    rows: int
    taken_by: str | None

    def frame(self, name: str) -> pl.DataFrame:
        """Return its rows of one kind."""
        return pl.read_parquet(self.folder / f"{name}.parquet")


class Backlog:
    """The portions of one deployment.

    Args:
        folder: Where they lie; made when something is put there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, run_id: str, years: Mapping[str, Sequence[int]], frames: Mapping[str, pl.DataFrame]) -> None:
        """Keep what was answered.

        Args:
            run_id: The run that asked, which is told by what is half written.
            years: What was asked of each symbol that was answered.
            frames: Rows by kind, ``prices`` among them.
        """
        name = f"{len(_whole(self._folder)):06}-{secrets.token_hex(4)}"
        self._write(run_id, years, frames).rename(self._folder / name)

    def _write(self, run_id: str, years: Mapping[str, Sequence[int]], frames: Mapping[str, pl.DataFrame]) -> Path:
        part = self._folder / half_written(run_id)
        part.mkdir(parents=True, exist_ok=True)  # the same run may have got no further with it before
        for kind, frame in frames.items():
            frame.write_parquet(part / f"{kind}.parquet")
        (part / _PIECES).write_text(json.dumps({"years": dict(years), "rows": frames["prices"].height}), "utf-8")
        return part

    def known(self) -> dict[str, set[int]]:
        """Return the years of each symbol that were asked for and answered."""
        found: dict[str, set[int]] = {}
        for portion in self._portions():
            for symbol, years in portion.years.items():
                found.setdefault(symbol, set()).update(years)
        return found

    def waiting(self, published: Collection[str], failed: Collection[str] = ()) -> list[Portion]:
        """Return the portions that no publication has, the oldest first; those of failed runs are set aside.

        Args:
            published: Runs that published.
            failed: Runs that failed: a portion that broke one is not to break every other.
        """
        return [one for one in self._portions() if one.taken_by not in {*published, *failed} and _has_rows(one)]

    def take(self, run_id: str, published: Collection[str], failed: Collection[str]) -> list[Portion]:
        """Return what a run is to write, up to `MOST_ROWS` prices but at least one portion, and note that it does."""
        taken: list[Portion] = []
        for portion in self.waiting({*published} - {run_id}, failed):
            if taken and sum(one.rows for one in taken) + portion.rows > MOST_ROWS:
                break
            (portion.folder / _TAKEN).write_text(run_id, "utf-8")
            taken.append(portion)
        return taken

    def offer_again(self, failed: Collection[str], *, without: Collection[str]) -> bool:
        """Have the portions of failed runs taken once more, and forget what they have of some symbols.

        Args:
            failed: The runs.
            without: Symbols that are to be asked for anew: what was told of them is not believed.

        Returns:
            Whether anything is to be taken.
        """
        found = False
        for portion in self._portions():
            if portion.taken_by is not None and portion.taken_by in failed and _has_rows(portion):
                found |= self._offer(portion, portion.taken_by, without)
        return found

    def _offer(self, portion: Portion, run_id: str, without: Collection[str]) -> bool:
        years = {symbol: asked for symbol, asked in portion.years.items() if symbol not in without}
        if len(years) == len(portion.years):
            (portion.folder / _TAKEN).unlink()
            return True
        kinds = [file.stem for file in portion.folder.glob("*.parquet")]
        frames = {kind: portion.frame(kind).filter(pl.col("symbol").is_in(list(years))) for kind in kinds}
        part = self._write(run_id, years, frames) if years else None
        shutil.rmtree(portion.folder)  # whoever is killed here has its symbols asked for once more
        if part is not None:
            part.rename(portion.folder)
        return bool(years)

    def settle(self, published: Collection[str]) -> None:
        """Delete the rows that are published, and forget what a publication had that is no more."""
        for portion in self._portions():
            if portion.taken_by in published:
                for file in portion.folder.glob("*.parquet"):
                    file.unlink()
            elif not _has_rows(portion):  # it was published once, and that publication is no more
                shutil.rmtree(portion.folder)

    def _portions(self) -> list[Portion]:
        return [_read(folder) for folder in sorted(_whole(self._folder))]


def _whole(folder: Path) -> list[Path]:
    return [portion for portion in folder.glob("[!.]*") if portion.suffix != HALF_WRITTEN]


def _read(folder: Path) -> Portion:
    said = json.loads((folder / _PIECES).read_text("utf-8"))
    taken = folder / _TAKEN
    by = taken.read_text("utf-8") if taken.exists() else None
    return Portion(folder=folder, years=said["years"], rows=said["rows"], taken_by=by)


def _has_rows(portion: Portion) -> bool:
    return (portion.folder / "prices.parquet").exists()
