"""A small client of the public HTTP API, as a storefront or a door would write it: keys, repeats, operations."""

import asyncio
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import cast

import aiohttp

from holdfast_local.errors import StackError

JsonObject = dict[str, object]
TIMEOUT_SECONDS = 30.0
_RETRY_SECONDS = 0.2
_ATTEMPTS = 50


@dataclass(frozen=True)
class Answer:
    """What came back: status, content type and bytes."""

    status: int
    content_type: str
    content: bytes

    def json(self) -> JsonObject:
        """The body as a JSON object."""
        return cast(JsonObject, json.loads(self.content))

    def array(self) -> list[JsonObject]:
        """The body as a JSON array of objects."""
        return cast(list[JsonObject], json.loads(self.content))

    @property
    def code(self) -> str:
        """The problem's code of a refusal."""
        return str(self.json().get("code"))


class Api:
    """The API with one bearer token. Use as an async context manager."""

    def __init__(self, base_url: str, token: str, *, connections: int = 64) -> None:
        self._base_url = base_url
        self._headers = {"Authorization": f"Bearer {token}"}
        self._connector = aiohttp.TCPConnector(limit=connections)
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "Api":
        self._http = aiohttp.ClientSession(
            self._base_url,
            headers=self._headers,
            connector=self._connector,
            timeout=aiohttp.ClientTimeout(TIMEOUT_SECONDS),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._http is not None:
            await self._http.close()

    async def send(
        self, method: str, path: str, body: object = None, *, key: str | None = None, headers: Mapping[str, str] = {}
    ) -> Answer:
        """One request, one answer, whatever its status."""
        if self._http is None:
            raise StackError("The client was not opened.")
        own = {"Idempotency-Key": key, **headers} if key else dict(headers)
        async with self._http.request(method, path, json=body, headers=own) as response:
            return Answer(response.status, response.content_type, await response.read())

    async def get(self, path: str) -> Answer:
        """Read; made in reaction to an event it may be late by a moment (404 NOT_READY): then ask again."""
        for _ in range(_ATTEMPTS):
            answer = await self.send("GET", path)
            if answer.status != 404 or answer.code != "NOT_READY":
                break
            await asyncio.sleep(_RETRY_SECONDS)
        return answer

    async def read(self, path: str) -> Answer:
        """Read what must be there. Raises StackError with the problem otherwise."""
        return _expect(await self.get(path), "GET", path)

    async def write(self, method: str, path: str, body: object = None, *, key: str | None = None) -> Answer:
        """A command until its real answer is known: repeats after 503 under the same key, follows a 202."""
        key = key or str(uuid.uuid4())
        for _ in range(_ATTEMPTS):
            answer = await self.send(method, path, body, key=key)
            if answer.status == 202:
                return await self._outcome(str(answer.json()["id"]))
            if answer.status != 503:
                return answer
            await asyncio.sleep(_RETRY_SECONDS)
        return answer

    async def create(self, path: str, body: object, *, key: str | None = None) -> JsonObject:
        """A POST that must succeed. Raises StackError with the problem otherwise."""
        return _expect(await self.write("POST", path, body, key=key), "POST", path).json()

    async def _outcome(self, operation: str) -> Answer:
        for _ in range(_ATTEMPTS):
            told = (await self.read(f"/operations/{operation}")).json()
            if told["status"] != "pending":
                body = told["result"] if told["status"] == "succeeded" else told["problem"]
                return Answer(cast(int, told["statusCode"]), "application/json", json.dumps(body).encode())
            await asyncio.sleep(_RETRY_SECONDS)
        raise StackError(f"The operation {operation} is still pending.")


def _expect(answer: Answer, method: str, path: str) -> Answer:
    if answer.status >= 300:
        raise StackError(f"{method} {path} answered {answer.status}: {answer.content[:500].decode(errors='replace')}")
    return answer
