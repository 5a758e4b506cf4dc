"""A whole stack: engines, databases, topics, five services, two tenants. For `make run` and for tests.

Parts have names: `postgres`, `kafka`, the five services, and replicas such as `booking-2`. Chaos tests stop, kill,
pause and start them one by one; `settings` change a service's environment for one life (checkpoints, limits).
"""

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from holdfast_local import ports as port_choice
from holdfast_local.engines import Engines
from holdfast_local.environment import Wiring
from holdfast_local.errors import StackError
from holdfast_local.keys import SERVICES, load_or_make
from holdfast_local.ownership import Ownership
from holdfast_local.paths import DEFAULT_STACK, stack_paths
from holdfast_local.ports import Ports, free_port
from holdfast_local.process import ManagedProcess
from holdfast_local.progress import Progress
from holdfast_local.provisioning import prepare_databases, prepare_topics
from holdfast_local.seed import SeededTenant, seed
from holdfast_local.services import Instance, instance, replica, wait_ready
from holdfast_local.waiting import in_parallel
from holdfast_platform.database.security import database_name

Settings = Mapping[str, Mapping[str, str]]
"""Environment by part: `{"booking": {"LOG_LEVEL": "debug"}, "*": {...}}`; `*` means all services."""

EVERY_SERVICE = "*"


