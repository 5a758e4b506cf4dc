"""Settings of the calendar."""

from __future__ import annotations

from holdfast_platform.settings import ServiceSettings


class CalendarSettings(ServiceSettings):
    """What the calendar reads from its environment: what all services do, and nothing besides."""
