"""librdkafka's mock cluster in a process of its own: writes its address to the file it is given, runs until ended.

In memory, and a group has one member only: for trying Holdfast out on a machine without Java, never for tests.
"""

import signal
import sys
from pathlib import Path

from confluent_kafka import Producer

from holdfast_contracts.topics import TOPICS


def main(address: Path) -> None:
    """Start the cluster and wait for the signal that ends it."""
    cluster = Producer({"bootstrap.servers": "mock", "test.mock.num.brokers": 1})
    for topic in TOPICS:
        cluster.list_topics(topic.name, timeout=10)  # the mock has no other way to create one than asking for it
    broker = next(iter(cluster.list_topics(timeout=10).brokers.values()))
    draft = address.with_suffix(".new")
    draft.write_text(f"{broker.host}:{broker.port}")
    draft.replace(address)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    main(Path(sys.argv[1]))
