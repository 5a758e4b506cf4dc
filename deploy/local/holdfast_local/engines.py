"""PostgreSQL and Kafka of a stack, started side by side; by itself what integration tests need."""

from collections.abc import Mapping

from holdfast_local.kafka import kafka_of
from holdfast_local.keys import StackKeys
from holdfast_local.paths import StackPaths
from holdfast_local.ports import Ports
from holdfast_local.postgres import postgres_of
from holdfast_local.process import ManagedProcess
from holdfast_local.progress import Progress
from holdfast_local.waiting import in_parallel


class Engines:
    """The two engines; each is ours or an external one that the environment names."""

    def __init__(
        self, paths: StackPaths, ports: Ports, keys: StackKeys, progress: Progress, environment: Mapping[str, str]
    ) -> None:
        self.postgres = postgres_of(paths, ports.postgres, keys.postgres_password, environment)
        self.kafka = kafka_of(paths, ports.kafka, ports.kafka_controller, environment, progress)
        self._progress = progress

    def processes(self) -> dict[str, ManagedProcess]:
        """Those that are ours, by name."""
        named = {"postgres": self.postgres.process, "kafka": self.kafka.process}
        return {name: process for name, process in named.items() if process is not None}

    def start_postgres(self) -> None:
        """Start PostgreSQL, or check the external one."""
        with self._progress.step(
            "postgres", "starting" if self.postgres.process else "asking the server of DATABASE_URL"
        ):
            self.postgres.start()

    def start_kafka(self) -> None:
        """Start Kafka, or check the external one."""
        with self._progress.step("kafka", "starting" if self.kafka.process else f"asking {self.kafka.bootstrap}"):
            self.kafka.start()

    def start(self) -> None:
        """Start both at once."""
        in_parallel(self.start_postgres, self.start_kafka)

    def stop(self) -> None:
        """Stop what is ours, both at once."""
        in_parallel(*(process.stop for process in self.processes().values()))
