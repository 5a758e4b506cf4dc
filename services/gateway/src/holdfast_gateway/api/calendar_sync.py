"""Calendar Sync: feeds and connections; planned."""

from __future__ import annotations

from functools import partial
from typing import Final

from holdfast_gateway.api.vocabulary import CALENDAR, planned
from holdfast_gateway.pipeline.routes import Access, Controller, Owner

_planned: Final = partial(planned, Owner.CALENDAR)


_BASE: Final = "/bookings/calendar"

CALENDAR_SYNC: Final = Controller(
    "calendar_sync",
    "Calendar sync",
    (
        _planned(
            "GET", f"{_BASE}/busy-times/:resourceId", "GetBusyTimes", "Busy intervals of a resource", access=Access.OPEN
        ),
        _planned("GET", f"{_BASE}/google/auth", "GetGoogleAuthUrl", "Google's consent page", CALENDAR),
        _planned("GET", f"{_BASE}/google/callback", "HandleGoogleCallback", "Return from Google", access=Access.OPEN),
        _planned(
            "GET", f"{_BASE}/ical/resource/:resourceId", "GetResourceFeed", "Feed of a resource", access=Access.OPEN
        ),
        _planned("GET", f"{_BASE}/ical/tenant", "GetTenantFeed", "Feed of a tenant", access=Access.OPEN),
        _planned("POST", f"{_BASE}/sync/booking/:bookingId", "SyncBooking", "Push one booking now", CALENDAR),
        _planned("POST", f"{_BASE}/sync/resource/:resourceId", "SyncResource", "Push all of a resource", CALENDAR),
        _planned("DELETE", f"{_BASE}/disconnect", "DisconnectCalendar", "Take a connection away", CALENDAR),
        _planned("DELETE", f"{_BASE}/sync/booking/:bookingId", "UnsyncBooking", "Remove an event", CALENDAR),
        _planned("POST", f"{_BASE}/feeds", "CreateFeed", "Make a feed's token", CALENDAR, ours=True),
        _planned("DELETE", f"{_BASE}/feeds/:id", "RevokeFeed", "Revoke a feed's token", CALENDAR, ours=True),
        _planned(
            "POST", f"{_BASE}/google/notifications", "HearGoogle", "Push from Google", access=Access.OPEN, ours=True
        ),
    ),
)
