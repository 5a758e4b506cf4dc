"""A price rule that could never apply, or would make a price of less than nothing, is told with its path."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from holdfast_contracts.public.contents import CreateContentDto
from holdfast_contracts.public.faults import FAULTS


def content(**rule: Any) -> CreateContentDto:
    rules = [{"name": "Fine", "effect": "percent", "value": "-10"}, {"name": "New", "effect": "fixed", **rule}]
    body = {"kind": "event", "mode": "session", "title": "Concert", "priceRules": rules}
    return CreateContentDto.model_validate_json(json.dumps(body), by_alias=True, by_name=False)


@pytest.mark.parametrize(
    ("rule", "path"),
    [
        ({"when": {"dates": {"from": "2027-01-02", "to": "2027-01-01"}}}, ("when", "dates", "to")),
        ({"when": {"daysBefore": {"min": 5, "max": 1}}}, ("when", "daysBefore", "max")),
        ({"when": {"partySize": {"min": 2, "max": 1}}}, ("when", "partySize", "max")),
        ({"effect": "replace", "value": "-10"}, ("value",)),
    ],
)
def test_what_can_never_apply_is_refused(rule: dict[str, Any], path: tuple[str, ...]) -> None:
    with pytest.raises(ValidationError) as refused:
        content(**{"value": "5", **rule})
    (error,) = refused.value.errors()
    assert [fault.field for fault in error["ctx"][FAULTS]] == [("priceRules", 1, *path)]


def test_what_can_apply_is_taken() -> None:
    """Negative control: the same bounds the right way round, a day alone, a discount, a price of nothing."""
    content(value="-5", when={"dates": {"from": "2027-01-01", "to": "2027-01-01"}, "daysBefore": {"min": 1, "max": 1}})
    content(effect="replace", value="0", when={"occupancyPercent": {"min": 50}})
