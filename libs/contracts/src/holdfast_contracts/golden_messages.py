"""Golden messages: one of each type as it once travelled, with key and headers; every later reader must take them.

They are written once and never again: a new type gets a file of its own in `golden/`, an old file stays as it is.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from holdfast_contracts.message import Message
from holdfast_contracts.registry import MESSAGES


@dataclass(frozen=True, slots=True)
class Golden:
    """A record of the bus as JSON."""

    topic: str
    key: str
    headers: dict[str, str]
    payload: dict[str, Any]

    def encoded(self) -> bytes:
        """Return the payload's bytes."""
        return json.dumps(self.payload, ensure_ascii=False).encode()

    def read(self) -> Message:
        """Return the message as today's class reads it. Raises pydantic.ValidationError, or KeyError for its type."""
        return MESSAGES[self.topic][self.headers["ce_type"]].decode(self.encoded())


def golden(type_name: str) -> Golden:
    """Return the golden message of a type. Raises FileNotFoundError where there is none."""
    text = files("holdfast_contracts").joinpath("golden", f"{type_name}.json").read_text(encoding="utf-8")
    return Golden(**json.loads(text))


def golden_names() -> set[str]:
    """Return the types that have a golden message."""
    folder = files("holdfast_contracts").joinpath("golden")
    if not folder.is_dir():
        return set()
    return {entry.name.removesuffix(".json") for entry in folder.iterdir() if entry.name.endswith(".json")}


def missing_goldens() -> list[str]:
    """Return the types of message that have none yet."""
    types = {name for messages in MESSAGES.values() for name in messages}
    return sorted(types - golden_names())
