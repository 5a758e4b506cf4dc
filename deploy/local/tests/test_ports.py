import socket

import pytest

from holdfast_local import ports
from holdfast_local.errors import StackError


def test_consecutive_ports_begin_with_the_gateway():
    chosen = ports.consecutive(9100)

    assert chosen.gateway == 9100
    assert [chosen.internal(name) for name in ("gateway", "booking", "inventory", "tickets", "calendar")] == [
        9101,
        9102,
        9103,
        9104,
        9105,
    ]
    assert (chosen.postgres, chosen.kafka, chosen.kafka_controller) == (9106, 9107, 9108)


@pytest.mark.parametrize("first", [0, -1, 65536 - ports.COUNT + 1])
def test_a_first_port_out_of_range_is_refused(first):
    with pytest.raises(StackError, match="out of range"):
        ports.consecutive(first)


def test_free_ports_differ_and_are_free():
    chosen = ports.free()

    ports.require_free(chosen)
    assert len({chosen.gateway, chosen.postgres, chosen.kafka, chosen.kafka_controller}) == 4


def test_a_taken_port_is_named_with_its_part_and_an_advice():
    chosen = ports.free()
    with socket.create_server(("127.0.0.1", chosen.inventory)), pytest.raises(StackError) as refusal:
        ports.require_free(chosen)

    assert f"{chosen.inventory} (inventory)" in str(refusal.value)
    assert "PORT=" in refusal.value.advice


def test_the_port_of_an_engine_that_runs_elsewhere_may_be_taken():
    chosen = ports.free()
    with socket.create_server(("127.0.0.1", chosen.postgres)):
        ports.require_free(chosen, skip=frozenset({"postgres"}))
