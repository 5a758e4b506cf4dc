"""A ticket on a sheet of A4: a card with a stub, terms below."""

from __future__ import annotations

from reportlab.lib.colors import white
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from holdfast_tickets.adapters.lettering import BOLD, fit, width_of
from holdfast_tickets.adapters.pencil import (
    HAIRLINE,
    INK,
    QUIET,
    centred,
    code_picture,
    ink_on,
    label,
    letters,
    tenant_colour,
    watermark,
)
from holdfast_tickets.domain.codes import spoken
from holdfast_tickets.domain.printing import Page

PAGE_WIDTH, PAGE_HEIGHT = A4
MARGIN = 18 * mm
CARD_WIDTH = PAGE_WIDTH - 2 * MARGIN
CARD_TOP: float = PAGE_HEIGHT - 20 * mm
CARD_HEIGHT = 170 * mm
CARD_BOTTOM = CARD_TOP - CARD_HEIGHT
BAND = 19 * mm
STUB = 24 * mm
PADDING = 10 * mm
RADIUS = 5 * mm
NOTCH = 3.2 * mm
QR_EDGE = 46 * mm
LEFT = MARGIN + PADDING
RIGHT = MARGIN + CARD_WIDTH - PADDING
COLUMN = CARD_WIDTH - 2 * PADDING - QR_EDGE - 12 * mm


def draw_sheet(canvas: Canvas, page: Page) -> None:
    """Draw one ticket on the current page."""
    canvas.setPageSize(A4)
    _card(canvas, page)
    _band(canvas, page)
    top = letters(canvas, fit(page.title, RIGHT - LEFT, sizes=(27, 14), lines=3, bold=True), LEFT, _below_band())
    canvas.setFillColor(tenant_colour(page.colour))
    canvas.roundRect(LEFT, top - 5.5 * mm, 16 * mm, 1.1 * mm, 0.55 * mm, stroke=0, fill=1)
    _details(canvas, page, top - 12 * mm)
    _code(canvas, page, top - 12 * mm)
    _stub(canvas, page)
    _terms(canvas, page)
    if page.cancelled:
        watermark(canvas, PAGE_WIDTH / 2, CARD_BOTTOM + CARD_HEIGHT * 0.52, 62)


def _below_band() -> float:
    below: float = CARD_TOP - BAND - 9 * mm
    return below


def _card(canvas: Canvas, page: Page) -> None:
    canvas.setFillColor(white)
    canvas.setStrokeColor(HAIRLINE)
    canvas.setLineWidth(0.8)
    canvas.roundRect(MARGIN, CARD_BOTTOM, CARD_WIDTH, CARD_HEIGHT, RADIUS, stroke=1, fill=1)
    canvas.saveState()
    edge = canvas.beginPath()
    edge.roundRect(MARGIN, CARD_BOTTOM, CARD_WIDTH, CARD_HEIGHT, RADIUS)
    canvas.clipPath(edge, stroke=0)
    canvas.setFillColor(tenant_colour(page.colour))
    canvas.rect(MARGIN, CARD_TOP - BAND, CARD_WIDTH, BAND, stroke=0, fill=1)
    canvas.restoreState()


def _band(canvas: Canvas, page: Page) -> None:
    """Draw the tenant's name, and which of the party this is."""
    colour = ink_on(tenant_colour(page.colour))
    order = f"{page.position} / {page.party}"
    room = CARD_WIDTH - 2 * PADDING - width_of(order, BOLD, 17) - 34 * mm
    name = fit(page.business, room, sizes=(17, 9), lines=2, bold=True)
    letters(canvas, name, LEFT, CARD_TOP - (BAND - name.height) / 2, colour)
    canvas.setFillColor(colour)
    canvas.setFont(BOLD, 17)
    canvas.drawRightString(RIGHT, CARD_TOP - BAND / 2 - 6, order)
    label(canvas, "Ticket", RIGHT - width_of(order, BOLD, 17) - 14 * mm, CARD_TOP - BAND / 2 + 1.5, colour)


