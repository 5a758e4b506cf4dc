"""Which TCP ports a stack uses on 127.0.0.1, and whether they are free."""

import random
import socket
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields

from holdfast_local.errors import StackError

HOST = "127.0.0.1"
DEFAULT_PORT = 8000
# Below the range from which systems take ports of outgoing connections, so that none of those is in the way.
_RANDOM_PORTS = range(20000, 32000)


@dataclass(frozen=True)
class Ports:
    """The ports of one stack. The field names are what a reader sees when one is taken."""

    gateway: int
    gateway_internal: int
    booking: int
    inventory: int
    tickets: int
    calendar: int
    postgres: int
    kafka: int
    kafka_controller: int

    def internal(self, service: str) -> int:
        """The port of a service's health, metrics and internal HTTP."""
        return self.gateway_internal if service == "gateway" else int(getattr(self, service))


COUNT = len(fields(Ports))


def consecutive(first: int = DEFAULT_PORT) -> Ports:
    """The gateway at `first`, the others behind it. Raises StackError when they do not fit below 65536."""
    if not 1 <= first <= 65536 - COUNT:
        raise StackError(f"PORT={first} is out of range.", f"Choose a port from 1024 to {65536 - COUNT}.")
    return Ports(*range(first, first + COUNT))


def is_free(port: int, host: str = HOST) -> bool:
    """Whether nobody listens there now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def _candidates() -> Iterator[int]:
    # No secret depends on it; the system's generator keeps parallel runs apart even when they seed `random`.
    source = random.SystemRandom()
    for port in source.sample(_RANDOM_PORTS, len(_RANDOM_PORTS)):
        if is_free(port):
            yield port


def free_port() -> int:
    """One random port that is free now."""
    for port in _candidates():
        return port
    raise StackError("No free TCP port between 20000 and 32000.")


def free() -> Ports:
    """Random ports that are free now, for tests."""
    candidates = _candidates()
    return Ports(*(next(candidates) for _ in range(COUNT)))


def require_free(ports: Ports, *, skip: frozenset[str] = frozenset()) -> None:
    """Raise StackError naming every port that is taken; `skip` names parts that do not run here."""
    names = [field.name for field in fields(ports)]
    taken = [
        f"{port} ({name.replace('_', ' ')})"
        for name, port in zip(names, astuple(ports), strict=True)
        if name not in skip and not is_free(port)
    ]
    if taken:
        raise StackError(
            f"{'This port is' if len(taken) == 1 else 'These ports are'} already in use: {', '.join(taken)}.",
            "Stop what uses them (perhaps another stack), or choose others: make run PORT=8100 STACK=second",
        )
