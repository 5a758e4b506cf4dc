"""Every route × role × own or other tenant, against a running stack. A route without an expectation fails [spec/07]."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx
import pytest

from holdfast_gateway.api.table import ROUTES
from holdfast_gateway.pipeline.routes import Access, Planned, Read, Route, Scan, Sending

if TYPE_CHECKING:
    from holdfast_local.stack import Stack

pytestmark = pytest.mark.e2e

ROLES = {"o": "owner", "m": "manager", "s": "staff", "d": "door", "a": "auditor", "g": "guest"}

CATALOG_READ, CATALOG_WRITE = "omsag", "om"
HOLD = CREATE = "omsg"
READ_ANY, READ_OWN, WRITE_ANY, WRITE_OWN = "omsa", "omsag", "oms", "omsg"
SCAN, STATS, CALENDAR, ANYBODY = "omsd", "oma", "om", "omsdag"
OPEN, LINK, PLATFORM = "open", "link", "platform"

EXPECTED: dict[str, str] = {
    # links in mails and wallets
    "GetAssetCalendar": LINK,
    "GetAssetQr": LINK,
    "GetAssetTicketsPdf": LINK,
    # bookings
    "ListBookings": READ_ANY,
    "CreateBooking": CREATE,
    "GetBookingById": READ_OWN,
    "GetBookingByNumber": READ_OWN,
    "GetBookingHistory": READ_ANY,
    "ConfirmBooking": WRITE_ANY,
    "CancelBooking": WRITE_OWN,
    "CheckInBooking": WRITE_ANY,
    "GetBookingByCode": "omsda",
    "GetCalendarEvents": READ_ANY,
    "ExportBookings": STATS,
    "GetBookingStats": STATS,
    "GetUpcomingBookings": READ_ANY,
    "InitializeBookingPayment": WRITE_OWN,
    "JoinWaitlist": CREATE,
    "CreateWalkInBooking": WRITE_ANY,
    "UpdateBooking": WRITE_ANY,
    "CompleteBooking": WRITE_ANY,
    "MarkNoShow": WRITE_ANY,
    "RescheduleBooking": WRITE_OWN,
    "PreviewSeries": CREATE,
    "CancelSeries": WRITE_ANY,
    "MoveSeries": WRITE_ANY,
    "AcceptOffer": WRITE_OWN,
    "DeclineOffer": WRITE_OWN,
    "GetMemberBookings": READ_ANY,
    "SendBookingReminder": WRITE_ANY,
    "UndoCheckIn": WRITE_ANY,
    "ListNoShows": READ_ANY,
    "GetNoShows": READ_ANY,
    "WaiveNoShows": WRITE_ANY,
    # tickets and doors
    "GetBookingCalendar": READ_OWN,
    "GetBookingTickets": READ_OWN,
    "GetTicketsPdf": READ_OWN,
    "GetTicketPdf": READ_OWN,
    "ScanCode": SCAN,
    "ScanTicket": SCAN,
    "ScanBooking": SCAN,
    "GetAppleWalletPass": READ_OWN,
    "GetGoogleWalletUrl": READ_OWN,
    "GetWalletAvailability": READ_OWN,
    "ResolvePublicQr": ANYBODY,
    "GeneratePublicQr": CATALOG_WRITE,
    "GetScanBundle": SCAN,
    "UploadScans": SCAN,
    # resources and availability
    "ListResources": CATALOG_READ,
    "CreateResource": CATALOG_WRITE,
    "GetResourceById": CATALOG_READ,
    "GetAvailability": CATALOG_READ,
    "BlockTime": WRITE_ANY,
    "UnblockTime": WRITE_ANY,
    "ReorderResources": CATALOG_WRITE,
    "UpdateResource": CATALOG_WRITE,
    "DeleteResource": CATALOG_WRITE,
    "ActivateResource": CATALOG_WRITE,
    "DeactivateResource": CATALOG_WRITE,
    "GetEligibleResources": CATALOG_READ,
    "MaterialiseSlots": CATALOG_WRITE,
    # calendar sync
    "GetBusyTimes": OPEN,
    "GetGoogleAuthUrl": CALENDAR,
    "HandleGoogleCallback": OPEN,
    "GetResourceFeed": OPEN,
    "GetTenantFeed": OPEN,
    "SyncBooking": CALENDAR,
    "SyncResource": CALENDAR,
    "DisconnectCalendar": CALENDAR,
    "UnsyncBooking": CALENDAR,
    "CreateFeed": CALENDAR,
    "RevokeFeed": CALENDAR,
    "HearGoogle": OPEN,
    # public
    "IssueVisitorSession": OPEN,
    "VerifyBookingOwnership": OPEN,
    "GetPublicBooking": OPEN,
    "CancelPublicBooking": OPEN,
    "ReschedulePublicBooking": OPEN,
    "HearProvider": OPEN,
    # categories, contents, holds
    "ListResourceCategories": CATALOG_READ,
    "GetContentRequirements": CATALOG_READ,
    "CreateResourceCategory": CATALOG_WRITE,
    "UpdateResourceCategory": CATALOG_WRITE,
    "SetContentRequirements": CATALOG_WRITE,
    "DeleteResourceCategory": CATALOG_WRITE,
    "ListContents": CATALOG_READ,
    "CreateContent": CATALOG_WRITE,
    "GetContentById": CATALOG_READ,
    "ListSessions": CATALOG_READ,
    "ScheduleSession": CATALOG_WRITE,
    "UpdateContent": CATALOG_WRITE,
    "DeleteContent": CATALOG_WRITE,
    "ChangeSession": CATALOG_WRITE,
    "PlaceHold": HOLD,
    "ExtendHold": HOLD,
    "ReleaseHold": HOLD,
    "QuoteBooking": CATALOG_READ,
    # the gateway's own
    "GetOperation": ANYBODY,
    "ListTenants": PLATFORM,
    "CreateTenant": PLATFORM,
    "GetTenant": PLATFORM,
    "UpdateTenant": PLATFORM,
}

UNNAMED = "11111111-1111-4111-8111-111111111111"
CODES = re.compile(r":(bookingNumber|ticketCode|provider|customerKey)")
IDS = re.compile(r":\w+")


@dataclass(frozen=True)
class World:
    """Two tenants; the first has one of everything."""

    client: httpx.AsyncClient
    tokens: dict[str, str]
    others: dict[str, str]
    platform: str
    booking: dict[str, Any]
    content: dict[str, Any]
    session: dict[str, Any]
    resource: dict[str, Any]
    hold: dict[str, Any]
    operation: str

    def path(self, route: Route) -> str:
        """The route's path with what the first tenant has."""
        given = {"resources": self.resource["id"], "holds": self.hold["id"], "contents": self.content["id"]}
        named = next((found for word, found in given.items() if f"/{word}/:id" in route.path), self.booking["id"])
        named = self.operation if route.path.startswith("/operations") else named
        path = CODES.sub(self.booking["bookingNumber"], route.path)
        return path.replace("/:id", f"/{named}").replace(":ticketId", UNNAMED)

    def body(self, route: Route) -> Any:
        """A valid body about what the first tenant has."""
        wish = {"sessionId": self.session["id"], "items": [{"tierId": self.content["tiers"][0]["id"], "quantity": 1}]}
        about = {"contentId": self.content["id"], "schedulePayload": wish}
        if route.operation == "CreateBooking":
            return {**about, "bookingMode": "session", "customerEmail": "ida@example.com"}
        if route.operation == "PlaceHold":
            return about
        if route.operation == "ScheduleSession":
            return {"startsAt": "2027-06-12T18:00:00Z"}
        return route.example if isinstance(route, Sending) and not route.path.endswith(":id") else None

    async def call(self, token: str | None, route: Route, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return await self.client.request(
            route.method, path, headers={**headers, **options.pop("headers", {})}, **options
        )


@pytest.fixture(scope="session")
async def world(stack: Stack) -> AsyncIterator[World]:
    first, second = stack.tenants
    async with httpx.AsyncClient(base_url=stack.gateway_url, timeout=30) as client:
        owner = {"Authorization": f"Bearer {first.tokens['owner']}"}

        async def get(path: str) -> Any:
            return (await client.get(path, headers=owner)).json()

        async def make(path: str, body: Any) -> httpx.Response:
            answer = await client.post(path, headers=owner, json=body)
            assert answer.status_code == 201, answer.text
            return answer

        content = (await make("/contents", _evening())).json()
        session = (await make(f"/contents/{content['id']}/sessions", {"startsAt": "2027-06-12T18:00:00Z"})).json()
        wish = {"sessionId": session["id"], "items": [{"tierId": content["tiers"][0]["id"], "quantity": 1}]}
        about = {"contentId": content["id"], "schedulePayload": wish}
        booking = await make("/bookings", {**about, "bookingMode": "session", "customerName": "Ida"})
        made = World(
            client,
            dict(first.tokens),
            dict(second.tokens),
            stack.keys.platform_token,
            booking.json(),
            content,
            session,
            (await get("/bookings/resources"))["data"][0],
            (await make("/bookings/holds", about)).json(),
            await _operation(client, owner, about),
        )
        yield made


def _evening() -> dict[str, Any]:
    tier = {"name": "Standard", "price": "25.00", "quantity": 100}
    return {
        "kind": "event",
        "mode": "session",
        "title": f"Evening {uuid4()}",
        "durationMinutes": 60,
        "status": "published",
        "tiers": [tier],
    }


async def _operation(client: httpx.AsyncClient, owner: dict[str, str], about: dict[str, Any]) -> str:
    headers = {**owner, "Prefer": "respond-async"}
    answer = await client.post("/bookings", headers=headers, json={**about, "bookingMode": "session"})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def test_every_route_has_an_expectation() -> None:
    assert {route.operation for route in ROUTES} == set(EXPECTED)


def bare(route: Route) -> str:
    return IDS.sub(UNNAMED, CODES.sub("BK-00000000", route.path))


@pytest.mark.parametrize("role", ROLES.values())
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.operation)
async def test_a_role_may_what_its_scopes_say(world: World, route: Route, role: str) -> None:
    expected = EXPECTED[route.operation]
    answer = await world.call(world.tokens[role], route, bare(route), content=b"")
    if expected == PLATFORM:
        assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")
    elif expected in (OPEN, LINK):
        assert answer.status_code not in (401, 403)
    elif role in {ROLES[letter] for letter in expected}:
        assert answer.status_code not in (401, 403), answer.text
    else:
        assert (answer.status_code, answer.json()["code"]) == (403, "FORBIDDEN")
    if isinstance(route, Planned) and answer.status_code not in (401, 403):
        assert (answer.status_code, answer.json()["code"]) == (501, "NOT_IMPLEMENTED")


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.operation)
async def test_nobody_enters_without_a_token(world: World, route: Route) -> None:
    answer = await world.call(None, route, bare(route), content=b"")
    expected = EXPECTED[route.operation]
    if expected == LINK:
        assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")
    elif expected != OPEN:
        assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHENTICATED")


