"""Pytest plugin: `pytest_plugins = ["holdfast_local.fixtures"]` gives engines and a whole stack, started on demand.

Inside `make test` they use the engines of that run; `pytest tests/e2e` alone starts its own.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from holdfast_local import ports
from holdfast_local.engines import Engines
from holdfast_local.keys import load_or_make
from holdfast_local.ownership import Ownership, remove_stack
from holdfast_local.paths import stack_paths
from holdfast_local.progress import Progress
from holdfast_local.pytest_run import PREFIX
from holdfast_local.stack import Settings, Stack


def test_stack_name() -> str:
    """A fresh name; `make test` and `make clean` remove stacks named so whose run was killed."""
    return f"{PREFIX}{secrets.token_hex(3)}"


@pytest.fixture(scope="session")
def unstarted_engines() -> Iterator[tuple[Engines, Ownership]]:
    """The engines of this session before anybody has asked for one; torn down at its end."""
    paths = stack_paths(test_stack_name())
    ownership = Ownership(paths)
    ownership.take()
    made = Engines(paths, ports.free(), load_or_make(paths.secrets), Progress(silent=True), os.environ)
    try:
        yield made, ownership
    finally:
        made.stop()
        ownership.release()
        remove_stack(paths)


@pytest.fixture(scope="session")
def postgres_url(unstarted_engines: tuple[Engines, Ownership]) -> str:
    """The superuser's URL of a PostgreSQL; started without Kafka, which takes ten times as long."""
    engines, ownership = unstarted_engines
    engines.start_postgres()
    ownership.record(engines.processes())
    return engines.postgres.url()


@pytest.fixture(scope="session")
def kafka_bootstrap(unstarted_engines: tuple[Engines, Ownership]) -> str:
    """The address of a Kafka."""
    engines, ownership = unstarted_engines
    engines.start_kafka()
    ownership.record(engines.processes())
    return engines.kafka.bootstrap


@pytest.fixture(scope="session")
def engines(unstarted_engines: tuple[Engines, Ownership], postgres_url: str, kafka_bootstrap: str) -> Engines:
    """Both: a PostgreSQL (`.postgres.url()`, superuser) and a Kafka (`.kafka.bootstrap`)."""
    return unstarted_engines[0]


@pytest.fixture(scope="session")
def stack(engines: Engines) -> Iterator[Stack]:
    """All five services with two tenants, shared by the session: leave its parts alone."""
    addresses = {
        **os.environ,
        "DATABASE_URL": engines.postgres.url(),
        "KAFKA_BOOTSTRAP_SERVERS": engines.kafka.bootstrap,
    }
    with temporary_stack(environment=addresses) as made:
        yield made


@contextmanager
def temporary_stack(*, environment: dict[str, str] | None = None, settings: Settings | None = None) -> Iterator[Stack]:
    """A stack of its own, by default with engines of its own that may be killed; its data is removed afterwards."""
    made = Stack(
        test_stack_name(),
        settings=settings,
        environment={} if environment is None else environment,
        env="test",
        progress=Progress(silent=not os.environ.get("STACK_PROGRESS")),
    )
    try:
        with made:
            yield made
    finally:
        remove_stack(made.paths)
