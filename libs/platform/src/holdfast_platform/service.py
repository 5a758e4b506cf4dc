"""Builds what all services share from their settings, so that a `main.py` only names its own rooms."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

import uvloop
from fastapi import APIRouter, FastAPI

from holdfast_contracts.topics import Topic
from holdfast_platform import checkpoints, logs
from holdfast_platform.database.pool import Database
from holdfast_platform.database.revisions import head_of
from holdfast_platform.database.security import CONSUMER, REQUESTS, SWEEPER, role_name
from holdfast_platform.health import Health, health_router
from holdfast_platform.inbox import store as inbox
from holdfast_platform.internal import InternalTokens, MeasuredRequests, add_error_handlers
from holdfast_platform.lifecycle import HttpServer, Part, Service
from holdfast_platform.messaging.consumption import Consumption
from holdfast_platform.messaging.factory import make_producer
from holdfast_platform.messaging.replies import ReplySender
from holdfast_platform.operations import operations_router
from holdfast_platform.outbox.relay import Relay
from holdfast_platform.settings import ServiceSettings
from holdfast_platform.units.batcher import Batcher
from holdfast_platform.units.sweeper import Sweeper
from holdfast_platform.units.unit import Unit
from holdfast_platform.units.work import Work

S = TypeVar("S")


class Frame:
    """The frame of one service: its pools, relay, replies, units, consumers, sweepers, internal API and health."""

    def __init__(self, name: str, settings: ServiceSettings) -> None:
        logs.configure(name, settings.log_level)
        checkpoints.install_from_environment(settings.env)
        self.name = name
        self.settings = settings
        self.requests = Database(settings, role_name(name, REQUESTS))
        self.consumer = Database(settings, role_name(name, CONSUMER))
        self.sweeper = Database(settings, role_name(name, SWEEPER), size=2)
        round_ms = int(settings.relay_round_seconds * 1000) + 5_000
        self._relay_database = Database(settings, role_name(name, SWEEPER), size=1, idle_ms=round_ms)
        self.relay = Relay(self._relay_database, lambda: make_producer(settings), settings)
        self.replies = ReplySender(lambda: make_producer(settings))
        self.tokens = InternalTokens(settings.internal_token_key.get_secret_value())
        self.health = Health(self.requests, head_of(name))
        self.health.add("relay", lambda: None if self.relay.healthy else "does not reach the bus or the database")
        self.app = FastAPI(title=f"holdfast {name}, internal", openapi_url=None, docs_url=None, redoc_url=None)
        self.app.include_router(health_router(self.health))
        self.app.include_router(operations_router(self.requests, self.tokens))
        add_error_handlers(self.app)
        self.app.add_middleware(MeasuredRequests)
        self._consumptions: list[Part] = []
        self._batchers: list[Batcher[Any]] = []
        self._sweepers: list[Sweeper] = []
        self._front: list[Part] = []
        self.sweep_every("inbox-retention", settings.retention_sweep_seconds, self._forget_old_results)

    def unit(self, consumer: str, work: Work[S, Any]) -> Unit[S]:
        """Return a unit of work of this service; `consumer` names its inbox, such as `booking.commands`."""
        return Unit(
            consumer,
            self.name,
            work,
            self.consumer,
            self.settings,
            committed=self.relay.wake,
            reply=self.replies.send,
        )

    def consume(self, topic: Topic, unit: Unit[S], *, commands: bool) -> None:
        """Consume a topic with a unit of work; the group has the name of the unit's consumer."""
        consumption = Consumption(self.settings, topic, unit.consumer, unit, commands=commands)
        self.health.add(unit.consumer, lambda: consumption.ready)
        self._consumptions.append(consumption)

    def batcher(self, unit: Unit[S]) -> Batcher[S]:
        """Return a batcher for calls of this process."""
        batcher = Batcher(unit, self.settings.batch_max_messages)
        self._batchers.append(batcher)
        return batcher

    def sweep_every(self, name: str, seconds: float, sweep: Callable[[], Coroutine[Any, Any, bool]]) -> None:
        """Call `sweep` every so many seconds."""
        self._sweepers.append(Sweeper(name, seconds, sweep))

    def serve(self, router: APIRouter) -> None:
        """Add internal routes."""
        self.app.include_router(router)

    def add_front(self, part: Part) -> None:
        """Add a part that starts last and stops first: the gateway's public door and its ear."""
        self._front.append(part)

    def build(self) -> Service:
        """Return the service, ready to run."""
        door = HttpServer(self.app, self.settings.internal_host, self.settings.internal_port)
        pools: Sequence[Part] = (self.requests, self.consumer, self.sweeper, self._relay_database)
        flows: Sequence[Part] = (self.relay, self.replies)
        start = [*pools, *flows, *self._sweepers, *self._consumptions, *self._front, door]
        stop = [
            *reversed(self._front),
            *self._consumptions,
            *self._sweepers,
            *self._batcher_parts(),
            *flows,
            door,
            *pools,
        ]
        return Service(self.name, self.health, start=start, stop=stop, drain_seconds=self.settings.drain_seconds)

    def _batcher_parts(self) -> list[Part]:
        return [_Ending(batcher) for batcher in self._batchers]

    async def _forget_old_results(self) -> bool:
        async with self.sweeper.transaction() as connection:
            return await inbox.forget_before(connection, self.settings.inbox_retention_days) > 0


class _Ending:
    """A batcher as a part: it needs no start."""

    def __init__(self, batcher: Batcher[Any]) -> None:
        self._batcher = batcher

    async def start(self) -> None:
        """Nothing to begin."""

    async def stop(self) -> None:
        """Finish what was submitted."""
        await self._batcher.stop()


def run(service: Service) -> None:
    """Run a service in a new loop until it is told to stop."""
    _spare_the_collector()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(service.run())


def _spare_the_collector() -> None:
    """Keep what lives for ever out of the garbage collector's way: a rush makes thousands of objects a second."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)
