"""The envelope of a message: CloudEvents 1.0 in Kafka's binary content mode, and headers of our own.

The payload is plain JSON; the attributes travel as headers with the prefix `ce_`
(CloudEvents Kafka Protocol Binding 1.0.2, section 3.2).
"""

from __future__ import annotations

from typing import Final

CE_ID: Final = "ce_id"
CE_TYPE: Final = "ce_type"
CE_SOURCE: Final = "ce_source"
CE_TIME: Final = "ce_time"
CE_SPECVERSION: Final = "ce_specversion"
CE_TENANT: Final = "ce_tenantid"
CE_CORRELATION: Final = "ce_correlationid"
CE_CAUSATION: Final = "ce_causationid"
TRACEPARENT: Final = "traceparent"
CONTENT_TYPE: Final = "content-type"

REPLY: Final = "hf-reply"
"""`partition:request-id` of every caller that waits, comma separated."""
HASH: Final = "hf-hash"
"""SHA-256 (hex) of method, path and canonical body of the request."""
OPERATION: Final = "hf-operation"
"""Public name of the command, as `/operations/:id` shows it."""
SUBJECT: Final = "hf-subject"
"""`sub` of the caller: who may read the stored result."""
INSTANCE: Final = "hf-instance"
"""Path of the request: the `instance` of a problem."""
CLAIM: Final = "hf-claim"
CLAIM_KEY: Final = "hf-claim-key"

REPLY_REQUEST: Final = "hf-request"
REPLY_STATUS: Final = "hf-status"
REPLY_ETAG: Final = "hf-etag"
REPLY_KIND: Final = "hf-kind"
"""On a reply what it is; on a command what its replies are, whatever becomes of it."""

KIND_ANSWER: Final = "answer"
"""The reply is the answer of the request."""
KIND_PLACED: Final = "placed"
"""Inventory has done its part; booking has, or will have, the answer (asked by polling)."""
KIND_RELEASING: Final = "releasing"
"""The reply is the answer, and what the booking held is on its way back: the word `released` will follow."""
KIND_RELEASED: Final = "released"
"""Inventory has freed what a cancelled booking held; the answer came, or will come, from booking."""

REQUIRED: Final = (CE_ID, CE_TYPE, CE_TENANT)
"""Without these a message cannot be read."""

SPECVERSION: Final = "1.0"
