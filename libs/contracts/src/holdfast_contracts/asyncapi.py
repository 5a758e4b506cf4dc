"""The AsyncAPI 3.0 document of the bus: every topic, message, header and key, with the golden messages as examples."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, TypeAlias

from holdfast_contracts import envelope, topics
from holdfast_contracts.golden_messages import golden, golden_names
from holdfast_contracts.message import Command, Message
from holdfast_contracts.registry import MESSAGES
from holdfast_contracts.schema_documents import shared_schemas
from holdfast_contracts.topics import CONSUMED, TOPICS, Topic

Document: TypeAlias = dict[str, Any]

VERSION: Final = "0.1.0"
_SCHEMAS: Final = "#/components/schemas/"
_MESSAGES: Final = "#/components/messages/"


@dataclass(frozen=True, slots=True)
class Channel:
    """What the document tells of a topic besides its messages."""

    topic: Topic
    meaning: str
    key: str
    senders: tuple[str, ...]
    receivers: tuple[str, ...]


CHANNELS: Final[tuple[Channel, ...]] = (
    Channel(
        topics.INVENTORY_COMMANDS,
        "What inventory is asked to do.",
        "What is contended: the dated session, else the resource, else the content; of a release the claim's own key.",
        ("gateway", "booking"),
        ("inventory",),
    ),
    Channel(
        topics.INVENTORY_CLAIMS,
        "Capacity that was taken for a booking. Carries personal data and belongs to booking alone.",
        "The booking's id.",
        ("inventory",),
        ("booking",),
    ),
    Channel(topics.INVENTORY_EVENTS, "What happened in inventory.", "The aggregate's id.", ("inventory",), ()),
    Channel(topics.BOOKING_COMMANDS, "What booking is asked to do.", "The booking's id.", ("gateway",), ("booking",)),
    Channel(
        topics.BOOKING_EVENTS,
        "One event for each version of a booking, with the whole booking; versions have no gaps.",
        "The booking's id.",
        ("booking",),
        ("tickets", "calendar"),
    ),
    Channel(
        topics.TICKETS_EVENTS,
        "Tickets issued and cancelled, and every scan at a door.",
        "The booking's id.",
        ("tickets",),
        ("booking",),
    ),
    Channel(
        topics.TENANT_EVENTS,
        "Tenants as they are now; the last of each is kept, and all are published again every hour.",
        "The tenant's id.",
        ("gateway",),
        (),
    ),
    Channel(
        topics.GATEWAY_REPLIES,
        "Answers to the gateway that asked, as the caller gets them; best effort. The partition is the address.",
        "None.",
        ("inventory", "booking"),
        ("gateway",),
    ),
)

_HEADERS: Final = {
    envelope.CE_ID: "Id of the message; a repeat has the same. Of a command it is the command's id.",
    envelope.CE_TYPE: "Name of the message.",
    envelope.CE_SOURCE: "Who sent it, such as `holdfast/booking`.",
    envelope.CE_TIME: "When it was made, UTC.",
    envelope.CE_SPECVERSION: "Version of CloudEvents.",
    envelope.CE_TENANT: "The tenant whose it is.",
    envelope.CE_CORRELATION: "The same from the HTTP request through every message that it led to.",
    envelope.CE_CAUSATION: "Id of the message that led to this one.",
    envelope.TRACEPARENT: "Trace context (W3C Trace Context).",
    envelope.CONTENT_TYPE: "Always `application/json`.",
}
_COMMAND_HEADERS: Final = {
    envelope.REPLY: "`partition:request-id` of every caller that waits, comma separated.",
    envelope.HASH: "SHA-256 (hex) of method, path and canonical body of the request.",
    envelope.OPERATION: "Public name of the command, as `/operations/:id` shows it.",
    envelope.SUBJECT: "`sub` of the caller, who may read the stored result.",
    envelope.INSTANCE: "Path of the request.",
}
_CLAIM_HEADERS: Final = {
    envelope.CLAIM: "Id of the claim, so that it can be given back when the payload cannot be read.",
    envelope.CLAIM_KEY: "Key under which it was taken.",
}
_REPLY_HEADERS: Final = {
    envelope.REPLY_REQUEST: "Id of the HTTP request that waits.",
    envelope.REPLY_STATUS: "HTTP status of the answer.",
    envelope.REPLY_ETAG: "`ETag` of the answer.",
    envelope.REPLY_KIND: "`answer`, `placed` (booking has the answer) or `released` (capacity is free again).",
}
_DEAD_HEADERS: Final = {
    "hf-dlq-topic": "Topic where the message was read.",
    "hf-dlq-partition": "Its partition.",
    "hf-dlq-offset": "Its offset.",
    "hf-dlq-consumer": "Who gave it up.",
    "hf-dlq-reason": "Why.",
    "hf-dlq-at": "When, UTC.",
}
_UUIDS: Final = (envelope.CE_ID, envelope.CE_TENANT)


def document() -> Document:
    """Return the AsyncAPI document; the caller's own copy."""
    return deepcopy(_document())


