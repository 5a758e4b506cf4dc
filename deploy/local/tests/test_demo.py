import json

import pytest

from holdfast_local import demo
from holdfast_local.seed import seed

pytestmark = pytest.mark.e2e


def test_the_evening_can_be_told(stack, tmp_path, capsys):
    demo.tell(stack.description(), tmp_path)

    assert {path.name for path in tmp_path.iterdir()} == {"ticket.pdf", "ticket.png", "booking.ics"}
    assert "25 bought" in capsys.readouterr().out


def test_seeding_again_finds_what_is_there(stack):
    again = seed(stack.gateway_url, stack.keys, stack.progress)

    found = [(tenant.id, tenant.content["id"], tenant.session["id"]) for tenant in again]
    assert found == [(tenant.id, tenant.content["id"], tenant.session["id"]) for tenant in stack.tenants]


def test_the_stack_is_described_as_promised(stack):
    told = json.loads(stack.paths.description.read_text())

    assert set(told) == {"gateway", "health", "kafka", "databases", "tenants", "platformToken"}
    assert set(told["kafka"]) == {"bootstrap", "kind"}
    assert [tenant["slug"] for tenant in told["tenants"]] == ["demo", "second"]
    for tenant in told["tenants"]:
        assert set(tenant) == {"id", "slug", "tokens"}
        assert set(tenant["tokens"]) == {"owner", "manager", "staff", "door", "auditor", "guest"}
