"""Questions over internal HTTP: one, many at once, lists and histories."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote
from uuid import UUID, uuid4

import httpx
import orjson
import pytest
from booking_samples import TENANT
from booking_world import OTHER_TENANT, cancel, claim, guest, staff
from fastapi import FastAPI

from holdfast_booking.api.bookings import BookingQuestions, bookings_router
from holdfast_booking.repositories.bookings import BookingRepository
from holdfast_contracts.enums import Role
from holdfast_contracts.internal import CallAnswers, ReadBookingCall, ReadBookings
from holdfast_contracts.public.bookings import BookingResponseDto, HistoryEntryDto
from holdfast_contracts.scopes import SCOPES_BY_ROLE
from holdfast_platform.database.security import CONSUMER, REQUESTS
from holdfast_platform.internal import InternalTokens, add_error_handlers
from holdfast_platform.testing.databases import TEST_KEY
from holdfast_platform.testing.units import counted_statements

pytestmark = pytest.mark.integration


@pytest.fixture
async def ask(databases, showing):
    tokens = InternalTokens(TEST_KEY)
    app = FastAPI()
    questions = BookingQuestions.of(BookingRepository(databases[REQUESTS], databases[CONSUMER]), showing)
    app.include_router(bookings_router(questions, tokens))
    add_error_handlers(app)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://booking") as client:

        async def call(path, *, role=Role.STAFF, subject="acc-42", tenants=(TENANT,), **options):
            token = tokens.mint(list(tenants), subject, role, SCOPES_BY_ROLE[role])
            method = "POST" if "content" in options else "GET"
            headers = {"authorization": f"Bearer {token}", "x-instance": "/public/path"}
            return await client.request(method, f"/internal/bookings{path}", headers=headers, **options)

        yield call


async def booked(world, **of) -> BookingResponseDto:
    (answer,) = await world.claims(claim(**of))
    return BookingResponseDto.model_validate_json(answer.body)


async def test_one_booking_by_id_and_by_number_as_it_was_answered(world, ask) -> None:
    given = claim()
    (answer,) = await world.claims(given)
    created = orjson.loads(answer.body)
    for path in (f"/{created['id']}", f"/number/{created['bookingNumber']}"):
        found = await ask(path)
        assert (found.status_code, found.headers["etag"]) == (200, '"1"')
        assert found.json() == created


async def test_other_tenants_and_other_guests_find_nothing(world, ask) -> None:
    booking = await booked(world)
    own = await ask(f"/{booking.id}", role=Role.GUEST, subject="visitor-1")
    assert own.status_code == 200
    for foreign in (
        await ask(f"/{booking.id}", tenants=(OTHER_TENANT,)),
        await ask(f"/number/{booking.booking_number}", tenants=(OTHER_TENANT,)),
        await ask(f"/{booking.id}", role=Role.GUEST, subject="visitor-2"),
        await ask(f"/{booking.id}/history", role=Role.GUEST, subject="visitor-2"),
        await ask(f"/{uuid4()}"),
        await ask("/number/BK-00000000"),
        await ask("/number/" + "%00"),
    ):
        assert (foreign.status_code, foreign.json()["code"]) == (404, "NOT_FOUND")
        assert foreign.json()["instance"] == "/public/path"


async def test_the_history_tells_who_when_and_why(world, ask) -> None:
    booking = await booked(world, starts_in=timedelta(hours=1))
    await world.commands(cancel(booking.id, actor=staff(), reason="Storm", reason_code="weather", waive_fee=True))
    answer = await ask(f"/{booking.id}/history")
    first, second = [HistoryEntryDto.model_validate(entry) for entry in answer.json()]
    assert (first.from_, first.to, first.actor, first.actor_type) == (None, "confirmed", "visitor-1", "guest")
    assert (second.from_, second.to, second.actor) == ("confirmed", "cancelled", "acc-42")
    assert (second.reason, second.reason_code, second.note) == ("Storm", "weather", "Fee of 25.00 EUR waived")


def read_call(booking: UUID, tenant: UUID = TENANT, actor=None) -> ReadBookingCall:
    return ReadBookingCall(
        id=uuid4().hex, tenant=tenant, actor=actor or staff(), booking_id=booking, instance=f"/bookings/{booking}"
    )


async def test_calls_that_travel_together_are_answered_apart_with_one_statement(world, ask) -> None:
    ours, theirs = await booked(world), await booked(world, tenant=OTHER_TENANT)
    calls = [
        read_call(ours.id),
        read_call(theirs.id, OTHER_TENANT),
        read_call(theirs.id),
        read_call(ours.id, OTHER_TENANT),
        read_call(ours.id, actor=guest("visitor-1")),
        read_call(ours.id, actor=guest("visitor-2")),
    ]
    with counted_statements() as seen:
        answer = await ask("/read", tenants=(TENANT, OTHER_TENANT), content=ReadBookings(calls=calls).encode())
    assert len(seen) == 3
    answers = CallAnswers.model_validate_json(answer.content).answers
    assert [found.id for found in answers] == [call.id for call in calls]
    assert [found.status for found in answers] == [200, 200, 404, 404, 200, 404]
    assert answers[0].etag == '"1"'
    assert answers[0].body["id"] == str(ours.id)
    assert answers[2].body["instance"] == f"/bookings/{theirs.id}"


async def test_a_batch_may_not_reach_beyond_its_token(world, ask) -> None:
    theirs = await booked(world, tenant=OTHER_TENANT)
    body = ReadBookings(calls=[read_call(theirs.id, OTHER_TENANT)]).encode()
    assert (await ask("/read", content=body)).status_code == 403
    assert (await ask("/read", content=b"{}")).status_code == 400


async def test_without_the_condition_row_level_security_keeps_tenants_apart(world, databases) -> None:
    """The isolation holds with the query's own filter removed (I12)."""
    await booked(world)
    await booked(world, tenant=OTHER_TENANT)
    async with databases[REQUESTS].tenant(TENANT) as connection:
        assert {row["tenant_id"] for row in await connection.fetch("SELECT tenant_id FROM bookings")} == {TENANT}
    async with databases[CONSUMER].batch([OTHER_TENANT]) as connection:
        seen = await connection.fetch("SELECT tenant_id FROM booking_history")
        assert {row["tenant_id"] for row in seen} == {OTHER_TENANT}