@cache
def _document() -> Document:
    return {
        "asyncapi": "3.0.0",
        "info": _info(),
        "defaultContentType": "application/json",
        "channels": _channels(),
        "operations": _operations(),
        "components": {"messages": _messages(), "schemas": _schemas()},
    }


def _info() -> Document:
    return {
        "title": "Holdfast on the bus",
        "version": VERSION,
        "description": (
            "Kafka topics of Holdfast. Messages are CloudEvents 1.0 in binary content mode: the payload is plain JSON, "
            "the attributes are headers with the prefix `ce_`. Delivery is at least once; order holds for each key "
            "within one topic. Ignore fields and types that you do not know, and versions older than what you have. "
            "Third parties subscribe to the topics whose name ends with `events.v1`."
        ),
        "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
    }


def _channels() -> Document:
    found = {channel.topic.name: _channel(channel.topic, channel.meaning, _carried(channel)) for channel in CHANNELS}
    for topic in CONSUMED:
        meaning = f"What was read from `{topic.name}` and could not be read or done, with the reason."
        found[topic.dead_letters.name] = _channel(topic.dead_letters, meaning, ["DeadLetter"])
    return {topic.name: found[topic.name] for topic in TOPICS}


def _carried(channel: Channel) -> list[str]:
    return sorted(MESSAGES.get(channel.topic.name, ())) or ["Reply"]


def _channel(topic: Topic, meaning: str, messages: list[str]) -> Document:
    settings: Document = {"cleanup.policy": ["compact" if topic.compacted else "delete"]}
    if topic.retention is not None:
        settings["retention.ms"] = int(topic.retention.total_seconds() * 1000)
    return {
        "address": topic.name,
        "description": meaning,
        "messages": {name: {"$ref": _MESSAGES + name} for name in messages},
        "bindings": {"kafka": {"topic": topic.name, "partitions": topic.partitions, "topicConfiguration": settings}},
    }


def _operations() -> Document:
    found: Document = {}
    for channel in CHANNELS:
        for action, services in (("send", channel.senders), ("receive", channel.receivers)):
            for service in services:
                found[f"{service}-{action}s-{channel.topic.name}"] = {
                    "action": action,
                    "channel": {"$ref": f"#/channels/{channel.topic.name}"},
                    "summary": f"{service} {action}s {channel.topic.name}",
                }
    return found


def _messages() -> Document:
    found = {
        name: _message(channel, name, message)
        for channel in CHANNELS
        for name, message in MESSAGES.get(channel.topic.name, {}).items()
    }
    found["Reply"] = {
        "title": "Reply",
        "summary": "The body of an answer; empty where the status has none.",
        "headers": _headers(_REPLY_HEADERS, needed=(envelope.REPLY_REQUEST, envelope.REPLY_STATUS)),
    }
    found["DeadLetter"] = {
        "title": "Dead letter",
        "summary": "The message as it was, with headers that say where it came from and why it was given up.",
        "headers": _headers({**_HEADERS, **_DEAD_HEADERS}, needed=tuple(_DEAD_HEADERS)),
    }
    return dict(sorted(found.items()))


def _message(channel: Channel, name: str, message: type[Message]) -> Document:
    headers = dict(_HEADERS)
    if issubclass(message, Command) or channel.topic == topics.INVENTORY_CLAIMS:
        headers |= _COMMAND_HEADERS
    if channel.topic == topics.INVENTORY_CLAIMS:
        headers |= _CLAIM_HEADERS
    told: Document = {
        "name": name,
        "title": name,
        "summary": (message.__doc__ or "").strip().splitlines()[0],
        "contentType": "application/json",
        "headers": _headers(headers, needed=envelope.REQUIRED),
        "payload": {"$ref": _SCHEMAS + name},
        "correlationId": {"location": f"$message.header#/{envelope.CE_CORRELATION}"},
        "bindings": {"kafka": {"key": {"type": "string", "description": channel.key}}},
    }
    if name in golden_names():
        example = golden(name)
        told["examples"] = [{"name": name, "headers": example.headers, "payload": example.payload}]
    return told


def _headers(meanings: dict[str, str], *, needed: tuple[str, ...]) -> Document:
    properties = {
        name: {"type": "string", "description": meaning, **({"format": "uuid"} if name in _UUIDS else {})}
        for name, meaning in meanings.items()
    }
    return {"type": "object", "properties": properties, "required": list(needed)}


def _schemas() -> Document:
    carried = [message for messages in MESSAGES.values() for message in messages.values()]
    return dict(shared_schemas(carried, _SCHEMAS))
