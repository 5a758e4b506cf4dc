"""Golden messages: all are there, today's classes read them, their schemas take them, and additions are tolerated."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from holdfast_contracts import envelope
from holdfast_contracts.golden_messages import golden, golden_names, missing_goldens
from holdfast_contracts.registry import MESSAGES
from holdfast_contracts.schema_documents import message_schema

TYPES = sorted((topic, name) for topic, messages in MESSAGES.items() for name in messages)


def test_every_message_has_a_golden_one_and_none_is_left_over():
    assert missing_goldens() == []
    assert golden_names() == {name for _, name in TYPES}


@pytest.mark.parametrize(("topic", "name"), TYPES)
def test_a_golden_message_is_read_by_todays_class(topic: str, name: str):
    found = golden(name)
    assert found.topic == topic
    assert found.headers[envelope.CE_TYPE] == name
    assert set(envelope.REQUIRED) <= set(found.headers)
    read = found.read()
    assert read.type_name() == name
    # What was read is what was written: nothing of the golden message is lost on the way.
    assert _contains(json.loads(read.encode()), found.payload)


@pytest.mark.parametrize(("topic", "name"), TYPES)
def test_the_schema_takes_the_golden_message_and_what_later_versions_add(topic: str, name: str):
    validator = jsonschema_rs.validator_for(message_schema(MESSAGES[topic][name]))
    payload = golden(name).payload
    validator.validate(payload)
    validator.validate(_with_additions(payload))


@pytest.mark.parametrize(("topic", "name"), TYPES)
def test_fields_of_a_later_version_are_ignored_wherever_they_stand(topic: str, name: str):
    kind = MESSAGES[topic][name]
    added = json.dumps(_with_additions(golden(name).payload)).encode()
    assert kind.decode(added) == golden(name).read()


@pytest.mark.parametrize(("topic", "name"), TYPES)
def test_a_message_without_one_of_its_needed_fields_is_refused(topic: str, name: str):
    """The negative control: a golden message that lost a field is seen by class and schema alike."""
    kind = MESSAGES[topic][name]
    validator = jsonschema_rs.validator_for(message_schema(kind))
    for field in message_schema(kind)["required"]:
        broken = {key: value for key, value in golden(name).payload.items() if key != field}
        assert not validator.is_valid(broken)
        with pytest.raises(ValueError, match="validation error"):
            kind.decode(json.dumps(broken).encode())


FREE = {"custom", "data", "metadata", "schedulePayload"}
"""Fields whose content is the caller's own and kept as it came, or a choice by the fields that are there."""


def _with_additions(value: Any, name: str = "") -> Any:
    if name in FREE:
        return value
    if isinstance(value, dict):
        grown = {key: _with_additions(part, key) for key, part in value.items()}
        return {**grown, "addedLater": {"by": "a later version"}}
    return [_with_additions(part, name) for part in value] if isinstance(value, list) else value


def _contains(whole: Any, part: Any) -> bool:
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(_contains(whole.get(key), value) for key, value in part.items())
    if isinstance(part, list):
        return len(whole) == len(part) and all(map(_contains, whole, part))
    return bool(whole == part)


def test_containment_sees_a_difference():
    assert not _contains({"a": [{"b": 1}]}, {"a": [{"b": 2}]})
    assert _contains({"a": [{"b": 1}], "c": 2}, {"a": [{"b": 1}]})


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from _objects(part)
    elif isinstance(value, list):
        for part in value:
            yield from _objects(part)


def test_message_schemas_are_open():
    for topic, name in TYPES:
        assert all(
            part.get("additionalProperties") is not False for part in _objects(message_schema(MESSAGES[topic][name]))
        )
