"""From a record to a message: what is passed over unread, and what no text of the database takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import uuid4

import pytest

from holdfast_contracts import envelope
from holdfast_contracts.registry import MESSAGES
from holdfast_contracts.tickets import TicketScanned
from holdfast_contracts.topics import TICKETS_EVENTS
from holdfast_platform.messaging.reading import Unreadable, read


class Sealed(bytes):
    """A value that nobody may decode."""

    def decode(self, *_given, **_named):
        pytest.fail("a record that nobody wants was decoded")


@dataclass
class FakeRecord:
    type_name: bytes
    value: bytes = b"{}"
    more: dict[str, bytes] = field(default_factory=dict)
    topic: str = TICKETS_EVENTS.name
    partition: int = 0
    offset: int = 7
    key: bytes | None = b"key"

    @property
    def headers(self):
        ids = {envelope.CE_ID: str(uuid4()).encode(), envelope.CE_TENANT: str(uuid4()).encode()}
        return tuple(({envelope.CE_TYPE: self.type_name} | ids | self.more).items())


@pytest.mark.parametrize("type_name", ["TicketsIssued", "OfALaterVersion"])
def test_an_event_that_nobody_decides_is_passed_over_before_it_is_decoded(type_name):
    sealed = dict.fromkeys([envelope.CE_ID, envelope.CE_TENANT, envelope.CE_CORRELATION], Sealed(b"x"))
    record = FakeRecord(type_name.encode(), Sealed(b"{}"), sealed, key=Sealed(b"key"))
    assert read(record, commands=False, wanted={TicketScanned}) is None


def test_an_event_that_somebody_decides_is_read_to_its_end():
    assert "TicketScanned" in MESSAGES[TICKETS_EVENTS.name]
    found = read(FakeRecord(b"TicketScanned"), commands=False, wanted={TicketScanned})
    assert isinstance(found, Unreadable)
    assert found.reason.startswith("payload")


def test_a_command_of_an_unknown_type_is_unreadable():
    found = read(FakeRecord(b"OfALaterVersion"), commands=True)
    assert isinstance(found, Unreadable)
    assert found.reason == "unknown type OfALaterVersion"


@pytest.mark.parametrize("commands", [True, False])
def test_what_does_not_say_what_it_is_cannot_be_read(commands):
    found = read(FakeRecord(b""), commands=commands, wanted={TicketScanned})
    assert isinstance(found, Unreadable)
    assert found.reason == "header missing: ce_type"


def test_no_header_and_no_key_carries_a_nul():
    record = FakeRecord(b"Ta\x00ke", more={"hf-sub\x00ject": b"a\x00b"}, key=b"k\x00")
    found = read(record, commands=True)
    assert isinstance(found, Unreadable)
    texts = [*found.headers, *found.headers.values(), found.source.key]
    assert not [text for text in texts if "\x00" in text]
    assert found.headers["hf-sub\ufffdject"] == "a\ufffdb"
