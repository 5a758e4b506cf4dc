"""One arena for all chaos tests: a stack of its own with engines of its own, which may be killed."""

import os
import secrets

import pytest
from tests.chaos.arena import MANY, open_arena

from holdfast_local.fixtures import temporary_stack


@pytest.fixture(scope="session")
def chaos_seed():
    """The seed of this run: CHAOS_SEED where it is set. It is printed, so that a run can be repeated."""
    seed = int(os.environ.get("CHAOS_SEED") or secrets.randbelow(1_000_000))
    print(f"\nchaos seed: {seed} (repeat with CHAOS_SEED={seed})")
    return seed


@pytest.fixture(scope="session")
def chaos_stack():
    with temporary_stack(settings={"gateway": MANY}) as stack:
        yield stack


@pytest.fixture(scope="session")
async def arena(chaos_stack, chaos_seed, tmp_path_factory):
    async with open_arena(chaos_stack, tmp_path_factory.mktemp("chaos"), chaos_seed) as made:
        yield made
