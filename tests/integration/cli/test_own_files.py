"""A person's own files from the import to the publication, on the bundled prices of real instruments."""

import pytest

from pipelines.cli.exits import Exit
from tests.integration.cli.test_published import run

HEADER = "date,type,account,symbol,quantity,price,currency"
BUNDLED = {"FOLIO_PRICE_SOURCES": "demo,inbox", "FOLIO_FX_SOURCES": "demo,inbox", "FOLIO_CLOCK": "2022-12-28"}


@pytest.fixture
def folio(tmp_path):
    made = run(tmp_path, "init", "--base", "USD", **BUNDLED)
    assert made.returncode == Exit.OK, made.stderr
    return lambda *words: run(tmp_path, *words, **BUNDLED)


def test_a_sale_of_what_a_split_brought_is_taken_once_the_split_is_fetched(folio, tmp_path):
    # Apple's shares were split 4:1 on 2020-08-31.
    rows = ("2020-01-08,BUY,Depot,AAPL,10,303.19,USD", "2020-09-15,SELL,Depot,AAPL,15,115.54,USD")
    (tmp_path / "t.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    refused = folio("import", "t.csv")
    assert refused.returncode == Exit.FAILED
    assert "run `folio refresh --symbols AAPL` first" in refused.stderr
    refreshed = folio("refresh", "--symbols", "AAPL")
    assert refreshed.returncode == Exit.OK, refreshed.stderr
    assert folio("import", "t.csv").stdout.startswith("2 added")
