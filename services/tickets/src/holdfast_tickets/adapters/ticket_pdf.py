"""Tickets on paper by reportlab: one page each, the same bytes for the same ticket [spec/05, PDF]."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace

from reportlab import rl_config
from reportlab.pdfgen.canvas import Canvas

from holdfast_tickets.adapters.lettering import legible
from holdfast_tickets.adapters.sheet import draw_sheet
from holdfast_tickets.adapters.slip import draw_slip
from holdfast_tickets.domain.printing import Page, PaperSize

rl_config.useA85 = 0  # streams as bytes: a fifth smaller and faster than as text (ISO 32000-1, 7.4.3)


def ticket_pdf(pages: Sequence[Page], paper: PaperSize) -> bytes:
    """Return the PDF of tickets, a page each. Deterministic: no clock, no random ids (reportlab's `invariant`)."""
    pages = [_legible(page) for page in pages]
    document = io.BytesIO()
    canvas = Canvas(document, invariant=1, pageCompression=1, initialFontName="DejaVuSans", lang="en")
    _describe(canvas, pages)
    draw = draw_sheet if paper is PaperSize.A4 else draw_slip
    for page in pages:
        draw(canvas, page)
        canvas.showPage()
    canvas.save()
    return document.getvalue()


def _legible(page: Page) -> Page:
    """Return the page with what the fonts can show; a title of which nothing is left gives way to the number."""
    return replace(
        page,
        business=legible(page.business),
        title=legible(page.title) or page.booking_number,
        venue=legible(page.venue),
        attendee=legible(page.attendee),
        tier=legible(page.tier),
        seat=legible(page.seat),
        terms=legible(page.terms),
    )


def _describe(canvas: Canvas, pages: Sequence[Page]) -> None:
    canvas.setTitle(f"{pages[0].title} – {pages[0].booking_number}")
    canvas.setAuthor(pages[0].business)
    canvas.setCreator("Holdfast")
    canvas.setSubject("Tickets")