# -- lists -------------------------------------------------------------------------------------------------------------


async def listed(ask, query: str = "", **options) -> list[str]:
    answer = await ask(f"?{query}", **options)
    assert answer.status_code == 200, answer.text
    return [booking["customerName"] for booking in answer.json()["data"]]


async def test_a_list_is_newest_first_and_paged(world, ask) -> None:
    for name in ("A", "B", "C"):
        await booked(world, name=name)
    answer = (await ask("?page=2&limit=2")).json()
    assert ([one["customerName"] for one in answer["data"]], answer["total"]) == (["A"], 3)
    assert (answer["page"], answer["limit"]) == (2, 2)
    BookingResponseDto.model_validate(answer["data"][0])
    assert (await ask("?page=9")).json()["total"] == 3
    assert await listed(ask, tenants=(OTHER_TENANT,)) == []


@pytest.mark.parametrize(
    ("sort", "order"), [("startsAt", "BAC"), ("-startsAt", "CAB"), ("customerName", "ABC"), ("-customerName", "CBA")]
)
async def test_lists_are_sorted(world, ask, sort, order) -> None:
    for name, hours in (("A", 50), ("B", 40), ("C", 60)):
        await booked(world, name=name, starts_in=timedelta(hours=hours))
    assert "".join(await listed(ask, f"sort={sort}")) == order


