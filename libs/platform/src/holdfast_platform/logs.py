"""JSON logs: one object a line, with service, tenant and correlation id; secrets are redacted by key."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from contextvars import ContextVar
from typing import Final

import structlog
import structlog.typing

correlation: ContextVar[str | None] = ContextVar("correlation", default=None)
tenant: ContextVar[str | None] = ContextVar("tenant", default=None)

_SECRET_WORDS: Final = ("password", "secret", "token", "authorization", "signature", "cookie", "private")


def _add_context(_logger: object, _name: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
    if correlation.get() is not None:
        event.setdefault("correlationId", correlation.get())
    if tenant.get() is not None:
        event.setdefault("tenantId", tenant.get())
    return event


def _redact(_logger: object, _name: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
    for key in event:
        if any(word in key.lower() for word in _SECRET_WORDS):
            event[key] = "[redacted]"
    return event


def configure(service: str, level: str = "info") -> None:
    """Send structlog's and the standard library's records to standard output as JSON lines."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_context,
        _redact,
        structlog.processors.format_exc_info,
        structlog.processors.EventRenamer("message"),
    ]

    def add_service(_logger: object, _name: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
        event["service"] = service
        return event

    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[add_service, *shared],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for noisy in ("aiokafka", "faststream", "uvicorn.access", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[add_service, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )


def get(name: str) -> structlog.stdlib.BoundLogger:
    """Return a logger."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def debugging() -> bool:
    """Tell whether lines of level debug are written; ask first where making them costs something."""
    return logging.getLogger().isEnabledFor(logging.DEBUG)
