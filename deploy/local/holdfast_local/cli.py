"""`python -m holdfast_local run|demo|test|env|provision|clean`: what the Makefile and the containers call."""

import argparse
import json
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from holdfast_local import demo, ports, pytest_run
from holdfast_local.errors import StackError
from holdfast_local.kafka import ExternalKafka
from holdfast_local.keys import SERVICES
from holdfast_local.ownership import remove_stack
from holdfast_local.paths import DEFAULT_STACK, StackPaths, checkout, stack_paths
from holdfast_local.postgres import ExternalPostgres
from holdfast_local.progress import Progress
from holdfast_local.provisioning import prepare_databases, prepare_topics
from holdfast_local.services import is_ready
from holdfast_local.stack import Stack
from holdfast_local.summary import summary
from holdfast_local.supervisor import Supervisor, stop_on_signals
from holdfast_local.waiting import StopAskedError


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse, carry out, and tell errors as a person would; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.command(options))
    except StopAskedError:
        return 130
    except StackError as error:
        sys.stderr.write(f"\nholdfast: {error}\n")
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="holdfast_local", description=__doc__)
    commands = parser.add_subparsers(required=True)
    for name, command in (("run", _run), ("demo", _demo), ("env", _env)):
        sub = commands.add_parser(name, help=command.__doc__)
        sub.add_argument("--stack", default=DEFAULT_STACK)
        sub.add_argument("--port", type=int, default=ports.DEFAULT_PORT)
        sub.set_defaults(command=command)
    test = commands.add_parser("test", help=_test.__doc__)
    test.add_argument("pytest_arguments", nargs=argparse.REMAINDER)
    test.set_defaults(command=_test)
    commands.add_parser("provision", help=_provision.__doc__).set_defaults(command=_provision)
    commands.add_parser("clean", help=_clean.__doc__).set_defaults(command=_clean)
    return parser


def _run(options: argparse.Namespace) -> int:
    """Start the stack, print where it is, keep it alive until Ctrl-C."""
    stack = _stack(options)
    stop_on_signals()
    stack.up()
    try:
        sys.stdout.write(summary(stack))
        sys.stdout.flush()
        Supervisor(stack).watch()
    finally:
        stack.progress.say("stack", "stopping; its data is kept (Ctrl-C again: at once) …")
        stack.down()
        stack.progress.say("stack", "stopped")
    return 0


def _stack(options: argparse.Namespace) -> Stack:
    return Stack(options.stack, ports=ports.consecutive(options.port), progress=Progress())


def _demo(options: argparse.Namespace) -> int:
    """Tell the story of an evening against the running stack, or against one started for it."""
    paths = stack_paths(options.stack)
    output = paths.root / "demo"
    if _answers(paths):
        demo.tell(json.loads(paths.description.read_text()), output)
        return 0
    stop_on_signals()
    with _stack(options) as stack:
        demo.tell(stack.description(), output)
    return 0


def _answers(paths: StackPaths) -> bool:
    if not paths.description.exists():
        return False
    health = json.loads(paths.description.read_text())["health"]["gateway"]
    return is_ready(health)


def _env(options: argparse.Namespace) -> int:
    """Print shell exports of a running stack: addresses and the tokens of the tenant `demo`."""
    paths = stack_paths(options.stack)
    if not paths.description.exists():
        raise StackError(f"The stack {options.stack!r} does not run.", f"Start it: make run STACK={options.stack}")
    told = json.loads(paths.description.read_text())
    tokens = {role.upper(): token for role, token in told["tenants"][0]["tokens"].items()}
    for name, value in {"GATEWAY": told["gateway"], "PLATFORM": told["platformToken"], **tokens}.items():
        sys.stdout.write(f"export {name}={shlex.quote(value)}\n")
    return 0


def _test(options: argparse.Namespace) -> int:
    """Run pytest with a PostgreSQL and a Kafka of its own."""
    return pytest_run.run(options.pytest_arguments)


def _provision(_: argparse.Namespace) -> int:
    """Prepare engines that run already (containers): databases, roles, migrations, topics; from the environment."""
    needed = ["DATABASE_URL", "KAFKA_BOOTSTRAP_SERVERS", *(f"{service.upper()}_PASSWORD" for service in SERVICES)]
    missing = [name for name in needed if not os.environ.get(name)]
    if missing:
        raise StackError(f"These environment variables are not set: {', '.join(missing)}.")
    progress = Progress()
    passwords = {service: os.environ[f"{service.upper()}_PASSWORD"] for service in SERVICES}
    prepare_databases(ExternalPostgres(os.environ["DATABASE_URL"]), passwords, progress)
    prepare_topics(ExternalKafka(os.environ["KAFKA_BOOTSTRAP_SERVERS"]), progress)
    return 0


def _clean(_: argparse.Namespace) -> int:
    """Remove every stack that does not run, with its data."""
    root = checkout() / ".local"
    busy = [name for name in _stack_names(root) if not remove_stack(stack_paths(name, root))]
    for name in busy:
        sys.stderr.write(f"The stack {name!r} runs and was left alone.\n")
    return 1 if busy else 0


def _stack_names(root: Path) -> list[str]:
    names = sorted(os.listdir(root)) if root.is_dir() else []
    return [name for name in names if (root / name / "stack.lock").exists()]
