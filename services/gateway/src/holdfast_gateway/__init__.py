"""The public HTTP door: authenticates, validates, publishes commands, passes answers on."""
