"""The unit of work, the same for every service [design/walk.md, design/interleavings.md "The batch"].

Deduplicate → begin → lock → inbox → load → decide → flush → inbox and outbox rows → commit → answer. A batch that
fails is halved until the bad message is alone, so that it costs only itself; alone it is tried again a bounded number
of times and then becomes a dead letter, which is one transaction, too. Failures of the infrastructure never count.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Generic, TypeVar

from holdfast_contracts import envelope
from holdfast_contracts.message import Message
from holdfast_contracts.problems import ProblemCode, Refusal
from holdfast_platform import checkpoints, logs, metrics
from holdfast_platform.database.pool import Database
from holdfast_platform.database.writing import Writes
from holdfast_platform.errors import CountMismatch, InfrastructureDown, TooSlow, classify
from holdfast_platform.inbox import store as inbox
from holdfast_platform.messaging.dead_letters import dead_letter_row
from holdfast_platform.messaging.reading import Unreadable
from holdfast_platform.outbox import store as outbox
from holdfast_platform.settings import ServiceSettings
from holdfast_platform.units.log_lines import tell_done, whose
from holdfast_platform.units.messages import Answer, Outcome, Outgoing, refusal_answer
from holdfast_platform.units.repeats import Known, deduplicated, reused, reuses
from holdfast_platform.units.work import AnyIncoming, Work

S = TypeVar("S")

_RACES: Final = 5
"""A batch that loses a race is decided again this often before it is halved like any other that fails."""
_BREATHE_EVERY: Final = 64
"""Messages decided between two breaths of the event loop, so that heartbeats go on."""

log = logs.get(__name__)


@dataclass(slots=True)
class _Decided:
    """One message of a batch with what was decided."""

    given: AnyIncoming
    outcome: Outcome


@dataclass(slots=True)
class _Try:
    """What one try of a batch leads to; thrown away with the transaction where it fails."""

    answers: list[tuple[AnyIncoming, Answer | None]] = field(default_factory=list)
    undecided: list[AnyIncoming] = field(default_factory=list)
    outgoing: list[Outgoing] = field(default_factory=list)


class Unit(Generic[S]):
    """Runs batches of one consumer against one service's state."""

    def __init__(
        self,
        consumer: str,
        source: str,
        work: Work[S, Any],
        database: Database,
        settings: ServiceSettings,
        *,
        committed: Callable[[bool], None],
        reply: Callable[[Sequence[str], Answer], None],
    ) -> None:
        """`consumer` names the inbox, `source` the service; `reply` answers gateways.

        `committed` wakes the relay, and is told whether somebody waits for what it is to publish.
        """
        self.consumer = consumer
        self._source = source
        self._work = work
        self._database = database
        self._settings = settings
        self._committed = committed
        self._reply = reply
        self._most = settings.batch_max_messages

    @property
    def decides(self) -> Container[type[Message]]:
        """The messages that somebody decides here."""
        return self._work.usecases

    async def run(self, batch: Sequence[AnyIncoming]) -> None:
        """Do a batch to its end: every message is decided, found done, or given up, and every caller is answered.

        Raises InfrastructureDown where the database does not answer; then nothing of what is left has happened and
        the same batch may be run again.
        """
        unique, clashes = deduplicated(batch)
        await self._run_in_parts(unique)
        await self._run_in_parts(clashes)  # now the inbox knows whose id theirs is

    async def _run_in_parts(self, batch: list[AnyIncoming]) -> None:
        while batch:
            part, batch = batch[: self._most], batch[self._most :]
            await self._run(part)

    async def _run(self, batch: list[AnyIncoming]) -> None:
        races = 0
        while batch:
            try:
                batch = await self._attempt(batch)
                races = 0
                self._most = min(self._most * 2, self._settings.batch_max_messages)
            except CountMismatch as race:
                races += 1
                metrics.BATCH_RETRIES.labels(self.consumer, "race").inc()
                if races > _RACES:
                    return await self._divide(batch, race)
            except Exception as error:
                return await self._divide(batch, classify(error))
        return None

    async def _divide(self, batch: list[AnyIncoming], error: BaseException) -> None:
        """Halve a batch that failed, in order; a message that fails alone is tried again, then given up."""
        if isinstance(error, InfrastructureDown):
            raise error
        metrics.BATCH_RETRIES.labels(self.consumer, type(error).__name__).inc()
        if isinstance(error, TooSlow):
            self._most = max(1, len(batch) // 2)  # grows again with every batch that is done
        if len(batch) > 1:
            middle = len(batch) // 2
            await self._run(batch[:middle])
            await self._run(batch[middle:])
        elif isinstance(error, TooSlow):
            # Alone and still too slow is the database's trouble, not the message's: it never counts.
            raise InfrastructureDown(str(error)) from error
        else:
            await self._insist(batch[0], error)

    async def _insist(self, given: AnyIncoming, error: BaseException) -> None:
        pause = self._settings.batch_backoff_seconds
        for _ in range(self._settings.batch_tries - 1):
            await asyncio.sleep(pause)
            pause *= 2
            try:
                if not await self._attempt([given]):
                    return
            except Exception as again:
                error = classify(again)
                if isinstance(error, InfrastructureDown | TooSlow):
                    raise InfrastructureDown(str(error)) from again
        await self._give_up(given, error)

    async def _attempt(self, batch: list[AnyIncoming]) -> list[AnyIncoming]:
        """Decide as many messages as fit into one batch's time, in one transaction; return the rest."""
        started = time.monotonic()
        done = _Try()
        async with self._database.batch({given.tenant_id for given in batch}) as connection:
            locked = await self._work.lock(connection, batch)
            await checkpoints.reach("unit.after_lock")
            stored, now = await inbox.read(connection, [given.identity for given in batch])
            fresh = [given for given in batch if given.identity not in stored]
            writes, state = Writes(), None
            if fresh:
                state = await self._work.load(connection, fresh, now, locked)
                await self._decide(writes, fresh, state, now, done)
            self._give_back(writes, [given for given in batch if reuses(given, stored)], done)
            await writes.send(connection)
            await checkpoints.reach("unit.before_commit")
        await checkpoints.reach("unit.after_commit")
        self._answer_all(batch, stored, done)
        if done.outgoing:  # after the answers, for which somebody waits
            self._committed(any(event.topic.awaited for event in done.outgoing))
        self._measure(done, started)
        if state is not None:
            self._work.measure(state)
        tell_done(self.consumer, done.answers)
        return done.undecided

    async def _decide(self, writes: Writes, fresh: list[AnyIncoming], state: S, now: datetime, done: _Try) -> None:
        # Only work counts, not the wait for locks and a slow database: that would make each transaction one message.
        started = time.monotonic()
        decided: list[_Decided] = []
        for position, given in enumerate(fresh):
            decided.append(_Decided(given, self._outcome(given, state)))
            if time.monotonic() - started > self._settings.batch_max_seconds:
                done.undecided = fresh[position + 1 :]
                break
            if position % _BREATHE_EVERY == _BREATHE_EVERY - 1:
                await asyncio.sleep(0)
        self._work.flush(writes, state)
        inbox.write(writes, [inbox.row_of(self.consumer, d.given, d.outcome.answer) for d in decided])
        rows = [outbox.event_row(self._source, event, d.given, now) for d in decided for event in d.outcome.events]
        outbox.write(writes, rows)
        done.outgoing += [event for d in decided for event in d.outcome.events]
        done.answers = [(d.given, d.outcome.answer) for d in decided]

    def _give_back(self, writes: Writes, reused: Sequence[AnyIncoming], done: _Try) -> None:
        """Free what messages hold that are refused, because their id is another request's (I4)."""
        rows = []
        for given in reused:
            events = self._work.give_back(given.tenant_id, given.id, given.type, given.headers)
            rows += [outbox.event_row(self._source, event, given) for event in events]
            done.outgoing += events
        outbox.write(writes, rows)

    def _outcome(self, given: AnyIncoming, state: S) -> Outcome:
        try:
            return self._work.usecases[type(given.message)](given, state)
        except Refusal as refusal:
            return Outcome(refusal_answer(given, refusal))

    def _answer_all(self, batch: list[AnyIncoming], stored: Known, done: _Try) -> None:
        for given, answer in done.answers:
            # The addresses of a placed claim travel on to booking, which answers them; only a repeat is told "placed".
            travels = answer is not None and answer.kind == envelope.KIND_PLACED
            self._answer(given, answer, replies=not travels)
        for given in batch:
            if (known := stored.get(given.identity)) is not None:
                self._answer(given, reused(given) if reuses(given, stored) else known.answer)

    def _answer(self, given: AnyIncoming, answer: Answer | None, *, replies: bool = True) -> None:
        """Wake everyone who waits for this message; what matters is stored already."""
        if answer is not None and given.replies and replies:
            self._reply(given.replies, replace(answer, kind=given.reply_kind) if given.reply_kind else answer)
        for waiter in given.waiters:
            if not waiter.done():
                waiter.set_result(answer or Answer(204, b""))

    async def _give_up(self, given: AnyIncoming, error: BaseException) -> None:
        """Dead-letter a message in one transaction: the result says failed, what it held is given back.

        Raises InfrastructureDown where that cannot be written, or another owner did it first: then it is looked up.
        """
        log.error("message given up", consumer=self.consumer, exc_info=error, **whose(given))
        detail = "The command could not be carried out and was given up; nothing it held is kept."
        answer = refusal_answer(given, Refusal(ProblemCode.COMMAND_FAILED, detail))
        events = self._work.give_back(given.tenant_id, given.id, given.type, given.headers)
        rows = [outbox.event_row(self._source, event, given) for event in events]
        if given.source is not None:
            rows.append(
                dead_letter_row(given.source, given.tenant_id, self.consumer, f"{type(error).__name__}: {error}")
            )
        try:
            async with self._database.batch({given.tenant_id}) as connection:
                writes = Writes()
                inbox.write(writes, [inbox.row_of(self.consumer, given, answer, inbox.FAILED)])
                outbox.write(writes, rows)
                await writes.send(connection)
        except Exception as failure:
            raise InfrastructureDown(str(failure)) from failure
        metrics.DEAD_LETTERS.labels(self.consumer, "failed").inc()
        self._committed(True)
        self._answer(given, answer)

    async def bury(self, unreadable: Unreadable) -> None:
        """Dead-letter a record that could not be read, at once, and give back what its headers say it held.

        Where another replica could read it, and has done it before, that stands and is told again.
        """
        given = unreadable.placeholder()
        log.error(
            "record cannot be read",
            consumer=self.consumer,
            topic=unreadable.source.topic,
            reason=unreadable.reason,
            **whose(given) | {"type": unreadable.type_name},
        )
        answer = refusal_answer(given, Refusal(ProblemCode.COMMAND_FAILED, "The command could not be read."))
        events = self._work.give_back(given.tenant_id, given.id, unreadable.type_name, given.headers)
        rows = [outbox.event_row(self._source, event, given) for event in events]
        rows.append(dead_letter_row(unreadable.source, given.tenant_id, self.consumer, unreadable.reason))
        try:
            async with self._database.batch({given.tenant_id}) as connection:
                stored, _ = await inbox.read(connection, [given.identity])
                known, writes = stored.get(given.identity), Writes()
                if known is None:
                    row = inbox.row_of(self.consumer, given, answer, inbox.FAILED)
                    inbox.write(writes, [{**row, "type": unreadable.type_name}])
                if known is None or reuses(given, stored):
                    outbox.write(writes, rows)
                await writes.send(connection)
        except Exception as error:
            raise InfrastructureDown(str(error)) from error
        if known is None or reuses(given, stored):
            metrics.DEAD_LETTERS.labels(self.consumer, "unreadable").inc()
            self._committed(True)
        if known is None:
            self._answer(given, answer)
        else:
            self._answer(given, reused(given) if reuses(given, stored) else known.answer)

    def _measure(self, done: _Try, started: float) -> None:
        metrics.BATCH_SIZE.labels(self.consumer).observe(len(done.answers))
        metrics.BATCH_SECONDS.labels(self.consumer).observe(time.monotonic() - started)
        outcomes = Counter((given.type, inbox.outcome_of(answer)) for given, answer in done.answers)
        for (kind, outcome), count in outcomes.items():
            metrics.MESSAGES.labels(self.consumer, kind, outcome).inc(count)
