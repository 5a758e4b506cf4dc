"""The public door over doubles."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from gateway_doubles import Gateway, make_gateway


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    made = make_gateway()
    async with made.client:
        yield made
