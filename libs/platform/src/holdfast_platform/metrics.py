"""Prometheus metrics that all services have; a service adds its own beside its code."""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

_FAST: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

MESSAGES: Final = Counter(
    "holdfast_messages_total", "Messages by consumer, type and outcome", ["consumer", "type", "outcome"]
)
BATCH_SIZE: Final = Histogram(
    "holdfast_batch_messages",
    "Messages decided in one transaction",
    ["consumer"],
    buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500),
)
BATCH_SECONDS: Final = Histogram("holdfast_batch_seconds", "Duration of a batch", ["consumer"], buckets=_FAST)
BATCH_RETRIES: Final = Counter("holdfast_batch_retries_total", "Batches undone and tried again", ["consumer", "reason"])
RESULT_SECONDS: Final = Histogram(
    "holdfast_result_seconds",
    "From a command handed over to its result heard, by operation",
    ["operation"],
    buckets=_FAST,
)
DEAD_LETTERS: Final = Counter("holdfast_dead_letters_total", "Messages given up", ["consumer", "reason"])
OUTBOX_ROWS: Final = Gauge("holdfast_outbox_rows", "Rows that wait to be published, 100,000 at most")
OUTBOX_AGE: Final = Gauge("holdfast_outbox_oldest_seconds", "Age of the oldest row that waits")
OUTBOX_SENT: Final = Counter("holdfast_outbox_sent_total", "Rows published", ["topic"])
OUTBOX_SET_ASIDE: Final = Counter("holdfast_outbox_set_aside_total", "Rows that can never be sent", ["topic"])
CONSUMER_LAG: Final = Gauge("holdfast_consumer_lag", "Messages not yet taken", ["consumer"])
HTTP_SECONDS: Final = Histogram(
    "holdfast_http_seconds", "Duration of HTTP requests by route template", ["method", "route", "status"], buckets=_FAST
)
READY: Final = Gauge("holdfast_ready", "1 while the service is ready")
