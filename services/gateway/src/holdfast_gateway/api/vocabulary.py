"""What several tables say the same way: scopes that open a route, codes it may answer, keys of what is contended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from holdfast_contracts.ids import derived_id
from holdfast_contracts.problems import ProblemCode
from holdfast_contracts.public.bookings import CreateBookingDto
from holdfast_contracts.public.holds import CreateHoldDto
from holdfast_contracts.public.schedules import SessionSchedule
from holdfast_contracts.scopes import Scope
from holdfast_gateway.domain.caller import Caller
from holdfast_gateway.pipeline.intake import staff_only
from holdfast_gateway.pipeline.routes import Access, Call, Owner, Planned

READ_CATALOG: Final = frozenset({Scope.AVAILABILITY_READ})
WRITE_CATALOG: Final = frozenset({Scope.CATALOG_WRITE})
HOLD: Final = frozenset({Scope.HOLDS_WRITE})
CREATE: Final = frozenset({Scope.BOOKINGS_CREATE})
READ_ANY: Final = frozenset({Scope.BOOKINGS_READ})
READ_OWN: Final = frozenset({Scope.BOOKINGS_READ, Scope.BOOKINGS_OWN})
WRITE_ANY: Final = frozenset({Scope.BOOKINGS_WRITE})
WRITE_OWN: Final = frozenset({Scope.BOOKINGS_WRITE, Scope.BOOKINGS_OWN})
SCAN: Final = frozenset({Scope.SCANS_WRITE})
BY_CODE: Final = frozenset({Scope.BOOKINGS_READ, Scope.SCANS_WRITE})
STATS: Final = frozenset({Scope.STATS_READ})
EXPORTS: Final = frozenset({Scope.EXPORTS_READ})
CALENDAR: Final = frozenset({Scope.CALENDAR_WRITE})
ANY: Final = frozenset(Scope)

C: Final = ProblemCode
VERSIONED: Final = (C.NOT_FOUND, C.VERSION_MISMATCH)
CAPACITY: Final = (
    C.SLOT_UNAVAILABLE,
    C.SOLD_OUT,
    C.SEAT_TAKEN,
    C.RESOURCE_INACTIVE,
    C.NOT_PUBLISHED,
    C.SALES_CLOSED,
    C.OVER_MAX_PER_ORDER,
    C.UNDER_MIN_PER_ORDER,
    C.TOO_SOON,
    C.TOO_FAR,
    C.NONEXISTENT_LOCAL_TIME,
)


def planned(
    owner: Owner,
    method: str,
    path: str,
    operation: str,
    summary: str,
    scopes: frozenset[Scope] = frozenset(),
    *,
    ours: bool = False,
    access: Access = Access.TOKEN,
) -> Planned:
    """Declare a route that is not built; `ours` tells it from the 64 of the reference."""
    return Planned(
        method=method,
        path=path,
        owner=owner,
        operation=operation,
        summary=summary,
        scopes=scopes,
        access=access,
        reference=not ours,
    )


def contended(call: Call) -> str:
    """Return what a wish competes for: the dated session, else the resource, else the content [design, 2]."""
    body = call.body
    assert isinstance(body, CreateBookingDto | CreateHoldDto)  # noqa: S101 - the routes that use it have these
    payload = body.schedule_payload
    if isinstance(payload, SessionSchedule):
        return str(payload.session_id or body.content_id or payload.content_id)
    return str(body.resource_id or body.content_id)


def visitor(call: Call) -> Mapping[str, Any]:
    """Return the visitor's session: what was sent, else the `sub` of the token [spec/10, Sessions]."""
    body = call.body
    assert isinstance(body, CreateBookingDto | CreateHoldDto)  # noqa: S101 - the routes that use it have these
    return {"visitor": body.session_id or call.caller.subject}


def made_by(call: Call) -> str:
    """Return the key of a command that makes something new that nobody contends for: its own id."""
    return str(derived_id(call.command_id, "aggregate"))


def of_path(call: Call) -> str:
    """Return the key of a command about what the path names."""
    return call.parameters["id"].lower()


def refuse_unless_staff(caller: Caller, **sent: object) -> None:
    """Raise Refusal (403) for the first of the fields that was sent by somebody who is not staff."""
    if caller.staff:
        return
    for field, value in sent.items():
        if value:
            raise staff_only(field)
