"""Settings of booking."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from holdfast_platform.settings import ServiceSettings


class BookingSettings(ServiceSettings):
    """What booking reads from its environment besides what all services do."""

    pending_sweep_seconds: Annotated[
        float, Field(gt=0, description="How often pending bookings are looked for whose time is up.")
    ] = 3.0
    pending_sweep_most: Annotated[
        int, Field(ge=1, le=5000, description="Most pending bookings that one sweep ends in one transaction.")
    ] = 500
    asset_link_days: Annotated[
        int, Field(ge=1, le=3650, description="Days after the end for which links in an answer are good.")
    ] = 30
