"""Derived ids are UUIDv5 as the standard library makes them."""

from uuid import UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from holdfast_contracts.ids import derived_id


@given(st.uuids(), st.lists(st.one_of(st.text(max_size=20), st.integers(), st.uuids()), min_size=1, max_size=4))
def test_a_derived_id_is_the_uuid5_of_its_parts(parent, parts):
    made = derived_id(parent, *parts)
    assert made == uuid5(parent, "\x1f".join(str(part) for part in parts))
    assert (made.version, str(made), UUID(str(made))) == (5, str(made), made)
