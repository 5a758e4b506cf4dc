"""What the scopes of a token let its bearer do, whatever they are combined with."""

from __future__ import annotations

from uuid import UUID

import pytest

from holdfast_contracts.message import Actor
from holdfast_contracts.scopes import SCOPES_BY_ROLE
from holdfast_gateway.domain.caller import Caller, make_caller

TENANT = UUID(int=1)


def caller(scope: str, role: str | None = "guest") -> Caller:
    return make_caller(TENANT, "visitor-1", role, scope, 0.0)


@pytest.mark.parametrize(
    ("scope", "changes", "sees"),
    [
        ("bookings:own", False, False),
        ("bookings:read bookings:own bookings:create", False, True),
        ("bookings:own bookings:write", True, False),
        ("bookings:read bookings:write", True, True),
        ("scans:write", False, False),
    ],
)
def test_seeing_and_changing_what_is_others_are_two_rights(scope: str, changes: bool, sees: bool) -> None:
    found = caller(scope)
    assert (found.staff, found.sees_all) == (changes, sees)
    assert Actor.decode(found.actor_json).staff is changes
    assert Actor.decode(found.reader_json).staff is sees


@pytest.mark.parametrize("role", SCOPES_BY_ROLE)
def test_the_known_roles_see_and_change_as_they_are_meant_to(role) -> None:
    found = caller(" ".join(SCOPES_BY_ROLE[role]), role)
    business = role in ("owner", "manager", "staff", "service")
    assert (found.staff, found.sees_all) == (business, business or role == "auditor")
