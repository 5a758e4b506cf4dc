"""`GET /internal/operations/{id}`: what is stored of a command, and whose it is."""

from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from holdfast_contracts import envelope
from holdfast_contracts.enums import Role
from holdfast_platform.database.pool import Database
from holdfast_platform.database.security import REQUESTS, role_name
from holdfast_platform.internal import InternalTokens, add_error_handlers
from holdfast_platform.operations import OUTCOME, operations_router
from holdfast_platform.testing import toy
from holdfast_platform.testing.databases import TEST_KEY
from holdfast_platform.testing.units import decide

pytestmark = pytest.mark.integration


@pytest.fixture
async def ask(toy_settings):
    """Gives a function that asks for a stored result in the name of a caller."""
    database, tokens, app = (
        Database(toy_settings, role_name(toy.SERVICE, REQUESTS)),
        InternalTokens(TEST_KEY),
        FastAPI(),
    )
    await database.start()
    app.include_router(operations_router(database, tokens))
    add_error_handlers(app)

    async def ask(tenant, operation_id, subject="acc-1"):
        headers = {"authorization": f"Bearer {tokens.mint([tenant], subject, Role.GUEST, [])}"}
        return await client.get(f"/internal/operations/{operation_id}", headers=headers)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://toy.test") as client:
        yield ask
    await database.stop()


async def test_a_result_tells_the_hash_of_its_request(ask, unit, new_counter):
    """By it a gateway knows whether the result is its own request's, or another one's with the same key."""
    tenant, counter = await new_counter()
    given = toy.take(tenant, counter, request_hash="the hash")
    (answer,) = await decide(unit, given)

    stored = await ask(tenant, given.id)

    assert (stored.status_code, stored.content) == (200, answer.body)
    assert stored.headers[envelope.HASH] == "the hash"
    assert stored.headers[OUTCOME] == "done"


async def test_others_and_the_unknown_are_404(ask, unit, new_counter):
    tenant, counter = await new_counter()
    given = toy.take(tenant, counter)
    await decide(unit, given)

    for asked in (ask(tenant, given.id, "acc-2"), ask(uuid4(), given.id), ask(tenant, uuid4())):
        assert (await asked).status_code == 404