@pytest.mark.parametrize("route", [one for one in ROUTES if one.access is Access.TOKEN], ids=lambda one: one.operation)
async def test_another_tenants_name_is_refused_everywhere(world: World, route: Route) -> None:
    answer = await world.call(world.others["owner"], route, bare(route), headers={"X-Tenant-Slug": "demo"})
    assert (answer.status_code, answer.json()["code"]) == (403, "TENANT_MISMATCH")


ABOUT_SOMETHING = [
    route
    for route in ROUTES
    if route.access is Access.TOKEN
    and not isinstance(route, Planned | Scan)
    and (route.parameters or route.operation in {"CreateBooking", "PlaceHold"})
]


@pytest.mark.parametrize("role", ["owner", "staff", "auditor", "guest"])
@pytest.mark.parametrize("route", ABOUT_SOMETHING, ids=lambda one: one.operation)
async def test_another_tenants_things_are_unknown(world: World, route: Route, role: str) -> None:
    """The ids are real and the other tenant's: 404, and nothing of it changes."""
    answer = await world.call(world.others[role], route, world.path(route), json=world.body(route))
    allowed = role in {ROLES[letter] for letter in EXPECTED[route.operation]}
    assert answer.status_code == (404 if allowed else 403), answer.text
    assert answer.json()["code"] == ("NOT_FOUND" if allowed else "FORBIDDEN")
    assert world.booking["customerName"] not in answer.text.replace("Idaho", "")


