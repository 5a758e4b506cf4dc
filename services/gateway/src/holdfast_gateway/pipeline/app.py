"""The public door: pure ASGI, a trie made of the table, one runner for each route. Everything it says is a problem or
an answer; what is not in the table but among the documents goes to FastAPI.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from holdfast_contracts.problems import ProblemCode, Refusal, not_found
from holdfast_gateway.pipeline.exchange import Exchange, Header, HttpAnswer, problem_answer, send_answer
from holdfast_gateway.pipeline.routes import Planned, Route
from holdfast_gateway.pipeline.routing import Router, allowed
from holdfast_platform import logs, metrics

log = logs.get(__name__)

Answer = Callable[[Exchange], Awaitable[HttpAnswer]]


class Runner:
    """One route, ready to be served. `quiet` headers also stand on its problems."""

    __slots__ = ("_seconds", "answer", "quiet", "route")

    def __init__(self, route: Route, answer: Answer, quiet: Sequence[Header] = ()) -> None:
        self.route = route
        self.answer = answer
        self.quiet = list(quiet)
        self._seconds: dict[int, Callable[[float], None]] = {}

    def observe(self, status: int, seconds: float) -> None:
        """Measure an answer."""
        observe = self._seconds.get(status)
        if observe is None:
            observe = metrics.HTTP_SECONDS.labels(self.route.method, self.route.template, str(status)).observe
            self._seconds[status] = observe
        observe(seconds)


class PublicDoor:
    """Serves every public request."""

    def __init__(self, runners: Iterable[Runner], documents: ASGIApp, document_paths: Iterable[str]) -> None:
        self._router: Router[Runner] = Router()
        for runner in runners:
            self._router.add(runner.route.method, runner.route.path, runner)
        self._documents = documents
        self._document_paths = frozenset(document_paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] != "http":
            return
        if scope["path"] in self._document_paths and scope["method"] in {"GET", "HEAD"}:
            head = scope["method"] == "HEAD"
            await self._documents({**scope, "method": "GET"}, receive, _headers_only(send) if head else send)
            return
        exchange = Exchange(scope, receive)
        logs.correlation.set(exchange.correlation)
        await send_answer(send, exchange, await self._serve(exchange))

    async def _serve(self, exchange: Exchange) -> HttpAnswer:
        found = self._router.find(exchange.path)
        if found is None:
            if exchange.path in self._document_paths:
                return _other_method(exchange, ("GET", "HEAD"))
            return problem_answer(not_found("path"), exchange)
        handlers, values = found
        handler = handlers.get(exchange.method)
        if handler is None:
            return _other_method(exchange, _built(handlers))
        runner, names = handler
        if names:
            exchange.parameters = dict(zip(names, values, strict=True))
        started = time.perf_counter()
        answer = await _guarded(runner, exchange)
        seconds = time.perf_counter() - started
        runner.observe(answer.status, seconds)
        if logs.telling():
            logs.tell_many(__name__, "answered", [_line(runner, exchange, answer, seconds)])
        return answer


def _headers_only(send: Send) -> Send:
    """Return what sends an answer to GET as the one to HEAD: the same headers, no body (RFC 9110, section 9.3.2)."""

    async def without_body(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return without_body


def _line(runner: Runner, exchange: Exchange, answer: HttpAnswer, seconds: float) -> dict[str, object]:
    line: dict[str, object] = {
        "method": runner.route.method,
        "route": runner.route.path,
        "status": answer.status,
        "seconds": round(seconds, 4),
        "correlationId": exchange.correlation,
        **logs.trace_id(exchange.traceparent),
    }
    if (tenant := logs.tenant.get()) is not None:
        line["tenantId"] = tenant
    return line


async def _guarded(runner: Runner, exchange: Exchange) -> HttpAnswer:
    try:
        return await runner.answer(exchange)
    except Refusal as refusal:
        if refusal.status >= 500 and refusal.code is not ProblemCode.NOT_IMPLEMENTED:
            log.warning("refused", code=str(refusal.code), reason=refusal.detail, path=exchange.path)
        retry = refusal.extras.get("retryAfter")
        headers = [*runner.quiet, *([(b"retry-after", str(retry).encode())] if retry is not None else [])]
        return problem_answer(refusal, exchange, headers)
    except Exception:
        log.exception("request failed", method=exchange.method, path=exchange.path)
        detail = "The request could not be answered; it is in the log under the correlation id."
        return problem_answer(Refusal(ProblemCode.INTERNAL_ERROR, detail), exchange, runner.quiet)


def _built(handlers: Mapping[str, tuple[Runner, tuple[str, ...]]]) -> list[str]:
    """Return the methods that are built, as the OpenAPI document has them; where none is, those that are planned."""
    return [method for method, (runner, _) in handlers.items() if not isinstance(runner.route, Planned)] or [*handlers]


def _other_method(exchange: Exchange, methods: Iterable[str]) -> HttpAnswer:
    """Return 405 with what the path does serve, or that alone for OPTIONS."""
    allow = (b"allow", allowed(methods).encode())
    if exchange.method == "OPTIONS":
        return HttpAnswer(204, headers=[allow])
    detail = f"The path does not serve {exchange.method[:20]}."
    return problem_answer(Refusal(ProblemCode.METHOD_NOT_ALLOWED, detail), exchange, [allow])
