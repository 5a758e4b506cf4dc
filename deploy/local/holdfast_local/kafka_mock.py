"""librdkafka's mock cluster in a process of its own: writes its address to the file it is given, runs until ended.

In memory, and a group has one member only: for trying Holdfast out on a machine without Java, never for tests. The
Python package can start a mock but not make topics in it, so its library is called directly (rdkafka_mock.h).
"""

import ctypes
import signal
import sys
from pathlib import Path

import confluent_kafka

from holdfast_contracts.topics import TOPICS
from holdfast_local.errors import StackError

_PRODUCER = 0


def main(address: Path) -> None:
    """Start the cluster with its topics and wait for the signal that ends it."""
    library = _library()
    reason = ctypes.create_string_buffer(512)
    client = library.rd_kafka_new(_PRODUCER, None, reason, len(reason))
    if not client:
        raise StackError(f"librdkafka did not start: {reason.value.decode()}")
    cluster = library.rd_kafka_mock_cluster_new(ctypes.c_void_p(client), 1)
    for topic in TOPICS:
        library.rd_kafka_mock_topic_create(ctypes.c_void_p(cluster), topic.name.encode(), topic.partitions, 1)
    draft = address.with_suffix(".new")
    draft.write_bytes(library.rd_kafka_mock_cluster_bootstraps(ctypes.c_void_p(cluster)))
    draft.replace(address)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})


def _library() -> ctypes.CDLL:
    """The librdkafka that the wheel brings along."""
    place = Path(confluent_kafka.__file__).parent
    found = [*place.parent.glob("confluent_kafka.libs/librdkafka*"), *place.glob(".dylibs/librdkafka*")]
    if not found:
        raise StackError("The package confluent-kafka has no librdkafka of its own.", "Install Java 17 instead.")
    library = ctypes.CDLL(str(found[0]))
    library.rd_kafka_new.restype = ctypes.c_void_p
    library.rd_kafka_mock_cluster_new.restype = ctypes.c_void_p
    library.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p
    return library


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    main(Path(sys.argv[1]))