@pytest.mark.parametrize(
    "route", [one for one in ROUTES if isinstance(one, Read) and not one.parameters], ids=lambda r: r.operation
)
async def test_lists_show_nothing_of_another_tenant(world: World, route: Route) -> None:
    query = (
        f"?contentId={world.content['id']}&dateFrom=2027-06-12&dateTo=2027-06-12"
        if "availability" in route.path
        else "?limit=100"
    )
    answer = await world.call(world.others["owner"], route, route.path + query)
    assert answer.status_code in (200, 404)
    for thing in (world.booking, world.content, world.resource):
        assert str(thing["id"]) not in answer.text


async def test_nothing_of_the_first_tenant_has_changed(world: World) -> None:
    """Runs after the attempts above: booking, hold and content are as they were."""
    headers = {"Authorization": f"Bearer {world.tokens['owner']}"}
    booking = (await world.client.get(f"/bookings/{world.booking['id']}", headers=headers)).json()
    assert (booking["status"], booking["version"]) == ("confirmed", 1)
    content = (await world.client.get(f"/contents/{world.content['id']}", headers=headers)).json()
    assert content == world.content


async def test_an_operation_is_for_its_caller_and_for_staff(world: World) -> None:
    path = f"/operations/{world.operation}"
    for role, status in (("owner", 200), ("staff", 200), ("auditor", 200), ("guest", 404), ("door", 404)):
        answer = await world.client.get(path, headers={"Authorization": f"Bearer {world.tokens[role]}"})
        assert answer.status_code == status, role
    until = time.monotonic() + 10
    while answer.status_code != 200 or answer.json()["status"] == "pending":
        headers = {"Authorization": f"Bearer {world.tokens['owner']}"}
        answer = await world.client.get(path, headers=headers)
        assert time.monotonic() < until, answer.text
        await asyncio.sleep(0.05)
    operation = answer.json()
    assert (operation["status"], operation["statusCode"], operation["command"]) == ("succeeded", 201, "CreateBooking")
