"""QR codes by segno: error level M, one fixed mask, so that a text has one picture (ISO/IEC 18004)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

import segno

ERROR_LEVEL = "m"
MASK = 2
"""Any mask is legal; trying all eight for the best takes five times as long."""

QUIET_ZONE = 4
"""Light modules around a code (ISO/IEC 18004 §6.3.8)."""

MIN_SCALE, MAX_SCALE = 1, 20


@dataclass(frozen=True, slots=True)
class Run:
    """Dark modules side by side: column and row from the top left, and how many."""

    column: int
    row: int
    length: int


def qr_code(text: str) -> segno.QRCode:
    """Return the code of a text."""
    return segno.make_qr(text, error=ERROR_LEVEL, mask=MASK, boost_error=False)


def qr_runs(code: segno.QRCode) -> Iterator[Run]:
    """Yield the dark runs of a code, row by row."""
    for row, modules in enumerate(code.matrix):
        column = 0
        while column < len(modules):
            start = column
            while column < len(modules) and modules[column]:
                column += 1
            if column > start:
                yield Run(start, row, column - start)
            column += 1


def qr_png(text: str, scale: int) -> bytes:
    """Return a PNG of a text's code, `scale` pixels a module, quiet zone included."""
    if not MIN_SCALE <= scale <= MAX_SCALE:
        raise ValueError(f"scale is {MIN_SCALE} to {MAX_SCALE}")
    picture = io.BytesIO()
    qr_code(text).save(picture, kind="png", scale=scale, border=QUIET_ZONE)
    return picture.getvalue()
