"""What aiokafka does not know of uvloop: to write to a transport that is closed is a RuntimeError there.

aiokafka expects an OSError, as asyncio's own transports raise, or nothing. The other error ended whichever of its tasks
wrote first after a broker was killed, silently and for good: the one that asks for metadata, for example, after which
a consumer never finds its group again (runbook "Consumers lag").
"""

from __future__ import annotations

from functools import wraps

from aiokafka.conn import AIOKafkaConnection, CloseReason
from aiokafka.errors import KafkaConnectionError

_send = AIOKafkaConnection.send


@wraps(_send)
def _told_send(connection: AIOKafkaConnection, *arguments: object, **named: object) -> object:
    try:
        return _send(connection, *arguments, **named)
    except RuntimeError as error:
        connection.close(reason=CloseReason.CONNECTION_BROKEN)
        raise KafkaConnectionError(f"The connection is closed: {error}") from error


def mend() -> None:
    """Let every connection of this process tell a broken write as what it is; once is enough."""
    AIOKafkaConnection.send = _told_send
