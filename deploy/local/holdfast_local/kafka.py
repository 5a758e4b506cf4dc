"""Kafka of a stack: that of `KAFKA_BOOTSTRAP_SERVERS`, else Apache Kafka in KRaft mode, else a mock with a warning."""

import importlib.util
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Protocol

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from holdfast_local import kafka_jars, waiting
from holdfast_local.errors import EngineMissingError, StackError
from holdfast_local.paths import StackPaths
from holdfast_local.ports import HOST
from holdfast_local.process import ManagedProcess
from holdfast_local.progress import Progress

KafkaKind = Literal["apache", "external", "mock"]
START_SECONDS = 90.0
# A name, not a secret: it only has to stay the same for the life of the data.
_CLUSTER_ID = "aG9sZGZhc3QtbG9jYWwtMQ"
_HEAP = ("-Xms256m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")


class Kafka(Protocol):
    """The bus of the stack."""

    kind: KafkaKind
    bootstrap: str

    @property
    def process(self) -> ManagedProcess | None:
        """The broker's process, where it is ours."""

    def start(self) -> None:
        """Return when the broker answers. Raises StackError."""


class ExternalKafka:
    """The Kafka of `KAFKA_BOOTSTRAP_SERVERS`; it is used, never started or stopped."""

    kind: KafkaKind = "external"
    process: ManagedProcess | None = None

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap

    def start(self) -> None:
        """Check that it answers."""
        waiting.until(
            lambda: broker_answers(self.bootstrap),
            10.0,
            lambda: StackError(f"KAFKA_BOOTSTRAP_SERVERS={self.bootstrap} does not answer.", "Check it, or unset it."),
        )


class ApacheKafka:
    """One broker that is its own controller, with its data in the stack's directory."""

    kind: KafkaKind = "apache"

    def __init__(self, paths: StackPaths, port: int, controller_port: int, progress: Progress) -> None:
        self.bootstrap = f"{HOST}:{port}"
        self.process = ManagedProcess("kafka", paths.logs / "kafka.out", str(paths.kafka))
        self._paths = paths
        self._ports = (port, controller_port)
        self._progress = progress

    @property
    def _settings_file(self) -> Path:
        return self._paths.kafka / "server.properties"

    def start(self) -> None:
        """Fetch the jars if need be, format the data directory once, start the broker, wait until it answers."""
        java = kafka_jars.java()
        libs = kafka_jars.ensure(self._paths.kafka_libs, self._progress)
        self._paths.kafka.mkdir(parents=True, exist_ok=True)
        self._paths.logs.mkdir(parents=True, exist_ok=True)
        self._settings_file.write_text(settings(self._paths.kafka / "data", *self._ports))
        if not (self._paths.kafka / "data" / "meta.properties").exists():
            self._format(java, libs)
        self.process.spawn([*self._java(java, libs, _HEAP), "kafka.Kafka", self._settings_file], _environment())
        waiting.until(self._answers, START_SECONDS, lambda: self._failure("did not answer in time"))

    def _java(self, java: str, libs: Path, options: tuple[str, ...]) -> list[str]:
        logging = (
            f"-Dlog4j2.configurationFile={kafka_jars.resource('kafka-log4j2.properties')}",
            f"-Dkafka.logs.file={self._paths.logs / 'kafka.log'}",
        )
        return [java, *options, *logging, "-Djava.awt.headless=true", "-cp", f"{libs}/*"]

    def _format(self, java: str, libs: Path) -> None:
        command = [*self._java(java, libs, ("-XX:TieredStopAtLevel=1",)), "kafka.tools.StorageTool", "format"]
        options = ["--config", str(self._settings_file), "--cluster-id", _CLUSTER_ID, "--ignore-formatted"]
        made = subprocess.run([*command, *options], env=_environment(), capture_output=True, text=True, check=False)
        if made.returncode:
            raise StackError(f"Kafka's data directory could not be formatted:\n{made.stdout}{made.stderr}")

    def _answers(self) -> bool:
        if not self.process.alive:
            raise self._failure(self.process.ending())
        return port_answers(self.bootstrap) and broker_answers(self.bootstrap)

    def _failure(self, what: str) -> StackError:
        return StackError(
            f"Kafka {what}. Its last lines:\n{self.process.last_lines()}",
            f"More is in {self._paths.logs / 'kafka.log'}.",
        )


