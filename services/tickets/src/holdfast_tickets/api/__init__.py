"""Internal HTTP of tickets: what the gateway asks."""
