"""The Transactions page: finding rows, entering, changing, deleting and undoing them, and bringing a file."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from opening import opened, read
from published import BOUGHT, TODAY, mirrored, published, purchase

from dashboard.views import importing, remarks
from dashboard.views import transactions as view_of
from dashboard.views.refusals import refusal
from dashboard.views.typed import FIRST_DAY, LAST_DAY
from dashboard.views.verbatim import verbatim
from pipelines.importers import ImportFileError
from pipelines.importing import Fate, Preview
from pipelines.portfolio.transactions import Kind
from pipelines.stating import entered
from warehouse.ledger.frames import ROWS
from warehouse.ledger.records import LedgerEvent

FILE = "date,type,account,symbol,quantity,price,currency\n2026-01-06,BUY,Depot,BOLT,2,10,EUR\n"


def said(elements):
    return " ".join(element.value for element in elements)


def field(page, kind, name):
    return next(one for one in getattr(page, kind) if one.key and one.key.endswith(f"_{name}"))


def sent(page, key):
    return next(button for button in page.button if button.key.startswith(key)).click().run()


def test_what_is_stated_is_listed_also_before_anything_is_published(own):
    page = opened("transactions")
    assert not page.exception
    row = page.dataframe[0].value.iloc[0]
    assert (row["Type"], row["Symbol"], row["Amount"]) == ("BUY", "ACME", Decimal(1000))
    assert "1 of 1 transactions" in said(page.caption)


def test_an_entry_is_in_the_figures_at_the_next_look(own, settings):
    ledger, portfolio = own
    published(settings, *own)
    page = opened("transactions", do="New", kind="Buy")
    for name, value in {"quantity": "3", "price": "7.5"}.items():
        field(page, "text_input", name).set_value(value)
    field(page, "text_input", "symbol").set_value("ACME")
    page = sent(page, "new_BUY")
    assert not page.exception
    assert "Added" in said(page.success)
    added = ledger.transactions(portfolio.portfolio_id).row(-1, named=True)
    assert (added["date"], added["quantity"], added["amount"]) == (TODAY, 3, Decimal("22.5"))
    page = page.switch_page("app_pages/overview.py").run()
    assert {metric.label: metric.value for metric in page.metric}["Value, EUR"] == "1,625.00"  # 13 at 125


def test_what_is_refused_says_why_and_stays_as_it_was_typed(own):
    ledger, portfolio = own
    page = opened("transactions", do="New", kind="Sell")
    field(page, "text_input", "symbol").set_value("ACME")
    field(page, "text_input", "quantity").set_value("one")
    page = sent(page, "new_SELL")
    assert "Quantity is 'one': a number such as 1250 or 0.25 is expected" in read(page.error)
    field(page, "text_input", "quantity").set_value("11")
    field(page, "text_input", "price").set_value("9")
    page = sent(page, "new_SELL")
    assert "Depot disposes of 1 more ACME" in read(page.error)
    assert field(page, "text_input", "quantity").value == "11"
    assert ledger.portfolio(portfolio.portfolio_id) == portfolio


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (TODAY + dt.timedelta(days=1), "Date: found '2026-01-31'; expected a date not after 2026-01-30"),
        (dt.date(203, 1, 5), "Date: found '0203-01-05'; expected a date from 1900-01-01 on"),
        (None, "Date: found nothing; expected a value"),
    ],
    ids=["to come", "long ago", "none"],
)
def test_a_day_that_cannot_be_is_refused_and_no_other_is_taken(own, day, why):
    ledger, portfolio = own
    page = opened("transactions", do="New", kind="Deposit")
    field(page, "text_input", "amount").set_value("777")
    shown = field(page, "date_input", "date").set_value(day)
    assert (shown.min, shown.max) == (FIRST_DAY, LAST_DAY)  # what is out of them never leaves a browser
    page = sent(page, "new_DEPOSIT")
    assert why in read(page.error)
    assert field(page, "date_input", "date").value == day
    assert ledger.portfolio(portfolio.portfolio_id) == portfolio


def test_a_row_is_changed_deleted_and_brought_back(own):
    ledger, portfolio = own
    key, name = portfolio.portfolio_id, ledger.transactions(portfolio.portfolio_id)["transaction_id"][0]
    page = opened("transactions", transaction=name)
    assert not page.exception
    field(page, "text_input", "fee").set_value("4.90")
    page = sent(page, f"edit_{name}_0_submit")
    assert "Saved" in said(page.success)
    assert ledger.transactions(key)["fee"].to_list() == [Decimal("4.9")]
    history = next(table.value for table in page.dataframe if "Field" in table.value)
    assert history.iloc[0][["What", "Field", "After"]].to_list() == ["changed", "Fee", "4.9"]
    page = sent(page, f"edit_{name}_1_delete")
    assert ledger.transactions(key).is_empty()
    page = sent(page, "undo")
    assert not page.exception
    assert ledger.transactions(key)["fee"].to_list() == [Decimal("4.9")]
    assert "Taken back" in said(page.success)


def test_the_second_of_two_sessions_is_refused_and_can_load_anew(own):
    ledger, portfolio = own
    key, name = portfolio.portfolio_id, ledger.transactions(portfolio.portfolio_id)["transaction_id"][0]
    page = opened("transactions", transaction=name)
    ledger.update_transaction(key, name, {"note": "another's"})
    field(page, "text_input", "note").set_value("mine")
    page = sent(page, f"edit_{name}_0_submit")
    assert "Somebody else has changed this transaction meanwhile (Note)" in read(page.error)
    assert field(page, "text_input", "note").value == "mine"
    assert ledger.transactions(key)["note"].to_list() == ["another's"]
    page = sent(page, "anew")
    assert field(page, "text_input", "note").value == "another's"


def test_a_row_that_somebody_changes_or_deletes_meanwhile_is_said_before_anybody_types_in_vain(own):
    ledger, portfolio = own
    key, name = portfolio.portfolio_id, ledger.transactions(portfolio.portfolio_id)["transaction_id"][0]
    ledger.add_transactions(key, purchase(quantity=3), source="test")  # the list is not empty afterwards
    page = opened("transactions", transaction=name)
    assert not page.warning
    ledger.update_transaction(key, name, {"note": "another's"})
    page = page.run()
    assert "Somebody has changed this transaction since you opened it" in read(page.warning)
    ledger.delete_transaction(key, name)
    page = page.run()
    assert "Somebody has deleted this transaction since you opened it" in read(page.warning)
    page = sent(page, "anew")
    assert "not there, or no more" in read(page.info)


def test_what_is_taken_back_is_told_as_it_stands(own):
    ledger, portfolio = own
    bought = purchase().with_columns(account=pl.lit("**b** $x$"))
    ledger.add_transactions(portfolio.portfolio_id, bought, source="test")
    page = sent(opened("transactions"), "undo")
    assert not page.exception
    assert verbatim("**b** $x$") in said(page.success)


def test_a_vast_amount_is_refused_for_sums_of_it_have_no_room(own):
    ledger, portfolio = own
    page = opened("transactions", do="New", kind="Deposit")
    field(page, "text_input", "amount").set_value("1000000000000000")
    page = sent(page, "new_DEPOSIT")
    assert not page.exception
    assert "at most 15 digits before the point" in read(page.error)
    assert ledger.portfolio(portfolio.portfolio_id) == portfolio


def test_a_number_that_is_two_for_readers_of_two_kinds_is_not_booked(own):
    ledger, portfolio = own
    page = opened("transactions", do="New", kind="Deposit")
    field(page, "text_input", "amount").set_value("5,000")
    page = sent(page, "new_DEPOSIT")
    assert "some read as 5000 and some as 5." in read(page.error)
    assert ledger.transactions(portfolio.portfolio_id).height == 1
    field(page, "text_input", "amount").set_value("5,000.00")
    page = sent(page, "new_DEPOSIT")
    assert ledger.transactions(portfolio.portfolio_id)["amount"].to_list()[-1] == 5000


def test_a_row_is_not_laid_open_while_amounts_are_hidden(own):
    ledger, portfolio = own
    name = ledger.transactions(portfolio.portfolio_id)["transaction_id"][0]
    page = opened("transactions", transaction=name, hides_amounts="true")
    assert not page.exception
    assert "Amounts are hidden" in said(page.caption)
    assert not [one for one in page.text_input if one.key.startswith("edit_")]


def test_a_file_is_previewed_and_then_taken_in(own):
    ledger, portfolio = own
    page = opened("transactions", do="Import")
    page.file_uploader[0].set_value(("more.csv", FILE.encode(), "text/csv"))
    page = page.run()
    assert not page.exception
    assert "1 row: 1 new" in said(page.info)
    assert ledger.portfolio(portfolio.portfolio_id) == portfolio
    page = sent(page, "take")
    assert "1 added" in said(page.success)
    assert ledger.transactions(portfolio.portfolio_id)["symbol"].to_list() == ["ACME", "BOLT"]


def test_a_file_with_a_bad_row_cannot_be_taken(own):
    page = opened("transactions", do="Import")
    page.file_uploader[0].set_value(("bad.csv", f"{FILE}2026-01-07,BUY,Depot,BOLT,two,10,EUR\n".encode(), "text/csv"))
    page = page.run()
    assert "2 rows: 1 new, 1 refused" in read(page.error)
    assert "Line 3, quantity: found two; expected a" in read(page.error)
    first = page.dataframe[0].value.iloc[0]
    assert first[["Line", "Fate", "Column", "Found"]].to_list() == [3, "refused", "quantity", "two"]
    assert "take" not in [button.key for button in page.button]


def test_a_row_that_does_not_fit_says_why_and_not_which_row_it_is(own):
    page = opened("transactions", do="Import")
    sale = FILE.replace("BUY,Depot,BOLT,2", "SELL,Depot,BOLT,2")
    page.file_uploader[0].set_value(("sale.csv", sale.encode(), "text/csv"))
    expected = page.run().dataframe[0].value["Expected"][0]
    assert expected.startswith("Depot disposes of 2 more BOLT on 2026-01-06 than it holds; if BOLT split")
    assert "Nothing was taken" not in expected
    assert f"Line 2, quantity: {expected}" in read(page.error)  # whole: a cell of a table is cut off


def test_of_many_refused_rows_the_first_are_told_above_the_table():
    error = ImportFileError(file=Path("t.csv"), line=3, column="fee", value=None, expected="a number")
    many = Preview(
        rows=pl.DataFrame(), lines=list(range(2, 14)), fates=[], refused=dict.fromkeys(range(12), error), whole=None
    )
    told = importing.reasons(many)
    assert told[0] == "Line 2, fee: found nothing; expected a number."
    assert told[importing.MOST_REASONS :] == ["2 more: see the table."]


def entered_buy(page, symbol):
    field(page, "text_input", "symbol").set_value(symbol)
    field(page, "text_input", "quantity").set_value("1")
    field(page, "text_input", "price").set_value("1")
    return sent(page, "new_BUY")


def test_a_symbol_without_a_price_is_saved_and_said(own, settings):
    ledger, portfolio = own
    published(settings, *own)
    for symbol in ("NOBODY", "BOLT"):  # which the form offers then
        ledger.add_transactions(portfolio.portfolio_id, purchase(symbol=symbol), source="since")
    page = entered_buy(opened("transactions", do="New"), "NOBODY")
    assert "Added" in said(page.success)
    assert r"Of \'NOBODY\' no price is stored yet: the next run asks for it" in said(page.warning)
    assert "NOBODY" not in said(page.run().warning)  # said once
    priced = entered_buy(opened("transactions", do="New"), "BOLT")
    assert "Added" in said(priced.success)
    assert not priced.warning


def test_an_entry_without_a_currency_is_in_that_of_its_symbol_however_that_is_typed(own, settings):
    ledger, portfolio = own
    published(settings, *own, named=("ACME",))
    ledger.state_price(portfolio.portfolio_id, "BOLT", TODAY, Decimal(5), "USD")
    page = entered_buy(opened("transactions", do="New"), "bolt")
    assert "Added: Buy of 30 Jan 2026, in USD, in which BOLT is priced." in read(page.success)
    page = entered_buy(page, "acme")
    assert "in EUR, in which ACME is priced" in read(page.success)
    page = entered_buy(page, "cork")
    assert "in EUR, for nobody has priced CORK yet" in read(page.success)
    field(page, "selectbox", "currency").set_value("CHF")
    assert read(entered_buy(page, "BOLT").success) == "Added: Buy of 30 Jan 2026."
    added = ledger.transactions(portfolio.portfolio_id).select("symbol", "currency").rows()[1:]
    assert added == [("BOLT", "USD"), ("ACME", "EUR"), ("CORK", "EUR"), ("BOLT", "CHF")]


def test_what_concerns_no_symbol_is_in_the_base_currency(own):
    page = opened("transactions", do="New", kind="Deposit")
    assert field(page, "selectbox", "currency").value == "EUR"


def test_a_symbol_that_a_run_has_asked_for_in_vain_is_said_otherwise(own, settings):
    ledger, portfolio = own
    ledger.add_transactions(portfolio.portfolio_id, purchase(symbol="NOBODY"), source="before")
    mirrored(settings, *own)
    page = entered_buy(opened("transactions", do="New"), "NOBODY")
    assert r"Of \'NOBODY\' no source has given a price so far" in said(page.warning)
    ledger.state_price(portfolio.portfolio_id, "NOBODY", TODAY, Decimal(5), "EUR")
    assert not entered_buy(opened("transactions", do="New"), "NOBODY").warning


def test_an_account_that_differs_by_case_alone_is_remarked():
    [remark] = remarks.alike(["depot", "Other"], ["Depot", "Third", "third"])
    assert remark.startswith(r"\'Depot\', \'depot\' differ by case alone")
    assert not remarks.alike([], ["Depot", "depot"])  # they are there by now


def test_a_file_says_before_it_is_taken_what_is_hardly_meant(own, settings):
    published(settings, *own)
    page = opened("transactions", do="Import")
    page.file_uploader[0].set_value(("odd.csv", FILE.replace("Depot,BOLT", "DEPOT,NOBODY").encode(), "text/csv"))
    page = page.run()
    for remarked in (page, sent(page, "take")):
        assert r"\'DEPOT\', \'Depot\' differ by case alone" in said(remarked.warning)
        assert r"Of \'NOBODY\' no price is stored yet" in said(remarked.warning)


def test_a_file_keeps_its_amounts_to_itself_while_they_are_hidden(own):
    page = opened("transactions", do="Import", hides_amounts="true")
    sale = "2026-01-07,SELL,Depot,BOLT,3,10,EUR\n2026-01-08,BUY,Depot,BOLT,two,11,EUR\n"
    page.file_uploader[0].set_value(("hidden.csv", f"{FILE}{sale}".encode(), "text/csv"))
    page = page.run()
    assert not page.exception
    shown = page.dataframe[0].value
    assert shown["quantity"].to_list() == shown["price"].to_list() == ["•••"] * 3
    assert shown["symbol"].to_list() == ["BOLT"] * 3
    assert shown["Found"][0] == "•••"
    page.file_uploader[0].set_value(("unfit.csv", f"{FILE}{sale.splitlines()[0]}\n".encode(), "text/csv"))
    expected = page.run().dataframe[0].value["Expected"][0]
    assert expected.startswith("Depot disposes of ••• more BOLT on 2026-01-07 than it holds")


def test_as_known_before_nothing_can_be_changed(own):
    page = opened("transactions", known_on="2026-01-29", do="New")
    assert not page.exception
    assert "nothing can be changed" in said(page.caption)
    assert not [button for button in page.button if button.key.startswith(("new", "undo"))]


def test_the_trail_is_shown_newest_first(own):
    page = opened("transactions", do="Changes")
    assert not page.exception
    assert page.dataframe[0].value["Of"].to_list() == ["transaction", "account", "portfolio"]


@pytest.fixture(scope="module")
def rows():
    later = purchase(symbol="BOLT", on=BOUGHT + dt.timedelta(days=1)).with_columns(note=pl.lit("Sparplan März"))
    moved = purchase(symbol="COIL").with_columns(type=pl.lit("TRANSFER"), to_account=pl.lit("Other"))
    frames = [frame.with_columns(external_id=pl.lit(None)) for frame in (purchase(), later, moved)]
    frame = pl.concat(frames, how="diagonal").with_columns(
        transaction_id=pl.format("p-{}", pl.int_range(1, 4)), sequence=pl.int_range(1, 4)
    )
    lacking = [pl.lit(None, dtype=one.dtype).alias(one.name) for one in ROWS.columns if one.name not in frame.columns]
    return frame.with_columns(lacking)


@pytest.mark.parametrize(
    ("wanted", "symbols"),
    [
        ({}, ["BOLT", "COIL", "ACME"]),
        ({"words": "märz bolt"}, ["BOLT"]),
        ({"words": "p-1"}, ["ACME"]),
        ({"types": ["TRANSFER"]}, ["COIL"]),
        ({"accounts": ["Other"]}, ["COIL"]),
        ({"symbols": ["ACME", "BOLT"]}, ["BOLT", "ACME"]),
        ({"since": BOUGHT + dt.timedelta(days=1)}, ["BOLT"]),
        ({"until": BOUGHT, "types": ["BUY"]}, ["ACME"]),
        ({"words": "nothing"}, []),
    ],
    ids=str,
)
def test_rows_are_found_by_what_is_asked_newest_first(rows, wanted, symbols):
    assert view_of.found(rows, view_of.Wanted(**wanted))["symbol"].to_list() == symbols


def test_a_stored_row_reads_as_somebody_would_type_it(rows):
    row = rows.drop("transaction_id", "sequence").row(0, named=True)
    typed = view_of.cells(row)
    assert typed["quantity"] == "10"
    assert "amount" not in typed  # it is quantity x price
    assert "fee" not in typed
    again = entered(typed, today=TODAY).row(0, named=True)
    assert again == row
    assert view_of.cells(row | {"amount": Decimal("1000.01")})["amount"] == "1000.01"


@pytest.mark.parametrize("kind", Kind)
def test_a_form_asks_whatever_its_type_needs(kind):
    """Fill what the form of a type asks: the importer needs nothing that it does not ask."""
    values = {"date": "2026-01-05", "account": "Depot", "to_account": "Other", "symbol": "ACME", "to_symbol": "BOLT"}
    values |= {"quantity": "2", "price": "5", "ratio_new": "2", "ratio_old": "1", "cost_fraction": "0.5"}
    values |= {"amount": "10", "to_amount": "11", "currency": "EUR", "to_currency": "USD", "type": kind}
    asked = {"type", *view_of.FIRST, *view_of.fields(kind)}
    row = entered({name: value for name, value in values.items() if name in asked}, today=TODAY).row(0, named=True)
    assert row["type"] == kind
    assert view_of.said(kind)


def test_what_a_row_states_beside_its_type_is_asked_too():
    assert view_of.fields("DEPOSIT", {"symbol": "ACME", "fee": Decimal(0), "note": "x"})[-1] == "symbol"


def test_a_refusal_names_the_field_what_was_there_and_what_was_expected():
    with pytest.raises(ImportFileError) as caught:
        entered({"date": "2026-01-05", "type": "DEPOSIT", "account": "Depot", "currency": "EUR"}, today=TODAY)
    assert refusal(caught.value) == "Amount: found nothing; expected an amount, which DEPOSIT needs."


def test_history_has_a_line_for_each_column_that_changed():
    at = dt.datetime(2026, 1, 5, 9, 30, tzinfo=dt.UTC)
    event = {"portfolio_id": "p", "user_id": "me", "entity": "transaction", "entity_id": "p-1", "undoes": None}
    added = LedgerEvent(event_id=1, at=at, action="added", before=None, after={"fee": "1"}, version=2, **event)
    changed = LedgerEvent(
        event_id=2, at=at, action="changed", before={"fee": "1"}, after={"fee": "2", "note": "x"}, version=3, **event
    )
    assert view_of.history([added, changed]).rows() == [
        ("5 Jan 2026, 09:30:00 UTC", "me", "changed", "Fee", "1", "2"),
        ("5 Jan 2026, 09:30:00 UTC", "me", "changed", "Note", "–", "x"),
        ("5 Jan 2026, 09:30:00 UTC", "me", "added", "Fee", "–", "1"),
    ]


def test_what_is_refused_stands_above_what_is_new():
    error = ImportFileError(file=Path("t.csv"), line=3, column="fee", value=None, expected="a number")
    shown = importing.table(
        Preview(
            rows=pl.DataFrame({"fee": ["1", None]}),
            lines=[2, 3],
            fates=[Fate.NEW, Fate.REFUSED],
            refused={1: error},
            whole=None,
        )
    )
    assert shown.row(0) == (3, "refused", "fee", "nothing", "a number", None)
    assert shown["Line"].to_list() == [3, 2]
