"""librdkafka's mock cluster in a process of its own: writes its address to the file it is given, runs until ended.

In memory, and a group has one member only: for trying Holdfast out on a machine without Java, never for tests.
"""

import signal
import sys
from pathlib import Path

from confluent_kafka import Producer


def main(address: Path) -> None:
    """Start the cluster and wait for the signal that ends it."""
    cluster = Producer({"bootstrap.servers": "mock", "test.mock.num.brokers": 1})
    broker = next(iter(cluster.list_topics(timeout=10).brokers.values()))
    draft = address.with_suffix(".new")
    draft.write_text(f"{broker.host}:{broker.port}")
    draft.replace(address)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    main(Path(sys.argv[1]))
