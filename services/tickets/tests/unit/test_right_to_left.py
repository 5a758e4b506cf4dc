"""Right-to-left names, in the order of the eye."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast_tickets.adapters.right_to_left import shaped, visual

A, B, C = "\u05d0", "\u05d1", "\u05d2"


@pytest.mark.parametrize(
    ("logical", "drawn"),
    [
        ("Ida Berg", "Ida Berg"),
        (A + B + C, C + B + A),
        (f"{A}{B} {C}", f"{C} {B}{A}"),
        (f"Ida {A}{B} Berg", f"Ida {B}{A} Berg"),
        (f"{A}{B} Ida {C}", f"{C} Ida {B}{A}"),
        (f"{A}{B} 12 {C}", f"{C} 12 {B}{A}"),
        (f"Ida 12 {A}", f"Ida 12 {A}"),
        (f"{A} ({B})", f"({B}) {A}"),
        (f"{A}\u05b0{B}", f"{B}{A}\u05b0"),
    ],
)
def test_lines_in_the_order_of_the_eye(logical, drawn) -> None:
    assert visual(logical) == drawn


def test_arabic_letters_are_joined() -> None:
    # Muhammad: initial meem, medial hah, medial meem, final dal; Salam: lam and alef are one.
    assert shaped("محمد") == "\ufee3\ufea4\ufee4\ufeaa"
    assert shaped("سلام") == "\ufeb3\ufefc\ufee1"


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x6FF, exclude_categories=["C"]), max_size=40))
def test_nothing_is_lost(text) -> None:
    assert sorted(unicodedata.normalize("NFKD", shaped(text))) == sorted(unicodedata.normalize("NFKD", text))
    mirrored = str.maketrans("()[]{}<>«»", "(([[{{<<««")
    assert sorted(visual(text).translate(mirrored)) == sorted(text.translate(mirrored))
