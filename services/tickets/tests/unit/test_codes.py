"""What people type and scanners send."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast_contracts.ids import CROCKFORD
from holdfast_tickets.domain.codes import CodeKind, read_code, spoken

codes = st.text(CROCKFORD, min_size=12, max_size=12)


@given(codes, st.data())
def test_a_code_is_read_however_it_is_written(code, data) -> None:
    looks = {"0": "0Oo", "1": "1IiLl"}
    written = "".join(
        data.draw(st.sampled_from(looks.get(c, c + c.lower()))) + data.draw(st.sampled_from(["", " ", "-", "–", "\t"]))
        for c in code
    )
    assert read_code(written) == read_code(code)
    # Twelve characters that begin with T1 or BK are still a code.
    assert (read_code(code).kind, read_code(code).text) == (CodeKind.CODE, code)


@given(codes)
def test_spoken_codes_are_read(code) -> None:
    assert read_code(spoken(code)).text == code
    assert [len(group) for group in spoken(code).split()] == [4, 4, 4]


@pytest.mark.parametrize("written", ["BK-7Q2M9KX4", "bk 7q2m 9kx4", "BK7Q2M9KX4", " bk–7q2m9kx4 "])
def test_booking_numbers(written) -> None:
    assert (read_code(written).kind, read_code(written).text) == (CodeKind.NUMBER, "BK-7Q2M9KX4")


def test_numbers_forgive_as_codes_do() -> None:
    assert read_code("BK-O1L10000").text == "BK-01110000"


@pytest.mark.parametrize("written", ["", "9XK2M4QT7HW", "9XK2M4QT7HWCC", "9XK2M4QT7HWU", "BK-123", "ß" * 12, "９" * 12])
def test_the_rest_is_unreadable(written) -> None:
    assert read_code(written).kind is CodeKind.UNREADABLE


@given(st.text())
def test_nothing_raises(text) -> None:
    assert read_code(text).kind in CodeKind


def test_a_payload_is_told_by_its_prefix() -> None:
    assert read_code(" t1:abc ").text == "T1:ABC"
