"""Tables as files: what a spreadsheet, CSV and Parquet make of what a query can answer."""

import datetime as dt
import io
import re
import zipfile
from decimal import Decimal

import duckdb
import polars as pl
import pytest

from dashboard import files


def sheet(frame):
    """Return the values of the first row below the titles, and every format of the cells."""
    book = zipfile.ZipFile(io.BytesIO(files.written(frame, "xlsx")))
    row = re.search(r'<row r="2".*?</row>', book.read("xl/worksheets/sheet1.xml").decode())[0]
    texts = re.findall(r"<t[^>]*>(.*?)</t>", book.read("xl/sharedStrings.xml").decode())
    cells = re.findall(r'<c r="[A-Z]+2"([^>]*?)(?:/>|>(.*?)</c>)', row)
    values = [re.sub(r".*<v>(.*)</v>", r"\1", inside) for _, inside in cells]
    told = [texts[int(value)] if 't="s"' in about else value for (about, _), value in zip(cells, values, strict=True)]
    return told, re.findall(r'formatCode="(.*?)"', book.read("xl/styles.xml").decode())


@pytest.mark.parametrize(("kind", "read"), [("csv", pl.read_csv), ("parquet", pl.read_parquet)], ids=["csv", "parquet"])
def test_a_downloaded_table_has_every_row(kind, read):
    frame = pl.DataFrame({"Symbol": ["ACME", "BOLT"], "Value": [1.5, None]})
    assert read(io.BytesIO(files.written(frame, kind))).equals(frame)


def test_no_text_of_a_file_is_a_formula():
    texts = ["=cmd|'/c calc'!A1", "+SUM(1)", "-x", "@x", "\tx", "\rx", "-1234.50", "a=b", None]
    frame = pl.DataFrame({"Note": texts, "Gain": [Decimal("-1.5")] * len(texts)})
    found = pl.read_csv(io.BytesIO(files.written(frame, "csv")))
    assert found["Note"].to_list() == [*(f"'{text}" for text in texts[:6]), "-1234.50", "a=b", None]
    assert found["Gain"].to_list() == [-1.5] * len(texts)
    sheet = zipfile.ZipFile(io.BytesIO(files.written(frame, "xlsx"))).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert pl.read_parquet(io.BytesIO(files.written(frame, "parquet"))).equals(frame)


def test_a_spreadsheet_is_one():
    assert files.written(pl.DataFrame({"Symbol": ["ACME"]}), "xlsx")[:2] == b"PK"


def test_times_with_a_zone_are_in_a_spreadsheet_in_utc():
    at = dt.datetime(2022, 12, 28, 12, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    [value], formats = sheet(pl.DataFrame({"fetched_at": [at]}))
    assert float(value) == pytest.approx(
        (dt.datetime(2022, 12, 28, 11) - dt.datetime(1899, 12, 30)) / dt.timedelta(days=1)
    )
    assert "yyyy-mm-dd hh:mm:ss" in formats


def test_a_spreadsheet_shows_every_digit_of_a_fraction_and_years_as_years():
    values, formats = sheet(pl.DataFrame({"weight": [0.012345], "year": [2022], "price": [Decimal("0.00001234")]}))
    assert values == ["0.012345", "2022", "0.00001234"]
    assert not [one for one in formats if "#,##0" in one]


def test_what_a_spreadsheet_has_no_room_for_is_not_left_out():
    long = {"day": [dt.date(1800, 1, 1)], "text": ["x" * 40_000], "link": ["https://a.b/" + "x" * 3_000]}
    (day, text, link), _ = sheet(pl.DataFrame(long))
    assert (day, text, link) == ("1800-01-01", "x" * 32_766 + "…", *long["link"])


@pytest.mark.parametrize("kind", ["csv", "xlsx", "parquet"])
def test_days_without_end_are_written(kind):
    query = "SELECT 'infinity'::DATE AS a, '-infinity'::TIMESTAMP AS b, 'infinity'::TIMESTAMPTZ AS c, NULL::DATE AS d"
    file = files.written(duckdb.sql(query).pl(), kind)
    if kind == "csv":
        assert file == b"a,b,c,d\ninfinity,-infinity,infinity,\n"


def test_no_title_of_a_file_is_a_formula():
    assert files.written(pl.DataFrame({"=1+1": [1], "b": [2]}), "csv") == b"'=1+1,b\n1,2\n"
