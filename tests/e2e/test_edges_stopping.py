"""A gateway that is told to stop answers everybody who is still waiting [spec/08, Delivery rules]."""

from __future__ import annotations

import http.client
import json
import os
from collections import Counter
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest
from e2e_samples import Concert
from e2e_world import created

from holdfast_local.stack import Stack

CALLERS = 10

pytestmark = pytest.mark.skipif("E2E_STACK" in os.environ, reason="stops a gateway: needs a stack of its own")


def sent(url: str, show: Concert, key: str) -> http.client.HTTPConnection:
    """A create that waits half a minute for its answer, on its way."""
    host = urlsplit(url).netloc
    connection = http.client.HTTPConnection(host, timeout=40)
    headers = {
        **show.tenant.guest.headers,
        "Content-Type": "application/json",
        "Prefer": "wait=30",
        "Idempotency-Key": key,
    }
    connection.request("POST", "/bookings", json.dumps(show.body()), headers)
    return connection


def test_sigterm_fails_no_request_that_was_in_flight(stack: Stack, show: Concert):
    replica = stack.replica("gateway")
    url, keys = stack.public_url_of(replica), [str(uuid4()) for _ in range(CALLERS)]
    with stack.paused("inventory"):
        waiting = [sent(url, show, key) for key in keys]
        # What was sent before has been read once this is answered: the gateway takes connections in order.
        assert httpx.get(f"{url}/openapi.json").status_code == 200
        stack.stop(replica)
        answers = [connection.getresponse() for connection in waiting]
        assert Counter(answer.status for answer in answers) == {202: CALLERS}
    bookings = {created(show.book(show.tenant.guest, key=key))["id"] for key in keys}
    assert len(bookings) == CALLERS
    assert show.remaining() == 0
