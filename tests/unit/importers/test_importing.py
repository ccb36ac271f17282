"""What would become of each row of a file, before anything is written; and that it is what does become of it."""

import datetime as dt
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from pipelines import importing
from pipelines.importers import ImportFileError
from pipelines.importers.cells import MOST_NOTED
from pipelines.importers.typed import MOST_NAMED
from pipelines.importing import Fate, Incoming, preview, take
from pipelines.portfolio.frames import SPLIT_SCHEMA
from warehouse.ledger import Ledger, StaleVersionError

HEADER = "date,type,account,symbol,quantity,price,currency,external_id"
BUY = "2024-01-02,BUY,Depot,ACME,10,5,EUR,b1"
SALE = "2024-01-03,SELL,Depot,ACME,4,6,EUR,"


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    return Ledger.open(f"sqlite:///{tmp_path_factory.mktemp('importing') / 'ledger.sqlite'}")


@pytest.fixture
def own(ledger):
    own = ledger.for_user("me")
    for portfolio in own.portfolios():
        own.delete_portfolio(portfolio.portfolio_id)
    own.create_portfolio("Mine", "EUR")
    return own


def incoming(*rows):
    content = "\n".join([HEADER, *rows, ""]).encode()
    splits = pl.DataFrame(schema=SPLIT_SCHEMA)
    return Incoming(path=Path("t.csv"), content=content, today=dt.date(2024, 6, 30), account=None, splits=splits)


def previewed(own, *rows):
    return preview(incoming(*rows), own, own.portfolio("Mine"))


def test_a_preview_writes_nothing_and_says_what_is_taken(own):
    before = own.portfolio("Mine")
    shown = previewed(own, BUY, SALE)
    assert shown.fates == [Fate.NEW, Fate.NEW]
    assert shown.can_be_taken
    assert own.portfolio("Mine") == before
    assert take(incoming(BUY, SALE), own, before).added == 2
    again = previewed(own, BUY, SALE, SALE.replace("4", "1", 1))
    assert again.fates[:2] == [Fate.KNOWN, Fate.KNOWN]
    assert not previewed(own, BUY, SALE).can_be_taken


def test_every_refused_row_is_named_and_the_others_have_their_fates(own):
    take(incoming(BUY), own, own.portfolio("Mine"))
    shown = previewed(
        own,
        BUY,
        "2024-13-01,BUY,Depot,ACME,1,5,EUR,",
        SALE,
        "2024-01-05,BUY,Depot,ACME,one,5,EUR,",
        "2024-01-06,HOLD,Depot,ACME,1,5,EUR,",
    )
    assert shown.fates == [Fate.KNOWN, Fate.REFUSED, Fate.NEW, Fate.REFUSED, Fate.REFUSED]
    assert not shown.can_be_taken
    assert [(error.line, error.column, error.value) for error in shown.refused.values()] == [
        (3, "date", "2024-13-01"),
        (5, "quantity", "one"),
        (6, "type", "HOLD"),
    ]


def test_a_row_of_another_width_is_refused_alone(own):
    shown = previewed(own, BUY, "foo", f"{SALE},more", SALE)
    assert shown.fates == [Fate.NEW, Fate.REFUSED, Fate.REFUSED, Fate.NEW]
    assert [(error.line, error.column, error.value) for error in shown.refused.values()] == [
        (3, None, "foo"),
        (4, None, f"{SALE},more"),
    ]
    assert shown.rows.row(1) == (None,) * shown.rows.width


def test_each_double_of_an_external_id_is_refused(own):
    other = BUY.replace("2024-01-02", "2024-01-04")
    assert previewed(own, BUY, other, other).fates == [Fate.NEW, Fate.REFUSED, Fate.REFUSED]


@pytest.mark.parametrize("bad", ["2024-01-03,BUY,Depot,ACME,none,5,EUR,", "2024-01-03,BUY,Depot,ACME,1,5,EUR,,"])
def test_no_refused_row_of_very_many_counts_as_another(own, bad):
    shown = previewed(own, BUY, *[bad] * (MOST_NOTED + 5), *[BUY] * (MOST_NAMED + 5))
    assert Counter(shown.fates) == {Fate.NEW: 1, Fate.REFUSED: MOST_NOTED + MOST_NAMED + 10}
    assert len(shown.refused) == MOST_NOTED


