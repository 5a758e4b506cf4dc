"""Internal HTTP of inventory: reads for the gateway."""
