"""The policy snapshot: content, then tenant, then defaults, field by field."""

from holdfast_inventory.domain.policy import snapshot

DEFAULTS = {
    "cancellation": {"customerCancel": True, "freeUntilHours": 24, "tiers": []},
    "booking": {"autoConfirm": True},
}


def test_each_field_is_the_first_that_a_layer_has():
    content = {"cancellation": {"freeUntilHours": 2}}
    tenant = {"cancellation": {"freeUntilHours": 12, "customerCancel": False}, "booking": None}
    assert snapshot(content, tenant, DEFAULTS) == {
        "cancellation": {"customerCancel": False, "freeUntilHours": 2, "tiers": []},
        "booking": {"autoConfirm": True},
    }


def test_none_counts_as_left_out_and_false_does_not():
    found = snapshot({"booking": {"autoConfirm": None}}, {"booking": {"autoConfirm": False}}, DEFAULTS)
    assert found["booking"] == {"autoConfirm": False}


def test_lists_are_taken_whole():
    assert snapshot({"cancellation": {"tiers": [{"hoursBefore": 0}]}}, DEFAULTS)["cancellation"] == {
        "customerCancel": True,
        "freeUntilHours": 24,
        "tiers": [{"hoursBefore": 0}],
    }
