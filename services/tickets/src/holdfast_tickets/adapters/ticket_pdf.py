"""Tickets on paper by reportlab: one page each, the same bytes for the same ticket [spec/05, PDF]."""

from __future__ import annotations

import io
from collections.abc import Sequence

from reportlab.pdfgen.canvas import Canvas

from holdfast_tickets.adapters.sheet import draw_sheet
from holdfast_tickets.adapters.slip import draw_slip
from holdfast_tickets.domain.printing import Page, PaperSize


def ticket_pdf(pages: Sequence[Page], paper: PaperSize) -> bytes:
    """Return the PDF of tickets, a page each. Deterministic: no clock, no random ids (reportlab's `invariant`)."""
    document = io.BytesIO()
    canvas = Canvas(document, invariant=1, pageCompression=1, initialFontName="DejaVuSans", lang="en")
    _describe(canvas, pages)
    draw = draw_sheet if paper is PaperSize.A4 else draw_slip
    for page in pages:
        draw(canvas, page)
        canvas.showPage()
    canvas.save()
    return document.getvalue()


def _describe(canvas: Canvas, pages: Sequence[Page]) -> None:
    canvas.setTitle(f"{pages[0].title} – {pages[0].booking_number}")
    canvas.setAuthor(pages[0].business)
    canvas.setCreator("Holdfast")
    canvas.setSubject("Tickets")
