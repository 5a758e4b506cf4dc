"""The whole service on a real Kafka: a confirmed booking can be printed, and its ticket admits once."""

from __future__ import annotations

import asyncio
import json
from uuid import uuid4

import httpx
import pytest
from prometheus_client import REGISTRY
from tickets_world import TENANT, facts, told

from holdfast_contracts import envelope
from holdfast_contracts.enums import BookingActorType, BookingOrigin, Role
from holdfast_contracts.message import Actor
from holdfast_contracts.scopes import SCOPES_BY_ROLE
from holdfast_contracts.topics import BOOKING_EVENTS, TICKETS_EVENTS
from holdfast_local.ports import free
from holdfast_platform.internal import InternalTokens
from holdfast_platform.messaging.factory import make_producer
from holdfast_platform.messaging.topics import ensure_topics
from holdfast_platform.testing.databases import TEST_KEY, settings_for
from holdfast_tickets.main import build
from holdfast_tickets.settings import TicketsSettings

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("admin")]


@pytest.fixture
async def service_settings(tickets_url, kafka_bootstrap):
    await ensure_topics(kafka_bootstrap, [BOOKING_EVENTS, BOOKING_EVENTS.dead_letters, TICKETS_EVENTS])
    port = free().internal("tickets")
    return settings_for(
        TicketsSettings, tickets_url, kafka_bootstrap, internal_port=port, ticket_key_secret=TEST_KEY, render_workers=1
    )


async def publish(settings, *events) -> None:
    producer = make_producer(settings)
    await producer.start()
    for event in events:
        named = {
            envelope.CE_ID: str(event.id),
            envelope.CE_TYPE: event.type,
            envelope.CE_TENANT: str(event.tenant_id),
        }
        pairs = [(name, value.encode()) for name, value in named.items()]
        await producer.send_and_wait(BOOKING_EVENTS.name, event.message.encode(), event.key.encode(), headers=pairs)
    await producer.stop()


def call(number: int, code: str) -> dict[str, object]:
    actor = Actor(
        subject="acc-7", role=Role.DOOR, type=BookingActorType.STAFF, origin=BookingOrigin.DASHBOARD, staff=False
    )
    command = {
        "tenant": json.loads(facts(TENANT).encode()),
        "actor": json.loads(actor.encode()),
        "body": {"code": code, "gate": "North", "deviceId": "door-1", "scannedAt": "2027-06-12T17:30:12Z"},
        "target": "any",
    }
    return {
        "id": str(number),
        "tenant": str(TENANT),
        "commandId": str(uuid4()),
        "hash": "h",
        "instance": "/bookings/scan",
        "correlation": "c-1",
        "command": command,
    }


async def when(client, path, condition):
    async with asyncio.timeout(20):
        while not condition(answer := await client.get(path)):
            await asyncio.sleep(0.02)
    return answer


async def test_a_confirmed_booking_is_printed_and_admitted_once(service_settings) -> None:
    booking = uuid4()
    confirmed = told(booking=booking)
    valid_before = REGISTRY.get_sample_value("holdfast_scans_total", {"direction": "entry", "result": "valid"}) or 0.0
    await publish(service_settings, confirmed, confirmed)
    token = InternalTokens(TEST_KEY).mint([TENANT], "acc-42", Role.STAFF, SCOPES_BY_ROLE[Role.STAFF])
    base = f"http://{service_settings.internal_host}:{service_settings.internal_port}"
    async with (
        build(service_settings).running(),
        httpx.AsyncClient(base_url=base, headers={"authorization": f"Bearer {token}"}, timeout=30) as client,
    ):
        path = f"/internal/bookings/{booking}"
        tickets = (await when(client, f"{path}/tickets", lambda found: found.status_code == 200)).json()
        assert len(tickets) == 2
        pdf = await client.get(f"{path}/tickets/pdf")
        assert (pdf.status_code, pdf.content[:5]) == (200, b"%PDF-")
        assert (await client.get(f"{path}/tickets/pdf")).content == pdf.content
        qr = await client.get(f"{path}/qr.png?ticketId={tickets[0]['id']}&scale=4")
        assert (qr.status_code, qr.content[:4]) == (200, b"\x89PNG")
        code = tickets[0]["ticketCode"]
        told_of = await client.post("/internal/scans", json={"calls": [call(1, code), call(2, code), call(3, "XYZ")]})
        results = {answer["id"]: answer["body"]["result"] for answer in told_of.json()["answers"]}
        assert results == {"1": "valid", "2": "already_checked_in", "3": "not_found"}
        assert (await when(client, "/health/ready", lambda found: found.status_code == 200)).json()["status"] == "ok"
        # Counters belong to the process, and so to all tests in it: what matters is that this scan was counted.
        assert (
            f'holdfast_scans_total{{direction="entry",result="valid"}} {valid_before + 1}'
            in (await client.get("/metrics")).text
        )


async def test_what_is_not_known_is_not_ready(service_settings) -> None:
    token = InternalTokens(TEST_KEY).mint([TENANT], "visitor-9", Role.GUEST, SCOPES_BY_ROLE[Role.GUEST])
    base = f"http://{service_settings.internal_host}:{service_settings.internal_port}"
    booking = uuid4()
    await publish(service_settings, told(booking=booking))
    async with (
        build(service_settings).running(),
        httpx.AsyncClient(base_url=base, headers={"authorization": f"Bearer {token}"}) as client,
    ):
        answer = await client.get(f"/internal/bookings/{uuid4()}/tickets/pdf")
        assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (404, "NOT_READY", "1")
        others = await when(
            client, f"/internal/bookings/{booking}/tickets", lambda found: found.json()["code"] != "NOT_READY"
        )
        assert (others.status_code, others.json()["code"]) == (404, "NOT_FOUND")