def test_an_external_id_with_other_content_is_refused_and_the_rest_looked_at(own):
    take(incoming(BUY), own, own.portfolio("Mine"))
    shown = previewed(own, BUY.replace(",10,", ",11,"), SALE)
    assert shown.fates == [Fate.REFUSED, Fate.NEW]
    assert "belongs to transaction" in str(shown.refused[0])


def test_a_sale_of_more_than_is_held_is_refused_at_its_row(own):
    shown = previewed(own, BUY, SALE.replace(",4,", ",11,"))
    assert shown.fates == [Fate.NEW, Fate.REFUSED]
    assert (shown.refused[1].line, shown.refused[1].column, shown.refused[1].value) == (3, "quantity", "11")
    with pytest.raises(ImportFileError, match="disposes of 1 more ACME"):
        take(incoming(BUY, SALE.replace(",4,", ",11,")), own, own.portfolio("Mine"))


def test_a_sale_that_cannot_be_booked_is_refused_beside_other_bad_rows_too(own):
    take(incoming(BUY), own, own.portfolio("Mine"))
    bad = "2024-01-05,BUY,Depot,BOLT,one,5,EUR,"
    shown = previewed(
        own, bad, SALE.replace(",4,", ",99,"), SALE, SALE.replace(",4,", ",77,"), "2024-13-01,DEPOSIT,Depot,,,,EUR,"
    )
    assert shown.fates == [Fate.REFUSED, Fate.REFUSED, Fate.NEW, Fate.REFUSED, Fate.REFUSED]
    assert "disposes of 89 more ACME" in str(shown.refused[1])


@pytest.mark.parametrize("bad", ["2024-01-02,BUY,Depot,ACME,ten,5,EUR,", "2024-01-02,HOLD,Depot,,10,5,EUR,"])
def test_whether_a_row_fits_that_lacks_a_refused_one_is_left_open(own, bad):
    shown = previewed(own, bad, SALE, "2024-01-02,BUY,Depot,BOLT,10,5,EUR,")
    assert shown.fates == [Fate.REFUSED, Fate.OPEN, Fate.NEW]
    assert not shown.can_be_taken


def test_what_is_held_may_lack_a_refused_row_too(own):
    take(incoming(BUY, SALE.replace(",4,", ",10,")), own, own.portfolio("Mine"))
    shown = previewed(own, SALE.replace("2024-01-03", "2024-01-02"), "2024-01-02,BUY,Depot,ACME,ten,5,EUR,")
    assert (shown.fates, shown.whole) == ([Fate.OPEN, Fate.REFUSED], None)


def test_of_very_many_rows_that_do_not_fit_the_first_are_told(own, monkeypatch):
    monkeypatch.setattr(importing, "_MOST_UNFIT", 2)
    assert previewed(own, SALE, SALE, SALE, SALE).fates == [Fate.REFUSED, Fate.REFUSED, Fate.UNSEEN, Fate.UNSEEN]


def test_a_file_that_leaves_too_little_for_what_is_there_is_refused_whole(own):
    take(incoming(BUY, SALE.replace(",4,", ",10,")), own, own.portfolio("Mine"))
    shown = previewed(own, SALE.replace("2024-01-03", "2024-01-02"))
    assert shown.whole is not None
    assert "does not go with what is there" in str(shown.whole)
    assert not shown.can_be_taken


def test_what_is_no_such_file_has_no_preview(own):
    with pytest.raises(ImportFileError, match="colour"):
        preview(Incoming(**{**vars(incoming()), "content": b"colour\nred\n"}), own, own.portfolio("Mine"))


def test_a_portfolio_that_changed_since_the_preview_takes_nothing(own):
    seen = own.portfolio("Mine")
    own.put_account(seen.portfolio_id, "Other")
    with pytest.raises(StaleVersionError):
        take(incoming(BUY), own, seen)
