"""Internal HTTP of booking: what the gateway asks."""
