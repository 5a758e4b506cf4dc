"""Schemas may only grow within a version; each way to break one is seen."""

import json
import subprocess
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from holdfast_contracts.booking import BookingConfirmed
from holdfast_contracts.compatibility import Kind, breaks
from holdfast_contracts.public.bookings import BookingResponseDto, CreateBookingDto
from holdfast_contracts.schema_documents import body_schema, message_schema, schema_files

PACKAGE = Path(__file__).parents[1] / "src/holdfast_contracts"
RELEASED = "libs/contracts/src/holdfast_contracts/schemas"

EVENT = message_schema(BookingConfirmed)
REQUEST = body_schema(CreateBookingDto)
ANSWER = body_schema(BookingResponseDto)


def _git(*arguments: str) -> str | None:
    done = subprocess.run(["git", "-C", str(PACKAGE), *arguments], capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else None


def _last_release() -> str:
    """The last tag `v…`; until there is one, what is committed."""
    return (_git("describe", "--tags", "--abbrev=0", "--match", "v*") or "HEAD").strip()


def _released_schemas() -> dict[str, Any]:
    """Schemas of the last release by path; those of the work tree where there is no repository (an export)."""
    release = _last_release()
    listed = _git("ls-tree", "-r", "--name-only", "--full-tree", release, RELEASED)
    if listed is None:
        folder = PACKAGE / "schemas"
        return {str(path.relative_to(folder)): json.loads(path.read_text()) for path in folder.rglob("*.json")}
    found = {}
    for path in listed.splitlines():
        text = _git("show", f"{release}:{path}")
        assert text is not None
        found[path.removeprefix(f"{RELEASED}/")] = json.loads(text)
    return found


def _kind(path: str) -> Kind:
    if path.startswith("public/answers/"):
        return "answer"
    return "request" if path.startswith("public/requests/") else "message"


def test_schemas_only_grew_since_the_last_release():
    now = {path: json.loads(text) for path, text in schema_files().items()}
    released = _released_schemas()
    gone = sorted(set(released) - set(now))
    broken = [
        f"{path} {what}"
        for path, schema in released.items()
        if path in now
        for what in breaks(schema, now[path], _kind(path))
    ]
    assert gone == []
    assert broken == []


def test_what_is_committed_is_what_the_classes_say():
    committed = {str(path.relative_to(PACKAGE / "schemas")) for path in (PACKAGE / "schemas").rglob("*.json")}
    files = schema_files()
    assert committed == set(files)
    assert [path for path in sorted(files) if (PACKAGE / "schemas" / path).read_text() != files[path]] == []


@pytest.mark.parametrize(("schema", "kind"), [(EVENT, "message"), (REQUEST, "request"), (ANSWER, "answer")])
def test_a_schema_is_compatible_with_itself(schema: dict[str, Any], kind: Kind):
    assert breaks(schema, schema, kind) == []


def test_a_new_optional_field_is_growth():
    grown = deepcopy(EVENT)
    grown["properties"]["colour"] = {"type": "string", "default": "red"}
    assert breaks(EVENT, grown) == []


def test_a_new_field_of_an_answer_is_growth():
    grown = deepcopy(ANSWER)
    grown["properties"]["colour"] = {"type": "string"}
    grown["required"].append("colour")
    assert breaks(ANSWER, grown, "answer") == []


def test_a_request_may_take_more():
    grown = deepcopy(REQUEST)
    grown["required"].remove("bookingMode")
    grown["properties"]["bookingMode"] = {"anyOf": [grown["properties"]["bookingMode"], {"type": "null"}]}
    assert breaks(REQUEST, grown, "request") == []


def test_a_removed_field_is_seen():
    broken = deepcopy(EVENT)
    del broken["properties"]["subject"]
    broken["required"].remove("subject")
    assert breaks(EVENT, broken) == ["$.subject: removed"]


def test_a_field_removed_deep_inside_is_seen():
    broken = deepcopy(EVENT)
    del broken["$defs"]["BookingState"]["properties"]["bookingNumber"]
    broken["$defs"]["BookingState"]["required"].remove("bookingNumber")
    assert breaks(EVENT, broken) == ["$.booking.bookingNumber: removed"]


def test_a_retyped_field_is_seen():
    broken = deepcopy(EVENT)
    broken["properties"]["version"] = {"type": "string"}
    assert breaks(EVENT, broken) == ["$.version: type was 'integer' and is 'string'"]


def test_a_field_that_becomes_nullable_is_seen_in_an_event():
    broken = deepcopy(EVENT)
    broken["properties"]["subject"] = {"anyOf": [{"type": "string"}, {"type": "null"}]}
    assert breaks(EVENT, broken) == ["$.subject: may be null now"]


def test_an_alternative_that_is_no_longer_taken_is_seen():
    broken = deepcopy(REQUEST)
    broken["properties"]["contentId"] = {"type": "string", "format": "uuid"}
    assert breaks(REQUEST, broken, "request") == ["$.contentId: no longer takes null"]


def test_a_new_required_field_is_seen():
    broken = deepcopy(EVENT)
    broken["properties"]["colour"] = {"type": "string"}
    broken["required"].append("colour")
    assert breaks(EVENT, broken) == ["$.colour: must be there now"]


def test_an_optional_field_that_becomes_required_is_seen():
    broken = deepcopy(REQUEST)
    broken["required"].append("customerName")
    assert breaks(REQUEST, broken, "request") == ["$.customerName: must be there now"]


def test_a_field_that_an_answer_may_leave_out_is_seen():
    broken = deepcopy(ANSWER)
    broken["required"].remove("bookingNumber")
    assert breaks(ANSWER, broken, "answer") == ["$.bookingNumber: may be missing now"]


def test_a_removed_value_is_seen_and_an_added_one_is_growth():
    broken, grown = deepcopy(EVENT), deepcopy(EVENT)
    broken["$defs"]["BookingStatus"]["enum"].remove("no_show")
    grown["$defs"]["BookingStatus"]["enum"].append("archived")
    assert any("values removed: no_show" in what for what in breaks(EVENT, broken))
    assert breaks(EVENT, grown) == []
