"""The whole service on real Kafka and PostgreSQL: commands in, answers and events out, reads over internal HTTP."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
import orjson
import pytest
from aiokafka import AIOKafkaConsumer
from inventory_samples import create_content, instant, items, place_claim, place_hold, release_claim, schedule_session

from holdfast_contracts import envelope
from holdfast_contracts.enums import Role
from holdfast_contracts.scopes import SCOPES_BY_ROLE
from holdfast_contracts.topics import GATEWAY_REPLIES, INVENTORY_CLAIMS, INVENTORY_COMMANDS, INVENTORY_EVENTS
from holdfast_inventory.main import build
from holdfast_inventory.settings import InventorySettings
from holdfast_local import ports
from holdfast_platform.internal import InternalTokens
from holdfast_platform.messaging.factory import make_producer
from holdfast_platform.messaging.topics import ensure_topics
from holdfast_platform.testing.databases import TEST_KEY, settings_for

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]


class World:
    """A tenant that talks to the running service as the gateway does."""

    def __init__(self, producer, records: asyncio.Queue, client: httpx.AsyncClient) -> None:
        self.tenant_id = uuid4()
        self.client = client
        self._producer, self._records = producer, records
        self._seen: list[tuple[str, dict[str, str], bytes]] = []

    async def send(self, given) -> str:
        """Publish a command with a reply address of its own; return the request's id."""
        request = uuid4().hex
        headers = {
            **given.headers,
            envelope.CE_ID: str(given.id),
            envelope.CE_TYPE: given.type,
            envelope.CE_TENANT: str(given.tenant_id),
            envelope.REPLY: f"0:{request}",
        }
        await self._producer.send_and_wait(
            INVENTORY_COMMANDS.name,
            given.message.encode(),
            key=b"key",
            headers=[(name, value.encode()) for name, value in headers.items()],
        )
        return request

    async def ask(self, given) -> dict[str, object]:
        """Send a command and wait for its reply."""
        request = await self.send(given)
        headers, body = await self.heard(GATEWAY_REPLIES, lambda h, _: h.get(envelope.REPLY_REQUEST) == request)
        return orjson.loads(body or b"{}") | {"_status": headers[envelope.REPLY_STATUS], "_kind": headers["hf-kind"]}

    async def event(self, kind: str, topic=INVENTORY_EVENTS) -> dict[str, object]:
        """The first event of a type for this tenant."""
        tenant = str(self.tenant_id)
        _, body = await self.heard(
            topic, lambda h, _: h.get(envelope.CE_TYPE) == kind and h.get(envelope.CE_TENANT) == tenant
        )
        return orjson.loads(body)

    async def heard(self, topic, wanted) -> tuple[dict[str, str], bytes]:
        async with asyncio.timeout(60):
            while True:
                for name, headers, body in self._seen:
                    if name == topic.name and wanted(headers, body):
                        return headers, body
                record = await self._records.get()
                self._seen.append((record.topic, {k: v.decode() for k, v in record.headers}, record.value))

    async def get(self, path: str) -> httpx.Response:
        token = InternalTokens(TEST_KEY).mint([self.tenant_id], "guest-1", Role.GUEST, SCOPES_BY_ROLE[Role.GUEST])
        return await self.client.get(f"/internal/{path}", headers={"authorization": f"Bearer {token}"})


@pytest.fixture
async def world(kafka_bootstrap, inventory_url) -> AsyncIterator[World]:
    await ensure_topics(kafka_bootstrap)
    port = ports.free_port()
    settings = settings_for(
        InventorySettings, inventory_url, kafka_bootstrap, internal_port=port, hold_sweep_seconds=0.2
    )
    producer = make_producer(settings)
    await producer.start()
    topics = [topic.name for topic in (GATEWAY_REPLIES, INVENTORY_CLAIMS, INVENTORY_EVENTS)]
    listener = AIOKafkaConsumer(*topics, bootstrap_servers=kafka_bootstrap, auto_offset_reset="earliest")
    await listener.start()
    records: asyncio.Queue = asyncio.Queue()

    async def listen() -> None:
        async for record in listener:
            records.put_nowait(record)

    listening = asyncio.create_task(listen())
    async with build(settings).running(), httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        yield World(producer, records, client)
    listening.cancel()
    await asyncio.gather(listening, return_exceptions=True)
    await listener.stop()
    await producer.stop()


async def test_an_evening_from_the_catalog_to_the_last_place(world, admin):
    tenant = world.tenant_id
    content = await world.ask(create_content(tenant, tiers=[{"name": "Standard", "price": "25.00", "quantity": 1}]))
    assert content["_status"] == "201"
    session = await world.ask(schedule_session(tenant, content["id"], startsAt=instant(days=20)))
    payload = {"sessionId": session["id"], "items": items(content["tiers"][0]["id"])}

    hold = await world.ask(place_hold(tenant, payload))
    assert (hold["_status"], hold["holdType"]) == ("201", "cart")
    first = place_claim(tenant, payload, holdId=hold["id"])
    first.replies = []
    request = await world.send(first)
    placed = await world.event("ClaimPlaced", INVENTORY_CLAIMS)
    headers, _ = await world.heard(INVENTORY_CLAIMS, lambda h, _: h.get(envelope.CE_ID) == str(first.id))
    assert headers[envelope.REPLY] == f"0:{request}"  # booking answers, inventory does not
    refused = await world.ask(place_claim(tenant, payload))
    assert (refused["_status"], refused["code"], refused["left"][0]["remaining"]) == ("409", "SOLD_OUT", 0)
    again = await world.ask(place_claim(tenant, payload, command_id=first.id, holdId=hold["id"]))
    assert again["_kind"] == "placed"

    assert (await world.ask(release_claim(tenant, placed)))["_kind"] == "released"
    assert (await world.event("ClaimReleased"))["quantity"] == 1
    listed = (await world.get(f"contents/{content['id']}/sessions")).json()
    assert [each["remaining"] for each in listed["data"]] == [1]

    day = datetime.fromisoformat(session["startsAt"]).astimezone(ZoneInfo(content["timezone"])).date()
    found = await world.get(f"availability?contentId={content['id']}&dateFrom={day}&dateTo={day}")
    assert [slot["sessionId"] for slot in found.json()["slots"]] == [session["id"]]
    missing = await world.get(f"contents/{uuid4()}")
    assert (missing.status_code, missing.json()["code"]) == (404, "NOT_FOUND")
    one = await world.get(f"contents/{content['id']}")
    assert (one.headers["etag"], one.json()["title"]) == ('"1"', "Concert")
    assert (await world.client.get("/health/ready")).status_code == 200


async def test_the_sweeper_ends_holds_by_itself(world, admin):
    tenant = world.tenant_id
    content = await world.ask(create_content(tenant))
    session = await world.ask(schedule_session(tenant, content["id"]))
    payload = {"sessionId": session["id"], "items": items(content["tiers"][0]["id"], 4)}
    hold = await world.ask(place_hold(tenant, payload))
    await admin.execute("UPDATE inventory_holds SET expires_at = now() WHERE tenant_id = $1", tenant)
    assert (await world.event("HoldExpired"))["holdId"] == hold["id"]
    listed = (await world.get(f"contents/{content['id']}/sessions")).json()
    assert listed["data"][0]["remaining"] == 10


async def test_a_command_that_cannot_be_read_is_told_as_failed(world):
    given = create_content(world.tenant_id)
    given.message = type("Odd", (), {"encode": lambda _: b"{}", "type_name": lambda _: "CreateContent"})()
    answer = await world.ask(given)
    assert (answer["_status"], answer["code"]) == ("500", "COMMAND_FAILED")
