"""Numbers as people type them: in their own way, or as files have them; what is two numbers is neither."""

from decimal import Decimal

import pytest

from dashboard.views.transactions import plainly
from dashboard.views.typed import TypedError, amount, written
from pipelines import formats

D = Decimal


def read(text, tag):
    return formats.made_for(formats.Reader(formats.locale_of(tag)), lambda: amount(text, "The fee"))


@pytest.mark.parametrize(
    ("tag", "text", "number"),
    [
        ("en-GB", "1234.5", "1234.5"),
        ("en-GB", "1,234.5", "1234.5"),
        ("en-GB", "1,234,567", "1234567"),
        ("en-GB", "12.345", "12.345"),
        ("en-IN", "12,34,567.5", "1234567.5"),
        ("de-DE", "1234,5", "1234.5"),
        ("de-DE", "1.234,5", "1234.5"),
        ("de-DE", "1.234.567", "1234567"),
        ("de-DE", "12,345", "12.345"),
        ("de-DE", "12.5", "12.5"),
        ("de-DE", "0.125", "0.125"),
        ("de-DE", "1234.567", "1234.567"),
        ("de-CH", "1'234.5", "1234.5"),
        ("fr-FR", "1 234,5", "1234.5"),
        ("fr-FR", "1\u202f234", "1234"),
        ("sv-SE", "\u22125,5", "-5.5"),
        ("de-DE", "-5000", "-5000"),
        ("de-DE", "  ", None),
    ],
)
def test_a_number_is_read_as_its_reader_writes_it_or_as_files_do(tag, text, number):
    assert read(text, tag) == (None if number is None else D(number))


@pytest.mark.parametrize(
    ("tag", "text", "others"),
    [
        ("de-DE", "5.000", "as 5000 and some as 5."),
        ("fr-FR", "5.250", "as 5250 and some as 5,25."),
        ("en-GB", "-5,000", "as 5000 and some as 5."),
    ],
)
def test_what_is_thousands_for_some_and_decimals_for_others_is_refused(tag, text, others):
    with pytest.raises(TypedError, match=others):
        read(text, tag)


@pytest.mark.parametrize(
    ("tag", "text"), [("en-GB", "12,50"), ("de-DE", "1.23,5"), ("de-DE", "1,5,5"), ("fr-FR", "1e3"), ("en-GB", "ten")]
)
def test_what_is_no_number_is_refused_with_one_of_the_readers(tag, text):
    with pytest.raises(TypedError, match=f"such as 1250 or 0{'.' if tag == 'en-GB' else ','}25"):
        read(text, tag)


@pytest.mark.parametrize("tag", ["en-GB", "de-DE", "fr-FR", "de-CH", "en-IN", "sv-SE"])
@pytest.mark.parametrize("number", ["12.345", "1234.567", "0.1", "5000", "-1.125"])
def test_what_stands_in_a_field_is_read_as_it_was_written(tag, number):
    reader = formats.Reader(formats.locale_of(tag))
    assert read(formats.made_for(reader, lambda: written(D(number))), tag) == D(number)


def test_numbers_of_a_transaction_are_handed_on_as_files_have_them():
    typed = {"amount": "1.234,50", "quantity": "12,5", "note": "1.234,50"}
    german = formats.Reader(formats.locale_of("de-DE"))
    found = formats.made_for(german, lambda: plainly(typed))
    assert found == {"amount": "1234.50", "quantity": "12.5", "note": "1.234,50"}
    with pytest.raises(TypedError, match="Price is 'ten': a number such as 1250 or 0,25"):
        formats.made_for(german, lambda: plainly({"price": "ten"}))
