"""Internal HTTP of the calendar: what the gateway asks."""