class MockKafka:
    """librdkafka's mock cluster, in memory: for trying out only."""

    kind: KafkaKind = "mock"

    def __init__(self, paths: StackPaths, progress: Progress) -> None:
        self.bootstrap = ""
        self.process = ManagedProcess("kafka", paths.logs / "kafka.out", str(paths.kafka))
        self._address = paths.kafka / "mock-address"
        self._progress = progress

    def start(self) -> None:
        """Start the mock in a process of its own and learn its address. Says clearly what it is not."""
        self._progress.say("kafka", "WARNING: no Java 17+ here: librdkafka's MOCK of Kafka is used.")
        self._progress.say("kafka", "WARNING: it keeps all in memory, one member a group: for trying out only.")
        self._address.parent.mkdir(parents=True, exist_ok=True)
        self._address.unlink(missing_ok=True)
        self.process.spawn([sys.executable, "-m", "holdfast_local.kafka_mock", self._address], _environment())
        waiting.until(
            self._answers, START_SECONDS, lambda: StackError(f"The mock failed:\n{self.process.last_lines()}")
        )
        self.bootstrap = self._address.read_text()

    def _answers(self) -> bool:
        return self._address.exists() and port_answers(self._address.read_text())


def settings(data: Path, port: int, controller_port: int) -> str:
    """`server.properties` of the private broker: one replica of everything, small internal topics, quick groups."""
    values: Mapping[str, object] = {
        "process.roles": "broker,controller",
        "node.id": 1,
        "controller.quorum.voters": f"1@{HOST}:{controller_port}",
        "listeners": f"CLIENT://{HOST}:{port},CONTROLLER://{HOST}:{controller_port}",
        "advertised.listeners": f"CLIENT://{HOST}:{port}",
        "listener.security.protocol.map": "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": "CLIENT",
        "log.dirs": data,
        "auto.create.topics.enable": "false",
        "default.replication.factor": 1,
        "min.insync.replicas": 1,
        "num.partitions": 1,
        "offsets.topic.replication.factor": 1,
        "offsets.topic.num.partitions": 4,
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1,
        "transaction.state.log.num.partitions": 2,
        "share.coordinator.state.topic.replication.factor": 1,
        "share.coordinator.state.topic.min.isr": 1,
        "share.coordinator.state.topic.num.partitions": 1,
        "group.initial.rebalance.delay.ms": 0,
        "group.min.session.timeout.ms": 3000,
        "log.segment.bytes": 64 * 1024 * 1024,
        "log.cleaner.dedupe.buffer.size": 16 * 1024 * 1024,
        "num.network.threads": 2,
        "num.io.threads": 4,
        "num.recovery.threads.per.data.dir": 2,
        "broker.heartbeat.interval.ms": 500,
        "broker.session.timeout.ms": 3000,
    }
    return "".join(f"{name}={value}\n" for name, value in values.items())


def port_answers(bootstrap: str) -> bool:
    """Whether somebody accepts connections at the first address."""
    host, port = bootstrap.split(",", maxsplit=1)[0].rsplit(":", 1)
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
    except OSError:
        return False
    return True


def broker_answers(bootstrap: str) -> bool:
    """Whether the cluster has a broker and tells its topics."""
    try:
        waiting.finished(_list_topics(bootstrap))
    except (KafkaError, OSError, TimeoutError):
        return False
    return True


async def _list_topics(bootstrap: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=5000)
    try:
        await admin.start()
        await admin.list_topics()
    finally:
        await admin.close()


def _environment() -> dict[str, str]:
    return {
        name: os.environ[name] for name in ("PATH", "JAVA_HOME", "HOME", "LANG", "PYTHONPATH") if name in os.environ
    }


def kafka_of(
    paths: StackPaths, port: int, controller_port: int, environment: Mapping[str, str], progress: Progress
) -> Kafka:
    """The first that is there: `KAFKA_BOOTSTRAP_SERVERS`, Apache Kafka on the machine's Java, librdkafka's mock."""
    given = environment.get("KAFKA_BOOTSTRAP_SERVERS")
    if given:
        return ExternalKafka(given)
    try:
        kafka_jars.java()
    except EngineMissingError:
        if importlib.util.find_spec("confluent_kafka") is None:
            raise
        return MockKafka(paths, progress)
    return ApacheKafka(paths, port, controller_port, progress)
