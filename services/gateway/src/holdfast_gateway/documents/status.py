"""`docs/status.md`: what works and what does not yet, from the route table."""

from __future__ import annotations

from collections.abc import Iterable

from holdfast_gateway.api.table import CONTROLLERS
from holdfast_gateway.pipeline.routes import Access, Controller, Planned, Route

_HEAD = """# Status

What works and what does not yet. Made from the gateway's route table; do not edit (`holdfast drift --write`).

A route that is planned answers 501 with problem code `NOT_IMPLEMENTED`, after the checks of who may use it, and is left
out of the OpenAPI document. Of `POST /bookings` and `POST /bookings/holds` the modes `session` and `time_slot` are
built; other modes and `recurrence` answer 501. So does `GET /bookings/availability` of a content in another mode.
"""

_PARTS = """## Parts of built routes that do not exist yet

- No tenant can take payments, so no booking or ticket is ever `unpaid` or `refunded`.
- Tickets are never reissued or transferred, so no code is ever `superseded`; a tenant's first signing key is its only
  one; nobody can be `blocked`. How many are inside a session is not told. There is no verifier for browsers.
- `visibility`, `requiresAttendee` and `sharedCapacityIds` of a content are kept and shown, and have no effect.
- A content by appointment needs a `resourceId` in its bookings until requirements exist. Its customers may choose any
  duration that fits the opening hours: `pricePerHour` and rules of price go by it, a plain `price` does not.
- `slotId` of a time slot is kept and has no effect, since no slots are made in advance.
- A content's state is shown to whoever may read contents, drafts too; what is not published cannot be booked.
- Printed tickets leave out what DejaVu Sans has no letters for (Chinese, Japanese, Korean, Indic scripts, most emoji);
  a title of which nothing remains gives way to the booking's number.
- Nothing removes what is stored of a person but the retention of stored results.

Besides routes: there is no `deploy/kubernetes`, no dashboards and alert rules, no list of Kafka's ACLs for each
service, and no spans of OpenTelemetry (`traceparent` is passed on).
"""


def status_text() -> str:
    """Return the document."""
    routes = [route for controller in CONTROLLERS for route in controller.routes]
    reference = [route for route in routes if route.reference]
    ours = [route for route in routes if not route.reference]
    count = (
        f"Of the {len(reference)} routes of the reference {_count(reference)} are built; "
        f"of our own {len(ours)} routes {_count(ours)}."
    )
    sections = (line for controller in CONTROLLERS for line in _section(controller))
    return "\n".join([_HEAD, count, "", *sections, _PARTS])


def _count(routes: Iterable[Route]) -> int:
    return sum(not isinstance(route, Planned) for route in routes)


def _section(controller: Controller) -> Iterable[str]:
    yield f"## {controller.title}"
    yield ""
    yield "| Route | What | Owner | Opened by | Reference | State |"
    yield "|---|---|---|---|---|---|"
    for route in controller.routes:
        state = "planned" if isinstance(route, Planned) else "**built**"
        ours = "yes" if route.reference else ""
        named = f"`{route.method} {route.path}`"
        yield f"| {named} | {route.summary} | {route.owner} | {_opener(route)} | {ours} | {state} |"
    yield ""


def _opener(route: Route) -> str:
    if route.access is Access.TOKEN:
        return "any token" if len(route.scopes) > 5 else " or ".join(f"`{scope}`" for scope in sorted(route.scopes))
    return {Access.PLATFORM: "platform token", Access.LINK: "signed link", Access.OPEN: "everybody"}[route.access]
