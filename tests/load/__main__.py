"""`make bench`, `make bench-P1`, `python -m tests.load [P1 …] [--quick]`.

Starts a stack of its own with engines of its own, measures, prints the table and writes docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import secrets
import sys
from collections.abc import Awaitable, Callable, Mapping

import uvloop
from tests.load import p1_create, p2_rush, p3_inside, p4_scan, p5_alone, p11_relay, p12_start, report
from tests.load.figures import Result, say
from tests.load.options import Options
from tests.load.world import World, make_direct

from holdfast_local.ownership import remove_stack
from holdfast_local.pytest_run import PREFIX
from holdfast_local.stack import Stack
from holdfast_local.supervisor import stop_on_signals

NAMES = ("P1", "P2", "P3", "P4", "P5", "P11", "P12")
SETTINGS = {
    "gateway": {"WRITE_RATE": "1000000", "WRITE_BURST": "1000000", "READ_RATE": "1000000", "READ_BURST": "1000000"},
    "*": {"LOG_LEVEL": "warning"},
}
"""No limit of rates: what is measured is the work."""


def main() -> int:
    """Parse, measure, tell; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="P1", help=f"which: {', '.join(NAMES)}; all by default")
    parser.add_argument("--quick", action="store_true", help="short and small: shows that it works, writes nothing")
    parser.add_argument("--rounds", type=int, help="measurements of each variant")
    options = parser.parse_args()
    unknown = set(options.names) - set(NAMES)
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))} yet; there are {', '.join(NAMES)}")
    chosen = Options.quick() if options.quick else Options()
    if options.rounds:
        chosen = Options(options.rounds, chosen.warm, chosen.seconds, chosen.scale)
    results = _measure([name for name in NAMES if name in options.names or not options.names], chosen)
    print(report.table(results))
    if not options.quick:
        report.keep(results)
        report.write()
    return int(any(result.failure for result in results))


def _measure(names: list[str], options: Options) -> list[Result]:
    stop_on_signals()
    clock = p12_start.StartClock()
    stack = Stack(f"{PREFIX}bench-{secrets.token_hex(3)}", environment={}, settings=SETTINGS)
    say(f"starting a stack of its own for {', '.join(names)}")
    try:
        with stack:
            clock.ready()
            say(f"the stack runs after {clock.seconds:.1f} s")
            fresh = p12_start.memory_of(stack)
            results = uvloop.run(_all(stack, [name for name in names if name != "P12"], options))
            if "P12" in names:
                results.append(p12_start.tell(clock, fresh, p12_start.memory_of(stack)))
    finally:
        remove_stack(stack.paths)
    return results


async def _all(stack: Stack, names: list[str], options: Options) -> list[Result]:
    world = World(stack, await make_direct(stack))
    admin = stack.engines.postgres.url()
    benchmarks: Mapping[str, Callable[[], Awaitable[Result]]] = {
        "P1": lambda: p1_create.run(world, options),
        "P2": lambda: p2_rush.run(world, options),
        "P3": lambda: p3_inside.run(admin, options),
        "P4": lambda: p4_scan.run(world, options),
        "P5": lambda: p5_alone.run(world, options),
        "P11": lambda: p11_relay.run(admin, stack.bootstrap, options),
    }
    results = []
    for name in names:
        try:
            results.append(await benchmarks[name]())
        except (AssertionError, TimeoutError, OSError) as error:
            say(f"{name} HAS NO FIGURES: {type(error).__name__}: {error}")
            results.append(Result(name, "no figures", failure=f"{type(error).__name__}: {error}"))
    return results


if __name__ == "__main__":
    sys.exit(main())
