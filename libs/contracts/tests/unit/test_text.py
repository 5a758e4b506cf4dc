"""Texts of bodies: cleaned once, and bounded as they are kept, so that the next reader takes them, too."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from holdfast_contracts.contacts import HttpsUrl
from holdfast_contracts.public.tickets import ScanBookingDto
from holdfast_contracts.values import Label, LongText, Name, NoteText, OptionalText, clean_text

GROWS = "\u0958"
"""One character that NFC makes two (Unicode's composition exclusions)."""
BOUNDS = [(Name, 200), (OptionalText, 200), (LongText, 5000), (NoteText, 2000), (Label, 64)]


@pytest.mark.parametrize(("kind", "most"), BOUNDS)
@pytest.mark.parametrize("character", ["a", "é", GROWS])
def test_a_text_is_bounded_as_it_came_and_as_it_is_kept(kind, most, character) -> None:
    reader = TypeAdapter(kind)
    fits = most // len(clean_text(character))
    assert len(reader.validate_python(character * fits)) == most
    with pytest.raises(ValidationError) as refused:
        reader.validate_python(character * (fits + 1))
    (error,) = refused.value.errors()
    assert (error["type"], error["ctx"]) == ("string_too_long", {"max_length": most})


def test_what_decomposed_is_too_long_is_refused_as_it_came() -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Label).validate_python("e\u0301" * 33)


def test_an_address_is_bounded_as_it_is_kept() -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(HttpsUrl).validate_python("https://a.example/" + GROWS * 1500)


@pytest.mark.parametrize(("field", "most"), [("code", 1000), ("nonce", 128), ("gate", 64), ("device_id", 64)])
def test_a_scans_texts_are_read_again_as_they_were_sent_on(field, most) -> None:
    with pytest.raises(ValidationError):
        ScanBookingDto.model_validate({"code": "x", field: GROWS * (most // 2 + 1)})
    taken = ScanBookingDto.model_validate({"code": "x", field: GROWS * (most // 2)})
    assert ScanBookingDto.model_validate_json(taken.model_dump_json(by_alias=True)) == taken


@pytest.mark.parametrize("text", ["e\u202e\u0301", "\u0301a\x07\u0301", " \u0958\r\n\u202d\u0301 ", "\u2126\u0007"])
def test_cleaning_twice_changes_nothing_more(text) -> None:
    assert clean_text(clean_text(text)) == clean_text(text)
