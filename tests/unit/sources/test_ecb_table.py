"""The ECB's table: as it is written, with its gaps, dead currencies and trailing comma."""

import datetime as dt
import io
import zipfile
from decimal import Decimal

import pytest

from pipelines.sources.base import RATES
from pipelines.sources.ecb import read_table
from tests.replay.charts import RECORDED

D = Decimal
TABLE = """Date,USD,JPY,CYP,
2026-10-30,1.1172,175.68, N/A,
2026-10-29,1.113,N/A,N/A,
"""


def packed(text, name="eurofxref-hist.csv"):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr(name, text)
    return archive.getvalue()


def test_rates_are_exact_and_what_is_missing_is_no_row():
    rates = read_table(packed(TABLE))
    assert rates.schema == RATES
    assert rates.rows() == [
        ("JPY", dt.date(2026, 10, 30), D("175.68")),
        ("USD", dt.date(2026, 10, 29), D("1.113")),
        ("USD", dt.date(2026, 10, 30), D("1.1172")),
    ]


def test_no_archive_is_refused():
    with pytest.raises(zipfile.BadZipFile):
        read_table(b"<html></html>")


@pytest.mark.recorded
def test_recorded_rates_since_1999():
    rates = read_table((RECORDED / "ecb" / "eurofxref-hist.zip").read_bytes())
    by_key = {(currency, day): rate for currency, day, rate in rates.rows()}
    assert by_key["USD", dt.date(1999, 1, 4)] == D("1.1789")
    assert by_key["ZAR", dt.date(2026, 10, 30)] == D("18.6455")
    assert ("BGN", dt.date(2026, 10, 30)) not in by_key
    assert rates["currency"].n_unique() == 41
