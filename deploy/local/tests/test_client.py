from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from holdfast_local import client
from holdfast_local.client import Api
from holdfast_local.errors import StackError


class Scripted:
    """A gateway that answers each request with the next entry of a script, and remembers what it was asked."""

    def __init__(self) -> None:
        self.script: list[tuple[int, dict[str, object]]] = []
        self.asked: list[tuple[str, str, str | None]] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append((request.method, request.path, request.headers.get("Idempotency-Key")))
        status, body = self.script.pop(0)
        return web.json_response(body, status=status)


@pytest.fixture
def gateway() -> Scripted:
    return Scripted()


@pytest.fixture
async def api(gateway: Scripted, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Api]:
    monkeypatch.setattr(client, "_RETRY_SECONDS", 0.001)
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", gateway.answer)
    async with TestServer(application) as server, Api(str(server.make_url("")), "token") as opened:
        yield opened


async def test_a_write_that_was_not_accepted_is_repeated_with_the_same_key(gateway: Scripted, api: Api) -> None:
    gateway.script = [(503, {"code": "NOT_ACCEPTED"}), (201, {"id": "b1"})]

    answer = await api.write("POST", "/bookings", {})

    assert answer.status == 201
    assert len({key for _, _, key in gateway.asked}) == 1
    assert gateway.asked[0][2]


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        ({"status": "succeeded", "statusCode": 201, "result": {"code": None}, "problem": None}, 201),
        ({"status": "failed", "statusCode": 409, "result": None, "problem": {"code": "SOLD_OUT"}}, 409),
    ],
)
async def test_a_write_that_takes_longer_is_followed(gateway, api, outcome, status):
    gateway.script = [(202, {"id": "op1"}), (200, {"status": "pending"}), (200, outcome)]

    answer = await api.write("POST", "/bookings", {})

    assert answer.status == status
    assert gateway.asked[-1][:2] == ("GET", "/operations/op1")


async def test_what_is_not_ready_is_asked_for_again(gateway, api):
    gateway.script = [(404, {"code": "NOT_READY"}), (200, {"id": "b1"})]

    assert (await api.read("/bookings/b1/tickets/pdf")).status == 200


async def test_a_refused_create_says_why(gateway, api):
    gateway.script = [(422, {"code": "VALIDATION_FAILED"})]

    with pytest.raises(StackError, match="VALIDATION_FAILED"):
        await api.create("/contents", {})
