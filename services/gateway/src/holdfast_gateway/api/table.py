"""The table of all routes, in the order of the specification [spec/02]."""

from __future__ import annotations

from typing import Final

from holdfast_gateway.api.booking_assets import BOOKING_ASSETS
from holdfast_gateway.api.bookings import BOOKINGS
from holdfast_gateway.api.calendar_sync import CALENDAR_SYNC
from holdfast_gateway.api.contents import CONTENTS
from holdfast_gateway.api.holds import HOLDS
from holdfast_gateway.api.operations import OPERATIONS
from holdfast_gateway.api.public_bookings import PUBLIC_BOOKINGS
from holdfast_gateway.api.resource_categories import RESOURCE_CATEGORIES
from holdfast_gateway.api.resources import RESOURCES
from holdfast_gateway.api.tenants import TENANTS
from holdfast_gateway.api.tickets import TICKETS
from holdfast_gateway.pipeline.routes import Controller, Route

CONTROLLERS: Final[tuple[Controller, ...]] = (
    BOOKING_ASSETS,
    BOOKINGS,
    TICKETS,
    RESOURCES,
    CALENDAR_SYNC,
    PUBLIC_BOOKINGS,
    RESOURCE_CATEGORIES,
    CONTENTS,
    HOLDS,
    OPERATIONS,
    TENANTS,
)

ROUTES: Final[tuple[Route, ...]] = tuple(route for controller in CONTROLLERS for route in controller.routes)

DOCUMENT_PATHS: Final = ("/docs", "/openapi.json", "/asyncapi")
"""Served by FastAPI; switchable."""
