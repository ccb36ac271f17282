"""The ECB's zipped tables: recorded where there is a recording, else made of the bundled demo data.

Belongs here: the two archives. Does not: HTTP.
"""

import io
import zipfile
from functools import cache

import polars as pl

from tests.replay.charts import DEMO, RECORDED

_RECENT_ROWS = 63


@cache
def archive(name: str) -> bytes:
    """Return ``eurofxref-hist.zip`` or its first rows as ``eurofxref-hist-90d.zip``."""
    lines = _table().splitlines(keepends=True)
    kept = lines if name == "eurofxref-hist.zip" else lines[: _RECENT_ROWS + 1]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr(name.replace(".zip", ".csv"), "".join(kept))
    return packed.getvalue()


@cache
def _table() -> str:
    recording = RECORDED / "ecb" / "eurofxref-hist.zip"
    if recording.exists():
        with zipfile.ZipFile(recording) as zipped:
            return zipped.read(zipped.namelist()[0]).decode()
    wide = pl.read_parquet(DEMO / "fx.parquet").pivot("currency", index="date", values="per_eur")
    rows = wide.sort("date", descending=True).rename({"date": "Date"})
    return rows.with_columns(pl.exclude("Date").cast(pl.String).str.strip_chars_end("0").fill_null("N/A")).write_csv()
