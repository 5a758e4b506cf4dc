"""Questions about tickets: who may ask, what is not ready, how many statements."""

from __future__ import annotations

import json
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from tickets_world import BOOKING, CANCELLED, OTHER_TENANT, TENANT, code_of, scan, told

from holdfast_contracts.enums import BookingStatus, Role
from holdfast_contracts.problems import Refusal
from holdfast_contracts.public.tickets import TicketDto
from holdfast_contracts.scopes import SCOPES_BY_ROLE
from holdfast_platform.internal import InternalTokens, add_error_handlers
from holdfast_platform.testing.databases import TEST_KEY
from holdfast_platform.testing.units import counted_statements, decide
from holdfast_tickets.api.bookings import TicketQuestions, bookings_router
from holdfast_tickets.domain.printing import PaperSize
from holdfast_tickets.ports import RenderingFailedError
from holdfast_tickets.usecases.read_tickets import (
    Asker,
    GenerateTicketPdfUseCase,
    GetBookingTicketsUseCase,
    GetTicketQrUseCase,
)

pytestmark = pytest.mark.integration

STAFF = Asker(TENANT, "acc-42", staff=True)


class Notepad:
    """A renderer that writes down what it was asked to draw."""

    def __init__(self) -> None:
        self.drawn: list[object] = []
        self.broken = False

    async def pdf(self, pages, paper):
        if self.broken:
            raise RenderingFailedError("no ink")
        self.drawn.append((pages, paper))
        return b"%PDF-" + str(len(pages)).encode()

    async def qr_png(self, text, scale):
        self.drawn.append((text, scale))
        return b"\x89PNG"


@pytest.fixture
def notepad():
    return Notepad()


@pytest.fixture
async def client(parties, notepad):
    app = FastAPI()
    questions = TicketQuestions(
        GetBookingTicketsUseCase(parties),
        GenerateTicketPdfUseCase(parties, notepad),
        GetTicketQrUseCase(parties, notepad),
    )
    app.include_router(bookings_router(questions, InternalTokens(TEST_KEY)))
    add_error_handlers(app)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://tickets") as made:
        yield made


def bearer(role: Role = Role.STAFF, subject: str = "acc-42", tenant=TENANT) -> dict[str, str]:
    return {"authorization": f"Bearer {InternalTokens(TEST_KEY).mint([tenant], subject, role, SCOPES_BY_ROLE[role])}"}


async def test_the_list_has_the_contracts_shape_and_order(unit, parties) -> None:
    await decide(unit, told())
    listed = json.loads(await GetBookingTicketsUseCase(parties).execute(STAFF, BOOKING))
    assert [ticket["seatLabel"] for ticket in listed] == ["A1", "A2"]
    for ticket in listed:
        assert list(ticket) == [field.alias for field in TicketDto.model_fields.values()]
        TicketDto.model_validate(ticket)


async def test_a_pending_booking_has_an_empty_list_and_no_pdf(unit, client) -> None:
    await decide(unit, told("BookingCreated", status=BookingStatus.PENDING))
    path = f"/internal/bookings/{BOOKING}/tickets"
    assert (await client.get(path, headers=bearer())).json() == []
    pdf = await client.get(f"{path}/pdf", headers=bearer())
    assert (pdf.status_code, pdf.json()["code"], pdf.headers["retry-after"]) == (404, "NOT_READY", "1")


@pytest.mark.parametrize("path", ["tickets", "tickets/pdf", "qr.png"])
async def test_guests_see_their_own_and_nobody_sees_another_tenants(unit, client, path) -> None:
    await decide(unit, told(subject="visitor-1"))
    address = f"/internal/bookings/{BOOKING}/{path}"
    statuses = {
        "own": (await client.get(address, headers=bearer(Role.GUEST, "visitor-1"))).status_code,
        "another guest": (await client.get(address, headers=bearer(Role.GUEST, "visitor-2"))).status_code,
        "staff": (await client.get(address, headers=bearer())).status_code,
        "another tenant": (await client.get(address, headers=bearer(tenant=OTHER_TENANT))).status_code,
        "nobody": (await client.get(address)).status_code,
    }
    assert statuses == {"own": 200, "another guest": 404, "staff": 200, "another tenant": 404, "nobody": 401}


