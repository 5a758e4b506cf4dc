"""Settings of inventory."""

from typing import Annotated

from pydantic import Field

from holdfast_inventory.domain.hold import HoldTimes
from holdfast_platform.settings import Seconds, ServiceSettings

Minutes = Annotated[int, Field(ge=1, le=1440)]


class InventorySettings(ServiceSettings):
    """What inventory needs besides what every service has."""

    hold_cart_minutes: Annotated[Minutes, Field(description="Life of a hold of type `cart`.")] = 10
    hold_checkout_minutes: Annotated[Minutes, Field(description="Life of a hold of type `checkout`.")] = 15
    hold_payment_minutes: Annotated[Minutes, Field(description="Life of a hold of type `payment`.")] = 30
    hold_staff_minutes: Annotated[Minutes, Field(description="Life of a hold of type `staff` without an end.")] = 60
    hold_longest_minutes: Annotated[
        Minutes, Field(description="Longest life of a hold from its creation; not for staff.")
    ] = 60
    availability_most_slots: Annotated[
        int, Field(ge=1_440, description="Most slots of a resource's grid that are looked at for one answer.")
    ] = 10_000
    hold_sweep_seconds: Annotated[Seconds, Field(description="How often expired holds are ended.")] = 30.0

    @property
    def hold_times(self) -> HoldTimes:
        """Lives of holds in seconds."""
        return HoldTimes(
            cart=self.hold_cart_minutes * 60,
            checkout=self.hold_checkout_minutes * 60,
            payment=self.hold_payment_minutes * 60,
            staff=self.hold_staff_minutes * 60,
            longest=self.hold_longest_minutes * 60,
        )
