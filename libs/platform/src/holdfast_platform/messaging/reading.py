"""From a Kafka record to a message; nothing here raises for what a record holds."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol
from uuid import UUID

from pydantic import ValidationError

from holdfast_contracts import envelope
from holdfast_contracts.ids import derived_id
from holdfast_contracts.message import Message
from holdfast_contracts.registry import message_class
from holdfast_platform.units.messages import Incoming

_NUL: Final = ("\x00", "\ufffd")
"""PostgreSQL takes it into no text: one such header would stop its partition for ever."""
_NOBODY: Final = UUID(int=0)
_RECORDS: Final = UUID("0d6b1c7e-2f0b-4a52-9a3e-4b7d6c5e8f90")


class Record(Protocol):
    """What aiokafka gives."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a message was read, and its bytes, for its dead letter."""

    topic: str
    partition: int
    offset: int
    key: str
    payload: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that is no message we know."""

    source: Source
    reason: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def type_name(self) -> str:
        """What its header says it is."""
        return self.headers.get(envelope.CE_TYPE, "unknown")

    def placeholder(self) -> Incoming[Message]:
        """Return a stand-in with the ids that its headers give, so that its callers can be told."""
        source = self.source
        message_id = _uuid(self.headers.get(envelope.CE_ID)) or derived_id(
            _RECORDS, source.topic, source.partition, source.offset
        )
        tenant_id = _uuid(self.headers.get(envelope.CE_TENANT)) or _NOBODY
        return Incoming(
            message_id, tenant_id, Message(), source.key, self.headers, _replies(self.headers), source=source
        )


def read(
    record: Record, *, commands: bool, wanted: Container[type[Message]] | None = None
) -> Incoming[Message] | Unreadable | None:
    """Return the message of a record; None for an event of a type that is not `wanted`, or of a later version."""
    # Of most events a service wants to know nothing but this: they are passed over before anything is decoded.
    if not commands and _passed_over(record, wanted):
        return None
    source = _source(record)
    headers = source.headers
    missing = [name for name in envelope.REQUIRED if not headers.get(name)]
    if missing:
        return Unreadable(source, f"header missing: {', '.join(missing)}", headers)
    message_id, tenant_id = _uuid(headers[envelope.CE_ID]), _uuid(headers[envelope.CE_TENANT])
    if message_id is None or tenant_id is None:
        return Unreadable(source, "ce_id or ce_tenantid is no UUID", headers)
    kind = message_class(record.topic, headers[envelope.CE_TYPE])
    if kind is None:
        return Unreadable(source, f"unknown type {headers[envelope.CE_TYPE]}", headers)
    try:
        message = kind.decode(source.payload)
    except ValidationError as error:
        return Unreadable(source, f"payload: {error.error_count()} errors, first {_first(error)}", headers)
    return Incoming(message_id, tenant_id, message, source.key, headers, _replies(headers), source=source)


def _passed_over(record: Record, wanted: Container[type[Message]] | None) -> bool:
    type_name = dict(record.headers).get(envelope.CE_TYPE)
    if not type_name:
        return False
    kind = message_class(record.topic, _text(type_name))
    return kind is None or (wanted is not None and kind not in wanted)


def _source(record: Record) -> Source:
    headers = {name.replace(*_NUL): _text(value) for name, value in record.headers if value is not None}
    return Source(record.topic, record.partition, record.offset, _text(record.key or b""), record.value or b"", headers)


def _text(value: bytes) -> str:
    return value.decode(errors="replace").replace(*_NUL)


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _replies(headers: Mapping[str, str]) -> list[str]:
    text = headers.get(envelope.REPLY, "")
    return text.split(",") if text else []


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
