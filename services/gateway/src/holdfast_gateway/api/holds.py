"""Holds and quotes (our own)."""

from __future__ import annotations

from typing import Final

from holdfast_contracts.inventory import ExtendHold, PlaceHold, ReleaseHold
from holdfast_contracts.public.holds import CreateHoldDto, ExtendHoldDto, HoldResponseDto
from holdfast_contracts.topics import INVENTORY_COMMANDS
from holdfast_gateway.api import examples
from holdfast_gateway.api.booking_rules import (
    check_extend,
    check_hold,
    staff_field_of_extension,
    staff_field_of_hold,
    unbuilt_hold,
)
from holdfast_gateway.api.vocabulary import (
    CAPACITY,
    HOLD,
    READ_CATALOG,
    VERSIONED,
    C,
    contended,
    of_path,
    planned,
    visitor,
)
from holdfast_gateway.pipeline.routes import Controller, Owner, Write

_PLACE: Final = Write(
    method="POST",
    path="/bookings/holds",
    owner=Owner.INVENTORY,
    operation="PlaceHold",
    summary="Set capacity aside, or replace what the visitor holds of the same",
    notes="The outer `sessionId` is the visitor's (default: `sub` of the token). `If-Match` is about what is replaced.",
    scopes=HOLD,
    reference=False,
    body=CreateHoldDto,
    check=check_hold,
    unbuilt=unbuilt_hold,
    for_staff=staff_field_of_hold,
    command=PlaceHold,
    topic=INVENTORY_COMMANDS,
    key=contended,
    fields=visitor,
    versioned=True,
    status=201,
    shape=HoldResponseDto,
    errors=(*VERSIONED, *CAPACITY, C.NOT_IMPLEMENTED),
    example=examples.CREATE_HOLD,
    answer_example=examples.HOLD_ANSWER,
)

_EXTEND: Final = Write(
    method="PATCH",
    path="/bookings/holds/:id",
    owner=Owner.INVENTORY,
    operation="ExtendHold",
    summary="Give a hold more time",
    notes="By the time of its type, or to a given end (staff).",
    scopes=HOLD,
    reference=False,
    body=ExtendHoldDto,
    body_required=False,
    check=check_extend,
    for_staff=staff_field_of_extension,
    command=ExtendHold,
    topic=INVENTORY_COMMANDS,
    key=of_path,
    fields=lambda call: {"holdId": of_path(call)},
    versioned=True,
    shape=HoldResponseDto,
    errors=(*VERSIONED, C.HOLD_EXPIRED),
    example=examples.EXTEND_HOLD,
    answer_example=examples.HOLD_ANSWER,
)

_RELEASE: Final = Write(
    method="DELETE",
    path="/bookings/holds/:id",
    owner=Owner.INVENTORY,
    operation="ReleaseHold",
    summary="Give a hold's capacity back",
    scopes=HOLD,
    reference=False,
    body_required=False,
    command=ReleaseHold,
    topic=INVENTORY_COMMANDS,
    key=of_path,
    fields=lambda call: {"holdId": of_path(call)},
    versioned=True,
    status=204,
    errors=(*VERSIONED, C.HOLD_EXPIRED),
)

HOLDS: Final = Controller(
    "holds",
    "Holds",
    (
        _PLACE,
        _EXTEND,
        _RELEASE,
        planned(
            Owner.INVENTORY, "POST", "/bookings/quote", "QuoteBooking", "The price of a wish", READ_CATALOG, ours=True
        ),
    ),
)
