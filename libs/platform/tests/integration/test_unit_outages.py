"""A holder of locks that sleeps, a database that is silent: how long others wait, and that nothing is lost or twice."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest
from pydantic import SecretStr

from holdfast_platform.errors import InfrastructureDown
from holdfast_platform.testing.crossing import held_at, until
from holdfast_platform.testing.silence import Line
from holdfast_platform.testing.toy import take
from holdfast_platform.testing.units import decide

pytestmark = pytest.mark.integration

MEMBER = str(Path(__file__).with_name("toy_member.py"))
BRISK = {
    "lock_timeout_ms": 150,
    "statement_timeout_ms": 300,
    "idle_in_transaction_timeout_ms": 500,
    "kafka_session_timeout_ms": 2_000,
    "infrastructure_backoff_seconds": 0.05,
}
"""The default time-outs in their order, smaller."""
SESSION_SECONDS = 2.0


@asynccontextmanager
async def sleeping_member(url, command, *, idle_ms=None):
    """A process that was stopped as it was about to commit this command; ends with it."""
    told = {
        "url": url,
        "tenant": str(command.tenant_id),
        "counter": str(command.message.counter_id),
        "message_id": str(command.id),
        "settings": BRISK,
        "idle_ms": idle_ms,
    }
    environment = {**os.environ, "HOLDFAST_CHECKPOINTS": "unit.before_commit=stop"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, MEMBER, json.dumps(told), env=environment, stdout=asyncio.subprocess.PIPE
    )

    async def stopped():
        return os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOHANG | os.WNOWAIT)  # noqa: ASYNC222 - WNOHANG

    try:
        await until(stopped, 30)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def wake(process):
    """Let the stopped process go on, and return what it prints at its end."""
    process.send_signal(signal.SIGCONT)
    printed, _ = await asyncio.wait_for(process.communicate(), 20)
    return json.loads(printed)


async def try_until(deadline, owner, command):
    """Try a command as a consumer would, until a time; return its answer, or None where it was shut out."""
    while time.monotonic() < deadline:
        try:
            (answer,) = await decide(
                owner.unit, take(command.tenant_id, command.message.counter_id, message_id=command.id)
            )
            return answer
        except InfrastructureDown:
            await asyncio.sleep(0.05)
    return None


async def effects(admin):
    """How often units were taken, and what was given up."""
    taken = await admin.fetchval("SELECT sum(taken) FROM counters")
    dead = await admin.fetchval("SELECT count(*) FROM outbox WHERE topic LIKE '%.dlq'")
    return taken, dead


async def test_what_a_stopped_process_holds_is_free_before_the_group_gives_it_up(
    new_owner, new_counter, admin, toy_url
):
    """SIGSTOP inside a batch: the new owner is through within the group's session; the old one, awake, repeats its
    batch and finds what was done (I5)."""
    other = await new_owner(**BRISK)
    command = take(*await new_counter())
    async with sleeping_member(toy_url, command) as process:
        answer = await try_until(time.monotonic() + SESSION_SECONDS, other, command)
        assert answer is not None, "the locks of a stopped process outlived its session"
        told = await wake(process)
    assert (told["status"], told["body"]) == (201, answer.body.decode())
    assert told["tries"] > 1
    assert await effects(admin) == (1, 0)


async def test_control_without_a_limit_for_idle_transactions_the_new_owner_is_shut_out(
    new_owner, new_counter, admin, toy_url
):
    """Negative control of the test above; still one effect, once the old owner wakes."""
    other = await new_owner(**BRISK)
    command = take(*await new_counter())
    async with sleeping_member(toy_url, command, idle_ms=60_000) as process:
        assert await try_until(time.monotonic() + SESSION_SECONDS, other, command) is None
        told = await wake(process)
    assert told["tries"] == 1
    answer = await try_until(time.monotonic() + 5, other, command)
    assert answer.body.decode() == told["body"]
    assert await effects(admin) == (1, 0)


@pytest.fixture
def impatient(monkeypatch):
    """Pools that wait a fraction of a second for an answer instead of half a minute."""
    create = asyncpg.create_pool
    monkeypatch.setattr(
        asyncpg, "create_pool", lambda *args, **options: create(*args, **{**options, "command_timeout": 0.3})
    )


async def test_a_database_that_falls_silent_at_the_commit_has_one_effect(
    new_owner, new_counter, admin, toy_url, impatient
):
    """Whether it was committed nobody knows; the repeat finds out."""
    command = take(*await new_counter(), replies=["0:r0"])
    line = Line()
    async with line.to(toy_url) as url:
        owner = await new_owner(database_url=SecretStr(url), **BRISK)
        with held_at("unit.before_commit") as held:
            running = asyncio.create_task(owner.unit.run([command]))
            await held.there()
            line.speaks.clear()
        with pytest.raises(InfrastructureDown):
            await asyncio.wait_for(running, 20)
        assert owner.told == []
        assert await effects(admin) == (1, 0)  # it was; only the answer was lost
        line.speaks.set()
        await owner.unit.run([command])
        assert owner.heard() == {"0:r0": [201]}
        assert await effects(admin) == (1, 0)
        await owner.database.stop()


async def test_a_database_that_is_silent_gives_up_no_message(new_owner, new_counter, admin, toy_url, impatient):
    command = take(*await new_counter(), replies=["0:r0"])
    line = Line()
    async with line.to(toy_url) as url:
        owner = await new_owner(database_url=SecretStr(url), **BRISK)
        line.speaks.clear()
        with pytest.raises(InfrastructureDown):
            await asyncio.wait_for(owner.unit.run([command]), 20)
        line.speaks.set()
        await owner.unit.run([command])
        assert owner.heard() == {"0:r0": [201]}
        assert await effects(admin) == (1, 0)
        await owner.database.stop()
