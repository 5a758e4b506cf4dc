"""Repeats: what came before under the same identity, in this batch or in an earlier one (I5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from holdfast_contracts.problems import key_reused
from holdfast_platform.inbox.store import Stored
from holdfast_platform.units.messages import Answer, Identity, refusal_answer
from holdfast_platform.units.work import AnyIncoming

Known = Mapping[Identity, Stored]
"""What the inbox knows of the messages of a batch."""


def deduplicated(batch: Sequence[AnyIncoming]) -> tuple[list[AnyIncoming], list[AnyIncoming]]:
    """Return the batch with each id once, and the later messages whose id stands for another request.

    A repeat adds its callers to the first: all of them are answered [design/interleavings.md, (1)].
    """
    first: dict[Identity, AnyIncoming] = {}
    clashes: list[AnyIncoming] = []
    for given in batch:
        known = first.setdefault(given.identity, given)
        if known is given:
            continue
        if known.request_hash == given.request_hash:
            known.replies.extend(reply for reply in given.replies if reply not in known.replies)
            known.waiters.extend(waiter for waiter in given.waiters if waiter not in known.waiters)
        else:
            clashes.append(given)
    return list(first.values()), clashes


def reuses(given: AnyIncoming, known: Known) -> bool:
    """Tell whether the id of a message stands for another request."""
    before = known.get(given.identity)
    return before is not None and before.request_hash is not None and before.request_hash != given.request_hash


def reused(given: AnyIncoming) -> Answer:
    """Return the answer to another request under a known key."""
    return refusal_answer(given, key_reused())
