"""A member of the toy's group as a process of its own, so that it can be stopped with all it holds.

Does one command as a consumer would, again and again until the database answers, and prints what came of it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from uuid import UUID

from holdfast_platform import checkpoints
from holdfast_platform.database.pool import Database
from holdfast_platform.database.security import CONSUMER, role_name
from holdfast_platform.errors import InfrastructureDown
from holdfast_platform.settings import ServiceSettings
from holdfast_platform.testing import toy
from holdfast_platform.testing.databases import settings_for
from holdfast_platform.testing.units import decide, unit_for_test


async def main(url, tenant, counter, message_id, settings, idle_ms):
    checkpoints.install_from_environment("test")
    own = settings_for(ServiceSettings, url, **settings)
    database = Database(own, role_name(toy.SERVICE, CONSUMER), idle_ms=idle_ms)
    await database.start()
    unit = unit_for_test("toy.commands", toy.SERVICE, toy.ToyWork(), database, own)
    tries = 1
    while True:
        try:
            (answer,) = await decide(unit, toy.take(UUID(tenant), UUID(counter), message_id=UUID(message_id)))
            break
        except InfrastructureDown:
            tries += 1
            await asyncio.sleep(own.infrastructure_backoff_seconds)
    await database.stop()
    json.dump({"tries": tries, "status": answer.status, "body": answer.body.decode()}, sys.stdout)


asyncio.run(main(**json.loads(sys.argv[1])))
