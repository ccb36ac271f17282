"""The printed page: title, headings, text, tables, page numbers.

Belongs here: what every document looks like, in one typeface that has Latin, Greek and Cyrillic letters; a character
that it lacks is an empty box. Does not: what a document says (a module each), how a figure reads (`pipelines.formats`).

A document is a sequence of parts, which `heading`, `text`, `note`, `figures` and `table` return; a chart is a `Drawing`
of `reportlab.graphics`. The same parts make the same bytes: no clock is read.
"""

import datetime as dt
import io
from collections.abc import Callable, Collection, Sequence
from functools import cache, partial, wraps
from typing import Any, ParamSpec
from xml.sax.saxutils import escape

import fontpkg
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, LongTable, Paragraph, SimpleDocTemplate, TableStyle

from pipelines import formats

P = ParamSpec("P")
PORTRAIT: tuple[float, float] = A4
LANDSCAPE: tuple[float, float] = landscape(A4)
INK, QUIET, RULE, ACCENT = HexColor("#17212b"), HexColor("#5b6570"), HexColor("#c9d0d4"), HexColor("#0f5fa8")
FONT = "Noto Sans"
_MARGIN = 16 * mm
_SIZE = 8.0
_PAD = 4.0
_FRAME = 6.0  # what the library leaves free within the margins
_A_YEAR = [dt.date(2022, month, 28) for month in range(1, 13)]
"""A day of each month."""
_LEAST_TEXT = 45.0
"""Points that a column of text keeps, however wide the others are."""


@cache
def _register() -> frozenset[int]:
    """Make the typeface known to the library, which keeps fonts by name for the whole process; return its letters."""
    font = TTFont(FONT, str(fontpkg.path(FONT)))
    pdfmetrics.registerFont(font)
    return frozenset(font.face.charToGlyph)


def legible(make: Callable[P, bytes]) -> Callable[P, bytes]:
    """Have a document write figures and dates in the default locale if the typeface lacks letters of the reader's."""

    @wraps(make)
    def made(*given: P.args, **named: P.kwargs) -> bytes:
        document = partial(make, *given, **named)
        return document() if _has_letters_of_reader() else formats.made_for(formats.Reader(), document)

    return made


def _has_letters_of_reader() -> bool:
    written = "".join((*formats.months(), *map(formats.day, _A_YEAR), formats.percent(-12345.6)))
    return _register().issuperset(map(ord, written))


def _style(size: float, **more: Any) -> ParagraphStyle:
    _register()
    return ParagraphStyle(
        f"{size}", **{"fontName": FONT, "fontSize": size, "leading": size * 1.35, "textColor": INK, **more}
    )


def heading(words: str) -> Flowable:
    """Return a heading, which stays with what follows it."""
    return Paragraph(escape(words), _style(12, spaceBefore=12, spaceAfter=4, textColor=ACCENT, keepWithNext=True))


def text(words: str) -> Flowable:
    """Return a paragraph."""
    return Paragraph(escape(words), _style(9, spaceAfter=4))


def note(words: str) -> Flowable:
    """Return a paragraph in small, quiet letters."""
    return Paragraph(escape(words), _style(_SIZE, spaceAfter=4, textColor=QUIET))


def figures(named: Sequence[tuple[str, str]], *, size: tuple[float, float] = PORTRAIT) -> Flowable:
    """Return headline figures side by side: what each is called, and how it reads.

    Args:
        named: Label and text of each, five a line at most.
        size: Of the document's pages.
    """
    across = min(len(named), 5)
    label, value = _style(_SIZE, textColor=QUIET), _style(12)
    cells = [[Paragraph(escape(name), label), Paragraph(escape(figure), value)] for name, figure in named]
    cells += [[] for _ in range(-len(cells) % across)]
    lines = [cells[first : first + across] for first in range(0, len(cells), across)]
    style = TableStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LEFTPADDING", (0, 0), (-1, -1), 0)])
    return LongTable(lines, colWidths=[width(size) / across] * across, style=style, spaceAfter=6)


def table(
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    numbers: Collection[str] = (),
    total: Sequence[str] | None = None,
    size: tuple[float, float] = PORTRAIT,
) -> Flowable:
    """Return a table over the whole width, its headings repeated on every page.

    Args:
        headings: Of the columns.
        rows: Texts of the cells, those of a row as many as there are headings.
        numbers: Headings of the columns that are flush right and never broken.
        total: A last row, below a rule.
        size: Of the document's pages.
    """
    _register()
    at_right = [heading in numbers for heading in headings]
    lines = [*rows, *([total] if total else [])]
    widths = _widths([headings, *lines], at_right, width(size))
    quiet = _style(_SIZE, textColor=QUIET), _style(_SIZE, textColor=QUIET, alignment=TA_RIGHT)
    head = [Paragraph(escape(words), quiet[right]) for words, right in zip(headings, at_right, strict=True)]
    plain = _style(_SIZE)
    body = [
        [cell if right else Paragraph(escape(cell), plain) for cell, right in zip(line, at_right, strict=True)]
        for line in lines
    ]
    return LongTable(
        [head, *body],
        colWidths=widths,
        repeatRows=1,
        style=_table_style(at_right, total=total is not None),
        spaceAfter=8,
    )


