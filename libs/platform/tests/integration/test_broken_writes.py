"""A broker that dies in the very moment of a write, under uvloop: the client notices, and lives on."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
import uvloop
from aiokafka.conn import AIOKafkaConnection, create_conn
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.metadata import MetadataRequest

from holdfast_platform.messaging import broken_writes, factory

pytestmark = pytest.mark.integration


async def write_after_the_end(bootstrap):
    """Cut the transport below a connection that does not know it yet, and write to it."""
    host, port = bootstrap.split(":")
    connection = await create_conn(host, int(port))
    try:
        connection._read_task.cancel()  # it has not noticed
        connection._writer.transport.abort()
        await asyncio.sleep(0.05)
        await connection.send(MetadataRequest([]))
    finally:
        with suppress(AttributeError):
            connection.close()


def under_uvloop(work):
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)


def test_whoever_makes_clients_has_mended_them():
    assert factory.broken_writes is broken_writes
    assert AIOKafkaConnection.send is broken_writes._told_send


def test_a_write_to_a_closed_transport_is_a_broken_connection(kafka_bootstrap):
    with pytest.raises(KafkaConnectionError):
        under_uvloop(write_after_the_end(kafka_bootstrap))


def test_control_aiokafka_alone_lets_another_error_through(kafka_bootstrap, monkeypatch):
    monkeypatch.setattr(AIOKafkaConnection, "send", broken_writes._send)
    with pytest.raises(RuntimeError, match="closed"):
        under_uvloop(write_after_the_end(kafka_bootstrap))
