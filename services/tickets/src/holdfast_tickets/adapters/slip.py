"""A ticket on the roll of a receipt printer: 80 mm wide, as long as its texts need."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reportlab.lib.colors import white
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from holdfast_tickets.adapters.lettering import Lettered, fit
from holdfast_tickets.adapters.pencil import (
    HAIRLINE,
    INK,
    LABEL_SIZE,
    QUIET,
    centred,
    code_picture,
    label,
    letters,
    watermark,
)
from holdfast_tickets.domain.codes import spoken
from holdfast_tickets.domain.printing import Page

WIDTH: float = 80 * mm
MARGIN: float = 6 * mm
ROOM = WIDTH - 2 * MARGIN
QR_EDGE = 42 * mm
GAP: float = 3 * mm
CODE_BLOCK: float = QR_EDGE + 20 * mm
ORDER_BLOCK: float = 9 * mm


@dataclass(frozen=True, slots=True)
class Block:
    """A label and its text, measured before the page's length is known."""

    name: str
    text: Lettered
    quiet: bool = False

    @property
    def height(self) -> float:
        """Points this block takes, with the gap after it."""
        return (LABEL_SIZE + 3.5 if self.name else 0) + self.text.height + GAP


def draw_slip(canvas: Canvas, page: Page) -> None:
    """Draw one ticket on the current page; printers of receipts are black and white, so there are no colours."""
    blocks = list(_head(page)), list(_details(page)), list(_foot(page))
    height = sum(block.height for part in blocks for block in part) + CODE_BLOCK + ORDER_BLOCK + 2 * MARGIN
    canvas.setPageSize((WIDTH, height))
    canvas.setFillColor(white)
    canvas.rect(0, 0, WIDTH, height, stroke=0, fill=1)
    top = _column(canvas, blocks[0], height - MARGIN)
    top = _code(canvas, page, _rule(canvas, top))
    top = _column(canvas, blocks[1], _rule(canvas, top))
    _column(canvas, blocks[2], _rule(canvas, top))
    if page.cancelled:
        watermark(canvas, WIDTH / 2, height * 0.55, 27)


def _head(page: Page) -> Iterator[Block]:
    yield Block("", fit(page.business, ROOM, sizes=(10, 7), lines=2), quiet=True)
    yield Block("", fit(page.title, ROOM, sizes=(16, 10), lines=3, bold=True))


def _details(page: Page) -> Iterator[Block]:
    for name, value, lines in (
        ("Date", page.day, 2),
        ("Time", page.hours, 2),
        ("Zone", page.zone, 1),
        ("Venue", page.venue, 3),
        ("Attendee", page.attendee, 3),
        ("Tier", page.tier, 2),
        ("Seat", page.seat, 2),
    ):
        if value:
            yield Block(name, fit(value, ROOM, sizes=(11, 7), lines=lines, bold=True))


def _foot(page: Page) -> Iterator[Block]:
    yield Block("Booking", fit(page.booking_number, ROOM, sizes=(11, 7), bold=True))
    if page.terms:
        yield Block("Terms", fit(page.terms, ROOM, sizes=(7, 5.5), lines=14), quiet=True)


def _column(canvas: Canvas, blocks: list[Block], top: float) -> float:
    for block in blocks:
        start = label(canvas, block.name, MARGIN, top) if block.name else top
        letters(canvas, block.text, MARGIN, start, QUIET if block.quiet else INK)
        top -= block.height
    return top


def _rule(canvas: Canvas, top: float) -> float:
    """Draw a dashed line; return where the next part begins."""
    canvas.setStrokeColor(HAIRLINE)
    canvas.setLineWidth(0.8)
    canvas.setDash(1.5, 2.5)
    canvas.line(MARGIN, top, WIDTH - MARGIN, top)
    canvas.setDash()
    return top - ORDER_BLOCK / 3


def _code(canvas: Canvas, page: Page, top: float) -> float:
    bottom = top - 3 * mm - QR_EDGE
    code_picture(canvas, page.qr, (WIDTH - QR_EDGE) / 2, bottom, QR_EDGE)
    canvas.setFillColor(INK)
    centred(canvas, spoken(page.code), WIDTH / 2, bottom - 7 * mm, 14, bold=True)
    canvas.setFillColor(QUIET)
    centred(canvas, f"Ticket {page.position} / {page.party}", WIDTH / 2, bottom - 12.5 * mm, 9)
    return top - CODE_BLOCK