def _table_style(at_right: Sequence[bool], *, total: bool) -> TableStyle:
    commands: list[Any] = [
        ("FONT", (0, 0), (-1, -1), FONT, _SIZE, _SIZE * 1.35),
        ("TEXTCOLOR", (0, 0), (-1, -1), INK),
        ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
        ("VALIGN", (0, 1), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, 0), 0.7, QUIET),
        ("LINEBELOW", (0, 1), (-1, -1), 0.25, RULE),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
        ("LEFTPADDING", (0, 0), (-1, -1), _PAD),
        ("RIGHTPADDING", (0, 0), (-1, -1), _PAD),
    ]
    commands += [("ALIGN", (at, 0), (at, -1), "RIGHT") for at, right in enumerate(at_right) if right]
    if total:
        commands.append(("LINEABOVE", (0, -1), (-1, -1), 0.7, QUIET))
    return TableStyle(commands)


def _widths(lines: Sequence[Sequence[str]], at_right: Sequence[bool], whole: float) -> list[float]:
    """Return the width of each column: figures whole, text in what is left; what is spare goes to all."""
    widths = [_needed([line[at] for line in lines]) for at in range(len(at_right))]
    texts = sorted((at for at, right in enumerate(at_right) if not right), key=lambda at: widths[at])
    left = whole - sum(wide for wide, right in zip(widths, at_right, strict=True) if right)
    for served, at in enumerate(texts):
        widths[at] = max(_LEAST_TEXT, min(widths[at], left / (len(texts) - served)))
        left -= widths[at]
    return [wide + max(left, 0) / len(widths) for wide in widths]


def _needed(column: Sequence[str]) -> float:
    """Return what the longest cell of a column takes; a heading may be broken between its words."""
    texts = [*column[0].split(), *column[1:]]
    return max((pdfmetrics.stringWidth(text, FONT, _SIZE) for text in texts), default=0.0) + 2 * _PAD + 1


def width(size: tuple[float, float] = PORTRAIT) -> float:
    """Return the points between the margins of a page."""
    return size[0] - 2 * _MARGIN


def written(parts: Sequence[Flowable], *, title: str, about: str, size: tuple[float, float] = PORTRAIT) -> bytes:
    """Return a document as PDF, with its title above and its pages numbered.

    Args:
        parts: What it says.
        title: Of the document.
        about: What it is of and as of when; stands below the title, and at the foot of every page.
        size: Of its pages, `PORTRAIT` or `LANDSCAPE`.
    """
    file = io.BytesIO()
    template = SimpleDocTemplate(
        file,
        pagesize=size,
        title=title,
        subject=about,
        creator="Folioduck",
        invariant=1,
        leftMargin=_MARGIN - _FRAME,
        rightMargin=_MARGIN - _FRAME,
        topMargin=_MARGIN - _FRAME,
        bottomMargin=_MARGIN,
    )
    head = [
        Paragraph(escape(title), _style(18, spaceAfter=2)),
        Paragraph(escape(about), _style(9, textColor=QUIET, spaceAfter=8)),
    ]
    template.build([*head, *parts], canvasmaker=partial(_Numbered, foot=f"{title} · {about}", across=size[0] - _MARGIN))
    return file.getvalue()


class _Numbered(Canvas):
    """Pages that say how many there are, which is known once all are drawn."""

    def __init__(self, *given: Any, foot: str, across: float, **named: Any) -> None:
        super().__init__(*given, **named)
        self._foot, self._across = foot, across
        self._pages: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 - the library's name
        """Keep a page until the last is drawn."""
        self._pages.append(dict(self.__dict__))
        self._startPage()  # type: ignore[attr-defined]  # what the library's own recipe for this calls

    def save(self) -> None:
        """Draw the feet, then write all pages."""
        for number, page in enumerate(self._pages, start=1):
            self.__dict__.update(page)
            self._draw_foot(number, len(self._pages))
            super().showPage()
        super().save()

    def _draw_foot(self, number: int, count: int) -> None:
        self.setFont(FONT, 7)
        self.setFillColor(QUIET)
        self.drawString(_MARGIN, _MARGIN / 2, self._foot)
        self.drawRightString(self._across, _MARGIN / 2, f"Page {number} of {count}")
