"""Builds and runs inventory; decides nothing."""

from holdfast_contracts.topics import INVENTORY_COMMANDS
from holdfast_inventory.api.availability import availability_router
from holdfast_inventory.api.catalog import catalog_router
from holdfast_inventory.handlers.commands import InventoryWork
from holdfast_inventory.repositories.availability import AvailabilityRepository
from holdfast_inventory.repositories.catalog import CatalogRepository
from holdfast_inventory.repositories.due_holds import DueHoldRepository
from holdfast_inventory.repositories.stock import StockRepository, SweepingStockRepository
from holdfast_inventory.services.inventory_hold_scheduler import InventoryHoldSchedulerService
from holdfast_inventory.settings import InventorySettings
from holdfast_inventory.usecases.get_availability import GetAvailabilityUseCase
from holdfast_platform.lifecycle import Service
from holdfast_platform.service import Frame, run
from holdfast_platform.settings import read_settings

NAME = "inventory"


def build(settings: InventorySettings) -> Service:
    """The service, ready to run."""
    frame = Frame(NAME, settings)
    commands = frame.unit("inventory.commands", InventoryWork(StockRepository(), settings.hold_times))
    frame.consume(INVENTORY_COMMANDS, commands, commands=True)
    sweeping = frame.unit("inventory.sweeper", InventoryWork(SweepingStockRepository(), settings.hold_times))
    scheduler = InventoryHoldSchedulerService(
        DueHoldRepository(frame.sweeper), frame.batcher(sweeping), settings.batch_max_messages
    )
    frame.sweep_every("expired-holds", settings.hold_sweep_seconds, scheduler.sweep)
    frame.serve(catalog_router(CatalogRepository(frame.requests), frame.tokens))
    availability = GetAvailabilityUseCase(AvailabilityRepository(frame.requests), settings.availability_most_slots)
    frame.serve(availability_router(availability, frame.tokens))
    return frame.build()


def main() -> None:
    """Run until told to stop."""
    run(build(read_settings(InventorySettings)))


if __name__ == "__main__":
    main()