class Stack:
    """One stack with its parts; usable as a context manager."""

    def __init__(
        self,
        name: str = DEFAULT_STACK,
        *,
        ports: Ports | None = None,
        root: Path | None = None,
        settings: Settings | None = None,
        progress: Progress | None = None,
        environment: Mapping[str, str] | None = None,
        env: str = "dev",
    ) -> None:
        """`environment` may name external engines; an empty one makes both private. `env` is the services' ENV."""
        self.paths = stack_paths(name, root)
        self.ports = ports or port_choice.free()
        self.progress = progress or Progress(silent=True)
        self.keys = load_or_make(self.paths.secrets)
        environment = os.environ if environment is None else environment
        self.engines = Engines(self.paths, self.ports, self.keys, self.progress, environment)
        self.tenants: list[SeededTenant] = []
        self._settings: Settings = settings or {}
        self._env = env
        self._ownership = Ownership(self.paths)
        self._wiring: Wiring | None = None
        self._instances: dict[str, Instance] = {}

    # --- the whole -------------------------------------------------------------------------------------------

    def up(self) -> "Stack":
        """Start everything; return when it is ready and seeded. On an error what was started is stopped again."""
        orphans = self._ownership.take()
        if orphans:
            self.progress.say("stack", f"ended what an earlier run left behind: {', '.join(orphans)}")
        try:
            self.paths.description.unlink(missing_ok=True)
            port_choice.require_free(self.ports, skip=self._parts_elsewhere())
            self._start_engines()
            self._start_services()
            self.tenants = seed(self.gateway_url, self.keys, self.progress)
            self._describe()
        except BaseException:
            self.down()
            raise
        return self

    def down(self) -> None:
        """Stop everything in order: the gateway first, so that nobody asks any more, the engines last."""
        self.paths.description.unlink(missing_ok=True)
        for order in (self._gateways(), self._owners()):
            in_parallel(*(one.process.stop for one in order))
        self.engines.stop()
        self._ownership.release()

    def __enter__(self) -> "Stack":
        return self.up()

    def __exit__(self, *_: object) -> None:
        self.down()

    def _parts_elsewhere(self) -> frozenset[str]:
        ours = self.engines.processes()
        postgres = frozenset() if "postgres" in ours else frozenset({"postgres"})
        return postgres if "kafka" in ours else postgres | {"kafka", "kafka_controller"}

    def _start_engines(self) -> None:
        urls: dict[str, str] = {}

        def postgres() -> None:
            self.engines.start_postgres()
            urls.update(prepare_databases(self.engines.postgres, self.keys.service_passwords, self.progress))

        def kafka() -> None:
            self.engines.start_kafka()
            prepare_topics(self.engines.kafka, self.progress)

        try:
            in_parallel(postgres, kafka)
        finally:
            self._record()
        self._wiring = Wiring(self.ports, self.keys, self.bootstrap, urls, self._env)

    def _start_services(self) -> None:
        self.progress.say("services", f"starting {', '.join(SERVICES)} …")
        for service in SERVICES:
            settings = {**self._settings.get(EVERY_SERVICE, {}), **self._settings.get(service, {})}
            self._instances[service] = instance(service, self.wiring, self.paths.logs, self._mark, settings)
            self._instances[service].spawn({})
            self._record()
        wait_ready(self._instances.values(), self.progress)

    # --- the parts, one by one -------------------------------------------------------------------------------

    def start(self, part: str, *, ready: bool = True, **settings: str) -> None:
        """Start a stopped part; a service with `settings` in its environment for this one life."""
        if part in self._engine_starts():
            self._engine_starts()[part]()
        else:
            self._instance(part).spawn(settings)
        self._record()
        if ready and part in self._instances:
            wait_ready([self._instance(part)], self.progress)

    def stop(self, part: str, patience: float = 25.0) -> None:
        """Ask a part to stop (SIGTERM; PostgreSQL: fast shutdown), wait, kill it if it does not."""
        self.process(part).stop(patience)

    def kill(self, part: str) -> None:
        """SIGKILL a part; returns when it is gone."""
        self.process(part).kill()

    def restart(self, part: str, *, graceful: bool = True, ready: bool = True, **settings: str) -> None:
        """Stop or kill a part, and start it again."""
        (self.stop if graceful else self.kill)(part)
        self.start(part, ready=ready, **settings)

    def pause(self, part: str) -> None:
        """SIGSTOP a part with its children: it keeps its connections and locks, and answers nothing."""
        self.process(part).pause()

    def resume(self, part: str) -> None:
        """SIGCONT a paused part."""
        self.process(part).resume()

    @contextmanager
    def paused(self, part: str) -> Iterator[None]:
        """A part paused for the length of a block."""
        self.pause(part)
        try:
            yield
        finally:
            self.resume(part)

    def replica(self, service: str, *, ready: bool = True, **settings: str) -> str:
        """Start another copy of a service with ports of its own; returns its name, such as `booking-2`."""
        number = 2 + sum(one.service == service and one.name != service for one in self._instances.values())
        made = replica(self._instance(service), number, (free_port(), free_port()), settings)
        self._instances[made.name] = made
        self.start(made.name, ready=ready)
        return made.name

    def wait_ready(self, *parts: str, patience: float = 60.0) -> None:
        """Wait until these services (by default all) are ready again, for example after an engine was restarted."""
        chosen = parts or tuple(self._instances)
        wait_ready([self._instance(part) for part in chosen], self.progress, patience)

    def process(self, part: str) -> ManagedProcess:
        """The process of a part. Raises StackError for an unknown part and for an engine that is not ours."""
        processes = self.processes()
        if part not in processes:
            raise StackError(f"{part!r} is no process of this stack; there are: {', '.join(processes)}.")
        return processes[part]

    def processes(self) -> dict[str, ManagedProcess]:
        """Every process of the stack by the name of its part."""
        return self.engines.processes() | {name: one.process for name, one in self._instances.items()}

    def log(self, part: str) -> Path:
        """The log file of a part."""
        return self.process(part).log

    # --- addresses -------------------------------------------------------------------------------------------

    @property
    def wiring(self) -> Wiring:
        """Addresses and keys that services get. Raises StackError before the engines run."""
        if self._wiring is None:
            raise StackError("The stack was not started.")
        return self._wiring

    @property
    def gateway_url(self) -> str:
        """Base URL of the public HTTP API."""
        return self.wiring.gateway_url

    @property
    def bootstrap(self) -> str:
        """Kafka's address."""
        return self.engines.kafka.bootstrap

    def public_url_of(self, part: str) -> str:
        """Base URL of the public HTTP API of a gateway, of a replica too."""
        environment = self._instance(part).environment
        return f"http://{environment['HTTP_HOST']}:{environment['HTTP_PORT']}"

    def environment(self, part: str) -> Mapping[str, str]:
        """The settings a service is started with."""
        return self._instance(part).environment

    def database_url(self, service: str) -> str:
        """The superuser's URL of a service's database, for checks and tests."""
        return self.engines.postgres.url(database_name(service))

    def description(self) -> dict[str, object]:
        """What `stack.json` holds."""
        return {
            "gateway": self.gateway_url,
            "health": {service: self.wiring.internal_url(service) for service in SERVICES},
            "kafka": {"bootstrap": self.bootstrap, "kind": self.engines.kafka.kind},
            "databases": {service: self.database_url(service) for service in SERVICES},
            "tenants": [tenant.described() for tenant in self.tenants],
            "platformToken": self.keys.platform_token,
        }

    # --- inside ----------------------------------------------------------------------------------------------

    @property
    def _mark(self) -> str:
        return f"holdfast-stack={self.paths.base}"

    def _instance(self, part: str) -> Instance:
        if part not in self._instances:
            raise StackError(f"{part!r} is no service of this stack; there are: {', '.join(self._instances)}.")
        return self._instances[part]

    def _engine_starts(self) -> dict[str, Callable[[], None]]:
        return {"postgres": self.engines.start_postgres, "kafka": self.engines.start_kafka}

    def _gateways(self) -> list[Instance]:
        return [one for one in self._instances.values() if one.service == "gateway"]

    def _owners(self) -> list[Instance]:
        return [one for one in self._instances.values() if one.service != "gateway"]

    def _record(self) -> None:
        self._ownership.record(self.processes())

    def _describe(self) -> None:
        draft = self.paths.base / "stack.json.new"
        draft.touch(0o600)
        draft.write_text(json.dumps(self.description(), indent=2))
        draft.replace(self.paths.description)
