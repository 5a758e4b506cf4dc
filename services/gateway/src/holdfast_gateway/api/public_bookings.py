"""PublicBookingController: self-service; planned. And what opens a storefront: a visitor's session, webhooks."""

from __future__ import annotations

from functools import partial
from typing import Final

from holdfast_contracts.public.tenants import PublicSessionDto
from holdfast_gateway.api import examples
from holdfast_gateway.api.vocabulary import C, planned
from holdfast_gateway.pipeline.routes import Access, Controller, Local, Owner

_planned: Final = partial(planned, Owner.BOOKING, access=Access.OPEN)


_SESSION: Final = Local(
    method="POST",
    path="/public/session",
    owner=Owner.GATEWAY,
    operation="IssueVisitorSession",
    summary="A guest token for a visitor of a storefront",
    notes="The tenant is named by `X-Tenant-Slug`, else by the host. Send `token` as the bearer token.",
    access=Access.OPEN,
    reference=False,
    body_required=False,
    status=201,
    shape=PublicSessionDto,
    errors=(C.NOT_FOUND, C.TENANT_MISMATCH),
    answer_example=examples.VISITOR_SESSION,
)

PUBLIC_BOOKINGS: Final = Controller(
    "public_bookings",
    "Public",
    (
        _SESSION,
        _planned("POST", "/public/bookings/verify", "VerifyBookingOwnership", "Open one's own booking"),
        _planned("GET", "/public/bookings/:bookingNumber", "GetPublicBooking", "One's own booking"),
        _planned("POST", "/public/bookings/:bookingNumber/cancel", "CancelPublicBooking", "Cancel as the customer"),
        _planned(
            "POST", "/public/bookings/:bookingNumber/reschedule", "ReschedulePublicBooking", "Move as the customer"
        ),
        _planned("POST", "/payments/webhooks/:provider", "HearProvider", "A provider's word on a payment", ours=True),
    ),
)
