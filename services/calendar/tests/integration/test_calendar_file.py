"""`GET /internal/bookings/{id}/calendar.ics`."""

from __future__ import annotations

from uuid import uuid4

import httpx
import icalendar
import pytest
from calendar_samples import BOOKING, TENANT, at
from calendar_world import OTHER_TENANT, told
from fastapi import FastAPI

from holdfast_calendar.adapters.icalendar_writer import IcalendarWriter
from holdfast_calendar.api.bookings import bookings_router
from holdfast_calendar.repositories.entries import EntryRepository
from holdfast_calendar.usecases.generate_booking_calendar import GenerateBookingCalendarUseCase
from holdfast_contracts.enums import BookingStatus, Role
from holdfast_contracts.scopes import SCOPES_BY_ROLE
from holdfast_platform.database.security import REQUESTS
from holdfast_platform.internal import INSTANCE_HEADER, InternalTokens, add_error_handlers
from holdfast_platform.testing.databases import TEST_KEY
from holdfast_platform.testing.units import counted_statements, decide

pytestmark = pytest.mark.integration


@pytest.fixture
async def ask(databases):
    tokens = InternalTokens(TEST_KEY)
    app = FastAPI()
    generate = GenerateBookingCalendarUseCase(EntryRepository(databases[REQUESTS]), IcalendarWriter())
    app.include_router(bookings_router(generate, tokens))
    add_error_handlers(app)

    async def get(booking=BOOKING, *, tenant=TENANT, role=Role.STAFF, subject="acc-42"):
        token = tokens.mint([tenant], subject, role, SCOPES_BY_ROLE[role])
        headers = {"authorization": f"Bearer {token}", INSTANCE_HEADER: f"/bookings/{booking}/calendar.ics"}
        return await client.get(f"/internal/bookings/{booking}/calendar.ics", headers=headers)

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://calendar") as client:
        get.client = client
        yield get


async def test_the_file_of_a_booking(unit, ask) -> None:
    await decide(unit, told())
    answer = await ask()
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8; method=PUBLISH"
    assert answer.headers["content-disposition"] == 'attachment; filename="BK-7Q2M9KX4.ics"'
    assert answer.headers["etag"] == '"1"'
    (event,) = icalendar.Calendar.from_ical(answer.content).events
    assert (str(event["UID"]), str(event["SUMMARY"])) == (f"{BOOKING}@demo.example", "Harbour concert")
    assert event.start == at("2027-06-12T18:00:00Z")
    assert (await ask()).content == answer.content


async def test_a_cancelled_booking_is_shown_as_such(unit, ask) -> None:
    await decide(unit, told(), told("BookingCancelled", version=2, status=BookingStatus.CANCELLED))
    answer = await ask()
    (event,) = icalendar.Calendar.from_ical(answer.content).events
    assert (str(event["STATUS"]), event["SEQUENCE"], answer.headers["etag"]) == ("CANCELLED", 1, '"2"')


async def test_what_the_calendar_has_not_heard_of_is_not_ready(ask) -> None:
    booking = uuid4()
    answer = await ask(booking)
    assert (answer.status_code, answer.headers["retry-after"]) == (404, "1")
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.json()["code"], answer.json()["instance"]) == ("NOT_READY", f"/bookings/{booking}/calendar.ics")


async def test_another_tenants_booking_is_unknown(unit, ask) -> None:
    await decide(unit, told())
    answer = await ask(tenant=OTHER_TENANT)
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_READY")


async def test_a_guest_gets_their_own_bookings_only(unit, ask) -> None:
    await decide(unit, told())
    assert (await ask(role=Role.GUEST, subject="visitor-1")).status_code == 200
    answer = await ask(role=Role.GUEST, subject="visitor-2")
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


async def test_without_a_token_nobody_is_answered(ask) -> None:
    answer = await ask.client.get(f"/internal/bookings/{BOOKING}/calendar.ics")
    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHENTICATED")


async def test_a_read_is_one_statement_in_a_transaction(unit, ask) -> None:
    await decide(unit, told())
    with counted_statements() as seen:
        await ask()
    assert len(seen) == 3, seen  # BEGIN with the tenant, the entry, COMMIT
