"""Letters on paper: the embedded fonts, and texts that wrap or shrink but never leave their box."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from holdfast_tickets.adapters.right_to_left import shaped

REGULAR = "DejaVuSans"
BOLD = "DejaVuSans-Bold"
ELLIPSIS = "…"
LEADING = 1.22
"""Distance of two base lines, in sizes."""

STEP = 0.5


@dataclass(frozen=True, slots=True)
class Lettered:
    """A text set in a box: font, size in points, and its lines from the top."""

    font: str
    size: float
    lines: tuple[str, ...]

    @property
    def height(self) -> float:
        """Points from the top of the first line to the bottom of the last."""
        return len(self.lines) * self.size * LEADING


def load_fonts() -> None:
    """Read the fonts of the package once a process; nothing is read from disk afterwards."""
    for name in (REGULAR, BOLD):
        with as_file(files("holdfast_tickets") / "fonts" / f"{name}.ttf") as path:
            pdfmetrics.registerFont(TTFont(name, str(path)))


def legible(text: str) -> str:
    """Return a text without the characters that no font here has: rows of empty boxes tell nobody anything."""
    known = _glyphs(REGULAR)
    return " ".join("".join(c for c in text if c == " " or ord(c) in known).split())


def width_of(text: str, font: str, size: float) -> float:
    """Return the width of a text in points."""
    return float(pdfmetrics.stringWidth(text, font, size))


def fit(text: str, width: float, *, sizes: tuple[float, float], lines: int = 1, bold: bool = False) -> Lettered:
    """Set a text within `width` points on at most `lines` lines: the largest of `sizes` (from, to) that does.

    Where even the smallest is too large, what does not fit ends in an ellipsis.
    """
    text = shaped(text)
    font = _font_for(text, bold=bold)
    largest, smallest = sizes
    size = largest
    while size > smallest:
        wrapped = wrap(text, width, font, size)
        if len(wrapped) <= lines and not _torn(text, wrapped):
            return Lettered(font, size, wrapped)
        size -= STEP
    wrapped = wrap(text, width, font, smallest)
    if len(wrapped) > lines:
        wrapped = (*wrapped[: lines - 1], _shortened(" ".join(wrapped[lines - 1 :]), width, font, smallest))
    return Lettered(font, smallest, wrapped)


def wrap(text: str, width: float, font: str, size: float) -> tuple[str, ...]:
    """Break a text into lines between words; a word wider than the box is broken within."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if width_of(longer, font, size) <= width:
            line = longer
            continue
        if line:
            lines.append(line)
        *full, line = _pieces(word, width, font, size)
        lines.extend(full)
    return (*lines, line) if line else tuple(lines)


def _pieces(word: str, width: float, font: str, size: float) -> list[str]:
    """Break one word into pieces that fit; one character is always taken, so that this ends."""
    pieces = [""]
    for character in word:
        if pieces[-1] and width_of(pieces[-1] + character, font, size) > width:
            pieces.append("")
        pieces[-1] += character
    return pieces


def _torn(text: str, lines: tuple[str, ...]) -> bool:
    """Whether a word was broken within; a smaller size is better than that."""
    return len(text.split()) != sum(len(line.split()) for line in lines)


def _shortened(text: str, width: float, font: str, size: float) -> str:
    while text and width_of(text + ELLIPSIS, font, size) > width:
        text = text[:-1]
    return text.rstrip() + ELLIPSIS


def _font_for(text: str, *, bold: bool) -> str:
    """Return the bold font only where it has every character; the regular one has more scripts."""
    return BOLD if bold and _glyphs(BOLD).issuperset(map(ord, text)) else REGULAR


@cache
def _glyphs(font: str) -> frozenset[int]:
    return frozenset(pdfmetrics.getFont(font).face.charToGlyph)