async def test_several_values_of_a_filter_mean_any_and_several_filters_all(world, ask) -> None:
    await booked(world, name="A")
    await booked(world, name="B", policy={"booking": {"approval": "always"}})
    gone = await booked(world, name="C")
    await world.commands(cancel(gone.id))
    assert await listed(ask, "status=confirmed&status=pending&sort=customerName") == ["A", "B"]
    assert await listed(ask, "status=confirmed&status=pending&origin=pos") == []
    assert await listed(ask, "type=event&bookingMode=session&origin=storefront&sort=customerName") == ["A", "B", "C"]
    assert await listed(ask, f"contentId={gone.content_id}&contentId={uuid4()}") == ["C"]
    assert await listed(ask, f"customerId={uuid4()}") == []
    assert await listed(ask, f"resourceId={uuid4()}") == []


TYPED = ("+49 30 123456", "030 123456", "030/12-34-56", "(030) 1234", "0049 30 123456", "+49 (0)30 123456", "123456")
"""One phone number as people type it."""


async def test_names_are_sorted_as_people_sort_them(world, ask) -> None:
    for name in ("Zoe", "anna", "Öz", "Anton", "Åse", "bea"):
        await booked(world, name=name)
    assert await listed(ask, "sort=customerName") == ["anna", "Anton", "Åse", "bea", "Öz", "Zoe"]


async def test_search_looks_into_number_name_email_and_phone_without_case(world, ask) -> None:
    booking = await booked(world, name="Ida BERG", email="ida@example.com", phone="+4930123456")
    await booked(world, name="Somebody", email="x@example.org", phone="+12125550123")
    for text in (booking.booking_number.lower(), "berg", "IDA@EXAMPLE", "+4930", "a be", *TYPED):
        assert await listed(ask, f"search={quote(text)}") == ["Ida BERG"]
    for text in ("%", "_", "example.com\n"):
        assert await listed(ask, f"search={quote(text)}") == (["Ida BERG"] if "example" in text else [])


async def test_dates_are_local_days_of_the_tenant_and_inclusive(world, ask) -> None:
    booking = await booked(world)
    start = booking.starts_at.replace(month=6, day=12, hour=22, minute=30)
    await world.admin.execute("UPDATE bookings SET starts_at = $1, ends_at = $1", start)
    year = start.year
    assert await listed(ask, f"dateFrom={year}-06-13&dateTo={year}-06-13") == ["Ida Berg"]
    assert await listed(ask, f"dateFrom={year}-06-12&dateTo={year}-06-12") == []
    assert await listed(ask, f"dateFrom={year}-06-12&dateTo={year}-06-12&timezone=UTC") == ["Ida Berg"]


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("page=0", "page"),
        ("limit=1000", "limit"),
        ("limit=x", "limit"),
        ("sort=colour", "sort"),
        ("colour=red", "colour"),
        ("status=open", "status"),
        ("resourceId=7", "resourceId"),
        ("dateFrom=2027-02-30", "dateFrom"),
        ("dateFrom=2027-03-02&dateTo=2027-03-01", "dateTo"),
        ("search=%00", "search"),
        ("timezone=Mars/Base", "timezone"),
    ],
)
async def test_nothing_is_clamped_silently(ask, query, path) -> None:
    answer = await ask(f"?{query}")
    assert answer.status_code == 422
    assert [error["path"] for error in answer.json()["errors"]] == [path]


async def test_lists_are_for_staff(ask) -> None:
    assert (await ask("", role=Role.GUEST)).status_code == 403


async def test_each_hot_read_costs_a_fixed_number_of_statements(world, ask) -> None:
    booking = await booked(world)
    for _ in range(3):
        await booked(world)
    costs = {}
    for name, path in {
        "by id": f"/{booking.id}",
        "by number": f"/number/{booking.booking_number}",
        "history": f"/{booking.id}/history",
        "list": "?status=confirmed",
        "list by date": "?dateFrom=2027-01-01",
    }.items():
        with counted_statements() as seen:
            assert (await ask(path)).status_code == 200
        costs[name] = len(seen)
    assert costs == {"by id": 3, "by number": 3, "history": 4, "list": 4, "list by date": 5}
