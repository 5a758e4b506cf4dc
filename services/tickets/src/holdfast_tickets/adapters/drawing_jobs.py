"""What is asked of a drawing process, and how question and answer travel over its pipes.

Questions are pickled by us for us. Answers are plain bytes behind one byte that tells whether it went well: whatever
happens to a drawing process, nothing it says is ever interpreted.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from holdfast_tickets.domain.printing import Page, PaperSize

LENGTH: Final = struct.Struct(">I")
DONE: Final = b"\x00"
FAILED: Final = b"\x01"
NAMELESS: Final = b"\x02"
"""Done, but a holder's name could not be drawn and was left out."""


@dataclass(frozen=True, slots=True)
class PdfJob:
    """Draw tickets."""

    pages: tuple[Page, ...]
    paper: PaperSize


@dataclass(frozen=True, slots=True)
class QrJob:
    """Draw a QR code as a picture."""

    text: str
    scale: int


DrawingJob = PdfJob | QrJob
