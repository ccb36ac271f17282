"""The printed page: what is on it, over several pages, in other scripts, the same bytes for the same parts."""

import datetime as dt
import io

import pypdf
import pytest

from pipelines import formats
from pipelines.reports import page


def read(document):
    return [sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(document)).pages]


def printed(parts, **options):
    return page.written(parts, title="Gains", about="Depot, 2025", **options)


def rows(count):
    return [[f"S{number:03}", "a long name " * 8, f"{number:,.2f} EUR"] for number in range(count)]


def gains(count, **options):
    return page.table(["Symbol", "Name", "Gain"], rows(count), numbers={"Gain"}, **options)


def test_a_document_says_what_it_is_of_and_how_many_pages_it_has():
    [sheet] = read(printed([page.heading("Sales"), page.text("None & nothing <to> say.")]))
    for words in ("Gains", "Depot, 2025", "Sales", "None & nothing <to> say.", "Page 1 of 1"):
        assert words in sheet


def test_a_long_table_repeats_its_headings_and_ends_with_its_total():
    sheets = read(printed([gains(120, total=["Total", "", "7,140.00 EUR"])]))
    assert len(sheets) > 1
    for number, sheet in enumerate(sheets, start=1):
        assert "Symbol" in sheet
        assert f"Page {number} of {len(sheets)}" in sheet
    assert "S119" in sheets[-1]
    assert "7,140.00 EUR" in sheets[-1]


def test_letters_of_other_scripts_are_printed():
    words = "Świat, Ελλάδα, Россия, \N{MINUS SIGN}1,234.50 €"
    assert words in read(printed([page.text(words)]))[0]


@pytest.mark.parametrize("size", [page.PORTRAIT, page.LANDSCAPE], ids=["portrait", "landscape"])
def test_a_table_is_as_wide_as_the_page_between_its_margins(size):
    lines = [["Symbol", "Name", "Gain"], *rows(3)]
    assert sum(page._widths(lines, [False, False, True], page.width(size))) == pytest.approx(page.width(size))


def test_figures_stand_side_by_side_also_more_than_fit_on_a_line():
    sheet = read(printed([page.figures([(f"Figure {number}", f"{number}.00") for number in range(7)])]))[0]
    assert "Figure 6" in sheet


def test_the_same_parts_are_the_same_bytes():
    assert printed([gains(3)]) == printed([gains(3)])


def test_a_table_without_rows_has_its_headings():
    assert "Gain" in read(printed([gains(0)]))[0]


@pytest.mark.parametrize(
    ("tag", "first"), [("fr-FR", "28 déc. 2022"), ("ru", "28 дек. 2022"), ("ja", "28 Dec 2022"), ("sv", "28 dec. 2022")]
)
def test_a_document_is_in_the_readers_locale_if_the_typeface_has_its_letters(tag, first):
    @page.legible
    def made():
        return page.written([page.text(formats.day(dt.date(2022, 12, 28)))], title="Test", about="")

    document = formats.made_for(formats.Reader(formats.locale_of(tag)), made)
    assert first in pypdf.PdfReader(io.BytesIO(document)).pages[0].extract_text()
