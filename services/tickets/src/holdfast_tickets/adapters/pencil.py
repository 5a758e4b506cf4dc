"""What sheet and slip draw alike: labels, texts, the code and the watermark. Points, origin at the bottom left."""

from __future__ import annotations

from reportlab.lib.colors import Color, HexColor, white
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from holdfast_tickets.adapters.lettering import BOLD, LEADING, REGULAR, Lettered, width_of
from holdfast_tickets.adapters.qr import qr_code, qr_runs
from holdfast_tickets.adapters.right_to_left import visual

INK = HexColor("#16202B")
QUIET = HexColor("#66717D")
HAIRLINE = HexColor("#D5DADF")
VOID = Color(0.78, 0.10, 0.12, alpha=0.30)
FALLBACK_COLOUR = "#1F4E5F"

MIN_QR = 30 * mm
"""Smallest edge of a printed code without its quiet zone [spec/05, PDF]."""

LABEL_SIZE = 6.5
ASCENT = 0.93
"""Height of the tallest letters above the base line, in sizes."""


def tenant_colour(value: str) -> Color:
    """Return a tenant's colour, or ours where it is no `#rrggbb`."""
    try:
        return HexColor(value)
    except ValueError:
        return HexColor(FALLBACK_COLOUR)


def ink_on(colour: Color) -> Color:
    """Return white or ink, whichever can be read on a colour (relative luminance, WCAG 2.2)."""
    luminance = 0.2126 * colour.red**2.2 + 0.7152 * colour.green**2.2 + 0.0722 * colour.blue**2.2
    return white if luminance < 0.36 else INK


def letters(canvas: Canvas, text: Lettered, x: float, top: float, colour: Color = INK) -> float:
    """Draw set lines with their top at `top`; return where the next thing may begin."""
    canvas.setFillColor(colour)
    canvas.setFont(text.font, text.size)
    baseline = top - text.size * ASCENT
    for line in text.lines:
        canvas.drawString(x, baseline, visual(line))
        baseline -= text.size * LEADING
    return top - text.height


def label(canvas: Canvas, text: str, x: float, top: float, colour: Color = QUIET) -> float:
    """Draw a small spaced label; return where its value begins."""
    drawn = canvas.beginText(x, top - LABEL_SIZE)
    drawn.setFont(BOLD, LABEL_SIZE)
    drawn.setFillColor(colour)
    drawn.setCharSpace(0.9)
    drawn.textOut(text.upper())
    drawn.setCharSpace(0)
    canvas.drawText(drawn)
    return top - LABEL_SIZE - 3.5


def centred(canvas: Canvas, text: str, x: float, baseline: float, size: float, *, bold: bool = False) -> None:
    """Draw one short line of our own around x."""
    font = BOLD if bold else REGULAR
    canvas.setFont(font, size)
    canvas.drawString(x - width_of(text, font, size) / 2, baseline, text)


def code_picture(canvas: Canvas, text: str, x: float, bottom: float, edge: float) -> None:
    """Draw the QR code of a text as a vector on `edge` points without quiet zone; the ground must be white."""
    code = qr_code(text)
    module = edge / len(code.matrix)
    path = canvas.beginPath()
    for run in qr_runs(code):
        path.rect(x + run.column * module, bottom + edge - (run.row + 1) * module, run.length * module, module)
    canvas.setFillColor(INK)
    canvas.drawPath(path, stroke=0, fill=1)


def watermark(canvas: Canvas, x: float, y: float, size: float) -> None:
    """Draw CANCELLED across a ticket, around (x, y)."""
    word = "CANCELLED"
    canvas.saveState()
    canvas.translate(x, y)
    canvas.rotate(24)
    canvas.setFillColor(VOID)
    canvas.setStrokeColor(VOID)
    canvas.setLineWidth(size / 16)
    half = width_of(word, BOLD, size) / 2
    canvas.setFont(BOLD, size)
    canvas.drawString(-half, -size * 0.36, word)
    canvas.roundRect(-half - size * 0.35, -size * 0.68, 2 * half + size * 0.7, size * 1.36, size * 0.25, fill=0)
    canvas.restoreState()
