"""BookingController, the part about resources, availability and blocks."""

from __future__ import annotations

from functools import partial
from typing import Final

from holdfast_contracts.inventory import CreateResource
from holdfast_contracts.public.availability import AvailabilityResponseDto
from holdfast_contracts.public.base import Page
from holdfast_contracts.public.resources import CreateResourceDto, ResourceResponseDto
from holdfast_contracts.topics import INVENTORY_COMMANDS
from holdfast_gateway.api import examples
from holdfast_gateway.api.queries import Availability, ListResources
from holdfast_gateway.api.vocabulary import READ_CATALOG, WRITE_ANY, WRITE_CATALOG, C, made_by, planned
from holdfast_gateway.pipeline.routes import Controller, Owner, Read, Write

_NO_CACHE: Final = "private, no-cache"

_CREATE: Final = Write(
    method="POST",
    path="/bookings/resources",
    owner=Owner.INVENTORY,
    operation="CreateResource",
    summary="Add a resource",
    notes="Time zone and currency come from the tenant unless given.",
    scopes=WRITE_CATALOG,
    body=CreateResourceDto,
    command=CreateResource,
    topic=INVENTORY_COMMANDS,
    key=made_by,
    status=201,
    shape=ResourceResponseDto,
    answer_example=examples.RESOURCE_ANSWER,
    example=examples.CREATE_RESOURCE,
)

_LIST: Final = Read(
    method="GET",
    path="/bookings/resources",
    owner=Owner.INVENTORY,
    operation="ListResources",
    summary="List resources",
    scopes=READ_CATALOG,
    internal="/internal/resources",
    query=ListResources,
    shape=Page[ResourceResponseDto],
    answer_example=examples.page_of(examples.RESOURCE_ANSWER),
    cache_control=_NO_CACHE,
)

_GET: Final = Read(
    method="GET",
    path="/bookings/resources/:id",
    owner=Owner.INVENTORY,
    operation="GetResourceById",
    summary="One resource",
    scopes=READ_CATALOG,
    internal="/internal/resources/{id}",
    shape=ResourceResponseDto,
    answer_example=examples.RESOURCE_ANSWER,
    cache_control=_NO_CACHE,
    errors=(C.NOT_FOUND,),
)

_AVAILABILITY: Final = Read(
    method="GET",
    path="/bookings/availability",
    owner=Owner.INVENTORY,
    operation="GetAvailability",
    summary="What can be booked in a range of days",
    notes="`dateFrom` and `dateTo` are local and inclusive, 62 days at most. Advice: a claim is checked again.",
    scopes=READ_CATALOG,
    internal="/internal/availability",
    query=Availability,
    shape=AvailabilityResponseDto,
    cache_control=_NO_CACHE,
    errors=(C.NOT_FOUND, C.RANGE_TOO_LONG, C.NOT_IMPLEMENTED),
    answer_example=examples.AVAILABILITY,
)

_planned: Final = partial(planned, Owner.INVENTORY)


RESOURCES: Final = Controller(
    "resources",
    "Resources and availability",
    (
        _LIST,
        _CREATE,
        _GET,
        _AVAILABILITY,
        _planned("POST", "/bookings/availability/block", "BlockTime", "Block an interval", WRITE_ANY),
        _planned("DELETE", "/bookings/availability/block", "UnblockTime", "Take a block away", WRITE_ANY),
        _planned("POST", "/bookings/resources/reorder", "ReorderResources", "Set their order", WRITE_CATALOG),
        _planned("PUT", "/bookings/resources/:id", "UpdateResource", "Update a resource", WRITE_CATALOG),
        _planned("DELETE", "/bookings/resources/:id", "DeleteResource", "Take a resource away", WRITE_CATALOG),
        _planned("PATCH", "/bookings/resources/:id/activate", "ActivateResource", "Activate it", WRITE_CATALOG),
        _planned("PATCH", "/bookings/resources/:id/deactivate", "DeactivateResource", "Deactivate it", WRITE_CATALOG),
        _planned(
            "GET", "/bookings/resources/eligible", "GetEligibleResources", "Who could serve", READ_CATALOG, ours=True
        ),
        _planned(
            "POST", "/bookings/resources/:id/slots", "MaterialiseSlots", "Publish a roster", WRITE_CATALOG, ours=True
        ),
    ),
)