def _details(canvas: Canvas, page: Page, top: float) -> None:
    """Draw when, where, who and what, from the top down; what is not known has no label."""
    canvas.saveState()
    for name, value, largest, lines, under in (
        ("Date", page.day, 12.5, 1, ""),
        ("Time", page.hours, 12.5, 1, page.zone),
        ("Venue", page.venue, 12.5, 2, ""),
        ("Attendee", page.attendee, 15, 2, ""),
    ):
        if not value:
            continue
        top = label(canvas, name, LEFT, top)
        top = letters(canvas, fit(value, COLUMN, sizes=(largest, 7), lines=lines, bold=True), LEFT, top, INK)
        if under:
            top = letters(canvas, fit(under, COLUMN, sizes=(8.5, 6)), LEFT, top, QUIET)
        top -= 3.4 * mm
    _tier_and_seat(canvas, page, top)
    canvas.restoreState()


def _tier_and_seat(canvas: Canvas, page: Page, top: float) -> None:
    known = [(name, value) for name, value in (("Tier", page.tier), ("Seat", page.seat)) if value]
    for index, (name, value) in enumerate(known):
        x = LEFT + index * COLUMN * 0.62
        width = COLUMN * (0.58 if index == 0 else 0.38) if len(known) > 1 else COLUMN
        below = label(canvas, name, x, top)
        letters(canvas, fit(value, width, sizes=(12.5, 6.5), lines=2, bold=True), x, below)


def _code(canvas: Canvas, page: Page, top: float) -> None:
    """Draw the QR code with the ticket's code in groups of four below."""
    left = RIGHT - QR_EDGE
    bottom = top - QR_EDGE
    code_picture(canvas, page.qr, left, bottom, QR_EDGE)
    canvas.setFillColor(INK)
    centred(canvas, spoken(page.code), left + QR_EDGE / 2, bottom - 7 * mm, 13, bold=True)


def _stub(canvas: Canvas, page: Page) -> None:
    """Draw the perforation, and below it the booking."""
    fold = CARD_BOTTOM + STUB
    canvas.setStrokeColor(HAIRLINE)
    canvas.setLineWidth(1)
    canvas.setDash(1.5, 3)
    canvas.line(MARGIN + NOTCH + 2 * mm, fold, MARGIN + CARD_WIDTH - NOTCH - 2 * mm, fold)
    canvas.setDash()
    for x, start in ((MARGIN, -90), (MARGIN + CARD_WIDTH, 90)):
        _notch(canvas, x, fold, start)
    top = fold - 7 * mm
    letters(
        canvas, fit(page.booking_number, 60 * mm, sizes=(13, 7), bold=True), LEFT, label(canvas, "Booking", LEFT, top)
    )
    hint = fit("Show this code at the entrance, on paper or on a screen.", 92 * mm, sizes=(8.5, 7), lines=2)
    x = RIGHT - 92 * mm
    letters(canvas, hint, x, label(canvas, "Admission", x, top), QUIET)


def _notch(canvas: Canvas, x: float, y: float, start: float) -> None:
    """Draw half a hole in the card's edge, as of a torn-off stub."""
    canvas.setFillColor(white)
    canvas.setStrokeColor(white)
    canvas.circle(x, y, NOTCH, stroke=1, fill=1)
    canvas.setStrokeColor(HAIRLINE)
    canvas.setLineWidth(0.8)
    canvas.arc(x - NOTCH, y - NOTCH, x + NOTCH, y + NOTCH, start, 180)


def _terms(canvas: Canvas, page: Page) -> None:
    if not page.terms:
        return
    top = label(canvas, "Terms", LEFT, CARD_BOTTOM - 9 * mm)
    letters(canvas, fit(page.terms, RIGHT - LEFT, sizes=(8, 6), lines=10), LEFT, top, QUIET)