async def test_one_ticket_or_all_on_the_paper_asked_for(unit, client, notepad, admin) -> None:
    await decide(unit, told())
    tickets = f"/internal/bookings/{BOOKING}/tickets"
    second = await admin.fetchval("SELECT id FROM tickets WHERE position = 2")
    one = await client.get(f"{tickets}/{second}/pdf?paper=80mm", headers=bearer())
    everything = await client.get(f"{tickets}/pdf", headers=bearer())
    assert (one.content, everything.content) == (b"%PDF-1", b"%PDF-2")
    assert one.headers["content-disposition"].endswith('-2.pdf"')
    (pages, paper), (both, sheet) = notepad.drawn
    assert (paper, sheet) == (PaperSize.ROLL, PaperSize.A4)
    assert [(page.position, page.party, page.seat) for page in (*pages, *both)] == [
        (2, 2, "A2"),
        (1, 2, "A1"),
        (2, 2, "A2"),
    ]
    assert pages[0].qr == both[1].qr
    assert (await client.get(f"{tickets}/{uuid4()}/pdf", headers=bearer())).json()["code"] == "NOT_FOUND"
    assert (await client.get(f"{tickets}/pdf?paper=b5", headers=bearer())).status_code == 422


async def test_a_cancelled_ticket_is_printed_as_such(unit, client, notepad) -> None:
    await decide(unit, told(), told("BookingCancelled", **CANCELLED))
    await client.get(f"/internal/bookings/{BOOKING}/tickets/pdf", headers=bearer())
    assert [page.cancelled for page in notepad.drawn[0][0]] == [True, True]


async def test_the_code_of_a_booking_and_of_a_ticket_admit(unit, door, client, notepad, admin) -> None:
    await decide(unit, told())
    first = await admin.fetchval("SELECT id FROM tickets WHERE position = 1")
    address = f"/internal/bookings/{BOOKING}/qr.png"
    await client.get(f"{address}?ticketId={first}&scale=3", headers=bearer())
    await client.get(address, headers=bearer())
    (ticket_text, scale), (booking_text, usual) = notepad.drawn
    assert (scale, usual, booking_text) == (3, 8, code_of(BOOKING))
    assert (await scan(door, ticket_text))["party"] == {"admitted": 1, "total": 2}
    assert (await scan(door, booking_text))["party"] == {"admitted": 2, "total": 2}


@pytest.mark.parametrize("query", ["scale=0", "scale=21", "scale=x", "scale=", "scale=2.5", "ticketId=x"])
async def test_wrong_queries_are_named(unit, client, query) -> None:
    await decide(unit, told())
    answer = await client.get(f"/internal/bookings/{BOOKING}/qr.png?{query}", headers=bearer())
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, query.partition("=")[0])


async def test_what_cannot_be_drawn_is_said_and_not_tried_for_ever(unit, parties, notepad) -> None:
    await decide(unit, told())
    notepad.broken = True
    with pytest.raises(Refusal, match="COMMAND_FAILED"):
        await GenerateTicketPdfUseCase(parties, notepad).execute(STAFF, BOOKING)


async def test_statements_of_hot_reads(unit, parties, notepad) -> None:
    await decide(unit, told())
    with counted_statements() as seen:
        await GetBookingTicketsUseCase(parties).execute(STAFF, BOOKING)
    assert len(seen) == 4, seen  # BEGIN with the tenant, booking, tickets, COMMIT
    pdf = GenerateTicketPdfUseCase(parties, notepad)
    await pdf.execute(STAFF, BOOKING)
    with counted_statements() as seen:
        await pdf.execute(STAFF, BOOKING)
    assert len(seen) == 4, seen  # the tenant's key is opened once a process
