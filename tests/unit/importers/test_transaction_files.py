"""Files of transactions: what is read, exactly, and the one error for each thing that is wrong."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.importers import ImportFileError, rules
from pipelines.importers.canonical import ROW_SCHEMA, TRANSACTION_COLUMNS, read_transactions
from pipelines.portfolio.transactions import Kind

TODAY = dt.date(2024, 6, 30)
TRADE = "date,type,account,symbol,quantity,price,amount,fee,tax,currency,external_id"
WIDE = (
    "date,type,account,symbol,quantity,price,amount,currency,to_account,to_symbol,"
    "ratio_new,ratio_old,cost_fraction,to_amount,to_currency"
)


def read(text: str | bytes, **options: object) -> pl.DataFrame:
    content = text if isinstance(text, bytes) else text.encode()
    return read_transactions(Path("trades.csv"), **{"today": TODAY, "content": content} | options)


def one(row: str, header: str = TRADE) -> dict[str, object]:
    return read(f"{header}\n{row}\n").row(0, named=True)


def refused(text: str | bytes, **options: object) -> ImportFileError:
    with pytest.raises(ImportFileError) as caught:
        read(text, **options)
    return caught.value


def wide(**values: str) -> str:
    row = {"date": "2024-01-02", "account": "Depot", "currency": "EUR"} | values
    return f"{WIDE}\n" + ",".join(row.get(name, "") for name in WIDE.split(",")) + "\n"


def test_a_row_is_read_exactly():
    row = one("2024-01-02, buy , Depot ,ACME,10.0000000001,12.12345678,,1.50,,eur,b-1")
    assert row == dict.fromkeys(ROW_SCHEMA) | {
        "date": dt.date(2024, 1, 2),
        "type": "BUY",
        "account": "Depot",
        "symbol": "ACME",
        "quantity": Decimal("10.0000000001"),
        "price": Decimal("12.12345678"),
        "amount": Decimal("121.23456780"),
        "fee": Decimal("1.5"),
        "tax": Decimal(0),
        "currency": "EUR",
        "external_id": "b-1",
    }


def test_every_column_is_read_into_the_schema():
    row = dict.fromkeys(TRANSACTION_COLUMNS, "") | {
        "date": "2024-01-02",
        "type": "SELL",
        "account": "Depot",
        "symbol": "ACME",
        "quantity": "1",
        "amount": "9",
        "currency": "USD",
        "fx_rate": "0.9123456789",
        "lot_id": "b-1",
        "time": "09:30",
        "settle_date": "2024-01-04",
        "note": 'said "sell", twice',
    }
    quoted = ",".join('"' + value.replace('"', '""') + '"' for value in row.values())
    frame = read(f"{','.join(row)}\n{quoted}\n")
    assert frame.schema == pl.Schema(ROW_SCHEMA)
    assert frame["time"][0] == dt.time(9, 30)
    assert frame["settle_date"][0] == dt.date(2024, 1, 4)
    assert frame["fx_rate"][0] == Decimal("0.9123456789")
    assert frame["note"][0] == 'said "sell", twice'


@pytest.mark.parametrize(
    ("quantity", "price", "amount", "expected"),
    [
        pytest.param("3", "0.00000001", "", "0.00000003", id="quantity x price where no amount is given"),
        pytest.param("0.5", "0.00000001", "", "0", id="rounded half-even, down to an even"),
        pytest.param("1.5", "0.00000001", "", "0.00000002", id="rounded half-even, up to an even"),
        pytest.param("10", "", "99.99", "99.99", id="an amount alone"),
        pytest.param("10", "10", "100.01", "100.01", id="a cent apart: the amount counts"),
        pytest.param("1000", "10", "10001", "10001", id="0.01 % apart: the amount counts"),
    ],
)
def test_amount(quantity, price, amount, expected):
    row = one(f"2024-01-02,BUY,Depot,ACME,{quantity},{price},{amount},,,EUR,")
    assert row["amount"] == Decimal(expected)


@pytest.mark.parametrize("amount", ["100.02", "99.98"])
def test_amounts_further_apart_are_refused(amount):
    error = refused(f"{TRADE}\n2024-01-02,BUY,Depot,ACME,10,10,{amount},,,EUR,\n")
    assert (error.line, error.column, error.value) == (2, "amount", amount)


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        pytest.param("date", "", "value", id="no date"),
        pytest.param("date", "02.01.2024", "2024-12-31", id="a local date"),
        pytest.param("date", "2024-1-2", "2024-12-31", id="a short date"),
        pytest.param("date", "2024-02-30", "2024-12-31", id="no such day"),
        pytest.param("date", "2024-07-01", "future", id="tomorrow"),
        pytest.param("date", "0024-01-02", "1900", id="a year of two digits"),
        pytest.param("type", "", "value", id="no type"),
        pytest.param("type", "PURCHASE", "BUY", id="an unknown type"),
        pytest.param("type", "option_buy", "no option", id="an option"),
        pytest.param("type", "FUTURE", "no future", id="a future"),
        pytest.param("account", " ", "value", id="no account"),
        pytest.param("symbol", "", "BUY needs", id="no symbol"),
        pytest.param("quantity", "", "BUY needs", id="no quantity"),
        pytest.param("quantity", "0", "above zero", id="nothing bought"),
        pytest.param("quantity", "-10", "not negative", id="a negative quantity"),
        pytest.param("quantity", "1.00000000001", "10 decimals", id="eleven decimals"),
        pytest.param("quantity", "100000000000000", "14 digits", id="too many units"),
        pytest.param("price", '"1,5"', "digits, a point", id="a decimal comma"),
        pytest.param("price", "1e3", "digits, a point", id="an exponent"),
        pytest.param("price", "EUR 5", "digits, a point", id="a currency beside the number"),
        pytest.param("price", "NaN", "digits, a point", id="no number"),
        pytest.param("price", "١٢", "digits, a point", id="digits of another script"),
        pytest.param("price", "1.123456789", "8 decimals", id="nine decimals of a price"),
        pytest.param("price", "", "a price or an amount", id="neither price nor amount"),
        pytest.param("fee", "-1", "not negative", id="a negative fee"),
        pytest.param("tax", "0.000000001", "8 decimals", id="nine decimals of a tax"),
        pytest.param("currency", "", "value", id="no currency"),
        pytest.param("currency", "€", "ISO 4217", id="a sign for a currency"),
        pytest.param("currency", "GBp", "major unit", id="pence"),
        pytest.param("currency", "GBX", "major unit", id="pence by another name"),
        pytest.param("external_id", "x" * 256, "255", id="an endless number"),
    ],
)
def test_a_cell_that_is_refused_is_named(column, value, expected):
    good = dict(
        zip(
            TRADE.split(","), ["2024-01-02", "BUY", "Depot", "ACME", "10", "5", "", "1", "0", "EUR", "b-2"], strict=True
        )
    )
    bad = good | {column: value}
    first = good | {"external_id": "b-1"}
    error = refused("\n".join([TRADE, ",".join(first.values()), ",".join(bad.values())]))
    assert (error.file.name, error.line) == ("trades.csv", 3)
    assert error.column == ("amount" if (column, value) == ("price", "") else column)
    assert error.value == (value.strip('" ') or None)
    assert expected in error.expected
    assert str(error).startswith(f"trades.csv, line 3, column {error.column}: found ")


@pytest.mark.parametrize(
    ("values", "column"),
    [
        pytest.param({"type": "SELL", "symbol": "A", "quantity": "1"}, "amount", id="a sale for nothing said"),
        pytest.param({"type": "DELIVERY_IN", "symbol": "A"}, "quantity", id="a delivery of nothing"),
        pytest.param({"type": "DEPOSIT"}, "amount", id="a deposit of nothing"),
        pytest.param({"type": "DIVIDEND", "amount": "5"}, "symbol", id="a dividend of nobody"),
        pytest.param({"type": "INTEREST_CHARGE"}, "amount", id="a charge of nothing"),
        pytest.param({"type": "RETURN_OF_CAPITAL", "symbol": "A"}, "amount", id="a return of nothing"),
        pytest.param({"type": "TRANSFER", "amount": "5"}, "to_account", id="a transfer to nowhere"),
        pytest.param({"type": "TRANSFER", "amount": "5", "to_account": "Depot"}, "to_account", id="to itself"),
        pytest.param({"type": "TRANSFER", "to_account": "B"}, "amount", id="a transfer of no cash"),
        pytest.param({"type": "TRANSFER", "to_account": "B", "symbol": "A"}, "quantity", id="of no units"),
        pytest.param({"type": "TRANSFER", "to_account": "B", "quantity": "1"}, "symbol", id="units of nothing"),
        pytest.param({"type": "FX_CONVERSION", "amount": "5", "to_currency": "USD"}, "to_amount", id="into nothing"),
        pytest.param({"type": "FX_CONVERSION", "amount": "5", "to_amount": "6"}, "to_currency", id="into what"),
        pytest.param(
            {"type": "FX_CONVERSION", "amount": "5", "to_amount": "6", "to_currency": "EUR"}, "to_currency", id="same"
        ),
        pytest.param({"type": "FX_CONVERSION", "to_amount": "6", "to_currency": "USD"}, "amount", id="out of nothing"),
        pytest.param({"type": "SPLIT", "symbol": "A", "ratio_new": "2"}, "ratio_old", id="half a ratio"),
        pytest.param({"type": "SPLIT", "symbol": "A", "ratio_new": "0", "ratio_old": "1"}, "ratio_new", id="to zero"),
        pytest.param({"type": "SPLIT", "ratio_new": "2", "ratio_old": "1"}, "symbol", id="a split of nothing"),
        pytest.param(
            {"type": "SPINOFF", "symbol": "A", "to_symbol": "B", "ratio_new": "1", "ratio_old": "1"},
            "cost_fraction",
            id="a spin-off without its cost",
        ),
        pytest.param(
            {
                "type": "SPINOFF",
                "symbol": "A",
                "to_symbol": "B",
                "ratio_new": "1",
                "ratio_old": "1",
                "cost_fraction": "25",
            },
            "cost_fraction",
            id="percent for a fraction",
        ),
        pytest.param(
            {"type": "MERGER", "symbol": "A", "ratio_new": "1", "ratio_old": "1"}, "to_symbol", id="into what"
        ),
        pytest.param(
            {"type": "MERGER", "symbol": "A", "to_symbol": "A", "ratio_new": "1", "ratio_old": "1"},
            "to_symbol",
            id="into itself",
        ),
    ],
)
def test_what_a_type_needs(values, column):
    error = refused(wide(**values))
    assert (error.line, error.column) == (2, column)


@pytest.mark.parametrize(
    "values",
    [
        {"type": "DELIVERY_IN", "symbol": "A", "quantity": "1"},
        {"type": "TRANSFER", "symbol": "A", "quantity": "1", "to_account": "B"},
        {"type": "TRANSFER", "amount": "1", "to_account": "B"},
        {"type": "FX_CONVERSION", "amount": "5", "to_amount": "6", "to_currency": "USD"},
        {"type": "SPLIT", "symbol": "A", "ratio_new": "3", "ratio_old": "2"},
        {"type": "SPINOFF", "symbol": "A", "to_symbol": "B", "ratio_new": "1", "ratio_old": "4", "cost_fraction": "1"},
        {"type": "MERGER", "symbol": "A", "to_symbol": "B", "ratio_new": "1", "ratio_old": "4"},
        {"type": "DIVIDEND", "symbol": "A", "quantity": "20", "price": "2.65"},
        {"type": "FEE", "amount": "0"},
    ],
    ids=lambda values: values["type"],
)
def test_what_is_enough_for_a_type(values):
    assert read(wide(**values)).height == 1


def test_every_type_has_rules():
    ruled = {kind for kinds in rules.NEEDS.values() for kind in kinds} | set(rules.CASH)
    assert ruled == set(Kind)


def test_the_first_fault_in_the_file_is_named_not_the_first_column():
    rows = ["2024-01-02,BUY,Depot,ACME,10,5,,1,0,ERU?,1", "2024-99-02,BUY,Depot,ACME,10,5,,1,0,EUR,2"]
    assert refused("\n".join([TRADE, *rows])).line == 2


def test_a_double_external_id_names_both_lines():
    row = "2024-01-02,BUY,Depot,ACME,10,5,,1,0,EUR,b-1"
    error = refused("\n".join([TRADE, row, "", row.replace("b-1", "b-2"), row]))
    assert (error.line, error.column, error.value) == (5, "external_id", "b-1")
    assert "line 2" in error.expected


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["unix", "windows", "old mac"])
def test_lines_are_the_files_own_also_after_quoted_line_ends(end):
    header = "date,type,account,amount,currency,note"
    rows = [f'2024-01-02,DEPOSIT,A,5,EUR,"two{end}lines{end}more"', "2024-01-02,DEPOSIT,A,x,EUR,"]
    assert refused(end.join([header, *rows])).line == 5


@pytest.mark.parametrize(
    ("header", "column", "expected"),
    [
        pytest.param("date,type,account,currency,color", "color", "only the columns date", id="an unknown column"),
        pytest.param("date;type;account;currency", None, "by commas, not by semicolons", id="semicolons"),
        pytest.param("date\ttype\taccount\tcurrency", None, "by commas, not by tabs", id="tabs"),
        pytest.param("date,type,currency", "account", "a column account", id="no account"),
        pytest.param("date,type,account,currency,Date", "date", "each column once", id="a column twice"),
    ],
)
def test_a_header_that_is_refused(header, column, expected):
    error = refused(f"{header}\n")
    assert (error.line, error.column) == (1, column)
    assert expected in error.expected


def test_a_header_alone_is_a_file_of_no_rows():
    frame = read(f"{TRADE}\n")
    assert frame.height == 0
    assert frame.schema == pl.Schema(ROW_SCHEMA)


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\n\n"], ids=["no bytes", "a mark alone", "empty lines"])
def test_an_empty_file_is_refused(content):
    error = refused(content)
    assert error.expected == "a header row"


def test_a_byte_order_mark_is_accepted():
    assert read(b"\xef\xbb\xbf" + f"{TRADE}\n2024-01-02,FEE,Depot,,,,5,,,EUR,\n".encode()).height == 1


@pytest.mark.parametrize(
    ("content", "line", "column", "value", "expected"),
    [
        (f"{TRADE}\n2024-01-02,FEE,Caf".encode() + b"\xe9,,", 2, "account", "Caf\ufffd", "which byte 0xe9 is not"),
        (f"{TRADE}\r\n\r\n".encode() + b"\xc3", 3, "date", "\ufffd", "which byte 0xc3 is not"),
        (b"date,\xff\n", 1, None, "\ufffd", "which byte 0xff is not"),
        (f"{TRADE}\n\nx,F\0".encode(), 3, "type", "F\ufffd", "without NUL bytes"),
    ],
    ids=["latin 1", "cut off", "in the header", "a zero byte"],
)
def test_bytes_that_are_no_text_are_refused_with_their_cell(content, line, column, value, expected):
    error = refused(content)
    assert (error.line, error.column, error.value) == (line, column, value)
    assert error.expected.endswith(expected)


def test_an_open_quote_is_shown_where_it_stands():
    error = refused(f'{TRADE}\n2024-01-02,FEE,Depot,,,,5,,,EUR,\n2024-01-03,"FEE,Depot\n')
    assert (error.line, error.value) == (3, '2024-01-03,"FEE,Depot')


@pytest.mark.parametrize("symbol", ["AAPL220121C00025000", "AAPL  220121C00025000", "aapl220121c00025000", "GC=F"])
def test_options_and_futures_are_known_by_their_symbols_too(symbol):
    error = refused(f"{TRADE}\n2024-01-02,BUY,Depot,{symbol},5,50,,,,EUR,\n")
    assert (error.column, error.value) == ("symbol", symbol)
    assert one("2024-01-02,BUY,Depot,C25=X,5,50,,,,EUR,")["symbol"] == "C25=X"


@pytest.mark.parametrize(
    ("row", "value"),
    [
        pytest.param("2024-01-02,FEE", "2024-01-02,FEE", id="too few"),
        pytest.param("2024-01-02,FEE,Depot,5,EUR,,", "2024-01-02,FEE,Depot,5,EUR,,", id="too many"),
    ],
)
def test_a_ragged_row_is_refused(row, value):
    error = refused(f"date,type,account,amount,currency\n{row}\n")
    assert (error.line, error.column, error.value) == (2, None, value)
    assert error.expected.startswith("5 values")


@pytest.mark.parametrize("row", ['2024-01-02,FEE,"Dep"ot,5,EUR', '2024-01-02,FEE,"Depot,5,EUR'])
def test_quotes_that_do_not_close_are_refused(row):
    error = refused(f"date,type,account,amount,currency\n{row}\n")
    assert (error.line, error.column) == (2, None)
    assert "quotes" in error.expected


def test_a_file_that_is_too_large_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(200_000_000)
    with pytest.raises(ImportFileError) as caught:
        read_transactions(path, today=TODAY)
    assert (caught.value.line, caught.value.value) == (None, "200000000 bytes")
    assert "25000000 bytes" in caught.value.expected


def test_the_limit_is_a_parameter(tmp_path):
    path = tmp_path / "small.csv"
    path.write_text(f"{TRADE}\n2024-01-02,FEE,Depot,,,,5,,,EUR,\n")
    size = path.stat().st_size
    assert read_transactions(path, today=TODAY, max_bytes=size).height == 1
    with pytest.raises(ImportFileError):
        read_transactions(path, today=TODAY, max_bytes=size - 1)


def test_an_account_can_be_given_and_the_currency_left_open_for_rows_that_name_none():
    text = "date,type,account,amount\n2024-01-02,FEE,,5\n2024-01-02,FEE,Mine,6\n"
    frame = read(text, account="Depot", currency_is_optional=True)
    assert frame["account"].to_list() == ["Depot", "Mine"]
    assert frame["currency"].to_list() == [None, None]


exact = st.decimals(min_value=0, max_value=10**12 - 1, places=8, allow_nan=False, allow_infinity=False)


@given(amounts=st.lists(exact, min_size=1, max_size=20))
def test_no_digit_is_lost_on_the_way_in(amounts):
    rows = "".join(f"2024-01-02,DEPOSIT,Depot,{amount:f},EUR\n" for amount in amounts)
    assert read(f"date,type,account,amount,currency\n{rows}")["amount"].to_list() == amounts


_TURNING = "\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_SEEN = st.characters(
    codec="utf-8", exclude_categories=["Cc", "Cs"], include_characters="\t\n", exclude_characters=_TURNING
)


@settings(deadline=None)
@given(text=st.text(alphabet=_SEEN, max_size=40))
def test_any_note_comes_back_stripped_or_not_at_all(text):
    quoted = '"' + text.replace('"', '""') + '"'
    frame = read(f"date,type,account,amount,currency,note\n2024-01-02,DEPOSIT,Depot,5,EUR,{quoted}\n")
    assert frame["note"][0] == (pl.Series([text]).str.strip_chars()[0] or None)


@pytest.mark.parametrize("column", ["account", "symbol", "external_id", "note"])
@pytest.mark.parametrize("sign", ["\x1b[2J", "\x07", "\x9b31m", "\u202e", "\x7f"])
def test_a_text_that_would_do_something_to_a_terminal_is_refused(column, sign):
    row = {"date": "2024-01-02", "type": "BUY", "account": "A", "symbol": "ACME", "quantity": "1", "amount": "9"}
    row |= {"currency": "EUR", "external_id": "x", "note": "fine"}
    header, lines = ",".join(row), [row, row | {"external_id": "y"} | {column: f"bad{sign}"}]
    error = refused("\n".join([header, *(",".join(line.values()) for line in lines)]))
    assert (error.line, error.column) == (3, column)
    assert str(error).isprintable()
    assert repr(f"bad{sign}") in str(error)


def test_a_note_may_have_lines_and_a_header_is_shown_escaped():
    header = f"{TRADE},note"
    row = one('2024-01-02,BUY,Depot,ACME,1,,9,,,EUR,x,"one\r\ntwo\tthree\nfour"', header=header)
    assert row["note"] == "one\r\ntwo\tthree\nfour"
    assert str(refused("date,\x1b[2J\n")).isprintable()
