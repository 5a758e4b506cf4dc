"""Negative controls: with a protection taken away, the same faults must be seen by reconcile."""

import pytest
from tests.chaos.arena import MANY, Arena, open_arena
from tests.chaos.crowd import busy, crowd
from tests.chaos.faults import everything_again, without_inbox

from holdfast_local.fixtures import temporary_stack

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(400)]


@pytest.fixture
async def doomed(chaos_seed, tmp_path):
    """An arena of its own: what is done to it is not healed."""
    with temporary_stack(settings={"gateway": MANY}) as stack:
        async with open_arena(stack, tmp_path, chaos_seed) as made:
            yield made


async def test_control_without_the_inbox_duplicates_are_seen(doomed: Arena):
    async with crowd(doomed, people=8) as made:
        await busy(made, 60)
    await doomed.judge()
    await without_inbox(doomed.stack)
    await everything_again(doomed.stack)
    told = await doomed.verdict()
    assert told.returncode == 1, told.stdout
    assert "I10" in told.stdout
