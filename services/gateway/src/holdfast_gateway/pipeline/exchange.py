"""One HTTP request and its answer, as little as the pipelines need; ASGI in, bytes out."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote

from holdfast_contracts.ids import new_id
from holdfast_contracts.problems import PROBLEMS, FieldError, ProblemCode, Refusal, problem_bytes

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Header = tuple[bytes, bytes]

JSON: Final = b"application/json"
PROBLEM: Final = b"application/problem+json"

_CORRELATION: Final = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}", re.ASCII)
_TRACEPARENT: Final = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", re.ASCII)
_SINGLE: Final = frozenset(
    {b"authorization", b"idempotency-key", b"content-type", b"content-length", b"x-tenant-slug", b"host"}
)
_LISTS: Final = frozenset({b"if-match", b"if-none-match", b"prefer"})
"""Lines of these are one list (RFC 9110, section 5.3)."""


@dataclass(slots=True)
class HttpAnswer:
    """What goes back. `body` is sent as it is."""

    status: int
    body: bytes = b""
    content_type: bytes = JSON
    headers: list[Header] = field(default_factory=list)


class Exchange:
    """One request. Headers are read once; the body is read when a pipeline asks for it.

    `told` are headers that its answer has whatever it is, problems included.
    """

    __slots__ = (
        "_receive",
        "address",
        "correlation",
        "headers",
        "method",
        "parameters",
        "path",
        "query",
        "repeated",
        "told",
        "traceparent",
    )

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._receive = receive
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.query: bytes = scope["query_string"]
        pairs: list[Header] = scope["headers"]
        self.headers: dict[bytes, bytes] = dict(pairs)
        self.repeated: frozenset[bytes] = frozenset()
        if len(self.headers) != len(pairs):
            self.repeated = _repeated(pairs)
            self.headers.update(_joined(pairs))
        client = scope.get("client")
        self.address: str = client[0] if client else ""
        self.correlation: str = _correlation(self.headers)
        self.traceparent: str | None = _traceparent(self.headers)
        self.parameters: Mapping[str, str] = {}
        self.told: list[Header] = []

    def header(self, name: bytes) -> str | None:
        """Return a header's value; None where it is missing."""
        value = self.headers.get(name)
        return value.decode("latin-1") if value is not None else None

    async def read(self, most: int) -> bytes:
        """Return the body. Raises Refusal: 413 above `most` bytes, 400 where the client went away."""
        length = self.headers.get(b"content-length")
        if length is not None and length.isdigit() and int(length) > most:
            raise too_large(most)
        message = await self._receive()
        body: bytes = message.get("body", b"")
        while message.get("more_body"):
            message = await self._receive()
            body += message.get("body", b"")
            if len(body) > most:
                raise too_large(most)
        if message["type"] == "http.disconnect":
            raise Refusal(ProblemCode.MALFORMED_REQUEST, "The body did not arrive.")
        if len(body) > most:
            raise too_large(most)
        return body


def too_large(most: int) -> Refusal:
    """Return the 413."""
    return Refusal(ProblemCode.BODY_TOO_LARGE, f"The body has more than {most} bytes.")


def _repeated(pairs: list[Header]) -> frozenset[bytes]:
    seen: set[bytes] = set()
    twice: set[bytes] = set()
    for name, _ in pairs:
        (twice if name in seen else seen).add(name)
    return frozenset(twice & _SINGLE)


def _joined(pairs: list[Header]) -> dict[bytes, bytes]:
    """Return the headers that are lists, their lines joined in order."""
    found: dict[bytes, bytes] = {}
    for name, value in pairs:
        if name in _LISTS:
            found[name] = b"%b, %b" % (found[name], value) if name in found else value
    return found


def _correlation(headers: Mapping[bytes, bytes]) -> str:
    given = headers.get(b"x-correlation-id")
    if given is not None and _CORRELATION.fullmatch(text := given.decode("latin-1")):
        return text
    return str(new_id())


def _traceparent(headers: Mapping[bytes, bytes]) -> str | None:
    given = headers.get(b"traceparent")
    if given is not None and _TRACEPARENT.fullmatch(text := given.decode("latin-1")):
        return text
    return None


def repeated_header_errors(exchange: Exchange) -> list[FieldError]:
    """Return an error for each header that stands twice and may not."""
    return [
        FieldError(name.decode().title(), "REPEATED", "must be given once")
        for name in sorted(exchange.repeated - {b"authorization", b"content-type", b"content-length", b"host"})
    ]


@lru_cache(maxsize=1024)
def _length(size: int) -> bytes:
    return str(size).encode()


NOSNIFF: Final = (b"x-content-type-options", b"nosniff")


async def send_answer(send: Send, exchange: Exchange, answer: HttpAnswer) -> None:
    """Send an answer with the headers that all answers have."""
    headers: list[Header] = [
        (b"content-length", _length(len(answer.body))),
        (b"x-correlation-id", exchange.correlation.encode()),
        NOSNIFF,
        *exchange.told,
        *answer.headers,
    ]
    if answer.status in _NO_CONTENT:
        headers = headers[1:]
    elif answer.body or answer.status != HTTPStatus.NO_CONTENT:
        headers.append((b"content-type", answer.content_type))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


_NO_CONTENT: Final = frozenset({204, 304})
"""These have no body, so neither its length nor its type is told (RFC 9110, sections 15.3.5 and 15.4.5)."""

_ADVICE: Final[Mapping[ProblemCode, Header]] = {
    ProblemCode.UNAUTHENTICATED: (b"www-authenticate", b"Bearer"),
    ProblemCode.TOKEN_EXPIRED: (b"www-authenticate", b'Bearer error="invalid_token"'),
    **{
        code: (b"retry-after", b"%d" % kind.retry_after)
        for code, kind in PROBLEMS.items()
        if kind.retry_after is not None
    },
}


_PATH: Final = "/:@!$&'()*+,;=~"
"""Characters that a path has as they are (RFC 3986, section 3.3), besides letters, digits and `-._`."""


def problem_answer(refusal: Refusal, exchange: Exchange, headers: list[Header] | None = None) -> HttpAnswer:
    """Return the problem document of a refusal; `Retry-After` where waiting helps."""
    found = list(headers or ())
    advice = _ADVICE.get(refusal.code)
    if advice is not None and not any(name == advice[0] for name, _ in found):
        found.append(advice)
    if not any(name == b"cache-control" for name, _ in found):
        found.append((b"cache-control", b"no-store"))
    return HttpAnswer(refusal.status, problem_bytes(refusal, quote(exchange.path, safe=_PATH)), PROBLEM, found)
