"""The reader of QR codes reads what segno draws, so that the tests of tickets can trust it."""

from __future__ import annotations

import io

import pytest
import segno
from e2e_qr import error_level, module_pixels, read_qr


@pytest.mark.parametrize(
    "text", ["4H7KQ2M9XW3T", "T1:" + "ABCDEFGH234567" * 13, "1234567", "mixed Text 12", "T1:" + "A7" * 200]
)
@pytest.mark.parametrize("level", ["L", "M", "Q", "H"])
def test_it_reads_what_was_drawn(text: str, level: str):
    png = io.BytesIO()
    segno.make(text, error=level, micro=False, boost_error=False).save(png, kind="png", scale=3)

    assert read_qr(png.getvalue()) == text
    assert error_level(png.getvalue()) == level
    assert module_pixels(png.getvalue()) == 3
