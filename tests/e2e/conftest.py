"""The whole stack from outside. `E2E_STACK=name` takes a stack that runs already instead of starting one."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from e2e_samples import Concert, concert
from e2e_world import Tenant, World

from holdfast_local.keys import load_or_make
from holdfast_local.paths import stack_paths


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything here; what waits for a minute to pass comes last, when most of it has passed."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)
    items.sort(
        key=lambda item: item.path.parent == Path(__file__).parent and item.path.stem == "test_zz_a_minute_later"
    )


@pytest.fixture(scope="session")
def world(request: pytest.FixtureRequest):
    """Addresses, keys and logs of the stack."""
    name = os.environ.get("E2E_STACK")
    if name:
        paths = stack_paths(name)
        yield World(json.loads(paths.description.read_text()), load_or_make(paths.secrets), paths.logs)
    else:
        stack = request.getfixturevalue("stack")
        yield World(stack.description(), stack.keys, stack.paths.logs)


@pytest.fixture(scope="session")
def tenant(world: World) -> Tenant:
    """A tenant of this run alone, in Berlin, with euros; most tests live here."""
    return world.new_tenant(name="Pier Seven", timezone="Europe/Berlin", currency="EUR")


@pytest.fixture(scope="session")
def other(world: World) -> Tenant:
    """Another tenant, who must see nothing of the first."""
    return world.new_tenant(name="Second Street", timezone="America/New_York", currency="USD")


@pytest.fixture
def show(tenant: Tenant) -> Concert:
    """An event a month ahead with two tiers: ten Standard, five Family (each admits four)."""
    return concert(tenant)


@pytest.fixture(scope="session", autouse=True)
def pending_for_a_minute(tenant: Tenant) -> tuple[Concert, dict]:
    """A booking that waits for approval a minute at most, made first so that nobody waits for it at the end."""
    show = concert(
        tenant,
        tiers=[{"name": "Last", "kind": "paid", "price": "10.00", "quantity": 1}],
        policies={"booking": {"autoConfirm": False, "approval": "always", "pendingMinutes": 1}},
    )
    return show, show.booked(tenant.guest)
