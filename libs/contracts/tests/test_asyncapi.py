"""The AsyncAPI document: whole, consistent, and its examples fit their schemas."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs

from holdfast_contracts.asyncapi import document
from holdfast_contracts.registry import MESSAGES
from holdfast_contracts.topics import TOPICS


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for part in value.values():
            yield from _references(part)
    elif isinstance(value, list):
        for part in value:
            yield from _references(part)


def _find(whole: dict[str, Any], reference: str) -> Any:
    found: Any = whole
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found


def test_every_topic_is_a_channel_with_its_messages():
    told = document()
    assert list(told["channels"]) == [topic.name for topic in TOPICS]
    for topic, messages in MESSAGES.items():
        assert set(told["channels"][topic]["messages"]) == set(messages)
    assert all(channel["messages"] for channel in told["channels"].values())


def test_every_reference_leads_somewhere():
    told = document()
    references = set(_references(told))
    assert len(references) > 100
    for reference in references:
        assert _find(told, reference) is not None


def test_examples_fit_the_schemas_and_the_headers():
    told = document()
    for name, message in told["components"]["messages"].items():
        if "payload" not in message:
            continue
        (example,) = message["examples"]
        whole = {"$ref": message["payload"]["$ref"], "components": told["components"]}
        jsonschema_rs.validator_for(json.loads(json.dumps(whole))).validate(example["payload"])
        assert set(example["headers"]) <= set(message["headers"]["properties"]) | {"hf-reply"}, name
        jsonschema_rs.validator_for(message["headers"]).validate(example["headers"])


def test_callers_cannot_change_the_document_for_others():
    document()["info"]["title"] = "changed"
    assert document()["info"]["title"] == "Holdfast on the bus"
