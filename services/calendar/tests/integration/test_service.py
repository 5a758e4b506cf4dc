"""The whole service on a real Kafka: what is on the topic can be downloaded."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import httpx
import icalendar
import pytest
from calendar_samples import TENANT
from calendar_world import told

from holdfast_calendar.main import build
from holdfast_calendar.settings import CalendarSettings
from holdfast_contracts import envelope
from holdfast_contracts.enums import BookingStatus, Role
from holdfast_contracts.scopes import SCOPES_BY_ROLE
from holdfast_contracts.topics import BOOKING_EVENTS
from holdfast_local.ports import free
from holdfast_platform.internal import InternalTokens
from holdfast_platform.messaging.factory import make_producer
from holdfast_platform.messaging.topics import ensure_topics
from holdfast_platform.testing.databases import TEST_KEY, settings_for

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("admin")]


@pytest.fixture
async def service_settings(calendar_url, kafka_bootstrap):
    await ensure_topics(kafka_bootstrap, [BOOKING_EVENTS, BOOKING_EVENTS.dead_letters])
    return settings_for(CalendarSettings, calendar_url, kafka_bootstrap, internal_port=free().internal("calendar"))


async def publish(settings, *events, **headers) -> None:
    producer = make_producer(settings)
    await producer.start()
    for event in events:
        named = {
            envelope.CE_ID: str(event.id),
            envelope.CE_TYPE: event.type,
            envelope.CE_TENANT: str(event.tenant_id),
            **headers,
        }
        pairs = [(name, value.encode()) for name, value in named.items()]
        await producer.send_and_wait(BOOKING_EVENTS.name, event.message.encode(), event.key.encode(), headers=pairs)
    await producer.stop()


async def when(client, path, condition):
    async with asyncio.timeout(20):
        while not condition(answer := await client.get(path)):
            await asyncio.sleep(0.02)
    return answer


async def test_what_is_on_the_topic_can_be_downloaded(service_settings) -> None:
    booking = uuid4()
    confirmed = told(booking=booking)
    cancelled = told("BookingCancelled", booking=booking, version=2, status=BookingStatus.CANCELLED)
    await publish(service_settings, confirmed, **{envelope.CE_TYPE: "BookingOfALaterVersion"})
    await publish(service_settings, confirmed, confirmed, cancelled, confirmed)
    token = InternalTokens(TEST_KEY).mint([TENANT], "acc-42", Role.STAFF, SCOPES_BY_ROLE[Role.STAFF])
    base = f"http://{service_settings.internal_host}:{service_settings.internal_port}"
    async with (
        build(service_settings).running(),
        httpx.AsyncClient(base_url=base, headers={"authorization": f"Bearer {token}"}) as client,
    ):
        path = f"/internal/bookings/{booking}/calendar.ics"
        answer = await when(client, path, lambda found: found.headers.get("etag") == '"2"')
        (event,) = icalendar.Calendar.from_ical(answer.content).events
        assert (event["STATUS"], event["SEQUENCE"]) == ("CANCELLED", 1)
        assert (await when(client, "/health/ready", lambda found: found.status_code == 200)).json()["status"] == "ok"
        assert "holdfast_calendar_render_seconds_count" in (await client.get("/metrics")).text
